/* zone.c - to be written */
#include "zone.h"
