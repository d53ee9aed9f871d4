/* rrdata.c - to be written */
#include "fact.h"
