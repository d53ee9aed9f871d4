/* dialect.c - commands and replies of SMTP, LMTP, IMAP, POP3 and ManageSieve */
#include "dialect.h"

static const char *const hellos[] = { "EHLO ", "LHLO ", "a1 CAPABILITY", "CAPA", "" };
static const char *const begins[] = { "STARTTLS", "STARTTLS", "a2 STARTTLS", "STLS", "STARTTLS" };

void
mh_dialect_command(struct mh_buf *out, int dialect, enum mh_said said, struct mh_str name)
{
	switch (said) {
	case MH_SAID_HELLO:
		mh_buf_puts(out, hellos[dialect]);
		if (dialect == MH_DIALECT_SMTP || dialect == MH_DIALECT_LMTP)
			mh_buf_putstr(out, name);
		break;
	case MH_SAID_HELO:
		mh_buf_puts(out, "HELO ");
		mh_buf_putstr(out, name);
		break;
	case MH_SAID_START:
		mh_buf_puts(out, begins[dialect]);
		break;
	default:
		break;
	}
}

static enum mh_reply_kind
smtp_reply(struct mh_str line)
{
	if (line.len < 3 || !mh_is_digit(line.p[0]) || !mh_is_digit(line.p[1]) || !mh_is_digit(line.p[2]) ||
	    (line.len > 3 && line.p[3] != ' ' && line.p[3] != '-'))
		return MH_REPLY_ODD;
	if (line.len > 3 && line.p[3] == '-')
		return MH_REPLY_GOES_ON;
	return line.p[0] == '2' ? MH_REPLY_GOOD : MH_REPLY_BAD;
}

static enum mh_reply_kind
imap_reply(enum mh_said said, struct mh_str line)
{
	if (said == MH_SAID_NOTHING) {
		if (mh_str_istarts(line, MH_STR("* OK")) || mh_str_istarts(line, MH_STR("* PREAUTH")))
			return MH_REPLY_GOOD;
		return mh_str_istarts(line, MH_STR("* ")) ? MH_REPLY_BAD : MH_REPLY_ODD;
	}
	struct mh_str tag = said == MH_SAID_HELLO ? MH_STR("a1 ") : MH_STR("a2 ");
	if (mh_str_istarts(line, MH_STR("* BYE")))
		return MH_REPLY_BAD;
	if (mh_str_istarts(line, MH_STR("* ")))
		return MH_REPLY_GOES_ON;
	if (!mh_str_istarts(line, tag))
		return MH_REPLY_ODD;
	return mh_str_istarts(mh_str_n(line.p + 3, line.len - 3), MH_STR("OK")) ? MH_REPLY_GOOD
										: MH_REPLY_BAD;
}

static enum mh_reply_kind
pop3_reply(enum mh_said said, struct mh_str line, bool is_first)
{
	if (!is_first)
		return mh_str_eq(line, MH_STR(".")) ? MH_REPLY_GOOD : MH_REPLY_GOES_ON;
	if (mh_str_istarts(line, MH_STR("-ERR")))
		return MH_REPLY_BAD;
	if (!mh_str_istarts(line, MH_STR("+OK")))
		return MH_REPLY_ODD;
	return said == MH_SAID_HELLO ? MH_REPLY_GOES_ON : MH_REPLY_GOOD;
}

static enum mh_reply_kind
sieve_reply(struct mh_str line)
{
	if (line.len > 0 && line.p[0] == '"')
		return MH_REPLY_GOES_ON;
	if (mh_str_istarts(line, MH_STR("OK")))
		return MH_REPLY_GOOD;
	return mh_str_istarts(line, MH_STR("NO")) || mh_str_istarts(line, MH_STR("BYE")) ? MH_REPLY_BAD
											 : MH_REPLY_ODD;
}

enum mh_reply_kind
mh_dialect_reply(int dialect, enum mh_said said, struct mh_str line, bool is_first)
{
	switch (dialect) {
	case MH_DIALECT_IMAP:
		return imap_reply(said, line);
	case MH_DIALECT_POP3:
		return pop3_reply(said, line, is_first);
	case MH_DIALECT_SIEVE:
		return sieve_reply(line);
	default:
		return smtp_reply(line);
	}
}

int
mh_dialect_of_greeting(struct mh_str line, int otherwise)
{
	if (mh_str_istarts(line, MH_STR("* ")))
		return MH_DIALECT_IMAP;
	if (mh_str_istarts(line, MH_STR("+OK")) || mh_str_istarts(line, MH_STR("-ERR")))
		return MH_DIALECT_POP3;
	/* RFC 5804 1.2: BYE, of one that wants no more connections */
	if (mh_str_istarts(line, MH_STR("\"IMPLEMENTATION\"")) || mh_str_istarts(line, MH_STR("BYE")))
		return MH_DIALECT_SIEVE;
	return otherwise;
}

bool
mh_dialect_has_helo(int dialect)
{
	return dialect == MH_DIALECT_SMTP;
}

bool
mh_dialect_greets_with_capabilities(int dialect)
{
	return dialect == MH_DIALECT_SIEVE;
}
