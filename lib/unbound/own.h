/* own.h - the parts of libmailhealth-unbound, each in its file
 *
 * settings.c is what can be set, queries.c asks libunbound and hands on what it
 * says, unbound.c has the jobs.
 */
#ifndef MH_UNBOUND_OWN_H
#define MH_UNBOUND_OWN_H

#include <stdbool.h>

#include <unbound.h>

#include "mailhealth-unbound.h"

#define IN_FLIGHT_MAX 500 /* questions that libunbound has at once: beyond some 1,000 it drops old ones */

/* A question that libunbound has. */
struct query {
	struct query *next; /* of its job's */
	struct member *member;
	int ask, id;
};

/* A job that is here. */
struct member {
	struct member *next, **before;
	struct mh_unbound *unbound;
	mh_job *job;
	struct query *queries;
	bool is_due; /* it has been answered, or has not begun */
	bool is_hungry; /* it may have questions that libunbound has not got yet */
};

struct mh_unbound {
	struct ub_ctx *ub;
	struct member *members;
	struct member *done, **done_tail;
	int in_flight;
	int error; /* the first that a step met */
	bool has_begun; /* libunbound takes no more settings */
	bool has_anchor; /* what is not secure then is insecure */
};

/* queries_ask - gives libunbound the member's questions, as many as it may have */
void queries_ask(struct member *member);
/* queries_drop - calls off those that it has */
void queries_drop(struct member *member);
/* error_of - libunbound's error as one of ours */
int error_of(int ub_error);

#endif
