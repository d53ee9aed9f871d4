/* dkim_public.c - base64, DER and what stands in p=; see dkim_public.h */
#include "dkim_public.h"

#include "port.h"

/* ------------------------------------------------------------------- base64 */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* value_of - of a letter; -1: it is none */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (mh_is_digit(c))
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static void
base64_fails(struct mh_base64 *out, int fault, const char *at)
{
	if (out->fault != MH_BASE64_FINE)
		return;
	out->fault = (uint8_t)fault;
	out->at = mh_str_n(at, 1);
}

void
mh_base64_read(struct mh_arena *arena, struct mh_str text, struct mh_base64 *out)
{
	uint32_t group = 0;
	unsigned padding = 0;
	size_t n = 0;
	char *octets = mh_arena_alloc(arena, text.len / 4 * 3 + 3);

	*out = (struct mh_base64){ .octets = { octets, 0 } };
	if (octets == NULL)
		return;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		int value = value_of(c);
		if (c == '=') {
			padding++;
		} else if (value >= 0 && padding > 0) {
			base64_fails(out, MH_BASE64_BEHIND, &text.p[i]);
		} else if (value >= 0) {
			group = group << 6 | (uint32_t)value;
			if (++out->letters % 4 == 0) {
				octets[n++] = (char)(group >> 16);
				octets[n++] = (char)(group >> 8);
				octets[n++] = (char)group;
			}
		} else if (!mh_is_space(c)) {
			base64_fails(out, MH_BASE64_OCTET, &text.p[i]);
		}
	}
	unsigned left = (unsigned)(out->letters % 4);
	if (left >= 2)
		octets[n++] = (char)(group >> (left == 2 ? 4 : 10));
	if (left == 3)
		octets[n++] = (char)(group >> 2);
	out->octets.len = n;
	if (out->fault == MH_BASE64_FINE && left == 1)
		out->fault = MH_BASE64_COUNT;
	else if (out->fault == MH_BASE64_FINE && padding != (4 - left) % 4)
		out->fault = MH_BASE64_PADDING;
}

void
mh_base64_write(struct mh_buf *out, struct mh_str octets)
{
	const unsigned char *p = (const unsigned char *)octets.p;

	for (size_t i = 0; i < octets.len; i += 3) {
		size_t left = octets.len - i;
		uint32_t group = (uint32_t)p[i] << 16;
		if (left > 1)
			group |= (uint32_t)p[i + 1] << 8;
		if (left > 2)
			group |= p[i + 2];
		mh_buf_putc(out, alphabet[group >> 18]);
		mh_buf_putc(out, alphabet[group >> 12 & 63]);
		mh_buf_putc(out, left > 1 ? alphabet[group >> 6 & 63] : '=');
		mh_buf_putc(out, left > 2 ? alphabet[group & 63] : '=');
	}
}

/* ---------------------------------------------------------------------- DER */

enum { DER_INTEGER = 0x02, DER_BITS = 0x03, DER_OCTETS = 0x04, DER_OID = 0x06, DER_SEQUENCE = 0x30 };

/* A reader of DER (X.690) that says where it came to grief. */
struct der {
	const unsigned char *start; /* of all */
	struct mh_dkim_public *out;
	bool bad;
};

static void
der_fails(struct der *der, const unsigned char *at, const char *expected)
{
	if (!der->bad) {
		der->out->at = (size_t)(at - der->start);
		der->out->expected = expected;
	}
	der->bad = true;
}

/* length - of an element behind its tag; strict DER, at most 65535; -1: none */
static int64_t
length(struct mh_cur *cur)
{
	uint8_t first = mh_cur_u8(cur);
	if (first < 0x80)
		return mh_cur_bad(cur) ? -1 : first;
	if (first == 0x81) {
		uint8_t one = mh_cur_u8(cur);
		return one >= 0x80 && !mh_cur_bad(cur) ? one : -1;
	}
	if (first == 0x82) {
		uint16_t two = mh_cur_u16(cur);
		return two >= 0x100 && !mh_cur_bad(cur) ? two : -1;
	}
	return -1;
}

/* peek - the tag that comes next; -1: nothing does */
static int
peek(const struct mh_cur *cur)
{
	return mh_cur_left(cur) > 0 ? *cur->p : -1;
}

/* element - the content of the next one, which has this tag; empty and der->bad otherwise */
static struct mh_cur
element(struct der *der, struct mh_cur *cur, int tag, const char *expected)
{
	const unsigned char *at = cur->p;
	struct mh_cur none = mh_cur_of("", 0);

	if (der->bad)
		return none;
	if (peek(cur) != tag) {
		der_fails(der, at, expected);
		return none;
	}
	(void)mh_cur_u8(cur);
	int64_t len = length(cur);
	if (len < 0 || (size_t)len > mh_cur_left(cur)) {
		der_fails(der, at + 1, "a length that fits");
		return none;
	}
	struct mh_str content = mh_cur_take(cur, (size_t)len);
	return mh_cur_of(content.p, content.len);
}

/* integer - the magnitude of the next element */
static struct mh_str
integer(struct der *der, struct mh_cur *cur, const char *expected)
{
	struct mh_cur content = element(der, cur, DER_INTEGER, expected);
	struct mh_str value = mh_cur_rest(&content);

	if (der->bad)
		return MH_STR("");
	bool has_zero = value.len > 0 && value.p[0] == '\0';
	/* One zero stands before a first bit that is set, and none else. */
	if (value.len == 0 || (!has_zero && (value.p[0] & 0x80) != 0) ||
	    (has_zero && value.len > 1 && (value.p[1] & 0x80) == 0))
		der->out->is_odd = true;
	while (value.len > 0 && value.p[0] == '\0') {
		value.p++;
		value.len--;
	}
	return value;
}

static unsigned
bits_of(struct mh_str magnitude)
{
	unsigned top = magnitude.len > 0 ? (unsigned char)magnitude.p[0] : 0, bits = 0;
	for (; top > 0; top >>= 1)
		bits++;
	return magnitude.len > 0 ? bits + 8 * (unsigned)(magnitude.len - 1) : 0;
}

/* rsa_numbers - modulus and exponent, RFC 8017 A.1.1 */
static void
rsa_numbers(struct der *der, struct mh_cur *cur)
{
	der->out->modulus = integer(der, cur, "an INTEGER, the modulus");
	der->out->exponent = integer(der, cur, "an INTEGER, the public exponent");
	if (!der->bad && (der->out->modulus.len == 0 || der->out->exponent.len == 0))
		der_fails(der, cur->p, "a number that is not zero");
	der->out->bits = bits_of(der->out->modulus);
}

static const struct {
	struct mh_str oid;
	uint8_t content;
	const char *name;
} algorithms[] = {
	{ MH_STR_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"), MH_DKIM_RSA_SPKI, "RSA" },
	{ MH_STR_INIT("\x2b\x65\x70"), MH_DKIM_ED25519_SPKI, "Ed25519" },
	{ MH_STR_INIT("\x2a\x86\x48\xce\x3d\x02\x01"), MH_DKIM_OTHER_SPKI, "elliptic curve (ECDSA)" },
	{ MH_STR_INIT("\x2a\x86\x48\xce\x38\x04\x01"), MH_DKIM_OTHER_SPKI, "DSA" },
	{ MH_STR_INIT("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"), MH_DKIM_OTHER_SPKI, "RSA-PSS" },
	{ MH_STR_INIT("\x2b\x65\x6e"), MH_DKIM_OTHER_SPKI, "X25519" },
	{ MH_STR_INIT("\x2b\x65\x71"), MH_DKIM_OTHER_SPKI, "Ed448" },
};

/* algorithm - reads an AlgorithmIdentifier; its row, or -1 for one that nobody knows */
static int
algorithm(struct der *der, struct mh_cur *cur)
{
	struct mh_cur all = element(der, cur, DER_SEQUENCE, "a SEQUENCE, the algorithm");
	struct mh_cur oid = element(der, &all, DER_OID, "an OBJECT IDENTIFIER, the algorithm");
	struct mh_str name = mh_cur_rest(&oid);

	for (size_t i = 0; !der->bad && i < MH_COUNT(algorithms); i++)
		if (mh_str_eq(name, algorithms[i].oid))
			return (int)i;
	return -1;
}

/* spki - SubjectPublicKeyInfo, RFC 5280 4.1 */
static void
spki(struct der *der, struct mh_cur *cur)
{
	struct mh_dkim_public *out = der->out;
	int row = algorithm(der, cur);
	struct mh_cur key = element(der, cur, DER_BITS, "a BIT STRING, the key");

	if (!der->bad && mh_cur_left(&key) == 0)
		der_fails(der, cur->p, "a BIT STRING that is not empty");
	if (der->bad)
		return;
	uint8_t unused = mh_cur_u8(&key);
	out->content = row >= 0 ? algorithms[row].content : MH_DKIM_OTHER_SPKI;
	out->other = row >= 0 ? algorithms[row].name : "";
	if (unused != 0)
		der_fails(der, key.p - 1, "0, as no bits are unused");
	if (out->content == MH_DKIM_RSA_SPKI) {
		struct mh_cur numbers = element(der, &key, DER_SEQUENCE, "a SEQUENCE, the RSA key");
		rsa_numbers(der, &numbers);
	} else if (out->content == MH_DKIM_ED25519_SPKI) {
		out->raw = mh_cur_rest(&key);
		out->bits = 256;
		if (out->raw.len != 32)
			der_fails(der, (const unsigned char *)out->raw.p, "32 octets, the Ed25519 key");
	}
}

/* is_certificate - whether the inner SEQUENCE is a TBSCertificate: [0] or a number comes first in it */
static bool
is_certificate(struct mh_cur cur)
{
	(void)mh_cur_u8(&cur);
	if (length(&cur) < 0)
		return false;
	int tag = peek(&cur);
	return tag == 0xa0 || tag == DER_INTEGER;
}

/* numbers_first - a SEQUENCE whose first element is a number: RSAPublicKey, or a private key behind its
 * version */
static void
numbers_first(struct der *der, struct mh_cur *cur)
{
	struct mh_cur rest = *cur;
	struct mh_cur first = element(der, &rest, DER_INTEGER, "an INTEGER");
	bool is_version = mh_cur_left(&first) == 1 && *first.p <= 1;

	if (is_version && mh_cur_left(&rest) > 3) {
		der->out->content = MH_DKIM_PRIVATE_KEY;
		return;
	}
	der->out->content = MH_DKIM_RSA_PKCS1;
	rsa_numbers(der, cur);
}

/* is_whole - whether so many octets are all of an RSA key of a usual size with the exponent 65537, as SPKI or PKCS #1: one of
 * which only the first octets are wrong lacks nothing */
static bool
is_whole(size_t len)
{
	static const size_t wholes[] = { 162, 294, 422, 550, 140, 270, 398, 526 };
	for (size_t i = 0; i < MH_COUNT(wholes); i++)
		if (len == wholes[i])
			return true;
	return false;
}

/* not_a_sequence - what it is that does not begin as a key does */
static void
not_a_sequence(struct der *der, struct mh_str octets)
{
	static const struct mh_str end = MH_STR_INIT("\x02\x03\x01\x00\x01"); /* the exponent 65537 */
	struct mh_cur cur = mh_cur_of(octets.p, octets.len);
	uint32_t len = mh_cur_u32(&cur);
	struct mh_str name = mh_cur_take(&cur, 4);

	if (!mh_cur_bad(&cur) && len < 64 && mh_str_eq(name, MH_STR("ssh-")))
		der->out->content = MH_DKIM_SSH_KEY;
	else if (octets.len > end.len && !is_whole(octets.len) &&
	    mh_str_eq(mh_str_n(octets.p + octets.len - end.len, end.len), end))
		der->out->content = MH_DKIM_LAST_PART;
	else
		der_fails(der, der->start, "48 (hexadecimal 30), which begins a key");
}

/* read_sequence - what begins as a key does */
static void
read_sequence(struct der *der, struct mh_str octets)
{
	struct mh_cur cur = mh_cur_of(octets.p, octets.len);

	(void)mh_cur_u8(&cur);
	int64_t len = length(&cur);
	int tag = peek(&cur);
	if (len < 0) {
		der_fails(der, der->start + 1, "a length");
		return;
	}
	der->out->wants = (size_t)((cur.p - der->start) + len);
	if (tag != DER_SEQUENCE && tag != DER_INTEGER) {
		der_fails(der, cur.p, "48 or 2 (hexadecimal 30 or 02), which begin the parts of a key");
		return;
	}
	if ((size_t)len > mh_cur_left(&cur)) {
		der->out->content = MH_DKIM_FIRST_PART;
		return;
	}
	struct mh_str content = mh_cur_take(&cur, (size_t)len);
	cur = mh_cur_of(content.p, content.len);
	if (tag == DER_INTEGER)
		numbers_first(der, &cur);
	else if (is_certificate(cur))
		der->out->content = MH_DKIM_CERTIFICATE;
	else
		spki(der, &cur);
}

void
mh_dkim_public_read(struct mh_str octets, struct mh_dkim_public *out)
{
	struct der der = { .start = (const unsigned char *)octets.p, .out = out };

	*out = (struct mh_dkim_public){ .modulus = MH_STR(""),
		.exponent = MH_STR(""),
		.raw = MH_STR(""),
		.other = "",
		.expected = "",
		.has = octets.len };
	if (octets.len == 0)
		return;
	if (octets.p[0] == DER_SEQUENCE)
		read_sequence(&der, octets);
	else if (octets.len != 32)
		not_a_sequence(&der, octets);
	/* 32 octets are a key of Ed25519, unless they are the beginning of another. */
	bool is_beginning = !der.bad && out->content == MH_DKIM_FIRST_PART && out->wants > 64 &&
	    out->wants < 2 * MH_DKIM_MODULUS_MAX;
	if (octets.len == 32 && !is_beginning) {
		*out = (struct mh_dkim_public){ .content = MH_DKIM_ED25519_RAW,
			.modulus = MH_STR(""),
			.exponent = MH_STR(""),
			.raw = octets,
			.other = "",
			.expected = "",
			.has = octets.len,
			.bits = 256 };
	} else if (der.bad) {
		out->content = MH_DKIM_GARBAGE;
		out->bits = 0;
	}
}

/* ------------------------------------------------------------------ writing */

/* put_head - tag and length */
static void
put_head(struct mh_buf *out, int tag, size_t len)
{
	mh_buf_putc(out, (char)tag);
	if (len >= 0x100)
		mh_buf_putc(out, (char)0x82);
	else if (len >= 0x80)
		mh_buf_putc(out, (char)0x81);
	if (len >= 0x100)
		mh_buf_putc(out, (char)(len >> 8));
	mh_buf_putc(out, (char)len);
}

static size_t
size_of_head(size_t len)
{
	return len >= 0x100 ? 4 : len >= 0x80 ? 3 : 2;
}

static size_t
size_of_number(struct mh_str magnitude)
{
	return magnitude.len + ((magnitude.p[0] & 0x80) != 0);
}

static void
put_number(struct mh_buf *out, struct mh_str magnitude)
{
	put_head(out, DER_INTEGER, size_of_number(magnitude));
	if ((magnitude.p[0] & 0x80) != 0)
		mh_buf_putc(out, '\0');
	mh_buf_putstr(out, magnitude);
}

void
mh_dkim_public_put(struct mh_buf *out, const struct mh_dkim_public *key)
{
	static const struct mh_str rsa =
	    MH_STR_INIT("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
	struct mh_buf der;

	if (mh_dkim_public_is_ed25519(key)) {
		mh_base64_write(out, key->raw);
		return;
	}
	if (!mh_dkim_public_is_rsa(key)) {
		out->bad = true;
		return;
	}
	size_t n = size_of_number(key->modulus), e = size_of_number(key->exponent);
	size_t numbers = size_of_head(n) + n + size_of_head(e) + e;
	size_t bits = 1 + size_of_head(numbers) + numbers;
	mh_buf_init(&der, out->mem, 70000);
	put_head(&der, DER_SEQUENCE, rsa.len + size_of_head(bits) + bits);
	mh_buf_putstr(&der, rsa);
	put_head(&der, DER_BITS, bits);
	mh_buf_putc(&der, '\0');
	put_head(&der, DER_SEQUENCE, numbers);
	put_number(&der, key->modulus);
	put_number(&der, key->exponent);
	out->bad |= der.bad;
	mh_base64_write(out, mh_buf_str(&der));
	mh_buf_free(&der);
}

bool
mh_dkim_public_same(const struct mh_dkim_public *a, const struct mh_dkim_public *b)
{
	if (mh_dkim_public_is_rsa(a) && mh_dkim_public_is_rsa(b))
		return mh_str_eq(a->modulus, b->modulus) && mh_str_eq(a->exponent, b->exponent);
	return mh_dkim_public_is_ed25519(a) && mh_dkim_public_is_ed25519(b) && mh_str_eq(a->raw, b->raw);
}
