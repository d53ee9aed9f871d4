/* answers.c - the DNS that libspf2 sees: the job's facts and nothing else
 *
 * A lookup reads the fact; one that is not there is asked for in the job and
 * counts as a name that does not exist, so that libspf2 goes on and names more:
 * what comes out of such an evaluation is thrown away.
 *
 * Decides what libspf2 may see.  Its reader of macro strings writes over its
 * stack when it gets long texts (Debian 12 has 1.2.10), so exp= is renamed: the
 * record is read as it would be, and nothing is fetched.  Records and terms that
 * are too long for it are kept back, and no opinion comes of them.
 *
 * Does not: follow CNAME (the facts are those at the end of the chain).
 */
#include "spf2.h"

#include <stdlib.h>
#include <string.h>

#define ESCAPED_MAX (4 * SPF2_NAME_MAX + 1)

/* ------------------------------------------------------------------- names */

/* escape - a raw name as mh_job_want takes it (RFC 1035 5.1); false if it is too long or empty */
static bool
escape(const char *name, char out[ESCAPED_MAX])
{
	size_t len = strlen(name), n = 0;

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len == 0 || len > SPF2_NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)name[i];
		if (c > ' ' && c < 0x7f && c != '\\') {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = (char)('0' + c / 100);
		out[n++] = (char)('0' + c / 10 % 10);
		out[n++] = (char)('0' + c % 10);
	}
	out[n] = '\0';
	return true;
}

/* read_name - a name in wire form as text; 0 for the root and for names that libspf2 must not see:
 * those that would have to be escaped, and those that are too long */
static size_t
read_name(const unsigned char *wire, size_t len, char out[SPF2_NAME_MAX + 1])
{
	size_t n = 0;

	for (size_t at = 0; at < len && wire[at] != 0; at += wire[at] + 1U) {
		size_t label = wire[at];
		if (label > 63 || at + label >= len || n + label + 1 > SPF2_NAME_MAX)
			return 0;
		if (n > 0)
			out[n++] = '.';
		for (size_t i = 1; i <= label; i++) {
			unsigned char c = wire[at + i];
			if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\')
				return 0;
			out[n++] = (char)c;
		}
	}
	out[n] = '\0';
	return n;
}

/* ----------------------------------------------------------------- records */

/* begins_with - without regard to case; what is in small letters */
static bool
begins_with(const char *text, const char *what)
{
	for (; *what != '\0'; text++, what++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text + ('a' - 'A')) : *text;
		if (c != *what)
			return false;
	}
	return true;
}

/* tame - a record as libspf2 may see it: exp= by a name that it does not know; false if it must not */
static bool
tame(char *text)
{
	size_t len = 0;

	for (char *term = text; *term != '\0'; term += len) {
		term += strspn(term, " ");
		len = strcspn(term, " ");
		if (len > SPF2_TERM_MAX)
			return false;
		if (begins_with(term, "exp="))
			term[2] = 'x';
	}
	return true;
}

/* join - the strings of a TXT record, of which libspf2 sees what stands before a NUL, as with its own
 * resolver; false if it is too long: then it is cut */
static bool
join(const unsigned char *rdata, size_t len, char out[SPF2_RECORD_MAX + 1])
{
	size_t n = 0;

	for (size_t at = 0; at < len; at += rdata[at] + 1U) {
		size_t part = rdata[at];
		if (part > len - at - 1)
			part = len - at - 1;
		if (part > SPF2_RECORD_MAX - n) {
			out[n] = '\0';
			return false;
		}
		memcpy(out + n, rdata + at + 1, part);
		n += part;
	}
	out[n] = '\0';
	return true;
}

/* keep - notes which record libspf2 has been shown */
static void
keep(struct spf2_answers *answers, const char *domain, const char *text)
{
	if (answers->records_count == SPF2_LOOKUPS_MAX)
		return;
	struct spf2_record *record = &answers->records[answers->records_count];
	size_t len = strlen(text);
	record->text = malloc(len + 1);
	if (record->text == NULL)
		spf2_give_up();
	memcpy(record->text, text, len + 1);
	len = strlen(domain);
	if (len > SPF2_NAME_MAX)
		len = SPF2_NAME_MAX;
	memcpy(record->domain, domain, len);
	record->domain[len] = '\0';
	answers->records_count++;
}

/* ---------------------------------------------------------------- lookups */

/* add - room for one more record of so many octets.  Records that are longer than libspf2's union are
 * reached by its first octet. */
static void *
add(SPF_dns_rr_t *rr, size_t len)
{
	if (SPF_dns_rr_buf_realloc(rr, rr->num_rr, len) != SPF_E_SUCCESS)
		spf2_give_up();
	return rr->rr[rr->num_rr++];
}

static void
add_text(SPF_dns_rr_t *rr, const char *text)
{
	size_t len = strlen(text) + 1;
	memcpy(add(rr, len), text, len);
}

static void
add_txt(struct spf2_answers *answers, SPF_dns_rr_t *rr, const unsigned char *rdata, size_t len)
{
	char text[SPF2_RECORD_MAX + 1];
	bool is_whole = join(rdata, len, text);

	if (!begins_with(text, "v=spf1")) {
		add_text(rr, ""); /* libspf2 passes over it, but it counts as a record */
		return;
	}
	if (!is_whole || !tame(text)) {
		answers->has_unfit = true;
		return;
	}
	keep(answers, rr->domain, text);
	add_text(rr, text);
}

static void
add_record(struct spf2_answers *answers, SPF_dns_rr_t *rr, const unsigned char *rdata, size_t len)
{
	char name[SPF2_NAME_MAX + 1];

	switch ((int)rr->rr_type) {
	case ns_t_a:
		if (len == sizeof(struct in_addr))
			memcpy(add(rr, sizeof(SPF_dns_rr_data_t)), rdata, len);
		break;
	case ns_t_aaaa:
		if (len == sizeof(struct in6_addr))
			memcpy(add(rr, sizeof(SPF_dns_rr_data_t)), rdata, len);
		break;
	case ns_t_mx:
		if (len > 2 && read_name(rdata + 2, len - 2, name) > 0)
			add_text(rr, name);
		break;
	case ns_t_ptr:
		if (read_name(rdata, len, name) > 0)
			add_text(rr, name);
		break;
	default: /* TXT, and SPF (99), which other versions ask for first */
		add_txt(answers, rr, rdata, len);
		break;
	}
}

/* add_records - what the fact says, as libspf2 has it */
static void
add_records(struct spf2_answers *answers, SPF_dns_rr_t *rr, int ask)
{
	const unsigned char *rdata;
	size_t len = 0;

	switch (mh_job_ask_int(answers->job, ask, MH_ASK_STATE)) {
	case MH_STATE_PRESENT:
		for (size_t i = 0; (rdata = mh_job_ask_rr(answers->job, ask, i, &len)) != NULL; i++)
			add_record(answers, rr, rdata, len);
		rr->herrno = NETDB_SUCCESS;
		break;
	case MH_STATE_NODATA:
		rr->herrno = NO_DATA;
		break;
	case MH_STATE_NXDOMAIN:
		break;
	case MH_STATE_MISSING:
		answers->is_missing = true;
		break;
	default:
		rr->herrno = TRY_AGAIN;
		break;
	}
}

/* look_up - libspf2's question, answered */
static SPF_dns_rr_t *
look_up(SPF_dns_server_t *server, const char *domain, ns_type type, int should_cache)
{
	struct spf2_answers *answers = server->hook;
	char name[ESCAPED_MAX];
	(void)should_cache;

	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(server, domain, type, 60, HOST_NOT_FOUND);
	if (rr == NULL)
		spf2_give_up();
	if (answers->lookups == SPF2_LOOKUPS_MAX) {
		answers->has_too_many = true;
		rr->herrno = TRY_AGAIN; /* which ends the evaluation */
		return rr;
	}
	answers->lookups++;
	if (!escape(domain, name))
		return rr;
	int ask = mh_job_want(answers->job, name, (int)type);
	if (ask > 0)
		add_records(answers, rr, ask);
	else if (ask == MH_ENOMEM)
		spf2_give_up();
	else if (ask == MH_ESTATE)
		answers->is_refused = true;
	return rr;
}

void
spf2_answers_init(struct spf2_answers *answers, mh_job *job)
{
	memset(answers, 0, sizeof(*answers));
	answers->job = job;
	answers->server.lookup = look_up;
	answers->server.name = "mailhealth";
	answers->server.hook = answers;
}

void
spf2_answers_free(struct spf2_answers *answers)
{
	for (size_t i = 0; i < answers->records_count; i++)
		free(answers->records[i].text);
	answers->records_count = 0;
}
