/* dkim_private.c - the public part of a given private key, to hold against the published one
 *
 * RSA keys carry their public part.  Of Ed25519 it has to be worked out, by OpenSSL.
 * What is decoded of the secret is overwritten before anything else is done.
 *
 * RFC 5958 2, RFC 8017 A.1.2, RFC 8410 7
 */
#include "dkim_public.h"

#include <openssl/evp.h>

#include "ossl.h"

/* wipe - in a way that no compiler leaves out */
static void
wipe(struct mh_str secret)
{
	volatile char *p = (volatile char *)(uintptr_t)secret.p;
	for (size_t i = 0; i < secret.len; i++)
		p[i] = '\0';
}

/* find - where word begins in text; text.len: nowhere */
static size_t
find(struct mh_str text, struct mh_str word)
{
	for (size_t i = 0; i + word.len <= text.len; i++)
		if (memcmp(text.p + i, word.p, word.len) == 0)
			return i;
	return text.len;
}

/* pem_body - the base64 of the first block whose name ends in name; the text itself if it has no blocks;
 * len 0: none */
static struct mh_str
pem_body(struct mh_str text, struct mh_str name)
{
	bool has_any = false;
	for (;;) {
		size_t at = find(text, MH_STR("-----BEGIN "));
		if (at == text.len)
			return has_any ? MH_STR("") : text;
		has_any = true;
		text = mh_str_n(text.p + at + 11, text.len - at - 11);
		size_t end = find(text, MH_STR("-----"));
		bool is_it = end < text.len && mh_str_iends(mh_str_n(text.p, end), name);
		text = mh_str_n(text.p + end, text.len - end);
		if (is_it) {
			text = mh_str_n(text.p + 5, text.len - 5);
			return mh_str_n(text.p, find(text, MH_STR("-----END")));
		}
	}
}

/* content - of the element at the cursor if it has this tag; len 0 and bad otherwise */
static struct mh_str
content(struct mh_cur *cur, int tag)
{
	size_t len = 0;
	if (mh_cur_u8(cur) != tag)
		cur->bad = true;
	uint8_t first = mh_cur_u8(cur);
	if (first < 0x80)
		len = first;
	else if (first == 0x81)
		len = mh_cur_u8(cur);
	else if (first == 0x82)
		len = mh_cur_u16(cur);
	else
		cur->bad = true;
	return mh_cur_take(cur, len);
}

/* keep_number - a copy in arena, without zeros before it; p NULL: no memory */
static struct mh_str
keep_number(struct mh_arena *arena, struct mh_str value)
{
	while (value.len > 0 && value.p[0] == '\0') {
		value.p++;
		value.len--;
	}
	char *copy = mh_arena_alloc(arena, value.len + 1);
	if (copy != NULL)
		memcpy(copy, value.p, value.len);
	return mh_str_n(copy, value.len);
}

/* rsa - RSAPrivateKey behind its SEQUENCE: version, modulus, exponent, and what is secret */
static int
rsa(struct mh_arena *arena, struct mh_cur cur, struct mh_dkim_public *out)
{
	(void)content(&cur, 0x02);
	struct mh_str modulus = content(&cur, 0x02), exponent = content(&cur, 0x02);

	(void)content(&cur, 0x02);
	if (mh_cur_bad(&cur) || modulus.len > MH_DKIM_MODULUS_MAX || exponent.len > MH_DKIM_MODULUS_MAX)
		return MH_DKIM_PRIVATE_UNREADABLE;
	out->modulus = keep_number(arena, modulus);
	out->exponent = keep_number(arena, exponent);
	if (out->modulus.p == NULL || out->exponent.p == NULL)
		return MH_DKIM_PRIVATE_NO_MEMORY;
	if (out->modulus.len == 0 || out->exponent.len == 0)
		return MH_DKIM_PRIVATE_UNREADABLE;
	out->content = MH_DKIM_RSA_SPKI;
	out->bits = 8 * (unsigned)(out->modulus.len - 1);
	for (unsigned top = (unsigned char)out->modulus.p[0]; top > 0; top >>= 1)
		out->bits++;
	return MH_DKIM_PRIVATE_READ;
}

/* ed25519 - the public part of a seed of 32 octets */
static int
ed25519(struct mh_arena *arena, struct mh_str seed, struct mh_ossl *ossl, struct mh_dkim_public *out)
{
	struct mh_ossl_guard guard;
	struct mh_ossl *own = NULL;
	EVP_PKEY *key = NULL;
	unsigned char *raw = mh_arena_alloc(arena, 32);
	size_t len = 32;
	int result = MH_DKIM_PRIVATE_NO_MEMORY;

	if (raw == NULL)
		return result;
	if (ossl == NULL)
		ossl = own = mh_ossl_make(&arena->mem);
	if (ossl == NULL)
		return result;
	mh_ossl_enter(&guard);
	key = EVP_PKEY_new_raw_private_key_ex(ossl->lib, "ED25519", NULL, (const unsigned char *)seed.p,
	    seed.len);
	if (key != NULL && EVP_PKEY_get_raw_public_key(key, raw, &len) == 1 && len == 32) {
		out->content = MH_DKIM_ED25519_RAW;
		out->raw = mh_str_n((const char *)raw, 32);
		out->bits = 256;
		result = MH_DKIM_PRIVATE_READ;
	}
	EVP_PKEY_free(key);
	mh_ossl_leave(&guard);
	mh_ossl_unref(own);
	return result;
}

/* read_der - PKCS#8 (RFC 5958 2) or PKCS#1 */
static int
read_der(struct mh_arena *arena, struct mh_str der, struct mh_ossl *ossl, struct mh_dkim_public *out)
{
	struct mh_cur cur = mh_cur_of(der.p, der.len);
	struct mh_str all = content(&cur, 0x30);
	struct mh_cur rest = mh_cur_of(all.p, all.len), pkcs8 = rest;

	if (mh_cur_bad(&cur))
		return MH_DKIM_PRIVATE_UNREADABLE;
	(void)content(&pkcs8, 0x02);
	struct mh_str algorithm = content(&pkcs8, 0x30), inner = content(&pkcs8, 0x04);
	if (mh_cur_bad(&pkcs8))
		return rsa(arena, rest, out);
	struct mh_cur key = mh_cur_of(inner.p, inner.len), name = mh_cur_of(algorithm.p, algorithm.len);
	struct mh_str oid = content(&name, 0x06);
	if (mh_str_eq(oid, MH_STR("\x2b\x65\x70"))) {
		struct mh_str seed = content(&key, 0x04);
		return seed.len == 32 ? ed25519(arena, seed, ossl, out) : MH_DKIM_PRIVATE_UNREADABLE;
	}
	struct mh_str numbers = content(&key, 0x30);
	return mh_str_eq(oid, MH_STR("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"))
	    ? rsa(arena, mh_cur_of(numbers.p, numbers.len), out)
	    : MH_DKIM_PRIVATE_UNREADABLE;
}

int
mh_dkim_private_read(struct mh_arena *arena, struct mh_str pem, struct mh_ossl *ossl,
    struct mh_dkim_public *out)
{
	struct mh_base64 base64;

	*out = (struct mh_dkim_public){ .modulus = MH_STR(""),
		.exponent = MH_STR(""),
		.raw = MH_STR(""),
		.other = "",
		.expected = "" };
	if (find(pem, MH_STR("ENCRYPTED")) < pem.len)
		return MH_DKIM_PRIVATE_ENCRYPTED;
	struct mh_str body = pem_body(pem, MH_STR("PRIVATE KEY"));
	bool is_public = body.len == 0 && pem_body(pem, MH_STR("PUBLIC KEY")).len > 0;
	if (is_public || body.len == 0)
		return is_public ? MH_DKIM_PRIVATE_IS_PUBLIC : MH_DKIM_PRIVATE_UNREADABLE;
	mh_base64_read(arena, body, &base64);
	if (base64.octets.p == NULL)
		return MH_DKIM_PRIVATE_NO_MEMORY;
	int result = read_der(arena, base64.octets, ossl, out);
	wipe(base64.octets);
	if (result != MH_DKIM_PRIVATE_READ)
		out->content = MH_DKIM_NOTHING;
	return result;
}
