/* dmarc_lint.c - is there one DMARC record at the name where receivers look, and is it one
 *
 * No record, several, one that is nearly one, an SPF record in its place, one
 * at another name; then what dmarc_lint_form.c and dmarc_lint_tags.c say about
 * the one that counts.
 *
 * A record has one better record at a time: the findings about how it is
 * written share one fix, and only a record without such gets fixes for what it
 * says, so that fixes can be made one after the other and never contradict.
 *
 * RFC 9989 4.5, 4.7, 4.10
 */
#include "dmarc_lint_own.h"
#include "error.h"
#include "nearly.h"
#include "port.h"
#include "record.h"

/* What a TXT record at the name is. */
enum look { OTHER, RECORD, SPACED, LIKE, SPF };

struct text {
	struct mh_str text;
	enum look look;
};

/* All of them. */
struct texts {
	struct text *at;
	size_t count, of[SPF + 1]; /* of: how many of each */
	bool bad; /* no memory */
};

static struct mh_str
trim_left(struct mh_str text)
{
	while (text.len > 0 && mh_is_space(text.p[0]))
		text = mh_str_n(text.p + 1, text.len - 1);
	return text;
}

/* look_at - what a text is; *bad: no memory */
static enum look
look_at(struct mh_arena *arena, struct mh_str text, bool *bad)
{
	struct mh_str begin = trim_left(text);
	struct mh_dmarc_meant meant;

	if (mh_dmarc_is_record(text))
		return RECORD;
	if (mh_dmarc_is_record(begin))
		return SPACED;
	while (begin.len > 0 && memchr("\"'\\ ", begin.p[0], 4) != NULL)
		begin = mh_str_n(begin.p + 1, begin.len - 1);
	if (mh_str_istarts(begin, MH_STR("v=spf1")))
		return SPF;
	if (!mh_dmarc_mean(arena, text, MH_STR(""), &meant)) {
		*bad = true;
		return OTHER;
	}
	return meant.has_version || meant.has_policy || meant.value[MH_DMARC_TAG_RUA].len > 0 ? LIKE : OTHER;
}

/* read_texts - all of the fact's records; those that cannot be read are others */
static struct texts
read_texts(struct mh_arena *arena, const struct mh_fact *fact)
{
	struct texts texts = { .count = mh_fact_is_present(fact) ? fact->count : 0 };
	texts.at = mh_arena_alloc(arena, (texts.count + 1) * sizeof(*texts.at));
	texts.bad = texts.at == NULL;
	for (size_t i = 0; i < texts.count && !texts.bad; i++) {
		texts.at[i].text = mh_rr_text(fact, i, arena);
		texts.bad = texts.at[i].text.p == NULL && texts.at[i].text.len == 0;
		if (texts.at[i].text.p == NULL)
			texts.at[i].text = MH_STR(""); /* not well formed */
		texts.at[i].look = look_at(arena, texts.at[i].text, &texts.bad);
		texts.of[texts.at[i].look]++;
	}
	return texts;
}

/* first_of - the place of the first such text */
static size_t
first_of(const struct texts *texts, enum look look)
{
	size_t i = 0;
	while (i < texts->count && texts->at[i].look != look)
		i++;
	return i;
}

/* -------------------------------------------------------------------- fixes */

bool
mh_dmarc_mend(struct mh_dmarc_lint *lint, struct mh_str text)
{
	lint->mended = MH_STR("");
	if (!mh_dmarc_mean(lint->tell.arena, text, lint->domain, &lint->meant))
		lint->tell.bad = true;
	else
		lint->mended = mh_dmarc_write(lint->tell.arena, &lint->meant);
	if (lint->mended.p == NULL)
		lint->tell.bad = true;
	return !lint->tell.bad;
}

void
mh_dmarc_fix(struct mh_dmarc_lint *lint, struct mh_str text)
{
	struct mh_fix *fix;

	if (lint->name.len == 0)
		return;
	if (lint->fact != NULL) {
		mh_tell_fix_txt(&lint->tell, lint->name, lint->fact, (int)lint->at, text);
		return;
	}
	fix = mh_tell_fix(&lint->tell, lint->name, MH_RR_TXT, NULL);
	mh_fix_add_txt(&lint->tell, fix, text);
	if (fix != NULL && lint->tell.report != NULL) {
		fix->remove[0] = mh_txt_quote(lint->tell.arena, lint->tell.text);
		lint->tell.bad |= fix->remove[0].p == NULL;
	}
}

void
mh_dmarc_tell(struct mh_dmarc_lint *lint, int number, struct mh_str evidence)
{
	if (lint->mended.len > 0 && !mh_str_eq(lint->mended, lint->tell.text)) {
		mh_dmarc_fix(lint, lint->mended);
		lint->is_mended = true;
	}
	mh_tell(&lint->tell, number, evidence);
}

/* first_record - what a domain publishes that has none yet: nothing but reports, or, where it is known that no mail
 * comes from it, that all of it is forged */
static struct mh_str
first_record(struct mh_dmarc_lint *lint, struct mh_pass *pass)
{
	const struct mh_fact *txt = mh_known(pass, lint->domain, MH_RR_TXT);
	const struct mh_fact *mx = mh_known(pass, lint->domain, MH_RR_MX);
	char host[MH_DNAME_TEXT_MAX];
	bool has_null_mx = mx != NULL && mh_fact_is_present(mx) && mx->count == 1 &&
	    mh_rr_name(mx, 0, host, NULL) == 1 && host[0] == '.';

	for (size_t i = 0; txt != NULL && mh_fact_is_present(txt) && i < txt->count; i++) {
		struct mh_str spf = mh_rr_text(txt, i, pass->arena);
		lint->tell.bad |= spf.p == NULL && spf.len == 0;
		if (spf.p != NULL && mh_str_ieq(mh_str_trim(spf), MH_STR("v=spf1 -all")))
			return MH_STR("v=DMARC1; p=reject");
	}
	struct mh_str text = mh_dmarc_start(pass->arena, has_null_mx ? MH_STR("") : lint->domain);
	lint->tell.bad |= text.p == NULL;
	if (text.p != NULL && memchr(text.p, '@', text.len) != NULL) {
		mh_say(&lint->tell, " The record proposed sends reports to dmarc-reports@");
		mh_say_str(&lint->tell, lint->domain);
		mh_say(&lint->tell, ": that mailbox has to be there, or another written.");
	}
	return text;
}

/* -------------------------------------------------------------- other names */

/* A name where people put the record by mistake, and how that comes. */
struct place {
	const struct mh_fact *fact;
	const char *why;
};

#define PLACES 4

static const struct mh_fact *
want_txt(struct mh_dmarc_lint *lint, struct mh_pass *pass, struct mh_str name)
{
	if (name.p == NULL)
		lint->tell.bad = true;
	return name.len > 0 ? mh_want(pass, name, MH_RR_TXT) : NULL;
}

/* want_places - all of them in one round; facts are NULL where they are missing or there can be no such name */
static void
want_places(struct mh_dmarc_lint *lint, struct mh_pass *pass, struct place places[PLACES])
{
	struct mh_arena *arena = pass->arena;
	struct mh_str twice = mh_name_below(arena, lint->domain, lint->domain);

	places[0] = (struct place){ mh_want(pass, lint->domain, MH_RR_TXT),
		"The name of the record is missing: in a zone file or a panel it is _dmarc." };
	places[1] = (struct place){ want_txt(lint, pass, mh_name_below(arena, MH_STR("dmarc"), lint->domain)),
		"The name begins with an underscore: _dmarc." };
	places[2] = (struct place){ lint->fact->state == MH_FACT_NXDOMAIN
		    ? NULL
		    : want_txt(lint, pass, mh_name_below(arena, MH_STR("_dmarc"), lint->name)),
		"The panel where it was entered puts _dmarc before names by itself." };
	places[3] = (struct place){ twice.len == 0
		    ? NULL
		    : want_txt(lint, pass, mh_name_below(arena, MH_STR("_dmarc"), twice)),
		"The full name was entered where the domain is added to it: it needs a dot at its end, or "
		"the short name _dmarc." };
	lint->tell.bad |= twice.p == NULL;
}

/* is_moved - whether a text at another name was meant to be the DMARC record */
static bool
is_moved(struct mh_str text)
{
	text = trim_left(text);
	while (text.len > 0 && (text.p[0] == '"' || text.p[0] == '\\'))
		text = mh_str_n(text.p + 1, text.len - 1);
	return mh_dmarc_is_record(text) || mh_str_istarts(text, MH_STR("v=dmarc1"));
}

/* tell_moved - record i of another name is the one that should stand here */
static void
tell_moved(struct mh_dmarc_lint *lint, const struct place *place, size_t i, struct mh_str text)
{
	struct mh_tell *tell = &lint->tell;
	const struct mh_dmarc *dmarc = mh_dmarc_parse(tell->arena, text);

	tell->bad |= dmarc == NULL;
	if (dmarc == NULL || !mh_dmarc_mend(lint, text))
		return;
	mh_say(tell, "The record stands at ");
	mh_say_str(tell, place->fact->name);
	mh_say(tell, "; receivers look at ");
	mh_say_str(tell, lint->name);
	mh_say(tell, " alone. ");
	mh_say(tell, place->why);
	mh_fix_remove(tell, mh_tell_fix(tell, place->fact->name, MH_RR_TXT, place->fact), place->fact, i);
	mh_tell_fix_txt(tell, lint->name, lint->fact, -1, dmarc->is_valid ? text : lint->mended);
	mh_tell_about(tell, MH_F_DMARC_WRONG_NAME, place->fact->name, text);
}

/* look_elsewhere - whether the record stands at another name */
static bool
look_elsewhere(struct mh_dmarc_lint *lint, struct mh_pass *pass)
{
	struct place places[PLACES];

	want_places(lint, pass, places);
	for (size_t k = 0; k < PLACES && lint->tell.report != NULL; k++) {
		const struct mh_fact *fact = places[k].fact;
		for (size_t i = 0; fact != NULL && mh_fact_is_present(fact) && i < fact->count; i++) {
			struct mh_str text = mh_rr_text(fact, i, pass->arena);
			lint->tell.bad |= text.p == NULL && text.len == 0;
			if (text.p == NULL || !is_moved(text))
				continue;
			tell_moved(lint, &places[k], i, text);
			return true;
		}
	}
	return false;
}

/* ------------------------------------------------------------- no record here */

static void
tell_missing(struct mh_dmarc_lint *lint, struct mh_pass *pass)
{
	struct mh_tell *tell = &lint->tell;

	if (tell->report == NULL)
		return;
	if (lint->fact->is_alias) {
		mh_say(tell, "The name is an alias (CNAME) of ");
		mh_say_str(tell, lint->fact->canonical);
		mh_say(tell, ", and there is no DMARC record.");
	} else if (lint->fact->state == MH_FACT_NXDOMAIN)
		mh_say(tell, "There is no such name.");
	else if (mh_fact_is_present(lint->fact))
		mh_say(tell, "There are TXT records at the name, and none of them is a DMARC record.");
	else
		mh_say(tell, "There is no TXT record at the name.");
	struct mh_str text = first_record(lint, pass);
	if (text.p != NULL)
		mh_tell_fix_txt(tell, lint->name, lint->fact, -1, text);
	mh_tell(tell, MH_F_DMARC_MISSING, MH_STR(""));
}

/* is_of_wildcard - whether the records at "*" of the domain are those that stand here */
static bool
is_of_wildcard(const struct mh_fact *fact, const struct mh_fact *wildcard)
{
	if (wildcard == NULL || !mh_fact_is_present(wildcard) || wildcard->count != fact->count)
		return false;
	for (size_t i = 0; i < fact->count; i++) {
		size_t k = 0;
		while (k < wildcard->count &&
		    (wildcard->rr[k].len != fact->rr[i].len ||
			memcmp(wildcard->rr[k].p, fact->rr[i].p, fact->rr[i].len) != 0))
			k++;
		if (k == wildcard->count)
			return false;
	}
	return true;
}

static void
tell_spf(struct mh_dmarc_lint *lint, struct mh_pass *pass, const struct texts *texts)
{
	struct mh_tell *tell = &lint->tell;
	const struct mh_fact *wildcard =
	    want_txt(lint, pass, mh_name_below(pass->arena, MH_STR("*"), lint->domain));
	bool is_wild = is_of_wildcard(lint->fact, wildcard);

	if (tell->report == NULL)
		return;
	lint->at = first_of(texts, SPF);
	tell->text = texts->at[lint->at].text;
	if (is_wild) {
		mh_say(tell, "It comes from the record of *.");
		mh_say_str(tell, lint->domain);
		mh_say(tell,
		    ", which stands in for every name that has none of its own; a DMARC record at the name "
		    "takes its place there.");
	} else {
		mh_say(tell, "Receivers of mail look for SPF at ");
		mh_say_str(tell, lint->domain);
		mh_say(tell, " and for DMARC here.");
	}
	struct mh_str text = first_record(lint, pass);
	if (text.p != NULL)
		mh_tell_fix_txt(tell, lint->name, lint->fact, is_wild ? -1 : (int)lint->at, text);
	mh_tell(tell, MH_F_DMARC_SPF_RECORD_THERE, tell->text);
}

/* tell_no_record - none of the texts is one */
static void
tell_no_record(struct mh_dmarc_lint *lint, struct mh_pass *pass, const struct texts *texts, bool is_needed)
{
	if (texts->of[SPACED] + texts->of[LIKE] > 0) {
		lint->at = first_of(texts, texts->of[SPACED] > 0 ? SPACED : LIKE);
		lint->tell.text = texts->at[lint->at].text;
		if (lint->tell.report != NULL)
			mh_dmarc_lint_like(lint, lint->tell.text);
	} else if (texts->of[SPF] > 0)
		tell_spf(lint, pass, texts);
	else if (!look_elsewhere(lint, pass) && is_needed)
		tell_missing(lint, pass);
}

/* ------------------------------------------------------------ several records */

/* rank - which of several records should stay: one that can be used, that brings reports, that protects more.  (A
 * domain has two most often because a service asked for its own beside the domain's, and that asks for less.) */
static unsigned
rank(const struct mh_dmarc *dmarc)
{
	bool has_rua = false;
	for (unsigned i = 0; i < dmarc->rua_count; i++)
		has_rua |= dmarc->rua[i].is_good;
	return (dmarc->is_valid ? 100u : 0u) + (dmarc->is_recovered ? 0u : 50u) + dmarc->p * 5u +
	    (has_rua ? 2u : 0u);
}

/* remove_all_but - the fix: all records go but the one that stays, p NULL, or is written anew */
static void
remove_all_but(struct mh_dmarc_lint *lint, const struct texts *texts, size_t best, struct mh_str anew)
{
	struct mh_tell *tell = &lint->tell;
	struct mh_fix *fix = mh_tell_fix(tell, lint->name, MH_RR_TXT, lint->fact);
	size_t count = 0;

	if (anew.p != NULL)
		mh_fix_add_txt(tell, fix, anew);
	for (size_t i = 0; i < texts->count; i++) {
		if (texts->at[i].look != RECORD || (i == best && anew.p == NULL))
			continue;
		if (count > 0 && count % MH_COUNT(fix->remove) == 0)
			fix = mh_tell_fix(tell, lint->name, MH_RR_TXT, lint->fact);
		if (fix == NULL)
			return;
		mh_fix_remove(tell, fix, lint->fact, i);
		count++;
	}
}

static void
tell_several(struct mh_dmarc_lint *lint, const struct texts *texts)
{
	struct mh_tell *tell = &lint->tell;
	const struct mh_dmarc *best = NULL;
	size_t place = 0;

	for (size_t i = 0; i < texts->count; i++) {
		if (texts->at[i].look != RECORD)
			continue;
		const struct mh_dmarc *dmarc = mh_dmarc_parse(tell->arena, texts->at[i].text);
		tell->bad |= dmarc == NULL;
		if (dmarc != NULL && (best == NULL || rank(dmarc) > rank(best))) {
			best = dmarc;
			place = i;
		}
	}
	if (best == NULL || !mh_dmarc_mend(lint, best->text))
		return;
	mh_say(tell, "There are ");
	mh_say_int(tell, (int64_t)texts->of[RECORD]);
	mh_say(tell, "; the one to keep is probably ");
	mh_say_str(tell, best->text);
	mh_tell_arg_int(tell, "records", (int64_t)texts->of[RECORD]);
	remove_all_but(lint, texts, place,
	    best->is_valid && !best->is_recovered ? (struct mh_str){ NULL, 0 } : lint->mended);
	mh_tell(tell, MH_F_DMARC_MULTIPLE_RECORDS, best->text);
}

/* tell_beside - a text beside the record that nearly is one, too: it is passed over */
static void
tell_beside(struct mh_dmarc_lint *lint, const struct texts *texts)
{
	struct mh_tell *tell = &lint->tell;

	for (size_t i = 0; i < texts->count; i++) {
		if (texts->at[i].look != SPACED && texts->at[i].look != LIKE)
			continue;
		tell->text = texts->at[i].text;
		mh_say(tell,
		    "This text stands beside the DMARC record and was probably meant as one; receivers that "
		    "read loosely take it for a second one and discard both.");
		mh_fix_remove(tell, mh_tell_fix(tell, lint->name, MH_RR_TXT, lint->fact), lint->fact, i);
		tell->severity = MH_SEV_WARN;
		mh_tell(tell, MH_F_DMARC_SYNTAX, tell->text);
	}
}

/* ---------------------------------------------------------------- the record */

/* lint_record - all about the record in lint->tell.text; NULL: no memory */
static const struct mh_dmarc *
lint_record(struct mh_dmarc_lint *lint)
{
	lint->dmarc = mh_dmarc_parse(lint->tell.arena, lint->tell.text);
	if (lint->dmarc == NULL)
		lint->tell.bad = true;
	else if (lint->tell.report != NULL && mh_dmarc_mend(lint, lint->tell.text)) {
		mh_dmarc_lint_form(lint);
		mh_dmarc_lint_tags(lint);
	}
	return lint->dmarc;
}

const struct mh_dmarc *
mh_dmarc_lint(struct mh_pass *pass, const struct mh_fact *fact, struct mh_str domain, bool is_needed,
    struct mh_report *report)
{
	struct mh_dmarc_lint lint = { .fact = fact, .name = fact->name, .domain = domain };
	const struct mh_dmarc *found = NULL;

	mh_tell_begin(&lint.tell, pass->arena, report, "dmarc", fact->name);
	if (fact->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(&lint.tell, fact);
	} else if (fact->state != MH_FACT_MISSING) {
		struct texts texts = read_texts(pass->arena, fact);
		lint.tell.bad |= texts.bad;
		if (texts.bad)
			found = NULL;
		else if (texts.of[RECORD] == 0)
			tell_no_record(&lint, pass, &texts, is_needed);
		else if (texts.of[RECORD] > 1 && report != NULL)
			tell_several(&lint, &texts);
		else if (texts.of[RECORD] == 1) {
			lint.at = first_of(&texts, RECORD);
			lint.tell.text = texts.at[lint.at].text;
			found = lint_record(&lint);
			if (report != NULL)
				tell_beside(&lint, &texts);
		}
	}
	if (mh_tell_end(&lint.tell) != MH_ERR_OK) {
		pass->error = MH_ERR_ENOMEM;
		return NULL;
	}
	return found != NULL && found->is_valid ? found : NULL;
}

int
mh_dmarc_lint_text(struct mh_arena *arena, struct mh_str text, struct mh_str domain, struct mh_report *report)
{
	struct mh_dmarc_lint lint = { .name = MH_STR(""), .domain = domain };
	bool bad = false;

	if (domain.len > 0)
		lint.name = mh_name_below(arena, MH_STR("_dmarc"), domain);
	if (lint.name.p == NULL)
		return MH_ERR_ENOMEM;
	mh_tell_begin(&lint.tell, arena, report, "dmarc", lint.name);
	lint.tell.text = text;
	switch (look_at(arena, text, &bad)) {
	case RECORD:
		(void)lint_record(&lint);
		break;
	case SPF:
		mh_tell(&lint.tell, MH_F_DMARC_SPF_RECORD_THERE, text);
		break;
	default:
		if (!bad)
			mh_dmarc_lint_like(&lint, text);
		break;
	}
	lint.tell.bad |= bad;
	return mh_tell_end(&lint.tell);
}
