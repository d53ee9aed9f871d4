/* stream_spec.c - lines that name dialogues, written and read */
#include "stream_spec.h"

#include "port.h"

#define WAIT_MAX 3600000
#define AGAIN_MAX 1000

static const char *const dialects[] = { "smtp", "lmtp", "imap", "pop3", "sieve", "https" };
static const char *const starts[] = { "", "+starttls", "+tls" };
static const char *const hows[] = { "talk", "handshake", "hello", "get" };
static const char *const sessions[] = { "", "keep", "use" };
static const char *const keys[] = { "", "rsa", "ecdsa" };

const char *
mh_dialect_name(int dialect)
{
	return dialect >= 0 && dialect < (int)MH_COUNT(dialects) ? dialects[dialect] : "";
}

int
mh_dialect_find(struct mh_str name)
{
	for (int i = 0; i < (int)MH_COUNT(dialects); i++)
		if (mh_str_eq(name, mh_str_z(dialects[i])))
			return i;
	return -1;
}

/* ------------------------------------------------------------------ writing */

static void
put_hex(struct mh_buf *out, unsigned value, int digits)
{
	while (digits-- > 0)
		mh_buf_putc(out, "0123456789abcdef"[value >> (4 * digits) & 15]);
}

/* put_value - what could be misread as %XX */
static void
put_value(struct mh_buf *out, struct mh_str value)
{
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.p[i];
		if (c > 0x20 && c < 0x7f && c != '%' && c != '&' && c != '\\') {
			mh_buf_putc(out, (char)c);
			continue;
		}
		mh_buf_putc(out, '%');
		put_hex(out, c, 2);
	}
}

/* put_key - "?key=" or "&key=" */
static void
put_key(struct mh_buf *out, bool *is_first, const char *key)
{
	mh_buf_putc(out, *is_first ? '?' : '&');
	*is_first = false;
	mh_buf_puts(out, key);
	mh_buf_putc(out, '=');
}

static void
put_text(struct mh_buf *out, bool *is_first, const char *key, struct mh_str value)
{
	if (value.len == 0)
		return;
	put_key(out, is_first, key);
	put_value(out, value);
}

static void
put_number(struct mh_buf *out, bool *is_first, const char *key, int64_t value)
{
	if (value == 0)
		return;
	put_key(out, is_first, key);
	mh_buf_putint(out, value);
}

static void
put_list(struct mh_buf *out, bool *is_first, const char *key, const uint16_t *list, unsigned count)
{
	if (count == 0)
		return;
	put_key(out, is_first, key);
	for (unsigned i = 0; i < count; i++) {
		if (i > 0)
			mh_buf_putc(out, ',');
		put_hex(out, list[i], 4);
	}
}

void
mh_stream_spec_write(struct mh_buf *out, const struct mh_stream_spec *spec)
{
	char ip[MH_IP_TEXT_MAX];
	bool is_first = true;

	mh_buf_puts(out, dialects[spec->dialect]);
	if (spec->dialect != MH_DIALECT_HTTPS)
		mh_buf_puts(out, starts[spec->start]);
	mh_buf_puts(out, "://");
	mh_ip_print(&spec->ip, ip);
	if (spec->ip.family == 6)
		mh_buf_putc(out, '[');
	mh_buf_puts(out, spec->ip.family == 0 ? "unix" : ip);
	if (spec->ip.family == 6)
		mh_buf_putc(out, ']');
	mh_buf_putc(out, ':');
	mh_buf_putint(out, spec->port);
	mh_buf_putc(out, '/');
	mh_buf_puts(out, hows[spec->how]);
	put_text(out, &is_first, "path", spec->path);
	put_text(out, &is_first, "sni", spec->sni);
	put_text(out, &is_first, "name", spec->name);
	put_text(out, &is_first, "target", spec->target);
	put_text(out, &is_first, "script", spec->script);
	put_text(out, &is_first, "session", mh_str_z(sessions[spec->session]));
	put_text(out, &is_first, "key", mh_str_z(keys[spec->key]));
	if (spec->max_version != 0) {
		put_key(out, &is_first, "max");
		put_hex(out, (unsigned)spec->max_version, 4);
	}
	if (spec->how == MH_HOW_HELLO) {
		put_text(out, &is_first, "hello", mh_str_z(spec->hello.kind->name));
		put_list(out, &is_first, "less", spec->hello.less, spec->hello.less_count);
		put_list(out, &is_first, "less-groups", spec->hello.less_groups,
		    spec->hello.less_groups_count);
		put_number(out, &is_first, "size", spec->hello.size);
	}
	put_number(out, &is_first, "pause", spec->pause_ms);
	put_number(out, &is_first, "inject", spec->injects);
	put_number(out, &is_first, "again", spec->again);
	put_key(out, &is_first, "wait");
	for (int i = 0; i < MH_WAIT_COUNT; i++) {
		if (i > 0)
			mh_buf_putc(out, ',');
		mh_buf_putint(out, spec->wait_ms[i]);
	}
}

/* ------------------------------------------------------------------ reading */

/* find_word - place of a word in a list, or -1 */
static int
find_word(const char *const *list, size_t count, struct mh_str word)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_eq(word, mh_str_z(list[i])))
			return (int)i;
	return -1;
}

/* unescape - %XX of a value in place; false if it is none */
static bool
unescape(char *p, size_t len, struct mh_str *value)
{
	size_t n = 0;
	for (size_t i = 0; i < len; i++) {
		if (p[i] != '%') {
			p[n++] = p[i];
			continue;
		}
		int high = i + 2 < len ? mh_hex(p[i + 1]) : -1, low = i + 2 < len ? mh_hex(p[i + 2]) : -1;
		if (i + 2 >= len || high < 0 || low < 0)
			return false;
		p[n++] = (char)(high << 4 | low);
		i += 2;
	}
	*value = mh_str_n(p, n);
	return true;
}

/* read_hex - the whole span as a number of four hexadecimal digits, or -1 */
static int
read_hex(struct mh_str s)
{
	int value = 0;
	if (s.len != 4)
		return -1;
	for (size_t i = 0; i < 4; i++) {
		int digit = mh_hex(s.p[i]);
		if (digit < 0)
			return -1;
		value = value << 4 | digit;
	}
	return value;
}

static bool
read_list(struct mh_str value, uint16_t *list, unsigned *count)
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	while (mh_cur_left(&cur) > 0) {
		int number = read_hex(mh_cur_until(&cur, ","));
		if (number < 0 || *count == MH_HELLO_LESS_MAX)
			return false;
		list[(*count)++] = (uint16_t)number;
		mh_cur_skip(&cur, MH_STR(","));
	}
	return true;
}

static bool
read_waits(struct mh_str value, uint32_t wait_ms[MH_WAIT_COUNT])
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	for (int i = 0; i < MH_WAIT_COUNT; i++) {
		int64_t number = mh_str_int(mh_cur_until(&cur, ","), WAIT_MAX);
		if (number < 0)
			return false;
		wait_ms[i] = (uint32_t)number;
		mh_cur_skip(&cur, MH_STR(","));
	}
	return mh_cur_left(&cur) == 0;
}

/* read_pair - false: there is no such key, or not with this value */
static bool
read_pair(struct mh_str key, struct mh_str value, struct mh_stream_spec *spec)
{
	int number;
	if (mh_str_eq(key, MH_STR("path"))) {
		spec->path = value;
	} else if (mh_str_eq(key, MH_STR("sni"))) {
		spec->sni = spec->hello.sni = value;
	} else if (mh_str_eq(key, MH_STR("name"))) {
		spec->name = value;
	} else if (mh_str_eq(key, MH_STR("target"))) {
		spec->target = value;
	} else if (mh_str_eq(key, MH_STR("script"))) {
		spec->script = value;
	} else if (mh_str_eq(key, MH_STR("session"))) {
		number = find_word(sessions, MH_COUNT(sessions), value);
		spec->session = (uint8_t)(number > 0 ? number : 0);
		return number > 0;
	} else if (mh_str_eq(key, MH_STR("key"))) {
		number = find_word(keys, MH_COUNT(keys), value);
		spec->key = (uint8_t)(number > 0 ? number : 0);
		return number > 0;
	} else if (mh_str_eq(key, MH_STR("max"))) {
		spec->max_version = read_hex(value);
		return spec->max_version > 0;
	} else if (mh_str_eq(key, MH_STR("hello"))) {
		spec->hello.kind = mh_hello_kind_find(value);
		return spec->hello.kind != NULL;
	} else if (mh_str_eq(key, MH_STR("less"))) {
		return read_list(value, spec->hello.less, &spec->hello.less_count);
	} else if (mh_str_eq(key, MH_STR("less-groups"))) {
		return read_list(value, spec->hello.less_groups, &spec->hello.less_groups_count);
	} else if (mh_str_eq(key, MH_STR("size"))) {
		int64_t size = mh_str_int(value, 16000);
		spec->hello.size = (uint16_t)(size > 0 ? size : 0);
		return size > 0;
	} else if (mh_str_eq(key, MH_STR("pause"))) {
		int64_t pause = mh_str_int(value, WAIT_MAX);
		spec->pause_ms = (uint32_t)(pause > 0 ? pause : 0);
		return pause > 0;
	} else if (mh_str_eq(key, MH_STR("again"))) {
		int64_t again = mh_str_int(value, AGAIN_MAX);
		spec->again = (uint32_t)(again > 0 ? again : 0);
		return again > 0;
	} else if (mh_str_eq(key, MH_STR("inject"))) {
		spec->injects = true;
	} else if (mh_str_eq(key, MH_STR("wait"))) {
		return read_waits(value, spec->wait_ms);
	} else {
		return false;
	}
	return true;
}

/* read_peer - "192.0.2.25:25", "[2001:db8::1]:25", "unix:0" */
static bool
read_peer(struct mh_str text, struct mh_stream_spec *spec)
{
	size_t at = text.len;
	while (at > 0 && text.p[at - 1] != ':')
		at--;
	if (at == 0)
		return false;
	int64_t port = mh_str_int(mh_str_n(text.p + at, text.len - at), 65535);
	struct mh_str host = mh_str_n(text.p, at - 1);
	spec->port = (int)port;
	if (port < 0)
		return false;
	if (mh_str_eq(host, MH_STR("unix")))
		return true;
	if (host.len > 2 && host.p[0] == '[' && host.p[host.len - 1] == ']')
		host = mh_str_n(host.p + 1, host.len - 2);
	return mh_ip_parse(host, &spec->ip);
}

bool
mh_stream_spec_read(char *text, size_t len, struct mh_stream_spec *spec)
{
	struct mh_cur cur = mh_cur_of(text, len);
	struct mh_str scheme = mh_cur_until(&cur, ":");
	*spec = (struct mh_stream_spec){ .dialect = 0 };
	spec->path = spec->sni = spec->name = spec->target = spec->script = spec->hello.sni = MH_STR("");

	size_t plus = 0;
	while (plus < scheme.len && scheme.p[plus] != '+')
		plus++;
	int dialect = mh_dialect_find(mh_str_n(scheme.p, plus));
	int start = find_word(starts, MH_COUNT(starts), mh_str_n(scheme.p + plus, scheme.len - plus));
	if (dialect < 0 || start < 0 || !mh_cur_skip(&cur, MH_STR("://")) ||
	    !read_peer(mh_cur_until(&cur, "/"), spec) || !mh_cur_skip(&cur, MH_STR("/")))
		return false;
	int how = find_word(hows, MH_COUNT(hows), mh_cur_until(&cur, "?"));
	if (how < 0)
		return false;
	spec->dialect = (uint8_t)dialect;
	spec->start = (uint8_t)(dialect == MH_DIALECT_HTTPS ? MH_START_TLS : start);
	spec->how = (uint8_t)how;
	while (mh_cur_left(&cur) > 0) {
		mh_cur_u8(&cur); /* ? or & */
		struct mh_str key = mh_cur_until(&cur, "=");
		mh_cur_skip(&cur, MH_STR("="));
		struct mh_str raw = mh_cur_until(&cur, "&"), value;
		if (!unescape(text + (raw.p - text), raw.len, &value) || !read_pair(key, value, spec))
			return false;
	}
	if ((dialect == MH_DIALECT_HTTPS) != (how == MH_HOW_GET) ||
	    (how == MH_HOW_GET) != (spec->target.len > 0))
		return false;
	if (spec->script.len > 0 && (how != MH_HOW_TALK || dialect != MH_DIALECT_SMTP))
		return false;
	if (how == MH_HOW_GET)
		return start == MH_START_CLEAR && spec->sni.len > 0;
	return (how == MH_HOW_HELLO) == (spec->hello.kind != NULL) &&
	    (how == MH_HOW_TALK || start != MH_START_CLEAR);
}
