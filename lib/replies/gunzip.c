/* gunzip.c - gzip members, unpacked piece by piece (RFC 1952), by zlib */
#include "gunzip.h"

#include <limits.h>
#include <zlib.h>

#include "error.h"

#define PIECE 65536

struct mh_gunzip {
	struct mh_mem mem;
	z_stream stream;
	bool within; /* a member has begun and not ended */
	bool no_memory; /* its allocator found none: told apart from damage */
	unsigned char out[PIECE];
};

/* zlib does not say how large a block is that it gives back. */
struct block {
	size_t size;
	max_align_t data[];
};

static voidpf
take(voidpf arg, uInt items, uInt size)
{
	struct mh_gunzip *gunzip = arg;
	size_t octets = sizeof(struct block) + (size_t)items * size;
	struct block *block = mh_mem_alloc(&gunzip->mem, octets);
	if (block == NULL) {
		gunzip->no_memory = true;
		return Z_NULL;
	}
	block->size = octets;
	return block->data;
}

static void
give(voidpf arg, voidpf data)
{
	struct mh_gunzip *gunzip = arg;
	struct block *block = (struct block *)(void *)((char *)data - offsetof(struct block, data));
	mh_mem_free(&gunzip->mem, block, block->size);
}

struct mh_gunzip *
mh_gunzip_make(const struct mh_mem *mem)
{
	struct mh_gunzip *gunzip = mh_mem_zalloc(mem, sizeof(*gunzip));
	if (gunzip == NULL)
		return NULL;
	gunzip->mem = *mem;
	gunzip->stream.zalloc = take;
	gunzip->stream.zfree = give;
	gunzip->stream.opaque = gunzip;
	if (inflateInit2(&gunzip->stream, 16 + MAX_WBITS) == Z_OK) /* 16: gzip and nothing else */
		return gunzip;
	mh_mem_free(mem, gunzip, sizeof(*gunzip));
	return NULL;
}

void
mh_gunzip_free(struct mh_gunzip *gunzip)
{
	if (gunzip == NULL)
		return;
	struct mh_mem mem = gunzip->mem;
	(void)inflateEnd(&gunzip->stream);
	mh_mem_free(&mem, gunzip, sizeof(*gunzip));
}

/* step - one call of inflate and what it gave */
static int
step(struct mh_gunzip *gunzip, int (*put)(void *arg, struct mh_str piece), void *arg)
{
	z_stream *stream = &gunzip->stream;
	if (!gunzip->within) {
		/* what follows the last member may be padding (gzip -t takes zeros for nothing) */
		while (stream->avail_in > 0 && *stream->next_in == 0) {
			stream->next_in++;
			stream->avail_in--;
		}
		if (stream->avail_in == 0)
			return MH_ERR_OK;
		if (inflateReset(stream) != Z_OK)
			return MH_ERR_EIO;
		gunzip->within = true;
	}
	stream->next_out = gunzip->out;
	stream->avail_out = PIECE;
	int result = inflate(stream, Z_NO_FLUSH);
	int told = MH_ERR_OK;
	if (stream->avail_out < PIECE)
		told = put(arg, mh_str_n((const char *)gunzip->out, PIECE - stream->avail_out));
	if (told != MH_ERR_OK)
		return told;
	if (result == Z_STREAM_END)
		gunzip->within = false;
	else if (result == Z_MEM_ERROR || gunzip->no_memory)
		return MH_ERR_ENOMEM;
	else if (result != Z_OK && result != Z_BUF_ERROR)
		return MH_ERR_EIO;
	return MH_ERR_OK;
}

int
mh_gunzip_feed(struct mh_gunzip *gunzip, struct mh_str octets, int (*put)(void *arg, struct mh_str piece),
    void *arg)
{
	z_stream *stream = &gunzip->stream;
	gunzip->no_memory = false;
	while (octets.len > 0) {
		size_t len = octets.len < UINT_MAX ? octets.len : UINT_MAX;
		stream->next_in = (z_const Bytef *)(uintptr_t)octets.p; /* zlib changes nothing */
		stream->avail_in = (uInt)len;
		do {
			int result = step(gunzip, put, arg);
			if (result != MH_ERR_OK)
				return result;
		} while (stream->avail_in > 0 || (gunzip->within && stream->avail_out == 0));
		octets.p += len;
		octets.len -= len;
	}
	return MH_ERR_OK;
}

int
mh_gunzip_end(struct mh_gunzip *gunzip)
{
	return gunzip->within ? MH_ERR_EIO : MH_ERR_OK;
}
