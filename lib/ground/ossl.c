/* ossl.c - library context, error queue, digests */
#include "ossl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

struct mh_ossl *
mh_ossl_make(const struct mh_mem *mem)
{
	struct mh_ossl_guard guard;
	struct mh_ossl *ossl = mh_mem_zalloc(mem, sizeof(*ossl));
	if (ossl == NULL)
		return NULL;
	ossl->mem = *mem;
	atomic_init(&ossl->references, 1);
	atomic_init(&ossl->kept, NULL);
	mh_ossl_enter(&guard);
	ossl->lib = OSSL_LIB_CTX_new();
	mh_ossl_leave(&guard);
	if (ossl->lib != NULL)
		return ossl;
	mh_mem_free(mem, ossl, sizeof(*ossl));
	return NULL;
}

struct mh_ossl *
mh_ossl_ref(struct mh_ossl *ossl)
{
	atomic_fetch_add_explicit(&ossl->references, 1, memory_order_relaxed);
	return ossl;
}

void
mh_ossl_unref(struct mh_ossl *ossl)
{
	struct mh_ossl_guard guard;
	if (ossl == NULL || atomic_fetch_sub_explicit(&ossl->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_ossl_kept *kept = mh_ossl_kept(ossl);
	mh_ossl_enter(&guard);
	if (kept != NULL)
		kept->forget(kept);
	OSSL_LIB_CTX_free(ossl->lib);
	mh_ossl_leave(&guard);
	struct mh_mem mem = ossl->mem;
	mh_mem_free(&mem, ossl, sizeof(*ossl));
}

struct mh_ossl_kept *
mh_ossl_keep(struct mh_ossl *ossl, struct mh_ossl_kept *made)
{
	struct mh_ossl_kept *there = NULL;
	if (atomic_compare_exchange_strong_explicit(&ossl->kept, &there, made, memory_order_acq_rel,
		memory_order_acquire))
		return made;
	made->forget(made);
	return there;
}

/* keep - a copy, its beginning cut off if there is no room for all; NULL is "" */
static void
keep(char *room, size_t size, const char *text)
{
	size_t len = text != NULL ? strlen(text) : 0, skip = len >= size ? len - size + 1 : 0;
	if (len > 0)
		memcpy(room, text + skip, len - skip);
	room[len - skip] = '\0';
}

void
mh_ossl_enter(struct mh_ossl_guard *guard)
{
	const char *data, *file, *func;
	int flags;
	guard->count = 0;
	while (guard->count < MH_OSSL_ERRORS) {
		struct mh_ossl_error *error = &guard->errors[guard->count];
		error->code = ERR_get_error_all(&file, &error->line, &func, &data, &flags);
		if (error->code == 0)
			return;
		error->has_data = (flags & ERR_TXT_STRING) != 0 && data != NULL;
		keep(error->file, sizeof(error->file), file);
		keep(error->func, sizeof(error->func), func);
		keep(error->data, sizeof(error->data), error->has_data ? data : "");
		guard->count++;
	}
	ERR_clear_error();
}

void
mh_ossl_leave(struct mh_ossl_guard *guard)
{
	ERR_clear_error();
	for (unsigned i = 0; i < guard->count; i++) {
		const struct mh_ossl_error *error = &guard->errors[i];
		ERR_new();
		ERR_set_debug(error->file, error->line, error->func);
		if (error->has_data)
			ERR_set_error(ERR_GET_LIB(error->code), ERR_GET_REASON(error->code), "%s",
			    error->data);
		else
			ERR_set_error(ERR_GET_LIB(error->code), ERR_GET_REASON(error->code), NULL);
	}
}

bool
mh_digest(struct mh_ossl *ossl, int bits, struct mh_str octets, unsigned char out[64])
{
	struct mh_ossl_guard guard;
	size_t len = 0;
	mh_ossl_enter(&guard);
	int good =
	    EVP_Q_digest(ossl->lib, bits == 512 ? "SHA512" : "SHA256", NULL, octets.p, octets.len, out, &len);
	mh_ossl_leave(&guard);
	return good == 1;
}
