/* fetch.c - one file by HTTPS, as a check sees it; see fetch.h */
#include "fetch.h"

#include "error.h"
#include "hostname.h"
#include "http.h"
#include "port.h"
#include "tls_check.h"
#include "tls_report.h"
#include "tls_words.h"

#define ADDRESSES_MAX 4 /* of the host that are tried */
#define SPEC_MAX 2048

const char *
mh_fetch_step_word(int step)
{
	static const char *const words[] = {
#define X(name, word) word,
		MH_FETCH_STEPS(X)
#undef X
	};
	return step >= 0 && step < (int)MH_COUNT(words) ? words[step] : "";
}

void
mh_fetch_init(struct mh_fetch *fetch, struct mh_str host, struct mh_str target)
{
	*fetch = (struct mh_fetch){ .host = host, .target = target, .port = 443, .http = "" };
	fetch->step = MH_FETCH_AT_FETCHED;
	fetch->content_type = fetch->location = fetch->body = MH_STR("");
}

bool
mh_fetch_is_short(struct mh_str host, struct mh_str target)
{
	size_t room = host.len;
	for (size_t i = 0; i < target.len && room < SPEC_MAX; i++) {
		unsigned char c = (unsigned char)target.p[i];
		room += c > ' ' && c < 0x7f && c != '%' && c != '&' && c != '\\' ? 1 : 3;
	}
	return room < SPEC_MAX - 256;
}

void
mh_fetch_free(struct mh_fetch *fetch)
{
	mh_certs_free(fetch->chain);
	fetch->chain = NULL;
}

/* addresses - of the host that may be connected to; -1: wait */
static int
addresses(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_fetch *fetch, struct mh_ip *ips)
{
	static const int types[] = { MH_RR_A, MH_RR_AAAA };
	int count = 0, hidden = 0, examples = 0;
	bool is_waiting = false;
	for (size_t k = 0; k < MH_COUNT(types); k++) {
		const struct mh_fact *fact = mh_want(pass, fetch->host, types[k]);
		is_waiting = is_waiting || fact == NULL;
		if (fact != NULL && fact->state == MH_FACT_UNKNOWN)
			fetch->why = fact->why;
		for (size_t i = 0; fact != NULL && i < fact->count && count < ADDRESSES_MAX; i++) {
			if (!mh_rr_ip(fact, i, &ips[count]))
				continue;
			if (check->allows_private || mh_ip_is_public(&ips[count]))
				count++;
			else if (mh_host_ip_is_public(&ips[count]))
				examples++;
			else
				hidden++;
		}
	}
	if (is_waiting)
		return -1;
	if (count == 0 && examples > 0 && fetch->why == MH_WHY_NONE) {
		/* They stand for real ones: that nobody is there says nothing about the domain. */
		fetch->why = MH_WHY_EXAMPLE;
		fetch->step = MH_FETCH_AT_CONNECT;
		fetch->state = MH_FETCH_UNKNOWN;
	} else if (count == 0) {
		bool is_known = fetch->why == MH_WHY_NONE;
		fetch->step = hidden > 0 && is_known ? MH_FETCH_AT_PRIVATE : MH_FETCH_AT_DNS;
		fetch->state = is_known ? MH_FETCH_FAILED : MH_FETCH_UNKNOWN;
	}
	return count;
}

/* look - one GET, which is seen if it could be made; NULL: wait, or no memory */
static const struct mh_fact *
look(const struct mh_tls_check *check, struct mh_pass *pass, const struct mh_ip *ip, struct mh_fetch *fetch)
{
	int64_t limit_ms = pass->work->limit_ms > 0 ? pass->work->limit_ms : MH_TLS_TIME_LIMIT_MS;
	uint32_t wait_ms = (uint32_t)(limit_ms / 4 < 10000 ? limit_ms / 4 : 10000);
	struct mh_stream_spec spec = { .dialect = MH_DIALECT_HTTPS,
		.start = MH_START_TLS,
		.how = MH_HOW_GET,
		.ip = *ip,
		.port = fetch->port == 443 && check->https_port > 0 ? check->https_port : fetch->port,
		.sni = fetch->host,
		.name = MH_STR(""),
		.path = MH_STR(""),
		.target = fetch->target,
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
		mh_seen_read(fact, &spec, &fetch->seen);
		fetch->ip = *ip;
		fetch->has_seen = true;
	}
	return fact;
}

/* take_answer - status, fields and body out of a capture */
static void
take_answer(struct mh_pass *pass, const struct mh_fact *fact, struct mh_fetch *fetch)
{
	struct mh_stream_event event;
	size_t octets = 0;
	fetch->http = "";
	for (size_t i = 0; mh_event_at(fact, i, &event); i++) {
		if (event.kind == MH_EVENT_BODY)
			octets += event.octets.len;
		else if (event.kind == MH_EVENT_LINE && mh_str_istarts(event.octets, MH_STR("HTTP ")))
			fetch->status =
			    (int)mh_str_int(mh_str_n(event.octets.p + 5, event.octets.len - 5), 999);
		else if (event.kind == MH_EVENT_LINE && mh_str_istarts(event.octets, MH_STR("content-type:")))
			fetch->content_type =
			    mh_str_trim(mh_str_n(event.octets.p + 13, event.octets.len - 13));
		else if (event.kind == MH_EVENT_LINE && mh_str_istarts(event.octets, MH_STR("location:")))
			fetch->location = mh_str_trim(mh_str_n(event.octets.p + 9, event.octets.len - 9));
	}
	char *body = mh_arena_alloc(pass->arena, octets + 1);
	if (body == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return;
	}
	fetch->body = mh_str_n(body, octets);
	for (size_t i = 0; mh_event_at(fact, i, &event); i++) {
		if (event.kind != MH_EVENT_BODY)
			continue;
		memcpy(body, event.octets.p, event.octets.len);
		body += event.octets.len;
	}
}

/* judge_host - the certificate of the host; false: no memory */
static bool
judge_host(const struct mh_tls_check *check, struct mh_fetch *fetch)
{
	fetch->chain = mh_tls_read_chain(check, &fetch->seen);
	if (fetch->chain == NULL)
		return false;
	if (!mh_certs_judge(fetch->chain, check->anchors, fetch->host, check->now, MH_STR(""),
		&fetch->judgement))
		return false;
	return true;
}

/* step_of - where the connection ended, and what it means */
static void
step_of(struct mh_fetch *fetch)
{
	const struct mh_seen *seen = &fetch->seen;
	const struct mh_judgement *j = &fetch->judgement;
	fetch->state = MH_FETCH_FAILED;
	if (seen->phase == MH_SEEN_CONNECT) {
		fetch->step = MH_FETCH_AT_CONNECT;
		/* What keeps us from connecting is not that host's fault. */
		if (mh_seen_is_our_network(seen)) {
			fetch->state = MH_FETCH_UNKNOWN;
			fetch->why = MH_WHY_NETWORK;
		}
	} else if (!seen->secured) {
		bool is_trust =
		    seen->end == MH_EVENT_GARBLED && mh_str_eq(seen->end_text, MH_STR("certificate"));
		fetch->step = is_trust ? MH_FETCH_AT_CERTIFICATE : MH_FETCH_AT_HANDSHAKE;
	} else if (seen->certificate.len > 0 &&
	    (!j->is_readable || j->is_expired || j->is_early || !j->name_matches || j->is_self_signed ||
		(j->is_trust_known && !j->is_trusted))) {
		fetch->step = MH_FETCH_AT_CERTIFICATE;
	} else if (seen->end != MH_EVENT_DONE) {
		fetch->step = MH_FETCH_AT_HTTP;
		fetch->http = "";
		for (int i = 1; seen->end == MH_EVENT_GARBLED && mh_http_word(i)[0] != '\0'; i++)
			if (mh_str_eq(seen->end_text, mh_str_z(mh_http_word(i))))
				fetch->http = mh_http_word(i);
	} else if (fetch->status >= 300 && fetch->status < 400) {
		fetch->step = MH_FETCH_AT_REDIRECT;
	} else if (fetch->status != 200) {
		fetch->step = MH_FETCH_AT_STATUS;
	} else {
		fetch->step = MH_FETCH_AT_FETCHED;
		fetch->state = MH_FETCH_DONE;
	}
}

bool
mh_fetch_run(struct mh_fetch *fetch, const struct mh_tls_check *check, struct mh_pass *pass)
{
	struct mh_ip ips[ADDRESSES_MAX];
	int count = addresses(check, pass, fetch, ips), not_tried = MH_WHY_NONE, not_asked = fetch->why;
	if (count <= 0)
		return count == 0;
	for (int i = 0; i < count; i++) {
		const struct mh_fact *fact = look(check, pass, &ips[i], fetch);
		if (fact == NULL)
			return false;
		if (!mh_fact_is_present(fact)) {
			not_tried = fact->why;
			continue;
		}
		take_answer(pass, fact, fetch);
		if (fetch->seen.certificate.len > 0 && check->ossl != NULL && !judge_host(check, fetch)) {
			pass->error = MH_ERR_ENOMEM;
			return false;
		}
		step_of(fetch);
		if (fetch->step != MH_FETCH_AT_CONNECT)
			return true;
		if (fetch->state == MH_FETCH_UNKNOWN)
			not_tried = fetch->why;
	}
	/* Behind an address that could not be tried, or not be asked for, the file may be. */
	if (not_tried != MH_WHY_NONE || not_asked != MH_WHY_NONE) {
		fetch->state = MH_FETCH_UNKNOWN;
		fetch->why = not_tried != MH_WHY_NONE ? not_tried : not_asked;
		if (not_tried == MH_WHY_NONE)
			fetch->step = MH_FETCH_AT_DNS;
	}
	return true;
}

/* -------------------------------------------------------------------- words */

void
mh_fetch_put_certificate(struct mh_buf *out, const struct mh_fetch *fetch)
{
	const struct mh_judgement *j = &fetch->judgement;
	const struct mh_cert *leaf = fetch->chain != NULL ? mh_certs_at(fetch->chain, 0) : NULL;
	if (leaf == NULL) {
		mh_buf_puts(out,
		    fetch->seen.secured ? "It cannot be read."
					: "The client that fetched it does not trust it.");
	} else if (j->is_expired || j->is_early) {
		mh_buf_puts(out, j->is_expired ? "It expired on " : "Its first day is ");
		mh_put_date(out, j->is_expired ? leaf->not_after : leaf->not_before);
		mh_buf_putc(out, '.');
	} else if (!j->name_matches) {
		mh_buf_puts(out, "It is for ");
		mh_buf_putstr(out, leaf->names_count > 0 ? leaf->names[0] : leaf->subject);
		mh_buf_puts(out, ", and not for ");
		mh_buf_putstr(out, fetch->host);
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

/* put_ip - at which address */
static void
put_ip(struct mh_buf *out, const struct mh_fetch *fetch)
{
	char ip[MH_IP_TEXT_MAX];
	mh_ip_print(&fetch->ip, ip);
	mh_buf_puts(out, " (");
	mh_buf_puts(out, ip);
	mh_buf_puts(out, ").");
}

void
mh_fetch_put_why(struct mh_buf *out, const struct mh_fetch *fetch, const char *who)
{
	switch (fetch->step) {
	case MH_FETCH_AT_DNS:
		mh_buf_puts(out, "The name has neither an A nor an AAAA record.");
		break;
	case MH_FETCH_AT_PRIVATE:
		mh_buf_puts(out, "Its addresses are private or local, and ");
		mh_buf_puts(out, who);
		mh_buf_puts(out, " cannot reach them.");
		break;
	case MH_FETCH_AT_CONNECT:
	case MH_FETCH_AT_HANDSHAKE:
		mh_tls_put_end(out, &fetch->seen);
		put_ip(out, fetch);
		break;
	case MH_FETCH_AT_CERTIFICATE:
		mh_fetch_put_certificate(out, fetch);
		break;
	case MH_FETCH_AT_HTTP:
		for (int i = 1; fetch->http[0] != '\0' && mh_http_word(i)[0] != '\0'; i++)
			if (strcmp(mh_http_word(i), fetch->http) == 0)
				mh_buf_puts(out, mh_http_text(i));
		if (fetch->http[0] == '\0')
			mh_tls_put_end(out, &fetch->seen);
		put_ip(out, fetch);
		break;
	case MH_FETCH_AT_REDIRECT:
		mh_buf_puts(out, "Status ");
		mh_buf_putint(out, fetch->status);
		mh_buf_puts(out, fetch->location.len > 0 ? " leads to " : " does not say where to.");
		mh_printable(out, fetch->location, 300);
		break;
	default:
		mh_buf_puts(out, "The server answers with status ");
		mh_buf_putint(out, fetch->status);
		mh_buf_putc(out, '.');
		break;
	}
}
