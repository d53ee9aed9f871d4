/* tlsrpt.h - TLS reporting: the record that says where reports of failed TLS go
 *
 * tlsrpt.c reads one text; tlsrpt_mend.c makes a record of what one was probably
 * meant to say; tlsrpt_lint.c says what is wrong about the TXT records of
 * _smtp._tls.
 *
 * RFC 8460
 */
#ifndef MH_TLSRPT_H
#define MH_TLSRPT_H

#include "find.h"
#include "uri.h"
#include "work.h"

#define MH_TLSRPT_MAX 16384 /* octets of a record that are read */
#define MH_TLSRPT_URIS_MAX 32
#define MH_TLSRPT_FAULTS_MAX 16
#define MH_TLSRPT_EXTENSIONS_MAX 32

struct mh_tlsrpt_uri {
	struct mh_str text;
	const char *why; /* why no reports can go there, as a sentence; NULL: they can */
	bool is_uri; /* it is in the grammar, of whatever scheme */
};

/* What is not in the grammar, with its place. */
struct mh_tlsrpt_fault {
	struct mh_str at;
	const char *why; /* a sentence */
};

struct mh_tlsrpt {
	struct mh_str text;
	bool
	    is_tlsrpt; /* it begins as such a record does, "v=TLSRPTv1" and a semicolon; others are read over */
	bool is_spaced; /* there is white space before that semicolon */
	bool is_valid; /* it can be read, and there is somewhere to send reports to */
	struct mh_tlsrpt_uri rua[MH_TLSRPT_URIS_MAX]; /* of all fields rua= */
	unsigned rua_count;
	struct mh_str extensions[MH_TLSRPT_EXTENSIONS_MAX]; /* "name=value" */
	unsigned extensions_count;
	struct mh_tlsrpt_fault faults[MH_TLSRPT_FAULTS_MAX];
	unsigned faults_count;
};

/* mh_tlsrpt_read - of any octets; linear */
void mh_tlsrpt_read(struct mh_str text, struct mh_tlsrpt *record);
/* mh_tlsrpt_is_like - whether a text is such a record, or means to be one */
bool mh_tlsrpt_is_like(struct mh_str text);

/* mh_tlsrpt_mend - a record with all addresses that can be made out in texts, or else tls-reports@domain; in
 * arena; len 0: there is none and the domain is not known, or it would be too long; p NULL: no memory */
struct mh_str mh_tlsrpt_mend(struct mh_arena *arena, const struct mh_str *texts, size_t count,
    struct mh_str domain);

/* mh_tlsrpt_want - the TXT records of _smtp._tls.domain, and in the same round those of two names where the
 * record may stand by mistake; NULL: missing, or there can be no such name
 * mh_tlsrpt_lint - findings about that fact, which is there (present, absent or unknown), once all three
 * are; is_needed: tlsrpt.missing if there is none; gives the text that should be there, p NULL: it is as it
 * should be, nobody knows, or no memory (pass->error) */
const struct mh_fact *mh_tlsrpt_want(struct mh_pass *pass, struct mh_str domain);
struct mh_str mh_tlsrpt_lint(struct mh_pass *pass, const struct mh_fact *fact, struct mh_str domain,
    bool is_needed, struct mh_report *report);
/* mh_tlsrpt_lint_text - the same about one text that was read, of domain ("" unknown); MH_ERR_OK or
 * MH_ERR_ENOMEM */
int mh_tlsrpt_lint_text(struct mh_arena *arena, const struct mh_tlsrpt *record, struct mh_str domain,
    struct mh_report *report);

#endif
