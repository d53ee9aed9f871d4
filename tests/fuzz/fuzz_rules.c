/* fuzz_rules.c - any octets as a rule file; what is taken is then put to use */
#include "fuzz.h"

#include "mailhealth.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const replies[] = { "550 5.7.1 xyzzy plugh frob [192.0.2.1] a@example.org",
		"450-4.2.2 mailbox full\r\n450 4.2.2 zen.spamhaus.org", "" };
	if (size > 65536)
		return 0;
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_rules *rules = mh_rules_new(ctx);
	mh_reply *reply = mh_reply_new(ctx);
	fuzz_check(rules != NULL && reply != NULL);
	int layer = size % 2 == 0 ? MH_LAYER_USER : MH_LAYER_SITE;
	int result = mh_rules_add(rules, layer, "fuzz", data, size);
	fuzz_check(result == MH_OK || result == MH_ERULES);
	if (result == MH_ERULES) {
		fuzz_check(mh_rules_str(rules, MH_RULES_ERROR)[0] != '\0');
		fuzz_check(mh_rules_int(rules, MH_RULES_COUNT) == 0);
		fuzz_check(mh_rules_int(rules, MH_RULES_LINE) >= 1);
		fuzz_check(mh_rules_int(rules, MH_RULES_COLUMN) >= 1);
	} else {
		fuzz_check(mh_rules_str(rules, MH_RULES_ERROR)[0] == '\0');
		fuzz_check(mh_ctx_use_rules(ctx, rules) == MH_OK);
	}
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		fuzz_check(mh_reply_parse(reply, replies[i], strlen(replies[i])) == MH_OK);
		fuzz_check(mh_reply_str(reply, MH_REPLY_REASON)[0] != '\0');
		fuzz_check(mh_reply_json(reply)[0] == '{');
	}
	fuzz_check(mh_reply_parse(reply, data, size) == MH_OK); /* its own words */
	fuzz_check(mh_reply_json(reply)[0] == '{');
	mh_reply_free(reply);
	mh_rules_free(rules);
	mh_ctx_free(ctx);
	return 0;
}
