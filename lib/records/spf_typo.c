/* spf_typo.c - what a term that cannot be read was probably meant to be
 *
 * A guess is given only if it reads without an error.  Nobody is advised to let
 * everybody send: "all." is taken for "~all".
 */
#include "error.h"
#include "nearly.h"
#include "port.h"
#include "spf_lint_own.h"

#define TEXT_MAX 300

static const char *const names[] = { "include", "ip4", "ip6", "exists", "redirect", "mx", "ptr", "all", "exp",
	"a" };

/* A guess under construction. */
struct guess {
	char text[TEXT_MAX + 32];
	size_t len;
};

static void
put(struct guess *guess, struct mh_str s)
{
	if (s.len > sizeof(guess->text) - guess->len)
		s.len = sizeof(guess->text) - guess->len;
	if (s.len > 0)
		memcpy(guess->text + guess->len, s.p, s.len);
	guess->len += s.len;
}

/* reads_well - whether a record of this one term has no error */
static bool
reads_well(struct mh_lint *lint, const struct guess *guess)
{
	char text[TEXT_MAX + 48] = "v=spf1 ";
	if (guess->len == 0 || guess->len > TEXT_MAX)
		return false;
	memcpy(text + 7, guess->text, guess->len);
	const struct mh_spf_record *record = mh_spf_parse(lint->pass->arena, mh_str_n(text, guess->len + 7));
	return record != NULL && record->error_count == 0 && record->count == 1 &&
	    record->terms[0].kind != MH_SPF_MODIFIER;
}

/* closest - the name that word is close to, or NULL */
static const char *
closest(struct mh_str word)
{
	const char *found = NULL;
	unsigned best = 3;
	if (mh_str_ieq(word, MH_STR("ipv4")) || mh_str_ieq(word, MH_STR("ip-4")))
		return "ip4";
	if (mh_str_ieq(word, MH_STR("ipv6")) || mh_str_ieq(word, MH_STR("ip-6")))
		return "ip6";
	for (size_t i = 0; i < MH_COUNT(names); i++) {
		struct mh_str name = mh_str_z(names[i]);
		unsigned far = mh_nearly(word, name);
		if (far < best && far <= (name.len > 4 ? 2u : name.len > 2 ? 1u : 0u)) {
			best = far;
			found = names[i];
		}
	}
	return found;
}

/* by_address - what stands behind the name is an address: the mechanism of its kind */
static const char *
by_address(struct mh_str value)
{
	struct mh_ip ip;
	const char *slash = value.len > 0 ? memchr(value.p, '/', value.len) : NULL;
	if (slash != NULL)
		value.len = (size_t)(slash - value.p);
	if (!mh_ip_parse(value, &ip))
		return NULL;
	return ip.family == 6 ? "ip6" : "ip4";
}

/* strip - without signs that people put behind a term */
static struct mh_str
strip(struct mh_str text)
{
	while (text.len > 1 && memchr(".,;\"'])>/", text.p[text.len - 1], 9) != NULL)
		text.len--;
	while (text.len > 1 && memchr("\"'(<", text.p[0], 4) != NULL)
		text = mh_str_n(text.p + 1, text.len - 1);
	return text;
}

/* mask_prefix - length of a prefix that is written as a mask, 255.255.255.0; -1: it is none */
static int
mask_prefix(struct mh_str mask)
{
	struct mh_ip ip;
	int prefix = 0;
	if (!mh_ip_parse(mask, &ip) || ip.family != 4)
		return -1;
	while (prefix < 32 && (ip.octets[prefix / 8] >> (7 - prefix % 8) & 1) != 0)
		prefix++;
	for (int i = prefix; i < 32; i++)
		if ((ip.octets[i / 8] >> (7 - i % 8) & 1) != 0)
			return -1;
	return prefix;
}

/* guess_network - an IPv4 network in the ways of other programs: 192.0.2.0/255.255.255.0, 192.0.2.* */
static bool
guess_network(struct mh_lint *lint, struct guess *guess, struct mh_str qualifier, struct mh_str value)
{
	const char *slash = value.len > 0 ? memchr(value.p, '/', value.len) : NULL;
	int prefix = -1;

	guess->len = 0;
	put(guess, qualifier);
	put(guess, MH_STR("ip4:"));
	if (slash != NULL) {
		size_t n = (size_t)(slash - value.p);
		prefix = mask_prefix(mh_str_n(slash + 1, value.len - n - 1));
		put(guess, mh_str_n(value.p, n));
	} else if (value.len > 2 && value.p[value.len - 1] == '*' && value.p[value.len - 2] == '.') {
		prefix = 24;
		put(guess, mh_str_n(value.p, value.len - 1));
		put(guess, MH_STR("0"));
	}
	if (prefix < 0)
		return false;
	const char digits[2] = { (char)('0' + prefix / 10), (char)('0' + prefix % 10) };
	put(guess, MH_STR("/"));
	put(guess, prefix < 10 ? mh_str_n(digits + 1, 1) : mh_str_n(digits, 2));
	return reads_well(lint, guess);
}

/* guess_by - name and value put together again */
static bool
guess_by(struct mh_lint *lint, struct guess *guess, struct mh_str qualifier, const char *name,
    struct mh_str value)
{
	bool is_modifier = strcmp(name, "redirect") == 0 || strcmp(name, "exp") == 0;
	guess->len = 0;
	if (!is_modifier)
		put(guess, qualifier);
	put(guess, mh_str_z(name));
	if (value.len > 0 && value.p[0] != '/') {
		put(guess, is_modifier ? MH_STR("=") : MH_STR(":"));
		put(guess, value);
	} else {
		put(guess, value);
	}
	return reads_well(lint, guess);
}

/* try_all - the ways in which the term may have gone wrong, likeliest first */
static bool
try_all(struct mh_lint *lint, struct guess *guess, struct mh_str text)
{
	struct mh_str qualifier = { text.p, 0 }, value = { NULL, 0 };
	size_t end = 0;

	put(guess, text);
	if (reads_well(lint, guess))
		return true;
	if (text.len > 0 && memchr("+-~?", text.p[0], 4) != NULL) {
		qualifier.len = 1;
		text = mh_str_n(text.p + 1, text.len - 1);
	}
	const char *bare = by_address(text);
	if (bare != NULL)
		return guess_by(lint, guess, qualifier, bare, text);
	while (end < text.len && text.p[end] != ':' && text.p[end] != '=' && text.p[end] != '/')
		end++;
	struct mh_str word = mh_str_n(text.p, end);
	if (end < text.len)
		value = text.p[end] == '/' ? mh_str_n(text.p + end, text.len - end)
					   : mh_str_n(text.p + end + 1, text.len - end - 1);
	if (value.len > 0 && value.p[0] == '[')
		value = mh_str_n(value.p + 1, value.len - 1);
	const char *address = by_address(value), *name = closest(word);
	if (address != NULL && guess_by(lint, guess, qualifier, address, value))
		return true;
	if (guess_network(lint, guess, qualifier, value))
		return true;
	if (name == NULL)
		return false;
	if (guess_by(lint, guess, qualifier, name, value))
		return true;
	/* a host's name where an address belongs */
	bool is_network = strcmp(name, "ip4") == 0 || strcmp(name, "ip6") == 0;
	return is_network && guess_by(lint, guess, qualifier, "a", value);
}

struct mh_str
mh_lint_typo(struct mh_lint *lint, struct mh_str term)
{
	struct guess guess = { .len = 0 };
	struct mh_str text = strip(term);

	if (text.len == 0 || text.len > TEXT_MAX || !try_all(lint, &guess, text))
		return (struct mh_str){ NULL, 0 };
	if (mh_str_ieq(mh_str_n(guess.text, guess.len), MH_STR("all")) ||
	    mh_str_ieq(mh_str_n(guess.text, guess.len), MH_STR("+all")))
		return MH_STR("~all");
	char *copy = mh_arena_alloc(lint->pass->arena, guess.len + 1);
	if (copy == NULL) {
		lint->pass->error = MH_ERR_ENOMEM;
		return (struct mh_str){ NULL, 0 };
	}
	memcpy(copy, guess.text, guess.len);
	copy[guess.len] = '\0';
	return mh_str_n(copy, guess.len);
}
