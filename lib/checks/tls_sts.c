/* tls_sts.c - MTA-STS in the check "tls": asked, fetched (fetch.h), and held against the host */
#include "tls_sts.h"

#include "alabel.h"
#include "error.h"
#include "http.h"
#include "port.h"
#include "tls_report.h"
#include "tls_words.h"

/* ------------------------------------------------------------------- asking */

/* canonical - prefix and name as a name for asking, in the pass's arena, international labels as A-labels (RFC 8461
 * 4.1); len 0: there can be none */
static struct mh_str
canonical(struct mh_pass *pass, const char *prefix, struct mh_str name)
{
	char text[MH_DNAME_TEXT_MAX + 16], out[MH_DNAME_TEXT_MAX];
	size_t n = strlen(prefix);
	name = mh_alabel_name(pass->arena, name);
	if (name.p == NULL)
		pass->error = MH_ERR_ENOMEM;
	if (name.p == NULL || name.len >= MH_DNAME_TEXT_MAX)
		return MH_STR("");
	memcpy(text, prefix, n);
	memcpy(text + n, name.p, name.len);
	size_t len = mh_dname_canonical(mh_str_n(text, n + name.len), out);
	char *kept = mh_arena_alloc(pass->arena, len + 1);
	if (kept == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return MH_STR("");
	}
	memcpy(kept, out, len);
	kept[len] = '\0';
	return mh_str_n(kept, len);
}

/* read_mx - the MX hosts of the domain, for holding the policy against them; false: wait */
static bool
read_mx(struct mh_pass *pass, struct mh_tls_sts *sts)
{
	char name[MH_DNAME_TEXT_MAX];
	const struct mh_fact *fact = mh_want(pass, canonical(pass, "", sts->domain), MH_RR_MX);
	if (fact == NULL)
		return false;
	if (fact->state == MH_FACT_NODATA)
		sts->mx[sts->mx_count++] = sts->domain; /* RFC 5321 5.1 */
	for (size_t i = 0; i < fact->count && sts->mx_count < MH_STS_NAMES_MAX; i++) {
		size_t len = mh_rr_name(fact, i, name, NULL);
		char *kept = mh_arena_alloc(pass->arena, len + 1);
		if (kept == NULL) {
			pass->error = MH_ERR_ENOMEM;
			return false;
		}
		memcpy(kept, name, len);
		sts->mx[sts->mx_count++] = mh_str_n(kept, len);
	}
	return true;
}

/* read_record - false: wait */
static bool
read_record(struct mh_pass *pass, struct mh_tls_sts *sts)
{
	static const struct mh_sts_notes none = { NULL, { "", 0 } };
	struct mh_str name = canonical(pass, "_mta-sts.", sts->domain);
	if (name.len == 0) { /* too long: no such name can be */
		sts->state = MH_TLS_STS_NONE;
		return pass->error == 0;
	}
	const struct mh_fact *fact = mh_want(pass, name, MH_RR_TXT);
	if (fact == NULL)
		return false;
	if (fact->state == MH_FACT_UNKNOWN) {
		sts->state = MH_TLS_STS_UNKNOWN;
		sts->why = fact->why;
		return true;
	}
	sts->txt = mh_arena_alloc(pass->arena, (fact->count + 1) * sizeof(*sts->txt));
	if (sts->txt == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return false;
	}
	for (size_t i = 0; i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, pass->arena);
		if (text.p != NULL)
			sts->txt[sts->txt_count++] = text;
		else if (text.len == 0)
			pass->error = MH_ERR_ENOMEM; /* else it is not well formed, and none of ours */
	}
	if (mh_sts_record_read(pass->arena, sts->txt, sts->txt_count, &none, &sts->record) != MH_ERR_OK)
		pass->error = MH_ERR_ENOMEM;
	if (!sts->record.is_valid)
		sts->state = sts->record.count == 0 ? MH_TLS_STS_NONE : MH_TLS_STS_BAD_RECORD;
	return true;
}

/* fetch_policy - false: wait, or no memory */
static bool
fetch_policy(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_sts *sts)
{
	if (!mh_fetch_run(&sts->fetch, check, pass))
		return false;
	if (sts->fetch.state == MH_FETCH_UNKNOWN) {
		sts->state = MH_TLS_STS_UNKNOWN;
		sts->why = sts->fetch.why;
	} else if (sts->fetch.state == MH_FETCH_FAILED) {
		sts->state = MH_TLS_STS_NOT_FETCHED;
	}
	return true;
}

bool
mh_tls_sts_read(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_sts *sts)
{
	static const struct mh_sts_notes none = { NULL, { "", 0 } };
	*sts = (struct mh_tls_sts){ .domain = check->domain };
	mh_fetch_init(&sts->fetch, MH_STR(""), MH_STR(MH_STS_PATH));
	sts->record.text = sts->record.id = MH_STR("");
	if (check->domain.len == 0 && check->policy.len == 0)
		return true;
	bool has_mx = check->domain.len == 0 || read_mx(pass, sts);
	sts->state = MH_TLS_STS_POLICY;
	sts->fetch.body = check->policy;
	if (check->policy.len == 0) {
		sts->fetch.host = canonical(pass, "mta-sts.", sts->domain);
		if (!read_record(pass, sts))
			return false;
		if (sts->state == MH_TLS_STS_POLICY && !fetch_policy(check, pass, sts))
			return false;
	}
	if (sts->state == MH_TLS_STS_POLICY &&
	    mh_sts_policy_read(pass->arena, sts->fetch.body, &none, &sts->policy) != MH_ERR_OK)
		pass->error = MH_ERR_ENOMEM;
	if (sts->state == MH_TLS_STS_POLICY && !sts->policy.is_valid)
		sts->state = MH_TLS_STS_BAD_POLICY;
	return has_mx && pass->error == 0;
}

void
mh_tls_sts_free(struct mh_tls_sts *sts)
{
	mh_fetch_free(&sts->fetch);
}

/* ------------------------------------------------------------------ judging */

/* tls_result - what the TLS of an endpoint came to, in the words of RFC 8460 4.3; NULL: not known */
static const char *
tls_result(const struct mh_tls_end *end)
{
	const struct mh_tls_words *words = mh_tls_words(end->cause);
	if (end->cause == MH_F_TLS_TLS13_INTOLERANT || end->cause == MH_F_TLS_SLOW_HANDSHAKE)
		words = NULL; /* it goes, in its way */
	if (words != NULL && words->result[0] != '\0')
		return words->result;
	if (end->cause != 0 && end->chains_count == 0)
		return end->looks.first != NULL && end->looks.first->phase >= MH_SEEN_START
		    ? "validation-failure"
		    : NULL;
	for (unsigned i = 0; i < end->chains_count; i++) {
		const struct mh_judgement *j = &end->chains[i].judgement;
		if (j->result[0] != '\0')
			return j->result;
		if (!j->is_trust_known)
			return NULL;
	}
	return end->chains_count > 0 ? "" : NULL;
}

const char *
mh_tls_sts_of(const struct mh_tls_sts *sts, const struct mh_tls_end *end, bool *is_refused, bool *is_listed)
{
	struct mh_str name = end->host->name;
	*is_refused = false;
	*is_listed = sts->state == MH_TLS_STS_POLICY && mh_sts_lists(&sts->policy, name);
	if (sts->state != MH_TLS_STS_POLICY || sts->policy.mode == MH_STS_NONE || name.len == 0)
		return "unknown";
	const char *result = tls_result(end);
	if (result == NULL && *is_listed)
		return "unknown";
	int tls = mh_sts_result_of(mh_str_z(result != NULL ? result : ""));
	return mh_sts_result_name((int)mh_sts_apply(&sts->policy, name,
	    tls < 0 ? MH_STS_VALIDATION_FAILURE : (enum mh_sts_result)tls, is_refused));
}

uint8_t
mh_tls_sts_lets(const struct mh_tls_sts *sts, const struct mh_tls_end *end)
{
	bool is_refused, is_listed;
	const char *result = mh_tls_sts_of(sts, end, &is_refused, &is_listed);
	if (sts->state == MH_TLS_STS_OFF || sts->state == MH_TLS_STS_UNKNOWN)
		return MH_TRI_UNKNOWN;
	if (sts->state != MH_TLS_STS_POLICY || sts->policy.mode != MH_STS_ENFORCE)
		return MH_TRI_YES;
	return is_refused ? MH_TRI_NO : strcmp(result, "unknown") == 0 ? MH_TRI_UNKNOWN : MH_TRI_YES;
}

/* ----------------------------------------------------------------- findings */

static void
add(struct mh_tls_teller *teller, int number, struct mh_str subject, struct mh_str evidence,
    const struct mh_tls_sts *sts, int severity)
{
	const char *word = mh_fetch_step_word(sts->fetch.step);
	const struct mh_finding_arg step = { "step", mh_str_z(word), 0 };
	struct mh_finding_more more = { .check = "mta-sts",
		.severity = severity,
		.detail = mh_buf_str(&teller->detail),
		.args = &step,
		.args_count = word[0] != '\0' };
	if (teller->detail.bad ||
	    mh_report_add_more(teller->report, number, subject, evidence, -1, -1, &more) != 0)
		teller->is_bad = true;
	mh_buf_reset(&teller->detail);
}

/* add_fetch - why the policy could not be had */
static void
add_fetch(struct mh_tls_teller *teller, const struct mh_tls_sts *sts)
{
	int number = MH_F_STS_POLICY_UNREACHABLE;
	struct mh_str evidence = MH_STR("");

	switch (sts->fetch.step) {
	case MH_FETCH_AT_CERTIFICATE:
		number = MH_F_STS_POLICY_CERTIFICATE;
		break;
	case MH_FETCH_AT_REDIRECT:
		number = MH_F_STS_POLICY_REDIRECT;
		evidence = sts->fetch.location;
		break;
	case MH_FETCH_AT_STATUS:
		evidence = sts->fetch.body;
		break;
	default:
		break;
	}
	mh_fetch_put_why(&teller->detail, &sts->fetch, "senders");
	if (sts->fetch.step == MH_FETCH_AT_STATUS && (sts->fetch.status == 403 || sts->fetch.status == 404))
		mh_buf_puts(&teller->detail, " Many web servers keep back folders that begin with a dot.");
	add(teller, number, sts->fetch.host, evidence, sts, 0);
}

/* is_text_plain - the media type, with parameters or without (RFC 9110 8.3.1) */
static bool
is_text_plain(struct mh_str type)
{
	struct mh_cur cur = mh_cur_of(type.p, type.len);
	return mh_str_ieq(mh_str_trim(mh_cur_until(&cur, ";")), MH_STR("text/plain"));
}

void
mh_tls_sts_add(struct mh_tls_teller *teller, const struct mh_tls_check *check, struct mh_pass *view,
    const struct mh_tls_sts *sts)
{
	const struct mh_sts_notes notes = { teller->report, sts->domain };
	struct mh_sts_record record;
	struct mh_sts_policy policy;
	int error = MH_ERR_OK;
	if (sts->state == MH_TLS_STS_OFF)
		return;
	if (sts->state == MH_TLS_STS_UNKNOWN) {
		struct mh_finding_more more = { .check = "mta-sts", .is_unknown = true };
		struct mh_str asked =
		    sts->record.is_valid ? sts->fetch.host : canonical(view, "_mta-sts.", sts->domain);
		bool is_fetch = sts->record.is_valid && sts->fetch.step != MH_FETCH_AT_DNS;
		more.detail = mh_str_z(mh_why_text(sts->why));
		if (mh_report_add_more(teller->report, is_fetch ? MH_F_HTTPS_UNKNOWN : MH_F_DNS_UNKNOWN,
			asked, MH_STR(""), -1, -1, &more) != 0 ||
		    asked.len == 0)
			teller->is_bad = true;
	}
	if (check->policy.len == 0 && (sts->state != MH_TLS_STS_UNKNOWN || sts->record.is_valid))
		error = mh_sts_record_read(view->arena, sts->txt, sts->txt_count, &notes, &record);
	if (sts->state == MH_TLS_STS_NOT_FETCHED)
		add_fetch(teller, sts);
	if (sts->fetch.state == MH_FETCH_DONE && check->policy.len == 0 &&
	    !is_text_plain(sts->fetch.content_type)) {
		if (sts->fetch.content_type.len == 0)
			mh_buf_puts(&teller->detail,
			    "The answer does not say what it is: it has no Content-Type.");
		add(teller, MH_F_STS_POLICY_CONTENT_TYPE, sts->fetch.host, sts->fetch.content_type, sts, 0);
	}
	if (error == MH_ERR_OK && (sts->state == MH_TLS_STS_POLICY || sts->state == MH_TLS_STS_BAD_POLICY))
		error = mh_sts_policy_read(view->arena, sts->fetch.body, &notes, &policy);
	if (error == MH_ERR_OK && sts->state == MH_TLS_STS_POLICY)
		error = mh_sts_lint(view->arena, &sts->policy, sts->mx, sts->mx_count, &notes);
	teller->is_bad = teller->is_bad || error != MH_ERR_OK;
}

void
mh_tls_sts_add_end(struct mh_tls_teller *teller, const struct mh_tls_sts *sts)
{
	bool is_refused, is_listed;
	const char *result = mh_tls_sts_of(sts, teller->end, &is_refused, &is_listed);
	if (sts->state != MH_TLS_STS_POLICY || strcmp(result, "unknown") == 0 || result[0] == '\0')
		return;
	struct mh_buf *out = &teller->detail;
	if (!is_listed) {
		/* Of a domain whose MX hosts are known, the policy has been held against them all already. */
		if (sts->mx_count > 0)
			return;
		mh_buf_puts(out, "The line that is missing: mx: ");
		mh_buf_putstr(out, teller->end->host->name);
		add(teller, MH_F_STS_MX_NOT_LISTED, teller->subject, teller->end->host->name, sts,
		    is_refused ? MH_SEV_FAIL : MH_SEV_WARN);
		return;
	}
	mh_buf_puts(out,
	    is_refused ? "Senders with MTA-STS do not deliver here, and report "
		       : "The policy is in testing: senders deliver all the same, and report ");
	mh_buf_puts(out, result);
	mh_buf_putc(out, '.');
	add(teller, MH_F_STS_MX_FAILS, teller->subject, mh_str_z(result), sts,
	    is_refused ? MH_SEV_FAIL : MH_SEV_WARN);
}

/* --------------------------------------------------------------------- JSON */

/* result_of - of record and policy alone, in the words of RFC 8460 4.3 */
static const char *
result_of(const struct mh_tls_sts *sts)
{
	if (sts->state == MH_TLS_STS_BAD_POLICY)
		return "sts-policy-invalid";
	if (sts->state != MH_TLS_STS_NOT_FETCHED)
		return "";
	return sts->fetch.step == MH_FETCH_AT_CERTIFICATE ? "sts-webpki-invalid" : "sts-policy-fetch-error";
}

void
mh_tls_sts_json(struct mh_json *json, const struct mh_tls_sts *sts)
{
	static const char *const states[] = { "", "unknown", "none", "bad-record", "not-fetched",
		"bad-policy", "policy" };
	char ip[MH_IP_TEXT_MAX];
	mh_json_key(json, "mta_sts");
	if (sts->state == MH_TLS_STS_OFF) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	mh_json_put_str(json, "domain", sts->domain);
	mh_json_put_str(json, "state", mh_str_z(states[sts->state]));
	mh_json_put_str(json, "record", sts->record.text);
	mh_json_put_str(json, "id", sts->record.id);
	mh_json_put_str(json, "policy",
	    sts->state == MH_TLS_STS_POLICY || sts->state == MH_TLS_STS_BAD_POLICY ? sts->fetch.body
										   : MH_STR(""));
	mh_json_put_str(json, "policy_host", sts->fetch.host);
	if (sts->fetch.has_seen)
		mh_ip_print(&sts->fetch.ip, ip);
	mh_json_put_str(json, "policy_ip", sts->fetch.has_seen ? mh_str_z(ip) : MH_STR(""));
	mh_json_put_str(json, "failed_at", mh_str_z(mh_fetch_step_word(sts->fetch.step)));
	mh_json_put_str(json, "http", mh_str_z(sts->fetch.http));
	mh_json_key(json, "status");
	mh_json_int_or_null(json, sts->fetch.status > 0 ? sts->fetch.status : -1);
	mh_json_put_str(json, "content_type", sts->fetch.content_type);
	mh_json_put_str(json, "location", sts->fetch.location);
	mh_json_put_str(json, "rfc8460", mh_str_z(result_of(sts)));
	mh_json_put_str(json, "mode",
	    mh_str_z(sts->state == MH_TLS_STS_POLICY ? mh_sts_mode_name((int)sts->policy.mode) : ""));
	mh_json_key(json, "max_age");
	mh_json_int_or_null(json, sts->state == MH_TLS_STS_POLICY ? sts->policy.max_age : -1);
	mh_json_key(json, "mx");
	mh_json_open(json, '[');
	for (size_t i = 0; sts->state == MH_TLS_STS_POLICY && i < sts->policy.mx_count; i++)
		mh_json_str(json, sts->policy.mx[i].value);
	mh_json_close(json, ']');
	mh_json_close(json, '}');
}
