/* target.c - the host that an MX, SRV or NS record leads to; see target.h */
#include "target.h"

#include "hostname.h"
#include "port.h"

struct mh_str
mh_name_kept(struct mh_arena *arena, const char *text, size_t len)
{
	char *copy = mh_arena_alloc(arena, len + 1);
	if (copy == NULL)
		return (struct mh_str){ NULL, 0 };
	memcpy(copy, text, len);
	copy[len] = '\0';
	return mh_str_n(copy, len);
}

struct mh_str
mh_name_absolute(struct mh_arena *arena, struct mh_str name)
{
	char *text = mh_arena_alloc(arena, name.len + 2);
	size_t len = name.len;
	if (text == NULL)
		return (struct mh_str){ NULL, 0 };
	memcpy(text, name.p, len);
	if (len != 1 || text[0] != '.')
		text[len++] = '.';
	text[len] = '\0';
	return mh_str_n(text, len);
}

bool
mh_name_literal(struct mh_str name, struct mh_ip *ip)
{
	*ip = (struct mh_ip){ .family = 0 };
	if (name.len > 2 && name.p[0] == '[' && name.p[name.len - 1] == ']')
		name = mh_str_n(name.p + 1, name.len - 2);
	if (mh_str_istarts(name, MH_STR("ipv6:")))
		name = mh_str_n(name.p + 5, name.len - 5);
	return mh_ip_parse(name, ip);
}

bool
mh_name_lacks_dot(struct mh_str name, struct mh_str domain)
{
	return mh_dname_is_under(name, domain) && mh_dname_labels(name) > mh_dname_labels(domain) + 1;
}

/* is_localhost - a name that every machine has for itself (RFC 6761 6.3); some systems add the second */
static bool
is_localhost(struct mh_str name)
{
	return mh_dname_is_under(name, MH_STR("localhost")) ||
	    mh_str_eq(name, MH_STR("localhost.localdomain"));
}

/* is_self - an address that means the machine itself, whoever uses it (RFC 1122 3.2.1.3, RFC 4291 2.5.3) */
static bool
is_self(const struct mh_ip *ip)
{
	static const unsigned char zero[16];
	struct mh_ip plain = mh_host_ip_plain(ip);
	if (plain.family == 4)
		return plain.octets[0] == 127 || memcmp(plain.octets, zero, 4) == 0;
	return plain.family == 6 && memcmp(plain.octets, zero, 15) == 0 && plain.octets[15] <= 1;
}

bool
mh_target_is_stray(const struct mh_ip *ip)
{
	return !mh_host_ip_is_public(ip);
}

void
mh_target_begin(struct mh_target *target, struct mh_str name)
{
	*target = (struct mh_target){ .name = name, .canonical = name };
	if (mh_str_eq(name, MH_STR(".")))
		target->state = MH_TARGET_ROOT;
	else if (is_localhost(name))
		target->state = MH_TARGET_SELF;
	else if (mh_name_literal(name, &target->literal))
		target->state = is_self(&target->literal) ? MH_TARGET_SELF : MH_TARGET_LITERAL;
}

void
mh_target_want(struct mh_pass *pass, struct mh_target *target)
{
	if (target->state != MH_TARGET_UNKNOWN || target->name.len == 0)
		return;
	target->a = mh_want(pass, target->name, MH_RR_A);
	target->aaaa = mh_want(pass, target->name, MH_RR_AAAA);
	mh_target_judge(target);
}

/* read_addresses - counts those of one fact; whether one of them is everybody's own */
static bool
read_addresses(struct mh_target *target, const struct mh_fact *fact)
{
	struct mh_ip ip;
	bool has_self = false;

	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		if (!mh_rr_ip(fact, i, &ip))
			continue;
		has_self = has_self || is_self(&ip);
		if (mh_target_is_stray(&ip))
			target->strays++;
		else
			target->publics++;
	}
	if (fact != NULL && fact->is_alias && fact->state != MH_FACT_UNKNOWN) {
		target->is_alias = true;
		target->canonical = fact->canonical;
	}
	return has_self;
}

void
mh_target_judge(struct mh_target *target)
{
	const struct mh_fact *a = target->a, *aaaa = target->aaaa;
	bool is_absent = a != NULL && aaaa != NULL && mh_fact_is_absent(a) && mh_fact_is_absent(aaaa);

	target->publics = target->strays = 0;
	bool has_self = read_addresses(target, a);
	has_self = read_addresses(target, aaaa) || has_self;
	if (has_self)
		target->state = MH_TARGET_SELF;
	else if (target->strays > 0)
		target->state = MH_TARGET_PRIVATE;
	else if (target->publics > 0)
		target->state = MH_TARGET_GOOD;
	else if (is_absent && a->state == MH_FACT_NXDOMAIN && aaaa->state == MH_FACT_NXDOMAIN)
		target->state = MH_TARGET_MISSING;
	else if (is_absent)
		target->state = MH_TARGET_NO_ADDRESS;
	else
		target->state = MH_TARGET_UNKNOWN;
}

bool
mh_target_has(const struct mh_target *target, const struct mh_ip *ip)
{
	const struct mh_fact *fact = ip->family == 4 ? target->a : target->aaaa;
	struct mh_ip other;

	for (size_t i = 0; fact != NULL && i < fact->count; i++)
		if (mh_rr_ip(fact, i, &other) &&
		    memcmp(other.octets, ip->octets, ip->family == 4 ? 4 : 16) == 0)
			return true;
	return false;
}

bool
mh_target_is_known(const struct mh_target *target)
{
	return target->a != NULL && target->aaaa != NULL && target->a->state != MH_FACT_UNKNOWN &&
	    target->aaaa->state != MH_FACT_UNKNOWN;
}

/* has_all - whether every address of a fact is among those of the target */
static bool
has_all(const struct mh_target *target, const struct mh_fact *fact)
{
	struct mh_ip ip;
	for (size_t i = 0; i < fact->count; i++)
		if (!mh_rr_ip(fact, i, &ip) || !mh_target_has(target, &ip))
			return false;
	return true;
}

/* Answers are bounded (MH_FACT_RR_MAX), but two of the largest would be a million comparisons. */
#define SAME_MAX 64

bool
mh_target_is_same(const struct mh_target *a, const struct mh_target *b)
{
	if (!mh_target_is_known(a) || !mh_target_is_known(b) || a->publics + a->strays == 0 ||
	    a->a->count != b->a->count || a->aaaa->count != b->aaaa->count ||
	    a->a->count + a->aaaa->count > SAME_MAX)
		return false;
	return has_all(a, b->a) && has_all(a, b->aaaa) && has_all(b, a->a) && has_all(b, a->aaaa);
}
