/* dmarc_uri.c - where DMARC reports go: the URIs of rua= and ruf= (RFC 9989 4.6, 4.8)
 *
 * Commas separate them, so that commas and exclamation marks within one are
 * written %2C and %21; an exclamation mark begins the size of RFC 7489 6.2, which
 * is read over.  Receivers know mailto: (RFC 6068) and ignore other schemes.
 *
 * Does not: ask whether the domain takes the reports (RFC 9990).
 */
#include "dmarc.h"

/* is_uri_char - unreserved, reserved or "%" of RFC 3986 */
static bool
is_uri_char(char c)
{
	return mh_is_alnum(c) || (c > ' ' && c <= '~' && strchr("-._~:/?#[]@$&'()*+=%!,;", c) != NULL);
}

/* is_encoded - all octets of a URI are such, and "%" has its two digits */
static bool
is_encoded(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_uri_char(s.p[i]) ||
		    (s.p[i] == '%' && (s.len - i < 3 || mh_hex(s.p[i + 1]) < 0 || mh_hex(s.p[i + 2]) < 0)))
			return false;
	return true;
}

/* scheme_length - with its colon; 0: it has none (RFC 3986 3.1) */
static size_t
scheme_length(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == ':')
			return i > 0 ? i + 1 : 0;
		if (!mh_is_alpha(s.p[i]) &&
		    (i == 0 || (!mh_is_digit(s.p[i]) && s.p[i] != '+' && s.p[i] != '-' && s.p[i] != '.')))
			return 0;
	}
	return 0;
}

/* is_size - 1*DIGIT [ "k" / "m" / "g" / "t" ] */
static bool
is_size(struct mh_str s)
{
	if (s.len > 0 && strchr("kmgt", mh_lower(s.p[s.len - 1])) != NULL && s.p[s.len - 1] != '\0')
		s.len--;
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_digit(s.p[i]))
			return false;
	return s.len > 0;
}

/* is_local_part - as a URI may have it: a dot-atom, or anything in percent signs (RFC 6068 2) */
static bool
is_local_part(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '.' ? i == 0 || i + 1 == s.len || s.p[i + 1] == '.'
				  : !mh_is_alnum(s.p[i]) && strchr("!#$%&'*+-/=?^_`{|}~", s.p[i]) == NULL)
			return false;
	return s.len > 0 && s.p[0] != '/';
}

/* read_mailto - address and domain of what follows "mailto:"; false: no memory */
static bool
read_mailto(struct mh_arena *arena, struct mh_str rest, struct mh_dmarc_uri *uri)
{
	const char *question = rest.len > 0 ? memchr(rest.p, '?', rest.len) : NULL;
	const char *at;
	char room[MH_DNAME_TEXT_MAX], *name;
	size_t len;

	if (question != NULL)
		rest.len = (size_t)(question - rest.p);
	at = rest.len > 0 ? memchr(rest.p, '@', rest.len) : NULL;
	uri->is_uri = false;
	if (at == NULL || !is_local_part(mh_str_n(rest.p, (size_t)(at - rest.p))))
		return true;
	struct mh_str domain = mh_str_n(at + 1, rest.len - (size_t)(at - rest.p) - 1);
	len = mh_name_valid(domain) ? mh_dname_canonical(domain, room) : 0;
	if (len == 0 || memchr(domain.p, '%', domain.len) != NULL)
		return true;
	name = mh_arena_alloc(arena, len + 1);
	if (name == NULL)
		return false;
	memcpy(name, room, len + 1);
	uri->address = rest;
	uri->domain = mh_str_n(name, len);
	uri->is_uri = true;
	/* A name of one label is nobody's mail domain in the Internet. */
	uri->is_good = memchr(name, '.', len) != NULL;
	return true;
}

/* read_uri - one, without blanks around it; false: no memory */
static bool
read_uri(struct mh_arena *arena, struct mh_str text, struct mh_dmarc_uri *uri)
{
	const char *mark = text.len > 0 ? memchr(text.p, '!', text.len) : NULL;
	size_t scheme;
	bool has_size = true;

	*uri = (struct mh_dmarc_uri){ .text = text };
	if (mark != NULL) {
		uri->text = mh_str_n(text.p, (size_t)(mark - text.p));
		uri->size = mh_str_n(mark + 1, text.len - uri->text.len - 1);
		has_size = is_size(uri->size);
	}
	scheme = scheme_length(uri->text);
	uri->is_uri = has_size && scheme > 0 && uri->text.len > scheme && is_encoded(uri->text);
	if (uri->is_uri && mh_str_ieq(mh_str_n(uri->text.p, scheme), MH_STR("mailto:")))
		return read_mailto(arena, mh_str_n(uri->text.p + scheme, uri->text.len - scheme), uri);
	return true;
}

bool
mh_dmarc_uris(struct mh_arena *arena, struct mh_str value, struct mh_dmarc_uri uris[MH_DMARC_URIS_MAX],
    unsigned *count)
{
	*count = 0;
	for (size_t from = 0; from <= value.len && *count < MH_DMARC_URIS_MAX;) {
		const char *comma = from < value.len ? memchr(value.p + from, ',', value.len - from) : NULL;
		size_t to = comma != NULL ? (size_t)(comma - value.p) : value.len;
		if (!read_uri(arena, mh_tag_trim(mh_str_n(value.p + from, to - from)), &uris[(*count)++]))
			return false;
		from = to + 1;
	}
	return true;
}
