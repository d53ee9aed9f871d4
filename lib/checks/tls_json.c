/* tls_json.c - what is known of each endpoint, as JSON: members "checks" and "results" of the document */
#include "tls_report.h"

#include "port.h"
#include "tls_identity.h"
#include "tls_senders.h"
#include "tls_words.h"

static const char *const tri[] = { "unknown", "yes", "no" };

/* ------------------------------------------------------------------ versions */

static void
put_versions(struct mh_json *json, const struct mh_tls_end *end)
{
	static const char *const names[] = { "ssl2", "ssl3", "tls1.0", "tls1.1", "tls1.2", "tls1.3" };
	mh_json_key(json, "versions");
	mh_json_open(json, '{');
	for (int i = 5; i >= 0; i--)
		mh_json_put_strz(json, names[i], tri[end->versions[i]]);
	mh_json_close(json, '}');
	mh_json_key(json, "suites");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < end->accepted_count; i++) {
		char room[MH_TLS_NAME_ROOM];
		mh_json_open(json, '{');
		mh_json_put_strz(json, "version", names[end->accepted_version[i]]);
		mh_json_put_strz(json, "suite", mh_tls_suite_name(end->accepted[i], room));
		mh_json_put_int(json, "number", end->accepted[i]);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
	mh_json_key(json, "groups");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < end->groups_count; i++) {
		char room[MH_TLS_NAME_ROOM];
		mh_json_strz(json, mh_tls_group_name(end->groups[i], room));
	}
	mh_json_close(json, ']');
	mh_json_put_bool(json, "enumerated", end->is_enumerated);
	mh_json_put_int(json, "dh_bits", end->dh_bits > 0 ? end->dh_bits : -1);
	mh_json_put_strz(json, "post_quantum", tri[end->pq]);
	mh_json_put_int(json, "largest_hello_taken", end->hello_limit > 0 ? end->hello_limit : -1);
	mh_json_put_int(json, "smallest_hello_refused", end->hello_fails > 0 ? end->hello_fails : -1);
}

/* --------------------------------------------------------------- certificates */

static void
put_certificate(struct mh_json *json, const struct mh_tls_chain *chain, const struct mh_mem *mem)
{
	const struct mh_cert *leaf = mh_certs_at(chain->chain, 0);
	const struct mh_judgement *j = &chain->judgement;
	mh_json_open(json, '{');
	if (leaf != NULL)
		mh_cert_json(json, leaf, &j->days_left, mem);
	mh_json_put_strz(json, "chain", mh_chain_word(j));
	mh_json_put_int(json, "certificates", mh_certs_count(chain->chain));
	mh_json_put_strz(json, "name_matches", !j->has_name ? "unknown" : j->name_matches ? "yes" : "no");
	mh_json_put_strz(json, "error", j->error_text);
	mh_json_put_strz(json, "rfc8460", j->result);
	mh_json_close(json, '}');
}

static void
put_dane(struct mh_json *json, const struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa)
{
	mh_json_key(json, "dane");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < tlsa->count; i++) {
		const struct mh_tlsa *record = &tlsa->records[i];
		const char *match = "", *state = "unknown", *why = "";
		for (unsigned k = 0; k < end->chains_count && end->chains[k].has_dane; k++) {
			const struct mh_dane_record *verdict = &end->chains[k].dane.records[i];
			if (match[0] != '\0')
				continue;
			state = mh_dane_state_name(verdict->state);
			why = mh_dane_why_name(verdict->why);
			if (verdict->state == MH_DANE_MATCH)
				match = mh_cert_key_name(mh_certs_at(end->chains[k].chain, 0)->key);
		}
		mh_json_open(json, '{');
		struct mh_buf text;
		mh_buf_init(&text, &end->check->mem, 1024);
		mh_tlsa_print(&text, record, MH_TLSA_SHORT);
		mh_json_put_str(json, "record", mh_buf_str(&text));
		json->out->bad = json->out->bad || text.bad;
		mh_buf_free(&text);
		mh_json_put_int(json, "usage", record->usage);
		mh_json_put_int(json, "selector", record->selector);
		mh_json_put_int(json, "matching", record->matching);
		mh_json_hex(json, "data", record->data.p, record->data.len, &end->check->mem);
		mh_json_put_strz(json, "state", state);
		mh_json_put_strz(json, "match", match);
		mh_json_put_strz(json, "why", why);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

/* -------------------------------------------------------------------- senders */

static void
put_senders(struct mh_json *json, const struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa,
    const struct mh_tls_sts *sts)
{
	struct mh_tls_offer offer;
	const struct mh_tls_sender *sender;
	const char *why;
	mh_tls_fill_offer(end, tlsa, &offer);
	offer.sts = mh_tls_sts_lets(sts, end);
	mh_json_key(json, "senders");
	mh_json_open(json, '{');
	for (size_t i = 0; (sender = mh_tls_sender_at(i)) != NULL; i++)
		mh_json_put_strz(json, sender->name, mh_tls_sender_judge(sender, &offer, &why));
	mh_json_close(json, '}');
	mh_json_key(json, "sender_notes");
	mh_json_open(json, '[');
	for (size_t i = 0; (sender = mh_tls_sender_at(i)) != NULL; i++) {
		const char *verdict = mh_tls_sender_judge(sender, &offer, &why);
		mh_json_open(json, '{');
		mh_json_put_strz(json, "name", sender->name);
		mh_json_put_strz(json, "verdict", verdict);
		mh_json_put_strz(json, "why", why);
		mh_json_put_strz(json, "as_of", sender->as_of);
		mh_json_put_strz(json, "source", sender->source);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

/* ------------------------------------------------------------------- dialogue */

static void
put_capabilities(struct mh_json *json, const char *key, const struct mh_capabilities *caps)
{
	mh_json_key(json, key);
	if (!caps->is_known) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	mh_json_put_str(json, "name", caps->name);
	mh_json_put_bool(json, "starttls", caps->starttls);
	mh_json_put_str(json, "auth", caps->auth);
	mh_json_put_int(json, "size", caps->has_size ? caps->size : -1);
	mh_json_put_bool(json, "pipelining", caps->pipelining);
	mh_json_put_bool(json, "8bitmime", caps->eightbitmime);
	mh_json_put_bool(json, "smtputf8", caps->smtputf8);
	mh_json_put_bool(json, "requiretls", caps->requiretls);
	mh_json_put_bool(json, "dsn", caps->dsn);
	mh_json_put_bool(json, "chunking", caps->chunking);
	mh_json_put_bool(json, "enhanced_status_codes", caps->enhanced);
	mh_json_close(json, '}');
}

static void
put_dialogue(struct mh_json *json, const struct mh_seen *first)
{
	char room[MH_TLS_NAME_ROOM];
	mh_json_put_str(json, "greeting", first->greeting);
	put_capabilities(json, "before_tls", &first->outside);
	put_capabilities(json, "inside_tls", &first->inside);
	mh_json_key(json, "handshake");
	mh_json_open(json, '{');
	mh_json_put_bool(json, "done", first->secured);
	mh_json_put_strz(json, "version", first->has_hello ? mh_tls_version_name(first->hello.version) : "");
	mh_json_put_strz(json, "suite", first->has_hello ? mh_tls_suite_name(first->hello.suite, room) : "");
	mh_json_put_int(json, "alert", first->alert);
	mh_json_put_strz(json, "alert_name", mh_tls_alert_name(first->alert));
	mh_json_put_bool(json, "client_certificate_wanted", first->wants_client_certificate);
	mh_json_put_bool(json, "ticket", first->has_ticket);
	mh_json_put_int(json, "ticket_lifetime", first->has_ticket ? (int64_t)first->ticket_lifetime : -1);
	mh_json_put_int(json, "early_data", first->has_ticket ? (int64_t)first->early_data : -1);
	mh_json_put_bool(json, "staple", first->staple.len > 0);
	mh_json_put_int(json, "hello_octets", first->hello_size);
	mh_json_close(json, '}');
	mh_json_key(json, "times_us");
	mh_json_open(json, '{');
	mh_json_put_int(json, "connected", first->connected_us);
	mh_json_put_int(json, "greeting", first->greeting_us);
	mh_json_put_int(json, "ehlo", first->hello_us);
	mh_json_put_int(json, "server_hello", first->first_us);
	mh_json_put_int(json, "handshake", first->secured_us);
	mh_json_close(json, '}');
}

/* put_impact - of the cause, for each kind of sender */
static void
put_impact(struct mh_json *json, const struct mh_tls_end *end)
{
	const struct mh_finding_kind *kind = mh_finding_kind_of(end->cause);
	const struct mh_tls_words *words = mh_tls_words(end->cause);
	mh_json_put_strz(json, "cause", kind != NULL ? kind->id : "");
	mh_json_key(json, "certainty");
	mh_json_strz(json, end->cause == 0 ? "" : end->is_certain ? "certain" : "likely");
	mh_json_key(json, "server_logs");
	mh_json_open(json, '[');
	for (const struct mh_tls_log *log = words != NULL ? words->logs : NULL;
	     log != NULL && log->mta != NULL; log++) {
		mh_json_open(json, '{');
		mh_json_put_strz(json, "mta", log->mta);
		mh_json_put_strz(json, "log", log->log);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
	mh_json_put_strz(json, "rfc8460", words != NULL ? words->result : "");
	mh_json_key(json, "impact");
	if (words == NULL) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	mh_json_put_strz(json, "opportunistic", words->opportunistic);
	mh_json_put_strz(json, "dane", words->dane);
	mh_json_put_strz(json, "mta_sts", words->mta_sts);
	mh_json_put_strz(json, "requiretls", words->requiretls);
	mh_json_close(json, '}');
}

/* put_sts - what senders make of this endpoint by the domain's policy (CLI.md): "" nobody asked; none: there is none
 * that counts; unknown; pass; fail:RESULT, RESULT as of RFC 8460 4.3 */
static void
put_sts(struct mh_json *json, const struct mh_tls_end *end, const struct mh_tls_sts *sts)
{
	char text[64] = "fail:";
	bool is_refused, is_listed;
	const char *result = mh_tls_sts_of(sts, end, &is_refused, &is_listed);
	bool has_policy = sts->state == MH_TLS_STS_POLICY && sts->policy.mode != MH_STS_NONE;
	if (strlen(result) < sizeof(text) - 5)
		memcpy(text + 5, result, strlen(result) + 1);
	mh_json_put_strz(json, "mta_sts",
	    sts->state == MH_TLS_STS_OFF           ? ""
		: sts->state == MH_TLS_STS_UNKNOWN ? "unknown"
		: !has_policy                      ? "none"
		: result[0] == '\0'                ? "pass"
		: strcmp(result, "unknown") == 0   ? "unknown"
						   : text);
}

/* resumption_word - whether a session is taken again; "" nobody asked */
static const char *
resumption_word(const struct mh_tls_end *end)
{
	const struct mh_seen *first = end->looks.first, *resumed = end->looks.resumed;
	if (!end->check->is_full)
		return "";
	if (resumed != NULL)
		return tri[resumed->resumed];
	return first != NULL && first->secured && !first->has_ticket ? "no" : "unknown";
}

/* relay_word - "" nobody asked */
static const char *
relay_word(const struct mh_tls_end *end)
{
	const struct mh_seen *relay = end->looks.relay;
	if (!end->check->tries_relay || end->host->mode != MH_MODE_SMTP)
		return "";
	if (relay == NULL || (relay->relayed.p == NULL && relay->relay_refused == 0))
		return "unknown";
	return relay->relayed.p != NULL ? "yes" : "no";
}

static void
put_end(struct mh_json *json, const struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa,
    const struct mh_tls_sts *sts)
{
	static const char *const stops[] = { "", "rate-limited", "max-connections", "unknown" };
	char ip[MH_IP_TEXT_MAX];
	mh_ip_print(&end->ip, ip);
	mh_json_open(json, '{');
	mh_json_put_str(json, "host", end->host->name.len > 0 ? end->host->name : end->host->host);
	mh_json_put_strz(json, "ip", ip);
	mh_json_put_int(json, "port", end->ip.family == 0 ? -1 : end->port);
	mh_json_put_strz(json, "mode", mh_tls_mode_name(end->host->mode));
	put_impact(json, end);
	put_versions(json, end);
	mh_json_key(json, "certificates");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < end->chains_count; i++)
		put_certificate(json, &end->chains[i], &end->check->mem);
	mh_json_close(json, ']');
	put_dane(json, end, tlsa);
	put_sts(json, end, sts);
	mh_json_put_int(json, "connections", end->connections);
	mh_json_put_strz(json, "stopped", stops[end->stopped]);
	mh_json_key(json, "resume");
	if (end->stopped == MH_STOP_RATE) {
		mh_json_open(json, '{');
		mh_json_put_int(json, "after_ms", 60000);
		mh_json_put_str(json, "said", end->stop_text);
		mh_json_key(json, "resumes");
		mh_json_int(json, end->resumed + 1);
		mh_json_close(json, '}');
	} else {
		mh_json_null(json);
	}
	put_senders(json, end, tlsa, sts);
	mh_json_put_strz(json, "resumption", resumption_word(end));
	mh_tls_identity_json(json, end);
	mh_json_put_strz(json, "open_relay", relay_word(end));
	if (end->looks.first != NULL)
		put_dialogue(json, end->looks.first);
	mh_json_close(json, '}');
}

/* put_checks - the member "checks": what was looked at, and its findings */
static void
put_checks(struct mh_json *json, const struct mh_tls_check *check, const struct mh_report *report)
{
	static const char *const ids[] = { "tls", "dane", "mta-sts" };
	size_t count = check->domain.len > 0 || check->policy.len > 0 ? MH_COUNT(ids) : MH_COUNT(ids) - 1;
	mh_checks_json(json, report, ids, count, mh_tls_check_subject(check));
}

/* put_mx - the hosts of the domain's MX records; null where they were not asked for */
static void
put_mx(struct mh_json *json, const struct mh_tls_check *check, const struct mh_tls_hosts *hosts)
{
	static const char *const states[] = { "unknown", "present", "nodata", "nxdomain", "unknown" };
	mh_json_key(json, "mx");
	if (!hosts->is_by_mx) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	mh_json_put_str(json, "domain", check->domain);
	mh_json_put_strz(json, "state", states[hosts->state]);
	mh_json_put_strz(json, "why", mh_why_word(hosts->why));
	mh_json_put_bool(json, "null_mx", hosts->is_null);
	mh_json_key(json, "hosts");
	mh_json_open(json, '[');
	for (unsigned h = 0; h < hosts->count; h += check->services_count) {
		mh_json_open(json, '{');
		mh_json_put_str(json, "name", hosts->list[h].host);
		mh_json_put_int(json, "preference", hosts->list[h].preference);
		mh_json_put_int(json, "addresses",
		    hosts->list[h].why != MH_WHY_NONE && hosts->list[h].count == 0 ? -1
										   : hosts->list[h].count);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
	mh_json_put_int(json, "left_out", hosts->left_out);
	mh_json_close(json, '}');
}

bool
mh_tls_check_json(struct mh_tls_check *check, struct mh_pass *view, struct mh_report *report,
    struct mh_json *json)
{
	struct mh_tls_result result;
	bool good = mh_tls_result_make(check, view, &result);
	if (good) {
		put_checks(json, check, report);
		mh_json_key(json, "results");
		mh_json_open(json, '{');
		mh_json_key(json, "tls");
		mh_json_open(json, '[');
		for (unsigned h = 0; h < result.hosts->count; h++) {
			const struct mh_tls_host *host = &result.hosts->list[h];
			for (int i = 0; i < host->count; i++)
				put_end(json, &host->ends[i], host->tlsa, &result.sts);
		}
		mh_json_close(json, ']');
		put_mx(json, check, result.hosts);
		mh_tls_sts_json(json, &result.sts);
		mh_json_close(json, '}');
	}
	mh_tls_result_free(&result);
	return good;
}
