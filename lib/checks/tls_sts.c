/* tls_sts.c - MTA-STS in the check "tls": asked, fetched, and held against the host
 *
 * The policy host may have several addresses; the next one is tried only while
 * there is no connection.  Addresses where a stranger's name must not lead
 * (mh_ip_is_public) are not connected to, unless the job says so.
 */
#include "tls_sts.h"

#include "alabel.h"
#include "error.h"
#include "http.h"
#include "port.h"
#include "tls_report.h"
#include "tls_words.h"

#define ADDRESSES_MAX 4 /* of the policy host that are tried */
#define SPEC_MAX 2048
#define CHAIN_MAX MH_CERTS_MAX

static const char *const steps[] = {
#define X(name, word) word,
	MH_TLS_STS_STEPS(X)
#undef X
};

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

/* addresses - of the policy host that may be connected to; -1: wait */
static int
addresses(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_sts *sts, struct mh_ip *ips)
{
	static const int types[] = { MH_RR_A, MH_RR_AAAA };
	struct mh_str name = canonical(pass, "", sts->host);
	int count = 0, hidden = 0;
	bool is_waiting = false;
	for (size_t k = 0; k < MH_COUNT(types); k++) {
		const struct mh_fact *fact = mh_want(pass, name, types[k]);
		is_waiting = is_waiting || fact == NULL;
		if (fact != NULL && fact->state == MH_FACT_UNKNOWN)
			sts->why = fact->why;
		for (size_t i = 0; fact != NULL && i < fact->count && count < ADDRESSES_MAX; i++) {
			if (!mh_rr_ip(fact, i, &ips[count]))
				continue;
			if (check->allows_private || mh_ip_is_public(&ips[count]))
				count++;
			else
				hidden++;
		}
	}
	if (count == 0 && !is_waiting) {
		bool is_known = sts->why == MH_WHY_NONE;
		sts->step = hidden > 0 && is_known ? MH_TLS_STS_AT_PRIVATE : MH_TLS_STS_AT_DNS;
		sts->state = is_known ? MH_TLS_STS_NOT_FETCHED : MH_TLS_STS_UNKNOWN;
	}
	return is_waiting ? -1 : count;
}

/* ----------------------------------------------------------------- fetching */

/* look - one GET, which is seen if it could be made; NULL: wait, or no memory */
static const struct mh_fact *
look(const struct mh_tls_check *check, struct mh_pass *pass, const struct mh_ip *ip, struct mh_tls_sts *sts)
{
	int64_t limit_ms = pass->work->limit_ms > 0 ? pass->work->limit_ms : MH_TLS_TIME_LIMIT_MS;
	uint32_t wait_ms = (uint32_t)(limit_ms / 4 < 10000 ? limit_ms / 4 : 10000);
	struct mh_stream_spec spec = { .dialect = MH_DIALECT_HTTPS,
		.start = MH_START_TLS,
		.how = MH_HOW_GET,
		.ip = *ip,
		.port = check->https_port > 0 ? check->https_port : 443,
		.sni = sts->host,
		.name = MH_STR(""),
		.path = MH_STR(""),
		.target = MH_STR(MH_STS_PATH),
		.wait_ms = { wait_ms / 2, wait_ms, wait_ms, wait_ms } };
	struct mh_buf name;
	mh_buf_init(&name, &pass->work->mem, SPEC_MAX);
	mh_stream_spec_write(&name, &spec);
	const struct mh_fact *fact =
	    name.bad ? NULL : mh_want(pass, mh_str_n(name.p, name.len), MH_RR_STREAM);
	if (name.bad)
		pass->error = MH_ERR_ENOMEM;
	mh_buf_free(&name);
	if (fact != NULL && mh_fact_is_present(fact)) {
		mh_seen_read(fact, &spec, &sts->seen);
		sts->ip = *ip;
		sts->has_seen = true;
	}
	return fact;
}

/* take_answer - status, fields and body out of a capture */
static void
take_answer(struct mh_pass *pass, const struct mh_fact *fact, struct mh_tls_sts *sts)
{
	struct mh_stream_event event;
	size_t octets = 0;
	sts->http = "";
	for (size_t i = 0; mh_event_at(fact, i, &event); i++) {
		if (event.kind == MH_EVENT_BODY)
			octets += event.octets.len;
		else if (event.kind == MH_EVENT_LINE && mh_str_istarts(event.octets, MH_STR("HTTP ")))
			sts->status =
			    (int)mh_str_int(mh_str_n(event.octets.p + 5, event.octets.len - 5), 999);
		else if (event.kind == MH_EVENT_LINE && mh_str_istarts(event.octets, MH_STR("content-type:")))
			sts->content_type = mh_str_trim(mh_str_n(event.octets.p + 13, event.octets.len - 13));
		else if (event.kind == MH_EVENT_LINE && mh_str_istarts(event.octets, MH_STR("location:")))
			sts->location = mh_str_trim(mh_str_n(event.octets.p + 9, event.octets.len - 9));
	}
	char *body = mh_arena_alloc(pass->arena, octets + 1);
	if (body == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return;
	}
	sts->body = mh_str_n(body, octets);
	for (size_t i = 0; mh_event_at(fact, i, &event); i++) {
		if (event.kind != MH_EVENT_BODY)
			continue;
		memcpy(body, event.octets.p, event.octets.len);
		body += event.octets.len;
	}
}

/* judge_host - the certificate of the policy host (RFC 8461 3.3); false: no memory */
static bool
judge_host(const struct mh_tls_check *check, struct mh_tls_sts *sts)
{
	sts->chain = mh_tls_read_chain(check, &sts->seen);
	if (sts->chain == NULL)
		return false;
	if (!mh_certs_judge(sts->chain, check->anchors, sts->host, check->now, MH_STR(""), &sts->judgement))
		return false;
	return true;
}

/* step_of - where the connection ended, and what it means */
static void
step_of(struct mh_tls_sts *sts)
{
	const struct mh_seen *seen = &sts->seen;
	const struct mh_judgement *j = &sts->judgement;
	sts->state = MH_TLS_STS_NOT_FETCHED;
	if (seen->phase == MH_SEEN_CONNECT) {
		sts->step = MH_TLS_STS_AT_CONNECT;
		/* What keeps us from connecting is not the policy host's fault. */
		if (mh_seen_is_our_network(seen)) {
			sts->state = MH_TLS_STS_UNKNOWN;
			sts->why = MH_WHY_NETWORK;
		}
	} else if (!seen->secured) {
		bool is_trust =
		    seen->end == MH_EVENT_GARBLED && mh_str_eq(seen->end_text, MH_STR("certificate"));
		sts->step = is_trust ? MH_TLS_STS_AT_CERTIFICATE : MH_TLS_STS_AT_HANDSHAKE;
	} else if (seen->certificate.len > 0 &&
	    (!j->is_readable || j->is_expired || j->is_early || !j->name_matches || j->is_self_signed ||
		(j->is_trust_known && !j->is_trusted))) {
		sts->step = MH_TLS_STS_AT_CERTIFICATE;
	} else if (seen->end != MH_EVENT_DONE) {
		sts->step = MH_TLS_STS_AT_HTTP;
		sts->http = "";
		for (int i = 1; seen->end == MH_EVENT_GARBLED && mh_http_word(i)[0] != '\0'; i++)
			if (mh_str_eq(seen->end_text, mh_str_z(mh_http_word(i))))
				sts->http = mh_http_word(i);
	} else if (sts->status >= 300 && sts->status < 400) {
		sts->step = MH_TLS_STS_AT_REDIRECT;
	} else if (sts->status != 200) {
		sts->step = MH_TLS_STS_AT_STATUS;
	} else {
		sts->step = MH_TLS_STS_AT_FETCHED;
		sts->state = MH_TLS_STS_POLICY;
	}
}

/* fetch - the policy; false: wait, or no memory */
static bool
fetch(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_sts *sts)
{
	struct mh_ip ips[ADDRESSES_MAX];
	int count = addresses(check, pass, sts, ips), not_tried = MH_WHY_NONE, not_asked = sts->why;
	if (count <= 0)
		return count == 0;
	for (int i = 0; i < count; i++) {
		const struct mh_fact *fact = look(check, pass, &ips[i], sts);
		if (fact == NULL)
			return false;
		if (!mh_fact_is_present(fact)) {
			not_tried = fact->why;
			continue;
		}
		take_answer(pass, fact, sts);
		if (sts->seen.certificate.len > 0 && check->ossl != NULL && !judge_host(check, sts)) {
			pass->error = MH_ERR_ENOMEM;
			return false;
		}
		step_of(sts);
		if (sts->step != MH_TLS_STS_AT_CONNECT)
			return true;
		if (sts->state == MH_TLS_STS_UNKNOWN)
			not_tried = sts->why;
	}
	/* Behind an address that could not be tried, or not be asked for, the policy may be. */
	if (not_tried != MH_WHY_NONE || not_asked != MH_WHY_NONE) {
		sts->state = MH_TLS_STS_UNKNOWN;
		sts->why = not_tried != MH_WHY_NONE ? not_tried : not_asked;
		if (not_tried == MH_WHY_NONE)
			sts->step = MH_TLS_STS_AT_DNS;
	}
	return true;
}

bool
mh_tls_sts_read(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_sts *sts)
{
	static const struct mh_sts_notes none = { NULL, { "", 0 } };
	*sts = (struct mh_tls_sts){ .step = MH_TLS_STS_AT_FETCHED, .domain = check->domain, .http = "" };
	sts->host = sts->content_type = sts->location = sts->body = MH_STR("");
	sts->record.text = sts->record.id = MH_STR("");
	if (check->domain.len == 0 && check->policy.len == 0)
		return true;
	bool has_mx = check->domain.len == 0 || read_mx(pass, sts);
	sts->state = MH_TLS_STS_POLICY;
	sts->body = check->policy;
	if (check->policy.len == 0) {
		sts->host = canonical(pass, "mta-sts.", sts->domain);
		if (!read_record(pass, sts))
			return false;
		if (sts->state == MH_TLS_STS_POLICY && !fetch(check, pass, sts))
			return false;
	}
	if (sts->state == MH_TLS_STS_POLICY &&
	    mh_sts_policy_read(pass->arena, sts->body, &none, &sts->policy) != MH_ERR_OK)
		pass->error = MH_ERR_ENOMEM;
	if (sts->state == MH_TLS_STS_POLICY && !sts->policy.is_valid)
		sts->state = MH_TLS_STS_BAD_POLICY;
	return has_mx && pass->error == 0;
}

void
mh_tls_sts_free(struct mh_tls_sts *sts)
{
	mh_certs_free(sts->chain);
	sts->chain = NULL;
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
	const struct mh_finding_arg step = { "step", mh_str_z(steps[sts->step]), 0 };
	struct mh_finding_more more = { .check = "mta-sts",
		.severity = severity,
		.detail = mh_buf_str(&teller->detail),
		.args = &step,
		.args_count = steps[sts->step][0] != '\0' };
	if (teller->detail.bad ||
	    mh_report_add_more(teller->report, number, subject, evidence, -1, -1, &more) != 0)
		teller->is_bad = true;
	mh_buf_reset(&teller->detail);
}

/* say_certificate - what is wrong with the policy host's */
static void
say_certificate(struct mh_buf *out, const struct mh_tls_sts *sts)
{
	const struct mh_judgement *j = &sts->judgement;
	const struct mh_cert *leaf = sts->chain != NULL ? mh_certs_at(sts->chain, 0) : NULL;
	if (leaf == NULL) {
		mh_buf_puts(out,
		    sts->seen.secured ? "It cannot be read."
				      : "The client that fetched it does not trust it.");
	} else if (j->is_expired || j->is_early) {
		mh_buf_puts(out, j->is_expired ? "It expired on " : "Its first day is ");
		mh_put_date(out, j->is_expired ? leaf->not_after : leaf->not_before);
		mh_buf_putc(out, '.');
	} else if (!j->name_matches) {
		mh_buf_puts(out, "It is for ");
		mh_buf_putstr(out, leaf->names_count > 0 ? leaf->names[0] : leaf->subject);
		mh_buf_puts(out, ", and not for ");
		mh_buf_putstr(out, sts->host);
		mh_buf_putc(out, '.');
	} else if (j->is_self_signed) {
		mh_buf_puts(out, "It is signed by itself.");
	} else if (j->is_incomplete) {
		mh_buf_puts(out, "The certificate of its issuer is not sent: ");
		mh_buf_putstr(out, j->missing_issuer);
		mh_buf_putc(out, '.');
	} else {
		mh_buf_puts(out, j->error_text);
		mh_buf_putc(out, '.');
	}
}

/* say_ip - at which address */
static void
say_ip(struct mh_buf *out, const struct mh_tls_sts *sts)
{
	char ip[MH_IP_TEXT_MAX];
	mh_ip_print(&sts->ip, ip);
	mh_buf_puts(out, " (");
	mh_buf_puts(out, ip);
	mh_buf_puts(out, ")");
}

/* add_fetch - why the policy could not be had */
static void
add_fetch(struct mh_tls_teller *teller, const struct mh_tls_sts *sts)
{
	struct mh_buf *out = &teller->detail;
	int number = MH_F_STS_POLICY_UNREACHABLE;
	struct mh_str evidence = MH_STR("");
	switch (sts->step) {
	case MH_TLS_STS_AT_DNS:
		mh_buf_puts(out, "The name has neither an A nor an AAAA record.");
		break;
	case MH_TLS_STS_AT_PRIVATE:
		mh_buf_puts(out, "Its addresses are private or local, and senders cannot reach them.");
		break;
	case MH_TLS_STS_AT_CONNECT:
	case MH_TLS_STS_AT_HANDSHAKE:
		mh_tls_put_end(out, &sts->seen);
		say_ip(out, sts);
		mh_buf_putc(out, '.');
		break;
	case MH_TLS_STS_AT_CERTIFICATE:
		number = MH_F_STS_POLICY_CERTIFICATE;
		say_certificate(out, sts);
		break;
	case MH_TLS_STS_AT_HTTP:
		for (int i = 1; sts->http[0] != '\0' && mh_http_word(i)[0] != '\0'; i++)
			if (strcmp(mh_http_word(i), sts->http) == 0)
				mh_buf_puts(out, mh_http_text(i));
		if (sts->http[0] == '\0')
			mh_tls_put_end(out, &sts->seen);
		say_ip(out, sts);
		mh_buf_putc(out, '.');
		break;
	case MH_TLS_STS_AT_REDIRECT:
		number = MH_F_STS_POLICY_REDIRECT;
		mh_buf_puts(out, "Status ");
		mh_buf_putint(out, sts->status);
		mh_buf_puts(out, sts->location.len > 0 ? " leads to " : " does not say where to.");
		mh_printable(out, sts->location, 300);
		evidence = sts->location;
		break;
	default:
		number = MH_F_STS_POLICY_STATUS;
		mh_buf_puts(out, "The server answers with status ");
		mh_buf_putint(out, sts->status);
		mh_buf_putc(out, '.');
		evidence = sts->body;
		break;
	}
	add(teller, number, sts->host, evidence, sts, 0);
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
		    sts->record.is_valid ? sts->host : canonical(view, "_mta-sts.", sts->domain);
		bool is_stream = sts->record.is_valid && sts->step != MH_TLS_STS_AT_DNS;
		more.detail = mh_str_z(mh_why_text(sts->why));
		if (mh_report_add_more(teller->report, is_stream ? MH_F_STREAM_UNKNOWN : MH_F_DNS_UNKNOWN,
			asked, MH_STR(""), -1, -1, &more) != 0 ||
		    asked.len == 0)
			teller->is_bad = true;
	}
	if (check->policy.len == 0 && (sts->state != MH_TLS_STS_UNKNOWN || sts->record.is_valid))
		error = mh_sts_record_read(view->arena, sts->txt, sts->txt_count, &notes, &record);
	if (sts->state == MH_TLS_STS_NOT_FETCHED)
		add_fetch(teller, sts);
	if (sts->content_type.len > 0 && sts->step == MH_TLS_STS_AT_FETCHED && check->policy.len == 0 &&
	    !is_text_plain(sts->content_type))
		add(teller, MH_F_STS_POLICY_CONTENT_TYPE, sts->host, sts->content_type, sts, 0);
	if (error == MH_ERR_OK && (sts->state == MH_TLS_STS_POLICY || sts->state == MH_TLS_STS_BAD_POLICY))
		error = mh_sts_policy_read(view->arena, sts->body, &notes, &policy);
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
	return sts->step == MH_TLS_STS_AT_CERTIFICATE ? "sts-webpki-invalid" : "sts-policy-fetch-error";
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
	mh_json_put_str(json, "policy_host", sts->host);
	if (sts->has_seen)
		mh_ip_print(&sts->ip, ip);
	mh_json_put_str(json, "policy_ip", sts->has_seen ? mh_str_z(ip) : MH_STR(""));
	mh_json_put_str(json, "failed_at", mh_str_z(steps[sts->step]));
	mh_json_put_str(json, "http", mh_str_z(sts->http));
	mh_json_key(json, "status");
	mh_json_int_or_null(json, sts->status > 0 ? sts->status : -1);
	mh_json_put_str(json, "content_type", sts->content_type);
	mh_json_put_str(json, "location", sts->location);
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
