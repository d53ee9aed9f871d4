/* work.c - to be written */
#include "work.h"
