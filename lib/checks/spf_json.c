/* spf_json.c - what the check "spf" found, as JSON
 *
 * The tree is nested as the records are; below MAX_DEPTH records it is cut,
 * and says so.
 */
#include "spf_check.h"

#include "error.h"

#define MAX_DEPTH 16
#define RANGES_MAX 4096 /* networks that are listed */
#define ANSWERS_MAX 32 /* records of one answer that are listed */

static void
key_str(struct mh_json *json, const char *key, struct mh_str value)
{
	mh_json_key(json, key);
	mh_json_str(json, value);
}

static void
key_int(struct mh_json *json, const char *key, int64_t value)
{
	mh_json_key(json, key);
	mh_json_int_or_null(json, value);
}

static void
key_bool(struct mh_json *json, const char *key, bool value)
{
	mh_json_key(json, key);
	mh_json_bool(json, value);
}

static const char *
state_name(const struct mh_fact *fact)
{
	static const char *const names[] = { "", "present", "nodata", "nxdomain", "unknown" };
	return fact != NULL ? names[fact->state] : "";
}

static void
write_range(struct mh_json *json, uint32_t begin, uint32_t end)
{
	mh_json_key(json, "range");
	mh_json_open(json, '[');
	mh_json_int(json, begin);
	mh_json_int(json, end);
	mh_json_close(json, ']');
}

/* write_answers - the records of an answer in presentation form, TXT as its text */
static void
write_answers(struct mh_json *json, const struct mh_fact *fact, struct mh_buf *room)
{
	for (size_t i = 0; fact != NULL && i < fact->count && i < ANSWERS_MAX; i++) {
		mh_buf_reset(room);
		mh_rr_print(room, fact->type, &fact->rr[i]);
		if (room->bad)
			json->out->bad = true;
		mh_json_str(json, mh_str_n(room->p, room->len));
	}
}

/* What a tree is written with. */
struct writer {
	struct mh_json *json;
	struct mh_buf *room;
	bool has_costs; /* the tree is surveyed: costs are those of all of it */
};

static void write_node(struct writer *writer, const struct mh_spf_node *node, int depth);

static const char *
reached_name(const struct mh_spf_step *step)
{
	switch (step->state) {
	case MH_SPF_STEP_REACHED:
		return "reached";
	case MH_SPF_STEP_SURVEYED:
		return "surveyed";
	default:
		return "not-looked-at";
	}
}

static void
write_step(struct writer *writer, const struct mh_spf_step *step, int depth)
{
	struct mh_json *json = writer->json;
	struct mh_buf *room = writer->room;

	mh_json_open(json, '{');
	key_str(json, "text", step->term->text);
	write_range(json, step->term->begin, step->term->end);
	key_int(json, "cost", writer->has_costs ? step->cost : -1);
	key_int(json, "voids", writer->has_costs ? step->voids : -1);
	key_bool(json, "void", step->is_void);
	key_bool(json, "matched", step->is_matched);
	mh_json_key(json, "state");
	mh_json_strz(json, reached_name(step));
	mh_json_key(json, "error");
	mh_json_strz(json, step->failed != 0 ? mh_spf_result_name(step->failed) : "");
	key_str(json, "target", step->target);
	key_bool(json, "dynamic", step->is_dynamic);
	mh_json_key(json, "answer");
	mh_json_strz(json, state_name(step->fact));
	mh_json_key(json, "why");
	mh_json_strz(json, step->why != NULL ? step->why : "");
	mh_json_key(json, "answers");
	mh_json_open(json, '[');
	/* The text of an included record stands in its own node. */
	if (step->term->kind != MH_SPF_INCLUDE && step->term->kind != MH_SPF_REDIRECT)
		write_answers(json, step->fact, room);
	for (size_t i = 0; i < step->hosts_count && step->hosts != NULL; i++)
		write_answers(json, step->hosts[i], room);
	mh_json_close(json, ']');
	mh_json_key(json, "child");
	if (step->child != NULL && depth < MAX_DEPTH)
		write_node(writer, step->child, depth + 1);
	else
		mh_json_null(json);
	mh_json_close(json, '}');
}

static void
write_node(struct writer *writer, const struct mh_spf_node *node, int depth)
{
	struct mh_json *json = writer->json;

	mh_json_open(json, '{');
	key_str(json, "domain", node->domain);
	key_str(json, "record", node->text);
	mh_json_key(json, "state");
	mh_json_strz(json, state_name(node->fact));
	key_int(json, "records", node->records);
	key_int(json, "lookups", writer->has_costs ? node->cost : -1);
	key_int(json, "voids", writer->has_costs ? node->voids : -1);
	key_bool(json, "loop", node->is_loop);
	key_bool(json, "cut", node->is_cut || depth == MAX_DEPTH);
	mh_json_key(json, "terms");
	mh_json_open(json, '[');
	for (uint32_t i = 0; i < node->count; i++)
		write_step(writer, &node->steps[i], depth);
	mh_json_close(json, ']');
	mh_json_close(json, '}');
}

static void
write_ranges(struct mh_json *json, const struct mh_ipset *set, struct mh_arena *arena)
{
	size_t count = 0;
	const struct mh_ip_net *nets = mh_ipset_cidr(set, arena, RANGES_MAX, &count);
	mh_json_key(json, "ranges");
	mh_json_open(json, '[');
	for (size_t i = 0; nets != NULL && i < count && i < RANGES_MAX; i++) {
		char text[MH_IP_TEXT_MAX + 8];
		size_t len = mh_ip_print(&nets[i].ip, text);
		text[len++] = '/';
		if (nets[i].prefix >= 100)
			text[len++] = (char)('0' + nets[i].prefix / 100);
		if (nets[i].prefix >= 10)
			text[len++] = (char)('0' + nets[i].prefix / 10 % 10);
		text[len++] = (char)('0' + nets[i].prefix % 10);
		mh_json_str(json, mh_str_n(text, len));
	}
	mh_json_close(json, ']');
	key_int(json, "networks", (int64_t)count);
}

/* write_addresses - who passes: how many, which networks, and what cannot be told */
static void
write_addresses(struct mh_json *json, const struct mh_spf_node *tree, struct mh_arena *arena,
    struct mh_buf *room)
{
	struct mh_spf_addresses addresses;

	mh_json_key(json, "addresses");
	if (tree == NULL) {
		mh_json_null(json);
		return;
	}
	mh_spf_addresses(arena, tree, &addresses);
	mh_json_open(json, '{');
	mh_json_key(json, "ip4");
	mh_buf_reset(room);
	mh_ipset_count_text(&addresses.pass, 4, room);
	mh_json_raw(json, room->bad ? "null" : mh_buf_z(room));
	mh_json_key(json, "ip6");
	mh_buf_reset(room);
	mh_ipset_count_text(&addresses.pass, 6, room);
	mh_json_strz(json, mh_buf_z(room));
	key_bool(json, "all", addresses.is_all);
	key_bool(json, "partial", addresses.is_partial || addresses.pass.bad);
	key_int(json, "dynamic", addresses.dynamic);
	write_ranges(json, &addresses.pass, arena);
	mh_json_close(json, '}');
}

static void
write_opinions(struct mh_json *json, struct mh_spf_check *check, struct mh_pass *view)
{
	struct mh_spf_opinion opinion;

	mh_json_key(json, "opinions");
	mh_json_open(json, '[');
	for (unsigned i = 0; mh_spf_check_opinion(check, view, i, &opinion); i++) {
		mh_json_open(json, '{');
		key_str(json, "by", opinion.by);
		mh_json_key(json, "result");
		mh_json_strz(json, mh_spf_result_name(opinion.result));
		key_str(json, "why", opinion.why);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

/* write_headers - what a receiver would write */
static void
write_headers(struct mh_json *json, const struct mh_spf_question *question,
    const struct mh_spf_verdict *verdict, struct mh_buf *room)
{
	bool has_result = verdict->result != MH_SPF_NO_RESULT;
	mh_buf_reset(room);
	if (has_result)
		mh_spf_write_received(room, question, verdict);
	key_str(json, "received_spf", mh_str_n(room->p, room->len));
	mh_buf_reset(room);
	if (has_result)
		mh_spf_write_authres(room, question, verdict);
	key_str(json, "authres", mh_str_n(room->p, room->len));
}

static void
write_verdict(struct mh_json *json, const struct mh_spf_question *question,
    const struct mh_spf_verdict *verdict)
{
	char ip[MH_IP_TEXT_MAX];
	const struct mh_finding_kind *problem = mh_finding_kind_of(verdict->finding);

	mh_json_key(json, "result");
	mh_json_strz(json, mh_spf_result_name(verdict->result));
	key_str(json, "explanation", verdict->explanation);
	key_str(json, "domain", verdict->domain);
	key_str(json, "ip", mh_str_n(ip, mh_ip_print(&question->ip, ip)));
	key_str(json, "sender", verdict->sender);
	key_str(json, "helo", question->helo);
	key_bool(json, "is_helo", verdict->is_helo);
	bool has_result = verdict->result != MH_SPF_NO_RESULT;
	key_int(json, "lookups", has_result ? verdict->lookups : -1);
	key_int(json, "voids", has_result ? verdict->voids : -1);
	key_str(json, "matched", verdict->matched);
	key_str(json, "matched_domain", verdict->matched_domain);
	key_str(json, "matched_term", verdict->matched_term);
	mh_json_key(json, "problem");
	mh_json_strz(json, problem != NULL ? problem->id : "");
}

/* write_check - the one entry of "checks" */
static void
write_check(struct mh_json *json, const struct mh_spf_verdict *verdict, const struct mh_fact *fact,
    struct mh_report *report, struct mh_str expected, struct mh_arena *arena, bool was_looked_for)
{
	char name[MH_DNAME_TEXT_MAX + 1];
	size_t len = verdict->domain.len < MH_DNAME_TEXT_MAX ? verdict->domain.len : 0;

	memcpy(name, verdict->domain.p, len);
	if (len > 0)
		name[len++] = '.';
	mh_json_open(json, '{');
	mh_json_key(json, "id");
	mh_json_strz(json, "spf");
	mh_json_key(json, "health");
	mh_json_strz(json, was_looked_for ? mh_report_health(report, "spf") : "skipped");
	key_str(json, "name", mh_str_n(name, len));
	mh_json_key(json, "type");
	mh_json_strz(json, "TXT");
	mh_json_key(json, "current");
	mh_json_open(json, '[');
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, arena);
		if (text.p != NULL && mh_spf_is_record(text))
			mh_json_str(json, text);
	}
	mh_json_close(json, ']');
	mh_json_key(json, "expected");
	mh_json_open(json, '[');
	if (expected.p != NULL)
		mh_json_str(json, expected);
	mh_json_close(json, ']');
	mh_json_key(json, "findings");
	mh_json_open(json, '[');
	for (size_t i = 0; i < mh_report_size(report); i++)
		mh_json_strz(json, mh_report_at(report, i)->kind->id);
	mh_json_close(json, ']');
	key_int(json, "ttl", fact != NULL && fact->state != MH_FACT_UNKNOWN ? (int64_t)fact->ttl : -1);
	mh_json_close(json, '}');
}

bool
mh_spf_check_result(struct mh_spf_check *check, struct mh_pass *view, struct mh_json *json)
{
	struct mh_spf_question question = check->question;
	struct mh_spf_verdict verdict, surveyed;
	struct mh_spf_node *tree = NULL;
	struct mh_buf room;
	struct writer writer = { json, &room, check->wants_lint };

	question.rules = &check->rules;
	mh_buf_init(&room, &check->mem, (size_t)1 << 20);
	mh_spf_check_verdict(check, view, &verdict);
	if (check->wants_lint || question.ip.family != 0)
		mh_spf_eval(view, &question, &surveyed, &tree, check->wants_lint);
	mh_json_key(json, "spf");
	mh_json_open(json, '{');
	write_verdict(json, &question, &verdict);
	write_headers(json, &question, &verdict, &room);
	write_opinions(json, check, view);
	mh_json_key(json, "tree");
	if (tree != NULL)
		write_node(&writer, tree, 0);
	else
		mh_json_null(json);
	write_addresses(json, check->wants_lint ? tree : NULL, view->arena, &room);
	mh_json_close(json, '}');
	bool good = !room.bad && view->error == MH_ERR_OK;
	mh_buf_free(&room);
	return good;
}

bool
mh_spf_check_json(struct mh_spf_check *check, struct mh_pass *view, struct mh_report *report,
    struct mh_str expected, struct mh_json *json)
{
	struct mh_spf_verdict verdict;

	mh_spf_check_verdict(check, view, &verdict);
	mh_json_key(json, "checks");
	mh_json_open(json, '[');
	write_check(json, &verdict, mh_known(view, verdict.domain, MH_RR_TXT), report, expected, view->arena,
	    check->wants_lint || check->question.ip.family != 0);
	mh_json_close(json, ']');
	mh_json_key(json, "results");
	mh_json_open(json, '{');
	bool good = mh_spf_check_result(check, view, json);
	mh_json_close(json, '}');
	return good;
}
