/* test_marks.c - where words stand, and the tables that are asked for them
 *
 * The pass with vectors is held against the plain one, and both against what a
 * reader would say of each octet.
 */
#include "support.h"

#include "marks.h"
#include "port.h"
#include "ruleset.h"
#include "word.h"

extern const struct mh_ruleset mh_builtin_rules;

static struct mh_marks fast, plain;

static unsigned
next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 16;
}

static bool
has_bit(const uint64_t *bits, size_t i)
{
	return (bits[i / 64] >> i % 64 & 1) != 0;
}

/* check_marks - a text of len octets, at the edge of what may be read */
static void
check_marks(const char *in, size_t len)
{
	static char text[MH_MARKS_TEXT + MH_MARKS_PAD], copy[MH_MARKS_TEXT + MH_MARKS_PAD];
	char *edge = guard_copy(in, len);
	memset(text, '#', sizeof(text));
	unsigned seen = mh_marks_make(&fast, text, edge, len), want = 0;
	guard_free(edge, len);
	test_check("the text is copied", memcmp(text, in, len) == 0);
	for (size_t i = 0; i < MH_MARKS_PAD; i++)
		test_check("and padded", text[len + i] == '\0');
	test_check("both passes tell the same of the text",
	    seen == mh_marks_make_plain(&plain, copy, text, len));
	test_check("and copy the same", memcmp(text, copy, len + MH_MARKS_PAD) == 0);
	test_check("and mark the same words",
	    memcmp(fast.word, plain.word, (len / 64 + 1) * sizeof(uint64_t)) == 0);
	test_check("and stop at the same octets",
	    memcmp(fast.stop, plain.stop, (len / 64 + 1) * sizeof(uint64_t)) == 0);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool word = mh_is_alnum(c);
		bool stop = word || c >= 0x7f || (c < 0x20 && c != '\t');
		want |= (c >= 0x80 ? MH_MARKS_HIGH : 0) |
		    (c == '\x1b' || c == '=' || c == '$' ? MH_MARKS_CODED : 0);
		test_check("letters and digits are words", has_bit(fast.word, i) == word);
		if (c != ':')
			test_check("what is passed over is passed over", has_bit(fast.stop, i) == stop);
		else if (text[i + 1] == ':')
			test_check("a colon before a colon is not passed over", has_bit(fast.stop, i));
	}
	test_check("what may be encoded and what is no ASCII is told", seen == want);
	size_t at = 0;
	while ((at = mh_marks_next(&fast, at)) < len) {
		if (has_bit(fast.word, at)) {
			size_t end = mh_marks_end(&fast, at), i = at;
			while (i < len && mh_is_alnum((unsigned char)text[i]))
				i++;
			test_number("a word ends where its letters end", end, i);
			at = end;
		} else {
			at++;
		}
	}
}

static void
marks_are_where_words_are(void **state)
{
	static char text[1024];
	static const char likely[] = "ab cd 12::3 e.f-g\r\n\t=$\x1b\x80\xc3\xa9@[`{:/9Zz";
	unsigned seed = 20261126;
	(void)state;
	for (size_t round = 0; round < 4000; round++) {
		size_t len = round < 300 ? round : next_random(&seed) % 700;
		for (size_t i = 0; i < len; i++)
			text[i] = round % 2 == 0 ? (char)(next_random(&seed) & 255)
						 : likely[next_random(&seed) % (sizeof(likely) - 1)];
		check_marks(text, len);
	}
}

static void
long_words_cross_blocks(void **state)
{
	static char text[MH_MARKS_TEXT];
	(void)state;
	for (size_t len = 60; len < 200; len++) {
		memset(text, 'a', len);
		check_marks(text, len);
		memset(text, ' ', len);
		check_marks(text, len);
		memset(text, ':', len);
		check_marks(text, len);
	}
	memset(text, 'a', MH_MARKS_TEXT);
	check_marks(text, MH_MARKS_TEXT);
}

/* The hash of a word is that of its octets, wherever it stands and whatever follows. */
static void
hashes_are_of_the_word_alone(void **state)
{
	unsigned seed = 7;
	(void)state;
	for (size_t len = 1; len <= MH_WORD_MAX; len++) {
		unsigned char octets[MH_WORD_MAX + 1 + 16] = { 0 };
		char text[200];
		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = (char)next_random(&seed);
		for (size_t i = 0; i < len; i++) {
			octets[i] =
			    (unsigned char)"abcdefghijklmnopqrstuvwxyz0123456789"[next_random(&seed) % 36];
			text[13 + i] =
			    (char)(next_random(&seed) % 2 && octets[i] >= 'a' ? octets[i] - 32 : octets[i]);
		}
		test_check("upper and lower case are one",
		    mh_word_hash(octets, len, 0) == mh_word_hash(text + 13, len, MH_FOLD));
		octets[len - 1] ^= 1;
		test_check("another last letter makes another word",
		    mh_word_hash(octets, len, 0) != mh_word_hash(text + 13, len, MH_FOLD));
	}
}

/* Every place of the tables is found from what stands in it, and nothing else is. */
static void
tables_give_what_is_in_them(void **state)
{
	const struct mh_ruleset *set = &mh_builtin_rules;
	uint32_t edges = 0, known = 0;
	(void)state;
	for (uint32_t number = 0; number < set->state_count; number += 7)
		for (uint32_t class = 0; class < set->class_count; class ++) {
			uint32_t next = mh_ruleset_edge(set, number, class), found = 0, bucket[2];
			uint32_t tag = mh_edge_buckets(number, class, set->class_count, set->edge_bits,
			    set->edge_count, bucket);
			for (uint32_t i = 0; i < 2 * MH_EDGE_PLACES; i++) {
				const struct mh_edge_bucket *b = &set->edges[bucket[i / MH_EDGE_PLACES]];
				uint32_t want = tag | (i < MH_EDGE_PLACES ? 0 : MH_EDGE_SECOND);
				if (b->tag[i % MH_EDGE_PLACES] == want && b->next[i % MH_EDGE_PLACES] != 0)
					found = b->next[i % MH_EDGE_PLACES];
			}
			test_number("an edge leads where its place says", next, found);
			edges += next != 0;
		}
	for (uint32_t i = 0; i < set->word_count * MH_WORD_PLACES; i++) {
		const struct mh_word_bucket *b = &set->words[i / MH_WORD_PLACES];
		known += b->class[i % MH_WORD_PLACES] != 0;
	}
	test_check("there are edges", edges > 1000);
	test_check("and words, and few places are empty", known > 1000 && known * 10 > set->word_count * 36);
	test_number("what no pattern names has no class",
	    mh_ruleset_word(set, mh_word_hash("qqzzxxqq\0\0\0\0\0\0\0\0", 8, 0)), 0);
}

/* What machines with vectors do at once is what a loop does. */
static void
vectors_give_what_loops_give(void **state)
{
	unsigned seed = 11;
	(void)state;
	for (uint32_t round = 0; round < 2000; round++) {
		uint32_t count = 1 + next_random(&seed) % 150, want = 0, bits = 0;
		int16_t numbers[150 + 32 + MH_VEC_MOST];
		for (size_t i = 0; i < MH_COUNT(numbers); i++)
			numbers[i] = MH_PROMISE_NOTHING;
		for (uint32_t i = 0; i < count; i++)
			mh_vec_put16(numbers, i, (int16_t)(next_random(&seed) % 500 - 250));
		for (uint32_t i = 0; i < count; i++)
			want = numbers[i] > numbers[want] ? i : want;
		test_number("the first of the largest", mh_vec_most(numbers, count), want);
		for (uint32_t i = count; i < MH_COUNT(numbers); i++)
			test_number("nothing is written beside", numbers[i], MH_PROMISE_NOTHING);
		uint16_t small[8];
		uint32_t large[4];
		for (uint32_t i = 0; i < 8; i++)
			small[i] = (uint16_t)(next_random(&seed) % 3);
		for (uint32_t i = 0; i < 4; i++)
			large[i] = next_random(&seed) % 3;
		for (uint32_t i = 0; i < 8; i++)
			bits |= (small[i] == 1 ? 3u : 0) << 2 * i;
		test_number("two bits for each of eight", mh_vec_find16(small, 1), bits);
		bits = 0;
		for (uint32_t i = 0; i < 4; i++)
			bits |= (large[i] == 1 ? 15u : 0) << 4 * i;
		test_number("four for each of four", mh_vec_find32(large, 1), bits);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_where_words_are),
		cmocka_unit_test(long_words_cross_blocks),
		cmocka_unit_test(hashes_are_of_the_word_alone),
		cmocka_unit_test(tables_give_what_is_in_them),
		cmocka_unit_test(vectors_give_what_loops_give),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
