/* dom_dmarc_reports.c - where the DMARC reports about a domain go, and whether they can
 *
 * Another organisation has to say that it takes them (RFC 9990 4), and whoever
 * takes them needs a mail server.  The fix is always in the domain's own record:
 * the addresses that bring nothing go, all at once.
 */
#include "dom_dmarc.h"

#include "error.h"

/* add_destination - asks about one more domain */
static void
add_destination(struct mh_pass *pass, const struct mh_dom_dmarc *dmarc, const struct mh_dmarc_uri *uri,
    struct mh_dom_reports *all)
{
	struct mh_str at = dmarc->rfc9989.at;

	if (!uri->is_good || all->count == MH_DOM_REPORTS_MAX)
		return;
	for (unsigned i = 0; i < all->count; i++)
		if (mh_str_eq(all->at[i].domain, uri->domain))
			return;
	struct mh_dom_report *to = &all->at[all->count++];
	*to = (struct mh_dom_report){ .domain = uri->domain, .uri = uri->text };
	mh_dmarc_external(pass, at, to->domain, mh_str_eq(at, dmarc->walk.domain) ? &dmarc->walk : NULL,
	    false, &to->external);
	to->mx = mh_want(pass, to->domain, MH_RR_MX);
	to->a = mh_want(pass, to->domain, MH_RR_A);
	to->aaaa = mh_want(pass, to->domain, MH_RR_AAAA);
}

void
mh_dom_dmarc_reports(struct mh_pass *pass, const struct mh_dom_dmarc *dmarc, struct mh_dom_reports *all)
{
	const struct mh_dmarc *record = dmarc->rfc9989.dmarc;

	all->count = 0;
	all->own_mx = NULL;
	if (!mh_dom_dmarc_is_used(&dmarc->rfc9989))
		return;
	all->own_mx = mh_want(pass, dmarc->rfc9989.at, MH_RR_MX);
	for (unsigned i = 0; i < record->rua_count; i++)
		add_destination(pass, dmarc, &record->rua[i], all);
	for (unsigned i = 0; i < record->ruf_count; i++)
		add_destination(pass, dmarc, &record->ruf[i], all);
}

/* has_null_mx - RFC 7505: it takes no mail at all */
static bool
has_null_mx(const struct mh_fact *mx)
{
	char name[MH_DNAME_TEXT_MAX];
	return mx->count == 1 && mh_rr_name(mx, 0, name, NULL) == 1 && name[0] == '.';
}

/* unknown_of - the fact on which it depends whether mail can go there, and that could not be had; NULL */
static const struct mh_fact *
unknown_of(const struct mh_dom_report *to)
{
	if (to->mx->state == MH_FACT_UNKNOWN)
		return to->mx;
	if (to->mx->count > 0 || to->a->count > 0 || to->aaaa->count > 0)
		return NULL;
	if (to->a->state == MH_FACT_UNKNOWN)
		return to->a;
	return to->aaaa->state == MH_FACT_UNKNOWN ? to->aaaa : NULL;
}

/* gets_no_mail - it has no MX host, nor an address in place of one (RFC 5321 5.1) */
static bool
gets_no_mail(const struct mh_dom_report *to)
{
	return unknown_of(to) == NULL &&
	    (has_null_mx(to->mx) || (to->mx->count == 0 && to->a->count == 0 && to->aaaa->count == 0));
}

/* is_ours - the destination's DNS is that of the domain's people, so the record that lacks can be added */
static bool
is_ours(const struct mh_dom_dmarc *dmarc, const struct mh_dom_report *to)
{
	return to->external.name.len > 0 && mh_dname_is_under(to->domain, dmarc->walk.domain);
}

/* is_lost - reports to that address come to nobody, and the record had better not have it */
static bool
is_lost(const struct mh_dom_dmarc *dmarc, const struct mh_dom_reports *all, const struct mh_dmarc_uri *uri)
{
	for (unsigned i = 0; i < all->count; i++) {
		const struct mh_dom_report *to = &all->at[i];
		if (uri->is_good && mh_str_eq(to->domain, uri->domain))
			return gets_no_mail(to) ||
			    (to->external.state == MH_DMARC_EXTERNAL_NOT && !is_ours(dmarc, to));
	}
	return false;
}

/* put_addresses - a tag with the addresses that are left; false: there are none, and it was not written */
static bool
put_addresses(struct mh_buf *out, const char *tag, const struct mh_dom_dmarc *dmarc,
    const struct mh_dom_reports *all, const struct mh_dmarc_uri *uris, unsigned count)
{
	unsigned left = 0;
	for (unsigned i = 0; i < count; i++) {
		if (is_lost(dmarc, all, &uris[i]))
			continue;
		mh_buf_puts(out, left == 0 ? "; " : ",");
		mh_buf_puts(out, left == 0 ? tag : "");
		mh_buf_putstr(out, uris[i].text);
		left++;
	}
	return left > 0;
}

/* better_record - without the addresses that bring nothing; where none is left, one of the domain's own stands in, if
 * it takes mail at all */
static struct mh_str
better_record(struct mh_arena *arena, const struct mh_dom_dmarc *dmarc, const struct mh_dom_reports *all,
    bool *stands_in)
{
	const struct mh_dmarc *record = dmarc->rfc9989.dmarc;
	struct mh_buf out;

	*stands_in = false;
	mh_buf_init(&out, &arena->mem, MH_TAGLIST_MAX + 2 * MH_DNAME_TEXT_MAX);
	mh_buf_puts(&out, "v=DMARC1");
	for (unsigned i = 1; i < record->tags.count; i++) {
		const struct mh_tag *tag = &record->tags.tags[i];
		if (tag == mh_dmarc_tag(record, "ruf")) {
			(void)put_addresses(&out, "ruf=", dmarc, all, record->ruf, record->ruf_count);
		} else if (tag != mh_dmarc_tag(record, "rua")) {
			mh_buf_puts(&out, "; ");
			mh_buf_putstr(&out, tag->text);
		} else if (!put_addresses(&out, "rua=", dmarc, all, record->rua, record->rua_count) &&
		    all->own_mx != NULL && all->own_mx->count > 0 && !has_null_mx(all->own_mx)) {
			*stands_in = true;
			mh_buf_puts(&out, "; rua=mailto:dmarc-reports@");
			mh_buf_putstr(&out, dmarc->rfc9989.at);
		}
	}
	return mh_buf_keep(arena, &out);
}

/* fix_record - the record without those addresses, for each finding about them the same */
static void
fix_record(struct mh_tell *tell, const struct mh_dom_dmarc *dmarc, const struct mh_dom_reports *all,
    const struct mh_fact *fact)
{
	bool stands_in;

	for (size_t i = 0; i < fact->count; i++) {
		struct mh_str text = mh_rr_text(fact, i, tell->arena);
		if (text.p == NULL || !mh_str_eq(text, dmarc->rfc9989.dmarc->text))
			continue;
		struct mh_str better = better_record(tell->arena, dmarc, all, &stands_in);
		if (better.p == NULL) {
			tell->bad = true;
			return;
		}
		if (stands_in) {
			mh_say(tell, " The record shown has them sent to dmarc-reports@");
			mh_say_str(tell, dmarc->rfc9989.at);
			mh_say(tell, ", a mailbox to be made first.");
		}
		mh_tell_fix_txt(tell, fact->name, fact, (int)i, better);
		return;
	}
}

/* say_unauthorised - the record that the other domain lacks, in words: it is not for us to change */
static void
say_unauthorised(struct mh_tell *tell, const struct mh_dom_report *to)
{
	struct mh_str name = to->external.name;

	if (name.len == 0) {
		mh_say(tell, "The name at which ");
		mh_say_str(tell, to->domain);
		mh_say(tell, " would have to say so is longer than a name can be.");
		return;
	}
	mh_say_str(tell, to->domain);
	mh_say(tell, " has to publish, in its DNS, a TXT record at ");
	mh_say_str(tell, name);
	mh_say(tell, " with the text v=DMARC1; (or at *._report._dmarc.");
	mh_say_str(tell, to->domain);
	mh_say(tell, ", if it takes reports about everybody).");
}

static void
say_no_mail(struct mh_tell *tell, const struct mh_dom_report *to)
{
	mh_say_str(tell, to->domain);
	mh_say(tell,
	    has_null_mx(to->mx)                     ? " says by a null MX that it takes no mail."
		: to->mx->state == MH_FACT_NXDOMAIN ? " does not exist."
						    : " has neither MX records nor an address.");
}

/* tell_one - what is wrong with one destination; may_fix: the record may be written anew */
static void
tell_one(struct mh_tell *tell, const struct mh_dom_dmarc *dmarc, const struct mh_dom_reports *all,
    const struct mh_dom_report *to, const struct mh_fact *fact, bool may_fix)
{
	if (to->external.state == MH_DMARC_EXTERNAL_UNKNOWN && to->external.fact != NULL)
		mh_tell_unknown(tell, to->external.fact);
	if (to->external.state == MH_DMARC_EXTERNAL_NOT) {
		say_unauthorised(tell, to);
		if (is_ours(dmarc, to))
			mh_tell_fix_txt(tell, to->external.name, to->external.fact, -1, MH_STR("v=DMARC1;"));
		else if (may_fix)
			fix_record(tell, dmarc, all, fact);
		mh_tell_arg_str(tell, "domain", to->domain);
		mh_tell_arg_str(tell, "name", to->external.name);
		mh_tell(tell, MH_F_DMARC_REPORT_NOT_AUTHORISED, to->uri);
	}
	if (unknown_of(to) != NULL) {
		mh_tell_unknown(tell, unknown_of(to));
	} else if (gets_no_mail(to)) {
		say_no_mail(tell, to);
		if (may_fix)
			fix_record(tell, dmarc, all, fact);
		mh_tell_arg_str(tell, "domain", to->domain);
		mh_tell(tell, MH_F_DMARC_REPORT_NO_MX, to->uri);
	}
}

void
mh_dom_dmarc_tell_reports(struct mh_look *look, const struct mh_dom_dmarc *dmarc,
    const struct mh_dom_reports *all)
{
	const struct mh_fact *fact = mh_dom_dmarc_fact(&dmarc->walk, dmarc->rfc9989.at);
	struct mh_tell tell;

	for (unsigned i = 0; i < all->count; i++)
		if (all->at[i].mx == NULL || all->at[i].a == NULL || all->at[i].aaaa == NULL)
			return; /* no memory */
	if (fact == NULL || all->count == 0)
		return;
	bool may_fix = !mh_dom_dmarc_has_fix(look->report, fact->name);
	mh_look_tell(look, &tell, "dmarc", fact->name);
	tell.text = dmarc->rfc9989.dmarc->text;
	for (unsigned i = 0; i < all->count; i++)
		tell_one(&tell, dmarc, all, &all->at[i], fact, may_fix);
	mh_look_told(look, &tell);
}
