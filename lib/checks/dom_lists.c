/* dom_lists.c - section "lists" of the checks "domain" and "host": what DNS lists say of the sending address,
 * and of the domain
 *
 * One question a list, all in the first round.  Only a list that says yes is asked
 * two more in the next, for an entry that must be there and one that must not; those
 * names are the same for every job, so that a loop's cache answers them to all but
 * the first for as long as their TTL allows.
 *
 * What a list says weighs as much as receivers care: most of them are asked by
 * hardly anybody, and a listing there is no more than a note.  A list that does not
 * answer is shown as unknown; it makes a finding only if it is one that matters.
 *
 * RFC 5782
 */
#include "dom_host.h"

#include "error.h"
#include "lists.h"
#include "port.h"

#define NAMED_MAX 10 /* lists that one finding names; the JSON has all of them */

/* What was asked of one list about one thing. */
struct asked {
	const struct mh_list *list;
	struct mh_ip ip; /* family 0: about the domain */
	struct mh_str about; /* address or domain, as text */
	struct mh_str shown; /* the name that was asked for, without a key */
	const struct mh_fact *fact; /* NULL: missing */
	struct mh_list_answer answer;
};

struct all {
	struct asked *at;
	unsigned count, room;
};

/* want_test - one of the two entries; NULL: missing, or there is no such entry */
static const struct mh_fact *
want_test(struct mh_look *look, const struct mh_list *list, enum mh_list_test test, int family)
{
	char name[MH_DNAME_TEXT_MAX];
	size_t len = mh_list_name_test(list, look->check->list_key, test, family, name);
	return len > 0 ? mh_want(look->pass, mh_str_n(name, len), MH_RR_A) : NULL;
}

/* test - asks for both entries, and judges the answer by them */
static void
test_list(struct mh_look *look, struct asked *asked)
{
	const struct mh_list *list = asked->list;
	int family = asked->ip.family;
	const struct mh_fact *listed = want_test(look, list, MH_LIST_TEST_LISTED, family);
	const struct mh_fact *clear = want_test(look, list, MH_LIST_TEST_CLEAR, family);

	/* Lists with both kinds of addresses often have the entry of IPv4 alone. */
	if (family == 6 && (list->asks & MH_LIST_ASKS_IP4) != 0 && listed != NULL &&
	    mh_fact_is_absent(listed))
		listed = want_test(look, list, MH_LIST_TEST_LISTED, 4);
	mh_list_judge_test(listed, clear, &asked->answer);
}

/* ask - one question of one list */
static void
ask(struct mh_look *look, struct all *all, const struct mh_list *list, const struct mh_ip *ip,
    struct mh_str about)
{
	char name[MH_DNAME_TEXT_MAX];
	struct mh_str key = look->check->list_key, zone = mh_str_z(list->zone);
	size_t len = ip->family != 0 ? mh_list_name_ip(list, key, ip, name)
				     : mh_list_name_domain(list, key, about, name);

	if (len == 0 || all->count == all->room)
		return;
	struct asked *asked = &all->at[all->count++];
	*asked = (struct asked){ .list = list, .ip = *ip, .about = about };
	asked->fact = mh_want(look->pass, mh_str_n(name, len), MH_RR_A);
	/* A key is a secret, and a name shown to others may have none in it. */
	asked->shown = list->status == MH_LIST_KEY ? zone : mh_host_keep(look->pass, name, len);
	if (asked->fact == NULL) {
		asked->answer =
		    (struct mh_list_answer){ .state = MH_LIST_UNKNOWN, .meaning = "", .note = "" };
		return;
	}
	mh_list_judge(list, asked->fact, &asked->answer);
	if (mh_list_wants_test(&asked->answer))
		test_list(look, asked);
}

/* ask_all - every usable list about the addresses, and about the domain if with_domain; false: no memory */
static bool
ask_all(struct mh_look *look, struct all *all, const struct mh_ip *ips, unsigned count, bool with_domain)
{
	static const struct mh_ip none = { .family = 0 };
	const struct mh_domain_check *check = look->check;
	char text[MH_IP_TEXT_MAX];
	unsigned lists = 0;

	while (mh_list_at(lists) != NULL)
		lists++;
	*all = (struct all){ .room = lists * (count + 1) };
	all->at = mh_arena_alloc(look->pass->arena, all->room * sizeof(*all->at));
	if (all->at == NULL) {
		look->pass->error = MH_ERR_ENOMEM;
		return false;
	}
	for (unsigned i = 0; i <= count; i++) {
		const struct mh_ip *ip = i < count ? &ips[i] : &none;
		if (i < count ? !mh_host_ip_is_public(ip) : !with_domain)
			continue;
		struct mh_str about =
		    i < count ? mh_host_keep(look->pass, text, mh_ip_print(ip, text)) : check->domain;
		for (unsigned k = 0; k < lists && about.len > 0; k++)
			if (mh_list_is_usable(mh_list_at(k), check->list_key))
				ask(look, all, mh_list_at(k), ip, about);
	}
	return look->pass->error == MH_ERR_OK;
}

/* ------------------------------------------------------------------ telling */

static struct mh_str
code_text(const struct asked *asked, char room[MH_IP_TEXT_MAX])
{
	return asked->answer.code.family != 0 ? mh_str_n(room, mh_ip_print(&asked->answer.code, room))
					      : MH_STR("");
}

/* say_more - words behind a space */
static void
say_more(struct mh_tell *tell, const char *before, const char *text, const char *after)
{
	if (text[0] == '\0')
		return;
	mh_say(tell, before);
	mh_say(tell, text);
	mh_say(tell, after);
}

/* say_others - the other codes of an entry, such as those of the parts that one list is made of */
static void
say_others(struct mh_tell *tell, const struct asked *asked)
{
	char room[MH_IP_TEXT_MAX];
	struct mh_list_answer other;
	struct mh_ip ip;
	unsigned said = 0;

	for (size_t i = 0; asked->fact != NULL && i < asked->fact->count && said < NAMED_MAX; i++) {
		if (!mh_rr_ip(asked->fact, i, &ip) || ip.family != 4 ||
		    memcmp(ip.octets, asked->answer.code.octets, 4) == 0)
			continue;
		mh_list_judge_code(asked->list, &ip, &other);
		if (other.state != asked->answer.state)
			continue;
		mh_say(tell, said++ == 0 ? " Also code " : "; ");
		mh_say_str(tell, mh_str_n(room, mh_ip_print(&ip, room)));
		say_more(tell, ": ", other.meaning, "");
	}
	mh_say(tell, said > 0 ? "." : "");
}

/* tell_listed - of one list, for or against */
static void
tell_listed(struct mh_tell *tell, const struct asked *asked)
{
	const struct mh_list *list = asked->list;
	const struct mh_list_answer *answer = &asked->answer;
	bool is_allowed = answer->state == MH_LIST_ALLOWED;
	char room[MH_IP_TEXT_MAX];
	struct mh_str code = code_text(asked, room);

	mh_say_str(tell, asked->about);
	mh_say(tell, " is listed at ");
	mh_say(tell, list->name);
	mh_say(tell, " (");
	mh_say(tell, list->zone);
	mh_say(tell, ", code ");
	mh_say_str(tell, code);
	mh_say(tell, ")");
	say_more(tell, ": ", answer->meaning, "");
	mh_say(tell, ".");
	say_others(tell, asked);
	if (!is_allowed) {
		say_more(tell, " ", answer->note, "");
		say_more(tell, " Removal: ", list->delist, "");
		if (answer->severity == MH_SEV_INFO)
			mh_say(tell, " Hardly any receiver refuses mail by this list.");
		tell->severity = answer->severity;
	}
	mh_tell_arg_str(tell, "list", mh_str_z(list->name));
	mh_tell_arg_str(tell, "zone", mh_str_z(list->zone));
	mh_tell_arg_str(tell, "code", code);
	mh_tell_arg_str(tell, "about", asked->about);
	mh_tell_arg_str(tell, "delist", mh_str_z(list->delist));
	mh_tell_about(tell, is_allowed ? MH_F_HOST_ALLOW_LISTED : MH_F_HOST_LISTED, asked->shown, code);
}

/* is_first_of_list - whether no question before it was one of the same list with the same outcome */
static bool
is_first_of_list(const struct all *all, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (all->at[k].list == all->at[i].list && all->at[k].answer.state == all->at[i].answer.state)
			return false;
	return true;
}

/* tell_together - one finding for all lists that answered in this way */
static void
tell_together(struct mh_tell *tell, const struct all *all, enum mh_list_state state, int number)
{
	const struct asked *first = NULL;
	char room[MH_IP_TEXT_MAX];
	unsigned count = 0;

	for (unsigned i = 0; i < all->count; i++) {
		const struct asked *asked = &all->at[i];
		if (asked->answer.state != state || !is_first_of_list(all, i))
			continue;
		if (first == NULL)
			first = asked;
		if (count++ >= NAMED_MAX)
			continue;
		mh_say(tell, count > 1 ? "; " : "");
		mh_say(tell, asked->list->name);
		mh_say(tell, " (");
		mh_say(tell, asked->list->zone);
		if (asked->answer.code.family != 0) {
			mh_say(tell, ", ");
			mh_say_str(tell, code_text(asked, room));
		}
		mh_say(tell, ")");
		say_more(tell, ": ", asked->answer.meaning, "");
	}
	if (first == NULL)
		return;
	mh_say(tell, count > NAMED_MAX ? "; and more." : ".");
	mh_tell_arg_int(tell, "lists", count);
	mh_tell_about(tell, number, first->shown, code_text(first, room));
}

/* tell_unknown - one finding if lists that many receivers use did not answer, or none did: of sixty small ones
 * somebody is always silent */
static void
tell_unknown(struct mh_tell *tell, const struct all *all)
{
	const struct asked *first = NULL;
	unsigned unknown = 0, said = 0;

	for (unsigned i = 0; i < all->count; i++) {
		const struct asked *asked = &all->at[i];
		if (asked->answer.state != MH_LIST_UNKNOWN || asked->fact == NULL)
			continue;
		unknown++;
		if (first == NULL || asked->list->weight > first->list->weight)
			first = asked;
	}
	if (first == NULL || (first->list->weight != MH_LIST_MAJOR && unknown < all->count))
		return;
	mh_say_int(tell, unknown);
	mh_say(tell, unknown == 1 ? " list did not answer: " : " lists did not answer: ");
	for (unsigned i = 0; i < all->count && said < NAMED_MAX; i++) {
		if (all->at[i].answer.state != MH_LIST_UNKNOWN || !is_first_of_list(all, i))
			continue;
		mh_say(tell, said++ > 0 ? ", " : "");
		mh_say(tell, all->at[i].list->zone);
	}
	mh_say(tell, unknown > said ? " and more." : ".");
	mh_tell_arg_int(tell, "lists", unknown);
	if (first->list->status != MH_LIST_KEY) {
		mh_tell_unknown(tell, first->fact);
		return;
	}
	/* The name of the fact has the key in it. */
	struct mh_fact without = *first->fact;
	without.name = first->shown;
	mh_tell_unknown(tell, &without);
}

/* add_rows - the entries of "checks": the first list, and all that have anything to say */
static void
add_rows(struct mh_look *look, const struct all *all)
{
	for (unsigned i = 0; i < all->count; i++) {
		enum mh_list_state state = all->at[i].answer.state;
		if (i == 0 || (state != MH_LIST_CLEAR && state != MH_LIST_UNKNOWN))
			mh_look_row(look, "lists", all->at[i].shown, MH_RR_A, all->at[i].fact);
	}
	if (all->count > 0)
		return;
	struct mh_domain_row *row = mh_look_row(look, "lists",
	    look->check->domain.len > 0 ? look->check->domain : look->check->given, MH_RR_A, NULL);
	if (row != NULL)
		row->is_skipped = true;
}

/* --------------------------------------------------------- section and JSON */

void
mh_dom_lists(struct mh_look *look)
{
	struct mh_ip ips[MH_HOST_ADDRESSES_MAX];
	struct mh_tell tell;
	struct all all = { .count = 0 };

	if (look->check->asks_lists) {
		unsigned count = mh_dom_host_addresses(look, ips);
		if (!ask_all(look, &all, ips, count, true))
			return;
	}
	if (look->report == NULL)
		return;
	add_rows(look, &all);
	mh_look_tell(look, &tell, "lists", look->check->domain);
	for (unsigned i = 0; i < all.count; i++)
		if (all.at[i].answer.state == MH_LIST_LISTED || all.at[i].answer.state == MH_LIST_ALLOWED)
			tell_listed(&tell, &all.at[i]);
	tell_together(&tell, &all, MH_LIST_REFUSED, MH_F_HOST_LIST_REFUSED);
	tell_together(&tell, &all, MH_LIST_BROKEN, MH_F_HOST_LIST_BROKEN);
	tell_unknown(&tell, &all);
	mh_look_told(look, &tell);
}

void
mh_dom_lists_json(struct mh_look *look, const struct mh_ip *ip, bool with_domain)
{
	struct mh_json *json = look->json;
	struct all all;

	if (!look->check->asks_lists || !ask_all(look, &all, ip, ip->family != 0 ? 1 : 0, with_domain))
		return;
	for (unsigned i = 0; i < all.count; i++) {
		const struct asked *asked = &all.at[i];
		const char *kind = asked->ip.family == 0        ? "domain"
		    : (asked->list->asks & MH_LIST_ALLOWS) != 0 ? "allow"
								: "ip";
		char room[MH_IP_TEXT_MAX];
		mh_json_open(json, '{');
		mh_json_put_strz(json, "zone", asked->list->zone);
		mh_json_put_strz(json, "name", asked->list->name);
		mh_json_put_strz(json, "kind", asked->answer.state == MH_LIST_ALLOWED ? "allow" : kind);
		mh_json_put_str(json, "about", asked->about);
		mh_json_put_strz(json, "state", mh_list_state_word(asked->answer.state));
		mh_json_put_str(json, "code", code_text(asked, room));
		mh_json_put_strz(json, "meaning", asked->answer.meaning);
		mh_json_put_strz(json, "delist", asked->list->delist);
		mh_json_close(json, '}');
	}
}
