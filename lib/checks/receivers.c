/* receivers.c - see receivers.h; the rules are in receivers.def */
#include "receivers.h"

#include "dmarc_walk.h"
#include "error.h"
#include "port.h"

/* What rules are about: name, and the checks whose findings tell why it is not so. */
#define ASPECTS(X) \
	X(SPF_RECORD, "spf", "") /* a record that receivers can use */ \
	X(SPF_PASS, "spf", "") /* and the given address passes */ \
	X(SPF_NARROW, "spf", "") /* it does not name everybody */ \
	X(SPF_ENDS, "spf", "") /* it ends in ~all or -all */ \
	X(DKIM, "dkim", "") /* a key that receivers can use */ \
	X(DMARC, "dmarc", "") /* a policy that receivers can use */ \
	X(ENFORCED, "dmarc", "") /* quarantine or reject */ \
	X(REJECTED, "dmarc", "") /* reject */ \
	X(NOT_ENFORCED, "dmarc", "") \
	X(NOT_REJECTED, "dmarc", "") \
	X(PTR, "host", "") /* and it leads back */ \
	X(PTR_IPV6, "host", "") /* of an IPv6 address; kept by an IPv4 address */ \
	X(NOT_LISTED, "lists", "host") \
	X(DNSSEC, "dnssec", "") \
	X(DANE, "dane", "") \
	X(IPV6, "mx", "") \
	X(SENDS_NOTHING, "spf", "") \
	X(NO_MX, "mx", "")

enum aspect {
#define X(name, first, second) ASPECT_##name,
	ASPECTS(X)
#undef X
	    ASPECTS_COUNT
};

static const char *const aspect_checks[ASPECTS_COUNT][2] = {
#define X(name, first, second) [ASPECT_##name] = { first, second },
	ASPECTS(X)
#undef X
};

#define A(name) (UINT32_C(1) << ASPECT_##name)

enum applies { APPLIES_SENDS, APPLIES_PARKED, APPLIES_TAKES };

struct rule {
	const char *id; /* NULL: it begins a receiver */
	const char *text;
	uint32_t all, any;
	const char *reply;
	/* of a receiver */
	const char *receiver, *name, *as_of, *source;
	enum applies applies;
};

static const struct rule rules[] = {
#define RECEIVER(id_, name_, applies_, as_of_, source_) \
	{ .receiver = (id_), \
		.name = (name_), \
		.as_of = (as_of_), \
		.source = (source_), \
		.applies = APPLIES_##applies_ },
#define RULE(id_, text_, all_, any_, reply_) \
	{ .id = (id_), .text = (text_), .all = (all_), .any = (any_), .reply = (reply_) },
#include "receivers.def"
#undef RECEIVER
#undef RULE
};

/* receiver_at - the head of receiver number i; NULL past the end */
static const struct rule *
receiver_at(size_t i)
{
	for (size_t k = 0; k < MH_COUNT(rules); k++)
		if (rules[k].id == NULL && i-- == 0)
			return &rules[k];
	return NULL;
}

const char *
mh_receiver_id(size_t i)
{
	const struct rule *head = receiver_at(i);
	return head != NULL ? head->receiver : NULL;
}

const char *
mh_receiver_name(size_t i)
{
	const struct rule *head = receiver_at(i);
	return head != NULL ? head->name : NULL;
}

int
mh_receiver_find(struct mh_str id)
{
	for (size_t i = 0; mh_receiver_id(i) != NULL; i++)
		if (mh_str_eq(id, mh_str_z(mh_receiver_id(i))))
			return (int)i;
	return -1;
}

/* ------------------------------------------------------------------- aspects */

/* What is looked at to judge. */
struct judge {
	const struct mh_domain_check *check;
	struct mh_pass *view;
	const struct mh_report *report;
	const struct mh_domain_row *rows;
	struct mh_domain_role role;
	uint8_t aspects[ASPECTS_COUNT]; /* MH_TRI_* */
};

static uint8_t
yes(bool is_so)
{
	return is_so ? MH_TRI_YES : MH_TRI_NO;
}

static bool
has(const struct judge *judge, int number)
{
	return mh_report_has(judge->report, number);
}

/* by_health - from the findings of one check: NO if one fails, else UNKNOWN if something could not be asked */
static uint8_t
by_health(const struct judge *judge, const char *check)
{
	const char *health = mh_report_health(judge->report, check);
	bool is_unknown = false;
	for (size_t i = 0; i < mh_report_size(judge->report); i++) {
		const struct mh_finding *finding = mh_report_at(judge->report, i);
		is_unknown |= finding->is_unknown && strcmp(finding->check, check) == 0;
	}
	return strcmp(health, "fail") == 0 ? MH_TRI_NO : is_unknown ? MH_TRI_UNKNOWN : MH_TRI_YES;
}

/* judge_spf - the record is usable unless a receiver's check_host() would give permerror or none */
static void
judge_spf(struct judge *judge)
{
	struct mh_spf_check *spf = (struct mh_spf_check *)(uintptr_t)&judge->check->spf;
	const struct mh_fact *txt = mh_known(judge->view, judge->check->domain, MH_RR_TXT);
	const struct mh_spf_record *record = NULL;
	struct mh_spf_verdict verdict = { .result = MH_SPF_NO_RESULT };
	uint8_t health = by_health(judge, "spf");
	bool is_only_refusal = true;

	for (size_t i = 0; i < mh_report_size(judge->report); i++) {
		const struct mh_finding *finding = mh_report_at(judge->report, i);
		if (strcmp(finding->check, "spf") == 0 && finding->severity == MH_SEV_FAIL)
			is_only_refusal &= finding->kind->number == MH_F_SPF_NOT_AUTHORISED;
	}
	for (size_t i = 0; txt != NULL && i < txt->count; i++) {
		struct mh_str text = mh_rr_text(txt, i, judge->view->arena);
		if (text.p != NULL && mh_spf_is_record(text))
			record = mh_spf_parse(judge->view->arena, text);
	}
	bool is_asked = txt != NULL && txt->state != MH_FACT_UNKNOWN;
	if (record == NULL)
		health = is_asked ? MH_TRI_NO : MH_TRI_UNKNOWN;
	else if (health == MH_TRI_NO && is_only_refusal)
		health = MH_TRI_YES;
	judge->aspects[ASPECT_SPF_RECORD] = health;
	judge->aspects[ASPECT_SPF_NARROW] = !is_asked
	    ? MH_TRI_UNKNOWN
	    : yes(!has(judge, MH_F_SPF_PLUS_ALL) && !has(judge, MH_F_SPF_NEUTRAL_ALL) &&
		  !has(judge, MH_F_SPF_HUGE_RANGE));
	judge->aspects[ASPECT_SPF_ENDS] = !is_asked
	    ? MH_TRI_UNKNOWN
	    : yes(record != NULL && !has(judge, MH_F_SPF_NO_ALL) && !has(judge, MH_F_SPF_NEUTRAL_ALL) &&
		  !has(judge, MH_F_SPF_PLUS_ALL));
	judge->aspects[ASPECT_SENDS_NOTHING] =
	    judge->role.is_known ? yes(judge->role.sends_nothing) : MH_TRI_UNKNOWN;
	if (judge->check->ip.family != 0)
		mh_spf_check_verdict(spf, judge->view, &verdict);
	if (health == MH_TRI_NO)
		judge->aspects[ASPECT_SPF_PASS] = MH_TRI_NO;
	else if (verdict.result != MH_SPF_NO_RESULT && verdict.result != MH_SPF_TEMPERROR)
		judge->aspects[ASPECT_SPF_PASS] = yes(verdict.result == MH_SPF_PASS);
}

/* judge_dkim - one key that can be used is enough; that there is none is known only if all selectors were given, or
 * nothing is below _domainkey (RFC 8020) */
static void
judge_dkim(struct judge *judge)
{
	struct mh_str below = mh_name_below(judge->view->arena, MH_STR("_domainkey"), judge->check->domain);
	const struct mh_fact *node = below.len > 0 ? mh_known(judge->view, below, MH_RR_TXT) : NULL;
	uint8_t keys = MH_TRI_NO;

	for (const struct mh_domain_row *row = judge->rows; row != NULL; row = row->next) {
		if (strcmp(row->id, "dkim") != 0 || row->fact == NULL || row->is_skipped)
			continue;
		const char *health = mh_domain_row_health(judge->report, judge->rows, row);
		if (mh_fact_is_present(row->fact) && strcmp(health, "fail") != 0)
			keys = MH_TRI_YES;
		else if (row->fact->state == MH_FACT_UNKNOWN && keys != MH_TRI_YES)
			keys = MH_TRI_UNKNOWN;
	}
	if (keys == MH_TRI_NO && judge->check->selectors_count == 0 &&
	    (node == NULL || node->state != MH_FACT_NXDOMAIN))
		keys = MH_TRI_UNKNOWN;
	judge->aspects[ASPECT_DKIM] = keys;
}

static void
judge_dmarc(struct judge *judge)
{
	struct mh_dmarc_walk walk;
	struct mh_dmarc_found found;
	uint8_t *aspects = judge->aspects;

	mh_dmarc_walk(judge->view, judge->check->domain, NULL, &walk);
	mh_dmarc_find(judge->view, &walk, &found);
	if (found.state != MH_DMARC_FIND_FOUND && found.state != MH_DMARC_FIND_NONE &&
	    !has(judge, MH_F_DMARC_MISSING))
		return;
	uint8_t policy = found.state == MH_DMARC_FIND_FOUND ? found.effective : (uint8_t)MH_DMARC_NO_POLICY;
	bool is_there = policy != MH_DMARC_NO_POLICY;
	aspects[ASPECT_DMARC] = yes(is_there);
	aspects[ASPECT_ENFORCED] = yes(is_there && policy >= MH_DMARC_QUARANTINE);
	aspects[ASPECT_REJECTED] = yes(is_there && policy == MH_DMARC_REJECT);
	aspects[ASPECT_NOT_ENFORCED] = yes(!is_there || policy < MH_DMARC_QUARANTINE);
	aspects[ASPECT_NOT_REJECTED] = yes(!is_there || policy != MH_DMARC_REJECT);
}

/* is_listed - on a list that receivers refuse mail by; few go by the others, of which the finding weighs less */
static bool
is_listed(const struct judge *judge)
{
	for (size_t i = 0; i < mh_report_size(judge->report); i++) {
		const struct mh_finding *finding = mh_report_at(judge->report, i);
		if (finding->kind->number == MH_F_HOST_LISTED && finding->severity == MH_SEV_FAIL)
			return true;
	}
	return false;
}

/* judge_host - the sending host, if one was given */
static void
judge_host(struct judge *judge)
{
	uint8_t host = by_health(judge, "host");
	bool is_given = judge->check->ip.family != 0;
	bool has_no_name = has(judge, MH_F_HOST_PTR_MISSING) || has(judge, MH_F_HOST_PTR_UNCONFIRMED);
	uint8_t *aspects = judge->aspects;

	if (is_given)
		aspects[ASPECT_PTR] = has_no_name ? MH_TRI_NO
		    : host == MH_TRI_UNKNOWN      ? MH_TRI_UNKNOWN
						  : MH_TRI_YES;
	if (is_given)
		aspects[ASPECT_PTR_IPV6] =
		    judge->check->ip.family == 4 ? (uint8_t)MH_TRI_YES : aspects[ASPECT_PTR];
	if (is_given && judge->check->asks_lists)
		aspects[ASPECT_NOT_LISTED] =
		    is_listed(judge) ? (uint8_t)MH_TRI_NO : by_health(judge, "lists");
}

/* judge_ipv6 - whether an MX host has an IPv6 address */
static uint8_t
judge_ipv6(const struct judge *judge)
{
	const struct mh_fact *mx = mh_known(judge->view, judge->check->domain, MH_RR_MX);
	char name[MH_DNAME_TEXT_MAX];
	uint8_t state = MH_TRI_NO;

	for (size_t i = 0; mx != NULL && i < mx->count; i++) {
		size_t len = mh_rr_name(mx, i, name, NULL);
		const struct mh_fact *aaaa = mh_known(judge->view, mh_str_n(name, len), MH_RR_AAAA);
		if (aaaa != NULL && mh_fact_is_present(aaaa))
			return MH_TRI_YES;
		if (aaaa == NULL || aaaa->state == MH_FACT_UNKNOWN)
			state = MH_TRI_UNKNOWN;
	}
	return state;
}

/* judge_mx - of the MX hosts: names, IPv6, TLSA */
static void
judge_mx(struct judge *judge)
{
	const struct mh_domain_role *role = &judge->role;
	uint8_t dane = by_health(judge, "dane");
	uint8_t *aspects = judge->aspects;

	if (!role->is_known)
		return;
	aspects[ASPECT_NO_MX] = yes(!role->has_mx);
	aspects[ASPECT_IPV6] = judge_ipv6(judge);
	if (has(judge, MH_F_DANE_MISSING) || has(judge, MH_F_DANE_INSECURE) ||
	    has(judge, MH_F_DANE_UNUSABLE_ONLY) || has(judge, MH_F_DANE_PARTIAL))
		dane = MH_TRI_NO;
	aspects[ASPECT_DANE] = dane;
}

/* judge_dnssec - by what the validating resolver said of the domain's SOA */
static void
judge_dnssec(struct judge *judge)
{
	const struct mh_fact *soa = mh_known(judge->view, judge->check->domain, MH_RR_SOA);

	if (soa == NULL || soa->secure == MH_SECURE_UNKNOWN)
		judge->aspects[ASPECT_DNSSEC] =
		    soa != NULL && soa->why == MH_WHY_BOGUS ? MH_TRI_NO : MH_TRI_UNKNOWN;
	else
		judge->aspects[ASPECT_DNSSEC] = yes(soa->secure == MH_SECURE_YES);
}

static void
judge_all(struct judge *judge)
{
	for (size_t i = 0; i < ASPECTS_COUNT; i++)
		judge->aspects[i] = MH_TRI_UNKNOWN;
	judge->role = mh_domain_role(judge->view, judge->check->domain);
	judge_spf(judge);
	judge_dkim(judge);
	judge_dmarc(judge);
	judge_host(judge);
	judge_mx(judge);
	judge_dnssec(judge);
}

/* --------------------------------------------------------------------- rules */

/* state_of - whether a rule is kept: MH_TRI_*; *because: an aspect that keeps it from being so */
static uint8_t
state_of(const struct judge *judge, const struct rule *rule, int *because)
{
	uint8_t all = MH_TRI_YES, any = MH_TRI_NO;
	int broken = -1, missing = -1, hope = -1;

	for (int i = 0; i < ASPECTS_COUNT; i++) {
		uint8_t aspect = judge->aspects[i];
		if ((rule->all >> i & 1) != 0 && aspect == MH_TRI_NO && broken < 0)
			broken = i;
		if ((rule->all >> i & 1) != 0 && aspect == MH_TRI_UNKNOWN && missing < 0)
			missing = i;
		if ((rule->any >> i & 1) == 0)
			continue;
		if (aspect == MH_TRI_YES)
			any = MH_TRI_YES;
		else if (aspect == MH_TRI_UNKNOWN && any == MH_TRI_NO)
			any = MH_TRI_UNKNOWN;
		/* Of those that would do, the one that is not known is what can be asked about. */
		if (hope < 0 || aspect == MH_TRI_UNKNOWN)
			hope = i;
	}
	if (rule->any == 0)
		any = MH_TRI_YES;
	if (broken >= 0)
		all = MH_TRI_NO;
	else if (missing >= 0)
		all = MH_TRI_UNKNOWN;
	*because = broken >= 0 ? broken : any == MH_TRI_NO ? hope : missing >= 0 ? missing : hope;
	if (all == MH_TRI_NO || any == MH_TRI_NO)
		return MH_TRI_NO;
	return all == MH_TRI_UNKNOWN || any == MH_TRI_UNKNOWN ? MH_TRI_UNKNOWN : MH_TRI_YES;
}

/* finding_of - the worst finding of the checks that an aspect rests on; NULL */
static const struct mh_finding *
finding_of(const struct judge *judge, int aspect)
{
	for (size_t i = 0; aspect >= 0 && i < mh_report_size(judge->report); i++) {
		const struct mh_finding *finding = mh_report_at(judge->report, i);
		for (int k = 0; k < 2; k++)
			if (aspect_checks[aspect][k][0] != '\0' &&
			    strcmp(finding->check, aspect_checks[aspect][k]) == 0)
				return finding;
	}
	return NULL;
}

/* why_unknown - what would have to be given or asked */
static const char *
why_unknown(const struct judge *judge, int aspect)
{
	bool needs_ip = aspect == ASPECT_SPF_PASS || aspect == ASPECT_PTR || aspect == ASPECT_PTR_IPV6 ||
	    aspect == ASPECT_NOT_LISTED;
	if (needs_ip && judge->check->ip.family == 0)
		return "The address of the sending host was not given.";
	if (aspect == ASPECT_NOT_LISTED && !judge->check->asks_lists)
		return "The lists were not asked.";
	if (aspect == ASPECT_DKIM)
		return "No selector was given, and none of those that were tried has a key.";
	return "DNS did not answer.";
}

/* put_reply - %d the domain, %i the address */
static void
put_reply(struct mh_json *json, const struct judge *judge, const char *reply)
{
	char ip[MH_IP_TEXT_MAX] = "192.0.2.1";
	struct mh_buf text;

	mh_buf_init(&text, &judge->check->mem, 2048);
	if (judge->check->ip.family != 0)
		mh_ip_print(&judge->check->ip, ip);
	for (; *reply != '\0'; reply++) {
		if (reply[0] != '%') {
			mh_buf_putc(&text, *reply);
			continue;
		}
		reply++;
		if (*reply == 'd')
			mh_buf_putstr(&text, judge->check->domain);
		else
			mh_buf_puts(&text, ip);
	}
	json->out->bad |= text.bad;
	mh_json_put_str(json, "reply", mh_buf_str(&text));
	mh_buf_free(&text);
}

static void
write_rule(struct mh_json *json, const struct judge *judge, const struct rule *rule, uint8_t state,
    int because)
{
	static const char
	    *const states[] = { [MH_TRI_UNKNOWN] = "unknown", [MH_TRI_YES] = "pass", [MH_TRI_NO] = "fail" };
	const struct mh_finding *finding = state == MH_TRI_NO ? finding_of(judge, because) : NULL;

	mh_json_open(json, '{');
	mh_json_put_strz(json, "id", rule->id);
	mh_json_put_strz(json, "text", rule->text);
	mh_json_put_strz(json, "state", states[state]);
	mh_json_put_strz(json, "finding", finding != NULL ? finding->kind->id : "");
	mh_json_put_strz(json, "why", state == MH_TRI_UNKNOWN ? why_unknown(judge, because) : "");
	put_reply(json, judge, state == MH_TRI_NO ? rule->reply : "");
	mh_json_close(json, '}');
}

/* does_apply - whether a receiver's rules are for such a domain */
static bool
does_apply(const struct judge *judge, const struct rule *head)
{
	const struct mh_domain_role *role = &judge->role;
	if (head->applies == APPLIES_PARKED)
		return role->is_known && role->sends_nothing;
	if (head->applies == APPLIES_TAKES)
		return !role->is_known || role->has_mx;
	return !role->is_known || !role->sends_nothing;
}

static void
write_receiver(struct mh_json *json, const struct judge *judge, const struct rule *head)
{
	static const char
	    *const healths[] = { [MH_TRI_UNKNOWN] = "unknown", [MH_TRI_YES] = "pass", [MH_TRI_NO] = "fail" };
	uint8_t worst = MH_TRI_YES;
	int because;

	for (const struct rule *rule = head + 1; rule < rules + MH_COUNT(rules) && rule->id != NULL; rule++) {
		uint8_t state = state_of(judge, rule, &because);
		if (state == MH_TRI_NO || worst == MH_TRI_YES)
			worst = state;
	}
	mh_json_key(json, head->receiver);
	mh_json_open(json, '{');
	mh_json_put_strz(json, "name", head->name);
	mh_json_put_strz(json, "health", healths[worst]);
	mh_json_put_bool(json, "refuses", head->applies == APPLIES_SENDS);
	mh_json_put_strz(json, "as_of", head->as_of);
	mh_json_put_strz(json, "source", head->source);
	mh_json_key(json, "rules");
	mh_json_open(json, '[');
	for (const struct rule *rule = head + 1; rule < rules + MH_COUNT(rules) && rule->id != NULL; rule++) {
		uint8_t state = state_of(judge, rule, &because);
		write_rule(json, judge, rule, state, because);
	}
	mh_json_close(json, ']');
	mh_json_close(json, '}');
}

bool
mh_receivers_json(const struct mh_domain_check *check, struct mh_pass *view, const struct mh_report *report,
    const struct mh_domain_row *rows, struct mh_json *json)
{
	struct judge judge = { .check = check, .view = view, .report = report, .rows = rows };
	const struct rule *head;

	if (check->is_host)
		return true;
	judge_all(&judge);
	for (size_t i = 0; (head = receiver_at(i)) != NULL; i++)
		if ((check->profiles >> i & 1) != 0 || (check->profiles == 0 && does_apply(&judge, head)))
			write_receiver(json, &judge, head);
	return view->error == MH_ERR_OK;
}
