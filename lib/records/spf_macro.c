/* spf_macro.c - to be written */
#include "spf_eval.h"
