/* bimi.c - one BIMI assertion record out of a text
 *
 * A tag list as DKIM has them, "v=BIMI1" first.  l= is required by the BIMI draft
 * (4.3).  Records that say no more than how logos are chosen (lps=, avp=) leave it
 * out, though, and those who check records take such for one whose l= is empty; so
 * do we, and say so.
 *
 * Values of lps= are as version 14 of the draft has them, a list of beginnings of
 * local parts; "true" and "false" of version 10 are two such words.
 */
#include "bimi.h"

#include "error.h"
#include "record.h"

#define BEGINNING_MAX 63

/* read_place - of l= and a= */
static void
read_place(const struct mh_tag *tag, struct mh_bimi_place *place)
{
	*place = (struct mh_bimi_place){ .text = MH_STR("") };
	mh_uri_read(place->text, &place->uri);
	if (tag == NULL)
		return;
	place->is_there = true;
	place->text = tag->value;
	mh_uri_read(place->text, &place->uri);
	if (place->text.len == 0)
		return;
	place->why = mh_uri_why_no_https(&place->uri);
	if (place->why == NULL && memchr(place->text.p, ',', place->text.len) != NULL)
		place->why = "A comma in it is written %2C.";
}

/* why_no_selectors - 1*63(ALPHA / DIGIT / "-"), with commas between several */
static const char *
why_no_selectors(struct mh_str value)
{
	for (size_t from = 0; from < value.len;) {
		const char *comma = memchr(value.p + from, ',', value.len - from);
		size_t to = comma != NULL ? (size_t)(comma - value.p) : value.len;
		struct mh_str one = mh_tag_trim(mh_str_n(value.p + from, to - from));
		for (size_t i = 0; i < one.len; i++)
			if (!mh_is_alnum(one.p[i]) && one.p[i] != '-')
				return "lps= is a list of words of letters, digits and hyphens, with commas "
				       "between them.";
		if (one.len == 0 || one.len > BEGINNING_MAX || to + 1 == value.len)
			return "Each word of lps= has 1 to 63 characters.";
		from = to + 1;
	}
	return NULL;
}

static void
read_preferences(struct mh_bimi *bimi)
{
	const struct mh_tag *avp = mh_taglist_find(&bimi->tags, "avp");
	const struct mh_tag *lps = mh_taglist_find(&bimi->tags, "lps");

	bimi->avatar = MH_STR("brand");
	bimi->selectors = lps != NULL ? lps->value : MH_STR("");
	if (avp != NULL && mh_str_eq(avp->value, MH_STR("personal")))
		bimi->avatar = MH_STR("personal");
	else if (avp != NULL && !mh_str_eq(avp->value, MH_STR("brand")))
		bimi->why_avatar = "avp= is \"brand\" or \"personal\".";
	bimi->why_selectors = why_no_selectors(bimi->selectors);
}

struct mh_bimi *
mh_bimi_parse(struct mh_arena *arena, struct mh_str text)
{
	struct mh_bimi *bimi = mh_arena_alloc(arena, sizeof(*bimi));

	if (bimi == NULL)
		return NULL;
	*bimi = (struct mh_bimi){ .text = text };
	mh_taglist_read(&bimi->tags, text);
	const struct mh_tag *first = &bimi->tags.tags[0];
	bimi->is_bimi = bimi->tags.count > 0 && mh_str_eq(first->name, MH_STR("v")) &&
	    mh_str_eq(first->value, MH_STR("BIMI1"));
	read_place(mh_taglist_find(&bimi->tags, "l"), &bimi->logo);
	read_place(mh_taglist_find(&bimi->tags, "a"), &bimi->evidence);
	read_preferences(bimi);
	bool has_preference =
	    mh_taglist_find(&bimi->tags, "lps") != NULL || mh_taglist_find(&bimi->tags, "avp") != NULL;
	bimi->is_valid = bimi->is_bimi && bimi->tags.is_good && bimi->logo.why == NULL &&
	    bimi->evidence.why == NULL && bimi->why_avatar == NULL && bimi->why_selectors == NULL &&
	    (bimi->logo.is_there || has_preference);
	bimi->is_declined =
	    bimi->is_valid && bimi->logo.is_there && bimi->logo.text.len == 0 && bimi->evidence.text.len == 0;
	return bimi;
}

bool
mh_bimi_is_like(struct mh_str text)
{
	static const struct mh_str word = MH_STR_INIT("bimi");

	static const struct mh_str version = MH_STR_INIT("v=bimi");

	/* The word stands in the version, whatever is wrong with what is around it, and wherever that is. */
	for (size_t i = 0; i + word.len <= text.len && i < 16; i++)
		if (mh_str_ieq(mh_str_n(text.p + i, word.len), word))
			return true;
	for (size_t i = 0; i + version.len <= text.len; i++)
		if (mh_str_ieq(mh_str_n(text.p + i, version.len), version))
			return true;
	return false;
}

/* ------------------------------------------------------------------ the record alone */

int
mh_bimi_record(struct mh_arena *arena, struct mh_str text, struct mh_str domain, struct mh_report *report,
    struct mh_record_fields *record)
{
	const struct mh_bimi *bimi = mh_bimi_parse(arena, text);

	record->is_valid = false;
	record->count = 0;
	if (bimi == NULL || (report != NULL && mh_bimi_lint_text(arena, bimi, domain, report) != MH_ERR_OK))
		return MH_ERR_ENOMEM;
	record->is_valid = bimi->is_valid;
	if (!bimi->is_valid)
		return MH_ERR_OK;
	record->fields[record->count++] = (struct mh_record_field){ "l", bimi->logo.text };
	record->fields[record->count++] = (struct mh_record_field){ "a", bimi->evidence.text };
	record->fields[record->count++] = (struct mh_record_field){ "lps", bimi->selectors };
	record->fields[record->count++] = (struct mh_record_field){ "avp", bimi->avatar };
	return MH_ERR_OK;
}
