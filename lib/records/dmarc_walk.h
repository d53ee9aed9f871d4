/* dmarc_walk.h - which DMARC record counts for a domain, and which domain its organisation's is
 *
 * By RFC 9989 4.10 a walk through the names above the domain, at most eight of
 * them, all asked in one pass; by RFC 7489 6.6.3 the domain and what the public
 * suffix list says was registered.
 *
 * What could not be asked is not taken for absent: as long as it could change
 * the outcome, the outcome is unknown.
 */
#ifndef MH_DMARC_WALK_H
#define MH_DMARC_WALK_H

#include "dmarc.h"
#include "work.h"

#define MH_DMARC_STEPS_MAX 8 /* RFC 9989 4.10 */

struct mh_dmarc_step {
	struct mh_str domain; /* "example.org"; the end of the walk's own */
	struct mh_str name; /* "_dmarc.example.org", in arena; len 0: longer than a name can be */
	const struct mh_fact *fact; /* NULL: missing, or there can be none */
	unsigned records; /* TXT records that are DMARC records */
	const struct mh_dmarc
	    *dmarc; /* the only one; NULL: none or several, which are as good as none (4.10, step 2) */
};

struct mh_dmarc_walk {
	struct mh_str domain; /* where it starts */
	struct mh_dmarc_step steps[MH_DMARC_STEPS_MAX]; /* all that were asked, the longest name first */
	unsigned count;
	unsigned end; /* so many of them count: the walk stops behind psd=y and psd=n */
	bool is_missing; /* a fact that counts is not there yet */
	const struct mh_fact *unknown; /* the first that counts and could not be had; NULL */
	/* 4.10.2, unknown facts taken for absent */
	struct mh_str org_domain;
	const struct mh_dmarc_step *org; /* its record, NULL: it has none */
	const struct mh_dmarc_step *psd; /* of the public suffix, psd=y above the start; NULL */
};

/* mh_dmarc_walk - wants all names of the walk from domain, which is canonical and lives longer; steps that other (NULL:
 * none) has are not read again.  Memory shows in pass->error. */
void mh_dmarc_walk(struct mh_pass *pass, struct mh_str domain, const struct mh_dmarc_walk *other,
    struct mh_dmarc_walk *walk);
/* mh_dmarc_walk_want - the same, but nothing is read
 * mh_dmarc_step - one name alone */
void mh_dmarc_walk_want(struct mh_pass *pass, struct mh_str domain);
void mh_dmarc_step(struct mh_pass *pass, struct mh_str domain, struct mh_dmarc_step *step);

/* The domains that can be the organisation's: one, or more if facts are unknown.  In walk's own domain. */
#define MH_DMARC_ORGS_MAX (1 + 2 * MH_DMARC_STEPS_MAX)
unsigned mh_dmarc_orgs(const struct mh_dmarc_walk *walk, struct mh_str orgs[MH_DMARC_ORGS_MAX]);

enum mh_dmarc_aligned { MH_DMARC_APART, MH_DMARC_PERHAPS, MH_DMARC_ALIGNED };
/* mh_dmarc_orgs_aligned - whether both have one organisation: enum mh_dmarc_aligned */
int mh_dmarc_orgs_aligned(const struct mh_dmarc_walk *a, const struct mh_dmarc_walk *b);

enum mh_dmarc_find { MH_DMARC_FIND_MISSING, MH_DMARC_FIND_UNKNOWN, MH_DMARC_FIND_NONE, MH_DMARC_FIND_FOUND };

/* The record that counts for a domain, and the policy that applies to it. */
struct mh_dmarc_found {
	unsigned char state; /* enum mh_dmarc_find */
	const struct mh_fact *
	    unknown; /* of UNKNOWN: what could not be had; also if it is FOUND, and only org_domain depends on it */
	struct mh_str org_domain; /* "": unknown, or not there (RFC 7489: the domain is a public suffix) */
	/* of FOUND */
	struct mh_str at; /* whose record it is */
	const struct mh_dmarc *dmarc;
	bool is_inherited; /* at is above the domain */
	bool is_psd; /* it is the public suffix's */
	bool is_nonexistent; /* np= applies: there is no such domain (RFC 9989 3.2.13) */
	/* NO_POLICY: the record says nothing that can be followed, and DMARC is not applied (4.10.1) */
	uint8_t policy; /* before t= and pct= */
	uint8_t effective; /* after t=y; after pct=0, as RFC 7489 6.6.4 has it */
	bool is_malformed; /* RFC 7489: the only record is not in its grammar; state may be NONE */
};

/* mh_dmarc_find - by RFC 9989, of a walk; asks for the domain's existence where np= depends on it */
void mh_dmarc_find(struct mh_pass *pass, const struct mh_dmarc_walk *walk, struct mh_dmarc_found *found);
/* mh_dmarc_find_7489 - by RFC 7489; steps of walk (NULL: none) are not read again */
void mh_dmarc_find_7489(struct mh_pass *pass, struct mh_str domain, const struct mh_dmarc_walk *walk,
    struct mh_dmarc_found *found);

enum mh_dmarc_existence {
	MH_DMARC_EXISTS_MISSING,
	MH_DMARC_EXISTS_UNKNOWN,
	MH_DMARC_EXISTS,
	MH_DMARC_EXISTS_NOT
};
/* mh_dmarc_existence - whether there is such a name in DNS (RFC 9989 3.2.13, RFC 8020); *fact (NULL is fine) the one
 * that says so, or why it is unknown */
int mh_dmarc_existence(struct mh_pass *pass, struct mh_str domain, const struct mh_fact **fact);

#endif
