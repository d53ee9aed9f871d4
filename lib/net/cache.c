/* cache.c - to be written */
#include "driver.h"
