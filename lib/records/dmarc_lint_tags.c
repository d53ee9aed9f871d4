/* dmarc_lint_tags.c - what a DMARC record says
 *
 * Values that cannot be read, addresses to which no report goes, tags of other
 * days; then, of a record that receivers use, how much it protects.
 *
 * RFC 9989 4.6, 4.7, 4.8, 4.10.1, A.6, C.5.2
 */
#include "dmarc_lint_own.h"
#include "port.h"

/* ------------------------------------------------------------------- policies */

/* say_consequence - what receivers do without a policy that can be read */
static void
say_consequence(struct mh_dmarc_lint *lint)
{
	if (!lint->dmarc->is_dmarc || lint->dmarc->is_twice)
		return;
	mh_say(&lint->tell,
	    lint->dmarc->is_recovered
		? " As there is an address for reports, receivers go on as if p=none were written."
		: " Without an address for reports either, receivers treat the domain as if it had no "
		  "record.");
}

static void
lint_policy(struct mh_dmarc_lint *lint, const char *name, bool is_required)
{
	struct mh_tell *tell = &lint->tell;
	const struct mh_tag *tag = mh_dmarc_tag(lint->dmarc, name);
	const struct mh_tag *also = NULL;
	uint8_t meant;

	if (tag == NULL && !is_required)
		return;
	if (tag != NULL && tag->fault != MH_TAG_BAD_VALUE &&
	    mh_dmarc_policy(tag->value) != MH_DMARC_NO_POLICY)
		return;
	if (lint->explains_policy)
		return;
	for (unsigned i = 1; i < lint->dmarc->tags.count && tag == NULL && also == NULL; i++)
		if (mh_dmarc_meant_tag(lint->dmarc->tags.tags[i].name) == MH_DMARC_TAG_P)
			also = &lint->dmarc->tags.tags[i];
	if (tag == NULL) {
		mh_say(tell, "There is no p=.");
	} else {
		meant = mh_dmarc_meant_policy(tag->value);
		mh_say(tell, name);
		mh_say(tell,
		    tag->value.len > 0 ? "= has a value that is none of the three." : "= has no value.");
		if (meant != MH_DMARC_NO_POLICY) {
			mh_say(tell, " Probably ");
			mh_say(tell, mh_dmarc_policy_name(meant));
			mh_say(tell, " was meant.");
		}
	}
	if (also != NULL) {
		mh_say(tell, " Probably it was meant by ");
		mh_say_str(tell, also->text);
		mh_say(tell, ".");
	}
	say_consequence(lint);
	mh_dmarc_tell(lint, MH_F_DMARC_INVALID_POLICY,
	    tag != NULL ? tag->text : lint->dmarc->tags.tags[0].text);
}

/* -------------------------------------------------------------------- values */

/* Tags whose values are single letters, and what a bad one comes to. */
static const struct {
	const char *name, *letters, *means;
} letters[] = {
	{ "adkim", "rs", "r (relaxed) and s (strict); without one of them it is r." },
	{ "aspf", "rs", "r (relaxed) and s (strict); without one of them it is r." },
	{ "t", "yn", "y and n; without one of them it is n." },
	{ "psd", "ynu", "y, n and u; without one of them it is u." },
};

static void
lint_letters(struct mh_dmarc_lint *lint)
{
	for (size_t i = 0; i < MH_COUNT(letters); i++) {
		const struct mh_tag *tag = mh_dmarc_tag(lint->dmarc, letters[i].name);
		if (tag == NULL || tag->fault == MH_TAG_BAD_VALUE ||
		    mh_dmarc_next_tag(tag->value) < tag->value.len)
			continue;
		if (tag->value.len == 1 && tag->value.p[0] != '\0' &&
		    strchr(letters[i].letters, mh_lower(tag->value.p[0])) != NULL)
			continue;
		mh_say(&lint->tell, letters[i].name);
		mh_say(&lint->tell, "= has the values ");
		mh_say(&lint->tell, letters[i].means);
		mh_dmarc_tell(lint, MH_F_DMARC_INVALID_TAG_VALUE, tag->text);
	}
}

static void
lint_fo(struct mh_dmarc_lint *lint)
{
	const struct mh_tag *tag = mh_dmarc_tag(lint->dmarc, "fo");

	if (tag == NULL || tag->fault == MH_TAG_BAD_VALUE || mh_dmarc_is_fo(tag->value) ||
	    mh_dmarc_next_tag(tag->value) < tag->value.len)
		return;
	mh_say(&lint->tell,
	    "fo= has the values 0 or 1, d and s, each once, with colons between them; without it is 0.");
	mh_dmarc_tell(lint, MH_F_DMARC_INVALID_TAG_VALUE, tag->text);
}

/* lint_removed - pct, rf and ri.  That a policy is for part of the mail is what older receivers still go by, so such a
 * pct= is not taken out by the way. */
static void
lint_removed(struct mh_dmarc_lint *lint)
{
	static const char *const names[] = { "pct", "rf", "ri" };
	struct mh_tell *tell = &lint->tell;

	for (size_t i = 0; i < MH_COUNT(names); i++) {
		const struct mh_tag *tag = mh_dmarc_tag(lint->dmarc, names[i]);
		if (tag == NULL)
			continue;
		bool is_pct = i == 0;
		if (is_pct && mh_str_int(tag->value, 100) < 0) {
			mh_say(tell, "pct= was a number from 0 to 100.");
			mh_dmarc_tell(lint, MH_F_DMARC_INVALID_TAG_VALUE, tag->text);
		}
		if (is_pct && lint->dmarc->pct < 100) {
			mh_say(tell, "Newer receivers apply the policy to all mail, older ones to ");
			mh_say_int(tell, lint->dmarc->pct);
			mh_say(tell, " of 100 messages.");
		}
		if (!is_pct || lint->dmarc->pct == 0 || lint->dmarc->pct == 100)
			mh_dmarc_tell(lint, MH_F_DMARC_REMOVED_TAG, tag->text);
	}
}

static void
lint_unknown(struct mh_dmarc_lint *lint)
{
	struct mh_tell *tell = &lint->tell;

	for (unsigned i = 1; i < lint->dmarc->tags.count; i++) {
		const struct mh_tag *tag = &lint->dmarc->tags.tags[i];
		int meant = mh_dmarc_meant_tag(tag->name);
		if ((tag->fault != MH_TAG_FINE && tag->fault != MH_TAG_BAD_VALUE) ||
		    (meant >= 0 && mh_str_ieq(tag->name, mh_str_z(mh_dmarc_tag_name(meant)))))
			continue;
		if (meant >= 0 && mh_dmarc_tag(lint->dmarc, mh_dmarc_tag_name(meant)) == NULL) {
			mh_say(tell, "Probably it was meant as ");
			mh_say(tell, mh_dmarc_tag_name(meant));
			mh_say(tell, "=.");
			/* reports that do not come are more than a tag too many */
			if (meant == MH_DMARC_TAG_RUA) {
				tell->severity = MH_SEV_WARN;
				lint->explains_rua = true;
			}
		}
		mh_dmarc_tell(lint, MH_F_DMARC_UNKNOWN_TAG, tag->text);
	}
}

static void
lint_psd(struct mh_dmarc_lint *lint)
{
	const struct mh_tag *tag = mh_dmarc_tag(lint->dmarc, "psd");

	if (tag == NULL || lint->dmarc->psd == 'u')
		return;
	mh_say(&lint->tell,
	    lint->dmarc->psd == 'y'
		? "psd=y: the domain is a public suffix, under which others register theirs, and no "
		  "organisation of its own."
		: "psd=n: the organisation begins here, and names above are not part of it.");
	mh_tell(&lint->tell, MH_F_DMARC_PSD, tag->text);
}

/* ------------------------------------------------------------------- addresses */

/* say_uri - why no report goes there */
static void
say_uri(struct mh_tell *tell, const struct mh_dmarc_uri *uri)
{
	struct mh_str text = uri->text;
	bool has_at = text.len > 0 && memchr(text.p, '@', text.len) != NULL;

	if (text.len == 0)
		mh_say(tell, "There is no address.");
	else if (uri->size.len > 0 && !uri->is_uri)
		mh_say(tell, "An exclamation mark within an address is written %21.");
	else if (memchr(text.p, ' ', text.len) != NULL)
		mh_say(tell, "Addresses are separated by commas, and there is no space within one.");
	else if (mh_str_istarts(text, MH_STR("mailto:")))
		mh_say(tell,
		    uri->is_uri ? "The domain of the address has one label, and is nobody's in the Internet."
				: "What follows mailto: is no mail address.");
	else if (has_at && memchr(text.p, ':', text.len) == NULL) {
		mh_say(tell, "mailto: is missing before the address: mailto:");
		mh_say_str(tell, text);
		mh_say(tell, ".");
	} else if (uri->is_uri)
		mh_say(tell, "Receivers send reports by mail alone, to addresses with mailto: before them.");
	else
		mh_say(tell, "It is no mail address with mailto: before it.");
}

static void
lint_uris(struct mh_dmarc_lint *lint, const char *name, const struct mh_dmarc_uri *uris, unsigned count)
{
	const struct mh_tag *tag = mh_dmarc_tag(lint->dmarc, name);

	if (tag == NULL || tag->fault == MH_TAG_BAD_VALUE || mh_dmarc_next_tag(tag->value) < tag->value.len ||
	    memchr(tag->text.p, '"', tag->text.len) != NULL ||
	    memchr(tag->text.p, '\\', tag->text.len) != NULL)
		return; /* told as a matter of form */
	for (unsigned i = 0; i < count; i++) {
		const struct mh_dmarc_uri *uri = &uris[i];
		if (!uri->is_good) {
			say_uri(&lint->tell, uri);
			mh_dmarc_tell(lint, MH_F_DMARC_REPORT_URI,
			    uri->text.len > 0
				? mh_str_n(uri->text.p,
				      uri->text.len + (uri->size.p != NULL ? uri->size.len + 1 : 0))
				: tag->text);
		} else if (uri->size.len > 0)
			mh_dmarc_tell(lint, MH_F_DMARC_URI_SIZE,
			    mh_str_n(uri->size.p - 1, uri->size.len + 1));
	}
}

/* ------------------------------------------------------------- how much it protects */

/* tell_asks - a finding about what a record that is in order asks for: with this one text as the fix of all such */
static void
tell_asks(struct mh_dmarc_lint *lint, int number, struct mh_str evidence, const struct mh_dmarc_meant *better)
{
	if (!lint->is_mended) {
		struct mh_str text = mh_dmarc_write(lint->tell.arena, better);
		lint->tell.bad |= text.p == NULL;
		if (text.p != NULL)
			mh_dmarc_fix(lint, text);
	}
	mh_tell(&lint->tell, number, evidence);
}

static struct mh_str
text_of(const struct mh_dmarc *dmarc, const char *name)
{
	const struct mh_tag *tag = mh_dmarc_tag(dmarc, name);
	return tag != NULL ? tag->text : MH_STR("");
}

/* lint_reports - whether somebody is told; if not, that comes first */
static void
lint_reports(struct mh_dmarc_lint *lint)
{
	struct mh_dmarc_meant better = lint->meant;

	if (mh_dmarc_tag(lint->dmarc, "rua") != NULL || lint->explains_rua)
		return;
	struct mh_str start = mh_dmarc_start(lint->tell.arena, lint->domain);
	lint->tell.bad |= start.p == NULL;
	const char *at = start.p != NULL && start.len > 0 ? memchr(start.p, '@', start.len) : NULL;
	if (at != NULL) {
		static const struct mh_str before = MH_STR_INIT("v=DMARC1; p=none; rua=");
		better.value[MH_DMARC_TAG_RUA] = mh_str_n(start.p + before.len, start.len - before.len);
		if (!lint->is_mended) {
			mh_say(&lint->tell, "The record proposed names dmarc-reports@");
			mh_say_str(&lint->tell, lint->domain);
			mh_say(&lint->tell, ": that mailbox has to be there, or another written.");
		}
		tell_asks(lint, MH_F_DMARC_NO_RUA, lint->tell.text, &better);
	} else
		mh_tell(&lint->tell, MH_F_DMARC_NO_RUA, lint->tell.text);
	/* One fix at a time: who reads no reports had better not ask for more. */
	lint->is_mended = true;
}

/* Which of its parts weaken a policy that is there. */
struct weak {
	bool is_testing, is_sp, is_np, is_pct;
};

static struct weak
weak_parts(const struct mh_dmarc *dmarc)
{
	bool has_sp = dmarc->written_sp != MH_DMARC_NO_POLICY,
	     has_np = dmarc->written_np != MH_DMARC_NO_POLICY;
	bool asks = dmarc->p > MH_DMARC_NONE || dmarc->sp > MH_DMARC_NONE || dmarc->np > MH_DMARC_NONE;
	struct weak weak;

	weak.is_testing = dmarc->is_testing && asks;
	weak.is_sp = has_sp && dmarc->sp < dmarc->p;
	weak.is_np = has_np && dmarc->np < dmarc->sp;
	weak.is_pct = dmarc->pct > 0 && dmarc->pct < 100;
	return weak;
}

static void
lint_asks(struct mh_dmarc_lint *lint)
{
	const struct mh_dmarc *dmarc = lint->dmarc;
	struct mh_tell *tell = &lint->tell;
	struct weak weak = weak_parts(dmarc);
	struct mh_dmarc_meant better = lint->meant;

	if (weak.is_testing)
		better.value[MH_DMARC_TAG_T] = MH_STR("");
	if (weak.is_sp)
		better.value[MH_DMARC_TAG_SP] = MH_STR("");
	if (weak.is_np || (weak.is_sp && dmarc->np < dmarc->p))
		better.value[MH_DMARC_TAG_NP] = MH_STR("");
	if (weak.is_pct)
		better.value[MH_DMARC_TAG_PCT] = MH_STR("");
	if (dmarc->p == MH_DMARC_NONE) {
		better.value[MH_DMARC_TAG_P] = MH_STR("quarantine");
		if (dmarc->sp == MH_DMARC_NONE)
			better.value[MH_DMARC_TAG_SP] = MH_STR("");
		if (dmarc->np == MH_DMARC_NONE)
			better.value[MH_DMARC_TAG_NP] = MH_STR("");
	}

	if (weak.is_sp)
		tell_asks(lint, MH_F_DMARC_SUBDOMAIN_WEAKER, text_of(dmarc, "sp"), &better);
	if (weak.is_np)
		tell_asks(lint, MH_F_DMARC_NP_WEAKER, text_of(dmarc, "np"), &better);
	if (weak.is_testing) {
		mh_say(tell, "In effect p= is ");
		mh_say(tell, mh_dmarc_policy_name(mh_dmarc_effective(dmarc, dmarc->p)));
		mh_say(tell, ".");
		tell_asks(lint, MH_F_DMARC_TESTING, text_of(dmarc, "t"), &better);
	}
	if (dmarc->p == MH_DMARC_NONE && dmarc->written_p == MH_DMARC_NONE && !dmarc->is_recovered)
		tell_asks(lint, MH_F_DMARC_POLICY_NONE, text_of(dmarc, "p"), &better);
	if (weak.is_pct) {
		mh_say(tell, "Newer receivers apply the policy to all mail, older ones to ");
		mh_say_int(tell, dmarc->pct);
		mh_say(tell, " of 100 messages.");
		tell_asks(lint, MH_F_DMARC_REMOVED_TAG, text_of(dmarc, "pct"), &better);
	}
}

void
mh_dmarc_lint_tags(struct mh_dmarc_lint *lint)
{
	lint_policy(lint, "p", true);
	lint_policy(lint, "sp", false);
	lint_policy(lint, "np", false);
	lint_uris(lint, "rua", lint->dmarc->rua, lint->dmarc->rua_count);
	lint_uris(lint, "ruf", lint->dmarc->ruf, lint->dmarc->ruf_count);
	lint_letters(lint);
	lint_fo(lint);
	lint_unknown(lint);
	lint_removed(lint);
	lint_psd(lint);
	if (!lint->dmarc->is_valid)
		return;
	lint_reports(lint);
	lint_asks(lint);
}
