/* reply.h - one reply, understood
 *
 * An answer is made once and used for reply after reply.  Parsing decides what
 * the hot path asks for (codes, reason, rule, provider, span); the rest (facts,
 * lists, drafts, JSON) is worked out when it is first asked for and kept until
 * the next parse.  Strings it gives live until then.
 *
 * Fields and lists carry the numbers of mailhealth.h; the face checks nothing
 * but handles, and answers itself to every unknown number with "", -1 or 0.
 */
#ifndef MH_REPLY_H
#define MH_REPLY_H

#include "decode.h"
#include "facts.h"
#include "find.h"
#include "layers.h"
#include "match.h"

/* mh_answer_str */
enum mh_answer_text {
	MH_A_STATUS = 1,
	MH_A_REASON,
	MH_A_REASON_TEXT,
	MH_A_RULE,
	MH_A_MEANING,
	MH_A_PERMANENCE,
	MH_A_CLASS,
	MH_A_RETRY,
	MH_A_ACTOR,
	MH_A_PROVIDER,
	MH_A_PROVIDER_NAME,
	MH_A_CONTACT,
	MH_A_DRAFT,
	MH_A_TEMPLATE,
	MH_A_PHASE,
	MH_A_STATUS_TEXT,
	MH_A_TEXT,
	MH_A_REFERENCE,
	MH_A_FORM
};

/* mh_answer_int */
enum mh_answer_number {
	MH_A_CODE = 1,
	MH_A_CONFIDENCE,
	MH_A_SPAN_BEGIN,
	MH_A_SPAN_END,
	MH_A_RETRY_AFTER_S,
	MH_A_LENGTH
};

/* mh_answer_count, mh_answer_item_str, mh_answer_item_int */
enum mh_answer_list {
	MH_L_LINE = 1,
	MH_L_ALTERNATIVE,
	MH_L_SCOPE,
	MH_L_ADVICE,
	MH_L_DISAGREEMENT,
	MH_L_NEXT,
	MH_L_IP,
	MH_L_DOMAIN,
	MH_L_EMAIL,
	MH_L_URL,
	MH_L_ID,
	MH_L_BLOCKLIST,
	MH_L_LIMIT
};

enum mh_answer_item {
	MH_I_ID = 1,
	MH_I_TEXT,
	MH_I_URL,
	MH_I_STATUS,
	MH_I_NAME,
	MH_I_ZONE,
	MH_I_KIND,
	MH_I_DELIST,
	MH_I_WHAT,
	MH_I_CODE,
	MH_I_COUNT,
	MH_I_PER_S,
	MH_I_SPAN_BEGIN,
	MH_I_SPAN_END
};

enum mh_form {
	MH_FORM_AUTO_,
	MH_FORM_WIRE_,
	MH_FORM_JOINED_,
	MH_FORM_DSN_,
	MH_FORM_FRAGMENT_,
	MH_FORM_COUNT_
};

#define MH_ANSWER_MAX_OCTETS 32768
#define MH_ADVICE_MAX 4

struct mh_json;

/* What surrounds a reply: the log line or bounce that it was quoted in. */
struct mh_frame {
	const char *kind; /* "log", "bounce"; NULL: a reply by itself */
	const char *class; /* in place of what the code says; NULL: as the code says */
	int fate; /* 2, 4 or 5: what became of the message, where neither code nor status say; 0 not known */
	bool own_words; /* said by this server's software: no reply code is to be expected */
	bool
	    empty_words; /* the words are a headline that stands for any failure: only code and status count */
	bool no_place; /* the text does not stand in the input as it is: there are no spans */
	size_t origin; /* where it stands */
	int cause; /* number of a finding about its cause; 0 */
	const char *advice; /* id of a step that comes before all others; NULL */
	bool
	    no_failure; /* nothing failed, so nobody has to mend anything: advice is the step above, or none */
	bool forwarded; /* the message had been sent to another address first */
	void (*write)(struct mh_json *json, void *arg); /* the object that describes it */
	void *arg;
};

/* What one reply is read with. */
struct mh_answer_options {
	int form, phase, code;
	struct mh_status status;
	int64_t line_number;
	char provider[64];
	char mx[256];
};

/* mh_forwarding_reason - whether mail that is handed on is refused so for having been handed on */
bool mh_forwarding_reason(const char *reason);

struct mh_answer;
struct mh_answer *mh_answer_make(const struct mh_mem *mem);
void mh_answer_free(struct mh_answer *answer);
/* mh_answer_use - the rules for the parses to come (a reference is taken); MH_OK or MH_ENOMEM */
int mh_answer_use(struct mh_answer *answer, struct mh_rulebook *book);
/* mh_answer_options - to be changed there and then: the next parse looks at them anew */
struct mh_answer_options *mh_answer_options(struct mh_answer *answer);
/* mh_answer_option - value as the text of an option, which has room for size octets; false, and "", if it does
 * not fit or has white space or controls in it */
bool mh_answer_option(char *out, size_t size, struct mh_str value);
/* mh_answer_quoted - what a line or a bounce tells besides the words: phase, code (0), status code (as text, empty)
 * and the host that spoke */
void mh_answer_quoted(struct mh_answer *answer, int phase, int code, struct mh_str status,
    struct mh_str host);
/* mh_answer_surround - what the next replies are quoted in, NULL nothing; copied, but not what it points to */
void mh_answer_surround(struct mh_answer *answer, const struct mh_frame *frame);
int mh_answer_parse(struct mh_answer *answer, struct mh_str text);
/* mh_answer_forget - as before the first parse */
void mh_answer_forget(struct mh_answer *answer);

const char *mh_answer_str(struct mh_answer *answer, int field);
int64_t mh_answer_int(struct mh_answer *answer, int field);
size_t mh_answer_count(struct mh_answer *answer, int list);
const char *mh_answer_item_str(struct mh_answer *answer, int list, size_t i, int field);
int64_t mh_answer_item_int(struct mh_answer *answer, int list, size_t i, int field);
const char *mh_answer_json(struct mh_answer *answer);
/* mh_answer_findings - numbers of the findings of this reply, ascending; how many */
#define MH_ANSWER_FINDINGS 20
struct mh_answer_finding {
	int number;
	int64_t begin, end;
};
size_t mh_answer_findings(struct mh_answer *answer, struct mh_answer_finding out[MH_ANSWER_FINDINGS]);
/* mh_answer_report - the same as a finished report, or NULL */
struct mh_report *mh_answer_report(struct mh_answer *answer);

/* Used by reply_json.c and draft.c. */
void mh_answer_write_json(struct mh_answer *answer, struct mh_buf *out);
void mh_answer_write_draft(struct mh_answer *answer, struct mh_buf *out);
int64_t mh_answer_line_number(const struct mh_answer *answer);

#endif
