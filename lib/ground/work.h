/* work.h - a check that never waits: facts, asks, parts and passes
 *
 * A check is straight-line code that reads facts.  Where one is missing, the
 * reading records an ask and gives NULL; the check goes on with whatever else
 * it can name, and ends its pass.  Whoever can answers the asks; then the parts
 * that asked run again from the top.  Facts never change within a work, so a
 * pass is a function of facts, and what came out of it can be worked out again
 * at any time: nothing but facts has to be kept.
 *
 * A pass is judged by whether a fact was missing, never by what it gave back.
 *
 * A work belongs to one thread at a time.  It does not know what it is about,
 * reads no clock, and asks nobody.
 */
#ifndef MH_WORK_H
#define MH_WORK_H

#include <stdbool.h>
#include <stdint.h>

#include "fact.h"

struct mh_work;

/* One pass of one part. */
struct mh_pass {
	struct mh_work *work;
	struct mh_arena *arena; /* scratch: what is in it is gone with the pass */
	unsigned part; /* number of the part, from 0 */
	unsigned missing; /* facts that were wanted and are not there */
	unsigned round; /* of the facts read so far, the latest */
	int error; /* MH_ERR_ENOMEM if memory failed: the pass counts for nothing */
};

/* mh_want - the fact, or NULL: it is missing and asked for now, or there is no memory.  name is
 * canonical text (dname.h).  Over the budget and after the deadline it is a fact, an unknown one. */
const struct mh_fact *mh_want(struct mh_pass *pass, struct mh_str name, int type);
/* mh_known - the fact, or NULL if it is missing; asks nothing and counts nothing */
const struct mh_fact *mh_known(const struct mh_pass *pass, struct mh_str name, int type);

/* Somebody who answers at once: a zone file, a recording.  answer gives a fact with one reference,
 * or NULL: not mine, or no memory (*error). */
struct mh_source {
	struct mh_fact *(*answer)(void *self, struct mh_str name, int type, int *error);
	void *self;
	/* An alias that leads where it knows nothing is unknown (not-in-zone), and others may be asked for the
	 * name that it ends at. */
	bool is_overlay;
};

enum mh_ask_state { MH_ASK_NEW, MH_ASK_OUT, MH_ASK_ANSWERED };

struct mh_ask {
	struct mh_fact *fact; /* NULL until answered */
	struct mh_str name; /* canonical, NUL-terminated; the fact's once answered */
	uint64_t hash, parts; /* parts: a bit for each that wants it */
	uint16_t type;
	uint8_t state, round;
	bool is_wanted; /* by mh_work_want */
	int64_t asked_ms; /* when it was handed out */
};

#define MH_WORK_PARTS_MAX 64
#define MH_WORK_ASKS_DEFAULT 400 /* questions of one work, if nothing else is said */
#define MH_WORK_ASKS_MAX 100000

struct mh_work {
	struct mh_mem mem;
	struct mh_arena keep; /* asks' names */
	struct mh_ask *asks; /* number i is asks[i - 1] */
	uint32_t asks_count, asks_cap, asks_max, next; /* next: where to look for one to hand out */
	uint32_t open; /* asks that are not answered */
	uint32_t wanted; /* of them, those that mh_work_want asked for */
	uint32_t *slots, slots_cap; /* hash table of numbers */
	void (*run)(void *check, struct mh_pass *pass); /* one pass of part pass->part */
	void *check;
	unsigned parts;
	uint64_t dirty; /* parts that have to run (again) */
	uint64_t waiting; /* parts whose last pass missed a fact */
	int64_t started_ms, deadline_ms, now_ms; /* -1: not started; no deadline */
	int64_t limit_ms; /* time from start to deadline; -1: none */
	uint32_t passes, rounds;
	uint32_t refused; /* asks that the budget did not allow */
	bool is_late; /* the deadline has passed */
	bool is_done;
	void *owner; /* whose work it is */
	void *driver; /* the driver's notes about it, NULL while it has none */
};

/* mh_work_init - no parts yet; nothing is allocated */
void mh_work_init(struct mh_work *work, const struct mh_mem *mem,
    void (*run)(void *check, struct mh_pass *pass), void *check);
void mh_work_free(struct mh_work *work);
/* mh_work_reset - as after mh_work_init, facts gone, but with its memory, limits and parts */
void mh_work_reset(struct mh_work *work);
/* mh_work_add_part - its number, or -1 if there are too many.  Parts may be added by passes too. */
int mh_work_add_part(struct mh_work *work);

#define MH_WORK_WAIT 1
#define MH_WORK_DONE 2
/* mh_work_step - runs what can run: WAIT (facts are missing, see mh_work_next_ask), DONE, or an error,
 * after which it can be stepped again.  scratch is reset before every pass. */
int mh_work_step(struct mh_work *work, int64_t now_ms, struct mh_arena *scratch);
/* mh_work_timeout - milliseconds until it wants to be stepped though nothing came; -1: never */
int64_t mh_work_timeout(const struct mh_work *work, int64_t now_ms);
/* mh_work_view - a pass for reading what came out of a work that is done: it can want, and asks nothing */
void mh_work_view(struct mh_work *work, struct mh_pass *view, struct mh_arena *arena);

/* Asks: numbers from 1, in the order of asking. */
uint32_t mh_work_next_ask(struct mh_work *work); /* hands out one; 0: no more for now */
const struct mh_ask *mh_work_ask(const struct mh_work *work, uint32_t number); /* NULL: no such ask */
/* mh_work_want - asks for a fact on nobody's behalf, and a work that was done is not until it has come;
 * its number, 0 without memory or over the budget */
uint32_t mh_work_want(struct mh_work *work, struct mh_str name, int type);
/* mh_work_seed - a question that was asked before, and its answer (a reference that is taken in any case)
 * or NULL; nobody is asked for it until a part wants it.  Before the first step; MH_ERR_OK, MH_ERR_ENOMEM,
 * or MH_ERR_ESTATE if there are too many. */
int mh_work_seed(struct mh_work *work, struct mh_str name, int type, unsigned round, struct mh_fact *fact);
/* mh_work_answer - takes the reference in any case.  MH_ERR_ESTATE: it is answered already, or the
 * work is done; MH_ERR_ENOENT: no such ask; MH_ERR_EINVAL: another question's fact. */
int mh_work_answer(struct mh_work *work, uint32_t number, struct mh_fact *fact);
/* mh_work_fail - answers with an unknown fact; as mh_work_answer, or MH_ERR_ENOMEM */
int mh_work_fail(struct mh_work *work, uint32_t number, int why);
/* mh_work_answer_from - answers what source knows of the asks that are not answered; how many, or an error */
int mh_work_answer_from(struct mh_work *work, const struct mh_source *source);

#endif
