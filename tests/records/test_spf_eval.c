/* test_spf_eval.c - lib/records/spf_eval.c and what it is made of: look, walk, subject, macro, ptr, tree, survey */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "find.h"
#include "rows.h"

static struct rows rows;
static struct mh_mem mem;

static int
set_up(void **state)
{
	(void)state;
	mem = mh_mem_default();
	rows_init(&rows);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	rows_free(&rows);
	return 0;
}

/* --------------------------------------------------------------------- verdicts */

/* describe - a verdict as one line: "result lookups/voids", then "finding subject [evidence]" or
 * "matched @ domain term", then "\"explanation\"" */
static void
describe(const struct mh_spf_verdict *v, char *out, size_t size)
{
	size_t n =
	    (size_t)snprintf(out, size, "%s %d/%d", mh_spf_result_name(v->result), v->lookups, v->voids);
	const struct mh_finding_kind *kind = mh_finding_kind_of(v->finding);
	if (kind != NULL)
		n += (size_t)snprintf(out + n, size - n, " %s %.*s [%.*s]", kind->id, (int)v->subject.len,
		    v->subject.p, (int)v->evidence.len, v->evidence.p);
	if (v->matched.len > 0)
		n += (size_t)snprintf(out + n, size - n, " %.*s @ %.*s %.*s", (int)v->matched.len,
		    v->matched.p, (int)v->matched_domain.len, v->matched_domain.p, (int)v->matched_term.len,
		    v->matched_term.p);
	if (v->explanation.len > 0)
		(void)snprintf(out + n, size - n, " \"%.*s\"", (int)v->explanation.len, v->explanation.p);
}

static const struct spf_case {
	const char *sentence, *rows, *ip, *sender, *want, *rules, *helo;
} cases[] = {
	{ "a network matches", "a.org TXT v=spf1 ip4:192.0.2.0/24 -all\n", "192.0.2.9", "u@a.org",
	    "pass 0/0 ip4:192.0.2.0/24 @ a.org ip4:192.0.2.0/24", NULL, NULL },
	{ "a network of 25 bits has its last address", "a.org TXT v=spf1 ip4:192.0.2.128/25 -all\n",
	    "192.0.2.255", "u@a.org", "pass 0/0 ip4:192.0.2.128/25 @ a.org ip4:192.0.2.128/25", NULL, NULL },
	{ "and not the one below it", "a.org TXT v=spf1 ip4:192.0.2.128/25 -all\n", "192.0.2.127", "u@a.org",
	    "fail 0/0 -all @ a.org -all", NULL, NULL },
	{ "nothing matches and there is no all", "a.org TXT v=spf1 ip4:192.0.2.0/24\n", "198.51.100.1",
	    "u@a.org", "neutral 0/0", NULL, NULL },
	{ "an IPv4-mapped address is an IPv4 address", "a.org TXT v=spf1 ip4:192.0.2.0/24 -all\n",
	    "::ffff:192.0.2.9", "u@a.org", "pass 0/0 ip4:192.0.2.0/24 @ a.org ip4:192.0.2.0/24", NULL, NULL },
	{ "the domain's case does not matter", "a.org TXT v=spf1 +all\n", "192.0.2.9", "u@A.ORG",
	    "pass 0/0 +all @ a.org +all", NULL, NULL },
	{ "a dot at the domain's end does not matter", "a.org TXT v=spf1 +all\n", "192.0.2.9", "u@a.org.",
	    "pass 0/0 +all @ a.org +all", NULL, NULL },
	{ "the last @ separates the domain", "a.org TXT v=spf1 +all\n", "192.0.2.9", "\"x@b.org\"@a.org",
	    "pass 0/0 +all @ a.org +all", NULL, NULL },
	{ "no record", "a.org TXT some text\n", "192.0.2.9", "u@a.org", "none 0/0", NULL, NULL },
	{ "no such domain", "", "192.0.2.9", "u@a.org", "none 0/0", NULL, NULL },
	{ "one label is no domain", "org TXT v=spf1 +all\n", "192.0.2.9", "u@org", "none 0/0", NULL, NULL },
	{ "an address is no domain", "0.2.9 TXT v=spf1 +all\n", "192.0.2.9", "u@192.0.2.9", "none 0/0", NULL,
	    NULL },
	{ "an empty label is in no domain", "a.org TXT v=spf1 +all\n", "192.0.2.9", "u@a..org", "none 0/0",
	    NULL, NULL },
	{ "the null sender is postmaster at HELO",
	    "h.a.org TXT v=spf1 exists:%{l}.%{o} -all\npostmaster.h.a.org A 127.0.0.2\n", "192.0.2.9", "",
	    "pass 1/0 exists:%{l}.%{o} @ h.a.org exists:%{l}.%{o}", NULL, "h.a.org" },
	{ "the domain cannot be asked for", "a.org ERR TIMEOUT TXT\n", "192.0.2.9", "u@a.org",
	    "temperror 0/0 dns.unknown a.org []", NULL, NULL },
	{ "two records", "a.org TXT v=spf1 +all\na.org TXT v=spf1 -all\n", "192.0.2.9", "u@a.org",
	    "permerror 0/0 spf.multiple-records a.org [v=spf1 +all]", NULL, NULL },
	{ "an error behind the match counts", "a.org TXT v=spf1 +all foo\n", "192.0.2.9", "u@a.org",
	    "permerror 0/0 spf.syntax a.org [foo]", NULL, NULL },
	{ "an included error counts", "a.org TXT v=spf1 include:b.org +all\nb.org TXT v=spf1 ip4:x\n",
	    "192.0.2.9", "u@a.org", "permerror 1/0 spf.syntax b.org [ip4:x]", NULL, NULL },
	{ "an included pass is a match", "a.org TXT v=spf1 -include:b.org\nb.org TXT v=spf1 ip4:192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "fail 1/0 -include:b.org @ b.org ip4:192.0.2.9", NULL, NULL },
	{ "an included fail is none", "a.org TXT v=spf1 include:b.org ?all\nb.org TXT v=spf1 -all\n",
	    "192.0.2.9", "u@a.org", "neutral 1/0 ?all @ a.org ?all", NULL, NULL },
	{ "nothing is left of an included fail", "a.org TXT v=spf1 include:b.org\nb.org TXT v=spf1 -all\n",
	    "192.0.2.9", "u@a.org", "neutral 1/0", NULL, NULL },
	{ "an included domain without a record", "a.org TXT v=spf1 include:b.org -all\n", "192.0.2.9",
	    "u@a.org", "permerror 1/0 spf.include-missing a.org [include:b.org]", NULL, NULL },
	{ "an include that becomes no name", "a.org TXT v=spf1 include:%{h} -all\n", "192.0.2.9", "u@a.org",
	    "permerror 1/0 spf.include-missing a.org [include:%{h}]", NULL, "a..b" },
	{ "a failed lookup within an include", "a.org TXT v=spf1 include:b.org -all\nb.org ERR SERVFAIL *\n",
	    "192.0.2.9", "u@a.org", "temperror 1/0 dns.unknown b.org []", NULL, NULL },
	{ "a failed lookup of an address in an include",
	    "a.org TXT v=spf1 include:b.org -all\nb.org TXT v=spf1 a\n"
	    "b.org ERR SERVFAIL A\n",
	    "192.0.2.9", "u@a.org", "temperror 2/0 dns.unknown b.org [a]", NULL, NULL },
	{ "a record that includes itself", "a.org TXT v=spf1 include:a.org -all\n", "192.0.2.9", "u@a.org",
	    "permerror 1/0 spf.include-loop a.org [include:a.org]", NULL, NULL },
	{ "a circle of three",
	    "a.org TXT v=spf1 include:b.org\nb.org TXT v=spf1 redirect=c.org\n"
	    "c.org TXT v=spf1 include:A.ORG.\n",
	    "192.0.2.9", "u@a.org", "permerror 3/0 spf.include-loop c.org [include:A.ORG.]", NULL, NULL },
	{ "a match in front of a circle", "a.org TXT v=spf1 ip4:192.0.2.9 include:a.org\n", "192.0.2.9",
	    "u@a.org", "pass 0/0 ip4:192.0.2.9 @ a.org ip4:192.0.2.9", NULL, NULL },
	{ "redirect to a record", "a.org TXT v=spf1 redirect=b.org\nb.org TXT v=spf1 ip4:192.0.2.9 -all\n",
	    "192.0.2.9", "u@a.org", "pass 1/0 redirect=b.org @ b.org ip4:192.0.2.9", NULL, NULL },
	{ "redirect to a record that says nothing", "a.org TXT v=spf1 redirect=b.org\nb.org TXT v=spf1\n",
	    "192.0.2.9", "u@a.org", "neutral 1/0", NULL, NULL },
	{ "redirect to none", "a.org TXT v=spf1 redirect=b.org\n", "192.0.2.9", "u@a.org",
	    "permerror 1/0 spf.redirect-missing a.org [redirect=b.org]", NULL, NULL },
	{ "redirect behind all", "a.org TXT v=spf1 redirect=b.org ?all\n", "192.0.2.9", "u@a.org",
	    "neutral 0/0 ?all @ a.org ?all", NULL, NULL },
	{ "the redirect of an included record",
	    "a.org TXT v=spf1 include:b.org -all\nb.org TXT v=spf1 redirect=c.org\n"
	    "c.org TXT v=spf1 ip4:192.0.2.9 -all\n",
	    "192.0.2.9", "u@a.org", "pass 2/0 include:b.org @ c.org ip4:192.0.2.9", NULL, NULL },
	{ "two empty answers are allowed", "a.org TXT v=spf1 a:x.a.org mx:y.a.org -all\n", "192.0.2.9",
	    "u@a.org", "fail 2/2 -all @ a.org -all", NULL, NULL },
	{ "three are not", "a.org TXT v=spf1 a:x.a.org mx:y.a.org exists:z.a.org -all\n", "192.0.2.9",
	    "u@a.org", "permerror 3/3 spf.too-many-voids a.org [exists:z.a.org]", NULL, NULL },
	{ "but are by some", "a.org TXT v=spf1 a:x.a.org mx:y.a.org exists:z.a.org -all\n", "192.0.2.9",
	    "u@a.org", "fail 3/3 -all @ a.org -all", "no-void-limit", NULL },
	{ "an mx with one empty host of two is not void",
	    "a.org TXT v=spf1 mx -all\na.org MX 1 m1.a.org\n"
	    "a.org MX 2 m2.a.org\nm2.a.org A 192.0.2.1\n",
	    "192.0.2.9", "u@a.org", "fail 1/0 -all @ a.org -all", NULL, NULL },
	{ "an mx with empty hosts is void once",
	    "a.org TXT v=spf1 mx -all\na.org MX 1 m1.a.org\n"
	    "a.org MX 2 m2.a.org\na.org MX 3 m3.a.org\n",
	    "192.0.2.9", "u@a.org", "fail 1/1 -all @ a.org -all", NULL, NULL },
	{ "each of them is where queries are counted",
	    "a.org TXT v=spf1 mx -all\na.org MX 1 m1.a.org\n"
	    "a.org MX 2 m2.a.org\na.org MX 3 m3.a.org\n",
	    "192.0.2.9", "u@a.org", "permerror 1/3 spf.too-many-voids a.org [mx]", "void-per-query", NULL },
	{ "the null MX is nothing that was asked for", "a.org TXT v=spf1 mx -all\na.org MX 0 \n", "192.0.2.9",
	    "u@a.org", "fail 1/0 -all @ a.org -all", NULL, NULL },
	{ "ten terms", "a.org TXT v=spf1 a a a a a a a a a a ?all\na.org A 192.0.2.1\n", "192.0.2.9",
	    "u@a.org", "neutral 10/0 ?all @ a.org ?all", NULL, NULL },
	{ "eleven terms", "a.org TXT v=spf1 a a a a a a a a a a a ?all\na.org A 192.0.2.1\n", "192.0.2.9",
	    "u@a.org", "permerror 11/0 spf.too-many-lookups a.org [a]", NULL, NULL },
	{ "eleven terms where thirty are allowed",
	    "a.org TXT v=spf1 a a a a a a a a a a a ?all\na.org A 192.0.2.1\n", "192.0.2.9", "u@a.org",
	    "neutral 11/0 ?all @ a.org ?all", "rspamd-30", NULL },
	{ "a match at the tenth term",
	    "a.org TXT v=spf1 a a a a a a a a a mx a a\na.org A 192.0.2.1\na.org MX 5 b.org\n"
	    "b.org A 192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "pass 10/0 mx @ a.org mx", NULL, NULL },
	{ "terms of an include count on",
	    "a.org TXT v=spf1 include:b.org a a a a a ?all\nb.org TXT v=spf1 a a a a a\n"
	    "a.org A 192.0.2.1\nb.org A 192.0.2.1\n",
	    "192.0.2.9", "u@a.org", "permerror 11/0 spf.too-many-lookups a.org [a]", NULL, NULL },
	{ "what cannot be read is skipped by some", "a.org TXT v=spf1 foo ipv4:192.0.2.9 -all\n", "192.0.2.9",
	    "u@a.org", "pass 0/0 ipv4:192.0.2.9 @ a.org ipv4:192.0.2.9", "rspamd-30", NULL },
	{ "eleven MX hosts",
	    "a.org TXT v=spf1 mx -all\na.org MX 1 a1.org\na.org MX 1 a2.org\na.org MX 1 a3.org\n"
	    "a.org MX 1 a4.org\na.org MX 1 a5.org\na.org MX 1 a6.org\na.org MX 1 a7.org\na.org MX 1 a8.org\n"
	    "a.org MX 1 a9.org\na.org MX 1 a10.org\na.org MX 1 a11.org\n",
	    "192.0.2.9", "u@a.org", "permerror 1/0 spf.mx-limit a.org [mx]", NULL, NULL },
	{ "the order of preference decides",
	    "a.org TXT v=spf1 mx -all\na.org MX 20 m2.a.org\na.org MX 10 m1.a.org\n"
	    "m2.a.org ERR SERVFAIL A\nm1.a.org A 192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "pass 1/0 mx @ a.org mx", NULL, NULL },
	{ "and a host that cannot be asked for",
	    "a.org TXT v=spf1 mx -all\na.org MX 10 m2.a.org\na.org MX 20 m1.a.org\n"
	    "m2.a.org ERR SERVFAIL A\nm1.a.org A 192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "temperror 1/0 dns.unknown m2.a.org [mx]", NULL, NULL },
	{ "networks around the addresses of a name",
	    "a.org TXT v=spf1 a:b.org/24//64 -all\nb.org A 192.0.2.200\n"
	    "b.org AAAA 2001:db8:0:1::1\n",
	    "2001:db8:0:1:ffff::", "u@a.org", "pass 1/0 a:b.org/24//64 @ a.org a:b.org/24//64", NULL, NULL },
	{ "only the client's family is asked for",
	    "a.org TXT v=spf1 a:b.org -all\nb.org A 192.0.2.200\n"
	    "b.org ERR SERVFAIL AAAA\n",
	    "192.0.2.9", "u@a.org", "fail 1/0 -all @ a.org -all", NULL, NULL },
	{ "exists asks for A, even for IPv6", "a.org TXT v=spf1 exists:b.org -all\nb.org A 127.0.0.1\n",
	    "2001:db8::1", "u@a.org", "pass 1/0 exists:b.org @ a.org exists:b.org", NULL, NULL },
	{ "exists that cannot be asked for", "a.org TXT v=spf1 exists:b.org -all\nb.org ERR TIMEOUT *\n",
	    "192.0.2.9", "u@a.org", "temperror 1/0 dns.unknown b.org [exists:b.org]", NULL, NULL },
	{ "a name that validates under the domain",
	    "a.org TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR m.a.org\n"
	    "m.a.org A 192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "pass 1/0 ptr @ a.org ptr", NULL, NULL },
	{ "a name that does not validate",
	    "a.org TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa PTR m.a.org\n"
	    "m.a.org A 192.0.2.10\n",
	    "192.0.2.9", "u@a.org", "fail 1/0 -all @ a.org -all", NULL, NULL },
	{ "a failed PTR lookup is no match",
	    "a.org TXT v=spf1 ptr -all\n9.2.0.192.in-addr.arpa ERR SERVFAIL *\n", "192.0.2.9", "u@a.org",
	    "fail 1/0 -all @ a.org -all", NULL, NULL },
	{ "a failed address lookup of a name is skipped",
	    "a.org TXT v=spf1 ptr -all\n"
	    "9.2.0.192.in-addr.arpa PTR x.a.org\n9.2.0.192.in-addr.arpa PTR m.a.org\nx.a.org ERR TIMEOUT *\n"
	    "m.a.org A 192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "pass 1/0 ptr @ a.org ptr", NULL, NULL },
	{ "a client without a name is one empty answer",
	    "a.org TXT v=spf1 ptr ptr:b.org ptr:c.org ptr:d.org -all\n", "192.0.2.9", "u@a.org",
	    "fail 4/1 -all @ a.org -all", NULL, NULL },
	{ "a UTF-8 local part does not match %{l}",
	    "a.org TXT v=spf1 exists:%{l}.a.org a:%{s}.a.org ?all\n*.a.org A 192.0.2.9\n", "192.0.2.9",
	    "\xc3\xbc@a.org", "neutral 2/0 ?all @ a.org ?all", NULL, NULL },
	{ "nor does an include of it, which is no error", "a.org TXT v=spf1 include:%{l}.a.org ?all\n",
	    "192.0.2.9", "\xc3\xbc@a.org", "neutral 1/0 ?all @ a.org ?all", NULL, NULL },
	{ "a U-label is asked for as an A-label",
	    "xn--bcher-kva.org TXT v=spf1 exists:%{o}.%{h}.%{d}.x.org -all exp=e.org\n"
	    "xn--bcher-kva.org.xn--caf-dma.org.xn--bcher-kva.org.x.org A 127.0.0.1\n",
	    "192.0.2.9",
	    "u@b\xc3\xbc"
	    "cher.org",
	    "pass 1/0 exists:%{o}.%{h}.%{d}.x.org @ xn--bcher-kva.org exists:%{o}.%{h}.%{d}.x.org", NULL,
	    "caf\xc3\xa9.org" },
	{ "and so it is within %{s}", "xn--bcher-kva.org TXT v=spf1 -all exp=e.org\ne.org TXT %{s}\n",
	    "192.0.2.9",
	    "u@b\xc3\xbc"
	    "cher.org",
	    "fail 0/0 -all @ xn--bcher-kva.org -all \"u@xn--bcher-kva.org\"", NULL, NULL },
	{ "an explanation",
	    "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT %{i} may not send as %{s}, says %{r} %{c} %{t}\n",
	    "192.0.2.9", "u@a.org",
	    "fail 0/0 -all @ a.org -all \"192.0.2.9 may not send as u@a.org, says unknown 192.0.2.9 0\"",
	    NULL, NULL },
	{ "an explanation in two pieces", "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT a |b%%|%_%-c\n",
	    "192.0.2.9", "u@a.org", "fail 0/0 -all @ a.org -all \"a b% %20c\"", NULL, NULL },
	{ "the one of a redirect",
	    "a.org TXT v=spf1 redirect=b.org exp=x.a.org\nb.org TXT v=spf1 -all exp=x.%{d}\n"
	    "x.b.org TXT of %{d}, %{o}\nx.a.org TXT wrong\n",
	    "192.0.2.9", "u@a.org", "fail 1/0 redirect=b.org @ b.org -all \"of b.org, a.org\"", NULL, NULL },
	{ "not the one of an include",
	    "a.org TXT v=spf1 -include:b.org\nb.org TXT v=spf1 +all exp=x.%{d}\n"
	    "x.b.org TXT wrong\n",
	    "192.0.2.9", "u@a.org", "fail 1/0 -include:b.org @ b.org +all", NULL, NULL },
	{ "an explanation with octets beyond ASCII",
	    "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT caf\\xc3\\xa9\n", "192.0.2.9", "u@a.org",
	    "fail 0/0 -all @ a.org -all", NULL, NULL },
	{ "an explanation that a sender made",
	    "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT by %{l}, %{L}\n", "192.0.2.9", "\xc3\xbc@a.org",
	    "fail 0/0 -all @ a.org -all", NULL, NULL },
	{ "is one if it is escaped", "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT by %{L}\n", "192.0.2.9",
	    "\xc3\xbc@a.org", "fail 0/0 -all @ a.org -all \"by %C3%BC\"", NULL, NULL },
	{ "two explanations", "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT a\nx.a.org TXT b\n", "192.0.2.9",
	    "u@a.org", "fail 0/0 -all @ a.org -all", NULL, NULL },
	{ "an explanation with a bad macro", "a.org TXT v=spf1 -all exp=x.%{d}\nx.a.org TXT 100% wrong\n",
	    "192.0.2.9", "u@a.org", "fail 0/0 -all @ a.org -all", NULL, NULL },
	{ "parts of %{l}, turned round",
	    "a.org TXT v=spf1 exists:%{l2r-+}.x.a.org -all\nb.a.x.a.org A 127.0.0.1\n", "192.0.2.9",
	    "a-b+c@a.org", "pass 1/0 exists:%{l2r-+}.x.a.org @ a.org exists:%{l2r-+}.x.a.org", NULL, NULL },
	{ "the last parts of %{l}", "a.org TXT v=spf1 exists:%{l2-}.x.a.org -all\nb.c.x.a.org A 127.0.0.1\n",
	    "192.0.2.9", "a-b-c@a.org", "pass 1/0 exists:%{l2-}.x.a.org @ a.org exists:%{l2-}.x.a.org", NULL,
	    NULL },
	{ "half octets of %{i}", "a.org TXT v=spf1 exists:%{i3r}.x.a.org -all\n0.0.2.x.a.org A 127.0.0.1\n",
	    "2001:db8::1", "u@a.org", "pass 1/0 exists:%{i3r}.x.a.org @ a.org exists:%{i3r}.x.a.org", NULL,
	    NULL },
	{ "%{p} is the domain itself if that is validated",
	    "a.org TXT v=spf1 exists:%{p}.x.org -all\n"
	    "9.2.0.192.in-addr.arpa PTR other.org\n9.2.0.192.in-addr.arpa PTR "
	    "m.a.org\n9.2.0.192.in-addr.arpa PTR a.org\n"
	    "other.org A 192.0.2.9\nm.a.org A 192.0.2.9\na.org A 192.0.2.9\na.org.x.org A 127.0.0.1\n",
	    "192.0.2.9", "u@a.org", "pass 1/0 exists:%{p}.x.org @ a.org exists:%{p}.x.org", NULL, NULL },
	{ "%{p} is unknown if nothing is",
	    "a.org TXT v=spf1 exists:%{p}.x.org -all\nunknown.x.org A 127.0.0.1\n", "192.0.2.9", "u@a.org",
	    "pass 1/0 exists:%{p}.x.org @ a.org exists:%{p}.x.org", NULL, NULL },
	{ "a long local part", "a.org TXT v=spf1 exists:%{l}.x.a.org -all\n", "192.0.2.9",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaaaaaaa@a.org",
	    "fail 1/0 -all @ a.org -all", NULL, NULL },
	{ "a name through CNAME", "a.org CNAME b.org\nb.org TXT v=spf1 a -all\nb.org A 192.0.2.9\n",
	    "192.0.2.9", "u@a.org", "pass 1/0 a @ a.org a", NULL, NULL },
};

/* ask - the question of a case */
static void
ask(struct spf_run *run, const struct spf_case *c)
{
	(void)mh_ip_parse(mh_str_z(c->ip), &run->question.ip);
	run->question.sender = mh_str_z(c->sender);
	run->question.helo = mh_str_z(c->helo != NULL ? c->helo : "helo.example");
	run->question.rules = c->rules != NULL ? mh_spf_rules_find(mh_str_z(c->rules)) : NULL;
}

static void
load(const char *text)
{
	rows_clear(&rows);
	rows_add(&rows, text, strlen(text));
	test_check(rows.bad != NULL ? rows.bad : text, rows.bad == NULL);
}

static void
verdicts(void **state)
{
	char line[1024];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		for (int tree = 0; tree < 3; tree++) { /* what is looked at besides must not change it */
			struct spf_run run;
			load(cases[i].rows);
			spf_run_init(&run, &mem);
			ask(&run, &cases[i]);
			run.wants_tree = tree > 0;
			run.wants_survey = tree > 1;
			test_number(cases[i].sentence, spf_run_all(&run, &rows), MH_WORK_DONE);
			describe(&run.verdict, line, sizeof(line));
			test_span(cases[i].sentence, mh_str_z(line), mh_str_z(cases[i].want));
			spf_run_free(&run);
		}
	}
}

/* ------------------------------------------------------------------ what is asked */

/* asks_of - what a first pass with these answers known asks for, "name TYPE" joined by spaces */
static void
asks_of(struct spf_run *run, char *out, size_t size)
{
	char room[MH_RR_TYPE_ROOM];
	size_t n = 0;
	uint32_t number;
	out[0] = '\0';
	while ((number = mh_work_next_ask(&run->work)) != 0) {
		const struct mh_ask *a = mh_work_ask(&run->work, number);
		n += (size_t)snprintf(out + n, size - n, "%s%.*s %s", n > 0 ? " " : "", (int)a->name.len,
		    a->name.p, mh_rr_type_name(a->type, room));
	}
}

static const struct {
	const char *sentence, *rows, *ip, *rounds[4];
} plans[] = {
	{ "everything that can be named is asked for at once",
	    "a.org TXT v=spf1 a mx include:b.org a:c.org redirect=d.org\nb.org TXT v=spf1 a:e.org "
	    "?all\na.org MX 1 m.org\n",
	    "192.0.2.1", { "a.org TXT", "a.org A a.org MX b.org TXT c.org A d.org TXT", "m.org A e.org A" } },
	{ "nothing behind a match or all is", "a.org TXT v=spf1 a:b.org ip4:192.0.2.1 mx\n", "192.0.2.1",
	    { "a.org TXT", "b.org A" } },
	{ "nor behind all", "a.org TXT v=spf1 a:b.org ?all mx redirect=c.org\n", "192.0.2.1",
	    { "a.org TXT", "b.org A" } },
	{ "nothing is in a record with an error", "a.org TXT v=spf1 a:b.org foo\n", "192.0.2.1",
	    { "a.org TXT" } },
	{ "exists and ptr wait until they are reached",
	    "a.org TXT v=spf1 a:b.org exists:c.org ptr a:%{p}.d.org a:e.org\n", "192.0.2.1",
	    { "a.org TXT", "b.org A e.org A", "c.org A", "1.2.0.192.in-addr.arpa PTR" } },
	{ "a first exists does not", "a.org TXT v=spf1 exists:c.org a:e.org\n", "192.0.2.1",
	    { "a.org TXT", "c.org A e.org A" } },
	{ "an IPv6 client asks for AAAA", "a.org TXT v=spf1 a mx\na.org MX 1 m.org\n", "2001:db8::1",
	    { "a.org TXT", "a.org AAAA a.org MX", "m.org AAAA" } },
	{ "all hosts of an mx are asked for at once",
	    "a.org TXT v=spf1 mx\na.org MX 2 m2.org\na.org MX 1 m1.org\n", "192.0.2.1",
	    { "a.org TXT", "a.org MX", "m1.org A m2.org A" } },
	{ "no more than the walk can count",
	    "a.org TXT v=spf1 a:a1.org a:a2.org a:a3.org a:a4.org a:a5.org a:a6.org a:a7.org"
	    " a:a8.org a:a9.org a:a10.org a:a11.org a:a12.org\n",
	    "192.0.2.1",
	    { "a.org TXT",
		"a1.org A a2.org A a3.org A a4.org A a5.org A a6.org A a7.org A a8.org A a9.org A a10.org "
		"A" } },
	{ "an included pass ends it, though something is missing",
	    "a.org TXT v=spf1 a:x.org include:b.org a:y.org\n"
	    "b.org TXT v=spf1 +all\n",
	    "192.0.2.1", { "a.org TXT", "x.org A b.org TXT y.org A" } },
	{ "an explanation is asked for when the fail is certain", "a.org TXT v=spf1 a:x.org -all exp=e.org\n",
	    "192.0.2.1", { "a.org TXT", "x.org A", "e.org TXT" } },
};

static void
what_is_asked(void **state)
{
	char text[2048];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(plans); i++) {
		struct mh_source source = rows_source(&rows);
		struct spf_run run;
		load(plans[i].rows);
		spf_run_init(&run, &mem);
		(void)mh_ip_parse(mh_str_z(plans[i].ip), &run.question.ip);
		run.question.sender = MH_STR("u@a.org");
		size_t round = 0;
		while (mh_work_step(&run.work, 0, &run.scratch) == MH_WORK_WAIT) {
			asks_of(&run, text, sizeof(text));
			if (text[0] != '\0' && round < 4 && plans[i].rounds[round] != NULL)
				test_span(plans[i].sentence, mh_str_z(text),
				    mh_str_z(plans[i].rounds[round]));
			else
				test_span(plans[i].sentence, mh_str_z(text), mh_str_z(""));
			round++;
			assert_true(mh_work_answer_from(&run.work, &source) >= 0);
		}
		test_check(plans[i].sentence, round == 4 || plans[i].rounds[round] == NULL);
		spf_run_free(&run);
	}
}

/* An open include of which every outcome ends the walk is the end of what is asked. */
static void
ends_within_includes(void **state)
{
	char text[512];
	(void)state;
	struct mh_source source = rows_source(&rows);
	struct spf_run run;
	load("a.org TXT v=spf1 include:b.org a:y.org\nb.org TXT v=spf1 a:x.org +all\n");
	spf_run_init(&run, &mem);
	(void)mh_ip_parse(MH_STR("192.0.2.1"), &run.question.ip);
	run.question.sender = MH_STR("u@a.org");
	assert_int_equal(mh_work_step(&run.work, 0, &run.scratch), MH_WORK_WAIT);
	assert_int_equal(mh_work_answer_from(&run.work, &source), 1);
	assert_int_equal(mh_work_step(&run.work, 0, &run.scratch), MH_WORK_WAIT);
	asks_of(&run, text, sizeof(text));
	assert_int_equal(mh_work_fail(&run.work, 3, MH_WHY_TIMEOUT), MH_ERR_OK); /* y.org */
	assert_int_equal(mh_work_answer_from(&run.work, &source), 1);
	assert_int_equal(mh_work_step(&run.work, 0, &run.scratch), MH_WORK_WAIT);
	asks_of(&run, text, sizeof(text));
	test_span("x.org is all that is missing", mh_str_z(text), MH_STR("x.org A"));
	assert_int_equal(mh_work_answer_from(&run.work, &source), 1);
	assert_int_equal(mh_work_step(&run.work, 0, &run.scratch), MH_WORK_DONE);
	test_number("and y.org was never read", run.verdict.result, MH_SPF_PASS);
	spf_run_free(&run);
}

/* ----------------------------------------------------------------- the same each way */

/* make_world - random records of a handful of domains that name each other */
static void
make_world(struct test_random *random, char *out, size_t size)
{
	static const char *const terms[] = { "a", "mx", "ptr", "a:d%d.org", "mx:d%d.org", "include:d%d.org",
		"include:d%d.org", "exists:%%{ir}.d%d.org", "ip4:192.0.2.%d", "-ip4:192.0.2.0/30",
		"?include:d%d.org", "-include:d%d.org", "a:%%{p}.d%d.org", "~a:n%d.org", "redirect=d%d.org",
		"exists:d%d.org", "-a/30", "all", "x=%%{d}", "a:d%d.org/24" };
	size_t n = 0;
	for (int d = 0; d < 7; d++) {
		if (test_random_below(random, 12) == 0) {
			n += (size_t)snprintf(out + n, size - n, "d%d.org ERR %s *\n", d,
			    d % 2 ? "TIMEOUT" : "SERVFAIL");
			continue;
		}
		if (test_random_below(random, 10) == 0)
			continue;
		n += (size_t)snprintf(out + n, size - n, "d%d.org TXT v=spf1", d);
		bool has_redirect = false;
		for (size_t k = test_random_below(random, 5); k > 0; k--) {
			char term[64];
			const char *form = terms[test_random_below(random, MH_COUNT(terms))];
			if (form[0] == 'r' && has_redirect)
				continue;
			has_redirect = has_redirect || form[0] == 'r';
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			(void)snprintf(term, sizeof(term), form, (int)test_random_below(random, 7));
#pragma GCC diagnostic pop
			n += (size_t)snprintf(out + n, size - n, " %s", term);
		}
		n += (size_t)snprintf(out + n, size - n, " %s\n",
		    test_random_below(random, 3) == 0       ? "-all exp=e.org"
			: test_random_below(random, 2) == 0 ? "~all"
							    : "");
		if (test_random_below(random, 2) == 0)
			n += (size_t)snprintf(out + n, size - n, "d%d.org A 192.0.2.%d\n", d,
			    (int)test_random_below(random, 9));
		for (size_t k = test_random_below(random, 3); k > 0; k--)
			n += (size_t)snprintf(out + n, size - n, "d%d.org MX %d d%d.org\n", d,
			    (int)test_random_below(random, 3), (int)test_random_below(random, 7));
	}
	(void)snprintf(out + n, size - n, "e.org TXT go away, %%{i}\n1.2.0.192.in-addr.arpa PTR d%d.org\n",
	    (int)test_random_below(random, 7));
}

/* answer_some - one open question at random */
static void
answer_some(struct spf_run *run, struct test_random *random)
{
	struct mh_source source = rows_source(&rows);
	uint32_t open[512], n = 0;
	for (uint32_t i = 1; i <= run->work.asks_count && n < 512; i++)
		if (mh_work_ask(&run->work, i)->fact == NULL)
			open[n++] = i;
	assert_true(n > 0);
	uint32_t number = open[test_random_below(random, n)];
	const struct mh_ask *a = mh_work_ask(&run->work, number);
	int error = 0;
	struct mh_fact *fact = source.answer(source.self, a->name, a->type, &error);
	assert_int_equal(mh_work_answer(&run->work, number, fact), MH_ERR_OK);
}

static void
same_in_any_order(void **state)
{
	static char world[8192], one[1024], other[1024];
	struct test_random random = { 4 };
	unsigned results[MH_SPF_PERMERROR + 1] = { 0 };
	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct spf_run at_once, by_one, again;
		make_world(&random, world, sizeof(world));
		load(world);
		struct mh_spf_question question = { .sender = MH_STR("u@d0.org"),
			.helo = MH_STR("h.org"),
			.now = -1 };
		question.wants_explanation = true;
		question.rules = mh_spf_rules_at(test_random_below(&random, 4));
		(void)mh_ip_parse(MH_STR("192.0.2.1"), &question.ip);

		spf_run_init(&at_once, &mem);
		at_once.question = question;
		assert_int_equal(spf_run_all(&at_once, &rows), MH_WORK_DONE);
		describe(&at_once.verdict, one, sizeof(one));
		results[at_once.verdict.result]++;

		spf_run_init(&by_one, &mem);
		by_one.question = question;
		while (mh_work_step(&by_one.work, 0, &by_one.scratch) == MH_WORK_WAIT)
			answer_some(&by_one, &random);
		describe(&by_one.verdict, other, sizeof(other));
		test_span(world, mh_str_z(other), mh_str_z(one));

		/* With all of it known beforehand, one pass is enough, and nothing new is asked. */
		again = by_one;
		struct mh_pass view;
		mh_arena_reset(&again.scratch);
		mh_work_view(&again.work, &view, &again.scratch);
		mh_spf_eval(&view, &question, &again.verdict, &again.tree, false);
		describe(&again.verdict, other, sizeof(other));
		test_span(world, mh_str_z(other), mh_str_z(one));
		test_number(world, view.missing, 0);
		by_one = again;

		/* TXT, and for each counted term as many as an mx has at the most, and those of a ptr and of exp= */
		int terms = question.rules->term_limit;
		assert_true(at_once.work.asks_count <= 1u + (unsigned)terms * 11u + 12u);
		spf_run_free(&at_once);
		spf_run_free(&by_one);
	}
	for (int r = MH_SPF_NONE; r <= MH_SPF_PERMERROR; r++)
		test_check("every result comes up", results[r] > 10);
}

/* --------------------------------------------------------------------- the tree */

/* draw - a tree as text, a line for each step */
static void
draw(const struct mh_spf_node *node, int depth, char *out, size_t size, size_t *n)
{
	static const char states[] = "-sR";
	*n += (size_t)snprintf(out + *n, size - *n, "%*s%.*s cost %u voids %u%s%s\n", depth, "",
	    (int)node->domain.len, node->domain.p, node->cost, node->voids, node->is_loop ? " loop" : "",
	    node->is_cut ? " cut" : "");
	for (uint32_t i = 0; i < node->count; i++) {
		const struct mh_spf_step *s = &node->steps[i];
		*n += (size_t)snprintf(out + *n, size - *n, "%*s%c %.*s %u/%u%s%s%s%s: %s\n", depth + 1, "",
		    states[s->state], (int)s->term->text.len, s->term->text.p, s->cost, s->voids,
		    s->is_matched ? " matched" : "", s->is_void ? " void" : "",
		    s->is_dynamic ? " dynamic" : "", s->failed ? " failed" : "", s->why);
		if (s->child != NULL)
			draw(s->child, depth + 2, out, size, n);
	}
}

static const struct {
	const char *sentence, *rows, *ip;
	bool survey;
	const char *want;
} trees[] = {
	{ "a walk shows what it came to",
	    "a.org TXT v=spf1 a:b.org include:c.org mx exists:%{i}.d.org -all\nc.org TXT v=spf1 "
	    "ip4:192.0.2.0/24 -all\n"
	    "b.org A 192.0.2.77\n",
	    "192.0.2.1", false,
	    "a.org cost 0 voids 0\n"
	    " R a:b.org 0/0: 192.0.2.1 is not an address of b.org\n"
	    " R include:c.org 0/0 matched: the result of c.org is pass\n"
	    "  c.org cost 0 voids 0\n"
	    "   R ip4:192.0.2.0/24 0/0 matched: 192.0.2.1 is in 192.0.2.0/24\n"
	    "   - -all 0/0: not looked at: a term before it matched\n"
	    " - mx 0/0: not looked at: a term before it matched\n"
	    " - exists:%{i}.d.org 0/0 dynamic: not looked at: a term before it matched\n"
	    " - -all 0/0: not looked at: a term before it matched\n" },
	{ "a survey adds the rest, and what it costs",
	    "a.org TXT v=spf1 a:b.org include:c.org mx exists:%{i}.d.org a:n.org -all a\nc.org TXT v=spf1 "
	    "ip4:192.0.2.0/24 a:x.org a:b.org -all\n"
	    "b.org A 192.0.2.77\na.org MX 1 b.org\n",
	    "192.0.2.1", true,
	    "a.org cost 7 voids 2\n"
	    " R a:b.org 1/0: 192.0.2.1 is not an address of b.org\n"
	    " R include:c.org 3/1 matched: the result of c.org is pass\n"
	    "  c.org cost 2 voids 1\n"
	    "   R ip4:192.0.2.0/24 0/0 matched: 192.0.2.1 is in 192.0.2.0/24\n"
	    "   s a:x.org 1/1 void: the check had ended before it\n"
	    "   s a:b.org 1/0: the check had ended before it\n"
	    "   s -all 0/0: the check had ended before it\n"
	    " s mx 1/0: the check had ended before it\n"
	    " s exists:%{i}.d.org 1/0 dynamic: the check had ended before it\n"
	    " s a:n.org 1/1 void: the check had ended before it\n"
	    " s -all 0/0: the check had ended before it\n"
	    " s a 1/1 void: the check had ended before it\n" },
	{ "a survey needs no client",
	    "a.org TXT v=spf1 a:b.org redirect=c.org\nc.org TXT v=spf1 include:a.org mx:b.org ~all\n"
	    "b.org AAAA 2001:db8::1\n",
	    NULL, true,
	    "a.org cost 4 voids 1\n"
	    " s a:b.org 1/0: \n"
	    " s redirect=c.org 3/1: \n"
	    "  c.org cost 2 voids 1\n"
	    "   s include:a.org 1/0: \n"
	    "    a.org cost 0 voids 0 loop\n"
	    "   s mx:b.org 1/1 void: \n"
	    "   s ~all 0/0: \n" },
	{ "what failed is shown", "a.org TXT v=spf1 include:n.org -all\n", "192.0.2.1", false,
	    "a.org cost 0 voids 0\n"
	    " R include:n.org 0/0 failed: n.org has no SPF record\n"
	    "  n.org cost 0 voids 0\n"
	    " - -all 0/0: not looked at: the check had ended before it\n" },
	{ "more than ten terms are surveyed",
	    "a.org TXT v=spf1 a a a a a a a a a a a a ?all\na.org A 192.0.2.3\n", "192.0.2.1", true,
	    "a.org cost 12 voids 0\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0: 192.0.2.1 is not an address of a.org\n"
	    " R a 1/0 failed: one more term that asks DNS than may be looked at\n"
	    " s a 1/0: the check had ended before it\n"
	    " s ?all 0/0: the check had ended before it\n" },
};

static void
the_tree(void **state)
{
	static char text[8192];
	(void)state;
	for (size_t i = 0; i < MH_COUNT(trees); i++) {
		struct spf_run run;
		size_t n = 0;
		load(trees[i].rows);
		spf_run_init(&run, &mem);
		if (trees[i].ip != NULL)
			(void)mh_ip_parse(mh_str_z(trees[i].ip), &run.question.ip);
		run.question.sender = MH_STR("u@a.org");
		run.wants_tree = true;
		run.wants_survey = trees[i].survey;
		test_number(trees[i].sentence, spf_run_all(&run, &rows), MH_WORK_DONE);
		assert_non_null(run.tree);
		draw(run.tree, 0, text, sizeof(text), &n);
		test_span(trees[i].sentence, mh_str_z(text), mh_str_z(trees[i].want));
		spf_run_free(&run);
	}
}

static void
a_survey_is_bounded(void **state)
{
	static char world[65536];
	(void)state;
	size_t n = 0;
	/* Eight domains that include each other all: without a bound, a tree of thousands. */
	for (int d = 0; d < 8; d++) {
		n += (size_t)snprintf(world + n, sizeof(world) - n, "d%d.org TXT v=spf1", d);
		for (int k = 0; k < 8; k++)
			if (k != d)
				n += (size_t)snprintf(world + n, sizeof(world) - n, " include:d%d.org", k);
		n += (size_t)snprintf(world + n, sizeof(world) - n, " -all\n");
	}
	struct spf_run run;
	load(world);
	spf_run_init(&run, &mem);
	run.question.sender = MH_STR("u@d0.org");
	run.wants_tree = run.wants_survey = true;
	assert_int_equal(spf_run_all(&run, &rows), MH_WORK_DONE);
	test_number("eight records are eight questions", run.work.asks_count, 8);
	assert_true(run.tree->cost >= 7 && run.tree->cost < 400);
	spf_run_free(&run);
}

static void
a_survey_leaves_questions_over(void **state)
{
	static char world[65536];
	(void)state;
	size_t n = (size_t)snprintf(world, sizeof(world), "a.org TXT v=spf1");
	for (int k = 0; k < 40; k++)
		n += (size_t)snprintf(world + n, sizeof(world) - n, "%s mx:x%d.org",
		    k == 15 || k == 30 ? "|" : "", k);
	n += (size_t)snprintf(world + n, sizeof(world) - n, " -all\n");
	for (int k = 0; k < 40; k++)
		for (int host = 0; host < 10; host++)
			n += (size_t)snprintf(world + n, sizeof(world) - n, "x%d.org MX 1 h%d-%d.org\n", k, k,
			    host);
	struct spf_run run;
	load(world);
	spf_run_init(&run, &mem);
	run.question.sender = MH_STR("u@a.org");
	run.wants_tree = run.wants_survey = true;
	assert_int_equal(spf_run_all(&run, &rows), MH_WORK_DONE);
	assert_true(run.tree->is_cut && run.tree->cost == 40);
	assert_true(run.work.asks_count <= 300 && run.work.refused == 0);
	spf_run_free(&run);
}

/* --------------------------------------------------------------------- other words */

static void
subject_and_reason(void **state)
{
	(void)state;
	struct spf_run run;
	struct mh_pass view;
	struct mh_spf_verdict verdict = { .result = 0 };
	load("a.org TXT v=spf1 a:x.a.org a:y.a.org a:z.a.org ip4:192.0.2.1 -all\n");
	spf_run_init(&run, &mem);
	run.question.sender = MH_STR("");
	run.question.helo = MH_STR("A.org");
	(void)mh_ip_parse(MH_STR("192.0.2.1"), &run.question.ip);
	mh_work_view(&run.work, &view, &run.scratch);
	mh_spf_subject(&view, &run.question, &verdict);
	test_span("the domain is HELO's", verdict.domain, MH_STR("a.org"));
	test_span("the sender is postmaster", verdict.sender, MH_STR("postmaster@A.org"));
	assert_true(verdict.is_helo);

	assert_int_equal(spf_run_all(&run, &rows), MH_WORK_DONE);
	test_span("the reason is the limit", mh_spf_why_result(&run.scratch, &run.verdict, &mh_spf_rfc7208),
	    MH_STR("more than 2 lookups find nothing"));
	spf_run_free(&run);

	spf_run_init(&run, &mem);
	run.question.sender = MH_STR("u@a.org");
	run.question.rules = mh_spf_rules_find(MH_STR("no-void-limit"));
	(void)mh_ip_parse(MH_STR("192.0.2.1"), &run.question.ip);
	assert_int_equal(spf_run_all(&run, &rows), MH_WORK_DONE);
	test_span("and elsewhere that there is none",
	    mh_spf_why_result(&run.scratch, &run.verdict, run.question.rules),
	    MH_STR("the term ip4:192.0.2.1 matched, with no limit on empty answers"));
	spf_run_free(&run);
}

static void
names_of_rules_and_results(void **state)
{
	(void)state;
	assert_ptr_equal(mh_spf_rules_at(0), &mh_spf_rfc7208);
	for (size_t i = 0; mh_spf_rules_at(i) != NULL; i++)
		assert_ptr_equal(mh_spf_rules_find(mh_str_z(mh_spf_rules_at(i)->name)), mh_spf_rules_at(i));
	assert_null(mh_spf_rules_find(MH_STR("postfix")));
	for (int r = MH_SPF_NONE; r <= MH_SPF_PERMERROR; r++)
		assert_int_equal(mh_spf_result_find(mh_str_z(mh_spf_result_name(r))), r);
	assert_int_equal(mh_spf_result_find(MH_STR("PermError")), MH_SPF_PERMERROR);
	assert_int_equal(mh_spf_result_find(MH_STR("")), -1);
	assert_string_equal(mh_spf_result_name(MH_SPF_NO_RESULT), "");
	assert_string_equal(mh_spf_result_name(99), "");
}

/* A sender of 64 KiB against a record full of macros: bounded, and no name. */
static void
long_senders(void **state)
{
	static char sender[65536], world[4096];
	(void)state;
	struct spf_run run;
	memset(sender, 'a', sizeof(sender));
	memcpy(sender + sizeof(sender) - 6, "@a.org", 6);
	size_t n = (size_t)snprintf(world, sizeof(world), "a.org TXT v=spf1 exists:");
	for (int i = 0; i < 150; i++)
		n +=
		    (size_t)snprintf(world + n, sizeof(world) - n, "%%{l1r}%%{l}%s", i % 25 == 24 ? "|" : "");
	(void)snprintf(world + n, sizeof(world) - n, " -all\n");
	load(world);
	spf_run_init(&run, &mem);
	run.question.sender = mh_str_n(sender, sizeof(sender));
	(void)mh_ip_parse(MH_STR("192.0.2.1"), &run.question.ip);
	assert_int_equal(spf_run_all(&run, &rows), MH_WORK_DONE);
	assert_int_equal(run.verdict.result, MH_SPF_FAIL);
	spf_run_free(&run);
}

static bool
eval_with(struct mh_mem with, void *arg)
{
	struct spf_run run;
	const struct spf_case *c = arg;
	rows.asked = 0;
	spf_run_init(&run, &with);
	run.scratch.first_size = 128; /* so that there are many allocations to fail */
	ask(&run, c);
	run.wants_tree = run.wants_survey = true;
	bool done = spf_run_all(&run, &rows) == MH_WORK_DONE;
	spf_run_free(&run);
	return done;
}

static void
failing_memory(void **state)
{
	struct spf_case c = { "", "", "192.0.2.9", "u@a.org", "", NULL, "h.org" };
	(void)state;
	load("a.org TXT v=spf1 include:b.org mx exists:%{ir}.x.org |a:%{p}.org ptr -all exp=e.%{d}\n"
	     "b.org TXT v=spf1 a mx:C.org ?all\na.org MX 1 m.org\nm.org A 192.0.2.1\n"
	     "9.2.0.192.in-addr.arpa PTR q.org\nq.org A 192.0.2.9\ne.a.org TXT no: %{s}\n");
	assert_true(test_failing_allocs(eval_with, &c, true) > 8);

	static char world[8192];
	struct test_random random = { 5 };
	c.sender = "u@d0.org";
	for (int i = 0; i < 50; i++) {
		make_world(&random, world, sizeof(world));
		load(world);
		(void)test_failing_allocs(eval_with, &c, true);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts),
		cmocka_unit_test(what_is_asked),
		cmocka_unit_test(ends_within_includes),
		cmocka_unit_test(same_in_any_order),
		cmocka_unit_test(the_tree),
		cmocka_unit_test(a_survey_is_bounded),
		cmocka_unit_test(a_survey_leaves_questions_over),
		cmocka_unit_test(subject_and_reason),
		cmocka_unit_test(names_of_rules_and_results),
		cmocka_unit_test(long_senders),
		cmocka_unit_test(failing_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
