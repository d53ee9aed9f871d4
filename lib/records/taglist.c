/* taglist.c - tag=value lists with their places (RFC 6376 3.2) */
#include "taglist.h"

struct mh_str
mh_tag_trim(struct mh_str s)
{
	while (s.len > 0 && mh_tag_is_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && mh_tag_is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

/* is_name - ALPHA *(ALPHA / DIGIT / "_") */
static bool
is_name(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alpha(s.p[i]) && (i == 0 || (!mh_is_digit(s.p[i]) && s.p[i] != '_')))
			return false;
	return true;
}

/* bad_octet - the first octet of a value that is neither VALCHAR nor white space; len 0: none */
static struct mh_str
bad_octet(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_tag_is_blank(s.p[i]) && (s.p[i] < 0x21 || s.p[i] > 0x7e))
			return mh_str_n(s.p + i, 1);
	return MH_STR("");
}

static bool
is_there(const struct mh_taglist *list, struct mh_str name)
{
	for (unsigned i = 0; i < list->count; i++)
		if (mh_str_eq(list->tags[i].name, name))
			return true;
	return false;
}

/* read_tag - one, the white space around it gone */
static void
read_tag(struct mh_taglist *list, struct mh_str text)
{
	struct mh_tag tag = { .text = text };
	const char *equals = text.len > 0 ? memchr(text.p, '=', text.len) : NULL;
	if (equals == NULL) {
		tag.name = text;
		tag.value = mh_str_n(text.p + text.len, 0);
		tag.fault = text.len == 0 ? MH_TAG_EMPTY : MH_TAG_NO_EQUALS;
	} else {
		size_t at = (size_t)(equals - text.p);
		tag.name = mh_tag_trim(mh_str_n(text.p, at));
		tag.value = mh_tag_trim(mh_str_n(equals + 1, text.len - at - 1));
		tag.at = bad_octet(tag.value);
		if (tag.name.len == 0)
			tag.fault = MH_TAG_NO_NAME;
		else if (!is_name(tag.name))
			tag.fault = MH_TAG_BAD_NAME;
		else if (is_there(list, tag.name))
			tag.fault = MH_TAG_TWICE;
		else if (tag.at.len > 0)
			tag.fault = MH_TAG_BAD_VALUE;
	}
	list->is_good &= tag.fault == MH_TAG_FINE;
	if (list->count < MH_TAGS_MAX)
		list->tags[list->count++] = tag;
	else
		list->is_cut = true;
}

void
mh_taglist_read(struct mh_taglist *list, struct mh_str text)
{
	list->text = text;
	list->count = 0;
	list->is_good = true;
	list->has_end = false;
	list->is_cut = text.len > MH_TAGLIST_MAX;
	if (list->is_cut)
		text.len = MH_TAGLIST_MAX;
	for (size_t from = 0; from < text.len && !(list->is_cut && list->count == MH_TAGS_MAX);) {
		const char *semicolon = memchr(text.p + from, ';', text.len - from);
		size_t to = semicolon != NULL ? (size_t)(semicolon - text.p) : text.len;
		struct mh_str part = mh_tag_trim(mh_str_n(text.p + from, to - from));
		/* White space behind the last semicolon is no tag. */
		if (part.len > 0 || semicolon != NULL)
			read_tag(list, part);
		list->has_end = semicolon != NULL || (part.len == 0 && list->count > 0);
		from = to + 1;
	}
	list->is_good &= list->count > 0 && !list->is_cut;
}

const struct mh_tag *
mh_taglist_find(const struct mh_taglist *list, const char *name)
{
	for (unsigned i = 0; i < list->count; i++)
		if (mh_str_eq(list->tags[i].name, mh_str_z(name)))
			return &list->tags[i];
	return NULL;
}

const struct mh_tag *
mh_taglist_ifind(const struct mh_taglist *list, const char *name)
{
	for (unsigned i = 0; i < list->count; i++)
		if (mh_str_ieq(list->tags[i].name, mh_str_z(name)))
			return &list->tags[i];
	return NULL;
}
