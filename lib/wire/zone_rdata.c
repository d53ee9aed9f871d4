/* zone_rdata.c - names, times and the data of records, from the tokens of a master file
 *
 * Types that mail has to do with are read here, one letter a field, because
 * ldns takes what a name server refuses (a string without its quote) and
 * changes what it should not (an escaped semicolon).  Some others are left to
 * ldns, from our own tokens.  The unknown form of RFC 3597 5
 * is read for all; where the type is known, what it says must be well formed.
 *
 * RFC 1035 3.3, 5.1; RFC 3596; RFC 2782; RFC 3403; RFC 3597; RFC 6698; RFC 8659
 */
#include "zone_rdata.h"

#include <ldns/ldns.h>

#include "port.h"

/* One record while it is written. */
struct writer {
	const struct mh_zones_token *tokens;
	size_t count, next;
	const struct mh_zones_origin *origin;
	const struct mh_zones_token *lacks_dot;
	unsigned char *p;
	size_t len;
	struct mh_zones_fault *fault;
};

/* n name, s character-strings to the end, c one of them, 1 2 4 numbers of so many octets, t a time of four,
 * a IPv4, q IPv6 address, x hexadecimal and b base64 to the end, g a tag of letters and digits, v a value to the end */
static const struct {
	uint16_t type;
	const char *form;
} forms[] = {
	{ MH_RR_A, "a" }, { MH_RR_NS, "n" }, { MH_RR_CNAME, "n" }, { MH_RR_SOA, "nn4tttt" },
	{ 7, "n" }, /* MB */
	{ 8, "n" }, /* MG */
	{ 9, "n" }, /* MR */
	{ MH_RR_PTR, "n" }, { 13, "cc" }, /* HINFO */
	{ 14, "nn" }, /* MINFO */
	{ MH_RR_MX, "2n" }, { MH_RR_TXT, "s" }, { 17, "nn" }, /* RP */
	{ 18, "2n" }, /* AFSDB */
	{ 19, "c" }, /* X25 */
	{ 20, "s" }, /* ISDN */
	{ 21, "2n" }, /* RT */
	{ 25, "211b" }, /* KEY */
	{ 26, "2nn" }, /* PX */
	{ 27, "ccc" }, /* GPOS */
	{ MH_RR_AAAA, "q" }, { MH_RR_SRV, "222n" }, { 35, "22cccn" }, /* NAPTR */
	{ 36, "2n" }, /* KX */
	{ 37, "221b" }, /* CERT */
	{ MH_RR_DNAME, "n" }, { MH_RR_DS, "211x" }, { 44, "11x" }, /* SSHFP */
	{ MH_RR_DNSKEY, "211b" }, { 49, "b" }, /* DHCID */
	{ MH_RR_TLSA, "111x" }, { 53, "111x" }, /* SMIMEA */
	{ 56, "s" }, /* NINFO */
	{ 59, "211x" }, /* CDS */
	{ 60, "211b" }, /* CDNSKEY */
	{ 61, "b" }, /* OPENPGPKEY */
	{ MH_RR_SPF, "s" }, { 107, "2n" }, /* LP */
	{ 256, "22v" }, /* URI */
	{ MH_RR_CAA, "1gv" }, { 258, "s" }, /* AVC */
	{ 261, "s" }, /* RESINFO */
};

/* form_of - NULL: the type is left to ldns */
static const char *
form_of(int type)
{
	for (size_t i = 0; i < MH_COUNT(forms); i++)
		if (forms[i].type == type)
			return forms[i].form;
	return NULL;
}

/* is_left_to_ldns - LOC, APL, SVCB, HTTPS, CSYNC, ZONEMD, NID, L32, L64, EUI48, EUI64.  What else ldns knows is
 * seldom, and its 1.8.3 loses memory over bad records of some of these types. */
static bool
is_left_to_ldns(int type)
{
	return type == 29 || type == 42 || (type >= 62 && type <= 65) || (type >= 104 && type <= 106) ||
	    type == 108 || type == 109;
}

bool
mh_zones_type_is_read(int type)
{
	return form_of(type) != NULL || is_left_to_ldns(type);
}

/* refuse - false, with what is wrong with a token */
static bool
refuse(struct mh_zones_fault *fault, const struct mh_zones_token *token, const char *what)
{
	*fault = (struct mh_zones_fault){ what, token != NULL ? token->raw.p : NULL };
	return false;
}

/* --------------------------------------------------------- names and times */

/* is_relative - whether no dot ends the name; one behind an odd number of backslashes is none */
static bool
is_relative(struct mh_str s)
{
	size_t slashes = 0;
	if (s.len == 0 || s.p[s.len - 1] != '.')
		return true;
	while (slashes + 1 < s.len && s.p[s.len - 2 - slashes] == '\\')
		slashes++;
	return slashes % 2 == 1;
}

size_t
mh_zones_name(const struct mh_zones_token *token, const struct mh_zones_origin *origin,
    unsigned char out[MH_DNAME_WIRE_MAX], struct mh_zones_fault *fault)
{
	bool is_origin = !token->is_quoted && mh_str_eq(token->raw, MH_STR("@"));
	size_t len = is_origin ? 1 : mh_dname_to_wire(token->raw, out);

	if (len == 0)
		return refuse(fault, token, "this is no domain name");
	if (!is_origin && !is_relative(token->raw))
		return len;
	if (origin->len == 0)
		return refuse(fault, token,
		    "the name does not end with a dot, and no $ORIGIN says what follows");
	len--;
	if (len + origin->len > MH_DNAME_WIRE_MAX)
		return refuse(fault, token, "with $ORIGIN behind it the name is longer than 255 octets");
	memcpy(out + len, origin->wire, origin->len);
	return len + origin->len;
}

bool
mh_zones_lacks_dot(const struct mh_zones_token *token, const struct mh_zones_origin *origin)
{
	char text[MH_DNAME_TEXT_MAX];
	struct mh_str end = mh_str_n(origin->text, origin->text_len);
	if (!is_relative(token->raw) || token->raw.len < end.len || mh_dname_labels(end) < 2)
		return false;
	size_t len = mh_dname_canonical(token->raw, text);
	return len > 0 && mh_dname_is_under(mh_str_n(text, len), end);
}

/* unit_of - seconds of a unit of time; 0: none */
static int64_t
unit_of(char c)
{
	switch (mh_lower(c)) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

int64_t
mh_zones_time(struct mh_str s)
{
	struct mh_cur cur = mh_cur_of(s.p, s.len);
	bool is_plain = true;
	int64_t total = 0;

	do {
		int64_t value = 0;
		if (mh_cur_left(&cur) == 0 || !mh_is_digit(*cur.p))
			return -1;
		while (mh_cur_left(&cur) > 0 && mh_is_digit(*cur.p)) {
			value = value * 10 + (mh_cur_u8(&cur) - '0');
			value = value > INT32_MAX ? (int64_t)INT32_MAX + 1 : value;
		}
		int64_t unit = 1;
		if (mh_cur_left(&cur) > 0)
			unit = unit_of((char)mh_cur_u8(&cur));
		else if (!is_plain)
			return -1; /* 1h30: thirty what? */
		if (unit == 0)
			return -1;
		total += value * unit;
		total = total > INT32_MAX ? (int64_t)INT32_MAX + 1 : total;
		is_plain = false;
	} while (mh_cur_left(&cur) > 0);
	return total > INT32_MAX ? -2 : total;
}

int
mh_zones_type(struct mh_str name)
{
	char z[32];
	int type = mh_rr_type_find(name);
	if (type < 0 && name.len < sizeof(z) && memchr(name.p, '\0', name.len) == NULL) {
		memcpy(z, name.p, name.len);
		z[name.len] = '\0';
		type = (int)ldns_get_rr_type_by_name(z);
	}
	/* OPT and the types that are only asked for (RFC 6895 3.1). */
	if (type <= 0 || type > 65534 || type == 41 || (type >= 128 && type <= 255))
		return 0;
	return type;
}

/* ------------------------------------------------------------------- fields */

static bool
put(struct writer *w, const struct mh_zones_token *token, const void *p, size_t len)
{
	if (len > 65535 - w->len)
		return refuse(w->fault, token, "the record has more than 65535 octets");
	if (len > 0)
		memcpy(w->p + w->len, p, len);
	w->len += len;
	return true;
}

static bool
put_number(struct writer *w, const struct mh_zones_token *token, int64_t value, int octets)
{
	unsigned char number[4] = { (unsigned char)(value >> 24), (unsigned char)(value >> 16),
		(unsigned char)(value >> 8), (unsigned char)value };
	return put(w, token, number + 4 - octets, (size_t)octets);
}

/* take - the next token, or NULL and the record is bad */
static const struct mh_zones_token *
take(struct writer *w)
{
	if (w->next < w->count)
		return &w->tokens[w->next++];
	refuse(w->fault, w->count > 0 ? &w->tokens[w->count - 1] : NULL, "the record ends too early");
	return NULL;
}

static bool
write_name(struct writer *w, const struct mh_zones_token *token)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	size_t len = mh_zones_name(token, w->origin, wire, w->fault);
	if (len > 0 && mh_zones_lacks_dot(token, w->origin))
		w->lacks_dot = token;
	return len > 0 && put(w, token, wire, len);
}

static bool
write_number(struct writer *w, const struct mh_zones_token *token, int octets)
{
	int64_t value = mh_str_int(token->raw, ((int64_t)1 << (8 * octets)) - 1);
	if (value < 0)
		return refuse(w->fault, token,
		    octets == 1       ? "a number from 0 to 255 belongs here"
			: octets == 2 ? "a number from 0 to 65535 belongs here"
				      : "a number from 0 to 4294967295 belongs here");
	return put_number(w, token, value, octets);
}

static bool
write_time(struct writer *w, const struct mh_zones_token *token)
{
	int64_t value = mh_zones_time(token->raw);
	if (value < 0)
		return refuse(w->fault, token,
		    "a time in seconds from 0 to 2147483647 belongs here, or as 1h30m");
	return put_number(w, token, value, 4);
}

static bool
write_ip(struct writer *w, const struct mh_zones_token *token, int family)
{
	struct mh_ip ip;
	if (!mh_ip_parse(token->raw, &ip) || ip.family != family)
		return refuse(w->fault, token,
		    family == 4 ? "this is no IPv4 address" : "this is no IPv6 address");
	return put(w, token, ip.octets, family == 4 ? 4 : 16);
}

/* write_octets - a token without its escapes (RFC 1035 5.1) */
static bool
write_octets(struct writer *w, const struct mh_zones_token *token)
{
	struct mh_str s = token->raw;
	while (s.len > 0) {
		const char *slash = memchr(s.p, '\\', s.len);
		size_t plain = slash != NULL ? (size_t)(slash - s.p) : s.len;
		if (!put(w, token, s.p, plain))
			return false;
		s = mh_str_n(s.p + plain, s.len - plain);
		if (s.len == 0)
			break;
		size_t used = 2;
		int64_t octet = s.len > 1 ? (unsigned char)s.p[1] : -1;
		if (s.len > 1 && mh_is_digit(s.p[1])) {
			octet = s.len > 3 ? mh_str_int(mh_str_n(s.p + 1, 3), 255) : -1;
			used = 4;
		}
		if (octet < 0)
			return refuse(w->fault, token,
			    "a backslash and digits are three of them, from 000 to 255");
		unsigned char c = (unsigned char)octet;
		if (!put(w, token, &c, 1))
			return false;
		s = mh_str_n(s.p + used, s.len - used);
	}
	return true;
}

/* write_string - a character-string behind its length */
static bool
write_string(struct writer *w, const struct mh_zones_token *token)
{
	size_t at = w->len;
	if (!put(w, token, "", 1) || !write_octets(w, token))
		return false;
	if (w->len - at - 1 > 255)
		return refuse(w->fault, token,
		    "the string has more than 255 octets; write it as several, each in its quotes");
	w->p[at] = (unsigned char)(w->len - at - 1);
	return true;
}

static bool
write_strings(struct writer *w, const struct mh_zones_token *token)
{
	while (write_string(w, token)) {
		if (w->next == w->count)
			return true;
		token = take(w);
	}
	return false;
}

static bool
write_tag(struct writer *w, const struct mh_zones_token *token)
{
	for (size_t i = 0; i < token->raw.len; i++)
		if (!mh_is_alnum(token->raw.p[i]))
			return refuse(w->fault, token, "a tag has letters and digits alone");
	if (token->raw.len == 0)
		return refuse(w->fault, token, "the tag is empty");
	return write_string(w, token);
}

/* write_hex - pairs of digits up to the last token; spaces may stand anywhere */
static bool
write_hex(struct writer *w, const struct mh_zones_token *token)
{
	int high = -1;
	for (;;) {
		for (size_t i = 0; i < token->raw.len; i++) {
			int digit = mh_hex(token->raw.p[i]);
			if (digit < 0)
				return refuse(w->fault, token, "hexadecimal digits belong here");
			if (high < 0) {
				high = digit;
				continue;
			}
			unsigned char c = (unsigned char)(high << 4 | digit);
			if (!put(w, token, &c, 1))
				return false;
			high = -1;
		}
		if (w->next == w->count)
			break;
		token = take(w);
	}
	return high < 0 || refuse(w->fault, token, "there is an odd number of hexadecimal digits");
}

/* write_base64 - up to the last token; spaces may stand anywhere */
static bool
write_base64(struct writer *w, const struct mh_zones_token *token)
{
	uint32_t bits = 0;
	unsigned digits = 0, ends = 0;
	for (;;) {
		for (size_t i = 0; i < token->raw.len; i++) {
			static const char alphabet[] =
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
			char c = token->raw.p[i];
			const char *at = memchr(alphabet, c, 64);
			if (c == '=' && digits % 4 >= 2)
				ends++;
			else if (at == NULL || ends > 0)
				return refuse(w->fault, token, "base64 belongs here");
			bits = bits << 6 | (uint32_t)(at != NULL ? at - alphabet : 0);
			unsigned char octets[3] = { (unsigned char)(bits >> 16), (unsigned char)(bits >> 8),
				(unsigned char)bits };
			if (++digits % 4 == 0 && !put(w, token, octets, ends < 3 ? 3 - ends : 0))
				return false;
		}
		if (w->next == w->count)
			break;
		token = take(w);
	}
	return digits % 4 == 0 || refuse(w->fault, token, "the base64 text is cut short");
}

static bool
write_field(struct writer *w, char field)
{
	const struct mh_zones_token *token = take(w);
	if (token == NULL)
		return false;
	switch (field) {
	case 'n':
		return write_name(w, token);
	case 's':
		return write_strings(w, token);
	case 'c':
		return write_string(w, token);
	case '1':
	case '2':
	case '4':
		return write_number(w, token, field - '0');
	case 't':
		return write_time(w, token);
	case 'a':
	case 'q':
		return write_ip(w, token, field == 'a' ? 4 : 6);
	case 'x':
		return write_hex(w, token);
	case 'b':
		return write_base64(w, token);
	case 'g':
		return write_tag(w, token);
	default:
		return write_octets(w, token);
	}
}

/* write_form - all fields, and nothing behind them */
static bool
write_form(struct writer *w, const char *form)
{
	for (; *form != '\0'; form++)
		if (!write_field(w, *form))
			return false;
	return w->next == w->count ||
	    refuse(w->fault, &w->tokens[w->next], "this is more than the record has");
}

/* --------------------------------------------------------------------- ldns */

/* is_wire - whether ldns takes rdata for what its type has */
static bool
is_wire(int type, const unsigned char *rdata, size_t len, struct mh_buf *scratch)
{
	const unsigned char head[11] = { 0, (unsigned char)(type >> 8), (unsigned char)type, 0, 1, 0, 0, 0, 0,
		(unsigned char)(len >> 8), (unsigned char)len };
	ldns_rr *rr = NULL;
	size_t used = 0;

	mh_buf_reset(scratch);
	mh_buf_put(scratch, head, sizeof(head));
	mh_buf_put(scratch, rdata, len);
	if (scratch->bad)
		return false;
	ldns_status status =
	    ldns_wire2rr(&rr, (const uint8_t *)scratch->p, scratch->len, &used, LDNS_SECTION_ANSWER);
	if (status == LDNS_STATUS_OK)
		ldns_rr_free(rr);
	return status == LDNS_STATUS_OK && used == scratch->len;
}

/* write_generic - \# LENGTH and hexadecimal digits (RFC 3597 5) */
static bool
write_generic(struct writer *w, int type, struct mh_buf *scratch)
{
	const struct mh_zones_token *mark = take(w), *length = take(w);
	int64_t len = length != NULL ? mh_str_int(length->raw, 65535) : -1;
	if (len < 0)
		return refuse(w->fault, mark, "a length from 0 to 65535 belongs behind \\#");
	if (w->next < w->count && !write_hex(w, take(w)))
		return false;
	if (w->len != (size_t)len)
		return refuse(w->fault, length, "the data has another length than is said");
	if (is_wire(type, w->p, w->len, scratch))
		return true;
	return refuse(w->fault, mark, scratch->bad ? NULL : "the data is not what this type has");
}

/* join - the record as text for ldns, which knows neither comments nor where our names hang */
static bool
join(const struct writer *w, int type, struct mh_buf *text)
{
	char room[MH_RR_TYPE_ROOM];
	mh_buf_reset(text);
	mh_buf_puts(text, ". 0 IN ");
	mh_buf_puts(text, mh_rr_type_name(type, room));
	for (size_t i = 0; i < w->count; i++) {
		const struct mh_zones_token *token = &w->tokens[i];
		if (memchr(token->raw.p, '\0', token->raw.len) != NULL)
			return refuse(w->fault, token, "a NUL octet stands here");
		if (!token->is_glued || i == 0)
			mh_buf_putc(text, ' ');
		if (token->is_quoted)
			mh_buf_putc(text, '"');
		mh_buf_putstr(text, token->raw);
		if (token->is_quoted)
			mh_buf_putc(text, '"');
	}
	return true;
}

/* write_by_ldns - a type that we do not read ourselves */
static bool
write_by_ldns(struct writer *w, int type, struct mh_buf *text)
{
	ldns_rr *rr = NULL;
	ldns_buffer *wire = NULL;
	ldns_rdf *origin = NULL;
	ldns_status status = LDNS_STATUS_MEM_ERR;
	const struct mh_zones_token *first = w->count > 0 ? &w->tokens[0] : NULL;
	bool is_done = false;

	*w->fault = (struct mh_zones_fault){ .what = NULL };
	if (!join(w, type, text))
		return false;
	if (text->bad)
		goto out;
	if (w->origin->len > 0) {
		origin = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, w->origin->len, w->origin->wire);
		if (origin == NULL)
			goto out;
	}
	status = ldns_rr_new_frm_str(&rr, mh_buf_z(text), 0, origin, NULL);
	if (status != LDNS_STATUS_OK)
		goto out;
	status = LDNS_STATUS_MEM_ERR;
	wire = ldns_buffer_new(LDNS_MAX_PACKETLEN);
	if (wire == NULL)
		goto out;
	status = ldns_rr_rdata2buffer_wire(wire, rr);
	if (status == LDNS_STATUS_OK)
		is_done = put(w, first, ldns_buffer_begin(wire), ldns_buffer_position(wire));
out:
	if (!is_done && status != LDNS_STATUS_MEM_ERR && w->fault->what == NULL)
		refuse(w->fault, first, "the data is not what this type has");
	if (wire != NULL)
		ldns_buffer_free(wire);
	ldns_rdf_deep_free(origin);
	ldns_rr_free(rr);
	return is_done;
}

int
mh_zones_rdata(int type, const struct mh_zones_token *tokens, size_t count,
    const struct mh_zones_origin *origin, unsigned char *out, struct mh_buf *scratch,
    const struct mh_zones_token **lacks_dot, struct mh_zones_fault *fault)
{
	struct writer w = { .tokens = tokens, .count = count, .origin = origin, .p = out, .fault = fault };
	const char *form = form_of(type);
	bool is_done;

	if (count > 0 && !tokens[0].is_quoted && mh_str_eq(tokens[0].raw, MH_STR("\\#")))
		is_done = write_generic(&w, type, scratch);
	else if (form != NULL)
		is_done = write_form(&w, form);
	else if (is_left_to_ldns(type))
		is_done = write_by_ldns(&w, type, scratch);
	else
		is_done = refuse(fault, count > 0 ? tokens : NULL,
		    "this type is written as \\# LENGTH HEXADECIMAL");
	*lacks_dot = w.lacks_dot;
	return is_done ? (int)w.len : -1;
}
