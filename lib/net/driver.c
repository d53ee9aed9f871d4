/* driver.c - works, from their first step to their last, by whoever answers
 *
 * Asks are left in their works until there is room for them: a list of works
 * that have some, served in turn, so that memory goes with what is on its way
 * and not with what is wanted.  For each ask come in turn the sources, the
 * cache, a question that is on its way already, and a new one.
 *
 * Answers are given to works as they come; a work that got some is stepped
 * once, after all that was there to be read has been read.
 */
#include "driver.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "dns.h"
#include "error.h"
#include "events.h"
#include "streams.h"

#define EVENTS_MAX 64
#define SOURCES_MAX 16
#define ALIASES_MAX 16 /* that lead from one source to another */
#define IN_FLIGHT 4000
#define FRESH 1000 /* of these, questions that no server has been silent to */
#define SCRATCH_KEEP ((size_t)1 << 20)
#define CACHE_OCTETS ((size_t)16 << 20)
#define LIST_TEST_MS 3600000 /* how long it is believed that a DNS list works, or does not */
#define FAILED_MS 2000 /* how long what could not be learnt is not asked again (RFC 9520 3.2) */
#define RESOLV_CONF "/etc/resolv.conf"
#define RESOLV_CONF_MAX 65536

/* The lists that a work can be in besides that of all. */
enum { IN_NONE, IN_HUNGRY, IN_TOUCHED, IN_DONE };

struct note {
	struct mh_timer timer; /* the work's deadline */
	struct note *before, *after; /* all works */
	struct note *next, **at; /* of the list it is in, and what points to it there */
	struct mh_work *work;
	struct mh_asker *askers;
	int in;
};

struct list {
	struct note *first, **last;
};

struct mh_driver {
	struct mh_mem mem;
	struct mh_timers timers;
	struct mh_cache cache;
	struct mh_dns dns;
	struct mh_streams streams;
	struct mh_driver_counts counts;
	struct mh_arena scratch;
	const struct mh_source *sources[SOURCES_MAX];
	unsigned sources_count;
	struct mh_resolvconf conf;
	struct mh_asker *spare; /* askers to be used again */
	struct note *notes;
	struct list hungry, touched, done;
	size_t count;
	int64_t trust_ad, cache_octets, ttl_max, in_flight_max;
	int poll;
	int error; /* of memory, since the last step */
	bool has_servers, is_offline, has_begun, steps_later;
};

int64_t
mh_clock_ms(void)
{
	return mh_clock_us() / 1000;
}

int64_t
mh_clock_wall_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec;
}

/* -------------------------------------------------------------------- lists */

static void
list_init(struct list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static void
push(struct list *list, struct note *note, int in)
{
	note->in = in;
	note->next = NULL;
	note->at = list->last;
	*list->last = note;
	list->last = &note->next;
}

/* pull - out of the list, wherever it is there */
static void
pull(struct list *list, struct note *note)
{
	*note->at = note->next;
	if (note->next != NULL)
		note->next->at = note->at;
	else
		list->last = note->at;
	note->in = IN_NONE;
}

static struct note *
pop(struct list *list)
{
	struct note *note = list->first;
	if (note != NULL)
		pull(list, note);
	return note;
}

static struct list *
list_of(struct mh_driver *driver, int in)
{
	return in == IN_HUNGRY ? &driver->hungry : in == IN_TOUCHED ? &driver->touched : &driver->done;
}

/* ----------------------------------------------------------- make and set */

static void take_answer(void *self, struct mh_query *query, struct mh_fact *fact);
static void take_stream(void *self, void *owner, uint32_t number, struct mh_fact *fact);

struct mh_driver *
mh_driver_make(const struct mh_mem *mem)
{
	struct mh_driver *driver = mh_mem_zalloc(mem, sizeof(*driver));
	if (driver == NULL)
		return NULL;
	driver->mem = *mem;
	mh_timers_init(&driver->timers, &driver->mem);
	mh_cache_init(&driver->cache, &driver->mem, CACHE_OCTETS);
	mh_dns_init(&driver->dns, &driver->mem, &driver->timers, &driver->counts);
	driver->dns.done = take_answer;
	driver->dns.self = driver;
	driver->dns.try_ms = 2000;
	driver->dns.tries_max = 4;
	mh_streams_init(&driver->streams, &driver->mem, &driver->timers);
	driver->streams.done = take_stream;
	driver->streams.self = driver;
	mh_arena_init(&driver->scratch, &driver->mem, SCRATCH_KEEP);
	list_init(&driver->hungry);
	list_init(&driver->touched);
	list_init(&driver->done);
	driver->trust_ad = -1;
	driver->ttl_max = 86400;
	driver->in_flight_max = IN_FLIGHT;
	mh_window_init(&driver->dns.window, FRESH);
	driver->poll = -1;
	return driver;
}

void
mh_driver_free(struct mh_driver *driver)
{
	if (driver == NULL)
		return;
	while (driver->notes != NULL)
		mh_driver_remove(driver, driver->notes->work);
	mh_streams_free(&driver->streams);
	mh_dns_free(&driver->dns);
	mh_cache_free(&driver->cache);
	mh_timers_free(&driver->timers);
	mh_arena_free(&driver->scratch);
	while (driver->spare != NULL) {
		struct mh_asker *asker = driver->spare;
		driver->spare = asker->next;
		mh_mem_free(&driver->mem, asker, sizeof(*asker));
	}
	if (driver->poll >= 0) {
		int saved = errno;
		(void)close(driver->poll);
		errno = saved;
	}
	mh_mem_free(&driver->mem, driver, sizeof(*driver));
}

int
mh_driver_servers(struct mh_driver *driver, struct mh_str servers)
{
	struct mh_resolvconf conf;
	if (driver->has_begun)
		return MH_ERR_ESTATE;
	if (!mh_servers_read(servers, &conf))
		return MH_ERR_EINVAL;
	driver->conf = conf;
	driver->has_servers = conf.count > 0;
	return MH_ERR_OK;
}

/* in_range - a setting's value, else MH_ERR_EINVAL */
static int
in_range(int64_t *to, int64_t value, int64_t least, int64_t most)
{
	if (value < least || value > most)
		return MH_ERR_EINVAL;
	*to = value;
	return MH_ERR_OK;
}

int
mh_driver_set(struct mh_driver *driver, enum mh_driver_setting setting, int64_t value)
{
	int64_t number = 0;
	int result;
	if (driver->has_begun)
		return MH_ERR_ESTATE;
	switch (setting) {
	case MH_DRIVER_TRUST_AD:
		return in_range(&driver->trust_ad, value, -1, 1);
	case MH_DRIVER_TRY_MS:
		return in_range(&driver->dns.try_ms, value, 1, 600000);
	case MH_DRIVER_TRIES:
		result = in_range(&number, value, 1, 100);
		if (result == MH_ERR_OK)
			driver->dns.tries_max = (unsigned)number;
		return result;
	case MH_DRIVER_CACHE_OCTETS:
		result = in_range(&number, value, 0, INT64_C(1) << 40);
		if (result == MH_ERR_OK)
			driver->cache.octets_max = (size_t)number;
		return result;
	case MH_DRIVER_CACHE_TTL_MAX:
		return in_range(&driver->ttl_max, value, 0, INT32_MAX);
	case MH_DRIVER_IN_FLIGHT:
		result = in_range(&driver->in_flight_max, value, 1, MH_SOCKETS_MAX * MH_SOCKET_WINDOW);
		if (result == MH_ERR_OK)
			mh_window_init(&driver->dns.window, (uint32_t)value);
		return result;
	case MH_DRIVER_STREAMS:
		return in_range(&driver->streams.count_max, value, 1, MH_STREAMS_MAX);
	case MH_DRIVER_STREAM_INTERVAL_MS:
		return in_range(&driver->streams.interval_ms, value, 0, 3600000);
	case MH_DRIVER_STEP_LATER:
		driver->steps_later = value != 0;
		return MH_ERR_OK;
	default:
		return MH_ERR_EINVAL;
	}
}

void
mh_driver_use_tls(struct mh_driver *driver, struct mh_tls_maker *maker)
{
	if (driver->streams.maker == NULL)
		driver->streams.maker = mh_tls_maker_ref(maker);
}

int
mh_driver_use(struct mh_driver *driver, const struct mh_source *source)
{
	if (driver->has_begun)
		return MH_ERR_ESTATE;
	if (driver->sources_count == SOURCES_MAX)
		return MH_ERR_EINVAL;
	driver->sources[driver->sources_count++] = source;
	return MH_ERR_OK;
}

void
mh_driver_offline(struct mh_driver *driver)
{
	driver->is_offline = true;
}

/* read_resolv_conf - the servers of this machine */
static void
read_resolv_conf(struct mh_driver *driver)
{
	struct mh_buf text;
	int saved = errno;
	int fd = open(RESOLV_CONF, O_RDONLY | O_CLOEXEC);

	mh_buf_init(&text, &driver->mem, RESOLV_CONF_MAX);
	while (fd >= 0) {
		char *room = mh_buf_reserve(&text, 4096);
		ssize_t n = room != NULL ? read(fd, room, 4096) : 0;
		if (n <= 0)
			break;
		text.len += (size_t)n;
	}
	if (fd >= 0)
		(void)close(fd);
	errno = saved;
	mh_resolvconf_read(mh_str_n(text.p, text.p != NULL ? text.len : 0), &driver->conf);
	mh_buf_free(&text);
}

/* open_all - what is needed from the first work on */
static int
open_all(struct mh_driver *driver)
{
	if (driver->poll < 0) {
		driver->poll = driver->dns.poll = driver->streams.poll = mh_poll_open();
		if (driver->poll < 0)
			return MH_ERR_EIO;
	}
	if (driver->has_begun)
		return MH_ERR_OK;
	if (driver->is_offline)
		driver->conf.count = 0;
	else if (!driver->has_servers)
		read_resolv_conf(driver);
	mh_dns_use(&driver->dns, &driver->conf, driver->trust_ad);
	driver->has_begun = true;
	return MH_ERR_OK;
}

static void
read_clock(struct mh_driver *driver)
{
	driver->dns.now_us = driver->streams.now_us = mh_clock_us();
	driver->dns.now_ms = driver->dns.now_us / 1000;
}

/* ------------------------------------------------------------------- askers */

/* make_asker - somebody who waits for ask number of note, behind alias unless that is NULL; NULL: no memory */
static struct mh_asker *
make_asker(struct mh_driver *driver, struct note *note, uint32_t number, struct mh_fact *alias)
{
	struct mh_asker *asker = driver->spare;
	if (asker != NULL)
		driver->spare = asker->next;
	else
		asker = mh_mem_alloc(&driver->mem, sizeof(*asker));
	if (asker == NULL)
		return NULL;
	*asker = (struct mh_asker){ .owner = note, .number = number, .after = note->askers };
	asker->alias = alias != NULL ? mh_fact_ref(alias) : NULL;
	if (note->askers != NULL)
		note->askers->before = asker;
	note->askers = asker;
	return asker;
}

/* free_asker - it has been answered */
static void
free_asker(struct mh_driver *driver, struct mh_asker *asker)
{
	mh_fact_unref(asker->alias);
	struct note *note = asker->owner;
	if (note != NULL) {
		*(asker->before != NULL ? &asker->before->after : &note->askers) = asker->after;
		if (asker->after != NULL)
			asker->after->before = asker->before;
	}
	asker->next = driver->spare;
	driver->spare = asker;
}

/* ------------------------------------------------------------------ answers */

/* touch - the work has got something and is to be stepped */
static void
touch(struct mh_driver *driver, struct note *note)
{
	if (note->in == IN_TOUCHED || note->in == IN_DONE)
		return;
	if (note->in != IN_NONE)
		pull(list_of(driver, note->in), note);
	push(&driver->touched, note, IN_TOUCHED);
}

/* give - a fact with its reference, or NULL (no memory), to one work */
static void
give(struct mh_driver *driver, struct note *note, uint32_t number, struct mh_fact *fact)
{
	int result = fact != NULL ? mh_work_answer(note->work, number, fact)
				  : mh_work_fail(note->work, number, MH_WHY_FAILED);
	if (result == MH_ERR_ENOMEM)
		driver->error = MH_ERR_ENOMEM;
	touch(driver, note);
}

/* give_behind - the same where an alias, or NULL, led to the fact, which stays the caller's */
static void
give_behind(struct mh_driver *driver, struct note *note, uint32_t number, const struct mh_fact *alias,
    struct mh_fact *fact)
{
	if (alias != NULL && fact != NULL)
		give(driver, note, number, mh_fact_behind(&driver->mem, alias, fact));
	else
		give(driver, note, number, fact != NULL ? mh_fact_ref(fact) : NULL);
}

/* is_list_test - whether it is about the test entries of a DNS list (RFC 5782 5), which say whether the list works */
static bool
is_list_test(const struct mh_fact *fact)
{
	return fact->type == MH_RR_A &&
	    (mh_str_istarts(fact->name, MH_STR("1.0.0.127.")) ||
		mh_str_istarts(fact->name, MH_STR("2.0.0.127.")));
}

/* keep_in_cache - for as long as it may live.  Test entries, of which many have to be absent, live longer than their
 * zones say, or each of thousands of checks would ask whether the list works. */
static void
keep_in_cache(struct mh_driver *driver, struct mh_fact *fact)
{
	int64_t ttl_ms = (int64_t)fact->ttl * 1000;
	if (is_list_test(fact) && ttl_ms < LIST_TEST_MS)
		ttl_ms = LIST_TEST_MS;
	if (fact->state == MH_FACT_UNKNOWN)
		ttl_ms = FAILED_MS;
	else if (fact->ttl > driver->ttl_max)
		ttl_ms = driver->ttl_max * 1000;
	mh_cache_put(&driver->cache, fact, ttl_ms, driver->dns.now_ms);
}

/* take_answer - a question has been answered: to all who asked */
static void
take_answer(void *self, struct mh_query *query, struct mh_fact *fact)
{
	struct mh_driver *driver = self;
	struct mh_asker *asker = query->askers;

	query->askers = NULL;
	if (fact != NULL)
		keep_in_cache(driver, fact);
	while (asker != NULL) {
		struct mh_asker *next = asker->next;
		struct note *note = asker->owner;
		if (note != NULL)
			give_behind(driver, note, asker->number, asker->alias, fact);
		free_asker(driver, asker);
		asker = next;
	}
	mh_fact_unref(fact);
}

/* take_stream - a dialogue is over */
static void
take_stream(void *self, void *owner, uint32_t number, struct mh_fact *fact)
{
	give(self, owner, number, fact);
}

/* --------------------------------------------------------------------- asks */

/* from_sources - what the first source that has it says; NULL: none has, or *error */
static struct mh_fact *
from_sources(struct mh_driver *driver, struct mh_str name, int type, bool *is_overlay, int *error)
{
	for (unsigned i = 0; i < driver->sources_count && *error == MH_ERR_OK; i++) {
		const struct mh_source *source = driver->sources[i];
		struct mh_fact *fact = source->answer(source->self, name, type, error);
		*is_overlay = source->is_overlay;
		if (fact != NULL)
			return fact;
	}
	return NULL;
}

/* leads_out - whether an overlay's fact is an alias that leads where the overlay knows nothing, of which it
 * says nothing else */
static bool
leads_out(const struct mh_fact *fact)
{
	return fact->state == MH_FACT_UNKNOWN && fact->why == MH_WHY_NOT_IN_ZONE;
}

/* put_sources - sources are asked for an alias: gives the answer if they have it all; else the alias that DNS is
 * to be asked behind, in *alias with its reference, or NULL, and false */
static bool
put_sources(struct mh_driver *driver, struct note *note, uint32_t number, struct mh_fact **alias)
{
	const struct mh_ask *ask = mh_work_ask(note->work, number);
	struct mh_str name = ask->name;
	*alias = NULL;
	for (int i = 0; i < ALIASES_MAX; i++) {
		bool is_overlay = false;
		int error = MH_ERR_OK;
		struct mh_fact *fact = from_sources(driver, name, ask->type, &is_overlay, &error);
		if (fact == NULL && error == MH_ERR_OK)
			return false; /* nobody has this name */
		if (*alias != NULL && fact != NULL) {
			struct mh_fact *whole = mh_fact_behind(&driver->mem, *alias, fact);
			mh_fact_unref(fact);
			fact = whole;
		}
		mh_fact_unref(*alias);
		*alias = NULL;
		if (fact == NULL || !is_overlay || !leads_out(fact)) {
			give(driver, note, number, fact);
			return true;
		}
		*alias = fact;
		name = fact->canonical;
	}
	/* They run in a circle, from one overlay into another. */
	mh_fact_unref(*alias);
	*alias = NULL;
	if (mh_work_fail(note->work, number, MH_WHY_ALIAS_LOOP) == MH_ERR_ENOMEM)
		driver->error = MH_ERR_ENOMEM;
	touch(driver, note);
	return true;
}

/* put_dns - one ask, behind alias unless that is NULL, to the cache and to DNS */
static void
put_dns(struct mh_driver *driver, struct note *note, uint32_t number, struct mh_fact *alias)
{
	const struct mh_ask *ask = mh_work_ask(note->work, number);
	struct mh_str name = alias != NULL ? alias->canonical : ask->name;
	uint64_t hash = alias != NULL ? mh_fact_hash(ask->type, name) : ask->hash;
	struct mh_fact *fact = mh_cache_get(&driver->cache, hash, name, ask->type, driver->dns.now_ms);
	if (fact != NULL) {
		driver->counts.cached++;
		give_behind(driver, note, number, alias, fact);
		mh_fact_unref(fact);
		return;
	}
	struct mh_asker *asker = make_asker(driver, note, number, alias);
	if (asker == NULL) {
		give(driver, note, number, NULL);
		return;
	}
	struct mh_query *query = mh_dns_find(&driver->dns, hash, name, ask->type);
	if (query != NULL) {
		driver->counts.coalesced++;
		asker->next = query->askers;
		query->askers = asker;
	} else if (mh_dns_ask(&driver->dns, hash, name, ask->type, asker) == NULL) {
		free_asker(driver, asker);
		give(driver, note, number, NULL);
	}
}

/* put_stream - a dialogue that a work wants */
static void
put_stream(struct mh_driver *driver, struct note *note, uint32_t number)
{
	int result = MH_ERR_OK;
	if (!mh_streams_ask(&driver->streams, note, number, mh_work_ask(note->work, number)->name))
		result = mh_work_fail(note->work, number, MH_WHY_FAILED);
	else
		return;
	if (result == MH_ERR_ENOMEM)
		driver->error = MH_ERR_ENOMEM;
	touch(driver, note);
}

/* put_question - one ask of a work on its way, or answered at once */
static void
put_question(struct mh_driver *driver, struct note *note, uint32_t number)
{
	struct mh_fact *alias;
	driver->counts.asked++;
	if (put_sources(driver, note, number, &alias))
		return;
	if (mh_work_ask(note->work, number)->type == MH_RR_STREAM) {
		put_stream(driver, note, number);
		return;
	}
	put_dns(driver, note, number, alias);
	mh_fact_unref(alias);
}

/* has_room - for one question more.  Those that a server has been silent to wait for names that nobody answers for,
 * as a rule, and leave the others their room. */
static bool
has_room(const struct mh_driver *driver)
{
	const struct mh_dns *dns = &driver->dns;
	uint32_t fresh = dns->in_flight - dns->silenced;
	return dns->in_flight < driver->in_flight_max && fresh < dns->window.size;
}

/* feed - questions of hungry works, while there is room for them */
static void
feed(struct mh_driver *driver)
{
	while (driver->hungry.first != NULL && has_room(driver)) {
		struct note *note = driver->hungry.first;
		uint32_t number = mh_work_next_ask(note->work);
		if (number != 0)
			put_question(driver, note, number);
		else
			pull(&driver->hungry, note);
	}
}

/* end_note - the work is no longer the driver's */
static void
end_note(struct mh_driver *driver, struct note *note)
{
	if (note->in != IN_NONE)
		pull(list_of(driver, note->in), note);
	while (note->askers != NULL) {
		struct mh_asker *asker = note->askers;
		note->askers = asker->after;
		asker->owner = NULL;
		asker->before = asker->after = NULL;
	}
	mh_streams_forget(&driver->streams, note);
	mh_timers_drop(&driver->timers, &note->timer);
	mh_timers_release(&driver->timers);
	*(note->before != NULL ? &note->before->after : &driver->notes) = note->after;
	if (note->after != NULL)
		note->after->before = note->before;
	note->work->driver = NULL;
	mh_mem_free(&driver->mem, note, sizeof(*note));
	driver->count--;
}

/* step_note - the work as far as it goes */
static void
step_note(struct mh_driver *driver, struct note *note)
{
	struct mh_work *work = note->work;
	int result = mh_work_step(work, driver->dns.now_ms, &driver->scratch);

	if (result != MH_WORK_WAIT) { /* done, or without memory: either way it is given back */
		mh_timers_drop(&driver->timers, &note->timer);
		push(&driver->done, note, IN_DONE);
		return;
	}
	int64_t timeout_ms = mh_work_timeout(work, driver->dns.now_ms);
	if (timeout_ms >= 0)
		mh_timers_set(&driver->timers, &note->timer, driver->dns.now_ms + timeout_ms);
	push(&driver->hungry, note, IN_HUNGRY);
}

/* run - steps and questions until nothing moves without news from outside */
static void
run(struct mh_driver *driver)
{
	struct note *note;
	do {
		while ((note = pop(&driver->touched)) != NULL)
			step_note(driver, note);
		feed(driver);
	} while (driver->touched.first != NULL);
}

/* run_timers - what is due; bounded by what there is at the beginning */
static void
run_timers(struct mh_driver *driver)
{
	struct mh_timer *timer;
	uint32_t budget = driver->timers.count;
	while (budget-- > 0 && (timer = mh_timers_first(&driver->timers)) != NULL &&
	    timer->at_ms <= driver->dns.now_ms) {
		mh_timers_drop(&driver->timers, timer);
		if (timer->kind == MH_TIMER_QUERY)
			mh_dns_timeout(&driver->dns, (struct mh_query *)timer);
		else if (timer->kind == MH_TIMER_STREAM)
			mh_streams_timeout(&driver->streams, timer);
		else
			touch(driver, (struct note *)timer);
	}
}

/* -------------------------------------------------------------------- works */

int
mh_driver_add(struct mh_driver *driver, struct mh_work *work)
{
	if (work->driver != NULL)
		return MH_ERR_ESTATE;
	int result = open_all(driver);
	if (result != MH_ERR_OK)
		return result;
	struct note *note = mh_mem_zalloc(&driver->mem, sizeof(*note));
	if (note == NULL || !mh_timers_promise(&driver->timers)) {
		mh_mem_free(&driver->mem, note, sizeof(*note));
		return MH_ERR_ENOMEM;
	}
	note->work = work;
	note->timer.kind = MH_TIMER_WORK;
	note->after = driver->notes;
	if (driver->notes != NULL)
		driver->notes->before = note;
	driver->notes = note;
	work->driver = note;
	driver->count++;
	/* What a host was given before and has not answered is asked here. */
	for (uint32_t i = 0; i < work->asks_count; i++)
		if (work->asks[i].state == MH_ASK_OUT)
			work->asks[i].state = MH_ASK_NEW;
	work->next = 0;
	touch(driver, note);
	if (!driver->steps_later) {
		read_clock(driver);
		run(driver);
	}
	return MH_ERR_OK;
}

void
mh_driver_remove(struct mh_driver *driver, struct mh_work *work)
{
	if (work->driver != NULL)
		end_note(driver, work->driver);
}

int
mh_driver_fd(struct mh_driver *driver)
{
	if (driver->poll < 0)
		driver->poll = driver->dns.poll = driver->streams.poll = mh_poll_open();
	return driver->poll;
}

int64_t
mh_driver_timeout_ms(struct mh_driver *driver)
{
	const struct mh_timer *timer = mh_timers_first(&driver->timers);
	if (driver->touched.first != NULL || driver->done.first != NULL)
		return 0;
	if (timer == NULL)
		return -1;
	int64_t now_ms = mh_clock_ms();
	return timer->at_ms > now_ms ? timer->at_ms - now_ms : 0;
}

/* take_events - of the descriptors, waiting for them at most timeout_ms; how many there were */
static int
take_events(struct mh_driver *driver, int64_t timeout_ms)
{
	struct mh_poll_event events[EVENTS_MAX];
	int n = driver->poll >= 0 ? mh_poll_wait(driver->poll, events, EVENTS_MAX, timeout_ms) : 0;
	read_clock(driver);
	for (int i = 0; i < n; i++) {
		struct mh_watch *watch = events[i].data;
		if (watch->kind == MH_WATCH_STREAM)
			mh_streams_ready(&driver->streams, watch, events[i].is_readable,
			    events[i].is_writable);
		else
			mh_dns_ready(&driver->dns, watch, events[i].is_readable, events[i].is_writable);
	}
	return n;
}

int
mh_driver_wait(struct mh_driver *driver, int64_t timeout_ms)
{
	int64_t due_ms = mh_driver_timeout_ms(driver);

	driver->error = MH_ERR_OK;
	mh_dns_reap(&driver->dns);
	if (timeout_ms < 0 || (due_ms >= 0 && due_ms < timeout_ms))
		timeout_ms = due_ms;
	take_events(driver, timeout_ms);
	run_timers(driver);
	run(driver);
	driver->counts.cache_octets = driver->cache.octets;
	return driver->error;
}

int
mh_driver_step(struct mh_driver *driver)
{
	return mh_driver_wait(driver, 0);
}

struct mh_work *
mh_driver_next_done(struct mh_driver *driver)
{
	struct note *note = driver->done.first;
	if (note == NULL)
		return NULL;
	struct mh_work *work = note->work;
	end_note(driver, note);
	return work;
}

size_t
mh_driver_count(const struct mh_driver *driver)
{
	return driver->count;
}

void
mh_driver_counts(const struct mh_driver *driver, struct mh_driver_counts *counts)
{
	*counts = driver->counts;
}
