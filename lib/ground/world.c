/* world.c - to be written */
#include "world.h"
