/* spf_lint.c - to be written */
#include "spf_lint.h"
