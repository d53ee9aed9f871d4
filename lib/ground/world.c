/* world.c - recordings, written
 *
 * A line for each question with what is known of its answer, a line with a tab
 * in front for each record.  What has a meaning in the grammar is escaped, so
 * that any octets come back as they were.
 */
#include "world.h"

static const char *const states[] = { "missing", "present", "nodata", "nxdomain", "unknown" };
static const char *const secures[] = { "unknown", "yes", "no", "bogus" };

/* put_word - octets without spaces: what does not print, and what could be misread, as \DDD */
static void
put_word(struct mh_buf *out, struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c > 0x20 && c < 0x7f && c != '\\') {
			mh_buf_putc(out, (char)c);
			continue;
		}
		mh_buf_putc(out, '\\');
		mh_buf_putc(out, (char)('0' + c / 100));
		mh_buf_putc(out, (char)('0' + c / 10 % 10));
		mh_buf_putc(out, (char)('0' + c % 10));
	}
}

/* put_name - a name with its dot; a first octet that begins a comment or a directive is escaped */
static void
put_name(struct mh_buf *out, struct mh_str name)
{
	if (name.len > 0 && (name.p[0] == ';' || name.p[0] == '$')) {
		mh_buf_puts(out, name.p[0] == ';' ? "\\059" : "\\036");
		name = mh_str_n(name.p + 1, name.len - 1);
	}
	mh_buf_putstr(out, name);
	if (!mh_str_eq(name, MH_STR(".")))
		mh_buf_putc(out, '.');
}

static void
put_number(struct mh_buf *out, const char *name, int64_t value)
{
	mh_buf_puts(out, name);
	mh_buf_putint(out, value);
	mh_buf_putc(out, '\n');
}

void
mh_world_write_head(struct mh_buf *out, const struct mh_world_head *head)
{
	mh_buf_puts(out, MH_WORLD_MAGIC "\n$check ");
	put_word(out, head->check);
	mh_buf_putc(out, '\n');
	if (head->now >= 0)
		put_number(out, "$now ", head->now);
	if (head->elapsed_ms >= 0)
		put_number(out, "$elapsed-ms ", head->elapsed_ms);
}

void
mh_world_write_option(struct mh_buf *out, const char *name, struct mh_str value)
{
	mh_buf_puts(out, "$option ");
	mh_buf_puts(out, name);
	mh_buf_putc(out, ' ');
	put_word(out, value);
	mh_buf_putc(out, '\n');
}

/* put_known - what else is known of an answer */
static void
put_known(struct mh_buf *out, const struct mh_fact *fact)
{
	if (fact->state == MH_FACT_UNKNOWN) {
		mh_buf_putc(out, ' ');
		mh_buf_puts(out, mh_why_word(fact->why));
	}
	mh_buf_puts(out, " ttl=");
	mh_buf_putint(out, fact->ttl);
	if (fact->rcode >= 0) {
		mh_buf_puts(out, " rcode=");
		mh_buf_putint(out, fact->rcode);
	}
	if (fact->secure != MH_SECURE_UNKNOWN) {
		mh_buf_puts(out, " secure=");
		mh_buf_puts(out, secures[fact->secure]);
	}
	if (fact->rtt_us >= 0) {
		mh_buf_puts(out, " rtt-us=");
		mh_buf_putint(out, fact->rtt_us);
	}
	if (fact->server.len > 0) {
		mh_buf_puts(out, " server=");
		put_word(out, fact->server);
	}
	if (fact->is_alias) {
		mh_buf_puts(out, " canonical=");
		mh_buf_putstr(out, fact->canonical);
	}
	if (fact->ede >= 0) {
		mh_buf_puts(out, " ede=");
		mh_buf_putint(out, fact->ede);
	}
	if (fact->ede_text.len > 0) {
		mh_buf_puts(out, " ede-text=");
		put_word(out, fact->ede_text);
	}
}

void
mh_world_write_facts(struct mh_buf *out, const struct mh_work *work)
{
	char room[MH_RR_TYPE_ROOM];
	for (uint32_t i = 1; i <= work->asks_count; i++) {
		const struct mh_ask *ask = mh_work_ask(work, i);
		const struct mh_fact *fact = ask->fact;
		if (ask->type == MH_RR_STREAM)
			put_word(out, ask->name);
		else
			put_name(out, ask->name);
		mh_buf_putc(out, ' ');
		mh_buf_puts(out, mh_rr_type_name(ask->type, room));
		mh_buf_putc(out, ' ');
		mh_buf_puts(out, states[fact != NULL ? fact->state : MH_FACT_MISSING]);
		if (fact != NULL)
			put_known(out, fact);
		mh_buf_puts(out, " round=");
		mh_buf_putint(out, ask->round);
		mh_buf_putc(out, '\n');
		for (size_t j = 0; fact != NULL && j < fact->count; j++) {
			mh_buf_putc(out, '\t');
			mh_rr_print(out, fact->type, &fact->rr[j]);
			mh_buf_putc(out, '\n');
		}
	}
}
