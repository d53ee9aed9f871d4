/* lists.h - DNS lists of addresses and domains (RFC 5782): what to ask them, and what their answers mean
 *
 * An answer is not believed because it is there: lists refuse resolvers that ask
 * too much by an answer that looks like a listing, and those that are gone often
 * list everybody.  So refusals are told apart, and a list that says "listed" is
 * asked for an entry that must be there and for one that must not.
 *
 * Does not: ask anything.
 */
#ifndef MH_LISTS_H
#define MH_LISTS_H

#include <stdbool.h>
#include <stddef.h>

#include "fact.h"

#define MH_LISTS_AS_OF "2026-11"

/* What is looked up there. */
#define MH_LIST_ASKS_IP4 1
#define MH_LIST_ASKS_IP6 2
#define MH_LIST_ASKS_DOMAIN 4
#define MH_LIST_ALLOWS 8 /* it names those whose mail is wanted */

/* See lists.def for what they are. */
enum mh_list_status {
	MH_LIST_WORKING,
	MH_LIST_REGISTERED,
	MH_LIST_KEY,
	MH_LIST_PAID,
	MH_LIST_DOUBTFUL,
	MH_LIST_CLOSED
};
enum mh_list_weight { MH_LIST_MINOR, MH_LIST_COMMON, MH_LIST_MAJOR };

struct mh_list {
	const char *id, *zone, *name;
	unsigned char asks, status, weight, codes;
	const char *test, *when, *delist, *page, *note; /* "" each where there is none */
};

/* mh_list_at - NULL past the end; in the order of lists.def */
const struct mh_list *mh_list_at(size_t i);
/* mh_list_of_zone - the list of exactly that zone, letter case ignored, or NULL */
const struct mh_list *mh_list_of_zone(struct mh_str zone);
/* mh_list_is_usable - whether it is worth a question to somebody with this key ("" none): one of Spamhaus DQS,
 * or "abusix:KEY", or both with a space between.  With a key of Spamhaus its public mirrors are not asked. */
bool mh_list_is_usable(const struct mh_list *list, struct mh_str key);

/* Names to ask for, canonical; the length, or 0: that is not looked up there, or there can be no such name.
 * mh_list_name_ip - of an address (RFC 5782 2.1, 2.4: octets or nibbles reversed)
 * mh_list_name_domain - of a canonical domain (RFC 5782 3)
 * mh_list_name_test - of what must be there, or of what must not, for questions of this family (4, 6, 0 for
 *   domains) */
enum mh_list_test { MH_LIST_TEST_LISTED, MH_LIST_TEST_CLEAR };
size_t mh_list_name_ip(const struct mh_list *list, struct mh_str key, const struct mh_ip *ip,
    char out[MH_DNAME_TEXT_MAX]);
size_t mh_list_name_domain(const struct mh_list *list, struct mh_str key, struct mh_str domain,
    char out[MH_DNAME_TEXT_MAX]);
size_t mh_list_name_test(const struct mh_list *list, struct mh_str key, enum mh_list_test test, int family,
    char out[MH_DNAME_TEXT_MAX]);

enum mh_list_state {
	MH_LIST_CLEAR,
	MH_LIST_LISTED,
	MH_LIST_ALLOWED,
	MH_LIST_REFUSED, /* it does not answer this resolver */
	MH_LIST_BROKEN, /* what it answers means nothing */
	MH_LIST_UNKNOWN /* no answer came */
};

struct mh_list_answer {
	enum mh_list_state state;
	struct mh_ip code; /* the answer that decides; family 0: there is none */
	unsigned count; /* answers in all */
	int severity; /* of LISTED: MH_SEV_INFO to MH_SEV_FAIL */
	const char *meaning; /* of the code, or why it is broken; "" unknown */
	const char *note; /* what brings one there and what to do first; "" nothing known */
};

/* mh_list_judge - what a fact, A records at the name that was asked for, means */
void mh_list_judge(const struct mh_list *list, const struct mh_fact *fact, struct mh_list_answer *answer);
/* mh_list_judge_code - the same of one of the codes alone */
void mh_list_judge_code(const struct mh_list *list, const struct mh_ip *code, struct mh_list_answer *answer);
/* mh_list_wants_test - whether to ask for both entries before it is believed */
bool mh_list_wants_test(const struct mh_list_answer *answer);
/* mh_list_judge_test - the same answer in the light of both (NULL: there is no such entry, or nothing came);
 * one that could not be had changes nothing */
void mh_list_judge_test(const struct mh_fact *listed, const struct mh_fact *clear,
    struct mh_list_answer *answer);
const char *mh_list_state_word(enum mh_list_state state); /* "listed" for ALLOWED, as the JSON has it */

#endif
