/* logline.c - one line of a mail log: the lead, and whose line it is
 *
 * A line is a time, a host, a program and a message; each may be missing.  The
 * program decides who reads the message, and most lines end there: the name of
 * a program that never says anything to us costs a few comparisons.  Lines
 * without a program are told apart by how they begin.
 *
 * Leads: RFC 3164 4.1, RFC 5424 6, what journalctl and Exim write, TAI64N.
 */
#include "log_mta.h"

#include "net.h"

/* clang-format off */
static const struct mh_logline nothing = {
	.relay_port = -1, .delay_ms = -1, .cause = "", .time.unix_s = MH_TIME_UNKNOWN,
	.stamp = { "", 0 }, .host = { "", 0 }, .program = { "", 0 }, .queue_id = { "", 0 }, .recipient = { "", 0 },
	.orig_recipient = { "", 0 }, .sender = { "", 0 }, .relay = { "", 0 }, .relay_ip = { "", 0 }, .dsn = { "", 0 },
	.text = { "", 0 },
};
/* clang-format on */

void
mh_log_begin(struct mh_logline *out, enum mh_log_mta mta, enum mh_log_event event)
{
	*out = nothing;
	out->mta = (uint8_t)mta;
	out->event = (uint8_t)event;
}

/* --------------------------------------------------------------- small things */

size_t
mh_log_find(struct mh_str s, struct mh_str what)
{
	for (size_t at = 0; s.len - at >= what.len;) {
		at += mh_log_chr(mh_str_n(s.p + at, s.len - at - what.len + 1), what.p[0]);
		if (s.len - at < what.len)
			break;
		if (memcmp(s.p + at, what.p, what.len) == 0)
			return at;
		at++;
	}
	return s.len;
}

size_t
mh_log_find_last(struct mh_str s, struct mh_str what, size_t reach)
{
	if (s.len < what.len)
		return s.len;
	size_t low = s.len > reach ? s.len - reach : 0;
	for (size_t at = s.len - what.len + 1; at-- > low;)
		if (s.p[at] == what.p[0] && memcmp(s.p + at, what.p, what.len) == 0)
			return at;
	return s.len;
}

bool
mh_log_is_dsn(struct mh_str s)
{
	size_t at = 1;
	if (s.len < 5 || s.len > 9 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5'))
		return false;
	for (int part = 0; part < 2; part++) {
		size_t begin = at + 1;
		if (at >= s.len || s.p[at] != '.')
			return false;
		for (at = begin; at < s.len && at < begin + 3 && mh_is_digit(s.p[at]); at++)
			continue;
		if (at == begin)
			return false;
	}
	return at == s.len;
}

bool
mh_log_is_reply(struct mh_str s)
{
	return s.len >= 3 && s.p[0] >= '2' && s.p[0] <= '5' && mh_is_digit(s.p[1]) && mh_is_digit(s.p[2]) &&
	    (s.len == 3 || s.p[3] == ' ' || s.p[3] == '-');
}

struct mh_str
mh_log_host(struct mh_str s)
{
	if (s.len >= 2 && s.p[0] == '[' && s.p[s.len - 1] == ']')
		s = mh_str_n(s.p + 1, s.len - 2);
	if (s.len > 1 && s.p[s.len - 1] == '.')
		s.len--;
	return s;
}

int32_t
mh_log_port(struct mh_str s)
{
	int32_t port = 0;
	size_t i = 0;
	for (; i < s.len && i < 5 && mh_is_digit(s.p[i]); i++)
		port = port * 10 + (s.p[i] - '0');
	return i == 0 || (i < s.len && mh_is_digit(s.p[i])) || port > 65535 ? -1 : port;
}

int64_t
mh_log_seconds(struct mh_str s)
{
	int64_t ms = 0, worth = 100;
	size_t i = 0;
	for (; i < s.len && i < 12 && mh_is_digit(s.p[i]); i++)
		ms = ms * 10 + (s.p[i] - '0');
	if (i == 0)
		return -1;
	ms *= 1000;
	if (i < s.len && s.p[i] == '.')
		for (i++; i < s.len && mh_is_digit(s.p[i]); i++, worth /= 10)
			ms += (s.p[i] - '0') * worth;
	return ms;
}

size_t
mh_log_peer(struct mh_str s, struct mh_logline *out)
{
	size_t open = mh_log_chr(mh_log_to(s, MH_NAME_MAX + 3), '[');
	if (open >= s.len || s.p[open] != '[')
		return 0;
	struct mh_str rest = mh_log_from(s, open + 1);
	size_t close = mh_log_chr(mh_log_to(rest, 256), ']');
	if (close >= rest.len || rest.p[close] != ']' || mh_log_chr(mh_log_to(s, open), ' ') < open)
		return 0;
	out->relay = mh_log_host(mh_log_to(s, open));
	out->relay_ip = mh_log_to(rest, close);
	if (MH_LOG_BEGINS(out->relay_ip, "IPv6:"))
		out->relay_ip = mh_log_from(out->relay_ip, 5);
	size_t at = open + 1 + close + 1;
	if (at + 1 < s.len && s.p[at] == ':' && mh_is_digit(s.p[at + 1])) {
		out->relay_port = mh_log_port(mh_log_from(s, at + 1));
		for (at++; at < s.len && mh_is_digit(s.p[at]); at++)
			continue;
	}
	return at;
}

/* clang-format off */
static const struct {
	struct mh_str words;
	enum mh_phase phase;
} phases[] = {
	{ { "RCPT", 4 }, MH_PHASE_RCPT },
	{ { "MAIL", 4 }, MH_PHASE_MAIL },
	{ { "DATA", 4 }, MH_PHASE_DATA },
	{ { "end of ", 7 }, MH_PHASE_EOD },
	{ { "END-OF-", 7 }, MH_PHASE_EOD },
	{ { "final ", 6 }, MH_PHASE_EOD },
	{ { "data block", 10 }, MH_PHASE_DATA },
	{ { "message body", 12 }, MH_PHASE_DATA },
	{ { "BDAT", 4 }, MH_PHASE_DATA },
	{ { "EHLO", 4 }, MH_PHASE_HELO },
	{ { "HELO", 4 }, MH_PHASE_HELO },
	{ { "LHLO", 4 }, MH_PHASE_HELO },
	{ { "STARTTLS", 8 }, MH_PHASE_STARTTLS },
	{ { "TLS ", 4 }, MH_PHASE_STARTTLS },
	{ { "AUTH", 4 }, MH_PHASE_AUTH },
	{ { "SASL", 4 }, MH_PHASE_AUTH },
	{ { "initial ", 8 }, MH_PHASE_CONNECT },
	{ { "CONNECT", 7 }, MH_PHASE_CONNECT },
	{ { "QUIT", 4 }, MH_PHASE_QUIT },
};
/* clang-format on */

enum mh_phase
mh_log_phase(struct mh_str words)
{
	(void)MH_LOG_TAKE(&words, "pipelined ");
	(void)(MH_LOG_TAKE(&words, "sending ") || MH_LOG_TAKE(&words, "receiving ") ||
	    MH_LOG_TAKE(&words, "performing "));
	(void)MH_LOG_TAKE(&words, "the ");
	for (size_t i = 0; i < MH_COUNT(phases); i++)
		if (mh_log_begins(words, phases[i].words.p, phases[i].words.len))
			return phases[i].phase;
	return MH_PHASE_NONE;
}

void
mh_log_tls_fault(struct mh_logline *out)
{
	struct mh_str text = mh_log_to(out->text, 1024);
	if (out->phase == MH_PHASE_STARTTLS || MH_LOG_FIND(text, "TLS") < text.len ||
	    MH_LOG_FIND(text, "SSL") < text.len || MH_LOG_FIND(text, "ertificate") < text.len ||
	    MH_LOG_FIND(text, "DANE") < text.len)
		out->cause = mh_tls_cause(out->text);
}

size_t
mh_log_exim_id(struct mh_str s)
{
	/* Six, six and two; since 4.97 six, eleven and four. */
	size_t len = s.len >= 16 && s.p[6] == '-' && s.p[13] == '-' ? 16 : 23;
	if (s.len < len || s.p[6] != '-' || (len == 23 && s.p[18] != '-'))
		return 0;
	for (size_t i = 0; i < len; i++)
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '-')
			return 0;
	return s.len == len || s.p[len] == ' ' || s.p[len] == ':' ? len : 0;
}

/* ------------------------------------------------------------------- programs */

enum whose {
	WHOSE_NOBODY, /* a program that says nothing to us */
	WHOSE_POSTFIX,
	WHOSE_SENDMAIL,
	WHOSE_EXIM,
	WHOSE_OPENSMTPD,
	WHOSE_QMAIL
};

#define IS(name, literal) \
	((name).len == sizeof(literal) - 1 && memcmp((name).p, literal, sizeof(literal) - 1) == 0)

/* postfix_service - what a program is in an instance of Postfix, whatever that is called; false: nothing to us */
static bool
postfix_service(struct mh_str name, enum mh_postfix_service *service)
{
	*service = MH_POSTFIX_DELIVERY;
	switch (name.len) {
	case 4:
		if (IS(name, "qmgr"))
			*service = MH_POSTFIX_QUEUE;
		return IS(name, "smtp") || IS(name, "lmtp") || IS(name, "pipe") || IS(name, "qmgr");
	case 5:
		if (IS(name, "smtpd"))
			*service = MH_POSTFIX_SERVER;
		else if (IS(name, "nqmgr") || IS(name, "oqmgr"))
			*service = MH_POSTFIX_QUEUE;
		else if (IS(name, "defer") || IS(name, "trace"))
			*service = MH_POSTFIX_BOUNCE;
		else
			return IS(name, "local") || IS(name, "error") || IS(name, "retry") ||
			    IS(name, "relay");
		return true;
	case 6:
		*service = MH_POSTFIX_BOUNCE;
		return IS(name, "bounce");
	case 7:
		if (IS(name, "cleanup"))
			*service = MH_POSTFIX_CLEANUP;
		return IS(name, "cleanup") || IS(name, "virtual") || IS(name, "discard");
	case 8:
		*service = MH_POSTFIX_SERVER;
		return IS(name, "tlsproxy");
	case 10:
		*service = MH_POSTFIX_SERVER;
		return IS(name, "postscreen");
	default:
		return false;
	}
}

static enum whose
whose_program(struct mh_str program, enum mh_postfix_service *service)
{
	size_t slash = program.len;
	while (slash > 0 && program.p[slash - 1] != '/')
		slash--;
	if (slash > 1)
		return postfix_service(mh_log_from(program, slash), service) ? WHOSE_POSTFIX : WHOSE_NOBODY;
	if (program.len < 4)
		return WHOSE_NOBODY;
	switch (program.p[0]) {
	case 's':
		if (IS(program, "smtpd"))
			return WHOSE_OPENSMTPD;
		if (MH_LOG_BEGINS(program, "sm-") || MH_LOG_BEGINS(program, "sendmail") ||
		    MH_LOG_BEGINS(program, "submission"))
			return WHOSE_SENDMAIL;
		break;
	case 'e':
		if (MH_LOG_BEGINS(program, "exim"))
			return WHOSE_EXIM;
		break;
	case 'o':
		if (IS(program, "opensmtpd"))
			return WHOSE_OPENSMTPD;
		break;
	case 'q':
		if (MH_LOG_BEGINS(program, "qmail"))
			return WHOSE_QMAIL;
		break;
	default:
		break;
	}
	return WHOSE_NOBODY;
}

/* ----------------------------------------------------------------------- lead */

struct lead {
	struct mh_str stamp, host, program, rest;
	bool dated; /* a date and a clock with a space between: as Exim writes it */
	bool counted; /* seconds, as multilog writes them */
};

/* take_stamp - the time, if the line begins with one; the usual forms by the places of their marks alone */
static MH_INLINE void
take_stamp(struct mh_str line, struct lead *lead)
{
	size_t len = 0, end;
	const char *p = line.p;
	if (line.len > 20 && p[3] == ' ' && p[6] == ' ' && p[9] == ':' && p[12] == ':' && p[15] == ' ' &&
	    !mh_is_digit(p[0]) && p[0] != '<') {
		len = 15;
		end = 16;
	} else if (line.len > 20 && p[4] == '-' && p[10] == 'T' && p[13] == ':' && mh_is_digit(p[0])) {
		len = mh_log_chr(line, ' ');
		end = len + 1;
	} else if (line.len > 26 && p[0] == '@' && p[25] == ' ') {
		len = 25;
		end = 26;
		lead->counted = true;
	} else if (line.len > 40 && p[4] == '-' && p[10] == ' ' && p[13] == ':' && p[19] == ' ' &&
	    mh_is_digit(p[0]) && mh_is_alnum(p[20]) && p[20] != 'Z') {
		len = 19;
		end = 20;
		lead->dated = true;
	} else {
		struct mh_logtime time;
		end = mh_logtime_read(line, &time);
		for (len = end; len > 0 && (p[len - 1] == ' ' || p[len - 1] == '\t');)
			len--;
		lead->dated = len > 10 && p[10] == ' ' && p[4] == '-';
		lead->counted = len > 4 && (p[0] == '@' || (mh_is_digit(p[0]) && p[4] != '-'));
	}
	lead->stamp = mh_log_to(line, len);
	lead->rest = mh_log_from(line, end);
}

/* take_program - "postfix/smtp[123]: " */
static MH_INLINE bool
take_program(struct lead *lead)
{
	struct mh_str s = lead->rest;
	size_t at = 0;
	while (at < s.len && s.p[at] != '[' && s.p[at] != ':' && s.p[at] != ' ')
		at++;
	size_t end = at;
	if (at < s.len && s.p[at] == '[') {
		for (at++; at < s.len && s.p[at] != ']' && s.p[at] != ' '; at++)
			continue;
		at += at < s.len && s.p[at] == ']';
	}
	if (at >= s.len || s.p[at] != ':' || end == 0 || (at + 1 < s.len && s.p[at + 1] != ' '))
		return false;
	lead->program = mh_log_to(s, end);
	for (at++; at < s.len && s.p[at] == ' '; at++)
		continue;
	lead->rest = mh_log_from(s, at);
	return true;
}

/* take_5424 - host, program, pid, message id and data of RFC 5424 6 behind the time */
static bool
take_5424(struct lead *lead)
{
	struct mh_str s = lead->rest, word[4];
	for (size_t i = 0; i < 4; i++) {
		size_t end = mh_log_chr(s, ' ');
		if (end >= s.len)
			return false;
		word[i] = mh_log_to(s, end);
		s = mh_log_from(s, end + 1);
	}
	if (MH_LOG_BEGINS(s, "-")) {
		s = mh_log_from(s, 1);
	} else {
		while (MH_LOG_BEGINS(s, "[")) {
			size_t at = 1;
			for (; at < s.len && s.p[at] != ']'; at++)
				at += s.p[at] == '\\';
			s = mh_log_from(s, at + 1);
		}
	}
	(void)MH_LOG_TAKE(&s, " ");
	(void)MH_LOG_TAKE(&s, "\xef\xbb\xbf");
	lead->host = IS(word[0], "-") ? mh_log_to(word[0], 0) : word[0];
	lead->program = word[1];
	lead->rest = s;
	return true;
}

/* priority - octets of "<22>" */
static size_t
priority(struct mh_str line)
{
	size_t at = 1;
	while (at < line.len && at < 4 && mh_is_digit(line.p[at]))
		at++;
	return at > 1 && at < line.len && line.p[at] == '>' ? at + 1 : 0;
}

static bool
hand_on(const struct lead *lead, struct mh_logline *out)
{
	enum mh_postfix_service service;
	struct mh_str rest = lead->rest;
	switch (whose_program(lead->program, &service)) {
	case WHOSE_POSTFIX:
		if (MH_UNLIKELY(MH_LOG_BEGINS(rest, "[ID "))) /* Solaris: "[ID 197553 mail.info] " */
			rest = mh_log_from(rest, mh_log_chr(rest, ']') + 2);
		return mh_log_postfix(rest, service, out);
	case WHOSE_SENDMAIL:
		if (MH_UNLIKELY(MH_LOG_BEGINS(rest, "[ID ")))
			rest = mh_log_from(rest, mh_log_chr(rest, ']') + 2);
		return mh_log_sendmail(rest, out);
	case WHOSE_EXIM: {
		/* Exim may log its own time too. */
		struct lead inner = { .rest = rest };
		if (rest.len > 0 && mh_is_digit(rest.p[0]))
			take_stamp(rest, &inner);
		return mh_log_exim(inner.rest, out);
	}
	case WHOSE_OPENSMTPD:
		return mh_log_opensmtpd(rest, out);
	case WHOSE_QMAIL: {
		struct lead inner = { .rest = rest };
		if (rest.len > 0 && (mh_is_digit(rest.p[0]) || rest.p[0] == '@'))
			take_stamp(rest, &inner);
		return mh_log_qmail(inner.rest, out);
	}
	case WHOSE_NOBODY:
	default:
		return false;
	}
}

/* bare - a message whose program is not known: nobody's program is named so, or none is named at all */
static bool
bare(struct mh_str s, bool dated, struct mh_logline *out)
{
	if (s.len < 8)
		return false;
	if (dated && s.p[0] == '[')
		return mh_log_exim(s, out);
	if (mh_log_exim_id(s) > 0)
		return mh_log_exim(s, out);
	if (mh_log_opensmtpd(s, out) || mh_log_qmail(s, out))
		return true;
	if (dated && mh_log_exim(s, out))
		return true;
	return mh_log_sendmail(s, out) || mh_log_postfix(s, MH_POSTFIX_ANY, out);
}

bool
mh_logline_read(struct mh_str line, struct mh_logline *out)
{
	struct lead lead = { .host = { "", 0 }, .program = { "", 0 } };
	size_t before = 0;
	bool ok;
	if (line.len > 0 && MH_UNLIKELY(line.p[0] == '<'))
		before = priority(line);
	line = mh_log_from(line, before);
	bool new_syslog = before > 0 && MH_LOG_TAKE(&line, "1 ");
	take_stamp(line, &lead);
	struct mh_str behind = lead.rest;
	if (MH_UNLIKELY(new_syslog)) {
		ok = take_5424(&lead) && hand_on(&lead, out);
	} else if (lead.stamp.len == 0 || lead.counted || lead.dated) {
		/* No host, or rarely: the message, or a program and the message. */
		ok = take_program(&lead) && hand_on(&lead, out);
		if (!ok && lead.stamp.len > 0) {
			lead.rest = mh_log_from(behind, mh_log_chr(behind, ' ') + 1);
			lead.host = mh_log_to(behind, mh_log_chr(behind, ' '));
			ok = take_program(&lead) && hand_on(&lead, out);
		}
		if (!ok) {
			lead.host = lead.program = mh_str_n("", 0);
			ok = bare(behind, lead.dated, out);
		}
	} else {
		size_t end = mh_log_chr(behind, ' ');
		if (end > 0 && end < behind.len && behind.p[end - 1] != ':') {
			lead.host = mh_log_to(behind, end);
			for (end++; end < behind.len && behind.p[end] == ' '; end++)
				continue;
			lead.rest = mh_log_from(behind, end);
		}
		if (MH_LIKELY(take_program(&lead))) {
			ok = hand_on(&lead, out);
		} else {
			lead.host = mh_str_n("", 0);
			ok = bare(behind, false, out);
		}
	}
	if (!ok)
		return false;
	out->stamp = lead.stamp;
	out->host = lead.host;
	out->program = lead.program;
	return true;
}

/* is_line_end - a '/' of qmail's that stands for a line end.  A '/' that was a '/' looks the same: it is taken
 * for a line end only where a reply goes on, or qmail itself does, so that URLs stay whole. */
static bool
is_line_end(struct mh_str rest)
{
	return rest.len == 0 ||
	    (rest.len > 3 && mh_is_digit(rest.p[0]) && mh_is_digit(rest.p[1]) && mh_is_digit(rest.p[2]) &&
		(rest.p[3] == '-' || rest.p[3] == '_')) ||
	    MH_LOG_BEGINS(rest, "Remote_host_said:") || MH_LOG_BEGINS(rest, "Giving_up_on_") ||
	    MH_LOG_BEGINS(rest, "I'm_not_going_to_try_again");
}

void
mh_logline_decode(const struct mh_logline *line, char *to)
{
	struct mh_str text = line->text;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.p[i];
		if (line->coding == MH_CODING_QMAIL) {
			if (c == '_')
				c = ' ';
			else if (c == '/' && is_line_end(mh_log_from(text, i + 1)))
				c = '\n';
		} else if (line->coding == MH_CODING_EXIM && c == '\\' && i + 1 < text.len &&
		    text.p[i + 1] == 'n') {
			to[i++] = '\r';
			c = '\n';
		}
		to[i] = c;
	}
}
