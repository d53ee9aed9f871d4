/* classify.c - how a program embeds libmailhealth
 *
 * Reads replies from standard input, one a line, and prints what failed and
 * what to do.  One handle serves all of them: once it is warm, nothing is
 * allocated any more.
 */
#include <mailhealth.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
	char line[4096];
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx); /* NULL as well if ctx is */
	int error = reply != NULL ? MH_OK : MH_ENOMEM;

	while (error == MH_OK && fgets(line, sizeof(line), stdin) != NULL) {
		error = mh_reply_parse(reply, line, strlen(line));
		if (error != MH_OK)
			break;
		printf("%s (%s, who must act: %s)\n", mh_reply_str(reply, MH_REPLY_REASON),
		    mh_reply_str(reply, MH_REPLY_PERMANENCE), mh_reply_str(reply, MH_REPLY_ACTOR));
		for (size_t i = 0; i < mh_reply_count(reply, MH_LIST_ADVICE); i++)
			printf("  - %s\n", mh_reply_item_str(reply, MH_LIST_ADVICE, i, MH_ITEM_TEXT));
	}
	if (error != MH_OK)
		fprintf(stderr, "classify: %s\n", mh_strerror(error));
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	return error == MH_OK ? 0 : 1;
}
