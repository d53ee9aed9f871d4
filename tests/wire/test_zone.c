/* test_zone.c - lib/wire/zone.c: what a resolver that knows the zones answers */
#include "support.h"

#include "error.h"
#include "zone.h"

#include <stdio.h>
#include <stdlib.h>

#define NXD MH_FACT_NXDOMAIN
#define NODATA MH_FACT_NODATA
#define YES MH_FACT_PRESENT
#define UNKNOWN MH_FACT_UNKNOWN
#define NOBODY MH_FACT_MISSING /* the source gives no fact */

/* A question, and the records in presentation form with "|" between them; of an unknown fact, why. */
struct question {
	const char *sentence, *name, *type;
	int state;
	const char *records, *canonical; /* NULL: the name itself */
	int64_t ttl; /* -1: does not matter */
};

struct group {
	const char *origin;
	const char *texts[3];
	const struct question *questions;
	size_t count;
};

#define QUESTIONS(table) (table), MH_COUNT(table)

/* ------------------------------------------------------------- a whole zone */

static const char example[] =
    "$ORIGIN example.org.\n"
    "$TTL 1h\n"
    "@ SOA ns1 hostmaster 2024010101 2h 30m 2w 300\n"
    "  NS ns1\n"
    "  NS ns.other.net.\n"
    "  MX 10 mail\n"
    "  MX 20 mail2.example.org.\n"
    "  TXT \"v=spf1 mx -all\"\n"
    "ns1 A 192.0.2.53\n"
    "mail 600 A 192.0.2.25\n"
    "     AAAA 2001:db8::25\n"
    "mail2 A 192.0.2.26\n"
    "www CNAME web\n"
    "web 60 A 192.0.2.80\n"
    "chain CNAME www\n"
    "far CNAME host.elsewhere.net.\n"
    "hollow CNAME nothing\n"
    "empty CNAME b.tree\n"
    "loop1 CNAME loop2\n"
    "loop2 CNAME loop1\n"
    "self CNAME self\n"
    "a.b.tree A 192.0.2.1\n"
    "*.wild TXT \"a wildcard\"\n"
    "*.wild MX 5 mail\n"
    "host.wild A 192.0.2.7\n"
    "deep.ent.wild A 192.0.2.8\n"
    "*.alias CNAME web\n"
    "*.nowhere CNAME nothing\n"
    "x.*.starent A 192.0.2.9\n"
    "sub NS ns.sub\n"
    "    DS 1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
    "ns.sub A 192.0.2.99\n"
    "into CNAME mail.sub\n"
    "moved DNAME new\n"
    "moved TXT \"still here\"\n"
    "host.new A 192.0.2.10\n"
    "abroad DNAME elsewhere.net.\n"
    "UPPER A 192.0.2.11\n"
    "dot\\.ted A 192.0.2.12\n"
    "sp\\032ace A 192.0.2.13\n";

static const struct question example_questions[] = {
	{ "the apex", "example.org", "TXT", YES, "\"v=spf1 mx -all\"", NULL, 3600 },
	{ "several records", "example.org", "MX", YES, "10 mail.example.org.|20 mail2.example.org.", NULL,
	    3600 },
	{ "NS at the apex is no delegation", "example.org", "NS", YES, "ns1.example.org.|ns.other.net.", NULL,
	    -1 },
	{ "times of the SOA have units", "example.org", "SOA", YES,
	    "ns1.example.org. hostmaster.example.org. 2024010101 7200 1800 1209600 300", NULL, 3600 },
	{ "a TTL of its own", "mail.example.org", "A", YES, "192.0.2.25", NULL, 600 },
	{ "a blank owner is the last one", "mail.example.org", "AAAA", YES, "2001:db8::25", NULL, 3600 },
	{ "no such type is NODATA for the SOA's MINIMUM", "mail.example.org", "TXT", NODATA, "", NULL, 300 },
	{ "no such name is NXDOMAIN for the SOA's MINIMUM", "nope.example.org", "A", NXD, "", NULL, 300 },
	{ "no such name under a host", "a.b.c.mail.example.org", "A", NXD, "", NULL, 300 },
	{ "a CNAME is followed", "www.example.org", "A", YES, "192.0.2.80", "web.example.org", 60 },
	{ "and so are two", "chain.example.org", "A", YES, "192.0.2.80", "web.example.org", 60 },
	{ "a CNAME is asked for itself", "chain.example.org", "CNAME", YES, "www.example.org.", NULL, 3600 },
	{ "NODATA at the end of aliases", "chain.example.org", "MX", NODATA, "", "web.example.org", 300 },
	{ "NXDOMAIN at the end of aliases", "hollow.example.org", "A", NXD, "", "nothing.example.org", 300 },
	{ "an alias of a name without records", "empty.example.org", "A", NODATA, "", "b.tree.example.org",
	    300 },
	{ "an alias that leads outside", "far.example.org", "A", UNKNOWN, "not-in-zone", "host.elsewhere.net",
	    -1 },
	{ "a circle of two", "loop1.example.org", "A", UNKNOWN, "alias-loop", NULL, -1 },
	{ "a circle of one", "self.example.org", "A", UNKNOWN, "alias-loop", NULL, -1 },
	{ "no CNAME record is NODATA", "web.example.org", "CNAME", NODATA, "", NULL, 300 },
	{ "a name between has no records", "b.tree.example.org", "A", NODATA, "", NULL, 300 },
	{ "nor has the one above it", "tree.example.org", "TXT", NODATA, "", NULL, 300 },
	{ "the name at the end has", "a.b.tree.example.org", "A", YES, "192.0.2.1", NULL, -1 },
	{ "none beside it", "c.b.tree.example.org", "A", NXD, "", NULL, 300 },
	{ "a wildcard", "any.wild.example.org", "TXT", YES, "\"a wildcard\"", NULL, 3600 },
	{ "a wildcard for several labels", "x.y.z.wild.example.org", "TXT", YES, "\"a wildcard\"", NULL,
	    3600 },
	{ "a wildcard without the type", "any.wild.example.org", "A", NODATA, "", NULL, 300 },
	{ "a wildcard does not stand for its own parent", "wild.example.org", "TXT", NODATA, "", NULL, 300 },
	{ "a wildcard asked for by its name", "*.wild.example.org", "MX", YES, "5 mail.example.org.", NULL,
	    -1 },
	{ "a name that is there has nothing of the wildcard", "host.wild.example.org", "TXT", NODATA, "",
	    NULL, 300 },
	{ "and keeps it from names below", "below.host.wild.example.org", "TXT", NXD, "", NULL, 300 },
	{ "so does a name without records", "ent.wild.example.org", "TXT", NODATA, "", NULL, 300 },
	{ "and below that", "other.ent.wild.example.org", "TXT", NXD, "", NULL, 300 },
	{ "a wildcard under a label that is an asterisk", "a.*.wild.example.org", "TXT", NXD, "", NULL, 300 },
	{ "a CNAME at a wildcard", "q.alias.example.org", "A", YES, "192.0.2.80", "web.example.org", 60 },
	{ "a CNAME at a wildcard for itself", "q.alias.example.org", "CNAME", YES, "web.example.org.", NULL,
	    -1 },
	{ "a CNAME at a wildcard to nothing", "q.nowhere.example.org", "A", NXD, "", "nothing.example.org",
	    300 },
	{ "a wildcard that only has names below it", "q.starent.example.org", "A", NODATA, "", NULL, 300 },
	{ "what is below such a wildcard", "x.*.starent.example.org", "A", YES, "192.0.2.9", NULL, -1 },
	{ "a delegation", "sub.example.org", "A", UNKNOWN, "not-in-zone", NULL, 0 },
	{ "its NS records are the zone's below", "sub.example.org", "NS", UNKNOWN, "not-in-zone", NULL, -1 },
	{ "its DS records are ours", "sub.example.org", "DS", YES,
	    "1 8 2 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff", NULL, -1 },
	{ "a DS record of no delegation", "mail.example.org", "DS", NODATA, "", NULL, 300 },
	{ "a DS record below a delegation", "x.sub.example.org", "DS", UNKNOWN, "not-in-zone", NULL, -1 },
	{ "a name below a delegation", "mail.sub.example.org", "MX", UNKNOWN, "not-in-zone", NULL, -1 },
	{ "glue is no answer", "ns.sub.example.org", "A", UNKNOWN, "not-in-zone", NULL, -1 },
	{ "an alias into a delegation", "into.example.org", "A", UNKNOWN, "not-in-zone",
	    "mail.sub.example.org", -1 },
	{ "a DNAME moves names below", "host.moved.example.org", "A", YES, "192.0.2.10",
	    "host.new.example.org", 3600 },
	{ "a DNAME to no name", "gone.moved.example.org", "A", NXD, "", "gone.new.example.org", 300 },
	{ "not the name itself", "moved.example.org", "TXT", YES, "\"still here\"", NULL, -1 },
	{ "a DNAME record", "moved.example.org", "DNAME", YES, "new.example.org.", NULL, -1 },
	{ "a DNAME makes CNAME records", "host.moved.example.org", "CNAME", YES, "host.new.example.org.",
	    NULL, 3600 },
	{ "a DNAME to outside", "a.b.abroad.example.org", "A", UNKNOWN, "not-in-zone", "a.b.elsewhere.net",
	    -1 },
	{ "letter case of a file does not count", "upper.example.org", "A", YES, "192.0.2.11", NULL, -1 },
	{ "a dot within a label", "dot\\.ted.example.org", "A", YES, "192.0.2.12", NULL, -1 },
	{ "is no dot between labels", "dot.ted.example.org", "A", NXD, "", NULL, 300 },
	{ "a space within a label", "sp\\032ace.example.org", "A", YES, "192.0.2.13", NULL, -1 },
	{ "ANY is nothing that a zone has", "example.org", "TYPE255", NODATA, "", NULL, 300 },
	{ "ANY does not follow aliases", "www.example.org", "TYPE255", NODATA, "", NULL, 300 },
	{ "AXFR neither", "example.org", "TYPE252", NODATA, "", NULL, 300 },
	{ "OPT neither", "nope.example.org", "TYPE41", NXD, "", NULL, 300 },
	{ "the name above", "org", "A", UNKNOWN, "not-in-zone", NULL, 0 },
	{ "the root", ".", "NS", UNKNOWN, "not-in-zone", NULL, 0 },
	{ "a name that only looks like ours", "badexample.org", "A", UNKNOWN, "not-in-zone", NULL, 0 },
};

/* ------------------------------------------------------------ several zones */

/* The zone above, the one below, and another one that their aliases lead to. */
static const char nested[] = "$TTL 3600\n"
			     "example.org. SOA ns.example.org. h.example.org. 1 2 3 4 100\n"
			     "  NS ns.example.org.\n"
			     "ns.example.org. A 192.0.2.1\n"
			     "*.example.org. A 192.0.2.2\n"
			     "sub.example.org. NS ns.sub.example.org.\n"
			     "sub.example.org. DS 1 8 2 00\n"
			     "ns.sub.example.org. A 192.0.2.3\n"
			     "old.sub.example.org. A 192.0.2.4\n"
			     "out.example.org. CNAME www.example.net.\n"
			     "sub.example.org. SOA ns.sub.example.org. h.example.org. 1 2 3 4 50\n"
			     "  NS ns.sub.example.org.\n"
			     "ns.sub.example.org. A 192.0.2.5\n"
			     "x.sub.example.org. A 192.0.2.6\n"
			     "late.example.org. A 192.0.2.7\n";
static const char net[] = "$ORIGIN example.net.\n"
			  "$TTL 30\n"
			  "@ SOA ns h 1 2 3 4 20\n"
			  "www CNAME y.sub.example.org.\n"
			  "back CNAME x.sub.example.org.\n";

static const struct question nested_questions[] = {
	{ "the zone below answers", "x.sub.example.org", "A", YES, "192.0.2.6", NULL, -1 },
	{ "its own address and not the glue", "ns.sub.example.org", "A", YES, "192.0.2.5", NULL, -1 },
	{ "what only the zone above has is not there", "old.sub.example.org", "A", NXD, "", NULL, 50 },
	{ "a wildcard above ends where the zone below begins", "y.sub.example.org", "A", NXD, "", NULL, 50 },
	{ "NS of the zone below", "sub.example.org", "NS", YES, "ns.sub.example.org.", NULL, -1 },
	{ "SOA of the zone below", "sub.example.org", "SOA", YES,
	    "ns.sub.example.org. h.example.org. 1 2 3 4 50", NULL, -1 },
	{ "DS is asked above", "sub.example.org", "DS", YES, "1 8 2 00", NULL, -1 },
	{ "a record of the zone above behind the one below", "late.example.org", "A", YES, "192.0.2.7", NULL,
	    -1 },
	{ "an alias across three zones", "out.example.org", "A", NXD, "", "y.sub.example.org", 30 },
	{ "an alias from another file", "back.example.net", "A", YES, "192.0.2.6", "x.sub.example.org", 30 },
	{ "a wildcard of the zone above", "any.example.org", "A", YES, "192.0.2.2", NULL, -1 },
};

/* SOA records first, then all the rest: the deepest that has begun takes a record. */
static const char together[] = "$TTL 60\n"
			       "org. SOA a. b. 1 2 3 4 5\n"
			       "example.org. SOA a. b. 1 2 3 4 5\n"
			       "a.example.org. TXT one\n"
			       "other.org. TXT two\n";

static const struct question together_questions[] = {
	{ "a record of the zone below", "a.example.org", "TXT", YES, "\"one\"", NULL, 60 },
	{ "a record of the zone above", "other.org", "TXT", YES, "\"two\"", NULL, 60 },
	{ "no name of the zone below", "b.example.org", "TXT", NXD, "", NULL, 5 },
};

/* ---------------------------------------------------------- zones without SOA */

static const char bare[] = "mail.example.org. 60 A 192.0.2.1\n"
			   "_dmarc.example.org. 60 TXT \"v=DMARC1; p=none\"\n";

static const struct question bare_questions[] = {
	{ "the zone is what all records are under", "example.org", "TXT", NODATA, "", NULL, 0 },
	{ "and has no other names", "www.example.org", "TXT", NXD, "", NULL, 0 },
	{ "a record", "_dmarc.example.org", "TXT", YES, "\"v=DMARC1; p=none\"", NULL, 60 },
	{ "above it nothing is known", "org", "TXT", UNKNOWN, "not-in-zone", NULL, 0 },
};

static const char with_origin[] = "$ORIGIN example.org.\nmail 60 A 192.0.2.1\n";

static const struct question with_origin_questions[] = {
	{ "$ORIGIN is the apex where it can be", "www.example.org", "A", NXD, "", NULL, 0 },
	{ "$ORIGIN has no records", "example.org", "A", NODATA, "", NULL, 0 },
};

static const char rows[] = "example.com. 0 TXT \"v=spf1 a:a.example.net -all\"\n"
			   "a.example.net. 0 A 192.0.2.1\n"
			   "*.example.net. 0 MX 0 .\n"
			   "to.root. 0 CNAME .\n"
			   "all.down. 0 DNAME .\n";

static const struct question rows_questions[] = {
	{ "a root zone has all names", "example.com", "TXT", YES, "\"v=spf1 a:a.example.net -all\"", NULL,
	    0 },
	{ "and no other", "nothing.at.all", "A", NXD, "", NULL, 0 },
	{ "the names between", "com", "A", NODATA, "", NULL, 0 },
	{ "the root itself", ".", "A", NODATA, "", NULL, 0 },
	{ "a wildcard", "b.example.net", "MX", YES, "0 .", NULL, 0 },
	{ "none for another name", "b.example.com", "MX", NXD, "", NULL, 0 },
	{ "an alias to the root", "to.root", "A", NODATA, "", ".", 0 },
	{ "a DNAME to the root", "example.com.all.down", "TXT", YES, "\"v=spf1 a:a.example.net -all\"",
	    "example.com", 0 },
};

static const char rooted[] = ". 60 SOA a. b. 1 2 3 4 5\n"
			     "* 60 TXT all\n"
			     ". DNAME t.\n"
			     "t. A 1.2.3.4\n";

static const struct question rooted_questions[] = {
	{ "a DNAME at the root takes all", "a", "A", UNKNOWN, "alias-loop",
	    "a.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t", -1 },
	{ "the root keeps its own", ".", "SOA", YES, "a. b. 1 2 3 4 5", NULL, 60 },
};

/* --------------------------------------------------- what a zone may not have */

#define LONG "1234567890123456789012345678901234567890123456789" /* octets */

static const char faulty[] = "$ORIGIN example.org.\n"
			     "$TTL 60\n"
			     "@ SOA a b 1 2 3 4 5\n"
			     "@ SOA a b 2 2 3 4 5\n"
			     "both CNAME one\n"
			     "both TXT \"beside it\"\n"
			     "both CNAME two\n"
			     "one A 192.0.2.1\n"
			     "two A 192.0.2.2\n"
			     "twice A 192.0.2.3\n"
			     "twice A 192.0.2.3\n"
			     "ttls 300 A 192.0.2.4\n"
			     "ttls 200 A 192.0.2.5\n"
			     "www.example.com. A 192.0.2.6\n";

static const struct question faulty_questions[] = {
	{ "a CNAME goes before what is beside it", "both.example.org", "TXT", NODATA, "", "one.example.org",
	    5 },
	{ "the first of two", "both.example.org", "A", YES, "192.0.2.1", "one.example.org", 60 },
	{ "also when it is asked for", "both.example.org", "CNAME", YES, "one.example.org.", NULL, 60 },
	{ "the first SOA", "example.org", "SOA", YES, "a.example.org. b.example.org. 1 2 3 4 5", NULL, 60 },
	{ "a record that is there twice", "twice.example.org", "A", YES, "192.0.2.3", NULL, 60 },
	{ "the least TTL counts", "ttls.example.org", "A", YES, "192.0.2.4|192.0.2.5", NULL, 200 },
	{ "a record outside is nowhere", "www.example.com", "A", UNKNOWN, "not-in-zone", NULL, 0 },
};

/* What is on a line that cannot be read is not known, but for records that can be. */
static const char unread[] = "$ORIGIN example.org.\n"
			     "$TTL 60\n"
			     "@ SOA a b 1 2 3 4 5\n"
			     "open TXT \"not closed\n"
			     "  300 IN A 192.0.2.1\n"
			     "long 300 IN TXT \"" LONG LONG LONG LONG LONG LONG "\"\n"
			     "some TXT \"good\"\n"
			     "some TXT \"not closed\n"
			     "late IN 300 TXT \"not closed\n"
			     "late IN 300 TXT \"good\"\n"
			     "alias CNAME a..b\n"
			     "host A 192.0.2.300\n"
			     "host TXT \"good\"\n"
			     "*.wild MX ten mail\n"
			     "what NONSENSE \"not closed\n"
			     "deep.er AAAA 2001:db8::g\n";

static const struct question unread_questions[] = {
	{ "a quote that is not closed", "open.example.org", "TXT", UNKNOWN, "bad-line", NULL, 0 },
	{ "the line after it", "open.example.org", "A", YES, "192.0.2.1", NULL, 300 },
	{ "other types of it", "open.example.org", "MX", NODATA, "", NULL, 5 },
	{ "a long string", "long.example.org", "TXT", UNKNOWN, "bad-line", NULL, 0 },
	{ "a good record before it", "some.example.org", "TXT", YES, "\"good\"", NULL, 60 },
	{ "a good record behind it", "late.example.org", "TXT", YES, "\"good\"", NULL, 300 },
	{ "an alias to who knows where", "alias.example.org", "TXT", UNKNOWN, "bad-line", NULL, 0 },
	{ "no address", "host.example.org", "A", UNKNOWN, "bad-line", NULL, 0 },
	{ "other records beside it", "host.example.org", "TXT", YES, "\"good\"", NULL, 60 },
	{ "a wildcard", "any.wild.example.org", "MX", UNKNOWN, "bad-line", NULL, 0 },
	{ "a wildcard's other types", "any.wild.example.org", "TXT", NODATA, "", NULL, 5 },
	{ "no type", "what.example.org", "TXT", NXD, "", NULL, 5 },
	{ "the name above", "er.example.org", "AAAA", NODATA, "", NULL, 5 },
	{ "a name below another", "deep.er.example.org", "AAAA", UNKNOWN, "bad-line", NULL, 0 },
};

static const struct group groups[] = {
	{ "", { example }, QUESTIONS(example_questions) },
	{ "example.org", { example }, QUESTIONS(example_questions) },
	{ "", { nested, net }, QUESTIONS(nested_questions) },
	{ "", { net, nested }, QUESTIONS(nested_questions) },
	{ "", { together }, QUESTIONS(together_questions) },
	{ "", { bare }, QUESTIONS(bare_questions) },
	{ "example.org.", { bare }, QUESTIONS(bare_questions) },
	{ "", { with_origin }, QUESTIONS(with_origin_questions) },
	{ ".", { rows }, QUESTIONS(rows_questions) },
	{ "", { rows }, QUESTIONS(rows_questions) },
	{ ".", { rooted }, QUESTIONS(rooted_questions) },
	{ "", { faulty }, QUESTIONS(faulty_questions) },
	{ "", { unread }, QUESTIONS(unread_questions) },
};

/* ------------------------------------------------------------------ helpers */

static struct mh_zonefile *
zones_of(const struct mh_mem *mem, const struct group *group)
{
	struct mh_zonefile *zones = mh_zonefile_make(mem);
	assert_non_null(zones);
	for (size_t i = 0; i < MH_COUNT(group->texts) && group->texts[i] != NULL; i++)
		assert_int_equal(mh_zonefile_read(zones, MH_STR("test.zone"), mh_str_z(group->origin),
				     mh_str_z(group->texts[i]), NULL),
		    MH_ERR_OK);
	return zones;
}

/* print_records - of a fact, with "|" between them, as an unknown fact its reason */
static void
print_records(struct mh_buf *out, const struct mh_fact *fact)
{
	if (fact->state == MH_FACT_UNKNOWN)
		mh_buf_puts(out, mh_why_word(fact->why));
	for (size_t i = 0; i < fact->count; i++) {
		if (i > 0)
			mh_buf_putc(out, '|');
		mh_rr_print(out, fact->type, &fact->rr[i]);
	}
}

static void
check_question(struct mh_source source, const struct question *q, const struct mh_mem *mem)
{
	int error = 0, type = mh_rr_type_find(mh_str_z(q->type));
	struct mh_fact *fact = source.answer(source.self, mh_str_z(q->name), type, &error);
	struct mh_buf text;

	test_check(q->sentence, type >= 0);
	if (q->state == NOBODY) {
		test_check(q->sentence, fact == NULL && error == 0);
		return;
	}
	test_check(q->sentence, fact != NULL);
	mh_buf_init(&text, mem, 10000);
	print_records(&text, fact);
	test_number(q->sentence, fact->state, q->state);
	test_span(q->sentence, mh_str_z(mh_buf_z(&text)), mh_str_z(q->records));
	test_span(q->sentence, fact->name, mh_str_z(q->name));
	test_span(q->sentence, fact->canonical, mh_str_z(q->canonical != NULL ? q->canonical : q->name));
	test_number(q->sentence, fact->type, type);
	test_number(q->sentence, fact->is_alias, q->canonical != NULL);
	if (q->ttl >= 0)
		test_number(q->sentence, fact->ttl, q->ttl);
	test_number(q->sentence, fact->rcode,
	    fact->state == MH_FACT_UNKNOWN        ? -1
		: fact->state == MH_FACT_NXDOMAIN ? 3
						  : 0);
	mh_buf_free(&text);
	mh_fact_unref(fact);
}

/* -------------------------------------------------------------------- tests */

static void
zones_answer(void **state)
{
	struct test_alloc alloc = { .fail_at = 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(groups); i++) {
		struct mh_zonefile *zones = zones_of(&mem, &groups[i]);
		/* Twice: the second time facts come from where they were kept. */
		for (int round = 0; round < 2; round++)
			for (size_t k = 0; k < groups[i].count; k++)
				check_question(mh_zonefile_source(zones, true), &groups[i].questions[k],
				    &mem);
		mh_zonefile_free(zones);
	}
	test_alloc_done(&alloc);
}

static const struct question overlay_questions[] = {
	{ "a name of the zone", "mail.example.org", "A", YES, "192.0.2.25", NULL, 600 },
	{ "a name outside is nobody's", "www.example.com", "A", NOBODY, "", NULL, -1 },
	{ "the name above is nobody's", "org", "A", NOBODY, "", NULL, -1 },
	{ "a delegation is nobody's", "sub.example.org", "A", NOBODY, "", NULL, -1 },
	{ "and what is below it", "mail.sub.example.org", "A", NOBODY, "", NULL, -1 },
	{ "its DS is ours", "nods.example.org", "DS", NXD, "", NULL, 300 },
	{ "an alias to outside is ours", "far.example.org", "A", UNKNOWN, "not-in-zone", "host.elsewhere.net",
	    -1 },
};

static void
an_overlay_leaves_the_rest_to_others(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_zonefile *zones = zones_of(&mem, &groups[0]);
	(void)state;
	for (size_t i = 0; i < MH_COUNT(overlay_questions); i++)
		check_question(mh_zonefile_source(zones, false), &overlay_questions[i], &mem);
	mh_zonefile_free(zones);
}

static struct mh_fact *
ask(struct mh_zonefile *zones, const char *name, int type)
{
	int error = 0;
	struct mh_source source = mh_zonefile_source(zones, true);
	struct mh_fact *fact = source.answer(source.self, mh_str_z(name), type, &error);
	assert_non_null(fact);
	return fact;
}

static void
facts_are_made_once(void **state)
{
	struct test_alloc alloc = { .fail_at = 0 };
	struct mh_mem mem = test_alloc_mem(&alloc);
	struct mh_zonefile *zones = zones_of(&mem, &groups[0]);
	struct mh_fact *first = ask(zones, "example.org", MH_RR_TXT);
	size_t calls = alloc.calls;
	struct mh_fact *second = ask(zones, "example.org", MH_RR_TXT);
	(void)state;
	assert_ptr_equal(first, second);
	assert_int_equal(alloc.calls, calls);
	test_span("the fact tells where it is from", first->server, MH_STR("zone test.zone"));
	/* It outlives the zones, and does not keep what is read later out. */
	assert_int_equal(mh_zonefile_read(zones, MH_STR("b"), MH_STR(""),
			     MH_STR("example.org. 60 TXT \"another\"\n"), NULL),
	    MH_ERR_OK);
	mh_fact_unref(second);
	second = ask(zones, "example.org", MH_RR_TXT);
	assert_int_equal(first->count, 1);
	assert_int_equal(second->count, 2);
	mh_zonefile_free(zones);
	assert_int_equal(second->rr[1].len, 8);
	mh_fact_unref(first);
	mh_fact_unref(second);
	test_alloc_done(&alloc);
}

static void
a_delegation_is_named(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_zonefile *zones = zones_of(&mem, &groups[0]);
	struct mh_fact *fact = ask(zones, "a.sub.example.org", MH_RR_A);
	(void)state;
	test_span("who is asked next", fact->server,
	    MH_STR("zone test.zone, which delegates sub.example.org"));
	mh_fact_unref(fact);
	mh_zonefile_free(zones);
}

/* Long names: with DNAME they can become too long, and wildcards stand for the longest there are. */
static void
long_names(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	char name[260];
	(void)state;
	assert_int_equal(mh_zonefile_read(zones, MH_STR("z"), MH_STR("b"),
			     MH_STR("a DNAME a.long.one.b.\n*.w A 192.0.2.1\n*.long.one A 192.0.2.2\n"),
			     NULL),
	    MH_ERR_OK);
	for (size_t labels = 1; labels <= 124; labels++) {
		for (size_t i = 0; i < labels; i++)
			memcpy(name + 2 * i, "x.", 2);
		memcpy(name + 2 * labels, "w.b", 4);
		struct mh_fact *fact = ask(zones, name, MH_RR_A);
		test_number("a wildcard stands for long names", fact->state, MH_FACT_PRESENT);
		mh_fact_unref(fact);
		memcpy(name + 2 * labels, "a.b", 4);
		fact = ask(zones, name, MH_RR_A);
		/* x. labels times, and a.long.one.b of 14 octets in wire form with its end */
		bool fits = 2 * labels + 14 <= 255;
		test_number("a DNAME makes names of 255 octets at the most", fact->state,
		    fits ? MH_FACT_PRESENT : MH_FACT_UNKNOWN);
		test_number("YXDOMAIN otherwise", fact->rcode, fits ? 0 : 6);
		mh_fact_unref(fact);
	}
	mh_zonefile_free(zones);
}

static void
too_many_records_are_unknown(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	(void)state;
	assert_int_equal(mh_zonefile_read(zones, MH_STR("z"), MH_STR("b"),
			     MH_STR("$TTL 60\n$GENERATE 0-1023 most A 192.0.${0,0,d}.1\n"
				    "$GENERATE 0-255 a A 10.0.0.$\n$GENERATE 0-1023 most TXT t$\n"
				    "$GENERATE 0-1024 more TXT t$\n"),
			     NULL),
	    MH_ERR_OK);
	struct mh_fact *fact = ask(zones, "most.b", MH_RR_TXT);
	assert_int_equal(fact->count, 1024);
	mh_fact_unref(fact);
	fact = ask(zones, "more.b", MH_RR_TXT);
	assert_int_equal(fact->state, MH_FACT_UNKNOWN);
	assert_int_equal(fact->why, MH_WHY_TOO_LARGE);
	mh_fact_unref(fact);
	fact = ask(zones, "a.b", MH_RR_A);
	assert_int_equal(fact->count, 256);
	mh_fact_unref(fact);
	mh_zonefile_free(zones);
}

/* answer_all_of - reads a group and asks all its questions; whether memory sufficed */
static bool
answer_all_of(struct mh_mem mem, void *arg)
{
	const struct group *group = arg;
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	bool is_good = zones != NULL;
	for (size_t i = 0; is_good && i < MH_COUNT(group->texts) && group->texts[i] != NULL; i++)
		is_good = mh_zonefile_read(zones, MH_STR("test.zone"), mh_str_z(group->origin),
			      mh_str_z(group->texts[i]), NULL) == MH_ERR_OK;
	for (size_t i = 0; zones != NULL && i < group->count; i++) {
		struct mh_source source = mh_zonefile_source(zones, true);
		int error = 0;
		struct mh_fact *fact = source.answer(source.self, mh_str_z(group->questions[i].name),
		    mh_rr_type_find(mh_str_z(group->questions[i].type)), &error);
		assert_true(fact != NULL || error == MH_ERR_ENOMEM);
		is_good &= fact != NULL;
		mh_fact_unref(fact);
	}
	mh_zonefile_free(zones);
	return is_good;
}

static void
without_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(groups); i++) {
		struct group group = groups[i];
		assert_true(test_failing_allocs(answer_all_of, &group, false) > 5);
	}
}

/* Names of a file, and those that are domains of mail. */
static const struct {
	const char *sentence, *text, *names; /* in the order of reading, with spaces between them */
} mail_names[] = {
	{ "a zone begins there", "example.org. SOA a. b. 1 2 3 4 5\nwww.example.org. A 192.0.2.1\n",
	    "example.org" },
	{ "without an SOA, too", "www.example.org. A 192.0.2.1\nexample.org. A 192.0.2.1\n", "example.org" },
	{ "MX, SPF, DMARC",
	    "example.org. SOA a. b. 1 2 3 4 5\na.example.org. MX 0 .\nb.example.org. TXT \"V=spf1\"\n"
	    "c.example.org. TXT \"v=spf1 -all\"\n_dmarc.d.example.org. TXT \"v=DMARC1\"\n",
	    "example.org a.example.org b.example.org c.example.org d.example.org" },
	{ "texts of others",
	    "example.org. SOA a. b. 1 2 3 4 5\na.example.org. TXT \"v=spf10\"\nb.example.org. TXT \"\"\n"
	    "c.example.org. TXT \"v=spf\" \"1\"\nd.example.org. TXT \"x\" \"v=spf1\"\n",
	    "example.org" },
	{ "the second of two texts",
	    "example.org. SOA a. b. 1 2 3 4 5\na.example.org. TXT \"x\"\na.example.org. TXT \"v=spf1 "
	    "-all\"\n",
	    "example.org a.example.org" },
	{ "no records for others to include",
	    "example.org. SOA a. b. 1 2 3 4 5\n_spf.example.org. TXT \"v=spf1 -all\"\n"
	    "_dmarc.example.org. TXT \"v=DMARC1\"\n",
	    "example.org" },
	{ "no asterisk", "example.org. SOA a. b. 1 2 3 4 5\n*.example.org. MX 0 mx.example.org.\n",
	    "example.org" },
	{ "nothing below a delegation, and the zone below once",
	    "example.org. SOA a. b. 1 2 3 4 5\nsub.example.org. NS ns.sub.example.org.\n"
	    "mx.sub.example.org. MX 0 .\n",
	    "example.org" },
	{ "addresses", "2.0.192.in-addr.arpa. SOA a. b. 1 2 3 4 5\n1.2.0.192.in-addr.arpa. PTR a.example.\n",
	    "" },
	{ "addresses that are used for mail",
	    "2.0.192.in-addr.arpa. SOA a. b. 1 2 3 4 5\n1.2.0.192.in-addr.arpa. MX 0 a.example.\n",
	    "1.2.0.192.in-addr.arpa" },
	{ "the root", ". SOA a. b. 1 2 3 4 5\n. NS a.\n", "" },
};

static void
names_of_mail(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(mail_names); i++) {
		struct mh_mem mem = mh_mem_default();
		struct mh_buf found;
		struct mh_zonefile *zones = mh_zonefile_make(&mem);
		struct mh_report *report = mh_report_make(&mem);
		mh_buf_init(&found, &mem, 4096);
		assert_int_equal(mh_zonefile_read(zones, MH_STR("zone"), MH_STR(""),
				     mh_str_z(mail_names[i].text), report),
		    MH_ERR_OK);
		for (size_t n = 0; n < mh_zonefile_names(zones); n++) {
			assert_int_equal(mh_zonefile_name(zones, n).p[mh_zonefile_name(zones, n).len], '\0');
			if (!mh_zonefile_is_for_mail(zones, n))
				continue;
			mh_buf_puts(&found, found.len > 0 ? " " : "");
			mh_buf_putstr(&found, mh_zonefile_name(zones, n));
		}
		test_span(mail_names[i].sentence, mh_buf_str(&found), mh_str_z(mail_names[i].names));
		assert_false(mh_zonefile_is_for_mail(zones, mh_zonefile_names(zones)));
		assert_int_equal(mh_zonefile_name(zones, mh_zonefile_names(zones)).len, 0);
		mh_buf_free(&found);
		mh_report_unref(report);
		mh_zonefile_free(zones);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zones_answer),
		cmocka_unit_test(an_overlay_leaves_the_rest_to_others),
		cmocka_unit_test(facts_are_made_once),
		cmocka_unit_test(a_delegation_is_named),
		cmocka_unit_test(names_of_mail),
		cmocka_unit_test(long_names),
		cmocka_unit_test(too_many_records_are_unknown),
		cmocka_unit_test(without_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
