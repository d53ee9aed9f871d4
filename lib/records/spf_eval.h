/* spf_eval.h - may this address send for this domain: check_host() of RFC 7208 4
 *
 * Straight-line code over facts.  A term whose fact is missing counts as no
 * match and the walk goes on, to name what else it could need: within the ten
 * terms over the tree known so far, ten names of an mx, and never "exists:" or
 * "ptr", which are asked for only when reached.  Such a pass has no verdict.
 * Only what the walk reaches counts against the limits of RFC 7208 4.6.4.
 *
 * RFC 7208, RFC 8616, errata 5436 and others where the code names them
 */
#ifndef MH_SPF_EVAL_H
#define MH_SPF_EVAL_H

#include "spf.h"
#include "work.h"

enum mh_spf_result {
	MH_SPF_NO_RESULT, /* a fact was missing */
	MH_SPF_NONE,
	MH_SPF_NEUTRAL,
	MH_SPF_PASS,
	MH_SPF_FAIL,
	MH_SPF_SOFTFAIL,
	MH_SPF_TEMPERROR,
	MH_SPF_PERMERROR,
};
const char *mh_spf_result_name(int result); /* "pass"; "" for NO_RESULT */
int mh_spf_result_find(struct mh_str name); /* any letter case; -1 */

/* How empty answers are counted. */
enum mh_spf_voids {
	MH_SPF_VOIDS_PER_TERM, /* a term is void if all that it looked up was; the default */
	MH_SPF_VOIDS_PER_QUERY, /* every empty answer, as the words of RFC 7208 4.6.4 have it */
	MH_SPF_VOIDS_BOTH_FAMILIES, /* per term, and void only if there is neither A nor AAAA */
};

/* A receiver's rules.  Profiles by name: "rfc7208", "void-per-query", "no-void-limit", "rspamd-30". */
struct mh_spf_rules {
	const char *name;
	const char *who; /* whose rules they are, for people */
	int term_limit; /* 10 */
	int void_limit; /* 2; -1: none */
	int mx_limit, ptr_limit; /* 10 */
	uint8_t voids;
	bool is_lax; /* what cannot be read is skipped instead of permerror, "ipv4:" is "ip4:" */
};
extern const struct mh_spf_rules mh_spf_rfc7208;
const struct mh_spf_rules *mh_spf_rules_at(size_t i); /* NULL past the end; the first is mh_spf_rfc7208 */
const struct mh_spf_rules *mh_spf_rules_find(struct mh_str name); /* NULL: none */

struct mh_spf_question {
	struct mh_ip ip; /* IPv4-mapped is read as IPv4; family 0: no address, survey only */
	struct mh_str domain; /* <domain>; len 0: of sender, else helo */
	struct mh_str sender; /* MAIL FROM without <>; len 0: postmaster@helo */
	struct mh_str helo;
	struct mh_str receiver; /* %{r}; len 0: "unknown" */
	int64_t now; /* %{t}, seconds since the epoch; -1: 0 */
	const struct mh_spf_rules *rules;
	bool wants_explanation; /* fetch exp= after a fail */
};

/* The walk as data.  A node is one record that was looked for, a step one term of it. */
enum mh_spf_step_state {
	MH_SPF_STEP_NOT_LOOKED_AT, /* behind the end of the walk, and no survey */
	MH_SPF_STEP_SURVEYED, /* looked at for the whole picture; the walk did not come here */
	MH_SPF_STEP_REACHED,
};

struct mh_spf_node;
struct mh_spf_step {
	const struct mh_spf_term *term;
	uint8_t state;
	bool is_matched, is_void; /* is_void: it counts as one */
	uint8_t failed; /* MH_SPF_TEMPERROR or MH_SPF_PERMERROR if this term ended the walk so, else 0 */
	uint16_t cost; /* terms counted by it and everything below it; the survey's, whatever was reached */
	uint16_t voids; /* likewise */
	struct mh_str target; /* canonical name asked for; len 0: none, or it cannot be known (macros) */
	bool is_dynamic; /* target depends on the sender, client or HELO: %{i} and the like */
	const struct mh_fact *fact; /* what was asked of target (MX for mx, PTR for ptr); NULL: nothing */
	/* Addresses that were asked for besides; NULL entries: not asked.  Of mx by the walk: one for each name; by
	 * the survey: A of each name, then AAAA of each.  Of a by the survey: those of the other family. */
	const struct mh_fact **hosts;
	uint16_t hosts_count;
	struct mh_spf_node *child; /* of include and redirect; NULL: not looked at */
	const char *why; /* one sentence about this step for people, or "" */
};

struct mh_spf_node {
	struct mh_str domain; /* canonical */
	struct mh_str text; /* the record; len 0: there is none */
	struct mh_spf_record *record; /* NULL: there is none, or several */
	const struct mh_fact *fact; /* TXT; NULL: missing */
	uint16_t records; /* how many v=spf1 records there are */
	uint16_t cost, voids; /* of all steps, the survey's: what a client that matches nothing costs */
	bool is_loop; /* it is above itself in the tree: not entered again */
	bool is_cut; /* the survey's budget ended here */
	struct mh_spf_step *steps; /* one for each term of record, in its order */
	uint32_t count;
};

struct mh_spf_verdict {
	int result; /* enum mh_spf_result */
	int finding; /* MH_F_SPF_... or MH_F_DNS_UNKNOWN behind a permerror or temperror; 0: none */
	struct mh_str subject; /* name of the record or question at fault */
	struct mh_str evidence; /* term or record at fault */
	int64_t begin, end; /* octets of that record; -1: all */
	const struct mh_fact *fact; /* that was unknown, for temperror */
	struct mh_str
	    matched; /* the term that decided, as written in the domain's own record; len 0: none (default) */
	struct mh_str matched_domain; /* and where in the tree the address was found, "_spf.example.net" */
	struct mh_str matched_term; /* the innermost term that matched there, "ip4:192.0.2.0/24" */
	struct mh_str explanation; /* printable ASCII (RFC 7208 6.2); len 0: none */
	struct mh_str domain, sender, local_part; /* as used: canonical; whole; without domain */
	int lookups, voids; /* counted by the walk */
	bool is_helo; /* sender was null: postmaster@helo was checked */
};

/* mh_spf_eval - one pass: a verdict in *verdict (NO_RESULT while pass->missing > 0).  tree (NULL is
 * fine) gets the root node: with survey also what the walk did not reach, all of it that can be known
 * without a client (terms with client macros are dynamic), asking for it within MH_SPF_SURVEY_TERMS
 * counted terms and some 240 questions.  Everything is in pass->arena. */
#define MH_SPF_SURVEY_TERMS 60
void mh_spf_eval(struct mh_pass *pass, const struct mh_spf_question *question, struct mh_spf_verdict *verdict,
    struct mh_spf_node **tree, bool survey);

/* mh_spf_subject - of the verdict no more than whom it is about: domain, sender, local_part, is_helo; false: there
 * is no domain, or none that can be */
bool mh_spf_subject(struct mh_pass *pass, const struct mh_spf_question *question,
    struct mh_spf_verdict *verdict);
/* mh_spf_why_result - one clause about why these rules came to this verdict, for people: "no limit on
 * empty answers", "the term -all matched"; in arena, len 0 if there is nothing to say */
struct mh_str mh_spf_why_result(struct mh_arena *arena, const struct mh_spf_verdict *verdict,
    const struct mh_spf_rules *rules);

/* mh_spf_write_received - a Received-SPF header field (RFC 7208 9.1), one line without its end;
 * mh_spf_write_authres - "spf=pass smtp.mailfrom=..." (RFC 8601 2.7.2); hostile text is quoted safely */
void mh_spf_write_received(struct mh_buf *out, const struct mh_spf_question *question,
    const struct mh_spf_verdict *verdict);
void mh_spf_write_authres(struct mh_buf *out, const struct mh_spf_question *question,
    const struct mh_spf_verdict *verdict);

/* What stands in a header field of either kind. */
struct mh_spf_stamp {
	int result; /* enum mh_spf_result, NO_RESULT: none could be read */
	struct mh_str comment, reason; /* comments without brackets; reason= */
	struct mh_str client_ip, envelope_from, helo, receiver, identity, mechanism, problem;
	struct mh_str authserv_id; /* Authentication-Results only */
};
/* mh_spf_read_received - value of a Received-SPF field; false: it is none (RFC 7208 9.1).  Spans are in arena.
 * mh_spf_read_authres - the spf part of an Authentication-Results value (RFC 8601 2.2); false: there is none */
bool mh_spf_read_received(struct mh_arena *arena, struct mh_str value, struct mh_spf_stamp *stamp);
bool mh_spf_read_authres(struct mh_arena *arena, struct mh_str value, struct mh_spf_stamp *stamp);

#endif
