/* decode.h - a reply's octets as UTF-8, with the way back to where they stood
 *
 * Replies are ASCII by RFC 5321 and UTF-8 by RFC 6531; in the wild they also
 * come in windows-1252, in ISO-2022-JP with or without its escape octets, and
 * through DSNs as encoded words (RFC 2047).  ASCII and UTF-8 pass as they are.
 *
 * Does not: allocate for ASCII, UTF-8 and windows-1252 once it is warm.
 */
#ifndef MH_DECODE_H
#define MH_DECODE_H

#include "marks.h"
#include "str.h"

#define MH_DECODE_PAD MH_MARKS_PAD /* NULs behind the text */

struct mh_decode {
	struct mh_buf text; /* UTF-8, followed by MH_DECODE_PAD NULs that len does not count */
	struct mh_marks marks; /* of the text */
	struct mh_buf raw; /* an encoded piece, on its way */
	uint32_t *map; /* by octet of text: its octet in the input; used if mapped */
	size_t map_room;
	const struct mh_mem *mem;
	bool mapped;
	bool not_utf8; /* octets were read as windows-1252 */
	bool encoded; /* something was decoded */
	bool cut; /* the text grew beyond 65,535 octets and was cut there */
	bool unreadable; /* an encoded word was left as it is */
	uint32_t odd_at; /* first octet of the input that one of these is about */
};

void mh_decode_init(struct mh_decode *decode, const struct mh_mem *mem);
void mh_decode_free(struct mh_decode *decode);
/* mh_decode_run - in is at most MH_REPLY_MAX_OCTETS; MH_OK or MH_ENOMEM */
int mh_decode_run(struct mh_decode *decode, struct mh_str in);

/* Where octets of the text stood in the input: of a range, its begin and its end. */
uint32_t mh_decode_begin(const struct mh_decode *decode, uint32_t at);
uint32_t mh_decode_end(const struct mh_decode *decode, uint32_t at);

#endif
