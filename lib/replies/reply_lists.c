/* reply_lists.c - what a reply has several of
 *
 * Addresses, ids, blocklists, advice, checks: worked out when first asked for,
 * and kept in the answer's arena until the next parse.  Also where code,
 * status and words disagree.
 */
#include "answer.h"

#include "error.h"
#include "json.h"
#include "net.h"
#include "port.h"

/* in_arena - a span as a printable string that lives until the next parse; NULL without memory */
static const char *
in_arena(struct mh_answer *answer, struct mh_str s)
{
	struct mh_buf out;
	mh_buf_init(&out, &answer->mem, OUTPUT_MAX);
	bool plain = true;
	for (size_t i = 0; i < s.len && plain; i++)
		plain = s.p[i] >= ' ' && s.p[i] < 0x7f;
	if (!plain) {
		mh_printable(&out, s, SIZE_MAX);
		s = mh_buf_str(&out);
	}
	char *copy = mh_arena_alloc(&answer->arena, s.len + 1);
	if (copy != NULL && !out.bad) {
		memcpy(copy, s.p, s.len);
		copy[s.len] = '\0';
	} else {
		answer->no_memory = true;
		copy = NULL;
	}
	mh_buf_free(&out);
	return copy;
}

/* add_item - unless one with the same text is there */
static void
add_item(struct mh_answer *answer, int list, size_t room, const struct item *item)
{
	struct items *items = &answer->lists[list];
	if (items->at == NULL)
		items->at = mh_arena_alloc(&answer->arena, room * sizeof(struct item));
	answer->no_memory |= items->at == NULL;
	if (items->at == NULL || items->count == room)
		return;
	for (size_t i = 0; i < items->count; i++)
		if (strcmp(items->at[i].id, item->id) == 0 && strcmp(items->at[i].text, item->text) == 0)
			return;
	items->at[items->count++] = *item;
}

static void
add_id(struct mh_answer *answer, int list, size_t room, const char *id)
{
	add_item(answer, list, room, &(struct item){ id, "", 0, 0 });
}

/* is_answering_server - whether an address in brackets is that of the server that answered, as MTAs
 * write it around a reply: "host mx.example.org[192.0.2.1] said: 550 ...", "connect to NAME[ADDRESS]:25:".
 * It is not the address that was refused, and nobody's to delist. */
static bool
is_answering_server(struct mh_str text, size_t begin, size_t end)
{
	static const char *const behind[] = { " said:", " said (",
		" refused to talk to me:", ": SMTP error from remote" };
	static const char *const before[] = { "connect to ", "lost connection with ", "conversation with " };
	size_t name = begin;
	if (begin < 2 || text.p[begin - 1] != '[' || end == text.len || text.p[end] != ']')
		return false;
	struct mh_str rest = mh_str_n(text.p + end + 1, text.len - end - 1);
	for (size_t i = 0; i < MH_COUNT(behind); i++)
		if (mh_str_istarts(rest, mh_str_z(behind[i])))
			return true;
	name -= text.p[begin - 2] == ' ' ? 2 : 1;
	while (name > 0 && begin - name < 256 && text.p[name - 1] != ' ')
		name--;
	for (size_t i = 0; i < MH_COUNT(before); i++)
		if (mh_str_iends(mh_str_n(text.p, name), mh_str_z(before[i])))
			return true;
	/* Exim: "... after RCPT TO:<a@example.org>: host mx.example.org [192.0.2.1]: 550 ..." */
	return mh_str_iends(mh_str_n(text.p, name), MH_STR(": host ")) && rest.len > 2 && rest.p[0] == ':' &&
	    rest.p[1] == ' ' && mh_is_digit(rest.p[2]);
}

static void
list_entities(struct mh_answer *answer)
{
	const struct mh_str all = mh_str_n(answer->decode.text.p, answer->decode.text.len);
	static const int list_of[] = { 0, MH_L_IP, MH_L_DOMAIN, MH_L_EMAIL, MH_L_URL, 0, 0 };
	for (uint32_t i = 0; i < answer->scan.entity_count; i++) {
		const struct mh_entity *entity = &answer->scan.entities[i];
		int list = list_of[entity->kind];
		if (list == 0 || (list == MH_L_DOMAIN && entity->owner.list != 0))
			continue; /* a blocklist's zone is told as a blocklist */
		if (list == MH_L_IP && is_answering_server(all, entity->begin, entity->end))
			continue;
		struct mh_str text =
		    mh_str_n(answer->decode.text.p + entity->begin, entity->end - entity->begin);
		struct item item = { "", "", entity->begin, entity->end };
		struct mh_ip ip;
		char canonical[MH_IP_TEXT_MAX];
		if (list == MH_L_IP && mh_ip_parse(text, &ip))
			text = mh_str_n(canonical, mh_ip_print(&ip, canonical));
		item.text = in_arena(answer, text);
		if (item.text == NULL)
			return;
		add_item(answer, list, MH_SCAN_ENTITIES, &item);
	}
	for (size_t i = 0; i < answer->facts.id_count; i++) {
		uint32_t begin = answer->facts.ids[i].begin, end = answer->facts.ids[i].end;
		struct item item = { "",
			in_arena(answer, mh_str_n(answer->decode.text.p + begin, end - begin)), begin, end };
		if (item.text == NULL)
			return;
		add_item(answer, MH_L_ID, MH_FACTS_IDS, &item);
	}
}

/* add_advice - one step, or what stands for it */
static void
add_advice(struct mh_answer *answer, uint32_t number)
{
	const struct mh_advice *advice;
	const struct mh_ruleset *set = mh_layers_advice(&answer->book->layers, number, &advice);
	if (set == NULL)
		return;
	/* RFC 5321 4.2.1: after 5yz the same request is not to be repeated, and 4.5.4.1: what failed
	 * for good leaves the queue.  Nothing is left there that could wait. */
	if (answer->code / 100 == 5 && strcmp(mh_pool(set, advice->id), "wait-and-retry") == 0) {
		int again = mh_layers_find_advice(&answer->book->layers, MH_STR("send-again"));
		if (again >= 0)
			set = mh_layers_advice(&answer->book->layers, (uint32_t)again, &advice);
	}
	struct item item = { mh_pool(set, advice->id), mh_answer_prose(answer, set, advice->text), 0, 0 };
	add_item(answer, MH_L_ADVICE, MH_ADVICE_MAX, &item);
}

/* mh_forwarding_reason - whether mail that is handed on is refused so for having been handed on */
bool
mh_forwarding_reason(const char *reason)
{
	static const char *const reasons[] = { "auth-spf", "auth-dkim", "auth-dmarc", "auth-none",
		"spam-content", "ip-reputation", "ip-blocked", "domain-reputation", "policy-rejected",
		"rate-limited", "sender-rejected" };
	for (size_t i = 0; i < MH_COUNT(reasons); i++)
		if (strcmp(reason, reasons[i]) == 0)
			return true;
	return false;
}

/* advise - what the rule advises, then the reason */
static void
advise(struct mh_answer *answer, const struct mh_reason *reason)
{
	const struct mh_ruleset *set;
	const char *step = answer->frame.advice;
	if (answer->frame.forwarded && mh_forwarding_reason(mh_pool(mh_answer_lowest(answer), reason->id)))
		step = "forwarding-srs-arc";
	int first = step != NULL ? mh_layers_find_advice(&answer->book->layers, mh_str_z(step)) : -1;
	if (first >= 0)
		add_advice(answer, (uint32_t)first);
	if (answer->frame.no_failure)
		return;
	int dead = mh_answer_closed_list(answer, &set) != NULL
	    ? mh_layers_find_advice(&answer->book->layers, MH_STR("dead-list"))
	    : -1;
	if (dead >= 0) { /* there is nothing to look up, and nobody there to ask */
		add_advice(answer, (uint32_t)dead);
		return;
	}
	const struct mh_rule *rule = mh_answer_told_rule(answer, &set);
	for (uint32_t i = 0; rule != NULL && i < rule->advice_count; i++)
		add_advice(answer, set->advice_refs[rule->advice + i]);
	for (uint32_t i = 0; i < reason->advice_count; i++)
		add_advice(answer, mh_answer_lowest(answer)->advice_refs[reason->advice + i]);
}

static bool
is_one_of(const char *id, const char *const *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

/* disagree - where code, enhanced status code, words and what was given contradict each other */
static void
disagree(struct mh_answer *answer)
{
	/* Reasons that pass by themselves, and reasons that do not. */
	static const char *const passing[] = { "greylisted", "server-unavailable", "too-many-connections" };
	static const char *const lasting[] = { "user-unknown", "user-moved", "address-syntax",
		"domain-no-mail", "message-too-big", "virus", "relay-denied" };
	const struct mh_answer_options *options = &answer->options;
	const struct mh_candidate *candidate = mh_answer_best(answer);
	const char *reason = mh_answer_str(answer, MH_A_REASON);
	int class = answer->code / 100;
	enum { ROOM = 8 };
	if (answer->code != 0 && answer->status.class != 0 && class != answer->status.class && class != 3)
		add_id(answer, MH_L_DISAGREEMENT, ROOM, "code-vs-status");
	bool by_words = candidate != NULL && candidate->by == MH_BY_RULE && candidate->end > candidate->begin;
	if (by_words &&
	    ((class == 5 &&
		 (is_one_of(reason, passing, MH_COUNT(passing)) || answer->facts.retry_after_s >= 0)) ||
		(class == 4 && is_one_of(reason, lasting, MH_COUNT(lasting)))))
		add_id(answer, MH_L_DISAGREEMENT, ROOM, "code-vs-text");
	const struct mh_status_row *row = answer->status.class == 0
	    ? NULL
	    : mh_ruleset_status(mh_answer_lowest(answer), answer->status.class, answer->status.subject,
		  answer->status.detail);
	if (by_words && row != NULL && row->weight >= 45 && row->reason != MH_NO_REASON &&
	    row->reason != candidate->reason)
		add_id(answer, MH_L_DISAGREEMENT, ROOM, "status-vs-text");
	if (options->code != 0 && options->code != answer->code)
		add_id(answer, MH_L_DISAGREEMENT, ROOM, "code-vs-given");
	if (options->status.class != 0 &&
	    (options->status.class != answer->status.class ||
		options->status.subject != answer->status.subject ||
		options->status.detail != answer->status.detail))
		add_id(answer, MH_L_DISAGREEMENT, ROOM, "status-vs-given");
	const struct mh_line *first = answer->scan.lines;
	for (uint32_t i = 1; i < answer->scan.line_count; i++) {
		const struct mh_line *line = &answer->scan.lines[i];
		if (line->code != 0 && first->code != 0 && line->code != first->code)
			add_id(answer, MH_L_DISAGREEMENT, ROOM, "line-codes");
		if (line->status.class != 0 && first->status.class != 0 &&
		    (line->status.class != first->status.class ||
			line->status.subject != first->status.subject ||
			line->status.detail != first->status.detail))
			add_id(answer, MH_L_DISAGREEMENT, ROOM, "line-statuses");
	}
}

void
mh_answer_work_out(struct mh_answer *answer)
{
	static const char *const scopes[] = MH_SCOPE_NAMES;
	static const char *const checks[] = MH_NEXT_NAMES;
	if (answer->has_lists)
		return;
	bool missed = answer->no_memory; /* something else */
	answer->no_memory = false;
	memset(answer->lists, 0, sizeof(answer->lists));
	mh_answer_work_out_facts(answer);
	const struct mh_reason *reason = mh_answer_reason_row(answer);
	const struct mh_ruleset *set = NULL;
	const struct mh_rule *rule = mh_answer_rule_row(answer, &set);
	mh_match_others(&answer->match, &answer->scan);
	for (uint32_t i = 1; i < answer->match.count; i++)
		add_id(answer, MH_L_ALTERNATIVE, MH_MATCH_REASONS,
		    mh_pool(mh_answer_lowest(answer),
			mh_answer_lowest(answer)->reasons[answer->match.best[i].reason].id));
	unsigned scope = rule != NULL && rule->scope != 0 ? rule->scope : reason->scope;
	for (size_t i = 0; i < MH_COUNT(scopes); i++)
		if ((scope & 1u << i) != 0)
			add_id(answer, MH_L_SCOPE, MH_SCOPE_COUNT, scopes[i]);
	for (size_t i = 0; i < MH_COUNT(checks); i++)
		if ((reason->next & 1u << i) != 0 ||
		    (answer->frame.forwarded && strcmp(checks[i], "forwarding") == 0))
			add_id(answer, MH_L_NEXT, MH_NEXT_COUNT, checks[i]);
	advise(answer, reason);
	disagree(answer);
	list_entities(answer);
	answer->has_lists = !answer->no_memory; /* else it is tried again when next asked for */
	answer->no_memory |= missed;
}

size_t
mh_answer_count(struct mh_answer *answer, int list)
{
	if (!answer->parsed || list < MH_L_LINE || list > MH_L_LIMIT)
		return 0;
	if (list == MH_L_LINE)
		return answer->scan.line_count;
	if (list == MH_L_BLOCKLIST)
		return answer->match.list_count;
	mh_answer_work_out(answer);
	return list == MH_L_LIMIT ? answer->facts.limit_count : answer->lists[list].count;
}

static const char *
line_str(struct mh_answer *answer, size_t i, int field)
{
	if (field != MH_I_STATUS && field != MH_I_TEXT)
		return "";
	if (answer->lines == NULL) {
		answer->lines = mh_arena_alloc(&answer->arena, answer->scan.line_count * sizeof(struct item));
		answer->no_memory |= answer->lines == NULL;
		for (uint32_t k = 0; answer->lines != NULL && k < answer->scan.line_count; k++)
			answer->lines[k] = (struct item){ NULL, NULL, 0, 0 };
	}
	const struct mh_line *line = &answer->scan.lines[i];
	struct item *kept = answer->lines != NULL ? &answer->lines[i] : NULL;
	if (kept == NULL)
		return "";
	if (kept->id == NULL && field == MH_I_STATUS) {
		char status[16];
		mh_answer_print_status(line->status, status);
		kept->id = status[0] != '\0' ? in_arena(answer, mh_str_z(status)) : "";
	}
	if (kept->text == NULL && field == MH_I_TEXT)
		kept->text = line->end <= line->text
		    ? ""
		    : in_arena(answer,
			  mh_str_trim(mh_str_n(answer->decode.text.p + line->text, line->end - line->text)));
	const char *text = field == MH_I_STATUS ? kept->id : kept->text;
	return text != NULL ? text : "";
}

static const char *
blocklist_str(struct mh_answer *answer, size_t i, int field)
{
	static const char *const kinds[] = MH_LIST_KIND_NAMES;
	const struct mh_list *list = NULL;
	const struct mh_ruleset *set =
	    mh_layers_list(&answer->book->layers, answer->match.lists[i].list, &list);
	if (set == NULL)
		return "";
	switch (field) {
	case MH_I_ID:
		return mh_pool(set, list->id);
	case MH_I_NAME:
		return list->name != 0 ? mh_answer_prose(answer, set, list->name) : mh_pool(set, list->id);
	case MH_I_ZONE:
		return list->zone_count > 0 ? mh_pool(set, set->zones[list->zone]) : "";
	case MH_I_KIND:
		return kinds[list->kind];
	case MH_I_DELIST:
		return mh_answer_prose(answer, set, list->delist);
	case MH_I_TEXT:
		return mh_answer_prose(answer, set, list->note);
	default:
		return "";
	}
}

static const char *
advice_url(struct mh_answer *answer, const char *id)
{
	const struct mh_advice *advice = NULL;
	int number = mh_layers_find_advice(&answer->book->layers, mh_str_z(id));
	const struct mh_ruleset *set =
	    number < 0 ? NULL : mh_layers_advice(&answer->book->layers, (uint32_t)number, &advice);
	if (set == NULL)
		return "";
	/* the page of the list that is named, if it has one, is nearer than one that asks many */
	for (size_t i = 0; strcmp(id, "delist") == 0 && i < answer->match.list_count; i++) {
		const char *page = blocklist_str(answer, i, MH_I_DELIST);
		if (page[0] != '\0')
			return page;
	}
	return mh_answer_prose(answer, set, advice->url);
}

const char *
mh_answer_item_str(struct mh_answer *answer, int list, size_t i, int field)
{
	if (i >= mh_answer_count(answer, list))
		return "";
	if (list == MH_L_LINE)
		return line_str(answer, i, field);
	if (list == MH_L_BLOCKLIST)
		return blocklist_str(answer, i, field);
	if (list == MH_L_LIMIT)
		return field == MH_I_WHAT ? answer->facts.limits[i].what : "";
	const struct item *item = &answer->lists[list].at[i];
	if (field == MH_I_ID)
		return item->id;
	if (field == MH_I_TEXT)
		return item->text;
	return field == MH_I_URL && list == MH_L_ADVICE ? advice_url(answer, item->id) : "";
}

int64_t
mh_answer_item_int(struct mh_answer *answer, int list, size_t i, int field)
{
	uint32_t begin, end;
	if (i >= mh_answer_count(answer, list))
		return -1;
	if (list == MH_L_LIMIT)
		return field == MH_I_COUNT ? answer->facts.limits[i].count
		    : field == MH_I_PER_S  ? answer->facts.limits[i].per_s
					   : -1;
	if (list == MH_L_LINE) {
		begin = answer->scan.lines[i].begin;
		end = answer->scan.lines[i].end;
		if (field == MH_I_CODE)
			return answer->scan.lines[i].code != 0 ? answer->scan.lines[i].code : -1;
	} else if (list == MH_L_BLOCKLIST) {
		begin = answer->match.lists[i].begin;
		end = answer->match.lists[i].end;
	} else if (list >= MH_L_IP && list <= MH_L_ID) {
		begin = answer->lists[list].at[i].begin;
		end = answer->lists[list].at[i].end;
	} else {
		return -1;
	}
	if (answer->frame.no_place)
		return -1;
	if (field == MH_I_SPAN_BEGIN)
		return (int64_t)(mh_decode_begin(&answer->decode, begin) + answer->frame.origin);
	return field == MH_I_SPAN_END ? (int64_t)(mh_decode_end(&answer->decode, end) + answer->frame.origin)
				      : -1;
}
