/* spf_check.c - to be written */
#include "spf_check.h"
