/* dkim_key_lint.c - what is wrong or weak about the TXT records of one selector
 *
 * Which of several records counts, halves of a key that are joined, what a record
 * has around it that does not belong there; then the faults of the record
 * (dkim_key_broken.c), and what a record that works has weak about it.
 *
 * RFC 6376 3.6.1 and 3.6.2.2, RFC 8301, RFC 8463
 */
#include "dkim_key.h"

#include "error.h"
#include "port.h"

#define RECORDS_MAX 16 /* that are looked at */
#define PARTS_MAX 4 /* records that are tried as parts of one key */

/* The TXT records of a name. */
struct records {
	struct mh_tell *tell;
	const struct mh_fact *fact;
	struct mh_str texts[RECORDS_MAX];
	bool are_keys[RECORDS_MAX];
	unsigned count, keys;
};

static void
read_records(struct records *records)
{
	for (size_t i = 0; i < records->fact->count && records->count < RECORDS_MAX; i++) {
		struct mh_str text = mh_rr_text(records->fact, i, records->tell->arena);
		if (text.p == NULL) {
			records->tell->bad |= text.len == 0;
			text = MH_STR("");
		}
		records->are_keys[records->count] = mh_dkim_is_key(text);
		records->keys += records->are_keys[records->count];
		records->texts[records->count++] = text;
	}
}

/* ----------------------------------------------------------- several records */

/* part - the letters of a record that may be a part of a key: behind p=, or all of it */
static struct mh_str
part(struct mh_str text)
{
	struct mh_taglist tags;
	mh_taglist_read(&tags, text);
	const struct mh_tag *p = mh_taglist_find(&tags, "p");
	return p != NULL ? p->value : text;
}

/* join - the first record and the parts of the others behind it, mended; len 0: that is no key */
static struct mh_str
join(struct records *records, const unsigned *order, unsigned count)
{
	struct mh_buf text;
	struct mh_arena *arena = records->tell->arena;
	size_t len = 0;

	for (unsigned i = 0; i < count; i++)
		len += records->texts[order[i]].len;
	if (len > MH_TAGLIST_MAX)
		return MH_STR("");
	mh_buf_init(&text, &arena->mem, MH_TAGLIST_MAX);
	for (unsigned i = 0; i < count; i++)
		mh_buf_putstr(&text, i == 0 ? records->texts[order[0]] : part(records->texts[order[i]]));
	struct mh_str joined = mh_buf_keep(arena, &text);
	joined = joined.p != NULL ? mh_dkim_key_mend(arena, joined, false) : joined;
	records->tell->bad |= joined.p == NULL;
	return joined;
}

/* next_order - the next permutation; false: that was the last */
static bool
next_order(unsigned *order, unsigned count)
{
	unsigned i = count - 1, k = count - 1;
	if (count < 2)
		return false;
	while (i > 0 && order[i - 1] >= order[i])
		i--;
	if (i == 0)
		return false;
	while (k > i && order[k] <= order[i - 1])
		k--;
	unsigned swap = order[i - 1];
	order[i - 1] = order[k];
	order[k] = swap;
	for (k = count - 1; i < k; i++, k--) {
		swap = order[i];
		order[i] = order[k];
		order[k] = swap;
	}
	return true;
}

/* has_whole - whether a record has a key by itself: then it is no part of one */
static bool
has_whole(struct records *records)
{
	for (unsigned i = 0; i < records->count; i++) {
		const struct mh_dkim_key *key =
		    records->are_keys[i] ? mh_dkim_key_parse(records->tell->arena, records->texts[i]) : NULL;
		records->tell->bad |= records->are_keys[i] && key == NULL;
		if (key != NULL && (mh_dkim_public_is_rsa(&key->key) || mh_dkim_public_is_ed25519(&key->key)))
			return true;
	}
	return false;
}

/* tell_parts - whether the records are parts of one key; told, with the fix that joins them */
static bool
tell_parts(struct records *records)
{
	unsigned order[PARTS_MAX] = { 0 }, count = 0;
	struct mh_str joined;
	struct mh_tell *tell = records->tell;

	if (records->keys < 2 || records->keys > PARTS_MAX || has_whole(records))
		return false;
	for (unsigned i = 0; i < records->count; i++)
		if (records->are_keys[i] && count < PARTS_MAX)
			order[count++] = i;
	do
		joined = join(records, order, count);
	while (joined.p != NULL && joined.len == 0 && next_order(order, count));
	if (joined.len == 0)
		return false;
	mh_say(tell, "The key lies in ");
	mh_say_int(tell, count);
	mh_say(tell, " TXT records, and has to be in one, as several strings of that record.");
	mh_tell_arg_int(tell, "records", count);
	if (tell->subject.len > 0 && records->count <= PARTS_MAX) {
		struct mh_fix *fix = mh_tell_fix(tell, tell->subject, MH_RR_TXT, records->fact);
		for (unsigned i = 0; i < records->count; i++)
			mh_fix_remove(tell, fix, records->fact, i);
		mh_fix_add_txt(tell, fix, joined);
	}
	mh_tell(tell, MH_F_DKIM_KEY_HALF, records->texts[order[0]]);
	return true;
}

/* tell_several - there is more than one record; keep is the one that stays, -1: not known which */
static void
tell_several(struct records *records, int keep)
{
	struct mh_tell *tell = records->tell;

	mh_say(tell, "There are ");
	mh_say_int(tell, records->fact->count);
	mh_say(tell, " TXT records");
	if (records->keys < records->count) {
		mh_say(tell, ", of which ");
		mh_say_int(tell, records->keys);
		mh_say(tell, records->keys == 1 ? " is a key" : " are keys");
	}
	mh_say(tell,
	    keep >= 0 ? "."
		      : ". If each is in use, give each a selector of its own; else remove the old one.");
	mh_tell_arg_int(tell, "records", records->fact->count);
	if (keep >= 0 && records->fact->count <= 5 && tell->subject.len > 0) {
		struct mh_fix *fix = mh_tell_fix(tell, tell->subject, MH_RR_TXT, records->fact);
		for (unsigned i = 0; i < records->count; i++)
			if ((int)i != keep)
				mh_fix_remove(tell, fix, records->fact, i);
	}
	mh_tell(tell, MH_F_DKIM_MULTIPLE_RECORDS, keep >= 0 ? records->texts[keep] : MH_STR(""));
}

/* choose - the record that counts: the one that can be used, else the first that is a key; told if there
 * are several */
static unsigned
choose(struct records *records)
{
	unsigned chosen = 0, usable = 0;

	while (!records->are_keys[chosen])
		chosen++;
	if (records->count == 1)
		return chosen;
	for (unsigned i = records->count; i-- > 0;) {
		const struct mh_dkim_key *key =
		    records->are_keys[i] ? mh_dkim_key_parse(records->tell->arena, records->texts[i]) : NULL;
		records->tell->bad |= records->are_keys[i] && key == NULL;
		if (key != NULL && key->is_usable) {
			chosen = i;
			usable++;
		}
	}
	tell_several(records, usable == 1 || records->keys == 1 ? (int)chosen : -1);
	return chosen;
}

/* ------------------------------------------------------------- what is weak */

/* What is told of a key that works. */
struct weak {
	struct mh_tell *tell;
	const struct mh_dkim_key *key;
	struct records *records;
	int i;
	struct mh_str mended;
};

/* tell_mended - with the better record; where another finding has it already, it mends this too */
static void
tell_mended(const struct weak *weak, int number, struct mh_str evidence)
{
	struct mh_tell *tell = weak->tell;
	if (weak->mended.len > 0 && tell->subject.len > 0)
		mh_tell_fix_txt(tell, tell->subject, weak->records->fact, weak->i, weak->mended);
	mh_tell(tell, number, evidence);
}

/* say_number - an exponent that may be of any size */
static void
say_number(struct mh_tell *tell, struct mh_str magnitude)
{
	uint64_t value = 0;
	if (magnitude.len > 7) {
		mh_say(tell, "a number of ");
		mh_say_int(tell, (int64_t)(8 * magnitude.len));
		mh_say(tell, " bits");
		return;
	}
	for (size_t i = 0; i < magnitude.len; i++)
		value = value << 8 | (unsigned char)magnitude.p[i];
	mh_say_int(tell, (int64_t)value);
}

static void
tell_exponent(const struct weak *weak)
{
	struct mh_str e = weak->key->key.exponent;
	struct mh_tell *tell = weak->tell;
	unsigned low = (unsigned char)e.p[e.len - 1];
	bool is_common = mh_str_eq(e, MH_STR("\x01\x00\x01"));
	bool is_none = (low & 1) == 0 || (e.len == 1 && low == 1);
	/* 65537 is what all software makes; several libraries refuse what does not fit in 32 bits. */
	bool is_small = e.len < 3;
	bool is_large = e.len > 4 || (e.len == 4 && (e.p[0] & 0x80) != 0);

	if (is_common || (!is_none && !is_small && !is_large))
		return;
	mh_say(tell, "The public exponent is ");
	say_number(tell, e);
	mh_say(tell,
	    is_none        ? ", and no signature can be made by that."
		: is_small ? "; 65537 is usual, and smaller ones have led to forged signatures."
			   : "; several verifiers refuse more than 31 bits.");
	if (is_none)
		tell->severity = MH_SEV_FAIL;
	mh_tell(tell, MH_F_DKIM_KEY_EXPONENT, weak->key->p->value);
}

static void
tell_modulus(const struct weak *weak)
{
	const struct mh_dkim_public *inner = &weak->key->key;
	struct mh_tell *tell = weak->tell;
	if (tell->report == NULL)
		return; /* it takes its time, and nobody wants to know */
	unsigned factor = mh_dkim_small_factor(inner->modulus);
	if (factor > 0) {
		mh_say(tell, "The modulus can be divided by ");
		mh_say_int(tell, factor);
		mh_say(tell,
		    ", so it was not made as the product of two large primes, or letters of it were "
		    "changed.");
		mh_tell_arg_int(tell, "factor", factor);
		mh_tell(tell, MH_F_DKIM_KEY_WEAK, weak->key->p->value);
	} else if (mh_dkim_is_roca(inner->modulus)) {
		mh_say(tell,
		    "It has the mark of keys that a faulty library made (ROCA, CVE-2017-15361), and whose "
		    "private "
		    "part can be worked out.");
		mh_tell(tell, MH_F_DKIM_KEY_WEAK, weak->key->p->value);
	}
}

static void
tell_rsa(const struct weak *weak)
{
	const struct mh_dkim_public *inner = &weak->key->key;
	struct mh_tell *tell = weak->tell;

	if (inner->bits >= MH_DKIM_BITS_MIN &&
	    (inner->bits < MH_DKIM_BITS_GOOD || inner->bits > MH_DKIM_BITS_MAX)) {
		mh_say(tell, "The key has ");
		mh_say_int(tell, inner->bits);
		mh_say(tell, " bits.");
		mh_tell_arg_int(tell, "bits", inner->bits);
		mh_tell(tell, inner->bits < MH_DKIM_BITS_GOOD ? MH_F_DKIM_KEY_SHORT : MH_F_DKIM_KEY_LONG,
		    weak->key->p->value);
	}
	tell_exponent(weak);
	tell_modulus(weak);
	if (inner->content == MH_DKIM_RSA_PKCS1)
		tell_mended(weak, MH_F_DKIM_PKCS1, weak->key->p->value);
}

/* tell_unknown_tag - one that the standard has not */
static void
tell_unknown_tag(const struct weak *weak, const struct mh_tag *tag)
{
	static const char known[] = "vhknpst";
	if (tag->fault != MH_TAG_FINE || (tag->name.len == 1 && strchr(known, tag->name.p[0]) != NULL))
		return;
	if (mh_str_eq(tag->name, MH_STR("g")))
		mh_say(weak->tell,
		    "g= was in the first standard, RFC 4871, and is no more; where it is empty, old "
		    "verifiers "
		    "take the key for no address.");
	mh_tell(weak->tell, MH_F_DKIM_UNKNOWN_TAG, tag->text);
}

/* tell_tags - what the tags say, whether the key works or not */
static void
tell_tags(const struct weak *weak)
{
	const struct mh_dkim_key *key = weak->key;
	struct mh_tell *tell = weak->tell;

	for (unsigned i = 0; i < key->tags.count; i++) {
		if (key->tags.tags[i].fault == MH_TAG_TWICE)
			tell_mended(weak, MH_F_DKIM_DUPLICATE_TAG, key->tags.tags[i].text);
		tell_unknown_tag(weak, &key->tags.tags[i]);
	}
	if (key->is_testing)
		tell_mended(weak, MH_F_DKIM_TESTING, key->t->text);
	if (key->is_strict)
		mh_tell(tell, MH_F_DKIM_STRICT_SUBDOMAIN, key->t->text);
	if (key->h != NULL && key->has_good_lists && !key->takes_sha256) {
		mh_say(tell,
		    key->takes_sha1 ? "The only hash that it lets be used is sha1."
				    : "It lets no hash be used that verifiers know.");
		tell_mended(weak, MH_F_DKIM_HASH_SHA1_ONLY, key->h->text);
	}
	if (key->s != NULL && key->has_good_lists && !key->is_for_mail)
		tell_mended(weak, MH_F_DKIM_SERVICE_TYPE, key->s->text);
	if (key->n != NULL && key->n->value.len > 0) {
		mh_say(tell, "It says: ");
		mh_say_str(tell, key->n->value);
		mh_tell(tell, MH_F_DKIM_NOTES, key->n->text);
	}
}

/* --------------------------------------------------------------- one record */

/* tell_around - escapes and lines of PEM, which are told by their own names */
static bool
tell_around(struct records *records, unsigned i, struct mh_str mended)
{
	struct mh_tell *tell = records->tell;
	struct mh_str escape, line;
	bool has_escapes = mh_dkim_has_escapes(records->texts[i], &escape);
	bool has_armour = mh_dkim_has_armour(records->texts[i], &line);

	for (int k = 0; k < 2; k++) {
		if (!(k == 0 ? has_escapes : has_armour))
			continue;
		bool is_private = k == 1 && mh_str_iends(line, MH_STR("PRIVATE KEY-----"));
		if (is_private)
			mh_say(tell,
			    "It is the private key. Everybody can read it now, and sign in your name: make a "
			    "new pair of keys, and publish the public one.");
		if (mended.len > 0 && tell->subject.len > 0)
			mh_tell_fix_txt(tell, tell->subject, records->fact, (int)i, mended);
		mh_tell(tell, k == 0 ? MH_F_DKIM_ESCAPED_SEMICOLON : MH_F_DKIM_PEM_ARMOUR,
		    k == 0 ? escape : line);
	}
	return has_escapes || has_armour;
}

/* lint - one record */
static const struct mh_dkim_key *
lint(struct records *records, unsigned i)
{
	struct mh_tell *tell = records->tell;
	struct mh_arena *arena = tell->arena;
	struct mh_str text = records->texts[i], at;

	tell->text = text;
	const struct mh_dkim_key *key = mh_dkim_key_parse(arena, text), *read = key;
	struct mh_str mended =
	    key != NULL && !key->is_usable ? mh_dkim_key_mend(arena, text, false) : MH_STR("");
	if (key == NULL || mended.p == NULL) {
		tell->bad = true;
		return NULL;
	}
	/* What is wrong is told of the text as it would be without what does not belong there. */
	if (tell_around(records, i, mended)) {
		bool is_private =
		    mh_dkim_has_armour(text, &at) && mh_str_iends(at, MH_STR("PRIVATE KEY-----"));
		struct mh_str clean = mh_dkim_clean(arena, text);
		read = clean.p != NULL ? mh_dkim_key_parse(arena, clean) : NULL;
		tell->bad |= read == NULL;
		tell->text = (struct mh_str){ NULL, 0 };
		if (read == NULL || is_private)
			return key;
		/* A key alone, without any tag: that it was a file says all. */
		if (read->p == NULL && mended.len > 0) {
			read = mh_dkim_key_parse(arena, mended);
			tell->bad |= read == NULL;
			if (read == NULL)
				return key;
		}
	}
	bool has_faults = mh_dkim_key_faults(tell, read, records->fact, (int)i, mended) || read != key;
	struct weak weak = { .tell = tell, .key = read, .records = records, .i = (int)i, .mended = mended };
	if (!has_faults) {
		weak.mended = mh_dkim_key_mend(arena, text, true);
		tell->bad |= weak.mended.p == NULL;
		if (key->is_usable && weak.mended.p != NULL && mh_str_eq(weak.mended, text))
			weak.mended = MH_STR("");
	} else if (read->is_testing) {
		/* The record that mends the rest is still in test mode. */
		weak.mended = MH_STR("");
	}
	tell_tags(&weak);
	if (read->algorithm == MH_DKIM_RSA && mh_dkim_public_is_rsa(&read->key) &&
	    read->base64.fault == MH_BASE64_FINE)
		tell_rsa(&weak);
	return key;
}

const struct mh_dkim_key *
mh_dkim_key_lint(struct mh_tell *tell, const struct mh_fact *fact)
{
	struct records records = { .tell = tell, .fact = fact };
	const struct mh_dkim_key *key = NULL;

	read_records(&records);
	if (records.keys == 0 || tell->bad)
		return NULL;
	if (!tell_parts(&records)) {
		key = lint(&records, choose(&records));
	} else {
		/* Verifiers see one of them. */
		unsigned first = 0;
		while (!records.are_keys[first])
			first++;
		key = mh_dkim_key_parse(tell->arena, records.texts[first]);
		tell->bad |= key == NULL;
	}
	tell->text = (struct mh_str){ NULL, 0 };
	return key;
}
