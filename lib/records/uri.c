/* uri.c - one URI in its parts (RFC 3986) */
#include "uri.h"

#include "net.h"

/* is_uri_char - unreserved, reserved or "%" */
static bool
is_uri_char(char c)
{
	return mh_is_alnum(c) || (c > ' ' && c <= '~' && strchr("-._~:/?#[]@$&'()*+=%!,;", c) != NULL);
}

/* bad_octet - the first that a URI cannot have, or the percent sign without its two digits; len 0: none */
static struct mh_str
bad_octet(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!is_uri_char(s.p[i]) ||
		    (s.p[i] == '%' && (s.len - i < 3 || mh_hex(s.p[i + 1]) < 0 || mh_hex(s.p[i + 2]) < 0)))
			return mh_str_n(s.p + i, 1);
	return MH_STR("");
}

/* scheme_length - without its colon; 0: it has none */
static size_t
scheme_length(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == ':')
			return i;
		if (!mh_is_alpha(s.p[i]) &&
		    (i == 0 || (!mh_is_digit(s.p[i]) && s.p[i] != '+' && s.p[i] != '-' && s.p[i] != '.')))
			return 0;
	}
	return 0;
}

/* before - what stands before the first of these octets, or all of it */
static struct mh_str
before(struct mh_str s, const char *set)
{
	struct mh_cur cur = mh_cur_of(s.p, s.len);
	return mh_cur_until(&cur, set);
}

static struct mh_str
from(struct mh_str s, size_t at)
{
	return mh_str_n(s.p + at, s.len - at);
}

/* read_authority - [ userinfo "@" ] host [ ":" port ] (3.2) */
static void
read_authority(struct mh_str s, struct mh_uri *uri)
{
	struct mh_str userinfo = before(s, "@");

	uri->has_authority = true;
	if (userinfo.len < s.len) {
		uri->has_userinfo = true;
		uri->userinfo = userinfo;
		s = from(s, userinfo.len + 1);
	}
	if (s.len > 0 && s.p[0] == '[') {
		uri->is_address = true;
		uri->host = before(from(s, 1), "]");
		s = from(s, uri->host.len + 1);
		if (s.len > 0)
			s = from(s, 1);
	} else {
		uri->host = before(s, ":");
		s = from(s, uri->host.len);
	}
	if (s.len > 0)
		uri->port = from(s, 1);
}

void
mh_uri_read(struct mh_str text, struct mh_uri *uri)
{
	size_t scheme = scheme_length(text);
	struct mh_str s;

	*uri = (struct mh_uri){ .text = text };
	uri->scheme = uri->userinfo = uri->host = uri->port = uri->rest = MH_STR("");
	uri->bad = bad_octet(text);
	if (scheme == 0)
		return;
	uri->scheme = mh_str_n(text.p, scheme);
	uri->is_uri = uri->bad.len == 0;
	s = from(text, scheme + 1);
	uri->rest = before(s, "#");
	uri->has_fragment = uri->rest.len < s.len;
	s = uri->rest;
	if (s.len < 2 || s.p[0] != '/' || s.p[1] != '/')
		return;
	s = from(s, 2);
	struct mh_str authority = before(s, "/?");
	read_authority(authority, uri);
	uri->rest = from(s, authority.len);
}

bool
mh_uri_is(const struct mh_uri *uri, const char *scheme)
{
	return mh_str_ieq(uri->scheme, mh_str_z(scheme));
}

int
mh_uri_port(const struct mh_uri *uri)
{
	int64_t port = uri->port.len > 0 ? mh_str_int(uri->port, 65535) : 443;
	return port > 0 ? (int)port : -1;
}

const char *
mh_uri_why_no_uri(const struct mh_uri *uri)
{
	if (uri->is_uri)
		return NULL;
	if (uri->scheme.len == 0)
		return "It has no scheme: nothing that ends with a colon stands at its beginning.";
	char c = uri->bad.p[0];
	return c == '%'             ? "A percent sign is followed by two hexadecimal digits."
	    : c == ' ' || c == '\t' ? "There is a space in it."
				    : "It has a character that a URI cannot have: such are written as a "
				      "percent sign and two hexadecimal digits.";
}

/* is_full_name - a name of DNS in ASCII, of two labels or more */
static bool
is_full_name(struct mh_str s)
{
	struct mh_ip ip;
	size_t dots = 0;

	for (size_t i = 0; i < s.len; i++) {
		dots += s.p[i] == '.' && i + 1 < s.len;
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '_' && s.p[i] != '.')
			return false;
	}
	return dots > 0 && mh_name_valid(s) && !mh_ip_parse(s, &ip);
}

const char *
mh_uri_why_no_https(const struct mh_uri *uri)
{
	const char *why = mh_uri_why_no_uri(uri);

	if (why != NULL)
		return why;
	if (!mh_uri_is(uri, "https"))
		return "Its scheme is not https.";
	if (!uri->has_authority || uri->host.len == 0)
		return "It names no host: two slashes and the host's name follow the colon.";
	if (uri->has_userinfo)
		return "There is a user name before the host's name.";
	if (uri->is_address || !is_full_name(uri->host))
		return "The host is not given by its full name.";
	return mh_uri_port(uri) < 0 ? "Its port is none." : NULL;
}

/* is_local_part - as a URI may have it: a dot-atom, or anything in percent signs */
static bool
is_local_part(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] == '.' ? i == 0 || i + 1 == s.len || s.p[i + 1] == '.'
				  : !mh_is_alnum(s.p[i]) && strchr("!#$%&'*+-/=?^_`{|}~", s.p[i]) == NULL)
			return false;
	return s.len > 0 && s.p[0] != '/';
}

const char *
mh_uri_why_no_mailto(const struct mh_uri *uri)
{
	const char *why = mh_uri_why_no_uri(uri);
	struct mh_str address = before(uri->rest, "?");
	struct mh_str local = before(address, "@");

	if (why != NULL)
		return why;
	if (!mh_uri_is(uri, "mailto"))
		return "Its scheme is not mailto.";
	if (!is_local_part(local) || local.len == address.len || !is_full_name(from(address, local.len + 1)))
		return "What follows mailto: is no mail address.";
	return NULL;
}
