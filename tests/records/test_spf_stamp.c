/* test_spf_stamp.c - lib/records/spf_stamp.c */
#include "support.h"

#include <stdio.h>

#include "find.h"
#include "spf_eval.h"

static struct mh_mem mem;
static struct mh_arena arena;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	mh_arena_init(&arena, &mem, 1u << 16);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	mh_arena_free(&arena);
	return 0;
}

/* ---------------------------------------------------------------------- written */

static const struct {
	int result;
	const char *sender, *helo, *receiver, *matched, *evidence;
	bool is_helo;
	const char *received, *authres;
} written[] = {
	{ MH_SPF_PASS, "user@example.org", "mail.example.org", "mx.example.net", "ip4:192.0.2.0/24", "",
	    false,
	    "Received-SPF: pass (mx.example.net: domain of user@example.org designates as permitted sender: "
	    "192.0.2.1)"
	    " receiver=mx.example.net; client-ip=192.0.2.1; envelope-from=\"user@example.org\"; "
	    "helo=mail.example.org;"
	    " identity=mailfrom; mechanism=\"ip4:192.0.2.0/24\"",
	    "spf=pass smtp.mailfrom=user@example.org" },
	{ MH_SPF_FAIL, "postmaster@mail.example.org", "mail.example.org", "", "-all", "", true,
	    "Received-SPF: fail (unknown: domain of postmaster@mail.example.org does not designate as "
	    "permitted sender: "
	    "192.0.2.1) receiver=unknown; client-ip=192.0.2.1; envelope-from=\"postmaster@mail.example.org\";"
	    " helo=mail.example.org; identity=helo; mechanism=-all",
	    "spf=fail smtp.helo=mail.example.org" },
	{ MH_SPF_NEUTRAL, "u@a.org", "", "r", "", "", false,
	    "Received-SPF: neutral (r: domain of u@a.org says neither yes nor no to 192.0.2.1) receiver=r;"
	    " client-ip=192.0.2.1; envelope-from=\"u@a.org\"; helo=\"\"; identity=mailfrom; "
	    "mechanism=default",
	    "spf=neutral smtp.mailfrom=u@a.org" },
	{ MH_SPF_PERMERROR, "u@a.org", "h", "r", "", "foo:\"bar\"", false,
	    "Received-SPF: permerror (r: no SPF record that can be used for u@a.org) receiver=r; "
	    "client-ip=192.0.2.1;"
	    " envelope-from=\"u@a.org\"; helo=h; identity=mailfrom; problem=\"foo:\\\"bar\\\"\"",
	    "spf=permerror smtp.mailfrom=u@a.org" },
	{ MH_SPF_NONE, "a b\"\\\r\nX-Evil: (y)@a.org", "h\r\nX: y", "r)\n", "", "", false,
	    "Received-SPF: none (r\\)?: no SPF record for a b\"\\\\??X-Evil: \\(y\\)@a.org) receiver=\"r)?\";"
	    " client-ip=192.0.2.1; envelope-from=\"a b\\\"\\\\??X-Evil: (y)@a.org\"; helo=\"h??X: y\"; "
	    "identity=mailfrom",
	    "spf=none smtp.mailfrom=\"a b\\\"\\\\??X-Evil: (y)@a.org\"" },
};

static void
how_it_is_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(written); i++) {
		struct mh_spf_question question = { .helo = mh_str_z(written[i].helo),
			.receiver = mh_str_z(written[i].receiver) };
		struct mh_spf_verdict verdict = { .result = written[i].result,
			.sender = mh_str_z(written[i].sender),
			.matched = mh_str_z(written[i].matched),
			.evidence = mh_str_z(written[i].evidence),
			.finding = written[i].evidence[0] != '\0' ? MH_F_SPF_SYNTAX : 0,
			.is_helo = written[i].is_helo };
		struct mh_buf out;
		(void)mh_ip_parse(MH_STR("192.0.2.1"), &question.ip);
		mh_buf_init(&out, &mem, 8192);
		mh_spf_write_received(&out, &question, &verdict);
		test_span("Received-SPF", mh_str_z(mh_buf_z(&out)), mh_str_z(written[i].received));

		/* What is written is read again as it was, octets that do not print aside. */
		struct mh_spf_stamp stamp;
		assert_true(mh_spf_read_received(&arena, mh_str_n(out.p, out.len), &stamp));
		test_number("the same result", stamp.result, written[i].result);
		test_span("the same address", stamp.client_ip, MH_STR("192.0.2.1"));
		if (written[i].result != MH_SPF_NONE) {
			test_span("the same sender", stamp.envelope_from, mh_str_z(written[i].sender));
			test_span("the same HELO", stamp.helo, mh_str_z(written[i].helo));
			test_span("the same problem", stamp.problem, mh_str_z(written[i].evidence));
		}
		mh_buf_reset(&out);
		mh_spf_write_authres(&out, &question, &verdict);
		test_span("Authentication-Results", mh_str_z(mh_buf_z(&out)), mh_str_z(written[i].authres));
		assert_true(mh_spf_read_authres(&arena, mh_str_n(out.p, out.len), &stamp));
		test_number("the same result", stamp.result, written[i].result);
		mh_buf_free(&out);
		mh_arena_reset(&arena);
	}
}

static void
long_values_are_cut(void **state)
{
	static char sender[10000];
	(void)state;
	struct mh_buf out;
	struct mh_spf_question question = { .ip = { .family = 0 } };
	struct mh_spf_verdict verdict = { .result = MH_SPF_PASS, .sender = mh_str_n(sender, sizeof(sender)) };
	memset(sender, 'a', sizeof(sender));
	mh_buf_init(&out, &mem, 65536);
	mh_spf_write_received(&out, &question, &verdict);
	assert_true(!out.bad && out.len < 2000);
	mh_buf_free(&out);
}

/* ------------------------------------------------------------------------- read */

static const struct {
	const char *sentence, *value, *want;
} received[] = {
	{ "as RFC 7208 9.1 has it",
	    "pass (mybox.example.org: domain of\r\n myname@example.com designates 192.0.2.1 as permitted "
	    "sender)\r\n"
	    "   receiver=mybox.example.org; client-ip=192.0.2.1;\r\n   envelope-from=\"myname@example.com\"; "
	    "helo=foo.example.com;",
	    "pass|mybox.example.org: domain of myname@example.com designates 192.0.2.1 as permitted "
	    "sender||192.0.2.1|"
	    "myname@example.com|foo.example.com|mybox.example.org||||" },
	{ "with its name in front", "Received-SPF: Softfail client-ip=2001:db8::1",
	    "softfail|||2001:db8::1|||||||" },
	{ "as Exchange writes it",
	    "Fail (protection.outlook.com: domain of a.org does not designate 192.0.2.1 as permitted sender)"
	    " receiver=protection.outlook.com; client-ip=192.0.2.1; helo=h.a.org;",
	    "fail|protection.outlook.com: domain of a.org does not designate 192.0.2.1 as permitted "
	    "sender||192.0.2.1||h.a.org|"
	    "protection.outlook.com||||" },
	{ "comments within comments, and escaped brackets", "none (a (b) \\) c) identity=helo",
	    "none|a (b) ) c||||||helo|||" },
	{ "a comment in the middle", "pass client-ip (x) = (y) 192.0.2.1 ; helo=z",
	    "pass|||192.0.2.1||z|||||" },
	{ "a quoted local part", "pass envelope-from=\"a b\"@a.org; mechanism=all",
	    "pass||||a b@a.org||||all||" },
	{ "keys that nobody knows", "permerror x-y=1; problem=\"a:b\"; z=(;", "permerror|||||||||a:b|" },
	{ "the first of two counts", "pass helo=a; helo=b", "pass|||||a|||||" },
	{ "an empty string", "pass helo=\"\"; helo=b", "pass||||||||||" },
	{ "no result", "client-ip=192.0.2.1", "" },
	{ "another word", "passed (x)", "" },
	{ "nothing", "", "" },
	{ "white space alone", " \r\n ", "" },
	{ "a quote that is not closed", "pass helo=\"abc", "pass||||||||||" },
	{ "a comment that is not closed", "pass (abc", "pass||||||||||" },
};

/* show - a stamp's spans, by the order of the struct */
static void
show(const struct mh_spf_stamp *s, char *out, size_t size)
{
	const struct mh_str *const spans[] = { &s->comment, &s->reason, &s->client_ip, &s->envelope_from,
		&s->helo, &s->receiver, &s->identity, &s->mechanism, &s->problem, &s->authserv_id };
	size_t n = (size_t)snprintf(out, size, "%s", mh_spf_result_name(s->result));
	for (size_t i = 0; i < MH_COUNT(spans); i++)
		n += (size_t)snprintf(out + n, size - n, "|%.*s", (int)spans[i]->len, spans[i]->p);
}

static void
how_received_is_read(void **state)
{
	char text[2048];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(received); i++) {
		struct mh_spf_stamp stamp;
		size_t len = strlen(received[i].value);
		char *copy = guard_copy(received[i].value, len);
		bool is_one = mh_spf_read_received(&arena, mh_str_n(copy, len), &stamp);
		test_check(received[i].sentence, is_one == (received[i].want[0] != '\0'));
		if (is_one) {
			show(&stamp, text, sizeof(text));
			test_span(received[i].sentence, mh_str_z(text), mh_str_z(received[i].want));
		}
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
}

static const struct {
	const char *sentence, *value, *want;
} authres[] = {
	{ "as RFC 8601 has it", "example.com; spf=pass smtp.mailfrom=example.net",
	    "pass||||example.net|||mailfrom|||example.com" },
	{ "with its name in front, folded, among others",
	    "Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@a.org header.s=s "
	    "header.b=\"ab;c=d\";\r\n"
	    "       spf=softfail (google.com: domain of u@a.org) smtp.mailfrom=\"u@a.org\";\r\n       "
	    "dmarc=fail",
	    "softfail|google.com: domain of u@a.org|||u@a.org|||mailfrom|||mx.google.com" },
	{ "a version of the authserv-id and of the method",
	    "example.com 1; spf/1 = fail reason=\"not you\" smtp.helo=h.org",
	    "fail||not you|||h.org||helo|||example.com" },
	{ "HELO and MAIL FROM", "x; spf=pass smtp.helo=h smtp.mailfrom=m", "pass||||m|h||mailfrom|||x" },
	{ "a word that RFC 7208 does not have", "x; spf=hardfail smtp.mailfrom=m", "||||m|||mailfrom|||x" },
	{ "of ARC", "i=1; mx.example.net; arc=none; spf=pass smtp.mailfrom=a@b.org",
	    "pass||||a@b.org|||mailfrom|||mx.example.net" },
	{ "the part alone", "spf=neutral smtp.mailfrom=a@b.org", "neutral||||a@b.org|||mailfrom|||" },
	{ "no results", "example.org; none", "" },
	{ "others alone", "example.org; dkim=pass header.d=spf.org; dmarc=pass (spf=pass)", "" },
	{ "a quote is no method", "example.org; dkim=pass reason=\"; spf=pass\"", "" },
	{ "nothing", "", "" },
	{ "a comment that is not closed", "example.org; (spf=pass", "" },
};

static void
how_authres_is_read(void **state)
{
	char text[2048];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(authres); i++) {
		struct mh_spf_stamp stamp;
		size_t len = strlen(authres[i].value);
		char *copy = guard_copy(authres[i].value, len);
		bool is_one = mh_spf_read_authres(&arena, mh_str_n(copy, len), &stamp);
		test_check(authres[i].sentence, is_one == (authres[i].want[0] != '\0'));
		if (is_one) {
			show(&stamp, text, sizeof(text));
			test_span(authres[i].sentence, mh_str_z(text), mh_str_z(authres[i].want));
		}
		guard_free(copy, len);
		mh_arena_reset(&arena);
	}
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_spf_stamp stamp;
	(void)arg;
	if (mh_spf_read_received(&arena, s, &stamp))
		assert_true(stamp.result != MH_SPF_NO_RESULT && stamp.helo.p != NULL);
	if (mh_spf_read_authres(&arena, s, &stamp))
		assert_true(stamp.authserv_id.p != NULL && stamp.comment.p != NULL);
	mh_arena_reset(&arena);
}

static void
broken_input(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(received); i++)
		test_mangled(mh_str_z(received[i].value), look, NULL);
	for (size_t i = 0; i < MH_COUNT(authres); i++)
		test_mangled(mh_str_z(authres[i].value), look, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(how_it_is_written),
		cmocka_unit_test(long_values_are_cut),
		cmocka_unit_test(how_received_is_read),
		cmocka_unit_test(how_authres_is_read),
		cmocka_unit_test(broken_input),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
