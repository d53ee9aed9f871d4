/* bounce_said.c - the most telling words that a text has about a recipient
 *
 * In this order: the remote server's reply where it stands with the address,
 * a reply that stands apart, the words that stand with the address, and the
 * text as a whole without greetings, advice and fields.
 */
#include "bounce_text.h"

#include "mime.h"
#include "ruleset.h"
#include "text.h"

#define SAID_MAX 32768 /* octets of what is said that are put as a reply */
#define EMPTY_MAX 64 /* octets of words that may say nothing: "delivery failed; will not continue trying" */
#define SHARED_MAX 4096 /* of what is said of all: each of thousands of recipients may be given it */

/* said_from - a span's words, put as a reply; false without memory */
static bool
said_from(struct mh_speech *speech, struct mh_str span, uint8_t rank, struct mh_said *said)
{
	struct mh_str flat = mh_said_flat(speech->arena, mh_utf8_cut(span, SAID_MAX));
	if (flat.p == NULL)
		return false;
	size_t at = mh_reply_at(flat);
	uint8_t phase = mh_said_phase(speech->phrases, flat);
	struct mh_str host = mh_said_host(speech->phrases, flat);
	if (host.len == 0)
		host = mh_said_first_host(flat);
	said->rank = at < flat.len ? MH_SAID_REPLY : rank;
	said->text = mh_reply_cut(speech->phrases, flat, at < flat.len ? at : 0);
	if (phase != MH_PHASE_NONE)
		said->phase = phase;
	if (host.len > 0)
		said->host = host;
	return true;
}

static bool
has_words(struct mh_str line)
{
	for (size_t i = 0; i < line.len; i++)
		if (mh_is_alnum(line.p[i]) || (unsigned char)line.p[i] >= 0x80)
			return true;
	return false;
}

/* telling_lines - the text without greetings, advice and fields of the message sent; p is NULL without memory */
static struct mh_str
telling_lines(struct mh_speech *speech)
{
	struct mh_str line, rest = speech->all;
	rest = mh_utf8_cut(rest, SHARED_MAX);
	char *out = mh_arena_alloc(speech->arena, rest.len + 1);
	size_t n = 0;
	if (out == NULL)
		return mh_str_n(NULL, 0);
	while (mh_line_next(&rest, &line)) {
		struct mh_phrase_hit hit;
		size_t at = 0;
		line = mh_str_trim(line);
		if (mh_phrase_next(speech->phrases, line, 1u << MH_PH_NOT | 1u << MH_PH_NOISE, &at, &hit) &&
		    (hit.value == 0 || hit.at == 0))
			continue;
		if (!has_words(line))
			continue;
		memcpy(out + n, line.p, line.len);
		n += line.len;
		if (rest.len > 0)
			out[n++] = '\n';
	}
	return mh_str_n(out, n);
}

bool
mh_speech_said(struct mh_speech *speech, const struct mh_spoken *spoken, struct mh_said *said)
{
	*said = (struct mh_said){ .text = MH_STR(""), .host = MH_STR("") };
	if (spoken != NULL) {
		said->phase = spoken->phase;
		said->host = spoken->host;
		struct mh_str spans[] = { spoken->reply, spoken->text, spoken->headline };
		for (size_t i = 0; i < 3; i++) {
			struct mh_said one = *said;
			if (spans[i].len == 0)
				continue;
			if (!said_from(speech, spans[i], MH_SAID_PROSE, &one))
				return false;
			if (one.rank > said->rank)
				*said = one;
		}
	}
	if (speech->common.len > 0 && !speech->has_common_said) {
		speech->common_said = (struct mh_said){ .host = speech->host, .phase = speech->phase };
		if (!said_from(speech, mh_utf8_cut(speech->common, SHARED_MAX), MH_SAID_AROUND,
			&speech->common_said))
			return false;
		speech->has_common_said = true;
	}
	if (said->rank < MH_SAID_REPLY && speech->common.len > 0) {
		*said = speech->common_said;
		if (said->rank == MH_SAID_REPLY)
			said->rank = MH_SAID_COMMON;
		return true;
	}
	/* "(reason: 554 no)" with the address, and "<<< 554 no" in the transcript: one reply, told twice. */
	if (said->rank == MH_SAID_REPLY && said->phase == MH_PHASE_NONE && speech->common.len > 0 &&
	    mh_code_at(said->text) == mh_code_at(speech->common_said.text)) {
		said->phase = speech->common_said.phase;
		if (said->host.len == 0)
			said->host = speech->common_said.host;
		if (mh_str_istarts(speech->common_said.text,
			said->text)) /* the reason is its first line only */
			said->text = speech->common_said.text;
	}
	/* "Message will be retried" with an address is no cause; with one recipient all of the text is about him. */
	bool is_empty = said->rank == MH_SAID_PROSE && speech->count == 1 && said->text.len < EMPTY_MAX &&
	    mh_phrase_has(speech->phrases, said->text,
		1u << MH_PH_DELAY | 1u << MH_PH_FAIL | 1u << MH_PH_NOISE);
	if (said->rank == MH_SAID_NOTHING || is_empty) {
		if (!speech->has_all_said) {
			speech->all_said = (struct mh_said){ .host = speech->host, .phase = speech->phase };
			struct mh_str telling = telling_lines(speech);
			if (telling.p == NULL ||
			    !said_from(speech, telling, MH_SAID_AROUND, &speech->all_said))
				return false;
			speech->has_all_said = true;
		}
		if (said->rank == MH_SAID_NOTHING || said->text.len < speech->all_said.text.len)
			*said = speech->all_said;
	}
	return true;
}
