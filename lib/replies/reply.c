/* reply.c - one reply, understood
 *
 * RFC 5321 4.2 says what a reply is; RFC 2034 and RFC 3463 what its enhanced
 * status code is.  Little of that is kept in the wild, and logs and DSNs add
 * their own ways of writing a reply down, so that everything is tolerated and
 * what is odd becomes a finding.
 */
#include "reply.h"

#include "error.h"
#include "json.h"
#include "net.h"
#include "port.h"

#define ARENA_KEEP (256u * 1024)
#define OUTPUT_MAX (1024u * 1024)

struct item {
	const char *id, *text;
	uint32_t begin, end;
};

struct items {
	struct item *at;
	size_t count;
};

struct unpacked;

struct mh_answer {
	struct mh_mem mem;
	struct mh_rulebook *book;
	struct mh_answer_options options;
	struct mh_decode decode;
	struct mh_scan scan;
	struct mh_match match;

	bool parsed;
	size_t length; /* of the input, all of it */
	bool cut; /* the input was longer than is read */
	int code;
	struct mh_status status;
	uint32_t code_at, status_at, status_length;
	bool has_status_place;
	int phase, form;
	char status_text[16];

	/* Worked out when asked for. */
	struct mh_arena arena;
	bool has_facts, has_lists, no_memory; /* no_memory: something is missing for want of it */
	struct mh_facts facts;
	struct items lists[MH_L_LIMIT + 1]; /* by enum mh_answer_list; lines, blocklists and limits not */
	struct item *lines; /* of each line its status and words, NULL until asked for */
	char template[17], rule_id[32];
	struct mh_buf text, json, draft, unpack;
	struct unpacked *unpacked; /* strings of the rules that this reply was asked for */
};

struct mh_answer *
mh_answer_make(const struct mh_mem *mem)
{
	struct mh_answer *answer = mh_mem_zalloc(mem, sizeof(*answer));
	if (answer == NULL)
		return NULL;
	answer->mem = *mem;
	answer->options.line_number = 1;
	mh_decode_init(&answer->decode, &answer->mem);
	mh_scan_init(&answer->scan, &answer->mem);
	mh_match_init(&answer->match);
	mh_arena_init(&answer->arena, &answer->mem, ARENA_KEEP);
	mh_buf_init(&answer->text, &answer->mem, OUTPUT_MAX);
	mh_buf_init(&answer->json, &answer->mem, OUTPUT_MAX);
	mh_buf_init(&answer->draft, &answer->mem, OUTPUT_MAX);
	mh_buf_init(&answer->unpack, &answer->mem, OUTPUT_MAX);
	return answer;
}

void
mh_answer_free(struct mh_answer *answer)
{
	if (answer == NULL)
		return;
	struct mh_mem mem = answer->mem;
	mh_decode_free(&answer->decode);
	mh_scan_free(&answer->scan);
	mh_match_free(&answer->match, &answer->mem);
	mh_arena_free(&answer->arena);
	mh_buf_free(&answer->text);
	mh_buf_free(&answer->json);
	mh_buf_free(&answer->draft);
	mh_buf_free(&answer->unpack);
	mh_rulebook_unref(answer->book);
	mh_mem_free(&mem, answer, sizeof(*answer));
}

int
mh_answer_use(struct mh_answer *answer, struct mh_rulebook *book)
{
	if (answer->book == book)
		return MH_ERR_OK;
	answer->parsed = false;
	int result = mh_scan_use(&answer->scan, &book->layers);
	if (result == MH_ERR_OK)
		result = mh_match_use(&answer->match, &answer->mem, &book->layers);
	struct mh_rulebook *before = answer->book;
	answer->book = result == MH_ERR_OK ? mh_rulebook_ref(book) : NULL;
	mh_rulebook_unref(before);
	return result;
}

struct mh_answer_options *
mh_answer_options(struct mh_answer *answer)
{
	return &answer->options;
}

int64_t
mh_answer_line_number(const struct mh_answer *answer)
{
	return answer->options.line_number;
}

/* ------------------------------------------------------------------------------- parse */

/* choose_code - the code and status that the whole reply stands for: those of the first line that
 * speaks of a failure, else of the first line.  Transcripts and pasted logs have several. */
static void
choose_code(struct mh_answer *answer)
{
	const struct mh_scan *scan = &answer->scan;
	const struct mh_line *chosen = scan->line_count > 0 ? &scan->lines[0] : NULL;
	answer->code = 0;
	answer->status = (struct mh_status){ 0, 0, 0 };
	answer->has_status_place = false;
	for (uint32_t i = 0; i < scan->line_count; i++) {
		if (scan->lines[i].code >= 400) {
			chosen = &scan->lines[i];
			break;
		}
		if (chosen->code == 0 && scan->lines[i].code != 0)
			chosen = &scan->lines[i];
	}
	if (chosen == NULL)
		return;
	answer->code = chosen->code;
	answer->code_at = chosen->begin;
	while (answer->code != 0 && !mh_is_digit(answer->decode.text.p[answer->code_at]))
		answer->code_at++; /* behind what leads in */
	const struct mh_line *line = chosen->status.class != 0 ? chosen : NULL;
	for (uint32_t i = 0; i < scan->line_count && line == NULL; i++)
		if (scan->lines[i].status.class != 0 &&
		    (scan->lines[i].code == answer->code || answer->code == 0))
			line = &scan->lines[i];
	if (line != NULL) {
		answer->status = line->status;
		answer->status_at = line->status_at;
		struct mh_status status;
		answer->status_length = (uint32_t)mh_status_read(answer->decode.text.p + line->status_at,
		    answer->decode.text.p + answer->decode.text.len, &status);
		answer->has_status_place = true;
	} else if (scan->loose_status.class != 0) {
		answer->status = scan->loose_status;
		answer->status_at = scan->status_begin;
		answer->status_length = scan->status_end - scan->status_begin;
		answer->has_status_place = true;
	}
}

/* said_phase - "(in reply to RCPT TO command)", as Postfix and others end what they log */
static int
said_phase(struct mh_str text)
{
	static const struct {
		const char *words;
		int phase;
	} table[] = {
		{ "end of DATA", MH_PHASE_EOD },
		{ "DATA", MH_PHASE_DATA },
		{ "RCPT TO", MH_PHASE_RCPT },
		{ "MAIL FROM", MH_PHASE_MAIL },
		{ "EHLO", MH_PHASE_HELO },
		{ "HELO", MH_PHASE_HELO },
		{ "STARTTLS", MH_PHASE_STARTTLS },
		{ "AUTH", MH_PHASE_AUTH },
		{ "initial server greeting", MH_PHASE_CONNECT },
		{ "QUIT", MH_PHASE_QUIT },
	};
	struct mh_str mark = MH_STR("(in reply to ");
	text = mh_str_trim(text);
	if (text.len < mark.len + 5 || text.p[text.len - 1] != ')')
		return MH_PHASE_NONE;
	for (size_t i = text.len - mark.len; i > 0 && text.len - i < 64; i--) {
		if (text.p[i - 1] != '(' || !mh_str_istarts(mh_str_n(text.p + i - 1, text.len - i + 1), mark))
			continue;
		struct mh_str rest = mh_str_n(text.p + i - 1 + mark.len, text.len - i + 1 - mark.len);
		for (size_t k = 0; k < MH_COUNT(table); k++)
			if (mh_str_istarts(rest, mh_str_z(table[k].words)))
				return table[k].phase;
		break;
	}
	return MH_PHASE_NONE;
}

/* given_provider - by id, or by the name of the host that answered; -1 where neither says */
static int
given_provider(const struct mh_answer *answer)
{
	const struct mh_layers *layers = &answer->book->layers;
	if (answer->options.provider[0] != '\0')
		return mh_layers_find_provider(layers, mh_str_z(answer->options.provider));
	if (answer->options.mx[0] != '\0')
		return (int)mh_layers_suffix(layers, mh_str_z(answer->options.mx)).provider - 1;
	return -1;
}

static int
recognise_form(const struct mh_answer *answer, struct mh_str text)
{
	if (answer->options.form != MH_FORM_AUTO_)
		return answer->options.form;
	if (mh_str_istarts(text, MH_STR("smtp;")) || mh_str_istarts(text, MH_STR("diagnostic-code:")) ||
	    mh_str_istarts(text, MH_STR("lmtp;")) || mh_str_istarts(text, MH_STR("x-unix;")))
		return MH_FORM_DSN_;
	if (answer->scan.joined)
		return MH_FORM_JOINED_;
	if (answer->scan.line_count == 0 || answer->scan.lines[0].code == 0)
		return MH_FORM_FRAGMENT_;
	return MH_FORM_WIRE_;
}

/* print_status - "5.7.26" */
static void
print_status(struct mh_status status, char out[16])
{
	size_t n = 0;
	const unsigned parts[] = { status.class, status.subject, status.detail };
	for (size_t i = 0; i < MH_COUNT(parts) && status.class != 0; i++) {
		if (i > 0)
			out[n++] = '.';
		if (parts[i] >= 100)
			out[n++] = (char)('0' + parts[i] / 100 % 10);
		if (parts[i] >= 10)
			out[n++] = (char)('0' + parts[i] / 10 % 10);
		out[n++] = (char)('0' + parts[i] % 10);
	}
	out[n] = '\0';
}

void
mh_answer_forget(struct mh_answer *answer)
{
	answer->parsed = answer->has_facts = answer->has_lists = answer->no_memory = false;
	answer->template[0] = '\0';
	answer->lines = NULL;
}

int
mh_answer_parse(struct mh_answer *answer, struct mh_str text)
{
	mh_answer_forget(answer);
	mh_arena_reset(&answer->arena);
	answer->unpacked = NULL;
	mh_buf_reset(&answer->text);
	mh_buf_reset(&answer->json);
	mh_buf_reset(&answer->draft);
	if (answer->book == NULL)
		return MH_ERR_ENOMEM; /* mh_answer_use found no memory */
	answer->length = text.len;
	answer->cut = text.len > MH_ANSWER_MAX_OCTETS;
	if (answer->cut)
		text.len = MH_ANSWER_MAX_OCTETS;
	int result = mh_decode_run(&answer->decode, text);
	if (result == MH_ERR_OK)
		result = mh_scan_run(&answer->scan, answer->decode.text.p, answer->decode.text.len);
	if (result != MH_ERR_OK)
		return result;
	choose_code(answer);
	struct mh_given given = { .phase = answer->options.phase, .provider = given_provider(answer) };
	if (given.phase == MH_PHASE_NONE)
		given.phase = said_phase(mh_str_n(answer->decode.text.p, answer->decode.text.len));
	answer->phase = given.phase;
	if (answer->code == 0)
		answer->code = answer->options.code;
	if (answer->status.class == 0)
		answer->status = answer->options.status;
	mh_match_run(&answer->match, &answer->scan, answer->code, answer->status, &given);
	answer->form = recognise_form(answer, text);
	print_status(answer->status, answer->status_text);
	answer->parsed = true;
	return MH_ERR_OK;
}

/* ----------------------------------------------------------------- what was decided */

static const struct mh_ruleset *
lowest(const struct mh_answer *answer)
{
	return answer->book->layers.set[0];
}

static const struct mh_candidate *
best(const struct mh_answer *answer)
{
	return answer->match.count > 0 ? &answer->match.best[0] : NULL;
}

/* A string of the rules, unpacked for this reply. */
struct unpacked {
	struct unpacked *next;
	const struct mh_ruleset *set;
	uint32_t offset;
	const char *text;
};

/* prose - a string of a set's prose; it lives until the next parse */
static const char *
prose(struct mh_answer *answer, const struct mh_ruleset *set, uint32_t offset)
{
	if (offset == 0)
		return "";
	if (set->pairs == NULL)
		return set->prose + offset;
	for (const struct unpacked *known = answer->unpacked; known != NULL; known = known->next)
		if (known->set == set && known->offset == offset)
			return known->text;
	struct unpacked *entry = mh_arena_alloc(&answer->arena, sizeof(*entry));
	mh_buf_reset(&answer->unpack);
	mh_prose_read(set, offset, &answer->unpack);
	char *copy = mh_arena_alloc(&answer->arena, answer->unpack.len + 1);
	if (entry == NULL || copy == NULL || answer->unpack.bad) {
		answer->no_memory = true;
		return "";
	}
	memcpy(copy, mh_buf_z(&answer->unpack), answer->unpack.len + 1);
	*entry = (struct unpacked){ answer->unpacked, set, offset, copy };
	answer->unpacked = entry;
	return copy;
}

/* reason_row - the decided reason, or "unknown" */
static const struct mh_reason *
reason_row(const struct mh_answer *answer)
{
	static const struct mh_reason nothing = { .id = 0 };
	int number = best(answer) != NULL ? best(answer)->reason
					  : mh_layers_find_reason(&answer->book->layers, MH_STR("unknown"));
	return number >= 0 ? &lowest(answer)->reasons[number] : &nothing;
}

/* rule_row - the rule that decided, with its set; NULL if none did */
static const struct mh_rule *
rule_row(const struct mh_answer *answer, const struct mh_ruleset **set)
{
	const struct mh_candidate *candidate = best(answer);
	if (candidate == NULL || candidate->by != MH_BY_RULE)
		return NULL;
	*set = answer->book->layers.set[candidate->layer];
	return &(*set)->rules[candidate->rule];
}

static const char *
rule_id(struct mh_answer *answer)
{
	const struct mh_ruleset *set;
	const struct mh_rule *rule = rule_row(answer, &set);
	const struct mh_candidate *candidate = best(answer);
	if (rule != NULL)
		return mh_pool(set, rule->id);
	if (candidate == NULL)
		return "";
	char *id = answer->rule_id;
	if (candidate->by == MH_BY_STATUS) {
		memcpy(id, "status.", 7);
		memcpy(id + 7, answer->status_text, sizeof(answer->status_text));
	} else {
		memcpy(id, "code.", 5);
		id[5] = (char)('0' + answer->code / 100);
		id[6] = (char)('0' + answer->code / 10 % 10);
		id[7] = (char)('0' + answer->code % 10);
		id[8] = '\0';
	}
	return id;
}

/* code_class - 2, 4, 5 by the code, or by the status where there is no code; 0 unknown */
static int
code_class(const struct mh_answer *answer)
{
	if (answer->code != 0)
		return answer->code / 100 == 3 ? 2 : answer->code / 100;
	return answer->status.class;
}

static int
retry_of(const struct mh_answer *answer)
{
	const struct mh_ruleset *set;
	const struct mh_rule *rule = rule_row(answer, &set);
	return rule != NULL && rule->retry != 0 ? rule->retry : reason_row(answer)->retry;
}

static const struct mh_provider *
provider_row(const struct mh_answer *answer, const struct mh_ruleset **set)
{
	const struct mh_provider *provider = NULL;
	if (answer->match.provider >= 0)
		*set = mh_layers_provider(&answer->book->layers, (uint32_t)answer->match.provider, &provider);
	return provider;
}

static const char *
provider_text(struct mh_answer *answer, int field)
{
	const struct mh_ruleset *set = NULL;
	const struct mh_provider *provider = provider_row(answer, &set);
	if (provider == NULL)
		return field == MH_A_PROVIDER ? answer->options.provider : "";
	if (field == MH_A_PROVIDER_NAME)
		return provider->name != 0 ? prose(answer, set, provider->name) : mh_pool(set, provider->id);
	if (field == MH_A_CONTACT)
		return prose(answer, set, provider->contact);
	return mh_pool(set, provider->id);
}

static const char *
status_meaning(struct mh_answer *answer)
{
	const struct mh_status_row *row = answer->status.class == 0
	    ? NULL
	    : mh_ruleset_status(lowest(answer), answer->status.class, answer->status.subject,
		  answer->status.detail);
	return row != NULL ? prose(answer, lowest(answer), row->text) : "";
}

/* joined_text - the words of all lines, on one line */
static const char *
joined_text(struct mh_answer *answer)
{
	struct mh_buf *out = &answer->text;
	if (out->len > 0 && !out->bad)
		return mh_buf_z(out);
	mh_buf_reset(out);
	for (uint32_t i = 0; i < answer->scan.line_count; i++) {
		const struct mh_line *line = &answer->scan.lines[i];
		if (line->end <= line->text)
			continue;
		struct mh_str words =
		    mh_str_trim(mh_str_n(answer->decode.text.p + line->text, line->end - line->text));
		if (words.len > 0 && out->len > 0)
			mh_buf_putc(out, ' ');
		mh_printable(out, words, SIZE_MAX);
	}
	answer->no_memory |= out->bad;
	return mh_buf_z(out);
}

static const char *
template_text(struct mh_answer *answer)
{
	if (answer->template[0] == '\0') {
		uint64_t hash = mh_template_hash(mh_str_n(answer->decode.text.p, answer->decode.text.len),
		    &answer->scan, answer->code, answer->status);
		for (int i = 0; i < 16; i++)
			answer->template[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
		answer->template[16] = '\0';
	}
	return answer->template;
}

const char *
mh_answer_str(struct mh_answer *answer, int field)
{
	static const char *const retries[] = MH_RETRY_NAMES;
	static const char *const phases[] = MH_PHASE_NAMES;
	static const char *const forms[] = { "", "wire", "joined", "dsn", "fragment" };
	static const char *const permanences[] = { "unknown", "unknown", "success", "unknown", "temporary",
		"permanent" };
	static const char *const classes[] = { "unknown", "unknown", "delivered", "unknown", "delayed",
		"failed" };
	const struct mh_ruleset *set = NULL;
	const struct mh_rule *rule;
	if (!answer->parsed)
		return "";
	switch (field) {
	case MH_A_STATUS:
		return answer->status_text;
	case MH_A_REASON:
		return mh_pool(lowest(answer), reason_row(answer)->id);
	case MH_A_REASON_TEXT:
		return prose(answer, lowest(answer), reason_row(answer)->text);
	case MH_A_RULE:
		return rule_id(answer);
	case MH_A_MEANING:
		rule = rule_row(answer, &set);
		return rule != NULL ? prose(answer, set, rule->meaning) : "";
	case MH_A_REFERENCE:
		rule = rule_row(answer, &set);
		return rule != NULL ? prose(answer, set, rule->ref) : "";
	case MH_A_PERMANENCE:
		return permanences[code_class(answer)];
	case MH_A_CLASS:
		return classes[code_class(answer)];
	case MH_A_RETRY:
		return retries[retry_of(answer)];
	case MH_A_ACTOR:
		return prose(answer, lowest(answer), reason_row(answer)->actor);
	case MH_A_PROVIDER:
	case MH_A_PROVIDER_NAME:
	case MH_A_CONTACT:
		return provider_text(answer, field);
	case MH_A_DRAFT:
		if (answer->draft.len == 0 || answer->draft.bad || answer->no_memory) {
			answer->no_memory = false;
			mh_buf_reset(&answer->draft);
			mh_answer_write_draft(answer, &answer->draft);
		}
		if (answer->no_memory)
			mh_buf_reset(&answer->draft); /* half of it is none */
		return mh_buf_z(&answer->draft);
	case MH_A_TEMPLATE:
		return template_text(answer);
	case MH_A_PHASE:
		return phases[answer->phase];
	case MH_A_STATUS_TEXT:
		return status_meaning(answer);
	case MH_A_TEXT:
		return joined_text(answer);
	case MH_A_FORM:
		return forms[answer->form];
	default:
		return "";
	}
}

/* span - the octets of the input that decided */
static bool
span(const struct mh_answer *answer, int64_t *begin, int64_t *end)
{
	const struct mh_candidate *candidate = best(answer);
	uint32_t from = 0, to = 0;
	if (candidate == NULL)
		return false;
	if (candidate->end > candidate->begin) {
		from = candidate->begin;
		to = candidate->end;
	} else if (candidate->by == MH_BY_CODE && answer->scan.line_count > 0 &&
	    answer->scan.lines[0].code != 0) {
		from = answer->code_at;
		to = from + 3;
	} else if (candidate->by != MH_BY_CODE && answer->has_status_place) {
		from = answer->status_at;
		to = from + answer->status_length;
	} else {
		return false;
	}
	*begin = mh_decode_begin(&answer->decode, from);
	*end = mh_decode_end(&answer->decode, to);
	return true;
}

static void
work_out_facts(struct mh_answer *answer)
{
	if (!answer->has_facts)
		mh_facts_read(&answer->facts, mh_str_n(answer->decode.text.p, answer->decode.text.len),
		    &answer->scan);
	answer->has_facts = true;
}

int64_t
mh_answer_int(struct mh_answer *answer, int field)
{
	int64_t begin = -1, end = -1;
	if (!answer->parsed)
		return -1;
	switch (field) {
	case MH_A_CODE:
		return answer->code != 0 ? answer->code : -1;
	case MH_A_CONFIDENCE:
		return answer->match.confidence;
	case MH_A_SPAN_BEGIN:
	case MH_A_SPAN_END:
		(void)span(answer, &begin, &end);
		return field == MH_A_SPAN_BEGIN ? begin : end;
	case MH_A_RETRY_AFTER_S:
		work_out_facts(answer);
		return answer->facts.retry_after_s;
	case MH_A_LENGTH:
		return (int64_t)answer->length;
	default:
		return -1;
	}
}

/* ------------------------------------------------------------------------------- lists */

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
		s = mh_str_n(mh_buf_z(&out), out.len);
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

static void
list_entities(struct mh_answer *answer)
{
	static const int list_of[] = { 0, MH_L_IP, MH_L_DOMAIN, MH_L_EMAIL, MH_L_URL, 0, 0 };
	for (uint32_t i = 0; i < answer->scan.entity_count; i++) {
		const struct mh_entity *entity = &answer->scan.entities[i];
		int list = list_of[entity->kind];
		if (list == 0 || (list == MH_L_DOMAIN && entity->owner.list != 0))
			continue; /* a blocklist's zone is told as a blocklist */
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

/* advise - the rule's advice, then the reason's */
static void
advise(struct mh_answer *answer, const struct mh_ruleset *set, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const struct mh_advice *advice;
		const struct mh_ruleset *owner =
		    mh_layers_advice(&answer->book->layers, set->advice_refs[first + i], &advice);
		if (owner == NULL)
			continue;
		struct item item = { mh_pool(owner, advice->id), prose(answer, owner, advice->text), 0, 0 };
		add_item(answer, MH_L_ADVICE, MH_ADVICE_MAX, &item);
	}
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
	const struct mh_candidate *candidate = best(answer);
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
	    : mh_ruleset_status(lowest(answer), answer->status.class, answer->status.subject,
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

static void
work_out_lists(struct mh_answer *answer)
{
	static const char *const scopes[] = MH_SCOPE_NAMES;
	static const char *const checks[] = MH_NEXT_NAMES;
	if (answer->has_lists)
		return;
	bool missed = answer->no_memory; /* something else */
	answer->no_memory = false;
	memset(answer->lists, 0, sizeof(answer->lists));
	work_out_facts(answer);
	const struct mh_reason *reason = reason_row(answer);
	const struct mh_ruleset *set = NULL;
	const struct mh_rule *rule = rule_row(answer, &set);
	for (uint32_t i = 1; i < answer->match.count; i++)
		add_id(answer, MH_L_ALTERNATIVE, MH_MATCH_REASONS,
		    mh_pool(lowest(answer), lowest(answer)->reasons[answer->match.best[i].reason].id));
	unsigned scope = rule != NULL && rule->scope != 0 ? rule->scope : reason->scope;
	for (size_t i = 0; i < MH_COUNT(scopes); i++)
		if ((scope & 1u << i) != 0)
			add_id(answer, MH_L_SCOPE, MH_SCOPE_COUNT, scopes[i]);
	for (size_t i = 0; i < MH_COUNT(checks); i++)
		if ((reason->next & 1u << i) != 0)
			add_id(answer, MH_L_NEXT, MH_NEXT_COUNT, checks[i]);
	if (rule != NULL)
		advise(answer, set, rule->advice, rule->advice_count);
	advise(answer, lowest(answer), reason->advice, reason->advice_count);
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
	work_out_lists(answer);
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
		print_status(line->status, status);
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
		return list->name != 0 ? prose(answer, set, list->name) : mh_pool(set, list->id);
	case MH_I_ZONE:
		return list->zone_count > 0 ? mh_pool(set, set->zones[list->zone]) : "";
	case MH_I_KIND:
		return kinds[list->kind];
	case MH_I_DELIST:
		return prose(answer, set, list->delist);
	case MH_I_TEXT:
		return prose(answer, set, list->note);
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
	/* "delist" has no page of its own: it is the list's */
	if (advice->url == 0 && strcmp(id, "delist") == 0 && answer->match.list_count > 0)
		return blocklist_str(answer, 0, MH_I_DELIST);
	return prose(answer, set, advice->url);
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
	if (field == MH_I_SPAN_BEGIN)
		return mh_decode_begin(&answer->decode, begin);
	return field == MH_I_SPAN_END ? (int64_t)mh_decode_end(&answer->decode, end) : -1;
}

const char *
mh_answer_json(struct mh_answer *answer)
{
	if (!answer->parsed)
		return "";
	if (answer->json.len == 0 || answer->json.bad || answer->no_memory) {
		answer->no_memory = false;
		mh_buf_reset(&answer->json);
		mh_answer_write_json(answer, &answer->json);
	}
	if (answer->no_memory)
		mh_buf_reset(&answer->json); /* half of it is none */
	return mh_buf_z(&answer->json);
}

/* ---------------------------------------------------------------------------- findings */

static size_t
find(struct mh_answer_finding *out, size_t count, bool found, int number, int64_t begin, int64_t end)
{
	if (!found || count == MH_ANSWER_FINDINGS)
		return count;
	out[count] = (struct mh_answer_finding){ number, begin, end };
	return count + 1;
}

static bool
disagrees(struct mh_answer *answer, const char *id)
{
	work_out_lists(answer);
	for (size_t i = 0; i < answer->lists[MH_L_DISAGREEMENT].count; i++)
		if (strcmp(answer->lists[MH_L_DISAGREEMENT].at[i].id, id) == 0)
			return true;
	return false;
}

size_t
mh_answer_findings(struct mh_answer *answer, struct mh_answer_finding out[MH_ANSWER_FINDINGS])
{
	const struct mh_scan *scan = &answer->scan;
	const struct mh_decode *decode = &answer->decode;
	static const struct {
		uint32_t bit;
		int number;
	} odd[] = {
		{ MH_ODD_NUL, MH_F_REPLY_NUL }, { MH_ODD_CONTROL, MH_F_REPLY_CONTROL },
	}, late[] = { { MH_ODD_BARE_CR, MH_F_REPLY_BARE_CR } };
	size_t n = 0;
	if (!answer->parsed)
		return 0;
#define PLACE(at) mh_decode_begin(decode, (at)), mh_decode_end(decode, (at) + 1)
	bool long_one = answer->cut || decode->cut || (scan->odd & MH_ODD_LINES) != 0;
	n = find(out, n, long_one, MH_F_REPLY_TOO_LONG, -1, -1);
	for (size_t i = 0; i < MH_COUNT(odd); i++)
		n = find(out, n, (scan->odd & odd[i].bit) != 0, odd[i].number, PLACE(scan->odd_at[i]));
	n = find(out, n, decode->not_utf8, MH_F_REPLY_NOT_UTF8, decode->odd_at, decode->odd_at + 1);
	n = find(out, n, answer->code == 0, MH_F_REPLY_NO_CODE, -1, -1);
	bool bad_continuation = false, bad_code = answer->code != 0 && answer->code % 100 / 10 > 5;
	for (uint32_t i = 0; i < scan->line_count && answer->form == MH_FORM_WIRE_; i++) {
		bool last = i + 1 == scan->line_count;
		if (scan->lines[i].code != 0)
			bad_continuation |= (scan->lines[i].separator == '-') == last;
	}
	n = find(out, n, bad_code, MH_F_REPLY_CODE_RANGE, PLACE(answer->code_at));
	n = find(out, n, disagrees(answer, "line-codes"), MH_F_REPLY_MIXED_CODES, -1, -1);
	n = find(out, n, disagrees(answer, "line-statuses"), MH_F_REPLY_MIXED_STATUS, -1, -1);
	n = find(out, n, disagrees(answer, "code-vs-status"), MH_F_REPLY_CODE_STATUS, -1, -1);
	n = find(out, n, disagrees(answer, "code-vs-text"), MH_F_REPLY_CODE_TEXT, -1, -1);
	n = find(out, n, disagrees(answer, "status-vs-text"), MH_F_REPLY_STATUS_TEXT, -1, -1);
	n = find(out, n, disagrees(answer, "code-vs-given") || disagrees(answer, "status-vs-given"),
	    MH_F_REPLY_CODE_GIVEN, -1, -1);
	n = find(out, n, bad_continuation, MH_F_REPLY_CONTINUATION, -1, -1);
	n = find(out, n, (scan->odd & late[0].bit) != 0, late[0].number, PLACE(scan->odd_at[2]));
	n = find(out, n, decode->encoded, MH_F_REPLY_ENCODED, -1, -1);
	n = find(out, n, decode->unreadable, MH_F_REPLY_UNREADABLE, -1, -1);
	n = find(out, n, (scan->odd & MH_ODD_STATUS) != 0, MH_F_REPLY_STATUS_MALFORMED,
	    PLACE(scan->odd_at[4]));
#undef PLACE
	return n;
}

struct mh_report *
mh_answer_report(struct mh_answer *answer)
{
	struct mh_answer_finding found[MH_ANSWER_FINDINGS];
	if (!answer->parsed)
		return NULL;
	struct mh_report *report = mh_report_make(&answer->mem);
	if (report == NULL)
		return NULL;
	size_t count = mh_answer_findings(answer, found);
	if (!answer->has_lists) {
		mh_report_unref(report);
		return NULL;
	}
	struct mh_str all = mh_str_n(answer->decode.text.p, answer->decode.text.len);
	if (all.len > 256)
		all.len = 256;
	int result = MH_ERR_OK;
	for (size_t i = 0; i < count && result == MH_ERR_OK; i++)
		result = mh_report_add(report, found[i].number, MH_STR("reply"), all, found[i].begin,
		    found[i].end);
	if (result == MH_ERR_OK)
		result = mh_report_finish(report);
	if (result == MH_ERR_OK)
		return report;
	mh_report_unref(report);
	return NULL;
}
