/* answer.h - what an answer is made of, for the files that work it out */
#ifndef MH_ANSWER_H
#define MH_ANSWER_H

#include "reply.h"

#define ARENA_KEEP (256u * 1024)
#define GIVEN_UNKNOWN (-2)
#define OUTPUT_MAX (1024u * 1024)

struct item {
	const char *id, *text;
	uint32_t begin, end;
};

struct items {
	struct item *at;
	size_t count;
};

struct unpacked;

struct mh_answer {
	struct mh_mem mem;
	struct mh_rulebook *book;
	struct mh_answer_options options;
	struct mh_frame frame;
	int given_provider; /* what the options say of it: a number, -1 nothing, GIVEN_UNKNOWN not looked up yet */
	struct mh_decode decode;
	struct mh_scan scan;
	struct mh_match match;

	bool parsed;
	size_t length; /* of the input, all of it */
	bool cut; /* the input was longer than is read */
	int code;
	struct mh_status status;
	uint32_t code_at, status_at, status_length;
	bool has_status_place;
	int phase, form; /* the form as given */

	/* Worked out when asked for. */
	struct mh_arena arena;
	bool has_facts, has_lists, no_memory; /* no_memory: something is missing for want of it */
	struct mh_facts facts;
	struct items lists[MH_L_LIMIT + 1]; /* by enum mh_answer_list; lines, blocklists and limits not */
	struct item *lines; /* of each line its status and words, NULL until asked for */
	char template[17], rule_id[32], status_text[16];
	struct mh_buf text, json, draft, unpack;
	struct unpacked *unpacked; /* strings of the rules that this reply was asked for */
};

/* reply.c: what was decided */
const struct mh_ruleset *mh_answer_lowest(const struct mh_answer *answer);
const struct mh_candidate *mh_answer_best(const struct mh_answer *answer);
const char *mh_answer_prose(struct mh_answer *answer, const struct mh_ruleset *set, uint32_t offset);
const struct mh_reason *mh_answer_reason_row(const struct mh_answer *answer);
const struct mh_rule *mh_answer_rule_row(const struct mh_answer *answer, const struct mh_ruleset **set);
const struct mh_rule *mh_answer_told_rule(const struct mh_answer *answer, const struct mh_ruleset **set);
const struct mh_list *mh_answer_closed_list(const struct mh_answer *answer, const struct mh_ruleset **set);
void mh_answer_work_out_facts(struct mh_answer *answer);
void mh_answer_print_status(struct mh_status status, char out[16]);
int mh_answer_form(const struct mh_answer *answer);

/* reply_lists.c: mh_answer_work_out - fills the lists, once a reply */
void mh_answer_work_out(struct mh_answer *answer);

#endif
