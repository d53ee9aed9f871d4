/* tell.c - how a finding about a record is put together
 *
 * Does not: know what any finding means.
 */
#include "tell.h"

#include "error.h"
#include "json.h"
#include "port.h"

#define DETAIL_MAX 2000
#define SHOWN_MAX 200

void
mh_tell_begin(struct mh_tell *tell, struct mh_arena *arena, struct mh_report *report, const char *check,
    struct mh_str subject)
{
	*tell = (struct mh_tell){ .arena = arena, .report = report, .check = check, .subject = subject };
	mh_buf_init(&tell->detail, &arena->mem, DETAIL_MAX);
}

int
mh_tell_end(struct mh_tell *tell)
{
	mh_buf_free(&tell->detail);
	return tell->bad ? MH_ERR_ENOMEM : MH_ERR_OK;
}

void
mh_say(struct mh_tell *tell, const char *text)
{
	mh_buf_puts(&tell->detail, text);
}

void
mh_say_str(struct mh_tell *tell, struct mh_str text)
{
	mh_printable(&tell->detail, text, SHOWN_MAX);
}

void
mh_say_int(struct mh_tell *tell, int64_t number)
{
	mh_buf_putint(&tell->detail, number);
}

void
mh_tell_arg_int(struct mh_tell *tell, const char *name, int64_t number)
{
	if (tell->args_count < MH_COUNT(tell->args))
		tell->args[tell->args_count++] =
		    (struct mh_finding_arg){ .name = name, .text = { NULL, 0 }, .number = number };
}

void
mh_tell_arg_str(struct mh_tell *tell, const char *name, struct mh_str text)
{
	if (tell->args_count < MH_COUNT(tell->args))
		tell->args[tell->args_count++] =
		    (struct mh_finding_arg){ .name = name, .text = text.p != NULL ? text : MH_STR("") };
}

/* begins_next - what belonged to the finding that was told is gone */
static void
begins_next(struct mh_tell *tell)
{
	mh_buf_reset(&tell->detail);
	tell->fixes_count = tell->args_count = 0;
	tell->affects = NULL;
	tell->severity = 0;
	tell->drops_fix = false;
}

/* may_tell - counts one more of this number; false: there were enough */
static bool
may_tell(struct mh_tell *tell, int number)
{
	size_t i = 0;
	while (i < MH_COUNT(tell->told) - 1 && tell->told[i].number != 0 && tell->told[i].number != number)
		i++;
	tell->told[i].number = number;
	return tell->told[i].count++ < MH_TELL_MAX;
}

bool
mh_tell_has(const struct mh_tell *tell, int number)
{
	for (size_t i = 0; i < MH_COUNT(tell->told); i++)
		if (tell->told[i].number == number)
			return true;
	return false;
}

/* add - the finding with all that was said */
static void
add(struct mh_tell *tell, int number, struct mh_str subject, struct mh_str evidence, int64_t begin,
    bool is_unknown)
{
	struct mh_finding_more more = { .check = tell->check,
		.fixes = tell->fixes,
		.fixes_count = tell->drops_fix ? 0 : tell->fixes_count,
		.args = tell->args,
		.args_count = tell->args_count,
		.affects = tell->affects,
		.severity = tell->severity,
		.is_unknown = is_unknown };
	bool may = may_tell(tell, number);
	if (tell->report != NULL && may) {
		more.detail = mh_buf_str(&tell->detail);
		if (tell->detail.bad ||
		    mh_report_add_more(tell->report, number, subject, evidence, begin,
			begin >= 0 ? begin + (int64_t)evidence.len : -1, &more) != MH_ERR_OK)
			tell->bad = true;
	}
	begins_next(tell);
}

void
mh_tell(struct mh_tell *tell, int number, struct mh_str evidence)
{
	uintptr_t text = (uintptr_t)tell->text.p, part = (uintptr_t)evidence.p;
	bool has_place = tell->text.p != NULL && evidence.p != NULL && part >= text &&
	    part + evidence.len <= text + tell->text.len;
	add(tell, number, tell->subject, evidence, has_place ? (int64_t)(part - text) : -1, false);
}

void
mh_tell_about(struct mh_tell *tell, int number, struct mh_str subject, struct mh_str evidence)
{
	add(tell, number, subject, evidence, -1, false);
}

void
mh_say_why(struct mh_buf *out, const struct mh_fact *fact)
{
	const char *why = mh_why_text(fact->why);
	if (fact->server.len > 0) {
		mh_printable(out, fact->server, SHOWN_MAX);
		mh_buf_puts(out, ": ");
	} else if (why[0] >= 'a' && why[0] <= 'z') {
		mh_buf_putc(out, (char)(*why++ - 'a' + 'A'));
	}
	mh_buf_puts(out, why);
	if (fact->ede_text.len > 0) {
		mh_buf_puts(out, " (");
		mh_printable(out, fact->ede_text, SHOWN_MAX);
		mh_buf_putc(out, ')');
	}
	mh_buf_putc(out, '.');
}

void
mh_tell_unknown(struct mh_tell *tell, const struct mh_fact *fact)
{
	char room[MH_RR_TYPE_ROOM];
	struct mh_buf subject;
	bool is_stream = fact->type == MH_RR_STREAM;

	mh_buf_init(&subject, &tell->arena->mem, MH_DNAME_TEXT_MAX + 64);
	mh_buf_putstr(&subject, fact->name);
	if (!is_stream) {
		mh_buf_putc(&subject, ' ');
		mh_buf_puts(&subject, mh_rr_type_name(fact->type, room));
	}
	if (tell->detail.len > 0)
		mh_buf_putc(&tell->detail, ' ');
	mh_say_why(&tell->detail, fact);
	if (subject.bad)
		tell->bad = true;
	add(tell, is_stream ? MH_F_STREAM_UNKNOWN : MH_F_DNS_UNKNOWN, mh_buf_str(&subject), MH_STR(""), -1,
	    true);
	mh_buf_free(&subject);
}

/* --------------------------------------------------------------------- fixes */

struct mh_str
mh_txt_quote(struct mh_arena *arena, struct mh_str text)
{
	size_t n = 0, room = text.len * 4 + text.len / 255 * 3 + 8;
	char *out = mh_arena_alloc(arena, room);

	if (out == NULL)
		return (struct mh_str){ NULL, 0 };
	for (size_t i = 0; i < text.len || i == 0; i++) {
		if (i % 255 == 0) {
			if (i > 0) {
				out[n++] = '"';
				out[n++] = ' ';
			}
			out[n++] = '"';
		}
		if (i == text.len)
			break;
		unsigned char c = (unsigned char)text.p[i];
		if (c < 0x20 || c >= 0x7f) {
			out[n++] = '\\';
			out[n++] = (char)('0' + c / 100);
			out[n++] = (char)('0' + c / 10 % 10);
			out[n++] = (char)('0' + c % 10);
		} else {
			if (c == '"' || c == '\\')
				out[n++] = '\\';
			out[n++] = (char)c;
		}
	}
	out[n++] = '"';
	return mh_str_n(out, n);
}

struct mh_str
mh_buf_keep(struct mh_arena *arena, struct mh_buf *text)
{
	char *copy = text->bad ? NULL : mh_arena_alloc(arena, text->len + 1);
	struct mh_str out = { NULL, 0 };
	if (copy != NULL) {
		memcpy(copy, mh_buf_z(text), text->len + 1);
		out = mh_str_n(copy, text->len);
	}
	mh_buf_free(text);
	return out;
}

struct mh_str
mh_rr_printed(struct mh_arena *arena, const struct mh_fact *fact, size_t i)
{
	struct mh_buf room;
	mh_buf_init(&room, &arena->mem, (size_t)1 << 20);
	mh_rr_print(&room, fact->type, &fact->rr[i]);
	return mh_buf_keep(arena, &room);
}

struct mh_fix *
mh_tell_fix(struct mh_tell *tell, struct mh_str name, int type, const struct mh_fact *fact)
{
	if (tell->fixes_count == MH_COUNT(tell->fixes)) {
		tell->drops_fix = true;
		return NULL;
	}
	struct mh_fix *fix = &tell->fixes[tell->fixes_count++];
	*fix = (struct mh_fix){ .name = name, .type = type };
	if (fact != NULL && mh_fact_is_present(fact))
		fix->ttl = fact->ttl;
	if (fact != NULL && fact->is_alias)
		tell->drops_fix = true;
	return fix;
}

/* put_record - into the first empty place; there is none: the fix would be half of one */
static void
put_record(struct mh_tell *tell, struct mh_str records[4], struct mh_str record)
{
	size_t i = 0;
	if (record.p == NULL)
		tell->bad = true;
	while (i < 4 && records[i].len > 0)
		i++;
	if (i < 4 && record.p != NULL)
		records[i] = record;
	else
		tell->drops_fix = true;
}

void
mh_fix_remove(struct mh_tell *tell, struct mh_fix *fix, const struct mh_fact *fact, size_t i)
{
	if (fix != NULL && tell->report != NULL)
		put_record(tell, fix->remove, mh_rr_printed(tell->arena, fact, i));
}

void
mh_fix_add(struct mh_tell *tell, struct mh_fix *fix, struct mh_str presentation)
{
	if (fix != NULL && tell->report != NULL)
		put_record(tell, fix->add, presentation);
}

void
mh_fix_add_txt(struct mh_tell *tell, struct mh_fix *fix, struct mh_str text)
{
	if (fix != NULL && tell->report != NULL)
		put_record(tell, fix->add, mh_txt_quote(tell->arena, text));
}

void
mh_tell_fix_txt(struct mh_tell *tell, struct mh_str name, const struct mh_fact *fact, int i,
    struct mh_str text)
{
	struct mh_fix *fix = mh_tell_fix(tell, name, MH_RR_TXT, fact);
	if (fact != NULL && i >= 0)
		mh_fix_remove(tell, fix, fact, (size_t)i);
	mh_fix_add_txt(tell, fix, text);
}

struct mh_str
mh_name_below(struct mh_arena *arena, struct mh_str prefix, struct mh_str name)
{
	char text[2 * MH_DNAME_TEXT_MAX], out[MH_DNAME_TEXT_MAX];
	size_t n = 0, len;

	if (prefix.len + name.len + 1 >= sizeof(text))
		return MH_STR("");
	memcpy(text, prefix.p, prefix.len);
	n = prefix.len;
	if (!mh_str_eq(name, MH_STR("."))) {
		text[n++] = '.';
		memcpy(text + n, name.p, name.len);
		n += name.len;
	}
	len = mh_dname_canonical(mh_str_n(text, n), out);
	char *kept = mh_arena_alloc(arena, len + 1);
	if (kept == NULL)
		return (struct mh_str){ NULL, 0 };
	memcpy(kept, out, len);
	kept[len] = '\0';
	return mh_str_n(kept, len);
}
