/* text.h - UTF-8, and the transfer encodings of RFC 2045 and RFC 2047 */
#ifndef MH_TEXT_H
#define MH_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "str.h"

/* mh_utf8_get - octets of the well-formed UTF-8 sequence at p (1 to 4) with its code point in
 * *cp, or 0 if there is none (RFC 3629: no surrogates, no overlong forms, <= U+10FFFF) */
int mh_utf8_get(const char *p, size_t len, uint32_t *cp);
/* mh_utf8_put - encodes cp into out[4]; the number of octets, 0 if cp cannot be encoded */
int mh_utf8_put(uint32_t cp, char out[4]);
/* mh_utf8_prefix - octets at the start of s that are well-formed UTF-8 */
size_t mh_utf8_prefix(struct mh_str s);
/* mh_utf8_cut - s cut to max octets at the most, not within a character */
struct mh_str mh_utf8_cut(struct mh_str s, size_t max);
/* mh_ascii_prefix - octets at the start of s that are below 0x80, several at a time */
size_t mh_ascii_prefix(struct mh_str s);

/* mh_fold - the code point that text is compared by: lower case, Latin letters without their
 * diacritics (e for U+00C9), Greek ones without their accents, Cyrillic io as ie (Russian writes
 * either), full-width forms, typographic spaces, hyphens and apostrophes as ASCII; others
 * unchanged.  May give two ASCII letters (U+00DF: "ss", U+00E6 "ae", U+0153 "oe"): *second is 0 or
 * the other one. */
uint32_t mh_fold(uint32_t cp, uint32_t *second);

/* Decoders append to out and tolerate what the RFCs tell readers to tolerate.  They give false if
 * an octet does not belong there: base64 skips it, the other two keep it as it stands, and out has
 * what could be read.  Never more octets than went in.  Out of memory shows in out->bad alone. */
bool mh_base64_decode(struct mh_str in, struct mh_buf *out); /* RFC 2045 6.8 */
bool mh_qp_decode(struct mh_str in, struct mh_buf *out); /* RFC 2045 6.7 */
bool mh_q_decode(struct mh_str in, struct mh_buf *out); /* RFC 2047 4.2 */

/* mh_windows1252 - the code point of one octet of windows-1252 (ISO-8859-1 with the printable
 * characters that people mean where 8859-1 has controls) */
uint32_t mh_windows1252(unsigned char octet);

#endif
