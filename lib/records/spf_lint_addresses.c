/* spf_lint_addresses.c - whom a record lets send: too many, not this one, or in more words than needed */
#include "error.h"
#include "spf_lint_own.h"

/* is_plain - whether all mechanisms in front of "all" only allow, so that their order means nothing */
static bool
is_plain(const struct mh_spf_record *record)
{
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term == record->all)
			return true;
		if (term->kind <= MH_SPF_EXISTS && term->qualifier != '+')
			return false;
	}
	return true;
}

/* is_network - whether a term is ip4 or ip6 and matches anybody */
static bool
is_network(const struct mh_spf_term *term)
{
	struct mh_ip_net net;
	return (term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6) && mh_spf_net(term, &net);
}

/* ------------------------------------------------------------- in fewer words */

/* put_networks - a set as ip4: and ip6: terms, each behind a space */
static void
put_networks(struct mh_buf *out, const struct mh_ip_net *nets, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char text[MH_IP_TEXT_MAX];
		bool is_ip6 = nets[i].ip.family == 6;
		mh_buf_puts(out, is_ip6 ? " ip6:" : " ip4:");
		mh_buf_put(out, text, mh_ip_print(&nets[i].ip, text));
		if (nets[i].prefix != (is_ip6 ? 128 : 32)) {
			mh_buf_putc(out, '/');
			mh_buf_putint(out, nets[i].prefix);
		}
	}
}

/* is_repeated - whether a term stood there before in the same words */
static bool
is_repeated(const struct mh_spf_record *record, const struct mh_spf_term *term)
{
	for (const struct mh_spf_term *before = record->terms; before < term; before++)
		if (mh_lint_is_same(before, term))
			return true;
	return false;
}

/* tell_mergeable - networks of the record that are fewer when put together */
static void
tell_mergeable(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	const struct mh_spf_record *record = tree->record;
	struct mh_arena *arena = lint->pass->arena;
	struct mh_ip_net *nets = mh_arena_alloc(arena, (record->count + 1) * sizeof(*nets));
	struct mh_ipset set;
	struct mh_buf text;
	size_t count = 0, fewer = 0;

	if (nets == NULL || !is_plain(record))
		return;
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (!is_network(term) || is_repeated(record, term))
			continue;
		(void)mh_spf_net(term, &nets[count++]);
	}
	mh_ipset_init(&set, arena);
	mh_ipset_add_nets(&set, nets, count);
	const struct mh_ip_net *merged = mh_ipset_cidr(&set, arena, count + 1, &fewer);
	if (set.bad || merged == NULL || fewer >= count)
		return;
	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	mh_buf_puts(&text, "v=spf1");
	bool is_put = false;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		bool is_merged = is_network(term) && (record->all == NULL || term < record->all);
		if (is_merged && !is_put)
			put_networks(&text, merged, fewer);
		is_put |= is_merged;
		if (is_merged)
			continue;
		mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, term->text);
	}
	char *copy = text.bad ? NULL : mh_arena_alloc(arena, text.len + 1);
	if (copy != NULL) {
		memcpy(copy, mh_buf_z(&text), text.len + 1);
		mh_lint_say_int(lint, (int64_t)count);
		mh_lint_say(lint, " networks can be written as ");
		mh_lint_say_int(lint, (int64_t)fewer);
		mh_lint_say(lint, ".");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_MERGEABLE,
			.evidence = record->text,
			.begin = -1,
			.end = -1,
			.fix = mh_lint_replace(lint, mh_str_n(copy, text.len)) });
	} else {
		lint->pass->error = MH_ERR_ENOMEM;
	}
	mh_buf_free(&text);
}

/* tell_unreachable - terms of which all has been matched before */
static void
tell_unreachable(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	struct mh_ipset before;
	unsigned told = 0;

	mh_ipset_init(&before, lint->pass->arena);
	for (uint32_t i = 0; i < tree->count && told < 16; i++) {
		const struct mh_spf_step *step = &tree->steps[i];
		struct mh_ipset own;
		if (step->term->kind > MH_SPF_EXISTS || step->term->kind == MH_SPF_ALL)
			continue;
		bool is_static = mh_spf_term_set(lint->pass->arena, step, &own);
		if (own.bad || before.bad || (tree->record->all != NULL && step->term > tree->record->all))
			return;
		if (is_static && !mh_ipset_is_empty(&own) && mh_ipset_has_all(&before, &own) &&
		    !is_repeated(tree->record, step->term)) {
			mh_lint_say(lint, "What ");
			mh_lint_say_str(lint, step->term->text);
			mh_lint_say(lint, " matches is matched by terms before it.");
			mh_lint_term(lint, MH_F_SPF_UNREACHABLE_TERM, step->term,
			    mh_lint_without(lint, step->term, MH_STR("")));
			told++;
		}
		/* what depends on the message may match less than it seems */
		if (is_static)
			mh_ipset_add_set(&before, &own);
	}
}

/* tell_cheaper - where a cheaper record is known and the limits do not press (then it stands with them) */
static void
tell_cheaper(struct mh_lint *lint)
{
	struct mh_str why = { NULL, 0 }, text = mh_spf_cheaper(lint->pass->arena, lint->tree, &why);
	if (text.len == 0)
		return;
	mh_lint_say(lint, why.p);
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_CHEAPER_RECORD,
		.evidence = text,
		.begin = -1,
		.end = -1,
		.fix = mh_lint_replace(lint, text) });
}

/* ------------------------------------------------------------------ this client */

/* put_before - the record with one term more, in front of the one that refused: "all", or one before it */
static const struct mh_lint_fix *
put_before(struct mh_lint *lint, struct mh_str term, struct mh_str refused)
{
	const struct mh_spf_record *record = lint->tree->record;
	const struct mh_spf_term *place = record->all != NULL ? record->all : record->redirect;
	struct mh_buf text;

	for (uint32_t i = 0; i < record->count; i++) {
		if (record->terms[i].kind > MH_SPF_EXISTS || !mh_str_eq(record->terms[i].text, refused))
			continue;
		place = &record->terms[i];
		break;
	}
	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	mh_buf_puts(&text, "v=spf1");
	for (uint32_t i = 0; i <= record->count; i++) {
		bool is_end = i == record->count;
		if (is_end ? place == NULL : &record->terms[i] == place) {
			mh_buf_putc(&text, ' ');
			mh_buf_putstr(&text, term);
		}
		if (is_end)
			break;
		mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, record->terms[i].text);
	}
	struct mh_str made = mh_lint_keep(lint, &text);
	return made.p != NULL ? mh_lint_replace(lint, made) : NULL;
}

/* tell_refused - the address given may not send */
static void
tell_refused(struct mh_lint *lint)
{
	const struct mh_spf_verdict *verdict = lint->verdict;
	char term[MH_IP_TEXT_MAX + 4] = "ip4:", *ip = term + 4;
	struct mh_ip client = lint->question->ip;
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (verdict == NULL ||
	    (verdict->result != MH_SPF_FAIL && verdict->result != MH_SPF_SOFTFAIL &&
		verdict->result != MH_SPF_NEUTRAL))
		return;
	if (client.family == 6 && memcmp(client.octets, mapped, 12) == 0) {
		memmove(client.octets, client.octets + 12, 4);
		client.family = 4;
	}
	if (client.family == 6)
		term[2] = '6';
	size_t len = mh_ip_print(&client, ip);
	mh_lint_say_str(lint, mh_str_n(ip, len));
	mh_lint_say(lint, " gets ");
	mh_lint_say(lint, mh_spf_result_name(verdict->result));
	if (verdict->matched.len > 0) {
		mh_lint_say(lint, " by ");
		mh_lint_say_str(lint, verdict->matched);
	}
	mh_lint_say(lint, ". If the address is yours, publish the record that is shown.");
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_NOT_AUTHORISED,
		.evidence = verdict->matched,
		.begin = -1,
		.end = -1,
		.fix = put_before(lint, mh_str_n(term, len + 4), verdict->matched) });
}

/* is_everybody - whether a set is all of IPv4 or all of IPv6 */
static bool
is_everybody(const struct mh_ipset *set)
{
	/* 2^128 is a double too */
	return !set->bad &&
	    (mh_ipset_size(set, 4) >= 4294967296.0 || mh_ipset_size(set, 6) >= 3.4028236692093846346e38);
}

/* tell_everybody - terms that let everybody send, other than the record's own +all */
static void
tell_everybody(struct mh_lint *lint, const struct mh_spf_sets *sets)
{
	const struct mh_spf_node *tree = lint->tree;
	struct mh_lint_note note = { .number = MH_F_SPF_PLUS_ALL,
		.evidence = tree->text,
		.begin = -1,
		.end = -1 };

	/* with something unknown, it is certain only if nothing can refuse */
	if (!is_everybody(&sets->pass) || mh_report_has(lint->report, MH_F_SPF_PLUS_ALL) ||
	    (sets->is_partial && !is_plain(tree->record)))
		return;
	for (uint32_t i = 0; i < tree->count; i++) {
		const struct mh_spf_term *term = tree->steps[i].term;
		struct mh_ipset own;
		if ((term->kind > MH_SPF_EXISTS && term->kind != MH_SPF_REDIRECT) || term->qualifier == '-')
			continue;
		(void)mh_spf_term_set(lint->pass->arena, &tree->steps[i], &own);
		if (!is_everybody(&own) && term->kind != MH_SPF_REDIRECT)
			continue;
		mh_lint_say_str(lint, term->text);
		mh_lint_say(lint, " lets everybody send.");
		note.evidence = term->text;
		note.begin = term->begin;
		note.end = term->end;
		if (term->kind != MH_SPF_REDIRECT)
			note.fix = mh_lint_drop(lint, term);
		mh_lint_tell(lint, &note);
		return;
	}
	mh_lint_say(lint, "Together the terms are every address there is.");
	mh_lint_tell(lint, &note);
}

void
mh_lint_addresses(struct mh_lint *lint)
{
	struct mh_spf_sets sets;

	tell_refused(lint);
	if (lint->is_parked)
		return;
	mh_spf_sets(lint->pass->arena, lint->tree, &sets);
	tell_everybody(lint, &sets);
	tell_mergeable(lint);
	if (!sets.is_partial)
		tell_unreachable(lint);
	if (lint->tree->cost < 9)
		tell_cheaper(lint);
}
