/* dkim_key.h - DKIM key records: what is published at SELECTOR._domainkey.DOMAIN
 *
 * dkim_key.c reads one record, strictly and with places; dkim_key_mend.c makes of a
 * broken one what was meant; dkim_key_lint.c and dkim_key_broken.c say what is
 * wrong or weak about the TXT records of one name.
 *
 * RFC 6376 3.6.1, RFC 8301, RFC 8463, RFC 8616
 */
#ifndef MH_DKIM_KEY_H
#define MH_DKIM_KEY_H

#include "dkim_public.h"
#include "taglist.h"
#include "tell.h"

enum mh_dkim_algorithm { MH_DKIM_UNKNOWN_ALGORITHM, MH_DKIM_RSA, MH_DKIM_ED25519 };
const char *mh_dkim_algorithm_name(int algorithm); /* "rsa", "ed25519", "" */

#define MH_DKIM_BITS_MIN 1024 /* RFC 8301 3.2: a signature by less is not valid */
#define MH_DKIM_BITS_GOOD 2048 /* and signers should have */
#define MH_DKIM_BITS_MAX 4096 /* and verifiers need not take more */

struct mh_dkim_key {
	struct mh_str text; /* the record */
	struct mh_taglist tags; /* as written */
	const struct mh_tag *v, *h, *k, *n, *p, *s, *t; /* of them; NULL: not there */
	uint8_t algorithm; /* by k=, whose default is rsa */
	bool is_valid; /* a verifier by the RFCs uses it: to verify, or to see that the key is revoked */
	bool is_usable; /* to verify mail by it */
	bool is_revoked; /* p= is empty */
	bool has_good_version; /* none, or DKIM1 in the first place */
	bool has_good_lists; /* h=, s= and t= are in the grammar */
	bool takes_sha1, takes_sha256; /* by h=, whose default is all */
	bool is_for_mail; /* by s=, whose default is all */
	bool is_testing, is_strict; /* t=y, t=s */
	struct mh_base64 base64; /* of p= */
	struct mh_dkim_public key; /* what is in it */
};

/* mh_dkim_is_key - whether a TXT record means to be a key, or a part of one, however badly it is written
 * mh_dkim_key_parse - one TXT record, strings joined; in arena, NULL: no memory */
bool mh_dkim_is_key(struct mh_str text);
struct mh_dkim_key *mh_dkim_key_parse(struct mh_arena *arena, struct mh_str text);
/* mh_dkim_next - the next entry of a list with colons (RFC 6376 3.6.1), white space around it gone; false:
 * no more */
bool mh_dkim_next(struct mh_cur *list, struct mh_str *entry);

/* mh_dkim_key_is_content_good - whether what is in p= is a key of the algorithm that k= names, in its
 * right form */
bool mh_dkim_key_is_content_good(const struct mh_dkim_key *key);

/* What stands in a text that is not part of a key record at all (dkim_key_mend.c).
 * mh_dkim_has_escapes - a backslash before a semicolon; *at: the first
 * mh_dkim_has_armour - a line of PEM; *at: it
 * mh_dkim_clean - without both, white space in their place; in arena, p NULL: no memory */
bool mh_dkim_has_escapes(struct mh_str text, struct mh_str *at);
bool mh_dkim_has_armour(struct mh_str text, struct mh_str *at);
struct mh_str mh_dkim_clean(struct mh_arena *arena, struct mh_str text);
/* mh_dkim_key_mend - the record that was meant, which is valid and has a key; drops_testing: without t=y.
 * In arena; len 0: it cannot be known, p NULL: no memory */
struct mh_str mh_dkim_key_mend(struct mh_arena *arena, struct mh_str text, bool drops_testing);
/* mh_dkim_key_of - a record for a key */
struct mh_str mh_dkim_key_of(struct mh_arena *arena, const struct mh_dkim_public *key);

/* mh_dkim_key_lint - findings about the TXT records of tell->subject, "s1._domainkey.example.org", whose
 * fact is present; the key that counts, NULL: none of them is a key (and nothing was told), or no memory
 * (tell->bad) */
const struct mh_dkim_key *mh_dkim_key_lint(struct mh_tell *tell, const struct mh_fact *fact);
/* mh_dkim_key_faults - one record: tells what keeps verifiers from using it, with mended (len 0: none) in
 * place of
 * record i of fact as the fix (fact NULL: no fix); whether there was anything (dkim_key_broken.c) */
bool mh_dkim_key_faults(struct mh_tell *tell, const struct mh_dkim_key *key, const struct mh_fact *fact,
    int i, struct mh_str mended);

#endif
