/* capture.c - events of a dialogue: put into facts, read, printed
 *
 * One octet of kind, four of time, and the octets.
 */
#include "capture.h"

#include "port.h"

#define HEAD 5
#define OCTETS_MAX 60000

static const struct {
	const char *word;
	bool is_text;
} kinds[] = {
#define X(name, word, is_text) { (word), (is_text) },
	MH_EVENTS(X)
#undef X
};

const char *
mh_event_word(int kind)
{
	return kind >= 0 && kind < MH_EVENT_COUNT ? kinds[kind].word : "";
}

/* read_event - false: it is none */
static bool
read_event(const struct mh_rr *rr, struct mh_stream_event *event)
{
	struct mh_cur cur = mh_cur_of(rr->p, rr->len);
	event->kind = mh_cur_u8(&cur);
	event->at_us = mh_cur_u32(&cur);
	event->octets = mh_cur_rest(&cur);
	return !mh_cur_bad(&cur) && event->kind < MH_EVENT_COUNT;
}

bool
mh_event_at(const struct mh_fact *fact, size_t i, struct mh_stream_event *event)
{
	return i < fact->count && read_event(&fact->rr[i], event);
}

void
mh_event_put(struct mh_fact_draft *draft, int kind, uint32_t at_us, struct mh_str octets)
{
	unsigned char head[HEAD] = { (unsigned char)kind, (unsigned char)(at_us >> 24),
		(unsigned char)(at_us >> 16), (unsigned char)(at_us >> 8), (unsigned char)at_us };
	if (octets.len > OCTETS_MAX)
		octets.len = OCTETS_MAX;
	mh_fact_draft_rr_parts(draft, head, HEAD, octets);
}

/* put_escaped - text in one word: what does not print, spaces and backslashes as \DDD */
static void
put_escaped(struct mh_buf *out, struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if ((c > 0x20 || (c == 0x20 && i > 0 && i + 1 < s.len)) && c < 0x7f && c != '\\') {
			mh_buf_putc(out, (char)c);
			continue;
		}
		mh_buf_putc(out, '\\');
		mh_buf_putc(out, (char)('0' + c / 100));
		mh_buf_putc(out, (char)('0' + c / 10 % 10));
		mh_buf_putc(out, (char)('0' + c % 10));
	}
}

void
mh_event_print(struct mh_buf *out, const struct mh_rr *rr)
{
	struct mh_stream_event event;
	if (!read_event(rr, &event)) {
		mh_buf_puts(out, "? 0");
		return;
	}
	mh_buf_puts(out, mh_event_word(event.kind));
	mh_buf_putc(out, ' ');
	mh_buf_putint(out, event.at_us);
	if (event.octets.len == 0)
		return;
	mh_buf_putc(out, ' ');
	if (kinds[event.kind].is_text)
		put_escaped(out, event.octets);
	else
		mh_buf_puthex(out, event.octets.p, event.octets.len);
}

/* read_octets - of one event, as they are printed; how many, or -1 */
static int
read_octets(struct mh_cur *cur, bool is_text, unsigned char *out)
{
	int n = 0;
	while (mh_cur_left(cur) > 0 && n < OCTETS_MAX) {
		int c = mh_cur_u8(cur);
		if (is_text && c == '\\') {
			int64_t value = mh_str_int(mh_cur_take(cur, 3), 255);
			if (value < 0 || mh_cur_bad(cur))
				return -1;
			c = (int)value;
		} else if (!is_text) {
			int high = mh_hex(c), low = mh_hex(mh_cur_u8(cur));
			if (high < 0 || low < 0 || mh_cur_bad(cur))
				return -1;
			c = high << 4 | low;
		}
		out[n++] = (unsigned char)c;
	}
	return mh_cur_left(cur) == 0 ? n : -1;
}

int
mh_event_read(struct mh_str text, unsigned char *out)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	struct mh_str word = mh_cur_until(&cur, " ");
	int kind = 0;

	while (kind < MH_EVENT_COUNT && !mh_str_eq(word, mh_str_z(kinds[kind].word)))
		kind++;
	mh_cur_skip(&cur, MH_STR(" "));
	int64_t at_us = mh_str_int(mh_cur_until(&cur, " "), UINT32_MAX);
	if (kind == MH_EVENT_COUNT || at_us < 0)
		return -1;
	mh_cur_skip(&cur, MH_STR(" "));
	out[0] = (unsigned char)kind;
	for (int i = 0; i < 4; i++)
		out[1 + i] = (unsigned char)(at_us >> (24 - 8 * i));
	int n = read_octets(&cur, kinds[kind].is_text, out + HEAD);
	return n < 0 ? -1 : HEAD + n;
}
