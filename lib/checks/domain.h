/* domain.h - the checks "domain" and "host": every record of a domain, and the host that sends its mail
 *
 * A check is a list of sections (domain_sections.c), each a part of the work and a
 * file of its own: dom_spf.c, dom_dkim.c and so on.  A section's one function runs
 * in every pass and once more for the report: it wants all that it can name, in as
 * few rounds as can be, and tells what it finds.  In a pass there is no report and
 * nothing is told.
 *
 * Sections do not call each other: what one needs of another's matter it reads from
 * the same facts by the functions of lib/records.
 *
 * Does not: keep anything but what it was given.
 */
#ifndef MH_DOMAIN_H
#define MH_DOMAIN_H

#include "find.h"
#include "json.h"
#include "spf_check.h"
#include "tell.h"
#include "tls_check.h"
#include "work.h"

#define MH_DOMAIN_SELECTORS_MAX 32
#define MH_DOMAIN_TIME_LIMIT_MS 30000

struct mh_domain_check {
	struct mh_mem mem;
	struct mh_arena keep; /* copies of what was given */
	struct mh_str given; /* the domain as it was given; of "host": name or address, "" none */
	struct mh_str domain; /* canonical, A-labels; of "host": "" */
	struct mh_ip ip; /* of the sending host; family 0: none was given */
	struct mh_str helo; /* what it says in EHLO; "" not given */
	struct mh_str selectors[MH_DOMAIN_SELECTORS_MAX]; /* of DKIM, as given */
	unsigned selectors_count;
	struct mh_str private_key; /* PEM, of the only selector or any of them; "" */
	struct mh_str sts_id_before, policy_before; /* of MTA-STS, when somebody last looked; "" not known */
	struct mh_str list_key; /* for lists that want one (DQS); "" */
	bool guesses_selectors; /* tries what providers use; default if no selector was given */
	bool guesses_given; /* that was said */
	bool asks_lists; /* blocklists; default */
	bool fetches; /* policy and logo by HTTPS; default */
	bool is_host; /* the check "host" */
	uint32_t profiles; /* bits of receiver profiles; 0: all */
	int64_t now; /* seconds since the epoch; -1 not known */
	struct mh_spf_check spf;
	struct mh_tls_check tls; /* for MTA-STS, MX hosts and TLSA, by the functions of the check "tls" */
};

/* An entry of "checks" in the JSON: one name that was asked, and what stands there. */
struct mh_domain_row {
	struct mh_domain_row *next;
	const char *id; /* "dmarc": findings with this check are its own */
	struct mh_str name;
	int type;
	const struct mh_fact *fact; /* NULL: nothing was asked */
	bool (*is_shown)(struct mh_str text); /* of TXT: which records are of this kind; NULL: all */
	struct mh_str expected; /* TXT: the text to be; p NULL: none */
	bool is_skipped; /* it was not looked at: health "skipped" */
};

/* One look of one section. */
struct mh_look {
	const struct mh_domain_check *check;
	struct mh_pass *pass;
	struct mh_report *report; /* NULL: in a pass */
	struct mh_domain_row *rows, **last; /* once there is a report */
	struct mh_json *json; /* where members of "results" go, once there is a report; NULL */
};

struct mh_section {
	const char *id;
	void (*look)(struct mh_look *look);
	void (*json)(struct mh_look *look); /* its members of "results"; NULL: it has none */
};

/* mh_look_row - an entry of "checks"; in arena; NULL in a pass or without memory, and what is set in it is lost */
struct mh_domain_row *mh_look_row(struct mh_look *look, const char *id, struct mh_str name, int type,
    const struct mh_fact *fact);
/* mh_domain_row_health - of an entry's own findings: pass, info, warn, fail, unknown, skipped */
const char *mh_domain_row_health(const struct mh_report *report, const struct mh_domain_row *rows,
    const struct mh_domain_row *row);
/* mh_look_tell - begins telling about name */
void mh_look_tell(struct mh_look *look, struct mh_tell *tell, const char *id, struct mh_str name);
/* mh_look_told - ends it */
void mh_look_told(struct mh_look *look, struct mh_tell *tell);

/* What the domain is for, as far as facts tell. */
struct mh_domain_role {
	bool is_known; /* false: a fact is missing or unknown, and the rest false */
	bool has_null_mx; /* RFC 7505 */
	bool has_mx; /* one that takes mail */
	bool sends_nothing; /* v=spf1 -all */
	bool is_parked; /* the last, and no MX that takes mail */
};
/* mh_domain_role - wants TXT and MX of the domain */
struct mh_domain_role mh_domain_role(struct mh_pass *pass, struct mh_str domain);

/* mh_section_at - section number i of a check; NULL past the end */
const struct mh_section *mh_section_at(const struct mh_domain_check *check, unsigned i);

/* The sections. */
void mh_dom_spf(struct mh_look *look);
void mh_dom_spf_json(struct mh_look *look);
void mh_dom_dmarc(struct mh_look *look);
void mh_dom_dmarc_json(struct mh_look *look);
void mh_dom_dkim(struct mh_look *look);
void mh_dom_dkim_json(struct mh_look *look);
void mh_dom_mx(struct mh_look *look);
void mh_dom_sts(struct mh_look *look);
void mh_dom_sts_json(struct mh_look *look);
void mh_dom_tlsrpt(struct mh_look *look);
void mh_dom_dane(struct mh_look *look);
void mh_dom_dnssec(struct mh_look *look);
void mh_dom_dnssec_json(struct mh_look *look);
void mh_dom_bimi(struct mh_look *look);
void mh_dom_bimi_json(struct mh_look *look);
void mh_dom_srv(struct mh_look *look);
void mh_dom_caa(struct mh_look *look);
void mh_dom_ns(struct mh_look *look);
void mh_dom_host(struct mh_look *look);
void mh_dom_host_json(struct mh_look *look);
void mh_dom_lists(struct mh_look *look);

void mh_domain_check_init(struct mh_domain_check *check, const struct mh_mem *mem);
void mh_domain_check_free(struct mh_domain_check *check);
int mh_domain_check_start(struct mh_domain_check *check, struct mh_work *work);
void mh_domain_check_pass(struct mh_domain_check *check, struct mh_pass *pass);
/* mh_domain_check_report - finished; NULL: no memory.  *rows: the entries of "checks", in view's arena
 * mh_domain_check_json - the members "checks" and "results"; false: no memory */
struct mh_report *mh_domain_check_report(struct mh_domain_check *check, struct mh_pass *view,
    struct mh_domain_row **rows);
bool mh_domain_check_json(struct mh_domain_check *check, struct mh_pass *view, struct mh_report *report,
    const struct mh_domain_row *rows, struct mh_json *json);
/* mh_domain_subject - what the check is about: domain, name or address of a host */
struct mh_str mh_domain_subject(const struct mh_domain_check *check, char room[MH_IP_TEXT_MAX]);

#endif
