/* dom_dnssec.c - section "dnssec" of the check "domain": whether its answers are signed, and the signatures hold
 *
 * What is known of it comes from the resolver: whether it validated an answer, or
 * refused to give one that failed.  Of a resolver that is not trusted, or does not
 * validate, nothing is claimed, whatever DS records there are.
 *
 * RFC 4035, RFC 8914
 */
#include "domain.h"

#include "error.h"
#include "mx.h"

#define HOSTS_MAX 16

enum state { STATE_UNKNOWN, STATE_SECURE, STATE_INSECURE, STATE_BOGUS };
static const char *const state_names[] = { "unknown", "secure", "insecure", "bogus" };

struct dnssec {
	const struct mh_fact *soa, *ds, *mx, *txt;
	enum state state;
	const struct mh_fact *culprit; /* of BOGUS */
	const char *why;
};

/* is_bogus - whether validation failed: the resolver says so itself, or by an extended error of RFC 8914 4.7 to 4.13
 * (it failed, expired, is not valid yet, or a key or signature is missing) */
static bool
is_bogus(const struct mh_fact *fact)
{
	if (fact == NULL || fact->state != MH_FACT_UNKNOWN)
		return false;
	return fact->why == MH_WHY_BOGUS || fact->secure == MH_SECURE_BOGUS ||
	    (fact->why == MH_WHY_SERVFAIL && fact->ede >= 6 && fact->ede <= 12);
}

/* judge_signed - of what no answer shows to be bogus */
static void
judge_signed(struct dnssec *dnssec)
{
	bool has_ds = mh_fact_is_present(dnssec->ds);
	int secure = dnssec->soa->secure;

	dnssec->state = STATE_UNKNOWN;
	if (dnssec->soa->state == MH_FACT_UNKNOWN) {
		dnssec->why = mh_why_text(dnssec->soa->why);
	} else if (secure == MH_SECURE_YES) {
		dnssec->state = STATE_SECURE;
		dnssec->why = "the resolver validated the answers";
	} else if (secure != MH_SECURE_NO) {
		dnssec->why = has_ds ? "there is a DS record, so it is signed as far as can be seen; the "
				       "resolver does not say whether the signatures hold"
				     : "the resolver does not say whether it validates";
	} else if (has_ds && dnssec->ds->secure != MH_SECURE_YES) {
		/* A DS record is signed by the parent; a resolver that has not validated even that does not
		 * validate at all. */
		dnssec->why = "there is a DS record, and the resolver does not validate";
	} else if (dnssec->ds->state == MH_FACT_UNKNOWN) {
		dnssec->why = mh_why_text(dnssec->ds->why);
	} else {
		dnssec->state = STATE_INSECURE;
		dnssec->why = has_ds ? "there is a DS record, for algorithms that resolvers do not know"
		    : dnssec->soa->state == MH_FACT_PRESENT ? "there is no DS record in the parent zone"
							    : "the zone that it is in is not signed";
	}
}

/* look_at - false: wait */
static bool
look_at(struct mh_look *look, struct dnssec *dnssec)
{
	struct mh_str domain = look->check->domain;

	*dnssec = (struct dnssec){ .state = STATE_UNKNOWN, .why = "" };
	dnssec->soa = mh_want(look->pass, domain, MH_RR_SOA);
	dnssec->ds = mh_want(look->pass, domain, MH_RR_DS);
	dnssec->mx = mh_want(look->pass, domain, MH_RR_MX);
	dnssec->txt = mh_want(look->pass, domain, MH_RR_TXT);
	if (dnssec->soa == NULL || dnssec->ds == NULL || dnssec->mx == NULL || dnssec->txt == NULL)
		return false;
	const struct mh_fact *const facts[] = { dnssec->soa, dnssec->mx, dnssec->txt, dnssec->ds };
	for (size_t i = 0; i < 4 && dnssec->culprit == NULL; i++)
		if (is_bogus(facts[i]))
			dnssec->culprit = facts[i];
	if (dnssec->culprit != NULL) {
		dnssec->state = STATE_BOGUS;
		dnssec->why = mh_why_text(MH_WHY_BOGUS);
	} else {
		judge_signed(dnssec);
	}
	return true;
}

/* tell_bogus - which answer failed, and what the resolver says of it */
static void
tell_bogus(struct mh_tell *tell, const struct mh_fact *fact)
{
	char room[MH_RR_TYPE_ROOM];

	mh_say(tell, "The ");
	mh_say(tell, mh_rr_type_name(fact->type, room));
	mh_say(tell, " records of ");
	mh_say_str(tell, fact->name);
	mh_say(tell, " could not be validated");
	if (fact->ede >= 0) {
		mh_say(tell, " (extended error ");
		mh_say_int(tell, fact->ede);
		mh_say(tell, fact->ede_text.len > 0 ? ": " : "");
		mh_say_str(tell, fact->ede_text);
		mh_say(tell, ")");
		mh_tell_arg_int(tell, "ede", fact->ede);
	}
	mh_say(tell, ".");
	mh_tell_about(tell, MH_F_DNSSEC_BOGUS, fact->name, fact->ede_text);
}

/* tell_hosts - of the MX hosts, whose addresses others have asked for */
static void
tell_hosts(struct mh_look *look, struct mh_tell *tell, const struct dnssec *dnssec)
{
	struct mh_mx_list list;
	unsigned count = 0;

	if (!mh_mx_read(look->pass->arena, dnssec->mx, &list)) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	for (unsigned i = 0; i < list.count && count < HOSTS_MAX; i++) {
		struct mh_str name = list.at[i].name;
		if (list.at[i].is_null || list.at[i].is_again)
			continue;
		count++;
		const struct mh_fact *a = mh_known(look->pass, name, MH_RR_A);
		const struct mh_fact *aaaa = mh_known(look->pass, name, MH_RR_AAAA);
		const struct mh_fact *culprit = is_bogus(a) ? a : aaaa;
		if (is_bogus(culprit) && !mh_str_eq(name, look->check->domain)) {
			tell_bogus(tell, culprit);
		} else if (dnssec->state == STATE_SECURE && a != NULL && a->secure == MH_SECURE_NO) {
			mh_say(tell,
			    "The domain is signed, and the name of its mail server is in a zone that is "
			    "not; DANE is not possible there.");
			mh_tell_about(tell, MH_F_DNSSEC_INSECURE, name, MH_STR(""));
		}
	}
}

void
mh_dom_dnssec(struct mh_look *look)
{
	struct dnssec dnssec;
	struct mh_tell tell;

	if (!look_at(look, &dnssec) || look->report == NULL)
		return;
	mh_look_row(look, "dnssec", look->check->domain, MH_RR_DS, dnssec.ds);
	mh_look_tell(look, &tell, "dnssec", look->check->domain);
	/* Other sections tell what they could not ask; of what is asked here alone it is told here. */
	if (dnssec.ds->state == MH_FACT_UNKNOWN && !is_bogus(dnssec.ds))
		mh_tell_unknown(&tell, dnssec.ds);
	if (dnssec.state == STATE_BOGUS) {
		tell_bogus(&tell, dnssec.culprit);
	} else if (dnssec.state == STATE_INSECURE && dnssec.soa->state != MH_FACT_NXDOMAIN) {
		mh_say(&tell, "As far as the resolver tells, ");
		mh_say(&tell, dnssec.why);
		mh_say(&tell, ".");
		mh_tell(&tell, MH_F_DNSSEC_INSECURE, MH_STR(""));
	}
	tell_hosts(look, &tell, &dnssec);
	mh_look_told(look, &tell);
}

void
mh_dom_dnssec_json(struct mh_look *look)
{
	struct dnssec dnssec;

	if (!look_at(look, &dnssec))
		return;
	mh_json_key(look->json, "dnssec");
	mh_json_open(look->json, '{');
	mh_json_put_strz(look->json, "state", state_names[dnssec.state]);
	mh_json_put_strz(look->json, "ds",
	    dnssec.ds->state == MH_FACT_UNKNOWN ? "unknown"
		: mh_fact_is_present(dnssec.ds) ? "present"
						: "absent");
	mh_json_put_strz(look->json, "why", dnssec.why);
	mh_json_close(look->json, '}');
}
