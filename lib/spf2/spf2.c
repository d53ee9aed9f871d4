/* spf2.c - libspf2's opinion, over the answers of a job
 *
 * libspf2 gets a DNS layer of ours that reads the job's answers and adds what
 * is missing to its questions.  Names, sizes and numbers are bounded before it
 * sees them: in Debian 12 it has faults of memory in the expansion of
 * explanations, so that it never gets one, and lookups without an end in some
 * loops.
 *
 * Uses the public interface of libmailhealth alone.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

#include "mailhealth-spf2.h"

#define LOOKUPS_MAX 50
#define NAME_MAX_ 253
#define RECORDS_MAX 100 /* of one answer */
#define TEXT_MAX 8192 /* of one TXT record */

/* One judgement. */
struct judge {
	SPF_dns_server_t dns;
	mh_job *job;
	int lookups, missing, error;
};

/* find_ask - the job's question for a name and type, or 0 */
static int
find_ask(mh_job *job, const char *name, int type)
{
	size_t len = strlen(name);
	if (len > 0 && name[len - 1] == '.')
		len--;
	for (int i = mh_job_ask_count(job); i > 0; i--) {
		const char *other = mh_job_ask_str(job, i, MH_ASK_NAME);
		if (mh_job_ask_int(job, i, MH_ASK_TYPE) == type && strlen(other) == len &&
		    strncasecmp(other, name, len) == 0)
			return i;
	}
	return 0;
}

/* put_name - a name in wire form as text into out, which has room for 254 octets; false: it is none */
static bool
put_name(const unsigned char *wire, size_t len, char *out)
{
	size_t at = 0, n = 0;
	while (at < len && wire[at] != 0) {
		size_t label = wire[at++];
		if (label > 63 || label > len - at || n + label + 1 > NAME_MAX_)
			return false;
		if (n > 0)
			out[n++] = '.';
		for (; label > 0; label--, at++) {
			if (wire[at] <= 0x20 || wire[at] >= 0x7f || wire[at] == '.')
				return false;
			out[n++] = (char)wire[at];
		}
	}
	out[n] = '\0';
	return at < len && n > 0;
}

/* put_text - the strings of a TXT record joined; false: it is none, or larger than is shown to libspf2 */
static bool
put_text(const unsigned char *rdata, size_t len, char *out, size_t *size)
{
	size_t at = 0, n = 0;
	while (at < len) {
		size_t part = rdata[at++];
		if (part > len - at || n + part >= TEXT_MAX)
			return false;
		memcpy(out + n, rdata + at, part);
		n += part;
		at += part;
	}
	out[n] = '\0';
	*size = n;
	/* what comes behind a NUL it would not see */
	return memchr(out, '\0', n) == NULL;
}

/* put_record - one record into place n of libspf2's answer: 1, 0 if it is left out, -1 without memory */
static int
put_record(SPF_dns_rr_t *rr, int n, ns_type type, const unsigned char *rdata, size_t len)
{
	char name[NAME_MAX_ + 2], text[TEXT_MAX];
	size_t size = 0, skip = type == ns_t_mx ? 2 : 0;

	if (type == ns_t_a || type == ns_t_aaaa) {
		size = type == ns_t_a ? 4 : 16;
		if (len != size)
			return 0;
	} else if (type == ns_t_txt) {
		if (!put_text(rdata, len, text, &size))
			return 0;
	} else if (len <= skip || !put_name(rdata + skip, len - skip, name)) {
		return 0;
	} else {
		size = strlen(name);
	}
	if (SPF_dns_rr_buf_realloc(rr, n, size + 1) != SPF_E_SUCCESS)
		return -1;
	switch (type) {
	case ns_t_a:
		memcpy(&rr->rr[n]->a, rdata, 4);
		break;
	case ns_t_aaaa:
		memcpy(&rr->rr[n]->aaaa, rdata, 16);
		break;
	case ns_t_txt:
		memcpy(rr->rr[n]->txt, text, size + 1);
		break;
	case ns_t_mx:
		memcpy(rr->rr[n]->mx, name, size + 1);
		break;
	default:
		memcpy(rr->rr[n]->ptr, name, size + 1);
		break;
	}
	return 1;
}

/* answer_with - all records of an answer */
static void
answer_with(struct judge *judge, SPF_dns_rr_t *rr, ns_type type, int ask)
{
	int64_t count = mh_job_ask_int(judge->job, ask, MH_ASK_RECORDS);
	for (int64_t i = 0; i < count && i < RECORDS_MAX; i++) {
		size_t len = 0;
		const unsigned char *rdata = mh_job_ask_rr(judge->job, ask, (size_t)i, &len);
		int put = rdata != NULL ? put_record(rr, rr->num_rr, type, rdata, len) : 0;
		if (put < 0)
			judge->error = MH_ENOMEM;
		rr->num_rr += put > 0;
	}
	rr->herrno = rr->num_rr > 0 ? NETDB_SUCCESS : NO_DATA;
}

/* lookup - libspf2's question, by the job's answer */
static SPF_dns_rr_t *
lookup(SPF_dns_server_t *dns, const char *name, ns_type type, int should_cache)
{
	struct judge *judge = dns->hook;
	SPF_dns_rr_t *rr = SPF_dns_rr_new_init(dns, name, type, 60, TRY_AGAIN);
	(void)should_cache;

	if (rr == NULL) {
		judge->error = MH_ENOMEM;
		return NULL;
	}
	size_t len = strlen(name);
	if (len == 0 || len > NAME_MAX_ ||
	    (type != ns_t_txt && type != ns_t_a && type != ns_t_aaaa && type != ns_t_mx &&
		type != ns_t_ptr)) {
		rr->herrno = HOST_NOT_FOUND;
		return rr;
	}
	if (++judge->lookups > LOOKUPS_MAX)
		return rr;
	int ask = find_ask(judge->job, name, (int)type);
	if (ask == 0)
		ask = mh_job_want(judge->job, name, (int)type);
	if (ask == MH_ENOMEM)
		judge->error = MH_ENOMEM;
	/* A name that is none, or one question too many: nothing is there for libspf2. */
	if (ask < 0) {
		rr->herrno = ask == MH_EINVAL ? HOST_NOT_FOUND : TRY_AGAIN;
		return rr;
	}
	switch (mh_job_ask_int(judge->job, ask, MH_ASK_STATE)) {
	case MH_STATE_PRESENT:
		answer_with(judge, rr, type, ask);
		break;
	case MH_STATE_NODATA:
		rr->herrno = NO_DATA;
		break;
	case MH_STATE_NXDOMAIN:
		rr->herrno = HOST_NOT_FOUND;
		break;
	case MH_STATE_MISSING:
		(void)mh_job_want(judge->job, name, (int)type);
		judge->missing++;
		break;
	default:
		break;
	}
	return rr;
}

/* no_explanation - it never gets one */
static SPF_errcode_t
no_explanation(SPF_server_t *server, const char *domain, char **out, size_t *len)
{
	(void)server;
	(void)domain;
	(void)out;
	(void)len;
	return SPF_E_DNS_ERROR;
}

static const char *
name_of(SPF_result_t result)
{
	switch (result) {
	case SPF_RESULT_NEUTRAL:
		return "neutral";
	case SPF_RESULT_PASS:
		return "pass";
	case SPF_RESULT_FAIL:
		return "fail";
	case SPF_RESULT_SOFTFAIL:
		return "softfail";
	case SPF_RESULT_NONE:
		return "none";
	case SPF_RESULT_TEMPERROR:
		return "temperror";
	case SPF_RESULT_PERMERROR:
		return "permerror";
	default:
		return "";
	}
}

/* count_of - how often a word stands in a text */
static int
count_of(const char *text, const char *word)
{
	int n = 0;
	for (const char *at = text; (at = strstr(at, word)) != NULL; at += strlen(word))
		n++;
	return n;
}

/* why_it_differs - what of the records libspf2 is known to read otherwise; "" if nothing is to be seen */
static const char *
why_it_differs(mh_job *job)
{
	for (int i = 1; i <= mh_job_ask_count(job); i++) {
		if (mh_job_ask_int(job, i, MH_ASK_TYPE) != ns_t_txt ||
		    mh_job_ask_int(job, i, MH_ASK_RECORDS) <= 0)
			continue;
		const char *text = mh_job_ask_text(job, i, 0);
		const char *redirect = strstr(text, "redirect=");
		if (strncmp(text, "\"v=spf1", 7) != 0)
			continue;
		if (count_of(text, "ip4:") + count_of(text, "ip6:") > 63)
			return "it drops terms behind the 63rd of a record, the last of them too";
		if (strstr(text, "/0 ") != NULL || strstr(text, "/0\"") != NULL)
			return "it refuses a prefix length of 0";
		if (redirect != NULL && strchr(redirect, ' ') != NULL)
			return "it misreads redirect= that is not the last term";
	}
	if (mh_job_int(job, MH_JOB_LOOKUPS) > 10)
		return "it counts lookups anew in every include";
	if (mh_job_int(job, MH_JOB_VOIDS) > 2)
		return "it does not count lookups that find nothing";
	return "";
}

/* set_client - the job's address; libspf2 lets loopback pass whatever the record says, so that stands for another */
static bool
set_client(SPF_request_t *request, const char *text)
{
	struct in_addr v4;
	struct in6_addr v6;
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (inet_pton(AF_INET, text, &v4) != 1) {
		if (inet_pton(AF_INET6, text, &v6) != 1)
			return false;
		if (memcmp(&v6, mapped, 12) != 0) {
			if (IN6_IS_ADDR_LOOPBACK(&v6))
				(void)inet_pton(AF_INET6, "2001:db8::1", &v6);
			return SPF_request_set_ipv6(request, v6) == SPF_E_SUCCESS;
		}
		memcpy(&v4, (const unsigned char *)&v6 + 12, 4);
	}
	if ((ntohl(v4.s_addr) >> 24) == 127)
		(void)inet_pton(AF_INET, "198.51.100.1", &v4);
	return SPF_request_set_ipv4(request, v4) == SPF_E_SUCCESS;
}

/* set_mail - sender and HELO; false: they are larger than libspf2 is given */
static bool
set_mail(SPF_request_t *request, mh_job *job)
{
	char sender[800];
	const char *given = mh_job_str(job, MH_JOB_SENDER), *domain = mh_job_str(job, MH_JOB_DOMAIN);
	const char *helo = mh_job_str(job, MH_JOB_HELO), *at = strrchr(given, '@');
	size_t local = at != NULL ? (size_t)(at - given) : 0, len = strlen(domain);

	if (local > 400 || len == 0 || len > NAME_MAX_ || strlen(helo) > NAME_MAX_)
		return false;
	memcpy(sender, given, local);
	if (local == 0) {
		memcpy(sender, "postmaster", 10);
		local = 10;
	}
	sender[local] = '@';
	memcpy(sender + local + 1, domain, len + 1);
	return SPF_request_set_helo_dom(request, helo[0] != '\0' ? helo : domain) == SPF_E_SUCCESS &&
	    SPF_request_set_env_from(request, sender) == 0;
}

/* ask - runs libspf2; its result, or SPF_RESULT_INVALID */
static SPF_result_t
ask(struct judge *judge, SPF_server_t *server)
{
	SPF_request_t *request = SPF_request_new(server);
	SPF_response_t *response = NULL;
	SPF_result_t result = SPF_RESULT_INVALID;

	if (request == NULL) {
		judge->error = MH_ENOMEM;
		return result;
	}
	if (set_client(request, mh_job_str(judge->job, MH_JOB_IP)) && set_mail(request, judge->job)) {
		SPF_errcode_t error = SPF_request_query_mailfrom(request, &response);
		if (response != NULL)
			result = SPF_response_result(response);
		/* It gives up without a result where it cannot read or get a record. */
		if (result == SPF_RESULT_INVALID && error == SPF_E_NOT_SPF)
			result = SPF_RESULT_NONE;
		else if (result == SPF_RESULT_INVALID && error == SPF_E_DNS_ERROR)
			result = SPF_RESULT_TEMPERROR;
		else if (result == SPF_RESULT_INVALID && error != SPF_E_SUCCESS)
			result = SPF_RESULT_PERMERROR;
	}
	if (response != NULL)
		SPF_response_free(response);
	SPF_request_free(request);
	return result;
}

int
mh_spf2_judge(mh_job *job)
{
	struct judge judge = { .job = job };

	if (job == NULL || mh_job_str(job, MH_JOB_IP)[0] == '\0')
		return MH_EINVAL;
	if (mh_job_str(job, MH_JOB_RESULT)[0] == '\0')
		return MH_ESTATE;
	judge.dns =
	    (SPF_dns_server_t){ .lookup = lookup, .get_exp = no_explanation, .name = "job", .hook = &judge };
	SPF_server_t *server = SPF_server_new_dns(&judge.dns, 0);
	if (server == NULL)
		return MH_ENOMEM;
	const char *by_rfc = mh_job_str(job, MH_JOB_RESULT);
	char before[16];
	strncpy(before, by_rfc, sizeof(before) - 1);
	before[sizeof(before) - 1] = '\0';
	SPF_result_t result = ask(&judge, server);
	SPF_server_free(server);
	if (judge.error != 0)
		return judge.error;
	if (judge.missing > 0)
		return MH_WAIT;
	const char *word = name_of(result);
	return mh_job_add_opinion(job, "libspf2", word, strcmp(word, before) != 0 ? why_it_differs(job) : "");
}
