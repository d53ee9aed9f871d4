/* tls_plan.c - which connections, in which order, to one endpoint
 *
 * Ordered by what they are worth, one after another, at most as many as are
 * allowed; a server that has had enough is left alone at once.
 */
#include "tls_check.h"

#include "error.h"
#include "port.h"

#define SPEC_MAX 2048
#define LARGE 1560 /* octets of a hello with a post-quantum key share */

/* ------------------------------------------------------------------- looking */

static uint32_t
part_of(int64_t whole_ms, int percent, int64_t most_ms)
{
	int64_t ms = whole_ms * percent / 100;
	return (uint32_t)(ms < most_ms ? ms : most_ms);
}

struct mh_stream_spec
mh_tls_base(const struct mh_tls_end *end)
{
	const struct mh_tls_host *host = end->host;
	static const uint8_t dialects[MH_MODE_COUNT] = { MH_DIALECT_SMTP, MH_DIALECT_SMTP, MH_DIALECT_LMTP,
		MH_DIALECT_IMAP, MH_DIALECT_POP3, MH_DIALECT_SIEVE, MH_DIALECT_SMTP };
	struct mh_stream_spec spec = { .dialect = dialects[host->mode],
		.start = host->mode == MH_MODE_IMPLICIT ? MH_START_TLS : MH_START_STARTTLS,
		.how = MH_HOW_HANDSHAKE,
		.ip = end->ip,
		.port = end->port,
		.sni = host->name,
		.name = end->check->helo,
		.path = MH_STR("") };
	if (host->mode == MH_MODE_IMPLICIT && end->port == 993)
		spec.dialect = MH_DIALECT_IMAP;
	else if (host->mode == MH_MODE_IMPLICIT && end->port == 995)
		spec.dialect = MH_DIALECT_POP3;
	if (end->ip.family == 0) {
		spec.path = mh_str_n(host->host.p + 5, host->host.len - 5);
		spec.port = 0;
	}
	spec.wait_ms[MH_WAIT_CONNECT] = part_of(end->limit_ms, 30, 10000);
	spec.wait_ms[MH_WAIT_GREETING] = part_of(end->limit_ms, 60, 30000);
	spec.wait_ms[MH_WAIT_REPLY] = part_of(end->limit_ms, 30, 15000);
	spec.wait_ms[MH_WAIT_HELLO] = part_of(end->limit_ms, 30, 10000);
	return spec;
}

/* is_weary - whether the server shows that it wants no more connections from us */
static bool
is_weary(const struct mh_tls_end *end, const struct mh_seen *seen)
{
	/* The first time, 421 in answer to STARTTLS is about STARTTLS, and inside TLS about what was shown there. */
	if (mh_seen_is_rate_limited(seen))
		return end->connections > 1 ||
		    (seen->replied != MH_SEEN_START && seen->replied != MH_SEEN_INSIDE);
	/* It took some before: now it refuses, or closes or waits without a word. */
	return end->connections > 1 &&
	    (seen->phase == MH_SEEN_CONNECT ||
		(seen->phase == MH_SEEN_GREETING && seen->end != MH_EVENT_GARBLED && !seen->has_tls &&
		    end->host->mode != MH_MODE_IMPLICIT));
}

/* refuse - what a hello offered that the server read and would have none of */
static void
refuse(struct mh_tls_end *end, const struct mh_hello *hello, const struct mh_seen *seen)
{
	/* handshake_failure and insufficient_security alone say that nothing was in common. */
	if (seen->has_hello || (seen->alert != 40 && seen->alert != 71) ||
	    end->refused_count == MH_TLS_REFUSED_MAX ||
	    (hello->kind->version == MH_TLS13 && hello->kind->lowest < MH_TLS13))
		return;
	struct mh_hello *copy = mh_arena_alloc(end->pass->arena, sizeof(*copy));
	if (copy == NULL) {
		end->pass->error = MH_ERR_ENOMEM;
		return;
	}
	*copy = *hello;
	end->refused[end->refused_count++] = copy;
}

/* ask - the fact of this dialogue; NULL: it is under way, or no memory */
static const struct mh_fact *
ask(struct mh_tls_end *end, const struct mh_stream_spec *spec)
{
	struct mh_buf name;
	mh_buf_init(&name, &end->pass->work->mem, SPEC_MAX);
	mh_stream_spec_write(&name, spec);
	const struct mh_fact *fact =
	    name.bad ? NULL : mh_want(end->pass, mh_str_n(name.p, name.len), MH_RR_STREAM);
	if (fact == NULL && (name.bad || end->pass->missing == 0))
		end->pass->error = MH_ERR_ENOMEM;
	mh_buf_free(&name);
	end->is_waiting = fact == NULL;
	return fact;
}

const struct mh_seen *
mh_tls_look(struct mh_tls_end *end, struct mh_stream_spec *spec)
{
	if (end->is_waiting || end->stopped != MH_STOP_NONE)
		return NULL;
	if (end->connections >= (unsigned)end->check->max_connections) {
		end->stopped = MH_STOP_BUDGET;
		return NULL;
	}
	struct mh_seen *seen = mh_arena_alloc(end->pass->arena, sizeof(*seen));
	if (seen == NULL) {
		end->pass->error = MH_ERR_ENOMEM;
		end->is_waiting = true;
		return NULL;
	}
	for (spec->again = 0;; spec->again++) {
		const struct mh_fact *fact = ask(end, spec);
		if (fact == NULL)
			return NULL;
		if (!mh_fact_is_present(fact)) {
			end->stopped = MH_STOP_UNKNOWN;
			end->unknown_why = fact->why;
			return NULL;
		}
		end->connections++;
		mh_seen_read(fact, spec, seen);
		/* Whom a script has made angry may still take other connections; the next one shows. */
		if (spec->script.len > 0 || !is_weary(end, seen))
			break;
		if (end->resumed == (unsigned)end->check->resumes) {
			end->stopped = MH_STOP_RATE;
			end->stop_text = seen->reply;
			return end->connections == 1 ? seen : NULL;
		}
		/* It had enough then, and may have rested since; what it refused counts for nothing. */
		end->resumed++;
		end->connections--;
	}
	mh_tls_accept(end, seen);
	if (spec->how == MH_HOW_HELLO)
		refuse(end, &spec->hello, seen);
	return seen;
}

/* hello_spec - a hello of ours; later ones wait less: the server is known to be there */
static struct mh_stream_spec
hello_spec(const struct mh_tls_end *end, const char *kind)
{
	struct mh_stream_spec spec = mh_tls_base(end);
	spec.how = MH_HOW_HELLO;
	spec.hello.kind = mh_hello_kind_find(mh_str_z(kind));
	spec.hello.sni = spec.sni;
	spec.wait_ms[MH_WAIT_HELLO] = part_of(end->limit_ms, 15, 5000);
	return spec;
}

const struct mh_seen *
mh_tls_hello(struct mh_tls_end *end, const char *kind)
{
	struct mh_stream_spec spec = hello_spec(end, kind);
	return mh_tls_look(end, &spec);
}

/* ------------------------------------------------------------ what is learnt */

static int
version_index(int version)
{
	switch (version) {
	case MH_SSL2:
		return 0;
	case MH_SSL3:
		return 1;
	case MH_TLS10:
		return 2;
	case MH_TLS11:
		return 3;
	case MH_TLS12:
		return 4;
	case MH_TLS13:
		return 5;
	default:
		return -1;
	}
}

static void
learn(struct mh_tls_end *end, int version, bool is_there)
{
	int i = version_index(version);
	if (i >= 0 && end->versions[i] == MH_TRI_UNKNOWN)
		end->versions[i] = is_there ? MH_TRI_YES : MH_TRI_NO;
}

static void
add_group(struct mh_tls_end *end, uint16_t group, int version)
{
	unsigned i = 0;
	while (i < end->groups_count && end->groups[i] != group)
		i++;
	if (group == 0 || i == MH_COUNT(end->groups))
		return;
	if (i == end->groups_count) {
		end->groups[end->groups_count++] = group;
		end->groups_at[i] = 0;
	}
	end->groups_at[i] |= version == MH_TLS13 ? 2 : 1;
}

void
mh_tls_accept(struct mh_tls_end *end, const struct mh_seen *seen)
{
	if (!seen->has_hello)
		return;
	int i = version_index(seen->hello.version);
	learn(end, seen->hello.version, true);
	if (i < 1)
		return;
	add_group(end, seen->hello.version == MH_TLS13 ? seen->hello.group : seen->key.group,
	    seen->hello.version);
	if (seen->key.bits > 0 && (end->dh_bits == 0 || (int)seen->key.bits < end->dh_bits))
		end->dh_bits = (int)seen->key.bits;
	for (unsigned k = 0; k < end->accepted_count; k++)
		if (end->accepted[k] == seen->hello.suite && end->accepted_version[k] == i)
			return;
	if (end->accepted_count == MH_TLS_ACCEPTED_MAX)
		return;
	end->accepted_version[end->accepted_count] = (uint8_t)i;
	end->accepted[end->accepted_count++] = seen->hello.suite;
}

/* is_answered - a hello that was understood and refused tells as much as one that was taken */
static bool
is_answered(const struct mh_seen *seen)
{
	return seen != NULL && (seen->has_hello || seen->alert >= 0);
}

/* ------------------------------------------------------------------ the plan */

/* find_limit - how large a hello may be, of a server that did not take the largest: at most 3 hellos */
static void
find_limit(struct mh_tls_end *end, int failed, const char *kind)
{
	static const uint16_t sizes[] = { 1100, 700, 512, 1330 };
	end->hello_fails = failed;
	for (unsigned i = 0; i < 3; i++) {
		/* Above 1100 the limit is that of post-quantum hellos: one more tells where. */
		uint16_t size = i == 1 && end->hello_limit == 1100 ? sizes[3] : sizes[i];
		struct mh_stream_spec spec = hello_spec(end, kind);
		spec.hello.size = size;
		const struct mh_seen *seen = mh_tls_look(end, &spec);
		if (seen == NULL)
			return;
		if (seen->has_hello)
			end->hello_limit = size;
		else
			end->hello_fails = size;
		if (seen->has_hello && i > 0)
			return;
		if (!seen->has_hello && size == 1330)
			return;
	}
}

/* look_at_size - the hello of tomorrow's senders: large, with a post-quantum group; of those that cannot bear
 * TLS 1.3, large alone */
static void
look_at_size(struct mh_tls_end *end)
{
	bool is_12 = end->cause == MH_F_TLS_TLS13_INTOLERANT;
	struct mh_stream_spec spec = hello_spec(end, is_12 ? "todays12" : "pq13");
	spec.hello.size = LARGE;
	if (end->versions[4] == MH_TRI_NO && end->versions[5] == MH_TRI_NO)
		return; /* it knows neither version that the hello offers */
	const struct mh_seen *pq = end->looks.pq = mh_tls_look(end, &spec);
	if (pq == NULL)
		return;
	if (pq->has_hello) {
		end->pq = pq->hello.group == MH_GROUP_X25519MLKEM768 ? MH_TRI_YES : MH_TRI_NO;
		end->hello_limit = pq->hello_size;
		return;
	}
	find_limit(end, pq->hello_size, is_12 ? "todays12" : "both13");
	/* Refused in every size, it is not the size. */
	if (end->hello_limit == 0 && !end->is_waiting && end->stopped == MH_STOP_NONE)
		end->hello_fails = 0;
}

/* look_at_old - versions before TLS 1.2 */
static void
look_at_old(struct mh_tls_end *end)
{
	const struct mh_seen *old = end->looks.old = mh_tls_hello(end, "old11");
	if (old == NULL || !is_answered(old))
		return;
	if (!old->has_hello || old->hello.version < MH_TLS11)
		learn(end, MH_TLS11, false);
	if (!old->has_hello || old->hello.version < MH_TLS10)
		learn(end, MH_TLS10, false);
	if (!old->has_hello)
		learn(end, MH_SSL3, false);
}

/* look_at_12 - what only TLS 1.2 can be asked */
static void
look_at_12(struct mh_tls_end *end)
{
	struct mh_tls_looks *looks = &end->looks;
	looks->nosni = mh_tls_hello(end, "nosni12");
	if (looks->nosni != NULL && is_answered(looks->nosni) && !looks->nosni->has_hello &&
	    looks->nosni->alert == 70)
		learn(end, MH_TLS12, false);
	if (end->versions[4] == MH_TRI_NO || end->check->is_full)
		return;
	looks->weak = mh_tls_hello(end, "weak12");
	looks->dhe = mh_tls_hello(end, "dhe12");
	looks->rsakx = mh_tls_hello(end, "rsakx12");
}

/* look_at_other - the certificate of the other kind of key */
static void
look_at_other(struct mh_tls_end *end)
{
	const struct mh_seen *first = end->looks.first;
	int key = mh_seen_key(first);
	const char *kind = key == MH_AUTH_RSA ? "ecdsa12" : "rsa12";
	const struct mh_seen *other = mh_tls_hello(end, kind);
	if (other == NULL)
		return;
	if (!other->has_hello && other->alert == 70)
		learn(end, MH_TLS12, false);
	if (other->has_hello || first->hello.version != MH_TLS13 || end->versions[4] != MH_TRI_NO) {
		end->looks.other = other;
		return;
	}
	/* TLS 1.3 alone shows its certificate to whoever has keys. */
	struct mh_stream_spec spec = mh_tls_base(end);
	spec.key = key == MH_AUTH_RSA ? MH_KEY_ECDSA : MH_KEY_RSA;
	end->looks.other = mh_tls_look(end, &spec);
}

/* look_at_narrow - whether there is more than the one suite, or the one group, where it is an uncommon one */
static void
look_at_narrow(struct mh_tls_end *end)
{
	const struct mh_seen *first = end->looks.first;
	bool is_13 = first->hello.version == MH_TLS13;
	uint16_t group = is_13 ? first->hello.group : first->key.group;
	const struct mh_suite *suite = first->suite;
	struct mh_stream_spec spec;

	if (suite != NULL && !is_13 && strstr(suite->name, "GCM") == NULL) {
		spec = hello_spec(end, mh_suite_has_forward_secrecy(suite) ? "todays12" : "secret12");
		spec.hello.less[0] = suite->number;
		spec.hello.less_count = mh_suite_has_forward_secrecy(suite) ? 1 : 0;
		end->looks.narrow_suite = mh_tls_look(end, &spec);
	} else if (suite != NULL && !is_13 && !mh_suite_has_forward_secrecy(suite)) {
		end->looks.narrow_suite = mh_tls_hello(end, "secret12");
	}
	if (group != 0 && group != MH_GROUP_X25519 && group != MH_GROUP_P256) {
		spec = hello_spec(end, is_13 ? "todays13" : "secret12");
		spec.hello.less_groups[0] = group;
		spec.hello.less_groups_count = 1;
		end->looks.narrow_group = mh_tls_look(end, &spec);
	}
}

/* look_at_ssl - the oldest: SSL 3 where there is something old, else SSL 2 */
static void
look_at_ssl(struct mh_tls_end *end)
{
	bool is_old = end->looks.old != NULL && end->looks.old->has_hello;
	const struct mh_seen *ssl = end->looks.ssl = mh_tls_hello(end, is_old ? "ssl3" : "ssl2");
	if (ssl != NULL && !ssl->has_hello &&
	    (ssl->alert >= 0 || ssl->end == MH_EVENT_EOF || ssl->end == MH_EVENT_RESET))
		learn(end, is_old ? MH_SSL3 : MH_SSL2, false);
}

/* look_around - a server that shakes hands: what else it takes */
static void
look_around(struct mh_tls_end *end)
{
	if (end->looks.first->hello.version == MH_TLS12)
		learn(end, MH_TLS13, false);
	if (end->looks.first->hello.version < MH_TLS12) {
		learn(end, MH_TLS13, false);
		learn(end, MH_TLS12, false);
	}
	look_at_other(end);
	if (end->check->injects && end->host->mode != MH_MODE_IMPLICIT) {
		struct mh_stream_spec spec = mh_tls_base(end);
		spec.injects = true;
		end->looks.injected = mh_tls_look(end, &spec);
	}
	look_at_size(end);
	look_at_narrow(end);
	look_at_old(end);
	if (end->versions[4] != MH_TRI_NO)
		look_at_12(end);
	else if (end->versions[5] == MH_TRI_YES)
		end->looks.nosni = mh_tls_hello(end, "nosni13");
	if (!end->check->is_full)
		look_at_ssl(end);
	if (end->check->is_full && end->looks.first->has_ticket) {
		struct mh_stream_spec spec = mh_tls_base(end);
		spec.session = MH_SESSION_USE;
		end->looks.resumed = mh_tls_look(end, &spec);
	}
	if (end->check->is_full)
		mh_tls_enumerate(end);
}

/* look_at_relay - whether mail for a domain of others is taken, as three senders would try it; it ends before DATA, and
 * the domain is one that takes no mail (RFC 2606 3) */
static void
look_at_relay(struct mh_tls_end *end)
{
	struct mh_buf script;
	struct mh_stream_spec spec = mh_tls_base(end);
	struct mh_str own = end->host->name.len > 0 ? end->host->name : MH_STR("example.org");
	const struct mh_str senders[] = { MH_STR("relay-test@example.org"), MH_STR(""), own };

	mh_buf_init(&script, &end->pass->work->mem, 1024);
	for (size_t i = 0; i < MH_COUNT(senders); i++) {
		mh_buf_puts(&script, i > 0 ? "RSET\nMAIL FROM:<" : "MAIL FROM:<");
		mh_buf_puts(&script, i == 2 ? "postmaster@" : "");
		mh_buf_putstr(&script, senders[i]);
		mh_buf_puts(&script, ">\nRCPT TO:<relay-test@example.com>\n");
	}
	spec.how = MH_HOW_TALK;
	spec.start = MH_START_CLEAR;
	spec.sni = MH_STR("");
	spec.script = mh_buf_str(&script);
	if (script.bad)
		end->pass->error = MH_ERR_ENOMEM;
	else
		end->looks.relay = mh_tls_look(end, &spec);
	mh_buf_free(&script);
}

void
mh_tls_plan(struct mh_tls_end *end)
{
	struct mh_stream_spec spec = mh_tls_base(end);
	spec.session = end->check->is_full ? MH_SESSION_KEEP : MH_SESSION_NONE;
	const struct mh_seen *first = end->looks.first = mh_tls_look(end, &spec);
	if (first == NULL)
		return;
	if (end->check->tries_relay && end->host->mode == MH_MODE_SMTP && first->outside.is_known)
		look_at_relay(end);
	mh_tls_diagnose(end);
	if (end->is_waiting || end->looks.first == NULL)
		return;
	if (end->looks.first->secured && end->cause != MH_F_TLS_CLOSED_AFTER_HANDSHAKE &&
	    end->cause != MH_F_TLS_TIMEOUT_AFTER_HANDSHAKE && end->cause != MH_F_TLS_CLIENT_CERT_REQUIRED &&
	    end->cause != MH_F_TLS_SLOW_HANDSHAKE)
		look_around(end);
}

/* --------------------------------------------------------------- enumeration */

/* What an enumeration leaves out of its hellos: what was chosen before, of both, or of one. */
enum { LESS_BOTH, LESS_GROUPS, LESS_SUITES, LESS_DONE };

/* round_of - one hello of an enumeration; whether the server chose something new */
static bool
round_of(struct mh_tls_end *end, const char *kind, int index, int less)
{
	struct mh_stream_spec spec = hello_spec(end, kind);
	struct mh_hello *hello = &spec.hello;
	unsigned suites = end->accepted_count, groups = end->groups_count;

	for (unsigned i = 0; i < suites && less != LESS_GROUPS; i++)
		if (end->accepted_version[i] == index && hello->less_count < MH_HELLO_LESS_MAX)
			hello->less[hello->less_count++] = end->accepted[i];
	for (unsigned i = 0; i < groups && less != LESS_SUITES; i++)
		hello->less_groups[hello->less_groups_count++] = end->groups[i];
	const struct mh_seen *seen = mh_hello_is_empty(hello) ? NULL : mh_tls_look(end, &spec);
	if (seen == NULL || !seen->has_hello || version_index(seen->hello.version) != index)
		return false;
	/* One that answers what it was not offered would go on for ever. */
	return end->accepted_count > suites || end->groups_count > groups;
}

/* enumerate_version - suites and groups together, so that one hello finds one of each; where it refuses, the groups
 * alone, and the suites alone unless these were seen to be what had run out */
static void
enumerate_version(struct mh_tls_end *end, const char *kind, int index, bool has_groups)
{
	int less = has_groups ? LESS_SUITES : LESS_BOTH;
	bool is_first = true;
	while (less != LESS_DONE) {
		bool is_fresh = round_of(end, kind, index, less);
		if (end->is_waiting || end->stopped != MH_STOP_NONE)
			return;
		if (!is_fresh && less == LESS_GROUPS && is_first)
			less = LESS_SUITES;
		else if (!is_fresh)
			less = less == LESS_BOTH ? LESS_GROUPS : LESS_DONE;
		is_first = !is_fresh;
	}
}

void
mh_tls_enumerate(struct mh_tls_end *end)
{
	bool has_groups = end->versions[5] == MH_TRI_YES;
	if (has_groups)
		enumerate_version(end, "all13", 5, false);
	if (end->versions[4] != MH_TRI_NO)
		enumerate_version(end, "all12", 4, has_groups);
	if (end->versions[3] == MH_TRI_YES)
		enumerate_version(end, "all11", 3, true);
	if (end->versions[2] == MH_TRI_YES)
		enumerate_version(end, "all10", 2, true);
	end->is_enumerated = !end->is_waiting && end->stopped == MH_STOP_NONE;
}
