/* hooks.c - libspf2 neither prints nor ends the process
 *
 * libspf2 calls a handler for each message; the one for errors is followed by
 * abort(), and the others print.  The handlers are variables of the process, so
 * they are ours only while somebody judges, and each looks whose thread it is:
 * in a thread that judges, an error leaves by longjmp and everything else is
 * dropped; in other threads all goes where it went before.
 *
 * Does not: give back what libspf2 had allocated when it gave up.  It does so
 * without memory, and when it finds itself broken.
 */
#include "spf2.h"

#include <setjmp.h>
#include <stdatomic.h>

typedef void message_fn(const char *file, int line, const char *text);
/* Without the attribute that libspf2 declares its variable with, it could not be given back. */
typedef __attribute__((noreturn)) void (*error_fn)(const char *file, int line, const char *text);

static atomic_flag lock = ATOMIC_FLAG_INIT; /* held for a few instructions */
static unsigned judging; /* threads that do */
static message_fn *warnings_before, *infos_before, *debug_before;
static error_fn errors_before;
static _Thread_local jmp_buf *way_out; /* NULL: this thread does not judge */

_Noreturn void
spf2_give_up(void)
{
	longjmp(*way_out, 1);
}

static void on_error(const char *file, int line, const char *text) __attribute__((noreturn));

static void
on_error(const char *file, int line, const char *text)
{
	if (way_out != NULL)
		spf2_give_up();
	if (errors_before != NULL)
		errors_before(file, line, text);
	SPF_error_stdio(file, line, text); /* libspf2's own, which does not return */
}

/* pass_on - to who had it before, unless this thread judges */
static void
pass_on(message_fn *before, const char *file, int line, const char *text)
{
	if (way_out == NULL && before != NULL)
		before(file, line, text);
}

static void
on_warning(const char *file, int line, const char *text)
{
	pass_on(warnings_before, file, line, text);
}

static void
on_info(const char *file, int line, const char *text)
{
	pass_on(infos_before, file, line, text);
}

static void
on_debug(const char *file, int line, const char *text)
{
	pass_on(debug_before, file, line, text);
}

static void
take_over(void)
{
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		;
	if (judging++ == 0) {
		errors_before = SPF_error_handler;
		warnings_before = SPF_warning_handler;
		infos_before = SPF_info_handler;
		debug_before = SPF_debug_handler;
		SPF_error_handler = on_error;
		SPF_warning_handler = on_warning;
		SPF_info_handler = on_info;
		SPF_debug_handler = on_debug;
	}
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

static void
give_back(void)
{
	while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire))
		;
	if (--judging == 0) {
		SPF_error_handler = errors_before;
		SPF_warning_handler = warnings_before;
		SPF_info_handler = infos_before;
		SPF_debug_handler = debug_before;
	}
	atomic_flag_clear_explicit(&lock, memory_order_release);
}

bool
spf2_guarded(void (*run)(void *ud), void *ud)
{
	jmp_buf here;
	volatile bool is_whole = false;

	take_over();
	way_out = &here;
	if (setjmp(here) == 0) {
		run(ud);
		is_whole = true;
	}
	way_out = NULL;
	give_back();
	return is_whole;
}
