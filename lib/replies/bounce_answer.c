/* bounce_answer.c - what a bounce says about one recipient, understood as a reply, and as JSON */
#include "bounce_answer.h"

#include "error.h"
#include "find.h"
#include "json.h"
#include "logline.h"

static const char *const classes[] = MH_BC_NAMES;

const char *
mh_bounce_cause(const struct mh_bounced *one)
{
	return one->class == MH_BC_FAILED || one->class == MH_BC_DELAYED ? mh_tls_cause(one->text) : "";
}

static void
put(struct mh_json *json, const char *key, struct mh_str value)
{
	mh_json_key(json, key);
	mh_json_str(json, value.len > 0 ? value : MH_STR(""));
}

static void
write(struct mh_json *json, void *arg)
{
	static const struct mh_bounced nobody = { .class = MH_BC_UNKNOWN };
	const struct mh_bounce_place *place = arg;
	const struct mh_returned *bounce = place->bounce;
	const struct mh_bounced *one = place->one != NULL ? place->one : &nobody;
	mh_json_open(json, '{');
	put(json, "recipient", one->recipient);
	put(json, "orig_recipient", one->orig_recipient);
	put(json, "action", one->action);
	put(json, "status", one->status);
	put(json, "remote_mta", one->remote_mta);
	put(json, "reporting_mta", bounce->reporting_mta);
	put(json, "diagnostic_type", one->diagnostic_type);
	put(json, "message_id", bounce->message_id);
	put(json, "subject", bounce->subject);
	put(json, "sender", bounce->sender);
	put(json, "feedback_type", bounce->feedback_type);
	put(json, "form", mh_str_z(bounce->form));
	put(json, "cause", mh_str_z(place->cause));
	mh_json_close(json, '}');
}

int
mh_bounce_answer(struct mh_bounce_place *place, const struct mh_returned *bounce, size_t i,
    struct mh_answer *answer)
{
	static const int fates[] = { 0, 5, 4, 2, 2, 2, 0, 0, 0 };
	const struct mh_bounced *one = i < bounce->count ? &bounce->recipients[i] : NULL;
	int class = one != NULL ? one->class : bounce->class;
	struct mh_frame frame = {
		.kind = "bounce",
		.class = classes[class],
		.fate = fates[class],
		.own_words = one == NULL || (fates[class] != 4 && fates[class] != 5),
		.no_place = one == NULL || one->text_at == SIZE_MAX,
		.origin = one != NULL ? one->text_at : 0,
		.write = write,
		.arg = place,
	};
	static const char *const steps[] = { [MH_BC_VACATION] = "nothing-to-do",
		[MH_BC_FEEDBACK] = "unsubscribe-handling",
		[MH_BC_CHALLENGE] = "answer-challenge" };
	frame.no_failure = one == NULL || class >= MH_BC_VACATION;
	frame.advice = frame.no_failure ? steps[class] : NULL;
	*place = (struct mh_bounce_place){ bounce, one, one != NULL ? mh_bounce_cause(one) : "" };
	int cause = mh_finding_kind_find(mh_str_z(place->cause));
	if (cause >= 0)
		frame.cause = mh_finding_kind_at((size_t)cause)->number;
	mh_answer_surround(answer, &frame);
	if (one != NULL)
		mh_answer_quoted(answer, one->phase, one->code, one->status, one->remote_mta);
	else
		mh_answer_quoted(answer, MH_PHASE_NONE, 0, MH_STR(""), MH_STR(""));
	return mh_answer_parse(answer, one != NULL && one->text.len > 0 ? one->text : MH_STR(""));
}
