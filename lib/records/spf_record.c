/* spf_record.c - SPF records as terms, and every error in them with its place
 *
 * One pass from left to right.  A term is what stands between spaces; what it
 * is, its name tells (RFC 7208 4.6.1 and 12).  A term that cannot be read is
 * kept as MH_SPF_BAD with as much of it as could be read, so that lint can say
 * what was meant and a lax receiver be imitated.
 *
 * Where "/" begins the prefix lengths of a and mx the grammar leaves open, for
 * a domain-spec may hold slashes too.  The prefix is the end of the term from
 * the first slash behind which there are digits and slashes alone: a domain
 * cannot end so, as its last label would be no top level name.
 *
 * Does not: look at what macros become (spf_macro.c), or judge what is legal.
 */
#include "spf_macro.h"

#include "port.h"

static const struct {
	const char *name;
	bool costs;
} kinds[] = {
#define X(name, text, costs) [MH_SPF_##name] = { (text), (costs) != 0 },
	MH_SPF_KINDS(X)
#undef X
};

static const char *const faults[] = {
#define X(name, text) [MH_SPF_FAULT_##name] = (text),
	MH_SPF_FAULTS(X)
#undef X
};

/* mh_spf_kind_name - as written in records; "" for other modifiers and what cannot be read */
const char *
mh_spf_kind_name(int kind)
{
	return kind >= 0 && (size_t)kind < MH_COUNT(kinds) ? kinds[kind].name : "";
}

/* mh_spf_kind_costs - whether it counts towards the limit of RFC 7208 4.6.4 */
bool
mh_spf_kind_costs(int kind)
{
	return kind >= 0 && (size_t)kind < MH_COUNT(kinds) && kinds[kind].costs;
}

/* mh_spf_fault_text - one clause for people; "" for other numbers */
const char *
mh_spf_fault_text(int fault)
{
	return fault >= 0 && (size_t)fault < MH_COUNT(faults) ? faults[fault] : "";
}

/* ----------------------------------------------------------------- the reader */

struct reader {
	struct mh_arena *arena;
	struct mh_spf_record *record;
	struct mh_spf_term *term; /* under the pen; NULL outside of terms */
	bool bad; /* no memory */
};

/* complain - keeps an error at its place among the others; false always */
static bool
complain(struct reader *reader, int fault, const char *begin, const char *end)
{
	struct mh_spf_record *record = reader->record;
	if (record->errors == NULL) {
		record->errors = mh_arena_alloc(reader->arena, MH_SPF_ERRORS_MAX * sizeof(*record->errors));
		if (record->errors == NULL) {
			reader->bad = true;
			return false;
		}
	}
	if (record->error_count == MH_SPF_ERRORS_MAX)
		return false;
	struct mh_spf_error error = { .fault = fault,
		.begin = (uint32_t)(begin - record->text.p),
		.end = (uint32_t)(end - record->text.p),
		.term = reader->term != NULL ? (uint32_t)(reader->term - record->terms) : UINT32_MAX };
	uint32_t at = record->error_count++;
	for (; at > 0 && record->errors[at - 1].begin > error.begin; at--)
		record->errors[at] = record->errors[at - 1];
	record->errors[at] = error;
	return false;
}

/* is_name_octet - what RFC 7208 12 lets stand in a <name> behind its first letter */
static inline bool
is_name_octet(char c)
{
	return mh_is_alnum(c) || c == '-' || c == '_' || c == '.';
}

/* -------------------------------------------------------------- domain-specs */

/* end_of_bad_macro - up to where an error shows what should have been a macro */
static const char *
end_of_bad_macro(const char *p, const char *end)
{
	const char *limit = end - p > 32 ? p + 32 : end;
	if (end - p > 1 && p[1] == '{') {
		for (const char *q = p + 2; q < limit; q++) {
			if (*q == '}')
				return q + 1;
			if (*q == '%')
				break;
		}
	}
	return end - p > 1 ? p + 2 : end;
}

/* check_macros - whether all macros of s exist and are closed, and, unless for_exp, may stand outside of
 * explanations; *last is the end of the last one, or NULL */
static bool
check_macros(struct reader *reader, struct mh_str s, bool for_exp, const char **last)
{
	const char *p = s.p, *end = s.p + s.len;
	bool is_good = true;
	*last = NULL;
	while (p < end && (p = memchr(p, '%', (size_t)(end - p))) != NULL) {
		struct mh_spf_macro macro;
		const char *behind = p;
		if (!mh_spf_macro_read(&behind, end, &macro)) {
			behind = end_of_bad_macro(p, end);
			is_good = complain(reader, MH_SPF_FAULT_MACRO, p, behind);
		} else if (!for_exp && strchr("crt", macro.letter) != NULL && macro.letter != 0) {
			is_good = complain(reader, MH_SPF_FAULT_MACRO_EXP, p, behind);
		}
		reader->term->has_macro = reader->term->has_macro || macro.letter != 0;
		*last = p = behind;
	}
	return is_good;
}

/* ends_in_name - whether s ends in "." and a toplabel (RFC 7208 7.1), behind the last macro */
static bool
ends_in_name(struct mh_str s, const char *last_macro)
{
	const char *begin = last_macro != NULL ? last_macro : s.p, *end = s.p + s.len;
	if (end > begin && end[-1] == '.')
		end--;
	const char *p = end;
	bool has_name_octet = false; /* anything but digits */
	for (; p > begin && (mh_is_alnum(p[-1]) || p[-1] == '-'); p--)
		has_name_octet = has_name_octet || !mh_is_digit(p[-1]);
	return p > begin && p[-1] == '.' && p < end && has_name_octet && *p != '-' && end[-1] != '-';
}

/* check_domain - whether s is a <domain-spec> */
static bool
check_domain(struct reader *reader, struct mh_str s)
{
	const char *last;
	if (s.len == 0)
		return complain(reader, MH_SPF_FAULT_DOMAIN_MISSING, s.p, s.p);
	if (!check_macros(reader, s, false, &last))
		return false;
	if (last == s.p + s.len || ends_in_name(s, last))
		return true;
	return complain(reader, MH_SPF_FAULT_DOMAIN_SPEC, s.p, s.p + s.len);
}

/* ---------------------------------------------------- addresses and prefixes */

/* read_ip4 - mh_ip_parse for dotted quads alone, as records have them by the dozen */
static bool
read_ip4(struct mh_str s, struct mh_ip *ip)
{
	const char *p = s.p, *end = s.p + s.len;
	for (int i = 0; i < 4; i++) {
		if (i > 0 && (p == end || *p++ != '.'))
			return false;
		const char *start = p;
		unsigned value = 0;
		while (p < end && p - start < 3 && mh_is_digit(*p))
			value = value * 10 + (unsigned)(*p++ - '0');
		if (p == start || value > 255 || (*start == '0' && p - start > 1))
			return false;
		ip->octets[i] = (unsigned char)value;
	}
	ip->family = p == end ? 4 : 0;
	return p == end;
}

/* read_number - a prefix length (RFC 7208 12): decimal without leading zeros, max at most; -1 */
static int16_t
read_number(const char *p, const char *end, int max)
{
	int value = 0;
	if (p == end || end - p > 3 || (*p == '0' && end - p > 1))
		return -1;
	for (; p < end; p++) {
		if (!mh_is_digit(*p))
			return -1;
		value = value * 10 + (*p - '0');
	}
	return (int16_t)(value <= max ? value : -1);
}

/* read_prefixes - [ "/" number ] [ "//" number ], all of it */
static bool
read_prefixes(struct reader *reader, const char *p, const char *end)
{
	struct mh_spf_term *term = reader->term;
	bool is_good = true;
	if (end - p < 2 || p[1] != '/') {
		const char *stop = p + 1;
		while (stop < end && *stop != '/')
			stop++;
		if (stop < end && end - stop < 2)
			stop = end; /* a slash at the very end */
		term->prefix4 = read_number(p + 1, stop, 32);
		if (term->prefix4 < 0)
			is_good = complain(reader, MH_SPF_FAULT_PREFIX4, p, stop);
		p = stop;
	}
	if (p == end)
		return is_good;
	if (end - p >= 2 && p[1] == '/')
		term->prefix6 = read_number(p + 2, end, 128);
	if (term->prefix6 < 0)
		is_good = complain(reader, MH_SPF_FAULT_PREFIX6, p, end);
	return is_good;
}

/* find_prefix - where the prefix lengths begin in s; its end: there are none */
static const char *
find_prefix(struct mh_str s)
{
	const char *p = s.p + s.len, *found = p;
	for (; p > s.p && (mh_is_digit(p[-1]) || p[-1] == '/'); p--)
		found = p[-1] == '/' ? p - 1 : found;
	return found;
}

/* read_network - what stands behind "ip4:" (family 4) or "ip6:" */
static bool
read_network(struct reader *reader, const char *p, const char *end, int family)
{
	struct mh_spf_term *term = reader->term;
	const char *slash = memchr(p, '/', (size_t)(end - p)), *stop = slash != NULL ? slash : end;
	struct mh_str address = { p, (size_t)(stop - p) };
	bool is_good = true;
	if (!(family == 4 ? read_ip4(address, &term->ip)
			  : mh_ip_parse(address, &term->ip) && term->ip.family == 6)) {
		term->ip.family = 0;
		is_good = complain(reader, family == 4 ? MH_SPF_FAULT_IP4 : MH_SPF_FAULT_IP6, p, stop);
	}
	if (slash == NULL)
		return is_good;
	int16_t *prefix = family == 4 ? &term->prefix4 : &term->prefix6;
	*prefix = read_number(slash + 1, end, family == 4 ? 32 : 128);
	if (*prefix < 0)
		is_good =
		    complain(reader, family == 4 ? MH_SPF_FAULT_PREFIX4 : MH_SPF_FAULT_PREFIX6, slash, end);
	return is_good;
}

/* ---------------------------------------------------------------------- terms */

/* kind_if - kind if that is how it is written, else MH_SPF_BAD */
static inline int
kind_if(struct mh_str name, struct mh_str written, int kind)
{
	return mh_str_ieq(name, written) ? kind : MH_SPF_BAD;
}

/* find_mechanism - the kind with that name, MH_SPF_BAD if there is none */
static int
find_mechanism(struct mh_str name)
{
	switch (name.len) {
	case 1:
		return mh_lower(name.p[0]) == 'a' ? MH_SPF_A : MH_SPF_BAD;
	case 2:
		return kind_if(name, MH_STR("mx"), MH_SPF_MX);
	case 3:
		if (name.p[2] == '4')
			return kind_if(name, MH_STR("ip4"), MH_SPF_IP4);
		if (name.p[2] == '6')
			return kind_if(name, MH_STR("ip6"), MH_SPF_IP6);
		return mh_lower(name.p[0]) == 'a' ? kind_if(name, MH_STR("all"), MH_SPF_ALL)
						  : kind_if(name, MH_STR("ptr"), MH_SPF_PTR);
	case 6:
		return kind_if(name, MH_STR("exists"), MH_SPF_EXISTS);
	case 7:
		return kind_if(name, MH_STR("include"), MH_SPF_INCLUDE);
	default:
		return MH_SPF_BAD;
	}
}

/* read_unknown - complains of a name that is no mechanism; an address behind "ipv4:" is read all the same */
static bool
read_unknown(struct reader *reader, struct mh_str name, const char *p, const char *end)
{
	struct mh_spf_term *term = reader->term;
	bool is_name = name.len > 0 && mh_is_alpha(name.p[0]) && (p == end || *p == ':' || *p == '/');
	if (p < end && *p == ':' && (mh_str_ieq(name, MH_STR("ipv4")) || mh_str_ieq(name, MH_STR("ipv6")))) {
		uint32_t errors = reader->record->error_count;
		if (!read_network(reader, p + 1, end, name.p[3] == '4' ? 4 : 6))
			term->ip.family = 0;
		reader->record->error_count = errors; /* one is enough: the term's name */
	} else if (p < end && *p == ':') {
		term->domain = mh_str_n(p + 1, (size_t)(end - p - 1));
	}
	return is_name ? complain(reader, MH_SPF_FAULT_UNKNOWN_MECHANISM, name.p, name.p + name.len)
		       : complain(reader, MH_SPF_FAULT_TERM, name.p, end);
}

/* read_mechanism - what stands behind a mechanism's name, from p on */
static bool
read_mechanism(struct reader *reader, int kind, const char *p, const char *end)
{
	struct mh_spf_term *term = reader->term;
	bool has_colon = p < end && *p == ':';
	if (kind == MH_SPF_ALL)
		return p == end || complain(reader, MH_SPF_FAULT_DOMAIN_EXTRA, p, end);
	if (kind == MH_SPF_IP4 || kind == MH_SPF_IP6)
		return has_colon ? read_network(reader, p + 1, end, kind == MH_SPF_IP4 ? 4 : 6)
				 : complain(reader, MH_SPF_FAULT_DOMAIN_MISSING, p, end);

	bool is_good = true;
	const char *prefix = find_prefix(mh_str_n(p, (size_t)(end - p)));
	if (has_colon || kind == MH_SPF_INCLUDE || kind == MH_SPF_EXISTS) {
		const char *start = has_colon ? p + 1 : p;
		term->domain = mh_str_n(start, (size_t)(prefix - start));
		is_good = has_colon ? check_domain(reader, term->domain)
				    : complain(reader, MH_SPF_FAULT_DOMAIN_MISSING, start, prefix);
	} else if (p < prefix) { /* "a/x": the slash begins no prefix */
		return complain(reader, MH_SPF_FAULT_PREFIX4, p, end);
	}
	if (prefix == end)
		return is_good;
	if (kind == MH_SPF_A || kind == MH_SPF_MX)
		return read_prefixes(reader, prefix, end) && is_good;
	return complain(reader, MH_SPF_FAULT_PREFIX_NONE, prefix, end);
}

/* read_modifier - name "=" value */
static bool
read_modifier(struct reader *reader, struct mh_str name, struct mh_str value)
{
	struct mh_spf_term *term = reader->term;
	const char *last;
	bool is_good = true;
	term->name = name;
	term->value = value;
	term->kind = MH_SPF_MODIFIER;
	if (term->has_qualifier)
		is_good = complain(reader, MH_SPF_FAULT_QUALIFIER, term->text.p, term->text.p + 1);
	if (mh_str_ieq(name, MH_STR("redirect")))
		term->kind = MH_SPF_REDIRECT;
	else if (mh_str_ieq(name, MH_STR("exp")))
		term->kind = MH_SPF_EXP;
	else /* RFC 7208 12: a macro-string, where c, r and t are letters like others */
		return check_macros(reader, value, true, &last) && is_good;
	term->domain = value;
	return check_domain(reader, value) && is_good;
}

/* check_octets - whether a term is printable ASCII; each run of other octets is an error */
static bool
check_octets(struct reader *reader, const char *p, const char *end)
{
	bool is_good = true;
	while (p < end) {
		const char *start = p;
		while (p < end && (*p < 0x21 || *p > 0x7e))
			p++;
		if (p > start)
			is_good = complain(reader, MH_SPF_FAULT_OCTET, start, p);
		else
			p++;
	}
	return is_good;
}

/* read_term - the term from begin to end into reader->term, which is all zero; BAD if it has an error */
static void
read_term(struct reader *reader, const char *begin, const char *end, bool is_clean)
{
	struct mh_spf_term *term = reader->term;
	const char *p = begin;
	term->kind = MH_SPF_BAD;
	term->qualifier = '+';
	term->prefix4 = term->prefix6 = -1;
	term->begin = (uint32_t)(begin - reader->record->text.p);
	term->end = (uint32_t)(end - reader->record->text.p);
	term->text = mh_str_n(begin, (size_t)(end - begin));
	if (!is_clean && !check_octets(reader, begin, end))
		return;
	if (*p == '+' || *p == '-' || *p == '~' || *p == '?') {
		term->qualifier = *p++;
		term->has_qualifier = true;
	}
	struct mh_str name = { p, 0 };
	while (p < end && is_name_octet(*p))
		p++;
	name.len = (size_t)(p - name.p);
	if (p < end && *p == '=' && name.len > 0 && mh_is_alpha(name.p[0])) {
		if (!read_modifier(reader, name, mh_str_n(p + 1, (size_t)(end - p - 1))))
			term->kind = MH_SPF_BAD;
		else
			term->qualifier = 0;
		return;
	}
	int kind = p == end || *p == ':' || *p == '/' ? find_mechanism(name) : MH_SPF_BAD;
	if (kind == MH_SPF_BAD)
		(void)read_unknown(reader, name, p, end);
	else if (read_mechanism(reader, kind, p, end))
		term->kind = (uint8_t)kind;
}

/* note - remembers the first redirect, exp and all; a second redirect or exp is an error (RFC 7208 6) */
static void
note(struct reader *reader)
{
	struct mh_spf_record *record = reader->record;
	const struct mh_spf_term *term = reader->term, **first;
	if (term->kind == MH_SPF_ALL)
		first = &record->all;
	else if (term->kind == MH_SPF_REDIRECT)
		first = &record->redirect;
	else if (term->kind == MH_SPF_EXP)
		first = &record->exp;
	else
		return;
	if (*first == NULL)
		*first = term;
	else if (term->kind != MH_SPF_ALL)
		(void)complain(reader, MH_SPF_FAULT_TWICE, term->text.p, term->text.p + term->text.len);
}

/* look_over - how many spaces there are from p to end, and so how many terms at the most; *is_clean: whether
 * there is nothing but spaces and printable ASCII.  Eight octets at a time: it is the only look at most of
 * them. */
static size_t
look_over(const char *p, const char *end, bool *is_clean)
{
	const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	uint64_t odd = 0;
	size_t count = 0;
	for (; end - p >= 8; p += 8) {
		uint64_t x = mh_load64(p), gap;
		/* Without carries from one octet to the next: the high bit of gap is set where x is a space, that
		 * of odd where x is below a space, DEL or beyond ASCII. */
		gap = x ^ ones * 0x20;
		gap = ~(((gap & ~high) + ~high) | gap) & high;
		count += (size_t)((gap >> 7) * ones >> 56);
		odd |= x | ~((x & ~high) + ones * 0x60) | ((x & ~high) + ones);
	}
	bool is_odd = (odd & high) != 0;
	for (; p < end; p++) {
		count += *p == ' ';
		is_odd = is_odd || *p < 0x20 || *p > 0x7e;
	}
	*is_clean = !is_odd;
	return count;
}

/* mh_spf_is_record - whether text is for SPF at all */
bool
mh_spf_is_record(struct mh_str text)
{
	return text.len >= 6 && (text.len == 6 || text.p[6] == ' ') &&
	    mh_str_ieq(mh_str_n(text.p, 6), MH_STR("v=spf1"));
}

/* mh_spf_parse - see spf.h */
struct mh_spf_record *
mh_spf_parse(struct mh_arena *arena, struct mh_str text)
{
	struct mh_spf_record *record = mh_arena_alloc(arena, sizeof(*record));
	struct reader reader = { .arena = arena, .record = record };
	if (record == NULL)
		return NULL;
	if (text.len > UINT32_MAX / 2)
		text.len = UINT32_MAX / 2;
	*record = (struct mh_spf_record){ .text = text.len > 0 ? text : MH_STR("") };
	const char *p = record->text.p, *end = p + text.len;
	const char *version = p;
	while (p < end && *p != ' ')
		p++;
	if (!mh_spf_is_record(text))
		(void)complain(&reader, MH_SPF_FAULT_VERSION, version, p);

	bool is_clean;
	size_t most = look_over(p, end, &is_clean);
	if (most > MH_SPF_TERMS_MAX)
		most = MH_SPF_TERMS_MAX;
	record->terms = mh_arena_alloc(arena, most * sizeof(*record->terms));
	if (record->terms == NULL)
		return NULL;
	if (most > 0)
		memset(record->terms, 0, most * sizeof(*record->terms));
	for (;;) {
		while (p < end && *p == ' ')
			p++;
		if (p == end || record->count == most)
			break;
		const char *begin = p;
		while (p < end && *p != ' ')
			p++;
		reader.term = &record->terms[record->count++];
		read_term(&reader, begin, p, is_clean);
		note(&reader);
	}
	reader.term = NULL;
	if (p < end)
		(void)complain(&reader, MH_SPF_FAULT_TOO_MANY, p, end);
	return reader.bad ? NULL : record;
}
