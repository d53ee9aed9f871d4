/* ipset.c - sets of addresses as sorted intervals
 *
 * A family is an array of ranges, sorted, disjoint and not touching.  Addresses
 * are compared as octets; IPv4 ones have zeros behind their four.  What is done
 * to a set makes a new array in the arena, merged from two in one pass.
 *
 * RFC 4291 2.5.5.2 (IPv4-mapped addresses)
 */
#include "ipset.h"

#include "port.h"

void
mh_ipset_init(struct mh_ipset *set, struct mh_arena *arena)
{
	*set = (struct mh_ipset){ .arena = arena };
}

static size_t
octets_of(int family)
{
	return family == 6 ? 16 : 4;
}

static struct mh_ipset_family *
family_of(struct mh_ipset *set, int family)
{
	return family == 6 ? &set->ip6 : &set->ip4;
}

static const struct mh_ipset_family *
family_in(const struct mh_ipset *set, int family)
{
	return family == 6 ? &set->ip6 : &set->ip4;
}

/* ---------------------------------------------------------------- addresses */

/* next_of - the address behind; false: it was the last */
static bool
next_of(unsigned char *octets, size_t len)
{
	for (size_t i = len; i-- > 0;)
		if (++octets[i] != 0)
			return true;
	return false;
}

/* before_of - the address before; false: it was the first */
static bool
before_of(unsigned char *octets, size_t len)
{
	for (size_t i = len; i-- > 0;)
		if (octets[i]-- != 0)
			return true;
	return false;
}

/* network - the range that ip's network is */
static struct mh_ip_range
network(const unsigned char *octets, size_t len, int prefix)
{
	struct mh_ip_range range = { { 0 }, { 0 } };
	for (size_t i = 0; i < len; i++) {
		int bits = prefix - (int)i * 8;
		unsigned mask = bits >= 8 ? 0xff : bits <= 0 ? 0 : 0xff00u >> bits & 0xff;
		range.first[i] = (unsigned char)(octets[i] & mask);
		range.last[i] = (unsigned char)(octets[i] | (~mask & 0xff));
	}
	return range;
}

/* ------------------------------------------------------------- set algebra */

enum operation { UNION, DIFFERENCE, INTERSECTION };

/* wants - whether an address that is in a and in b, or not, is in what comes out */
static bool
wants(enum operation operation, bool in_a, bool in_b)
{
	switch (operation) {
	case UNION:
		return in_a || in_b;
	case DIFFERENCE:
		return in_a && !in_b;
	default:
		return in_a && in_b;
	}
}

/* A walk over the edges of a family: where membership changes. */
struct edges {
	const struct mh_ipset_family *family;
	size_t i; /* range */
	bool is_in;
	size_t len;
};

/* edge - the next address at which membership changes; false: none is left.  An edge behind the last
 * address there is does not exist. */
static bool
edge(const struct edges *edges, unsigned char out[16])
{
	if (edges->i == edges->family->count)
		return false;
	const struct mh_ip_range *range = &edges->family->at[edges->i];
	memcpy(out, edges->is_in ? range->last : range->first, 16);
	return !edges->is_in || next_of(out, edges->len);
}

static void
pass_edge(struct edges *edges)
{
	if (edges->is_in)
		edges->i++;
	edges->is_in = !edges->is_in;
}

/* push - a range at the end of a family under construction; false without room */
static bool
push(struct mh_ipset_family *family, const struct mh_ip_range *range)
{
	if (family->count == family->cap)
		return false;
	family->at[family->count++] = *range;
	return true;
}

/* combine - a operation b, into *out; false without memory or with too many ranges */
static bool
combine(struct mh_arena *arena, const struct mh_ipset_family *a, const struct mh_ipset_family *b, size_t len,
    enum operation operation, struct mh_ipset_family *out)
{
	struct edges left = { a, 0, false, len }, right = { b, 0, false, len };
	struct mh_ipset_family made = { .cap = a->count + b->count + 1 };
	struct mh_ip_range range = { { 0 }, { 0 } };
	bool is_open = false;

	if (made.cap > MH_IPSET_MAX || arena->used > MH_IPSET_ARENA_MAX)
		return false;
	made.at = mh_arena_alloc(arena, made.cap * sizeof(*made.at));
	if (made.at == NULL)
		return false;
	for (;;) {
		unsigned char at_left[16], at_right[16];
		bool has_left = edge(&left, at_left), has_right = edge(&right, at_right);
		if (!has_left && !has_right)
			break;
		int order = !has_left ? 1 : !has_right ? -1 : memcmp(at_left, at_right, 16);
		unsigned char *at = order <= 0 ? at_left : at_right;
		if (order <= 0)
			pass_edge(&left);
		if (order >= 0)
			pass_edge(&right);
		bool is_wanted = wants(operation, left.is_in, right.is_in);
		if (is_wanted == is_open)
			continue;
		is_open = is_wanted;
		if (is_wanted) {
			memcpy(range.first, at, 16);
			continue;
		}
		memcpy(range.last, at, 16);
		before_of(range.last, len);
		if (!push(&made, &range))
			return false;
	}
	if (is_open) { /* up to the last address */
		memset(range.last, 0, 16);
		memset(range.last, 0xff, len);
		if (!push(&made, &range))
			return false;
	}
	*out = made;
	return true;
}

/* combine_sets - of both families */
static void
combine_sets(struct mh_ipset *set, const struct mh_ipset *other, enum operation operation)
{
	if (other->bad)
		set->bad = true;
	if (set->bad)
		return;
	set->bad = !combine(set->arena, &set->ip4, &other->ip4, 4, operation, &set->ip4) ||
	    !combine(set->arena, &set->ip6, &other->ip6, 16, operation, &set->ip6);
}

/* range_of - the range that a network is, of the family it belongs to; 0: it is none */
static int
range_of(const struct mh_ip *ip, int prefix, struct mh_ip_range *range)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	const unsigned char *octets = ip->octets;
	int family = ip->family;

	if (family == 6 && prefix >= 96 && memcmp(octets, mapped, 12) == 0) {
		family = 4;
		octets += 12;
		prefix -= 96;
	}
	if (family == 0 || prefix < 0 || prefix > (int)octets_of(family) * 8)
		return 0;
	*range = network(octets, octets_of(family), prefix);
	return family;
}

/* sort - ranges by where they begin: merge sort, with room for as many again in spare */
static void
sort(struct mh_ip_range *at, struct mh_ip_range *spare, size_t count)
{
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t low = 0; low < count; low += 2 * width) {
			size_t middle = low + width < count ? low + width : count;
			size_t high = low + 2 * width < count ? low + 2 * width : count;
			for (size_t i = low, j = middle, k = low; k < high; k++) {
				bool left =
				    j == high || (i < middle && memcmp(at[i].first, at[j].first, 16) <= 0);
				spare[k] = left ? at[i++] : at[j++];
			}
		}
		memcpy(at, spare, count * sizeof(*at));
	}
}

/* join - sorted ranges made disjoint and not touching; how many are left */
static size_t
join(struct mh_ip_range *at, size_t count, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < count; i++) {
		unsigned char behind[16];
		bool touches = false;
		if (n > 0) {
			memcpy(behind, at[n - 1].last, 16);
			touches = !next_of(behind, len) || memcmp(at[i].first, behind, 16) <= 0;
		}
		if (!touches)
			at[n++] = at[i];
		else if (memcmp(at[i].last, at[n - 1].last, 16) > 0)
			memcpy(at[n - 1].last, at[i].last, 16);
	}
	return n;
}

/* add_family - those of the networks that are of one family */
static void
add_family(struct mh_ipset *set, int family, const struct mh_ip_net *nets, size_t count)
{
	struct mh_ipset_family *to = family_of(set, family), other = { .cap = count };
	struct mh_ip_range *spare;

	other.at = mh_arena_alloc(set->arena, count * sizeof(*other.at));
	spare = mh_arena_alloc(set->arena, count * sizeof(*spare));
	if (other.at == NULL || spare == NULL) {
		set->bad = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		if (range_of(&nets[i].ip, nets[i].prefix, &other.at[other.count]) == family)
			other.count++;
	sort(other.at, spare, other.count);
	other.count = join(other.at, other.count, octets_of(family));
	if (other.count > 0 && !combine(set->arena, to, &other, octets_of(family), UNION, to))
		set->bad = true;
}

void
mh_ipset_add_nets(struct mh_ipset *set, const struct mh_ip_net *nets, size_t count)
{
	if (set->bad || count == 0)
		return;
	add_family(set, 4, nets, count);
	add_family(set, 6, nets, count);
}

void
mh_ipset_add(struct mh_ipset *set, const struct mh_ip *ip, int prefix)
{
	struct mh_ip_range range;
	int family = range_of(ip, prefix, &range);
	struct mh_ipset_family one = { &range, 1, 1 };

	if (set->bad || family == 0)
		return;
	if (!combine(set->arena, family_of(set, family), &one, octets_of(family), UNION,
		family_of(set, family)))
		set->bad = true;
}

void
mh_ipset_add_all(struct mh_ipset *set)
{
	const struct mh_ip any4 = { .family = 4 }, any6 = { .family = 6 };
	mh_ipset_add(set, &any4, 0);
	mh_ipset_add(set, &any6, 0);
}

void
mh_ipset_add_set(struct mh_ipset *set, const struct mh_ipset *other)
{
	combine_sets(set, other, UNION);
}

void
mh_ipset_remove_set(struct mh_ipset *set, const struct mh_ipset *other)
{
	combine_sets(set, other, DIFFERENCE);
}

void
mh_ipset_keep_set(struct mh_ipset *set, const struct mh_ipset *other)
{
	combine_sets(set, other, INTERSECTION);
}

/* ---------------------------------------------------------------- questions */

bool
mh_ipset_has(const struct mh_ipset *set, const struct mh_ip *ip)
{
	const struct mh_ipset_family *family = family_in(set, ip->family);
	unsigned char octets[16] = { 0 };
	size_t low = 0, high = family->count;

	if (ip->family == 0)
		return false;
	memcpy(octets, ip->octets, octets_of(ip->family));
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(octets, family->at[middle].first, 16) < 0)
			high = middle;
		else if (memcmp(octets, family->at[middle].last, 16) > 0)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

static bool
family_equal(const struct mh_ipset_family *a, const struct mh_ipset_family *b)
{
	return a->count == b->count &&
	    (a->count == 0 || memcmp(a->at, b->at, a->count * sizeof(*a->at)) == 0);
}

bool
mh_ipset_equal(const struct mh_ipset *a, const struct mh_ipset *b)
{
	return !a->bad && !b->bad && family_equal(&a->ip4, &b->ip4) && family_equal(&a->ip6, &b->ip6);
}

bool
mh_ipset_is_empty(const struct mh_ipset *set)
{
	return set->ip4.count == 0 && set->ip6.count == 0;
}

/* family_has_all - whether each range of other lies within one of family */
static bool
family_has_all(const struct mh_ipset_family *family, const struct mh_ipset_family *other)
{
	size_t i = 0;
	for (size_t j = 0; j < other->count; j++) {
		while (i < family->count && memcmp(family->at[i].last, other->at[j].first, 16) < 0)
			i++;
		if (i == family->count || memcmp(family->at[i].first, other->at[j].first, 16) > 0 ||
		    memcmp(family->at[i].last, other->at[j].last, 16) < 0)
			return false;
	}
	return true;
}

bool
mh_ipset_has_all(const struct mh_ipset *set, const struct mh_ipset *other)
{
	return !set->bad && !other->bad && family_has_all(&set->ip4, &other->ip4) &&
	    family_has_all(&set->ip6, &other->ip6);
}

/* ------------------------------------------------------------------ numbers */

double
mh_ipset_size(const struct mh_ipset *set, int family)
{
	const struct mh_ipset_family *ranges = family_in(set, family);
	double size = 0;
	for (size_t i = 0; i < ranges->count; i++) {
		/* octet by octet: numbers of 128 bits would lose what they differ in */
		double more = 0;
		for (size_t j = 0; j < octets_of(family); j++)
			more = more * 256 + (ranges->at[i].last[j] - ranges->at[i].first[j]);
		size += more + 1;
	}
	return size;
}

/* exact_size - the same as a number; false: it is larger than there is room for */
static bool
exact_size(const struct mh_ipset_family *ranges, size_t len, uint64_t *size)
{
	*size = 0;
	for (size_t i = 0; i < ranges->count; i++) {
		const struct mh_ip_range *range = &ranges->at[i];
		uint64_t first = 0, last = 0;
		if (len == 16 && memcmp(range->first, range->last, 8) != 0)
			return false;
		for (size_t j = len == 16 ? 8 : 0; j < len; j++) {
			first = first << 8 | range->first[j];
			last = last << 8 | range->last[j];
		}
		if (last - first == UINT64_MAX || *size > UINT64_MAX - (last - first + 1))
			return false;
		*size += last - first + 1;
	}
	return true;
}

void
mh_ipset_count_text(const struct mh_ipset *set, int family, struct mh_buf *out)
{
	uint64_t exact;
	char digits[24];
	size_t n = sizeof(digits);

	if (exact_size(family_in(set, family), octets_of(family), &exact)) {
		do
			digits[--n] = (char)('0' + exact % 10);
		while ((exact /= 10) > 0);
		mh_buf_put(out, digits + n, sizeof(digits) - n);
		return;
	}
	double size = mh_ipset_size(set, family);
	int exponent = 0;
	while (size >= 9.95) {
		size /= 10;
		exponent++;
	}
	int tenths = (int)(size * 10 + 0.5);
	mh_buf_putint(out, tenths / 10);
	mh_buf_putc(out, '.');
	mh_buf_putint(out, tenths % 10);
	mh_buf_putc(out, 'e');
	mh_buf_putint(out, exponent);
}

/* widest - the shortest prefix of a network that begins at first and ends within last */
static int
widest(const unsigned char *first, const unsigned char *last, size_t len)
{
	int prefix = (int)len * 8;
	for (; prefix > 0; prefix--) {
		struct mh_ip_range wider = network(first, len, prefix - 1);
		if (memcmp(wider.first, first, len) != 0 || memcmp(wider.last, last, len) > 0)
			break;
	}
	return prefix;
}

/* list_networks - of one family; false: there are more than max */
static bool
list_networks(const struct mh_ipset_family *ranges, int family, struct mh_ip_net *out, size_t max,
    size_t *count)
{
	size_t len = octets_of(family);
	for (size_t i = 0; i < ranges->count; i++) {
		unsigned char at[16];
		memcpy(at, ranges->at[i].first, 16);
		for (;;) {
			int prefix = widest(at, ranges->at[i].last, len);
			struct mh_ip_range range = network(at, len, prefix);
			if (*count == max)
				return false;
			out[*count] = (struct mh_ip_net){ .ip = { .family = family }, .prefix = prefix };
			memcpy(out[*count].ip.octets, at, len);
			(*count)++;
			if (memcmp(range.last, ranges->at[i].last, len) >= 0)
				break;
			memcpy(at, range.last, 16);
			next_of(at, len);
		}
	}
	return true;
}

struct mh_ip_net *
mh_ipset_cidr(const struct mh_ipset *set, struct mh_arena *arena, size_t max, size_t *count)
{
	struct mh_ip_net *nets = mh_arena_alloc(arena, max * sizeof(*nets));
	*count = 0;
	if (nets != NULL && list_networks(&set->ip4, 4, nets, max, count))
		(void)list_networks(&set->ip6, 6, nets, max, count);
	return nets;
}
