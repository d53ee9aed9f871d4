/* samples.c - stacks of rules made from text
 *
 * A rule is taken only if it wins the replies that it gives as samples, against
 * all others: so a rule file can be trusted, and a new rule cannot take away
 * from an old one unseen.
 */
#include "samples.h"

#include "error.h"
#include "reply.h"

static void
set_provider(struct mh_answer *answer, struct mh_str id)
{
	struct mh_answer_options *options = mh_answer_options(answer);
	size_t len = id.len < sizeof(options->provider) ? id.len : 0;
	if (len > 0)
		memcpy(options->provider, id.p, len);
	options->provider[len] = '\0';
}

int
mh_samples_check(const struct mh_mem *mem, struct mh_rulebook *book, const struct mh_sample *samples,
    mh_sample_fn told, void *ud, struct mh_rules_error *error)
{
	struct mh_answer *answer = mh_answer_make(mem);
	int result = answer != NULL ? mh_answer_use(answer, book) : MH_ERR_ENOMEM;
	for (const struct mh_sample *s = samples; s != NULL; s = s->next) {
		const char *winner = "";
		bool won = false;
		int parsed = result;
		/* as it is, and then as a caller would ask who knows the provider that the rule is for */
		for (int with = 0; with < 2 && !won && parsed != MH_ERR_ENOMEM; with++) {
			if (with == 1 && (s->provider.len == 0 || s->unlike))
				break;
			set_provider(answer, with == 1 ? s->provider : mh_str_n("", 0));
			parsed = mh_answer_parse(answer, s->text);
			winner = with == 0 || parsed != MH_ERR_OK ? mh_answer_str(answer, MH_A_RULE) : winner;
			won = mh_str_eq(mh_str_z(mh_answer_str(answer, MH_A_RULE)), s->rule);
		}
		if (parsed == MH_ERR_ENOMEM) {
			result = parsed;
			break;
		}
		if (won != s->unlike)
			continue;
		if (told != NULL)
			told(ud, s, winner);
		if (result == MH_ERR_OK)
			result = mh_rules_fail(error, s->place,
			    s->unlike ? "this reply must not be won by %s"
				      : "this sample is not won by its rule but by %s",
			    mh_str_z(winner));
		if (told == NULL)
			break;
	}
	mh_answer_free(answer);
	return result;
}

/* add_layer - the texts of one layer as a set on top of the book; nothing if there are none */
static int
add_layer(struct mh_rulebook *book, struct mh_arena *arena, const struct mh_rule_text *texts, int layer,
    struct mh_sample **samples, struct mh_rules_error *error)
{
	struct mh_statement *statements = NULL, **tail = &statements;
	*samples = NULL;
	for (const struct mh_rule_text *t = texts; t != NULL; t = t->next) {
		int result =
		    t->layer == layer ? mh_rules_read(arena, t->name, t->text, &tail, error) : MH_ERR_OK;
		if (result != MH_ERR_OK)
			return result;
	}
	if (statements == NULL)
		return MH_ERR_OK;
	struct mh_ruleset *set = NULL;
	size_t size = 0;
	int result =
	    mh_rules_build(&book->mem, arena, &book->layers, statements, &set, &size, samples, error);
	if (result != MH_ERR_OK)
		return result;
	mh_rulebook_push(book, set, size);
	return MH_ERR_OK;
}

struct mh_rulebook *
mh_rulebook_make(const struct mh_mem *mem, const struct mh_ruleset *builtin, const struct mh_rule_text *texts,
    int *result, struct mh_rules_error *error)
{
	struct mh_rulebook *book = mh_rulebook_new(mem, builtin);
	*result = book != NULL ? MH_ERR_OK : MH_ERR_ENOMEM;
	if (book == NULL)
		return NULL;
	for (int layer = 1; layer < MH_LAYERS_MAX && *result == MH_ERR_OK; layer++) {
		struct mh_arena arena;
		struct mh_sample *samples = NULL;
		mh_arena_init(&arena, mem, 0);
		*result = add_layer(book, &arena, texts, layer, &samples, error);
		/* A sample is tried with its own layer on top: a user's rule may well win a site's sample. */
		if (*result == MH_ERR_OK && samples != NULL)
			*result = mh_samples_check(mem, book, samples, NULL, NULL, error);
		mh_arena_free(&arena);
	}
	if (*result == MH_ERR_OK)
		return book;
	mh_rulebook_unref(book);
	return NULL;
}
