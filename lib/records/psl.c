/* psl.c - which part of a domain name somebody registered, by the public suffix list */
#include "psl.h"

#include <libpsl.h>

#include "dname.h"

/* is_suffix - name has a NUL behind it.  The whole list counts, also what companies added for their customers: it is
 * what DMARC verifiers use. */
static bool
is_suffix(const char *name)
{
	const psl_ctx_t *list = psl_builtin();
	return list != NULL ? psl_is_public_suffix(list, name) == 1 : strchr(name, '.') == NULL;
}

struct mh_str
mh_psl_registrable(struct mh_str name)
{
	char text[MH_DNAME_TEXT_MAX];
	struct mh_str found = { name.p, 0 };

	if (name.len == 0 || name.len >= sizeof(text) || mh_dname_labels(name) == 0)
		return found;
	memcpy(text, name.p, name.len);
	text[name.len] = '\0';
	/* An escaped dot is no end of a label, so the labels are counted here and not there. */
	for (struct mh_str rest = name; mh_dname_labels(rest) > 0; rest = mh_dname_parent(rest)) {
		if (is_suffix(text + (name.len - rest.len)))
			return found;
		found = rest;
	}
	return mh_str_n(name.p, 0);
}

bool
mh_psl_aligned(struct mh_str a, struct mh_str b, bool is_strict)
{
	if (a.len == 0 || b.len == 0)
		return false;
	if (is_strict || mh_str_eq(a, b))
		return mh_str_eq(a, b);
	struct mh_str of_a = mh_psl_registrable(a), of_b = mh_psl_registrable(b);
	return of_a.len > 0 && mh_str_eq(of_a, of_b);
}
