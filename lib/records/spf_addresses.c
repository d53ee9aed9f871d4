/* spf_addresses.c - to be written */
#include "spf_lint.h"
