/* scan.h - one pass over a reply: lines, words, phrases, and what is no word
 *
 * The text is UTF-8 (decode.h sees to it).  The pass finds reply codes and
 * enhanced status codes where a line begins, also where lines were run
 * together; runs the words through every layer's automaton; and notes
 * addresses, host names, URLs and numbers, which patterns do not see.
 *
 * Does not: decide anything (match.h does), or allocate beyond the two lists
 * that it keeps between replies.
 */
#ifndef MH_SCAN_H
#define MH_SCAN_H

#include "marks.h"
#include "ruleset.h"
#include "word.h"

#define MH_SCAN_LINES 1024
#define MH_SCAN_WORDS 1024 /* known words kept of one reply */
#define MH_SCAN_EVENTS 1024 /* ends of walks kept of one reply */
#define MH_SCAN_ENDS 4096 /* phrases that end in them */
#define MH_SCAN_KEYS 4096 /* keys of patterns among them */
#define MH_SCAN_BUCKETS 256
#define MH_SCAN_ENTITIES 96

struct mh_line {
	int16_t code; /* 0: none */
	struct mh_status status;
	uint32_t begin; /* of the line, its code included */
	uint32_t text, end; /* of its words */
	uint32_t status_at; /* where the status stands, if there is one */
	char separator; /* after the code: '-', ' ', or 0 */
};

struct mh_entity {
	uint8_t kind;
	uint16_t index; /* its place among words and entities */
	uint32_t begin, end;
	struct mh_owner owner; /* of a host, or a URL's host */
};

/* A word that is some patterns' key, or a walk that came to where phrases end. */
struct mh_event {
	uint16_t list; /* first of its word_keys, or of the phrases in accepts */
	uint16_t first, last; /* indexes of its outer words */
	uint8_t layer;
	bool alone; /* one word */
	uint32_t begin, end;
};

/* Where a phrase stands. */
struct mh_place_seen {
	uint16_t first, last;
	uint32_t begin, end;
};

/* A word that some layer knows, for phrases that are looked for only when asked. */
struct mh_seen_word {
	uint32_t begin, end;
	uint16_t index;
	uint16_t class[MH_LAYERS_MAX];
};

#define MH_ODD_NUL 1u
#define MH_ODD_CONTROL 2u
#define MH_ODD_BARE_CR 4u
#define MH_ODD_LINES 8u /* more lines or phrases than are kept */
#define MH_ODD_STATUS 16u /* something like a status that is none */

struct mh_scan {
	struct mh_mem mem;
	const struct mh_layers *layers;
	/* A bit a phrase: it stands in the reply, or in every other one anyway; the one behind all is set. */
	uint16_t *seen[MH_LAYERS_MAX], *seen_first[MH_LAYERS_MAX]; /* the latter: what it begins with */
	uint32_t seen_count[MH_LAYERS_MAX]; /* of 16 bits */

	struct mh_line *lines;
	uint32_t line_count, line_room;
	struct mh_entity entities[MH_SCAN_ENTITIES];
	uint32_t entity_count;
	struct mh_event events[MH_SCAN_EVENTS];
	uint32_t event_count;
	struct {
		uint16_t phrase, event;
		uint16_t next; /* of the same bucket, + 1; 0: none */
	} ends[MH_SCAN_ENDS]; /* the phrases of several words of the events, in their order */
	uint16_t end_first[MH_SCAN_BUCKETS]; /* by phrase; first + 1, 0: none.  Where there are many ends. */
	uint32_t end_count;
	/* The keys: what the first pattern of each promises, and event << 16 with its row of keyed.  Behind the
	 * last there is MH_PROMISE_NOTHING 32 times.  Who looks at patterns goes on in them to later ones. */
	int16_t key_promises[MH_SCAN_KEYS + 32];
	uint32_t keys[MH_SCAN_KEYS];
	uint32_t key_count;
	struct mh_seen_word words[MH_SCAN_WORDS];
	uint32_t word_count;
	uint64_t words_by_class[MH_LAYERS_MAX][32]; /* by class % 32: which of the first 64 words have it */
	uint32_t place_count; /* words and entities */
	uint32_t odd; /* MH_ODD_* */
	uint32_t odd_at[5]; /* first place of each */
	uint32_t status_begin, status_end; /* where a status in the midst of the text stands */
	struct mh_status loose_status; /* one found in the midst of the text */
	bool joined; /* lines were found within a line */
};

void mh_scan_init(struct mh_scan *scan, const struct mh_mem *mem);
void mh_scan_free(struct mh_scan *scan);
/* mh_scan_use - makes room for these layers; MH_OK or MH_ENOMEM.  They must outlive the scan. */
int mh_scan_use(struct mh_scan *scan, const struct mh_layers *layers);
/* mh_scan_run - at most MH_MARKS_TEXT octets followed by MH_MARKS_PAD NULs; MH_OK or MH_ENOMEM */
int mh_scan_run(struct mh_scan *scan, const char *text, size_t len, const struct mh_marks *marks);

/* mh_scan_keys - all keys anew, as the scan found them */
void mh_scan_keys(struct mh_scan *scan);

/* mh_scan_has - whether a phrase may stand in the reply: never no where it does, and yes for what is in every
 * other reply.  For phrases of one word only where some pattern asks beside its key. */
static inline bool
mh_scan_has(const struct mh_scan *scan, size_t layer, uint32_t phrase)
{
	return (scan->seen[layer][phrase / 16] >> phrase % 16 & 1) != 0;
}
/* mh_scan_places - where a segment's phrase stands and begins between two indexes, these not counted: in order,
 * but single words first; how many, at most max */
uint32_t mh_scan_places(const struct mh_scan *scan, size_t layer, const struct mh_segment *segment, int after,
    int before, struct mh_place_seen *places, uint32_t max);

#endif
