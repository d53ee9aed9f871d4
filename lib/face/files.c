/* files.c - reading a whole file that the caller names */
#include <errno.h>
#include <stdio.h>

#include "files.h"
#include "mailhealth.h"

#define PIECE 16384

/* read_all - the rest of a file; MH_OK, MH_EIO or MH_ENOMEM */
static int
read_all(FILE *in, struct mh_buf *out)
{
	for (;;) {
		char *room = mh_buf_reserve(out, PIECE);
		if (room == NULL)
			return out->len + PIECE > out->max ? MH_EIO : MH_ENOMEM;
		size_t got = fread(room, 1, PIECE, in);
		out->len += got;
		out->p[out->len] = '\0';
		if (got == 0)
			return ferror(in) ? MH_EIO : MH_OK;
	}
}

int
mh_file_read(const char *path, struct mh_buf *text)
{
	int saved = errno;
	int result = MH_EIO;
	FILE *in = fopen(path, "rb");
	if (in != NULL) {
		result = read_all(in, text);
		(void)fclose(in);
	}
	errno = saved;
	return result;
}
