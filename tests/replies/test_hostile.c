/* test_hostile.c - replies that nobody means well with, through the public interface
 *
 * Not asserted: time, which depends on the machine.  Asserted: what comes out
 * stays within its bounds, memory is bounded whatever comes in, broken inputs
 * and failing allocations are ordinary, and a warm handle allocates nothing.
 */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "mailhealth.h"

#define MEMORY_MAX (8u * 1024 * 1024) /* of one handle with all that was ever asked of it */

struct desk {
	struct test_alloc alloc;
	mh_ctx *ctx;
	mh_reply *reply;
};

static int
setup(void **state)
{
	static struct desk desk;
	desk = (struct desk){ .alloc = { 0 } };
	desk.ctx = mh_ctx_new(test_alloc_fn, &desk.alloc);
	desk.reply = mh_reply_new(desk.ctx);
	*state = &desk;
	return desk.reply != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct desk *d = *state;
	mh_reply_free(d->reply);
	mh_ctx_free(d->ctx);
	test_alloc_done(&d->alloc);
	return 0;
}

/* -------------------------------------------------------------------------- looking */

/* The longest that each list may be; mh_reply_count of mailhealth.h. */
static const size_t list_max[MH_LIST_LIMIT + 1] = { 0, MH_REPLY_MAX_LINES, 3, 6, 4, 8, 9, 96, 96, 96, 96, 12,
	16, 4 };

static const int span_lists[] = { MH_LIST_LINE, MH_LIST_IP, MH_LIST_DOMAIN, MH_LIST_EMAIL, MH_LIST_URL,
	MH_LIST_ID, MH_LIST_BLOCKLIST };

static void
check_utf8(const char *text)
{
	size_t len = strlen(text), good = 0;
	while (good < len) {
		unsigned char c = (unsigned char)text[good];
		size_t step = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
		test_check("strings are UTF-8", step > 0 && step <= len - good);
		for (size_t k = 1; k < step; k++)
			test_check("strings are UTF-8", (text[good + k] & 0xc0) == 0x80);
		test_check("strings print", c >= ' ' || c == '\n'); /* the draft has lines */
		good += step;
	}
}

static bool
has_finding(mh_reply *reply, const char *id)
{
	bool has = false;
	mh_report *report = mh_reply_report(reply);
	for (size_t i = 0; i < mh_report_count(report); i++)
		has |= strcmp(mh_report_str(report, i, MH_FINDING_ID), id) == 0;
	mh_report_free(report);
	return has;
}

/* look - asks for the decision, and checks what every reply must hold */
static void
look(mh_reply *reply, size_t len)
{
	int64_t begin = mh_reply_int(reply, MH_REPLY_SPAN_BEGIN),
		end = mh_reply_int(reply, MH_REPLY_SPAN_END);
	int64_t code = mh_reply_int(reply, MH_REPLY_CODE), sure = mh_reply_int(reply, MH_REPLY_CONFIDENCE);
	test_number("the length is that of the input", mh_reply_int(reply, MH_REPLY_LENGTH), len);
	test_check("the code is none or one", code == MH_UNKNOWN || (code >= 200 && code <= 599));
	test_check("confidence is from 0 to 1000", sure >= 0 && sure <= 1000);
	test_check("the span is none or of the input",
	    (begin == MH_UNKNOWN && end == MH_UNKNOWN) || (begin >= 0 && begin < end && end <= (int64_t)len));
	test_check("there is a reason", mh_reply_str(reply, MH_REPLY_REASON)[0] != '\0');
	test_check("the wait is none or some", mh_reply_int(reply, MH_REPLY_RETRY_AFTER_S) >= -1);
}

/* look_deep - asks for everything */
static void
look_deep(mh_reply *reply, size_t len)
{
	look(reply, len);
	for (int field = MH_REPLY_STATUS; field <= MH_REPLY_FORM; field++)
		check_utf8(mh_reply_str(reply, field));
	for (int list = MH_LIST_LINE; list <= MH_LIST_LIMIT; list++) {
		size_t count = mh_reply_count(reply, list);
		test_check("lists are bounded", count <= list_max[list]);
		for (size_t i = 0; i < count; i += count < 100 ? 1 : 50)
			for (int field = MH_ITEM_ID; field <= MH_ITEM_WHAT; field++)
				check_utf8(mh_reply_item_str(reply, list, i, field));
	}
	for (size_t k = 0; k < MH_COUNT(span_lists); k++) {
		size_t count = mh_reply_count(reply, span_lists[k]);
		for (size_t i = 0; i < count; i++) {
			int64_t begin = mh_reply_item_int(reply, span_lists[k], i, MH_ITEM_SPAN_BEGIN);
			int64_t end = mh_reply_item_int(reply, span_lists[k], i, MH_ITEM_SPAN_END);
			test_check("entries stand in the input",
			    begin >= 0 && begin <= end && end <= (int64_t)len);
		}
	}
	const char *json = mh_reply_json(reply);
	size_t json_len = strlen(json);
	test_check("there is JSON", json_len > 2 && json[0] == '{' && json[json_len - 1] == '}');
	check_utf8(json);
	test_check("JSON has no line end", strchr(json, '\n') == NULL);
	mh_report *report = mh_reply_report(reply);
	test_check("there is a report", report != NULL && mh_report_json(report)[0] == '[');
	for (size_t i = 0; i < mh_report_count(report); i++) {
		int64_t begin = mh_report_int(report, i, MH_FINDING_RANGE_BEGIN),
			end = mh_report_int(report, i, MH_FINDING_RANGE_END);
		test_check("findings stand in the input",
		    (begin == MH_UNKNOWN && end == MH_UNKNOWN) ||
			(begin >= 0 && begin < end && end <= (int64_t)len));
		check_utf8(mh_report_str(report, i, MH_FINDING_EVIDENCE));
	}
	mh_report_free(report);
}

/* take - parses between guard pages and looks */
static void
take(struct desk *d, const char *text, size_t len)
{
	char *copy = guard_copy(text, len);
	assert_int_equal(mh_reply_parse(d->reply, copy, len), MH_OK);
	guard_free(copy, len);
	look_deep(d->reply, len);
	test_check("memory is bounded", d->alloc.live_octets <= MEMORY_MAX);
}

/* ---------------------------------------------------------------------- large inputs */

/* clang-format off */
static const struct {
	const char *begin, *piece;
} repeated[] = {
	{ "550 ", "x" }, { "550 ", "no such user " }, { "", "550 5.1.1 no\r\n" }, { "", "550-5.1.1 no\r\n" }, { "", "\n" },
	{ "", "\r" }, { "", "550 " }, { "", "550-" }, { "", "550-5.1.1 " }, { "", "5" }, { "", "5." }, { "550 ", "5.1.1 " }, { "550 ", "(#5.1.1)" },
	{ "550 ", "a.a.a." }, { "550 ", "a." }, { "550 ", "@" }, { "550 ", "a@" }, { "550 ", "a@b." }, { "550 ", "@a.b" }, { "550 ", ":" },
	{ "550 ", "::" }, { "550 ", "a:b:" }, { "550 ", "1:" }, { "550 ", "(" }, { "550 ", "[" }, { "550 ", "[(" }, { "550 ", "<" },
	{ "550 ", "=?" }, { "550 ", "=?utf-8?Q?" }, { "550 ", "=?utf-8?Q?a?=" }, { "550 ", "=?utf-8?B?" }, { "550 ", "?=" },
	{ "550 ", "$B" }, { "550 ", "\x1b$B" }, { "550 ", "\x1b$BF|K\\\x1b(B" }, { "550 ", "$B(B" },
	{ "550 ", "1" }, { "550 ", "1." }, { "550 ", "1.2.3.4" }, { "550 ", "1.2.3.4 " }, { "550 ", "192.0.2.1." }, { "550 ", "." }, { "550 ", ".." },
	{ "550 ", "-" }, { "550 ", "_" }, { "550 ", "'" }, { "550 ", "a'" }, { "550 ", "e-mail" }, { "550 ", "e-" },
	{ "550 http://", "a" }, { "550 http://a/", "(" }, { "550 http://a/", "b/" }, { "550 ", "http://" }, { "550 ", "http://a " }, { "550 ", "://" },
	{ "550 ", "zen.spamhaus.org " }, { "550 ", "a.b.zen.spamhaus.org." }, { "550 ", "google.com " },
	{ "550 ", "\x80" }, { "550 ", "\xff" }, { "550 ", "\xc3\xa9" }, { "550 ", "\xe4\xb8\x8d" }, { "550 ", "\xcc\x81" }, { "550 ", "\xe2\x82" },
	{ "550 ", "\xc3\xa9." }, { "550 ", "\xc3\xa9@" }, { "550 ", "1 minute " }, { "550 wait ", "1 hour 1 minute " }, { "550 limit ", "50 messages per day " },
	{ "550 ", "[TSS04] " }, { "550 ", "id=4711 " }, { "550 ", " - gsmtp" }, { "550 ", "ID " }, { "smtp; ", "smtp; " },
	{ "", "diagnostic-code: " }, { "", "<<< " }, { "", "(in reply to " }, { "550 (in reply to ", ")" }, { "550 ", "said: 550 " },
	{ "550 ", "spam virus quota blocked using listed policy " }, { "550 ", "user unknown mailbox full greylisted relay denied " },
};
/* clang-format on */

static char large[1024 * 1024 + 1];

/* fill - one piece again and again up to len octets */
static size_t
fill(const char *begin, const char *piece, size_t len)
{
	size_t n = strlen(begin), step = strlen(piece);
	memcpy(large, begin, n);
	for (; n + step <= len; n += step)
		memcpy(large + n, piece, step);
	return n;
}

static void
repetition_is_bounded(void **state)
{
	struct desk *d = *state;
	for (size_t i = 0; i < MH_COUNT(repeated); i++) {
		size_t len = fill(repeated[i].begin, repeated[i].piece, 65536);
		take(d, large, len);
		test_check("a reply that is longer than is read is told",
		    has_finding(d->reply, "reply.too-long"));
		len = fill(repeated[i].begin, repeated[i].piece, 3000);
		take(d, large, len);
		test_check("a shorter one is not", !has_finding(d->reply, "reply.too-long"));
	}
}

static void
the_limit_of_octets_is_where_it_is(void **state)
{
	struct desk *d = *state;
	size_t len = fill("550 ", "qqx ", MH_REPLY_MAX_OCTETS + 1000);
	take(d, large, MH_REPLY_MAX_OCTETS);
	test_check("so many octets are read", !has_finding(d->reply, "reply.too-long"));
	take(d, large, MH_REPLY_MAX_OCTETS + 1);
	test_check("one more is not", has_finding(d->reply, "reply.too-long"));
	memcpy(large + MH_REPLY_MAX_OCTETS - 16, "no such user....", 16);
	take(d, large, len);
	test_span("words before the limit count", mh_str_z(mh_reply_str(d->reply, MH_REPLY_REASON)),
	    MH_STR("user-unknown"));
	len = fill("550 ", "qqx ", MH_REPLY_MAX_OCTETS + 1000);
	memcpy(large + MH_REPLY_MAX_OCTETS, " no such user ", 14);
	take(d, large, len);
	test_span("words behind it do not", mh_str_z(mh_reply_str(d->reply, MH_REPLY_REASON)),
	    MH_STR("unknown"));
}

static void
the_limit_of_lines_is_where_it_is(void **state)
{
	struct desk *d = *state;
	size_t len = 0;
	for (int i = 0; i < MH_REPLY_MAX_LINES; i++, len += 7)
		memcpy(large + len, "550-x\r\n", 7);
	take(d, large, len);
	test_number("so many lines are kept", mh_reply_count(d->reply, MH_LIST_LINE), MH_REPLY_MAX_LINES);
	test_check("and that is not too long", !has_finding(d->reply, "reply.too-long"));
	memcpy(large + len, "550 no such user\r\n", 18);
	take(d, large, len + 18);
	test_number("one more is not kept", mh_reply_count(d->reply, MH_LIST_LINE), MH_REPLY_MAX_LINES);
	test_check("and that is told", has_finding(d->reply, "reply.too-long"));
}

static void
very_long_inputs_are_bounded(void **state)
{
	struct desk *d = *state;
	size_t len = fill("550 5.1.1 no such user ", "x", 1024 * 1024);
	take(d, large, len);
	test_span("a line of 1 MiB has its reason", mh_str_z(mh_reply_str(d->reply, MH_REPLY_REASON)),
	    MH_STR("user-unknown"));
	len = fill("550-5.1.1 no such user\r\n", "550-x\r\n", 700000);
	take(d, large, len); /* 100,000 lines */
	test_span("so has a reply of 100,000 lines", mh_str_z(mh_reply_str(d->reply, MH_REPLY_REASON)),
	    MH_STR("user-unknown"));
	memset(large, 0, sizeof(large));
	take(d, large, sizeof(large) - 1);
	test_check("NULs are told", has_finding(d->reply, "reply.nul-octet"));
	struct test_random random = { 3 };
	test_random_fill(&random, large, sizeof(large) - 1);
	take(d, large, sizeof(large) - 1);
}

/* append_rules - the patterns of a rule file, their words only, as one text */
static size_t
append_rules(size_t n, const char *name)
{
	char path[512], chunk[4096];
	struct mh_mem mem = mh_mem_default();
	struct mh_buf buf;
	size_t got;
	bool quoted = false;
	mh_buf_init(&buf, &mem, sizeof(path));
	mh_buf_puts(&buf, RULES_DIR "/");
	mh_buf_puts(&buf, name);
	FILE *in = fopen(mh_buf_z(&buf), "rb");
	mh_buf_free(&buf);
	assert_non_null(in);
	while ((got = fread(chunk, 1, sizeof(chunk), in)) > 0)
		for (size_t i = 0; i < got && n < sizeof(large) - 1; i++) {
			quoted ^= chunk[i] == '"';
			if (quoted && chunk[i] != '"' && chunk[i] != '(' && chunk[i] != ')' &&
			    chunk[i] != '|')
				large[n++] = chunk[i];
			else if (chunk[i] == '\n')
				large[n++] = ' ';
		}
	(void)fclose(in);
	return n;
}

static void
all_the_rules_phrases_at_once(void **state)
{
	static const char *const files[] = { "recipient.rules", "sender.rules", "server.rules",
		"routing.rules", "message.rules", "google.rules", "microsoft.rules", "yahoo.rules",
		"lang-de.rules", "lang-ru.rules", "lang-ja.rules" };
	struct desk *d = *state;
	size_t n = fill("550 ", "x", 4);
	for (size_t i = 0; i < MH_COUNT(files); i++)
		n = append_rules(n, files[i]);
	test_check("there are phrases", n > 100000);
	for (size_t at = 0; at + MH_REPLY_MAX_OCTETS <= n; at += MH_REPLY_MAX_OCTETS)
		take(d, large + at, MH_REPLY_MAX_OCTETS);
}

/* --------------------------------------------------------------------- broken inputs */

static const char *const seeds[] = {
	"550-5.7.26 Unauthenticated email from shop.example is not accepted due to\r\n550-5.7.26 domain's "
	"DMARC policy.\r\n"
	"550 5.7.26 a1-20020a05600c0a45sm12wmq.2 - gsmtp\r\n",
	"host mx.example.net[192.0.2.1] said: 550-5.7.1 [2001:db8::1] first 550 5.7.1 see "
	"http://a.example/(b)?c=d (in reply to RCPT TO command)",
	"450 4.7.1 <a.b+c@example.org>: greylisted, wait 1 hour(s) 5 minutes; max 50 messages per day per IP "
	"[TSS04]",
	"554 =?iso-8859-1?Q?bo=EEte?= \x1b$BF|K\\\x1b(B $BF|K\\(B bo\xeete \xe4\xb8\x8d\xe5\xad\x98 "
	"zen.spamhaus.org",
	"smtp; 550 5.1.1 <j\xc3\xbcrgen@b\xc3\xbc"
	"cher.example> Empf\xc3\xa4nger unbekannt (#5.1.1)",
};

static void
check_mangled(struct mh_str text, void *arg)
{
	struct desk *d = arg;
	assert_int_equal(mh_reply_parse(d->reply, text.p, text.len), MH_OK);
	look(d->reply, text.len);
	if (text.len % 16 == 0) /* the rest is dear */
		look_deep(d->reply, text.len);
}

static void
broken_replies_parse(void **state)
{
	for (size_t i = 0; i < MH_COUNT(seeds); i++)
		test_mangled(mh_str_z(seeds[i]), check_mangled, *state);
}

static void
large_replies_are_cut_anywhere(void **state)
{
	struct desk *d = *state;
	struct test_random random = { 11 };
	size_t n = 0;
	while (n < 40000)
		for (size_t i = 0; i < MH_COUNT(seeds); i++) {
			memcpy(large + n, seeds[i], strlen(seeds[i]));
			n += strlen(seeds[i]);
			large[n++] = '\n';
		}
	for (int k = 0; k < 512; k++) {
		size_t at = test_random_below(&random, n);
		char *copy = guard_copy(large, at), *rest = guard_copy_after(large + at, n - at);
		assert_int_equal(mh_reply_parse(d->reply, copy, at), MH_OK);
		look(d->reply, at);
		assert_int_equal(mh_reply_parse(d->reply, rest, n - at), MH_OK);
		look(d->reply, n - at);
		guard_free(copy, at);
		guard_free(rest, n - at);
		if (k % 32 == 0)
			look_deep(d->reply, n - at);
	}
}

static void
random_replies_parse(void **state)
{
	static const char *const pieces[] = { "550", "-", " ", "5.7.1", "\r\n", "\n", "\r", "\t",
		"no such user", "quota", "192.0.2.1", "2001:db8::1", "::", ":", "a@b.example", "@",
		"http://a.example/b", "www.", ".example", "zen.spamhaus.org", "(", ")", "[", "]",
		"=?utf-8?Q?a?=", "=?", "$B", "(B", "\x1b", "\xe9", "\xc3\xa9", "\xe4\xb8\x8d", "\0", "\xff",
		"e-mail", "'", "[TSS04]", "wait 5 minutes", "50 messages per day", "#5.1.1", "smtp;", "450",
		"4.2.2", "250", "(in reply to RCPT TO command)" };
	struct desk *d = *state;
	struct test_random random = { 5 };
	for (int n = 0; n < 20000; n++) {
		char text[1024];
		size_t len = 0;
		for (size_t k = test_random_below(&random, 24); k > 0; k--) {
			const char *piece = pieces[test_random_below(&random, MH_COUNT(pieces))];
			size_t step = piece[0] == '\0' ? 1 : strlen(piece);
			memcpy(text + len, piece, step);
			len += step;
		}
		assert_int_equal(mh_reply_parse(d->reply, text, len), MH_OK);
		look(d->reply, len);
		if (n % 8 == 0)
			look_deep(d->reply, len);
	}
}

/* The same text gives the same answer, whatever was parsed before it. */
static void
nothing_is_left_of_the_last_reply(void **state)
{
	struct desk *d = *state;
	char *first[MH_COUNT(seeds)];
	for (size_t i = 0; i < MH_COUNT(seeds); i++) {
		mh_reply *fresh = mh_reply_new(d->ctx);
		assert_int_equal(mh_reply_parse(fresh, seeds[i], strlen(seeds[i])), MH_OK);
		first[i] = strdup(mh_reply_json(fresh));
		mh_reply_free(fresh);
	}
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < MH_COUNT(seeds); i++) {
			size_t at = round == 1 ? MH_COUNT(seeds) - 1 - i : i;
			assert_int_equal(mh_reply_parse(d->reply, seeds[at], strlen(seeds[at])), MH_OK);
			test_span("a used handle answers as a fresh one", mh_str_z(mh_reply_json(d->reply)),
			    mh_str_z(first[at]));
		}
	for (size_t i = 0; i < MH_COUNT(seeds); i++)
		free(first[i]);
}

/* ------------------------------------------------------------------------------ memory */

static void
warm_handles_allocate_nothing(void **state)
{
	static const char *const texts[] = { "550 5.1.1 <a@example.org>: no such user",
		"550-5.7.1 first\r\n550 5.7.1 second\r\n", "452 4.2.2 bo\xc3\xaete pleine",
		"550 Empf\xe4nger unbekannt", "450 4.7.1 greylisted, wait 300 seconds",
		"554 5.7.1 [192.0.2.1] blocked using zen.spamhaus.org", "250 ok", "", "550 xyzzy" };
	struct desk *d = *state;
	size_t before = 0;
	for (int round = 0; round < 4; round++) {
		if (round == 2)
			before = d->alloc.calls;
		for (size_t i = 0; i < MH_COUNT(texts); i++) {
			assert_int_equal(mh_reply_parse(d->reply, texts[i], strlen(texts[i])), MH_OK);
			(void)mh_reply_str(d->reply, MH_REPLY_REASON);
			(void)mh_reply_str(d->reply, MH_REPLY_RULE);
			(void)mh_reply_str(d->reply, MH_REPLY_TEMPLATE);
			(void)mh_reply_int(d->reply, MH_REPLY_RETRY_AFTER_S);
		}
	}
	test_number("parsing and the decision allocate nothing once warm", d->alloc.calls, before);
	for (int round = 0; round < 4; round++) {
		if (round == 2)
			before = d->alloc.calls;
		for (size_t i = 0; i < MH_COUNT(texts); i++) {
			assert_int_equal(mh_reply_parse(d->reply, texts[i], strlen(texts[i])), MH_OK);
			(void)mh_reply_str(d->reply, MH_REPLY_TEXT);
			for (int list = MH_LIST_LINE; list <= MH_LIST_LIMIT; list++)
				(void)mh_reply_count(d->reply, list);
			(void)mh_reply_str(d->reply, MH_REPLY_DRAFT);
		}
	}
	test_number("nor do the lists", d->alloc.calls, before);
}

/* Asking again and again must not grow. */
static void
asking_again_takes_no_memory(void **state)
{
	struct desk *d = *state;
	static const char text[] =
	    "550-5.9.9 \xe9\x01 first\r\n550-5.2.2 second <a@example.org>\r\n550 third [TSS04] 192.0.2.1";
	for (int k = 0; k < 2; k++) {
		assert_int_equal(mh_reply_parse(d->reply, text, sizeof(text) - 1), MH_OK);
		look_deep(d->reply, sizeof(text) - 1);
	}
	size_t octets = d->alloc.live_octets;
	for (int n = 0; n < 2000; n++) {
		for (int field = MH_REPLY_STATUS; field <= MH_REPLY_FORM; field++)
			(void)mh_reply_str(d->reply, field);
		for (int list = MH_LIST_LINE; list <= MH_LIST_LIMIT; list++)
			for (size_t i = 0; i < mh_reply_count(d->reply, list); i++)
				for (int field = MH_ITEM_ID; field <= MH_ITEM_WHAT; field++)
					(void)mh_reply_item_str(d->reply, list, i, field);
		(void)mh_reply_json(d->reply);
	}
	test_number("memory is what it was", d->alloc.live_octets, octets);
}

struct whole {
	const char *text;
	char *json, *draft; /* of a run that nothing disturbed */
	size_t counts[MH_LIST_LIMIT + 1];
};

/* all_with - everything there is to ask; what comes out is right or missing, never something else */
static bool
all_with(struct mh_mem mem, void *arg)
{
	struct whole *whole = arg;
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_reply *reply = mh_reply_new(ctx);
	int result = reply != NULL ? mh_reply_parse(reply, whole->text, strlen(whole->text)) : MH_ENOMEM;
	bool good = result == MH_OK;
	if (!good) {
		test_number("no memory", result, MH_ENOMEM);
		test_span("and no reply", mh_str_z(mh_reply_str(reply, MH_REPLY_REASON)), MH_STR(""));
		test_span("nor JSON", mh_str_z(mh_reply_json(reply)), MH_STR(""));
		test_number("nor lists", mh_reply_count(reply, MH_LIST_LINE), 0);
	} else {
		for (int list = MH_LIST_LINE; list <= MH_LIST_LIMIT; list++) {
			size_t count = mh_reply_count(reply, list);
			for (size_t i = 0; i < count; i++)
				for (int field = MH_ITEM_ID; field <= MH_ITEM_WHAT; field++)
					assert_non_null(mh_reply_item_str(reply, list, i, field));
			if (whole->json != NULL)
				test_check("nothing is listed that is not there",
				    count <= whole->counts[list]);
			else
				whole->counts[list] = count;
		}
		for (int field = MH_REPLY_STATUS; field <= MH_REPLY_FORM; field++)
			assert_non_null(mh_reply_str(reply, field));
		const char *json = mh_reply_json(reply), *draft = mh_reply_str(reply, MH_REPLY_DRAFT);
		mh_report *report = mh_reply_report(reply);
		good = json[0] != '\0' && draft[0] != '\0' && report != NULL;
		if (whole->json == NULL) {
			whole->json = strdup(json);
			whole->draft = strdup(draft);
		}
		if (json[0] != '\0')
			test_span("JSON is whole or missing", mh_str_z(json), mh_str_z(whole->json));
		if (draft[0] != '\0')
			test_span("so is the draft", mh_str_z(draft), mh_str_z(whole->draft));
		mh_report_free(report);
	}
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	return good;
}

static void
no_memory_is_an_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(seeds); i++) {
		struct whole whole = { .text = seeds[i] };
		struct test_alloc alloc = { 0 };
		test_check("all goes well", all_with(test_alloc_mem(&alloc), &whole));
		(void)test_failing_allocs(all_with, &whole,
		    true); /* asked again, a list may find memory after all */
		free(whole.json);
		free(whole.draft);
	}
}

/* A handle that found no memory once works the next time. */
static void
no_memory_passes(void **state)
{
	(void)state;
	for (size_t fail_at = 1; fail_at < 60; fail_at++) {
		struct test_alloc alloc = { 0 };
		mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
		mh_reply *reply = mh_reply_new(ctx);
		alloc.fail_at = alloc.calls + fail_at;
		int result = mh_reply_parse(reply, seeds[3], strlen(seeds[3]));
		test_check("no memory or all well", result == MH_OK || result == MH_ENOMEM);
		(void)mh_reply_json(reply);
		alloc.fail_at = 0;
		if (result == MH_OK)
			test_check("what is asked for again is there", mh_reply_json(reply)[0] == '{');
		assert_int_equal(mh_reply_parse(reply, "550 5.1.1 no such user", 22), MH_OK);
		test_span("the next parse is right", mh_str_z(mh_reply_str(reply, MH_REPLY_REASON)),
		    MH_STR("user-unknown"));
		mh_reply_free(reply);
		mh_ctx_free(ctx);
		test_alloc_done(&alloc);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(repetition_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(the_limit_of_octets_is_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(the_limit_of_lines_is_where_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(very_long_inputs_are_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(all_the_rules_phrases_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_replies_parse, setup, teardown),
		cmocka_unit_test_setup_teardown(large_replies_are_cut_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(random_replies_parse, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_left_of_the_last_reply, setup, teardown),
		cmocka_unit_test_setup_teardown(warm_handles_allocate_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(asking_again_takes_no_memory, setup, teardown),
		cmocka_unit_test(no_memory_is_an_answer),
		cmocka_unit_test(no_memory_passes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
