/* tls_screen.h - what is known about a server's TLS, for a person */
#ifndef TLS_SCREEN_H
#define TLS_SCREEN_H

#include "cli.h"

/* tls_screen - prints what came out of a job of MH_CHECK_TLS; the exit status */
int tls_screen(mh_job *job, bool verbose);

#endif
