/* bounce_reply.c - a server's reply in the prose around it
 *
 * "host mx.example [192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT
 * TO command)": where the reply begins, where it ends, who gave it, to what.
 */
#include "bounce_text.h"
#include "mime.h"
#include "net.h"
#include "ruleset.h"
#include "word.h"

#define ADDRESS_MAX 320 /* RFC 5321 4.5.3.1: 64 + "@" + 255 */

int
mh_code_at(struct mh_str s)
{
	if (s.len < 3 || (s.p[0] != '4' && s.p[0] != '5') || s.p[1] < '0' || s.p[1] > '7' ||
	    !mh_is_digit(s.p[2]))
		return 0;
	if (s.len > 3 &&
	    (mh_is_alnum(s.p[3]) || s.p[3] == '.' || s.p[3] == '@' || s.p[3] == '_' || s.p[3] == '%'))
		return 0;
	return (s.p[0] - '0') * 100 + (s.p[1] - '0') * 10 + (s.p[2] - '0');
}

/* has_lead - whether what stands before octet i announces a reply; is_status: one without a reply code,
 * has_status: one with both */
static bool
has_lead(struct mh_str s, size_t i, bool is_status, bool has_status)
{
	static const struct mh_str words[] = { MH_STR_INIT("said"), MH_STR_INIT("error"), MH_STR_INIT("code"),
		MH_STR_INIT("reply"), MH_STR_INIT("response"), MH_STR_INIT("returned"), MH_STR_INIT("with"),
		MH_STR_INIT("was"), MH_STR_INIT("status"), MH_STR_INIT("says"), MH_STR_INIT("deferred") };
	size_t k = i;
	while (k > 0 && (s.p[k - 1] == ' ' || s.p[k - 1] == '\t'))
		k--;
	if (k == 0)
		return true;
	char c = s.p[k - 1];
	if (c == ':' || c == ';' || c == '\n' || c == '>')
		return true;
	if (k == i)
		return c == '[' || c == '(' || c == '\'' || c == '"' || c == '#' || c == '=' ||
		    (c == '\x98' || c == '\x9c'); /* the last octet of a typographic quote */
	if (has_status || is_status)
		return has_status;
	size_t word = k;
	while (word > 0 && mh_is_alpha(s.p[word - 1]))
		word--;
	for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++)
		if (mh_str_ieq(mh_str_n(s.p + word, k - word), words[n]))
			return true;
	return c == ',' || c == '-' || c == '.' || c == ']';
}

/* follows_status - whether an enhanced status code stands behind the reply code at i */
static bool
follows_status(struct mh_str s, size_t i)
{
	struct mh_status status;
	size_t k = i + 3;
	while (k < s.len && k < i + 6 && (mh_is_space(s.p[k]) || s.p[k] == '-' || s.p[k] == '#'))
		k++;
	return mh_status_read(s.p + k, s.p + s.len, &status) > 0;
}

/* is_quoted_on - whether a remote reply quoted by a bouncing system begins at i: "smtp;550", "-> 550" */
static bool
is_quoted_on(struct mh_str s, size_t i)
{
	size_t k = i;
	while (k > 0 && (s.p[k - 1] == ' '))
		k--;
	if (k >= 2 && s.p[k - 1] == '>' && s.p[k - 2] == '-')
		return true;
	return k >= 5 && mh_str_ieq(mh_str_n(s.p + k - 5, 5), MH_STR("smtp;"));
}

/* is_quote - "550-'what the remote server said'", as Cisco's and Amazon's systems write it */
static bool
is_quote(struct mh_str s, size_t i)
{
	return i + 4 < s.len && s.p[i + 3] == '-' && (s.p[i + 4] == '\'' || s.p[i + 4] == '"');
}

int
mh_reply_quoted_code(struct mh_str s)
{
	for (size_t i = 1; i + 4 < s.len; i++)
		if (is_quote(s, i) && !mh_is_alnum(s.p[i - 1]))
			return mh_code_at(mh_str_n(s.p + i, s.len - i));
	return 0;
}

size_t
mh_reply_at(struct mh_str s)
{
	struct mh_status status;
	size_t found = s.len, with_status = s.len;
	for (size_t i = 0; i < s.len; i++) {
		if (!mh_is_digit(s.p[i]) || (i > 0 && (mh_is_alnum(s.p[i - 1]) || s.p[i - 1] == '.')))
			continue;
		struct mh_str rest = mh_str_n(s.p + i, s.len - i);
		if (mh_code_at(rest) != 0) {
			if (is_quoted_on(s, i))
				return i;
			if (found == s.len && (has_lead(s, i, false, follows_status(s, i)) || is_quote(s, i)))
				found = i;
		} else if (with_status == s.len && s.p[i] >= '4' && s.p[i] <= '5') {
			size_t len = mh_status_read(rest.p, rest.p + rest.len, &status);
			if (len > 0 && len + 1 < rest.len && (rest.p[len] == ' ' || rest.p[len] == ';') &&
			    has_lead(s, i, true, false))
				with_status = i;
		}
	}
	/* "5.1.0 - Unknown address error 550-'...'" begins with its status; "mx #5.1.1 smtp;550" does not. */
	return found == s.len || with_status == 0 ? with_status : found;
}

/* is_left_over - whether the last octet closes a bracket that was opened before the reply */
static bool
is_left_over(struct mh_str s)
{
	char close = s.p[s.len - 1],
	     open = close == ')' ? '('
	    : close == '>'       ? '<'
	    : close == ']'       ? '['
				 : '\0';
	int depth = 0;
	for (size_t i = 0; i < s.len && open != '\0'; i++)
		depth += (s.p[i] == open) - (s.p[i] == close);
	return depth < 0;
}

struct mh_str
mh_reply_cut(const struct mh_phrases *phrases, struct mh_str s, size_t begin)
{
	struct mh_phrase_hit hit;
	size_t at = 0;
	char before = begin > 0 ? s.p[begin - 1] : '\0';
	s = mh_str_n(s.p + begin, s.len - begin);
	if (mh_phrase_next(phrases, s, 1u << MH_PH_TAIL, &at, &hit) && hit.at > 4) {
		s.len = hit.at;
		while (s.len > 0 &&
		    (mh_is_space(s.p[s.len - 1]) || s.p[s.len - 1] == '(' || s.p[s.len - 1] == '['))
			s.len--;
	}
	char close = before == '(' ? ')'
	    : before == '['        ? ']'
	    : before == '\''       ? '\''
	    : before == '"'        ? '"'
				   : '\0';
	s = mh_str_trim(s);
	while (s.len > 2 && s.p[s.len - 1] == '#')
		s = mh_str_trim(mh_str_n(s.p, s.len - 1));
	while (s.len > 4 && is_left_over(s))
		s = mh_str_trim(mh_str_n(s.p, s.len - 1));
	if (close != '\0') {
		size_t last = s.len;
		while (last > 0 && s.p[last - 1] != close)
			last--;
		if (last > 4)
			s.len = last - 1;
	}
	return s;
}

/* ----------------------------------------------------------------------------- lines */

/* without_mark - a line of a transcript without its "<<< " */
static struct mh_str
without_mark(struct mh_str line)
{
	size_t i = 0;
	line = mh_str_trim(line);
	if (mh_str_istarts(line, MH_STR("received ")) && line.len > 12 &&
	    (line.p[9] == '<' || line.p[9] == '>'))
		i = 9;
	size_t mark = i;
	while (i < line.len && (line.p[i] == '<' || line.p[i] == '>'))
		i++;
	return i - mark == 3 ? mh_str_trim(mh_str_n(line.p + i, line.len - i)) : line;
}

/* is_label - whether a line begins with a word or two and a colon */
static bool
is_label(struct mh_str line)
{
	size_t i = 0;
	while (i < line.len && i < 24 && (mh_is_alpha(line.p[i]) || line.p[i] == ' ' || line.p[i] == '-'))
		i++;
	return i > 2 && i + 1 < line.len && line.p[i] == ':' && mh_is_space(line.p[i + 1]);
}

struct mh_str
mh_said_flat(struct mh_arena *arena, struct mh_str lines)
{
	struct mh_str line, rest = mh_str_trim(lines), only = rest;
	(void)mh_line_next(&rest, &line);
	if (rest.len == 0)
		return without_mark(only);
	char *out = mh_arena_alloc(arena, only.len);
	size_t n = 0;
	int code = 0;
	bool has_label = false;
	if (out == NULL)
		return mh_str_n(NULL, 0);
	for (rest = only; mh_line_next(&rest, &line);) {
		line = without_mark(line);
		if (line.len == 0)
			continue;
		int now = mh_code_at(line);
		bool is_line = now != 0 && (now == code || code == 0) &&
		    (line.len == 3 || line.p[3] == '-' || line.p[3] == ' ');
		if (has_label && code != 0 && !is_line && is_label(line))
			break; /* "Error: 550 no" and below it "Server: mx.example.org" */
		if (code == 0 && now != 0 && is_line)
			code = now;
		if (n > 0) {
			out[n] = is_line && n > 3 ? '\n' : ' ';
			n++;
		}
		memcpy(out + n, line.p, line.len);
		n += line.len;
		if (code == 0) { /* "host mx said: 550-one" and "550 two" on the next line */
			struct mh_str so_far = mh_str_n(out + n - line.len, line.len);
			size_t at = mh_reply_at(so_far);
			code = at < so_far.len ? mh_code_at(mh_str_n(so_far.p + at, so_far.len - at)) : 0;
			has_label = code != 0 && is_label(line);
		}
	}
	return mh_str_n(out, n);
}

uint8_t
mh_said_phase(const struct mh_phrases *phrases, struct mh_str s)
{
	struct mh_phrase_hit hit;
	size_t at = 0;
	uint8_t phase = MH_PHASE_NONE;
	while (mh_phrase_next(phrases, s, 1u << MH_PH_PHASE, &at, &hit))
		if (hit.value != MH_PHASE_NONE)
			phase = hit.value;
	return phase;
}

/* host_at - the host name or address at the begin of s; "" */
static struct mh_str
host_at(struct mh_str s)
{
	struct mh_ip ip;
	size_t i = 0;
	while (i < s.len && (s.p[i] == ' ' || s.p[i] == '<' || s.p[i] == '[' || s.p[i] == '\t'))
		i++;
	size_t begin = i;
	while (i < s.len &&
	    (mh_is_alnum(s.p[i]) || s.p[i] == '.' || s.p[i] == '-' || s.p[i] == '_' || s.p[i] == ':'))
		i++;
	struct mh_str host = mh_str_n(s.p + begin, i - begin);
	while (host.len > 0 && (host.p[host.len - 1] == '.' || host.p[host.len - 1] == ':'))
		host.len--;
	if (host.len < 4 || memchr(host.p, '.', host.len) == NULL)
		return MH_STR("");
	return mh_ip_parse(host, &ip) || mh_name_valid(host) ? host : MH_STR("");
}

struct mh_str
mh_said_first_host(struct mh_str s)
{
	struct mh_ip ip;
	struct mh_str host = host_at(s);
	if (host.len > 0 && !mh_ip_parse(host, &ip) && !mh_name_is_host(host))
		return MH_STR("");
	size_t end = host.len > 0 ? (size_t)(host.p + host.len - s.p) : 0;
	return end > 0 && end < s.len && (mh_is_space(s.p[end]) || s.p[end] == '[') ? host : MH_STR("");
}

struct mh_str
mh_said_host(const struct mh_phrases *phrases, struct mh_str s)
{
	struct mh_phrase_hit hit;
	struct mh_str host = MH_STR("");
	size_t at = 0;
	while (host.len == 0 && mh_phrase_next(phrases, s, 1u << MH_PH_HOST, &at, &hit))
		host = host_at(mh_str_n(s.p + hit.end, s.len - hit.end));
	return host;
}

/* ------------------------------------------------------------------------- addresses */

static bool
is_local(char c)
{
	return mh_is_alnum(c) || (unsigned char)c >= 0x80 ||
	    (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

/* bare_at - octets of a bare address at the begin of s; 0 */
static size_t
bare_at(struct mh_str s)
{
	size_t i = 0, max = s.len < ADDRESS_MAX ? s.len : ADDRESS_MAX;
	if (max > 2 && s.p[0] == '"') {
		for (i = 1; i < max && s.p[i] != '"' && s.p[i] != '\n'; i++)
			i += s.p[i] == '\\';
		i++;
	} else {
		while (i < max && is_local(s.p[i]))
			i++;
	}
	if (i == 0 || i >= max || s.p[i] != '@')
		return 0;
	size_t domain = ++i;
	if (i < max && s.p[i] == '[') {
		while (i < max && s.p[i] != ']' && !mh_is_space(s.p[i]))
			i++;
		return i < max && s.p[i] == ']' ? i + 1 : 0;
	}
	while (i < max &&
	    (mh_is_alnum(s.p[i]) || (unsigned char)s.p[i] >= 0x80 || s.p[i] == '-' || s.p[i] == '.' ||
		s.p[i] == '_'))
		i++;
	while (i > domain && (s.p[i - 1] == '.' || s.p[i - 1] == '-'))
		i--;
	return i > domain ? i : 0;
}

size_t
mh_address_at(struct mh_str s, struct mh_str *address)
{
	bool is_bracketed = s.len > 0 && s.p[0] == '<';
	size_t begin = is_bracketed, len;
	if (mh_str_istarts(mh_str_n(s.p + begin, s.len - begin), MH_STR("mailto:")))
		begin += 7;
	struct mh_str rest = mh_str_n(s.p + begin, s.len - begin);
	if (!is_bracketed) {
		len = bare_at(rest);
		*address = mh_str_n(rest.p, len);
		return len > 0 ? begin + len : 0;
	}
	/* In brackets anything with an "@" is one: addresses that are wrong are what bounces are about. */
	const char *close = memchr(rest.p, '>', rest.len < ADDRESS_MAX ? rest.len : ADDRESS_MAX);
	if (close == NULL)
		return 0;
	*address = mh_str_n(rest.p, (size_t)(close - rest.p));
	if (address->len == 0 || memchr(address->p, '@', address->len) == NULL ||
	    memchr(address->p, '\n', address->len) != NULL || mh_str_istarts(*address, MH_STR("http")))
		return 0;
	return begin + address->len + 1;
}
