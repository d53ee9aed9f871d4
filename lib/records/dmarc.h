/* dmarc.h - DMARC: the record, by RFC 9989 and as RFC 7489 had it
 *
 * dmarc.c reads one text; dmarc_mend.c makes out what one was probably meant
 * to be; dmarc_lint.c says what is wrong or weak about the TXT records of a
 * _dmarc name; dmarc_walk.c finds the record that counts for a
 * domain, dmarc_eval.c decides about a message.
 *
 * RFC 9989, RFC 9990, RFC 7489
 */
#ifndef MH_DMARC_H
#define MH_DMARC_H

#include "find.h"
#include "taglist.h"
#include "work.h"

enum mh_dmarc_policy { MH_DMARC_NO_POLICY, MH_DMARC_NONE, MH_DMARC_QUARANTINE, MH_DMARC_REJECT };
const char *mh_dmarc_policy_name(int policy); /* "none", ...; "" for NO_POLICY */

#define MH_DMARC_URIS_MAX 32

struct mh_dmarc_uri {
	struct mh_str text; /* the URI, without "!size" */
	struct mh_str address, domain; /* of mailto:, the domain canonical; len 0: another scheme */
	struct mh_str size; /* behind "!", RFC 7489 6.2; len 0: none */
	bool is_uri; /* in the grammar of RFC 9989 4.8, of whatever scheme; others are ignored */
	bool is_good; /* reports can go there */
};

struct mh_dmarc {
	struct mh_str text; /* the record */
	struct mh_taglist tags; /* as written */
	bool is_dmarc; /* it begins as a DMARC record does: "v=DMARC1" is its first tag (RFC 9989 4.7) */
	bool is_valid; /* receivers by RFC 9989 use it */
	bool is_valid_7489; /* and those by RFC 7489, to whom p= comes second and must be there */
	/* By RFC 9989, after fallback and the recovery of 4.10.1, before t= */
	uint8_t p, sp, np; /* enum mh_dmarc_policy */
	/* as they are written; NO_POLICY: the tag is not there or its value is none of the three */
	uint8_t written_p, written_sp, written_np;
	uint8_t p_7489,
	    sp_7489; /* by RFC 7489, after fallback and recovery; NO_POLICY: that does not use it */
	bool is_twice; /* a tag is there twice: the list is none (RFC 6376 3.2) */
	bool is_recovered; /* 4.10.1: p=none, as p, sp or np cannot be read but rua can */
	bool is_strict_dkim, is_strict_spf; /* adkim=s, aspf=s */
	bool is_testing; /* t=y */
	char psd; /* 'y', 'n', 'u' */
	int pct; /* RFC 7489 6.3: 0 to 100; 100 if it is not there or cannot be read */
	struct mh_dmarc_uri rua[MH_DMARC_URIS_MAX], ruf[MH_DMARC_URIS_MAX];
	unsigned rua_count, ruf_count;
};

/* mh_dmarc_is_record - whether a TXT record means to be one: "v=DMARC1" at its start, as receivers look for it
 * mh_dmarc_parse - one TXT record, strings joined; in arena, NULL: no memory */
bool mh_dmarc_is_record(struct mh_str text);
struct mh_dmarc *mh_dmarc_parse(struct mh_arena *arena, struct mh_str text);
/* mh_dmarc_effective - what t=y makes of a policy (RFC 9989 4.7): one step weaker */
uint8_t mh_dmarc_effective(const struct mh_dmarc *dmarc, uint8_t policy);
/* mh_dmarc_tag - the tag of that name, letter case as given, that has a value; NULL: none
 * mh_dmarc_policy - of a value of p=, sp= or np=, in any letter case; NO_POLICY: it is none of the three */
const struct mh_tag *mh_dmarc_tag(const struct mh_dmarc *dmarc, const char *name);
uint8_t mh_dmarc_policy(struct mh_str value);
/* mh_dmarc_uris - the value of rua= or ruf=, which may be empty; how many; false: no memory */
bool mh_dmarc_uris(struct mh_arena *arena, struct mh_str value, struct mh_dmarc_uri uris[MH_DMARC_URIS_MAX],
    unsigned *count);

/* What a text was probably meant to say: every part of it that can be made out, in the right form. */
enum mh_dmarc_tag {
	MH_DMARC_TAG_P,
	MH_DMARC_TAG_SP,
	MH_DMARC_TAG_NP,
	MH_DMARC_TAG_ADKIM,
	MH_DMARC_TAG_ASPF,
	MH_DMARC_TAG_T,
	MH_DMARC_TAG_PSD,
	MH_DMARC_TAG_RUA,
	MH_DMARC_TAG_RUF,
	MH_DMARC_TAG_FO,
	MH_DMARC_TAG_PCT,
	MH_DMARC_TAG_RF,
	MH_DMARC_TAG_RI,
	MH_DMARC_TAG_V,
	MH_DMARC_TAG_COUNT
};

struct mh_dmarc_meant {
	struct mh_str value[MH_DMARC_TAG_COUNT]; /* len 0: there is none */
	bool has_policy; /* p= is there, and can be made out */
	bool has_version; /* so is the version, or something like it */
};

/* mh_dmarc_mean - makes it out; p is always something after it.  domain ("" unknown): whose mailbox stands in for
 * addresses of reports of which none can be made out.  false: no memory
 * mh_dmarc_write - the record, p= second; p NULL: no memory
 * mh_dmarc_start - the first record of a domain that has none: nobody's mail is treated otherwise, reports come
 * mh_dmarc_meant_tag - the tag whose name that nearly is, -1: none
 * mh_dmarc_meant_policy - the policy that a value nearly is, NO_POLICY: none
 * mh_dmarc_next_tag - where within a value the next tag begins, as its semicolon is missing; its length: there is none
 * mh_dmarc_is_fo - whether a value is a dmarc-fo of RFC 9989 4.8 */
bool mh_dmarc_mean(struct mh_arena *arena, struct mh_str text, struct mh_str domain,
    struct mh_dmarc_meant *meant);
struct mh_str mh_dmarc_write(struct mh_arena *arena, const struct mh_dmarc_meant *meant);
struct mh_str mh_dmarc_start(struct mh_arena *arena, struct mh_str domain);
const char *mh_dmarc_tag_name(int tag);
int mh_dmarc_meant_tag(struct mh_str name);
uint8_t mh_dmarc_meant_policy(struct mh_str value);
size_t mh_dmarc_next_tag(struct mh_str value);
bool mh_dmarc_is_fo(struct mh_str value);

/* mh_dmarc_lint - findings about the TXT records of name, "_dmarc.example.org", whose fact is there (present, absent or
 * unknown); domain is "example.org"; gives the record that
 * receivers use, NULL: none, or no memory (pass->error).  is_needed:
 * dmarc.missing if there is none.  report NULL: nothing is told. */
const struct mh_dmarc *mh_dmarc_lint(struct mh_pass *pass, const struct mh_fact *fact, struct mh_str domain,
    bool is_needed, struct mh_report *report);
/* mh_dmarc_lint_text - the same about one text, of domain ("" unknown); MH_ERR_OK or MH_ERR_ENOMEM */
int mh_dmarc_lint_text(struct mh_arena *arena, struct mh_str text, struct mh_str domain,
    struct mh_report *report);

#endif
