/* spf_stamp.c - Received-SPF and the spf part of Authentication-Results, written and read
 *
 * Written is one line, whatever the sender and HELO were made of: what is no
 * dot-atom goes into a quoted string, and what would not print there, octets
 * of UTF-8 aside (RFC 6532 3.2), is "?".
 *
 * Read is what receivers really write: folded, with comments anywhere, with
 * keys that no RFC knows, in any order.  A key that is there twice counts the
 * first time.
 *
 * RFC 7208 9.1 and 9.2, RFC 8601 2.2 and 2.7.2
 */
#include "port.h"
#include "spf_eval.h"

#define COMMENT_DEPTH_MAX 32
#define SAID_MAX 512 /* octets of a value that are written */

/* ---------------------------------------------------------------------- writing */

static bool
is_atom_octet(unsigned char c)
{
	return mh_is_alnum(c) || (c != 0 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* is_dot_atom - RFC 5322 3.2.3 */
static bool
is_dot_atom(struct mh_str s)
{
	bool after_dot = true;
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '.' ? after_dot : !is_atom_octet((unsigned char)s.p[i]))
			return false;
		after_dot = s.p[i] == '.';
	}
	return s.len > 0 && !after_dot;
}

/* printable - an octet as it may be written, or '?' */
static char
printable(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f ? '?' : c;
}

/* cut - s, or as much of it as is written */
static struct mh_str
cut(struct mh_str s)
{
	return mh_str_n(s.p, s.len < SAID_MAX ? s.len : SAID_MAX);
}

static void
put_quoted(struct mh_buf *out, struct mh_str s)
{
	mh_buf_putc(out, '"');
	s = cut(s);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			mh_buf_putc(out, '\\');
		mh_buf_putc(out, printable(s.p[i]));
	}
	mh_buf_putc(out, '"');
}

/* put_comment - octets within a comment */
static void
put_comment(struct mh_buf *out, struct mh_str s)
{
	s = cut(s);
	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '(' || s.p[i] == ')' || s.p[i] == '\\')
			mh_buf_putc(out, '\\');
		mh_buf_putc(out, printable(s.p[i]));
	}
}

/* put_pair - "; key=value" with value as a dot-atom or a quoted string */
static void
put_pair(struct mh_buf *out, const char *key, struct mh_str value)
{
	mh_buf_puts(out, out->len > 0 && out->p[out->len - 1] == ')' ? " " : "; ");
	mh_buf_puts(out, key);
	mh_buf_putc(out, '=');
	if (is_dot_atom(value) && value.len <= SAID_MAX)
		mh_buf_putstr(out, value);
	else
		put_quoted(out, value);
}

/* put_sentence - what the result means, for people */
static void
put_sentence(struct mh_buf *out, const struct mh_spf_verdict *verdict, struct mh_str client)
{
	static const char *const said[][2] = {
		[MH_SPF_NO_RESULT] = { "nothing is known yet of ", "" },
		[MH_SPF_NONE] = { "no SPF record for ", "" },
		[MH_SPF_NEUTRAL] = { "domain of ", " says neither yes nor no to " },
		[MH_SPF_PASS] = { "domain of ", " designates as permitted sender: " },
		[MH_SPF_FAIL] = { "domain of ", " does not designate as permitted sender: " },
		[MH_SPF_SOFTFAIL] = { "domain of ", " probably does not permit as sender: " },
		[MH_SPF_TEMPERROR] = { "DNS gave no answer that is needed for ", "" },
		[MH_SPF_PERMERROR] = { "no SPF record that can be used for ", "" },
	};
	const char *const *words = said[verdict->result];
	mh_buf_puts(out, words[0]);
	put_comment(out, verdict->sender);
	mh_buf_puts(out, words[1]);
	if (words[1][0] != '\0')
		put_comment(out, client);
}

/* client_of - the address as text in room */
static struct mh_str
client_of(const struct mh_spf_question *question, char room[MH_IP_TEXT_MAX])
{
	return mh_str_n(room, question->ip.family != 0 ? mh_ip_print(&question->ip, room) : 0);
}

/* put_mechanism - "default" where none matched; terms have "=", ":" and "/" in them, so mostly quoted */
static void
put_mechanism(struct mh_buf *out, const struct mh_spf_verdict *verdict)
{
	bool has_result = verdict->result == MH_SPF_NEUTRAL || verdict->result == MH_SPF_PASS ||
	    verdict->result == MH_SPF_FAIL || verdict->result == MH_SPF_SOFTFAIL;
	if (verdict->matched.len > 0)
		put_pair(out, "mechanism", verdict->matched);
	else if (has_result)
		put_pair(out, "mechanism", MH_STR("default"));
}

void
mh_spf_write_received(struct mh_buf *out, const struct mh_spf_question *question,
    const struct mh_spf_verdict *verdict)
{
	char room[MH_IP_TEXT_MAX];
	struct mh_str client = client_of(question, room);
	struct mh_str receiver = question->receiver.len > 0 ? question->receiver : MH_STR("unknown");
	mh_buf_puts(out, "Received-SPF: ");
	mh_buf_puts(out, verdict->result != MH_SPF_NO_RESULT ? mh_spf_result_name(verdict->result) : "none");
	mh_buf_puts(out, " (");
	put_comment(out, receiver);
	mh_buf_puts(out, ": ");
	put_sentence(out, verdict, client);
	mh_buf_putc(out, ')');
	put_pair(out, "receiver", receiver);
	if (client.len > 0)
		put_pair(out, "client-ip", client);
	put_pair(out, "envelope-from", verdict->sender);
	put_pair(out, "helo", question->helo);
	put_pair(out, "identity", verdict->is_helo ? MH_STR("helo") : MH_STR("mailfrom"));
	put_mechanism(out, verdict);
	if (verdict->finding != 0 && verdict->evidence.len > 0)
		put_pair(out, "problem", verdict->evidence);
}

void
mh_spf_write_authres(struct mh_buf *out, const struct mh_spf_question *question,
    const struct mh_spf_verdict *verdict)
{
	mh_buf_puts(out, "spf=");
	mh_buf_puts(out, verdict->result != MH_SPF_NO_RESULT ? mh_spf_result_name(verdict->result) : "none");
	if (verdict->is_helo) {
		mh_buf_puts(out, " smtp.helo=");
		if (is_dot_atom(question->helo) && question->helo.len <= SAID_MAX)
			mh_buf_putstr(out, question->helo);
		else
			put_quoted(out, question->helo);
		return;
	}
	/* RFC 8601 2.2: a pvalue is [ [ local-part ] "@" ] domain-name, or a value of RFC 2045 */
	struct mh_str sender = verdict->sender;
	size_t at = sender.len;
	while (at > 0 && sender.p[at - 1] != '@')
		at--;
	bool is_plain = at > 1 && sender.len <= SAID_MAX && is_dot_atom(mh_str_n(sender.p, at - 1)) &&
	    is_dot_atom(mh_str_n(sender.p + at, sender.len - at));
	mh_buf_puts(out, " smtp.mailfrom=");
	if (is_plain)
		mh_buf_putstr(out, sender);
	else
		put_quoted(out, sender);
}

/* ---------------------------------------------------------------------- reading */

/* What is read, and where: all octets beyond end do not exist. */
struct reader {
	struct mh_arena *arena;
	const char *p, *end;
	struct mh_str comment; /* the first one since it was last taken */
	bool is_bad; /* no memory, or a quote or comment that is not closed */
};

/* keep - octets of which a backslash is left out, in the arena */
static struct mh_str
keep(struct reader *reader, const char *begin, const char *end)
{
	struct mh_str s = { begin, (size_t)(end - begin) };
	if (memchr(begin, '\\', s.len) == NULL && memchr(begin, '\n', s.len) == NULL &&
	    memchr(begin, '\r', s.len) == NULL)
		return s;
	char *copy = mh_arena_alloc(reader->arena, s.len);
	if (copy == NULL) {
		reader->is_bad = true;
		return MH_STR("");
	}
	size_t len = 0;
	for (const char *p = begin; p < end; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		else if (*p == '\r' || *p == '\n')
			continue; /* folding white space (RFC 5322 3.2.2) */
		copy[len++] = *p;
	}
	return mh_str_n(copy, len);
}

/* skip_comment - behind the ")" that closes the "(" at p; its text becomes reader's, if there is none yet */
static void
skip_comment(struct reader *reader)
{
	const char *begin = reader->p + 1;
	int depth = 0;
	while (reader->p < reader->end) {
		char c = *reader->p++;
		if (c == '\\' && reader->p < reader->end)
			reader->p++;
		depth += c == '(';
		if (depth > COMMENT_DEPTH_MAX)
			break;
		if (c == ')' && --depth == 0) {
			if (reader->comment.p == NULL)
				reader->comment = keep(reader, begin, reader->p - 1);
			return;
		}
	}
	reader->is_bad = true;
	reader->p = reader->end;
}

/* skip_space - CFWS (RFC 5322 3.2.2) */
static void
skip_space(struct reader *reader)
{
	while (reader->p < reader->end && !reader->is_bad) {
		if (mh_is_space(*reader->p))
			reader->p++;
		else if (*reader->p == '(')
			skip_comment(reader);
		else
			return;
	}
}

/* read_word - octets up to one that ends a word or is in ends, or a quoted string */
static struct mh_str
read_word(struct reader *reader, const char *ends)
{
	skip_space(reader);
	const char *begin = reader->p;
	if (begin < reader->end && *begin == '"') {
		for (reader->p++; reader->p < reader->end && *reader->p != '"'; reader->p++)
			reader->p += *reader->p == '\\' && reader->p + 1 < reader->end;
		if (reader->p == reader->end) {
			reader->is_bad = true;
			return MH_STR("");
		}
		reader->p++;
		return keep(reader, begin + 1, reader->p - 1);
	}
	while (reader->p < reader->end && !mh_is_space(*reader->p) && *reader->p != ';' &&
	    *reader->p != '(' && *reader->p != '"' && (*reader->p == 0 || strchr(ends, *reader->p) == NULL))
		reader->p++;
	return mh_str_n(begin, (size_t)(reader->p - begin));
}

/* read_value - a word; a local part may be quoted before its "@" ("a b"@example.org) */
static struct mh_str
read_value(struct reader *reader)
{
	struct mh_str first = read_word(reader, "");
	if (reader->p == reader->end || reader->is_bad || *reader->p != '@' ||
	    first.p + first.len == reader->p)
		return first;
	struct mh_str rest = read_word(reader, "");
	char *copy = mh_arena_alloc(reader->arena, first.len + rest.len);
	if (copy == NULL) {
		reader->is_bad = true;
		return MH_STR("");
	}
	if (first.len > 0)
		memcpy(copy, first.p, first.len);
	memcpy(copy + first.len, rest.p, rest.len);
	return mh_str_n(copy, first.len + rest.len);
}

/* skip_char - whether c comes next, behind white space; read if so */
static bool
skip_char(struct reader *reader, char c)
{
	skip_space(reader);
	if (reader->p == reader->end || *reader->p != c)
		return false;
	reader->p++;
	return true;
}

/* set - the first value counts */
static void
set(struct mh_str *to, struct mh_str value)
{
	if (to->p == NULL)
		*to = value;
}

/* finish - no span of a stamp is without a place */
static void
finish(struct mh_spf_stamp *stamp)
{
	struct mh_str *const spans[] = { &stamp->comment, &stamp->reason, &stamp->client_ip,
		&stamp->envelope_from, &stamp->helo, &stamp->receiver, &stamp->identity, &stamp->mechanism,
		&stamp->problem, &stamp->authserv_id };
	for (size_t i = 0; i < MH_COUNT(spans); i++)
		set(spans[i], MH_STR(""));
}

/* skip_name - behind "name:", if it stands there */
static void
skip_name(struct reader *reader, struct mh_str name)
{
	struct mh_cur cur = mh_cur_of(reader->p, (size_t)(reader->end - reader->p));
	mh_cur_spaces(&cur);
	if (!mh_cur_skip(&cur, name))
		return;
	mh_cur_spaces(&cur);
	if (mh_cur_skip(&cur, MH_STR(":")))
		reader->p = (const char *)cur.p;
}

/* received_key - where the value of a key of Received-SPF belongs; NULL: nowhere */
static struct mh_str *
received_key(struct mh_spf_stamp *stamp, struct mh_str key)
{
	const struct {
		struct mh_str key;
		struct mh_str *to;
	} keys[] = {
		{ MH_STR("client-ip"), &stamp->client_ip },
		{ MH_STR("envelope-from"), &stamp->envelope_from },
		{ MH_STR("helo"), &stamp->helo },
		{ MH_STR("receiver"), &stamp->receiver },
		{ MH_STR("identity"), &stamp->identity },
		{ MH_STR("mechanism"), &stamp->mechanism },
		{ MH_STR("problem"), &stamp->problem },
		{ MH_STR("reason"), &stamp->reason },
	};
	for (size_t i = 0; i < MH_COUNT(keys); i++) {
		if (mh_str_ieq(key, keys[i].key))
			return keys[i].to;
	}
	return NULL;
}

bool
mh_spf_read_received(struct mh_arena *arena, struct mh_str value, struct mh_spf_stamp *stamp)
{
	struct reader reader = { .arena = arena, .p = value.p, .end = value.p + value.len };
	*stamp = (struct mh_spf_stamp){ 0 };
	if (value.len == 0)
		return false;
	skip_name(&reader, MH_STR("Received-SPF"));
	int result = mh_spf_result_find(read_word(&reader, "="));
	skip_space(&reader);
	if (result < 0 || (reader.p < reader.end && *reader.p == '='))
		return false;
	stamp->result = result;
	if (reader.comment.p != NULL)
		stamp->comment = reader.comment;
	while (reader.p < reader.end && !reader.is_bad) {
		if (skip_char(&reader, ';'))
			continue;
		const char *before = reader.p;
		struct mh_str key = read_word(&reader, "=");
		if (skip_char(&reader, '=')) {
			struct mh_str *to = received_key(stamp, key), got = read_value(&reader);
			if (to != NULL && !reader.is_bad)
				set(to, got);
		} else if (reader.p == before) {
			reader.p++; /* an octet that belongs nowhere */
		}
		skip_space(&reader);
	}
	finish(stamp);
	return true;
}

/* read_properties - "ptype.property=value" and reason= of one method, up to ";" */
static void
read_properties(struct reader *reader, struct mh_spf_stamp *stamp)
{
	while (reader->p < reader->end && !reader->is_bad) {
		skip_space(reader);
		if (reader->p == reader->end || *reader->p == ';')
			return;
		const char *before = reader->p;
		struct mh_str key = read_word(reader, "=");
		if (!skip_char(reader, '=')) {
			reader->p += reader->p == before && reader->p < reader->end;
			continue;
		}
		struct mh_str got = read_value(reader);
		if (reader->is_bad)
			return;
		if (mh_str_ieq(key, MH_STR("reason")))
			set(&stamp->reason, got);
		else if (mh_str_ieq(key, MH_STR("smtp.mailfrom")) || mh_str_ieq(key, MH_STR("smtp.mail")))
			set(&stamp->envelope_from, got);
		else if (mh_str_ieq(key, MH_STR("smtp.helo")))
			set(&stamp->helo, got);
		else if (mh_str_ieq(key, MH_STR("policy.iprev")) || mh_str_ieq(key, MH_STR("smtp.remote-ip")))
			set(&stamp->client_ip, got);
	}
}

/* skip_method - up to the ";" that ends a method */
static void
skip_method(struct reader *reader)
{
	while (reader->p < reader->end && !reader->is_bad && *reader->p != ';') {
		const char *before = reader->p;
		(void)read_word(reader, "");
		skip_space(reader);
		if (reader->p == before)
			reader->p++;
	}
}

/* read_method - whether the method at p is spf, and then all of it is read */
static bool
read_method(struct reader *reader, struct mh_spf_stamp *stamp)
{
	struct mh_str method = read_word(reader, "=/");
	if (skip_char(reader, '/')) /* a version */
		(void)read_word(reader, "=");
	reader->comment.p = NULL;
	if (!mh_str_ieq(method, MH_STR("spf")) || !skip_char(reader, '='))
		return false;
	int result = mh_spf_result_find(read_word(reader, ""));
	stamp->result = result < 0 ? MH_SPF_NO_RESULT : result;
	reader->comment.p = NULL;
	read_properties(reader, stamp);
	if (reader->comment.p != NULL)
		stamp->comment = reader->comment;
	if (stamp->envelope_from.p != NULL)
		stamp->identity = MH_STR("mailfrom");
	else if (stamp->helo.p != NULL)
		stamp->identity = MH_STR("helo");
	return true;
}

bool
mh_spf_read_authres(struct mh_arena *arena, struct mh_str value, struct mh_spf_stamp *stamp)
{
	struct reader reader = { .arena = arena, .p = value.p, .end = value.p + value.len };
	*stamp = (struct mh_spf_stamp){ 0 };
	if (value.len == 0)
		return false;
	skip_name(&reader, MH_STR("ARC-Authentication-Results"));
	skip_name(&reader, MH_STR("Authentication-Results"));
	const char *start = reader.p;
	stamp->authserv_id = read_word(&reader, "=");
	if (skip_char(&reader, '=')) { /* the part alone, or "i=1;" of ARC before the authserv-id */
		bool is_instance = mh_str_ieq(stamp->authserv_id, MH_STR("i"));
		stamp->authserv_id.p = NULL;
		if (is_instance) {
			skip_method(&reader);
			(void)skip_char(&reader, ';');
			stamp->authserv_id = read_word(&reader, "=");
		} else {
			reader.p = start;
		}
	}
	if (stamp->authserv_id.p != NULL)
		skip_method(&reader); /* a version of the authserv-id */
	while (!reader.is_bad && reader.p < reader.end) {
		(void)skip_char(&reader, ';');
		if (read_method(&reader, stamp)) {
			finish(stamp);
			return true;
		}
		skip_method(&reader);
	}
	finish(stamp);
	return false;
}
