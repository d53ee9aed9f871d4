/* chain_report.c - what is found of certificates, in the words of findings and of JSON */
#include "chain_report.h"

#include "fact.h"
#include "port.h"

#define NAMES_SHOWN 5

void
mh_put_date(struct mh_buf *out, int64_t when)
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

/* ------------------------------------------------------------------ findings */

static void
say(const struct mh_chain_teller *teller, int number, struct mh_str evidence)
{
	const struct mh_cert *leaf = mh_certs_at(teller->chain, 0);
	struct mh_buf *out = teller->detail;
	const struct mh_finding_arg key = { "key", mh_str_z(mh_cert_key_name(leaf->key)), 0 };
	int severity = teller->is_moot && number != MH_F_CERT_WEAK_KEY ? MH_SEV_INFO : 0;
	if (teller->has_two) {
		mh_buf_puts(out, out->len > 0 ? " " : "");
		mh_buf_puts(out, "This is the certificate with the ");
		mh_buf_puts(out, leaf->key == MH_CERT_KEY_RSA ? "RSA" : "ECDSA");
		mh_buf_puts(out, " key: only clients that choose it are concerned.");
	}
	teller->add(teller->arg, number, evidence, severity, &key, 1);
}

static void
say_dates(const struct mh_chain_teller *teller)
{
	const struct mh_cert *leaf = mh_certs_at(teller->chain, 0);
	const struct mh_judgement *j = teller->judgement;
	struct mh_buf *out = teller->detail;
	if (j->is_expired) {
		mh_buf_puts(out, "It expired on ");
		mh_put_date(out, leaf->not_after);
		mh_buf_puts(out, ", ");
		mh_buf_putint(out, -j->days_left);
		mh_buf_puts(out, " days ago.");
		say(teller, MH_F_CERT_EXPIRED, leaf->subject);
	} else if (j->is_early) {
		mh_buf_puts(out, "Its first day is ");
		mh_put_date(out, leaf->not_before);
		mh_buf_putc(out, '.');
		say(teller, MH_F_CERT_NOT_YET_VALID, leaf->subject);
	} else if (j->expires_soon) {
		mh_buf_puts(out, "Its last day is ");
		mh_put_date(out, leaf->not_after);
		mh_buf_puts(out, ", in ");
		mh_buf_putint(out, j->days_left);
		mh_buf_puts(out, " days.");
		say(teller, MH_F_CERT_EXPIRES_SOON, leaf->subject);
	}
	if (j->expired_intermediate >= 0)
		say(teller, MH_F_CERT_INTERMEDIATE_EXPIRED,
		    mh_certs_at(teller->chain, (unsigned)j->expired_intermediate)->subject);
}

/* put_names - of the reference identifiers, the first ones */
static void
put_names(struct mh_buf *out, const struct mh_chain_teller *teller)
{
	for (unsigned i = 0; i < teller->names_count && i < NAMES_SHOWN; i++) {
		mh_buf_puts(out, i > 0 ? " or " : "");
		mh_buf_putstr(out, teller->names[i]);
	}
}

static void
say_names(const struct mh_chain_teller *teller)
{
	const struct mh_cert *leaf = mh_certs_at(teller->chain, 0);
	const struct mh_judgement *j = teller->judgement;
	struct mh_buf *out = teller->detail;
	if (!j->has_name)
		return;
	if (j->by_common_name) {
		say(teller, MH_F_CERT_NO_ALTERNATIVE_NAME, leaf->common_name);
		return;
	}
	if (j->name_matches)
		return;
	mh_buf_puts(out, "It is for ");
	for (unsigned i = 0; i < leaf->names_count && i < NAMES_SHOWN; i++) {
		mh_buf_puts(out, i > 0 ? ", " : "");
		mh_buf_putstr(out, leaf->names[i]);
	}
	if (leaf->names_count == 0)
		mh_buf_putstr(out, leaf->common_name.len > 0 ? leaf->common_name : MH_STR("no name"));
	mh_buf_puts(out, ", and not for ");
	put_names(out, teller);
	mh_buf_putc(out, '.');
	say(teller, MH_F_CERT_NAME_MISMATCH, leaf->names_count > 0 ? leaf->names[0] : leaf->subject);
}

static void
say_path(const struct mh_chain_teller *teller)
{
	const struct mh_cert *leaf = mh_certs_at(teller->chain, 0);
	const struct mh_judgement *j = teller->judgement;
	struct mh_buf *out = teller->detail;
	if (j->is_self_signed) {
		say(teller, MH_F_CERT_SELF_SIGNED, leaf->subject);
	} else if (j->is_incomplete) {
		mh_buf_puts(out, "The certificate of its issuer is not sent: ");
		mh_buf_putstr(out, j->missing_issuer);
		if (j->missing_url.len > 0) {
			mh_buf_puts(out, ". It can be had from ");
			mh_buf_putstr(out, j->missing_url);
		}
		mh_buf_putc(out, '.');
		say(teller, MH_F_CERT_CHAIN_INCOMPLETE, leaf->subject);
	} else if (j->is_untrusted) {
		say(teller, MH_F_CERT_UNTRUSTED_ISSUER, leaf->issuer);
	}
	if (j->is_out_of_order || j->root_is_sent) {
		mh_buf_puts(out,
		    j->is_out_of_order ? "They are not in order"
				       : "The root is sent as well, which nobody needs");
		mh_buf_puts(out,
		    j->is_out_of_order && j->root_is_sent ? ", and the root is sent as well." : ".");
		/* A root too many harms nobody; it costs octets. */
		int severity = j->is_out_of_order ? 0 : MH_SEV_INFO;
		teller->add(teller->arg, MH_F_CERT_CHAIN_ORDER, leaf->subject, severity, NULL, 0);
	}
	if (j->unrelated >= 0)
		say(teller, MH_F_CERT_UNRELATED_SENT,
		    mh_certs_at(teller->chain, (unsigned)j->unrelated)->subject);
}

static void
say_keys(const struct mh_chain_teller *teller)
{
	const struct mh_cert *leaf = mh_certs_at(teller->chain, 0);
	const struct mh_judgement *j = teller->judgement;
	struct mh_buf *out = teller->detail;
	if (j->weak_key >= 0) {
		const struct mh_cert *cert = mh_certs_at(teller->chain, (unsigned)j->weak_key);
		mh_buf_puts(out, "The key has ");
		mh_buf_putint(out, cert->bits);
		mh_buf_puts(out, " bits.");
		say(teller, MH_F_CERT_WEAK_KEY, cert->subject);
	}
	if (j->weak_signature >= 0) {
		const struct mh_cert *cert = mh_certs_at(teller->chain, (unsigned)j->weak_signature);
		mh_buf_puts(out, "It is signed with ");
		mh_buf_putstr(out, cert->signature);
		mh_buf_putc(out, '.');
		say(teller, MH_F_CERT_WEAK_SIGNATURE, cert->subject);
	}
	if (j->key_is_uncommon && !teller->has_two)
		say(teller, MH_F_CERT_KEY_TYPE_UNCOMMON, mh_str_z(mh_cert_key_name(leaf->key)));
	if (j->wrong_purpose)
		say(teller, MH_F_CERT_WRONG_PURPOSE, leaf->subject);
	if (j->lacks_staple)
		say(teller, MH_F_CERT_MUST_STAPLE_MISSING, leaf->subject);
	if (j->is_revoked) {
		mh_buf_puts(out,
		    j->staple == MH_STAPLE_UNPROVEN
			? "Who signed that could not be checked, as the issuer's certificate is not there."
			: "");
		say(teller, MH_F_CERT_STAPLE_REVOKED, leaf->subject);
	} else if (j->staple_is_bad) {
		mh_buf_puts(out, mh_staple_why_text(j->staple_why));
		say(teller, MH_F_CERT_STAPLE_BAD, leaf->subject);
	}
}

void
mh_chain_tell(const struct mh_chain_teller *teller)
{
	say_dates(teller);
	say_names(teller);
	say_path(teller);
	say_keys(teller);
}

/* ------------------------------------------------------------- TLSA records */

bool
mh_dane_tell_mismatch(const struct mh_dane_teller *teller, int number, const struct mh_cert *leaf)
{
	struct mh_buf text, detail;
	mh_buf_init(&text, teller->mem, 256);
	mh_buf_init(&detail, teller->mem, 512);
	mh_tlsa_of(leaf, true, &text);
	struct mh_fix fix = { .name = teller->base, .type = MH_RR_TLSA };
	fix.add[0] = mh_buf_str(&text);
	mh_buf_puts(&detail, "The record that would match: ");
	mh_buf_putstr(&detail, fix.add[0]);
	struct mh_finding_more more = { .check = "dane",
		.fixes = &fix,
		.fixes_count = teller->base.len > 0 ? 1 : 0,
		.detail = mh_buf_str(&detail) };
	bool good = !text.bad && !detail.bad &&
	    mh_report_add_more(teller->report, number, teller->subject, fix.add[0], -1, -1, &more) == 0;
	mh_buf_free(&detail);
	mh_buf_free(&text);
	return good;
}

bool
mh_dane_tell_outranked(const struct mh_dane_teller *teller, const struct mh_tlsa *records, int by)
{
	struct mh_buf text;
	mh_buf_init(&text, teller->mem, 512);
	mh_tlsa_print(&text, &records[by], MH_TLSA_SHORT);
	struct mh_fix fix = { .name = teller->base, .type = MH_RR_TLSA };
	fix.remove[0] = mh_buf_str(&text);
	struct mh_finding_more more = { .check = "dane",
		.fixes = &fix,
		.fixes_count = teller->base.len > 0 ? 1 : 0,
		.detail = MH_STR("Another record matches, and is not looked at: of records with the same "
				 "usage and selector "
				 "senders use those with the strongest digest alone, and this one, SHA-512, "
				 "does not match. "
				 "Remove it, or publish it for this certificate.") };
	bool good = !text.bad &&
	    mh_report_add_more(teller->report, MH_F_DANE_MISMATCH, teller->subject, fix.remove[0], -1, -1,
		&more) == 0;
	mh_buf_free(&text);
	return good;
}

/* ----------------------------------------------------------------------- JSON */

void
mh_json_hex(struct mh_json *json, const char *key, const void *octets, size_t len, const struct mh_mem *mem)
{
	struct mh_buf text;
	mh_buf_init(&text, mem, 256);
	mh_buf_puthex(&text, octets, len < 64 ? len : 64);
	json->out->bad = json->out->bad || text.bad;
	mh_json_put_str(json, key, mh_buf_str(&text));
	mh_buf_free(&text);
}

void
mh_json_time(struct mh_json *json, const char *key, int64_t when, const struct mh_mem *mem)
{
	struct mh_buf text;
	int64_t second = (when % 86400 + 86400) % 86400;
	int64_t parts[] = { second / 3600, second / 60 % 60, second % 60 };
	mh_buf_init(&text, mem, 64);
	mh_put_date(&text, when);
	for (int i = 0; i < 3; i++) {
		mh_buf_putc(&text, "T::"[i]);
		mh_buf_putc(&text, (char)('0' + parts[i] / 10));
		mh_buf_putc(&text, (char)('0' + parts[i] % 10));
	}
	mh_buf_putc(&text, 'Z');
	json->out->bad = json->out->bad || text.bad;
	mh_json_put_str(json, key, mh_buf_str(&text));
	mh_buf_free(&text);
}

const char *
mh_chain_word(const struct mh_judgement *j)
{
	if (!j->is_readable)
		return "unreadable";
	if (j->is_self_signed)
		return "self-signed";
	if (!j->is_trust_known)
		return "unknown";
	return j->is_incomplete ? "incomplete"
	    : j->is_untrusted   ? "untrusted"
	    : j->is_trusted     ? "ok"
				: "invalid";
}

void
mh_cert_json(struct mh_json *json, const struct mh_cert *cert, const int64_t *days_left,
    const struct mh_mem *mem)
{
	mh_json_put_strz(json, "key", mh_cert_key_name(cert->key));
	mh_json_put_int(json, "bits", cert->bits);
	mh_json_put_str(json, "subject", cert->subject);
	mh_json_put_str(json, "issuer", cert->issuer);
	mh_json_key(json, "names");
	mh_json_open(json, '[');
	for (unsigned i = 0; i < cert->names_count; i++)
		mh_json_str(json, cert->names[i]);
	mh_json_close(json, ']');
	mh_json_time(json, "not_before", cert->not_before, mem);
	mh_json_time(json, "not_after", cert->not_after, mem);
	if (days_left != NULL) {
		mh_json_key(json, "days_left");
		mh_json_int(json, *days_left);
	}
	mh_json_put_str(json, "signature", cert->signature);
	mh_json_hex(json, "sha256", cert->sha256, 32, mem);
	mh_json_hex(json, "spki_sha256", cert->spki_sha256, 32, mem);
}

void
mh_checks_json(struct mh_json *json, const struct mh_report *report, const char *const *ids, size_t count,
    struct mh_str name)
{
	mh_json_key(json, "checks");
	mh_json_open(json, '[');
	for (size_t k = 0; k < count; k++) {
		mh_json_open(json, '{');
		mh_json_put_strz(json, "id", ids[k]);
		mh_json_put_strz(json, "health", mh_report_health(report, ids[k]));
		mh_json_put_str(json, "name", name);
		mh_json_key(json, "findings");
		mh_json_open(json, '[');
		for (size_t i = 0; i < mh_report_size(report); i++) {
			const struct mh_finding *finding = mh_report_at(report, i);
			if (strcmp(finding->check, ids[k]) == 0)
				mh_json_strz(json, finding->kind->id);
		}
		mh_json_close(json, ']');
		mh_json_close(json, '}');
	}
	mh_json_close(json, ']');
}
