/* dmarc_lint_form.c - how a DMARC record is written
 *
 * Version, semicolons, equals signs, quotes, octets that no record has, tags
 * that are there twice.  RFC 9989 4.8 has receivers leave out what is not in
 * the grammar, but strict ones discard the whole record for it, as RFC 6376 3.2
 * has it of such lists; so that is a failure.  What nobody is known to mind is a
 * warning: nothing between two semicolons, names in capitals.
 *
 * RFC 9989 4.7, 4.8, RFC 6376 3.2
 */
#include "dmarc_lint_own.h"
#include "nearly.h"
#include "port.h"

/* tell_syntax - what was said, about evidence; a failure explains why the policy cannot be read, too */
static void
tell_syntax(struct mh_dmarc_lint *lint, struct mh_str evidence, bool is_failure)
{
	if (!is_failure)
		lint->tell.severity = MH_SEV_WARN;
	lint->explains_policy |= is_failure;
	mh_dmarc_tell(lint, MH_F_DMARC_SYNTAX, evidence);
}

/* say_octet - an octet that no record has */
static void
say_octet(struct mh_tell *tell, struct mh_str octet)
{
	unsigned char c = (unsigned char)octet.p[0];
	if (c >= 0x80)
		mh_say(tell,
		    "There is a character that is not ASCII, as word processors put in for quotes, spaces "
		    "and hyphens.");
	else
		mh_say(tell, "There is a control character.");
}

/* --------------------------------------------------------------- no record */

static struct mh_str
first_where(struct mh_str text, bool (*is_it)(char c))
{
	for (size_t i = 0; i < text.len; i++)
		if (is_it(text.p[i]))
			return mh_str_n(text.p + i, 1);
	return MH_STR("");
}

static bool
is_foreign(char c)
{
	return !mh_tag_is_blank(c) && (c < ' ' || c > '~');
}

static bool
is_quote(char c)
{
	return c == '"' || c == '\\';
}

/* say_version - what is wrong with a text that begins with something like the version; the part that is */
static struct mh_str
say_version(struct mh_tell *tell, struct mh_str text)
{
	static const struct mh_str exact = MH_STR_INIT("v=DMARC1"), word = MH_STR_INIT("v=DMARC");
	struct mh_str begin = mh_str_n(text.p, text.len < exact.len ? text.len : exact.len);

	if (mh_str_eq(begin, exact)) {
		mh_say(tell, "A semicolon has to follow v=DMARC1");
		if (text.len > exact.len && !mh_tag_is_blank(text.p[exact.len])) {
			mh_say(tell, ", and there is \"");
			mh_say_str(tell, mh_str_n(text.p + exact.len, 1));
			mh_say(tell, "\"");
		}
		mh_say(tell, "; without it receivers do not know the record as one.");
		return mh_str_n(text.p, text.len < exact.len + 4 ? text.len : exact.len + 4);
	}
	if (mh_str_ieq(begin, exact)) {
		mh_say(tell,
		    "The version is written v=DMARC1, in exactly these letters: a small v, the rest in "
		    "capitals.");
		return begin;
	}
	if (mh_str_istarts(text, word)) {
		mh_say(tell, "The version is always DMARC1; there is no other.");
		return begin;
	}
	mh_say(tell, "The record has to begin with v=DMARC1 and a semicolon; this one begins with \"");
	mh_say_str(tell, mh_str_n(text.p, text.len < 12 ? text.len : 12));
	mh_say(tell, "\".");
	return begin;
}

/* say_why - what keeps a text from being a record, most telling first; the part that does */
static struct mh_str
say_why(struct mh_tell *tell, struct mh_str text)
{
	struct mh_str foreign = first_where(text, is_foreign), quote = first_where(text, is_quote);

	if (foreign.len > 0 && foreign.p < text.p + 12) {
		say_octet(tell, foreign);
		mh_say(tell, " So it does not begin with v=DMARC1.");
		return foreign;
	}
	if (quote.len > 0 && quote.p < text.p + 12) {
		mh_say(tell,
		    quote.p[0] == '"' ? "The quotes of the zone file became part of the record itself, which "
					"has to begin with v=DMARC1."
				      : "The backslash of a zone file became part of the record itself, and "
					"the semicolon behind it no longer ends the version.");
		return quote;
	}
	for (size_t i = 1; i + 8 <= text.len; i++) {
		if (!mh_str_ieq(mh_str_n(text.p + i, 8), MH_STR("v=DMARC1")))
			continue;
		mh_say(tell, "The version has to come first; here there is something before it.");
		return mh_str_n(text.p + i, 8);
	}
	return say_version(tell, text);
}

void
mh_dmarc_lint_like(struct mh_dmarc_lint *lint, struct mh_str text)
{
	size_t blanks = 0;

	if (!mh_dmarc_mend(lint, text))
		return;
	while (blanks < text.len && mh_is_space(text.p[blanks]))
		blanks++;
	if (blanks > 0 && mh_dmarc_is_record(mh_str_n(text.p + blanks, text.len - blanks))) {
		mh_say(&lint->tell, "It has to begin with v=DMARC1.");
		mh_dmarc_tell(lint, MH_F_DMARC_LEADING_SPACE, mh_str_n(text.p, blanks));
		return;
	}
	if (!lint->meant.has_version && !lint->meant.has_policy &&
	    lint->meant.value[MH_DMARC_TAG_RUA].len == 0)
		lint->mended = MH_STR(""); /* nothing of it can be made out */
	struct mh_str evidence = say_why(&lint->tell, text);
	tell_syntax(lint, evidence, true);
}

/* ----------------------------------------------------------------- the record */

static int
tag_of(const struct mh_tag *tag)
{
	for (int i = 0; i < MH_DMARC_TAG_COUNT; i++)
		if (mh_str_ieq(tag->name, mh_str_z(mh_dmarc_tag_name(i))))
			return i;
	return -1;
}

/* note - there is an error in what was meant as that tag: no more is said about what it does not say */
static void
note(struct mh_dmarc_lint *lint, int tag)
{
	lint->explains_rua |= tag == MH_DMARC_TAG_RUA || tag == MH_DMARC_TAG_RUF;
}

/* without_equals - a part that has no name=value form: "p:none", "p none", "reject" */
static void
without_equals(struct mh_dmarc_lint *lint, const struct mh_tag *tag)
{
	struct mh_tell *tell = &lint->tell;
	size_t n = 0, at;
	int meant;

	while (n < tag->text.len && mh_is_alnum(tag->text.p[n]))
		n++;
	meant = tag_of(&(struct mh_tag){ .name = mh_str_n(tag->text.p, n) });
	for (at = n; at < tag->text.len && mh_tag_is_blank(tag->text.p[at]);)
		at++;
	if (meant < 0 && mh_dmarc_policy(tag->text) != MH_DMARC_NO_POLICY) {
		mh_say(tell, "A policy needs its name before it: p=");
		mh_say_str(tell, tag->text);
		mh_say(tell, ".");
		meant = MH_DMARC_TAG_P;
	} else if (meant >= 0 && at < tag->text.len && tag->text.p[at] == ':') {
		mh_say(tell, "Between name and value stands an equals sign, not a colon: ");
		mh_say(tell, mh_dmarc_tag_name(meant));
		mh_say(tell, "=");
		mh_say_str(tell, mh_tag_trim(mh_str_n(tag->text.p + at + 1, tag->text.len - at - 1)));
		mh_say(tell, ".");
	} else if (memchr(tag->text.p, '@', tag->text.len) != NULL) {
		mh_say(tell,
		    "Several addresses stand in one tag, with commas between them; a semicolon ends the "
		    "tag.");
		meant = MH_DMARC_TAG_RUF;
	} else
		mh_say(tell, "A part of the record has the form name=value.");
	note(lint, meant);
	tell_syntax(lint, tag->text, true);
}

/* within - what stands in a value that is no part of it; whether something was told */
static bool
within(struct mh_dmarc_lint *lint, const struct mh_tag *tag, int meant)
{
	struct mh_tell *tell = &lint->tell;
	size_t next = mh_dmarc_next_tag(tag->value);
	struct mh_str quote = first_where(tag->value, is_quote);

	if (tag->fault == MH_TAG_BAD_VALUE) {
		say_octet(tell, tag->at);
		note(lint, meant);
		tell_syntax(lint, tag->at, true);
	} else if (meant >= 0 && next < tag->value.len) {
		mh_say(tell, "A semicolon is missing before ");
		mh_say_str(tell, mh_str_n(tag->value.p + next, tag->value.len - next));
		mh_say(tell, "; without it that belongs to the value of ");
		mh_say_str(tell, tag->name);
		mh_say(tell, "=.");
		lint->explains_rua = true;
		tell_syntax(lint, tag->text, true);
	} else if (meant >= 0 && quote.len > 0) {
		mh_say(tell,
		    "A quote or backslash of a zone file became part of the record itself; no value of DMARC "
		    "has one.");
		note(lint, meant);
		tell_syntax(lint, tag->text, true);
	} else
		return false;
	return true;
}

static void
lint_tag(struct mh_dmarc_lint *lint, const struct mh_tag *tag)
{
	struct mh_tell *tell = &lint->tell;
	int meant = tag_of(tag);

	switch (tag->fault) {
	case MH_TAG_EMPTY:
		mh_say(tell, "There is nothing before a semicolon.");
		tell_syntax(lint, tag->text, false);
		return;
	case MH_TAG_NO_EQUALS:
		without_equals(lint, tag);
		return;
	case MH_TAG_NO_NAME:
	case MH_TAG_BAD_NAME:
		mh_say(tell, "A part of the record has the form name=value, and names have letters only.");
		note(lint, mh_dmarc_meant_tag(mh_str_trim(tag->name)));
		tell_syntax(lint, tag->text, true);
		return;
	case MH_TAG_TWICE:
		if (!lint->dmarc->is_twice)
			break; /* before it stands only a word that lost its equals sign */
		mh_say_str(tell, tag->name);
		mh_say(tell, "= is there before, and letters alone tell tags apart.");
		mh_dmarc_tell(lint, MH_F_DMARC_DUPLICATE_TAG, tag->text);
		return;
	default:
		break;
	}
	if (meant >= 0 && !mh_str_eq(tag->name, mh_str_z(mh_dmarc_tag_name(meant)))) {
		mh_say(tell, "Some receivers read over names that are not in lower case: it is written ");
		mh_say(tell, mh_dmarc_tag_name(meant));
		mh_say(tell, "=.");
		note(lint, meant);
		tell_syntax(lint, tag->text, meant == MH_DMARC_TAG_P);
		return;
	}
	(void)within(lint, tag, meant);
}

void
mh_dmarc_lint_form(struct mh_dmarc_lint *lint)
{
	const struct mh_taglist *tags = &lint->dmarc->tags;

	if (tags->is_cut) {
		mh_say(&lint->tell,
		    "It has more than 64 tags or 16384 octets; no receiver can be counted on to read it.");
		tell_syntax(lint, mh_str_n(lint->tell.text.p, 8), true);
	}
	for (unsigned i = 1; i < tags->count; i++)
		lint_tag(lint, &tags->tags[i]);
	if (tags->count > 0 && mh_str_eq(tags->tags[0].name, MH_STR("V"))) {
		mh_say(&lint->tell,
		    "Some receivers know the version only as v=DMARC1, and discard this record.");
		tell_syntax(lint, tags->tags[0].text, true);
	}
}
