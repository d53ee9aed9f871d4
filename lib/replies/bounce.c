/* bounce.c - a message that says what became of others
 *
 * A report is read by its fields (bounce_status.c), the prose beside it by
 * bounce_text.c, and each recipient gets the more telling of the two: the
 * remote server's own reply before the bouncing system's words.  Where there
 * is no report the prose is all there is.  A bounce that was forwarded is
 * looked for in the message within.
 */
#include "bounce.h"

#include "bounce_inner.h"
#include "charset.h"
#include "error.h"
#include "port.h"
#include "text.h"

#define ARENA_KEEP (4u << 20)
#define REPORT_MAX (4u << 20) /* octets of a report's fields that are read */
#define FORWARDED 4 /* messages within that are tried */

static const char *const forms[] = {
#define X(name, text) text,
	MH_BOUNCE_FORMS(X)
#undef X
};

/* One message, or one within another, and its parts. */
struct look {
	struct mh_returned *bounce;
	struct mh_str message; /* all of it, for text_at */
	size_t root; /* its part */
	const struct mh_mime_part *status, *feedback, *disposition, *original, *plain, *html;
	struct mh_envelope envelope;
	struct mh_speech speech;
};

void
mh_returned_init(struct mh_returned *bounce, const struct mh_mem *mem)
{
	memset(bounce, 0, sizeof(*bounce));
	bounce->mem = *mem;
	bounce->form = "";
	mh_arena_init(&bounce->arena, mem, ARENA_KEEP);
	mh_mime_init(&bounce->mime, &bounce->mem, &bounce->arena);
	mh_phrases_init(&bounce->phrases);
}

void
mh_returned_free(struct mh_returned *bounce)
{
	mh_mime_free(&bounce->mime);
	mh_arena_free(&bounce->arena);
}

/* ----------------------------------------------------------------------------- parts */

static bool
is_message(const struct mh_mime_part *part)
{
	return part->type == MH_MIME_MESSAGE || part->type == MH_MIME_GLOBAL;
}

/* root_of - the part that is the message a part stands in, without the parts of messages within it */
static size_t
root_of(const struct mh_mime *mime, size_t part)
{
	while (part > 0 && !is_message(&mime->parts[mime->parts[part].parent]))
		part = mime->parts[part].parent;
	return part;
}

/* has_parts - whether a multipart has any */
static bool
has_parts(const struct mh_mime *mime, size_t part)
{
	return part + 1 < mime->count && mime->parts[part + 1].parent == part;
}

/* choose - the parts of a message that matter */
static void
choose(struct look *look)
{
	const struct mh_mime *mime = &look->bounce->mime;
	for (size_t i = look->root; i < mime->count; i++) {
		const struct mh_mime_part *part = &mime->parts[i];
		if (part->depth < mime->parts[look->root].depth || root_of(mime, i) != look->root) {
			if (part->depth <= mime->parts[look->root].depth && i > look->root)
				break;
			continue;
		}
		bool is_report = part->type == MH_MIME_STATUS || part->type == MH_MIME_GLOBAL_STATUS;
		if (is_report && look->status == NULL)
			look->status = part;
		else if (part->type == MH_MIME_FEEDBACK && look->feedback == NULL)
			look->feedback = part;
		else if ((part->type == MH_MIME_DISPOSITION || part->type == MH_MIME_GLOBAL_DISPOSITION) &&
		    look->disposition == NULL)
			look->disposition = part;
		else if ((is_message(part) || part->type == MH_MIME_HEADERS ||
			     part->type == MH_MIME_GLOBAL_HEADERS) &&
		    look->original == NULL)
			look->original = part;
		else if (part->type == MH_MIME_HTML && look->html == NULL)
			look->html = part;
		else if ((part->type == MH_MIME_PLAIN ||
			     (part->type == MH_MIME_MULTIPART && !has_parts(mime, i))) &&
		    look->plain == NULL && part->body.len > 0)
			look->plain = part;
	}
}

/* ---------------------------------------------------------------------- what was sent */

/* read_original - what the returned header says of the message that was sent */
static int
read_original(struct look *look)
{
	struct mh_returned *bounce = look->bounce;
	struct mh_envelope sent;
	struct mh_str head = look->speech.original;
	if (look->original != NULL && is_message(look->original)) {
		size_t number = (size_t)(look->original - bounce->mime.parts);
		head = has_parts(&bounce->mime, number) ? bounce->mime.parts[number + 1].head
							: look->original->body;
	} else if (look->original != NULL) {
		head = mh_mime_text(&bounce->mime, look->original, MH_MIME_HEAD);
	}
	if (head.p == NULL)
		return MH_ERR_ENOMEM;
	if (head.len > MH_MIME_HEAD)
		head.len = MH_MIME_HEAD;
	if (!mh_envelope_read(&sent, &bounce->mime, head))
		return MH_ERR_ENOMEM;
	bounce->message_id = sent.message_id;
	bounce->subject = sent.subject;
	bounce->sender = sent.from.len > 0 ? sent.from : sent.return_path;
	/* A bounce that names nobody is about whom the message was for. */
	if (bounce->count == 1 && bounce->recipients[0].recipient.len == 0 &&
	    bounce->recipients[0].class != MH_BC_FEEDBACK)
		bounce->recipients[0].recipient = sent.to;
	return MH_ERR_OK;
}

/* -------------------------------------------------------------------------- recipients */

static bool
is_telling(const struct mh_bounced *one)
{
	return one->text.len > 0 && mh_reply_at(one->text) < one->text.len;
}

/* names_tls - short as it may be, a diagnostic that speaks of TLS names the cause */
static bool
names_tls(struct mh_str text)
{
	for (size_t i = 0; i + 3 <= text.len; i++)
		if (mh_str_istarts(mh_str_n(text.p + i, text.len - i), MH_STR("tls")))
			return true;
	return false;
}

/* take_said - the prose's words where they tell more; false without memory */
static bool
take_said(struct look *look, struct mh_bounced *one, const struct mh_spoken *spoken)
{
	struct mh_said said;
	if (!mh_speech_said(&look->speech, spoken, &said))
		return false;
	if (one->phase == MH_PHASE_NONE)
		one->phase = said.phase;
	if (one->remote_mta.len == 0)
		one->remote_mta = said.host;
	bool is_bad = one->class == MH_BC_FAILED || one->class == MH_BC_DELAYED;
	if (is_bad && one->text.len < said.text.len && one->text.len > 3 && one->text.p[3] == '-' &&
	    mh_str_istarts(said.text, one->text))
		one->text = said.text; /* Sendmail reports the first line of a reply */
	if (!is_bad || is_telling(one) || (names_tls(one->text) && said.rank != MH_SAID_REPLY))
		return true;
	if (said.rank == MH_SAID_REPLY || (said.rank == MH_SAID_COMMON && look->bounce->count == 1) ||
	    (one->text.len < 12 && said.rank > MH_SAID_NOTHING) ||
	    (one->text.len < said.text.len && said.rank == MH_SAID_PROSE && one->text.len < 40))
		one->text = said.text;
	return true;
}

/* prefer_address - a recipient that is a file, a pipe or a route is told by the address it was made from */
static void
prefer_address(struct mh_bounced *one, const struct mh_spoken *spoken)
{
	struct mh_str final = one->recipient;
	if (final.len == 0 || (final.p[0] != '@' && memchr(final.p, '@', final.len) != NULL))
		return;
	if (one->orig_recipient.len > 0 &&
	    memchr(one->orig_recipient.p, '@', one->orig_recipient.len) != NULL)
		one->recipient = one->orig_recipient;
	else if (spoken != NULL)
		one->recipient = spoken->address;
}

/* finish - class, text and place of each recipient; MH_OK or MH_ENOMEM */
static int
finish(struct look *look, bool is_delay)
{
	struct mh_returned *bounce = look->bounce;
	for (size_t i = 0; i < bounce->count; i++) {
		struct mh_bounced *one = &bounce->recipients[i];
		if (one->class == MH_BC_UNKNOWN) {
			if (one->action.len == 0)
				one->action = is_delay && (one->status.len == 0 || one->status.p[0] != '5')
				    ? MH_STR("delayed")
				    : one->status.len > 0 && one->status.p[0] == '2' ? MH_STR("delivered")
										     : MH_STR("failed");
			one->class = mh_action_class(one->action);
		}
		struct mh_spoken *spoken = mh_speech_find(&look->speech, one->recipient);
		if (spoken == NULL && one->orig_recipient.len > 0)
			spoken = mh_speech_find(&look->speech, one->orig_recipient);
		if (spoken == NULL && bounce->count == 1 && look->speech.count > 0)
			spoken = &look->speech.list[0];
		if (!take_said(look, one, spoken))
			return MH_ERR_ENOMEM;
		prefer_address(one, spoken);
		if (spoken != NULL && one->orig_recipient.len == 0)
			one->orig_recipient = spoken->orig;
		size_t at = mh_reply_at(one->text);
		if (at < one->text.len)
			one->text = mh_reply_cut(&bounce->phrases, one->text, at);
		if (one->phase == MH_PHASE_NONE)
			one->phase = mh_said_phase(&bounce->phrases, one->text);
		if (mh_code_at(one->text) == 0)
			one->code = (int16_t)mh_reply_quoted_code(one->text);
		if (one->text.len > MH_RETURNED_TEXT) {
			one->text = mh_utf8_cut(one->text, MH_RETURNED_TEXT);
			bounce->odd |= MH_BO_LONG;
		}
		uintptr_t p = (uintptr_t)one->text.p, begin = (uintptr_t)look->message.p;
		one->text_at =
		    one->text.len > 0 && p >= begin && p < begin + look->message.len ? p - begin : SIZE_MAX;
	}
	return MH_ERR_OK;
}

/* add_named - a recipient for each address that prose or header name; MH_OK or MH_ENOMEM */
static int
add_named(struct look *look)
{
	struct mh_returned *bounce = look->bounce;
	struct mh_bounced *one;
	bool has_strong = false, has_said = false;
	for (size_t i = 0; i < look->speech.count; i++) {
		has_strong |= !look->speech.list[i].is_weak;
		has_said |= !look->speech.list[i].is_field;
	}
	for (size_t i = 0; i < look->speech.count; i++) {
		const struct mh_spoken *spoken = &look->speech.list[i];
		if (spoken->is_weak && has_strong && look->speech.form != MH_FORM_OF_FML)
			continue;
		if (spoken->is_field && spoken->is_weak && has_said)
			continue;
		if (mh_bounce_add(bounce, &one) != MH_ERR_OK)
			return MH_ERR_ENOMEM;
		if (one != NULL)
			one->recipient = spoken->address;
		if (look->speech.form == MH_FORM_OF_FML)
			break; /* the other address is where help is had */
	}
	bounce->left_out += look->speech.left_out;
	struct mh_str failed = look->envelope.failed;
	bool is_first = bounce->count == 0;
	while (is_first && failed.len > 0) {
		const char *comma = memchr(failed.p, ',', failed.len);
		size_t len = comma != NULL ? (size_t)(comma - failed.p) : failed.len;
		struct mh_str address = mh_address_in(mh_str_n(failed.p, len));
		if (address.len > 0 && mh_bounce_add(bounce, &one) != MH_ERR_OK)
			return MH_ERR_ENOMEM;
		if (address.len > 0 && one != NULL)
			one->recipient = address;
		len += comma != NULL;
		failed = mh_str_n(failed.p + len, failed.len - len);
	}
	if (bounce->count == 0)
		return mh_bounce_add(bounce, &one);
	return MH_ERR_OK;
}

/* add_answer - an automatic answer has one "recipient": whose mailbox wrote it; MH_OK or MH_ENOMEM */
static int
add_answer(struct look *look, uint8_t class, struct mh_str text)
{
	struct mh_bounced *one;
	if (mh_bounce_add(look->bounce, &one) != MH_ERR_OK)
		return MH_ERR_ENOMEM;
	if (one != NULL) {
		one->class = class;
		one->recipient = look->envelope.from;
		one->text = mh_str_trim(text);
	}
	return MH_ERR_OK;
}

/* ------------------------------------------------------------------------------ messages */

/* prose_of - the text beside a report; p is NULL without memory */
static struct mh_str
prose_of(struct look *look)
{
	struct mh_mime *mime = &look->bounce->mime;
	if (look->plain != NULL)
		return mh_mime_text(mime, look->plain, MH_SPEECH_TEXT);
	/* A report with HTML beside it says all that the HTML says. */
	if (look->html == NULL ||
	    (look->status != NULL && look->bounce->count > 0 && is_telling(&look->bounce->recipients[0])))
		return MH_STR("");
	struct mh_str html = mh_mime_text(mime, look->html, MH_SPEECH_TEXT);
	return html.p != NULL ? mh_html_text(mime->arena, html) : html;
}

/* report_in - where the fields of a report begin in a text that is not marked as one; its length if nowhere */
static size_t
report_in(struct mh_str text)
{
	struct mh_str rest = text, line;
	while (mh_line_next(&rest, &line))
		if (line.len > 16 && (line.p[0] == 'F' || line.p[0] == 'f') &&
		    mh_str_istarts(line, MH_STR("final-recipient:")))
			return (size_t)(line.p - text.p);
	return text.len;
}

/* read_message - one message; MH_OK or MH_ENOMEM.  bounce->count stays 0 if it says nothing of others. */
static int
read_message(struct look *look)
{
	struct mh_returned *bounce = look->bounce;
	struct mh_mime *mime = &bounce->mime;
	int result = MH_ERR_OK;
	choose(look);
	if (!mh_envelope_read(&look->envelope, mime, mime->parts[look->root].head))
		return MH_ERR_ENOMEM;
	if (look->feedback != NULL) {
		struct mh_str fields = mh_mime_text(mime, look->feedback, REPORT_MAX);
		result = fields.p != NULL ? mh_feedback_report(bounce, fields) : MH_ERR_ENOMEM;
		bounce->form = "arf";
		bounce->class = MH_BC_FEEDBACK;
		look->speech.original = MH_STR("");
		return result == MH_ERR_OK ? read_original(look) : result;
	}
	if (look->disposition != NULL && look->status == NULL)
		return MH_ERR_OK; /* RFC 8098: somebody read it, or did not */
	if (look->status != NULL) {
		struct mh_str fields = mh_mime_text(mime, look->status, REPORT_MAX);
		result = fields.p != NULL ? mh_status_report(bounce, fields) : MH_ERR_ENOMEM;
		bounce->form = "rfc3464";
	}
	struct mh_str text = result == MH_ERR_OK ? prose_of(look) : mh_str_n(NULL, 0);
	if (text.p == NULL)
		return MH_ERR_ENOMEM;
	uint8_t answer =
	    look->status == NULL ? mh_answer_kind(&bounce->phrases, &look->envelope, text) : MH_BC_UNKNOWN;
	if (!mh_speech_read(&look->speech, &bounce->arena, &bounce->phrases, text))
		return MH_ERR_ENOMEM;
	size_t report = look->status == NULL ? report_in(text) : text.len;
	if (answer != MH_BC_UNKNOWN && report == text.len) {
		bounce->class = answer;
		result = add_answer(look, answer, text);
		return result == MH_ERR_OK ? finish(look, false) : result;
	}
	if (report < text.len) {
		while (report > 0 && text.p[report - 1] != '\0' && text.len - report < 400)
			report--;
		result = mh_status_report(bounce, mh_str_n(text.p + report, text.len - report));
		bounce->form = "rfc3464";
	} else if (bounce->count == 0) {
		if (look->status == NULL && !mh_is_bounce(&bounce->phrases, &look->envelope, &look->speech))
			return MH_ERR_OK;
		bounce->form =
		    forms[look->speech.form != MH_FORM_OF_NONE ? look->speech.form : MH_FORM_OF_OTHER];
		result = add_named(look);
	}
	if (result != MH_ERR_OK)
		return result;
	bool subject_delays = mh_phrase_has(&bounce->phrases, look->envelope.subject, 1u << MH_PH_DELAY);
	bool subject_fails = mh_phrase_has(&bounce->phrases, look->envelope.subject, 1u << MH_PH_FAIL);
	result = finish(look, subject_delays || (look->speech.is_delay && !subject_fails));
	return result == MH_ERR_OK ? read_original(look) : result;
}

/* make_utf8 - what a header had in no charset at all; false without memory */
static bool
make_utf8(struct mh_returned *bounce, struct mh_str *s)
{
	size_t ascii = mh_ascii_prefix(*s);
	if (ascii + mh_utf8_prefix(mh_str_n(s->p + ascii, s->len - ascii)) == s->len)
		return true;
	struct mh_buf *out = &bounce->mime.text;
	mh_buf_reset(out);
	(void)mh_charset_put_octets(out, *s);
	if (!out->bad)
		*s = mh_arena_copy(&bounce->arena, mh_str_n(out->p, out->len));
	return !out->bad && s->p != NULL;
}

/* make_all_utf8 - false without memory */
static bool
make_all_utf8(struct mh_returned *bounce)
{
	bool good = make_utf8(bounce, &bounce->reporting_mta) && make_utf8(bounce, &bounce->message_id) &&
	    make_utf8(bounce, &bounce->subject) && make_utf8(bounce, &bounce->sender) &&
	    make_utf8(bounce, &bounce->feedback_type);
	for (size_t i = 0; i < bounce->count && good; i++) {
		struct mh_bounced *one = &bounce->recipients[i];
		const char *before = one->text.p;
		good = make_utf8(bounce, &one->recipient) && make_utf8(bounce, &one->orig_recipient) &&
		    make_utf8(bounce, &one->diagnostic_type) && make_utf8(bounce, &one->remote_mta) &&
		    make_utf8(bounce, &one->text);
		if (one->text.p != before)
			one->text_at = SIZE_MAX;
	}
	return good;
}

/* without_from - a message without what an mbox or an editor put before it */
static struct mh_str
without_from(struct mh_str message)
{
	struct mh_str rest = message, line;
	for (struct mh_str before = rest; mh_line_next(&rest, &line); before = rest)
		if (mh_str_trim(line).len > 0 && !mh_str_istarts(line, MH_STR("From ")) &&
		    !mh_str_istarts(line, MH_STR(">From ")))
			return before;
	return mh_str_n(message.p, 0);
}

int
mh_returned_read(struct mh_returned *bounce, struct mh_str message)
{
	struct mh_str none = MH_STR("");
	mh_arena_reset(&bounce->arena);
	bounce->form = "";
	bounce->class = MH_BC_UNKNOWN;
	bounce->reporting_mta = bounce->message_id = bounce->subject = bounce->sender = none;
	bounce->feedback_type = none;
	bounce->recipients = NULL;
	bounce->count = bounce->room = bounce->left_out = 0;
	bounce->odd = 0;
	if (message.len == 0)
		return MH_ERR_OK;
	int result = mh_mime_read(&bounce->mime, without_from(message));
	size_t root = 0, tried = 0;
	while (result == MH_ERR_OK && bounce->count == 0 && tried++ < FORWARDED) {
		struct look look = { .bounce = bounce, .message = message, .root = root };
		result = read_message(&look);
		do
			root++;
		while (root < bounce->mime.count &&
		    !is_message(&bounce->mime.parts[bounce->mime.parts[root].parent]));
		if (root >= bounce->mime.count || look.disposition != NULL)
			break;
	}
	bounce->odd |= bounce->mime.odd;
	if (result == MH_ERR_OK && !make_all_utf8(bounce))
		result = MH_ERR_ENOMEM;
	if (result != MH_ERR_OK) {
		bounce->count = 0;
		return result;
	}
	for (size_t i = 0; i < bounce->count && bounce->class == MH_BC_UNKNOWN; i++)
		bounce->class = bounce->recipients[i].class;
	for (size_t i = 0; i < bounce->count; i++) /* what failed is what matters */
		if (bounce->recipients[i].class == MH_BC_FAILED)
			bounce->class = MH_BC_FAILED;
	return MH_ERR_OK;
}
