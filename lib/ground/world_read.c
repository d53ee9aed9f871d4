/* world_read.c - to be written */
#include "world.h"
