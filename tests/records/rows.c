/* rows.c - a little DNS for tests of lib/records; see rows.h */
#include <stdlib.h>

#include "rows.h"

#include "error.h"

void
rows_init(struct rows *rows)
{
	*rows = (struct rows){ .mem = mh_mem_default() };
	mh_fact_draft_init(&rows->draft, &rows->mem);
}

void
rows_clear(struct rows *rows)
{
	rows->count = 0;
	rows->bad = NULL;
	rows->asked = 0;
}

void
rows_free(struct rows *rows)
{
	mh_fact_draft_free(&rows->draft);
	free(rows->at);
}

/* unescape - \xHH as octets, in place; the new length */
static size_t
unescape(char *p, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i < len; n++) {
		if (i + 3 < len && p[i] == '\\' && p[i + 1] == 'x') {
			p[n] = (char)(mh_hex(p[i + 2]) << 4 | mh_hex(p[i + 3]));
			i += 4;
		} else {
			p[n] = p[i++];
		}
	}
	return n;
}

/* word - the next word of *s, which is behind it then */
static struct mh_str
word(struct mh_str *s)
{
	struct mh_str w = { s->p, 0 };
	while (w.len < s->len && w.p[w.len] != ' ')
		w.len++;
	s->p += w.len;
	s->len -= w.len;
	if (s->len > 0) {
		s->p++;
		s->len--;
	}
	return w;
}

static bool
put_name(struct row *row, struct mh_str s)
{
	char raw[2048], canonical[MH_DNAME_TEXT_MAX];
	memcpy(raw, s.p, s.len);
	size_t len = unescape(raw, s.len);
	if (len == 0) {
		row->rdata[row->len++] = 0;
		return true;
	}
	len = mh_dname_from_raw(mh_str_n(raw, len), canonical);
	size_t wire = len > 0 ? mh_dname_to_wire(mh_str_n(canonical, len), row->rdata + row->len) : 0;
	row->len += wire;
	return wire > 0;
}

static bool
put_strings(struct row *row, struct mh_str s)
{
	while (s.len > 0) {
		char text[1024];
		size_t len = 0;
		while (len < s.len && s.p[len] != '|')
			len++;
		if (len > sizeof(text))
			return false;
		memcpy(text, s.p, len);
		s.p += len + (len < s.len);
		s.len -= len + (len < s.len);
		len = unescape(text, len);
		for (size_t at = 0; at < len || at == 0;) {
			size_t part = len - at < 255 ? len - at : 255;
			row->rdata[row->len++] = (unsigned char)part;
			memcpy(row->rdata + row->len, text + at, part);
			row->len += part;
			at += part > 0 ? part : 1;
		}
	}
	return true;
}

/* read_rdata - of any other type, in presentation form */
static bool
read_rdata(struct row *row, struct mh_str line)
{
	static unsigned char room[65535];
	int len = mh_rr_read(line, row->type, true, room);
	if (len < 0 || (size_t)len > sizeof(row->rdata))
		return false;
	memcpy(row->rdata, room, (size_t)len);
	row->len = (size_t)len;
	return true;
}

static bool
read_row(struct row *row, struct mh_str line)
{
	char raw[2048];
	struct mh_ip ip;
	struct mh_str name = word(&line), type = word(&line);
	row->len = 0;
	row->type = mh_str_eq(type, MH_STR("NODATA")) ? -1
	    : mh_str_eq(type, MH_STR("ERR"))          ? -2
	    : mh_str_eq(type, MH_STR("SECURE"))       ? -3
	    : mh_str_eq(type, MH_STR("FAIL"))         ? -4
						      : mh_rr_type_find(type);
	memcpy(raw, name.p, name.len);
	if (mh_dname_from_raw(mh_str_n(raw, unescape(raw, name.len)), row->name) == 0)
		return false;
	switch (row->type) {
	case MH_RR_A:
	case MH_RR_AAAA:
		if (!mh_ip_parse(line, &ip))
			return false;
		row->len = ip.family == 4 ? 4 : 16;
		memcpy(row->rdata, ip.octets, row->len);
		return true;
	case MH_RR_MX: {
		int64_t preference = mh_str_int(word(&line), 65535);
		row->rdata[0] = (unsigned char)(preference >> 8);
		row->rdata[1] = (unsigned char)preference;
		row->len = 2;
		return put_name(row, line);
	}
	case MH_RR_PTR:
	case MH_RR_CNAME:
		return put_name(row, line);
	case MH_RR_TXT:
	case MH_RR_SPF:
		return put_strings(row, line);
	case -2: {
		struct mh_str why = word(&line);
		row->why = mh_str_eq(why, MH_STR("TIMEOUT")) ? MH_WHY_TIMEOUT
		    : mh_str_eq(why, MH_STR("BOGUS"))        ? MH_WHY_BOGUS
							     : MH_WHY_SERVFAIL;
		row->err_type = mh_str_eq(line, MH_STR("*")) ? -1 : mh_rr_type_find(line);
		return true;
	}
	case -3:
		row->secure = mh_str_eq(line, MH_STR("YES")) ? MH_SECURE_YES : MH_SECURE_NO;
		return true;
	case -4:
		row->err_type = mh_rr_type_find(line);
		return true;
	default:
		return row->type == -1 || (row->type > 0 && read_rdata(row, line));
	}
}

void
rows_add(struct rows *rows, const char *text, size_t len)
{
	struct mh_cur cur = mh_cur_of(text, len);
	int end;
	while (mh_cur_left(&cur) > 0) {
		struct mh_str line = mh_cur_line(&cur, &end);
		if (line.len == 0)
			continue;
		if (rows->count == rows->cap) {
			rows->cap = rows->cap > 0 ? 2 * rows->cap : 64;
			rows->at = realloc(rows->at, rows->cap * sizeof(*rows->at));
			if (rows->at == NULL)
				abort();
		}
		if (read_row(&rows->at[rows->count], line))
			rows->count++;
		else
			rows->bad = line.p;
	}
}

/* look - fills the draft with what there is of type at name; false: an alias, *next is its target */
static bool
look(struct rows *rows, const char *name, int type, char next[MH_DNAME_TEXT_MAX])
{
	struct mh_fact_draft *draft = &rows->draft;
	bool exists = false, found = false;
	size_t name_len = strlen(name);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->at[i];
		exists = exists ||
		    (row->type > -3 && mh_dname_is_under(mh_str_z(row->name), mh_str_n(name, name_len)));
		if (strcmp(row->name, name) != 0)
			continue;
		if (row->type == type) {
			mh_fact_draft_rr(draft, row->rdata, row->len);
			found = true;
		} else if (row->type == MH_RR_CNAME && type != MH_RR_CNAME) {
			size_t used;
			(void)mh_dname_from_wire(row->rdata, row->len, next, &used);
			return false;
		}
	}
	for (size_t i = 0; i < rows->count && !found; i++) {
		const struct row *row = &rows->at[i];
		if (row->type == -2 && strcmp(row->name, name) == 0 &&
		    (row->err_type == -1 || row->err_type == type)) {
			mh_fact_draft_fail(draft, row->why);
			if (row->why == MH_WHY_BOGUS)
				mh_fact_draft_ede(draft, 7, MH_STR("signature expired"));
			return true;
		}
	}
	if (!found)
		draft->head.state = exists ? MH_FACT_NODATA : MH_FACT_NXDOMAIN;
	return true;
}

static struct mh_fact *
answer(void *self, struct mh_str name, int type, int *error)
{
	struct rows *rows = self;
	char at[MH_DNAME_TEXT_MAX], next[MH_DNAME_TEXT_MAX];
	int hops = 0;
	memcpy(at, name.p, name.len);
	at[name.len] = '\0';
	mh_fact_draft_begin(&rows->draft, name, type);
	while (!look(rows, at, type, next)) {
		if (++hops > 16) {
			mh_fact_draft_fail(&rows->draft, MH_WHY_ALIAS_LOOP);
			break;
		}
		memcpy(at, next, sizeof(at));
		memcpy(rows->draft.canonical, next, sizeof(rows->draft.canonical));
	}
	for (size_t i = 0, longest = 0; i < rows->count; i++) {
		const struct row *row = &rows->at[i];
		if (row->type == -4 && row->err_type == type && mh_str_eq(mh_str_z(row->name), name))
			mh_fact_draft_fail(&rows->draft, MH_WHY_SERVFAIL);
		size_t len = strlen(row->name);
		if (row->type != -3 || len < longest || !mh_dname_is_under(name, mh_str_n(row->name, len)))
			continue;
		longest = len;
		rows->draft.head.secure = rows->draft.head.why == MH_WHY_NONE ? (uint8_t)row->secure : 0;
	}
	rows->asked++;
	struct mh_fact *fact = mh_fact_make(&rows->mem, &rows->draft);
	if (fact == NULL)
		*error = MH_ERR_ENOMEM;
	return fact;
}

struct mh_source
rows_source(struct rows *rows)
{
	return (struct mh_source){ answer, rows, false };
}

static void
run_pass(void *check, struct mh_pass *pass)
{
	struct spf_run *run = check;
	mh_spf_eval(pass, &run->question, &run->verdict, run->wants_tree ? &run->tree : NULL,
	    run->wants_survey);
}

void
spf_run_init(struct spf_run *run, const struct mh_mem *mem)
{
	*run = (struct spf_run){ .mem = *mem };
	mh_work_init(&run->work, &run->mem, run_pass, run);
	(void)mh_work_add_part(&run->work);
	mh_arena_init(&run->scratch, &run->mem, 1u << 18);
	run->question.now = -1;
	run->question.wants_explanation = true;
}

int
spf_run_all(struct spf_run *run, struct rows *rows)
{
	struct mh_source source = rows_source(rows);
	int r;
	while ((r = mh_work_step(&run->work, 0, &run->scratch)) == MH_WORK_WAIT) {
		run->steps++;
		int n = mh_work_answer_from(&run->work, &source);
		if (n <= 0)
			return n < 0 ? n : MH_ERR_ESTATE;
	}
	return r;
}

void
spf_run_free(struct spf_run *run)
{
	mh_work_free(&run->work);
	mh_arena_free(&run->scratch);
}
