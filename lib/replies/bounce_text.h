/* bounce_text.h - what a bounce's prose says of each recipient
 *
 * One reader for all free forms: they differ in their words, but nearly all
 * write an address and near it what became of it, or a transcript of the
 * session, and then the message they return.
 *
 * Does not: decide whether the text is a bounce at all.
 */
#ifndef MH_BOUNCE_TEXT_H
#define MH_BOUNCE_TEXT_H

#include "bounce_phrases.h"
#include "mem.h"
#include "str.h"

#define MH_SPOKEN_MAX 4096 /* recipients of one text */
#define MH_SPEECH_BUCKETS 256
#define MH_SPEECH_TEXT (1024u * 1024) /* octets of a text that are read */

struct mh_spoken {
	struct mh_str address, orig; /* orig: as the sender gave it, if it was expanded */
	struct mh_str text; /* lines that stand with it */
	struct mh_str reply; /* lines of a transcript: what the remote server answered */
	struct mh_str headline; /* line of a transcript: what the bouncing system made of it */
	struct mh_str host; /* the server talked to */
	uint8_t phase; /* of the transcript */
	bool is_weak; /* named in the middle of a sentence only */
	bool is_field; /* of the message sent: "To: a@b" */
	uint16_t next; /* of its bucket, + 1 */
};

/* What was said, put as a reply. */
enum mh_said_rank {
	MH_SAID_NOTHING,
	MH_SAID_AROUND, /* the text as a whole */
	MH_SAID_PROSE, /* words that stand with the address */
	MH_SAID_COMMON, /* a reply that stands apart */
	MH_SAID_REPLY
};
struct mh_said {
	struct mh_str text, host;
	uint8_t phase, rank;
};

struct mh_speech {
	struct mh_arena *arena;
	const struct mh_phrases *phrases;
	struct mh_spoken *list;
	size_t count, room, left_out;
	uint16_t bucket[MH_SPEECH_BUCKETS]; /* + 1; 0: empty */
	struct mh_str all; /* the text as far as the returned message */
	struct mh_str original; /* the returned message, from its first field; "" */
	struct mh_str common; /* a reply that stands apart from all addresses */
	struct mh_str host; /* the server talked to last */
	uint8_t phase; /* of the common reply */
	bool is_delay, is_fail, is_delivered; /* by its phrases */
	uint8_t form; /* enum mh_bounce_form */
	struct mh_said common_said, all_said; /* once they were asked for */
	bool has_common_said, has_all_said;
};

/* mh_speech_read - false without memory */
bool mh_speech_read(struct mh_speech *speech, struct mh_arena *arena, const struct mh_phrases *phrases,
    struct mh_str text);
/* mh_speech_find - what is said of an address; NULL if nothing */
struct mh_spoken *mh_speech_find(struct mh_speech *speech, struct mh_str address);

/* mh_speech_said - the most telling words about a recipient (NULL: about any); false without memory */
bool mh_speech_said(struct mh_speech *speech, const struct mh_spoken *spoken, struct mh_said *said);

/* From bounce_reply.c. */

/* mh_reply_at - where in a text the reply of a server begins, "550 ..." or "5.1.1 ..."; s.len if there is none */
size_t mh_reply_at(struct mh_str s);
/* mh_reply_quoted_code - the code of a reply quoted as "5.1.0 - Unknown address 550-'...'"; 0 */
int mh_reply_quoted_code(struct mh_str s);
/* mh_reply_cut - the reply that a flat text has from begin on, without what the bouncing system wrote behind it */
struct mh_str mh_reply_cut(const struct mh_phrases *phrases, struct mh_str s, size_t begin);
/* mh_said_flat - lines as one, marks of a transcript removed; lines of one reply stay lines.
 * p is NULL without memory. */
struct mh_str mh_said_flat(struct mh_arena *arena, struct mh_str lines);
/* mh_said_phase - which command a text says was answered; enum mh_phase */
uint8_t mh_said_phase(const struct mh_phrases *phrases, struct mh_str s);
/* mh_said_host - the host that a text says was talked to; "" */
struct mh_str mh_said_host(const struct mh_phrases *phrases, struct mh_str s);
/* mh_said_first_host - the host that a text begins with; "" */
struct mh_str mh_said_first_host(struct mh_str s);
/* mh_code_at - the reply code at the begin of s, 400 to 599; 0 */
int mh_code_at(struct mh_str s);

/* mh_address_at - octets of the mail address at the begin of s, in angle brackets or bare; 0.
 * *address is without brackets and "mailto:". */
size_t mh_address_at(struct mh_str s, struct mh_str *address);

#endif
