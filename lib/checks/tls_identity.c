/* tls_identity.c - see tls_identity.h */
#include "tls_identity.h"

#include "error.h"
#include "port.h"
#include "tls_report.h"

#define PTR_MAX 10 /* names of an address that are looked at (as of RFC 7208 4.6.4) */

/* name_of_greeting - the word behind the code: "220 mx.example.org ESMTP", "220-mx..." */
static struct mh_str
name_of_greeting(struct mh_str line)
{
	if (line.len < 5 || !mh_str_istarts(line, MH_STR("220")) || (line.p[3] != ' ' && line.p[3] != '-'))
		return MH_STR("");
	struct mh_cur cur = mh_cur_of(line.p + 4, line.len - 4);
	return mh_cur_until(&cur, " \t");
}

/* is_full_name - one that DNS can be asked for: at least two labels, and no address */
static bool
is_full_name(struct mh_str word)
{
	struct mh_ip ip;
	if (word.len > 0 && word.p[word.len - 1] == '.')
		word.len--;
	return word.len > 0 && memchr(word.p, '.', word.len) != NULL && mh_name_valid(word) &&
	    !mh_ip_parse(word, &ip);
}

/* leads_to - whether an A or AAAA record of the name has the address: MH_TRI_*; *is_waiting: not answered yet */
static uint8_t
leads_to(struct mh_pass *pass, struct mh_str name, const struct mh_ip *ip, bool *is_waiting)
{
	char canonical[MH_DNAME_TEXT_MAX];
	size_t len = mh_dname_canonical(name, canonical);
	const struct mh_fact *fact =
	    len == 0 ? NULL : mh_want(pass, mh_str_n(canonical, len), ip->family == 4 ? MH_RR_A : MH_RR_AAAA);
	struct mh_ip found;
	if (fact == NULL) {
		*is_waiting = *is_waiting || len > 0;
		return MH_TRI_UNKNOWN;
	}
	for (size_t i = 0; i < fact->count; i++)
		if (mh_rr_ip(fact, i, &found) && found.family == ip->family &&
		    memcmp(found.octets, ip->octets, ip->family == 4 ? 4 : 16) == 0)
			return MH_TRI_YES;
	return fact->state == MH_FACT_UNKNOWN ? MH_TRI_UNKNOWN : MH_TRI_NO;
}

/* read_reverse - the PTR records, and whether one of them leads back */
static void
read_reverse(const struct mh_tls_end *end, struct mh_tls_identity *identity, bool *is_waiting)
{
	char name[MH_DNAME_TEXT_MAX];
	bool is_unknown = false;
	const struct mh_fact *fact =
	    mh_want(end->pass, mh_str_n(name, mh_dname_reverse(&end->ip, name)), MH_RR_PTR);
	if (fact == NULL) {
		*is_waiting = true;
		return;
	}
	if (fact->state == MH_FACT_UNKNOWN)
		return;
	identity->reverse = fact->count > 0 ? MH_TRI_YES : MH_TRI_NO;
	for (size_t i = 0; i < fact->count && i < PTR_MAX; i++) {
		size_t len = mh_rr_name(fact, i, name, NULL);
		if (i == 0) {
			char *kept = mh_arena_alloc(end->pass->arena, len + 1);
			if (kept == NULL) {
				end->pass->error = MH_ERR_ENOMEM;
				return;
			}
			memcpy(kept, name, len);
			identity->ptr = mh_str_n(kept, len);
		}
		uint8_t leads = leads_to(end->pass, mh_str_n(name, len), &end->ip, is_waiting);
		is_unknown = is_unknown || leads == MH_TRI_UNKNOWN;
		if (leads == MH_TRI_YES)
			identity->confirmed = MH_TRI_YES;
	}
	if (identity->confirmed != MH_TRI_YES && !is_unknown)
		identity->confirmed = MH_TRI_NO;
}

bool
mh_tls_identity_read(const struct mh_tls_end *end, struct mh_tls_identity *identity)
{
	const struct mh_seen *first = end->looks.first;
	bool is_waiting = false;
	*identity = (struct mh_tls_identity){ .is_seen = false };
	identity->greeting = identity->hello = identity->name = identity->ptr = MH_STR("");
	if (first == NULL || first->greeting.len == 0 || end->host->mode != MH_MODE_SMTP ||
	    end->ip.family == 0 || !end->check->looks_up_names)
		return true;
	identity->greeting = name_of_greeting(first->greeting);
	identity->is_seen = identity->greeting.len > 0;
	if (!identity->is_seen)
		return true;
	identity->hello = first->outside.is_known ? first->outside.name : MH_STR("");
	if (is_full_name(identity->hello))
		identity->name = identity->hello;
	else if (is_full_name(identity->greeting))
		identity->name = identity->greeting;
	if (identity->name.len > 0)
		identity->forward = leads_to(end->pass, identity->name, &end->ip, &is_waiting);
	read_reverse(end, identity, &is_waiting);
	return !is_waiting && end->pass->error == 0;
}

/* ----------------------------------------------------------------- findings */

static void
put_ip(struct mh_buf *out, const struct mh_tls_end *end)
{
	char ip[MH_IP_TEXT_MAX];
	mh_ip_print(&end->ip, ip);
	mh_buf_puts(out, ip);
}

void
mh_tls_identity_add(struct mh_tls_teller *teller)
{
	struct mh_tls_identity identity;
	struct mh_buf *out = &teller->detail;
	if (!mh_tls_identity_read(teller->end, &identity)) {
		teller->is_bad = true;
		return;
	}
	if (!identity.is_seen)
		return;
	struct mh_str word = identity.hello.len > 0 ? identity.hello : identity.greeting;
	if (identity.name.len == 0 && word.len > 0)
		mh_tls_add(teller, MH_F_SMTP_NAME_LITERAL, word, 0, NULL, 0);
	if (identity.forward == MH_TRI_NO) {
		mh_printable(out, identity.name, 255);
		mh_buf_puts(out, " does not lead to ");
		put_ip(out, teller->end);
		mh_buf_putc(out, '.');
		mh_tls_add(teller, MH_F_SMTP_NAME_MISMATCH, identity.name, 0, NULL, 0);
	}
	if (identity.reverse == MH_TRI_NO || identity.confirmed == MH_TRI_NO) {
		put_ip(out, teller->end);
		mh_buf_puts(out, identity.reverse == MH_TRI_NO ? " has no PTR record." : " leads to ");
		if (identity.reverse == MH_TRI_YES) {
			mh_buf_putstr(out, identity.ptr);
			mh_buf_puts(out, ", which does not lead back.");
		}
		mh_tls_add(teller, MH_F_SMTP_NO_REVERSE, identity.ptr, 0, NULL, 0);
	}
}

void
mh_tls_identity_json(struct mh_json *json, const struct mh_tls_end *end)
{
	static const char *const tri[] = { "unknown", "yes", "no" };
	static const char *const keys[] = { "greeting", "ehlo", "ptr" };
	struct mh_tls_identity identity;
	mh_json_key(json, "identity");
	if (!mh_tls_identity_read(end, &identity))
		json->out->bad = true;
	if (!identity.is_seen) {
		mh_json_null(json);
		return;
	}
	mh_json_open(json, '{');
	const struct mh_str values[] = { identity.greeting, identity.hello, identity.ptr };
	for (size_t i = 0; i < MH_COUNT(keys); i++) {
		mh_json_key(json, keys[i]);
		mh_json_str(json, values[i]);
	}
	mh_json_key(json, "name_leads_here");
	mh_json_strz(json, tri[identity.forward]);
	mh_json_key(json, "has_ptr");
	mh_json_strz(json, tri[identity.reverse]);
	mh_json_key(json, "ptr_leads_back");
	mh_json_strz(json, tri[identity.confirmed]);
	mh_json_close(json, '}');
}
