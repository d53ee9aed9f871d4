/* spf_rules.c - words for results, and the rules by which receivers differ
 *
 * A profile says what a kind of receiver does where others do something else.
 * The first is the RFC's, and is the verdict; the others are for telling that
 * some receivers will decide otherwise.
 */
#include "port.h"
#include "spf_eval.h"

static const char *const results[] = {
	[MH_SPF_NO_RESULT] = "",
	[MH_SPF_NONE] = "none",
	[MH_SPF_NEUTRAL] = "neutral",
	[MH_SPF_PASS] = "pass",
	[MH_SPF_FAIL] = "fail",
	[MH_SPF_SOFTFAIL] = "softfail",
	[MH_SPF_TEMPERROR] = "temperror",
	[MH_SPF_PERMERROR] = "permerror",
};

const struct mh_spf_rules mh_spf_rfc7208 = { .name = "rfc7208",
	.who = "receivers that keep to RFC 7208 and count a term once if nothing is found for it",
	.term_limit = 10,
	.void_limit = 2,
	.mx_limit = 10,
	.ptr_limit = 10,
	.voids = MH_SPF_VOIDS_PER_TERM };

static const struct mh_spf_rules others[] = {
	{ .name = "void-per-query",
	    .who = "receivers that count every empty answer, as the words of RFC 7208 4.6.4 have it",
	    .term_limit = 10,
	    .void_limit = 2,
	    .mx_limit = 10,
	    .ptr_limit = 10,
	    .voids = MH_SPF_VOIDS_PER_QUERY },
	{ .name = "no-void-limit",
	    .who = "receivers that do not count empty answers",
	    .term_limit = 10,
	    .void_limit = -1,
	    .mx_limit = 10,
	    .ptr_limit = 10 },
	{ .name = "rspamd-30",
	    .who = "Rspamd: thirty terms, no count of empty answers, and terms it cannot read are skipped",
	    .term_limit = 30,
	    .void_limit = -1,
	    .mx_limit = 10,
	    .ptr_limit = 10,
	    .is_lax = true },
};

const char *
mh_spf_result_name(int result)
{
	return result >= 0 && (size_t)result < MH_COUNT(results) ? results[result] : "";
}

int
mh_spf_result_find(struct mh_str name)
{
	for (size_t i = MH_SPF_NONE; i < MH_COUNT(results); i++) {
		if (mh_str_ieq(name, mh_str_z(results[i])))
			return (int)i;
	}
	return -1;
}

const struct mh_spf_rules *
mh_spf_rules_at(size_t i)
{
	if (i == 0)
		return &mh_spf_rfc7208;
	return i <= MH_COUNT(others) ? &others[i - 1] : NULL;
}

const struct mh_spf_rules *
mh_spf_rules_find(struct mh_str name)
{
	const struct mh_spf_rules *rules;
	for (size_t i = 0; (rules = mh_spf_rules_at(i)) != NULL; i++) {
		if (mh_str_ieq(name, mh_str_z(rules->name)))
			return rules;
	}
	return NULL;
}
