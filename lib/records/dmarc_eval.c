/* dmarc_eval.c - whether a message passes DMARC, given what SPF and DKIM came to
 *
 * An identifier's organisation is itself or above it, so only one that is at or
 * below the author's has to be asked for.  Those that share what somebody
 * registered most likely are, and are asked for with the author's own.
 */
#include "dmarc_eval.h"

#include "error.h"
#include "port.h"
#include "psl.h"

static const char *const result_names[] = { "", "none", "pass", "fail", "temperror", "permerror" };

const char *
mh_dmarc_result_name(int result)
{
	return result >= 0 && result < (int)MH_COUNT(result_names) ? result_names[result] : "";
}

int
mh_dmarc_id_result(struct mh_str word)
{
	static const char *const others[] = { "none", "fail", "softfail", "neutral", "policy", "permerror" };
	if (mh_str_ieq(word, MH_STR("pass")))
		return MH_DMARC_ID_PASS;
	if (mh_str_ieq(word, MH_STR("temperror")))
		return MH_DMARC_ID_TEMPERROR;
	for (size_t i = 0; i < MH_COUNT(others); i++)
		if (mh_str_ieq(word, mh_str_z(others[i])))
			return MH_DMARC_ID_OTHER;
	return -1;
}

struct eval {
	struct mh_pass *pass;
	const struct mh_dmarc_question *question;
	struct mh_dmarc_verdict *verdict;
	struct mh_dmarc_walk author;
	struct mh_str orgs[MH_DMARC_ORGS_MAX]; /* that can be the author's */
	unsigned orgs_count;
	struct {
		struct mh_str domain;
		unsigned char aligned;
	} seen[MH_DMARC_WALKS_MAX]; /* identifiers that were asked for */
	bool is_missing;
};

/* counts - whether an identifier may decide */
static bool
counts(const struct mh_dmarc_id *id)
{
	return id->domain.len > 0 && id->result != MH_DMARC_ID_OTHER;
}

/* guess_walks - asks for identifiers that most likely have the author's organisation */
static void
guess_walks(struct eval *e)
{
	struct mh_str domain = e->question->domain, registered = mh_psl_registrable(domain);
	unsigned asked = 0;

	for (unsigned i = 0; i < e->question->count && asked < MH_DMARC_WALKS_MAX; i++) {
		const struct mh_dmarc_id *id = &e->question->ids[i];
		if (!counts(id) || registered.len == 0 || mh_str_eq(id->domain, domain) ||
		    !mh_dname_is_under(id->domain, registered))
			continue;
		mh_dmarc_walk_want(e->pass, id->domain);
		asked++;
	}
}

/* walk_identifier - relaxed, by the organisations of both (RFC 9989 4.10.2) */
static int
walk_identifier(struct eval *e, struct mh_str domain)
{
	struct mh_dmarc_verdict *verdict = e->verdict;
	struct mh_dmarc_walk walk;
	bool is_near = false;

	for (unsigned i = 0; i < e->orgs_count; i++)
		is_near |= mh_dname_is_under(domain, e->orgs[i]);
	if (!is_near)
		return MH_DMARC_APART;
	for (unsigned i = 0; i < verdict->walks; i++)
		if (mh_str_eq(e->seen[i].domain, domain))
			return e->seen[i].aligned;
	if (verdict->walks == MH_DMARC_WALKS_MAX) {
		verdict->is_capped = true;
		return MH_DMARC_PERHAPS;
	}
	mh_dmarc_walk(e->pass, domain, &e->author, &walk);
	e->is_missing |= walk.is_missing;
	int aligned = mh_dmarc_orgs_aligned(&e->author, &walk);
	if (aligned == MH_DMARC_PERHAPS && verdict->unknown == NULL)
		verdict->unknown = walk.unknown != NULL ? walk.unknown : e->author.unknown;
	e->seen[verdict->walks].domain = domain;
	e->seen[verdict->walks++].aligned = (unsigned char)aligned;
	return aligned;
}

/* align - one identifier: enum mh_dmarc_aligned */
static int
align(struct eval *e, const struct mh_dmarc_id *id)
{
	const struct mh_dmarc *dmarc = e->verdict->found.dmarc;
	struct mh_str domain = e->question->domain;
	bool is_strict = id->is_dkim ? dmarc->is_strict_dkim : dmarc->is_strict_spf;

	if (id->domain.len == 0)
		return MH_DMARC_APART;
	if (e->question->is_7489)
		return mh_psl_aligned(domain, id->domain, is_strict) ? MH_DMARC_ALIGNED : MH_DMARC_APART;
	if (is_strict || mh_str_eq(domain, id->domain))
		return mh_str_eq(domain, id->domain) ? MH_DMARC_ALIGNED : MH_DMARC_APART;
	return walk_identifier(e, id->domain);
}

/* align_all - those of SPF first, so that a flood of signatures takes no walk from them */
static void
align_all(struct eval *e)
{
	struct mh_dmarc_verdict *verdict = e->verdict;

	for (int turn = 0; turn < 2; turn++)
		for (unsigned i = 0; i < e->question->count; i++)
			if (counts(&e->question->ids[i]) && e->question->ids[i].is_dkim == (turn == 1))
				verdict->aligned[i] = (unsigned char)align(e, &e->question->ids[i]);
}

/* decide - pass, fail, or temperror where one could still pass (RFC 9989 5.3.5, 5.3.6) */
static void
decide(struct mh_dmarc_verdict *verdict, const struct mh_dmarc_question *question)
{
	bool may_pass = false;

	for (unsigned i = 0; i < question->count; i++) {
		const struct mh_dmarc_id *id = &question->ids[i];
		int *of_kind = id->is_dkim ? &verdict->dkim : &verdict->spf;
		if (!counts(id) || verdict->aligned[i] == MH_DMARC_APART)
			continue;
		if (id->result != MH_DMARC_ID_PASS || verdict->aligned[i] != MH_DMARC_ALIGNED)
			may_pass = true;
		else if (*of_kind < 0)
			*of_kind = (int)i;
	}
	verdict->result = verdict->dkim >= 0 || verdict->spf >= 0 ? MH_DMARC_RESULT_PASS
	    : may_pass                                            ? MH_DMARC_RESULT_TEMPERROR
								  : MH_DMARC_RESULT_FAIL;
}

/* without_policy - the result where no policy applies; MISSING: one does */
static unsigned char
without_policy(const struct mh_dmarc_found *found)
{
	if (found->state == MH_DMARC_FIND_UNKNOWN)
		return MH_DMARC_RESULT_TEMPERROR;
	if (found->is_malformed)
		return MH_DMARC_RESULT_PERMERROR; /* RFC 7489 11.2 */
	if (found->state == MH_DMARC_FIND_NONE || found->policy == MH_DMARC_NO_POLICY)
		return MH_DMARC_RESULT_NONE;
	return MH_DMARC_RESULT_MISSING;
}

void
mh_dmarc_eval(struct mh_pass *pass, const struct mh_dmarc_question *question,
    struct mh_dmarc_verdict *verdict)
{
	struct eval e = { .pass = pass, .question = question, .verdict = verdict };

	*verdict = (struct mh_dmarc_verdict){ .dkim = -1, .spf = -1 };
	verdict->found = (struct mh_dmarc_found){ .org_domain = MH_STR(""), .at = MH_STR("") };
	if (question->domain.len == 0) {
		verdict->result = MH_DMARC_RESULT_NONE;
		verdict->disposition = MH_DMARC_NONE;
		return;
	}
	if (question->is_7489) {
		mh_dmarc_find_7489(pass, question->domain, NULL, &verdict->found);
	} else {
		mh_dmarc_walk(pass, question->domain, NULL, &e.author);
		guess_walks(&e);
		mh_dmarc_find(pass, &e.author, &verdict->found);
		e.orgs_count = mh_dmarc_orgs(&e.author, e.orgs);
	}
	if (verdict->found.state == MH_DMARC_FIND_MISSING || pass->error != MH_ERR_OK)
		return;
	verdict->unknown = verdict->found.state == MH_DMARC_FIND_UNKNOWN ? verdict->found.unknown : NULL;
	verdict->result = without_policy(&verdict->found);
	if (verdict->result == MH_DMARC_RESULT_MISSING) {
		align_all(&e);
		if (!e.is_missing)
			decide(verdict, question);
	}
	if (verdict->result == MH_DMARC_RESULT_FAIL)
		verdict->disposition = verdict->found.effective;
	else if (verdict->result == MH_DMARC_RESULT_PASS || verdict->result == MH_DMARC_RESULT_NONE)
		verdict->disposition = MH_DMARC_NONE;
}
