/* resolvconf.c - which servers to ask: of a list, or of resolv.conf(5) */
#include "resolvconf.h"

#define PORT 53

/* read_scope - what stands behind a '%' of an address, cut off from it; false if it is no interface's name */
static bool
read_scope(struct mh_str *text, struct mh_server_address *server)
{
	const char *sign = text->len > 0 ? memchr(text->p, '%', text->len) : NULL;
	server->scope[0] = '\0';
	if (sign == NULL)
		return true;
	size_t len = (size_t)(text->p + text->len - sign - 1);
	if (len == 0 || len >= sizeof(server->scope))
		return false;
	memcpy(server->scope, sign + 1, len);
	server->scope[len] = '\0';
	text->len = (size_t)(sign - text->p);
	return true;
}

/* read_server - one address, with or without its port */
static bool
read_server(struct mh_str text, struct mh_server_address *server)
{
	struct mh_str address = text, port = { NULL, 0 };
	const char *colon = NULL;

	if (text.len > 0 && text.p[0] == '[') {
		const char *end = memchr(text.p, ']', text.len);
		if (end == NULL)
			return false;
		address = mh_str_n(text.p + 1, (size_t)(end - text.p - 1));
		if (end + 1 < text.p + text.len) {
			if (end[1] != ':')
				return false;
			colon = end + 1;
		}
	} else if (text.len > 0) {
		colon = memchr(text.p, ':', text.len);
		if (colon != NULL && memchr(colon + 1, ':', (size_t)(text.p + text.len - colon - 1)) != NULL)
			colon = NULL; /* an IPv6 address without brackets has no port */
		if (colon != NULL)
			address.len = (size_t)(colon - text.p);
	}
	if (colon != NULL)
		port = mh_str_n(colon + 1, (size_t)(text.p + text.len - colon - 1));
	int64_t number = colon != NULL ? mh_str_int(port, 65535) : PORT;
	if (number < 1 || !read_scope(&address, server) || !mh_ip_parse(address, &server->ip))
		return false;
	server->port = (uint16_t)number;
	return true;
}

bool
mh_servers_read(struct mh_str text, struct mh_resolvconf *out)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	*out = (struct mh_resolvconf){ .count = 0 };
	for (;;) {
		while (mh_cur_left(&cur) > 0 && (mh_is_space(*cur.p) || *cur.p == ','))
			cur.p++;
		if (mh_cur_left(&cur) == 0)
			return true;
		if (out->count == MH_SERVERS_MAX)
			return false;
		if (!read_server(mh_cur_until(&cur, ", \t\r\n"), &out->servers[out->count]))
			return false;
		out->count++;
	}
}

/* read_options - of those there are only "trust-ad" is for us */
static void
read_options(struct mh_cur *line, struct mh_resolvconf *out)
{
	for (mh_cur_spaces(line); mh_cur_left(line) > 0; mh_cur_spaces(line))
		if (mh_str_eq(mh_cur_until(line, " \t"), MH_STR("trust-ad")))
			out->trusts_ad = true;
}

void
mh_resolvconf_read(struct mh_str text, struct mh_resolvconf *out)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);
	*out = (struct mh_resolvconf){ .count = 0 };
	while (mh_cur_left(&cur) > 0) {
		int end;
		struct mh_str whole = mh_cur_line(&cur, &end);
		struct mh_cur line = mh_cur_of(whole.p, whole.len);
		struct mh_str word = mh_cur_until(&line, " \t");
		mh_cur_spaces(&line);
		if (mh_str_eq(word, MH_STR("nameserver"))) {
			if (out->count < MH_SERVERS_MAX &&
			    read_server(mh_cur_until(&line, " \t#;"), &out->servers[out->count]))
				out->count++;
		} else if (mh_str_eq(word, MH_STR("options"))) {
			read_options(&line, out);
		}
	}
	if (out->count == 0) {
		out->servers[0] = (struct mh_server_address){ .ip = { 4, { 127, 0, 0, 1 } }, .port = PORT };
		out->count = 1;
	}
}

size_t
mh_server_print(const struct mh_server_address *server, char out[MH_SERVER_TEXT_MAX])
{
	char digits[6];
	size_t n = 0, len = 0;
	unsigned port = server->port;

	if (server->ip.family == 6)
		out[len++] = '[';
	len += mh_ip_print(&server->ip, out + len);
	if (server->ip.family == 6)
		out[len++] = ']';
	out[len++] = ':';
	do
		digits[n++] = (char)('0' + port % 10);
	while ((port /= 10) > 0);
	while (n > 0)
		out[len++] = digits[--n];
	out[len] = '\0';
	return len;
}
