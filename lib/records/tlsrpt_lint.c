/* tlsrpt_lint.c - is there one TLS reporting record where senders look, and do reports come anywhere
 *
 * No record, several, one that cannot be read, one at another name, and
 * addresses that reports cannot go to.  Findings about one record share one fix,
 * so that making it does away with all of them.
 *
 * RFC 8460 3
 */
#include "tlsrpt.h"

#include "error.h"
#include "tell.h"

struct lint {
	struct mh_tell tell;
	const struct mh_fact *fact; /* NULL: of a text alone */
	struct mh_str name, domain; /* "_smtp._tls.example.org", "example.org"; "" unknown */
	struct mh_str mended; /* what the record should be; len 0: nobody knows */
	size_t at; /* which record of the fact */
};

/* mend - what these texts should be */
static void
mend(struct lint *lint, const struct mh_str *texts, size_t count)
{
	lint->mended = MH_STR("");
	if (lint->tell.report == NULL)
		return;
	lint->mended = mh_tlsrpt_mend(lint->tell.arena, texts, count, lint->domain);
	lint->tell.bad |= lint->mended.p == NULL;
}

/* fix - the mended record in place of this one */
static void
fix(struct lint *lint)
{
	struct mh_fix *change;

	if (lint->name.len == 0 || lint->mended.len == 0)
		return;
	if (lint->fact != NULL) {
		mh_tell_fix_txt(&lint->tell, lint->name, lint->fact, (int)lint->at, lint->mended);
		return;
	}
	change = mh_tell_fix(&lint->tell, lint->name, MH_RR_TXT, NULL);
	mh_fix_add_txt(&lint->tell, change, lint->mended);
	if (change != NULL && lint->tell.report != NULL) {
		change->remove[0] = mh_txt_quote(lint->tell.arena, lint->tell.text);
		lint->tell.bad |= change->remove[0].p == NULL;
	}
}

/* tell_uris - addresses that no reports can go to; those whose fault ends the record weigh no more than others: it is
 * the only one, mostly */
static void
tell_uris(struct lint *lint, const struct mh_tlsrpt *record)
{
	for (unsigned i = 0; i < record->rua_count; i++) {
		const struct mh_tlsrpt_uri *uri = &record->rua[i];
		if (uri->why == NULL)
			continue;
		mh_say(&lint->tell, uri->why);
		if (!uri->is_uri && record->rua_count > 1)
			mh_say(&lint->tell,
			    " Senders that read the record strictly then use none of its addresses.");
		fix(lint);
		mh_tell(&lint->tell, MH_F_TLSRPT_URI, uri->text);
	}
}

/* tell_record - what is wrong about one record */
static void
tell_record(struct lint *lint, const struct mh_tlsrpt *record)
{
	struct mh_tell *tell = &lint->tell;
	const char *semicolon = record->text.len > 0 ? memchr(record->text.p, ';', record->text.len) : NULL;

	tell->text = record->text;
	if (record->is_valid && !record->is_spaced) {
		bool is_good = true;
		for (unsigned i = 0; i < record->rua_count; i++)
			is_good &= record->rua[i].why == NULL;
		if (is_good)
			return;
	}
	mend(lint, &record->text, 1);
	for (unsigned i = 0; i < record->faults_count; i++) {
		mh_say(tell, record->faults[i].why);
		fix(lint);
		mh_tell(tell, MH_F_TLSRPT_SYNTAX, record->faults[i].at);
	}
	if (record->is_tlsrpt && record->is_spaced && semicolon != NULL) {
		mh_say(tell,
		    "There is white space before the first semicolon, and senders may look for "
		    "\"v=TLSRPTv1;\" as it is.");
		fix(lint);
		mh_tell(tell, MH_F_TLSRPT_SYNTAX,
		    mh_str_n(record->text.p, (size_t)(semicolon - record->text.p) + 1));
	}
	tell_uris(lint, record);
}

/* ------------------------------------------------------------- several, elsewhere, none */

/* tell_several - the addresses of all in one of them, where a fix has room for that */
static void
tell_several(struct lint *lint, const struct mh_str *texts, const size_t *places, size_t count)
{
	struct mh_tell *tell = &lint->tell;
	struct mh_fix *change;

	mend(lint, texts, count);
	mh_say(tell, "There are ");
	mh_say_int(tell, (int64_t)count);
	mh_say(tell, ": senders then do as if there were none.");
	mh_tell_arg_int(tell, "records", (int64_t)count);
	if (lint->mended.len > 0) {
		change = mh_tell_fix(tell, lint->name, MH_RR_TXT, lint->fact);
		for (size_t i = 0; i < count; i++)
			mh_fix_remove(tell, change, lint->fact, places[i]);
		mh_fix_add_txt(tell, change, lint->mended);
	}
	tell->text = texts[0];
	mh_tell(tell, MH_F_TLSRPT_MULTIPLE_RECORDS, texts[0]);
}

/* tell_elsewhere - whether a record stands at that name, where nobody looks */
static bool
tell_elsewhere(struct lint *lint, const struct mh_fact *fact, struct mh_tlsrpt *record)
{
	struct mh_tell *tell = &lint->tell;

	for (size_t i = 0; fact != NULL && mh_fact_is_present(fact) && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, tell->arena);
		tell->bad |= text.p == NULL && text.len == 0;
		if (text.p == NULL || !mh_str_istarts(text, MH_STR("v=tlsrpt")))
			continue;
		mh_tlsrpt_read(text, record);
		mend(lint, &text, 1);
		mh_say(tell, "The record stands at ");
		mh_say_str(tell, fact->name);
		mh_say(tell, "; senders look at ");
		mh_say_str(tell, lint->name);
		mh_say(tell, " alone.");
		mh_fix_remove(tell, mh_tell_fix(tell, fact->name, MH_RR_TXT, fact), fact, i);
		mh_tell_fix_txt(tell, lint->name, lint->fact, -1, record->is_valid ? text : lint->mended);
		mh_tell_about(tell, MH_F_TLSRPT_WRONG_NAME, fact->name, text);
		return true;
	}
	return false;
}

static void
tell_missing(struct lint *lint)
{
	struct mh_tell *tell = &lint->tell;

	mend(lint, NULL, 0);
	if (lint->mended.len > 0) {
		mh_say(tell, "The record proposed has reports sent to tls-reports@");
		mh_say_str(tell, lint->domain);
		mh_say(tell, ": that mailbox has to be there, or another written.");
		mh_tell_fix_txt(tell, lint->name, lint->fact, -1, lint->mended);
	}
	mh_tell(tell, MH_F_TLSRPT_MISSING, MH_STR(""));
}

/* All TXT records of the name that are such a record, or mean to be one. */
struct found {
	struct mh_str *texts;
	size_t *places, count;
	bool are_records; /* they are; or else none is, and they only mean to be */
};

/* find - *bad: no memory */
static struct found
find(struct mh_arena *arena, const struct mh_fact *fact, struct mh_tlsrpt *record, bool *bad)
{
	struct found found = { .count = 0 };

	found.texts = mh_arena_alloc(arena, (fact->count + (size_t)1) * sizeof(*found.texts));
	found.places = mh_arena_alloc(arena, (fact->count + (size_t)1) * sizeof(*found.places));
	*bad = found.texts == NULL || found.places == NULL;
	for (size_t i = 0; !*bad && mh_fact_is_present(fact) && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, arena);
		*bad = text.p == NULL && text.len == 0;
		if (text.p == NULL || !mh_tlsrpt_is_like(text))
			continue;
		mh_tlsrpt_read(text, record);
		if (record->is_tlsrpt && !found.are_records) {
			found.are_records = true;
			found.count = 0;
		}
		if (record->is_tlsrpt == found.are_records) {
			found.texts[found.count] = text;
			found.places[found.count++] = i;
		}
	}
	return found;
}

/* want_txt - of a name under the domain; NULL: missing, or there can be none */
static const struct mh_fact *
want_txt(struct mh_pass *pass, struct mh_str prefix, struct mh_str domain)
{
	struct mh_str name = mh_name_below(pass->arena, prefix, domain);
	if (name.p == NULL)
		pass->error = MH_ERR_ENOMEM;
	return name.len > 0 ? mh_want(pass, name, MH_RR_TXT) : NULL;
}

const struct mh_fact *
mh_tlsrpt_want(struct mh_pass *pass, struct mh_str domain)
{
	(void)mh_want(pass, domain, MH_RR_TXT);
	(void)want_txt(pass, MH_STR("_tls"), domain);
	return want_txt(pass, MH_STR("_smtp._tls"), domain);
}

struct mh_str
mh_tlsrpt_lint(struct mh_pass *pass, const struct mh_fact *fact, struct mh_str domain, bool is_needed,
    struct mh_report *report)
{
	struct lint lint = { .fact = fact, .name = fact->name, .domain = domain };
	struct mh_tlsrpt *record = mh_arena_alloc(pass->arena, sizeof(*record));
	bool bad = record == NULL;

	mh_tell_begin(&lint.tell, pass->arena, report, "tls-rpt", fact->name);
	struct found found = { .count = 0 };
	if (!bad)
		found = find(pass->arena, fact, record, &bad);
	if (bad) {
		lint.tell.bad = true;
	} else if (fact->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(&lint.tell, fact);
	} else if (found.are_records && found.count > 1) {
		tell_several(&lint, found.texts, found.places, found.count);
	} else if (found.count > 0) {
		for (size_t i = 0; i < found.count; i++) {
			lint.at = found.places[i];
			mh_tlsrpt_read(found.texts[i], record);
			tell_record(&lint, record);
		}
	} else if (!tell_elsewhere(&lint, mh_want(pass, domain, MH_RR_TXT), record) &&
	    !tell_elsewhere(&lint, want_txt(pass, MH_STR("_tls"), domain), record) && is_needed) {
		tell_missing(&lint);
	}
	if (mh_tell_end(&lint.tell) != MH_ERR_OK)
		pass->error = MH_ERR_ENOMEM;
	return lint.mended.len > 0 ? lint.mended : (struct mh_str){ NULL, 0 };
}

int
mh_tlsrpt_lint_text(struct mh_arena *arena, const struct mh_tlsrpt *record, struct mh_str domain,
    struct mh_report *report)
{
	struct lint lint = { .name = MH_STR(""), .domain = domain };

	if (domain.len > 0)
		lint.name = mh_name_below(arena, MH_STR("_smtp._tls"), domain);
	if (lint.name.p == NULL)
		return MH_ERR_ENOMEM;
	mh_tell_begin(&lint.tell, arena, report, "tls-rpt", lint.name);
	tell_record(&lint, record);
	return mh_tell_end(&lint.tell);
}
