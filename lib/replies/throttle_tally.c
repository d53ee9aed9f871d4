/* throttle_tally.c - what is seen of windows: spans with an onset, and counts of a kind of window
 *
 * The onset of deferral in a span is the place that parts accepted from
 * deferred with the fewest on the wrong side.  It is kept as deliveries come,
 * and two spans can be joined without loss: the best place of the whole is the
 * best of one of its parts.
 */
#include "throttle_run.h"

/* ---------------------------------------------------------------------------- spans */

/* wrong - how many are on the wrong side of the onset */
static uint32_t
wrong(const struct span *span)
{
	return span->early + span->accepted - span->before;
}

bool
mh_span_add(struct span *span, bool limited)
{
	if (span->accepted + span->limited >= SPAN_MAX)
		return false;
	if (limited) {
		span->limited++;
		return span->limited - span->early == 1;
	}
	span->accepted++;
	/* a lone deferral between acceptances is no onset */
	if (!has_onset(span) || span->limited <= wrong(span)) {
		span->before = span->accepted;
		span->early = span->limited;
	}
	return false;
}

bool
mh_span_join(struct span *a, const struct span *b)
{
	uint32_t kept = wrong(a) + b->accepted, moved = a->limited + wrong(b);
	bool moves = moved <= kept;
	if (moves) {
		a->before = a->accepted + b->before;
		a->early = a->limited + b->early;
	}
	a->accepted += b->accepted;
	a->limited += b->limited;
	return moves && has_onset(b);
}

/* -------------------------------------------------------------------------- tallies */

/* cell - where a count stands among the peaks: at most an eighth above the cell's least */
static uint32_t
cell(uint32_t count)
{
	uint32_t octave = 0;
	while (count >> octave >= 16)
		octave++;
	uint32_t at = octave * 8 + (count >> octave);
	return at < CELLS ? at : CELLS - 1;
}

void
mh_tally_reset(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	tally->stride = 1;
}

static void
tally_remember(struct tally *tally, const struct episode *episode)
{
	if (tally->seen++ % tally->stride != 0)
		return;
	if (tally->count == EPISODES) {
		for (uint32_t i = 0; i < EPISODES / 2; i++)
			tally->episodes[i] = tally->episodes[2 * i];
		tally->count = EPISODES / 2;
		tally->stride *= 2;
		if ((tally->seen - 1) % tally->stride != 0)
			return;
	}
	tally->episodes[tally->count++] = *episode;
}

void
mh_tally_take(struct tally *tally, const struct window *window)
{
	const struct span *span = &window->span;
	bool fresh = window->prior <= span->accepted / 16;
	uint32_t after = span->limited - span->early, late = span->accepted - span->before;
	if (span->before >= 3 && after >= 2 && span->early <= after / 4 && late <= 1 + span->before / 8) {
		int64_t tau = window->onset - window->start;
		tally_remember(tally,
		    &(struct episode){
			.day = (int32_t)floor_div(window->start, DAY_S),
			.count = span->before,
			.tau = tau < 0 ? 0 : (uint32_t)tau,
			.per_hour = window->per_hour,
			.tested = window->last > window->first ? (uint32_t)(window->last - window->first) : 0,
			.third = window->third < NEVER ? (uint16_t)window->third : NEVER,
			.fresh = fresh,
			.cut = window->cut,
		    });
		return;
	}
	if (span->limited <= 2 || span->limited <= span->accepted / 16) {
		if (span->accepted > 0) {
			uint16_t *peak = &tally->peaks[fresh][cell(span->accepted)];
			*peak = (uint16_t)(*peak + (*peak < UINT16_MAX));
		} else if (!window->cut) {
			tally->starved[fresh]++;
		}
	} else if (!window->cut) {
		(span->accepted < 3 ? tally->starved : tally->mixed)[fresh]++;
	}
}

/* -------------------------------------------------------------------- sliding windows */

void
mh_glide_close(struct glide *glide)
{
	if (glide->open && glide->seen++ % glide->stride == 0) {
		if (glide->count == EPISODES) {
			for (uint32_t i = 0; i < EPISODES / 2; i++)
				glide->peaks[i] = glide->peaks[2 * i];
			glide->count = EPISODES / 2;
			glide->stride *= 2;
		}
		glide->peaks[glide->count++] = glide->now;
	}
	glide->open = false;
}

static void
count_up(uint16_t *cells, uint64_t count)
{
	uint16_t *at = &cells[cell(count < UINT32_MAX ? (uint32_t)count : UINT32_MAX)];
	*at = (uint16_t)(*at + (*at < UINT16_MAX));
}

void
mh_glide_take(struct glide *glide, const struct span *span, int64_t number, int32_t day, uint64_t accepted,
    uint64_t limited, uint32_t least)
{
	uint32_t after = span->limited - span->early, late = span->accepted - span->before;
	if (span->limited == 0 && span->accepted > 0)
		count_up(glide->calm, accepted);
	if (after < least || late > after / 4)
		return;
	count_up(glide->held, accepted);
	glide->touched += span->accepted > 0;
	if (limited < accepted)
		return;
	if (glide->open && glide->number != number)
		mh_glide_close(glide);
	if (!glide->open)
		glide->now.accepted = 0;
	glide->open = true;
	glide->number = number;
	if (accepted >= glide->now.accepted)
		glide->now = (struct peak){ (uint32_t)accepted, (uint32_t)(accepted + limited), day };
}
