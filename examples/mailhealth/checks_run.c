/* checks_run.c - a check as a subcommand: its command line, one check, or many by --batch
 *
 * What a kind of check is asked is a struct of its own, which options and words
 * fill.  A line of --batch begins with a copy of what the command line filled,
 * so the struct owns nothing.
 */
#include <stdlib.h>
#include <string.h>

#include <mailhealth.h>

#include "checks.h"

#define ROUNDS 60 /* of questions that a job has after it was done */

const char batch_not_in_line[] = "a line cannot have the option";

/* ----------------------------------------------------------------------- options */

/* set_option - of one check, of the command line alone, of all checks, or of all commands */
static int
set_option(void *arg, int id, const char *value)
{
	struct check_run *run = arg;
	const char *wrong = run->kind->option(run->asked, id, value);
	if (wrong == NULL)
		return EXIT_FINE;
	if (wrong != batch_not_in_line)
		return complain(EXIT_USAGE, "%s '%.80s'", wrong, value);
	int status = run->kind->own != NULL ? run->kind->own(run, id, value) : -1;
	if (status < 0)
		status = checks_set(&run->checks, run->common.ctx, id, value);
	return status >= 0 ? status : common_set(&run->common, id, value);
}

static int
take_word(void *arg, const char *value, bool only_words)
{
	struct check_run *run = arg;
	(void)only_words;
	const char *wrong = run->kind->word(run->asked, value);
	return wrong == NULL ? EXIT_FINE : complain(EXIT_USAGE, "%s '%.200s'", wrong, value);
}

const char *
add_word(char *list, size_t size, const char *word)
{
	size_t len = strlen(list), more = strlen(word);
	if (len + more + 2 > size)
		return "there are too many of them:";
	if (len > 0)
		list[len++] = ' ';
	memcpy(list + len, word, more + 1);
	return NULL;
}

/* --------------------------------------------------------------------------- jobs */

/* What one job is made of. */
struct given {
	struct check_run *run;
	const void *asked;
};

static int
set_given(const void *arg, mh_job *job, const char **wrong)
{
	const struct given *given = arg;
	return given->run->kind->set(given->run, given->asked, job, wrong);
}

static mh_job *
make_job(struct check_run *run, const void *asked, const char **wrong)
{
	const struct given given = { run, asked };
	*wrong = run->kind->whole(run, asked);
	if (*wrong != NULL)
		return NULL;
	return checks_make_job(&run->checks, run->common.ctx, run->kind->check, set_given, &given, wrong);
}

/* ------------------------------------------------------------------------ batch */

static const char *
line_word(void *arg, const char *word)
{
	struct check_run *run = arg;
	return run->kind->word(run->line, word);
}

static const char *
line_option(void *arg, int id, const char *value)
{
	struct check_run *run = arg;
	return run->kind->option(run->line, id, value);
}

/* start - a job from the words of one line */
static mh_job *
start(void *arg, const struct batch_words *words, const char **wrong)
{
	struct check_run *run = arg;

	memcpy(run->line, run->asked, run->kind->asked_size);
	run->kind->begin_line(run->line);
	run->reader.options = run->kind->command.options;
	run->reader.word = line_word;
	run->reader.option = line_option;
	run->reader.arg = run;
	*wrong = batch_read(&run->reader, words);
	return *wrong == NULL ? make_job(run, run->line, wrong) : NULL;
}

static int
more(void *arg, mh_job *job)
{
	struct check_run *run = arg;
	return run->kind->more != NULL ? run->kind->more(run, job) : MH_OK;
}

static int
check_many(struct check_run *run)
{
	const struct batch_check batch = { run->kind->name, start, more, run };
	run->line = malloc(run->kind->asked_size);
	if (run->line == NULL)
		return complain(EXIT_OURS, "out of memory");
	int status = checks_batch(&run->checks, run->common.ctx, &batch);
	free(run->line);
	return status;
}

/* ---------------------------------------------------------------------- one check */

/* finish - runs the job until it is done and all that it wants to know besides is in it; the exit status */
static int
finish(struct check_run *run, mh_loop *loop, mh_job *job)
{
	int result = mh_loop_run(loop, job, -1);
	for (int round = 0; result == MH_DONE && round < ROUNDS; round++) {
		result = more(run, job);
		if (result == MH_OK)
			return EXIT_FINE;
		if (result == MH_WAIT)
			result = mh_loop_run(loop, job, -1);
	}
	if (result == MH_EINVAL && run->kind->subject != NULL)
		return complain(EXIT_USAGE, "there can be no such name: '%.200s'",
		    run->kind->subject(run->asked));
	if (result == MH_EINVAL)
		return complain(EXIT_USAGE, "there is nothing to look at: give a domain that can exist");
	return result == MH_DONE ? EXIT_FINE : complain(EXIT_OURS, "%s", mh_strerror(result));
}

static int
check_one(struct check_run *run)
{
	const char *wrong = NULL;
	mh_job *job = make_job(run, run->asked, &wrong);
	mh_loop *loop = NULL;

	if (job == NULL)
		return complain(EXIT_USAGE, "%s", wrong);
	int status = checks_loop(&run->checks, run->common.ctx, &loop);
	if (status == EXIT_FINE)
		status = finish(run, loop, job);
	if (status == EXIT_FINE && run->kind->done != NULL)
		status = run->kind->done(run, job);
	if (status == EXIT_FINE)
		status = checks_end(&run->checks, &run->common, job, run->kind->screen);
	mh_loop_free(loop);
	mh_job_free(job);
	return status;
}

int
check_main(struct check_run *run, const struct check_kind *kind, void *asked, int argc, char **argv)
{
	struct command command = kind->command;
	bool done = false;
	int status = common_init(&run->common, argc);

	command.set = set_option;
	command.word = take_word;
	run->kind = kind;
	run->asked = asked;
	checks_init(&run->checks);
	if (status == EXIT_FINE)
		status = args_read(&command, argc, argv, run, &done);
	if (status == EXIT_FINE && !done)
		status = checks_fit(&run->checks, run->common.batch);
	if (status == EXIT_FINE && !done && kind->begin != NULL)
		status = kind->begin(run);
	if (status == EXIT_FINE && !done)
		status = run->common.batch ? check_many(run) : check_one(run);
	checks_free(&run->checks);
	common_free(&run->common);
	return status;
}
