/* tlsrpt_mend.c - a TLS reporting record of what texts were probably meant to say
 *
 * Looks for addresses alone: whatever stands between white space, commas,
 * semicolons and quotes, has an "@" or an https: in it, and can be made a URI that
 * reports can go to.
 *
 * Does not: guess names of hosts or mailboxes; where nothing can be made out, the
 * record is that of a domain that begins with it.
 */
#include "tlsrpt.h"

#include "tell.h"

#define VERSION "v=TLSRPTv1; rua="
#define ROOM_MAX (1u << 20) /* more than comes of the largest fact with each octet encoded */

struct mending {
	struct mh_arena *arena;
	struct mh_buf out;
	struct mh_buf one; /* an address under the pen */
	struct mh_str kept[MH_TLSRPT_URIS_MAX];
	unsigned count;
};

/* find - where word begins in s, letter case aside; s.len: it is not there */
static size_t
find(struct mh_str s, struct mh_str word)
{
	for (size_t i = 0; i + word.len <= s.len; i++)
		if (mh_str_ieq(mh_str_n(s.p + i, word.len), word))
			return i;
	return s.len;
}

/* without_size - an address without the size that DMARC has behind it: "!10m" */
static struct mh_str
without_size(struct mh_str s)
{
	size_t n = s.len;
	if (n > 0 && strchr("kmgtKMGT", s.p[n - 1]) != NULL && s.p[n - 1] != '\0')
		n--;
	while (n > 0 && mh_is_digit(s.p[n - 1]))
		n--;
	return n > 0 && n < s.len && s.p[n - 1] == '!' ? mh_str_n(s.p, n - 1) : s;
}

/* put_uri - what stands behind the scheme, exclamation marks encoded */
static void
put_uri(struct mending *mending, const char *scheme, struct mh_str rest)
{
	mh_buf_puts(&mending->one, scheme);
	for (size_t i = 0; i < rest.len; i++)
		if (rest.p[i] == '!')
			mh_buf_puts(&mending->one, "%21");
		else
			mh_buf_putc(&mending->one, rest.p[i]);
}

static size_t
begin_of_address(struct mh_str word)
{
	size_t at = 0;
	for (size_t i = 0; i < word.len && word.p[i] != '@'; i++)
		if (strchr(":=/<", word.p[i]) != NULL)
			at = i + 1;
	return at;
}

/* write_one - one word as the address it may mean */
static void
write_one(struct mending *mending, struct mh_str word)
{
	static const struct mh_str https = MH_STR_INIT("https://"), http = MH_STR_INIT("http://"),
				   mailto = MH_STR_INIT("mailto:");
	size_t at;

	mh_buf_reset(&mending->one);
	word = without_size(word);
	if ((at = find(word, https)) < word.len) {
		put_uri(mending, "https://", mh_str_n(word.p + at + https.len, word.len - at - https.len));
	} else if ((at = find(word, http)) < word.len) {
		put_uri(mending, "https://", mh_str_n(word.p + at + http.len, word.len - at - http.len));
	} else {
		at = find(word, mailto);
		if (at < word.len)
			at += mailto.len;
		else /* "rua=a@b", "rua:a@b", "mailto//a@b" and so on: the address is the end of it */
			at = begin_of_address(word);
		put_uri(mending, "mailto:", mh_str_n(word.p + at, word.len - at));
		while (mending->one.len > 0 && !mending->one.bad &&
		    strchr(">.", mending->one.p[mending->one.len - 1]) != NULL)
			mending->one.len--;
	}
}

/* keep - the word's address, if reports can go there and it is not there yet */
static void
keep(struct mending *mending, struct mh_str word)
{
	struct mh_uri uri;
	struct mh_str text;
	const char *why;

	write_one(mending, word);
	text = mh_buf_str(&mending->one);
	mh_uri_read(text, &uri);
	why = mh_uri_is(&uri, "mailto") ? mh_uri_why_no_mailto(&uri) : mh_uri_why_no_https(&uri);
	if (why != NULL || mending->count == MH_TLSRPT_URIS_MAX)
		return;
	for (unsigned i = 0; i < mending->count; i++)
		if (mh_str_eq(mending->kept[i], text))
			return;
	char *copy = mh_arena_alloc(mending->arena, text.len);
	if (copy == NULL) {
		mending->out.bad = true;
		return;
	}
	memcpy(copy, text.p, text.len);
	mending->kept[mending->count++] = mh_str_n(copy, text.len);
	mh_buf_puts(&mending->out, mending->count > 1 ? "," : VERSION);
	mh_buf_putstr(&mending->out, text);
}

static bool
is_between(char c)
{
	return (unsigned char)c <= ' ' || (unsigned char)c >= 0x7f || strchr(",;\"'\\", c) != NULL;
}

/* keep_all - every word of a text */
static void
keep_all(struct mending *mending, struct mh_str text)
{
	for (size_t at = 0; at < text.len && !mending->out.bad && !mending->one.bad;) {
		size_t to = at;
		while (to < text.len && !is_between(text.p[to]))
			to++;
		struct mh_str word = { text.p + at, to - at };
		if (word.len > 0 &&
		    (memchr(word.p, '@', word.len) != NULL || find(word, MH_STR("://")) < word.len))
			keep(mending, word);
		at = to + 1;
	}
}

/* keep_extensions - fields of a record that are as they should be, whatever they mean */
static void
keep_extensions(struct mending *mending, struct mh_str text)
{
	struct mh_tlsrpt *record = mh_arena_alloc(mending->arena, sizeof(*record));

	if (record == NULL) {
		mending->out.bad = true;
		return;
	}
	mh_tlsrpt_read(text, record);
	for (unsigned i = 0; i < record->extensions_count; i++) {
		mh_buf_puts(&mending->out, "; ");
		mh_buf_putstr(&mending->out, record->extensions[i]);
	}
}

struct mh_str
mh_tlsrpt_mend(struct mh_arena *arena, const struct mh_str *texts, size_t count, struct mh_str domain)
{
	struct mending mending = { .arena = arena };
	bool is_too_long = false;

	mh_buf_init(&mending.out, &arena->mem, ROOM_MAX);
	mh_buf_init(&mending.one, &arena->mem, ROOM_MAX);
	for (size_t i = 0; i < count; i++) {
		is_too_long |= texts[i].len > MH_TLSRPT_MAX;
		if (!is_too_long)
			keep_all(&mending, texts[i]);
	}
	if (mending.count == 0 && domain.len > 0) {
		mh_buf_puts(&mending.out, VERSION "mailto:tls-reports@");
		mh_buf_putstr(&mending.out, domain);
		mending.count = 1;
	}
	if (mending.count > 0 && count == 1 && !is_too_long)
		keep_extensions(&mending, texts[0]);
	mending.out.bad |= mending.one.bad;
	mh_buf_free(&mending.one);
	if (!mending.out.bad && (mending.count == 0 || mending.out.len > MH_TLSRPT_MAX)) {
		mh_buf_free(&mending.out);
		return MH_STR("");
	}
	return mh_buf_keep(arena, &mending.out);
}
