/* spf_rules.c - to be written */
#include "spf_eval.h"
