/* zone_read.c - to be written */
#include "zone.h"
