/* jobs.c - to be written */
#include "mailhealth.h"
