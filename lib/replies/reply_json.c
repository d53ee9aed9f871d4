/* reply_json.c - an understood reply as the JSON object of schema 1
 *
 * The shape is an interface: keys are only ever added.  Unknown numbers are
 * null, unknown text is "".  log and bounce are null but for what was quoted
 * in one: then what surrounds the reply writes it.
 */
#include "answer.h"

#include "json.h"

static void
key_str(struct mh_json *json, struct mh_answer *answer, const char *key, int field)
{
	mh_json_key(json, key);
	mh_json_strz(json, mh_answer_str(answer, field));
}

/* write_list - one field of each entry, as an array of strings */
static void
write_list(struct mh_json *json, struct mh_answer *answer, const char *key, int list, int field)
{
	mh_json_key(json, key);
	mh_json_open(json, '[');
	for (size_t i = 0, n = mh_answer_count(answer, list); i < n; i++)
		mh_json_strz(json, mh_answer_item_str(answer, list, i, field));
	mh_json_close(json, ']');
}

/* write_items - several text fields of each entry, as an array of objects */
struct column {
	const char *key;
	int field;
};

static void
write_items(struct mh_json *json, struct mh_answer *answer, const char *key, int list,
    const struct column *columns, size_t count)
{
	mh_json_key(json, key);
	mh_json_open(json, '[');
	for (size_t i = 0, n = mh_answer_count(answer, list); i < n; i++) {
		mh_json_open(json, '{');
		for (size_t k = 0; k < count; k++) {
			mh_json_key(json, columns[k].key);
			mh_json_strz(json, mh_answer_item_str(answer, list, i, columns[k].field));
		}
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

static void
write_lines(struct mh_json *json, struct mh_answer *answer)
{
	mh_json_key(json, "lines");
	mh_json_open(json, '[');
	for (size_t i = 0, n = mh_answer_count(answer, MH_L_LINE); i < n; i++) {
		mh_json_open(json, '{');
		mh_json_key(json, "code");
		mh_json_int_or_null(json, mh_answer_item_int(answer, MH_L_LINE, i, MH_I_CODE));
		mh_json_key(json, "status");
		mh_json_strz(json, mh_answer_item_str(answer, MH_L_LINE, i, MH_I_STATUS));
		mh_json_key(json, "text");
		mh_json_strz(json, mh_answer_item_str(answer, MH_L_LINE, i, MH_I_TEXT));
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

static void
write_facts(struct mh_json *json, struct mh_answer *answer)
{
	static const struct column blocklist[] = {
		{ "name", MH_I_NAME },
		{ "zone", MH_I_ZONE },
		{ "kind", MH_I_KIND },
		{ "delist", MH_I_DELIST },
		{ "note", MH_I_TEXT },
	};
	mh_json_key(json, "facts");
	mh_json_open(json, '{');
	write_list(json, answer, "ip", MH_L_IP, MH_I_TEXT);
	write_list(json, answer, "domain", MH_L_DOMAIN, MH_I_TEXT);
	write_list(json, answer, "email", MH_L_EMAIL, MH_I_TEXT);
	write_list(json, answer, "url", MH_L_URL, MH_I_TEXT);
	write_list(json, answer, "id", MH_L_ID, MH_I_TEXT);
	write_items(json, answer, "blocklist", MH_L_BLOCKLIST, blocklist,
	    sizeof(blocklist) / sizeof(blocklist[0]));
	mh_json_key(json, "limit");
	mh_json_open(json, '[');
	for (size_t i = 0, n = mh_answer_count(answer, MH_L_LIMIT); i < n; i++) {
		mh_json_open(json, '{');
		mh_json_key(json, "count");
		mh_json_int_or_null(json, mh_answer_item_int(answer, MH_L_LIMIT, i, MH_I_COUNT));
		mh_json_key(json, "per_s");
		mh_json_int_or_null(json, mh_answer_item_int(answer, MH_L_LIMIT, i, MH_I_PER_S));
		mh_json_key(json, "what");
		mh_json_strz(json, mh_answer_item_str(answer, MH_L_LIMIT, i, MH_I_WHAT));
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
	mh_json_close(json, '}');
}

static void
write_findings(struct mh_json *json, struct mh_answer *answer)
{
	struct mh_answer_finding found[MH_ANSWER_FINDINGS];
	size_t count = mh_answer_findings(answer, found);
	mh_json_key(json, "findings");
	mh_json_open(json, '[');
	for (size_t i = 0; i < count; i++)
		mh_json_strz(json, mh_finding_kind_of(found[i].number)->id);
	mh_json_close(json, ']');
}

void
mh_answer_write_json(struct mh_answer *answer, struct mh_buf *out)
{
	static const struct column advice[] = { { "id", MH_I_ID }, { "text", MH_I_TEXT },
		{ "url", MH_I_URL } };
	static const char *const around[] = { "log", "bounce" };
	const struct mh_frame *frame = &answer->frame;
	const char *kind = frame->kind != NULL ? frame->kind : "reply";
	struct mh_json json;
	int64_t begin = mh_answer_int(answer, MH_A_SPAN_BEGIN);
	mh_json_init(&json, out);
	mh_json_open(&json, '{');
	mh_json_key(&json, "schema");
	mh_json_int(&json, 1);
	mh_json_key(&json, "n");
	mh_json_int(&json, mh_answer_line_number(answer));
	mh_json_key(&json, "kind");
	mh_json_strz(&json, kind);
	mh_json_key(&json, "code");
	mh_json_int_or_null(&json, mh_answer_int(answer, MH_A_CODE));
	key_str(&json, answer, "status", MH_A_STATUS);
	key_str(&json, answer, "status_text", MH_A_STATUS_TEXT);
	write_lines(&json, answer);
	key_str(&json, answer, "reason", MH_A_REASON);
	key_str(&json, answer, "reason_text", MH_A_REASON_TEXT);
	write_list(&json, answer, "alternatives", MH_L_ALTERNATIVE, MH_I_ID);
	mh_json_key(&json, "confidence");
	mh_json_milli(&json, mh_answer_int(answer, MH_A_CONFIDENCE));
	key_str(&json, answer, "rule", MH_A_RULE);
	key_str(&json, answer, "meaning", MH_A_MEANING);
	key_str(&json, answer, "reference", MH_A_REFERENCE);
	mh_json_key(&json, "span");
	if (begin >= 0) {
		mh_json_open(&json, '[');
		mh_json_int(&json, begin);
		mh_json_int(&json, mh_answer_int(answer, MH_A_SPAN_END));
		mh_json_close(&json, ']');
	} else {
		mh_json_null(&json);
	}
	key_str(&json, answer, "permanence", MH_A_PERMANENCE);
	key_str(&json, answer, "class", MH_A_CLASS);
	write_list(&json, answer, "scope", MH_L_SCOPE, MH_I_ID);
	key_str(&json, answer, "retry", MH_A_RETRY);
	mh_json_key(&json, "retry_after_s");
	mh_json_int_or_null(&json, mh_answer_int(answer, MH_A_RETRY_AFTER_S));
	key_str(&json, answer, "actor", MH_A_ACTOR);
	key_str(&json, answer, "provider", MH_A_PROVIDER);
	key_str(&json, answer, "provider_name", MH_A_PROVIDER_NAME);
	key_str(&json, answer, "contact", MH_A_CONTACT);
	key_str(&json, answer, "phase", MH_A_PHASE);
	key_str(&json, answer, "form", MH_A_FORM);
	key_str(&json, answer, "template", MH_A_TEMPLATE);
	write_items(&json, answer, "advice", MH_L_ADVICE, advice, sizeof(advice) / sizeof(advice[0]));
	write_facts(&json, answer);
	write_list(&json, answer, "disagreements", MH_L_DISAGREEMENT, MH_I_ID);
	write_list(&json, answer, "next", MH_L_NEXT, MH_I_ID);
	write_findings(&json, answer);
	for (size_t i = 0; i < sizeof(around) / sizeof(around[0]); i++) {
		mh_json_key(&json, around[i]);
		if (strcmp(kind, around[i]) == 0)
			frame->write(&json, frame->arg);
		else
			mh_json_null(&json);
	}
	mh_json_close(&json, '}');
}
