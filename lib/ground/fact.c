/* fact.c - to be written */
#include "fact.h"
