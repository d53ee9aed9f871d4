/* scan_run.h - one pass under way, shared by scan.c and things.c */
#ifndef MH_SCAN_RUN_H
#define MH_SCAN_RUN_H

#include "scan.h"

/* For tables by octet. */
/* clang-format off */
#define R26(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
#define R10(v) v, v, v, v, v, v, v, v, v, v
#define R16(v) v, v, v, v, v, v, v, v, v, v, v, v, v, v, v, v
/* clang-format on */

/* A walk through the automaton that began at a word and has not ended. */
struct walk {
	uint16_t state;
	uint16_t first; /* index of its first word */
	uint32_t begin;
};

/* The words of a text in order, or those inside one host name or URL. */
struct stream {
	struct walk walks[MH_LAYERS_MAX][MH_PHRASE_MAX + 1];
	uint32_t count[MH_LAYERS_MAX];
};

struct run {
	struct mh_scan *scan;
	const struct mh_layers *layers;
	const struct mh_marks *marks;
	const char *text;
	size_t len;
	uint32_t index; /* of the next word or entity */
	struct stream words;
};

/* Octets of names, of local parts (RFC 5322 3.2.3 without the rarest) and of URLs. */
enum { NAME_OCTET = 1, LOCAL_OCTET = 2, URL_OCTET = 4 };
extern const unsigned char mh_part_of[256];

static inline bool
is_name_octet(char c)
{
	return (mh_part_of[(unsigned char)c] & NAME_OCTET) != 0;
}

static inline bool
is_local_octet(char c)
{
	return (mh_part_of[(unsigned char)c] & LOCAL_OCTET) != 0;
}

static inline bool
is_url_octet(char c)
{
	return (mh_part_of[(unsigned char)c] & URL_OCTET) != 0;
}

static const struct mh_owner mh_nobody = { 0, 0, 0 };

/* scan.c: mh_put_words_within - the words of a host name or URL, on the side; mh_add_entity - notes a
 * thing, which takes a place among the words */
void mh_put_words_within(struct run *run, size_t begin, size_t end);
void mh_add_entity(struct run *run, int kind, size_t begin, size_t end, struct mh_owner owner);

/* things.c: each takes the thing that begins at begin and gives its end, or 0 if it is none */
size_t mh_take_ip4(struct run *run, size_t begin);
size_t mh_take_ip6(struct run *run, size_t begin);
size_t mh_take_name(struct run *run, size_t begin);
size_t mh_take_url(struct run *run, size_t begin, size_t host);
/* mh_find_email - the next address at or after from: its limits, or SIZE_MAX */
size_t mh_find_email(const struct run *run, size_t from, size_t *end);

#endif
