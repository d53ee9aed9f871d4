/* dmarc_mend.c - what a text was probably meant to say that is nearly a DMARC record
 *
 * Reads over quotes and backslashes of zone files, signs of word processors,
 * other signs than the semicolon between tags and than the equals sign behind
 * their names, slips of the pen, addresses without mailto:.  What cannot be made
 * out is left out, as receivers leave it out too; so what comes out is always a
 * record that can be used.  A policy that cannot be made out becomes none, which
 * harms nobody's mail.
 *
 * RFC 9989 4.7, 4.8, A.6
 */
#include "dmarc.h"
#include "nearly.h"
#include "port.h"
#include "tell.h"

#define TEXT_MAX 4096 /* octets of a text that is mended */
#define URIS_MAX 16 /* addresses that are kept of each kind */

static const char *const tag_names[] = { "p", "sp", "np", "adkim", "aspf", "t", "psd", "rua", "ruf", "fo",
	"pct", "rf", "ri", "v" };
_Static_assert(MH_COUNT(tag_names) == MH_DMARC_TAG_COUNT, "a name for each tag");

/* Words that are used for others. */
struct slip {
	const char *written;
	int meant;
};

static const struct slip tag_slips[] = {
	{ "pol", MH_DMARC_TAG_P },
	{ "policy", MH_DMARC_TAG_P },
	{ "po", MH_DMARC_TAG_P },
	{ "pp", MH_DMARC_TAG_P },
	{ "spol", MH_DMARC_TAG_SP },
	{ "subdomain", MH_DMARC_TAG_SP },
	{ "dkim", MH_DMARC_TAG_ADKIM },
	{ "spf", MH_DMARC_TAG_ASPF },
	{ "report", MH_DMARC_TAG_RUA },
	{ "rau", MH_DMARC_TAG_RUA },
	{ "rfu", MH_DMARC_TAG_RUF },
	{ "percent", MH_DMARC_TAG_PCT },
	{ "version", MH_DMARC_TAG_V },
};

static const struct slip policy_slips[] = {
	{ "monitor", MH_DMARC_NONE },
	{ "monitoring", MH_DMARC_NONE },
	{ "nothing", MH_DMARC_NONE },
	{ "no", MH_DMARC_NONE },
	{ "spam", MH_DMARC_QUARANTINE },
	{ "junk", MH_DMARC_QUARANTINE },
	{ "block", MH_DMARC_REJECT },
	{ "deny", MH_DMARC_REJECT },
	{ "refuse", MH_DMARC_REJECT },
};

const char *
mh_dmarc_tag_name(int tag)
{
	return tag >= 0 && tag < MH_DMARC_TAG_COUNT ? tag_names[tag] : "";
}

static int
find_slip(const struct slip *slips, size_t count, struct mh_str word)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_ieq(word, mh_str_z(slips[i].written)))
			return slips[i].meant;
	return -1;
}

/* find_tag - a name in any letter case, -1: none */
static int
find_tag(struct mh_str name)
{
	for (int i = 0; i < MH_DMARC_TAG_COUNT; i++)
		if (mh_str_ieq(name, mh_str_z(tag_names[i])))
			return i;
	return -1;
}

int
mh_dmarc_meant_tag(struct mh_str name)
{
	int found = find_tag(name);
	if (found < 0)
		found = find_slip(tag_slips, MH_COUNT(tag_slips), name);
	for (int i = 0; i < MH_DMARC_TAG_COUNT && found < 0; i++) {
		size_t len = strlen(tag_names[i]);
		if (len >= 3 && name.len >= 3 &&
		    mh_nearly(name, mh_str_z(tag_names[i])) <= (len >= 5 ? 2u : 1u))
			found = i;
	}
	return found;
}

uint8_t
mh_dmarc_meant_policy(struct mh_str value)
{
	static const unsigned far[] = { 0, 1, 2,
		2 }; /* slips of the pen that are allowed for, by the word's length */
	struct mh_str word = value;
	uint8_t policy;
	int slip;

	while (word.len > 0 && !mh_is_alpha(word.p[0]))
		word = mh_str_n(word.p + 1, word.len - 1);
	for (size_t i = 0; i < word.len; i++)
		if (!mh_is_alpha(word.p[i]))
			word.len = i;
	policy = mh_dmarc_policy(word);
	slip = find_slip(policy_slips, MH_COUNT(policy_slips), word);
	if (policy == MH_DMARC_NO_POLICY && slip >= 0)
		policy = (uint8_t)slip;
	for (uint8_t i = MH_DMARC_REJECT; i >= MH_DMARC_NONE && policy == MH_DMARC_NO_POLICY; i--)
		if (mh_nearly(word, mh_str_z(mh_dmarc_policy_name(i))) <= far[i])
			policy = i;
	return policy;
}

bool
mh_dmarc_is_fo(struct mh_str value)
{
	unsigned seen[4] = { 0 };
	for (size_t i = 0; i < value.len; i++) {
		const char *known = "01ds", *found;
		if (i % 2 == 1) {
			if (value.p[i] != ':' || i + 1 == value.len)
				return false;
			continue;
		}
		found = value.p[i] != '\0' ? strchr(known, mh_lower(value.p[i])) : NULL;
		if (found == NULL || seen[found - known]++ > 0)
			return false;
	}
	return value.len > 0 && (seen[0] == 0 || seen[1] == 0);
}

/* ------------------------------------------------------------------- values */

/* is_mail_domain - whether an address can end in it */
static bool
is_mail_domain(struct mh_str domain)
{
	return mh_name_valid(domain) && memchr(domain.p, '.', domain.len) != NULL;
}

struct reader {
	struct mh_arena *arena;
	struct mh_str domain;
	struct mh_dmarc_meant *meant;
	struct mh_buf uris[2]; /* of rua and ruf */
	unsigned counts[2];
	bool has_rua; /* there is such a tag */
	int last; /* tag that was read last */
	bool bad; /* no memory */
};

/* keep_uri - an address, if reports can go there and it is not there already */
static void
keep_uri(struct reader *reader, int tag, struct mh_str address)
{
	struct mh_buf *out = &reader->uris[tag == MH_DMARC_TAG_RUF];
	unsigned *count = &reader->counts[tag == MH_DMARC_TAG_RUF];
	struct mh_dmarc_uri uris[MH_DMARC_URIS_MAX];
	unsigned found = 0;
	struct mh_buf uri;

	mh_buf_init(&uri, &reader->arena->mem, TEXT_MAX + 16);
	mh_buf_puts(&uri, "mailto:");
	mh_buf_putstr(&uri, address);
	if (uri.bad || !mh_dmarc_uris(reader->arena, mh_buf_str(&uri), uris, &found))
		reader->bad = true;
	else if (found == 1 && uris[0].is_good && *count < URIS_MAX) {
		if ((*count)++ > 0)
			mh_buf_putc(out, ',');
		mh_buf_putstr(out, mh_buf_str(&uri));
	}
	mh_buf_free(&uri);
}

/* read_uri - one word of a value: with mailto or what was meant as that, or an address alone */
static void
read_uri(struct reader *reader, int tag, struct mh_str word)
{
	static const struct mh_str schemes[] = { MH_STR_INIT("mailto"), MH_STR_INIT("mail"),
		MH_STR_INIT("malito"), MH_STR_INIT("mailt"), MH_STR_INIT("maito") };
	const char *mark;

	for (bool again = true; again;) {
		again = false;
		while (word.len > 0 && memchr("<>(\":/= ", word.p[0], 8) != NULL)
			word = mh_str_n(word.p + 1, word.len - 1);
		for (size_t i = 0; i < MH_COUNT(schemes) && !again; i++) {
			size_t len = schemes[i].len;
			again = word.len > len && mh_str_istarts(word, schemes[i]) &&
			    memchr(":=/;", word.p[len], 4) != NULL;
			if (again)
				word = mh_str_n(word.p + len + 1, word.len - len - 1);
		}
	}
	mark = word.len > 0 ? memchr(word.p, '!', word.len) : NULL;
	if (mark != NULL)
		word.len = (size_t)(mark - word.p);
	while (word.len > 0 && memchr("<>)\"'.:", word.p[word.len - 1], 7) != NULL)
		word.len--;
	if (word.len > 0)
		keep_uri(reader, tag, word);
}

static void
read_uris(struct reader *reader, int tag, struct mh_str value)
{
	reader->has_rua |= tag == MH_DMARC_TAG_RUA;
	for (size_t i = 0; i < value.len;) {
		size_t from = i;
		while (i < value.len && value.p[i] != ',' && value.p[i] != ' ')
			i++;
		read_uri(reader, tag, mh_str_n(value.p + from, i - from));
		i++;
	}
}

/* one_of - the letter of set that a value is or begins with as a word ("relaxed"), "" none; spans of the set */
static struct mh_str
one_of(struct mh_str value, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_ieq(value, mh_str_n(words[i], 1)) || mh_str_ieq(value, mh_str_z(words[i])))
			return mh_str_n(words[i], 1);
	return MH_STR("");
}

/* normal - the value of a tag in the right form; "" it cannot be made out, or is left out on purpose */
static struct mh_str
normal(struct reader *reader, int tag, struct mh_str value)
{
	static const char *const alignments[] = { "relaxed", "strict" }, *const answers[] = { "yes", "no" },
				 *const kinds[] = { "yes", "no", "u" };
	int64_t pct;

	switch (tag) {
	case MH_DMARC_TAG_P:
	case MH_DMARC_TAG_SP:
	case MH_DMARC_TAG_NP:
		return mh_str_z(mh_dmarc_policy_name(mh_dmarc_meant_policy(value)));
	case MH_DMARC_TAG_ADKIM:
	case MH_DMARC_TAG_ASPF:
		return one_of(value, alignments, MH_COUNT(alignments));
	case MH_DMARC_TAG_T:
		return one_of(value, answers, MH_COUNT(answers));
	case MH_DMARC_TAG_PSD:
		return one_of(value, kinds, MH_COUNT(kinds));
	case MH_DMARC_TAG_FO:
		return mh_dmarc_is_fo(value) ? value : MH_STR("");
	case MH_DMARC_TAG_PCT:
		/* Of no mail at all: what t=y says since (A.6).  Of all of it: as without the tag. */
		pct = mh_str_int(value, 100);
		if (pct == 0 && reader->meant->value[MH_DMARC_TAG_T].len == 0)
			reader->meant->value[MH_DMARC_TAG_T] = MH_STR("y");
		return pct > 0 && pct < 100 ? value : MH_STR("");
	default:
		return MH_STR("");
	}
}

/* put - a tag and its value as they were found; the first that can be made out counts */
static void
put(struct reader *reader, int tag, struct mh_str value)
{
	value = mh_str_trim(value);
	while (value.len > 0 && memchr(",:;'\". ", value.p[value.len - 1], 7) != NULL)
		value.len--;
	while (value.len > 0 && memchr("=:,'\" ", value.p[0], 6) != NULL)
		value = mh_str_n(value.p + 1, value.len - 1);
	reader->last = tag;
	if (tag == MH_DMARC_TAG_RUA || tag == MH_DMARC_TAG_RUF) {
		read_uris(reader, tag, value);
		return;
	}
	if (reader->meant->value[tag].len == 0)
		reader->meant->value[tag] = normal(reader, tag, value);
}

/* --------------------------------------------------------------------- tags */

static bool
is_name_char(char c)
{
	return mh_is_alnum(c) || c == '-' || c == '_';
}

static size_t
name_length(struct mh_str text)
{
	size_t n = 0;
	while (n < text.len && is_name_char(text.p[n]))
		n++;
	return n;
}

/* tag_at - the tag whose name stands at text's start with "=" or ":" behind it, *behind where its value begins; -1:
 * none.  Within a value (is_first false) only a name that is right and an equals sign are one. */
static int
tag_at(struct mh_str text, bool is_first, size_t *behind)
{
	size_t n = name_length(text), at = n;
	struct mh_str name = mh_str_n(text.p, n);

	while (at < text.len && text.p[at] == ' ')
		at++;
	if (n == 0 || at == text.len || (text.p[at] != '=' && (text.p[at] != ':' || !is_first)))
		return -1;
	*behind = at + 1;
	/* "mailto:" is no tag that lost its letters. */
	return is_first && text.p[at] == '=' ? mh_dmarc_meant_tag(name) : find_tag(name);
}

/* may_begin - whether a tag may begin at place i of a value, by what stands before it: signs that people write for the
 * semicolon, but no colon that mailto ends with */
static bool
may_begin(struct mh_str value, size_t i)
{
	static const struct mh_str scheme = MH_STR_INIT("mailto:");
	if (memchr(" ,:|\t", value.p[i - 1], 5) == NULL)
		return false;
	return i < scheme.len || !mh_str_ieq(mh_str_n(value.p + i - scheme.len, scheme.len), scheme);
}

size_t
mh_dmarc_next_tag(struct mh_str value)
{
	size_t unused;
	for (size_t i = 1; i < value.len; i++)
		if (may_begin(value, i) && tag_at(mh_str_n(value.p + i, value.len - i), false, &unused) >= 0)
			return i;
	return value.len;
}

/* read_bare - a part without a tag that is one: "p none", "reject", an address more, the version alone */
static void
read_bare(struct reader *reader, struct mh_str part)
{
	size_t n = name_length(part);
	struct mh_str word = mh_str_n(part.p, n), rest = mh_str_trim(mh_str_n(part.p + n, part.len - n));
	int tag = find_tag(word);

	if (tag >= 0 && rest.len > 0)
		put(reader, tag, rest);
	else if (tag == MH_DMARC_TAG_RUA)
		reader->has_rua = true;
	else if (mh_dmarc_policy(part) != MH_DMARC_NO_POLICY)
		put(reader, MH_DMARC_TAG_P, part);
	else if (part.len > 0 && memchr(part.p, '@', part.len) != NULL)
		put(reader, reader->last == MH_DMARC_TAG_RUF ? MH_DMARC_TAG_RUF : MH_DMARC_TAG_RUA, part);
}

/* skip_version - octets at the start that are the version or were meant as that; 0: none */
static size_t
skip_version(struct mh_str part)
{
	static const struct mh_str word = MH_STR_INIT("dmarc");
	size_t at = 0, n;

	while (at < part.len && (mh_lower(part.p[at]) == 'v' || memchr("=:- ", part.p[at], 4) != NULL))
		at++;
	n = name_length(mh_str_n(part.p + at, part.len - at));
	if (mh_str_istarts(mh_str_n(part.p + at, part.len - at), word)) {
		at += word.len;
		if (at < part.len && part.p[at] == ' ' && at + 1 < part.len && mh_is_digit(part.p[at + 1]))
			at++;
		while (at < part.len &&
		    (mh_is_digit(part.p[at]) ||
			(part.p[at] == '.' && at + 1 < part.len && mh_is_digit(part.p[at + 1]))))
			at++;
		return at;
	}
	return at > 0 && n >= 5 && mh_nearly(mh_str_n(part.p + at, n), MH_STR("DMARC1")) <= 2 ? at + n : 0;
}

/* read_part - what stands between two semicolons */
static void
read_part(struct reader *reader, struct mh_str part)
{
	while (part.len > 0) {
		size_t behind = 0, skip = 0, next;
		part = mh_str_trim(part);
		while (part.len > 0 && memchr(",:|'/.", part.p[0], 6) != NULL)
			part = mh_str_trim(mh_str_n(part.p + 1, part.len - 1));
		skip = skip_version(part);
		if (skip > 0) {
			reader->meant->has_version = true;
			part = mh_str_n(part.p + skip, part.len - skip);
			continue;
		}
		int tag = part.len > 0 ? tag_at(part, true, &behind) : -1;
		next = behind + mh_dmarc_next_tag(mh_str_n(part.p + behind, part.len - behind));
		if (tag >= 0)
			put(reader, tag, mh_str_n(part.p + behind, next - behind));
		else
			read_bare(reader, mh_str_n(part.p, next));
		part = mh_str_n(part.p + next, part.len - next);
	}
}

/* finish - what is there of the whole */
static void
finish(struct reader *reader)
{
	struct mh_str *value = reader->meant->value;
	struct mh_buf *rua = &reader->uris[0];

	reader->meant->has_policy = value[MH_DMARC_TAG_P].len > 0;
	if (!reader->meant->has_policy)
		value[MH_DMARC_TAG_P] = MH_STR("none");
	if (reader->has_rua && reader->counts[0] == 0 && is_mail_domain(reader->domain)) {
		mh_buf_puts(rua, "mailto:dmarc-reports@");
		mh_buf_putstr(rua, reader->domain);
	}
	value[MH_DMARC_TAG_RUA] = mh_buf_keep(reader->arena, rua);
	value[MH_DMARC_TAG_RUF] = mh_buf_keep(reader->arena, &reader->uris[1]);
	if (value[MH_DMARC_TAG_RUA].p == NULL || value[MH_DMARC_TAG_RUF].p == NULL)
		reader->bad = true;
}

bool
mh_dmarc_mean(struct mh_arena *arena, struct mh_str text, struct mh_str domain, struct mh_dmarc_meant *meant)
{
	struct reader reader = { .arena = arena, .domain = domain, .meant = meant, .last = -1 };
	struct mh_buf ascii;
	struct mh_str plain;

	*meant = (struct mh_dmarc_meant){ .has_policy = false };
	for (size_t i = 0; i < MH_COUNT(meant->value); i++)
		meant->value[i] = MH_STR("");
	mh_buf_init(&ascii, &arena->mem, TEXT_MAX);
	for (size_t i = 0; i < 2; i++)
		mh_buf_init(&reader.uris[i], &arena->mem, 2 * TEXT_MAX);
	if (text.len > TEXT_MAX)
		text.len = TEXT_MAX;
	/* What looks like nothing ends what is read. */
	(void)mh_plain_ascii(&ascii, text);
	plain = mh_buf_keep(arena, &ascii);
	reader.bad = plain.p == NULL;
	for (size_t from = 0; from < plain.len && !reader.bad;) {
		const char *semicolon = memchr(plain.p + from, ';', plain.len - from);
		size_t to = semicolon != NULL ? (size_t)(semicolon - plain.p) : plain.len;
		read_part(&reader, mh_str_n(plain.p + from, to - from));
		from = to + 1;
	}
	finish(&reader);
	return !reader.bad;
}

struct mh_str
mh_dmarc_write(struct mh_arena *arena, const struct mh_dmarc_meant *meant)
{
	struct mh_buf out;
	mh_buf_init(&out, &arena->mem, 8 * TEXT_MAX);
	mh_buf_puts(&out, "v=DMARC1");
	for (int i = 0; i < MH_DMARC_TAG_V; i++) {
		if (meant->value[i].len == 0)
			continue;
		mh_buf_puts(&out, "; ");
		mh_buf_puts(&out, tag_names[i]);
		mh_buf_putc(&out, '=');
		mh_buf_putstr(&out, meant->value[i]);
	}
	return mh_buf_keep(arena, &out);
}

struct mh_str
mh_dmarc_start(struct mh_arena *arena, struct mh_str domain)
{
	struct mh_buf out;
	mh_buf_init(&out, &arena->mem, 2 * MH_DNAME_TEXT_MAX);
	mh_buf_puts(&out, "v=DMARC1; p=none");
	if (is_mail_domain(domain)) {
		mh_buf_puts(&out, "; rua=mailto:dmarc-reports@");
		mh_buf_putstr(&out, domain);
	}
	return mh_buf_keep(arena, &out);
}
