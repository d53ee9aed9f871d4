/* error.h - the library's own errors, by name; numbers are those of mailhealth.h */
#ifndef MH_ERROR_H
#define MH_ERROR_H

#define MH_ERRORS(X) \
	X(OK, 0, "no error") \
	X(ENOMEM, -1, "out of memory") \
	X(EINVAL, -2, "an argument cannot be right") \
	X(ESTATE, -3, "the right call at the wrong moment") \
	X(EFROZEN, -4, "the handle is in use and can no longer change") \
	X(ERULES, -5, "the rules were rejected") \
	X(EIO, -6, "a file could not be opened or read") \
	X(ENOENT, -7, "there is no such entry")

enum mh_error {
#define X(name, number, text) MH_ERR_##name = (number),
	MH_ERRORS(X)
#undef X
};

const char *mh_error_text(int error); /* "unknown error" for others */
const char *mh_error_name(int error); /* "MH_ENOMEM"; "" for others */

#endif
