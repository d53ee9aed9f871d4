/* spf_macro.c - macros of SPF records, and the names that they become
 *
 * Macros are expanded into one buffer of the pass's arena (RFC 7208 7).  A
 * name without macros that is canonical already, as nearly all are, is used
 * where it stands.
 *
 * A sender can make any text of a name: what comes out is checked as a name,
 * and an expansion has a ceiling.
 */
#include "spf_macro.h"

#include "error.h"
#include "port.h"

#define EXPANSION_MAX 8192 /* octets; a longer name is none */
#define VALUE_MAX 1024 /* octets that one macro may stand for; a mailbox has 320 at the most */

/* What is written, in the arena. */
struct text {
	struct mh_arena *arena;
	char *p;
	size_t len, cap;
	bool is_full, no_memory;
};

static void
put(struct text *text, char c)
{
	if (MH_UNLIKELY(text->len == text->cap)) {
		size_t cap = text->cap > 0 ? text->cap * 2 : 512;
		char *p = cap <= EXPANSION_MAX ? mh_arena_alloc(text->arena, cap) : NULL;
		text->is_full = text->is_full || cap > EXPANSION_MAX;
		text->no_memory = text->no_memory || (cap <= EXPANSION_MAX && p == NULL);
		if (p == NULL)
			return;
		if (text->len > 0)
			memcpy(p, text->p, text->len);
		text->p = p;
		text->cap = cap;
	}
	text->p[text->len++] = c;
}

/* put_part - octets of a value, URL-escaped if wanted (RFC 7208 7.3: all but RFC 3986's unreserved) */
static void
put_part(struct text *text, const char *p, const char *end, bool is_escaped)
{
	for (; p < end && !text->is_full; p++) {
		unsigned char c = (unsigned char)*p;
		if (!is_escaped || mh_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
			put(text, *p);
		} else {
			put(text, '%');
			put(text, "0123456789ABCDEF"[c >> 4]);
			put(text, "0123456789ABCDEF"[c & 15]);
		}
	}
}

/* ------------------------------------------------------------------- one macro */

/* mh_spf_macro_read - see spf_macro.h */
bool
mh_spf_macro_read(const char **p, const char *end, struct mh_spf_macro *macro)
{
	const char *at = *p + 1;
	*macro = (struct mh_spf_macro){ 0 };
	if (at == end)
		return false;
	if (*at != '{') {
		bool is_macro = *at == '%' || *at == '_' || *at == '-';
		macro->literal = *at == '%' ? MH_STR("%") : *at == '_' ? MH_STR(" ") : MH_STR("%20");
		*p = is_macro ? at + 1 : *p;
		return is_macro;
	}
	if (++at == end)
		return false;
	macro->letter = mh_lower(*at);
	macro->is_escaped = *at++ != macro->letter;
	bool has_digits = at < end && mh_is_digit(*at);
	for (; at < end && mh_is_digit(*at); at++)
		macro->keep = macro->keep < 1000 ? macro->keep * 10 + (unsigned)(*at - '0') : 1000;
	macro->is_reversed = at < end && mh_lower(*at) == 'r';
	at += macro->is_reversed;
	macro->delimiters.p = at;
	while (at < end && *at != 0 && strchr(".-+,/_=", *at) != NULL)
		at++;
	macro->delimiters.len = (size_t)(at - macro->delimiters.p);
	/* RFC 7208 7.3: the number must not be zero. */
	if (at == end || *at != '}' || (has_digits && macro->keep == 0) || macro->letter == 0 ||
	    strchr("slodiphcrtv", macro->letter) == NULL)
		return false;
	*p = at + 1;
	return true;
}

static bool
is_delimiter(const struct mh_spf_macro *macro, char c)
{
	return macro->delimiters.len == 0 ? c == '.'
					  : memchr(macro->delimiters.p, c, macro->delimiters.len) != NULL;
}

/* put_value - a value as the macro transforms it (RFC 7208 7.3): split, turned round, cut to the last parts,
 * joined by dots */
static void
put_value(struct text *text, const struct mh_spf_macro *macro, struct mh_str value)
{
	if (value.len == 0)
		value = MH_STR(""); /* nothing was given: no HELO, no receiver */
	const char *p = value.p, *end = value.p + value.len;
	unsigned parts = 1;
	for (const char *q = p; q < end; q++)
		parts += is_delimiter(macro, *q);
	unsigned keep = macro->keep > 0 && macro->keep < parts ? macro->keep : parts;
	if (!macro->is_reversed) { /* all but the first parts - keep */
		for (unsigned skip = parts - keep; skip > 0; p++)
			skip -= is_delimiter(macro, *p);
		for (; p < end && !text->is_full; p++) {
			if (is_delimiter(macro, *p))
				put(text, '.');
			else
				put_part(text, p, p + 1, macro->is_escaped);
		}
		return;
	}
	/* The first keep ones, from the last of them to the first. */
	for (unsigned skip = parts - keep; skip > 0;)
		skip -= is_delimiter(macro, *--end);
	for (bool is_first = true; !text->is_full; is_first = false) {
		const char *start = end;
		while (start > p && !is_delimiter(macro, start[-1]))
			start--;
		if (!is_first)
			put(text, '.');
		put_part(text, start, end, macro->is_escaped);
		if (start == p)
			break;
		end = start - 1;
	}
}

/* put_dotted - %{i}: an IPv4 address as ever, of an IPv6 one all half octets with dots between */
static size_t
put_dotted(const struct mh_ip *ip, char out[64])
{
	if (ip->family != 6)
		return mh_ip_print(ip, out);
	for (size_t i = 0; i < 16; i++) {
		out[4 * i] = "0123456789ABCDEF"[ip->octets[i] >> 4];
		out[4 * i + 1] = '.';
		out[4 * i + 2] = "0123456789ABCDEF"[ip->octets[i] & 15];
		out[4 * i + 3] = '.';
	}
	return 63;
}

/* put_time - %{t}: seconds since the epoch */
static size_t
put_time(int64_t now, char out[64])
{
	size_t len = 0;
	char digits[20];
	uint64_t left = now > 0 ? (uint64_t)now : 0;
	do
		digits[len++] = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	for (size_t i = 0; i < len; i++)
		out[i] = digits[len - 1 - i];
	return len;
}

/* pick_name - %{p} (RFC 7208 7.3): domain itself if it is validated, else a name under it, else any */
static struct mh_str
pick_name(const struct mh_spf_names *names, struct mh_str domain)
{
	struct mh_str under = { NULL, 0 };
	for (unsigned i = 0; i < names->count; i++) {
		if (mh_str_eq(names->at[i], domain))
			return domain;
		if (under.len == 0 && mh_dname_is_under(names->at[i], domain))
			under = names->at[i];
	}
	if (under.len > 0)
		return under;
	return names->count > 0 ? names->at[0] : MH_STR("unknown");
}

/* put_macro - one macro into text */
static int
put_macro(const struct mh_spf_env *env, const struct mh_spf_name *domain, const struct mh_spf_macro *macro,
    struct text *text)
{
	char room[64];
	struct mh_spf_names names;
	struct mh_str value = { room, 0 };
	switch (macro->letter) {
	case 's':
		value = env->sender;
		break;
	case 'l':
		value = env->local_part;
		break;
	case 'o':
		value = env->sender_domain;
		break;
	case 'd':
		value = domain->raw;
		break;
	case 'i':
		value.len = put_dotted(&env->ip, room);
		break;
	case 'h':
		value = env->helo;
		break;
	case 'v':
		value = env->ip.family == 6 ? MH_STR("ip6") : MH_STR("in-addr");
		break;
	case 'c':
		value.len = mh_ip_print(&env->ip, room);
		break;
	case 'r':
		value = env->receiver;
		break;
	case 't':
		value.len = put_time(env->now, room);
		break;
	case 'p':
		if (!env->may_ask)
			return MH_SPF_NOT_YET;
		mh_spf_validated_names(env, MH_STR(""), &names);
		if (names.is_open)
			return MH_SPF_NOT_YET;
		value = pick_name(&names, domain->canonical);
		break;
	default:
		break;
	}
	if (value.len > VALUE_MAX) {
		text->is_full = true;
		return MH_SPF_EXPANDED;
	}
	put_value(text, macro, value);
	return MH_SPF_EXPANDED;
}

/* expand - all of spec into text; for_exp: it is an explanation */
static int
expand(const struct mh_spf_env *env, const struct mh_spf_name *domain, struct mh_str spec, bool for_exp,
    struct text *text)
{
	const char *p = spec.p, *end = spec.p + spec.len;
	struct mh_spf_macro macro;
	while (p < end && !text->is_full) {
		if (*p != '%') {
			put(text, *p++);
			continue;
		}
		if (!mh_spf_macro_read(&p, end, &macro))
			return MH_SPF_NO_NAME;
		if (macro.letter == 0) {
			put_part(text, macro.literal.p, macro.literal.p + macro.literal.len, false);
			continue;
		}
		/* RFC 8616 4: a local part that is not ASCII is no label, so such terms match nothing. */
		if (!for_exp && env->is_eai && (macro.letter == 's' || macro.letter == 'l'))
			return MH_SPF_NEVER;
		int result = put_macro(env, domain, &macro, text);
		if (result != MH_SPF_EXPANDED)
			return result;
	}
	if (text->no_memory) {
		env->pass->error = MH_ERR_ENOMEM;
		return MH_SPF_NO_MEMORY;
	}
	return text->is_full ? MH_SPF_NO_NAME : MH_SPF_EXPANDED;
}

/* ------------------------------------------------------------------------ names */

/* is_canonical - whether a name without escapes is the key of facts as it stands */
static bool
is_canonical(struct mh_str s)
{
	size_t label = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];
		if (c == '.') {
			if (label == 0)
				return false;
			label = 0;
		} else if (!((c >= 'a' && c <= 'z') || mh_is_digit(c) || c == '-' || c == '_') ||
		    ++label > 63) {
			return false;
		}
	}
	return label > 0;
}

/* mh_spf_name_of - see spf_macro.h */
int
mh_spf_name_of(struct mh_pass *pass, struct mh_str raw, struct mh_spf_name *name)
{
	char canonical[MH_DNAME_TEXT_MAX];
	if (raw.len > 0 && raw.p[raw.len - 1] == '.')
		raw.len--;
	while (raw.len > MH_NAME_MAX) {
		const char *dot = memchr(raw.p, '.', raw.len);
		if (dot == NULL)
			return MH_SPF_NO_NAME;
		raw.len -= (size_t)(dot + 1 - raw.p);
		raw.p = dot + 1;
	}
	name->raw = name->canonical = raw;
	if (is_canonical(raw))
		return MH_SPF_EXPANDED;
	size_t len = raw.len > 0 ? mh_dname_from_raw(raw, canonical) : 0;
	if (len == 0 || (len == 1 && canonical[0] == '.'))
		return MH_SPF_NO_NAME;
	char *copy = mh_arena_alloc(pass->arena, len + 1);
	if (copy == NULL) {
		pass->error = MH_ERR_ENOMEM;
		return MH_SPF_NO_MEMORY;
	}
	memcpy(copy, canonical, len + 1);
	name->canonical = mh_str_n(copy, len);
	return MH_SPF_EXPANDED;
}

/* mh_spf_target - see spf_macro.h */
int
mh_spf_target(const struct mh_spf_env *env, const struct mh_spf_name *domain, struct mh_str spec,
    struct mh_spf_name *name)
{
	if (spec.len == 0) {
		*name = *domain;
		return MH_SPF_EXPANDED;
	}
	if (memchr(spec.p, '%', spec.len) == NULL)
		return mh_spf_name_of(env->pass, spec, name);
	struct text text = { .arena = env->pass->arena };
	int result = expand(env, domain, spec, false, &text);
	return result == MH_SPF_EXPANDED ? mh_spf_name_of(env->pass, mh_str_n(text.p, text.len), name)
					 : result;
}

/* mh_spf_expand_text - see spf_macro.h */
int
mh_spf_expand_text(const struct mh_spf_env *env, const struct mh_spf_name *domain, struct mh_str text,
    struct mh_str *explanation)
{
	struct text out = { .arena = env->pass->arena };
	int result = expand(env, domain, text, true, &out);
	if (result != MH_SPF_EXPANDED)
		return result;
	for (size_t i = 0; i < out.len; i++) {
		if (out.p[i] < 0x20 || out.p[i] > 0x7e)
			return MH_SPF_NO_NAME;
	}
	*explanation = mh_str_n(out.p, out.len);
	return MH_SPF_EXPANDED;
}

/* mh_spf_is_dynamic - see spf_macro.h */
bool
mh_spf_is_dynamic(struct mh_str spec)
{
	for (size_t i = 0; i + 2 < spec.len; i++) {
		if (spec.p[i] != '%')
			continue;
		if (spec.p[i + 1] == '{' && mh_lower(spec.p[i + 2]) != 'd')
			return true;
		i++;
	}
	return false;
}
