/* dkim_key_broken.c - what keeps verifiers from using a DKIM key record, said so that it can be mended
 *
 * One fault gives one finding: what follows from another is not told again.
 *
 * RFC 6376 3.2 and 3.6.1, RFC 8301 3.2, RFC 8463 4.2
 */
#include "dkim_key.h"

#include "port.h"

struct faults {
	struct mh_tell *tell;
	const struct mh_dkim_key *key;
	const struct mh_fact *fact;
	int i;
	struct mh_str mended;
	bool has_any;
	bool has_quote; /* told already */
};

/* tell_fault - with the record that was meant as its fix */
static void
tell_fault(struct faults *faults, int number, struct mh_str evidence)
{
	if (faults->fact != NULL && faults->mended.len > 0 && faults->tell->subject.len > 0)
		mh_tell_fix_txt(faults->tell, faults->tell->subject, faults->fact, faults->i, faults->mended);
	mh_tell(faults->tell, number, evidence);
	faults->has_any = true;
}

static void
syntax(struct faults *faults, struct mh_str evidence, const char *sentence)
{
	mh_say(faults->tell, sentence);
	tell_fault(faults, MH_F_DKIM_KEY_SYNTAX, evidence);
}

/* say_octet - as people know it */
static void
say_octet(struct mh_tell *tell, unsigned char octet)
{
	static const char digits[] = "0123456789abcdef";
	char hex[] = "0x00";

	hex[2] = digits[octet >> 4];
	hex[3] = digits[octet & 15];
	if (octet == '"') {
		mh_say(tell, "a quote");
	} else if (octet > ' ' && octet <= '~') {
		mh_say(tell, "'");
		mh_say_str(tell, mh_str_n((const char *)&octet, 1));
		mh_say(tell, "'");
	} else {
		mh_say(tell, octet >= 0x80 ? "an octet that is not ASCII, " : "a control character, ");
		mh_say(tell, hex);
	}
}

static bool
has_octet(struct mh_str s, char c)
{
	return s.len > 0 && memchr(s.p, c, s.len) != NULL;
}

/* --------------------------------------------------------------------- tags */

/* tag_fault - one tag that is not in the grammar */
static void
tag_fault(struct faults *faults, const struct mh_tag *tag)
{
	struct mh_tell *tell = faults->tell;

	if (tag->fault == MH_TAG_EMPTY) {
		syntax(faults, tag->text, "There is nothing between two semicolons.");
	} else if (has_octet(tag->name, '"')) {
		faults->has_quote = true;
		syntax(faults, tag->text,
		    "A quote is part of the record: quotes belong to zone files, and are not published.");
	} else if (tag->fault == MH_TAG_NO_EQUALS) {
		syntax(faults, tag->text, "A tag has the form name=value, and here is no equals sign.");
	} else if (tag->fault == MH_TAG_BAD_VALUE) {
		mh_say(tell, "In the value there is ");
		say_octet(tell, (unsigned char)tag->at.p[0]);
		syntax(faults, tag->at, ", which cannot be part of a record.");
	} else {
		syntax(faults, tag->text,
		    "The name of a tag begins with a letter, and has letters and digits.");
	}
}

/* version_fault - v= that is there and is not right */
static void
version_fault(struct faults *faults)
{
	const struct mh_tag *v = faults->key->v;

	if (mh_str_eq(v->value, MH_STR("DKIM1"))) {
		syntax(faults, v->text, "v=DKIM1 has to be the first tag.");
	} else if (mh_str_ieq(v->value, MH_STR("DKIM1"))) {
		syntax(faults, v->value, "The version is written DKIM1, in capitals.");
	} else {
		/* A semicolon that is missing makes the rest part of the version. */
		syntax(faults, v->value,
		    mh_str_istarts(v->value, MH_STR("DKIM1"))
			? "Behind v=DKIM1 a semicolon is missing, or something else stands there."
			: "The version has to be DKIM1.");
	}
}

/* list_fault - h=, s= or t= out of the grammar */
static void
list_fault(struct faults *faults, const struct mh_tag *tag)
{
	if (tag == NULL || tag->fault == MH_TAG_BAD_VALUE)
		return;
	struct mh_cur cur = mh_cur_of(tag->value.p, tag->value.len);
	struct mh_str entry;
	bool is_bad = tag->value.len == 0 || tag->value.p[tag->value.len - 1] == ':';

	while (mh_dkim_next(&cur, &entry)) {
		is_bad |= entry.len == 0;
		for (size_t i = 0; i < entry.len; i++)
			is_bad |= !mh_is_alnum(entry.p[i]) && entry.p[i] != '-' &&
			    !(entry.p[i] == '*' && entry.len == 1 && tag == faults->key->s);
		is_bad |= entry.len > 0 &&
		    (mh_is_digit(entry.p[0]) || entry.p[0] == '-' || entry.p[entry.len - 1] == '-');
	}
	if (is_bad)
		syntax(faults, tag->text, "The value is one word, or several with colons between them.");
}

/* is_bare_part - base64 alone, and much of it, that no key begins with: a string of a key's record that became a record of
 * its own */
static bool
is_bare_part(struct mh_str text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!mh_is_alnum(text.p[i]) && text.p[i] != '+' && text.p[i] != '/' &&
		    (text.p[i] != '=' || i + 2 < text.len))
			return false;
	return text.len >= 64 && !mh_str_istarts(text, MH_STR("MI"));
}

/* tags_of - the grammar of the list, and which tags there have to be */
static void
tag_faults(struct faults *faults)
{
	const struct mh_dkim_key *key = faults->key;
	bool has_first = false;

	if (is_bare_part(key->text)) {
		mh_say(faults->tell,
		    "This is only a part of a key, without what stands before it: the record begins with "
		    "v=DKIM1; and p=.");
		tell_fault(faults, MH_F_DKIM_KEY_HALF, key->text);
		return;
	}
	for (unsigned i = 0; i < key->tags.count; i++) {
		const struct mh_tag *tag = &key->tags.tags[i];
		if (tag->fault == MH_TAG_FINE || tag->fault == MH_TAG_TWICE ||
		    (tag->fault == MH_TAG_BAD_VALUE && tag == key->p))
			continue;
		tag_fault(faults, tag);
		has_first |= i == 0;
	}
	if (key->tags.is_cut)
		syntax(faults, mh_str_n(key->text.p, 0), "The record has more tags or octets than are read.");
	if (!key->has_good_version && !has_first && key->v->fault != MH_TAG_BAD_VALUE)
		version_fault(faults);
	if (!key->has_good_lists) {
		list_fault(faults, key->h);
		list_fault(faults, key->s);
		list_fault(faults, key->t);
	}
	if (key->p == NULL && !faults->has_any) {
		const struct mh_tag *other = mh_taglist_ifind(&key->tags, "p");
		bool is_inside = key->k != NULL && has_octet(key->k->value, '=');
		syntax(faults,
		    other != NULL   ? other->text
			: is_inside ? key->k->text
				    : key->text,
		    other != NULL ? "Letter case counts in the names of tags: it has to be a small p."
			: is_inside
			? "Behind the algorithm a semicolon is missing, so that the key is part of it."
			: "There is no tag p=, which has the key.");
	}
}

/* ---------------------------------------------------------------------- key */

static const char is_private[] =
    "This is the private key. Everybody can read it now, and sign in your name: make a new "
    "pair of keys, and publish the public one.";

static const char *const contents[] = {
	[MH_DKIM_OTHER_SPKI] = "",
	[MH_DKIM_PRIVATE_KEY] = is_private,
	[MH_DKIM_CERTIFICATE] = "This is a certificate, and not the bare public key.",
	[MH_DKIM_SSH_KEY] =
	    "This is a key in the form of SSH; DKIM wants the one that \"openssl pkey -pubout\" writes.",
	[MH_DKIM_GARBAGE] = "",
};

/* has_end - whether the octets end in the exponent 65537, as nearly all RSA keys do */
static bool
has_end(struct mh_str octets)
{
	static const struct mh_str end = MH_STR_INIT("\x02\x03\x01\x00\x01");
	return octets.len > end.len && mh_str_eq(mh_str_n(octets.p + octets.len - end.len, end.len), end);
}

/* half_fault - the beginning or the end of a key */
static void
half_fault(struct faults *faults)
{
	const struct mh_dkim_public *inner = &faults->key->key;
	struct mh_tell *tell = faults->tell;

	if (inner->content == MH_DKIM_LAST_PART) {
		mh_say(tell, "These are the last ");
		mh_say_int(tell, (int64_t)inner->has);
		mh_say(tell, " octets of a key; its beginning is missing.");
	} else {
		mh_say(tell, "The key says that it has ");
		mh_say_int(tell, (int64_t)inner->wants);
		mh_say(tell, " octets, and there are ");
		mh_say_int(tell, (int64_t)inner->has);
		mh_say(tell, ".");
		if (has_end(faults->key->base64.octets))
			mh_say(tell,
			    " Its beginning and its end are there, and something between them is missing.");
		else if (faults->key->text.len == 255)
			mh_say(tell,
			    " The record ends where one string of a TXT record is full, at 255 octets: the "
			    "rest "
			    "belongs into a second string of the same record.");
	}
	mh_tell_arg_int(tell, "octets", (int64_t)inner->has);
	if (inner->wants > 0)
		mh_tell_arg_int(tell, "wanted", (int64_t)inner->wants);
	tell_fault(faults, MH_F_DKIM_KEY_HALF, faults->key->p->value);
}

/* say_base64 - what is wrong with the letters */
static void
say_base64(struct mh_tell *tell, const struct mh_dkim_key *key)
{
	const struct mh_base64 *base64 = &key->base64;

	if (base64->fault == MH_BASE64_OCTET || base64->fault == MH_BASE64_BEHIND) {
		mh_say(tell, "Octet ");
		mh_say_int(tell, base64->at.p - key->p->value.p + 1);
		mh_say(tell, " of the value of p= is ");
		say_octet(tell, (unsigned char)base64->at.p[0]);
		mh_say(tell,
		    base64->fault == MH_BASE64_BEHIND ? ", and nothing may stand behind \"=\"."
			: base64->at.p[0] == '"'      ? ": quotes belong to zone files, where they part the "
							"strings of one record, and are not published."
						      : ", which base64 does not have.");
	} else if (base64->fault == MH_BASE64_COUNT) {
		mh_say(tell, "Base64 has groups of four letters; there are ");
		mh_say_int(tell, (int64_t)base64->letters);
		mh_say(tell, ", and one is left over: a letter is missing, or there is one too many.");
	} else {
		mh_say(tell, "The signs \"=\" at the end do not fit: there are ");
		mh_say_int(tell, (int64_t)base64->letters);
		mh_say(tell, " letters before them, and with them it has to be a multiple of four.");
	}
}

/* say_content - what is there in place of a key of the algorithm */
static void
say_content(struct mh_tell *tell, const struct mh_dkim_key *key)
{
	const struct mh_dkim_public *inner = &key->key;

	if (inner->content == MH_DKIM_GARBAGE) {
		mh_say(tell, "Octet ");
		mh_say_int(tell, (int64_t)inner->at + 1);
		mh_say(tell, " of the key (decoded) is ");
		if (inner->at < inner->has)
			mh_say_int(tell, (unsigned char)key->base64.octets.p[inner->at]);
		else
			mh_say(tell, "missing");
		mh_say(tell, ", and should be ");
		mh_say(tell, inner->expected);
		mh_say(tell, ".");
	} else if (inner->content == MH_DKIM_OTHER_SPKI) {
		mh_say(tell, "This is a key of another kind: ");
		mh_say(tell, inner->other[0] != '\0' ? inner->other : "one that nobody knows");
		mh_say(tell, ". DKIM has RSA and Ed25519.");
	} else if (inner->content < MH_COUNT(contents) && contents[inner->content] != NULL) {
		mh_say(tell, contents[inner->content]);
	} else if (mh_dkim_public_is_ed25519(inner) && key->algorithm == MH_DKIM_RSA) {
		mh_say(tell,
		    key->k != NULL ? "These are 32 octets, a key of Ed25519, and k= says rsa."
				   : "These are 32 octets, a key of Ed25519, and k=ed25519 is missing.");
	} else if (mh_dkim_public_is_rsa(inner) && key->algorithm == MH_DKIM_ED25519) {
		mh_say(tell, "This is an RSA key, and k= says ed25519.");
	} else if (inner->content == MH_DKIM_ED25519_SPKI) {
		mh_say(tell,
		    "A key of Ed25519 stands in p= as its bare 32 octets (RFC 8463 4.2); these are 44, with "
		    "what "
		    "OpenSSL writes around it.");
	} else if (inner->has > inner->wants) {
		mh_say(tell, "Behind the end of the key there are ");
		mh_say_int(tell, (int64_t)(inner->has - inner->wants));
		mh_say(tell, " octets more.");
	} else {
		mh_say(tell, "A number of the key is not written as DER has it.");
	}
}

/* key_fault - of p=, which is there and not empty */
static void
key_fault(struct faults *faults)
{
	const struct mh_dkim_key *key = faults->key;
	const struct mh_dkim_public *inner = &key->key;
	bool is_foreign = key->base64.fault == MH_BASE64_OCTET || key->base64.fault == MH_BASE64_BEHIND;
	struct mh_str evidence = key->p->value;

	if (is_foreign && key->base64.at.p[0] == '"' && faults->has_quote)
		return;
	/* A letter or three that were lost are no half. */
	bool is_part = (inner->content == MH_DKIM_FIRST_PART &&
			   (key->base64.fault == MH_BASE64_FINE || inner->wants > inner->has + 3)) ||
	    inner->content == MH_DKIM_LAST_PART;
	if (!is_foreign && is_part) {
		half_fault(faults);
		return;
	}
	if (is_foreign)
		evidence = key->base64.at;
	if (key->base64.fault != MH_BASE64_FINE)
		say_base64(faults->tell, key);
	else
		say_content(faults->tell, key);
	/* Letters that were lost can make something else of it; what is secret is said in any case. */
	if (key->base64.fault != MH_BASE64_FINE && inner->content == MH_DKIM_PRIVATE_KEY) {
		mh_say(faults->tell, " ");
		mh_say(faults->tell, contents[MH_DKIM_PRIVATE_KEY]);
	}
	tell_fault(faults, MH_F_DKIM_KEY_BROKEN, evidence);
}

/* algorithm_fault - k= that no verifier knows */
static void
algorithm_fault(struct faults *faults)
{
	const struct mh_tag *k = faults->key->k;

	if (k->value.len == 0) {
		mh_say(faults->tell, "k= is empty.");
	} else {
		mh_say(faults->tell, "The algorithm is \"");
		mh_say_str(faults->tell, k->value);
		mh_say(faults->tell, "\"; there are rsa and ed25519.");
	}
	tell_fault(faults, MH_F_DKIM_ALGORITHM_UNKNOWN, k->text);
}

/* too_short - a good RSA key that no verifier may use any more */
static void
too_short(struct faults *faults)
{
	mh_say(faults->tell, "The key has ");
	mh_say_int(faults->tell, faults->key->key.bits);
	mh_say(faults->tell, " bits.");
	mh_tell_arg_int(faults->tell, "bits", faults->key->key.bits);
	/* Another key is needed, and no other record mends it. */
	mh_tell(faults->tell, MH_F_DKIM_KEY_TOO_SHORT, faults->key->p->value);
	faults->has_any = true;
}

bool
mh_dkim_key_faults(struct mh_tell *tell, const struct mh_dkim_key *key, const struct mh_fact *fact, int i,
    struct mh_str mended)
{
	struct faults faults = { .tell = tell, .key = key, .fact = fact, .i = i, .mended = mended };
	bool is_rsa = key->algorithm == MH_DKIM_RSA && mh_dkim_public_is_rsa(&key->key);

	tag_faults(&faults);
	if (key->p == NULL)
		return faults.has_any;
	if (key->is_revoked) {
		mh_tell(tell, MH_F_DKIM_KEY_REVOKED, key->p->text);
		faults.has_any = true;
	} else if (key->algorithm != MH_DKIM_UNKNOWN_ALGORITHM && !mh_dkim_key_is_content_good(key)) {
		key_fault(&faults);
	} else if (is_rsa && key->key.bits < MH_DKIM_BITS_MIN) {
		too_short(&faults);
	}
	if (key->algorithm == MH_DKIM_UNKNOWN_ALGORITHM && !key->tags.is_cut &&
	    key->k->fault != MH_TAG_BAD_VALUE)
		algorithm_fault(&faults);
	return faults.has_any;
}
