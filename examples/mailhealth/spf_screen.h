/* spf_screen.h - what `mailhealth spf` shows to a person */
#ifndef SPF_SCREEN_H
#define SPF_SCREEN_H

#include "cli.h"

/* spf_screen - prints what came out of a job that is done; the exit status */
int spf_screen(mh_job *job, bool verbose);

#endif
