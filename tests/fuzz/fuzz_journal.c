/* fuzz_journal.c - any octets as what journalctl writes, whole and in pieces: the lines are the same
 *
 * The first octet is the size of the pieces.
 */
#include "fuzz.h"

#include "journal.h"

static uint64_t
mix(uint64_t hash, struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 0x100000001b3u;
	return hash * 31 + s.len;
}

static uint64_t
read_all(struct mh_str octets, size_t piece)
{
	static struct mh_journal journal;
	struct mh_str line;
	uint64_t hash = 0;
	mh_journal_init(&journal);
	while (octets.len > 0) {
		struct mh_str now = mh_str_n(octets.p, octets.len < piece ? octets.len : piece);
		octets = mh_str_n(octets.p + now.len, octets.len - now.len);
		while (mh_journal_next(&journal, &now, &line)) {
			fuzz_check(line.len > 0 && memchr(line.p, '\n', line.len) == NULL);
			fuzz_check(line.len <= MH_JOURNAL_LEAD_MAX + MH_JOURNAL_MESSAGE_MAX);
			hash = mix(hash, line);
		}
		fuzz_check(now.len == 0);
	}
	if (mh_journal_end(&journal, &line))
		hash = mix(hash, line);
	return hash;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct mh_str octets = mh_str_n((const char *)data + 1, size - 1);
	(void)mh_journal_is(octets);
	fuzz_check(read_all(octets, SIZE_MAX) == read_all(octets, (size_t)data[0] + 1));
	return 0;
}
