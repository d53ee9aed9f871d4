/* test_journal.c - lib/replies/journal.c */
#include "support.h"

#include "journal.h"

/* "\x" of a length of 64 bits, least octet first */
#define LENGTH(n) n "\0\0\0\0\0\0\0"
#define TEXT(s) (s), sizeof(s) - 1

/* clang-format off */
static const struct {
	const char *name, *input;
	size_t len;
	const char *lines; /* each with its LF */
} cases[] = {
	{ "one entry of an export", TEXT("__CURSOR=s=1\n__REALTIME_TIMESTAMP=1795159200123456\n_HOSTNAME=mail\n"
	    "SYSLOG_IDENTIFIER=postfix/smtp\nSYSLOG_PID=123\n_PID=7\nMESSAGE=hello there\n\n"),
	    "2026-11-20T07:20:00.123Z mail postfix/smtp[123]: hello there\n" },
	{ "two entries, fields in any order", TEXT("MESSAGE=one\nSYSLOG_IDENTIFIER=a\n__REALTIME_TIMESTAMP=1795159200000000\n\n"
	    "__REALTIME_TIMESTAMP=1795159201000000\nSYSLOG_IDENTIFIER=b\n_HOSTNAME=h\nMESSAGE=two\n\n"),
	    "2026-11-20T07:20:00.000Z a: one\n2026-11-20T07:20:01.000Z h b: two\n" },
	{ "the end closes an entry", TEXT("SYSLOG_IDENTIFIER=a\nMESSAGE=one\n"), "a: one\n" },
	{ "the end closes a field", TEXT("SYSLOG_IDENTIFIER=a\nMESSAGE=one"), "a: one\n" },
	{ "a binary message", TEXT("SYSLOG_IDENTIFIER=a\nMESSAGE\n" LENGTH("\x09") "two\nlines\n_PID=5\n\n"),
	    "a[5]: two lines\n" },
	{ "a binary field of no octets", TEXT("X\n" LENGTH("\0") "\nMESSAGE=m\n\n"), "m\n" },
	{ "a binary field that holds what looks like fields", TEXT("X\n" LENGTH("\x0b") "\n\nMESSAGE=x\nMESSAGE=m\n\n"), "m\n" },
	{ "a message with equals signs", TEXT("SYSLOG_IDENTIFIER=a\nMESSAGE=to=<b>, c=d\n\n"), "a: to=<b>, c=d\n" },
	{ "a command stands in for an identifier", TEXT("_COMM=exim4\nMESSAGE=m\n\n"), "exim4: m\n" },
	{ "an identifier before a command", TEXT("_COMM=x\nSYSLOG_IDENTIFIER=y\nMESSAGE=m\n\n"), "y: m\n" },
	{ "an identifier that would break the line", TEXT("SYSLOG_IDENTIFIER=a b[c]: d\nMESSAGE=m\n\n"), "a_b_c___d: m\n" },
	{ "an entry without a message", TEXT("SYSLOG_IDENTIFIER=a\n\nMESSAGE=m\n\n"), "m\n" },
	{ "an empty message", TEXT("SYSLOG_IDENTIFIER=a\nMESSAGE=\n\n"), "" },
	{ "a time that is none", TEXT("__REALTIME_TIMESTAMP=yesterday\nSYSLOG_IDENTIFIER=a\nMESSAGE=m\n\n"), "a: m\n" },
	{ "what is no field is skipped", TEXT("?!\nMESSAGE=m\n\n"), "m\n" },
	{ "empty lines between entries", TEXT("\n\nMESSAGE=m\n\n\n\nMESSAGE=n\n\n"), "m\nn\n" },
	{ "of two messages the first", TEXT("MESSAGE=m\nMESSAGE=n\n\n"), "m\n" },
	{ "a binary value that lacks its end", TEXT("MESSAGE\n" LENGTH("\x01") "abc\nMESSAGE=m\n\n"), "m\n" },
	/* json */
	{ "one object", TEXT("{\"__REALTIME_TIMESTAMP\":\"1795159200123456\",\"_HOSTNAME\":\"mail\",\"SYSLOG_IDENTIFIER\":"
	    "\"postfix/smtp\",\"SYSLOG_PID\":\"123\",\"MESSAGE\":\"hello there\"}\n"),
	    "2026-11-20T07:20:00.123Z mail postfix/smtp[123]: hello there\n" },
	{ "spaces and lines within an object", TEXT("{\n\t\"MESSAGE\" : \"m\" ,\n\t\"_PID\" : \"1\",\"_COMM\":\"c\"\n}\n{ \"MESSAGE\": \"n\" }"),
	    "c[1]: m\nn\n" },
	{ "json-seq", TEXT("\x1e{\"MESSAGE\":\"m\"}\n\x1e{\"MESSAGE\":\"n\"}\n"), "m\nn\n" },
	{ "escapes", TEXT("{\"MESSAGE\":\"a\\\"b\\\\c\\/d\\te\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"}"), "a\"b\\c/d\teA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\n" },
	{ "half a surrogate", TEXT("{\"MESSAGE\":\"\\ud83dx\\ude00\\ud83d\"}"), "\xef\xbf\xbdx\xef\xbf\xbd\xef\xbf\xbd\n" },
	{ "line ends become spaces", TEXT("{\"MESSAGE\":\"a\\nb\\r\\nc\"}"), "a b  c\n" },
	{ "octets", TEXT("{\"MESSAGE\":[104,105,32,228],\"_COMM\":\"c\"}"), "c: hi \xe4\n" },
	{ "octets with spaces between", TEXT("{\"MESSAGE\":[ 104 , 105 ]}"), "hi\n" },
	{ "no octets", TEXT("{\"MESSAGE\":[]}"), "" },
	{ "several values", TEXT("{\"_PID\":[\"1\",\"2\"],\"_COMM\":\"c\",\"MESSAGE\":[\"m\",\"n\"]}"), "c[1]: m\n" },
	{ "a number", TEXT("{\"_PID\":12,\"_COMM\":\"c\",\"MESSAGE\":\"m\"}"), "c[12]: m\n" },
	{ "null", TEXT("{\"MESSAGE\":null}\n{\"MESSAGE\":\"n\"}"), "n\n" },
	{ "true and what it is followed by", TEXT("{\"X\":true,\"Y\":-1.5e3,\"MESSAGE\":\"m\"}"), "m\n" },
	{ "objects within", TEXT("{\"X\":{\"MESSAGE\":\"x\",\"y\":[\"}\\\"\"]},\"Z\":[[1,2],[3]],\"MESSAGE\":\"m\"}"), "m\n" },
	{ "what is no JSON is skipped", TEXT("{\"MESSAGE\":\"a\" b}\n{\"MESSAGE\":\"m\"}\n"), "m\n" },
	{ "a bad escape", TEXT("{\"MESSAGE\":\"a\\x\"}\n{\"MESSAGE\":\"a\\u00gg\"}\n{\"MESSAGE\":\"m\"}\n"), "m\n" },
	{ "an object that is cut", TEXT("{\"MESSAGE\":\"m\"}\n{\"MESSAGE\":\"n\","), "m\n" },
	{ "an empty object", TEXT("{}\n{\"MESSAGE\":\"m\"}"), "m\n" },
	{ "both forms in one", TEXT("MESSAGE=m\n\n{\"MESSAGE\":\"n\"}\nMESSAGE=o\n\n"), "m\nn\no\n" },
	{ "nothing", TEXT(""), "" },
};
/* clang-format on */

static struct mh_journal journal;

struct lines {
	char p[4096];
	size_t len;
};

static void
add(struct lines *lines, struct mh_str line)
{
	assert_true(line.len > 0);
	assert_null(memchr(line.p, '\n', line.len));
	assert_true(lines->len + line.len + 1 <= sizeof(lines->p));
	memcpy(lines->p + lines->len, line.p, line.len);
	lines->len += line.len;
	lines->p[lines->len++] = '\n';
}

static void
feed(struct mh_str piece, struct lines *lines)
{
	struct mh_str line;
	while (mh_journal_next(&journal, &piece, &line))
		add(lines, line);
	assert_int_equal(piece.len, 0);
}

static void
end(struct lines *lines)
{
	struct mh_str line;
	if (mh_journal_end(&journal, &line))
		add(lines, line);
}

static void
entries_become_lines(void **state)
{
	(void)state;
	mh_journal_init(&journal);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct lines lines = { .len = 0 };
		char *copy = guard_copy(cases[i].input, cases[i].len);
		feed(mh_str_n(copy, cases[i].len), &lines);
		end(&lines);
		test_span(cases[i].name, mh_str_n(lines.p, lines.len), mh_str_z(cases[i].lines));
		guard_free(copy, cases[i].len);
	}
}

static void
pieces_may_be_cut_anywhere(void **state)
{
	(void)state;
	mh_journal_init(&journal);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		for (size_t cut = 0; cut <= cases[i].len; cut++) {
			struct lines lines = { .len = 0 };
			feed(mh_str_n(cases[i].input, cut), &lines);
			feed(mh_str_n(cases[i].input + cut, cases[i].len - cut), &lines);
			end(&lines);
			test_span(cases[i].name, mh_str_n(lines.p, lines.len), mh_str_z(cases[i].lines));
		}
		struct lines lines = { .len = 0 };
		for (size_t k = 0; k < cases[i].len; k++)
			feed(mh_str_n(cases[i].input + k, 1), &lines);
		end(&lines);
		test_span(cases[i].name, mh_str_n(lines.p, lines.len), mh_str_z(cases[i].lines));
	}
}

static void
a_long_message_is_cut_and_a_long_field_too(void **state)
{
	static char chunk[1000];
	struct mh_str line, piece;
	(void)state;
	memset(chunk, 'x', sizeof(chunk));
	for (int form = 0; form < 2; form++) {
		mh_journal_init(&journal);
		piece = form == 0 ? MH_STR("__REALTIME_TIMESTAMP=1795159200123456\n_HOSTNAME=")
				  : MH_STR("{\"__REALTIME_TIMESTAMP\":\"1795159200123456\",\"_HOSTNAME\":\"");
		assert_false(mh_journal_next(&journal, &piece, &line));
		piece = mh_str_n(chunk, sizeof(chunk));
		assert_false(mh_journal_next(&journal, &piece, &line));
		piece = form == 0 ? MH_STR("\nSYSLOG_IDENTIFIER=") : MH_STR("\",\"SYSLOG_IDENTIFIER\":\"");
		assert_false(mh_journal_next(&journal, &piece, &line));
		piece = mh_str_n(chunk, sizeof(chunk));
		assert_false(mh_journal_next(&journal, &piece, &line));
		piece = form == 0 ? MH_STR("\nMESSAGE=") : MH_STR("\",\"MESSAGE\":\"");
		assert_false(mh_journal_next(&journal, &piece, &line));
		for (int i = 0; i < 70; i++) {
			piece = mh_str_n(chunk, sizeof(chunk));
			assert_false(mh_journal_next(&journal, &piece, &line));
		}
		piece = form == 0 ? MH_STR("\n\nMESSAGE=m\n\n") : MH_STR("\"}\n{\"MESSAGE\":\"m\"}");
		assert_true(mh_journal_next(&journal, &piece, &line));
		assert_true(journal.cut);
		assert_int_equal(line.len, 25 + 128 + 1 + 128 + 2 + MH_JOURNAL_MESSAGE_MAX);
		assert_true(mh_journal_next(&journal, &piece, &line));
		assert_false(journal.cut);
		test_span("the next message is whole", line, MH_STR("m"));
	}
}

static void
a_length_without_end_takes_no_memory(void **state)
{
	struct mh_str line, piece = mh_str_n("MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff", 16);
	(void)state;
	mh_journal_init(&journal);
	assert_false(mh_journal_next(&journal, &piece, &line));
	for (int i = 0; i < 1000; i++) {
		piece = MH_STR("MESSAGE=m\n\n");
		assert_false(mh_journal_next(&journal, &piece, &line));
	}
	assert_false(mh_journal_end(&journal, &line));
}

static void
the_forms_are_recognised(void **state)
{
	(void)state;
	assert_true(mh_journal_is(MH_STR("__CURSOR=s=1;i=2\n")));
	assert_true(mh_journal_is(MH_STR("{\"__CURSOR\":\"s=1\",")));
	assert_true(mh_journal_is(MH_STR("\x1e{ \"_PID\":\"1\",\"MESSAGE\":")));
	assert_false(mh_journal_is(MH_STR("")));
	assert_false(mh_journal_is(MH_STR("{")));
	assert_false(mh_journal_is(MH_STR("{\"message\":\"x\"}")));
	assert_false(mh_journal_is(MH_STR("Nov 20 08:15:10 mail postfix/smtp[1]: x")));
}

static void
look(struct mh_str s, void *arg)
{
	struct lines lines = { .len = 0 };
	(void)arg;
	(void)mh_journal_is(s);
	feed(s, &lines);
	end(&lines);
}

static void
mangled_journals_are_harmless(void **state)
{
	(void)state;
	mh_journal_init(&journal);
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_mangled(mh_str_n(cases[i].input, cases[i].len), look, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_become_lines),
		cmocka_unit_test(pieces_may_be_cut_anywhere),
		cmocka_unit_test(a_long_message_is_cut_and_a_long_field_too),
		cmocka_unit_test(a_length_without_end_takes_no_memory),
		cmocka_unit_test(the_forms_are_recognised),
		cmocka_unit_test(mangled_journals_are_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
