/* dkim_key_mend.c - what a text was meant to be that is nearly a DKIM key record
 *
 * Quotes, backslashes, lines of PEM and what a zone file has around a record go;
 * tags are put in order; the key is written as verifiers want it.  What comes out
 * is given only if it reads as a valid record with a key, so that one correction
 * mends all of it.
 *
 * Does not: guess at letters of a key that are lost, or publish what was secret.
 *
 * RFC 6376 3.6.1, RFC 8463 4.2
 */
#include "dkim_key.h"

#define RECORD_MAX 32768

/* ------------------------------------------------------------ foreign octets */

bool
mh_dkim_has_escapes(struct mh_str text, struct mh_str *at)
{
	for (size_t i = 0; i + 1 < text.len; i++) {
		if (text.p[i] == '\\' && text.p[i + 1] == ';') {
			*at = mh_str_n(text.p + i, 2);
			return true;
		}
	}
	return false;
}

/* armour - octets of the line of PEM at the start of text, dashes included; 0: there is none.  Dashes may be
 * missing: some get lost. */
static size_t
armour(struct mh_str text)
{
	size_t i = 0;
	while (i < text.len && text.p[i] == '-')
		i++;
	struct mh_str rest = mh_str_n(text.p + i, text.len - i);
	bool is_begin = mh_str_istarts(rest, MH_STR("BEGIN "));
	if (i == 0 || (!is_begin && !mh_str_istarts(rest, MH_STR("END "))))
		return 0;
	size_t words = i + (is_begin ? 6 : 4), end = words;
	while (end < text.len && end - words < 40 && (mh_is_alpha(text.p[end]) || text.p[end] == ' '))
		end++;
	if (end == text.len || text.p[end] != '-')
		return end == text.len ? end : 0;
	while (end < text.len && text.p[end] == '-')
		end++;
	return end;
}

bool
mh_dkim_has_armour(struct mh_str text, struct mh_str *at)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] != '-')
			continue;
		size_t len = armour(mh_str_n(text.p + i, text.len - i));
		if (len > 0) {
			*at = mh_str_n(text.p + i, len);
			return true;
		}
		/* Not once more from each of many dashes. */
		while (i + 1 < text.len && text.p[i + 1] == '-')
			i++;
	}
	return false;
}

struct mh_str
mh_dkim_clean(struct mh_arena *arena, struct mh_str text)
{
	struct mh_str at;
	bool is_pem = mh_dkim_has_armour(text, &at);
	char *out = mh_arena_alloc(arena, text.len + 1);
	size_t n = 0;

	for (size_t i = 0; out != NULL && i < text.len; i++) {
		char c = text.p[i], next = '\0';
		if (i + 1 < text.len)
			next = text.p[i + 1];
		if (c == '\\' && next == ';')
			continue;
		size_t len = c == '-' && is_pem ? armour(mh_str_n(text.p + i, text.len - i)) : 0;
		if (len > 0) {
			i += len - 1;
		} else if (c == '\\' && is_pem && (next == 'n' || next == 'r')) {
			i++; /* line ends of a file as programs write them in strings */
		} else {
			out[n++] = c;
			while (c == '-' && i + 1 < text.len && text.p[i + 1] == '-' && is_pem) {
				out[n++] = '-';
				i++;
			}
		}
	}
	return mh_str_n(out, n);
}

/* is_foreign - an octet that no tag of a key record needs: what zone files, word processors and shells put
 * around it */
static bool
is_foreign(char c)
{
	unsigned char octet = (unsigned char)c;
	return octet >= 0x7f || octet < 0x20 || c == '"' || c == '\\' || c == '(' || c == ')' || c == '\'' ||
	    c == '`';
}

/* strip - text without such: between two strings of a zone file nothing is left, else a space for a
 * control */
static size_t
strip(struct mh_str text, char *out)
{
	size_t n = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (c == '"') {
			size_t next = i + 1;
			while (next < text.len && (mh_is_space(text.p[next]) || text.p[next] == '\\'))
				next++;
			if (next < text.len && text.p[next] == '"')
				i = next;
		} else if (mh_is_space(c)) {
			out[n++] = ' ';
		} else if (!is_foreign(c)) {
			out[n++] = c;
		}
	}
	return n;
}

/* from_version - text from "v=DKIM1" on, where something else stands before it: a name, a TTL, IN TXT */
static struct mh_str
from_version(struct mh_str text)
{
	static const struct mh_str version = MH_STR_INIT("v=DKIM1");
	for (size_t i = 1; i + version.len <= text.len; i++)
		if ((text.p[i - 1] == ' ' || text.p[i - 1] == '=') &&
		    mh_str_ieq(mh_str_n(text.p + i, version.len), version) && memchr(text.p, ';', i) == NULL)
			return mh_str_n(text.p + i, text.len - i);
	return text;
}

/* --------------------------------------------------------------------- tags */

/* What a text has of each tag. */
struct parts {
	struct mh_str h, n, s, t;
	struct mh_str others[8]; /* tags that nobody knows, as they are */
	unsigned others_count;
	struct mh_dkim_public key;
	bool has_key;
	bool is_unclear; /* two different keys: which is meant is not known */
	bool is_bad; /* no memory */
};

/* key_letters - the letters of base64 in a value, those for URLs as the usual ones; len 0: something else
 * is in it */
static struct mh_str
key_letters(struct mh_arena *arena, struct mh_str value)
{
	char *out = mh_arena_alloc(arena, value.len + 1);
	size_t n = 0;
	for (size_t i = 0; out != NULL && i < value.len; i++) {
		char c = value.p[i];
		if (c == '-' || c == '_')
			out[n++] = c == '-' ? '+' : '/';
		else if (mh_is_alnum(c) || c == '+' || c == '/')
			out[n++] = c;
		else if (c != ' ' && c != '=' && c != ',' && c != '.' && c != '<' && c != '>')
			return mh_str_n(out, 0);
	}
	return mh_str_n(out, n);
}

/* take_key - what is in a value, if it is a key that can be used */
static void
take_key(struct mh_arena *arena, struct mh_str value, struct parts *parts)
{
	struct mh_base64 base64;
	struct mh_dkim_public key;
	struct mh_str text = key_letters(arena, value);

	if (text.p != NULL)
		mh_base64_read(arena, text, &base64);
	if (text.p == NULL || base64.octets.p == NULL) {
		parts->is_bad = true;
		return;
	}
	if (text.len == 0 || base64.fault == MH_BASE64_COUNT)
		return;
	mh_dkim_public_read(base64.octets, &key);
	if (!mh_dkim_public_is_rsa(&key) && !mh_dkim_public_is_ed25519(&key))
		return;
	parts->is_unclear |= parts->has_key && !mh_dkim_public_same(&parts->key, &key);
	parts->key = key;
	parts->has_key = true;
}

static void
take_tag(struct mh_arena *arena, const struct mh_tag *tag, struct parts *parts)
{
	char name = tag->name.len == 1 ? mh_lower(tag->name.p[0]) : '\0';
	struct mh_str *into = name == 'h' ? &parts->h
	    : name == 'n'                 ? &parts->n
	    : name == 's'                 ? &parts->s
	    : name == 't'                 ? &parts->t
					  : NULL;

	if (tag->fault == MH_TAG_NO_EQUALS || (tag->fault == MH_TAG_BAD_NAME && tag->name.len >= 16))
		take_key(arena, tag->text, parts);
	else if (name == 'p')
		take_key(arena, tag->value, parts);
	else if (into != NULL && into->len == 0)
		*into = tag->value;
	else if (tag->fault == MH_TAG_FINE && into == NULL && name != 'v' && name != 'k' && name != 'g' &&
	    parts->others_count < 8)
		parts->others[parts->others_count++] = tag->text;
}

/* read_parts - of stripped text */
static bool
read_parts(struct mh_arena *arena, struct mh_str text, struct parts *parts)
{
	struct mh_taglist *tags = mh_arena_alloc(arena, sizeof(*tags));

	*parts = (struct parts){ .h = MH_STR(""), .n = MH_STR(""), .s = MH_STR(""), .t = MH_STR("") };
	if (tags == NULL)
		return false;
	mh_taglist_read(tags, text);
	for (unsigned i = 0; i < tags->count; i++)
		take_tag(arena, &tags->tags[i], parts);
	return !parts->is_bad;
}

/* spread - a semicolon in place of the space or comma before each tag that has none; in place of text,
 * whose octets
 * are ours */
static bool
spread(char *text, size_t len)
{
	bool has_any = false;
	for (size_t i = 1; i + 2 < len; i++) {
		if ((text[i] != ' ' && text[i] != ',') || strchr("vhknpst", text[i + 1]) == NULL ||
		    text[i + 1] == '\0' || text[i + 2] != '=')
			continue;
		text[i] = ';';
		has_any = true;
	}
	return has_any;
}

/* ------------------------------------------------------------------ writing */

/* put_tag - if it is not empty */
static void
put_tag(struct mh_buf *out, const char *name, struct mh_str value)
{
	if (value.len == 0)
		return;
	mh_buf_puts(out, name);
	mh_buf_putstr(out, value);
	mh_buf_puts(out, "; ");
}

/* put_flags - t= without what is dropped */
static void
put_flags(struct mh_buf *out, struct mh_str flags, bool drops_testing)
{
	struct mh_cur cur = mh_cur_of(flags.p, flags.len);
	struct mh_str entry;
	bool has_any = false;

	while (mh_dkim_next(&cur, &entry)) {
		if (entry.len == 0 || (drops_testing && mh_str_ieq(entry, MH_STR("y"))))
			continue;
		mh_buf_puts(out, has_any ? ":" : "t=");
		mh_buf_putstr(out, entry);
		has_any = true;
	}
	if (has_any)
		mh_buf_puts(out, "; ");
}

/* write_record - the parts in order */
static struct mh_str
write_record(struct mh_arena *arena, const struct parts *parts, bool drops_testing)
{
	struct mh_buf out;

	mh_buf_init(&out, &arena->mem, RECORD_MAX);
	mh_buf_puts(&out, "v=DKIM1; ");
	mh_buf_puts(&out, mh_dkim_public_is_rsa(&parts->key) ? "k=rsa; " : "k=ed25519; ");
	put_tag(&out, "h=", parts->h);
	put_tag(&out, "s=", parts->s);
	put_flags(&out, parts->t, drops_testing);
	put_tag(&out, "n=", parts->n);
	for (unsigned i = 0; i < parts->others_count; i++)
		put_tag(&out, "", parts->others[i]);
	mh_buf_puts(&out, "p=");
	mh_dkim_public_put(&out, &parts->key);
	return mh_buf_keep(arena, &out);
}

struct mh_str
mh_dkim_key_of(struct mh_arena *arena, const struct mh_dkim_public *key)
{
	struct parts parts = { .h = MH_STR(""), .n = MH_STR(""), .s = MH_STR(""), .t = MH_STR("") };
	parts.key = *key;
	return write_record(arena, &parts, false);
}

/* proved - the record of the parts if it is one that can be used: with its lists, and else without those
 * that hinder */
static struct mh_str
proved(struct mh_arena *arena, struct parts *parts, bool drops_testing)
{
	for (int i = 0; i < 2; i++) {
		struct mh_str record = write_record(arena, parts, drops_testing);
		const struct mh_dkim_key *key = record.p != NULL ? mh_dkim_key_parse(arena, record) : NULL;
		if (key == NULL)
			return (struct mh_str){ NULL, 0 };
		if (key->is_usable)
			return record;
		/* A list that keeps sha256 or mail out cannot be meant, and notes are for people. */
		if (!key->takes_sha256 || !key->has_good_lists)
			parts->h = MH_STR("");
		if (!key->is_for_mail || !key->has_good_lists)
			parts->s = MH_STR("");
		if (!key->has_good_lists)
			parts->t = MH_STR("");
		parts->n = MH_STR("");
		parts->others_count = 0;
	}
	return MH_STR("");
}

struct mh_str
mh_dkim_key_mend(struct mh_arena *arena, struct mh_str text, bool drops_testing)
{
	struct parts parts;
	struct mh_str clean = { NULL, 0 }, at;

	if (text.len > MH_TAGLIST_MAX)
		return MH_STR("");
	/* What was secret and is published is no key any more. */
	if (mh_dkim_has_armour(text, &at) && mh_str_iends(at, MH_STR("PRIVATE KEY-----")))
		return MH_STR("");
	clean = mh_dkim_clean(arena, text);
	char *stripped = clean.p != NULL ? mh_arena_alloc(arena, clean.len + 1) : NULL;
	if (stripped == NULL)
		return (struct mh_str){ NULL, 0 };
	size_t len = strip(clean, stripped);
	struct mh_str rest = from_version(mh_str_n(stripped, len));
	if (!read_parts(arena, rest, &parts))
		return (struct mh_str){ NULL, 0 };
	if (!parts.has_key && spread(stripped + (rest.p - stripped), rest.len) &&
	    !read_parts(arena, rest, &parts))
		return (struct mh_str){ NULL, 0 };
	if (!parts.has_key || parts.is_unclear)
		return MH_STR("");
	return proved(arena, &parts, drops_testing);
}
