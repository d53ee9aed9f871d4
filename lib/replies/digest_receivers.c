/* digest_receivers.c - who it is that a line speaks of
 *
 * The provider that owns the relay's name; else the domain of the relay, cut
 * where registration usually ends; where no relay was reached, the same of the
 * recipient's domain.  Names are looked up once and remembered.
 */
#include "digest_own.h"

#include "net.h"
#include "port.h"

/* organisation - the domain under which a host is likely to have been registered: its last two labels, or three
 * if the last but one is a short one beneath a country ("co.uk") */
static struct mh_str
organisation(struct mh_str host)
{
	size_t labels = 0, at = host.len, ends[3] = { 0, 0, 0 };
	while (at > 0 && labels < 3) {
		if (host.p[--at] == '.')
			ends[labels++] = at + 1;
	}
	if (labels < 2)
		return host;
	size_t last = host.len - ends[0], before = ends[0] - 1 - ends[1];
	bool deep = last == 2 && before <= 3;
	size_t begin = !deep ? ends[1] : labels == 3 ? ends[2] : 0;
	return mh_str_n(host.p + begin, host.len - begin);
}

static bool
is_own(const struct mh_logline *line)
{
	struct mh_ip ip;
	if (line->relay.len == 0)
		return line->result == MH_RESULT_SENT && line->relay_ip.len == 0 && line->mta != MH_MTA_QMAIL;
	if (memchr(line->relay_ip.p != NULL ? line->relay_ip.p : "", '/', line->relay_ip.len) != NULL)
		return true; /* a socket's path */
	if (mh_str_ieq(line->relay, MH_STR("none")))
		return false;
	if (line->relay.p != NULL && memchr(line->relay.p, '.', line->relay.len) == NULL &&
	    !mh_ip_parse(line->relay, &ip))
		return true; /* "local", "dovecot" */
	return mh_str_istarts(line->relay_ip, MH_STR("127.")) || mh_str_eq(line->relay_ip, MH_STR("::1"));
}

/* make_receiver - a new one, or the one that stands for all others */
static uint32_t
make_receiver(struct mh_digest *digest, uint64_t key, struct mh_str name, int provider)
{
	uint32_t number = pile_add(&digest->receivers, &digest->mem);
	if (number == NONE)
		return RECEIVER_OTHERS;
	struct receiver *receiver = pile_at(&digest->receivers, number);
	receiver->provider = provider;
	receiver->name = mh_mem_alloc(&digest->mem, name.len + 1);
	if (receiver->name == NULL || !mh_map_put(&digest->receiver_map, key, number)) {
		if (receiver->name != NULL)
			mh_mem_free(&digest->mem, receiver->name, name.len + 1);
		digest->receivers.count--;
		return RECEIVER_OTHERS;
	}
	for (size_t i = 0; i < name.len; i++)
		receiver->name[i] = name.p[i] != '\0' ? mh_lower(name.p[i]) : '?';
	receiver->name[name.len] = '\0';
	return number;
}

uint32_t
digest_provider(struct mh_digest *digest, int provider)
{
	uint64_t key = mh_hash_number((uint64_t)provider, 1);
	uint32_t number = mh_map_get(&digest->receiver_map, key);
	if (number != NONE)
		return number;
	const struct mh_provider *row = NULL;
	const struct mh_ruleset *set = mh_layers_provider(&digest->book->layers, (uint32_t)provider, &row);
	return make_receiver(digest, key, set != NULL ? mh_str_z(mh_pool(set, row->id)) : MH_STR(""),
	    provider);
}

static uint32_t
look_up(struct mh_digest *digest, struct mh_str name)
{
	struct mh_ip ip;
	if (name.len > MH_NAME_MAX)
		name.len = MH_NAME_MAX;
	struct mh_owner owner = mh_layers_suffix(&digest->book->layers, name);
	if (owner.provider != 0)
		return digest_provider(digest, owner.provider - 1);
	if (!mh_ip_parse(name, &ip))
		name = organisation(name);
	uint64_t key = mh_hash_lower(name, 2);
	uint32_t number = mh_map_get(&digest->receiver_map, key);
	return number != NONE ? number : make_receiver(digest, key, name, -1);
}

uint32_t
digest_receiver(struct mh_digest *digest, const struct mh_logline *line)
{
	struct mh_str name = line->relay;
	if (is_own(line))
		return RECEIVER_OWN;
	if (name.len == 0 || mh_str_ieq(name, MH_STR("none"))) {
		/* Exim and OpenSMTPD know the address alone at times; else it is the recipient's domain. */
		const char *at =
		    line->recipient.len > 0 ? memchr(line->recipient.p, '@', line->recipient.len) : NULL;
		name = at != NULL
		    ? mh_str_n(at + 1, (size_t)(line->recipient.p + line->recipient.len - at - 1))
		    : line->relay_ip;
	}
	if (name.len == 0)
		return RECEIVER_OTHERS;
	uint64_t key = mh_hash_lower(name, 3);
	struct host *host = &digest->hosts[key & (DIGEST_HOSTS - 1)];
	if (host->key != key)
		*host = (struct host){ key, look_up(digest, name) };
	return host->receiver;
}
