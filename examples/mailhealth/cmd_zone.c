#include "cli.h"
int cmd_zone(int argc, char **argv) { (void)argc; (void)argv; return 0; }
