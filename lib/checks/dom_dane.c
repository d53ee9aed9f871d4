/* dom_dane.c - section "dane" of the check "domain": TLSA records of the MX hosts, as far as DNS alone can tell
 *
 * Whether they match the certificates that the servers show is the matter of the
 * check "tls", which connects.
 *
 * RFC 7672, RFC 6698
 */
#include "domain.h"

#include "dane.h"
#include "error.h"
#include "mx.h"

#define HOSTS_MAX 16 /* MX hosts that are looked at */

/* The MX hosts and what was asked of each. */
struct hosts {
	struct mh_str names[HOSTS_MAX], bases[HOSTS_MAX];
	const struct mh_fact *facts[HOSTS_MAX]; /* NULL: missing */
	unsigned count;
	bool is_cut;
};

static void
add_host(struct mh_pass *pass, struct hosts *hosts, struct mh_str name)
{
	struct mh_str base = mh_name_below(pass->arena, MH_STR("_25._tcp"), name);

	if (base.p == NULL)
		pass->error = MH_ERR_ENOMEM;
	if (base.len == 0)
		return;
	if (hosts->count == HOSTS_MAX) {
		hosts->is_cut = true;
		return;
	}
	hosts->names[hosts->count] = name;
	hosts->bases[hosts->count] = base;
	hosts->facts[hosts->count++] = mh_want(pass, base, MH_RR_TLSA);
}

/* find_hosts - false: wait, or there are none that take mail */
static bool
find_hosts(struct mh_look *look, struct hosts *hosts)
{
	const struct mh_fact *mx = mh_want(look->pass, look->check->domain, MH_RR_MX);
	struct mh_mx_list list;
	struct mh_ip ip;

	hosts->count = 0;
	hosts->is_cut = false;
	if (mx == NULL || mx->state == MH_FACT_UNKNOWN || mx->state == MH_FACT_NXDOMAIN)
		return false;
	if (!mh_mx_read(look->pass->arena, mx, &list)) {
		look->pass->error = MH_ERR_ENOMEM;
		return false;
	}
	for (unsigned i = 0; i < list.count; i++)
		/* The null MX and an address as a name lead nowhere. */
		if (!list.at[i].is_null && !list.at[i].is_again && !mh_ip_parse(list.at[i].name, &ip))
			add_host(look->pass, hosts, list.at[i].name);
	return hosts->count > 0;
}

/* put_record - "3 1 1 8cb0..." */
static struct mh_str
put_record(struct mh_arena *arena, const struct mh_tlsa *tlsa, uint8_t usage)
{
	struct mh_buf text;

	mh_buf_init(&text, &arena->mem, 3 * MH_FACT_OCTETS_MAX);
	mh_buf_putint(&text, usage);
	mh_buf_putc(&text, ' ');
	mh_buf_putint(&text, tlsa->selector);
	mh_buf_putc(&text, ' ');
	mh_buf_putint(&text, tlsa->matching);
	mh_buf_putc(&text, ' ');
	mh_buf_puthex(&text, tlsa->data.p, tlsa->data.len);
	return mh_buf_keep(arena, &text);
}

/* is_whole - whether the data of a record without a digest can be a certificate or a key: one DER sequence, no shorter
 * and no longer than it says */
static bool
is_whole(struct mh_str data)
{
	struct mh_cur cur = mh_cur_of(data.p, data.len);
	bool is_sequence = mh_cur_u8(&cur) == 0x30;
	size_t len = mh_cur_u8(&cur);

	if (len == 0x82)
		len = mh_cur_u16(&cur);
	else if (len == 0x81)
		len = mh_cur_u8(&cur);
	return is_sequence && !mh_cur_bad(&cur) && len > 0 && mh_cur_left(&cur) == len;
}

/* say_syntax - what is wrong with a record */
static void
say_syntax(struct mh_tell *tell, const struct mh_tlsa *tlsa, bool is_read)
{
	if (!is_read || tlsa->data.len == 0) {
		mh_say(tell, "There is no data behind the three numbers.");
	} else if (tlsa->usage > 3 || tlsa->selector > 1 || tlsa->matching > 2) {
		mh_say(tell, "Nobody knows ");
		mh_say(tell,
		    tlsa->usage > 3          ? "usage "
			: tlsa->selector > 1 ? "selector "
					     : "matching type ");
		mh_say_int(tell,
		    tlsa->usage > 3          ? tlsa->usage
			: tlsa->selector > 1 ? tlsa->selector
					     : tlsa->matching);
		mh_say(tell, "; there are usages 0 to 3, selectors 0 and 1, matching types 0 to 2.");
	} else if (tlsa->matching == 0) {
		mh_say(tell,
		    tlsa->selector == 0
			? "With matching type 0 the data is a whole certificate, and this is none."
			: "With matching type 0 the data is a whole public key, and this is none.");
	} else {
		mh_say(tell, "The digest has ");
		mh_say_int(tell, (int64_t)(2 * tlsa->data.len));
		mh_say(tell,
		    tlsa->matching == 1 ? " hexadecimal digits, and SHA-256 has 64."
					: " hexadecimal digits, and SHA-512 has 128.");
	}
}

/* tell_record - one record; whether senders can use it */
static bool
tell_record(struct mh_tell *tell, const struct mh_fact *fact, size_t i)
{
	struct mh_tlsa tlsa = { .usage = 0 };
	bool is_read = mh_tlsa_read(mh_str_n((const char *)fact->rr[i].p, fact->rr[i].len), &tlsa);
	int why = is_read ? mh_tlsa_why_unusable(&tlsa, true) : MH_DANE_LENGTH;

	if (why == MH_DANE_NO_REASON && tlsa.matching == 0 && !is_whole(tlsa.data))
		why = MH_DANE_LENGTH;
	if (why == MH_DANE_NO_REASON)
		return true;
	struct mh_str shown = mh_rr_printed(tell->arena, fact, i);
	tell->bad |= shown.p == NULL;
	struct mh_fix *fix = mh_tell_fix(tell, fact->name, MH_RR_TLSA, fact);
	mh_fix_remove(tell, fix, fact, i);
	if (why != MH_DANE_USAGE) {
		say_syntax(tell, &tlsa, is_read);
	} else {
		/* Usage 1 is the server's own certificate, as 3 is, and 0 an authority's, as 2 is. */
		mh_fix_add(tell, fix, put_record(tell->arena, &tlsa, (uint8_t)(tlsa.usage + 2)));
		mh_say(tell, "The same data with usage ");
		mh_say_int(tell, tlsa.usage + 2);
		mh_say(tell, " says the same without the public authorities.");
	}
	mh_tell(tell, why != MH_DANE_USAGE ? MH_F_DANE_SYNTAX : MH_F_DANE_USAGE_0_1, shown);
	return false;
}

/* tell_host - the records of one host */
static void
tell_host(struct mh_look *look, const struct mh_fact *fact)
{
	struct mh_tell tell;
	unsigned usable = 0;
	bool is_signed = fact->secure != MH_SECURE_NO;

	mh_look_tell(look, &tell, "dane", fact->name);
	if (fact->state == MH_FACT_UNKNOWN &&
	    (fact->why == MH_WHY_BOGUS || fact->secure == MH_SECURE_BOGUS)) {
		mh_say_why(&tell.detail, fact);
		mh_tell(&tell, MH_F_DANE_BOGUS, MH_STR(""));
	} else if (fact->state == MH_FACT_UNKNOWN) {
		mh_tell_unknown(&tell, fact);
	} else if (fact->count > 0 && !is_signed) {
		mh_tell(&tell, MH_F_DANE_INSECURE, MH_STR(""));
	}
	for (size_t i = 0; i < fact->count; i++)
		usable += tell_record(&tell, fact, i);
	if (fact->count > 0 && usable == 0)
		mh_tell(&tell, MH_F_DANE_UNUSABLE_ONLY, MH_STR(""));
	mh_look_told(look, &tell);
}

/* tell_coverage - some hosts have records and others do not, or none has */
static void
tell_coverage(struct mh_look *look, const struct hosts *hosts)
{
	unsigned with = 0, without = 0, unknown = 0;
	struct mh_tell tell;

	for (unsigned i = 0; i < hosts->count; i++) {
		with += hosts->facts[i]->count > 0;
		unknown += hosts->facts[i]->state == MH_FACT_UNKNOWN;
		without += mh_fact_is_absent(hosts->facts[i]);
	}
	mh_look_tell(look, &tell, "dane", look->check->domain);
	if (with > 0 && without > 0) {
		mh_say(&tell, "No TLSA records: ");
		for (unsigned i = 0, said = 0; i < hosts->count; i++) {
			if (!mh_fact_is_absent(hosts->facts[i]))
				continue;
			mh_say(&tell, said++ > 0 ? ", " : "");
			mh_say_str(&tell, hosts->names[i]);
		}
		mh_say(&tell, ".");
		mh_tell(&tell, MH_F_DANE_PARTIAL, MH_STR(""));
	} else if (with == 0 && unknown == 0) {
		mh_tell(&tell, MH_F_DANE_MISSING, MH_STR(""));
	}
	mh_look_told(look, &tell);
}

void
mh_dom_dane(struct mh_look *look)
{
	struct hosts hosts;

	if (!find_hosts(look, &hosts) || look->report == NULL)
		return;
	for (unsigned i = 0; i < hosts.count; i++) {
		mh_look_row(look, "dane", hosts.bases[i], MH_RR_TLSA, hosts.facts[i]);
		if (hosts.facts[i] == NULL)
			return; /* over the budget there is still a fact; this is no memory */
		tell_host(look, hosts.facts[i]);
	}
	tell_coverage(look, &hosts);
}
