/* spf_lint_private.c - addresses in a record that no mail on the Internet comes from
 *
 * Those of its ip4 and ip6, and those that its own a and mx lead to; an IPv4
 * address in the form of IPv6 is one of them, since nobody is matched by it.  Ranges of
 * documentation count as public: they stand for real ones in every example.
 *
 * RFC 6890 and the registries that it began
 */
#include "port.h"
#include "spf_lint_own.h"

static const struct {
	const char *network;
	int prefix;
	const char *what;
} special[] = {
	{ "0.0.0.0", 8, "of \"this host\"" },
	{ "10.0.0.0", 8, "private" },
	{ "100.64.0.0", 10, "shared by a provider's customers" },
	{ "127.0.0.0", 8, "loopback" },
	{ "169.254.0.0", 16, "link-local" },
	{ "172.16.0.0", 12, "private" },
	{ "192.0.0.0", 24, "reserved for protocols" },
	{ "192.168.0.0", 16, "private" },
	{ "198.18.0.0", 15, "for benchmarks" },
	{ "224.0.0.0", 4, "multicast" },
	{ "240.0.0.0", 4, "reserved" },
	{ "::", 127, "loopback, or no address at all" },
	{ "64:ff9b:1::", 48, "private, for translation" },
	{ "100::", 64, "for discarding" },
	{ "fc00::", 7, "private" },
	{ "fe80::", 10, "link-local" },
	{ "fec0::", 10, "private, in a way that was given up" },
	{ "ff00::", 8, "multicast" },
};

/* lies_in - whether the network that ip is in lies in another */
static bool
lies_in(const struct mh_ip_net *net, const struct mh_ip *other, int prefix)
{
	int whole = prefix / 8, rest = prefix % 8;
	if (net->ip.family != other->family || net->prefix < prefix ||
	    memcmp(net->ip.octets, other->octets, (size_t)whole) != 0)
		return false;
	return rest == 0 || (net->ip.octets[whole] ^ other->octets[whole]) >> (8 - rest) == 0;
}

/* special_of - what a network is if it is none of the Internet's, or NULL */
static const char *
special_of(const struct mh_ip_net *net)
{
	for (size_t i = 0; i < MH_COUNT(special); i++) {
		struct mh_ip ip;
		if (mh_ip_parse(mh_str_z(special[i].network), &ip) && lies_in(net, &ip, special[i].prefix))
			return special[i].what;
	}
	return NULL;
}

/* tell_mapped - of an ip6 with an IPv4-mapped network, which matches nobody; all of IPv4 is no advice */
static void
tell_mapped(struct mh_lint *lint, const struct mh_spf_term *term, const struct mh_ip_net *net)
{
	struct mh_ip ip = { .family = 4 };
	struct mh_str instead = MH_STR("");
	char text[MH_IP_TEXT_MAX];
	struct mh_buf room;

	memcpy(ip.octets, net->ip.octets + 12, 4);
	mh_buf_init(&room, &lint->pass->work->mem, 100);
	mh_buf_puts(&room, "ip4:");
	mh_buf_put(&room, text, mh_ip_print(&ip, text));
	if (net->prefix < 128) {
		mh_buf_putc(&room, '/');
		mh_buf_putint(&room, net->prefix - 96);
	}
	struct mh_str meant = mh_lint_keep(lint, &room);
	if (net->prefix > 96)
		instead = meant;
	mh_lint_say_str(lint, term->text);
	mh_lint_say(lint, " matches nobody: an IPv4 address in the form of IPv6 is read as IPv4.");
	if (instead.len > 0) {
		mh_lint_say(lint, " Write ");
		mh_lint_say_str(lint, instead);
		mh_lint_say(lint, ".");
	}
	mh_lint_term(lint, MH_F_SPF_WRONG_FAMILY, term, mh_lint_without(lint, term, instead));
}

/* is_all_private - whether the record would name nobody without the networks that are not public */
static bool
is_all_private(const struct mh_spf_record *record)
{
	for (uint32_t i = 0; i < record->count && &record->terms[i] != record->all; i++) {
		const struct mh_spf_term *term = &record->terms[i];
		struct mh_ip_net net;
		bool is_network = term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6;
		bool is_special = is_network && mh_spf_net(term, &net) && special_of(&net) != NULL;
		if (!is_special && (term->kind <= MH_SPF_EXISTS || term->kind == MH_SPF_REDIRECT))
			return false;
	}
	return true;
}

/* tell_network - of ip4 and ip6 */
static void
tell_network(struct mh_lint *lint, const struct mh_spf_term *term)
{
	struct mh_ip_net net;
	if (!mh_spf_net(term, &net)) {
		if (mh_lint_may(lint, MH_F_SPF_WRONG_FAMILY))
			tell_mapped(lint, term, &net);
		return;
	}
	const char *what = special_of(&net);
	if (what == NULL)
		return;
	mh_lint_say_str(lint, term->text);
	mh_lint_say(lint, " is ");
	mh_lint_say(lint, what);
	mh_lint_say(lint, ".");
	/* A record that names nobody is not what to publish. */
	mh_lint_term(lint, MH_F_SPF_PRIVATE_ADDRESS, term,
	    is_all_private(lint->tree->record) ? NULL : mh_lint_drop(lint, term));
}

/* tell_host - of one answer with addresses; whether there was something to tell */
static bool
tell_host(struct mh_lint *lint, const struct mh_spf_term *term, const struct mh_fact *fact)
{
	for (size_t i = 0; fact != NULL && i < fact->count; i++) {
		struct mh_ip_net net;
		char text[MH_IP_TEXT_MAX];
		if (!mh_rr_ip(fact, i, &net.ip))
			continue;
		net.prefix = net.ip.family == 6 ? 128 : 32;
		const char *what = special_of(&net);
		if (what == NULL)
			continue;
		size_t len = mh_ip_print(&net.ip, text);
		mh_lint_say_str(lint, fact->name);
		mh_lint_say(lint, " has the address ");
		mh_lint_say_str(lint, mh_str_n(text, len));
		mh_lint_say(lint, ", which is ");
		mh_lint_say(lint, what);
		mh_lint_say(lint, ".");
		mh_lint_term(lint, MH_F_SPF_PRIVATE_ADDRESS, term, NULL);
		return true;
	}
	return false;
}

/* tell_hosts - of a and mx */
static void
tell_hosts(struct mh_lint *lint, const struct mh_spf_step *step)
{
	if (step->is_dynamic || (step->term->kind == MH_SPF_A && tell_host(lint, step->term, step->fact)))
		return;
	for (uint16_t i = 0; i < step->hosts_count; i++)
		if (tell_host(lint, step->term, step->hosts[i]))
			return;
}

void
mh_lint_private(struct mh_lint *lint)
{
	const struct mh_spf_node *tree = lint->tree;
	for (uint32_t i = 0; i < tree->count && tree->steps[i].term != tree->record->all; i++) {
		const struct mh_spf_term *term = tree->steps[i].term;
		if (term->qualifier != '+' || !mh_lint_may(lint, MH_F_SPF_PRIVATE_ADDRESS))
			continue;
		if (term->kind == MH_SPF_IP4 || term->kind == MH_SPF_IP6)
			tell_network(lint, term);
		else if (term->kind == MH_SPF_A || term->kind == MH_SPF_MX)
			tell_hosts(lint, &tree->steps[i]);
	}
}
