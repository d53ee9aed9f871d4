/* draft.c - words for the postmasters of the other side
 *
 * What they ask for in every first answer: the address that sends, the reply
 * as it came with its ids, when it happened, and what has been done already.
 * Square brackets mark what the writer has to fill in.
 */
#include "reply.h"

static void
put(struct mh_buf *out, const char *text)
{
	mh_buf_puts(out, text);
}

/* put_list - the entries of a list, parted by commas; false if there are none */
static bool
put_list(struct mh_buf *out, struct mh_answer *answer, int list, const char *before, const char *after)
{
	size_t count = mh_answer_count(answer, list);
	if (count == 0)
		return false;
	put(out, before);
	for (size_t i = 0; i < count; i++) {
		put(out, i > 0 ? ", " : "");
		put(out, mh_answer_item_str(answer, list, i, list == MH_L_BLOCKLIST ? MH_I_NAME : MH_I_TEXT));
	}
	put(out, after);
	return true;
}

static bool
is_reason(struct mh_answer *answer, const char *const *reasons)
{
	for (; *reasons != NULL; reasons++)
		if (strcmp(mh_answer_str(answer, MH_A_REASON), *reasons) == 0)
			return true;
	return false;
}

void
mh_answer_write_draft(struct mh_answer *answer, struct mh_buf *out)
{
	static const char *const about_sender[] = { "ip-blocklisted", "ip-reputation", "ip-blocked",
		"domain-blocklisted", "domain-reputation", "spam-content", "rate-limited",
		"too-many-connections", "policy-rejected", "sender-rejected", NULL };
	static const char *const their_fault[] = { "server-error", "server-unavailable", "tls-failed",
		"dns-failure", "domain-no-mail", "routing-error", "timeout", "network-error", NULL };
	static const char *const nobody[] = { "accepted", NULL };
	if (is_reason(answer, nobody))
		return; /* nothing to ask */
	put(out, "Subject: Mail from ");
	if (!put_list(out, answer, MH_L_IP, "", ""))
		put(out, "[your sending IP address]");
	put(out,
	    is_reason(answer, their_fault) ? " meets an error at your server\n\n"
					   : " is refused by your server\n\n");
	put(out, "Dear postmaster,\n\nwe run a small mail server and our users cannot write to yours.\n\n");
	if (!put_list(out, answer, MH_L_IP, "Sending IP address: ", "\n"))
		put(out, "Sending IP address: [fill in]\n");
	put(out,
	    "Sending domain: [fill in]\nSince: [date and time, with time zone]\nReply from your server:\n\n  "
	    "  ");
	mh_buf_putint(out, mh_answer_int(answer, MH_A_CODE) > 0 ? mh_answer_int(answer, MH_A_CODE) : 0);
	if (mh_answer_str(answer, MH_A_STATUS)[0] != '\0') {
		put(out, " ");
		put(out, mh_answer_str(answer, MH_A_STATUS));
	}
	put(out, " ");
	put(out, mh_answer_str(answer, MH_A_TEXT));
	put(out, "\n\n");
	(void)put_list(out, answer, MH_L_ID, "Your reference: ", "\n\n");
	if (is_reason(answer, their_fault)) {
		put(out,
		    "We see this with every message to your domain and believe the fault is not on our "
		    "side.\n"
		    "Could you have a look, or tell us what your server expects of ours?\n");
	} else if (is_reason(answer, about_sender)) {
		(void)put_list(out, answer, MH_L_BLOCKLIST, "Your reply names this blocklist: ", ".\n");
		put(out,
		    "We have looked for the cause on our side: [what you found and mended, for instance a\n"
		    "compromised account, forwarded spam or a wrong DNS record; say so openly].\n"
		    "SPF, DKIM, DMARC and reverse DNS of our server are in place.\n"
		    "Could you remove the block, or tell us which messages led to it?\n");
	} else {
		put(out, "Could you tell us what your server objects to, and what we have to change?\n");
	}
	put(out, "\nThank you,\n[name, postmaster of your domain, telephone]\n");
}
