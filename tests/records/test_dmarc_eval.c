/* test_dmarc_eval.c - lib/records/dmarc_eval.c, and what it stands on: dmarc_walk.c, dmarc_find.c, dmarc_external.c */
#include "support.h"

#include <stdio.h>

#include "dmarc_eval.h"
#include "dmarc_external.h"
#include "error.h"
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

/* ------------------------------------------------------------------- questions */

/* One question and what came of it, as one line. */
struct run {
	struct mh_work work;
	struct mh_arena scratch;
	struct mh_mem mem;
	struct mh_dmarc_question question;
	struct mh_dmarc_id ids[MH_DMARC_IDS_MAX];
	struct mh_str destination; /* reports go there: that is asked, and nothing else */
	bool finds; /* only the record that counts */
	char line[400];
	unsigned rounds;
};

static void
describe_found(const struct mh_dmarc_found *found, char *out, size_t size)
{
	static const char *const states[] = { "missing", "unknown", "none", "found" };
	(void)snprintf(out, size, "%s at=%.*s org=%.*s %s%s%s%s%s%s", states[found->state],
	    (int)found->at.len, found->at.p, (int)found->org_domain.len, found->org_domain.p,
	    mh_dmarc_policy_name(found->policy), found->effective != found->policy ? ">" : "",
	    found->effective != found->policy ? mh_dmarc_policy_name(found->effective) : "",
	    found->is_psd ? " psd" : "", found->is_nonexistent ? " np" : "",
	    found->is_malformed ? " malformed" : "");
}

static void
describe_verdict(const struct run *run, const struct mh_dmarc_verdict *v, char *out, size_t size)
{
	struct mh_str none = MH_STR("-");
	struct mh_str dkim = v->dkim >= 0 ? run->ids[v->dkim].domain : none;
	struct mh_str spf = v->spf >= 0 ? run->ids[v->spf].domain : none;
	const char *asks = mh_dmarc_policy_name(v->disposition);
	(void)snprintf(out, size, "%s %s at=%.*s dkim=%.*s spf=%.*s%s", mh_dmarc_result_name(v->result),
	    asks[0] != '\0' ? asks : "?", (int)v->found.at.len, v->found.at.p, (int)dkim.len, dkim.p,
	    (int)spf.len, spf.p, v->is_capped ? " capped" : "");
}

static void
look(void *check, struct mh_pass *pass)
{
	static const char *const states[] = { "missing", "unknown", "own", "accepted", "not" };
	struct run *run = check;
	if (run->destination.len > 0) {
		struct mh_dmarc_external external;
		mh_dmarc_external(pass, run->question.domain, run->destination, NULL, run->question.is_7489,
		    &external);
		(void)snprintf(run->line, sizeof(run->line), "%s", states[external.state]);
	} else if (run->finds) {
		struct mh_dmarc_found found;
		struct mh_dmarc_walk walk;
		if (run->question.is_7489)
			mh_dmarc_find_7489(pass, run->question.domain, NULL, &found);
		else {
			mh_dmarc_walk(pass, run->question.domain, NULL, &walk);
			mh_dmarc_find(pass, &walk, &found);
		}
		describe_found(&found, run->line, sizeof(run->line));
	} else {
		struct mh_dmarc_verdict verdict;
		mh_dmarc_eval(pass, &run->question, &verdict);
		describe_verdict(run, &verdict, run->line, sizeof(run->line));
	}
}

static void
run_init(struct run *run, const struct mh_mem *m)
{
	*run = (struct run){ .mem = *m };
	mh_work_init(&run->work, &run->mem, look, run);
	(void)mh_work_add_part(&run->work);
	mh_arena_init(&run->scratch, &run->mem, 1u << 18);
	run->question.ids = run->ids;
}

/* run_all - answers everything; whether it was done */
static bool
run_all(struct run *run)
{
	struct mh_source source = rows_source(&rows);
	int r;
	while ((r = mh_work_step(&run->work, 0, &run->scratch)) == MH_WORK_WAIT) {
		run->rounds++;
		if (mh_work_answer_from(&run->work, &source) <= 0)
			return false;
	}
	return r == MH_WORK_DONE;
}

static void
run_free(struct run *run)
{
	mh_work_free(&run->work);
	mh_arena_free(&run->scratch);
}

/* give_ids - "dkim=pass:example.org spf=fail:example.net" */
static void
give_ids(struct run *run, const char *text)
{
	struct mh_cur cur = mh_cur_of(text, strlen(text));
	for (mh_cur_spaces(&cur); mh_cur_left(&cur) > 0; mh_cur_spaces(&cur)) {
		struct mh_dmarc_id *id = &run->ids[run->question.count++];
		id->is_dkim = mh_str_eq(mh_cur_until(&cur, "="), MH_STR("dkim"));
		mh_cur_skip(&cur, MH_STR("="));
		int result = mh_dmarc_id_result(mh_cur_until(&cur, ":"));
		assert_true(result >= 0);
		id->result = (unsigned char)result;
		mh_cur_skip(&cur, MH_STR(":"));
		id->domain = mh_cur_until(&cur, " ");
	}
}

/* ----------------------------------------------------------------------- finding */

#define A_ORG "_dmarc.a.org TXT v=DMARC1; p=reject; sp=quarantine; np=none\n"

static const struct find_case {
	const char *sentence, *rows, *domain, *want, *want_7489;
} finds[] = {
	{ "the domain's own record", A_ORG, "a.org", "found at=a.org org=a.org reject",
	    "found at=a.org org=a.org reject" },
	{ "no record", "", "a.org", "none at= org=a.org ", "none at= org=a.org " },
	{ "another text is no record", "_dmarc.a.org TXT hello\n", "a.org", "none at= org=a.org ",
	    "none at= org=a.org " },
	{ "a subdomain that exists", A_ORG "x.a.org A 192.0.2.1\n", "x.a.org",
	    "found at=a.org org=a.org quarantine", "found at=a.org org=a.org quarantine" },
	{ "a subdomain that does not exist", A_ORG, "x.a.org", "found at=a.org org=a.org none np",
	    "found at=a.org org=a.org quarantine" },
	{ "a name between others exists", A_ORG "y.x.a.org A 192.0.2.1\n", "x.a.org",
	    "found at=a.org org=a.org quarantine", "found at=a.org org=a.org quarantine" },
	{ "an alias that leads nowhere exists", A_ORG "x.a.org CNAME gone.example\n", "x.a.org",
	    "found at=a.org org=a.org quarantine", "found at=a.org org=a.org quarantine" },
	{ "who cannot ask for CNAME asks for addresses", A_ORG "x.a.org ERR SERVFAIL CNAME\n", "x.a.org",
	    "found at=a.org org=a.org quarantine", "found at=a.org org=a.org quarantine" },
	{ "existence that could not be asked for", A_ORG "x.a.org ERR SERVFAIL *\n", "x.a.org",
	    "unknown at=a.org org=a.org quarantine", "found at=a.org org=a.org quarantine" },
	{ "existence that does not matter", "_dmarc.a.org TXT v=DMARC1; p=reject\nx.a.org ERR SERVFAIL *\n",
	    "x.a.org", "found at=a.org org=a.org reject", "found at=a.org org=a.org reject" },
	{ "a test is one step weaker", "_dmarc.a.org TXT v=DMARC1; p=reject; t=y\n", "a.org",
	    "found at=a.org org=a.org reject>quarantine", "found at=a.org org=a.org reject" },
	{ "pct=0 is so only by the older rules", "_dmarc.a.org TXT v=DMARC1; p=reject; pct=0\n", "a.org",
	    "found at=a.org org=a.org reject", "found at=a.org org=a.org reject>quarantine" },
	{ "a record in between counts, and the shortest name is the organisation's",
	    A_ORG "_dmarc.x.a.org TXT v=DMARC1; p=none\n", "y.x.a.org", "found at=a.org org=a.org none np",
	    "found at=a.org org=a.org quarantine" },
	{ "its own record counts, the organisation is above", A_ORG "_dmarc.x.a.org TXT v=DMARC1; p=none\n",
	    "x.a.org", "found at=x.a.org org=a.org none", "found at=x.a.org org=a.org none" },
	{ "psd=n is an organisation of its own",
	    A_ORG "_dmarc.x.a.org TXT v=DMARC1; p=none; psd=n\ny.x.a.org A 192.0.2.1\n", "y.x.a.org",
	    "found at=x.a.org org=x.a.org none", "found at=a.org org=a.org quarantine" },
	{ "psd=y is above the organisation", "_dmarc.org TXT v=DMARC1; p=reject; psd=y\n", "x.a.org",
	    "found at=org org=a.org reject psd", "none at= org=a.org " },
	{ "the organisation's record counts before the suffix's",
	    "_dmarc.org TXT v=DMARC1; p=reject; psd=y\n_dmarc.a.org TXT v=DMARC1; p=none\n", "x.a.org",
	    "found at=a.org org=a.org none", "found at=a.org org=a.org none" },
	{ "a record below the organisation of psd=y is none for those beneath",
	    "_dmarc.org TXT v=DMARC1; p=reject; psd=y\n_dmarc.x.a.org TXT v=DMARC1; p=none\n", "y.x.a.org",
	    "found at=org org=a.org reject psd", "none at= org=a.org " },
	{ "psd=y at the start is its own organisation", "_dmarc.org TXT v=DMARC1; p=reject; psd=y\n", "org",
	    "found at=org org=org reject psd", "found at=org org= reject" },
	{ "a top-level domain that does not say psd=y", "_dmarc.org TXT v=DMARC1; p=reject; sp=none\n",
	    "a.org", "found at=org org=org none", "none at= org=a.org " },
	{ "several records are none, and the walk goes on",
	    A_ORG "x.a.org A 192.0.2.1\n_dmarc.x.a.org TXT v=DMARC1; p=none\n"
		  "_dmarc.x.a.org TXT v=DMARC1; p=reject\n",
	    "x.a.org", "found at=a.org org=a.org quarantine", "none at=x.a.org org=a.org " },
	{ "a tag twice makes it none",
	    A_ORG "x.a.org A 192.0.2.1\n_dmarc.x.a.org TXT v=DMARC1; p=none; p=reject\n", "x.a.org",
	    "found at=a.org org=a.org quarantine", "none at=x.a.org org=a.org  malformed" },
	{ "a policy that cannot be read ends it",
	    A_ORG "x.a.org A 192.0.2.1\n_dmarc.x.a.org TXT v=DMARC1; p=some\n", "x.a.org",
	    "found at=x.a.org org=a.org ", "found at=x.a.org org=a.org " },
	{ "a policy that cannot be read, with an address for reports",
	    "_dmarc.a.org TXT v=DMARC1; p=some; rua=mailto:a@a.org\n", "a.org",
	    "found at=a.org org=a.org none", "found at=a.org org=a.org none" },
	{ "p= is not where the older rules want it", "_dmarc.a.org TXT v=DMARC1; sp=none; p=reject\n",
	    "a.org", "found at=a.org org=a.org reject", "found at=a.org org=a.org  malformed" },
	{ "the domain's own name fails", "_dmarc.a.org ERR SERVFAIL TXT\n", "a.org",
	    "unknown at= org= ", "unknown at= org=a.org " },
	{ "a name above fails, and there is a record",
	    "_dmarc.x.a.org TXT v=DMARC1; p=reject\n_dmarc.a.org ERR TIMEOUT TXT\n", "x.a.org",
	    "found at=x.a.org org= reject", "found at=x.a.org org=a.org reject" },
	{ "a name above fails, and there is none", "_dmarc.a.org ERR TIMEOUT TXT\n", "x.a.org",
	    "unknown at= org= ", "unknown at= org=a.org " },
	{ "a name above psd=n fails, and nobody asks",
	    "_dmarc.a.org TXT v=DMARC1; p=none; psd=n\n_dmarc.org ERR TIMEOUT TXT\n", "x.a.org",
	    "found at=a.org org=a.org none", "found at=a.org org=a.org none" },
	{ "a long name jumps to seven labels",
	    "_dmarc.d.e.f.g.h.a.org TXT v=DMARC1; p=none\n_dmarc.c.d.e.f.g.h.a.org TXT v=DMARC1; p=reject\n",
	    "b.c.d.e.f.g.h.a.org", "found at=d.e.f.g.h.a.org org=d.e.f.g.h.a.org none",
	    "none at= org=a.org " },
	{ "eight labels go to seven", "_dmarc.d.e.f.g.h.a.org TXT v=DMARC1; p=none\n", "c.d.e.f.g.h.a.org",
	    "found at=d.e.f.g.h.a.org org=d.e.f.g.h.a.org none", "none at= org=a.org " },
};

static void
records_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * MH_COUNT(finds); i++) {
		const struct find_case *c = &finds[i / 2];
		struct run run;
		rows_clear(&rows);
		rows_add(&rows, c->rows, strlen(c->rows));
		assert_null(rows.bad);
		run_init(&run, &mem);
		run.finds = true;
		run.question.domain = mh_str_z(c->domain);
		run.question.is_7489 = i % 2 == 1;
		test_check(c->sentence, run_all(&run));
		test_span(c->sentence, mh_str_z(run.line), mh_str_z(i % 2 == 1 ? c->want_7489 : c->want));
		run_free(&run);
	}
}

/* All names of a walk go out together, and there are never more than eight. */
static void
walks_are_short(void **state)
{
	static const struct {
		const char *domain;
		unsigned asked;
	} walks[] = { { "org", 1 }, { "a.org", 2 }, { "g.f.e.d.c.b.a.org", 8 }, { "f.e.d.c.b.a.org", 7 },
		{ "h.g.f.e.d.c.b.a.org", 8 }, { "p.o.n.m.l.k.j.i.h.g.f.e.d.c.b.a.org", 8 } };
	(void)state;
	rows_clear(&rows);
	for (size_t i = 0; i < MH_COUNT(walks); i++) {
		struct run run;
		run_init(&run, &mem);
		run.finds = true;
		run.question.domain = mh_str_z(walks[i].domain);
		assert_true(run_all(&run));
		test_number(walks[i].domain, run.work.asks_count, walks[i].asked);
		test_number("one round", run.rounds, 1);
		run_free(&run);
	}
}

/* ------------------------------------------------------------------------- verdicts */

#define STRICT "_dmarc.a.org TXT v=DMARC1; p=reject; adkim=s; aspf=s\n"
#define RELAXED "_dmarc.a.org TXT v=DMARC1; p=reject\n"

static const struct eval_case {
	const char *sentence, *rows, *domain, *ids, *want, *want_7489; /* want_7489 NULL: the same */
} evals[] = {
	{ "nothing passed", RELAXED, "a.org", "", "fail reject at=a.org dkim=- spf=-", NULL },
	{ "no Author Domain", RELAXED, "", "dkim=pass:a.org", "none none at= dkim=- spf=-", NULL },
	{ "no record", "", "a.org", "dkim=pass:a.org", "none none at= dkim=- spf=-", NULL },
	{ "a signature of the domain itself", STRICT, "a.org", "dkim=pass:a.org",
	    "pass none at=a.org dkim=a.org spf=-", NULL },
	{ "SPF of the domain itself", STRICT, "a.org", "spf=pass:a.org",
	    "pass none at=a.org dkim=- spf=a.org", NULL },
	{ "both", STRICT, "a.org", "dkim=fail:a.org dkim=pass:a.org spf=pass:a.org",
	    "pass none at=a.org dkim=a.org spf=a.org", NULL },
	{ "a subdomain is not strictly the same", STRICT, "a.org", "dkim=pass:x.a.org spf=pass:x.a.org",
	    "fail reject at=a.org dkim=- spf=-", NULL },
	{ "a subdomain is of the same organisation", RELAXED, "a.org", "dkim=pass:x.a.org",
	    "pass none at=a.org dkim=x.a.org spf=-", NULL },
	{ "the organisation is that of the subdomain", RELAXED, "x.a.org", "spf=pass:a.org",
	    "pass none at=a.org dkim=- spf=a.org", NULL },
	{ "another subdomain too", RELAXED, "x.a.org", "spf=pass:y.z.a.org",
	    "pass none at=a.org dkim=- spf=y.z.a.org", NULL },
	{ "another domain is not", RELAXED, "a.org", "dkim=pass:b.org spf=pass:org spf=pass:xa.org",
	    "fail reject at=a.org dkim=- spf=-", NULL },
	{ "an organisation of its own within", RELAXED "_dmarc.x.a.org TXT v=DMARC1; p=none; psd=n\n",
	    "a.org", "dkim=pass:x.a.org", "fail reject at=a.org dkim=- spf=-",
	    "pass none at=a.org dkim=x.a.org spf=-" },
	{ "a failed signature does not count", RELAXED, "a.org", "dkim=fail:a.org spf=softfail:a.org",
	    "fail reject at=a.org dkim=- spf=-", NULL },
	{ "a signature that may pass later", RELAXED, "a.org", "dkim=temperror:x.a.org",
	    "temperror ? at=a.org dkim=- spf=-", NULL },
	{ "one that may pass later and changes nothing", RELAXED, "a.org", "dkim=temperror:b.org",
	    "fail reject at=a.org dkim=- spf=-", NULL },
	{ "one that may pass later and one that did", RELAXED, "a.org", "spf=temperror:a.org dkim=pass:a.org",
	    "pass none at=a.org dkim=a.org spf=-", NULL },
	{ "the record could not be had", "_dmarc.a.org ERR TIMEOUT TXT\n", "a.org", "dkim=pass:a.org",
	    "temperror ? at= dkim=- spf=-", NULL },
	{ "an identifier's organisation could not be had", RELAXED "_dmarc.x.a.org ERR TIMEOUT TXT\n",
	    "a.org", "dkim=pass:x.a.org", "temperror ? at=a.org dkim=- spf=-",
	    "pass none at=a.org dkim=x.a.org spf=-" },
	{ "the same name needs no organisation", RELAXED "_dmarc.org ERR TIMEOUT TXT\n", "a.org",
	    "dkim=pass:a.org", "pass none at=a.org dkim=a.org spf=-", NULL },
	{ "the author's organisation could not be had, and another suffix is never the same",
	    RELAXED "_dmarc.org ERR TIMEOUT TXT\n", "a.org", "dkim=pass:b.net",
	    "fail reject at=a.org dkim=- spf=-", NULL },
	{ "it could not be had, and matters", RELAXED "_dmarc.org ERR TIMEOUT TXT\n", "a.org",
	    "dkim=pass:b.org", "temperror ? at=a.org dkim=- spf=-", "fail reject at=a.org dkim=- spf=-" },
	{ "a test asks for one step less", "_dmarc.a.org TXT v=DMARC1; p=quarantine; t=y\n", "a.org", "",
	    "fail none at=a.org dkim=- spf=-", "fail quarantine at=a.org dkim=- spf=-" },
	{ "a record that says nothing", "_dmarc.a.org TXT v=DMARC1; p=some\n", "a.org", "dkim=fail:a.org",
	    "none none at=a.org dkim=- spf=-", NULL },
	{ "a record that only the older rules cannot read", "_dmarc.a.org TXT v=DMARC1; sp=none; p=reject\n",
	    "a.org", "", "fail reject at=a.org dkim=- spf=-", "permerror ? at=a.org dkim=- spf=-" },
	{ "more identifiers than may be asked for",
	    RELAXED "_dmarc.k.a.org TXT v=DMARC1; p=none; psd=n\n"
		    "_dmarc.l.a.org TXT v=DMARC1; p=none; psd=n\n",
	    "a.org",
	    "dkim=pass:a.k.a.org dkim=pass:b.k.a.org dkim=pass:c.k.a.org dkim=pass:d.k.a.org "
	    "dkim=pass:e.k.a.org "
	    "dkim=pass:f.k.a.org dkim=pass:g.k.a.org dkim=pass:h.k.a.org dkim=pass:i.k.a.org "
	    "dkim=pass:j.k.a.org "
	    "dkim=pass:l.a.org",
	    "temperror ? at=a.org dkim=- spf=- capped", "pass none at=a.org dkim=a.k.a.org spf=-" },
	{ "SPF is asked before any flood of signatures",
	    RELAXED "_dmarc.k.a.org TXT v=DMARC1; p=none; psd=n\n", "a.org",
	    "dkim=pass:a.k.a.org dkim=pass:b.k.a.org dkim=pass:c.k.a.org dkim=pass:d.k.a.org "
	    "dkim=pass:e.k.a.org "
	    "dkim=pass:f.k.a.org dkim=pass:g.k.a.org dkim=pass:h.k.a.org dkim=pass:i.k.a.org "
	    "dkim=pass:j.k.a.org "
	    "spf=pass:x.a.org",
	    "pass none at=a.org dkim=- spf=x.a.org capped", "pass none at=a.org dkim=a.k.a.org spf=x.a.org" },
};

static void
eval_begin(struct run *run, const struct mh_mem *m, const struct eval_case *c, bool is_7489)
{
	rows_clear(&rows);
	rows_add(&rows, c->rows, strlen(c->rows));
	assert_null(rows.bad);
	run_init(run, m);
	run->question.domain = mh_str_z(c->domain);
	run->question.is_7489 = is_7489;
	give_ids(run, c->ids);
}

static void
messages_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * MH_COUNT(evals); i++) {
		const struct eval_case *c = &evals[i / 2];
		const char *want = i % 2 == 1 && c->want_7489 != NULL ? c->want_7489 : c->want;
		struct run run;
		eval_begin(&run, &mem, c, i % 2 == 1);
		test_check(c->sentence, run_all(&run));
		test_span(c->sentence, mh_str_z(run.line), mh_str_z(want));
		test_check("few rounds", run.rounds <= 2);
		run_free(&run);
	}
}

/* What shares the registered domain is asked with the author's own. */
static void
likely_identifiers_cost_no_round(void **state)
{
	struct run run;
	(void)state;
	eval_begin(&run, &mem, &evals[7], false);
	assert_true(run_all(&run));
	test_number("one round", run.rounds, 1);
	run_free(&run);
}

/* --------------------------------------------------------------- external reports */

#define AT_B "a.org._report._dmarc.b.net TXT "

static const struct {
	const char *sentence, *rows, *destination, *want, *want_7489;
} externals[] = {
	{ "the domain itself", "", "a.org", "own", NULL },
	{ "a subdomain, by its organisation", "_dmarc.a.org TXT v=DMARC1; p=none\n", "x.a.org", "own",
	    "own" },
	{ "a subdomain of another organisation",
	    "_dmarc.a.org TXT v=DMARC1; p=none\n_dmarc.x.a.org TXT v=DMARC1; p=none; psd=n\n", "x.a.org",
	    "not", "own" },
	{ "another domain that says nothing", "", "b.net", "not", NULL },
	{ "another domain that says so", AT_B "v=DMARC1\n", "b.net", "accepted", NULL },
	{ "with a semicolon", AT_B "v=DMARC1;\n", "b.net", "accepted", NULL },
	{ "with another text beside it", AT_B "x\n" AT_B "v=DMARC1; rua=mailto:r@b.net\n", "b.net",
	    "accepted", NULL },
	{ "twice", AT_B "v=DMARC1\n" AT_B "v=DMARC1\n", "b.net", "accepted", NULL },
	{ "another text", AT_B "v=DMARC2\n", "b.net", "not", NULL },
	{ "it says so of another", "c.org._report._dmarc.b.net TXT v=DMARC1\n", "b.net", "not", NULL },
	{ "it could not be asked", "a.org._report._dmarc.b.net ERR TIMEOUT TXT\n", "b.net", "unknown", NULL },
	{ "whether it is the same organisation could not be asked", "_dmarc.org ERR TIMEOUT TXT\n", "b.org",
	    "unknown", "not" },
};

static void
destinations_are_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * MH_COUNT(externals); i++) {
		struct run run;
		const char *text = externals[i / 2].rows, *want = externals[i / 2].want;
		rows_clear(&rows);
		rows_add(&rows, text, strlen(text));
		assert_null(rows.bad);
		run_init(&run, &mem);
		run.question.domain = MH_STR("a.org");
		run.question.is_7489 = i % 2 == 1;
		run.destination = mh_str_z(externals[i / 2].destination);
		if (i % 2 == 1 && externals[i / 2].want_7489 != NULL)
			want = externals[i / 2].want_7489;
		test_check(externals[i / 2].sentence, run_all(&run));
		test_span(externals[i / 2].sentence, mh_str_z(run.line), mh_str_z(want));
		run_free(&run);
	}
}

static void
long_names(void **state)
{
	char name[254];
	struct run run;
	(void)state;
	rows_clear(&rows);
	for (size_t i = 0; i < 253; i++)
		name[i] = i % 50 == 49 ? '.' : 'a';
	name[253] = '\0';
	run_init(&run, &mem);
	run.question.domain = mh_str_z(name);
	run.finds = true;
	test_check("a name that has no place for _dmarc", run_all(&run));
	test_check("it has none", strncmp(run.line, "none ", 5) == 0);
	run_free(&run);
	run_init(&run, &mem);
	run.question.domain = mh_str_z(name);
	run.destination = MH_STR("b.net");
	test_check("a name that nobody can take reports for", run_all(&run));
	test_span("a name that nobody can take reports for", mh_str_z(run.line), MH_STR("not"));
	run_free(&run);
}

/* What goes well without some memory comes to the same. */
static bool
without_memory(struct mh_mem m, void *arg)
{
	const struct eval_case *c = arg;
	struct run run;
	eval_begin(&run, &m, c, false);
	bool good = run_all(&run);
	if (good)
		test_span(c->sentence, mh_str_z(run.line), mh_str_z(c->want));
	run_free(&run);
	return good;
}

static void
no_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(evals); i++)
		(void)test_failing_allocs(without_memory, (void *)(uintptr_t)&evals[i], true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_found),
		cmocka_unit_test(walks_are_short),
		cmocka_unit_test(messages_are_judged),
		cmocka_unit_test(likely_identifiers_cost_no_round),
		cmocka_unit_test(destinations_are_asked),
		cmocka_unit_test(long_names),
		cmocka_unit_test(no_memory),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
