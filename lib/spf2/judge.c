/* judge.c - the exported call: libspf2's opinion on a job that is done
 *
 * The whole evaluation runs anew at every call, over the facts that are there;
 * when one was missing, what came out is thrown away and the caller is told.
 *
 * Decides what it is asked: names and senders that it is not safe with are not
 * put to it, and clients on loopback, which it lets pass whatever the records
 * say, stand for another address.
 */
#include "spf2.h"

#include <string.h>

#define LOCAL_MAX 255 /* octets of a local part */

/* One opinion in the making: inputs as texts of ours, for the job's own go when it is asked something. */
struct inquiry {
	struct spf2_answers answers;
	char ip[64], sender[LOCAL_MAX + 1 + SPF2_NAME_MAX + 1], helo[SPF2_NAME_MAX + 1];
	char receiver[SPF2_NAME_MAX + 1], ours[16], problem[64];
	bool is_unfit; /* an input is too long */
	bool is_loopback; /* the address is not the client's */
	const char *result; /* "" unknown */
	char why[SPF2_WHY_MAX];
};

/* copy - text into room; false if it does not fit: then room holds "" */
static bool
copy(char *room, size_t size, const char *text)
{
	size_t len = strlen(text);
	room[0] = '\0';
	if (len >= size)
		return false;
	memcpy(room, text, len + 1);
	return true;
}

/* set_sender - the local part that was used, at the domain that was looked at */
static bool
set_sender(struct inquiry *inquiry, mh_job *job)
{
	char sender[sizeof(inquiry->sender)], domain[SPF2_NAME_MAX + 1];

	if (!copy(sender, sizeof(sender), mh_job_str(job, MH_JOB_SENDER)) ||
	    !copy(domain, sizeof(domain), mh_job_str(job, MH_JOB_DOMAIN)))
		return false;
	char *at = strrchr(sender, '@');
	size_t local = at != NULL ? (size_t)(at - sender) : 0;
	if (local > LOCAL_MAX)
		return false;
	if (local == 0)
		return copy(inquiry->sender, sizeof(inquiry->sender), domain); /* libspf2 says postmaster */
	memcpy(inquiry->sender, sender, local);
	inquiry->sender[local] = '@';
	memcpy(inquiry->sender + local + 1, domain, strlen(domain) + 1);
	return true;
}

static void
set_inputs(struct inquiry *inquiry, mh_job *job)
{
	const char *receiver;
	(void)copy(inquiry->ip, sizeof(inquiry->ip), mh_job_str(job, MH_JOB_IP));
	(void)copy(inquiry->ours, sizeof(inquiry->ours), mh_job_str(job, MH_JOB_RESULT));
	(void)copy(inquiry->problem, sizeof(inquiry->problem), mh_job_str(job, MH_JOB_PROBLEM));
	inquiry->is_unfit = !set_sender(inquiry, job) ||
	    !copy(inquiry->helo, sizeof(inquiry->helo), mh_job_str(job, MH_JOB_HELO));
	receiver = mh_job_str(job, MH_JOB_RECEIVER);
	if (receiver[0] == '\0' || !copy(inquiry->receiver, sizeof(inquiry->receiver), receiver))
		(void)copy(inquiry->receiver, sizeof(inquiry->receiver), "unknown");
}

/* -------------------------------------------------------------- evaluation */

/* word_of - RFC 7208 2.6 */
static const char *
word_of(SPF_result_t result)
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
	default:
		return "permerror";
	}
}

/* first_error - what libspf2 noted first of all that is an error; "not SPF" is said of everything */
static SPF_errcode_t
first_error(SPF_response_t *response, SPF_errcode_t last)
{
	for (int i = 0; i < SPF_response_messages(response); i++) {
		SPF_error_t *message = SPF_response_message(response, i);
		if (SPF_error_errorp(message) && SPF_error_code(message) != SPF_E_NOT_SPF)
			return SPF_error_code(message);
	}
	return last;
}

/* conclude - the result in a word, and why; libspf2 gives none where it only has an error */
static void
conclude(struct inquiry *inquiry, SPF_server_t *server, SPF_response_t *response, SPF_errcode_t last)
{
	struct spf2_outcome outcome = { .ours = inquiry->ours,
		.problem = inquiry->problem,
		.error = first_error(response, last) };
	SPF_result_t result = SPF_response_result(response);

	outcome.is_invalid = result == SPF_RESULT_INVALID;
	if (outcome.is_invalid)
		result = outcome.error == SPF_E_NOT_SPF ? SPF_RESULT_NONE
		    : outcome.error == SPF_E_DNS_ERROR  ? SPF_RESULT_TEMPERROR
							: SPF_RESULT_PERMERROR;
	outcome.theirs = inquiry->result = word_of(result);
	if (inquiry->is_loopback && strcmp(outcome.ours, outcome.theirs) != 0)
		(void)copy(inquiry->why, sizeof(inquiry->why),
		    "it lets clients on loopback pass whatever the records say, so it was given another "
		    "address");
	else
		spf2_reason(server, &inquiry->answers, &outcome, inquiry->why);
}

/* need - gives up where libspf2 has no memory */
static void
need(bool is_there)
{
	if (!is_there)
		spf2_give_up();
}

/* set_client - the address; IPv4 in IPv6 is IPv4, as with those who call libspf2 */
static void
set_client(struct inquiry *inquiry, SPF_request_t *request)
{
	static const char mapped[] = "::ffff:";
	const char *ip = inquiry->ip;

	if (strncmp(ip, mapped, sizeof(mapped) - 1) == 0 && strchr(ip, '.') != NULL)
		ip += sizeof(mapped) - 1;
	inquiry->is_loopback = strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0;
	bool is_ip6 = strchr(ip, ':') != NULL;
	if (inquiry->is_loopback)
		ip = is_ip6 ? "2001:db8::1" : "198.51.100.1";
	if (is_ip6)
		need(SPF_request_set_ipv6_str(request, ip) == SPF_E_SUCCESS);
	else
		need(SPF_request_set_ipv4_str(request, ip) == SPF_E_SUCCESS);
}

/* evaluate - one run of libspf2, beneath spf2_guarded */
static void
evaluate(void *ud)
{
	struct inquiry *inquiry = ud;
	SPF_response_t *response = NULL;

	SPF_server_t *server = SPF_server_new_dns(&inquiry->answers.server, 0);
	need(server != NULL);
	need(SPF_server_set_rec_dom(server, inquiry->receiver) == SPF_E_SUCCESS);
	/* A text without macros, so that none is expanded for it. */
	need(SPF_server_set_explanation(server, "-", &response) == SPF_E_SUCCESS);
	SPF_response_free(response);
	response = NULL;

	SPF_request_t *request = SPF_request_new(server);
	need(request != NULL);
	set_client(inquiry, request);
	need(SPF_request_set_env_from(request, inquiry->sender) == 0);
	need(SPF_request_set_helo_dom(request, inquiry->helo) == SPF_E_SUCCESS);
	SPF_errcode_t error = SPF_request_query_mailfrom(request, &response);
	need(response != NULL && error != SPF_E_NO_MEMORY);
	if (!inquiry->answers.is_missing)
		conclude(inquiry, server, response, error);
	SPF_response_free(response);
	SPF_request_free(request);
	SPF_server_free(server);
}

/* ------------------------------------------------------------------- public */

/* limit_of - why what came out is no opinion; NULL if it is one */
static const char *
limit_of(const struct spf2_answers *answers)
{
	if (answers->has_unfit)
		return "it was not asked: it is not safe with a record or term of such a length";
	if (answers->has_too_many)
		return "it wants more than 50 lookups: it counts those of every include from zero";
	if (answers->is_refused)
		return "it wants to look up more than this check may ask";
	return NULL;
}

int
mh_spf2_judge(mh_job *job)
{
	struct inquiry inquiry;
	const char *limit;

	if (job == NULL || mh_job_str(job, MH_JOB_IP)[0] == '\0')
		return MH_EINVAL;
	if (mh_job_int(job, MH_JOB_ROUNDS) == MH_UNKNOWN)
		return MH_ESTATE;
	memset(&inquiry, 0, sizeof(inquiry));
	inquiry.result = "";
	set_inputs(&inquiry, job);
	if (inquiry.is_unfit) {
		(void)copy(inquiry.why, sizeof(inquiry.why),
		    "it was not asked: it is not given such long names");
	} else {
		spf2_answers_init(&inquiry.answers, job);
		bool is_whole = spf2_guarded(evaluate, &inquiry);
		spf2_answers_free(&inquiry.answers);
		if (!is_whole)
			return MH_ENOMEM;
		if (inquiry.answers.is_missing)
			return MH_WAIT;
		if ((limit = limit_of(&inquiry.answers)) != NULL) {
			inquiry.result = "";
			(void)copy(inquiry.why, sizeof(inquiry.why), limit);
		}
	}
	return mh_job_add_opinion(job, "libspf2", inquiry.result, inquiry.why);
}
