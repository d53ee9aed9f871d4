/* from_domain.c - the Author Domain: whose domain the From field of a message shows
 *
 * An address list (RFC 5322 3.4, groups by RFC 6854 2, obsolete forms by
 * RFC 5322 4.4), read by tokens and without a stack, so that nothing grows with
 * what is nested.  Where mail in the field departs from the grammar and every
 * reader still sees one author, it is read: commas, colons and addresses in a
 * display name that should be quoted, a group without its end, a dot behind the
 * domain.  Whatever could be read in two ways is not.
 */
#include "from_domain.h"

#include "alabel.h"
#include "error.h"

#define DOMAIN_MAX 1024 /* octets of UTF-8; what is longer is no domain */

enum token {
	END,
	WORD, /* an atom or a quoted string */
	LITERAL, /* [192.0.2.1] */
	BROKEN, /* not closed, or a control character */
	/* and specials, as themselves */
};

struct reader {
	struct mh_arena *arena;
	struct mh_from *from;
	const char *p, *end;
	int token; /* the next one */
	struct mh_str text; /* of it */
	bool is_quoted; /* the word is a quoted string */
	bool no_memory;
};

/* is_atext - RFC 5322 3.2.3, and what is beyond ASCII by RFC 6532 3.2 */
static bool
is_atext(unsigned char c)
{
	return mh_is_alnum(c) || c >= 0x80 ||
	    (c > ' ' && c < 0x7f && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* skip_enclosed - up to and with what closes what p is at; false: nothing does */
static bool
skip_enclosed(struct reader *r, char opens, char closes)
{
	size_t depth = 0;
	for (; r->p < r->end && *r->p != '\0'; r->p++) {
		if (*r->p == '\\' && r->p + 1 < r->end)
			r->p++;
		else if (*r->p == closes && (opens == closes ? depth == 1 : depth <= 1)) {
			r->p++;
			return true;
		} else if (*r->p == opens)
			depth++;
		else if (*r->p == closes)
			depth--;
	}
	return false;
}

/* next - reads the next token; white space and comments are between them */
static void
next(struct reader *r)
{
	r->token = BROKEN;
	while (r->p < r->end &&
	    (*r->p == ' ' || *r->p == '\t' || *r->p == '\r' || *r->p == '\n' || *r->p == '('))
		if (*r->p != '(')
			r->p++;
		else if (!skip_enclosed(r, '(', ')'))
			return;
	const char *begin = r->p;
	r->is_quoted = false;
	if (r->p == r->end) {
		r->token = END;
	} else if (*r->p == '"') {
		r->is_quoted = true;
		if (skip_enclosed(r, '"', '"'))
			r->token = WORD;
	} else if (*r->p == '[') {
		if (skip_enclosed(r, '[', ']'))
			r->token = LITERAL;
	} else if (is_atext((unsigned char)*r->p)) {
		while (r->p < r->end && is_atext((unsigned char)*r->p))
			r->p++;
		r->token = WORD;
	} else if (*r->p > ' ' && *r->p < 0x7f) {
		r->token = (unsigned char)*r->p++;
	}
	r->text = mh_str_n(begin, (size_t)(r->p - begin));
}

/* count_domain - one mailbox more, with that domain */
static void
count_domain(struct reader *r, struct mh_str domain)
{
	struct mh_from *from = r->from;

	from->mailboxes++;
	if (from->state == MH_FROM_NONE) {
		from->domain = domain;
		from->state = MH_FROM_ONE;
	} else if (from->state == MH_FROM_ONE && !mh_str_eq(from->domain, domain)) {
		from->domain = MH_STR("");
		from->state = MH_FROM_SEVERAL;
	}
}

/* read_domain - behind "@": atoms with dots between them, white space and comments around each (RFC 5322 4.4), as a
 * canonical name; len 0: it is none that DNS has */
static struct mh_str
read_domain(struct reader *r)
{
	char text[DOMAIN_MAX];
	size_t len = 0;

	if (r->token == LITERAL)
		next(r);
	while (r->token == WORD && !r->is_quoted) {
		if (r->text.len + 1 >= sizeof(text) - len)
			return MH_STR("");
		memcpy(text + len, r->text.p, r->text.len);
		len += r->text.len;
		next(r);
		if (r->token != '.')
			break;
		text[len++] = '.';
		next(r);
	}
	struct mh_str domain = mh_alabel_canonical(r->arena, mh_str_n(text, len));
	if (domain.p == NULL)
		r->no_memory = true;
	return domain;
}

/* read_addr_spec - "local-part@domain" up to what cannot be in it; len 0: it is none */
static struct mh_str
read_addr_spec(struct reader *r)
{
	bool has_word = false;
	while (r->token == WORD || (r->token == '.' && has_word)) {
		has_word = true;
		next(r);
	}
	if (!has_word || r->token != '@')
		return MH_STR("");
	next(r);
	return read_domain(r);
}

/* read_angle - "<", an obsolete route or none, an address, ">"; len 0: it is no such thing */
static struct mh_str
read_angle(struct reader *r)
{
	next(r);
	if (r->token == '@' || r->token == ',') {
		while (r->token == '@' || r->token == ',') {
			bool is_host = r->token == '@';
			next(r);
			if (is_host && read_domain(r).len == 0)
				return MH_STR("");
		}
		if (r->token != ':')
			return MH_STR("");
		next(r);
	}
	struct mh_str domain = read_addr_spec(r);
	if (r->token != '>')
		return MH_STR("");
	next(r);
	return domain;
}

static bool
is_separator(int token)
{
	return token == END || token == ',' || token == ';';
}

/* read_mailbox - up to the separator behind it, or ":"; false: it cannot be read.  Words without an address are what
 * was before a comma in a name that should be quoted. */
static bool
read_mailbox(struct reader *r, bool *has_address)
{
	struct mh_str domain;
	bool has_word = false;

	*has_address = false;
	while (r->token == WORD || r->token == '.' || r->token == LITERAL) {
		has_word = r->token == WORD;
		next(r);
	}
	if (r->token == '@') {
		next(r);
		domain = has_word ? read_domain(r) : MH_STR("");
		if (domain.len == 0)
			return false;
		count_domain(r, domain);
		*has_address = true;
		/* An address as the name of another one: readers see either. */
		bool is_name = r->token == WORD;
		while (is_name && (r->token == WORD || r->token == '.'))
			next(r);
		if (is_name && r->token != '<')
			return false;
	}
	if (r->token == '<') {
		domain = read_angle(r);
		if (domain.len == 0)
			return false;
		r->from->mailboxes -= *has_address;
		count_domain(r, domain);
		*has_address = true;
	}
	return is_separator(r->token) || (r->token == ':' && !*has_address);
}

/* read_list - all of the value; false: it cannot be read */
static bool
read_list(struct reader *r)
{
	bool is_group = false, has_address;

	next(r);
	while (r->token != END) {
		if (!read_mailbox(r, &has_address))
			return false;
		if (r->token == ':') {
			if (is_group)
				return false;
			is_group = true;
		} else if (r->token == ';') {
			if (!is_group)
				return false;
			is_group = false;
		}
		if (r->token != END)
			next(r);
	}
	return true;
}

void
mh_from_begin(struct mh_from *from)
{
	*from = (struct mh_from){ .domain = MH_STR(""), .state = MH_FROM_NONE };
}

int
mh_from_read(struct mh_arena *arena, struct mh_str value, struct mh_from *from)
{
	struct reader r = { .arena = arena, .from = from, .p = value.p };
	bool is_good = value.len <= MH_FROM_MAX;

	r.end = value.p + (is_good ? value.len : 0);
	is_good = is_good && read_list(&r);
	if (r.no_memory)
		return MH_ERR_ENOMEM;
	if (!is_good) {
		from->state = MH_FROM_UNREADABLE;
		from->domain = MH_STR("");
	}
	return MH_ERR_OK;
}
