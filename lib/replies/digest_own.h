/* digest_own.h - what a digest is made of, for the files that work on it */
#ifndef MH_DIGEST_OWN_H
#define MH_DIGEST_OWN_H

#include "answer.h"
#include "digest.h"
#include "distinct.h"
#include "gunzip.h"
#include "journal.h"
#include "log_answer.h"
#include "map.h"
#include "throttle.h"

#define DIGEST_LINE 65536 /* octets of a line that are read */
#define DIGEST_SAMPLE 2048 /* octets of a sample that are kept */
#define DIGEST_FORWARDINGS 4096
#define DIGEST_UNKNOWNS 1024
#define DIGEST_MEMO 8192 /* texts that are remembered; a power of two */
#define DIGEST_HOSTS 4096 /* relays that are remembered; a power of two */
#define DIGEST_QUEUE 65536 /* messages that are remembered; a power of two */
#define NONE UINT32_MAX

/* A growing array of one kind of thing, with a ceiling. */
struct pile {
	void *at;
	uint32_t count, room, ceiling;
	size_t size; /* of one */
};

/* Somebody whose servers take or refuse mail. */
struct receiver {
	char *name; /* provider's id, or the domain of its hosts; NULL: other receivers, this server */
	int provider; /* number, or -1 */
	struct mh_throttle_series *series; /* NULL: nothing known */
	uint64_t limited; /* deliveries that were put off because of their number */
	char relay[128]; /* a host of theirs */
};

#define RECEIVER_OTHERS 0u /* those beyond the ceiling, and nobody knows who */
#define RECEIVER_OWN 1u /* this server itself: local delivery */

/* What is needed to understand a sample anew. */
struct sample {
	char *text; /* NUL-terminated; NULL: none */
	uint32_t length, room;
	uint8_t phase, fate;
	bool own_words, empty_words;
	struct mh_status status;
	const char *cause;
	char relay[128];
};

struct group {
	uint32_t receiver;
	uint32_t reason;
	bool permanent;
	int64_t count, forwarded, first, last;
	struct mh_distinct recipients;
	struct sample sample;
	char recipient[128]; /* the first */
};

struct forwarding {
	char *original, *recipient;
	int64_t count, first, last;
	uint32_t group; /* the latest */
	bool srs;
};

struct unknown {
	char template[17];
	int64_t count;
	char *masked, *rule; /* for people; the rule may be "" */
	struct sample sample;
};

struct tls_fault {
	const char *cause;
	bool inbound;
	int64_t count, first, last;
	struct sample sample;
};

/* What a text said the last time; direct-mapped by key. */
struct memo {
	uint64_t key; /* 0: empty */
	uint32_t group[2]; /* temporary, permanent; NONE: not made yet */
	uint32_t unknown;
	uint32_t reason;
	uint32_t receiver;
	bool limited;
};

struct host {
	uint64_t key; /* 0: empty */
	uint32_t receiver;
};

/* A message that is on its way. */
struct queued {
	uint64_t key; /* 0: empty */
	uint32_t group; /* of its latest failure; NONE */
	bool srs; /* its envelope sender was rewritten by SRS */
	bool forwarded; /* it came from .forward and the like, for: */
	char original[80];
};

enum head { HEAD_LOOK, HEAD_TEXT, HEAD_JOURNAL, HEAD_GZIP, HEAD_BROKEN };

struct mh_digest {
	struct mh_mem mem;
	struct mh_rulebook *book;
	struct mh_digest_options options;
	struct mh_answer *answer, *viewer; /* for lines; for who looks at samples */
	struct mh_logged logged;
	struct mh_buf scratch;
	bool begun;

	/* Input. */
	enum head head;
	enum head unpacked; /* what comes out of gzip */
	char look[16];
	size_t looked;
	struct mh_gunzip *gunzip;
	struct mh_journal *journal;
	struct mh_buf line; /* the beginning of one that is cut */
	char last[64]; /* the beginning of the latest whole line */
	size_t last_length;
	bool skips; /* within one */

	/* Time. */
	char stamp[40]; /* the latest, and what it is */
	size_t stamp_length;
	int64_t stamp_time;
	int64_t from, to;

	int64_t numbers[MH_D_OCTETS + 1];

	/* What is kept apart. */
	struct pile receivers, groups, forwardings, unknowns, faults;
	struct mh_map receiver_map, group_map, forwarding_map, unknown_map;
	struct memo *memos;
	struct host *hosts;
	struct queued *queue;
	int accepted_reason, unknown_reason, timeout_reason; /* numbers */

	/* What is shown. */
	bool sorted;
	uint32_t *order[MH_D_LISTS]; /* room for all of a pile */
	size_t order_room[MH_D_LISTS], shown[MH_D_LISTS];
	struct mh_throttle *throttles; /* by place in the order of throttles */
	size_t throttle_room;
	struct mh_arena strings; /* that were given out since the latest octets */
	struct mh_map string_map; /* by list, place and field, their numbers in: */
	struct pile string_at; /* const char * */
	struct mh_buf json, text;
};

/* digest.c: digest_line - reads one line and adds it up; MH_OK or MH_ENOMEM */
int digest_line(struct mh_digest *digest, struct mh_str line);
/* digest_see_time - notes when a line was written that is not read otherwise */
void digest_see_time(struct mh_digest *digest, struct mh_str text);

/* digest_pile.c: things that are kept, each new one zeroed; NONE beyond the ceiling or without memory */
uint32_t pile_add(struct pile *pile, const struct mh_mem *mem);
void *pile_at(const struct pile *pile, uint32_t i);
/* digest_receivers.c: who it is that the line speaks of */
uint32_t digest_receiver(struct mh_digest *digest, const struct mh_logline *line);
uint32_t digest_provider(struct mh_digest *digest, int provider);
const char *digest_reason(const struct mh_digest *digest, uint32_t reason);
/* keep_sample - what is needed to understand text again; false without memory */
bool keep_sample(struct mh_digest *digest, struct sample *sample, struct mh_str text);
/* line_text - what the line says, as it was said; it lives until the next call.  Empty without memory. */
struct mh_str line_text(struct mh_digest *digest);
/* keep_text - text, cut where it does not fit; never half a character */
void keep_text(char *out, size_t size, struct mh_str text);

#endif
