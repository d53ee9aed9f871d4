/* mx.c - the MX records of a domain in the order in which senders try them; see mx.h */
#include "mx.h"

#include "target.h"

/* put - one record in its place; false: no memory */
static bool
put(struct mh_arena *arena, struct mh_mx_list *list, const char *name, size_t len, int preference,
    size_t record)
{
	struct mh_mx mx = { .name = mh_name_kept(arena, name, len),
		.preference = preference,
		.record = record,
		.is_null = len == 1 && name[0] == '.' };
	unsigned at = list->count++;

	for (; at > 0 && list->at[at - 1].preference > preference; at--)
		list->at[at] = list->at[at - 1];
	list->at[at] = mx;
	list->nulls += mx.is_null;
	return mx.name.p != NULL;
}

bool
mh_mx_read(struct mh_arena *arena, const struct mh_fact *fact, struct mh_mx_list *list)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t room = fact->count < MH_MX_MAX ? fact->count : MH_MX_MAX;

	*list = (struct mh_mx_list){ .at = mh_arena_alloc(arena, (room + 1) * sizeof(*list->at)) };
	if (list->at == NULL)
		return false;
	for (size_t i = 0; i < fact->count; i++) {
		int preference = 0;
		size_t len = mh_rr_name(fact, i, name, &preference);
		if (len == 0 && list->broken++ == 0)
			list->first_broken = i;
		if (len == 0)
			continue;
		if (list->count == MH_MX_MAX)
			list->left_out++;
		else if (!put(arena, list, name, len, preference, i))
			return false;
	}
	for (unsigned i = 0; i < list->count; i++)
		for (unsigned k = 0; k < i && !list->at[i].is_again; k++)
			list->at[i].is_again = mh_str_eq(list->at[i].name, list->at[k].name);
	return true;
}

bool
mh_mx_has(const struct mh_mx_list *list, struct mh_str name)
{
	for (unsigned i = 0; i < list->count; i++)
		if (mh_str_eq(list->at[i].name, name))
			return true;
	return false;
}

struct mh_str
mh_mx_print(struct mh_arena *arena, int preference, struct mh_str name)
{
	unsigned char rdata[2 + MH_DNAME_WIRE_MAX];
	struct mh_rr rr = { rdata, 0 };
	struct mh_buf text;

	rdata[0] = (unsigned char)(preference >> 8);
	rdata[1] = (unsigned char)preference;
	size_t len = mh_dname_to_wire(name, rdata + 2);
	rr.len = (uint16_t)(len + 2);
	mh_buf_init(&text, &arena->mem, 2 * MH_DNAME_TEXT_MAX);
	mh_rr_print(&text, MH_RR_MX, &rr);
	struct mh_str kept = text.bad ? (struct mh_str){ NULL, 0 } : mh_name_kept(arena, text.p, text.len);
	mh_buf_free(&text);
	return kept;
}

/* prefix_of - what stands before ".domain"; len 0: the name does not end so */
static struct mh_str
prefix_of(struct mh_str name, struct mh_str domain)
{
	if (name.len <= domain.len + 1 || !mh_dname_is_under(name, domain) || mh_str_eq(domain, MH_STR(".")))
		return MH_STR("");
	return mh_str_n(name.p, name.len - domain.len - 1);
}

size_t
mh_mx_meant(struct mh_str name, struct mh_str domain, char out[MH_DNAME_TEXT_MAX])
{
	char text[2 * MH_DNAME_TEXT_MAX];

	out[0] = '\0';
	/* A zone may be above the domain: any end of it may stand there twice. */
	for (struct mh_str zone = domain; mh_dname_labels(zone) > 1; zone = mh_dname_parent(zone)) {
		struct mh_str prefix = prefix_of(name, zone);
		if (prefix.len > 0 && mh_dname_labels(prefix) > 1 && mh_dname_is_under(prefix, zone))
			return mh_dname_canonical(prefix, out);
	}
	if (mh_dname_labels(name) != 1 || name.len + domain.len + 1 >= sizeof(text))
		return 0;
	memcpy(text, name.p, name.len);
	text[name.len] = '.';
	memcpy(text + name.len + 1, domain.p, domain.len);
	return mh_dname_canonical(mh_str_n(text, name.len + 1 + domain.len), out);
}

bool
mh_mx_literal(struct mh_str name, struct mh_str domain, struct mh_ip *ip)
{
	if (mh_name_literal(name, ip))
		return true;
	for (struct mh_str zone = domain; mh_dname_labels(zone) > 0; zone = mh_dname_parent(zone)) {
		struct mh_str prefix = prefix_of(name, zone);
		if (prefix.len > 0 && mh_name_literal(prefix, ip))
			return true;
	}
	return false;
}
