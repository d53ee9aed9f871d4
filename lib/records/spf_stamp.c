/* spf_stamp.c - to be written */
#include "spf_eval.h"
