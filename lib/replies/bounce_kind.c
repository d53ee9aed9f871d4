/* bounce_kind.c - what kind of message one is, by its own header
 *
 * RFC 3834 5: "auto-replied" marks answers to a message.  Exim and Yandex mark
 * bounces with it too, so it counts only where a person's mailbox writes.
 */
#include "bounce_inner.h"
#include "port.h"

/* starts_with_any - whether s begins with one of the words, letter case ignored */
static bool
starts_with_any(struct mh_str s, const struct mh_str *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_istarts(s, words[i]))
			return true;
	return false;
}

static bool
is_mailer(struct mh_str from)
{
	static const struct mh_str names[] = { MH_STR_INIT("mailer-daemon"), MH_STR_INIT("mailerdaemon"),
		MH_STR_INIT("postmaster"), MH_STR_INIT("mail-daemon"), MH_STR_INIT("mail.delivery"),
		MH_STR_INIT("maildelivery"), MH_STR_INIT("mmsc"), MH_STR_INIT("bounce"),
		MH_STR_INIT("microsoftexchange") };
	return starts_with_any(from, names, MH_COUNT(names));
}

/* note_automatic - fields that say a machine wrote */
static void
note_automatic(struct mh_envelope *envelope, const struct mh_field *field)
{
	static const struct mh_str marks[] = { MH_STR_INIT("x-autoreply"), MH_STR_INIT("x-autorespond"),
		MH_STR_INIT("x-autoresponder"), MH_STR_INIT("x-auto-reply"), MH_STR_INIT("x-vacation"),
		MH_STR_INIT("x-mail-autoreply") };
	static const struct mh_str replies[] = { MH_STR_INIT("auto_reply"), MH_STR_INIT("auto-reply"),
		MH_STR_INIT("autoreply") };
	if (mh_str_ieq(field->name, MH_STR("auto-submitted"))) {
		envelope->is_auto_replied |= mh_str_istarts(field->value, MH_STR("auto-replied"));
		envelope->is_auto_generated |= mh_str_istarts(field->value, MH_STR("auto-generated"));
	} else if (mh_str_ieq(field->name, MH_STR("precedence")) ||
	    mh_str_ieq(field->name, MH_STR("x-precedence"))) {
		envelope->is_auto_replied |= starts_with_any(field->value, replies, MH_COUNT(replies));
	} else if (!mh_str_ieq(field->value, MH_STR("no"))) {
		for (size_t i = 0; i < MH_COUNT(marks); i++)
			envelope->is_auto_replied |= mh_str_ieq(field->name, marks[i]);
	}
}

bool
mh_envelope_read(struct mh_envelope *envelope, struct mh_mime *mime, struct mh_str head)
{
	struct mh_str none = MH_STR(""), raw_from = none;
	struct mh_field field;
	*envelope = (struct mh_envelope){ .subject = none,
		.from = none,
		.to = none,
		.message_id = none,
		.return_path = none,
		.failed = none };
	while (mh_field_next(&head, &field)) {
		struct mh_str name = field.name;
		switch (name.len > 0 ? mh_lower(name.p[0]) : 0) {
		case 's':
			if (envelope->subject.len == 0 && mh_str_ieq(name, MH_STR("subject")))
				envelope->subject = mh_words_decode(mime, field.value);
			break;
		case 'f':
			if (raw_from.len == 0 && mh_str_ieq(name, MH_STR("from"))) {
				raw_from = field.value;
				envelope->from = mh_address_in(raw_from);
			}
			break;
		case 't':
			if (envelope->to.len == 0 && mh_str_ieq(name, MH_STR("to")))
				envelope->to = mh_address_in(field.value);
			break;
		case 'm':
			if (envelope->message_id.len == 0 && mh_str_ieq(name, MH_STR("message-id")))
				envelope->message_id = mh_str_trim(field.value);
			break;
		case 'r':
			if (!envelope->has_return_path && mh_str_ieq(name, MH_STR("return-path"))) {
				envelope->has_return_path = true;
				envelope->return_path = mh_address_in(field.value);
			}
			break;
		case 'a':
		case 'p':
			note_automatic(envelope, &field);
			break;
		case 'x':
			if (envelope->failed.len == 0 && mh_str_ieq(name, MH_STR("x-failed-recipients")))
				envelope->failed = field.value;
			else
				note_automatic(envelope, &field);
			break;
		default:
			break;
		}
	}
	envelope->message_id = mh_unfold(mime->arena, envelope->message_id);
	if (envelope->message_id.len > 2 && envelope->message_id.p[0] == '<') {
		const char *end = memchr(envelope->message_id.p, '>', envelope->message_id.len);
		if (end != NULL)
			envelope->message_id =
			    mh_str_n(envelope->message_id.p + 1, (size_t)(end - envelope->message_id.p) - 1);
	}
	envelope->is_mailer = is_mailer(envelope->from) || is_mailer(raw_from) ||
	    (raw_from.len > 0 && envelope->from.len == 0) ||
	    (envelope->has_return_path && envelope->return_path.len == 0);
	return envelope->subject.p != NULL && envelope->message_id.p != NULL;
}

uint8_t
mh_answer_kind(const struct mh_phrases *phrases, const struct mh_envelope *envelope, struct mh_str text)
{
	if (envelope->failed.len > 0 || is_mailer(envelope->from))
		return MH_BC_UNKNOWN;
	struct mh_str begin = mh_str_n(text.p, text.len < 600 ? text.len : 600);
	if (mh_phrase_has(phrases, envelope->subject, 1u << MH_PH_CHALLENGE) ||
	    mh_phrase_has(phrases, begin, 1u << MH_PH_CHALLENGE))
		return MH_BC_CHALLENGE;
	if (mh_phrase_has(phrases, envelope->subject, 1u << MH_PH_VACATION))
		return MH_BC_VACATION;
	if (envelope->is_auto_replied && !mh_phrase_has(phrases, envelope->subject, 1u << MH_PH_FAIL))
		return MH_BC_VACATION;
	return MH_BC_UNKNOWN;
}

bool
mh_is_bounce(const struct mh_phrases *phrases, const struct mh_envelope *envelope,
    const struct mh_speech *speech)
{
	if (envelope->failed.len > 0)
		return true;
	bool by_subject = mh_phrase_has(phrases, envelope->subject, 1u << MH_PH_FAIL | 1u << MH_PH_DELAY);
	bool by_text = speech->is_fail || speech->is_delay || speech->is_delivered;
	bool names = speech->count > 0 || speech->common.len > 0;
	return (int)by_subject + (int)by_text + (int)names + (int)envelope->is_mailer >= 2 &&
	    (by_subject || by_text || envelope->is_mailer);
}
