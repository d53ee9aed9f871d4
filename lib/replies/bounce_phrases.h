/* bounce_phrases.h - turns of phrase by which a bounce is understood
 *
 * Not why mail was refused (the rules know that), but what a line is for:
 * where the returned message begins, which command was answered, whether it
 * is a warning, who writes at all.
 */
#ifndef MH_BOUNCE_PHRASES_H
#define MH_BOUNCE_PHRASES_H

#include "str.h"

enum mh_phrase_kind {
	MH_PH_END, /* the line is the heading of the returned message */
	MH_PH_DELAY, /* not given up yet */
	MH_PH_FAIL, /* a message could not be delivered */
	MH_PH_PHASE, /* value: enum mh_phase */
	MH_PH_HOST, /* a host's name follows */
	MH_PH_TO, /* a recipient's address follows */
	MH_PH_NOT, /* whose address stands here is not a recipient */
	MH_PH_EXPANDED, /* the address as the sender gave it follows */
	MH_PH_TAIL, /* the reply ends before this */
	MH_PH_VACATION, /* in a subject */
	MH_PH_CHALLENGE, /* in a subject or at the begin of a text */
	MH_PH_DELIVERED,
	MH_PH_NOISE, /* the line says nothing of why */
	MH_PH_FORM, /* whose words these are; value: enum mh_bounce_form */
	MH_PH_KINDS
};

/* The makers of free forms that are told by name. */
/* clang-format off */
#define MH_BOUNCE_FORMS(X) \
	X(NONE, "") X(QMAIL, "qmail") X(EXIM, "exim") X(POSTFIX, "postfix") X(SENDMAIL, "sendmail") \
	X(DRAGONFLY, "dragonfly") X(OPENSMTPD, "opensmtpd") X(EXCHANGE, "exchange") X(COURIER, "courier") \
	X(GMAIL, "gmail") X(YAHOO, "yahoo") X(DOMINO, "domino") X(MAILMARSHAL, "mailmarshal") \
	X(ZOHO, "zoho") X(IMAIL, "imail") X(MIMECAST, "mimecast") X(MFILTER, "mfilter") X(KDDI, "kddi") \
	X(SURFCONTROL, "surfcontrol") X(FML, "fml") X(OTHER, "other")
/* clang-format on */
enum mh_bounce_form {
#define X(name, text) MH_FORM_OF_##name,
	MH_BOUNCE_FORMS(X)
#undef X
};

#define MH_PHRASES_MAX 600

#define MH_PHRASE_BUCKETS 512

/* Built once by each reader: phrases by their first two octets. */
struct mh_phrases {
	uint16_t first[MH_PHRASE_BUCKETS + 1]; /* of order */
	uint16_t order[MH_PHRASES_MAX];
	uint32_t kinds[MH_PHRASE_BUCKETS]; /* bits of those in it */
	uint8_t lead[256]; /* what an octet counts as at the begin of a word, lower case; 0: no word */
};

struct mh_phrase_hit {
	size_t at, end; /* in the text */
	uint8_t kind, value;
};

void mh_phrases_init(struct mh_phrases *phrases);
/* mh_phrase_next - the first phrase of the kinds (bits) at or behind *at, where the search goes on
 * next; false if there is none.  ASCII case and the length of white space do not matter. */
bool mh_phrase_next(const struct mh_phrases *phrases, struct mh_str text, uint32_t kinds, size_t *at,
    struct mh_phrase_hit *hit);
/* mh_phrase_at - the same for a phrase that stands at octet i, where a word must begin */
bool mh_phrase_at(const struct mh_phrases *phrases, struct mh_str text, uint32_t kinds, size_t i,
    struct mh_phrase_hit *hit);
/* mh_phrase_has - whether a phrase of these kinds stands in the text */
bool mh_phrase_has(const struct mh_phrases *phrases, struct mh_str text, uint32_t kinds);

#endif
