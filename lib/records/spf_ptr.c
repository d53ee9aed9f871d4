/* spf_ptr.c - the names of an address, validated (RFC 7208 5.5)
 *
 * A name counts if its own addresses have the address it was found by.  Of
 * the PTR answer only the first names are looked at, the rest is ignored.  All
 * forward questions are asked at once.  A question that fails is a name less,
 * never an error.
 */
#include "spf_macro.h"

#include "error.h"

/* mh_spf_in_network - see spf_macro.h */
bool
mh_spf_in_network(const struct mh_ip *ip, const unsigned char *octets, int prefix)
{
	size_t whole = (size_t)prefix / 8;
	if (memcmp(ip->octets, octets, whole) != 0)
		return false;
	unsigned rest = (unsigned)prefix % 8;
	return rest == 0 || (ip->octets[whole] ^ octets[whole]) >> (8 - rest) == 0;
}

/* mh_spf_has_address - see spf_macro.h */
bool
mh_spf_has_address(const struct mh_fact *fact, const struct mh_ip *ip, int prefix)
{
	size_t len = ip->family == 6 ? 16 : 4;
	for (size_t i = 0; i < fact->count; i++) {
		if (fact->rr[i].len == len && mh_spf_in_network(ip, fact->rr[i].p, prefix))
			return true;
	}
	return false;
}

/* validate - asks for a name's addresses, and keeps the name if ip is among them */
static void
validate(const struct mh_spf_env *env, struct mh_str name, struct mh_spf_names *names)
{
	bool is_ip6 = env->ip.family == 6;
	const struct mh_fact *fact = mh_want(env->pass, name, is_ip6 ? MH_RR_AAAA : MH_RR_A);
	if (fact == NULL) {
		names->is_open = true;
		return;
	}
	names->empty += mh_fact_is_absent(fact);
	if (!mh_fact_is_present(fact) || !mh_spf_has_address(fact, &env->ip, is_ip6 ? 128 : 32))
		return;
	char *copy = mh_arena_alloc(env->pass->arena, name.len);
	if (copy == NULL) {
		env->pass->error = MH_ERR_ENOMEM;
		names->is_open = true;
		return;
	}
	memcpy(copy, name.p, name.len);
	names->at[names->count++] = mh_str_n(copy, name.len);
}

/* mh_spf_validated_names - see spf_macro.h */
void
mh_spf_validated_names(const struct mh_spf_env *env, struct mh_str domain, struct mh_spf_names *names)
{
	char name[MH_DNAME_TEXT_MAX];
	names->empty = names->count = 0;
	names->is_open = false;
	names->fact = NULL;
	size_t len = mh_dname_reverse(&env->ip, name);
	if (len == 0)
		return;
	names->fact = mh_want(env->pass, mh_str_n(name, len), MH_RR_PTR);
	if (names->fact == NULL) {
		names->is_open = true;
		return;
	}
	names->empty += mh_fact_is_absent(names->fact);
	if (!mh_fact_is_present(names->fact))
		return;
	size_t limit = env->ptr_limit > 0 ? (size_t)env->ptr_limit : 0;
	if (limit > MH_SPF_NAMES_MAX)
		limit = MH_SPF_NAMES_MAX;
	for (size_t i = 0; i < names->fact->count && i < limit; i++) {
		struct mh_str found = { name, mh_rr_name(names->fact, i, name, NULL) };
		if (found.len > 1 && (domain.len == 0 || mh_dname_is_under(found, domain)))
			validate(env, found, names);
	}
}
