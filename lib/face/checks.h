/* checks.h - what a job needs to know of the check that it is about
 *
 * A job counts, limits, records and replays; what is asked, what came out and
 * which options there are is the check's.  One table each; jobs.c has the list.
 */
#ifndef MH_CHECKS_H
#define MH_CHECKS_H

#include "find.h"
#include "json.h"
#include "work.h"

struct mh_job_out; /* handles.h */
struct mh_ctx;

#define MH_OPTION_TEXT_MAX 4096 /* octets of an option */
#define MH_OPTION_FILE_MAX 65536 /* and of one that is a whole file; as many as are read of a policy */

/* An option as a recording has it. */
struct mh_check_option {
	const char *name;
	int option; /* MH_OPT_* */
	bool is_text; /* of mh_job_set_str; else of mh_job_set_int */
	bool is_file; /* of text: MH_OPTION_FILE_MAX */
	bool is_first; /* set before the others, which change what it sets */
	int (*read)(void *check,
	    struct mh_str value); /* NULL; else it is no MH_OPT_*, and read after the others */
};

/* What a check does.  check is its own struct, of size octets.  Functions with out work out results from the
 * facts: what they keep in out->arena, out->found above all, is theirs until facts come or go. */
struct mh_check_ops {
	const char *name; /* "spf": kind in JSON, and $check of a recording */
	size_t size;
	const struct mh_check_option *options; /* up to one without a name */
	int64_t limit_ms; /* the time for all of it, if nothing else is said */
	void (*init)(void *check, const struct mh_mem *mem);
	void (*free)(void *check);
	void (*reset)(void *check); /* forgets what mh_job_reset forgets; options stay */
	/* what it needs of the context, before start; an error.  NULL: nothing */
	int (*lend)(void *check, struct mh_ctx *ctx);
	int (*start)(void *check, struct mh_work *work); /* parts into work; MH_EINVAL: nothing to look at */
	void (*pass)(void *check, struct mh_pass *pass);
	int64_t *(*now)(void *check); /* where it has MH_OPT_NOW; -1: not known */
	/* MH_OK, MH_ENOMEM, or MH_EINVAL for options that are not the check's and values that cannot be */
	int (*set_str)(void *check, int option, struct mh_str value);
	int (*set_int)(void *check, int option, int64_t value);
	/* its options into a recording, in the order that recordings have; room: for anything */
	void (*write_options)(void *check, struct mh_buf *world, struct mh_buf *room);
	/* fields of mh_job_str and mh_job_int, at any time; "" and MH_UNKNOWN: not yet, or no such field */
	const char *(*str)(void *check, struct mh_job_out *out, int field);
	int64_t (*number)(void *check, struct mh_job_out *out, int field);
	/* The rest only of a work that is done.  NULL or false: no memory. */
	struct mh_report *(*report)(void *check, struct mh_job_out *out);
	const char *(*health)(void *check, const struct mh_report *report);
	/* of its JSON, once out->report is made: "subject"; the members "checks" and "results"; the members of the
	 * object "profiles" (NULL: none) */
	bool (*subject)(void *check, struct mh_job_out *out, struct mh_str *subject);
	bool (*json)(void *check, struct mh_job_out *out, struct mh_json *json);
	bool (*profiles)(void *check, struct mh_job_out *out, struct mh_json *json);
	/* words that must not get into JSON and recordings, separated by spaces, a name and a colon in front of each or not;
	 * NULL: it has none */
	struct mh_str (*secrets)(const void *check);
};

extern const struct mh_check_ops mh_spf_ops;
extern const struct mh_check_ops mh_tls_ops;
extern const struct mh_check_ops mh_dmarc_ops;
extern const struct mh_check_ops mh_domain_ops;
extern const struct mh_check_ops mh_host_ops;

/* mh_mask_secrets - text without them: each is MH_SECRET_MASK, so that what was asked with it can be told, recorded and
 * replayed */
#define MH_SECRET_MASK "list-key"
#define MH_SECRET_MIN 8 /* octets: shorter ones could be a part of anything */
void mh_mask_secrets(struct mh_buf *text, struct mh_str secrets);
/* mh_option_limit, mh_option_bool - a number in its range, else MH_EINVAL */
int mh_option_limit(int *to, int64_t value, int64_t least, int64_t most);
int mh_option_bool(bool *to, int64_t value);
/* mh_option_text - a copy in arena, with a NUL behind it; MH_OK or MH_ENOMEM */
int mh_option_text(struct mh_arena *arena, struct mh_str value, struct mh_str *to);
/* mh_option_write_int, mh_option_write_text - one option into a recording; a text only if it was given */
void mh_option_write_int(struct mh_buf *out, const char *name, int64_t value);
void mh_option_write_text(struct mh_buf *out, const char *name, struct mh_str value);

#endif
