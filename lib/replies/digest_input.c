/* digest_input.c - octets of files, as lines
 *
 * What a file is shows in its first octets: gzip, journald's forms, or text.
 * Lines that stand whole in the octets given are read where they stand; only
 * the one that is cut by their end is copied.
 */
#include "digest_own.h"

#include "error.h"

/* keep_last - the time of the last line tells when the log ends */
static void
keep_last(struct mh_digest *digest, struct mh_str line)
{
	digest->last_length = line.len < sizeof(digest->last) ? line.len : sizeof(digest->last);
	if (line.len > 0)
		memcpy(digest->last, line.p, digest->last_length);
}

/* end_line - the copied beginning and the rest */
static int
end_line(struct mh_digest *digest, struct mh_str rest)
{
	size_t room = DIGEST_LINE - digest->line.len;
	mh_buf_put(&digest->line, rest.p, rest.len < room ? rest.len : room);
	if (digest->line.bad) {
		mh_buf_reset(&digest->line);
		return MH_ERR_ENOMEM;
	}
	struct mh_str line = mh_buf_str(&digest->line);
	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	int result = digest_line(digest, line);
	keep_last(digest, line);
	mh_buf_reset(&digest->line);
	digest->skips = false;
	return result;
}

static int
feed_text(struct mh_digest *digest, struct mh_str octets)
{
	int result = MH_ERR_OK;
	const char *p = octets.p, *end = octets.p + octets.len;
	struct mh_str whole = MH_STR("");
	while (p < end && result == MH_ERR_OK) {
		const char *lf = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)((lf != NULL ? lf : end) - p);
		if (lf == NULL) {
			size_t room = DIGEST_LINE - digest->line.len;
			mh_buf_put(&digest->line, p, len < room ? len : room);
			digest->skips = true;
			result = digest->line.bad ? MH_ERR_ENOMEM : MH_ERR_OK;
			break;
		}
		if (digest->skips) {
			whole.len = 0; /* it is kept there */
			result = end_line(digest, mh_str_n(p, len));
		} else {
			size_t kept = len > 0 && p[len - 1] == '\r' ? len - 1 : len;
			whole = mh_str_n(p, kept < DIGEST_LINE ? kept : DIGEST_LINE);
			result = digest_line(digest, whole);
		}
		p = lf + 1;
	}
	if (whole.len > 0)
		keep_last(digest, whole);
	return result;
}

static int
feed_journal(struct mh_digest *digest, struct mh_str octets)
{
	struct mh_str line;
	int result = MH_ERR_OK;
	while (result == MH_ERR_OK && mh_journal_next(digest->journal, &octets, &line))
		result = digest_line(digest, line);
	return result;
}

/* feed_lines - octets of lines, in a form that is known */
static int
feed_lines(struct mh_digest *digest, enum head form, struct mh_str octets)
{
	digest->numbers[MH_D_OCTETS] += (int64_t)octets.len;
	return form == HEAD_JOURNAL ? feed_journal(digest, octets) : feed_text(digest, octets);
}

/* gather - the first octets until they tell what follows; true when they do, and then *octets is the rest */
static bool
gather(struct mh_digest *digest, struct mh_str *octets)
{
	size_t room = sizeof(digest->look) - digest->looked, len = octets->len < room ? octets->len : room;
	memcpy(digest->look + digest->looked, octets->p, len);
	digest->looked += len;
	octets->p += len;
	octets->len -= len;
	return digest->looked == sizeof(digest->look);
}

/* decide_unpacked - what came out of gzip: text or a journal */
static int
decide_unpacked(struct mh_digest *digest)
{
	struct mh_str seen = mh_str_n(digest->look, digest->looked);
	digest->unpacked = mh_journal_is(seen) ? HEAD_JOURNAL : HEAD_TEXT;
	digest->looked = 0;
	return feed_lines(digest, digest->unpacked, seen);
}

static int
feed_unpacked(void *arg, struct mh_str octets)
{
	struct mh_digest *digest = arg;
	if (digest->unpacked == HEAD_LOOK) {
		if (!gather(digest, &octets))
			return MH_ERR_OK;
		int result = decide_unpacked(digest);
		if (result != MH_ERR_OK)
			return result;
	}
	return feed_lines(digest, digest->unpacked, octets);
}

static int
feed_known(struct mh_digest *digest, struct mh_str octets)
{
	int result;
	switch (digest->head) {
	case HEAD_GZIP:
		result = mh_gunzip_feed(digest->gunzip, octets, feed_unpacked, digest);
		if (result == MH_ERR_EIO)
			digest->head = HEAD_BROKEN;
		return result;
	case HEAD_JOURNAL:
	case HEAD_TEXT:
		return feed_lines(digest, digest->head, octets);
	default:
		return MH_ERR_OK; /* the rest of a damaged file */
	}
}

/* decide - what the file is */
static int
decide(struct mh_digest *digest)
{
	char first[sizeof(digest->look)]; /* what comes out of gzip is gathered in the same place */
	struct mh_str seen = mh_str_n(first, digest->looked);
	memcpy(first, digest->look, digest->looked);
	digest->unpacked = HEAD_LOOK;
	digest->head = HEAD_TEXT;
	if (digest->journal == NULL)
		digest->journal = mh_mem_alloc(&digest->mem, sizeof(*digest->journal));
	if (digest->journal == NULL)
		return MH_ERR_ENOMEM;
	mh_journal_init(digest->journal);
	if (seen.len >= 2 && memcmp(seen.p, "\x1f\x8b", 2) == 0) {
		digest->head = HEAD_GZIP;
		mh_gunzip_free(digest->gunzip);
		digest->gunzip = mh_gunzip_make(&digest->mem);
		if (digest->gunzip == NULL)
			return MH_ERR_ENOMEM;
	} else if (mh_journal_is(seen)) {
		digest->head = HEAD_JOURNAL;
	}
	digest->looked = 0;
	return feed_known(digest, seen);
}

int
mh_digest_feed(struct mh_digest *digest, struct mh_str octets)
{
	if (octets.len == 0)
		return MH_ERR_OK;
	digest->begun = true;
	digest->sorted = false;
	if (digest->head == HEAD_LOOK) {
		if (!gather(digest, &octets))
			return MH_ERR_OK;
		int result = decide(digest);
		if (result != MH_ERR_OK)
			return result;
	}
	return feed_known(digest, octets);
}

int
mh_digest_end(struct mh_digest *digest)
{
	int result = MH_ERR_OK;
	digest->sorted = false;
	if (digest->head == HEAD_LOOK && digest->looked > 0)
		result = decide(digest);
	if (result == MH_ERR_OK && digest->head == HEAD_GZIP && digest->unpacked == HEAD_LOOK)
		result = decide_unpacked(digest);
	if (digest->head == HEAD_GZIP && mh_gunzip_end(digest->gunzip) != MH_ERR_OK)
		result = MH_ERR_EIO;
	struct mh_str line;
	int last = MH_ERR_OK;
	if (digest->head == HEAD_JOURNAL || digest->unpacked == HEAD_JOURNAL)
		last = mh_journal_end(digest->journal, &line) ? digest_line(digest, line) : MH_ERR_OK;
	else if (digest->skips)
		last = end_line(digest, MH_STR(""));
	digest_see_time(digest, mh_str_n(digest->last, digest->last_length));
	digest->last_length = 0;
	digest->head = digest->unpacked = HEAD_LOOK;
	digest->looked = 0;
	return result != MH_ERR_OK ? result : last;
}
