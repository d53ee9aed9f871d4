/* zone_sanity.c - whether what a zone says of itself makes sense; see zone_sanity.h
 *
 * RFC 1912 2.2 has ranges of 1996 that large providers leave on both sides and live
 * well; what is told as harm is only what does some.
 */
#include "zone_sanity.h"

#define HOUR 3600
#define DAY 86400

/* What is put in place of odd values. */
#define GOOD_REFRESH (2 * HOUR)
#define GOOD_EXPIRE (14 * DAY)
#define GOOD_MINIMUM HOUR

const char *
mh_soa_odd_text(enum mh_soa_odd odd)
{
	static const char *const texts[] = {
#define X(name, is_harm, text) text,
		MH_SOA_ODDS(X)
#undef X
	};
	return texts[odd];
}

bool
mh_soa_odd_is_harm(enum mh_soa_odd odd)
{
	static const bool harms[] = {
#define X(name, is_harm, text) is_harm,
		MH_SOA_ODDS(X)
#undef X
	};
	return harms[odd];
}

/* take_name - a name of the record; false: none there */
static bool
take_name(struct mh_arena *arena, struct mh_cur *cur, struct mh_str *out)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t used = 0, len = mh_dname_from_wire(cur->p, mh_cur_left(cur), name, &used);
	if (len == 0)
		return false;
	(void)mh_cur_take(cur, used);
	*out = mh_name_kept(arena, name, len);
	return true;
}

bool
mh_soa_read(struct mh_arena *arena, const struct mh_fact *fact, struct mh_soa *soa, bool *is_bad)
{
	*is_bad = false;
	*soa = (struct mh_soa){ .serial = 0 };
	if (fact->count == 0)
		return false;
	struct mh_cur cur = mh_cur_of(fact->rr[0].p, fact->rr[0].len);
	if (!take_name(arena, &cur, &soa->mname) || !take_name(arena, &cur, &soa->rname))
		return false;
	soa->serial = mh_cur_u32(&cur);
	soa->refresh = mh_cur_u32(&cur);
	soa->retry = mh_cur_u32(&cur);
	soa->expire = mh_cur_u32(&cur);
	soa->minimum = mh_cur_u32(&cur);
	*is_bad = soa->mname.p == NULL || soa->rname.p == NULL;
	return !*is_bad && !mh_cur_bad(&cur) && mh_cur_left(&cur) == 0;
}

/* is_host - something that can be a server's name */
static bool
is_host(struct mh_str name)
{
	struct mh_ip ip;
	return mh_dname_labels(name) > 1 && !mh_name_literal(name, &ip) &&
	    memchr(name.p, '@', name.len) == NULL;
}

/* is_mailbox - a name that can be read as local part and domain (RFC 1035 3.3.13) */
static bool
is_mailbox(struct mh_str name)
{
	return mh_dname_labels(name) > 1 && memchr(name.p, '@', name.len) == NULL;
}

static unsigned
bit(enum mh_soa_odd odd, bool is_so)
{
	return is_so ? 1u << odd : 0;
}

unsigned
mh_soa_judge(const struct mh_soa *soa)
{
	uint64_t twice = (uint64_t)soa->refresh + soa->retry;

	return bit(MH_SOA_ODD_MNAME, !is_host(soa->mname)) | bit(MH_SOA_ODD_RNAME, !is_mailbox(soa->rname)) |
	    bit(MH_SOA_ODD_SERIAL, soa->serial == 0) | bit(MH_SOA_ODD_REFRESH_SHORT, soa->refresh < 20 * 60) |
	    bit(MH_SOA_ODD_REFRESH_LONG, soa->refresh > 2 * DAY) |
	    bit(MH_SOA_ODD_RETRY_NONE, soa->retry == 0) |
	    bit(MH_SOA_ODD_RETRY_LONG, soa->retry > soa->refresh) |
	    bit(MH_SOA_ODD_RETRY_SAME, soa->retry > 0 && soa->retry == soa->refresh) |
	    bit(MH_SOA_ODD_EXPIRE_AT_ONCE, soa->expire <= twice) |
	    bit(MH_SOA_ODD_EXPIRE_SHORT, soa->expire > twice && soa->expire < 2 * DAY) |
	    bit(MH_SOA_ODD_EXPIRE_LONG, soa->expire > 183 * DAY) |
	    bit(MH_SOA_ODD_MINIMUM_LONG, soa->minimum > DAY);
}

/* without_at - "hostmaster@example.org" as a name with the dot that belongs there */
static struct mh_str
without_at(struct mh_arena *arena, struct mh_str name)
{
	struct mh_str text = mh_name_kept(arena, name.p, name.len);
	char *p = (char *)(uintptr_t)text.p;
	for (size_t i = 0; p != NULL && i < text.len; i++)
		if (p[i] == '@')
			p[i] = '.';
	return text;
}

void
mh_soa_mend(struct mh_arena *arena, struct mh_soa *soa, struct mh_str primary)
{
	if (!is_host(soa->mname) && primary.len > 0)
		soa->mname = primary;
	if (!is_mailbox(soa->rname)) {
		char canonical[MH_DNAME_TEXT_MAX];
		struct mh_str name = without_at(arena, soa->rname);
		if (name.p == NULL || (mh_dname_canonical(name, canonical) > 0 && is_mailbox(name)))
			soa->rname = name;
	}
	if (soa->refresh < 20 * 60 || soa->refresh > 2 * DAY)
		soa->refresh = GOOD_REFRESH;
	if (soa->retry >= soa->refresh || soa->retry == 0)
		soa->retry = soa->refresh / 2;
	if (soa->expire <= (uint64_t)soa->refresh + soa->retry || soa->expire < 2 * DAY ||
	    soa->expire > 183 * DAY)
		soa->expire = GOOD_EXPIRE;
	if (soa->minimum > DAY)
		soa->minimum = GOOD_MINIMUM;
	/* Whoever copies the zone looks at this alone (RFC 1982 3.1): one more, and never 0. */
	soa->serial = soa->serial == UINT32_MAX ? 1 : soa->serial + 1;
}

struct mh_str
mh_soa_print(struct mh_arena *arena, const struct mh_soa *soa)
{
	const uint32_t numbers[] = { soa->serial, soa->refresh, soa->retry, soa->expire, soa->minimum };
	struct mh_str mname = mh_name_absolute(arena, soa->mname),
		      rname = mh_name_absolute(arena, soa->rname);
	struct mh_buf text;

	if (mname.p == NULL || rname.p == NULL)
		return (struct mh_str){ NULL, 0 };
	mh_buf_init(&text, &arena->mem, 3 * MH_DNAME_TEXT_MAX);
	mh_buf_putstr(&text, mname);
	mh_buf_putc(&text, ' ');
	mh_buf_putstr(&text, rname);
	for (unsigned i = 0; i < 5; i++) {
		mh_buf_putc(&text, ' ');
		mh_buf_putint(&text, numbers[i]);
	}
	struct mh_str kept = text.bad ? (struct mh_str){ NULL, 0 } : mh_name_kept(arena, text.p, text.len);
	mh_buf_free(&text);
	return kept;
}

enum mh_ns_place
mh_ns_place(const struct mh_target *targets, unsigned count)
{
	struct mh_ip first = { .family = 0 }, ip;
	enum mh_ns_place place = MH_NS_ONE_ADDRESS;

	for (unsigned i = 0; i < count; i++) {
		/* Where one has no IPv4 address, or it is not known, nothing is claimed. */
		if (targets[i].a == NULL || targets[i].a->count == 0)
			return MH_NS_SPREAD;
		for (size_t k = 0; k < targets[i].a->count; k++) {
			if (!mh_rr_ip(targets[i].a, k, &ip))
				return MH_NS_SPREAD;
			if (first.family == 0)
				first = ip;
			if (memcmp(ip.octets, first.octets, 3) != 0)
				return MH_NS_SPREAD;
			if (ip.octets[3] != first.octets[3])
				place = MH_NS_ONE_NETWORK;
		}
	}
	return count > 0 ? place : MH_NS_SPREAD;
}
