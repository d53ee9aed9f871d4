/* hostname.c - what the name of a sending host looks like to a receiver
 *
 * A reverse name is judged as the patterns of receivers do: by the address in it,
 * by names that providers are known to give out, and by words.  A name that begins
 * as those of mail servers do is not judged by words alone.
 *
 * RFC 5321 2.3.5, 4.1.2, 4.1.3
 */
#include "hostname.h"

#include "dname.h"
#include "port.h"

#define RUNS_MAX 64 /* numbers in one name that are looked at */

const char *
mh_generic_text(enum mh_generic generic)
{
	static const char *const texts[] = {
#define X(name, text) text,
		MH_GENERICS(X)
#undef X
	};
	return (unsigned)generic < MH_GENERIC_COUNT ? texts[generic] : "";
}

const char *
mh_helo_text(enum mh_helo_kind kind)
{
	static const char *const texts[] = {
#define X(name, text) text,
		MH_HELOS(X)
#undef X
	};
	return (unsigned)kind < MH_HELO_COUNT ? texts[kind] : "";
}

/* ------------------------------------------------------- addresses in names */

/* A run of digits in a name: decimal, or hexadecimal. */
struct run {
	struct mh_str text;
	uint32_t value; /* of its last eight digits, if it is longer */
};

struct runs {
	struct run at[RUNS_MAX];
	unsigned count;
};

static void
find_runs(struct mh_str name, unsigned base, struct runs *runs)
{
	runs->count = 0;
	for (size_t i = 0; i < name.len && runs->count < RUNS_MAX;) {
		struct run run = { { name.p + i, 0 }, 0 };
		while (i < name.len && (base == 16 ? mh_hex(name.p[i]) >= 0 : mh_is_digit(name.p[i]))) {
			run.value = run.value * base + (uint32_t)mh_hex(name.p[i++]);
			run.text.len++;
		}
		if (run.text.len > 0)
			runs->at[runs->count++] = run;
		else
			i++;
	}
}

static struct mh_str
span(const struct run *first, const struct run *last)
{
	return mh_str_n(first->text.p, (size_t)(last->text.p - first->text.p) + last->text.len);
}

/* is_next - whether one octet stands between two runs, and it is one that is written between parts of an
 * address */
static bool
is_next(const struct run *a, const struct run *b)
{
	const char *end = a->text.p + a->text.len;
	return b->text.p == end + 1 && strchr("-._x", *end) != NULL;
}

/* has_octets - whether three or four octets of an IPv4 address stand one after another */
static bool
has_octets(const struct runs *runs, const unsigned char octets[4], struct mh_str *part)
{
	for (unsigned i = 0; i < runs->count; i++) {
		for (unsigned first = 0; first < 2; first++) {
			unsigned n = 0;
			while (first + n < 4 && i + n < runs->count && runs->at[i + n].text.len <= 3 &&
			    runs->at[i + n].value == octets[first + n] &&
			    (n == 0 || is_next(&runs->at[i + n - 1], &runs->at[i + n])))
				n++;
			if (n >= 3) {
				*part = span(&runs->at[i], &runs->at[i + n - 1]);
				return true;
			}
		}
	}
	return false;
}

static bool
find_text(struct mh_str name, const char *text, size_t len, struct mh_str *part)
{
	for (size_t i = 0; i + len <= name.len; i++) {
		if (memcmp(name.p + i, text, len) == 0) {
			*part = mh_str_n(name.p + i, len);
			return true;
		}
	}
	return false;
}

/* put_hex - octets in hexadecimal; their length in digits */
static size_t
put_hex(const unsigned char *octets, size_t count, char *out)
{
	for (size_t i = 0; i < count; i++) {
		out[2 * i] = "0123456789abcdef"[octets[i] >> 4];
		out[2 * i + 1] = "0123456789abcdef"[octets[i] & 15];
	}
	return 2 * count;
}

static enum mh_generic
generic4(struct mh_str name, const unsigned char octets[4], struct mh_str *part)
{
	unsigned char back[4] = { octets[3], octets[2], octets[1], octets[0] };
	uint32_t number =
	    (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
	const unsigned char *ways[] = { octets, back };
	struct runs runs;
	char text[32];

	find_runs(name, 10, &runs);
	for (unsigned way = 0; way < 2; way++) {
		for (unsigned i = 0; i < 4; i++) {
			text[3 * i] = (char)('0' + ways[way][i] / 100);
			text[3 * i + 1] = (char)('0' + ways[way][i] / 10 % 10);
			text[3 * i + 2] = (char)('0' + ways[way][i] % 10);
		}
		if (has_octets(&runs, ways[way], part) || find_text(name, text, 12, part))
			return way == 0 ? MH_GENERIC_ADDRESS : MH_GENERIC_REVERSED;
	}
	for (unsigned i = 0; i < runs.count; i++) {
		if (runs.at[i].value == number && runs.at[i].text.len >= 7 && runs.at[i].text.len <= 10) {
			*part = runs.at[i].text;
			return MH_GENERIC_NUMBER;
		}
	}
	for (unsigned way = 0; way < 2; way++)
		if (find_text(name, text, put_hex(ways[way], 4, text), part))
			return MH_GENERIC_HEX;
	return MH_GENERIC_NO;
}

/* has_groups - whether groups of an IPv6 address that are not 0 stand one after another: three of them, or all
 * if it has but two */
static bool
has_groups(const struct runs *runs, const unsigned char octets[16], struct mh_str *part)
{
	uint32_t groups[8];
	unsigned count = 0;

	for (unsigned i = 0; i < 8; i++) {
		groups[count] = (uint32_t)octets[2 * i] << 8 | octets[2 * i + 1];
		count += groups[count] != 0;
	}
	unsigned need = count < 3 ? count : 3;
	for (unsigned i = 0; i < runs->count && need >= 2; i++) {
		for (unsigned first = 0; first + need <= count; first++) {
			unsigned n = 0, k = i;
			while (first + n < count && k < runs->count && runs->at[k].text.len <= 4 &&
			    (runs->at[k].value == groups[first + n] || (runs->at[k].value == 0 && n > 0))) {
				n += runs->at[k].value != 0;
				k++;
			}
			if (n >= need) {
				*part = span(&runs->at[i], &runs->at[k - 1]);
				return true;
			}
		}
	}
	return false;
}

static enum mh_generic
generic6(struct mh_str name, const unsigned char octets[16], struct mh_str *part)
{
	char text[32], back[64];
	struct runs runs;

	put_hex(octets, 16, text);
	for (unsigned i = 0; i < 32; i++) {
		back[2 * i] = text[31 - i];
		back[2 * i + 1] = '.';
	}
	/* The lower half is enough: the network stands for the provider. */
	if (find_text(name, text + 16, 16, part))
		return MH_GENERIC_HEX;
	if (find_text(name, back, 31, part))
		return MH_GENERIC_REVERSED;
	find_runs(name, 16, &runs);
	return has_groups(&runs, octets, part) ? MH_GENERIC_ADDRESS : MH_GENERIC_NO;
}

/* ---------------------------------------------------------- words and suffixes */

/* Below these, names are given out with the address; as of 2026-11, from reverse names in mail logs. */
static const char *const providers[] = {
	"amazonaws.com",
	"bc.googleusercontent.com",
	"btcentralplus.com",
	"clients.your-server.de",
	"cloudapp.azure.com",
	"cloudapp.net",
	"colocrossing.com",
	"contabo.host",
	"contaboserver.net",
	"dip0.t-ipconnect.de",
	"dip.t-dialin.net",
	"fbx.proxad.net",
	"hinet-ip.hinet.net",
	"hstgr.cloud",
	"hwsrv.com",
	"instances.scw.cloud",
	"ip.linodeusercontent.com",
	"ip.secureserver.net",
	"ip.twelve99-cust.net",
	"kundencontroller.de",
	"members.linode.com",
	"netvigator.com",
	"onlinehome-server.com",
	"onlinehome-server.info",
	"pbiaas.com",
	"poneytelecom.eu",
	"res.spectrum.com",
	"rev.poneytelecom.eu",
	"rev.sfr.net",
	"sl-reverse.com",
	"startdedicated.com",
	"startdedicated.de",
	"stratoserver.net",
	"t-ipconnect.de",
	"ultrasrv.de",
	"virtua.com.br",
	"vps.ovh.ca",
	"vps.ovh.net",
	"vps.ovh.us",
	"vultrusercontent.com",
	"wanadoo.fr",
	"yourvserver.net",
	"your-cloud.host",
};

/* Words that stand alone between dots, hyphens and digits.  numbers: how many digits have to be in the host
 * part beside it, for words that honest names have too. */
static const struct {
	const char *word;
	unsigned char numbers, why;
} words[] = {
	{ "adsl", 0, MH_GENERIC_LINE },
	{ "broadband", 0, MH_GENERIC_LINE },
	{ "cable", 0, MH_GENERIC_LINE },
	{ "cablemodem", 0, MH_GENERIC_LINE },
	{ "catv", 0, MH_GENERIC_LINE },
	{ "cpe", 0, MH_GENERIC_LINE },
	{ "dhcp", 0, MH_GENERIC_LINE },
	{ "dial", 0, MH_GENERIC_LINE },
	{ "dialin", 0, MH_GENERIC_LINE },
	{ "dialup", 0, MH_GENERIC_LINE },
	{ "dip", 0, MH_GENERIC_LINE },
	{ "dsl", 0, MH_GENERIC_LINE },
	{ "dyn", 0, MH_GENERIC_LINE },
	{ "dynamic", 0, MH_GENERIC_LINE },
	{ "dynamicip", 0, MH_GENERIC_LINE },
	{ "dynip", 0, MH_GENERIC_LINE },
	{ "fttb", 0, MH_GENERIC_LINE },
	{ "ftth", 0, MH_GENERIC_LINE },
	{ "gprs", 0, MH_GENERIC_LINE },
	{ "hfc", 0, MH_GENERIC_LINE },
	{ "hsd", 0, MH_GENERIC_LINE },
	{ "lte", 1, MH_GENERIC_LINE },
	{ "mobile", 2, MH_GENERIC_LINE },
	{ "modem", 0, MH_GENERIC_LINE },
	{ "nat", 1, MH_GENERIC_LINE },
	{ "ppp", 0, MH_GENERIC_LINE },
	{ "pppoe", 0, MH_GENERIC_LINE },
	{ "residential", 0, MH_GENERIC_LINE },
	{ "sdsl", 0, MH_GENERIC_LINE },
	{ "umts", 0, MH_GENERIC_LINE },
	{ "vdsl", 0, MH_GENERIC_LINE },
	{ "wimax", 0, MH_GENERIC_LINE },
	{ "xdsl", 0, MH_GENERIC_LINE },
	{ "client", 1, MH_GENERIC_POOL },
	{ "clients", 0, MH_GENERIC_POOL },
	{ "compute", 0, MH_GENERIC_POOL },
	{ "cust", 0, MH_GENERIC_POOL },
	{ "customer", 0, MH_GENERIC_POOL },
	{ "customers", 0, MH_GENERIC_POOL },
	{ "ec", 4, MH_GENERIC_POOL },
	{ "host", 4, MH_GENERIC_POOL },
	{ "ip", 2, MH_GENERIC_POOL },
	{ "pool", 0, MH_GENERIC_POOL },
	{ "pools", 0, MH_GENERIC_POOL },
	{ "static", 0, MH_GENERIC_POOL },
	{ "staticip", 0, MH_GENERIC_POOL },
	{ "unallocated", 0, MH_GENERIC_POOL },
	{ "unassigned", 0, MH_GENERIC_POOL },
	{ "unused", 0, MH_GENERIC_POOL },
	{ "user", 2, MH_GENERIC_POOL },
	{ "vm", 4, MH_GENERIC_POOL },
	{ "vps", 3, MH_GENERIC_POOL },
};

/* host_part - a name without the domain that somebody registered, roughly: the last two labels, or three where
 * the second level is an open one */
static struct mh_str
host_part(struct mh_str name)
{
	static const char *const open[] = { "ac", "co", "com", "edu", "gob", "gov", "ne", "net", "or",
		"org" };
	size_t dots[3] = { 0 }, count = 0;

	for (size_t i = name.len; i > 0 && count < 3; i--)
		if (name.p[i - 1] == '.')
			dots[count++] = i - 1;
	if (count < 2)
		return mh_str_n(name.p, 0);
	if (name.len - dots[0] == 3) {
		struct mh_str second = { name.p + dots[1] + 1, dots[0] - dots[1] - 1 };
		for (size_t i = 0; i < MH_COUNT(open); i++)
			if (mh_str_eq(second, mh_str_z(open[i])))
				return mh_str_n(name.p, count == 3 ? dots[2] : 0);
	}
	return mh_str_n(name.p, dots[1]);
}

/* begins_as_mail - whether a name begins as those of mail servers do, "mail2.", "mx-out-1." */
static bool
begins_as_mail(struct mh_str name)
{
	static const char *const starts[] = { "mail", "mx", "smtp", "mta", "relay", "out", "email", "mout" };
	for (size_t i = 0; i < MH_COUNT(starts); i++) {
		size_t len = strlen(starts[i]);
		if (mh_str_istarts(name, mh_str_z(starts[i])) &&
		    (name.len == len || !mh_is_alpha(name.p[len])))
			return true;
	}
	return false;
}

static enum mh_generic
generic_word(struct mh_str name, struct mh_str *part)
{
	struct mh_str host = host_part(name);
	unsigned digits = 0;

	if (begins_as_mail(host))
		return MH_GENERIC_NO;
	for (size_t i = 0; i < host.len; i++)
		digits += mh_is_digit(host.p[i]);
	for (size_t i = 0; i < host.len;) {
		struct mh_str word = { host.p + i, 0 };
		while (i < host.len && mh_is_alpha(host.p[i])) {
			word.len++;
			i++;
		}
		for (size_t k = 0; k < MH_COUNT(words) && word.len > 0; k++) {
			/* "static.example.org" is one host; those of a pool are many, and each has more in its name. */
			bool is_whole = word.len == host.len && words[k].why == MH_GENERIC_POOL &&
			    !mh_str_istarts(word, MH_STR("un"));
			if (digits >= words[k].numbers && !is_whole &&
			    mh_str_ieq(word, mh_str_z(words[k].word))) {
				*part = word;
				return words[k].why;
			}
		}
		i += word.len == 0;
	}
	return MH_GENERIC_NO;
}

enum mh_generic
mh_host_generic(struct mh_str name, const struct mh_ip *ip, struct mh_str *part)
{
	enum mh_generic generic = MH_GENERIC_NO;
	struct mh_str room;

	if (part == NULL)
		part = &room;
	*part = mh_str_n(name.p, 0);
	if (mh_str_iends(name, MH_STR(".in-addr.arpa")) || mh_str_iends(name, MH_STR(".ip6.arpa"))) {
		*part = name;
		return MH_GENERIC_REVERSE;
	}
	if (ip->family == 4)
		generic = generic4(name, ip->octets, part);
	else if (ip->family == 6)
		generic = generic6(name, ip->octets, part);
	for (size_t i = 0; i < MH_COUNT(providers) && generic == MH_GENERIC_NO; i++) {
		struct mh_str suffix = mh_str_z(providers[i]);
		if (name.len > suffix.len && mh_name_under(name, suffix)) {
			*part = mh_str_n(name.p + name.len - suffix.len, suffix.len);
			generic = MH_GENERIC_PROVIDER;
		}
	}
	return generic != MH_GENERIC_NO ? generic : generic_word(name, part);
}

/* --------------------------------------------------------------------- HELO */

/* Names at the end that nobody outside can look up: RFC 6761, RFC 6762 G and RFC 8375, and what routers and
 * directories have made up.  Those of examples and tests are left out, for they stand for others. */
static const char *const private_ends[] = { "local", "lan", "internal", "intern", "intranet", "private",
	"corp", "home", "home.arpa", "localnet", "workgroup", "domain", "invalid", "onion", "fritz.box" };

/* read_literal - what stands in brackets (RFC 5321 4.1.3) */
static void
read_literal(struct mh_helo *helo)
{
	struct mh_str inside = { helo->text.p + 1, helo->text.len - 1 };
	bool is_closed = inside.len > 0 && inside.p[inside.len - 1] == ']';

	helo->kind = MH_HELO_BAD_LITERAL;
	helo->part = helo->text;
	if (!is_closed)
		return;
	inside.len--;
	if (mh_str_istarts(inside, MH_STR("IPv6:"))) {
		inside = mh_str_n(inside.p + 5, inside.len - 5);
		if (mh_ip_parse(inside, &helo->ip) && helo->ip.family == 6)
			helo->kind = MH_HELO_LITERAL;
	} else if (mh_ip_parse(inside, &helo->ip) && helo->ip.family == 4) {
		helo->kind = MH_HELO_LITERAL;
	}
	if (helo->kind == MH_HELO_BAD_LITERAL)
		helo->ip.family = 0;
}

/* wrong_octet - the first octet that a host name may not have; its kind, or MH_HELO_NAME */
static enum mh_helo_kind
wrong_octet(struct mh_str name, struct mh_str *part)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.p[i];
		if (mh_is_alnum(c) || c == '-' || c == '.')
			continue;
		*part = mh_str_n(name.p + i, 1);
		return c == '_'                ? MH_HELO_UNDERSCORE
		    : (unsigned char)c >= 0x80 ? MH_HELO_NOT_ASCII
					       : MH_HELO_CHARACTER;
	}
	return MH_HELO_NAME;
}

/* wrong_label - the first label that cannot be one, the last label in *last and how many there are in *count */
static bool
wrong_label(struct mh_str name, struct mh_str *last, unsigned *count, struct mh_str *part)
{
	*count = 0;
	for (size_t i = 0; i <= name.len;) {
		struct mh_str label = { name.p + i, 0 };
		while (i < name.len && name.p[i] != '.') {
			i++;
			label.len++;
		}
		if (label.len == 0 || label.len > 63 || label.p[0] == '-' || label.p[label.len - 1] == '-') {
			*part = label;
			return true;
		}
		*last = label;
		++*count;
		i++;
	}
	return false;
}

/* is_private - whether nobody outside can look the name up; *part is what shows it */
static bool
is_private(struct mh_str name, struct mh_str *part)
{
	for (size_t i = 0; i < MH_COUNT(private_ends); i++) {
		struct mh_str end = mh_str_z(private_ends[i]);
		if (!mh_name_under(name, end))
			continue;
		*part = mh_str_n(name.p + name.len - end.len, end.len);
		return true;
	}
	return false;
}

/* kind_of - of a name without a dot at its end */
static enum mh_helo_kind
kind_of(struct mh_str name, struct mh_str *part)
{
	struct mh_str last = MH_STR("");
	unsigned labels = 0;
	enum mh_helo_kind kind = wrong_octet(name, part);

	if (kind != MH_HELO_NAME)
		return kind;
	*part = name;
	if (mh_name_under(name, MH_STR("localhost")) || mh_name_under(name, MH_STR("localdomain")))
		return MH_HELO_LOCALHOST;
	if (name.len > MH_NAME_MAX)
		return MH_HELO_LONG;
	if (wrong_label(name, &last, &labels, part))
		return MH_HELO_LABEL;
	if (labels < 2)
		return MH_HELO_SINGLE_LABEL;
	if (mh_name_under(name, MH_STR("in-addr.arpa")) || mh_name_under(name, MH_STR("ip6.arpa")))
		return MH_HELO_REVERSE;
	if (is_private(name, part))
		return MH_HELO_PRIVATE;
	*part = last;
	return mh_str_int(last, INT64_MAX) >= 0 ? MH_HELO_NUMBER : MH_HELO_NAME;
}

void
mh_helo_read(struct mh_helo *helo, struct mh_str text)
{
	*helo = (struct mh_helo){ .kind = MH_HELO_EMPTY, .text = mh_str_trim(text), .ip = { .family = 0 } };
	helo->part = helo->text;
	if (helo->text.len == 0)
		return;
	if (helo->text.p[0] == '[') {
		read_literal(helo);
		return;
	}
	if (mh_ip_parse(helo->text, &helo->ip)) {
		helo->kind = MH_HELO_BARE_ADDRESS;
		return;
	}
	helo->ip.family = 0;
	struct mh_str name = helo->text;
	bool has_dot = name.len > 1 && name.p[name.len - 1] == '.';
	name.len -= has_dot;
	helo->kind = kind_of(name, &helo->part);
	if (helo->kind == MH_HELO_NAME) {
		helo->kind = has_dot ? MH_HELO_FINAL_DOT : MH_HELO_NAME;
		helo->part = helo->text;
	}
}

/* ---------------------------------------------------------------- addresses */

struct mh_ip
mh_host_ip_plain(const struct mh_ip *ip)
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	struct mh_ip plain = *ip;
	if (ip->family == 6 && memcmp(ip->octets, mapped, sizeof(mapped)) == 0) {
		plain = (struct mh_ip){ .family = 4 };
		memcpy(plain.octets, ip->octets + 12, 4);
	}
	return plain;
}

bool
mh_host_ip_is_public(const struct mh_ip *ip)
{
	/* RFC 5737, RFC 3849, RFC 9637 */
	static const unsigned char documentation[][4] = { { 192, 0, 2 }, { 198, 51, 100 }, { 203, 0, 113 } };
	struct mh_ip plain = mh_host_ip_plain(ip);

	for (size_t i = 0; plain.family == 4 && i < MH_COUNT(documentation); i++)
		if (memcmp(plain.octets, documentation[i], 3) == 0)
			return true;
	if (plain.family == 6 &&
	    (memcmp(plain.octets, "\x20\x01\x0d\xb8", 4) == 0 ||
		(memcmp(plain.octets, "\x3f\xff", 2) == 0 && plain.octets[2] < 0x10)))
		return true;
	return mh_ip_is_public(&plain);
}
