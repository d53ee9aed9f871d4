/* digest_pile.c - what a digest keeps: arrays that grow up to a ceiling, and samples */
#include "digest_own.h"

#include "text.h"

uint32_t
pile_add(struct pile *pile, const struct mh_mem *mem)
{
	if (pile->count == pile->ceiling)
		return NONE;
	if (pile->count == pile->room) {
		uint32_t room = pile->room == 0 ? 16 : pile->room * 2;
		if (room > pile->ceiling)
			room = pile->ceiling;
		void *at = mh_mem_resize(mem, pile->at, pile->room * pile->size, room * pile->size);
		if (at == NULL)
			return NONE;
		pile->at = at;
		pile->room = room;
	}
	memset((char *)pile->at + pile->count * pile->size, 0, pile->size);
	return pile->count++;
}

void *
pile_at(const struct pile *pile, uint32_t i)
{
	return (char *)pile->at + i * pile->size;
}

void
keep_text(char *out, size_t size, struct mh_str text)
{
	text = mh_utf8_cut(text, size - 1);
	if (text.len > 0)
		memcpy(out, text.p, text.len);
	out[text.len] = '\0';
}

struct mh_str
line_text(struct mh_digest *digest)
{
	const struct mh_logline *line = &digest->logged.line;
	if (line->coding == MH_CODING_NONE || line->text.len == 0)
		return line->text;
	mh_buf_reset(&digest->scratch);
	char *to = mh_buf_reserve(&digest->scratch, line->text.len);
	if (to == NULL)
		return MH_STR("");
	mh_logline_decode(line, to);
	return mh_str_n(to, line->text.len);
}

bool
keep_sample(struct mh_digest *digest, struct sample *sample, struct mh_str text)
{
	static const uint8_t fates[] = { 0, 2, 4, 5, 5 };
	const struct mh_logline *line = &digest->logged.line;
	size_t len = text.len < DIGEST_SAMPLE ? text.len : DIGEST_SAMPLE - 1;
	sample->text = mh_mem_alloc(&digest->mem, len + 1);
	if (sample->text == NULL)
		return false;
	keep_text(sample->text, len + 1, text);
	sample->room = (uint32_t)len + 1;
	sample->length = (uint32_t)strlen(sample->text);
	sample->phase = line->phase;
	sample->fate = fates[line->result];
	sample->own_words = !line->remote;
	sample->empty_words = mh_logged_empty_words(line);
	sample->cause = line->cause;
	if (line->dsn.len > 0)
		(void)mh_status_read(line->dsn.p, line->dsn.p + line->dsn.len, &sample->status);
	keep_text(sample->relay, sizeof(sample->relay), line->inbound ? MH_STR("") : line->relay);
	return true;
}
