/* dkim_key.c - one DKIM key record, read as RFC 6376 3.6.1 writes it
 *
 * Strict: what the grammar does not allow makes the record one that a verifier
 * does not use.  What the tags say is read all the same, so that others can tell
 * what is wrong.
 */
#include "dkim_key.h"

#include "error.h"
#include "port.h"
#include "record.h"

#define BARE_MIN 40 /* letters of base64 that stand alone and are taken for part of a key */

const char *
mh_dkim_algorithm_name(int algorithm)
{
	static const char *const names[] = { "", "rsa", "ed25519" };
	return algorithm >= 0 && algorithm < (int)MH_COUNT(names) ? names[algorithm] : "";
}

/* is_bare - nothing but letters of base64, and enough of them */
static bool
is_bare(struct mh_str text)
{
	size_t letters = 0;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (mh_is_alnum(c) || c == '+' || c == '/')
			letters++;
		else if (c != '=' && c != '"' && !mh_is_space(c))
			return false;
	}
	return letters >= BARE_MIN;
}

bool
mh_dkim_is_key(struct mh_str text)
{
	struct mh_taglist tags;
	struct mh_str at;

	while (text.len > 0 && (mh_is_space(text.p[0]) || text.p[0] == '"' || text.p[0] == '(')) {
		text.p++;
		text.len--;
	}
	if (mh_str_istarts(text, MH_STR("v=dkim")) || mh_dkim_has_armour(text, &at) || is_bare(text))
		return true;
	/* Others have p= as well: DMARC, and whatever says what it is. */
	mh_taglist_read(&tags, text);
	const struct mh_tag *v = mh_taglist_ifind(&tags, "v"), *k = mh_taglist_ifind(&tags, "k");
	const struct mh_tag *p = mh_taglist_ifind(&tags, "p");
	if (v != NULL && !mh_str_istarts(v->value, MH_STR("dkim")) && v->name.p[0] == 'v')
		return p != NULL && is_bare(p->value);
	return (v != NULL && mh_str_istarts(v->value, MH_STR("dkim"))) || p != NULL ||
	    (k != NULL &&
		(mh_str_istarts(k->value, MH_STR("rsa")) || mh_str_istarts(k->value, MH_STR("ed25519"))));
}

/* ------------------------------------------------------------------ reading */

bool
mh_dkim_next(struct mh_cur *list, struct mh_str *entry)
{
	if (mh_cur_left(list) == 0)
		return false;
	*entry = mh_tag_trim(mh_cur_until(list, ":"));
	if (mh_cur_left(list) > 0)
		(void)mh_cur_u8(list);
	return true;
}

/* is_word - hyphenated-word: ALPHA [ *(ALPHA / DIGIT / "-") (ALPHA / DIGIT) ] (RFC 6376 2.10) */
static bool
is_word(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alpha(s.p[i]) && (i == 0 || (!mh_is_digit(s.p[i]) && s.p[i] != '-')))
			return false;
	return s.len > 0 && s.p[s.len - 1] != '-';
}

/* read_list - calls see with each entry; false: the list is not in the grammar */
static bool
read_list(struct mh_dkim_key *key, const struct mh_tag *tag,
    void (*see)(struct mh_dkim_key *key, struct mh_str entry), bool may_star)
{
	struct mh_cur cur = mh_cur_of(tag->value.p, tag->value.len);
	struct mh_str entry;
	bool is_good = tag->value.len > 0 && tag->value.p[tag->value.len - 1] != ':';

	while (mh_dkim_next(&cur, &entry)) {
		is_good &= is_word(entry) || (may_star && mh_str_eq(entry, MH_STR("*")));
		see(key, entry);
	}
	return is_good;
}

static void
see_hash(struct mh_dkim_key *key, struct mh_str entry)
{
	/* Words of the grammar in any letter case (RFC 5234 2.3). */
	key->takes_sha1 |= mh_str_ieq(entry, MH_STR("sha1"));
	key->takes_sha256 |= mh_str_ieq(entry, MH_STR("sha256"));
}

static void
see_service(struct mh_dkim_key *key, struct mh_str entry)
{
	key->is_for_mail |= mh_str_ieq(entry, MH_STR("email")) || mh_str_eq(entry, MH_STR("*"));
}

static void
see_flag(struct mh_dkim_key *key, struct mh_str entry)
{
	key->is_testing |= mh_str_ieq(entry, MH_STR("y"));
	key->is_strict |= mh_str_ieq(entry, MH_STR("s"));
}

static void
read_lists(struct mh_dkim_key *key)
{
	key->takes_sha1 = key->takes_sha256 = key->h == NULL;
	key->is_for_mail = key->s == NULL;
	key->has_good_lists = true;
	if (key->h != NULL)
		key->has_good_lists &= read_list(key, key->h, see_hash, false);
	if (key->s != NULL)
		key->has_good_lists &= read_list(key, key->s, see_service, true);
	if (key->t != NULL)
		key->has_good_lists &= read_list(key, key->t, see_flag, false);
}

bool
mh_dkim_key_is_content_good(const struct mh_dkim_key *key)
{
	const struct mh_dkim_public *inner = &key->key;
	if (key->base64.fault != MH_BASE64_FINE || inner->is_odd || inner->has == 0)
		return false;
	if (key->algorithm == MH_DKIM_ED25519)
		return inner->content == MH_DKIM_ED25519_RAW;
	return key->algorithm == MH_DKIM_RSA && mh_dkim_public_is_rsa(inner) && inner->has == inner->wants;
}

/* is_end - whether text is the last part of a key: read so that its end fits, as the cut was between any
 * two letters */
static bool
is_end(struct mh_arena *arena, struct mh_str text, bool *bad)
{
	struct mh_base64 base64;
	struct mh_dkim_public key;
	size_t letters = 0;

	for (size_t i = 0; i < text.len; i++)
		letters += !mh_is_space(text.p[i]);
	for (size_t skip = letters % 4; skip > 0 && text.len > 0; text.p++, text.len--)
		skip -= !mh_is_space(text.p[0]);
	mh_base64_read(arena, text, &base64);
	*bad = base64.octets.p == NULL;
	if (*bad || base64.fault != MH_BASE64_FINE)
		return false;
	mh_dkim_public_read(base64.octets, &key);
	return key.content == MH_DKIM_LAST_PART;
}

struct mh_dkim_key *
mh_dkim_key_parse(struct mh_arena *arena, struct mh_str text)
{
	struct mh_dkim_key *key = mh_arena_alloc(arena, sizeof(*key));
	if (key == NULL)
		return NULL;
	memset(key, 0, sizeof(*key));
	key->text = text;
	mh_taglist_read(&key->tags, text);
	key->v = mh_taglist_find(&key->tags, "v");
	key->h = mh_taglist_find(&key->tags, "h");
	key->k = mh_taglist_find(&key->tags, "k");
	key->n = mh_taglist_find(&key->tags, "n");
	key->p = mh_taglist_find(&key->tags, "p");
	key->s = mh_taglist_find(&key->tags, "s");
	key->t = mh_taglist_find(&key->tags, "t");
	key->has_good_version =
	    key->v == NULL || (key->v == &key->tags.tags[0] && mh_str_eq(key->v->value, MH_STR("DKIM1")));
	key->algorithm = key->k == NULL || mh_str_ieq(key->k->value, MH_STR("rsa")) ? MH_DKIM_RSA
	    : mh_str_ieq(key->k->value, MH_STR("ed25519"))                          ? MH_DKIM_ED25519
							   : MH_DKIM_UNKNOWN_ALGORITHM;
	read_lists(key);
	key->is_revoked = key->p != NULL && key->p->fault != MH_TAG_NO_EQUALS && key->p->value.len == 0;
	mh_base64_read(arena, key->p != NULL ? key->p->value : MH_STR(""), &key->base64);
	if (key->base64.octets.p == NULL)
		return NULL;
	mh_dkim_public_read(key->base64.octets, &key->key);
	bool is_bad = false;
	if (key->key.content == MH_DKIM_GARBAGE && is_end(arena, key->p->value, &is_bad))
		key->key.content = MH_DKIM_LAST_PART;
	if (is_bad)
		return NULL;
	bool is_good = key->tags.is_good && key->has_good_version && key->has_good_lists && key->p != NULL &&
	    key->algorithm != MH_DKIM_UNKNOWN_ALGORITHM;
	bool is_long_enough = key->algorithm == MH_DKIM_ED25519 || key->key.bits >= MH_DKIM_BITS_MIN;
	key->is_usable = is_good && mh_dkim_key_is_content_good(key) && is_long_enough && key->takes_sha256 &&
	    key->is_for_mail;
	key->is_valid = key->is_usable || (is_good && key->is_revoked);
	return key;
}

/* ------------------------------------------------------ one record of any kind */

/* letters - of p=, white space gone; in arena, p NULL: no memory */
static struct mh_str
letters(struct mh_arena *arena, struct mh_str text)
{
	char *out = mh_arena_alloc(arena, text.len + 1);
	size_t n = 0;
	for (size_t i = 0; out != NULL && i < text.len; i++)
		if (!mh_tag_is_blank(text.p[i]))
			out[n++] = text.p[i];
	return mh_str_n(out, n);
}

static void
put_field(struct mh_record_fields *record, const char *name, struct mh_str value)
{
	if (record->count < MH_RECORD_FIELDS_MAX)
		record->fields[record->count++] = (struct mh_record_field){ name, value };
}

static void
put_list(struct mh_record_fields *record, const char *name, const struct mh_tag *tag)
{
	struct mh_cur cur = mh_cur_of(tag != NULL ? tag->value.p : "", tag != NULL ? tag->value.len : 0);
	struct mh_str entry;

	while (mh_dkim_next(&cur, &entry))
		put_field(record, name, entry);
}

/* fact_of - the record as a fact, of strings as long as they can be; NULL: no memory */
static struct mh_fact *
fact_of(struct mh_arena *arena, struct mh_str text, struct mh_str name)
{
	struct mh_fact_draft draft;
	struct mh_fact *fact = NULL;
	unsigned char *rdata = mh_arena_alloc(arena, text.len + text.len / 255 + 2);
	size_t n = 0;

	for (size_t i = 0; rdata != NULL && (i < text.len || i == 0); i += 255) {
		size_t part = text.len - i < 255 ? text.len - i : 255;
		rdata[n++] = (unsigned char)part;
		if (part > 0)
			memcpy(rdata + n, text.p + i, part);
		n += part;
	}
	mh_fact_draft_init(&draft, &arena->mem);
	mh_fact_draft_begin(&draft, name, MH_RR_TXT);
	if (rdata != NULL) {
		mh_fact_draft_rr(&draft, rdata, n);
		fact = mh_fact_make(&arena->mem, &draft);
	}
	mh_fact_draft_free(&draft);
	return fact;
}

int
mh_dkim_key_record(struct mh_arena *arena, struct mh_str text, struct mh_str domain, struct mh_report *report,
    struct mh_record_fields *record)
{
	struct mh_tell tell;
	const struct mh_dkim_key *key = mh_dkim_key_parse(arena, text);

	record->count = 0;
	record->is_valid = false;
	if (key == NULL)
		return MH_ERR_ENOMEM;
	record->is_valid = key->is_valid;
	put_field(record, "v", key->v != NULL ? key->v->value : MH_STR("DKIM1"));
	put_field(record, "k", key->k != NULL ? key->k->value : MH_STR("rsa"));
	put_list(record, "h", key->h);
	if (key->s == NULL)
		put_field(record, "s", MH_STR("*"));
	put_list(record, "s", key->s);
	put_list(record, "t", key->t);
	if (key->n != NULL)
		put_field(record, "n", key->n->value);
	if (key->p != NULL) {
		struct mh_str p = letters(arena, key->p->value);
		if (p.p == NULL)
			return MH_ERR_ENOMEM;
		put_field(record, "p", p);
	}
	if (report == NULL)
		return MH_ERR_OK;
	struct mh_fact *fact = fact_of(arena, text, domain.len > 0 ? domain : MH_STR("."));
	if (fact == NULL)
		return MH_ERR_ENOMEM;
	mh_tell_begin(&tell, arena, report, "dkim", domain);
	if (mh_fact_is_present(fact) && mh_dkim_key_lint(&tell, fact) == NULL && !tell.bad) {
		mh_say(&tell, "This is no DKIM key.");
		mh_tell(&tell, MH_F_DKIM_KEY_SYNTAX, text);
	}
	mh_fact_unref(fact);
	return mh_tell_end(&tell);
}
