/* spf_record.c - to be written */
#include "spf.h"
