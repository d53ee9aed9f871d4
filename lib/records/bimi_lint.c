/* bimi_lint.c - is there one BIMI record, can it be read, and can what it names be fetched at all
 *
 * Findings about one record share one fix, the record that was probably meant;
 * where a logo or its certificate is, nobody can guess.
 */
#include "bimi.h"

#include "error.h"
#include "port.h"

struct lint {
	struct mh_tell tell;
	const struct mh_fact *fact; /* NULL: of a text alone */
	struct mh_str name; /* "" unknown */
	struct mh_str mended; /* what the record should be; len 0: nobody knows */
	size_t at; /* which record of the fact */
};

static void
fix(struct lint *lint)
{
	struct mh_fix *change;

	if (lint->name.len == 0 || lint->mended.len == 0 || mh_str_eq(lint->mended, lint->tell.text))
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

static void
tell_syntax(struct lint *lint, const char *why, struct mh_str evidence)
{
	mh_say(&lint->tell, why);
	fix(lint);
	mh_tell(&lint->tell, MH_F_BIMI_SYNTAX, evidence);
}

/* tell_tags - those that are not in the grammar */
static void
tell_tags(struct lint *lint, const struct mh_taglist *tags)
{
	for (unsigned i = 0; i < tags->count; i++) {
		const struct mh_tag *tag = &tags->tags[i];
		switch (tag->fault) {
		case MH_TAG_FINE:
			break;
		case MH_TAG_EMPTY:
			tell_syntax(lint, "There is nothing between two semicolons.", tag->text);
			break;
		case MH_TAG_TWICE:
			tell_syntax(lint, "The tag is there twice, and such a record counts for nothing.",
			    tag->text);
			break;
		case MH_TAG_BAD_VALUE:
			tell_syntax(lint, "The value has a character that is not printable ASCII.",
			    tag->text);
			break;
		default:
			tell_syntax(lint, "A tag has the form name=value.", tag->text);
			break;
		}
	}
	if (tags->is_cut)
		tell_syntax(lint, "It has more tags, or more octets, than are read.",
		    mh_str_n(tags->text.p, 0));
}

/* tell_no_logo - l= is not there */
static void
tell_no_logo(struct lint *lint, const struct mh_bimi *bimi)
{
	const struct mh_tag *meant = mh_taglist_ifind(&bimi->tags, "l");

	if (bimi->logo.is_there)
		return;
	if (meant != NULL)
		tell_syntax(lint, "The tag that is meant is written \"l\", in lower case.", meant->text);
	else
		tell_syntax(lint,
		    "There is no l=, which names the logo and must be there even if it is empty.",
		    bimi->text);
}

/* wrong_image - what kind of image a place names that is none for BIMI, by its ending; NULL: none such */
static const char *
wrong_image(const struct mh_bimi_place *place)
{
	static const char *const endings[] = { ".png", ".jpg", ".jpeg", ".gif", ".webp", ".ico", ".bmp",
		".avif" };
	struct mh_cur cur = mh_cur_of(place->uri.rest.p, place->uri.rest.len);
	struct mh_str path = mh_cur_until(&cur, "?");

	for (size_t i = 0; i < MH_COUNT(endings); i++)
		if (mh_str_iends(path, mh_str_z(endings[i])))
			return endings[i];
	return NULL;
}

static void
tell_places(struct lint *lint, const struct mh_bimi *bimi)
{
	struct mh_tell *tell = &lint->tell;
	const char *ending = bimi->logo.why == NULL ? wrong_image(&bimi->logo) : NULL;

	if (bimi->logo.why != NULL) {
		mh_say(tell, bimi->logo.why);
		fix(lint);
		mh_tell(tell, MH_F_BIMI_LOGO, bimi->logo.text);
	}
	if (ending != NULL) {
		mh_say(tell, "A logo for BIMI is an SVG file, and this one ends with ");
		mh_say(tell, ending);
		mh_say(tell, ".");
		mh_tell(tell, MH_F_BIMI_LOGO, bimi->logo.text);
	}
	if (bimi->evidence.why != NULL) {
		mh_say(tell, bimi->evidence.why);
		fix(lint);
		mh_tell(tell, MH_F_BIMI_CERTIFICATE, bimi->evidence.text);
	}
}

/* tell_record - what is wrong about one record, or about a text that means to be one */
static void
tell_record(struct lint *lint, const struct mh_bimi *bimi)
{
	const struct mh_tag *avp = mh_taglist_find(&bimi->tags, "avp");
	const struct mh_tag *lps = mh_taglist_find(&bimi->tags, "lps");

	lint->tell.text = bimi->text;
	lint->mended = MH_STR("");
	if ((!bimi->is_valid || !bimi->logo.is_there) && lint->tell.report != NULL) {
		lint->mended = mh_bimi_mend(lint->tell.arena, bimi->text);
		lint->tell.bad |= lint->mended.p == NULL;
	}
	if (!bimi->is_bimi) {
		tell_syntax(lint, "The record has to begin with \"v=BIMI1;\", in exactly these letters.",
		    bimi->text);
		return;
	}
	tell_tags(lint, &bimi->tags);
	tell_no_logo(lint, bimi);
	if (bimi->why_avatar != NULL)
		tell_syntax(lint, bimi->why_avatar, avp->text);
	if (bimi->why_selectors != NULL)
		tell_syntax(lint, bimi->why_selectors, lps->text);
	tell_places(lint, bimi);
}

/* tell_several - more records than one */
static void
tell_several(struct lint *lint, const size_t *places, size_t count, size_t kept)
{
	struct mh_tell *tell = &lint->tell;
	struct mh_fix *change = mh_tell_fix(tell, lint->name, MH_RR_TXT, lint->fact);

	mh_say(tell, "There are ");
	mh_say_int(tell, (int64_t)count);
	mh_say(tell, " BIMI records, and receivers then use none of them.");
	mh_tell_arg_int(tell, "records", (int64_t)count);
	for (size_t i = 0; i < count; i++)
		if (i != kept)
			mh_fix_remove(tell, change, lint->fact, places[i]);
	mh_tell(tell, MH_F_BIMI_SYNTAX, tell->text);
}

/* All records of the name, or else the texts that mean to be one. */
struct found {
	const struct mh_bimi **at;
	size_t *places, count;
};

/* find - false: no memory */
static bool
find(struct mh_arena *arena, const struct mh_fact *fact, struct found *found)
{
	size_t room = mh_fact_is_present(fact) ? fact->count : 0;

	*found = (struct found){ .count = 0 };
	found->at = mh_arena_alloc(arena, (room + 1) * sizeof(const struct mh_bimi *));
	found->places = mh_arena_alloc(arena, (room + 1) * sizeof(*found->places));
	if (found->at == NULL || found->places == NULL)
		return false;
	for (size_t i = 0; i < room; i++) {
		struct mh_str text = mh_rr_text(fact, i, arena);
		if (text.p == NULL && text.len == 0)
			return false;
		if (text.p == NULL || !mh_bimi_is_like(text))
			continue;
		const struct mh_bimi *bimi = mh_bimi_parse(arena, text);
		if (bimi == NULL)
			return false;
		if (bimi->is_bimi && found->count > 0 && !found->at[0]->is_bimi)
			found->count = 0;
		if (found->count == 0 || bimi->is_bimi == found->at[0]->is_bimi) {
			found->at[found->count] = bimi;
			found->places[found->count++] = i;
		}
	}
	return true;
}

static void
tell_found(struct lint *lint, const struct found *found)
{
	size_t kept = 0;

	if (found->count > 1 && found->at[0]->is_bimi) {
		while (kept + 1 < found->count && !found->at[kept]->is_valid)
			kept++;
		lint->tell.text = found->at[kept]->text;
		tell_several(lint, found->places, found->count, kept);
		return;
	}
	for (size_t i = 0; i < found->count; i++) {
		lint->at = found->places[i];
		tell_record(lint, found->at[i]);
	}
}

const struct mh_bimi *
mh_bimi_used(struct mh_pass *pass, const struct mh_fact *fact)
{
	struct found found;

	if (find(pass->arena, fact, &found))
		return found.count == 1 && found.at[0]->is_valid ? found.at[0] : NULL;
	pass->error = MH_ERR_ENOMEM;
	return NULL;
}

struct mh_str
mh_bimi_lint(struct mh_pass *pass, const struct mh_fact *fact, struct mh_report *report)
{
	struct lint lint = { .fact = fact, .name = fact->name, .mended = MH_STR("") };
	struct found found;

	mh_tell_begin(&lint.tell, pass->arena, report, "bimi", fact->name);
	if (fact->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&lint.tell, fact);
	else if (find(pass->arena, fact, &found))
		tell_found(&lint, &found);
	else
		lint.tell.bad = true;
	if (mh_tell_end(&lint.tell) != MH_ERR_OK)
		pass->error = MH_ERR_ENOMEM;
	return lint.mended.len > 0 ? lint.mended : (struct mh_str){ NULL, 0 };
}

int
mh_bimi_lint_text(struct mh_arena *arena, const struct mh_bimi *bimi, struct mh_str domain,
    struct mh_report *report)
{
	struct lint lint = { .name = MH_STR(""), .mended = MH_STR("") };

	if (domain.len > 0)
		lint.name = mh_name_below(arena, MH_STR("default._bimi"), domain);
	if (lint.name.p == NULL)
		return MH_ERR_ENOMEM;
	mh_tell_begin(&lint.tell, arena, report, "bimi", lint.name);
	tell_record(&lint, bimi);
	return mh_tell_end(&lint.tell);
}
