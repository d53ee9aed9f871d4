/* dom_dkim.c - section "dkim" of the check "domain": the keys of the given selectors, or of the usual ones
 *
 * Selectors cannot be listed.  Given ones are asked for; without any, the usual ones
 * are, all in one round, with two questions that say what guessing cannot: whether
 * there is anything below _domainkey at all, and whether a name that nobody has made
 * has a record, too.  What MX and SPF hint at is tried in the round behind.
 *
 * Does not: say that a domain has no key, only that none was found; who is parked, or
 * does nothing with mail, is not told even that.
 *
 * RFC 6376 3.6.2, RFC 8020, RFC 8616
 */
#include "dom_dkim_own.h"

#include "alabel.h"
#include "error.h"
#include "port.h"

#define ASKS_MAX 40 /* questions that guessing takes, with the two about all selectors */
#define USUAL_MAX 34 /* of them, selectors of the first round */

void
mh_dom_dkim_no_memory(struct mh_dom_dkim *dkim)
{
	dkim->look->pass->error = MH_ERR_ENOMEM;
	dkim->is_missing = true;
}

struct mh_str
mh_dom_dkim_text(struct mh_dom_dkim *dkim, const struct mh_fact *fact, size_t i)
{
	struct mh_str text = mh_rr_text(fact, i, dkim->look->pass->arena);
	if (text.p != NULL)
		return text;
	if (text.len == 0)
		mh_dom_dkim_no_memory(dkim);
	return MH_STR("");
}

/* ------------------------------------------------------------------- asking */

/* name_of - SELECTOR._domainkey.DOMAIN; len 0: there can be none */
static struct mh_str
name_of(struct mh_dom_dkim *dkim, struct mh_str selector)
{
	if (dkim->apex.len == 0)
		return MH_STR("");
	struct mh_str below = mh_name_below(dkim->look->pass->arena, selector, dkim->apex);
	if (below.p == NULL)
		mh_dom_dkim_no_memory(dkim);
	return below;
}

/* add - asks for a selector, once */
static void
add(struct mh_dom_dkim *dkim, struct mh_str selector, bool is_given)
{
	struct mh_str name = name_of(dkim, selector);

	for (unsigned i = 0; i < dkim->count; i++)
		if (mh_str_eq(dkim->at[i].name, name))
			return;
	if (name.len == 0 || dkim->count == MH_COUNT(dkim->at))
		return;
	struct mh_dom_selector *at = &dkim->at[dkim->count++];
	*at = (struct mh_dom_selector){ .selector = selector, .name = name, .is_given = is_given };
	at->fact = mh_want(dkim->look->pass, name, MH_RR_TXT);
	dkim->given += is_given;
	dkim->is_missing |= at->fact == NULL;
}

/* add_given - as people give it: perhaps with _domainkey and the domain behind it, perhaps with U-labels
 * (RFC 8616 5) */
static void
add_given(struct mh_dom_dkim *dkim, struct mh_str given)
{
	static const struct mh_str middle = MH_STR_INIT("._domainkey");
	struct mh_str name = mh_alabel_name(dkim->look->pass->arena, mh_str_trim(given));

	if (name.p == NULL) {
		mh_dom_dkim_no_memory(dkim);
		return;
	}
	for (size_t i = 1; i + middle.len <= name.len; i++) {
		size_t end = i + middle.len;
		if (mh_str_ieq(mh_str_n(name.p + i, middle.len), middle) &&
		    (end == name.len || name.p[end] == '.'))
			name.len = i;
	}
	char *lower = mh_arena_alloc(dkim->look->pass->arena, name.len + 1);
	if (lower == NULL) {
		mh_dom_dkim_no_memory(dkim);
		return;
	}
	for (size_t i = 0; i < name.len; i++)
		lower[i] = mh_lower(name.p[i]);
	if (name.len > 0 && lower[name.len - 1] == '.')
		name.len--;
	add(dkim, mh_str_n(lower, name.len), true);
}

/* hint - the selectors of whoever a host of MX or SPF belongs to */
static void
hint(struct mh_dom_dkim *dkim, struct mh_str name, struct mh_dkim_guesses *guesses)
{
	char canonical[MH_DNAME_TEXT_MAX];
	size_t len = mh_dname_canonical(name, canonical);
	int provider = len > 0 ? mh_dkim_provider_hinted(mh_str_n(canonical, len)) : -1;

	if (provider >= 0 &&
	    !mh_dkim_guesses_of(dkim->look->pass->arena, (unsigned)provider, dkim->look->check->now,
		ASKS_MAX - 2, guesses))
		mh_dom_dkim_no_memory(dkim);
}

/* hint_by_spf - by the names behind include: and redirect= */
static void
hint_by_spf(struct mh_dom_dkim *dkim, struct mh_str record, struct mh_dkim_guesses *guesses)
{
	struct mh_cur cur = mh_cur_of(record.p, record.len);
	static const struct mh_str words[] = { MH_STR_INIT("include:"), MH_STR_INIT("redirect="),
		MH_STR_INIT("?include:"), MH_STR_INIT("~include:"), MH_STR_INIT("+include:") };

	while (mh_cur_left(&cur) > 0) {
		struct mh_str term = mh_cur_until(&cur, " ");
		mh_cur_spaces(&cur);
		for (size_t i = 0; i < MH_COUNT(words); i++)
			if (mh_str_istarts(term, words[i]))
				hint(dkim, mh_str_n(term.p + words[i].len, term.len - words[i].len), guesses);
	}
}

/* add_hinted - what MX and SPF say, once they are known */
static void
add_hinted(struct mh_dom_dkim *dkim, struct mh_dkim_guesses *guesses)
{
	struct mh_pass *pass = dkim->look->pass;
	const struct mh_fact *mx = mh_want(pass, dkim->domain, MH_RR_MX);
	const struct mh_fact *txt = mh_want(pass, dkim->domain, MH_RR_TXT);
	char name[MH_DNAME_TEXT_MAX];

	if (mx == NULL || txt == NULL) {
		dkim->is_missing = true;
		return;
	}
	for (size_t i = 0; i < mx->count && i < 16; i++) {
		size_t len = mh_rr_name(mx, i, name, NULL);
		if (len > 0)
			hint(dkim, mh_str_n(name, len), guesses);
	}
	for (size_t i = 0; i < txt->count && i < 64; i++) {
		struct mh_str text = mh_dom_dkim_text(dkim, txt, i);
		if (mh_spf_is_record(text))
			hint_by_spf(dkim, text, guesses);
	}
}

static void
add_guesses(struct mh_dom_dkim *dkim)
{
	struct mh_dkim_guesses guesses;
	unsigned first = dkim->count;

	if (!mh_dkim_guesses_usual(dkim->look->pass->arena, dkim->look->check->now, USUAL_MAX, &guesses)) {
		mh_dom_dkim_no_memory(dkim);
		return;
	}
	for (unsigned i = 0; i < guesses.count; i++)
		add(dkim, guesses.selectors[i], false);
	add_hinted(dkim, &guesses);
	for (unsigned i = 0; i < guesses.count && dkim->count - first < ASKS_MAX - 2; i++)
		add(dkim, guesses.selectors[i], false);
}

/* same_records - whether two answers have the same records in any order */
static bool
same_records(const struct mh_fact *a, const struct mh_fact *b)
{
	if (a->count != b->count || a->count > 64)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		bool is_there = false;
		for (size_t k = 0; k < b->count && !is_there; k++)
			is_there =
			    a->rr[i].len == b->rr[k].len && memcmp(a->rr[i].p, b->rr[k].p, a->rr[i].len) == 0;
		if (!is_there)
			return false;
	}
	return true;
}

const struct mh_dkim_key *
mh_dom_dkim_key(struct mh_dom_dkim *dkim, const struct mh_fact *fact, struct mh_str name)
{
	struct mh_tell silent;

	mh_tell_begin(&silent, dkim->look->pass->arena, NULL, "dkim", name);
	const struct mh_dkim_key *key = mh_fact_is_present(fact) ? mh_dkim_key_lint(&silent, fact) : NULL;
	if (mh_tell_end(&silent) != MH_ERR_OK)
		mh_dom_dkim_no_memory(dkim);
	return key;
}

bool
mh_dom_dkim_is_wildcard(const struct mh_dom_dkim *dkim, const struct mh_fact *fact)
{
	return dkim->at_probe != NULL && mh_fact_is_present(dkim->at_probe) &&
	    same_records(dkim->at_probe, fact);
}

/* read_all - which selectors have keys, once all facts are there */
static void
read_all(struct mh_dom_dkim *dkim)
{
	for (unsigned i = 0; i < dkim->count; i++) {
		struct mh_dom_selector *at = &dkim->at[i];
		if (at->fact->state == MH_FACT_UNKNOWN && !at->is_given) {
			dkim->unknown = dkim->unknown != NULL ? dkim->unknown : at->fact;
			dkim->unknown_count++;
		}
		at->key = mh_dom_dkim_key(dkim, at->fact, at->name);
		at->is_found = at->key != NULL && (at->is_given || !mh_dom_dkim_is_wildcard(dkim, at->fact));
		dkim->found += at->is_found && !at->is_given;
	}
	/* A key that every selector has is one that can be found. */
	if (dkim->given == 0 && dkim->count < MH_COUNT(dkim->at) && mh_fact_is_present(dkim->at_probe)) {
		struct mh_dom_selector *at = &dkim->at[dkim->count];
		*at = (struct mh_dom_selector){ .selector = MH_STR("*"),
			.name = dkim->probe,
			.fact = dkim->at_probe };
		at->key = mh_dom_dkim_key(dkim, at->fact, at->name);
		at->is_found = at->key != NULL && !at->key->is_revoked;
		dkim->found += at->is_found;
		dkim->count++;
	}
}

/* gather - all that is asked; false: wait, or there is no memory or nothing to ask */
static bool
gather(struct mh_look *look, struct mh_dom_dkim *dkim)
{
	const struct mh_domain_check *check = look->check;

	memset(dkim, 0, sizeof(*dkim));
	dkim->look = look;
	dkim->domain = check->domain;
	dkim->apex = mh_name_below(look->pass->arena, MH_STR("_domainkey"), check->domain);
	if (dkim->apex.p == NULL)
		mh_dom_dkim_no_memory(dkim);
	dkim->probe = name_of(dkim, MH_STR("mailhealth-no-such-selector"));
	if (dkim->probe.len == 0)
		return false;
	for (unsigned i = 0; i < check->selectors_count; i++)
		add_given(dkim, check->selectors[i]);
	dkim->at_apex = mh_want(look->pass, dkim->apex, MH_RR_TXT);
	dkim->at_probe = mh_want(look->pass, dkim->probe, MH_RR_TXT);
	if (check->guesses_selectors)
		add_guesses(dkim);
	if (dkim->is_missing || dkim->at_apex == NULL || dkim->at_probe == NULL)
		return false;
	read_all(dkim);
	return look->pass->error == MH_ERR_OK;
}

/* ---------------------------------------------------------------- the section */

void
mh_dom_dkim(struct mh_look *look)
{
	struct mh_dom_dkim *dkim = mh_arena_alloc(look->pass->arena, sizeof(*dkim));

	if (dkim == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	if (!gather(look, dkim))
		return;
	mh_dom_dkim_want_elsewhere(dkim);
	if (look->check->guesses_selectors && dkim->given == 0)
		(void)mh_dom_dkim_may_send(dkim);
	if (look->report == NULL)
		return;
	mh_dom_dkim_tell(dkim);
}

/* --------------------------------------------------------------------- JSON */

static void
write_list(struct mh_json *json, const char *name, const struct mh_tag *tag)
{
	struct mh_cur cur = mh_cur_of(tag != NULL ? tag->value.p : "", tag != NULL ? tag->value.len : 0);
	struct mh_str entry;

	mh_json_key(json, name);
	mh_json_open(json, '[');
	while (mh_dkim_next(&cur, &entry))
		mh_json_str(json, entry);
	mh_json_close(json, ']');
}

static void
write_selector(struct mh_json *json, const struct mh_dom_dkim *dkim, const struct mh_dom_selector *at)
{
	const struct mh_dkim_key *key = at->key;
	const struct mh_dkim_provider *provider =
	    at->fact->is_alias ? mh_dkim_provider_of(at->fact->canonical) : NULL;
	bool is_rsa = key != NULL && mh_dkim_public_is_rsa(&key->key);
	bool is_ed25519 = key != NULL && mh_dkim_public_is_ed25519(&key->key);

	mh_json_open(json, '{');
	mh_json_put_str(json, "selector", at->selector);
	mh_json_put_str(json, "domain", dkim->domain);
	mh_json_put_strz(json, "state",
	    at->fact->state == MH_FACT_UNKNOWN ? "unknown"
		: key != NULL                  ? "present"
					       : "absent");
	mh_json_put_strz(json, "key", is_rsa ? "rsa" : is_ed25519 ? "ed25519" : "");
	mh_json_put_int(json, "bits", is_rsa || is_ed25519 ? (int64_t)key->key.bits : -1);
	mh_json_put_strz(json, "provider", provider != NULL ? provider->name : "");
	mh_json_put_str(json, "alias_of", at->fact->is_alias ? at->fact->canonical : MH_STR(""));
	mh_json_put_bool(json, "guessed", !at->is_given);
	mh_json_put_bool(json, "usable", key != NULL && key->is_usable);
	mh_json_put_bool(json, "revoked", key != NULL && key->is_revoked);
	write_list(json, "hashes", key != NULL ? key->h : NULL);
	write_list(json, "flags", key != NULL ? key->t : NULL);
	write_list(json, "services", key != NULL ? key->s : NULL);
	mh_json_close(json, '}');
}

void
mh_dom_dkim_json(struct mh_look *look)
{
	struct mh_dom_dkim *dkim = mh_arena_alloc(look->pass->arena, sizeof(*dkim));

	if (dkim == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return;
	}
	mh_json_key(look->json, "dkim");
	mh_json_open(look->json, '[');
	if (gather(look, dkim))
		for (unsigned i = 0; i < dkim->count; i++)
			if (dkim->at[i].is_given || dkim->at[i].is_found)
				write_selector(look->json, dkim, &dkim->at[i]);
	mh_json_close(look->json, ']');
}
