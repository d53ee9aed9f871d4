/* spf_subject.c - whom a check is about, and what is said of the result
 *
 * Before the walk: sender, local part and domain as RFC 7208 2.4 and 4.3 have
 * them.  After it: the explanation of the domain (RFC 7208 6.2), and a clause
 * for people.
 */
#include "alabel.h"
#include "error.h"
#include "find.h"
#include "port.h"
#include "spf_walk.h"
#include "text.h"

/* unmap - an IPv4-mapped IPv6 address is an IPv4 address (RFC 7208 5) */
static struct mh_ip
unmap(const struct mh_ip *ip)
{
	static const unsigned char mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	struct mh_ip out = *ip;
	if (ip->family == 6 && memcmp(ip->octets, mapped, sizeof(mapped)) == 0) {
		out = (struct mh_ip){ .family = 4 };
		memcpy(out.octets, ip->octets + 12, 4);
	}
	return out;
}

/* join - "local@domain" in the arena */
static struct mh_str
join(struct mh_pass *pass, struct mh_str local, struct mh_str domain)
{
	char *p = mh_spf_alloc(pass, local.len + 1 + domain.len);
	if (p == NULL)
		return MH_STR("");
	memcpy(p, local.p, local.len);
	p[local.len] = '@';
	if (domain.len > 0)
		memcpy(p + local.len + 1, domain.p, domain.len);
	return mh_str_n(p, local.len + 1 + domain.len);
}

/* in_a_labels - a domain as DNS has it (RFC 8616 4) */
static struct mh_str
in_a_labels(struct mh_pass *pass, struct mh_str domain)
{
	struct mh_str name = mh_alabel_name(pass->arena, domain);
	if (name.p == NULL && domain.len > 0)
		pass->error = MH_ERR_ENOMEM;
	return name;
}

/* read_sender - sender, local part and domain of the sender (RFC 7208 2.4 and 4.3) */
static void
read_sender(struct mh_spf_walk *walk)
{
	const struct mh_spf_question *question = walk->question;
	struct mh_spf_env *env = &walk->env;
	struct mh_str sender = question->sender;
	size_t at = sender.len;
	env->helo = in_a_labels(env->pass, question->helo);
	env->receiver = question->receiver.len > 0 ? question->receiver : MH_STR("unknown");
	while (at > 0 && sender.p[at - 1] != '@')
		at--;
	struct mh_str domain = mh_str_n(sender.len > 0 ? sender.p + at : NULL, sender.len - at);
	env->sender_domain = sender.len > 0 ? in_a_labels(env->pass, domain) : env->helo;
	env->local_part = at > 1 ? mh_str_n(sender.p, at - 1) : MH_STR("postmaster");
	env->sender = at > 1 && env->sender_domain.p == domain.p
	    ? sender
	    : join(env->pass, env->local_part, env->sender_domain);
	env->is_eai = mh_ascii_prefix(env->local_part) < env->local_part.len;
	walk->verdict->is_helo = sender.len == 0;
	walk->verdict->sender = at > 1 ? sender : env->sender;
	walk->verdict->local_part = env->local_part;
}

/* mh_spf_first_domain - see spf_walk.h */
bool
mh_spf_first_domain(struct mh_spf_walk *walk, struct mh_spf_name *domain)
{
	struct mh_ip ip;
	struct mh_str name = walk->question->domain.len > 0
	    ? in_a_labels(walk->env.pass, walk->question->domain)
	    : walk->env.sender_domain;
	struct mh_str whole = name;
	if (whole.len > 0 && whole.p[whole.len - 1] == '.')
		whole.len--;
	walk->verdict->domain = MH_STR("");
	/* Nothing is cut off here: a name that is too long is none.  Neither is an address. */
	if (whole.len > MH_NAME_MAX || (whole.len > 0 && whole.p[0] == '[') || mh_ip_parse(whole, &ip) ||
	    mh_spf_name_of(walk->env.pass, name, domain) != MH_SPF_EXPANDED)
		return false;
	walk->verdict->domain = domain->canonical;
	return true;
}

/* mh_spf_begin - see spf_walk.h */
void
mh_spf_begin(struct mh_spf_walk *walk, struct mh_pass *pass, const struct mh_spf_question *question,
    struct mh_spf_verdict *verdict)
{
	*verdict = (struct mh_spf_verdict){ .begin = -1, .end = -1 };
	walk->env.pass = pass;
	walk->env.ip = unmap(&question->ip);
	walk->env.now = question->now;
	walk->question = question;
	walk->rules = question->rules != NULL ? question->rules : &mh_spf_rfc7208;
	walk->env.ptr_limit = walk->rules->ptr_limit;
	walk->verdict = verdict;
	walk->lookups = walk->voids = walk->surveyed = walk->survey_questions = 0;
	walk->has_client = walk->env.ip.family != 0;
	walk->is_open = walk->has_void_ptr = false;
	walk->explained = NULL;
	read_sender(walk);
}

/* mh_spf_subject - see spf_eval.h */
bool
mh_spf_subject(struct mh_pass *pass, const struct mh_spf_question *question, struct mh_spf_verdict *verdict)
{
	struct mh_spf_walk walk;
	struct mh_spf_name domain;
	struct mh_spf_verdict subject;
	mh_spf_begin(&walk, pass, question, &subject);
	bool has_domain = mh_spf_first_domain(&walk, &domain);
	verdict->domain = subject.domain;
	verdict->sender = subject.sender;
	verdict->local_part = subject.local_part;
	verdict->is_helo = subject.is_helo;
	return has_domain;
}

/* ------------------------------------------------------------------ explanation */

/* mh_spf_explain - see spf_walk.h */
void
mh_spf_explain(struct mh_spf_walk *walk)
{
	struct mh_spf_name target;
	struct mh_str text;
	const struct mh_spf_term *exp = walk->explained != NULL ? walk->explained->exp : NULL;
	if (exp == NULL || !walk->question->wants_explanation)
		return;
	walk->env.may_ask = true;
	int result = mh_spf_target(&walk->env, &walk->explained_domain, exp->domain, &target);
	if (result != MH_SPF_EXPANDED)
		return;
	const struct mh_fact *fact = mh_want(walk->env.pass, target.canonical, MH_RR_TXT);
	if (fact == NULL || !mh_fact_is_present(fact) || fact->count != 1)
		return;
	text = mh_rr_text(fact, 0, walk->env.pass->arena);
	if (text.p == NULL) {
		if (text.len == 0)
			walk->env.pass->error = MH_ERR_ENOMEM;
		return;
	}
	(void)mh_spf_expand_text(&walk->env, &walk->explained_domain, text, &walk->verdict->explanation);
}

/* ---------------------------------------------------------------- in one clause */

struct clause {
	char text[512];
	size_t len;
};

/* say - adds what there is room for */
static void
say(struct clause *clause, struct mh_str s)
{
	size_t room = sizeof(clause->text) - clause->len, len = s.len < room ? s.len : room;
	if (len > 0)
		memcpy(clause->text + clause->len, s.p, len);
	clause->len += len;
}

/* What is said of a fault, in front of the number that was exceeded or of what is at fault. */
static const struct {
	int finding;
	const char *before, *behind;
} said[] = {
	{ MH_F_SPF_SYNTAX, "this cannot be read: ", "" },
	{ MH_F_SPF_MULTIPLE_RECORDS, "there are several SPF records at ", "" },
	{ MH_F_SPF_TOO_MANY_LOOKUPS, "more than ", " terms ask DNS" },
	{ MH_F_SPF_TOO_MANY_VOIDS, "more than ", " lookups find nothing" },
	{ MH_F_SPF_INCLUDE_MISSING, "no SPF record is found for ", "" },
	{ MH_F_SPF_REDIRECT_MISSING, "no SPF record is found for ", "" },
	{ MH_F_SPF_MX_LIMIT, "there are too many MX hosts for ", "" },
	{ MH_F_SPF_INCLUDE_LOOP, "the records lead in a circle through ", "" },
};

/* put_number - a limit; "any" for none */
static void
put_number(struct clause *clause, int number)
{
	char digits[12];
	size_t len = 0;
	if (number < 0) {
		say(clause, MH_STR("any"));
		return;
	}
	do
		digits[sizeof(digits) - ++len] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	say(clause, mh_str_n(digits + sizeof(digits) - len, len));
}

/* put_fault - why there was an error */
static void
put_fault(struct clause *clause, const struct mh_spf_verdict *verdict, const struct mh_spf_rules *rules)
{
	if (verdict->finding == MH_F_DNS_UNKNOWN && verdict->fact != NULL) {
		say(clause, MH_STR("nothing is known of "));
		say(clause, verdict->subject);
		say(clause, MH_STR(": "));
		say(clause, mh_str_z(mh_why_text(verdict->fact->why)));
	}
	for (size_t i = 0; i < MH_COUNT(said); i++) {
		if (said[i].finding != verdict->finding)
			continue;
		say(clause, mh_str_z(said[i].before));
		if (verdict->finding == MH_F_SPF_TOO_MANY_LOOKUPS)
			put_number(clause, rules->term_limit);
		else if (verdict->finding == MH_F_SPF_TOO_MANY_VOIDS)
			put_number(clause, rules->void_limit);
		else if (verdict->finding == MH_F_SPF_MULTIPLE_RECORDS)
			say(clause, verdict->subject);
		else
			say(clause, verdict->evidence);
		say(clause, mh_str_z(said[i].behind));
	}
}

/* mh_spf_why_result - see spf_eval.h */
struct mh_str
mh_spf_why_result(struct mh_arena *arena, const struct mh_spf_verdict *verdict,
    const struct mh_spf_rules *rules)
{
	struct clause clause;
	clause.len = 0;
	if (verdict->result == MH_SPF_NO_RESULT)
		return MH_STR("");
	if (verdict->finding != 0) {
		put_fault(&clause, verdict, rules);
	} else if (verdict->result == MH_SPF_NONE) {
		say(&clause, MH_STR("there is no SPF record"));
	} else if (verdict->matched.len == 0) {
		say(&clause, MH_STR("no term matched"));
	} else {
		say(&clause, MH_STR("the term "));
		say(&clause, verdict->matched);
		say(&clause, MH_STR(" matched"));
	}
	/* Where others would have stopped. */
	if (rules->void_limit < 0 && verdict->voids > mh_spf_rfc7208.void_limit)
		say(&clause, MH_STR(", with no limit on empty answers"));
	if (verdict->finding != MH_F_SPF_TOO_MANY_LOOKUPS && verdict->lookups > mh_spf_rfc7208.term_limit) {
		say(&clause, MH_STR(", with up to "));
		put_number(&clause, rules->term_limit);
		say(&clause, MH_STR(" terms allowed"));
	}
	char *copy = mh_arena_alloc(arena, clause.len + 1);
	if (copy == NULL)
		return MH_STR("");
	memcpy(copy, clause.text, clause.len);
	copy[clause.len] = '\0';
	return mh_str_n(copy, clause.len);
}
