/* bimi_mend.c - the BIMI record that a text was probably meant to be
 *
 * Looks for the tags that are known, whatever stands between them and in whatever
 * letter case their names are, and for places of files without a name.
 *
 * Does not: guess where a logo is; a text that does not say so is not mended.
 */
#include "bimi.h"

#include "port.h"

#define TEXT_MAX 4096 /* octets of a text that is mended */

enum { LOGO, EVIDENCE, SELECTORS, AVATAR, COUNT };

static const char *const names[COUNT] = { "l", "a", "lps", "avp" };

struct meant {
	struct mh_str value[COUNT];
	bool is_there[COUNT];
	int last; /* of which the next word may be more; -1 */
};

static bool
is_between(char c)
{
	return (unsigned char)c <= ' ' || (unsigned char)c >= 0x7f || strchr(",;\"'\\", c) != NULL;
}

static int
find_name(struct mh_str name)
{
	for (int i = 0; i < COUNT; i++)
		if (mh_str_ieq(name, mh_str_z(names[i])))
			return i;
	return -1;
}

/* which_file - of a place without a tag: logo or evidence, by how it ends */
static int
which_file(struct mh_str word)
{
	return mh_str_iends(word, MH_STR(".svg")) ? LOGO : mh_str_iends(word, MH_STR(".pem")) ? EVIDENCE : -1;
}

/* keep_word - what stands between two separators */
static void
keep_word(struct meant *meant, struct mh_str word)
{
	struct mh_cur cur = mh_cur_of(word.p, word.len);
	struct mh_str name = mh_cur_until(&cur, "=:"),
		      rest = mh_str_n(word.p + name.len, word.len - name.len);
	bool is_place = mh_str_istarts(rest, MH_STR("://"));
	int which = rest.len == 0 || is_place ? -1 : find_name(name);

	if (which >= 0) {
		word = mh_str_n(rest.p + 1, rest.len - 1);
	} else if (rest.len == 0 && meant->last == SELECTORS && meant->value[SELECTORS].len > 0) {
		/* the list goes on: it begins in the same text */
		struct mh_str *list = &meant->value[SELECTORS];
		list->len = (size_t)(word.p + word.len - list->p);
		return;
	} else {
		which = rest.len == 0 || is_place ? which_file(word) : -1;
	}
	meant->last = which;
	if (which < 0 || meant->value[which].len > 0)
		return;
	meant->is_there[which] = true;
	meant->value[which] = word;
}

/* put_place - as an https: URI, if there is one to be made of it */
static void
put_place(struct mh_buf *out, struct mh_str place)
{
	struct mh_uri uri;

	if (mh_str_istarts(place, MH_STR("http://"))) {
		mh_buf_puts(out, "https");
		place = mh_str_n(place.p + 4, place.len - 4);
	} else if (mh_str_istarts(place, MH_STR("//"))) {
		mh_buf_puts(out, "https:");
	} else if (place.len > 0) {
		mh_uri_read(place, &uri);
		if (uri.scheme.len == 0)
			mh_buf_puts(out, "https://");
	}
	mh_buf_putstr(out, place);
}

/* write - the record of what was made out */
static void
write_record(struct mh_buf *out, const struct meant *meant)
{
	mh_buf_puts(out, "v=BIMI1; l=");
	put_place(out, meant->value[LOGO]);
	if (meant->is_there[EVIDENCE] || meant->value[LOGO].len == 0) {
		mh_buf_puts(out, "; a=");
		put_place(out, meant->value[EVIDENCE]);
	}
	if (meant->value[SELECTORS].len > 0) {
		mh_buf_puts(out, "; lps=");
		mh_buf_putstr(out, meant->value[SELECTORS]);
	}
	if (mh_str_ieq(meant->value[AVATAR], MH_STR("personal")))
		mh_buf_puts(out, "; avp=personal");
	else if (mh_str_ieq(meant->value[AVATAR], MH_STR("brand")))
		mh_buf_puts(out, "; avp=brand");
	mh_buf_putc(out, ';');
}

struct mh_str
mh_bimi_mend(struct mh_arena *arena, struct mh_str text)
{
	struct meant meant = { .last = -1 };
	struct mh_buf out;

	for (int i = 0; i < COUNT; i++)
		meant.value[i] = MH_STR("");
	if (text.len > TEXT_MAX)
		return MH_STR("");
	for (size_t at = 0; at < text.len;) {
		size_t to = at;
		while (to < text.len && !is_between(text.p[to]))
			to++;
		if (to > at)
			keep_word(&meant, mh_str_n(text.p + at, to - at));
		at = to + 1;
	}
	/* Without a logo it says something if it declines one, or leaves the choice to the local part. */
	if (meant.value[LOGO].len == 0 &&
	    (meant.value[EVIDENCE].len > 0 || (!meant.is_there[LOGO] && meant.value[SELECTORS].len == 0)))
		return MH_STR("");
	mh_buf_init(&out, &arena->mem, 2 * TEXT_MAX);
	write_record(&out, &meant);
	struct mh_str mended = mh_buf_keep(arena, &out);
	if (mended.p == NULL)
		return mended;
	const struct mh_bimi *bimi = mh_bimi_parse(arena, mended);
	if (bimi == NULL)
		return (struct mh_str){ NULL, 0 };
	return bimi->is_valid ? mended : MH_STR("");
}
