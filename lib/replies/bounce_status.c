/* bounce_status.c - the fields of delivery status and feedback reports
 *
 * Groups of fields with empty lines between them, the first about the message,
 * the others about one recipient each (RFC 3464 2.1).  In the field empty lines
 * are missing or too many, so a group also ends where a recipient is named a
 * second time, and fields of no group go to the recipient before them.
 *
 * RFC 3464, RFC 6533 3 (utf-8 addresses), RFC 5965 3.
 */
#include "bounce_inner.h"
#include "error.h"
#include "text.h"
#include "word.h"

/* ----------------------------------------------------------------------------- values */

/* typed_value - what stands behind "type;" and the type; the type is "" where there is none */
static struct mh_str
typed_value(struct mh_str value, struct mh_str *type)
{
	size_t i = 0;
	while (i < value.len && i < 32 &&
	    (mh_is_alnum(value.p[i]) || value.p[i] == '-' || value.p[i] == '_' || value.p[i] == ' '))
		i++;
	*type = MH_STR("");
	if (i == 0 || i == value.len || value.p[i] != ';' || !mh_is_alpha(value.p[0]))
		return value;
	*type = mh_str_trim(mh_str_n(value.p, i));
	return mh_str_trim(mh_str_n(value.p + i + 1, value.len - i - 1));
}

/* unescape_utf8 - an address of RFC 6533 3 with its \x{...} undone; p is NULL without memory */
static struct mh_str
unescape_utf8(struct mh_arena *arena, struct mh_str s)
{
	if (s.len == 0 || memchr(s.p, '\\', s.len) == NULL)
		return s;
	char *out = mh_arena_alloc(arena, s.len);
	size_t n = 0, i = 0;
	if (out == NULL)
		return mh_str_n(NULL, 0);
	while (i < s.len) {
		uint32_t cp = 0;
		size_t k = i + 3;
		char utf8[4];
		if (s.len - i > 4 && s.p[i] == '\\' && mh_lower(s.p[i + 1]) == 'x' && s.p[i + 2] == '{') {
			for (; k < s.len && k < i + 9 && mh_hex(s.p[k]) >= 0; k++)
				cp = cp * 16 + (uint32_t)mh_hex(s.p[k]);
			int len = k < s.len && s.p[k] == '}' && cp > 0 ? mh_utf8_put(cp, utf8) : 0;
			if (len > 0) {
				memcpy(out + n, utf8, (size_t)len);
				n += (size_t)len;
				i = k + 1;
				continue;
			}
		}
		out[n++] = s.p[i++];
	}
	return mh_str_n(out, n);
}

/* address_of - the address in a recipient field; p is NULL without memory */
static struct mh_str
address_of(struct mh_returned *bounce, struct mh_str value)
{
	struct mh_str type;
	value = mh_words_decode(&bounce->mime, value);
	if (value.p == NULL)
		return value;
	struct mh_str address = typed_value(value, &type);
	if (mh_str_ieq(type, MH_STR("utf-8")))
		address = unescape_utf8(&bounce->arena, address);
	if (address.p == NULL)
		return address;
	if (mh_str_istarts(address, MH_STR("mailto:")))
		address = mh_str_n(address.p + 7, address.len - 7);
	if (address.len > 0 && memchr(address.p, '<', address.len) != NULL &&
	    memchr(address.p, '>', address.len) != NULL)
		return mh_address_in(address);
	for (size_t i = 1; i < address.len; i++) {
		if (address.p[i] == '(' && mh_is_space(address.p[i - 1])) {
			address.len = i;
			break;
		}
	}
	return mh_str_trim(address);
}

/* host_of - a host without its type and comment; p is NULL without memory */
static struct mh_str
host_of(struct mh_returned *bounce, struct mh_str value)
{
	struct mh_str type;
	value = mh_unfold(&bounce->arena, value);
	if (value.p == NULL)
		return value;
	value = typed_value(value, &type);
	size_t len = 0;
	while (len < value.len && !mh_is_space(value.p[len]) && value.p[len] != '(')
		len++;
	value.len = len;
	while (value.len > 1 && (value.p[value.len - 1] == '.' || value.p[value.len - 1] == ']'))
		value.len--;
	if (value.len > 0 && value.p[0] == '[')
		value = mh_str_n(value.p + 1, value.len - 1);
	return value;
}

static struct mh_str
status_of(struct mh_str value)
{
	struct mh_status status;
	for (size_t i = 0; i < value.len; i++) {
		if (!mh_is_digit(value.p[i]) ||
		    (i > 0 && (mh_is_alnum(value.p[i - 1]) || value.p[i - 1] == '.')))
			continue;
		size_t len = mh_status_read(value.p + i, value.p + value.len, &status);
		if (len > 0)
			return mh_str_n(value.p + i, len);
	}
	return MH_STR("");
}

uint8_t
mh_action_class(struct mh_str action)
{
	static const struct {
		struct mh_str word;
		uint8_t class;
	} words[] = { { MH_STR_INIT("failed"), MH_BC_FAILED }, { MH_STR_INIT("delayed"), MH_BC_DELAYED },
		{ MH_STR_INIT("delivered"), MH_BC_DELIVERED }, { MH_STR_INIT("expanded"), MH_BC_EXPANDED },
		{ MH_STR_INIT("relayed"), MH_BC_RELAYED } };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (mh_str_eq(action, words[i].word))
			return words[i].class;
	return MH_BC_UNKNOWN;
}

/* action_of - the word of RFC 3464 2.3.3 that a value means; "" if it is none */
static struct mh_str
action_of(struct mh_str value)
{
	static const struct mh_str words[][2] = { { MH_STR_INIT("fail"), MH_STR_INIT("failed") },
		{ MH_STR_INIT("delay"), MH_STR_INIT("delayed") },
		{ MH_STR_INIT("deliver"), MH_STR_INIT("delivered") },
		{ MH_STR_INIT("relay"), MH_STR_INIT("relayed") },
		{ MH_STR_INIT("expand"), MH_STR_INIT("expanded") },
		{ MH_STR_INIT("error"), MH_STR_INIT("failed") },
		{ MH_STR_INIT("bounce"), MH_STR_INIT("failed") },
		{ MH_STR_INIT("expire"), MH_STR_INIT("failed") },
		{ MH_STR_INIT("success"), MH_STR_INIT("delivered") } };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (mh_str_istarts(value, words[i][0]))
			return words[i][1];
	return MH_STR("");
}

/* ---------------------------------------------------------------------------- recipients */

int
mh_bounce_add(struct mh_returned *bounce, struct mh_bounced **out)
{
	*out = NULL;
	if (bounce->count == MH_RETURNED_RECIPIENTS) {
		bounce->left_out++;
		return MH_ERR_OK;
	}
	if (bounce->count == bounce->room) {
		size_t room = bounce->room == 0 ? 4 : bounce->room * 4;
		struct mh_bounced *list = mh_arena_alloc(&bounce->arena, room * sizeof(*list));
		if (list == NULL)
			return MH_ERR_ENOMEM;
		if (bounce->count > 0)
			memcpy(list, bounce->recipients, bounce->count * sizeof(*list));
		bounce->recipients = list;
		bounce->room = room;
	}
	struct mh_str none = MH_STR("");
	*out = &bounce->recipients[bounce->count++];
	**out = (struct mh_bounced){ .recipient = none,
		.orig_recipient = none,
		.action = none,
		.status = none,
		.diagnostic_type = none,
		.remote_mta = none,
		.text = none,
		.text_at = SIZE_MAX };
	return MH_ERR_OK;
}

enum field_kind { FINAL, ORIGINAL, ACTION, STATUS, REMOTE, DIAGNOSTIC, SUPPLEMENT, REPORTING, FIELD_KINDS };

static enum field_kind
kind_of(struct mh_str name)
{
	static const struct mh_str names[FIELD_KINDS] = { [FINAL] = MH_STR_INIT("final-recipient"),
		[ORIGINAL] = MH_STR_INIT("original-recipient"),
		[ACTION] = MH_STR_INIT("action"),
		[STATUS] = MH_STR_INIT("status"),
		[REMOTE] = MH_STR_INIT("remote-mta"),
		[DIAGNOSTIC] = MH_STR_INIT("diagnostic-code"),
		[SUPPLEMENT] = MH_STR_INIT("x-supplementary-info"),
		[REPORTING] = MH_STR_INIT("reporting-mta") };
	for (size_t i = 0; i < FIELD_KINDS; i++)
		if (names[i].len == name.len && mh_str_ieq(name, names[i]))
			return (enum field_kind)i;
	return FIELD_KINDS;
}

/* words_of - what a server said, one line a line of its reply; p is NULL without memory */
static struct mh_str
words_of(struct mh_returned *bounce, struct mh_str value)
{
	struct mh_str flat = mh_said_flat(&bounce->arena, value);
	if (flat.p == NULL)
		return flat;
	if (flat.len > MH_RETURNED_TEXT) {
		flat.len = MH_RETURNED_TEXT;
		bounce->odd |= MH_BO_LONG;
	}
	if (memchr(flat.p, '\n', flat.len) != NULL && memchr(flat.p, '?', flat.len) == NULL &&
	    mh_utf8_prefix(flat) == flat.len)
		return flat; /* its lines would be lost */
	return mh_words_decode(&bounce->mime, flat);
}

/* set_field - one field of a recipient's group; MH_OK or MH_ENOMEM */
static int
set_field(struct mh_returned *bounce, struct mh_bounced *one, enum field_kind kind, struct mh_str value)
{
	struct mh_str *target = NULL, type;
	switch (kind) {
	case FINAL:
		target = &one->recipient;
		*target = address_of(bounce, value);
		break;
	case ORIGINAL:
		target = &one->orig_recipient;
		*target = address_of(bounce, value);
		break;
	case ACTION:
		one->action = action_of(value);
		break;
	case STATUS:
		one->status = status_of(value);
		break;
	case REMOTE:
		target = &one->remote_mta;
		*target = host_of(bounce, value);
		break;
	case DIAGNOSTIC:
	case SUPPLEMENT:
		target = &one->text;
		if (kind == DIAGNOSTIC || one->text.len == 0 || mh_code_at(one->text) == 0) {
			struct mh_str words = words_of(bounce, typed_value(value, &type));
			/* Said again it is the same, or the bouncing system's own words: the first with a code stands. */
			if (words.p == NULL || one->text.len == 0 || mh_reply_at(words) < words.len)
				one->text = words;
			if (kind == DIAGNOSTIC)
				one->diagnostic_type = type;
		}
		break;
	default:
		break;
	}
	return target != NULL && target->p == NULL ? MH_ERR_ENOMEM : MH_ERR_OK;
}

/* take_comment - what stands in parentheses behind a status is the text where there is no diagnostic */
static void
take_comment(struct mh_returned *bounce, struct mh_str *comment)
{
	struct mh_bounced *last = bounce->count > 0 ? &bounce->recipients[bounce->count - 1] : NULL;
	if (last != NULL && last->text.len == 0 && comment->len > 0)
		last->text = *comment;
	*comment = MH_STR("");
}

/* comment_of - "5.4.4 (no such host)"; "" if there is none, or only what RFC 3463 says of the code */
static struct mh_str
comment_of(struct mh_str value)
{
	const char *open = value.len > 0 ? memchr(value.p, '(', value.len) : NULL;
	if (open == NULL || value.p[value.len - 1] != ')')
		return MH_STR("");
	struct mh_str comment = mh_str_n(open + 1, (size_t)(value.p + value.len - open) - 2);
	static const struct mh_str empty[] = { MH_STR_INIT("undefined"), MH_STR_INIT("permanent failure"),
		MH_STR_INIT("temporary failure"), MH_STR_INIT("other "), MH_STR_INIT("failed"),
		MH_STR_INIT("delayed") };
	for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++)
		if (mh_str_istarts(comment, empty[i]))
			return MH_STR("");
	return comment;
}

int
mh_status_report(struct mh_returned *bounce, struct mh_str fields)
{
	struct mh_str comment = MH_STR("");
	struct mh_bounced *one = NULL;
	bool has[FIELD_KINDS] = { false }, is_full = false;
	int result = MH_ERR_OK;
	while (fields.len > 0 && result == MH_ERR_OK) {
		struct mh_field field;
		const char *before = fields.p;
		if (!mh_field_next(&fields, &field)) {
			if (fields.p == before)
				break;
			/* An empty line ends a group that has a recipient; one without waits for it. */
			if (has[FINAL] || has[ORIGINAL]) {
				one = NULL;
				memset(has, 0, sizeof(has));
			}
			continue;
		}
		enum field_kind kind = kind_of(field.name);
		if (kind == FIELD_KINDS)
			continue;
		if (kind == REPORTING) {
			if (bounce->reporting_mta.len == 0) {
				bounce->reporting_mta = host_of(bounce, field.value);
				if (bounce->reporting_mta.p == NULL)
					return MH_ERR_ENOMEM;
			}
			continue;
		}
		bool names = kind == FINAL || kind == ORIGINAL;
		if (names && has[kind]) { /* the empty line between two recipients is missing */
			one = NULL;
			memset(has, 0, sizeof(has));
		}
		if (one == NULL) {
			if (!names && bounce->count > 0 && !is_full && kind != ACTION)
				one = &bounce->recipients[bounce->count - 1]; /* an empty line too many */
			else if (names || !is_full) {
				take_comment(bounce, &comment);
				result = mh_bounce_add(bounce, &one);
			}
			is_full = one == NULL;
		}
		has[kind] = true;
		if (one != NULL && kind == STATUS)
			comment = mh_unfold(&bounce->arena, comment_of(field.value));
		if (comment.p == NULL)
			return MH_ERR_ENOMEM;
		if (one != NULL)
			result = set_field(bounce, one, kind, field.value);
	}
	take_comment(bounce, &comment);
	for (size_t i = 0; i < bounce->count; i++)
		if (bounce->recipients[i].recipient.len == 0)
			bounce->recipients[i].recipient = bounce->recipients[i].orig_recipient;
	return result;
}

int
mh_feedback_report(struct mh_returned *bounce, struct mh_str fields)
{
	struct mh_str removal = MH_STR("");
	struct mh_field field;
	struct mh_bounced *one;
	size_t before = bounce->count;
	while (fields.len > 0) {
		const char *at = fields.p;
		if (!mh_field_next(&fields, &field)) {
			if (fields.p == at)
				break;
			continue;
		}
		if (mh_str_ieq(field.name, MH_STR("feedback-type")) && bounce->feedback_type.len == 0)
			bounce->feedback_type = mh_unfold(&bounce->arena, field.value);
		else if (mh_str_ieq(field.name, MH_STR("reporting-mta")) && bounce->reporting_mta.len == 0)
			bounce->reporting_mta = host_of(bounce, field.value);
		else if (mh_str_ieq(field.name, MH_STR("removal-recipient")) && removal.len == 0)
			removal = address_of(bounce, field.value);
		else if (mh_str_ieq(field.name, MH_STR("original-rcpt-to"))) {
			if (mh_bounce_add(bounce, &one) != MH_ERR_OK)
				return MH_ERR_ENOMEM;
			if (one != NULL)
				one->recipient = address_of(bounce, field.value);
			if (one != NULL && one->recipient.p == NULL)
				return MH_ERR_ENOMEM;
		}
	}
	if (bounce->feedback_type.p == NULL || bounce->reporting_mta.p == NULL || removal.p == NULL)
		return MH_ERR_ENOMEM;
	if (bounce->count == before) {
		if (mh_bounce_add(bounce, &one) != MH_ERR_OK)
			return MH_ERR_ENOMEM;
		if (one != NULL)
			one->recipient = removal;
	}
	for (size_t i = before; i < bounce->count; i++)
		bounce->recipients[i].class = MH_BC_FEEDBACK;
	return MH_ERR_OK;
}
