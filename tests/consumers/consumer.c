/* consumer.c - a program of somebody else's, in C99 */
#include <mailhealth.h>
#include <stdio.h>
#include <string.h>

int
main(void)
{
	static const char text[] = "550 5.1.1 <nobody@example.org>: User unknown";
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_reply *reply = mh_reply_new(ctx);
	int error = reply != NULL ? mh_reply_parse(reply, text, strlen(text)) : MH_ENOMEM;

	if (error == MH_OK)
		puts(mh_reply_str(reply, MH_REPLY_REASON));
	mh_reply_free(reply);
	mh_ctx_free(ctx);
	return error == MH_OK && mh_version_number() == MH_VERSION_NUMBER ? 0 : 1;
}
