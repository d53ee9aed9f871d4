/* reply.c - one reply, understood
 *
 * RFC 5321 4.2 says what a reply is; RFC 2034 and RFC 3463 what its enhanced
 * status code is.  Little of that is kept in the wild, and logs and DSNs add
 * their own ways of writing a reply down, so that everything is tolerated and
 * what is odd becomes a finding.
 */
#include "answer.h"

#include "error.h"
#include "json.h"
#include "port.h"

struct mh_answer *
mh_answer_make(const struct mh_mem *mem)
{
	struct mh_answer *answer = mh_mem_zalloc(mem, sizeof(*answer));
	if (answer == NULL)
		return NULL;
	answer->mem = *mem;
	answer->options.line_number = 1;
	answer->given_provider = GIVEN_UNKNOWN;
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
	answer->given_provider = GIVEN_UNKNOWN;
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
	answer->given_provider = GIVEN_UNKNOWN; /* they may be about to change */
	return &answer->options;
}

bool
mh_answer_option(char *out, size_t size, struct mh_str value)
{
	out[0] = '\0';
	if (value.len >= size)
		return false;
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.p[i] <= ' ' || value.p[i] == 0x7f)
			return false;
	if (value.len > 0)
		memcpy(out, value.p, value.len);
	out[value.len] = '\0';
	return true;
}

void
mh_answer_quoted(struct mh_answer *answer, int phase, int code, struct mh_str status, struct mh_str host)
{
	struct mh_answer_options *options = mh_answer_options(answer);
	options->phase = phase;
	options->code = code;
	options->status = (struct mh_status){ 0, 0, 0 };
	if (status.len > 0)
		(void)mh_status_read(status.p, status.p + status.len, &options->status);
	(void)mh_answer_option(options->mx, sizeof(options->mx), host);
}

void
mh_answer_surround(struct mh_answer *answer, const struct mh_frame *frame)
{
	answer->frame = frame != NULL ? *frame : (struct mh_frame){ .kind = NULL };
	mh_answer_forget(answer);
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

/* find_provider - by id, by one of its domains ("outlook.com"), or by the first label of one under com
 * ("outlook"); -1 if there is none */
static int
find_provider(const struct mh_layers *layers, const char *name)
{
	char domain[sizeof(((struct mh_answer_options *)NULL)->provider) + 4];
	size_t len = strlen(name);
	int number = mh_layers_find_provider(layers, mh_str_n(name, len));
	if (number < 0)
		number = (int)mh_layers_suffix(layers, mh_str_n(name, len)).provider - 1;
	if (number >= 0 || memchr(name, '.', len) != NULL)
		return number;
	memcpy(domain, name, len);
	memcpy(domain + len, ".com", 4);
	return (int)mh_layers_suffix(layers, mh_str_n(domain, len + 4)).provider - 1;
}

/* given_provider - as the options say, or the name of the host that answered; -1 where neither does.  It is
 * looked up once for all parses with these options. */
static int
given_provider(struct mh_answer *answer)
{
	const struct mh_layers *layers = &answer->book->layers;
	if (answer->given_provider != GIVEN_UNKNOWN)
		return answer->given_provider;
	answer->given_provider = -1;
	if (answer->options.provider[0] != '\0')
		answer->given_provider = find_provider(layers, answer->options.provider);
	else if (answer->options.mx[0] != '\0')
		answer->given_provider =
		    (int)mh_layers_suffix(layers, mh_str_z(answer->options.mx)).provider - 1;
	return answer->given_provider;
}

/* mh_answer_form - as given, or as the text shows */
int
mh_answer_form(const struct mh_answer *answer)
{
	struct mh_str text = mh_str_n(answer->decode.text.p, answer->decode.text.len);
	if (answer->form != MH_FORM_AUTO_)
		return answer->form;
	if (mh_str_istarts(text, MH_STR("smtp;")) || mh_str_istarts(text, MH_STR("diagnostic-code:")) ||
	    mh_str_istarts(text, MH_STR("lmtp;")) || mh_str_istarts(text, MH_STR("x-unix;")))
		return MH_FORM_DSN_;
	if (answer->scan.joined)
		return MH_FORM_JOINED_;
	if (answer->scan.line_count == 0 || answer->scan.lines[0].code == 0)
		return MH_FORM_FRAGMENT_;
	return MH_FORM_WIRE_;
}

/* mh_answer_print_status - "5.7.26" */
void
mh_answer_print_status(struct mh_status status, char out[16])
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
	if (answer->frame.empty_words)
		text.len = 0;
	int result = mh_decode_run(&answer->decode, text);
	if (result == MH_ERR_OK)
		result = mh_scan_run(&answer->scan, answer->decode.text.p, answer->decode.text.len,
		    &answer->decode.marks);
	if (result != MH_ERR_OK)
		return result;
	choose_code(answer);
	struct mh_given given = { .phase = answer->options.phase, .provider = given_provider(answer) };
	if (given.phase == MH_PHASE_NONE)
		given.phase = said_phase(mh_str_n(answer->decode.text.p, answer->decode.text.len));
	answer->phase = given.phase;
	answer->form = answer->options.form;
	if (answer->code == 0)
		answer->code = answer->options.code;
	if (answer->status.class == 0)
		answer->status = answer->options.status;
	/* A delivery that is known to have gone through needs no code to say so. */
	bool taken = answer->code == 0 && answer->status.class == 0 && answer->frame.fate == 2;
	mh_match_run(&answer->match, &answer->scan, taken ? 250 : answer->code, answer->status, &given);
	answer->parsed = true;
	return MH_ERR_OK;
}

/* ----------------------------------------------------------------- what was decided */

const struct mh_ruleset *
mh_answer_lowest(const struct mh_answer *answer)
{
	return answer->book->layers.set[0];
}

const struct mh_candidate *
mh_answer_best(const struct mh_answer *answer)
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

/* mh_answer_prose - a string of a set's prose; it lives until the next parse */
const char *
mh_answer_prose(struct mh_answer *answer, const struct mh_ruleset *set, uint32_t offset)
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

/* mh_answer_reason_row - the decided reason, or "unknown" */
const struct mh_reason *
mh_answer_reason_row(const struct mh_answer *answer)
{
	static const struct mh_reason nothing = { .id = 0 };
	int number = mh_answer_best(answer) != NULL
	    ? mh_answer_best(answer)->reason
	    : mh_layers_find_reason(&answer->book->layers, MH_STR("unknown"));
	return number >= 0 ? &mh_answer_lowest(answer)->reasons[number] : &nothing;
}

/* mh_answer_rule_row - the rule that decided, with its set; NULL if none did */
const struct mh_rule *
mh_answer_rule_row(const struct mh_answer *answer, const struct mh_ruleset **set)
{
	const struct mh_candidate *candidate = mh_answer_best(answer);
	if (candidate == NULL || candidate->by != MH_BY_RULE)
		return NULL;
	*set = answer->book->layers.set[candidate->layer];
	return &(*set)->rules[candidate->rule];
}

/* mh_answer_told_rule - the same where its meaning and advice are to be told: what a provider means
 * only if it is known that this provider answered */
const struct mh_rule *
mh_answer_told_rule(const struct mh_answer *answer, const struct mh_ruleset **set)
{
	const struct mh_rule *rule = mh_answer_rule_row(answer, set);
	bool others = rule != NULL && rule->provider != 0 && answer->match.provider != rule->provider - 1;
	return others ? NULL : rule;
}

/* mh_answer_closed_list - the list that is to blame where a listing is the reason and every list named is
 * shut down: then it is the receiver who must act; else NULL */
const struct mh_list *
mh_answer_closed_list(const struct mh_answer *answer, const struct mh_ruleset **set)
{
	const char *reason = mh_pool(mh_answer_lowest(answer), mh_answer_reason_row(answer)->id);
	const struct mh_list *list = NULL;
	if (strcmp(reason, "ip-blocklisted") != 0 && strcmp(reason, "domain-blocklisted") != 0)
		return NULL;
	for (uint32_t i = answer->match.list_count; i-- > 0;) {
		*set = mh_layers_list(&answer->book->layers, answer->match.lists[i].list, &list);
		if (*set == NULL || list->state != MH_LIST_CLOSED)
			return NULL;
	}
	return list;
}

static const char *
rule_id(struct mh_answer *answer)
{
	const struct mh_ruleset *set;
	const struct mh_rule *rule = mh_answer_rule_row(answer, &set);
	const struct mh_candidate *candidate = mh_answer_best(answer);
	if (rule != NULL)
		return mh_pool(set, rule->id);
	if (candidate == NULL)
		return "";
	char *id = answer->rule_id;
	if (candidate->by == MH_BY_STATUS) {
		memcpy(id, "status.", 7);
		mh_answer_print_status(answer->status, id + 7);
	} else {
		memcpy(id, "code.", 5);
		id[5] = (char)('0' + answer->code / 100);
		id[6] = (char)('0' + answer->code / 10 % 10);
		id[7] = (char)('0' + answer->code % 10);
		id[8] = '\0';
	}
	return id;
}

/* code_class - 2, 4, 5 by the code, by the status where there is no code, or by what surrounds the reply; 0
 * unknown */
static int
code_class(const struct mh_answer *answer)
{
	if (answer->code != 0)
		return answer->code / 100 == 3 ? 2 : answer->code / 100;
	return answer->status.class != 0 ? answer->status.class : answer->frame.fate;
}

static int
retry_of(const struct mh_answer *answer)
{
	const struct mh_ruleset *set;
	const struct mh_rule *rule = mh_answer_rule_row(answer, &set);
	return rule != NULL && rule->retry != 0 ? rule->retry : mh_answer_reason_row(answer)->retry;
}

/* actor_row - the reason that tells who must act: a list that is shut down is a fault of the receiver's server */
static const struct mh_reason *
actor_row(const struct mh_answer *answer)
{
	const struct mh_ruleset *set;
	int number = mh_answer_closed_list(answer, &set) != NULL
	    ? mh_layers_find_reason(&answer->book->layers, MH_STR("server-error"))
	    : -1;
	return number >= 0 ? &mh_answer_lowest(answer)->reasons[number] : mh_answer_reason_row(answer);
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
		return provider->name != 0 ? mh_answer_prose(answer, set, provider->name)
					   : mh_pool(set, provider->id);
	if (field == MH_A_CONTACT)
		return mh_answer_prose(answer, set, provider->contact);
	return mh_pool(set, provider->id);
}

static const char *
status_meaning(struct mh_answer *answer)
{
	const struct mh_status_row *row = answer->status.class == 0
	    ? NULL
	    : mh_ruleset_status(mh_answer_lowest(answer), answer->status.class, answer->status.subject,
		  answer->status.detail);
	return row != NULL ? mh_answer_prose(answer, mh_answer_lowest(answer), row->text) : "";
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
	const struct mh_list *list;
	if (!answer->parsed)
		return "";
	switch (field) {
	case MH_A_STATUS:
		mh_answer_print_status(answer->status, answer->status_text);
		return answer->status_text;
	case MH_A_REASON:
		return mh_pool(mh_answer_lowest(answer), mh_answer_reason_row(answer)->id);
	case MH_A_REASON_TEXT:
		return mh_answer_prose(answer, mh_answer_lowest(answer), mh_answer_reason_row(answer)->text);
	case MH_A_RULE:
		return rule_id(answer);
	case MH_A_MEANING:
		list = mh_answer_closed_list(answer, &set);
		if (list != NULL)
			return mh_answer_prose(answer, set, list->note);
		/* FALLTHROUGH */
	case MH_A_REFERENCE:
		rule = mh_answer_told_rule(answer, &set);
		if (rule == NULL)
			return "";
		return mh_answer_prose(answer, set, field == MH_A_MEANING ? rule->meaning : rule->ref);
	case MH_A_PERMANENCE:
		return permanences[code_class(answer)];
	case MH_A_CLASS:
		return answer->frame.class != NULL ? answer->frame.class : classes[code_class(answer)];
	case MH_A_RETRY:
		return retries[retry_of(answer)];
	case MH_A_ACTOR:
		if (answer->frame.no_failure)
			return "";
		return mh_answer_prose(answer, mh_answer_lowest(answer), actor_row(answer)->actor);
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
		return forms[mh_answer_form(answer)];
	default:
		return "";
	}
}

/* span - the octets of the input that decided */
static bool
span(const struct mh_answer *answer, int64_t *begin, int64_t *end)
{
	const struct mh_candidate *candidate = mh_answer_best(answer);
	uint32_t from = 0, to = 0;
	if (candidate == NULL || answer->frame.no_place)
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
	*begin = (int64_t)(mh_decode_begin(&answer->decode, from) + answer->frame.origin);
	*end = (int64_t)(mh_decode_end(&answer->decode, to) + answer->frame.origin);
	return true;
}

void
mh_answer_work_out_facts(struct mh_answer *answer)
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
		mh_match_others(&answer->match, &answer->scan);
		return answer->match.confidence;
	case MH_A_SPAN_BEGIN:
	case MH_A_SPAN_END:
		(void)span(answer, &begin, &end);
		return field == MH_A_SPAN_BEGIN ? begin : end;
	case MH_A_RETRY_AFTER_S:
		mh_answer_work_out_facts(answer);
		return answer->facts.retry_after_s;
	case MH_A_LENGTH:
		return (int64_t)answer->length;
	default:
		return -1;
	}
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
