/* chain_check.c - certificates judged before any server shows them */
#include "chain_check.h"

#include "error.h"
#include "port.h"
#include "tls_words.h"

#define KEEP 65536
#define TLSA_DATA_MAX 65536 /* octets */

void
mh_chain_check_init(struct mh_chain_check *check, const struct mh_mem *mem)
{
	*check = (struct mh_chain_check){ .mem = *mem, .now = -1, .for_mail = true };
	mh_arena_init(&check->names_keep, mem, KEEP);
	mh_arena_init(&check->tlsa_keep, mem, KEEP);
	mh_buf_init(&check->staple, mem, MH_CHAIN_STAPLE_MAX);
}

void
mh_chain_check_free(struct mh_chain_check *check)
{
	mh_chain_check_forget(check);
	mh_certs_free(check->certs);
	mh_buf_free(&check->staple);
	mh_arena_free(&check->tlsa_keep);
	mh_arena_free(&check->names_keep);
}

void
mh_chain_check_forget(struct mh_chain_check *check)
{
	if (check->report != NULL)
		mh_report_unref(check->report);
	check->report = NULL;
}

/* ------------------------------------------------------------------- options */

/* keep - a copy with a NUL behind it; p NULL: no memory */
static struct mh_str
keep(struct mh_arena *arena, struct mh_str value)
{
	char *copy = mh_arena_alloc(arena, value.len + 1);
	if (copy == NULL)
		return mh_str_n(NULL, 0);
	if (value.len > 0)
		memcpy(copy, value.p, value.len);
	copy[value.len] = '\0';
	return mh_str_n(copy, value.len);
}

int
mh_chain_check_add_name(struct mh_chain_check *check, struct mh_str name)
{
	if (name.len == 0) {
		check->names_count = 0;
		mh_arena_reset(&check->names_keep);
		return MH_ERR_OK;
	}
	if (check->names_count == MH_CHAIN_NAMES_MAX)
		return MH_ERR_EINVAL;
	if (name.len > 1 && name.p[name.len - 1] == '.')
		name.len--;
	struct mh_str kept = keep(&check->names_keep, name);
	if (kept.p == NULL)
		return MH_ERR_ENOMEM;
	check->names[check->names_count++] = kept;
	return MH_ERR_OK;
}

/* add_record - one more, good or bad; text NULL: it is to be printed */
static int
add_record(struct mh_chain_check *check, const struct mh_tlsa *record, struct mh_str text)
{
	struct mh_buf room;
	mh_buf_init(&room, &check->mem, 2 * TLSA_DATA_MAX + 64);
	if (record != NULL)
		mh_tlsa_print(&room, record, TLSA_DATA_MAX);
	else
		mh_buf_putstr(&room, text);
	struct mh_str kept = room.bad ? mh_str_n(NULL, 0) : keep(&check->tlsa_keep, mh_buf_str(&room));
	mh_buf_free(&room);
	if (kept.p == NULL)
		return MH_ERR_ENOMEM;
	check->tlsa[check->tlsa_count] = (struct mh_chain_tlsa){ .text = kept, .is_bad = record == NULL };
	/* A usage that nobody knows: what cannot be read is not used. */
	check->records[check->tlsa_count] =
	    record != NULL ? *record : (struct mh_tlsa){ .usage = 255, .data = MH_STR("") };
	check->tlsa_count++;
	return MH_ERR_OK;
}

int
mh_chain_check_add_tlsa(struct mh_chain_check *check, struct mh_str text)
{
	struct mh_tlsa record;
	if (text.len == 0) {
		check->tlsa_count = 0;
		mh_arena_reset(&check->tlsa_keep);
		return MH_ERR_OK;
	}
	if (check->tlsa_count == MH_DANE_RECORDS_MAX || text.len > TLSA_DATA_MAX)
		return MH_ERR_EINVAL;
	record.data = MH_STR("");
	if (mh_tlsa_parse(text, &check->tlsa_keep, &record))
		return add_record(check, &record, text);
	return record.data.p != NULL ? add_record(check, NULL, text) : MH_ERR_ENOMEM;
}

int
mh_chain_check_add_rdata(struct mh_chain_check *check, struct mh_str rdata)
{
	struct mh_tlsa record;
	if (check->tlsa_count == MH_DANE_RECORDS_MAX || rdata.len > TLSA_DATA_MAX)
		return MH_ERR_EINVAL;
	struct mh_str kept = keep(&check->tlsa_keep, rdata);
	if (kept.p == NULL)
		return MH_ERR_ENOMEM;
	if (mh_tlsa_read(kept, &record))
		return add_record(check, &record, MH_STR(""));
	/* RFC 3597 5 */
	struct mh_buf room;
	mh_buf_init(&room, &check->mem, 64);
	mh_buf_puts(&room, "\\# ");
	mh_buf_putint(&room, (int64_t)kept.len);
	mh_buf_putc(&room, ' ');
	mh_buf_puthex(&room, kept.p, kept.len);
	int result = room.bad ? MH_ERR_ENOMEM : add_record(check, NULL, mh_buf_str(&room));
	mh_buf_free(&room);
	return result;
}

/* ------------------------------------------------------------------ verdicts */

const char *
mh_chain_check_pkix(const struct mh_chain_check *check)
{
	const struct mh_judgement *j = &check->judgement;
	if (mh_certs_count(check->certs) == 0)
		return "fail";
	if (j->result[0] != '\0' || j->is_self_signed || j->wrong_purpose || j->expired_intermediate >= 0 ||
	    j->staple == MH_STAPLE_REVOKED)
		return "fail";
	return j->is_trust_known && j->has_name ? "pass" : "unknown";
}

const char *
mh_chain_check_dane(const struct mh_chain_check *check)
{
	if (check->tlsa_count == 0)
		return "none";
	if (mh_certs_count(check->certs) > 0 && check->dane.usable == 0)
		return "unusable";
	return check->dane.is_valid ? "pass" : "fail";
}

const char *
mh_chain_check_result(const struct mh_chain_check *check)
{
	if (mh_certs_count(check->certs) == 0)
		return "validation-failure";
	/* Who finds a usable record goes by it alone (RFC 7672 2.2). */
	if (check->dane.usable > 0)
		return check->dane.is_valid ? "" : mh_tls_words(MH_F_DANE_MISMATCH)->result;
	if (check->judgement.result[0] == '\0' && strcmp(mh_chain_check_pkix(check), "fail") == 0)
		return "certificate-not-trusted";
	return check->judgement.result;
}

const char *
mh_chain_check_tlsa_why(const struct mh_chain_check *check, unsigned i)
{
	return check->tlsa[i].is_bad ? "syntax" : mh_dane_why_name(check->dane.records[i].why);
}

struct mh_str
mh_chain_check_subject(const struct mh_chain_check *check)
{
	const struct mh_cert *leaf = mh_certs_at(check->certs, 0);
	if (check->names_count > 0)
		return check->names[0];
	if (leaf == NULL)
		return MH_STR("");
	return leaf->names_count > 0 ? leaf->names[0] : leaf->common_name;
}

/* ------------------------------------------------------------------ findings */

struct teller {
	struct mh_chain_check *check;
	struct mh_report *report;
	struct mh_buf detail, base;
	bool is_bad; /* no memory */
};

static void
add(void *arg, int number, struct mh_str evidence, int severity, const struct mh_finding_arg *args,
    size_t args_count)
{
	struct teller *teller = arg;
	const struct mh_finding_kind *kind = mh_finding_kind_of(number);
	struct mh_finding_more more = { .check = strncmp(kind->id, "dane.", 5) == 0 ? "dane" : "chain",
		.severity = severity,
		.args = args,
		.args_count = args_count,
		.detail = mh_buf_str(&teller->detail) };
	struct mh_str subject = mh_chain_check_subject(teller->check);
	if (teller->detail.bad ||
	    mh_report_add_more(teller->report, number, subject, evidence, -1, -1, &more) != 0)
		teller->is_bad = true;
	mh_buf_reset(&teller->detail);
}

/* add_path - no path to an anchor, for a reason that is none of the usual ones */
static void
add_path(struct teller *teller)
{
	const struct mh_judgement *j = &teller->check->judgement;
	if (!j->is_trust_known || j->is_trusted || j->is_expired || j->is_early || j->is_self_signed ||
	    j->is_incomplete || j->is_untrusted || j->wrong_purpose || j->expired_intermediate >= 0)
		return;
	mh_buf_puts(&teller->detail, "OpenSSL says: ");
	mh_buf_puts(&teller->detail, j->error_text);
	mh_buf_putc(&teller->detail, '.');
	add(teller, MH_F_CERT_UNTRUSTED_ISSUER, mh_certs_at(teller->check->certs, 0)->issuer, 0, NULL, 0);
}

/* add_records - what is wrong with single records; *not_sent: one is about a CA that is not in the chain */
static void
add_records(struct teller *teller, bool *not_sent)
{
	const struct mh_chain_check *check = teller->check;
	for (unsigned i = 0; i < check->tlsa_count; i++) {
		const struct mh_dane_record *record = &check->dane.records[i];
		const struct mh_tlsa *tlsa = &check->records[i];
		struct mh_str text = check->tlsa[i].text;
		/* What a reader wants to see of it. */
		if (!check->tlsa[i].is_bad && tlsa->data.len > MH_TLSA_SHORT)
			text.len -= 2 * (tlsa->data.len - MH_TLSA_SHORT);
		*not_sent = *not_sent || record->why == MH_DANE_NOT_SENT;
		if (record->state == MH_DANE_MATCH)
			continue;
		if (record->why == MH_DANE_USAGE)
			add(teller, MH_F_DANE_USAGE_0_1, text, 0, NULL, 0);
		else if (record->state == MH_DANE_UNUSABLE)
			add(teller, MH_F_DANE_SYNTAX, text, 0, NULL, 0);
		else if (check->dane.is_valid)
			add(teller, MH_F_DANE_STALE_RECORD, text, 0, NULL, 0);
	}
}

static void
add_dane(struct teller *teller)
{
	const struct mh_chain_check *check = teller->check;
	const struct mh_dane_verdict *verdict = &check->dane;
	struct mh_dane_teller to = { .report = teller->report,
		.mem = &check->mem,
		.subject = mh_chain_check_subject(check),
		.base = MH_STR("") };
	bool not_sent = false;
	int by = -1;
	if (check->names_count > 0 && check->for_mail) {
		mh_buf_puts(&teller->base, "_25._tcp.");
		mh_buf_putstr(&teller->base, check->names[0]);
		teller->is_bad |= teller->base.bad;
		to.base = mh_buf_str(&teller->base);
	}
	add_records(teller, &not_sent);
	for (unsigned i = 0; i < check->tlsa_count && by < 0; i++)
		by = mh_dane_outranks(verdict, check->records, i);
	bool good = true;
	if (verdict->usable == 0)
		add(teller, MH_F_DANE_UNUSABLE_ONLY, MH_STR(""), 0, NULL, 0);
	else if (!verdict->is_valid && by >= 0)
		good = mh_dane_tell_outranked(&to, check->records, by);
	else if (!verdict->is_valid)
		good = mh_dane_tell_mismatch(&to, not_sent ? MH_F_DANE_TA_NOT_SENT : MH_F_DANE_MISMATCH,
		    mh_certs_at(check->certs, 0));
	else if (check->tlsa_count == 1 && check->records[0].usage == 3)
		add(teller, MH_F_DANE_NO_ROLLOVER, MH_STR(""), 0, NULL, 0);
	teller->is_bad |= !good;
}

static void
add_all(struct teller *teller)
{
	const struct mh_chain_check *check = teller->check;
	if (mh_certs_unreadable(check->certs) > 0)
		add(teller, MH_F_CERT_UNREADABLE, MH_STR(""), 0, NULL, 0);
	if (mh_certs_count(check->certs) == 0)
		return;
	const struct mh_chain_teller of_chain = { .chain = check->certs,
		.judgement = &check->judgement,
		.names = check->names,
		.names_count = check->names_count,
		.is_moot = check->for_mail && check->dane.is_valid,
		.detail = &teller->detail,
		.add = add,
		.arg = teller };
	mh_chain_tell(&of_chain);
	add_path(teller);
	if (check->tlsa_count > 0)
		add_dane(teller);
}

bool
mh_chain_check_judge(struct mh_chain_check *check, struct mh_anchors *anchors, int64_t at)
{
	const struct mh_dane_question question = { .records = check->records,
		.count = check->tlsa_count,
		.names = check->names,
		.names_count = check->names_count,
		.anchors = check->for_mail ? NULL : anchors,
		.for_mail = check->for_mail,
		.checks_names_of_ee = check->checks_names_of_ee,
		.at = at };
	struct teller teller = { .check = check };
	mh_chain_check_forget(check);
	check->at = at;
	check->dane = (struct mh_dane_verdict){ .depth = -1 };
	if (!mh_certs_judge_for(check->certs, anchors, check->names, check->names_count, at,
		mh_buf_str(&check->staple), &check->judgement) ||
	    !mh_dane_judge(check->certs, &question, &check->dane))
		return false;
	if (mh_certs_count(check->certs) == 0)
		check->dane.count = 0;
	/* No server is seen with these, and so none without a staple, unless one is given. */
	check->judgement.lacks_staple = false;
	teller.report = mh_report_make(&check->mem);
	if (teller.report == NULL)
		return false;
	mh_buf_init(&teller.detail, &check->mem, SIZE_MAX / 2);
	mh_buf_init(&teller.base, &check->mem, SIZE_MAX / 2);
	add_all(&teller);
	bool good = !teller.is_bad && mh_report_finish(teller.report) == MH_ERR_OK;
	mh_buf_free(&teller.base);
	mh_buf_free(&teller.detail);
	if (good)
		check->report = teller.report;
	else
		mh_report_unref(teller.report);
	return good;
}

/* ---------------------------------------------------------------------- JSON */

/* put_checks - what was looked at, and its findings */
static void
put_checks(const struct mh_chain_check *check, struct mh_json *json)
{
	static const char *const ids[] = { "chain", "dane" };
	mh_checks_json(json, check->report, ids, MH_COUNT(ids), mh_chain_check_subject(check));
}

static void
put_certificates(const struct mh_chain_check *check, struct mh_json *json)
{
	mh_json_key(json, "certificates");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < mh_certs_count(check->certs); i++) {
		const struct mh_cert *cert = mh_certs_at(check->certs, i);
		struct mh_buf tlsa;
		mh_buf_init(&tlsa, &check->mem, 128);
		mh_tlsa_of(cert, i == 0, &tlsa);
		mh_json_open(json, '{');
		mh_cert_json(json, cert, i == 0 ? &check->judgement.days_left : NULL, &check->mem);
		mh_json_key(json, "ca");
		mh_json_bool(json, cert->is_ca);
		mh_json_put_strz(json, "tlsa", mh_buf_z(&tlsa));
		mh_json_close(json, '}');
		json->out->bad |= tlsa.bad;
		mh_buf_free(&tlsa);
	}
	mh_json_close(json, ']');
}

static void
put_names(const struct mh_chain_check *check, struct mh_json *json)
{
	const struct mh_cert *leaf = mh_certs_at(check->certs, 0);
	mh_json_key(json, "names");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < check->names_count; i++) {
		mh_json_open(json, '{');
		mh_json_key(json, "name");
		mh_json_str(json, check->names[i]);
		mh_json_put_strz(json, "matches",
		    leaf != NULL && mh_cert_is_for(leaf, check->names[i]) ? "yes" : "no");
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

static void
put_records(const struct mh_chain_check *check, struct mh_json *json)
{
	mh_json_key(json, "tlsa");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < check->tlsa_count; i++) {
		const struct mh_dane_record *record = &check->dane.records[i];
		bool is_known = i < check->dane.count;
		mh_json_open(json, '{');
		mh_json_key(json, "record");
		mh_json_str(json, check->tlsa[i].text);
		mh_json_put_strz(json, "state",
		    mh_dane_state_name(is_known ? record->state : MH_DANE_MISMATCH));
		mh_json_put_strz(json, "why", mh_chain_check_tlsa_why(check, i));
		mh_json_key(json, "depth");
		mh_json_int_or_null(json, is_known ? record->depth : -1);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

void
mh_chain_check_json(const struct mh_chain_check *check, struct mh_json *json)
{
	const struct mh_judgement *j = &check->judgement;
	mh_json_open(json, '{');
	mh_json_key(json, "schema");
	mh_json_int(json, 1);
	mh_json_put_strz(json, "kind", "chain");
	mh_json_key(json, "subject");
	mh_json_str(json, mh_chain_check_subject(check));
	mh_json_put_strz(json, "health", mh_report_health(check->report, ""));
	mh_json_time(json, "checked_at", check->at, &check->mem);
	put_checks(check, json);
	mh_json_key(json, "results");
	mh_json_open(json, '{');
	mh_json_key(json, "chain");
	mh_json_open(json, '{');
	put_certificates(check, json);
	mh_json_key(json, "unreadable");
	mh_json_int(json, mh_certs_unreadable(check->certs));
	mh_json_put_strz(json, "chain", mh_certs_count(check->certs) > 0 ? mh_chain_word(j) : "unreadable");
	put_names(check, json);
	mh_json_put_strz(json, "pkix", mh_chain_check_pkix(check));
	mh_json_put_strz(json, "error", j->error_text);
	mh_json_put_strz(json, "dane", mh_chain_check_dane(check));
	put_records(check, json);
	mh_json_put_strz(json, "rfc8460", mh_chain_check_result(check));
	mh_json_put_strz(json, "staple", mh_staple_name(j->staple));
	mh_json_put_strz(json, "staple_why", mh_staple_why_name(j->staple_why));
	mh_json_close(json, '}');
	mh_json_close(json, '}');
	mh_json_key(json, "findings");
	mh_json_raw(json, mh_report_text(check->report));
	mh_json_close(json, '}');
}
