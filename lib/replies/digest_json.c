/* digest_json.c - a digest as the JSON object of schema 1, kind log-summary */
#include "digest_own.h"

#include "find.h"
#include "json.h"
#include "port.h"

static void
key_time(struct mh_json *json, const char *key, int64_t time)
{
	char text[MH_LOGTIME_TEXT];
	mh_logtime_print(time >= 0 ? time : MH_TIME_UNKNOWN, text);
	mh_json_key(json, key);
	mh_json_strz(json, text);
}

static void
key_int(struct mh_json *json, const char *key, int64_t value)
{
	mh_json_key(json, key);
	mh_json_int_or_null(json, value);
}

static void
key_str(struct mh_json *json, const char *key, const char *value)
{
	mh_json_key(json, key);
	mh_json_strz(json, value);
}

static void
write_advice(struct mh_json *json, struct mh_answer *answer)
{
	mh_json_key(json, "advice");
	mh_json_open(json, '[');
	for (size_t i = 0, n = answer != NULL ? mh_answer_count(answer, MH_L_ADVICE) : 0; i < n; i++) {
		mh_json_open(json, '{');
		key_str(json, "id", mh_answer_item_str(answer, MH_L_ADVICE, i, MH_I_ID));
		key_str(json, "text", mh_answer_item_str(answer, MH_L_ADVICE, i, MH_I_TEXT));
		key_str(json, "url", mh_answer_item_str(answer, MH_L_ADVICE, i, MH_I_URL));
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

/* One column of a list's objects. */
struct column {
	const char *key;
	int field;
	char kind; /* 's' text, 'i' number, 'm' thousandths, 't' time */
};

static void
write_columns(struct mh_json *json, struct mh_digest *digest, int list, size_t i,
    const struct column *columns, size_t count)
{
	for (size_t k = 0; k < count; k++) {
		const struct column *column = &columns[k];
		if (column->kind == 's') {
			key_str(json, column->key, mh_digest_item_str(digest, list, i, column->field));
			continue;
		}
		int64_t value = mh_digest_item_int(digest, list, i, column->field);
		if (column->kind == 't') {
			key_time(json, column->key, value);
		} else if (column->kind == 'm' && value >= 0) {
			mh_json_key(json, column->key);
			mh_json_milli(json, value);
		} else {
			key_int(json, column->key, value);
		}
	}
}

static void
write_group(struct mh_json *json, struct mh_digest *digest, size_t i)
{
	static const struct column columns[] = {
		{ "provider", MH_S_PROVIDER, 's' },
		{ "provider_name", MH_S_PROVIDER_NAME, 's' },
		{ "reason", MH_S_REASON, 's' },
		{ "permanence", MH_S_PERMANENCE, 's' },
		{ "count", MH_S_COUNT, 'i' },
		{ "share", MH_S_SHARE, 'm' },
		{ "recipients", MH_S_RECIPIENTS, 'i' },
		{ "forwarded", MH_S_FORWARDED, 'i' },
		{ "first", MH_S_FIRST, 't' },
		{ "last", MH_S_LAST, 't' },
		{ "relay", MH_S_RELAY, 's' },
		{ "template", MH_S_TEMPLATE, 's' },
		{ "sample", MH_S_SAMPLE, 's' },
	};
	write_columns(json, digest, MH_D_GROUP, i, columns, MH_COUNT(columns));
	struct mh_answer *answer = mh_digest_answer(digest, MH_D_GROUP, i);
	key_str(json, "rule", answer != NULL ? mh_answer_str(answer, MH_A_RULE) : "");
	key_str(json, "meaning", answer != NULL ? mh_answer_str(answer, MH_A_MEANING) : "");
	key_str(json, "actor", answer != NULL ? mh_answer_str(answer, MH_A_ACTOR) : "");
	key_str(json, "retry", answer != NULL ? mh_answer_str(answer, MH_A_RETRY) : "");
	key_str(json, "contact", answer != NULL ? mh_answer_str(answer, MH_A_CONTACT) : "");
	write_advice(json, answer);
	mh_json_key(json, "next");
	mh_json_open(json, '[');
	for (size_t k = 0, n = answer != NULL ? mh_answer_count(answer, MH_L_NEXT) : 0; k < n; k++)
		mh_json_strz(json, mh_answer_item_str(answer, MH_L_NEXT, k, MH_I_ID));
	mh_json_close(json, ']');
}

static void
write_forwarding(struct mh_json *json, struct mh_digest *digest, size_t i)
{
	static const struct column columns[] = {
		{ "orig_recipient", MH_S_ORIG_RECIPIENT, 's' },
		{ "recipient", MH_S_RECIPIENT, 's' },
		{ "bounced", MH_S_COUNT, 'i' },
		{ "provider", MH_S_PROVIDER, 's' },
		{ "reason", MH_S_REASON, 's' },
		{ "first", MH_S_FIRST, 't' },
		{ "last", MH_S_LAST, 't' },
		{ "evidence", MH_S_EVIDENCE, 's' },
	};
	write_columns(json, digest, MH_D_FORWARDING, i, columns, MH_COUNT(columns));
	write_advice(json, mh_digest_answer(digest, MH_D_FORWARDING, i));
}

static void
write_fault(struct mh_json *json, struct mh_digest *digest, size_t i)
{
	static const struct column columns[] = {
		{ "cause", MH_S_CAUSE, 's' },
		{ "count", MH_S_COUNT, 'i' },
		{ "first", MH_S_FIRST, 't' },
		{ "last", MH_S_LAST, 't' },
		{ "relay", MH_S_RELAY, 's' },
		{ "sample", MH_S_SAMPLE, 's' },
	};
	write_columns(json, digest, MH_D_TLS, i, columns, MH_COUNT(columns));
	mh_json_key(json, "inbound");
	mh_json_bool(json, mh_digest_item_int(digest, MH_D_TLS, i, MH_S_INBOUND) > 0);
	int kind = mh_finding_kind_find(mh_str_z(mh_digest_item_str(digest, MH_D_TLS, i, MH_S_CAUSE)));
	const struct mh_finding_kind *finding = kind >= 0 ? mh_finding_kind_at((size_t)kind) : NULL;
	key_str(json, "title", finding != NULL ? finding->title : "");
	key_str(json, "reason", finding != NULL ? finding->reason : "");
	key_str(json, "remedy", finding != NULL ? finding->remedy : "");
}

static void
write_throttle(struct mh_json *json, struct mh_digest *digest, size_t i)
{
	static const struct column columns[] = {
		{ "provider", MH_S_PROVIDER, 's' },
		{ "provider_name", MH_S_PROVIDER_NAME, 's' },
		{ "relay", MH_S_RELAY, 's' },
		{ "what", MH_S_WHAT, 's' },
		{ "accepted", MH_S_ACCEPTED, 'i' },
		{ "per_s", MH_S_PER_S, 'i' },
		{ "limited", MH_S_COUNT, 'i' },
		{ "confidence", MH_S_CONFIDENCE, 'm' },
		{ "evidence", MH_S_EVIDENCE, 's' },
	};
	write_columns(json, digest, MH_D_THROTTLE, i, columns, MH_COUNT(columns));
}

static void
write_unknown(struct mh_json *json, struct mh_digest *digest, size_t i)
{
	static const struct column columns[] = {
		{ "template", MH_S_TEMPLATE, 's' },
		{ "count", MH_S_COUNT, 'i' },
		{ "sample", MH_S_SAMPLE, 's' },
		{ "rule", MH_S_RULE, 's' },
	};
	write_columns(json, digest, MH_D_UNKNOWN, i, columns, MH_COUNT(columns));
}

static void
write_list(struct mh_json *json, struct mh_digest *digest, const char *key, int list,
    void (*write)(struct mh_json *json, struct mh_digest *digest, size_t i))
{
	mh_json_key(json, key);
	mh_json_open(json, '[');
	for (size_t i = 0, n = mh_digest_count(digest, list); i < n; i++) {
		mh_json_open(json, '{');
		write(json, digest, i);
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}

const char *
mh_digest_json(struct mh_digest *digest)
{
	struct mh_json json;
	(void)mh_digest_count(digest, MH_D_GROUP); /* puts all in order */
	if (!digest->sorted)
		return "";
	if (digest->json.len > 0 && !digest->json.bad)
		return mh_buf_z(&digest->json);
	mh_buf_reset(&digest->json);
	mh_json_init(&json, &digest->json);
	mh_json_open(&json, '{');
	key_int(&json, "schema", 1);
	key_str(&json, "kind", "log-summary");
	key_int(&json, "lines", mh_digest_int(digest, MH_D_LINES));
	key_int(&json, "deliveries", mh_digest_int(digest, MH_D_DELIVERIES));
	key_time(&json, "from", mh_digest_int(digest, MH_D_FROM));
	key_time(&json, "to", mh_digest_int(digest, MH_D_TO));
	mh_json_key(&json, "by_result");
	mh_json_open(&json, '{');
	key_int(&json, "sent", mh_digest_int(digest, MH_D_SENT));
	key_int(&json, "deferred", mh_digest_int(digest, MH_D_DEFERRED));
	key_int(&json, "bounced", mh_digest_int(digest, MH_D_BOUNCED));
	key_int(&json, "expired", mh_digest_int(digest, MH_D_EXPIRED));
	mh_json_close(&json, '}');
	key_int(&json, "rejected", mh_digest_int(digest, MH_D_REJECTED));
	key_int(&json, "left_out", mh_digest_int(digest, MH_D_LEFT_OUT));
	write_list(&json, digest, "groups", MH_D_GROUP, write_group);
	write_list(&json, digest, "throttles", MH_D_THROTTLE, write_throttle);
	write_list(&json, digest, "forwarding", MH_D_FORWARDING, write_forwarding);
	write_list(&json, digest, "tls", MH_D_TLS, write_fault);
	write_list(&json, digest, "unknown", MH_D_UNKNOWN, write_unknown);
	mh_json_close(&json, '}');
	return mh_buf_z(&digest->json);
}
