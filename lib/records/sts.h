/* sts.h - MTA-STS: the record, the policy, and whether it lets mail to an MX host
 *
 * The record says that there is a policy and which edition (RFC 8461 3.1); the
 * policy is a text file behind HTTPS (3.2).  Both are read to the end whatever
 * is wrong with them, what is wrong goes into a report, and is_valid is the
 * verdict of the grammar.  Of a field that is there twice the first counts.
 *
 * Does not: fetch anything, or look at certificates.
 *
 * RFC 8461, RFC 8460 4.3
 */
#ifndef MH_STS_H
#define MH_STS_H

#include "find.h"
#include "str.h"

#define MH_STS_POLICY_MAX 65536 /* octets of a policy that are read (RFC 8461 3.3) */
#define MH_STS_RECORD_MAX 4096 /* octets of a record that are read */
#define MH_STS_MAX_AGE_MAX 31557600 /* about a year (RFC 8461 3.2) */
#define MH_STS_EXTENSIONS_MAX 64 /* fields that nobody knows, kept of a record or a policy */
#define MH_STS_NAMES_MAX 100 /* MX names that are looked at */
#define MH_STS_PATH "/.well-known/mta-sts.txt"

/* Findings about a domain go here; report NULL: they are not wanted. */
struct mh_sts_notes {
	struct mh_report *report;
	struct mh_str domain; /* "" unknown */
};

struct mh_sts_field {
	struct mh_str name, value; /* of an mx: value is the pattern */
	bool is_good; /* of an mx: it can match something */
};

struct mh_sts_record {
	struct mh_str text, id; /* "" none */
	const struct mh_sts_field *extensions;
	size_t extension_count;
	unsigned count; /* texts that are such a record */
	bool is_valid; /* there is one, and it can be read */
};

#define MH_STS_MODES(X) \
	X(NO_MODE, "") \
	X(ENFORCE, "enforce") \
	X(TESTING, "testing") \
	X(NONE, "none")

enum mh_sts_mode {
#define X(name, text) MH_STS_##name,
	MH_STS_MODES(X)
#undef X
};

struct mh_sts_policy {
	struct mh_str text;
	enum mh_sts_mode mode;
	int64_t max_age; /* seconds; -1 unknown */
	const struct mh_sts_field *mx, *extensions;
	size_t mx_count, extension_count;
	bool is_valid;
};

/* What a sender reports (RFC 8460 4.3). */
#define MH_STS_RESULTS(X) \
	X(SUCCESS, "") \
	X(FETCH_ERROR, "sts-policy-fetch-error") \
	X(POLICY_INVALID, "sts-policy-invalid") \
	X(WEBPKI_INVALID, "sts-webpki-invalid") \
	X(STARTTLS_NOT_SUPPORTED, "starttls-not-supported") \
	X(HOST_MISMATCH, "certificate-host-mismatch") \
	X(EXPIRED, "certificate-expired") \
	X(NOT_TRUSTED, "certificate-not-trusted") \
	X(VALIDATION_FAILURE, "validation-failure")

enum mh_sts_result {
#define X(name, text) MH_STS_##name,
	MH_STS_RESULTS(X)
#undef X
};

const char *mh_sts_mode_name(int mode); /* "" for others */
const char *mh_sts_result_name(int result); /* "" for success, and for others */
/* mh_sts_result_of - the result of that name; SUCCESS for "", -1 for none */
int mh_sts_result_of(struct mh_str name);

/* mh_sts_record_read - the TXT records of _mta-sts.domain, each in one piece; MH_OK or MH_ENOMEM.  What
 * is in *record lives as long as arena and the texts */
int mh_sts_record_read(struct mh_arena *arena, const struct mh_str *texts, size_t count,
    const struct mh_sts_notes *notes, struct mh_sts_record *record);
/* mh_sts_policy_read - a policy as it was fetched; as above.  Linear in text */
int mh_sts_policy_read(struct mh_arena *arena, struct mh_str text, const struct mh_sts_notes *notes,
    struct mh_sts_policy *policy);

/* mh_sts_policy_same - whether both say the same to a sender */
bool mh_sts_policy_same(const struct mh_sts_policy *a, const struct mh_sts_policy *b);

/* mh_sts_pattern_matches - RFC 8461 4.1: letter case and a dot at the end of name do not count, "*." is one
 * label; false if either of them is malformed */
bool mh_sts_pattern_matches(struct mh_str pattern, struct mh_str name);
/* mh_sts_lists - whether the policy, if it is valid, has a pattern for the name */
bool mh_sts_lists(const struct mh_sts_policy *policy, struct mh_str name);
/* mh_sts_lint - what is unwise in a policy, and, if there are names, how it goes with these MX hosts of the
 * domain; MH_OK or MH_ENOMEM */
int mh_sts_lint(struct mh_arena *arena, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count, const struct mh_sts_notes *notes);
/* mh_sts_apply - what a sender that has the policy reports of an MX host whose TLS came to tls; *is_refused:
 * he does not deliver there (RFC 8461 5) */
enum mh_sts_result mh_sts_apply(const struct mh_sts_policy *policy, struct mh_str name,
    enum mh_sts_result tls, bool *is_refused);

#endif
