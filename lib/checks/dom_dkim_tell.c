/* dom_dkim_tell.c - what is told of the keys that were found, and of those that were not
 *
 * RFC 6376 3.6.2, RFC 8020
 */
#include "dom_dkim_own.h"

#include "error.h"

#define ELSEWHERE 2 /* names where a key is looked for that is not where it should be */
#define OLD_YEARS 3 /* since the year in a selector's name, after which its key is called old */

/* ------------------------------------------------------------------ missing */

/* elsewhere - where a key ends up that was entered wrongly: with the domain twice, or without _domainkey;
 * len 0: none */
static struct mh_str
elsewhere(struct mh_dom_dkim *dkim, const struct mh_dom_selector *at, unsigned i)
{
	struct mh_str name = i == 0 ? mh_name_below(dkim->look->pass->arena, at->name, dkim->domain)
				    : mh_name_below(dkim->look->pass->arena, at->selector, dkim->domain);
	if (name.p == NULL)
		mh_dom_dkim_no_memory(dkim);
	return name;
}

void
mh_dom_dkim_want_elsewhere(struct mh_dom_dkim *dkim)
{
	for (unsigned i = 0; i < dkim->count; i++) {
		const struct mh_dom_selector *at = &dkim->at[i];
		for (unsigned k = 0; at->is_given && at->key == NULL && k < ELSEWHERE; k++) {
			struct mh_str name = elsewhere(dkim, at, k);
			if (name.len > 0 && mh_fact_is_absent(at->fact))
				(void)mh_want(dkim->look->pass, name, MH_RR_TXT);
		}
	}
}

/* tell_moved - whether a key stands elsewhere; said, with the fix that moves it */
static bool
say_moved(struct mh_dom_dkim *dkim, struct mh_tell *tell, const struct mh_dom_selector *at)
{
	for (unsigned k = 0; mh_fact_is_absent(at->fact) && k < ELSEWHERE; k++) {
		struct mh_str name = elsewhere(dkim, at, k);
		const struct mh_fact *fact =
		    name.len > 0 ? mh_known(dkim->look->pass, name, MH_RR_TXT) : NULL;
		const struct mh_dkim_key *key = fact != NULL ? mh_dom_dkim_key(dkim, fact, name) : NULL;
		if (key == NULL || !key->is_usable)
			continue;
		mh_say(tell, "A key stands at ");
		mh_say_str(tell, name);
		mh_say(tell,
		    k == 0 ? ", where nobody looks: panels add the domain by themselves, so that it is there "
			     "twice."
			   : ", where nobody looks: _domainkey is missing in the name.");
		if (fact->count == 1) {
			mh_fix_remove(tell, mh_tell_fix(tell, name, MH_RR_TXT, fact), fact, 0);
			mh_fix_add_txt(tell, mh_tell_fix(tell, at->name, MH_RR_TXT, NULL), key->text);
		}
		return true;
	}
	return false;
}

/* say_found - which selectors have keys, where a given one has none */
static void
say_found(struct mh_dom_dkim *dkim, struct mh_tell *tell)
{
	unsigned said = 0;
	for (unsigned i = 0; i < dkim->count && said < 8; i++) {
		const struct mh_dom_selector *at = &dkim->at[i];
		if (at->key == NULL || !at->key->is_usable || !at->is_found)
			continue;
		mh_say(tell, said++ == 0 ? " There are keys at: " : ", ");
		mh_say_str(tell, at->selector);
	}
	if (said > 0)
		mh_say(tell, ".");
}

/* has_any - whether anything at all was found below _domainkey, whatever the server says of that name
 * itself */
static bool
has_any(const struct mh_dom_dkim *dkim)
{
	bool is_there = mh_fact_is_present(dkim->at_probe);
	for (unsigned i = 0; i < dkim->count; i++)
		is_there |= mh_fact_is_present(dkim->at[i].fact) || dkim->at[i].fact->is_alias;
	return is_there;
}

/* fix_own - the key that belongs to the given private key, in place of record i (-1: of none) */
static void
fix_own(struct mh_tell *tell, const struct mh_dom_selector *at, int i, const struct mh_dkim_public *own)
{
	struct mh_str record = mh_dkim_key_of(tell->arena, own);
	if (record.p == NULL)
		tell->bad = true;
	else
		mh_tell_fix_txt(tell, at->name, at->fact, i, record);
}

static void
tell_missing(struct mh_dom_dkim *dkim, struct mh_tell *tell, const struct mh_dom_selector *at,
    const struct mh_dkim_public *own)
{
	bool is_moved = say_moved(dkim, tell, at);

	if (is_moved) {
		/* said */
	} else if (mh_fact_is_present(at->fact)) {
		mh_say(tell,
		    mh_dom_dkim_is_wildcard(dkim, at->fact)
			? "What stands there is the answer of a wildcard record, and no DKIM key."
			: "The TXT record that stands there is no DKIM key.");
	} else if (at->fact->is_alias) {
		mh_say(tell, "The name is an alias of ");
		mh_say_str(tell, at->fact->canonical);
		mh_say(tell, ", and there is no TXT record.");
	} else if (dkim->at_apex->state == MH_FACT_NXDOMAIN && !has_any(dkim)) {
		mh_say(tell, "There is nothing below ");
		mh_say_str(tell, dkim->apex);
		mh_say(tell, " at all: no selector has a key.");
	} else {
		mh_say(tell, "There is no TXT record.");
	}
	if (!is_moved)
		say_found(dkim, tell);
	/* Which of several selectors the private key is for is not known. */
	if (!is_moved && own->content != MH_DKIM_NOTHING && mh_fact_is_absent(at->fact) && dkim->given == 1)
		fix_own(tell, at, -1, own);
	mh_tell(tell, MH_F_DKIM_KEY_MISSING,
	    mh_fact_is_present(at->fact) ? mh_dom_dkim_text(dkim, at->fact, 0) : MH_STR(""));
}

/* ---------------------------------------------------------------- selectors */

/* tell_delegated - whose key it is */
static void
tell_delegated(struct mh_tell *tell, const struct mh_fact *fact)
{
	const struct mh_dkim_provider *provider = mh_dkim_provider_of(fact->canonical);

	mh_say(tell, "It is an alias of ");
	mh_say_str(tell, fact->canonical);
	if (provider != NULL) {
		mh_say(tell, ", which belongs to ");
		mh_say(tell, provider->title);
		mh_tell_arg_str(tell, "provider", mh_str_z(provider->name));
	}
	mh_say(tell, ".");
	mh_tell_arg_str(tell, "target", fact->canonical);
	mh_tell(tell, MH_F_DKIM_DELEGATED, fact->canonical);
}

/* tell_revoked - of a selector that nobody gave: it is what is left of a change of keys, and hurts nobody
 * as long as
 * there is another */
static void
tell_revoked(struct mh_dom_dkim *dkim, struct mh_tell *tell, const struct mh_dom_selector *at)
{
	bool has_other = false;
	for (unsigned i = 0; i < dkim->count; i++)
		has_other |= dkim->at[i].is_found && dkim->at[i].key->is_usable;
	mh_say(tell,
	    has_other ? "Another selector has a key that can be used."
		      : "No other key was found; the server may sign with a selector that was not guessed.");
	tell->severity = has_other ? MH_SEV_INFO : MH_SEV_WARN;
	mh_tell(tell, MH_F_DKIM_KEY_REVOKED, at->key->text);
}

/* year_in - a year in a selector's name, alone or before a month and a day ("2016", "x-20161025"); 0: none */
static int64_t
year_in(struct mh_str selector)
{
	for (size_t i = 0, end; i < selector.len; i = end) {
		end = i + 1;
		if (!mh_is_digit(selector.p[i]))
			continue;
		while (end < selector.len && mh_is_digit(selector.p[end]))
			end++;
		int64_t year = end - i >= 4 ? mh_str_int(mh_str_n(selector.p + i, 4), 2099) : -1;
		if (year >= 2004 && (end - i == 4 || end - i == 6 || end - i == 8))
			return year;
	}
	return 0;
}

/* tell_old - the name of the selector says that its key has been there for years */
static void
tell_old(struct mh_dom_dkim *dkim, struct mh_tell *tell, const struct mh_dom_selector *at)
{
	/* How old a key is cannot be seen; many name selectors after the day when it was made. */
	int64_t now = dkim->look->check->now, year = year_in(at->selector);
	int64_t this_year = now >= 0 && now < INT64_C(250000000000) ? 1970 + now / 31556952 : 0;

	if (year == 0 || year + OLD_YEARS > this_year || at->key == NULL || !at->key->is_usable)
		return;
	mh_say(tell, "The selector has the year ");
	mh_say_int(tell, year);
	mh_say(tell, " in its name.");
	mh_tell_arg_int(tell, "year", year);
	mh_tell(tell, MH_F_DKIM_KEY_OLD, at->selector);
}

/* expected - the record that was meant, where it is alone and cannot be used; p NULL: there is none */
static struct mh_str
expected(struct mh_dom_dkim *dkim, const struct mh_dom_selector *at)
{
	struct mh_str none = { NULL, 0 };
	if (at->key->is_usable || at->fact->count != 1)
		return none;
	struct mh_str mended = mh_dkim_key_mend(dkim->look->pass->arena, at->key->text, false);
	if (mended.p == NULL)
		mh_dom_dkim_no_memory(dkim);
	return mended.len > 0 ? mended : none;
}

static void
tell_selector(struct mh_dom_dkim *dkim, const struct mh_dom_selector *at, const struct mh_dkim_public *own)
{
	struct mh_domain_row *row = mh_look_row(dkim->look, "dkim", at->name, MH_RR_TXT, at->fact);
	struct mh_tell tell;

	if (row != NULL && at->key != NULL) {
		row->is_shown = mh_dkim_is_key;
		row->expected = expected(dkim, at);
	}
	mh_look_tell(dkim->look, &tell, "dkim", at->name);
	if (at->fact->state == MH_FACT_UNKNOWN)
		mh_tell_unknown(&tell, at->fact);
	else if (at->key == NULL)
		tell_missing(dkim, &tell, at, own);
	else if (at->key->is_revoked && at->key->is_valid && !at->is_given)
		tell_revoked(dkim, &tell, at);
	else
		(void)mh_dkim_key_lint(&tell, at->fact);
	if (at->key != NULL && at->fact->is_alias)
		tell_delegated(&tell, at->fact);
	else
		tell_old(dkim, &tell, at);
	mh_look_told(dkim->look, &tell);
}

/* tell_wildcard - a name that nobody has made has a record */
static void
tell_wildcard(struct mh_dom_dkim *dkim)
{
	const struct mh_dkim_key *key = mh_dom_dkim_key(dkim, dkim->at_probe, dkim->probe);
	struct mh_tell tell;

	/* A revoked key for all selectors is how a domain says that none counts. */
	if (!mh_fact_is_present(dkim->at_probe) || (key != NULL && key->is_revoked))
		return;
	mh_look_tell(dkim->look, &tell, "dkim", dkim->probe);
	if (key == NULL) {
		mh_say(&tell,
		    "It is no DKIM key; a wildcard record for something else answers below _domainkey, too.");
		tell.severity = MH_SEV_INFO;
	}
	mh_tell(&tell, MH_F_DKIM_WILDCARD, mh_dom_dkim_text(dkim, dkim->at_probe, 0));
	mh_look_told(dkim->look, &tell);
}

/* -------------------------------------------------------------- all of them */

bool
mh_dom_dkim_may_send(struct mh_dom_dkim *dkim)
{
	struct mh_pass *pass = dkim->look->pass;
	struct mh_domain_role role = mh_domain_role(pass, dkim->domain);
	const struct mh_fact *txt = mh_known(pass, dkim->domain, MH_RR_TXT);
	bool has_spf = false;

	for (size_t i = 0; txt != NULL && i < txt->count; i++)
		has_spf |= mh_spf_is_record(mh_dom_dkim_text(dkim, txt, i));
	if (!role.is_known)
		return false;
	return dkim->look->check->ip.family != 0 || ((role.has_mx || has_spf) && !role.sends_nothing);
}

/* tell_none - nothing was found by guessing */
static void
tell_none(struct mh_dom_dkim *dkim)
{
	struct mh_domain_row *row = mh_look_row(dkim->look, "dkim", dkim->apex, MH_RR_TXT, dkim->at_apex);
	const struct mh_fact *unknown =
	    dkim->at_apex->state == MH_FACT_UNKNOWN ? dkim->at_apex : dkim->unknown;
	bool is_due = mh_dom_dkim_may_send(dkim);
	struct mh_tell tell;

	if (row != NULL)
		row->is_skipped = !is_due && unknown == NULL;
	mh_look_tell(dkim->look, &tell, "dkim", dkim->apex);
	if (unknown != NULL) {
		if (dkim->unknown_count > 1) {
			mh_say(&tell, "So it was with ");
			mh_say_int(&tell, dkim->unknown_count);
			mh_say(&tell, " of the usual selectors.");
		}
		mh_tell_unknown(&tell, unknown);
	} else if (is_due) {
		/* RFC 8020: below a name that does not exist is nothing.  Servers that answer NODATA for whatever does
		 * not exist are known by the name that nobody has made. */
		if (dkim->at_apex->state == MH_FACT_NXDOMAIN) {
			mh_say(&tell, "There is nothing below this name, so no selector has a key.");
		} else if (dkim->at_probe->state == MH_FACT_NXDOMAIN) {
			mh_say(&tell,
			    "There is at least one selector below this name that is not among those that "
			    "were "
			    "tried.");
			tell.severity = MH_SEV_INFO;
		} else {
			mh_say(&tell, "There may be selectors that are not among those that were tried.");
		}
		mh_tell(&tell, MH_F_DKIM_NONE_FOUND, MH_STR(""));
	}
	mh_look_told(dkim->look, &tell);
}

/* tell_ed25519_only - nothing else was found, and nothing is unknown */
static void
tell_ed25519_only(struct mh_dom_dkim *dkim)
{
	unsigned keys = 0;
	bool is_so = dkim->unknown == NULL;
	struct mh_tell tell;

	for (unsigned i = 0; i < dkim->count; i++) {
		const struct mh_dom_selector *at = &dkim->at[i];
		is_so &= !at->is_given || at->fact->state != MH_FACT_UNKNOWN;
		if (!at->is_found || at->key->is_revoked)
			continue;
		keys++;
		is_so &= at->key->is_usable && at->key->algorithm == MH_DKIM_ED25519;
	}
	if (!is_so || keys == 0)
		return;
	mh_look_tell(dkim->look, &tell, "dkim", dkim->domain);
	mh_tell_arg_int(&tell, "keys", keys);
	mh_tell(&tell, MH_F_DKIM_ED25519_ONLY, MH_STR(""));
	mh_look_told(dkim->look, &tell);
}

/* ------------------------------------------------------------- private key */

/* read_private - the public part of the given private key; NOTHING: none was given, or it was told that it
 * cannot be read */
static void
read_private(struct mh_dom_dkim *dkim, struct mh_dkim_public *own)
{
	struct mh_str pem = dkim->look->check->private_key;
	struct mh_tell tell;

	*own = (struct mh_dkim_public){ .content = MH_DKIM_NOTHING };
	if (pem.len == 0)
		return;
	int state = mh_dkim_private_read(dkim->look->pass->arena, pem, dkim->look->check->tls.ossl, own);
	if (state == MH_DKIM_PRIVATE_READ)
		return;
	if (state == MH_DKIM_PRIVATE_NO_MEMORY) {
		mh_dom_dkim_no_memory(dkim);
		return;
	}
	mh_look_tell(dkim->look, &tell, "dkim", dkim->domain);
	mh_say(&tell,
	    state == MH_DKIM_PRIVATE_ENCRYPTED       ? "It is encrypted."
		: state == MH_DKIM_PRIVATE_IS_PUBLIC ? "It is a public key."
						     : "It is no RSA or Ed25519 key in PEM.");
	mh_tell(&tell, MH_F_DKIM_PRIVATE_UNREAD, MH_STR(""));
	mh_look_told(dkim->look, &tell);
}

/* tell_mismatch - none of the given selectors has the other half of the private key */
static void
tell_mismatch(struct mh_dom_dkim *dkim, const struct mh_dkim_public *own)
{
	const struct mh_dom_selector *first = NULL;
	unsigned keys = 0;
	struct mh_tell tell;

	for (unsigned i = 0; i < dkim->count; i++) {
		const struct mh_dom_selector *at = &dkim->at[i];
		if (!at->is_given)
			continue;
		if (at->fact->state == MH_FACT_UNKNOWN)
			return;
		if (at->key == NULL)
			continue;
		if (mh_dkim_public_same(&at->key->key, own))
			return;
		/* What cannot be read is told as such, and says nothing about the private key. */
		if (!mh_dkim_public_is_rsa(&at->key->key) && !mh_dkim_public_is_ed25519(&at->key->key))
			return;
		first = first != NULL ? first : at;
		keys++;
	}
	if (first == NULL)
		return;
	mh_look_tell(dkim->look, &tell, "dkim", first->name);
	mh_say(&tell, "The private key is ");
	mh_say(&tell, mh_dkim_public_is_rsa(own) ? "an RSA key of " : "an Ed25519 key of ");
	mh_say_int(&tell, own->bits);
	mh_say(&tell, " bits, the published one ");
	mh_say(&tell, mh_dkim_public_is_rsa(&first->key->key) ? "RSA of " : "Ed25519 of ");
	mh_say_int(&tell, first->key->key.bits);
	mh_say(&tell, keys > 1 ? " bits; none of the selectors has the other half." : " bits.");
	/* Where the record is mended otherwise, too, two fixes of it would make two records. */
	bool is_plain =
	    first->key->is_usable && !first->key->is_testing && first->key->key.content != MH_DKIM_RSA_PKCS1;
	if (keys == 1 && first->fact->count == 1 && is_plain)
		fix_own(&tell, first, 0, own);
	mh_tell(&tell, MH_F_DKIM_KEY_MISMATCH, first->key->text);
	mh_look_told(dkim->look, &tell);
}

/* -------------------------------------------------------------------- telling */

void
mh_dom_dkim_tell(struct mh_dom_dkim *dkim)
{
	struct mh_dkim_public own;

	read_private(dkim, &own);
	for (unsigned i = 0; i < dkim->count; i++)
		if (dkim->at[i].is_given || dkim->at[i].is_found)
			tell_selector(dkim, &dkim->at[i], &own);
	if (own.content != MH_DKIM_NOTHING)
		tell_mismatch(dkim, &own);
	tell_wildcard(dkim);
	if (dkim->look->check->guesses_selectors && dkim->given == 0 && dkim->found == 0)
		tell_none(dkim);
	tell_ed25519_only(dkim);
}
