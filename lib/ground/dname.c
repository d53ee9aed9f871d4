/* dname.c - to be written */
#include "dname.h"
