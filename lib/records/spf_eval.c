/* spf_eval.c - to be written */
#include "spf_eval.h"
