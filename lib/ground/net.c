/* net.c - addresses and domain names as they are written in text
 *
 * Addresses are read strictly: what one program takes for octal and the next
 * for decimal is no address here.  Names are judged as they are used in mail,
 * underscores and U-labels included; whether a name exists is not asked.
 */
#include "net.h"
#include "port.h"

/* ---------------------------------------------------------------- addresses */

/* read_ipv4 - four decimal parts, to the end of the cursor */
static bool
read_ipv4(struct mh_cur *cur, unsigned char octets[4])
{
	for (int i = 0; i < 4; i++) {
		if (i > 0 && !mh_cur_skip(cur, MH_STR(".")))
			return false;
		const unsigned char *start = cur->p;
		uint32_t part = mh_cur_digits(cur, 3);
		if (mh_cur_bad(cur) || part > 255 || (start[0] == '0' && cur->p - start > 1))
			return false;
		octets[i] = (unsigned char)part;
	}
	return mh_cur_left(cur) == 0;
}

/* read_group - 1 to 4 hexadecimal digits */
static bool
read_group(struct mh_cur *cur, unsigned char octets[2])
{
	unsigned int value = 0;
	int n = 0;

	while (n < 4 && mh_cur_left(cur) > 0 && mh_hex(*cur->p) >= 0) {
		value = value << 4 | (unsigned int)mh_hex(*cur->p++);
		n++;
	}
	octets[0] = (unsigned char)(value >> 8);
	octets[1] = (unsigned char)value;
	return n > 0;
}

/* read_ipv6 - the forms of RFC 4291 2.2, to the end of the cursor */
static bool
read_ipv6(struct mh_cur *cur, unsigned char octets[16])
{
	size_t n = 0; /* octets read so far */
	size_t gap = SIZE_MAX; /* where "::" stood */

	if (mh_cur_skip(cur, MH_STR("::")))
		gap = 0;
	while (mh_cur_left(cur) > 0) {
		struct mh_cur before = *cur;
		if (n == 16 || !read_group(cur, octets + n))
			return false;
		if (mh_cur_left(cur) > 0 && *cur->p == '.') {
			if (n > 12 || !read_ipv4(&before, octets + n))
				return false;
			*cur = before;
			n += 4;
			break;
		}
		n += 2;
		if (mh_cur_left(cur) == 0)
			break;
		if (mh_cur_skip(cur, MH_STR("::"))) {
			if (gap != SIZE_MAX)
				return false;
			gap = n;
		} else if (!mh_cur_skip(cur, MH_STR(":")) || mh_cur_left(cur) == 0) {
			return false;
		}
	}
	if (gap == SIZE_MAX)
		return n == 16;
	/* "::" stands for one group of zeros at least (RFC 4291 2.2). */
	if (n > 14)
		return false;
	memmove(octets + 16 - (n - gap), octets + gap, n - gap);
	memset(octets + gap, 0, 16 - n);
	return true;
}

/* mh_ip_parse - false leaves *ip without an address */
bool
mh_ip_parse(struct mh_str s, struct mh_ip *ip)
{
	struct mh_cur cur = mh_cur_of(s.p, s.len);
	struct mh_ip read = { .family = 0 };

	if (s.len > 0 && s.len < MH_IP_TEXT_MAX) {
		if (memchr(s.p, ':', s.len) != NULL)
			read.family = read_ipv6(&cur, read.octets) ? 6 : 0;
		else
			read.family = read_ipv4(&cur, read.octets) ? 4 : 0;
	}
	*ip = read.family != 0 ? read : (struct mh_ip){ .family = 0 };
	return read.family != 0;
}

/* print_ipv4 - dotted quad; where it ends */
static char *
print_ipv4(char *out, const unsigned char octets[4])
{
	for (int i = 0; i < 4; i++) {
		int part = octets[i];
		if (i > 0)
			*out++ = '.';
		if (part >= 100)
			*out++ = (char)('0' + part / 100);
		if (part >= 10)
			*out++ = (char)('0' + part / 10 % 10);
		*out++ = (char)('0' + part % 10);
	}
	return out;
}

/* print_group - in lower case without leading zeros (RFC 5952 4.1, 4.3); where it ends */
static char *
print_group(char *out, unsigned int value)
{
	for (int shift = 12; shift >= 0; shift -= 4)
		if (shift == 0 || value >> shift != 0)
			*out++ = "0123456789abcdef"[value >> shift & 15];
	return out;
}

/* print_ipv6 - where it ends */
static char *
print_ipv6(char *out, const unsigned char octets[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	unsigned int group[8];
	int gap = -1, gap_len = 1; /* a single zero group is written out (RFC 5952 4.2.2) */

	/* RFC 5952 5: IPv4-mapped addresses show the IPv4 address. */
	if (memcmp(octets, mapped, sizeof(mapped)) == 0) {
		memcpy(out, "::ffff:", 7);
		return print_ipv4(out + 7, octets + 12);
	}
	for (int i = 0; i < 8; i++)
		group[i] = (unsigned int)octets[2 * i] << 8 | octets[2 * i + 1];
	/* The longest run of zeros, the first one of equals (RFC 5952 4.2.3). */
	for (int i = 0, run = 0; i < 8; i++) {
		run = group[i] == 0 ? run + 1 : 0;
		if (run > gap_len) {
			gap_len = run;
			gap = i + 1 - run;
		}
	}
	for (int i = 0; i < 8; i++) {
		if (i == gap) {
			*out++ = ':';
			*out++ = ':';
			i += gap_len - 1;
			continue;
		}
		if (i > 0 && out[-1] != ':')
			*out++ = ':';
		out = print_group(out, group[i]);
	}
	return out;
}

/* mh_ip_print - "" and 0 for no address */
size_t
mh_ip_print(const struct mh_ip *ip, char out[MH_IP_TEXT_MAX])
{
	char *end = out;

	if (ip->family == 4)
		end = print_ipv4(out, ip->octets);
	else if (ip->family == 6)
		end = print_ipv6(out, ip->octets);
	*end = '\0';
	return (size_t)(end - out);
}

/* The special-purpose registries (RFC 6890 2.2.2 and what they became since; RFC 9637), narrow networks before
 * the wide ones that they are in, and what of it is reachable from everywhere. */
static const struct special {
	unsigned char octets[16];
	unsigned char prefix;
	bool is_public;
} special4[] = {
	{ { 0 }, 8, false }, /* "this network" */
	{ { 10 }, 8, false }, /* private */
	{ { 100, 64 }, 10, false }, /* shared by a provider's customers */
	{ { 127 }, 8, false }, /* loopback */
	{ { 169, 254 }, 16, false }, /* link-local */
	{ { 172, 16 }, 12, false }, /* private */
	{ { 192, 0, 0, 9 }, 32, true }, /* port control, anycast */
	{ { 192, 0, 0, 10 }, 32, true }, /* TURN, anycast */
	{ { 192, 0, 0 }, 24, false }, /* protocols */
	{ { 192, 0, 2 }, 24, false }, /* documentation */
	{ { 192, 88, 99 }, 24, false }, /* relays of 6to4, given up */
	{ { 192, 168 }, 16, false }, /* private */
	{ { 198, 18 }, 15, false }, /* benchmarks */
	{ { 198, 51, 100 }, 24, false }, /* documentation */
	{ { 203, 0, 113 }, 24, false }, /* documentation */
	{ { 224 }, 4, false }, /* multicast */
	{ { 240 }, 4, false }, /* reserved, and broadcast */
}, special6[] = {
	{ { 0x20, 0x01, 0x00, 0x01, [15] = 1 }, 128, true }, /* port control, anycast */
	{ { 0x20, 0x01, 0x00, 0x01, [15] = 2 }, 128, true }, /* TURN, anycast */
	{ { 0x20, 0x01, 0x00, 0x01, [15] = 3 }, 128, true }, /* DNS-SD, anycast */
	{ { 0x20, 0x01, 0x00, 0x03 }, 32, true }, /* AMT */
	{ { 0x20, 0x01, 0x00, 0x04, 0x01, 0x12 }, 48, true }, /* AS112 */
	{ { 0x20, 0x01 }, 23, false }, /* protocols: Teredo, benchmarks, names in the form of addresses */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, false }, /* documentation */
	{ { 0x3f, 0xff }, 20, false }, /* documentation */
	{ { 0x20 }, 3, true }, /* what is given out; all else is not, or not to hosts */
	{ { 0 }, 0, false },
};

static bool
is_within(const unsigned char *octets, const struct special *net)
{
	size_t whole = net->prefix / 8u;
	unsigned rest = net->prefix % 8u;
	return memcmp(octets, net->octets, whole) == 0 &&
	    (rest == 0 || ((unsigned)(octets[whole] ^ net->octets[whole]) >> (8 - rest)) == 0);
}

/* ipv4_in - the IPv4 address that an IPv6 one carries to its destination, or NULL */
static const unsigned char *
ipv4_in(const unsigned char *octets)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b }; /* RFC 6052 2.1 */
	if (memcmp(octets, mapped, sizeof(mapped)) == 0 || memcmp(octets, nat64, sizeof(nat64)) == 0)
		return octets + 12;
	return octets[0] == 0x20 && octets[1] == 0x02 ? octets + 2 : NULL; /* 6to4, RFC 3056 2 */
}

/* mh_ip_is_public - the first network that it is in decides */
bool
mh_ip_is_public(const struct mh_ip *ip)
{
	const unsigned char *ipv4 = ip->family == 4 ? ip->octets : NULL;
	if (ip->family != 4 && ip->family != 6)
		return false;
	if (ipv4 == NULL)
		ipv4 = ipv4_in(ip->octets);
	const struct special *special = ipv4 != NULL ? special4 : special6;
	const unsigned char *octets = ipv4 != NULL ? ipv4 : ip->octets;
	size_t count = ipv4 != NULL ? MH_COUNT(special4) : MH_COUNT(special6);
	for (size_t i = 0; i < count; i++)
		if (is_within(octets, &special[i]))
			return special[i].is_public;
	return true;
}

/* -------------------------------------------------------------------- names */

/* Top-level domains of more than two letters that mail comes from, by length:
 * entry n has names of n letters, each followed by one space.  Beside the
 * ICANN ones stand the reserved ones of RFC 2606 2 and those that people use
 * inside their own networks (RFC 6762 G, and "internal").  Such as are also
 * words that replies begin a sentence with are left out: where the space after
 * a full stop is missing, "blocked.Contact us" is no host. */
static const char *const generic_tlds[] = {
	[3] = "com net org edu gov mil int biz pro tel cat xxx app dev xyz win top vip bid ltd inc "
	      "ink fun icu bio art eco kim ong ngo pub ovh bzh gmx lan ",
	[4] = "info name arpa aero coop mobi jobs asia post site shop tech blog club host mail "
	      "live news life work team wiki zone link chat city cafe guru land loan plus moda "
	      "menu wien test home corp ",
	[5] = "cloud store email world games media group space today video works money click green "
	      "house legal local tokyo tirol koeln rocks solar style tours trade pizza party photo "
	      "press ",
	[6] = "museum travel online agency events expert center berlin church coffee dental design "
	      "doctor energy estate family hockey london market moscow mobile bayern social studio "
	      "stream school webcam google ",
	[7] = "systems network support digital finance academy capital careers company domains "
	      "express fitness gallery hamburg holiday hosting markets monster organic rentals "
	      "science shiksha website trading example invalid ",
	[8] = "services ventures partners software business builders computer delivery graphics "
	      "holdings internal property saarland ",
	[9] = "solutions marketing community education financial institute insurance localhost "
	      "directory ",
	[10] = "technology consulting management foundation industries healthcare ",
	[11] = "engineering photography enterprises ",
	[13] = "international ",
};

/* Top-level domains that people type as U-labels, in UTF-8 and lower case. */
/* clang-format off */
static const char *const unicode_tlds[] = {
	"рф", "укр", "бел", "срб", "бг", "мкд", "қаз", "москва", "онлайн", "сайт", "рус", "орг", "дети",
	"ею", "ελ", "ευ", "中国", "中國", "台湾", "台灣", "香港", "公司", "网络", "한국", "भारत", "ไทย",
};
/* clang-format on */

/* is_generic_tld - whether label is one of generic_tlds, ASCII case folded */
static bool
is_generic_tld(struct mh_str label)
{
	char low[MH_COUNT(generic_tlds)] = { 0 };
	const char *p = label.len < MH_COUNT(generic_tlds) ? generic_tlds[label.len] : NULL;
	if (p == NULL)
		return false;
	for (size_t i = 0; i < label.len; i++)
		low[i] = mh_lower(label.p[i]);
	for (; *p != '\0'; p += label.len + 1)
		if (p[0] == low[0] && memcmp(p, low, label.len) == 0)
			return true;
	return false;
}

/* is_unicode_tld - whether label is one of unicode_tlds, all of which begin with an octet from 0x80 */
static bool
is_unicode_tld(struct mh_str label)
{
	for (size_t i = 0; (unsigned char)label.p[0] >= 0x80 && i < MH_COUNT(unicode_tlds); i++)
		if (mh_str_eq(label, mh_str_z(unicode_tlds[i])))
			return true;
	return false;
}

/* is_tld - whether a name that people write could end in this label, which is not empty */
static bool
is_tld(struct mh_str label)
{
	if (label.len == 2 && mh_is_alpha(label.p[0]) && mh_is_alpha(label.p[1]))
		return true;
	return is_generic_tld(label) || is_unicode_tld(label) || mh_str_istarts(label, MH_STR("xn--"));
}

/* without_dot - the name without one trailing dot */
static struct mh_str
without_dot(struct mh_str name)
{
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	return name;
}

static inline bool
is_label_octet(unsigned char c)
{
	return mh_is_alnum(c) || c == '-' || c == '_' || c >= 0x80;
}

/* count_labels - labels of a name, or 0 if one of them is not well formed.  This runs for every dotted
 * word of a reply, so it is one plain pass. */
static size_t
count_labels(struct mh_str s)
{
	size_t labels = 0;
	for (size_t i = 0, begin = 0; i <= s.len; i++) {
		if (i < s.len && is_label_octet((unsigned char)s.p[i]))
			continue;
		if (i == begin || i - begin > 63 || s.p[begin] == '-' || s.p[i - 1] == '-' ||
		    (i < s.len && s.p[i] != '.'))
			return 0;
		begin = i + 1;
		labels++;
	}
	return labels;
}

bool
mh_name_valid(struct mh_str s)
{
	s = without_dot(s);
	return s.len > 0 && s.len <= MH_NAME_MAX && count_labels(s) > 0;
}

bool
mh_name_is_host(struct mh_str s)
{
	s = without_dot(s);
	size_t last = s.len;
	while (last > 0 && s.p[last - 1] != '.')
		last--;
	/* the last label first: it tells most of what is no host */
	return last > 0 && last < s.len && s.len <= MH_NAME_MAX &&
	    is_tld(mh_str_n(s.p + last, s.len - last)) && memchr(s.p, '_', s.len) == NULL &&
	    count_labels(s) > 0;
}

/* mh_name_under - false as well if either of them is empty, or the root */
bool
mh_name_under(struct mh_str name, struct mh_str domain)
{
	name = without_dot(name);
	domain = without_dot(domain);
	if (domain.len == 0 || !mh_str_iends(name, domain))
		return false;
	return name.len == domain.len || name.p[name.len - domain.len - 1] == '.';
}
