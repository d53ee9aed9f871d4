/* spf_cheaper.c - to be written */
#include "spf_lint.h"
