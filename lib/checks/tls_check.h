/* tls_check.h - the check "tls": can others send mail here encrypted, and if not, why
 *
 * Hosts are the one that is given, or the MX hosts of a domain, each with one
 * or several services (a mode and a port), and each address of such a host is an
 * endpoint.  A plan of few connections to an endpoint answers
 * what an owner has to know; where the first fails, the plan becomes diagnosis:
 * the smallest hellos that tell causes apart.  After a refusal for too many
 * connections nothing more is asked, and what is not known is unknown.
 *
 * Nothing is kept but inputs and facts: endpoints, report and JSON are worked out
 * from them whenever they are asked for.
 */
#ifndef MH_TLS_CHECK_H
#define MH_TLS_CHECK_H

#include "cert.h"
#include "dane.h"
#include "find.h"
#include "json.h"
#include "tls_offer.h"
#include "tls_seen.h"
#include "tls_sts.h"
#include "work.h"

enum mh_tls_mode {
	MH_MODE_SMTP,
	MH_MODE_SUBMISSION,
	MH_MODE_LMTP,
	MH_MODE_IMAP,
	MH_MODE_POP3,
	MH_MODE_SIEVE,
	MH_MODE_IMPLICIT,
	MH_MODE_COUNT,
};
const char *mh_tls_mode_name(int mode);
int mh_tls_mode_find(struct mh_str name); /* -1: none */

#define MH_TLS_TLSA_MAX 32
#define MH_TLS_ENDS_MAX 16 /* addresses of one host */
#define MH_TLS_SERVICES_MAX 8
#define MH_TLS_HOSTS_MAX 48 /* hosts, each service counted */
#define MH_TLS_TIME_LIMIT_MS 60000

struct mh_tls_check {
	struct mh_mem mem;
	struct mh_arena keep; /* copies of what was given */
	struct mh_str host; /* name, address, or "unix:/path"; "" the MX hosts of domain */
	struct mh_str name; /* sent as SNI and verified; "" the host */
	struct mh_str helo; /* as which we greet */
	struct mh_tls_service {
		int mode, port; /* port 0: the mode's */
	} services[MH_TLS_SERVICES_MAX];
	unsigned services_count; /* at least 1 */
	int port; /* of the only service; 0: its own */
	int max_connections; /* to one endpoint */
	int resumes; /* how often a server that had enough is asked again, later (a recording has what came before) */
	bool is_full, injects;
	bool tries_relay; /* whether the server takes mail for others from anybody */
	bool looks_up_tlsa, looks_up_names;
	int64_t now; /* seconds since the epoch; -1 not known */
	struct mh_str tlsa[MH_TLS_TLSA_MAX]; /* judged in place of DNS */
	unsigned tlsa_count;
	struct mh_str certificate; /* PEM, judged in place of the server's; "" */
	struct mh_str domain; /* whose mail the hosts take: its MTA-STS counts; "" none */
	struct mh_str policy; /* MTA-STS policy, judged in place of the domain's; "" */
	int https_port; /* of policy hosts; 0: 443 */
	bool allows_private; /* policy hosts may have addresses that are not public */
	/* lent by whoever starts it; ossl is needed for judging certificates, anchors may be NULL: trust is unknown */
	struct mh_ossl *ossl;
	struct mh_anchors *anchors;
};

enum { MH_STOP_NONE, MH_STOP_RATE, MH_STOP_BUDGET, MH_STOP_UNKNOWN };

/* The connections of a plan by what they were for; NULL: not made, or not known. */
struct mh_tls_looks {
	const struct mh_seen *first, *other, *pq, *old, *weak, *nosni, *dhe, *rsakx, *ssl, *narrow_suite,
	    *narrow_group, *injected, *relay, *resumed;
};

#define MH_TLS_ACCEPTED_MAX 96

/* TLSA records of a service: from DNS, or those given. */
struct mh_tls_tlsa {
	struct mh_str base; /* the name they stand at */
	struct mh_str target; /* where the host's name leads as an alias, all of it signed; "" nowhere */
	struct mh_tlsa records[MH_TLS_TLSA_MAX];
	bool is_bad[MH_TLS_TLSA_MAX];
	unsigned count;
	int state; /* MH_FACT_*: PRESENT, NODATA, NXDOMAIN, UNKNOWN */
	int why, secure; /* MH_WHY_*, MH_SECURE_* */
	bool is_given;
	bool is_by_address; /* not secure, because the host's addresses are not */
};

/* One service of one host. */
struct mh_tls_host {
	const struct mh_tls_check *check;
	struct mh_str host; /* name, address, or "unix:/path" */
	struct mh_str name; /* to send and to verify; "" where only an address is known */
	int mode, port;
	int preference; /* of its MX record; -1 */
	struct mh_ip ips[MH_TLS_ENDS_MAX];
	int count, why; /* addresses; MH_WHY_* if there are none because they are not known */
	struct mh_tls_tlsa *tlsa; /* in the pass's arena */
	struct mh_tls_end *ends; /* count of them, in the pass's arena; NULL in a pass */
};

/* What is looked at. */
struct mh_tls_hosts {
	struct mh_tls_host list[MH_TLS_HOSTS_MAX];
	unsigned count;
	unsigned left_out; /* MX hosts beyond the limit */
	/* of the MX records, where they are asked for */
	bool is_by_mx, is_null,
	    is_implicit; /* is_null: RFC 7505; is_implicit: the domain itself, RFC 5321 5.1 */
	int state, why; /* MH_FACT_*, MH_WHY_* */
};
#define MH_TLS_REFUSED_MAX 24

/* One endpoint, as far as it is known. */
struct mh_tls_end {
	const struct mh_tls_check *check;
	const struct mh_tls_host *host;
	struct mh_pass *pass;
	struct mh_ip ip;
	int port;
	int64_t limit_ms;
	unsigned connections;
	unsigned resumed; /* how often it had enough, and was asked again */
	bool is_waiting; /* for a connection under way */
	uint8_t stopped;
	int unknown_why; /* MH_WHY_*, of stopped UNKNOWN */
	struct mh_str stop_text; /* what the server said when it had enough */
	struct mh_tls_looks looks;
	/* diagnosis: number of the finding that explains why mail does not pass encrypted; 0 none */
	int cause;
	bool is_certain;
	const struct mh_seen *witness; /* the connection that shows it */
	int second_cause; /* as likely, where nothing tells them apart; 0 */
	/* what it takes */
	uint8_t versions[6]; /* as in tls_offer.h */
	uint16_t accepted[MH_TLS_ACCEPTED_MAX]; /* suites seen chosen; from the enumeration all of them */
	uint8_t accepted_version[MH_TLS_ACCEPTED_MAX]; /* index as of versions */
	unsigned accepted_count;
	uint16_t groups[MH_HELLO_LESS_MAX];
	uint8_t groups_at[MH_HELLO_LESS_MAX]; /* 1: up to TLS 1.2; 2: TLS 1.3; or both */
	unsigned groups_count;
	const struct mh_hello
	    *refused[MH_TLS_REFUSED_MAX]; /* hellos of one version that were read, and refused */
	unsigned refused_count;
	bool is_enumerated;
	int dh_bits; /* least seen */
	int hello_limit,
	    hello_fails; /* the largest hello that passed, and the smallest that did not; 0: none failed */
	uint8_t pq; /* MH_TRI_*: takes X25519MLKEM768 */
	/* certificates, judged; see tls_judge.c */
	struct mh_tls_chain {
		const struct mh_seen *seen;
		int key; /* MH_AUTH_* */
		struct mh_certs *chain; /* freed by mh_tls_ends_free */
		struct mh_judgement judgement;
		struct mh_dane_verdict dane;
		bool is_read, has_dane;
	} chains[2];
	unsigned chains_count;
};

void mh_tls_check_init(struct mh_tls_check *check, const struct mh_mem *mem);
void mh_tls_check_free(struct mh_tls_check *check);
/* mh_tls_check_subject - what the check is about: a host's name, an address, or the domain */
struct mh_str mh_tls_check_subject(const struct mh_tls_check *check);
/* mh_tls_is_demanding - whether clients of this service demand TLS and a good certificate (submission, IMAP and so
 * on) */
bool mh_tls_is_demanding(const struct mh_tls_host *host);
int mh_tls_check_start(struct mh_tls_check *check, struct mh_work *work);
void mh_tls_check_pass(struct mh_tls_check *check, struct mh_pass *pass);

/* mh_tls_find_hosts - which services of which hosts are looked at; false: wait, or no memory */
bool mh_tls_find_hosts(const struct mh_tls_check *check, struct mh_pass *pass, struct mh_tls_hosts *hosts);
/* mh_tls_find_addresses - of a host, at most MH_TLS_ENDS_MAX; false: wait, or no memory */
bool mh_tls_find_addresses(struct mh_tls_host *host, struct mh_pass *pass);
/* mh_tls_plan - runs the plan for one endpoint as far as facts go */
void mh_tls_plan(struct mh_tls_end *end);
/* mh_tls_diagnose - why the first connection of an endpoint failed; part of the plan */
void mh_tls_diagnose(struct mh_tls_end *end);
/* mh_tls_enumerate - every suite and group, by leaving out what was accepted; part of the plan */
void mh_tls_enumerate(struct mh_tls_end *end);
/* mh_tls_base - a whole handshake with the endpoint, to be changed before it is looked at
 * mh_tls_look - one connection of the plan: NULL if it is under way, or may not be made any more
 * mh_tls_hello - the same for a kind of hello */
struct mh_stream_spec mh_tls_base(const struct mh_tls_end *end);
const struct mh_seen *mh_tls_look(struct mh_tls_end *end, struct mh_stream_spec *spec);
const struct mh_seen *mh_tls_hello(struct mh_tls_end *end, const char *kind);
/* mh_tls_accept - a suite and group that the server chose */
void mh_tls_accept(struct mh_tls_end *end, const struct mh_seen *seen);

/* mh_tls_find_tlsa - RFC 7672 2.2: of a host, in host->tlsa; false: wait, or no memory */
bool mh_tls_find_tlsa(struct mh_tls_host *host, struct mh_pass *pass);

/* All of a check that is done. */
struct mh_tls_result {
	struct mh_tls_hosts *hosts; /* in the pass's arena; NULL: no memory */
	struct mh_tls_sts sts;
};
/* mh_tls_read_chain - the certificates that were seen; the caller's; NULL: no memory */
struct mh_certs *mh_tls_read_chain(const struct mh_tls_check *check, const struct mh_seen *seen);
/* mh_tls_result_make - false: no memory.  mh_tls_result_free - the chains in it */
bool mh_tls_result_make(struct mh_tls_check *check, struct mh_pass *view, struct mh_tls_result *result);
void mh_tls_result_free(struct mh_tls_result *result);
bool mh_tls_judge(struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa);
/* mh_tls_fill_offer - see tls_offer.c */
void mh_tls_fill_offer(const struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa,
    struct mh_tls_offer *offer);
struct mh_report *mh_tls_check_report(struct mh_tls_check *check, struct mh_pass *view);
bool mh_tls_check_json(struct mh_tls_check *check, struct mh_pass *view, struct mh_report *report,
    struct mh_json *json);

#endif
