/* ipset.c - to be written */
#include "ipset.h"
