/* version.c - which library this is, and the names of its errors */
#include "error.h"
#include "mailhealth.h"

int
mh_version_number(void)
{
	return MH_VERSION_NUMBER;
}

const char *
mh_version(void)
{
	return MH_VERSION;
}

const char *
mh_strerror(int error)
{
	return mh_error_text(error);
}

const char *
mh_errname(int error)
{
	return mh_error_name(error);
}
