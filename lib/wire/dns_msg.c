/* dns_msg.c - to be written */
#include "dns_msg.h"
