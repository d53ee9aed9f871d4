/* test_lists.c - lib/records/lists.c and lists.def */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "find.h"
#include "lists.h"

#define KEYS "abcdefghijklmnopqrstuvwxyz abusix:0123456789"

static const struct mh_list *
list_of(const char *zone)
{
	const struct mh_list *list = mh_list_of_zone(mh_str_z(zone));
	test_check(zone, list != NULL);
	return list;
}

/* ------------------------------------------------------------------ the table */

static void
the_table(void **state)
{
	static const char *const closed[] = { "dnsbl.sorbs.net", "ix.dnsbl.manitu.net", "dnsbl.ahbl.org",
		"dnsbl.njabl.org", "list.dsbl.org", "dnsbl.inps.de", "relays.ordb.org", "cbl.abuseat.org" };
	static const char *const there[] = { "zen.spamhaus.org", "dbl.spamhaus.org", "multi.surbl.org",
		"multi.uribl.com", "b.barracudacentral.org", "bl.spamcop.net", "dnsbl-1.uceprotect.net",
		"dnsbl-2.uceprotect.net", "dnsbl-3.uceprotect.net", "psbl.surriel.com", "bl.mailspike.net",
		"dnsbl.dronebl.org", "all.s5h.net", "truncate.gbudb.net", "all.spamrats.com", "bl.0spam.org",
		"list.dnswl.org", "hostkarma.junkemailfilter.com", "bl.score.senderscore.com" };
	size_t count = 0, usable = 0;
	(void)state;
	for (const struct mh_list *list; (list = mh_list_at(count)) != NULL; count++) {
		char canonical[MH_DNAME_TEXT_MAX], name[MH_DNAME_TEXT_MAX];
		struct mh_ip ip;
		bool is_usable = mh_list_is_usable(list, MH_STR(""));
		usable += is_usable;
		test_check(list->id, list->id[0] != '\0' && list->name[0] != '\0');
		test_span(list->id, mh_str_n(canonical, mh_dname_canonical(mh_str_z(list->zone), canonical)),
		    mh_str_z(list->zone));
		test_check(list->id, mh_list_of_zone(mh_str_z(list->zone)) == list);
		for (size_t k = 0; k < count; k++)
			test_check(list->id, strcmp(mh_list_at(k)->id, list->id) != 0);
		test_check(list->id, strncmp(list->page, "http", 4) == 0);
		test_check(list->id, list->delist[0] == '\0' || strncmp(list->delist, "http", 4) == 0);
		test_check(list->id, is_usable == (list->status <= MH_LIST_REGISTERED));
		bool is_for_domains = (list->asks & MH_LIST_ASKS_DOMAIN) != 0;
		test_check(list->id,
		    list->test[0] == '\0' || mh_ip_parse(mh_str_z(list->test), &ip) != is_for_domains);
		test_check(list->id,
		    mh_list_name_test(list, MH_STR(KEYS), MH_LIST_TEST_CLEAR, is_for_domains ? 0 : 4, name) >
			    0 ||
			(list->asks & MH_LIST_ASKS_IP4) == 0);
		/* Where a list speaks against somebody, there is something to do. */
		test_check(list->id,
		    !is_usable || (list->asks & MH_LIST_ALLOWS) != 0 ||
			(list->note[0] != '\0' && list->delist[0] != '\0'));
	}
	assert_null(mh_list_at(count));
	assert_true(count >= 60 && usable >= 40);
	for (size_t i = 0; i < MH_COUNT(closed); i++)
		test_check(closed[i],
		    list_of(closed[i])->status == MH_LIST_CLOSED &&
			!mh_list_is_usable(list_of(closed[i]), MH_STR(KEYS)));
	for (size_t i = 0; i < MH_COUNT(there); i++)
		test_check(there[i], mh_list_is_usable(list_of(there[i]), MH_STR("")));
	assert_null(mh_list_of_zone(MH_STR("example.org")));
}

/* value - what stands behind a word at the start of a line of rules, in quotes or not */
static struct mh_str
value(struct mh_str line, const char *word)
{
	struct mh_cur cur = mh_cur_of(line.p, line.len);
	mh_cur_spaces(&cur);
	if (!mh_cur_skip(&cur, mh_str_z(word)))
		return MH_STR("");
	mh_cur_spaces(&cur);
	struct mh_str rest = mh_str_trim(mh_cur_rest(&cur));
	if (rest.len >= 2 && rest.p[0] == '"')
		rest = mh_str_n(rest.p + 1, rest.len - 2);
	return rest;
}

/* names_are_those_of_the_rules - a list is called and removed as the reply rules have it */
static void
names_are_those_of_the_rules(void **state)
{
	static char text[1u << 20];
	FILE *file = fopen(RULES_DIR "/lists.rules", "r");
	(void)state;
	assert_non_null(file);
	size_t len = fread(text, 1, sizeof(text), file), same = 0;
	fclose(file);
	struct mh_cur cur = mh_cur_of(text, len);
	struct mh_str name = MH_STR("");
	const struct mh_list *found[64];
	size_t count = 0;
	while (mh_cur_left(&cur) > 0) {
		int end;
		struct mh_str line = mh_cur_line(&cur, &end), zones = value(line, "zone ");
		if (value(line, "list ").len > 0)
			count = 0;
		if (value(line, "name ").len > 0)
			name = value(line, "name ");
		struct mh_cur words = mh_cur_of(zones.p, zones.len);
		while (mh_cur_left(&words) > 0) {
			const struct mh_list *list = mh_list_of_zone(mh_cur_until(&words, " "));
			mh_cur_spaces(&words);
			if (list == NULL || count == MH_COUNT(found))
				continue;
			test_span(list->id, name, mh_str_z(list->name));
			found[count++] = list;
			same++;
		}
		for (size_t i = 0; i < count && value(line, "delist ").len > 0; i++)
			if (found[i]->status != MH_LIST_CLOSED)
				test_span(found[i]->id, value(line, "delist "), mh_str_z(found[i]->delist));
	}
	assert_true(same > 60);
}

/* ---------------------------------------------------------------------- names */

static void
names(void **state)
{
	static const struct {
		const char *zone, *key, *what, *name;
	} cases[] = {
		{ "zen.spamhaus.org", "", "192.0.2.1", "1.2.0.192.zen.spamhaus.org" },
		{ "zen.spamhaus.org", "", "2001:db8::25",
		    "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.zen.spamhaus.org" },
		{ "bl.spamcop.net", "", "2001:db8::25", "" },
		{ "bl.ipv6.spameatingmonkey.net", "", "192.0.2.1", "" },
		{ "dbl.spamhaus.org", "", "192.0.2.1", "" },
		{ "dbl.spamhaus.org", "", "example.org", "example.org.dbl.spamhaus.org" },
		{ "zen.spamhaus.org", "", "example.org", "" },
		{ "dbl.spamhaus.org", "", ".", "" },
		{ "dbl.spamhaus.org", "", "", "" },
		{ "zen.dq.spamhaus.net", KEYS, "192.0.2.1",
		    "1.2.0.192.abcdefghijklmnopqrstuvwxyz.zen.dq.spamhaus.net" },
		{ "dbl.dq.spamhaus.net", KEYS, "example.org",
		    "example.org.abcdefghijklmnopqrstuvwxyz.dbl.dq.spamhaus.net" },
		{ "combined.mail.abusix.zone", KEYS, "192.0.2.1",
		    "1.2.0.192.0123456789.combined.mail.abusix.zone" },
		{ "zen.spamhaus.org", KEYS, "192.0.2.1", "1.2.0.192.zen.spamhaus.org" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		char out[MH_DNAME_TEXT_MAX];
		struct mh_ip ip;
		size_t len = mh_ip_parse(mh_str_z(cases[i].what), &ip)
		    ? mh_list_name_ip(list_of(cases[i].zone), mh_str_z(cases[i].key), &ip, out)
		    : mh_list_name_domain(list_of(cases[i].zone), mh_str_z(cases[i].key),
			  mh_str_z(cases[i].what), out);
		test_span(cases[i].what, mh_str_n(out, len), mh_str_z(cases[i].name));
	}
}

static void
long_names(void **state)
{
	char domain[MH_DNAME_TEXT_MAX], out[MH_DNAME_TEXT_MAX];
	(void)state;
	for (size_t len = 1; len < 253; len++) {
		for (size_t i = 0; i < len; i++)
			domain[i] = i % 32 == 31 ? '.' : 'a';
		if (domain[len - 1] == '.')
			continue;
		size_t got =
		    mh_list_name_domain(list_of("dbl.spamhaus.org"), MH_STR(""), mh_str_n(domain, len), out);
		test_number("a name of 253 octets at most", got, len + 17 <= 253 ? len + 17 : 0);
	}
	/* 253 octets that are each four of text */
	for (size_t i = 0; i < 252; i++)
		memcpy(domain + 4 * i, i % 60 == 59 ? ".aaa" : "\\001", 4);
	(void)mh_list_name_domain(list_of("dbl.spamhaus.org"), MH_STR(""), mh_str_n(domain, 1008), out);
}

static void
tests_of_lists(void **state)
{
	static const struct {
		const char *zone;
		int family;
		const char *listed, *clear;
	} cases[] = {
		{ "zen.spamhaus.org", 4, "2.0.0.127.zen.spamhaus.org", "1.0.0.127.zen.spamhaus.org" },
		{ "zen.spamhaus.org", 6,
		    "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.zen.spamhaus.org",
		    "1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.zen.spamhaus.org" },
		{ "dbl.spamhaus.org", 0, "dbltest.com.dbl.spamhaus.org", "invalid.dbl.spamhaus.org" },
		{ "multi.uribl.com", 0, "test.uribl.com.multi.uribl.com", "invalid.multi.uribl.com" },
		{ "truncate.gbudb.net", 4, "", "1.0.0.127.truncate.gbudb.net" },
		{ "bl.spamcop.net", 6, "", "" },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		char out[MH_DNAME_TEXT_MAX];
		size_t len = mh_list_name_test(list_of(cases[i].zone), MH_STR(""), MH_LIST_TEST_LISTED,
		    cases[i].family, out);
		test_span(cases[i].zone, mh_str_n(out, len), mh_str_z(cases[i].listed));
		len = mh_list_name_test(list_of(cases[i].zone), MH_STR(""), MH_LIST_TEST_CLEAR,
		    cases[i].family, out);
		test_span(cases[i].zone, mh_str_n(out, len), mh_str_z(cases[i].clear));
	}
}

static void
keys(void **state)
{
	static const struct {
		const char *zone, *key;
		bool is_usable;
	} cases[] = {
		{ "zen.spamhaus.org", "", true },
		{ "zen.spamhaus.org", "abc", false },
		{ "dbl.spamhaus.org", "abc", false },
		{ "bl.spamcop.net", "abc", true },
		{ "zen.dq.spamhaus.net", "", false },
		{ "zen.dq.spamhaus.net", "abc", true },
		{ "zrd.dq.spamhaus.net", " abc\t", true },
		{ "zen.dq.spamhaus.net", "abusix:abc", false },
		{ "zen.spamhaus.org", "abusix:abc", true },
		{ "combined.mail.abusix.zone", "abc", false },
		{ "combined.mail.abusix.zone", "abusix:abc", true },
		{ "combined.mail.abusix.zone", "abc,ABUSIX:def", true },
		{ "zen.dq.spamhaus.net", "abusix:def abc", true },
		/* no labels: they would make names of others */
		{ "zen.dq.spamhaus.net", "a.b", false },
		{ "zen.dq.spamhaus.net", "a\\.b", false },
		{ "zen.dq.spamhaus.net", "abusix:", false },
		{ "zen.dq.spamhaus.net", "0123456789012345678901234567890123456789012345678901234567890123",
		    false },
		{ "sip.invaluement.com", "abc", false },
		{ "dnsbl.sorbs.net", "abc", false },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		test_check(cases[i].key,
		    mh_list_is_usable(list_of(cases[i].zone), mh_str_z(cases[i].key)) == cases[i].is_usable);
}

/* -------------------------------------------------------------------- answers */

/* fact_of - A records, "NXDOMAIN", "NODATA" or "SERVFAIL" */
static struct mh_fact *
fact_of(const char *text)
{
	struct mh_mem mem = mh_mem_default();
	static struct mh_fact_draft draft;
	struct mh_cur cur = mh_cur_of(text, strlen(text));
	mh_fact_draft_init(&draft, &mem);
	mh_fact_draft_begin(&draft, MH_STR("x.example"), MH_RR_A);
	if (strcmp(text, "NXDOMAIN") == 0)
		draft.head.state = MH_FACT_NXDOMAIN;
	else if (strcmp(text, "SERVFAIL") == 0)
		mh_fact_draft_fail(&draft, MH_WHY_SERVFAIL);
	else
		while (mh_cur_left(&cur) > 0 && strcmp(text, "NODATA") != 0) {
			struct mh_ip ip;
			assert_true(mh_ip_parse(mh_cur_until(&cur, " "), &ip));
			mh_cur_spaces(&cur);
			mh_fact_draft_rr(&draft, ip.octets, 4);
		}
	struct mh_fact *fact = mh_fact_make(&mem, &draft);
	mh_fact_draft_free(&draft);
	assert_non_null(fact);
	return fact;
}

static const struct {
	const char *zone, *answers;
	enum mh_list_state state;
	const char *code, *meaning; /* how the meaning begins */
	int severity;
} answers[] = {
	{ "zen.spamhaus.org", "NXDOMAIN", MH_LIST_CLEAR, "", "", 0 },
	{ "zen.spamhaus.org", "NODATA", MH_LIST_CLEAR, "", "", 0 },
	{ "zen.spamhaus.org", "SERVFAIL", MH_LIST_UNKNOWN, "", "the server said", 0 },
	{ "zen.spamhaus.org", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "SBL", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.3", MH_LIST_LISTED, "127.0.0.3", "CSS", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.4", MH_LIST_LISTED, "127.0.0.4", "XBL", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.9", MH_LIST_LISTED, "127.0.0.9", "DROP", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.10", MH_LIST_LISTED, "127.0.0.10", "PBL", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.11", MH_LIST_LISTED, "127.0.0.11", "PBL", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.20", MH_LIST_LISTED, "127.0.0.20", "AuthBL", MH_SEV_INFO },
	{ "zen.spamhaus.org", "127.0.0.20 127.0.0.4", MH_LIST_LISTED, "127.0.0.4", "XBL", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.4 127.0.0.20", MH_LIST_LISTED, "127.0.0.4", "XBL", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.0.0.77", MH_LIST_LISTED, "127.0.0.77", "", MH_SEV_FAIL },
	{ "zen.spamhaus.org", "127.255.255.252", MH_LIST_REFUSED, "127.255.255.252", "it says that its name",
	    0 },
	{ "zen.spamhaus.org", "127.255.255.254", MH_LIST_REFUSED, "127.255.255.254",
	    "it does not answer public", 0 },
	{ "zen.spamhaus.org", "127.255.255.255", MH_LIST_REFUSED, "127.255.255.255", "too many questions",
	    0 },
	{ "zen.spamhaus.org", "127.255.255.250", MH_LIST_REFUSED, "127.255.255.250", "it gave an error", 0 },
	{ "zen.spamhaus.org", "127.0.0.2 127.255.255.254", MH_LIST_REFUSED, "127.255.255.254", "it does not",
	    0 },
	{ "zen.spamhaus.org", "198.51.100.7", MH_LIST_BROKEN, "198.51.100.7", "it answers with an address",
	    0 },
	{ "zen.spamhaus.org", "127.0.0.2 198.51.100.7", MH_LIST_BROKEN, "198.51.100.7", "it answers", 0 },
	{ "zen.spamhaus.org", "0.0.0.0", MH_LIST_BROKEN, "0.0.0.0", "it answers", 0 },
	{ "bl.spamcop.net", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "", MH_SEV_FAIL },
	{ "bl.spamcop.net", "127.0.0.1", MH_LIST_REFUSED, "127.0.0.1", "it gave an error", 0 },
	{ "b.barracudacentral.org", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "", MH_SEV_FAIL },
	{ "psbl.surriel.com", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "", MH_SEV_WARN },
	{ "dnsbl-3.uceprotect.net", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "", MH_SEV_INFO },
	{ "bl.mailspike.net", "127.0.0.10", MH_LIST_LISTED, "127.0.0.10", "the worst", MH_SEV_WARN },
	{ "bl.score.senderscore.com", "127.255.255.255", MH_LIST_REFUSED, "127.255.255.255", "too many", 0 },
	{ "all.spamrats.com", "127.0.0.37", MH_LIST_LISTED, "127.0.0.37", "NoPtr", MH_SEV_WARN },
	{ "dnsbl.dronebl.org", "127.0.0.1", MH_LIST_CLEAR, "127.0.0.1", "an entry for tests", 0 },
	{ "rbl.efnetrbl.org", "127.0.0.1", MH_LIST_LISTED, "127.0.0.1", "an open proxy", MH_SEV_INFO },
	{ "hostkarma.junkemailfilter.com", "127.0.0.1", MH_LIST_ALLOWED, "127.0.0.1", "white", 0 },
	{ "hostkarma.junkemailfilter.com", "127.0.0.3", MH_LIST_CLEAR, "127.0.0.3", "yellow", 0 },
	{ "hostkarma.junkemailfilter.com", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "black", MH_SEV_INFO },
	{ "hostkarma.junkemailfilter.com", "127.0.0.5 127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "black",
	    MH_SEV_INFO },
	{ "dbl.spamhaus.org", "127.0.1.2", MH_LIST_LISTED, "127.0.1.2", "a domain that spam", MH_SEV_FAIL },
	{ "dbl.spamhaus.org", "127.0.1.104", MH_LIST_LISTED, "127.0.1.104", "an honest domain", MH_SEV_FAIL },
	{ "dbl.spamhaus.org", "127.0.1.255", MH_LIST_REFUSED, "127.0.1.255", "it is no list", 0 },
	{ "multi.surbl.org", "127.0.0.8", MH_LIST_LISTED, "127.0.0.8", "PH", MH_SEV_FAIL },
	{ "multi.surbl.org", "127.0.0.80", MH_LIST_LISTED, "127.0.0.80", "MW", MH_SEV_FAIL },
	{ "multi.surbl.org", "127.0.0.128", MH_LIST_LISTED, "127.0.0.128", "CR", MH_SEV_FAIL },
	{ "multi.surbl.org", "127.0.0.1", MH_LIST_REFUSED, "127.0.0.1", "this resolver", 0 },
	{ "multi.uribl.com", "127.0.0.1", MH_LIST_REFUSED, "127.0.0.1", "this resolver", 0 },
	{ "multi.uribl.com", "127.0.0.2", MH_LIST_LISTED, "127.0.0.2", "black", MH_SEV_FAIL },
	{ "multi.uribl.com", "127.0.0.4", MH_LIST_LISTED, "127.0.0.4", "grey", MH_SEV_INFO },
	{ "multi.uribl.com", "127.0.0.12", MH_LIST_LISTED, "127.0.0.12", "red", MH_SEV_WARN },
	{ "multi.uribl.com", "127.0.0.14", MH_LIST_LISTED, "127.0.0.14", "black", MH_SEV_FAIL },
	{ "list.dnswl.org", "127.0.5.0", MH_LIST_ALLOWED, "127.0.5.0", "trust none", 0 },
	{ "list.dnswl.org", "127.0.10.3", MH_LIST_ALLOWED, "127.0.10.3", "trust high", 0 },
	{ "list.dnswl.org", "127.0.0.255", MH_LIST_REFUSED, "127.0.0.255", "this resolver", 0 },
	{ "list.dnswl.org", "127.0.9.99", MH_LIST_ALLOWED, "127.0.9.99", "", 0 },
	{ "wl.mailspike.net", "127.0.0.20", MH_LIST_ALLOWED, "127.0.0.20", "an excellent", 0 },
	{ "dnsbl.tornevall.org", "127.0.0.66", MH_LIST_LISTED, "127.0.0.66", "spam or attacks", MH_SEV_INFO },
	{ "dnsbl.tornevall.org", "127.0.0.8", MH_LIST_CLEAR, "127.0.0.8", "reported", 0 },
	{ "zrd.dq.spamhaus.net", "127.0.2.5", MH_LIST_LISTED, "127.0.2.5", "first seen", MH_SEV_WARN },
};

static void
judging(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(answers); i++) {
		char name[120], code[MH_IP_TEXT_MAX] = "";
		struct mh_list_answer answer;
		struct mh_fact *fact = fact_of(answers[i].answers);
		snprintf(name, sizeof(name), "%s answers %s", answers[i].zone, answers[i].answers);
		mh_list_judge(list_of(answers[i].zone), fact, &answer);
		test_number(name, answer.state, answers[i].state);
		if (answer.code.family != 0)
			mh_ip_print(&answer.code, code);
		test_span(name, mh_str_z(code), mh_str_z(answers[i].code));
		test_check(name, mh_str_istarts(mh_str_z(answer.meaning), mh_str_z(answers[i].meaning)));
		test_check(name, answers[i].meaning[0] != '\0' || answer.meaning[0] == '\0');
		if (answer.state == MH_LIST_LISTED)
			test_number(name, answer.severity, answers[i].severity);
		test_check(name, answer.note != NULL);
		mh_fact_unref(fact);
	}
}

/* What the entry that must be there and the one that must not say; "-": there is none. */
static const struct {
	const char *name, *answer, *listed, *clear;
	enum mh_list_state state;
} tested[] = {
	{ "a list that works is believed", "127.0.0.2", "127.0.0.2", "NXDOMAIN", MH_LIST_LISTED },
	{ "its test may have another code", "127.0.0.2", "127.0.0.10 127.0.0.4", "NODATA", MH_LIST_LISTED },
	{ "a list of everybody is broken", "127.0.0.2", "127.0.0.2", "127.0.0.2", MH_LIST_BROKEN },
	{ "a name that was sold is broken", "127.0.0.2", "198.51.100.1", "198.51.100.1", MH_LIST_BROKEN },
	{ "a list without its test entry is broken", "127.0.0.2", "NXDOMAIN", "NXDOMAIN", MH_LIST_BROKEN },
	{ "a list that keeps no test entry is believed", "127.0.0.2", "-", "NXDOMAIN", MH_LIST_LISTED },
	{ "and is broken if it lists everybody", "127.0.0.2", "-", "127.0.0.2", MH_LIST_BROKEN },
	{ "silence shows nothing", "127.0.0.2", "SERVFAIL", "SERVFAIL", MH_LIST_LISTED },
	{ "a refusal shows nothing", "127.0.0.2", "127.255.255.255", "127.255.255.255", MH_LIST_LISTED },
	{ "what was not listed stays so", "NXDOMAIN", "NXDOMAIN", "127.0.0.2", MH_LIST_CLEAR },
	{ "a refusal stays one", "127.255.255.254", "NXDOMAIN", "127.0.0.2", MH_LIST_REFUSED },
};

static void
self_tests(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(tested); i++) {
		struct mh_fact *facts[3] = { NULL };
		const char *texts[] = { tested[i].answer, tested[i].listed, tested[i].clear };
		struct mh_list_answer answer;
		for (size_t k = 0; k < 3; k++)
			if (strcmp(texts[k], "-") != 0)
				facts[k] = fact_of(texts[k]);
		mh_list_judge(list_of("zen.spamhaus.org"), facts[0], &answer);
		mh_list_judge_test(facts[1], facts[2], &answer);
		test_number(tested[i].name, answer.state, tested[i].state);
		for (size_t k = 0; k < 3; k++)
			mh_fact_unref(facts[k]);
	}
	assert_string_equal(mh_list_state_word(MH_LIST_ALLOWED), "listed");
	assert_string_equal(mh_list_state_word(MH_LIST_UNKNOWN), "unknown");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table),
		cmocka_unit_test(names_are_those_of_the_rules),
		cmocka_unit_test(names),
		cmocka_unit_test(long_names),
		cmocka_unit_test(tests_of_lists),
		cmocka_unit_test(keys),
		cmocka_unit_test(judging),
		cmocka_unit_test(self_tests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
