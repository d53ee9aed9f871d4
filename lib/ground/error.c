/* error.c - the errors' words and names, from the table in error.h */
#include "error.h"

const char *
mh_error_text(int error)
{
	switch (error) {
#define X(name, number, text) \
	case number: \
		return text;
		MH_ERRORS(X)
#undef X
	default:
		return "unknown error";
	}
}

const char *
mh_error_name(int error)
{
	switch (error) {
#define X(name, number, text) \
	case number: \
		return "MH_" #name;
		MH_ERRORS(X)
#undef X
	default:
		return "";
	}
}
