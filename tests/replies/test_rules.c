/* test_rules.c - rules loaded at run time: lib/replies/rules_read.c, rules_build.c, layers.c and
 * match.c, through the public interface */
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>

#include "mailhealth.h"

struct desk {
	struct test_alloc alloc;
	mh_ctx *ctx;
	mh_rules *rules;
	mh_reply *reply;
};

static void
open_desk(struct desk *d)
{
	d->alloc = (struct test_alloc){ 0 };
	d->ctx = mh_ctx_new(test_alloc_fn, &d->alloc);
	d->rules = mh_rules_new(d->ctx);
	d->reply = mh_reply_new(d->ctx);
	assert_non_null(d->reply);
	assert_non_null(d->rules);
}

static void
close_desk(struct desk *d)
{
	mh_reply_free(d->reply);
	mh_rules_free(d->rules);
	mh_ctx_free(d->ctx);
	test_alloc_done(&d->alloc);
}

/* add - rules that must be right */
static void
add(struct desk *d, int layer, const char *text)
{
	int result = mh_rules_add(d->rules, layer, "t", text, strlen(text));
	if (result != MH_OK)
		print_message("%lld:%lld: %s\n%s\n", (long long)mh_rules_int(d->rules, MH_RULES_LINE),
		    (long long)mh_rules_int(d->rules, MH_RULES_COLUMN),
		    mh_rules_str(d->rules, MH_RULES_ERROR), text);
	assert_int_equal(result, MH_OK);
}

static void
use(struct desk *d)
{
	assert_int_equal(mh_ctx_use_rules(d->ctx, d->rules), MH_OK);
}

static const char *
rule_of(struct desk *d, const char *text)
{
	assert_int_equal(mh_reply_parse(d->reply, text, strlen(text)), MH_OK);
	return mh_reply_str(d->reply, MH_REPLY_RULE);
}

#define wins(d, text, rule) test_span((text), mh_str_z(rule_of((d), (text))), mh_str_z(rule))

static bool
is_won(struct desk *d, const char *text, const char *rule)
{
	return strcmp(rule_of(d, text), rule) == 0;
}

/* ----------------------------------------------------------------------------- errors */

#define R(body) "rule a {\n\treason virus\n" body "\n\tsample \"550 xyzzy\"\n}\n"
#define TEN "(aa|bb cc|dd ee|ff gg|hh ii|jj kk|ll mm|nn oo|pp qq|rr ss) "

/* clang-format off */
static const struct {
	const char *name, *text;
	int line, column;
} errors[] = {
	/* the shape of a file */
	{ "no such statement", "\nrool a {\n}\n", 2, 1 },
	{ "a statement without a name", "rule {\n}\n", 1, 6 },
	{ "a statement without a block", "rule a\n", 1, 7 },
	{ "a block that does not end", "rule a {\n\treason virus\n", 1, 8 },
	{ "a brace too many", "# x\n}\n", 2, 1 },
	{ "something behind a block", "advice x {\n\ttext \"t\"\n} y\n", 3, 3 },
	{ "a property without a name", "rule a {\n\t\"x\"\n}\n", 2, 2 },
	{ "a brace as a value", "rule a {\n\ttext {\n}\n", 2, 7 },
	{ "a string that does not end", "rule a {\n\ttext \"xyzzy\n}\n", 2, 7 },
	{ "a string that ends with an escape", "rule a {\n\ttext \"xyzzy\\\"\n}\n", 2, 7 },
	{ "an unknown escape", "rule a {\n\ttext \"xy\\zzy\"\n}\n", 2, 11 },
	{ "\\x with one digit", "rule a {\n\ttext \"xy\\x1\"\n}\n", 2, 11 },
	{ "\\x without digits", "rule a {\n\ttext \"xy\\xzz\"\n}\n", 2, 11 },
	{ "a bar in front", "rule a {\n\ttext | \"x\"\n}\n", 2, 7 },
	{ "two bars", "rule a {\n\ttext \"x\" | | \"y\"\n}\n", 2, 13 },
	{ "a bar at the end", "rule a {\n\ttext \"x\" |\n}\n", 2, 12 },
	{ "no bar between", R("\ttext \"xyzzy\" \"plugh\""), 3, 15 },
	{ "words without =", "words w a b\n", 1, 9 },
	/* names */
	{ "capitals in an id", "rule Abc {\n}\n", 1, 1 },
	{ "an id twice", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\nrule a {\n}\n", 6, 1 },
	{ "a set of words twice", "words w = a\nwords w = b\n", 2, 1 },
	{ "no such property", R("\tcolour red"), 3, 2 },
	{ "no such reason", "rule a {\n\treason no-such-reason\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n", 2, 9 },
	{ "no such provider", R("\ttext \"xyzzy\"\n\tprovider no-such-provider"), 4, 11 },
	{ "no such only", R("\ttext \"xyzzy\"\n\tonly no-such-provider"), 4, 7 },
	{ "no such advice", R("\ttext \"xyzzy\"\n\tadvice no-such-advice"), 4, 9 },
	{ "no such set", R("\ttext \"$nosuchset xyzzy\""), 3, 7 },
	{ "no such scope", R("\ttext \"xyzzy\"\n\tscope nowhere"), 4, 8 },
	{ "no such retry", R("\ttext \"xyzzy\"\n\tretry maybe"), 4, 8 },
	{ "no such phase", R("\ttext \"xyzzy\"\n\tphase lunch"), 4, 8 },
	{ "no such kind", "list l {\n\tkind colour\n}\n", 2, 7 },
	{ "no such state", "list l {\n\tstate shut\n}\n", 2, 8 },
	{ "nothing to disable", "disable\n", 1, 1 },
	{ "disabling what is not there", "disable no.such.rule\n", 1, 9 },
	{ "disabling a family that is not there", "disable nosuchfamily.*\n", 1, 9 },
	/* what is the built-in rules' own */
	{ "a reason", "reason mine {\n\ttext \"t\"\n}\n", 1, 1 },
	{ "a status", "\nstatus 5.1.1 {\n\ttext \"t\"\n}\n", 2, 1 },
	/* what a rule needs */
	{ "no reason", "rule a {\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n", 1, 1 },
	{ "no sample", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n}\n", 1, 1 },
	{ "unlike is no sample", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tunlike \"550 x\"\n}\n", 1, 1 },
	{ "nothing that decides", "rule a {\n\treason virus\n\tsample \"550 xyzzy\"\n}\n", 1, 1 },
	{ "two reasons at once", "rule a {\n\treason virus spam-content\n}\n", 2, 2 },
	{ "no value", R("\trank"), 3, 2 },
	{ "no pattern", R("\ttext"), 3, 2 },
	{ "an advice without text", "advice x {\n\turl https://example.org/\n}\n", 1, 1 },
	/* values */
	{ "a pattern without quotes", R("\ttext xyzzy"), 3, 7 },
	{ "no rank", R("\ttext \"xyzzy\"\n\trank high"), 4, 7 },
	{ "rank 0", R("\ttext \"xyzzy\"\n\trank 0"), 4, 7 },
	{ "rank 100", R("\ttext \"xyzzy\"\n\trank 100"), 4, 7 },
	{ "code 600", R("\ttext \"xyzzy\"\n\tcode 550 600"), 4, 11 },
	{ "code 99", R("\ttext \"xyzzy\"\n\tcode 99"), 4, 7 },
	{ "code 5x", R("\ttext \"xyzzy\"\n\tcode 5x"), 4, 7 },
	{ "code 1xx", R("\ttext \"xyzzy\"\n\tcode 1xx"), 4, 7 },
	{ "code 6xx", R("\ttext \"xyzzy\"\n\tcode 6xx"), 4, 7 },
	{ "status of two parts", R("\ttext \"xyzzy\"\n\tstatus 5.1"), 4, 9 },
	{ "status of four parts", R("\ttext \"xyzzy\"\n\tstatus 5.1.1.1"), 4, 9 },
	{ "status of class 3", R("\ttext \"xyzzy\"\n\tstatus 3.1.1"), 4, 9 },
	{ "status range backwards", R("\ttext \"xyzzy\"\n\tstatus 5.1.9-1"), 4, 9 },
	{ "status of four digits", R("\ttext \"xyzzy\"\n\tstatus 5.1.1000"), 4, 9 },
	/* patterns */
	{ "a pattern without a word", R("\ttext \".. {ip}\""), 3, 7 },
	{ "an empty pattern", R("\ttext \"\""), 3, 7 },
	{ "a pattern of marks", R("\ttext \"- : ,\""), 3, 7 },
	{ "a stem of two letters", R("\ttext \"xy*\""), 3, 7 },
	{ "a star alone", R("\ttext \"xyzzy *\""), 3, 7 },
	{ "four dots", R("\ttext \"xyzzy .... plugh\""), 3, 7 },
	{ "no such thing", R("\ttext \"xyzzy {colour}\""), 3, 7 },
	{ "a thing that does not end", R("\ttext \"xyzzy {ip\""), 3, 7 },
	{ "two things in a gap", R("\ttext \"xyzzy {ip} {host} plugh\""), 3, 7 },
	{ "a group that does not end", R("\ttext \"xyzzy (a|b\""), 3, 7 },
	{ "a group that does not begin", R("\ttext \"xyzzy a|b)\""), 3, 7 },
	{ "a thing in a group", R("\ttext \"xyzzy (a|{ip})\""), 3, 7 },
	{ "groups too deep", R("\ttext \"xyzzy (a|(b|(c|(d|(e|f)))))\""), 3, 7 },
	{ "a part that may be empty", R("\ttext \"(xyzzy|) .. plugh\""), 3, 7 },
	{ "too many variants", R("\ttext \"" TEN TEN TEN "\""), 3, 7 },
	{ "too many words", R("\ttext \"a b c d e f g h i j k l m n o p q r s t u v w x y z aa bb cc dd ee ff gg\""), 3, 7 },
	{ "a pattern too long", R("\ttext \"a .. b .. c .. d .. e .. f .. g .. h .. i .. j .. k .. l .. m .. n .. o .. p .. q .. r .. s .. t .. u .. v .. w .. x .. y .. z\""), 3, 7 },
	{ "a word too long", R("\ttext \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""), 3, 7 },
	{ "nine and lines", R("\ttext \"xyzzy\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\"\n\tand \"a\""), 12, 2 },
	{ "two words as one of a set", "words w = a-b\n" R("\ttext \"$w xyzzy\""), 1, 11 },
	/* samples */
	{ "a sample that is not won", "rule a {\n\treason virus\n\ttext \"plugh\"\n\tsample \"550 xyzzy\"\n}\n", 4, 9 },
	{ "the second sample is not won", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n\tsample \"550 plugh\"\n}\n", 5, 9 },
	{ "unlike is won", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n\tunlike \"550 xyzzy plugh\"\n}\n", 5, 9 },
	{ "a sample that another rule wins", R("\ttext \"xyzzy\"\n\trank broad") "rule b {\n\treason spam-content\n\ttext \"xyzzy plugh\"\n\tsample \"550 xyzzy plugh\"\n}\n"
	    "rule c {\n\treason spam-content\n\ttext \"plugh\"\n\trank broad\n\tsample \"550 xyzzy plugh\"\n}\n", 16, 9 },
	{ "a word set across lines", "words w =\n\tb\n", 2, 3 },
};
/* clang-format on */

static void
errors_are_told_with_their_place(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_USER,
	    "rule good {\n\treason virus\n\ttext \"frobnicated\"\n\tsample \"550 frobnicated\"\n}\n");
	char version[17];
	memcpy(version, mh_rules_str(d.rules, MH_RULES_VERSION), sizeof(version));
	test_span("nothing was wrong", mh_str_z(mh_rules_str(d.rules, MH_RULES_ERROR)), MH_STR(""));
	test_number("nowhere", mh_rules_int(d.rules, MH_RULES_LINE), MH_UNKNOWN);
	for (size_t i = 0; i < MH_COUNT(errors); i++) {
		const char *name = errors[i].name;
		size_t len = strlen(errors[i].text);
		char *text = guard_copy(errors[i].text, len);
		test_number(name, mh_rules_add(d.rules, MH_LAYER_SITE, "file.rules", text, len), MH_ERULES);
		guard_free(text, len);
		test_check(name, mh_rules_str(d.rules, MH_RULES_ERROR)[0] != '\0');
		test_span(name, mh_str_z(mh_rules_str(d.rules, MH_RULES_NAME)), MH_STR("file.rules"));
		test_number(name, mh_rules_int(d.rules, MH_RULES_LINE), errors[i].line);
		test_number(name, mh_rules_int(d.rules, MH_RULES_COLUMN), errors[i].column);
		test_number("the set is as it was", mh_rules_int(d.rules, MH_RULES_COUNT), 1);
		test_span("the set is as it was", mh_str_z(mh_rules_str(d.rules, MH_RULES_VERSION)),
		    mh_str_z(version));
	}
	use(&d);
	wins(&d, "550 frobnicated", "good");
	test_number("a set in use is frozen", mh_rules_add(d.rules, MH_LAYER_USER, "t", "", 0), MH_EFROZEN);
	mh_rules *other = mh_rules_new(d.ctx);
	test_number("another set may be wrong", mh_rules_add(other, MH_LAYER_USER, "t", "x", 1), MH_ERULES);
	wins(&d, "550 frobnicated", "good");
	mh_rules_free(other);
	close_desk(&d);
}

static void
an_error_in_a_later_text_leaves_the_earlier_ones(void **state)
{
	struct desk d;
	static const char bad[] =
	    "rule b {\n\treason virus\n\ttext \"plugh\"\n\tsample \"550 frobnicated\"\n}\n";
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_USER,
	    "rule a {\n\treason virus\n\ttext \"frobnicated\"\n\tsample \"550 frobnicated\"\n}\n");
	assert_int_equal(mh_rules_add(d.rules, MH_LAYER_USER, "second", bad, sizeof(bad) - 1), MH_ERULES);
	test_span("of the second text", mh_str_z(mh_rules_str(d.rules, MH_RULES_NAME)), MH_STR("second"));
	add(&d, MH_LAYER_USER, "rule c {\n\treason virus\n\ttext \"plugh\"\n\tsample \"550 plugh\"\n}\n");
	test_span("the error is gone", mh_str_z(mh_rules_str(d.rules, MH_RULES_ERROR)), MH_STR(""));
	test_span("and its name", mh_str_z(mh_rules_str(d.rules, MH_RULES_NAME)), MH_STR(""));
	test_number("two rules", mh_rules_int(d.rules, MH_RULES_COUNT), 2);
	use(&d);
	wins(&d, "550 frobnicated", "a");
	wins(&d, "550 plugh", "c");
	close_desk(&d);
}

/* ------------------------------------------------------------------------------ forms */

static void
files_may_be_written_so(void **state)
{
	static const char *const files[] = {
		"",
		"\n\n# only a comment",
		"\xef\xbb\xbf# with a byte order mark\nrule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample "
		"\"550 xyzzy\"\n}\n",
		"rule a {\r\n\treason virus\r\n\ttext \"xyzzy\"\r\n\tsample \"550 xyzzy\"\r\n}\r\n",
		"rule a { # comment\n\n  # comment\nreason virus # comment\n\ttext \"xyzzy\" # "
		"comment\n\tsample \"550 xyzzy\"\n} # comment",
		"rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\" }\n",
		"rule a { reason virus\ntext \"xyzzy\"\nsample \"550 xyzzy\" }",
		"rule a.b-c_1 {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n",
		"rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550-xyzzy\\r\\n550\\txyz \\\"q\\\" "
		"\\\\ \\x41\\xe9\"\n}\n",
		"rule a {\n\treason virus\n\ttext \"x\\x79zzy\"\n\tsample \"550 xyzzy\"\n}\n",
		"advice x {\n\ttext \"t\"\n\turl https://example.org/#anchor\n}\n",
		"rule a {\n\treason virus\n\ttext \"xyzzy\" | \"plugh\"|\"frob\"\n\tsample \"550 frob\"\n}\n",
		"rule a {\n\treason virus\n\tadvice -\n\tretry -\n\ttext \"xyzzy\"\n\tsample \"550 "
		"xyzzy\"\n}\n",
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(files); i++) {
		struct desk d;
		open_desk(&d);
		add(&d, MH_LAYER_USER, files[i]);
		use(&d);
		close_desk(&d);
	}
}

/* ------------------------------------------------------------------------- patterns */

#define W12 "one two three four five six seven eight nine ten eleven twelve "

/* clang-format off */
static const struct {
	const char *name, *pattern, *yes, *no;
} patterns[] = {
	{ "words in order", "xyzzy plugh", "550 xyzzy plugh", "550 plugh xyzzy" },
	{ "words next to each other", "xyzzy plugh", "550 XYZZY, Plugh!", "550 xyzzy or plugh" },
	{ "words and not parts of words", "xyzzy plugh", "550 xyzzy plugh", "550 xyzzy plughs" },
	{ "accents do not matter", "xyzzy bo\xc3\xaete", "550 xyzzy BOITE", "550 xyzzy boites" },
	{ "apostrophes do not matter", "xyzzy doesnt", "550 xyzzy doesn't", "550 xyzzy does not" },
	{ "a line end is nothing", "xyzzy plugh", "550-xyzzy\r\n550 plugh", "550-xyzzy\r\n550-or\r\n550 plugh" },
	{ "a status at a line's begin is invisible", "xyzzy plugh", "550-5.1.1 xyzzy\r\n550 5.1.1 plugh", "550 xyzzy" },
	{ "a stem", "xyzz* plugh", "550 xyzzyish plugh", "550 xyz plugh" },
	{ "a stem is the word itself too", "xyzzy* plugh", "550 xyzzy plugh", "550 xyzz plugh" },
	{ "one of", "xyzzy (is|was) plugh", "550 xyzzy was plugh", "550 xyzzy were plugh" },
	{ "one of, or nothing", "xyzzy (is|) plugh", "550 xyzzy plugh", "550 xyzzy was plugh" },
	{ "one of, or nothing", "xyzzy (is|) plugh", "550 xyzzy is plugh", "550 xyzzy is is plugh" },
	{ "one of several words", "xyzzy (is not|was never) plugh", "550 xyzzy was never plugh", "550 xyzzy was not plugh" },
	{ "one within another", "xyzzy (is (not|never)|was) plugh", "550 xyzzy is never plugh", "550 xyzzy is plugh" },
	{ "one within another", "xyzzy (is (not|never)|was) plugh", "550 xyzzy was plugh", "550 xyzzy was never plugh" },
	{ "a group may begin a pattern", "(xyzzy|frob) plugh", "550 frob plugh", "550 plugh" },
	{ "a stem in a group", "xyzzy (plug*|frob)", "550 xyzzy plugging", "550 xyzzy plu" },
	{ "a set", "$mine xyzzy", "550 second xyzzy", "550 fourth xyzzy" },
	{ "a stem in a set", "$mine xyzzy", "550 thirdly xyzzy", "550 thir xyzzy" },
	{ "a set in a group", "xyzzy ($mine|of $mine)", "550 xyzzy of first", "550 xyzzy of fourth" },
	{ "a gap of no word", "xyzzy .. plugh", "550 xyzzy plugh", "550 plugh xyzzy" },
	{ "a gap of 12 words, not of 13", "xyzzy .. plugh", "550 xyzzy " W12 "plugh", "550 xyzzy " W12 "thirteen plugh" },
	{ "a gap of any length", "xyzzy ... plugh", "550 xyzzy " W12 W12 W12 "plugh", "550 plugh " W12 "xyzzy" },
	{ "gaps in a row", "xyzzy .. plugh ... frob", "550 xyzzy a plugh " W12 W12 "frob", "550 xyzzy a frob a plugh" },
	{ "a later place of the first part counts", "xyzzy .. plugh", "550 xyzzy " W12 W12 "xyzzy plugh", "550 xyzzy " W12 W12 "plugh" },
	{ "{ip} in the middle", "xyzzy {ip} plugh", "550 xyzzy [192.0.2.1] plugh", "550 xyzzy plugh" },
	{ "{ip} is IPv6 too", "xyzzy {ip} plugh", "550 xyzzy 2001:db8::1 plugh", "550 xyzzy mx.example.net plugh" },
	{ "{ip} with words around it", "xyzzy {ip} plugh", "550 xyzzy is [192.0.2.1] or plugh", "550 192.0.2.1 xyzzy plugh" },
	{ "{ip} at the end", "xyzzy plugh {ip}", "550 xyzzy plugh by 192.0.2.1", "550 192.0.2.1 xyzzy plugh" },
	{ "{ip} at the begin", "{ip} xyzzy plugh", "550 192.0.2.1 is xyzzy plugh", "550 xyzzy plugh 192.0.2.1" },
	{ "{ip} is none of a policy's numbers", "xyzzy {ip}", "550 xyzzy 192.0.2.1", "550 xyzzy policy (3.2.1.1)" },
	{ "{host}", "xyzzy {host} plugh", "550 xyzzy mx.example.net plugh", "550 xyzzy a@example.net plugh" },
	{ "{email}", "xyzzy {email} plugh", "550 xyzzy <a@example.net> plugh", "550 xyzzy example.net plugh" },
	{ "{url}", "xyzzy {url}", "550 xyzzy http://example.net/", "550 xyzzy example.net" },
	{ "{list}", "xyzzy {list}", "550 xyzzy zen.spamhaus.org", "550 xyzzy mx.example.net" },
	{ "{list} of one's own", "xyzzy {list}", "550 xyzzy 1.2.0.192.bl.mine.example", "550 xyzzy mine.example" },
	{ "{number}", "xyzzy {number} plugh", "550 xyzzy 4711 plugh", "550 xyzzy many plugh" },
	{ "{number} at the begin", "{number} xyzzy", "550 only 4711 xyzzy", "550 only xyzzy 4711" },
	{ "things are invisible", "xyzzy plugh", "550 xyzzy <a@example.org> plugh", "550 xyzzy and plugh" },
	{ "things are invisible", "xyzzy plugh", "550 xyzzy [192.0.2.1] http://example.org/x plugh", "550 xyzzy the plugh" },
	{ "tokens with digits are invisible", "xyzzy plugh", "550 xyzzy 4f1a2b plugh", "550 xyzzy fab plugh" },
	{ "unless a pattern names them", "xyzzy qq77 plugh", "550 xyzzy qq77 plugh", "550 xyzzy plugh" },
	{ "words within a URL", "xyzzyhost plugh", "550 see http://xyzzyhost.example/ then http://xyzzyhost.plugh/x", "550 xyzzyhost http://plugh.example/" },
	{ "words without spaces", "\xe7\x8e\x84\xe9\xb3\xb3", "550 \xe4\xb8\x80\xe7\x8e\x84\xe9\xb3\xb3\xe4\xb8\x80", "550 \xe7\x8e\x84\xe4\xb8\x80\xe9\xb3\xb3" },
};
/* clang-format on */

static void
patterns_find_what_they_say(void **state)
{
	char text[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(patterns); i++) {
		for (int layer = MH_LAYER_SITE; layer <= MH_LAYER_USER; layer++) {
			struct desk d;
			struct mh_mem mem = mh_mem_default();
			struct mh_buf buf;
			mh_buf_init(&buf, &mem, sizeof(text));
			mh_buf_puts(&buf,
			    "words mine = first second third*\nlist mine {\n\tzone bl.mine.example\n\tkind "
			    "ip\n}\n"
			    "rule mine {\n\treason virus\n\trank vendor\n\ttext \"");
			mh_buf_puts(&buf, patterns[i].pattern);
			mh_buf_puts(&buf, "\"\n\tsample \"");
			for (const char *p = patterns[i].yes; *p != '\0'; p++)
				mh_buf_put(&buf,
				    *p == '\n'       ? "\\n"
					: *p == '\r' ? "\\r"
						     : p,
				    *p < ' ' && *p > 0 ? 2 : 1);
			mh_buf_puts(&buf, "\"\n}\n");
			open_desk(&d);
			add(&d, layer, mh_buf_z(&buf));
			use(&d);
			mh_buf_free(&buf);
			test_check(patterns[i].name, is_won(&d, patterns[i].yes, "mine"));
			test_check(patterns[i].name, !is_won(&d, patterns[i].no, "mine"));
			close_desk(&d);
		}
	}
}

/* ------------------------------------------------------------------------- conditions */

/* clang-format off */
static const struct {
	const char *name, *lines; /* of a rule with text "xyzzy" unless it is a bare one */
	const char *sample, *yes, *no;
} conditions[] = {
	{ "a code", "\tcode 550 421\n", "550 xyzzy", "421 xyzzy", "551 xyzzy" },
	{ "a code's class", "\tcode 4xx\n", "450 xyzzy", "451 xyzzy", "550 xyzzy" },
	{ "no code fits any", "\tcode 4xx\n", "450 xyzzy", "xyzzy", "550 xyzzy" },
	{ "a status", "\tstatus 5.7.1\n", "550 5.7.1 xyzzy", "550 5.7.1 xyzzy", "550 5.7.2 xyzzy" },
	{ "a status of any class", "\tstatus x.7.1\n", "550 5.7.1 xyzzy", "450 4.7.1 xyzzy", "550 5.7.2 xyzzy" },
	{ "a range of statuses", "\tstatus x.7.500-699\n", "550 5.7.500 xyzzy", "550 5.7.699 xyzzy", "550 5.7.700 xyzzy" },
	{ "any detail", "\tstatus 5.4.*\n", "550 5.4.0 xyzzy", "550 5.4.999 xyzzy", "550 5.5.0 xyzzy" },
	{ "one of several statuses", "\tstatus 5.1.1 5.2.2\n", "550 5.1.1 xyzzy", "550 5.2.2 xyzzy", "550 5.2.1 xyzzy" },
	{ "no status fits any", "\tstatus 5.7.1\n", "550 5.7.1 xyzzy", "550 xyzzy", "550 5.7.2 xyzzy" },
	{ "and", "\tand \"plugh\"\n", "550 xyzzy plugh", "550 plugh xyzzy", "550 xyzzy" },
	{ "and, one of", "\tand \"plugh\" | \"frob\"\n", "550 xyzzy plugh", "550 xyzzy frob", "550 xyzzy" },
	{ "and, several lines", "\tand \"plugh\"\n\tand \"frob\"\n", "550 xyzzy plugh frob", "550 frob plugh xyzzy", "550 xyzzy plugh" },
	{ "eight and lines", "\tand \"ka\"\n\tand \"kb\"\n\tand \"kc\"\n\tand \"kd\"\n\tand \"ke\"\n\tand \"kf\"\n\tand \"kg\"\n\tand \"kh\"\n",
	    "550 xyzzy ka kb kc kd ke kf kg kh", "550 kh kg kf ke kd kc kb ka xyzzy", "550 xyzzy ka kb kc kd ke kf kg" },
	{ "not", "\tnot \"plugh\"\n", "550 xyzzy", "550 xyzzy frob", "550 xyzzy plugh" },
	{ "not, one of", "\tnot \"plugh\" | \"frob .. nitz\"\n", "550 xyzzy", "550 xyzzy nitz frob", "550 xyzzy frob a nitz" },
	{ "not, several lines", "\tnot \"plugh\"\n\tnot \"frob\"\n", "550 xyzzy", "550 xyzzy nitz", "550 xyzzy frob" },
	{ "several text lines", "\ttext \"frob\"\n", "550 xyzzy", "550 frob", "550 plugh" },
	{ "phase of the text", "\tphase rcpt data\n", "550 xyzzy", "550 xyzzy (in reply to RCPT TO command)", "550 xyzzy (in reply to MAIL FROM command)" },
};
/* clang-format on */

static void
conditions_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(conditions); i++) {
		struct desk d;
		struct mh_mem mem = mh_mem_default();
		struct mh_buf buf;
		mh_buf_init(&buf, &mem, 4096);
		mh_buf_puts(&buf, "rule mine {\n\treason virus\n\trank vendor\n\ttext \"xyzzy\"\n");
		mh_buf_puts(&buf, conditions[i].lines);
		mh_buf_puts(&buf, "\tsample \"");
		mh_buf_puts(&buf, conditions[i].sample);
		mh_buf_puts(&buf, "\"\n}\n");
		open_desk(&d);
		add(&d, MH_LAYER_SITE, mh_buf_z(&buf));
		use(&d);
		mh_buf_free(&buf);
		test_check(conditions[i].name, is_won(&d, conditions[i].sample, "mine"));
		test_check(conditions[i].name, is_won(&d, conditions[i].yes, "mine"));
		test_check(conditions[i].name, !is_won(&d, conditions[i].no, "mine"));
		close_desk(&d);
	}
}

static void
a_given_phase_counts(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_USER,
	    "rule mine {\n\treason virus\n\ttext \"xyzzy\"\n\tphase rcpt\n\tsample \"550 xyzzy\"\n}\n");
	use(&d);
	wins(&d, "550 xyzzy", "mine");
	assert_int_equal(mh_reply_set_str(d.reply, MH_OPT_PHASE, "data"), MH_OK);
	test_check("another phase", !is_won(&d, "550 xyzzy", "mine"));
	assert_int_equal(mh_reply_set_str(d.reply, MH_OPT_PHASE, "rcpt"), MH_OK);
	wins(&d, "550 xyzzy", "mine");
	assert_int_equal(mh_reply_set_str(d.reply, MH_OPT_PHASE, ""), MH_OK);
	wins(&d, "550 xyzzy", "mine");
	close_desk(&d);
}

/* ------------------------------------------------------------------------------ order */

static void
ranks_decide(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_SITE,
	    "rule r.broad {\n\treason virus\n\trank broad\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n"
	    "rule r.effect {\n\treason spam-content\n\trank effect\n\ttext \"plugh\"\n\tsample \"550 xyzzy "
	    "plugh\"\n}\n"
	    "rule r.cause {\n\treason mailbox-full\n\ttext \"frob\"\n\tsample \"550 xyzzy plugh frob\"\n}\n"
	    "rule r.vendor {\n\treason user-moved\n\trank vendor\n\ttext \"nitz\"\n\tsample \"550 xyzzy "
	    "plugh frob nitz\"\n}\n"
	    "rule r.top {\n\treason greylisted\n\trank 99\n\ttext \"quux\"\n\tsample \"550 nitz quux\"\n}\n"
	    "rule r.longer {\n\treason timeout\n\ttext \"grault garply waldo\"\n\tsample \"550 grault garply "
	    "waldo\"\n}\n"
	    "rule r.shorter {\n\treason virus\n\ttext \"grault garply\"\n\tsample \"550 grault garply\"\n}\n"
	    "rule r.first {\n\treason virus\n\ttext \"fred\"\n\tsample \"550 fred\"\n}\n"
	    "rule r.second {\n\treason timeout\n\ttext \"fred\"\n\tsample \"550 5.9.9 fred\"\n\tstatus "
	    "5.9.9\n}\n");
	use(&d);
	wins(&d, "550 nitz quux plugh frob xyzzy", "r.top");
	wins(&d, "550 grault garply waldo", "r.longer");
	wins(&d, "550 5.9.9 fred", "r.second");
	wins(&d, "550 5.9.8 fred", "r.first");
	test_number("every reason once", mh_reply_count(d.reply, MH_LIST_ALTERNATIVE), 0);
	wins(&d, "550 nitz frob plugh", "r.vendor");
	test_number("the others are told", mh_reply_count(d.reply, MH_LIST_ALTERNATIVE), 2);
	test_span("best first", mh_str_z(mh_reply_item_str(d.reply, MH_LIST_ALTERNATIVE, 0, MH_ITEM_ID)),
	    MH_STR("mailbox-full"));
	close_desk(&d);
}

static void
user_over_site_over_builtin(void **state)
{
	static const char text[] = "550 5.1.1 no such user";
	struct desk d;
	char builtin[64];
	(void)state;
	open_desk(&d);
	const char *rule = rule_of(&d, text);
	test_check("a built-in rule decides", strlen(rule) > 0 && strlen(rule) < sizeof(builtin));
	memcpy(builtin, rule, strlen(rule) + 1);
	add(&d, MH_LAYER_SITE,
	    "rule site {\n\treason virus\n\trank 1\n\ttext \"such user\"\n\tsample \"550 no such "
	    "user\"\n}\n");
	use(&d);
	wins(&d, text, "site");
	test_span("its reason", mh_str_z(mh_reply_str(d.reply, MH_REPLY_REASON)), MH_STR("virus"));
	static const char over[] =
	    "rule user {\n\treason greylisted\n\trank 1\n\ttext \"user\"\n\tsample \"550 no such user\"\n}\n";
	static const char under[] = "rule site {\n\treason virus\n\trank vendor\n\ttext \"such "
				    "user\"\n\tsample \"550 no such user\"\n}\n";
	mh_rules *user = mh_rules_new(d.ctx);
	assert_int_equal(mh_rules_add(user, MH_LAYER_USER, "t", over, sizeof(over) - 1), MH_OK);
	assert_int_equal(mh_rules_add(user, MH_LAYER_SITE, "t", under, sizeof(under) - 1), MH_OK);
	test_number("rules of both layers count", mh_rules_int(user, MH_RULES_COUNT), 2);
	assert_int_equal(mh_ctx_use_rules(d.ctx, user), MH_OK);
	wins(&d, text, "user");
	assert_int_equal(mh_ctx_use_rules(d.ctx, NULL), MH_OK);
	wins(&d, text, builtin);
	mh_rules_free(user);
	close_desk(&d);
}

static void
rules_below_are_disabled(void **state)
{
	static const char text[] = "550 5.1.1 no such user";
	struct desk d;
	char line[128];
	(void)state;
	open_desk(&d);
	const char *rule = rule_of(&d, text);
	size_t len = strlen(rule), family = strcspn(rule, ".");
	test_check("a built-in rule of some family decides", len < 64 && family < len);
	char before[64], prefix[64];
	memcpy(before, rule, len + 1);
	memcpy(prefix, rule, family + 1);
	memcpy(line, "disable ", 8);
	memcpy(line + 8, rule, len + 1);
	add(&d, MH_LAYER_USER, line);
	use(&d);
	test_check("a rule that is disabled does not decide", !is_won(&d, text, before));
	mh_rules *all = mh_rules_new(d.ctx);
	memcpy(line + 8 + family, ".*", 3);
	assert_int_equal(mh_rules_add(all, MH_LAYER_SITE, "t", line, strlen(line)), MH_OK);
	assert_int_equal(mh_ctx_use_rules(d.ctx, all), MH_OK);
	test_check("nor does one of a family that is", strncmp(rule_of(&d, text), prefix, family + 1) != 0);
	mh_rules_free(all);
	close_desk(&d);

	/* and the user layer disables the site's */
	open_desk(&d);
	add(&d, MH_LAYER_SITE,
	    "rule site.one {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n");
	add(&d, MH_LAYER_USER, "disable site.one\n");
	use(&d);
	wins(&d, "550 xyzzy", "");
	close_desk(&d);
	open_desk(&d);
	static const char own[] =
	    "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\ndisable a\n";
	test_number("a layer does not disable its own",
	    mh_rules_add(d.rules, MH_LAYER_USER, "t", own, sizeof(own) - 1), MH_ERULES);
	close_desk(&d);
}

/* ------------------------------------------------------- providers, lists, advice of one's own */

static void
providers_of_ones_own(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_USER,
	    "provider corp {\n\tname \"Corp Mail\"\n\thost mail.corp.example corp-mx.example\n\tmark "
	    "\"corpgate\"\n"
	    "\tcontact https://corp.example/postmaster\n}\n"
	    "rule corp.closed {\n\treason policy-rejected\n\tonly corp\n\tstatus 5.9.1\n\tsample \"550 5.9.1 "
	    "corpgate\"\n}\n"
	    "rule corp.own {\n\treason virus\n\tprovider corp\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n"
	    "rule all {\n\treason timeout\n\ttext \"plugh\"\n\tsample \"550 plugh\"\n}\n"
	    "rule corp.plugh {\n\treason greylisted\n\tprovider corp\n\ttext \"plugh\"\n\tsample \"550 "
	    "corpgate plugh\"\n}\n"
	    "provider other {\n\tmark \"othergate\"\n}\n");
	use(&d);
	wins(&d, "550 corpgate says no", "");
	test_span("by its mark", mh_str_z(mh_reply_str(d.reply, MH_REPLY_PROVIDER)), MH_STR("corp"));
	test_span("its name", mh_str_z(mh_reply_str(d.reply, MH_REPLY_PROVIDER_NAME)), MH_STR("Corp Mail"));
	test_span("its contact", mh_str_z(mh_reply_str(d.reply, MH_REPLY_CONTACT)),
	    MH_STR("https://corp.example/postmaster"));
	wins(&d, "550 see mx1.corp-mx.example", "");
	test_span("by a host of its", mh_str_z(mh_reply_str(d.reply, MH_REPLY_PROVIDER)), MH_STR("corp"));
	wins(&d, "550 see notcorp-mx.example", "");
	test_span("and not by another's", mh_str_z(mh_reply_str(d.reply, MH_REPLY_PROVIDER)), MH_STR(""));
	wins(&d, "550 5.9.1 corpgate", "corp.closed");
	test_check("only where the provider is known", !is_won(&d, "550 5.9.1 sorry", "corp.closed"));
	wins(&d, "550 plugh", "all");
	wins(&d, "550 corpgate plugh", "corp.plugh");
	wins(&d, "550 othergate plugh", "all");
	assert_int_equal(mh_reply_set_str(d.reply, MH_OPT_MX, "MX7.Mail.Corp.Example"), MH_OK);
	wins(&d, "550 5.9.1 sorry", "corp.closed");
	assert_int_equal(mh_reply_set_str(d.reply, MH_OPT_MX, ""), MH_OK);
	assert_int_equal(mh_reply_set_str(d.reply, MH_OPT_PROVIDER, "corp"), MH_OK);
	wins(&d, "550 plugh", "corp.plugh");
	wins(&d, "550 othergate plugh", "corp.plugh"); /* the caller comes first */
	close_desk(&d);
}

static void
lists_and_advice_of_ones_own(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_SITE,
	    "list mylist {\n\tname \"My list\"\n\tzone bl.mylist.example bl2.mylist.example\n\tkind "
	    "domain\n\tmark \"mylistname\"\n"
	    "\tdelist https://mylist.example/\n\tnote \"Ask nicely.\"\n}\n"
	    "advice ask {\n\ttext \"Ask nicely.\"\n\turl https://example.org/ask\n}\n"
	    "rule mine {\n\treason virus\n\ttext \"xyzzy\"\n\tadvice ask\n\tretry soon\n\tscope recipient "
	    "server\n"
	    "\tmeaning \"What it means.\"\n\tref https://example.org/ref\n\tsince 2026-01\n\tsample \"550 "
	    "xyzzy\"\n}\n");
	use(&d);
	wins(&d, "550 xyzzy 2.0.0.127.bl2.mylist.example", "mine");
	test_number("by its zone", mh_reply_count(d.reply, MH_LIST_BLOCKLIST), 1);
	static const struct {
		int field;
		const char *want;
	} fields[] = { { MH_ITEM_ID, "mylist" }, { MH_ITEM_NAME, "My list" },
		{ MH_ITEM_ZONE, "bl.mylist.example" }, { MH_ITEM_KIND, "domain" },
		{ MH_ITEM_DELIST, "https://mylist.example/" }, { MH_ITEM_TEXT, "Ask nicely." } };
	for (size_t i = 0; i < MH_COUNT(fields); i++)
		test_span("a list's field",
		    mh_str_z(mh_reply_item_str(d.reply, MH_LIST_BLOCKLIST, 0, fields[i].field)),
		    mh_str_z(fields[i].want));
	test_span("the rule's advice comes first",
	    mh_str_z(mh_reply_item_str(d.reply, MH_LIST_ADVICE, 0, MH_ITEM_ID)), MH_STR("ask"));
	test_span("its text", mh_str_z(mh_reply_item_str(d.reply, MH_LIST_ADVICE, 0, MH_ITEM_TEXT)),
	    MH_STR("Ask nicely."));
	test_span("its page", mh_str_z(mh_reply_item_str(d.reply, MH_LIST_ADVICE, 0, MH_ITEM_URL)),
	    MH_STR("https://example.org/ask"));
	test_check("the reason's comes behind it", mh_reply_count(d.reply, MH_LIST_ADVICE) > 1);
	test_span("the rule's retry", mh_str_z(mh_reply_str(d.reply, MH_REPLY_RETRY)), MH_STR("soon"));
	test_span("the rule's scope", mh_str_z(mh_reply_item_str(d.reply, MH_LIST_SCOPE, 0, MH_ITEM_ID)),
	    MH_STR("recipient"));
	test_span("the rule's scope", mh_str_z(mh_reply_item_str(d.reply, MH_LIST_SCOPE, 1, MH_ITEM_ID)),
	    MH_STR("server"));
	test_span("the rule's meaning", mh_str_z(mh_reply_str(d.reply, MH_REPLY_MEANING)),
	    MH_STR("What it means."));
	test_span("the rule's reference", mh_str_z(mh_reply_str(d.reply, MH_REPLY_REFERENCE)),
	    MH_STR("https://example.org/ref"));
	wins(&d, "550 xyzzy mylistname", "mine");
	test_number("by its mark", mh_reply_count(d.reply, MH_LIST_BLOCKLIST), 1);
	wins(&d, "550 xyzzy mylist.example", "mine");
	test_number("not by what is above its zone", mh_reply_count(d.reply, MH_LIST_BLOCKLIST), 0);
	close_desk(&d);
}

/* advised - the first advice given for a reply */
static const char *
advised(struct desk *d, const char *reply)
{
	(void)rule_of(d, reply);
	return mh_reply_item_str(d->reply, MH_LIST_ADVICE, 0, MH_ITEM_ID);
}

/* a listing there is a fault of the receiver's server, and only a listing */
static void
lists_that_are_shut_down(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_SITE,
	    "list gone {\n\tzone bl.gone.example\n\tkind ip\n\tstate closed\n\tnote \"Gone.\"\n}\n"
	    "list here {\n\tzone bl.here.example\n\tkind ip\n\tstate open\n\tnote \"Here.\"\n"
	    "\tdelist https://bl.here.example/out\n}\n"
	    "rule mine {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n");
	use(&d);
	const char *dead = "550 5.7.1 192.0.2.1 blocked using bl.gone.example";
	test_span("dead", mh_str_z(advised(&d, dead)), MH_STR("dead-list"));
	test_number("and nothing else", mh_reply_count(d.reply, MH_LIST_ADVICE), 1);
	test_span("what it means", mh_str_z(mh_reply_str(d.reply, MH_REPLY_MEANING)), MH_STR("Gone."));
	test_span("who acts", mh_str_z(mh_reply_str(d.reply, MH_REPLY_ACTOR)),
	    MH_STR("the admin of the recipient's mail server"));
	test_span("the reason stays", mh_str_z(mh_reply_str(d.reply, MH_REPLY_REASON)),
	    MH_STR("ip-blocklisted"));
	test_span("built in", mh_str_z(advised(&d, "554 5.7.1 blocked using dnsbl.sorbs.net")),
	    MH_STR("dead-list"));
	test_span("another one lives",
	    mh_str_z(advised(&d, "550 5.7.1 192.0.2.1 blocked using bl.gone.example and bl.here.example")),
	    MH_STR("delist"));
	test_span("with its page", mh_str_z(mh_reply_item_str(d.reply, MH_LIST_ADVICE, 0, MH_ITEM_URL)),
	    MH_STR("https://bl.here.example/out"));
	test_span("alive", mh_str_z(advised(&d, "550 5.7.1 192.0.2.1 blocked using bl.here.example")),
	    MH_STR("delist"));
	test_span("who acts", mh_str_z(mh_reply_str(d.reply, MH_REPLY_ACTOR)),
	    MH_STR("the admin of the sending server"));
	test_check("another reason", strcmp(advised(&d, "550 xyzzy bl.gone.example"), "dead-list") != 0);
	test_number("it is named still", mh_reply_count(d.reply, MH_LIST_BLOCKLIST), 1);
	close_desk(&d);
}

/* A provider, list, advice or set of words of the layer below may be named. */
static void
layers_see_what_is_below(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	add(&d, MH_LAYER_SITE, "provider corp {\n\tmark \"corpgate\"\n}\nadvice ask {\n\ttext \"Ask.\"\n}\n");
	add(&d, MH_LAYER_USER,
	    "rule corp.x {\n\treason virus\n\tprovider corp\n\tadvice ask\n\ttext \"xyzzy\"\n\tsample \"550 "
	    "corpgate xyzzy\"\n}\n"
	    "rule g {\n\treason virus\n\tprovider google\n\ttext \"plugh\"\n\tsample \"550 plugh\"\n}\n");
	use(&d);
	wins(&d, "550 corpgate xyzzy", "corp.x");
	close_desk(&d);
}

/* ------------------------------------------------------------------------------- size */

static const char *const syllables[] = { "ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu" };

/* put_name - a word of its own for every number */
static void
put_name(struct mh_buf *out, size_t n)
{
	mh_buf_puts(out, "zz");
	for (int i = 0; i < 4; i++, n /= 10)
		mh_buf_puts(out, syllables[n % 10]);
}

static void
a_thousand_rules_load(void **state)
{
	static const char *const reasons[] = { "virus", "timeout", "greylisted", "mailbox-full" };
	enum { RULES = 1000 };
	struct mh_mem mem = mh_mem_default();
	struct mh_buf text, reply, id;
	struct desk d;
	(void)state;
	open_desk(&d);
	mh_buf_init(&text, &mem, 1024 * 1024);
	mh_buf_init(&reply, &mem, 1024);
	mh_buf_init(&id, &mem, 1024);
	for (size_t i = 0; i < RULES; i++) {
		mh_buf_puts(&text, "rule gen.");
		mh_buf_putint(&text, (int64_t)i);
		mh_buf_puts(&text, " {\n\treason ");
		mh_buf_puts(&text, reasons[i % MH_COUNT(reasons)]);
		mh_buf_puts(&text, "\n\ttext \"");
		put_name(&text, i);
		mh_buf_puts(&text, " (is|was|) ");
		put_name(&text, i + 5000);
		mh_buf_puts(&text, " .. {ip}\"\n\tsample \"550 ");
		put_name(&text, i);
		mh_buf_puts(&text, " was ");
		put_name(&text, i + 5000);
		mh_buf_puts(&text, " by [192.0.2.1]\"\n}\n");
	}
	add(&d, MH_LAYER_USER, mh_buf_z(&text));
	test_number("all of them", mh_rules_int(d.rules, MH_RULES_COUNT), RULES);
	use(&d);
	for (size_t i = 0; i < RULES; i += 37) {
		mh_buf_reset(&reply);
		mh_buf_reset(&id);
		mh_buf_puts(&reply, "550 ");
		put_name(&reply, i);
		mh_buf_puts(&reply, " ");
		put_name(&reply, i + 5000);
		mh_buf_puts(&reply, " 192.0.2.7");
		mh_buf_puts(&id, "gen.");
		mh_buf_putint(&id, (int64_t)i);
		wins(&d, mh_buf_z(&reply), mh_buf_z(&id));
	}
	wins(&d, "550 zzbababaga zzbababade 192.0.2.7", "");
	mh_buf_free(&text);
	mh_buf_free(&reply);
	mh_buf_free(&id);
	close_desk(&d);
}

/* What does not fit is refused, and never left out in silence. */
static void
what_does_not_fit_is_refused(void **state)
{
	static const struct {
		const char *name, *before, *each, *after;
		int times;
	} cases[] = {
		{ "256 codes", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n\tcode",
		    " 550", "\n}\n", 256 },
		{ "256 statuses",
		    "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n\tstatus", " 5.7.1",
		    "\n}\n", 256 },
		{ "256 advices",
		    "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n\tadvice",
		    " fix-spf", "\n}\n", 256 },
		{ "9 and lines", "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy plugh\"\n",
		    "\tand \"plugh\"\n", "}\n", 9 },
	};
	struct mh_mem mem = mh_mem_default();
	struct mh_buf text;
	struct desk d;
	(void)state;
	mh_buf_init(&text, &mem, 65536);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		mh_buf_reset(&text);
		mh_buf_puts(&text, cases[i].before);
		for (int k = 0; k < cases[i].times; k++)
			mh_buf_puts(&text, cases[i].each);
		mh_buf_puts(&text, cases[i].after);
		open_desk(&d);
		test_number(cases[i].name,
		    mh_rules_add(d.rules, MH_LAYER_USER, "t", mh_buf_z(&text), text.len), MH_ERULES);
		close_desk(&d);
	}
	mh_buf_reset(&text);
	mh_buf_puts(&text, "words w =");
	for (size_t k = 0; k < 600; k++) {
		mh_buf_puts(&text, " ");
		put_name(&text, k);
	}
	mh_buf_puts(&text,
	    "\nrule a {\n\treason virus\n\ttext \"$w xyzzy\"\n\tsample \"550 zzbabababa xyzzy\"\n}\n");
	open_desk(&d);
	test_number("600 words", mh_rules_add(d.rules, MH_LAYER_USER, "t", mh_buf_z(&text), text.len),
	    MH_ERULES);
	close_desk(&d);
	mh_buf_free(&text);
}

static void
versions_are_of_the_rules(void **state)
{
	static const char one[] = "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n";
	static const char same[] =
	    "# other words\nrule a { reason virus\n text \"xyzzy\"\n sample \"550 xyzzy\"\n}\n";
	static const char other[] =
	    "rule a {\n\treason virus\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy!\"\n}\n";
	struct desk d, e;
	(void)state;
	open_desk(&d);
	open_desk(&e);
	test_number("16 digits", strlen(mh_rules_str(d.rules, MH_RULES_VERSION)), 16);
	test_span("no rules: that of the built-in ones", mh_str_z(mh_rules_str(d.rules, MH_RULES_VERSION)),
	    mh_str_z(mh_rules_str(e.rules, MH_RULES_VERSION)));
	add(&d, MH_LAYER_USER, one);
	test_check("rules change it",
	    strcmp(mh_rules_str(d.rules, MH_RULES_VERSION), mh_rules_str(e.rules, MH_RULES_VERSION)) != 0);
	add(&e, MH_LAYER_USER, same);
	test_span("equal rules, equal version", mh_str_z(mh_rules_str(d.rules, MH_RULES_VERSION)),
	    mh_str_z(mh_rules_str(e.rules, MH_RULES_VERSION)));
	close_desk(&e);
	open_desk(&e);
	add(&e, MH_LAYER_USER, other);
	test_check("other rules, another",
	    strcmp(mh_rules_str(d.rules, MH_RULES_VERSION), mh_rules_str(e.rules, MH_RULES_VERSION)) != 0);
	close_desk(&e);
	close_desk(&d);
}

/* ------------------------------------------------------------------------------- swap */

#define MINE(name, reason) \
	"rule " name " {\n\treason " reason "\n\ttext \"xyzzy\"\n\tsample \"550 xyzzy\"\n}\n"

static mh_rules *
make_rules(mh_ctx *ctx, const char *text)
{
	mh_rules *rules = mh_rules_new(ctx);
	assert_non_null(rules);
	assert_int_equal(mh_rules_add(rules, MH_LAYER_USER, "t", text, strlen(text)), MH_OK);
	return rules;
}

static void
a_swap_holds_from_the_next_parse(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	wins(&d, "550 xyzzy", "");
	mh_rules *first = make_rules(d.ctx, MINE("first", "virus")),
		 *second = make_rules(d.ctx, MINE("second", "timeout"));
	assert_int_equal(mh_ctx_use_rules(d.ctx, first), MH_OK);
	mh_rules_free(first);
	wins(&d, "550 xyzzy", "first");
	const char *rule = mh_reply_str(d.reply, MH_REPLY_RULE);
	assert_int_equal(mh_ctx_use_rules(d.ctx, second), MH_OK);
	mh_rules_free(second);
	test_span("what was parsed before is still there", mh_str_z(rule), MH_STR("first"));
	test_span("and can still be asked", mh_str_z(mh_reply_str(d.reply, MH_REPLY_RULE)), MH_STR("first"));
	test_span("also for what was not asked before", mh_str_z(mh_reply_str(d.reply, MH_REPLY_REASON)),
	    MH_STR("virus"));
	test_check("and as JSON", strstr(mh_reply_json(d.reply), "\"rule\":\"first\"") != NULL);
	wins(&d, "550 xyzzy", "second");
	assert_int_equal(mh_ctx_use_rules(d.ctx, d.rules),
	    MH_OK); /* an empty set is the built-in rules alone */
	wins(&d, "550 xyzzy", "");
	test_number("and in use too", mh_rules_add(d.rules, MH_LAYER_USER, "t", "", 0), MH_EFROZEN);
	close_desk(&d);
}

static void
handles_are_freed_in_any_order(void **state)
{
	(void)state;
	for (int order = 0; order < 24; order++) { /* all orders of four handles */
		struct test_alloc alloc = { 0 };
		mh_ctx *ctx = mh_ctx_new(test_alloc_fn, &alloc);
		mh_rules *rules = make_rules(ctx, MINE("mine", "virus"));
		mh_reply *reply = mh_reply_new(ctx);
		assert_int_equal(mh_ctx_use_rules(ctx, rules), MH_OK);
		assert_int_equal(mh_reply_parse(reply, "550 xyzzy", 9), MH_OK);
		mh_report *report = mh_reply_report(reply);
		assert_non_null(report);
		int left[4] = { 0, 1, 2, 3 }, code = order;
		for (int n = 4; n > 0; n--) {
			int at = code % n, which = left[at];
			code /= n;
			left[at] = left[n - 1];
			switch (which) {
			case 0:
				mh_ctx_free(ctx);
				break;
			case 1:
				mh_rules_free(rules);
				break;
			case 2:
				mh_reply_free(reply);
				reply = NULL;
				break;
			default:
				test_check("a report outlives what it was made of",
				    mh_report_json(report)[0] == '[');
				mh_report_free(report);
			}
			if (reply != NULL) { /* and what is left works */
				assert_int_equal(mh_reply_parse(reply, "550 xyzzy", 9), MH_OK);
				test_span("a reply outlives its context",
				    mh_str_z(mh_reply_str(reply, MH_REPLY_RULE)), MH_STR("mine"));
			}
		}
		test_alloc_done(&alloc);
	}
}

struct race {
	mh_ctx *ctx;
	atomic_int stop;
	atomic_int wrong;
	atomic_int parsed;
};

static void *
parse_on(void *arg)
{
	struct race *race = arg;
	mh_reply *reply = mh_reply_new(race->ctx);
	while (reply != NULL && atomic_load(&race->stop) == 0) {
		int result = mh_reply_parse(reply, "550 xyzzy", 9);
		const char *rule = mh_reply_str(reply, MH_REPLY_RULE),
			   *reason = mh_reply_str(reply, MH_REPLY_REASON);
		bool one = strcmp(rule, "first") == 0 && strcmp(reason, "virus") == 0;
		bool two = strcmp(rule, "second") == 0 && strcmp(reason, "timeout") == 0;
		bool none = rule[0] == '\0' && strcmp(reason, "unknown") == 0;
		if (result != MH_OK || !(one || two || none) || mh_reply_json(reply)[0] != '{')
			atomic_fetch_add(&race->wrong, 1);
		atomic_fetch_add(&race->parsed, 1);
	}
	mh_reply_free(reply);
	return NULL;
}

/* Two threads parse while a third, this one, swaps.  Run under the thread sanitizer this shows
 * every access that is not ordered. */
static void
rules_are_swapped_under_use(void **state)
{
	struct race race = { .ctx = mh_ctx_new(NULL, NULL) };
	pthread_t threads[2];
	(void)state;
	mh_rules *first = make_rules(race.ctx, MINE("first", "virus")),
		 *second = make_rules(race.ctx, MINE("second", "timeout"));
	for (size_t i = 0; i < MH_COUNT(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, parse_on, &race), 0);
	for (int i = 0; i < 300 || atomic_load(&race.parsed) < 600; i++)
		assert_int_equal(mh_ctx_use_rules(race.ctx,
				     i % 3 == 0       ? first
					 : i % 3 == 1 ? second
						      : NULL),
		    MH_OK);
	atomic_store(&race.stop, 1);
	for (size_t i = 0; i < MH_COUNT(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	test_number("every parse sees one set of rules", atomic_load(&race.wrong), 0);
	mh_rules_free(first);
	mh_rules_free(second);
	mh_ctx_free(race.ctx);
}

/* ------------------------------------------------------------------------------- files */

static void
rules_come_from_files(void **state)
{
	struct desk d;
	(void)state;
	open_desk(&d);
	test_number("there is no such file",
	    mh_rules_add_file(d.rules, MH_LAYER_SITE, TEST_DATA "/no/such.rules"), MH_EIO);
	test_number("a folder is no file", mh_rules_add_file(d.rules, MH_LAYER_SITE, TEST_DATA), MH_EIO);
	test_number("a file that is no rules", mh_rules_add_file(d.rules, MH_LAYER_SITE, __FILE__),
	    MH_ERULES);
	test_span("told by its path", mh_str_z(mh_rules_str(d.rules, MH_RULES_NAME)), mh_str_z(__FILE__));
	test_number("rules", mh_rules_add_file(d.rules, MH_LAYER_SITE, TEST_DATA "/fuzz/corpus/rules/rule"),
	    MH_OK);
	test_number("one of them", mh_rules_int(d.rules, MH_RULES_COUNT), 1);
	close_desk(&d);
}

/* --------------------------------------------------------------- broken files, no memory */

static const char whole[] =
    "words w = aaa bbb*\nprovider p {\n\thost p.example\n\tmark \"pp qq\"\n}\nlist l {\n\tzone "
    "l.example\n\tkind ip\n}\n"
    "advice v {\n\ttext \"T\"\n}\ndisable quota.*\nrule r {\n\treason virus\n\trank cause\n\tprovider "
    "p\n\tcode 550 4xx\n"
    "\tstatus x.7.1-9\n\tphase rcpt\n\ttext \"$w (is|was (not|)) xyz* .. {ip} ... plugh {list}\"\n\tand "
    "\"frob\" | \"nitz\"\n\tnot \"quux\"\n"
    "\tadvice v\n\tsample \"550 5.7.1 bbbb was xyzzy 192.0.2.1 plugh frob x.l.example\"\n}\n";

static void
check_rules(struct mh_str text, void *arg)
{
	mh_rules *rules = mh_rules_new(arg);
	int result = mh_rules_add(rules, MH_LAYER_USER, "t", text.p, text.len);
	test_check("rules are right or wrong", result == MH_OK || result == MH_ERULES);
	test_check("and if wrong it is told why",
	    (result == MH_OK) == (mh_rules_str(rules, MH_RULES_ERROR)[0] == '\0'));
	if (result == MH_ERULES)
		test_check("and where",
		    mh_rules_int(rules, MH_RULES_LINE) >= 1 && mh_rules_int(rules, MH_RULES_COLUMN) >= 1);
	mh_rules_free(rules);
}

static void
broken_files_are_told(void **state)
{
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	(void)state;
	struct desk d;
	open_desk(&d);
	add(&d, MH_LAYER_USER, whole);
	close_desk(&d);
	for (size_t len = 0; len <= sizeof(whole) - 1; len++) {
		char *copy = guard_copy(whole, len);
		check_rules(mh_str_n(copy, len), ctx);
		guard_free(copy, len);
	}
	char changed[sizeof(whole)];
	struct test_random random = { 7 };
	static const char octets[] = "\"{}|$()*.\\\n #a1\xff\0x:";
	for (int n = 0; n < 1500; n++) {
		memcpy(changed, whole, sizeof(whole));
		for (size_t k = test_random_below(&random, 3) + 1; k > 0; k--)
			changed[test_random_below(&random, sizeof(whole) - 1)] =
			    octets[test_random_below(&random, sizeof(octets) - 1)];
		check_rules(mh_str_n(changed, sizeof(whole) - 1), ctx);
	}
	mh_ctx_free(ctx);
}

static bool
rules_with(struct mh_mem mem, void *arg)
{
	mh_ctx *ctx = mh_ctx_new(mem.fn, mem.ud);
	mh_rules *rules = mh_rules_new(ctx);
	mh_reply *reply = mh_reply_new(ctx);
	int result = mh_rules_add(rules, MH_LAYER_SITE, "t", arg, strlen(arg));
	if (rules != NULL && result != MH_OK)
		assert_int_equal(result, MH_ENOMEM);
	if (result == MH_OK)
		result = mh_rules_add(rules, MH_LAYER_USER, "u", MINE("mine", "virus"),
		    sizeof(MINE("mine", "virus")) - 1);
	if (result == MH_OK)
		result = mh_ctx_use_rules(ctx, rules);
	if (result == MH_OK)
		result = reply != NULL ? mh_reply_parse(reply, "550 xyzzy", 9) : MH_ENOMEM;
	if (result == MH_OK)
		test_span("all or nothing", mh_str_z(mh_reply_str(reply, MH_REPLY_RULE)), MH_STR("mine"));
	mh_reply_free(reply);
	mh_rules_free(rules);
	mh_ctx_free(ctx);
	return result == MH_OK;
}

static void
no_memory_is_an_answer(void **state)
{
	(void)state;
	(void)test_failing_allocs(rules_with, (void *)(uintptr_t)whole, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_are_told_with_their_place),
		cmocka_unit_test(an_error_in_a_later_text_leaves_the_earlier_ones),
		cmocka_unit_test(files_may_be_written_so),
		cmocka_unit_test(patterns_find_what_they_say),
		cmocka_unit_test(conditions_hold),
		cmocka_unit_test(a_given_phase_counts),
		cmocka_unit_test(ranks_decide),
		cmocka_unit_test(user_over_site_over_builtin),
		cmocka_unit_test(rules_below_are_disabled),
		cmocka_unit_test(providers_of_ones_own),
		cmocka_unit_test(lists_and_advice_of_ones_own),
		cmocka_unit_test(lists_that_are_shut_down),
		cmocka_unit_test(layers_see_what_is_below),
		cmocka_unit_test(a_thousand_rules_load),
		cmocka_unit_test(what_does_not_fit_is_refused),
		cmocka_unit_test(versions_are_of_the_rules),
		cmocka_unit_test(a_swap_holds_from_the_next_parse),
		cmocka_unit_test(handles_are_freed_in_any_order),
		cmocka_unit_test(rules_are_swapped_under_use),
		cmocka_unit_test(rules_come_from_files),
		cmocka_unit_test(broken_files_are_told),
		cmocka_unit_test(no_memory_is_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
