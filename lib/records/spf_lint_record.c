/* spf_lint_record.c - is there one SPF record at all, and where it should be
 *
 * No record, several, one that is nearly one, one at another name or cut in
 * two, and the remains of what SPF once had beside it.
 *
 * RFC 7208 3, 3.1, 3.3, 4.3, 4.5
 */
#include "error.h"
#include "port.h"
#include "spf_lint_own.h"

/* ------------------------------------------------------------- another name */

/* want_under - the TXT records of PREFIX.domain; NULL: missing, or there can be no such name */
static const struct mh_fact *
want_under(struct mh_lint *lint, const char *prefix)
{
	char raw[MH_DNAME_TEXT_MAX + 16], name[MH_DNAME_TEXT_MAX];
	size_t n = strlen(prefix);

	if (lint->tree->domain.len >= MH_DNAME_TEXT_MAX)
		return NULL;
	memcpy(raw, prefix, n);
	memcpy(raw + n, lint->tree->domain.p, lint->tree->domain.len);
	size_t len = mh_dname_canonical(mh_str_n(raw, n + lint->tree->domain.len), name);
	return len > 0 ? mh_want(lint->pass, mh_str_n(name, len), MH_RR_TXT) : NULL;
}

/* find_record - the first SPF record of an answer; p NULL: it has none */
static struct mh_str
find_record(struct mh_lint *lint, const struct mh_fact *fact)
{
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str text = mh_lint_text(lint, fact, i);
		if (mh_spf_is_record(text))
			return text;
	}
	return (struct mh_str){ NULL, 0 };
}

/* look_elsewhere - a record that stands at a name where nobody looks for it; whether there is one */
static bool
look_elsewhere(struct mh_lint *lint)
{
	const struct mh_fact *facts[] = { want_under(lint, "_spf."), want_under(lint, "spf."),
		want_under(lint, "_dmarc.") };
	for (size_t i = 0; i < MH_COUNT(facts); i++) {
		struct mh_str text = find_record(lint, facts[i]);
		if (facts[i] == NULL || text.p == NULL)
			continue;
		mh_lint_say(lint, "The record stands at ");
		mh_lint_say_str(lint, facts[i]->name);
		mh_lint_say(lint, "; receivers look at ");
		mh_lint_say_str(lint, lint->tree->domain);
		mh_lint_say(lint, " alone.");
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_WRONG_NAME,
			.subject = facts[i]->name,
			.evidence = text,
			.begin = -1,
			.end = -1,
			.fix = mh_lint_replace(lint, text) });
		return true;
	}
	return false;
}

/* ---------------------------------------------------------- nearly a record */

/* is_nearly - whether a text was meant as an SPF record and is none */
static bool
is_nearly(struct mh_str text)
{
	static const char *const begins[] = { "v=spf1", "v = spf1", "v =spf1", "v= spf1", "v=spf ", "v:spf1",
		"v-spf1", "vspf1", "v=sfp1", "v=psf1", "v=spf-1", "spf=", "spf1", "=spf1" };
	struct mh_str begin = text;

	while (begin.len > 0 &&
	    (mh_is_space(begin.p[0]) || begin.p[0] == '"' || begin.p[0] == '\'' || begin.p[0] == '(' ||
		(unsigned char)begin.p[0] >= 0x80))
		begin = mh_str_n(begin.p + 1, begin.len - 1);
	/* "v=spf10" is another version, and spf2.0 is Sender ID */
	if (mh_spf_is_record(text) || (begin.len > 6 && mh_is_digit(begin.p[6])))
		return false;
	for (size_t i = 0; i < MH_COUNT(begins); i++)
		if (mh_str_istarts(begin, mh_str_z(begins[i])))
			return true;
	return false;
}

/* is_joined - whether the version is right but something stands right before or behind it */
static bool
is_joined(struct mh_str text)
{
	struct mh_str begin = mh_str_trim(text);
	if (begin.len > 0 && (begin.p[0] == '"' || begin.p[0] == '\''))
		return true;
	return mh_str_istarts(begin, MH_STR("v=spf1")) &&
	    (begin.p != text.p || (begin.len > 6 && memchr(",;.:", begin.p[6], 4) == NULL));
}

/* say_nearly - why it is none */
static void
say_nearly(struct mh_lint *lint, struct mh_str text)
{
	mh_lint_say(lint,
	    "A record must begin with v=spf1 and a space, with nothing before it; this one begins with \"");
	mh_lint_say_str(lint, mh_str_n(text.p, text.len < 12 ? text.len : 12));
	mh_lint_say(lint, "\" and counts for nothing.");
}

/* say_meant - what it was probably meant to be, if there is an idea */
static void
say_meant(struct mh_lint *lint, struct mh_str meant)
{
	if (meant.p == NULL)
		return;
	mh_lint_say(lint, "It was probably meant to be: ");
	mh_lint_say_str(lint, meant);
}

/* tell_nearly - such a text, with what it was probably meant to be */
static void
tell_nearly(struct mh_lint *lint, struct mh_str text)
{
	struct mh_str meant = mh_lint_mend(lint, text);
	size_t bad = 0;

	lint->also[0] = text;
	const struct mh_lint_fix *fix = meant.p != NULL ? mh_lint_replace(lint, meant) : NULL;
	lint->also[0].len = 0;
	struct mh_lint_note note = { .number = MH_F_SPF_UNQUOTED_OR_JOINED,
		.evidence = text,
		.begin = -1,
		.end = -1,
		.fix = fix };
	while (bad < text.len && (unsigned char)text.p[bad] < 0x80)
		bad++;
	if (bad < text.len) {
		note.number = MH_F_SPF_NON_ASCII;
		note.severity = MH_SEV_FAIL;
		note.begin = (int64_t)bad;
		note.end = (int64_t)bad + 1;
		say_nearly(lint, text);
		mh_lint_say(lint, meant.p != NULL ? " " : "");
		say_meant(lint, meant);
		mh_lint_tell(lint, &note);
	} else if (is_joined(text)) {
		say_nearly(lint, text);
		mh_lint_tell(lint, &note);
	} else {
		note.number = MH_F_SPF_SYNTAX;
		say_nearly(lint, text);
		mh_lint_tell(lint, &note);
		note.number = MH_F_SPF_TYPO;
		say_meant(lint, meant);
		mh_lint_tell(lint, &note);
	}
}

/* ------------------------------------------------------------------ missing */

/* is_null_mx - RFC 7505 3: the domain takes no mail */
static bool
is_null_mx(const struct mh_fact *mx)
{
	char name[MH_DNAME_TEXT_MAX];
	return mh_fact_is_present(mx) && mx->count == 1 && mh_rr_name(mx, 0, name, NULL) == 1 &&
	    name[0] == '.';
}

/* host_state - MH_FACT_PRESENT if the domain's name has an address, _NODATA if it has none; _UNKNOWN: one of the two
 * answers is, or is still to come */
static int
host_state(struct mh_lint *lint)
{
	const struct mh_fact *a = mh_want(lint->pass, lint->tree->domain, MH_RR_A);
	const struct mh_fact *aaaa = mh_want(lint->pass, lint->tree->domain, MH_RR_AAAA);

	if ((a != NULL && mh_fact_is_present(a)) || (aaaa != NULL && mh_fact_is_present(aaaa)))
		return MH_FACT_PRESENT;
	bool is_known = a != NULL && mh_fact_is_absent(a) && aaaa != NULL && mh_fact_is_absent(aaaa);
	return is_known ? MH_FACT_NODATA : MH_FACT_UNKNOWN;
}

/* tell_no_mail - no record, of a domain that no mail goes to.  It may send all the same if there is a host, so that
 * -all is offered only where there is none or where the domain says so itself. */
static void
tell_no_mail(struct mh_lint *lint, const struct mh_fact *mx)
{
	bool is_null = is_null_mx(mx);
	int host = is_null ? MH_FACT_UNKNOWN : host_state(lint);

	if (lint->report == NULL)
		return;
	if (is_null)
		mh_lint_say(lint, "Its null MX says that it takes no mail.");
	else if (host == MH_FACT_NODATA)
		mh_lint_say(lint, "It has neither MX nor address, so it has nothing to do with mail.");
	else
		mh_lint_say(lint,
		    "It has no MX. If mail is sent in its name all the same, it needs a record that "
		    "names the servers, such as v=spf1 a ~all where the host of this name sends.");
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_NO_MAIL,
		.begin = -1,
		.end = -1,
		.fix = is_null || host == MH_FACT_NODATA ? mh_lint_replace(lint, MH_STR("v=spf1 -all"))
							 : NULL });
}

/* is_exchange - whether the address is known to be one of the MX hosts' */
static bool
is_exchange(const struct mh_lint *lint, const struct mh_fact *mx)
{
	const struct mh_ip *ip = &lint->question->ip;
	char name[MH_DNAME_TEXT_MAX];
	struct mh_ip other;

	for (size_t i = 0; mx != NULL && i < mx->count; i++) {
		size_t len = mh_rr_name(mx, i, name, NULL);
		const struct mh_fact *fact =
		    mh_known(lint->pass, mh_str_n(name, len), ip->family == 4 ? MH_RR_A : MH_RR_AAAA);
		for (size_t k = 0; fact != NULL && k < fact->count; k++)
			if (mh_rr_ip(fact, k, &other) &&
			    memcmp(other.octets, ip->octets, ip->family == 4 ? 4 : 16) == 0)
				return true;
	}
	return false;
}

/* first_record - a record to begin with: the MX hosts, where there are some, and the address given */
static struct mh_str
first_record(struct mh_lint *lint, const struct mh_fact *mx)
{
	const struct mh_ip *ip = &lint->question->ip;
	char address[MH_IP_TEXT_MAX];
	struct mh_buf text;

	mh_buf_init(&text, &lint->pass->work->mem, 128);
	mh_buf_puts(&text, mx != NULL ? "v=spf1 mx" : "v=spf1");
	if (ip->family != 0 && !is_exchange(lint, mx)) {
		mh_ip_print(ip, address);
		mh_buf_puts(&text, ip->family == 4 ? " ip4:" : " ip6:");
		mh_buf_puts(&text, address);
	}
	mh_buf_puts(&text, " ~all");
	return mh_lint_keep(lint, &text);
}

/* tell_missing - there is no SPF record.  Of a domain without mail that is no fault, unless somebody wants to
 * send for it. */
static void
tell_missing(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	const struct mh_fact *mx = mh_want(lint->pass, tree->domain, MH_RR_MX);
	const struct mh_lint_fix *fix = NULL;
	struct mh_str text = MH_STR("");

	for (size_t i = 0; i < tree->fact->count && text.len == 0; i++) {
		text = mh_lint_text(lint, tree->fact, i);
		if (!is_nearly(text))
			text.len = 0;
	}
	bool is_elsewhere = look_elsewhere(lint);
	if (text.len > 0 && lint->report != NULL)
		tell_nearly(lint, text);
	if (is_elsewhere || text.len > 0 || mx == NULL)
		return;
	if (mx->state == MH_FACT_UNKNOWN)
		mh_lint_unknown(lint, mx, tree->domain, MH_RR_MX);
	bool has_mx = mh_fact_is_present(mx) && !is_null_mx(mx);
	if (!has_mx && mx->state != MH_FACT_UNKNOWN && mx->state != MH_FACT_NXDOMAIN &&
	    lint->verdict == NULL) {
		tell_no_mail(lint, mx);
		return;
	}
	if (lint->report == NULL)
		return;
	if (has_mx || lint->question->ip.family != 0) {
		mh_lint_say(lint,
		    !has_mx
			? "The record offered lets the address given send; add whoever else sends for you."
			: "The record offered lets the domain's MX hosts send; add whoever else sends for "
			  "you.");
		fix = mh_lint_replace(lint, first_record(lint, has_mx ? mx : NULL));
	} else if (tree->fact->state == MH_FACT_NXDOMAIN) {
		mh_lint_say(lint, "The name does not exist at all.");
	} else {
		mh_lint_say(lint,
		    "A record has the form v=spf1 ip4:ADDRESS ~all; of a domain that sends no mail it is "
		    "v=spf1 -all.");
	}
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_MISSING, .begin = -1, .end = -1, .fix = fix });
}

/* ------------------------------------------------------------------ several */

/* has_word - whether a term stands between the spaces of a text */
static bool
has_word(const struct mh_buf *text, struct mh_str word)
{
	const char *p = mh_buf_z(text), *end = p + text->len;
	while (p < end) {
		const char *space = memchr(p, ' ', (size_t)(end - p));
		const char *stop = space != NULL ? space : end;
		if (mh_str_ieq(mh_str_n(p, (size_t)(stop - p)), word))
			return true;
		p = stop + 1;
	}
	return false;
}

/* put_merged - the mechanisms of one record; false: it has something that cannot be put together.  *all: the
 * gentlest end, since who was allowed by one record is not to be refused for another. */
static bool
put_merged(struct mh_buf *text, const struct mh_spf_record *record, struct mh_str *all, unsigned *costs)
{
	if (record->error_count > 0 || record->redirect != NULL || record->exp != NULL)
		return false;
	for (uint32_t i = 0; i < record->count; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		if (term->kind == MH_SPF_ALL) {
			if (all->len == 0 || term->qualifier == '?' ||
			    (term->qualifier == '~' && all->p[0] == '-'))
				*all = term->text;
			return term->qualifier != '+';
		}
		if (term->qualifier != '+')
			return false;
		if (has_word(text, term->text))
			continue;
		mh_buf_putc(text, ' ');
		mh_buf_putstr(text, term->text);
		*costs += mh_spf_kind_costs(term->kind);
	}
	return true;
}

/* merged - the mechanisms of all records in one; p NULL: that cannot be known */
static struct mh_str
merged(struct mh_lint *lint)
{
	const struct mh_fact *fact = lint->tree->fact;
	struct mh_str all = { "", 0 };
	struct mh_buf text;
	unsigned costs = 0;
	bool is_clear = lint->tree->records <= 4;

	mh_buf_init(&text, &lint->pass->work->mem, 4096);
	mh_buf_puts(&text, "v=spf1");
	for (size_t i = 0; i < fact->count && is_clear; i++) {
		struct mh_str old = mh_lint_text(lint, fact, i);
		if (!mh_spf_is_record(old))
			continue;
		const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, old);
		is_clear = record != NULL && put_merged(&text, record, &all, &costs);
	}
	if (!is_clear || costs > 10 || text.bad) {
		mh_buf_free(&text);
		return (struct mh_str){ NULL, 0 };
	}
	mh_buf_putc(&text, ' ');
	mh_buf_putstr(&text, all.len > 0 ? all : MH_STR("~all"));
	return mh_lint_keep(lint, &text);
}

/* tell_several - more than one record */
static void
tell_several(struct mh_lint *lint)
{
	struct mh_str text = merged(lint);
	mh_lint_say(lint, "There are ");
	mh_lint_say_int(lint, lint->tree->records);
	mh_lint_say(lint, " records that begin with v=spf1.");
	if (text.p != NULL)
		mh_lint_say(lint,
		    " The record offered has the terms of all; check it again when it is published.");
	const struct mh_finding_arg args[] = { { "records", { NULL, 0 }, lint->tree->records } };
	mh_lint_tell(lint,
	    &(struct mh_lint_note){ .number = MH_F_SPF_MULTIPLE_RECORDS,
		.evidence = lint->tree->text,
		.begin = -1,
		.end = -1,
		.fix = text.p != NULL ? mh_lint_replace(lint, text) : NULL,
		.args = args,
		.args_count = 1 });
}

/* --------------------------------------------------------------- cut in two */

/* whole - two texts as one record, with or without a space between; p NULL: that is none with an end */
static struct mh_str
whole(struct mh_lint *lint, struct mh_str first, struct mh_str second)
{
	for (int spaces = 1; spaces >= 0; spaces--) {
		struct mh_buf text;
		mh_buf_init(&text, &lint->pass->work->mem, 65535);
		mh_buf_putstr(&text, mh_str_trim(first));
		if (spaces > 0)
			mh_buf_putc(&text, ' ');
		mh_buf_putstr(&text, mh_str_trim(second));
		struct mh_str both = mh_lint_keep(lint, &text);
		const struct mh_spf_record *record =
		    both.p != NULL ? mh_spf_parse(lint->pass->arena, both) : NULL;
		if (record != NULL && record->error_count == 0 &&
		    (record->all != NULL || record->redirect != NULL))
			return both;
	}
	return (struct mh_str){ NULL, 0 };
}

/* looks_spf - whether a text that is no record has words of one */
static bool
looks_spf(struct mh_str text)
{
	static const char *const begins[] = { "include:", "ip4:", "ip6:", "mx", "a:", "-all", "~all", "?all",
		"de:" };
	if (text.len > 8 && mh_str_iends(text, MH_STR("all")) &&
	    memchr("-~?+", text.p[text.len - 4], 4) != NULL)
		return true;
	for (size_t i = 0; i < MH_COUNT(begins); i++)
		if (mh_str_istarts(mh_str_trim(text), mh_str_z(begins[i])))
			return true;
	return false;
}

/* tell_cut - a record without an end, which goes on in another TXT record */
static void
tell_cut(struct mh_lint *lint)
{
	const struct mh_fact *fact = lint->tree->fact;
	const struct mh_spf_record *record = lint->tree->record;

	if (record->all != NULL || record->redirect != NULL)
		return;
	for (size_t i = 0; i < fact->count && i < 64; i++) {
		struct mh_str text = mh_lint_text(lint, fact, i);
		if (text.len < 4 || mh_spf_is_record(text) || !looks_spf(text))
			continue;
		struct mh_str both = whole(lint, lint->tree->text, text);
		if (both.p == NULL)
			continue;
		lint->also[0] = text;
		mh_lint_say(lint, "It has no end, and seems to go on in another TXT record: ");
		mh_lint_say_str(lint, text);
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_UNQUOTED_OR_JOINED,
			.evidence = lint->tree->text,
			.begin = -1,
			.end = -1,
			.fix = mh_lint_replace(lint, both) });
		lint->also[0].len = 0;
		return;
	}
}

/* ------------------------------------------------------------------ remains */

/* look_at_remains - records beside: of the dead type 99, and of Sender ID */
static void
look_at_remains(struct mh_lint *lint)
{
	const struct mh_fact *type99 = mh_want(lint->pass, lint->tree->domain, MH_RR_SPF);
	const struct mh_fact *fact = lint->tree->fact;

	if (lint->report == NULL || lint->is_parked)
		return;
	if (type99 != NULL && mh_fact_is_present(type99))
		mh_lint_tell(lint,
		    &(struct mh_lint_note){ .number = MH_F_SPF_TYPE99,
			.evidence = mh_lint_text(lint, type99, 0),
			.begin = -1,
			.end = -1,
			.fix = type99->count == 1 ? mh_lint_fix_removed(lint, type99, 0) : NULL });
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_str text = mh_lint_text(lint, fact, i);
		if (mh_str_istarts(text, MH_STR("spf2.0")) && mh_lint_may(lint, MH_F_SPF_SENDER_ID))
			mh_lint_tell(lint,
			    &(struct mh_lint_note){ .number = MH_F_SPF_SENDER_ID,
				.evidence = text,
				.begin = -1,
				.end = -1,
				.fix = mh_lint_fix_removed(lint, fact, i) });
	}
}

void
mh_lint_record(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;

	/* Of such a name nobody asks anything (RFC 7208 4.3). */
	if (memchr(tree->domain.p, '.', tree->domain.len) == NULL)
		return;
	look_at_remains(lint);
	if (tree->fact == NULL || tree->fact->state == MH_FACT_UNKNOWN) {
		if (tree->fact != NULL)
			mh_lint_unknown(lint, tree->fact, tree->domain, MH_RR_TXT);
	} else if (tree->records == 0) {
		tell_missing(lint);
	} else if (tree->records > 1 && lint->report != NULL) {
		tell_several(lint);
	} else if (tree->record != NULL && lint->report != NULL) {
		tell_cut(lint);
	}
}
