/* files.h - reading a whole file that the caller names */
#ifndef MH_FILES_H
#define MH_FILES_H

#include "str.h"

/* mh_file_read - all octets of a file behind what is in text, whose ceiling is the most that is read:
 * MH_OK, MH_EIO (it cannot be opened or read, or is larger) or MH_ENOMEM; errno is left as it was */
int mh_file_read(const char *path, struct mh_buf *text);

#endif
