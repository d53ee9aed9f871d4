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
	struct mh_str name = mh_tls_check_name(check);
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
	const struct mh_dane_question question = { .records = usable,
		.count = count,
		.names = &name,
		.names_count = 1,
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

void
mh_tls_put_date(struct mh_buf *out, int64_t when)
{
	int64_t days = (when >= 0 ? when : when - 86399) / 86400 + 719468;
	int64_t era = days / 146097, of_era = days - era * 146097;
	int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted = (5 * of_year + 2) / 153, month = shifted < 10 ? shifted + 3 : shifted - 9;
	int64_t day = of_year - (153 * shifted + 2) / 5 + 1;
	mh_buf_putint(out, year_of_era + era * 400 + (month <= 2 ? 1 : 0));
	mh_buf_puts(out, month < 10 ? "-0" : "-");
	mh_buf_putint(out, month);
	mh_buf_puts(out, day < 10 ? "-0" : "-");
	mh_buf_putint(out, day);
}

struct said {
	struct mh_tls_teller *teller;
	const struct mh_tls_chain *chain;
	const struct mh_cert *leaf;
	bool has_two;
	bool is_moot; /* TLSA records vouch for it, so nobody on port 25 looks at the rest */
};

static void
say(struct said *said, int number, struct mh_str evidence)
{
	struct mh_buf *out = &said->teller->detail;
	const struct mh_finding_arg key = { "key", mh_str_z(mh_cert_key_name(said->leaf->key)), 0 };
	int severity = said->is_moot && number != MH_F_CERT_WEAK_KEY ? MH_SEV_INFO : 0;
	if (said->has_two) {
		mh_buf_puts(out, out->len > 0 ? " " : "");
		mh_buf_puts(out, "This is the certificate with the ");
		mh_buf_puts(out, said->leaf->key == MH_CERT_KEY_RSA ? "RSA" : "ECDSA");
		mh_buf_puts(out, " key: only clients that choose it are concerned.");
	}
	mh_tls_add(said->teller, number, evidence, severity, &key, 1);
}

static void
say_dates(struct said *said)
{
	const struct mh_judgement *j = &said->chain->judgement;
	struct mh_buf *out = &said->teller->detail;
	if (j->is_expired) {
		mh_buf_puts(out, "It expired on ");
		mh_tls_put_date(out, said->leaf->not_after);
		mh_buf_puts(out, ", ");
		mh_buf_putint(out, -j->days_left);
		mh_buf_puts(out, " days ago.");
		say(said, MH_F_CERT_EXPIRED, said->leaf->subject);
	} else if (j->is_early) {
		mh_buf_puts(out, "Its first day is ");
		mh_tls_put_date(out, said->leaf->not_before);
		mh_buf_putc(out, '.');
		say(said, MH_F_CERT_NOT_YET_VALID, said->leaf->subject);
	} else if (j->expires_soon) {
		mh_buf_puts(out, "Its last day is ");
		mh_tls_put_date(out, said->leaf->not_after);
		mh_buf_puts(out, ", in ");
		mh_buf_putint(out, j->days_left);
		mh_buf_puts(out, " days.");
		say(said, MH_F_CERT_EXPIRES_SOON, said->leaf->subject);
	}
	if (j->expired_intermediate >= 0)
		say(said, MH_F_CERT_INTERMEDIATE_EXPIRED,
		    mh_certs_at(said->chain->chain, (unsigned)j->expired_intermediate)->subject);
}

static void
say_names(struct said *said)
{
	const struct mh_judgement *j = &said->chain->judgement;
	struct mh_buf *out = &said->teller->detail;
	if (!j->has_name)
		return;
	if (j->by_common_name) {
		say(said, MH_F_CERT_NO_ALTERNATIVE_NAME, said->leaf->common_name);
		return;
	}
	if (j->name_matches)
		return;
	mh_buf_puts(out, "It is for ");
	for (unsigned i = 0; i < said->leaf->names_count && i < 5; i++) {
		mh_buf_puts(out, i > 0 ? ", " : "");
		mh_buf_putstr(out, said->leaf->names[i]);
	}
	if (said->leaf->names_count == 0)
		mh_buf_putstr(out,
		    said->leaf->common_name.len > 0 ? said->leaf->common_name : MH_STR("no name"));
	mh_buf_puts(out, ", and not for ");
	mh_buf_putstr(out, mh_tls_check_name(said->teller->end->check));
	mh_buf_putc(out, '.');
	say(said, MH_F_CERT_NAME_MISMATCH,
	    said->leaf->names_count > 0 ? said->leaf->names[0] : said->leaf->subject);
}

static void
say_path(struct said *said)
{
	const struct mh_judgement *j = &said->chain->judgement;
	struct mh_buf *out = &said->teller->detail;
	if (j->is_self_signed) {
		say(said, MH_F_CERT_SELF_SIGNED, said->leaf->subject);
	} else if (j->is_incomplete) {
		mh_buf_puts(out, "The certificate of its issuer is not sent: ");
		mh_buf_putstr(out, j->missing_issuer);
		if (j->missing_url.len > 0) {
			mh_buf_puts(out, ". It can be had from ");
			mh_buf_putstr(out, j->missing_url);
		}
		mh_buf_putc(out, '.');
		say(said, MH_F_CERT_CHAIN_INCOMPLETE, said->leaf->subject);
	} else if (j->is_untrusted) {
		say(said, MH_F_CERT_UNTRUSTED_ISSUER, said->leaf->issuer);
	}
	if (j->is_out_of_order || j->root_is_sent) {
		mh_buf_puts(out,
		    j->is_out_of_order ? "They are not in order"
				       : "The root is sent as well, which nobody needs");
		mh_buf_puts(out,
		    j->is_out_of_order && j->root_is_sent ? ", and the root is sent as well." : ".");
		/* A root too many harms nobody; it costs octets. */
		int severity = j->is_out_of_order ? 0 : MH_SEV_INFO;
		mh_tls_add(said->teller, MH_F_CERT_CHAIN_ORDER, said->leaf->subject, severity, NULL, 0);
	}
	if (j->unrelated >= 0)
		say(said, MH_F_CERT_UNRELATED_SENT,
		    mh_certs_at(said->chain->chain, (unsigned)j->unrelated)->subject);
}

static void
say_keys(struct said *said)
{
	const struct mh_judgement *j = &said->chain->judgement;
	struct mh_buf *out = &said->teller->detail;
	if (j->weak_key >= 0) {
		const struct mh_cert *cert = mh_certs_at(said->chain->chain, (unsigned)j->weak_key);
		mh_buf_puts(out, "The key has ");
		mh_buf_putint(out, cert->bits);
		mh_buf_puts(out, " bits.");
		say(said, MH_F_CERT_WEAK_KEY, cert->subject);
	}
	if (j->weak_signature >= 0) {
		const struct mh_cert *cert = mh_certs_at(said->chain->chain, (unsigned)j->weak_signature);
		mh_buf_puts(out, "It is signed with ");
		mh_buf_putstr(out, cert->signature);
		mh_buf_putc(out, '.');
		say(said, MH_F_CERT_WEAK_SIGNATURE, cert->subject);
	}
	if (j->key_is_uncommon && !said->has_two)
		say(said, MH_F_CERT_KEY_TYPE_UNCOMMON, mh_str_z(mh_cert_key_name(said->leaf->key)));
	if (j->wrong_purpose)
		say(said, MH_F_CERT_WRONG_PURPOSE, said->leaf->subject);
	if (j->lacks_staple)
		say(said, MH_F_CERT_MUST_STAPLE_MISSING, said->leaf->subject);
	if (j->is_revoked) {
		mh_buf_puts(out,
		    j->staple == MH_STAPLE_UNPROVEN
			? "Who signed that could not be checked, as the issuer's certificate is not there."
			: "");
		say(said, MH_F_CERT_STAPLE_REVOKED, said->leaf->subject);
	} else if (j->staple_is_bad) {
		mh_buf_puts(out, mh_staple_why_text(j->staple_why));
		say(said, MH_F_CERT_STAPLE_BAD, said->leaf->subject);
	}
}

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
	    mh_certs_judge(chain, NULL, mh_tls_check_name(end->check), end->check->now, MH_STR(""),
		&judgement) &&
	    !judgement.name_matches && end->chains_count > 0 && end->chains[0].judgement.name_matches) {
		mh_buf_puts(&teller->detail, "Without a name the certificate is for ");
		mh_buf_putstr(&teller->detail, leaf->names_count > 0 ? leaf->names[0] : leaf->subject);
		mh_buf_putc(&teller->detail, '.');
		mh_tls_add(teller, MH_F_TLS_SNI_DEFAULT_DIFFERS,
		    leaf->names_count > 0 ? leaf->names[0] : leaf->subject, 0, NULL, 0);
	}
	mh_certs_free(chain);
}

void
mh_tls_add_certificates(struct mh_tls_teller *teller)
{
	const struct mh_tls_end *end = teller->end;
	bool is_secure = teller->tlsa->secure == MH_SECURE_YES && !mh_tls_check_is_demanding(end->check);
	bool has_rsa = false;

	for (unsigned i = 0; i < end->chains_count; i++) {
		const struct mh_tls_chain *chain = &end->chains[i];
		struct said said = { .teller = teller, .chain = chain, .has_two = end->chains_count > 1 };
		said.leaf = chain->is_read ? mh_certs_at(chain->chain, 0) : NULL;
		has_rsa = has_rsa || chain->key == MH_AUTH_RSA;
		if (said.leaf == NULL) {
			mh_tls_add(teller, MH_F_CERT_UNREADABLE, MH_STR(""), 0, NULL, 0);
			continue;
		}
		said.is_moot = is_secure && chain->has_dane && chain->dane.is_valid;
		say_dates(&said);
		say_names(&said);
		say_path(&said);
		say_keys(&said);
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
	mh_tls_add(teller, number, mh_str_n(mh_buf_z(&room), room.len), 0, NULL, 0);
	mh_buf_free(&room);
}

/* add_mismatch - DANE has failed: the record that would do */
static void
add_mismatch(struct mh_tls_teller *teller, int number)
{
	const struct mh_cert *leaf = mh_certs_at(teller->end->chains[0].chain, 0);
	struct mh_buf text;
	mh_buf_init(&text, &teller->end->check->mem, 256);
	mh_tlsa_of(leaf, true, &text);
	struct mh_fix fix = { .name = teller->tlsa->base, .type = MH_RR_TLSA };
	fix.add[0] = mh_str_n(mh_buf_z(&text), text.len);
	struct mh_finding_more more = { .check = "dane",
		.fixes = &fix,
		.fixes_count = teller->tlsa->base.len > 0 ? 1 : 0 };
	mh_buf_puts(&teller->detail, "The record that would match: ");
	mh_buf_putstr(&teller->detail, fix.add[0]);
	more.detail = mh_str_n(mh_buf_z(&teller->detail), teller->detail.len);
	if (text.bad ||
	    mh_report_add_more(teller->report, number, teller->subject, fix.add[0], -1, -1, &more) != 0)
		teller->is_bad = true;
	mh_buf_reset(&teller->detail);
	mh_buf_free(&text);
}

/* add_outranked - a record matches, and another of the same usage and selector with a stronger digest does not: that
 * one alone is looked at (RFC 7671 9).  Whether there is such a one. */
static bool
add_outranked(struct mh_tls_teller *teller)
{
	const struct mh_tls_tlsa *tlsa = teller->tlsa;
	const struct mh_dane_verdict *verdict = &teller->end->chains[0].dane;
	int by = -1;
	for (unsigned i = 0; i < tlsa->count && by < 0; i++)
		by = mh_dane_outranks(verdict, tlsa->records, i);
	if (by < 0)
		return false;
	struct mh_buf text;
	mh_buf_init(&text, &teller->end->check->mem, 512);
	mh_tlsa_print(&text, &tlsa->records[by], MH_TLSA_SHORT);
	struct mh_fix fix = { .name = tlsa->base, .type = MH_RR_TLSA };
	fix.remove[0] = mh_str_n(mh_buf_z(&text), text.len);
	struct mh_finding_more more = { .check = "dane",
		.fixes = &fix,
		.fixes_count = tlsa->base.len > 0 ? 1 : 0,
		.detail = MH_STR(MH_DANE_OUTRANKED_TEXT) };
	if (text.bad ||
	    mh_report_add_more(teller->report, MH_F_DANE_MISMATCH, teller->subject, fix.remove[0], -1, -1,
		&more) != 0)
		teller->is_bad = true;
	mh_buf_free(&text);
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
mh_tls_add_dane(struct mh_tls_teller *teller, const struct mh_tls_check *check,
    const struct mh_tls_result *result)
{
	const struct mh_tls_tlsa *tlsa = &result->tlsa;
	struct mh_finding_more more = { .check = "dane" };
	teller->subject = tlsa->base.len > 0 ? tlsa->base : mh_tls_check_name(check);
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
		if (mh_report_add_more(teller->report, MH_F_DANE_INSECURE, teller->subject, MH_STR(""), -1,
			-1, &more) != 0)
			teller->is_bad = true;
		return;
	}
	for (int i = 0; i < result->count; i++) {
		teller->end = &result->ends[i];
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
