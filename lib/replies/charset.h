/* charset.h - text in other charsets as UTF-8
 *
 * From a fixed list: what a hostile message names must not choose which code
 * iconv loads.  Octets that say they are UTF-8, ASCII or Latin-1 are read as
 * UTF-8 where they are that, and as windows-1252 where they are not.
 *
 * RFC 2047 2 for encoded words.
 *
 * Does not: guess a charset that is not named.
 */
#ifndef MH_CHARSET_H
#define MH_CHARSET_H

#include <stdbool.h>

#include "str.h"

/* mh_charset_put - appends octets of the charset named to out as UTF-8; false, and nothing appended,
 * if the charset is not known or the octets do not fit it.  Out of memory shows in out->bad alone. */
bool mh_charset_put(struct mh_buf *out, struct mh_str octets, struct mh_str charset);
/* mh_charset_put_octets - the same for UTF-8 with windows-1252 in between; whether all was UTF-8 */
bool mh_charset_put_octets(struct mh_buf *out, struct mh_str octets);
/* mh_charset_put_word - the encoded word (RFC 2047 2) that s begins with; how many octets of s it has,
 * 0 if it is none or cannot be read (then *unreadable is set and nothing appended).  raw is scratch. */
size_t mh_charset_put_word(struct mh_buf *out, struct mh_buf *raw, struct mh_str s, bool *unreadable);
/* mh_charset_is_direct - whether ASCII octets of this charset stand for themselves */
bool mh_charset_is_direct(struct mh_str charset);

#endif
