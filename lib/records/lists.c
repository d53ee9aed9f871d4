/* lists.c - DNS lists of addresses and domains: names to ask for, and what answers mean
 *
 * RFC 5782, and the pages that lists.def names.
 */
#include "lists.h"

#include "find.h"
#include "port.h"

enum match { IS, LAST, BIT, ANY };
enum means { LISTED, ALLOWED, NEUTRAL, REFUSED };

/* The tables of codes that there are. */
enum codes {
	PLAIN,
	ZEN,
	DBL,
	ZRD,
	SURBL,
	URIBL,
	MAILSPIKE,
	BACKSCATTER,
	DRONEBL,
	SPAMRATS,
	ABUSIX,
	SEM_FRESH,
	HOSTKARMA,
	SPFBL,
	TORNEVALL,
	EFNET,
	TOR,
	DNSWL,
	MAILSPIKE_WL,
	IADB
};

#define IP4 MH_LIST_ASKS_IP4
#define IP6 MH_LIST_ASKS_IP6
#define IP46 (MH_LIST_ASKS_IP4 | MH_LIST_ASKS_IP6)
#define DOMAIN MH_LIST_ASKS_DOMAIN
#define ALLOW4 (IP4 | MH_LIST_ALLOWS)
#define ALLOW46 (IP46 | MH_LIST_ALLOWS)

static const struct mh_list lists[] = {
#define MH_LIST(id_, zone_, name_, asks_, status_, weight_, codes_, test_, when_, delist_, page_, note_) \
	{ .id = (id_), \
		.zone = (zone_), \
		.name = (name_), \
		.asks = (asks_), \
		.status = MH_LIST_##status_, \
		.weight = MH_LIST_##weight_, \
		.codes = (codes_), \
		.test = (test_), \
		.when = (when_), \
		.delist = (delist_), \
		.page = (page_), \
		.note = (note_) },
#include "lists.def"
};

static const struct code {
	unsigned char codes, match, third, fourth, means, severity;
	const char *meaning, *note;
} codes[] = {
#define MH_LIST_CODE(codes_, match_, third_, fourth_, means_, severity_, meaning_, note_) \
	{ (codes_), (match_), (third_), (fourth_), (means_), (severity_), (meaning_), (note_) },
#include "lists.def"
};

const struct mh_list *
mh_list_at(size_t i)
{
	return i < MH_COUNT(lists) ? &lists[i] : NULL;
}

const struct mh_list *
mh_list_of_zone(struct mh_str zone)
{
	for (size_t i = 0; i < MH_COUNT(lists); i++)
		if (mh_str_ieq(mh_str_z(lists[i].zone), zone))
			return &lists[i];
	return NULL;
}

/* --------------------------------------------------------------------- keys */

static const struct mh_str abusix = MH_STR_INIT("abusix:");

static bool
is_abusix(const struct mh_list *list)
{
	return mh_str_iends(mh_str_z(list->zone), MH_STR("abusix.zone"));
}

/* is_key - one label of letters, digits and hyphens, as all such keys are */
static bool
is_key(struct mh_str key)
{
	for (size_t i = 0; i < key.len; i++)
		if (!mh_is_alnum(key.p[i]) && key.p[i] != '-')
			return false;
	return key.len > 0 && key.len <= 63;
}

/* key_for - the key of whoever runs the list; len 0: there is none */
static struct mh_str
key_for(const struct mh_list *list, struct mh_str keys)
{
	struct mh_cur cur = mh_cur_of(keys.p, keys.len);
	while (mh_cur_left(&cur) > 0) {
		struct mh_str word = mh_cur_until(&cur, " \t,");
		bool is_for_abusix = mh_str_istarts(word, abusix);
		if (is_for_abusix)
			word = mh_str_n(word.p + abusix.len, word.len - abusix.len);
		if (is_key(word) && is_for_abusix == is_abusix(list))
			return word;
		(void)mh_cur_take(&cur, mh_cur_left(&cur) > 0 ? 1 : 0);
	}
	return MH_STR("");
}

bool
mh_list_is_usable(const struct mh_list *list, struct mh_str key)
{
	bool is_public_mirror = mh_str_iends(mh_str_z(list->zone), MH_STR(".spamhaus.org"));
	switch (list->status) {
	case MH_LIST_WORKING:
	case MH_LIST_REGISTERED:
		return !is_public_mirror || key_for(list, key).len == 0;
	case MH_LIST_KEY:
		return key_for(list, key).len > 0;
	default:
		return false;
	}
}

/* -------------------------------------------------------------------- names */

/* put_name - what is looked up, the key if it takes one, and the zone */
static size_t
put_name(const struct mh_list *list, struct mh_str key, struct mh_str what, char out[MH_DNAME_TEXT_MAX])
{
	char text[MH_DNAME_TEXT_MAX + 200];
	struct mh_str parts[] = { what, MH_STR(""), mh_str_z(list->zone) };
	size_t n = 0;

	if (list->status == MH_LIST_KEY)
		parts[1] = key_for(list, key);
	for (size_t i = 0; i < MH_COUNT(parts); i++) {
		if (parts[i].len == 0)
			continue;
		if (n + parts[i].len + 1 > sizeof(text))
			return 0;
		if (n > 0)
			text[n++] = '.';
		memcpy(text + n, parts[i].p, parts[i].len);
		n += parts[i].len;
	}
	return mh_dname_canonical(mh_str_n(text, n), out);
}

size_t
mh_list_name_ip(const struct mh_list *list, struct mh_str key, const struct mh_ip *ip,
    char out[MH_DNAME_TEXT_MAX])
{
	static const struct mh_str arpa4 = MH_STR_INIT(".in-addr.arpa"), arpa6 = MH_STR_INIT(".ip6.arpa");
	unsigned wanted = ip->family == 4 ? MH_LIST_ASKS_IP4 : ip->family == 6 ? MH_LIST_ASKS_IP6 : 0;
	char reverse[MH_DNAME_TEXT_MAX];

	if ((list->asks & wanted) == 0)
		return 0;
	size_t len = mh_dname_reverse(ip, reverse);
	return put_name(list, key, mh_str_n(reverse, len - (ip->family == 4 ? arpa4 : arpa6).len), out);
}

size_t
mh_list_name_domain(const struct mh_list *list, struct mh_str key, struct mh_str domain,
    char out[MH_DNAME_TEXT_MAX])
{
	if ((list->asks & MH_LIST_ASKS_DOMAIN) == 0 || domain.len == 0 || mh_str_eq(domain, MH_STR(".")))
		return 0;
	return put_name(list, key, domain, out);
}

size_t
mh_list_name_test(const struct mh_list *list, struct mh_str key, enum mh_list_test test, int family,
    char out[MH_DNAME_TEXT_MAX])
{
	struct mh_str entry = mh_str_z(list->test);
	struct mh_ip ip;

	if (test == MH_LIST_TEST_CLEAR)
		entry = family == 0 ? MH_STR("invalid") : MH_STR("127.0.0.1");
	if (entry.len == 0)
		return 0;
	if (family == 0)
		return mh_list_name_domain(list, key, entry, out);
	if (!mh_ip_parse(entry, &ip))
		return 0;
	if (family == 6) {
		/* RFC 5782 5: the same entries as IPv4-mapped addresses */
		struct mh_ip mapped = { .family = 6, .octets = { [10] = 0xff, [11] = 0xff } };
		memcpy(mapped.octets + 12, ip.octets, 4);
		ip = mapped;
	}
	return mh_list_name_ip(list, key, &ip, out);
}

/* ------------------------------------------------------------------ answers */

/* set - code and its meaning decide, if they weigh more than what has been seen */
static void
set(const struct mh_list *list, const struct mh_ip *ip, const struct code *code,
    struct mh_list_answer *answer)
{
	static const unsigned char states[] = { MH_LIST_LISTED, MH_LIST_ALLOWED, MH_LIST_CLEAR,
		MH_LIST_REFUSED };
	static const unsigned char ranks
	    [] = { [MH_LIST_CLEAR] = 0, [MH_LIST_ALLOWED] = 1, [MH_LIST_LISTED] = 2, [MH_LIST_REFUSED] = 3 };
	struct mh_list_answer now = { .state = states[code->means],
		.code = *ip,
		.count = answer->count,
		.severity = code->severity != 0 ? code->severity : MH_SEV_INFO + list->weight,
		.meaning = code->meaning,
		.note = code->note[0] != '\0' ? code->note : list->note };

	if (answer->code.family == 0 || ranks[now.state] > ranks[answer->state] ||
	    (now.state == answer->state && now.severity > answer->severity))
		*answer = now;
}

static bool
matches(const struct code *code, const struct mh_ip *ip)
{
	const unsigned char *octets = ip->octets;
	switch (code->match) {
	case IS:
		return octets[1] == 0 && octets[2] == code->third && octets[3] == code->fourth;
	case LAST:
		return octets[1] == 0 && octets[3] == code->fourth;
	case BIT:
		return octets[1] == 0 && octets[2] == 0 && (octets[3] & code->fourth) == code->fourth;
	default:
		return true;
	}
}

/* read_code - one answer of 127.0.0.0/8 */
static void
read_code(const struct mh_list *list, const struct mh_ip *ip, struct mh_list_answer *answer)
{
	/* https://www.spamhaus.org/faqs/dnsbl-usage/: "return codes"; others took them over */
	static const struct code refused = { .means = REFUSED,
		.meaning = "it gave an error code",
		.note = "" };
	static const struct code typing = { .means = REFUSED,
		.meaning = "it says that its name was misspelt",
		.note = "" };
	static const struct code open = { .means = REFUSED,
		.meaning = "it does not answer public and open resolvers",
		.note = "" };
	static const struct code busy = { .means = REFUSED,
		.meaning = "too many questions came from this resolver",
		.note = "" };
	static const struct code listed = { .means = LISTED, .meaning = "", .note = "" };
	static const struct code allowed = { .means = ALLOWED, .meaning = "", .note = "" };
	const unsigned char *octets = ip->octets;
	bool is_read = false;

	if (octets[1] == 255 && octets[2] == 255) {
		set(list, ip,
		    octets[3] == 252       ? &typing
			: octets[3] == 254 ? &open
			: octets[3] == 255 ? &busy
					   : &refused,
		    answer);
		return;
	}
	for (size_t i = 0; i < MH_COUNT(codes); i++) {
		if (codes[i].codes != list->codes || list->codes == PLAIN || !matches(&codes[i], ip) ||
		    (codes[i].match == ANY && is_read))
			continue;
		set(list, ip, &codes[i], answer);
		is_read = true;
		if (codes[i].match != BIT)
			break;
	}
	if (!is_read)
		set(list, ip,
		    octets[1] == 0 && octets[2] == 0 && octets[3] == 1 ? &refused
			: (list->asks & MH_LIST_ALLOWS) != 0           ? &allowed
								       : &listed,
		    answer);
}

void
mh_list_judge_code(const struct mh_list *list, const struct mh_ip *code, struct mh_list_answer *answer)
{
	*answer = (struct mh_list_answer){ .state = MH_LIST_CLEAR, .meaning = "", .note = "" };
	read_code(list, code, answer);
}

static void
set_broken(struct mh_list_answer *answer, const char *why)
{
	answer->state = MH_LIST_BROKEN;
	answer->meaning = why;
	answer->note = "";
}

void
mh_list_judge(const struct mh_list *list, const struct mh_fact *fact, struct mh_list_answer *answer)
{
	struct mh_ip ip = { .family = 0 };

	*answer = (struct mh_list_answer){ .state = MH_LIST_CLEAR, .meaning = "", .note = "" };
	if (fact->state == MH_FACT_UNKNOWN || fact->state == MH_FACT_MISSING) {
		answer->state = MH_LIST_UNKNOWN;
		answer->meaning = mh_why_text(fact->why);
		return;
	}
	if (!mh_fact_is_present(fact))
		return;
	answer->count = fact->count;
	for (size_t i = 0; i < fact->count; i++) {
		if (!mh_rr_ip(fact, i, &ip) || ip.family != 4 || ip.octets[0] != 127) {
			/* RFC 5782 2.1: answers lie in 127.0.0.0/8; a name that was sold answers with a
			 * web server. */
			if (mh_rr_ip(fact, i, &ip))
				answer->code = ip;
			set_broken(answer, "it answers with an address outside 127.0.0.0/8");
			return;
		}
	}
	for (size_t i = 0; i < fact->count; i++)
		if (mh_rr_ip(fact, i, &ip))
			read_code(list, &ip, answer);
}

bool
mh_list_wants_test(const struct mh_list_answer *answer)
{
	return answer->state == MH_LIST_LISTED || answer->state == MH_LIST_ALLOWED;
}

/* is_refusal - whether a test was answered with an error code, so that it shows nothing */
static bool
is_refusal(const struct mh_fact *fact)
{
	struct mh_ip ip;
	for (size_t i = 0; i < fact->count; i++)
		if (mh_rr_ip(fact, i, &ip) && ip.family == 4 && ip.octets[0] == 127 && ip.octets[1] == 255)
			return true;
	return false;
}

void
mh_list_judge_test(const struct mh_fact *listed, const struct mh_fact *clear, struct mh_list_answer *answer)
{
	if (!mh_list_wants_test(answer))
		return;
	if (clear != NULL && mh_fact_is_present(clear) && !is_refusal(clear))
		set_broken(answer, "it lists everything, even what no list may have in it");
	else if (listed != NULL && mh_fact_is_absent(listed))
		set_broken(answer, "the entry that it keeps for tests is not there");
}

const char *
mh_list_state_word(enum mh_list_state state)
{
	static const char *const words[] = { [MH_LIST_CLEAR] = "clear",
		[MH_LIST_LISTED] = "listed",
		[MH_LIST_ALLOWED] = "listed",
		[MH_LIST_REFUSED] = "refused",
		[MH_LIST_BROKEN] = "broken",
		[MH_LIST_UNKNOWN] = "unknown" };
	return words[state];
}
