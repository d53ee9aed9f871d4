/* things.c - what in a reply is no word: addresses, names, URLs, mail addresses
 *
 * Each is looked at once and bounded (63 octets a label, 253 a name, 2,048 a
 * URL), so that no text makes the pass slow.
 */
#include "net.h"
#include "port.h"
#include "scan_run.h"

/* clang-format off */
#define NLU (NAME_OCTET | LOCAL_OCTET | URL_OCTET)
#define LU (LOCAL_OCTET | URL_OCTET)
#define U URL_OCTET
const unsigned char mh_part_of[256] = {
	/* 20 */ [0x21] = LU, 0, LU, LU, LU, LU, U, U, U, LU, LU, U, NLU, NLU, LU,
	/* 30 */ R10(NLU), U, U, 0, LU, 0, LU,
	/* 40 */ U, R26(NLU), U, 0, U, LOCAL_OCTET, NLU,
	/* 60 */ 0, R26(NLU), 0, 0, 0, LU, 0,
	/* 80 */ R16(NLU), R16(NLU), R16(NLU), R16(NLU), R16(NLU), R16(NLU), R16(NLU), R16(NLU),
};
/* clang-format on */

/* mh_take_url - the URL whose host begins at host; its end */
size_t
mh_take_url(struct run *run, size_t begin, size_t host)
{
	size_t end = host, limit = begin + 2048 < run->len ? begin + 2048 : run->len;
	int depth = 0;
	for (; end < limit && is_url_octet(run->text[end]); end++) {
		char c = run->text[end];
		if (MH_LIKELY(mh_is_alnum(c)))
			continue;
		if (c == '(' || c == '[')
			depth++;
		else if ((c == ')' || c == ']') && --depth < 0)
			break;
	}
	while (end > host && memchr(".,;:!?'*", run->text[end - 1], 8) != NULL)
		end--;
	size_t name = host;
	while (name < end && is_name_octet(run->text[name]))
		name++;
	struct mh_owner owner = mh_layers_suffix(run->layers, mh_str_n(run->text + host, name - host));
	mh_put_words_within(run, begin, end);
	mh_add_entity(run, MH_ENTITY_URL, begin, end, owner);
	return end;
}

/* mh_take_ip4 - a dotted quad at begin that is no part of something longer; its end or 0 */
size_t
mh_take_ip4(struct run *run, size_t begin)
{
	size_t end = begin;
	int dots = 0;
	while (end < run->len && end - begin < 16 &&
	    (mh_is_digit(run->text[end]) ||
		(run->text[end] == '.' && dots < 3 && end + 1 < run->len && mh_is_digit(run->text[end + 1]))))
		dots += run->text[end++] == '.';
	struct mh_ip ip;
	if (begin > 1 && run->text[begin - 1] == '.' && mh_is_digit(run->text[begin - 2]))
		return 0; /* the end of something longer */
	if (dots != 3 || !mh_ip_parse(mh_str_n(run->text + begin, end - begin), &ip))
		return 0;
	char next = end < run->len ? run->text[end] : ' ';
	if (mh_is_digit(next) || (next == '.' && end + 1 < run->len && mh_is_digit(run->text[end + 1])))
		return 0;
	if (next == '-' || next == '_' || next == '.') { /* 192.0.2.1.example.net and the like are names */
		size_t stop = end;
		while (stop < run->len && stop - begin < 254 && is_name_octet(run->text[stop]))
			stop++;
		if (mh_name_is_host(mh_str_n(run->text + begin, stop - begin)))
			return 0;
	}
	/* "policy (3.2.1.1)", "(1.5.2.1)", "version 1.2.3.4": numbers of something else, never the sender.
	 * In parentheses four single digits are a policy's number sooner than an address that sends mail. */
	size_t before = begin;
	if (begin > 0 && run->text[begin - 1] == '(' && next == ')' && end - begin == 7) {
		mh_add_entity(run, MH_ENTITY_NUMBER, begin, end, mh_nobody);
		return end;
	}
	while (before > 0 && (run->text[before - 1] == ' ' || run->text[before - 1] == '('))
		before--;
	static const char *const numbered[] = { "policy", "version", "rule", "release" };
	for (size_t i = 0; i < MH_COUNT(numbered); i++) {
		struct mh_str word = mh_str_z(numbered[i]);
		if (before >= word.len && before < begin &&
		    mh_str_ieq(mh_str_n(run->text + before - word.len, word.len), word)) {
			mh_add_entity(run, MH_ENTITY_NUMBER, begin, end, mh_nobody);
			return end;
		}
	}
	mh_add_entity(run, MH_ENTITY_IP, begin, end, mh_nobody);
	return end;
}

/* mh_take_ip6 - an IPv6 address at begin; its end or 0 */
size_t
mh_take_ip6(struct run *run, size_t begin)
{
	size_t end = begin;
	int colons = 0;
	for (; end < run->len && end - begin < 46; end++) {
		char c = run->text[end];
		if (c == ':')
			colons++;
		else if (mh_hex(c) < 0 && c != '.')
			break;
	}
	while (end > begin && (run->text[end - 1] == '.' || run->text[end - 1] == ':') && end - begin > 2 &&
	    !(run->text[end - 1] == ':' && run->text[end - 2] == ':')) {
		colons -= run->text[end - 1] == ':';
		end--;
	}
	struct mh_ip ip;
	if (colons < 2 || (end < run->len && mh_is_alnum(run->text[end])) ||
	    !mh_ip_parse(mh_str_n(run->text + begin, end - begin), &ip))
		return 0;
	mh_add_entity(run, MH_ENTITY_IP, begin, end, mh_nobody);
	return end;
}

/* mh_take_name - a host name at begin, or a URL without its scheme; its end or 0 */
size_t
mh_take_name(struct run *run, size_t begin)
{
	size_t end = begin;
	bool dotted = false;
	while (end < run->len && end - begin < 255 && is_name_octet(run->text[end])) {
		dotted |= run->text[end] == '.';
		end++;
	}
	if (!dotted)
		return 0;
	while (end > begin &&
	    (run->text[end - 1] == '.' || run->text[end - 1] == '-' || run->text[end - 1] == '_'))
		end--;
	struct mh_str name = mh_str_n(run->text + begin, end - begin);
	if (!mh_name_is_host(name))
		return 0;
	if (end + 1 < run->len && run->text[end] == '/' && is_url_octet(run->text[end + 1]))
		return mh_take_url(run, begin, begin);
	mh_put_words_within(run, begin, end);
	mh_add_entity(run, MH_ENTITY_HOST, begin, end, mh_layers_suffix(run->layers, name));
	return end;
}

/* mh_find_email - the next address at or after from: its limits, or SIZE_MAX */
size_t
mh_find_email(const struct run *run, size_t from, size_t *end)
{
	for (size_t at = from; at < run->len; at++) {
		const char *sign = memchr(run->text + at, '@', run->len - at);
		if (sign == NULL)
			break;
		at = (size_t)(sign - run->text);
		size_t begin = at;
		while (begin > from && at - begin < 64 && is_local_octet(run->text[begin - 1]))
			begin--;
		size_t stop = at + 1;
		if (stop < run->len && run->text[stop] == '[') { /* address literal, RFC 5321 4.1.3 */
			while (stop < run->len && stop - at < 64 && run->text[stop] != ']' &&
			    !mh_is_space(run->text[stop]))
				stop++;
			if (stop < run->len && run->text[stop] == ']' && begin < at) {
				*end = stop + 1;
				return begin;
			}
			continue;
		}
		while (stop < run->len && stop - at < 255 && is_name_octet(run->text[stop]))
			stop++;
		while (stop > at + 1 && !mh_is_alnum(run->text[stop - 1]) &&
		    (unsigned char)run->text[stop - 1] < 0x80)
			stop--;
		if (begin < at && mh_name_valid(mh_str_n(run->text + at + 1, stop - at - 1))) {
			*end = stop;
			return begin;
		}
	}
	return SIZE_MAX;
}
