/* tls_judge.c - the certificates of an endpoint, judged: PKIX, names, TLSA
 *
 * At most two chains, the RSA and the ECDSA one; or the one that is given to be
 * judged in their place.
 */
#include "tls_report.h"

#include "port.h"

#define DERS_MAX MH_CERTS_MAX

struct mh_certs *
mh_tls_read_chain(const struct mh_tls_check *check, const struct mh_seen *seen)
{
	struct mh_str ders[DERS_MAX];
	unsigned count = 0;
	size_t at = 0;
	bool is_bad = false;
	while (count < DERS_MAX) {
		struct mh_str der = mh_certificate_next(seen->certificate, seen->hello.version == MH_TLS13,
		    &at, NULL, &is_bad);
		if (der.p == NULL)
			break;
		ders[count++] = der;
	}
	return mh_certs_read(check->ossl, &check->mem, ders, count);
}

/* seen_at - the time to judge by: that of the check, which is of its beginning.  A certificate whose first second lies
 * within the time that the check may take was made while it ran (Exim makes itself one when it has none), and was
 * valid when it was shown. */
static int64_t
seen_at(const struct mh_tls_end *end, const struct mh_seen *seen, const struct mh_cert *leaf)
{
	int64_t now = end->check->now;
	if (seen == NULL || leaf == NULL || leaf->not_before <= now)
		return now;
	return leaf->not_before - now <= end->limit_ms / 1000 + 1 ? leaf->not_before : now;
}

/* add_chain - one more, judged; false: no memory */
static bool
add_chain(struct mh_tls_end *end, const struct mh_seen *seen, struct mh_certs *read,
    const struct mh_tls_tlsa *tlsa)
{
	const struct mh_tls_check *check = end->check;
	struct mh_tls_chain *chain = &end->chains[end->chains_count];
	*chain = (struct mh_tls_chain){ .seen = seen, .chain = read };
	if (read == NULL)
		return false;
	end->chains_count++;
	const struct mh_cert *leaf = mh_certs_at(read, 0);
	chain->key = leaf == NULL                                              ? MH_AUTH_ANY
	    : leaf->key == MH_CERT_KEY_RSA || leaf->key == MH_CERT_KEY_RSA_PSS ? MH_AUTH_RSA
	    : leaf->key == MH_CERT_KEY_ECDSA                                   ? MH_AUTH_ECDSA
									       : MH_AUTH_ANY;
	chain->is_read = leaf != NULL;
	struct mh_str name = end->host->name;
	int64_t at = seen_at(end, seen, leaf);
	if (!mh_certs_judge(read, check->anchors, name, at, seen != NULL ? seen->staple : MH_STR(""),
		&chain->judgement))
		return false;
	if (check->certificate.len > 0)
		chain->judgement.lacks_staple = false; /* no server is seen with it */
	if (tlsa->count == 0 || leaf == NULL)
		return true;
	chain->has_dane = true;
	struct mh_tlsa usable[MH_TLS_TLSA_MAX];
	unsigned count = 0;
	for (unsigned i = 0; i < tlsa->count; i++) {
		usable[count] = tlsa->records[i];
		if (tlsa->is_bad[i])
			usable[count] = (struct mh_tlsa){ .usage = 255, .data = MH_STR("") };
		count++;
	}
	/* A CA's record (usage 2) is for the name of the host, where its alias leads, and the domain whose mail goes
	 * there (RFC 7672 3.2.2). */
	const struct mh_str names[] = { name, tlsa->target, check->domain };
	struct mh_str given[MH_COUNT(names)];
	unsigned names_count = 0;
	for (size_t i = 0; i < MH_COUNT(names); i++)
		if (names[i].len > 0 || i == 0)
			given[names_count++] = names[i];
	const struct mh_dane_question question = { .records = usable,
		.count = count,
		.names = given,
		.names_count = names_count,
		.for_mail = true,
		.at = at };
	return mh_dane_judge(read, &question, &chain->dane);
}

/* is_same - whether both show the same certificate */
static bool
is_same(const struct mh_tls_end *end)
{
	const struct mh_cert *a = mh_certs_at(end->chains[0].chain, 0),
			     *b = mh_certs_at(end->chains[1].chain, 0);
	return a != NULL && b != NULL && mh_str_eq(a->der, b->der);
}

bool
mh_tls_judge(struct mh_tls_end *end, const struct mh_tls_tlsa *tlsa)
{
	const struct mh_seen *sources[2] = { end->looks.first, end->looks.other };
	const struct mh_tls_check *check = end->check;
	if (check->certificate.len > 0)
		return add_chain(end, NULL, mh_certs_read_pem(check->ossl, &check->mem, check->certificate),
		    tlsa);
	for (int i = 0; i < 2; i++) {
		if (sources[i] == NULL || sources[i]->certificate.len == 0)
			continue;
		if (!add_chain(end, sources[i], mh_tls_read_chain(check, sources[i]), tlsa))
			return false;
	}
	if (end->chains_count == 2 && is_same(end)) {
		mh_certs_free(end->chains[1].chain);
		end->chains_count = 1;
	}
	return true;
}

/* ------------------------------------------------------------------ findings */

/* say_default - the certificate of those who send no name is another one */
static void
say_default(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	const struct mh_seen *bare = end->looks.nosni;
	struct mh_judgement judgement;
	if (bare == NULL || bare->certificate.len == 0 || end->check->certificate.len > 0)
		return;
	struct mh_certs *chain = mh_tls_read_chain(end->check, bare);
	const struct mh_cert *leaf = chain != NULL ? mh_certs_at(chain, 0) : NULL;
	bool is_known = false;
	for (unsigned i = 0; i < end->chains_count && leaf != NULL; i++) {
		const struct mh_cert *own = mh_certs_at(end->chains[i].chain, 0);
		is_known = is_known || (own != NULL && mh_str_eq(own->der, leaf->der));
	}
	if (chain == NULL) {
		teller->is_bad = true;
	} else if (leaf != NULL && !is_known &&
	    mh_certs_judge(chain, NULL, end->host->name, end->check->now, MH_STR(""), &judgement) &&
	    !judgement.name_matches && end->chains_count > 0 && end->chains[0].judgement.name_matches) {
		mh_buf_puts(&teller->detail, "Without a name the certificate is for ");
		mh_buf_putstr(&teller->detail, leaf->names_count > 0 ? leaf->names[0] : leaf->subject);
		mh_buf_putc(&teller->detail, '.');
		mh_tls_add(teller, MH_F_TLS_SNI_DEFAULT_DIFFERS,
		    leaf->names_count > 0 ? leaf->names[0] : leaf->subject, 0, NULL, 0);
	}
	mh_certs_free(chain);
}

static void
add_finding(void *arg, int number, struct mh_str evidence, int severity, const struct mh_finding_arg *args,
    size_t args_count)
{
	mh_tls_add(arg, number, evidence, severity, args, args_count);
}

void
mh_tls_add_certificates(struct mh_tls_teller *teller)
{
	const struct mh_str name = teller->end->host->name;
	const struct mh_tls_end *end = teller->end;
	bool is_secure = teller->tlsa->secure == MH_SECURE_YES && !mh_tls_is_demanding(end->host);
	bool has_rsa = false;

	for (unsigned i = 0; i < end->chains_count; i++) {
		const struct mh_tls_chain *chain = &end->chains[i];
		has_rsa = has_rsa || chain->key == MH_AUTH_RSA;
		if (!chain->is_read) {
			mh_tls_add(teller, MH_F_CERT_UNREADABLE, MH_STR(""), 0, NULL, 0);
			continue;
		}
		const struct mh_chain_teller of_chain = { .chain = chain->chain,
			.judgement = &chain->judgement,
			.names = &name,
			.names_count = 1,
			.has_two = end->chains_count > 1,
			.is_moot = is_secure && chain->has_dane && chain->dane.is_valid,
			.detail = &teller->detail,
			.add = add_finding,
			.arg = teller };
		mh_chain_tell(&of_chain);
	}
	if (end->chains_count == 1 && end->chains[0].key == MH_AUTH_ECDSA && end->looks.other != NULL &&
	    !has_rsa)
		mh_tls_add(teller, MH_F_TLS_ECDSA_ONLY, MH_STR("ecdsa"), 0, NULL, 0);
	say_default(teller);
}

/* ---------------------------------------------------------------------- DANE */

/* add_with_record - a finding about one record; *evidence is put together in room */
static void
add_with_record(struct mh_tls_teller *teller, int number, const struct mh_tlsa *record)
{
	struct mh_buf room;
	mh_buf_init(&room, &teller->end->check->mem, 512);
	mh_tlsa_print(&room, record, MH_TLSA_SHORT);
	mh_tls_add(teller, number, mh_buf_str(&room), 0, NULL, 0);
	mh_buf_free(&room);
}

/* told - where findings about TLSA records go */
static struct mh_dane_teller
told(const struct mh_tls_teller *teller)
{
	return (struct mh_dane_teller){ .report = teller->report,
		.mem = &teller->end->check->mem,
		.subject = teller->subject,
		.base = teller->tlsa->base };
}

/* add_mismatch - DANE has failed: the record that would do */
static void
add_mismatch(struct mh_tls_teller *teller, int number)
{
	const struct mh_dane_teller to = told(teller);
	if (!mh_dane_tell_mismatch(&to, number, mh_certs_at(teller->end->chains[0].chain, 0)))
		teller->is_bad = true;
}

/* add_outranked - a record matches, and another of the same usage and selector with a stronger digest does not: that
 * one alone is looked at (RFC 7671 9).  Whether there is such a one. */
static bool
add_outranked(struct mh_tls_teller *teller)
{
	const struct mh_tls_tlsa *tlsa = teller->tlsa;
	const struct mh_dane_teller to = told(teller);
	int by = -1;
	for (unsigned i = 0; i < tlsa->count && by < 0; i++)
		by = mh_dane_outranks(&teller->end->chains[0].dane, tlsa->records, i);
	if (by < 0)
		return false;
	if (!mh_dane_tell_outranked(&to, tlsa->records, by))
		teller->is_bad = true;
	return true;
}

/* add_records - what is wrong with single records, by all chains of all endpoints */
static void
add_records(struct mh_tls_teller *teller)
{
	const struct mh_tls_tlsa *tlsa = teller->tlsa;
	const struct mh_tls_end *end = teller->end;
	bool any = false, all = true, any_usable = false, not_sent = false;
	for (unsigned k = 0; k < end->chains_count; k++) {
		any = any || end->chains[k].dane.is_valid;
		all = all && end->chains[k].dane.is_valid;
		any_usable = any_usable || end->chains[k].dane.usable > 0;
	}
	for (unsigned i = 0; i < tlsa->count; i++) {
		bool matches = false;
		int why = MH_DANE_NO_REASON;
		for (unsigned k = 0; k < end->chains_count; k++) {
			matches = matches || end->chains[k].dane.records[i].state == MH_DANE_MATCH;
			why = end->chains[k].dane.records[i].why;
		}
		if (matches)
			continue;
		if (why == MH_DANE_USAGE)
			add_with_record(teller, MH_F_DANE_USAGE_0_1, &tlsa->records[i]);
		else if (tlsa->is_bad[i] || why == MH_DANE_UNKNOWN_KIND || why == MH_DANE_LENGTH)
			add_with_record(teller, MH_F_DANE_SYNTAX, &tlsa->records[i]);
		else if (any)
			add_with_record(teller, MH_F_DANE_STALE_RECORD, &tlsa->records[i]);
		not_sent = not_sent || why == MH_DANE_NOT_SENT;
	}
	if (!any_usable)
		mh_tls_add(teller, MH_F_DANE_UNUSABLE_ONLY, MH_STR(""), 0, NULL, 0);
	else if (!any && !add_outranked(teller))
		add_mismatch(teller, not_sent ? MH_F_DANE_TA_NOT_SENT : MH_F_DANE_MISMATCH);
	else if (any && !all)
		add_mismatch(teller, MH_F_DANE_PARTIAL);
	else if (any && tlsa->count == 1 && tlsa->records[0].usage == 3)
		mh_tls_add(teller, MH_F_DANE_NO_ROLLOVER, MH_STR(""), 0, NULL, 0);
}

void
mh_tls_add_dane(struct mh_tls_teller *teller, const struct mh_tls_host *host)
{
	const struct mh_tls_tlsa *tlsa = host->tlsa;
	struct mh_finding_more more = { .check = "dane" };
	teller->subject = tlsa->base.len > 0 ? tlsa->base : host->name;
	if (tlsa->state == MH_FACT_UNKNOWN) {
		more.is_unknown = tlsa->secure != MH_SECURE_BOGUS && tlsa->why != MH_WHY_BOGUS;
		more.detail = mh_str_z(mh_why_text(tlsa->why));
		if (mh_report_add_more(teller->report, more.is_unknown ? MH_F_DNS_UNKNOWN : MH_F_DANE_BOGUS,
			teller->subject, MH_STR(""), -1, -1, &more) != 0)
			teller->is_bad = true;
		return;
	}
	if (tlsa->count == 0)
		return;
	if (tlsa->secure == MH_SECURE_NO) {
		if (tlsa->is_by_address)
			more.detail =
			    MH_STR("The addresses of the host are in a zone that is not signed, so that "
				   "senders do not look for the records.");
		if (mh_report_add_more(teller->report, MH_F_DANE_INSECURE, teller->subject, MH_STR(""), -1,
			-1, &more) != 0)
			teller->is_bad = true;
		return;
	}
	for (int i = 0; i < host->count; i++) {
		teller->end = &host->ends[i];
		if (teller->end->chains_count > 0)
			add_records(teller);
		else if (teller->end->cause != 0 && teller->end->stopped == MH_STOP_NONE &&
		    tlsa->secure == MH_SECURE_YES)
			mh_tls_add(teller, MH_F_DANE_WITHOUT_STARTTLS, MH_STR(""), 0, NULL, 0);
	}
}

struct mh_report *
mh_tls_check_report(struct mh_tls_check *check, struct mh_pass *view)
{
	struct mh_tls_result result;
	struct mh_report *report = NULL;
	if (mh_tls_result_make(check, view, &result))
		report = mh_tls_report(check, view, &result);
	mh_tls_result_free(&result);
	return report;
}
