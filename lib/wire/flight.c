/* flight.c - records into messages, messages into facts */
#include "flight.h"

#include "port.h"

#define HEAD 5 /* of a record */
#define RECORD_MAX (16384 + 2048) /* RFC 5246 6.2.3 */
#define IN_MAX (RECORD_MAX + HEAD + 65536)
#define MESSAGES_MAX (2 * MH_MESSAGE_MAX)

static const unsigned char retry_random[32] = { 0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d,
	0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09,
	0xe2, 0xc8, 0xa8, 0x33, 0x9c }; /* RFC 8446 4.1.3 */

void
mh_flight_init(struct mh_flight *flight, const struct mh_mem *mem, bool may_be_ssl2)
{
	*flight = (struct mh_flight){ .may_be_ssl2 = may_be_ssl2 };
	mh_buf_init(&flight->in, mem, IN_MAX);
	mh_buf_init(&flight->messages, mem, MESSAGES_MAX);
}

void
mh_flight_free(struct mh_flight *flight)
{
	mh_buf_free(&flight->in);
	mh_buf_free(&flight->messages);
}

/* drop_read - what has been read leaves the buffer */
static void
drop_read(struct mh_buf *buf, size_t *read)
{
	if (*read == 0 || buf->bad)
		return;
	memmove(buf->p, buf->p + *read, buf->len - *read);
	buf->len -= *read;
	*read = 0;
}

/* put - octets into one of the buffers; false: more than there can be, or (no_memory) there is none */
static bool
put(struct mh_flight *flight, struct mh_buf *buf, struct mh_str octets)
{
	if (buf->bad || buf->len + octets.len > buf->max)
		return false;
	mh_buf_putstr(buf, octets);
	flight->no_memory = buf->bad;
	return !buf->bad;
}

bool
mh_flight_feed(struct mh_flight *flight, struct mh_str octets)
{
	drop_read(&flight->in, &flight->in_read);
	return put(flight, &flight->in, octets);
}

/* next_message - the next handshake message that is complete */
static enum mh_flight_item
next_message(struct mh_flight *flight, struct mh_str *octets)
{
	if (flight->messages.len == 0)
		return MH_FLIGHT_MORE;
	const unsigned char *p = (const unsigned char *)flight->messages.p + flight->messages_read;
	size_t left = flight->messages.len - flight->messages_read;
	if (left < 4)
		return MH_FLIGHT_MORE;
	size_t len = (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (len > MH_MESSAGE_MAX)
		return MH_FLIGHT_BROKEN;
	if (left < 4 + len)
		return MH_FLIGHT_MORE;
	*octets = mh_str_n((const char *)p, 4 + len);
	flight->messages_read += 4 + len;
	return MH_FLIGHT_MESSAGE;
}

/* next_ssl2 - a record of SSL 2.0, RFC 6101 E.2; its SERVER-HELLO as a message */
static enum mh_flight_item
next_ssl2(struct mh_flight *flight, struct mh_str *octets)
{
	const unsigned char *p = (const unsigned char *)flight->in.p + flight->in_read;
	size_t left = flight->in.len - flight->in_read;
	size_t len = (size_t)(p[0] & 0x7f) << 8 | p[1];
	if (left < 2 + len)
		return MH_FLIGHT_MORE;
	if (len < 11 || p[2] != 4)
		return MH_FLIGHT_NOT_TLS;
	unsigned char head[4] = { MH_MESSAGE_SSL2_HELLO, 0, (unsigned char)(len >> 8), (unsigned char)len };
	drop_read(&flight->messages, &flight->messages_read);
	bool good = put(flight, &flight->messages, mh_str_n((const char *)head, 4)) &&
	    put(flight, &flight->messages, mh_str_n((const char *)p + 2, len));
	flight->in_read += 2 + len;
	return good ? next_message(flight, octets) : MH_FLIGHT_BROKEN;
}

enum mh_flight_item
mh_flight_next(struct mh_flight *flight, struct mh_str *octets)
{
	for (;;) {
		enum mh_flight_item item = next_message(flight, octets);
		if (item != MH_FLIGHT_MORE)
			return item;
		drop_read(&flight->messages, &flight->messages_read);
		size_t left = flight->in.len - flight->in_read;
		const unsigned char *p = (const unsigned char *)flight->in.p + flight->in_read;
		if (left == 0)
			return MH_FLIGHT_MORE;
		if (flight->may_be_ssl2 && left >= 3 && (p[0] & 0x80) != 0)
			return next_ssl2(flight, octets);
		if (p[0] < 20 || p[0] > 23 || (left >= 2 && p[1] != 3)) {
			*octets = mh_str_n((const char *)p, left);
			return flight->may_be_ssl2 && left < 3 ? MH_FLIGHT_MORE : MH_FLIGHT_NOT_TLS;
		}
		if (left < HEAD)
			return MH_FLIGHT_MORE;
		size_t len = (size_t)p[3] << 8 | p[4];
		if (len > RECORD_MAX || (p[0] == 21 && len < 2))
			return MH_FLIGHT_BROKEN;
		if (left < HEAD + len)
			return MH_FLIGHT_MORE;
		flight->in_read += HEAD + len;
		*octets = mh_str_n((const char *)p + HEAD, len);
		if (p[0] == 21)
			return MH_FLIGHT_ALERT;
		if (p[0] != 22)
			return MH_FLIGHT_OTHER;
		if (!put(flight, &flight->messages, *octets))
			return MH_FLIGHT_BROKEN;
	}
}

/* ----------------------------------------------------------------- messages */

/* body - a cursor behind the head */
static struct mh_cur
body(struct mh_str message)
{
	return message.len >= 4 ? mh_cur_of(message.p + 4, message.len - 4) : mh_cur_of(message.p, 0);
}

static uint32_t
cur_u24(struct mh_cur *cur)
{
	uint32_t high = mh_cur_u8(cur);
	return high << 16 | mh_cur_u16(cur);
}

static void
read_extension(unsigned type, struct mh_str value, struct mh_server_hello *hello)
{
	struct mh_cur cur = mh_cur_of(value.p, value.len);
	if (type == 43)
		hello->version = mh_cur_u16(&cur);
	else if (type == 51)
		hello->group = mh_cur_u16(&cur);
	else if (type == 23)
		hello->has_ems = true;
	else if (type == 35)
		hello->has_ticket = true;
	else if (type == 0xff01)
		hello->has_renegotiation_info = true;
}

bool
mh_server_hello_read(struct mh_str message, struct mh_server_hello *hello)
{
	struct mh_cur cur = body(message);
	*hello = (struct mh_server_hello){ .version = 0 };
	if (message.len >= 4 && (unsigned char)message.p[0] == MH_MESSAGE_SSL2_HELLO) {
		hello->version = MH_SSL2;
		return true;
	}
	hello->version = mh_cur_u16(&cur);
	struct mh_str random = mh_cur_take(&cur, 32);
	mh_cur_take(&cur, mh_cur_u8(&cur));
	hello->suite = mh_cur_u16(&cur);
	hello->has_compression = mh_cur_u8(&cur) != 0;
	if (mh_cur_bad(&cur))
		return false;
	hello->is_retry = memcmp(random.p, retry_random, 32) == 0;
	if (mh_cur_left(&cur) == 0)
		return true;
	struct mh_str all = mh_cur_take(&cur, mh_cur_u16(&cur));
	if (mh_cur_bad(&cur))
		return false;
	for (cur = mh_cur_of(all.p, all.len); mh_cur_left(&cur) > 0;) {
		unsigned type = mh_cur_u16(&cur);
		struct mh_str value = mh_cur_take(&cur, mh_cur_u16(&cur));
		if (mh_cur_bad(&cur))
			return false;
		read_extension(type, value, hello);
	}
	return true;
}

/* begin_list - a cursor over the entries of a Certificate message */
static struct mh_cur
begin_list(struct mh_str message, bool is_tls13)
{
	struct mh_cur cur = body(message);
	if (is_tls13)
		mh_cur_take(&cur, mh_cur_u8(&cur));
	size_t len = cur_u24(&cur);
	/* One that was cut behind its first certificate is read as far as it goes. */
	if (len < mh_cur_left(&cur))
		cur.end = cur.p + len;
	return cur;
}

/* read_staple - of the extensions of an entry, RFC 8446 4.4.2.1 */
static void
read_staple(struct mh_str extensions, struct mh_str *staple)
{
	struct mh_cur cur = mh_cur_of(extensions.p, extensions.len);
	while (mh_cur_left(&cur) > 0) {
		unsigned type = mh_cur_u16(&cur);
		struct mh_str value = mh_cur_take(&cur, mh_cur_u16(&cur));
		if (type != 5 || mh_cur_bad(&cur))
			continue;
		struct mh_cur status = mh_cur_of(value.p, value.len);
		if (mh_cur_u8(&status) == 1)
			*staple = mh_cur_take(&status, cur_u24(&status));
	}
}

struct mh_str
mh_certificate_next(struct mh_str message, bool is_tls13, size_t *at, struct mh_str *staple, bool *is_bad)
{
	struct mh_cur cur = begin_list(message, is_tls13);
	struct mh_str none = { NULL, 0 };
	const unsigned char *begin = cur.p;
	if (mh_cur_bad(&cur)) {
		*is_bad = true;
		return none;
	}
	mh_cur_take(&cur, *at);
	if (mh_cur_bad(&cur) || mh_cur_left(&cur) == 0)
		return none;
	struct mh_str certificate = mh_cur_take(&cur, cur_u24(&cur));
	if (mh_cur_bad(&cur) || certificate.len == 0) {
		*is_bad = true;
		return none;
	}
	/* The extensions of an entry that was cut are not there. */
	if (is_tls13 && mh_cur_left(&cur) > 0) {
		struct mh_str extensions = mh_cur_take(&cur, mh_cur_u16(&cur));
		if (mh_cur_bad(&cur))
			*is_bad = true;
		else if (staple != NULL)
			read_staple(extensions, staple);
	}
	*at = mh_cur_bad(&cur) ? message.len : (size_t)(cur.p - begin);
	return certificate;
}

size_t
mh_certificate_leaf_length(struct mh_str message, bool is_tls13)
{
	bool is_bad = false;
	size_t at = 0;
	struct mh_str leaf = mh_certificate_next(message, is_tls13, &at, NULL, &is_bad);
	return leaf.p != NULL ? (size_t)(leaf.p + leaf.len - message.p) : message.len;
}

/* bits_of - of a number, its leading zeros left out */
static unsigned
bits_of(struct mh_str number)
{
	size_t i = 0;
	while (i < number.len && number.p[i] == 0)
		i++;
	if (i == number.len)
		return 0;
	unsigned bits = (unsigned)(number.len - i) * 8;
	for (unsigned char top = (unsigned char)number.p[i]; (top & 0x80) == 0;
	     top = (unsigned char)(top << 1))
		bits--;
	return bits;
}

bool
mh_key_exchange_read(struct mh_str message, const struct mh_suite *suite, int version,
    struct mh_key_exchange *key)
{
	struct mh_cur cur = body(message);
	*key = (struct mh_key_exchange){ .prime = MH_STR("") };
	if (suite->kx == MH_KX_ECDHE) {
		if (mh_cur_u8(&cur) != 3) /* named_curve, RFC 8422 5.4 */
			return false;
		key->group = mh_cur_u16(&cur);
		mh_cur_take(&cur, mh_cur_u8(&cur));
	} else if (suite->kx == MH_KX_DHE) {
		key->prime = mh_cur_take(&cur, mh_cur_u16(&cur));
		mh_cur_take(&cur, mh_cur_u16(&cur));
		mh_cur_take(&cur, mh_cur_u16(&cur));
		key->bits = bits_of(key->prime);
	} else {
		return false;
	}
	if (mh_cur_bad(&cur))
		return false;
	if (version == MH_TLS12 && suite->auth != MH_AUTH_ANON && mh_cur_left(&cur) >= 2)
		key->signature = mh_cur_u16(&cur);
	return true;
}

struct mh_str
mh_staple_read(struct mh_str message)
{
	struct mh_cur cur = body(message);
	struct mh_str none = { NULL, 0 };
	if (mh_cur_u8(&cur) != 1)
		return none;
	struct mh_str staple = mh_cur_take(&cur, cur_u24(&cur));
	return mh_cur_bad(&cur) ? none : staple;
}
