/* spf_lint.c - what is wrong, weak or wasteful about a domain's SPF
 *
 * Looks at the surveyed tree from four sides: is there one record at all
 * (here), the form of the record (spf_lint_form.c), what it leads to
 * (spf_lint_tree.c), and whom it lets send (spf_lint_addresses.c).  Nothing is
 * said about what is unknown but that it is.
 *
 * Does not: decide for one client; that is the verdict, which is given in.
 */
#include "spf_lint_own.h"

#include "error.h"
#include "port.h"

/* ------------------------------------------------------------------ findings */

void
mh_lint_tell(struct mh_lint *lint, const struct mh_lint_note *note)
{
	if (lint->report == NULL || lint->pass->error != 0)
		return;
	struct mh_finding_more more = { .check = "spf",
		.detail = mh_str_n(mh_buf_z(&lint->detail), lint->detail.len),
		.fixes = note->fix,
		.fixes_count = note->fix != NULL ? 1 : 0,
		.args = note->args,
		.args_count = note->args_count,
		.is_unknown = note->is_unknown };
	int result = lint->detail.bad ? MH_ERR_ENOMEM
				      : mh_report_add_more(lint->report, note->number,
					    note->subject.len > 0 ? note->subject : lint->tree->domain,
					    note->evidence, note->begin, note->end, &more);
	if (result != MH_ERR_OK)
		lint->pass->error = result;
	mh_buf_reset(&lint->detail);
}

void
mh_lint_say(struct mh_lint *lint, const char *text)
{
	mh_buf_puts(&lint->detail, text);
}

void
mh_lint_say_str(struct mh_lint *lint, struct mh_str text)
{
	mh_printable(&lint->detail, text, 200);
}

void
mh_lint_say_int(struct mh_lint *lint, int64_t number)
{
	mh_buf_putint(&lint->detail, number);
}

void
mh_lint_term(struct mh_lint *lint, int number, const struct mh_spf_term *term, const struct mh_fix *fix)
{
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = number,
		.evidence = term->text,
		.begin = term->begin,
		.end = term->end,
		.fix = fix });
}

/* --------------------------------------------------------------------- fixes */

/* quoted - a record's text in presentation form, in strings of at most 255 octets; p NULL without memory */
static struct mh_str
quoted(struct mh_lint *lint, struct mh_str text)
{
	struct mh_arena *arena = lint->pass->arena;
	size_t n = 0, room = text.len * 4 + text.len / 255 * 3 + 8;
	char *out = mh_arena_alloc(arena, room);

	if (out == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return (struct mh_str){ NULL, 0 };
	}
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

/* printed - record i of an answer as it stands there */
static struct mh_str
printed(struct mh_lint *lint, const struct mh_fact *fact, size_t i)
{
	struct mh_buf room;
	mh_buf_init(&room, &lint->pass->work->mem, (size_t)1 << 20);
	mh_rr_print(&room, fact->type, &fact->rr[i]);
	char *copy = room.bad ? NULL : mh_arena_alloc(lint->pass->arena, room.len + 1);
	struct mh_str out = { NULL, 0 };
	if (copy != NULL) {
		memcpy(copy, mh_buf_z(&room), room.len + 1);
		out = mh_str_n(copy, room.len);
	} else {
		lint->pass->error = MH_ERR_ENOMEM;
	}
	mh_buf_free(&room);
	return out;
}

const struct mh_fix *
mh_lint_replace(struct mh_lint *lint, struct mh_str text)
{
	struct mh_fix *fix = mh_arena_alloc(lint->pass->arena, sizeof(*fix));
	const struct mh_fact *fact = lint->tree->fact;
	size_t removed = 0;

	if (fix == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return NULL;
	}
	*fix = (struct mh_fix){ .name = lint->tree->domain, .type = MH_RR_TXT };
	if (fact != NULL && fact->state != MH_FACT_UNKNOWN)
		fix->ttl = fact->ttl;
	for (size_t i = 0; fact != NULL && i < fact->count && removed < MH_COUNT(fix->remove); i++) {
		struct mh_str old = mh_rr_text(fact, i, lint->pass->arena);
		if (old.p != NULL && mh_spf_is_record(old))
			fix->remove[removed++] = printed(lint, fact, i);
	}
	if (text.len > 0)
		fix->add[0] = quoted(lint, text);
	/* An alias is not where a record can be changed. */
	return fact != NULL && fact->is_alias ? NULL : fix;
}

/* put - text behind what is there; a space between */
static void
put(struct mh_buf *out, struct mh_str text)
{
	if (out->len > 0)
		mh_buf_putc(out, ' ');
	mh_buf_putstr(out, text);
}

/* kept - what is in the buffer, in the pass's arena */
static struct mh_str
kept(struct mh_lint *lint, struct mh_buf *text)
{
	char *copy = text->bad ? NULL : mh_arena_alloc(lint->pass->arena, text->len + 1);
	struct mh_str out = { NULL, 0 };
	if (copy != NULL) {
		memcpy(copy, mh_buf_z(text), text->len + 1);
		out = mh_str_n(copy, text->len);
	} else {
		lint->pass->error = MH_ERR_ENOMEM;
	}
	mh_buf_free(text);
	return out;
}

const struct mh_fix *
mh_lint_without(struct mh_lint *lint, const struct mh_spf_term *term, struct mh_str instead)
{
	const struct mh_spf_record *record = lint->tree->record;
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	put(&text, MH_STR("v=spf1"));
	for (uint32_t i = 0; i < record->count; i++) {
		if (&record->terms[i] != term)
			put(&text, record->terms[i].text);
		else if (instead.len > 0)
			put(&text, instead);
	}
	struct mh_str made = kept(lint, &text);
	return made.p != NULL ? mh_lint_replace(lint, made) : NULL;
}

const struct mh_fix *
mh_lint_cut(struct mh_lint *lint, bool (*keeps)(const struct mh_lint *lint, const struct mh_spf_term *term),
    struct mh_str last)
{
	const struct mh_spf_record *record = lint->tree->record;
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	put(&text, MH_STR("v=spf1"));
	for (uint32_t i = 0; i < record->count; i++)
		if (keeps(lint, &record->terms[i]))
			put(&text, record->terms[i].text);
	if (last.len > 0)
		put(&text, last);
	struct mh_str made = kept(lint, &text);
	return made.p != NULL ? mh_lint_replace(lint, made) : NULL;
}

/* ------------------------------------------------------- is there a record */

/* tell_unknown - of one answer that is unknown */
void
mh_lint_unknown(struct mh_lint *lint, const struct mh_fact *fact, struct mh_str name, int type)
{
	char room[MH_RR_TYPE_ROOM];
	struct mh_buf subject;

	if (lint->report == NULL)
		return;
	mh_buf_init(&subject, &lint->pass->work->mem, 2048);
	mh_buf_putstr(&subject, name);
	mh_buf_putc(&subject, ' ');
	mh_buf_puts(&subject, mh_rr_type_name(type, room));
	if (fact->server.len > 0) {
		mh_lint_say_str(lint, fact->server);
		mh_lint_say(lint, ": ");
	}
	mh_lint_say(lint, mh_why_text(fact->why));
	if (fact->ede_text.len > 0) {
		mh_lint_say(lint, " (");
		mh_lint_say_str(lint, fact->ede_text);
		mh_lint_say(lint, ")");
	}
	mh_lint_say(lint, ".");
	if (subject.bad)
		lint->pass->error = MH_ERR_ENOMEM;
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_DNS_UNKNOWN,
		.subject = mh_str_n(mh_buf_z(&subject), subject.len),
		.begin = -1,
		.end = -1,
		.is_unknown = true });
	mh_buf_free(&subject);
}

/* want_under - the TXT records of PREFIX.domain; NULL: missing, or there can be no such name */
static const struct mh_fact *
want_under(struct mh_lint *lint, const char *prefix)
{
	char raw[MH_DNAME_TEXT_MAX + 16], name[MH_DNAME_TEXT_MAX];
	size_t n = strlen(prefix);

	if (lint->tree->domain.len >= MH_DNAME_TEXT_MAX)
		return NULL;
	memcpy(raw, prefix, n);
	memcpy(raw + n, lint->tree->domain.p, lint->tree->domain.len);
	size_t len = mh_dname_canonical(mh_str_n(raw, n + lint->tree->domain.len), name);
	return len > 0 ? mh_want(lint->pass, mh_str_n(name, len), MH_RR_TXT) : NULL;
}

/* find_record - the first SPF record of an answer, p NULL: it has none */
static struct mh_str
find_record(struct mh_lint *lint, const struct mh_fact *fact)
{
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, lint->pass->arena);
		if (text.p != NULL && mh_spf_is_record(text))
			return text;
	}
	return (struct mh_str){ NULL, 0 };
}

/* look_elsewhere - a record that stands at a name where nobody looks for it; whether there is one */
static bool
look_elsewhere(struct mh_lint *lint)
{
	const struct mh_fact *facts[] = { want_under(lint, "_spf."), want_under(lint, "spf.") };
	for (size_t i = 0; i < MH_COUNT(facts); i++) {
		struct mh_str text = find_record(lint, facts[i]);
		if (text.p == NULL)
			continue;
		mh_lint_say(lint, "The record stands at ");
		mh_lint_say_str(lint, facts[i]->name);
		mh_lint_say(lint, "; receivers look at ");
		mh_lint_say_str(lint, lint->tree->domain);
		mh_lint_say(lint, " alone.");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_WRONG_NAME,
			.subject = facts[i]->name,
			.evidence = text,
			.begin = -1,
			.end = -1,
			.fix = mh_lint_replace(lint, text) });
		return true;
	}
	return false;
}

/* nearly - a text that was meant as an SPF record and is none; p NULL: there is none */
static struct mh_str
nearly(struct mh_lint *lint, const struct mh_fact *fact)
{
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, lint->pass->arena);
		if (text.p == NULL)
			continue;
		struct mh_str begin = mh_str_trim(text);
		while (begin.len > 0 &&
		    (begin.p[0] == '"' || begin.p[0] == '\'' || (unsigned char)begin.p[0] >= 0x80))
			begin = mh_str_n(begin.p + 1, begin.len - 1);
		/* "v=spf10" is another version */
		bool is_other = begin.len > 6 && mh_is_digit(begin.p[6]);
		if ((mh_str_istarts(begin, MH_STR("v=spf1")) && !is_other) ||
		    mh_str_istarts(begin, MH_STR("v = spf1")) || mh_str_istarts(begin, MH_STR("spf1 ")) ||
		    mh_str_istarts(begin, MH_STR("v=spf ")) || mh_str_istarts(begin, MH_STR("v:spf1")) ||
		    mh_str_istarts(begin, MH_STR("=spf1")))
			return text;
	}
	return (struct mh_str){ NULL, 0 };
}

/* tell_missing - there is no SPF record */
static void
tell_missing(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	struct mh_str near_miss = nearly(lint, tree->fact);
	const struct mh_fact *mx = mh_want(lint->pass, tree->domain, MH_RR_MX);
	const struct mh_fix *fix = NULL;

	if (near_miss.p != NULL) {
		mh_lint_say(lint, "A record must begin with v=spf1 and a space, with nothing before it.");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_UNQUOTED_OR_JOINED,
			.evidence = near_miss,
			.begin = -1,
			.end = -1 });
	}
	bool is_elsewhere = look_elsewhere(lint);
	if (is_elsewhere || near_miss.p != NULL)
		return;
	if (mx != NULL && mh_fact_is_present(mx)) {
		mh_lint_say(lint,
		    "The record offered lets the domain's MX hosts send; add whoever else sends for you.");
		fix = mh_lint_replace(lint, MH_STR("v=spf1 mx ~all"));
	} else if (tree->fact->state == MH_FACT_NXDOMAIN) {
		mh_lint_say(lint, "The name does not exist at all.");
	}
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_MISSING, .begin = -1, .end = -1, .fix = fix });
}

/* merged - the mechanisms of all records in one, with the last all of them; p NULL: that cannot be known */
static struct mh_str
merged(struct mh_lint *lint)
{
	const struct mh_fact *fact = lint->tree->fact;
	struct mh_buf text;
	struct mh_str all = { NULL, 0 };

	mh_buf_init(&text, &lint->pass->work->mem, 65535);
	put(&text, MH_STR("v=spf1"));
	for (size_t i = 0; i < fact->count; i++) {
		struct mh_str old = mh_rr_text(fact, i, lint->pass->arena);
		if (old.p == NULL || !mh_spf_is_record(old))
			continue;
		const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, old);
		if (record == NULL || record->error_count > 0 || record->redirect != NULL ||
		    record->exp != NULL) {
			mh_buf_free(&text);
			return (struct mh_str){ NULL, 0 };
		}
		for (uint32_t j = 0; j < record->count; j++) {
			const struct mh_spf_term *term = &record->terms[j];
			if (term->kind == MH_SPF_ALL) {
				/* the gentlest of them: who was allowed by one record is not refused for another */
				if (all.p == NULL || term->qualifier == '~' || term->qualifier == '?')
					all = term->text;
				break;
			}
			if (term->qualifier != '+' || term->kind == MH_SPF_MODIFIER) {
				mh_buf_free(&text);
				return (struct mh_str){ NULL, 0 };
			}
			put(&text, term->text);
		}
	}
	if (all.p != NULL)
		put(&text, all);
	return kept(lint, &text);
}

/* tell_several - more than one record */
static void
tell_several(struct mh_lint *lint)
{
	struct mh_str text = lint->report != NULL ? merged(lint) : MH_STR("");
	mh_lint_say(lint, "There are ");
	mh_lint_say_int(lint, lint->tree->records);
	mh_lint_say(lint, " records that begin with v=spf1.");
	const struct mh_finding_arg args[] = { { "records", { NULL, 0 }, lint->tree->records } };
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_MULTIPLE_RECORDS,
		.evidence = lint->tree->text,
		.begin = -1,
		.end = -1,
		.fix = text.len > 0 && lint->tree->records <= 4 ? mh_lint_replace(lint, text) : NULL,
		.args = args,
		.args_count = 1 });
}

/* look_at_others - records beside: of the dead type 99, and of Sender ID */
static void
look_at_others(struct mh_lint *lint)
{
	const struct mh_fact *type99 = mh_want(lint->pass, lint->tree->domain, MH_RR_SPF);
	const struct mh_fact *fact = lint->tree->fact;

	if (type99 != NULL && mh_fact_is_present(type99)) {
		struct mh_str text = mh_rr_text(type99, 0, lint->pass->arena);
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_TYPE99,
			.evidence = text.p != NULL ? text : MH_STR(""),
			.begin = -1,
			.end = -1 });
	}
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, lint->pass->arena);
		if (text.p != NULL && mh_str_istarts(text, MH_STR("spf2.0")))
			mh_lint_tell(lint,
			    &(struct mh_lint_note){ .number = MH_F_SPF_SENDER_ID,
				.evidence = text,
				.begin = -1,
				.end = -1 });
	}
}

void
mh_spf_lint(struct mh_pass *pass, const struct mh_spf_question *question, const struct mh_spf_node *tree,
    const struct mh_spf_verdict *verdict, struct mh_report *report)
{
	struct mh_lint lint = { .pass = pass,
		.question = question,
		.tree = tree,
		.verdict = verdict,
		.report = report };

	mh_buf_init(&lint.detail, &pass->work->mem, 4000);
	look_at_others(&lint);
	if (tree->fact == NULL || tree->fact->state == MH_FACT_UNKNOWN) {
		if (tree->fact != NULL)
			mh_lint_unknown(&lint, tree->fact, tree->domain, MH_RR_TXT);
	} else if (tree->records == 0) {
		tell_missing(&lint);
	} else if (tree->records > 1) {
		tell_several(&lint);
	} else if (tree->record != NULL && report != NULL) {
		lint.is_parked = tree->record->count > 0 && tree->record->terms[0].kind == MH_SPF_ALL &&
		    tree->record->terms[0].qualifier == '-';
		mh_lint_form(&lint);
		if (tree->record->error_count == 0) {
			mh_lint_tree(&lint);
			mh_lint_addresses(&lint);
		}
	}
	mh_buf_free(&lint.detail);
}
