/* world_read.c - recordings, read back
 *
 * Line by line: a directive begins with "$", a comment with ";", a record with
 * a space or a tab, a question with its name.  A line that cannot be read is a
 * finding and is left out; a question with a record that cannot be read is
 * left out as a whole, for half an answer is another answer.
 */
#include "error.h"
#include "map.h"
#include "port.h"
#include "world.h"

#define FACTS_MAX 100000
#define OPTIONS_MAX 64
#define FINDINGS_MAX 100 /* lines that are told of */
#define LINE_MAX 300000
#define RDATA_MAX 65535

struct option {
	struct mh_str name, value;
};

struct recorded {
	struct mh_str name; /* canonical */
	struct mh_fact *fact; /* NULL: it was never answered */
	uint16_t type;
	uint8_t round;
};

struct mh_worldfile {
	struct mh_mem mem;
	struct mh_arena arena;
	struct mh_world_head head;
	struct option options[OPTIONS_MAX];
	size_t options_count;
	struct recorded *facts;
	uint32_t count, cap;
	struct mh_map map; /* hash of a question: place in facts */
	struct mh_fact_draft draft;
	unsigned char *rdata;
	/* While a text is read. */
	struct mh_str file;
	struct mh_report *report;
	unsigned findings;
	int64_t line;
	bool has_draft, is_bad; /* a question is open; it has a record that cannot be read */
	bool is_missing;
	int round;
	int error;
};

struct mh_worldfile *
mh_worldfile_make(const struct mh_mem *mem)
{
	struct mh_worldfile *world = mh_mem_zalloc(mem, sizeof(*world));
	if (world == NULL)
		return NULL;
	world->mem = *mem;
	mh_arena_init(&world->arena, &world->mem, 0);
	mh_map_init(&world->map, &world->mem);
	mh_fact_draft_init(&world->draft, &world->mem);
	world->head = (struct mh_world_head){ .check = MH_STR(""), .now = -1, .elapsed_ms = -1 };
	return world;
}

void
mh_worldfile_free(struct mh_worldfile *world)
{
	if (world == NULL)
		return;
	for (uint32_t i = 0; i < world->count; i++)
		mh_fact_unref(world->facts[i].fact);
	mh_mem_free(&world->mem, world->facts, world->cap * sizeof(*world->facts));
	mh_mem_free(&world->mem, world->rdata, RDATA_MAX);
	mh_map_free(&world->map);
	mh_fact_draft_free(&world->draft);
	mh_arena_free(&world->arena);
	mh_mem_free(&world->mem, world, sizeof(*world));
}

/* ------------------------------------------------------------------ findings */

/* complain - of the line under way; the text of it is the evidence */
static void
complain(struct mh_worldfile *world, struct mh_str text, const char *why)
{
	struct mh_buf subject;
	const struct mh_finding_more more = { .detail = mh_str_z(why) };

	if (world->findings++ >= FINDINGS_MAX)
		return;
	mh_buf_init(&subject, &world->mem, 1024);
	mh_buf_put(&subject, world->file.p, world->file.len < 512 ? world->file.len : 512);
	mh_buf_putc(&subject, ':');
	mh_buf_putint(&subject, world->line);
	int result = subject.bad ? MH_ERR_ENOMEM
				 : mh_report_add_more(world->report, MH_F_WORLD_SYNTAX,
				       mh_str_n(subject.p, subject.len), text, -1, -1, &more);
	if (result != MH_ERR_OK)
		world->error = result;
	mh_buf_free(&subject);
}

/* ---------------------------------------------------------------- questions */

/* keep - a copy in the arena; p is NULL without memory */
static struct mh_str
keep(struct mh_worldfile *world, struct mh_str s)
{
	char *copy = mh_arena_alloc(&world->arena, s.len + 1);
	if (copy == NULL) {
		world->error = MH_ERR_ENOMEM;
		return (struct mh_str){ NULL, 0 };
	}
	if (s.len > 0)
		memcpy(copy, s.p, s.len);
	copy[s.len] = '\0';
	return mh_str_n(copy, s.len);
}

/* room_for_one - false without memory, or with too many */
static bool
room_for_one(struct mh_worldfile *world)
{
	if (world->count < world->cap)
		return true;
	uint32_t cap = world->cap > 0 ? world->cap * 2 : 16;
	struct recorded *facts =
	    mh_mem_resize(&world->mem, world->facts, world->cap * sizeof(*facts), cap * sizeof(*facts));
	if (facts == NULL) {
		world->error = MH_ERR_ENOMEM;
		return false;
	}
	world->facts = facts;
	world->cap = cap;
	return true;
}

/* find - a question's place, or -1 */
static int64_t
find(const struct mh_worldfile *world, struct mh_str name, int type)
{
	uint32_t place = mh_map_get(&world->map, mh_fact_hash(type, name));
	if (place == MH_MAP_NONE || world->facts[place].type != type ||
	    !mh_str_eq(world->facts[place].name, name))
		return -1;
	return place;
}

/* add - what was recorded of the question that is open */
static void
add(struct mh_worldfile *world, struct mh_fact *fact)
{
	struct mh_str name = keep(world, world->draft.head.name);
	uint64_t hash = mh_fact_hash(world->draft.head.type, name);
	if (name.p == NULL || !room_for_one(world) || !mh_map_put(&world->map, hash, world->count)) {
		world->error = MH_ERR_ENOMEM;
		mh_fact_unref(fact);
		return;
	}
	world->facts[world->count++] = (struct recorded){ .name = name,
		.fact = fact,
		.type = world->draft.head.type,
		.round = (uint8_t)world->round };
}

/* close_question - the question that is open is complete */
static void
close_question(struct mh_worldfile *world)
{
	if (!world->has_draft)
		return;
	world->has_draft = false;
	if (world->is_bad || world->error != MH_ERR_OK)
		return;
	uint64_t hash = mh_fact_hash(world->draft.head.type, world->draft.head.name);
	if (mh_map_get(&world->map, hash) != MH_MAP_NONE || world->count == FACTS_MAX) {
		complain(world, world->draft.head.name,
		    world->count == FACTS_MAX ? "there are too many questions"
					      : "this question was there before");
		return;
	}
	struct mh_fact *fact = NULL;
	if (!world->is_missing) {
		world->draft.head.round = (uint8_t)world->round;
		fact = mh_fact_make(&world->mem, &world->draft);
		if (fact == NULL) {
			world->error = MH_ERR_ENOMEM;
			return;
		}
	}
	add(world, fact);
}

/* unescape - \DDD in a word; false if it is none.  What comes out is no longer than what goes in. */
static bool
unescape(struct mh_str word, char *out, size_t *len)
{
	size_t n = 0;
	for (size_t i = 0; i < word.len; i++) {
		char c = word.p[i];
		if (c == '\\') {
			if (word.len - i < 4)
				return false;
			int64_t value = mh_str_int(mh_str_n(word.p + i + 1, 3), 255);
			if (value < 0)
				return false;
			c = (char)value;
			i += 3;
		}
		out[n++] = c;
	}
	*len = n;
	return true;
}

/* read_state - the state, and of an unknown fact why; false: there are no such words */
static bool
read_state(struct mh_worldfile *world, struct mh_cur *line, struct mh_str word)
{
	static const char *const states[] = { "missing", "present", "nodata", "nxdomain", "unknown" };
	for (int i = 0; i < 5; i++) {
		if (!mh_str_eq(word, mh_str_z(states[i])))
			continue;
		world->draft.head.state = (uint8_t)i;
		world->is_missing = i == MH_FACT_MISSING;
		if (i != MH_FACT_UNKNOWN)
			return true;
		mh_cur_spaces(line);
		int why = mh_why_find(mh_cur_until(line, " \t"));
		world->draft.head.why = (uint8_t)(why > 0 ? why : MH_WHY_FAILED);
		return why > 0;
	}
	return false;
}

/* read_number_field - false: no number within its range */
static bool
read_number_field(struct mh_worldfile *world, struct mh_str key, struct mh_str value)
{
	struct mh_fact *head = &world->draft.head;
	int64_t number = mh_str_int(value, UINT32_MAX);
	if (number < 0)
		return false;
	if (mh_str_eq(key, MH_STR("ttl"))) {
		head->ttl = (uint32_t)number;
	} else if (mh_str_eq(key, MH_STR("rcode")) && number <= 4095) {
		head->rcode = (int16_t)number;
	} else if (mh_str_eq(key, MH_STR("rtt-us")) && number <= INT32_MAX) {
		head->rtt_us = (int32_t)number;
	} else if (mh_str_eq(key, MH_STR("ede")) && number <= INT16_MAX) {
		head->ede = (int16_t)number;
	} else if (mh_str_eq(key, MH_STR("round")) && number <= 255) {
		world->round = (int)number;
	} else {
		return false;
	}
	return true;
}

/* read_field - "key=value" of a question; false: it is none that there is */
static bool
read_field(struct mh_worldfile *world, struct mh_str field)
{
	static const char *const secures[] = { "unknown", "yes", "no", "bogus" };
	char text[1024];
	size_t len = 0;
	const char *equals = memchr(field.p, '=', field.len);
	if (equals == NULL)
		return false;
	struct mh_str key = mh_str_n(field.p, (size_t)(equals - field.p));
	struct mh_str value = mh_str_n(equals + 1, (size_t)(field.p + field.len - equals - 1));

	if (mh_str_eq(key, MH_STR("secure"))) {
		for (uint8_t i = 0; i < 4; i++) {
			if (!mh_str_eq(value, mh_str_z(secures[i])))
				continue;
			world->draft.head.secure = i;
			return true;
		}
		return false;
	}
	if (mh_str_eq(key, MH_STR("canonical")))
		return mh_dname_canonical(value, world->draft.canonical) > 0;
	bool is_server = mh_str_eq(key, MH_STR("server"));
	if (!is_server && !mh_str_eq(key, MH_STR("ede-text")))
		return read_number_field(world, key, value);
	if (value.len >= sizeof(text) || !unescape(value, text, &len))
		return false;
	if (is_server)
		mh_fact_draft_server(&world->draft, mh_str_n(text, len));
	else
		mh_fact_draft_ede(&world->draft, world->draft.head.ede, mh_str_n(text, len));
	return true;
}

/* read_name - what is asked for, as text of a recording; its length, 0 if it cannot be */
static size_t
read_name(struct mh_str word, int type, char name[MH_DNAME_TEXT_MAX])
{
	size_t len = 0;
	if (type != MH_RR_STREAM)
		return mh_dname_canonical(word, name);
	return word.len < MH_DNAME_TEXT_MAX && unescape(word, name, &len) ? len : 0;
}

/* open_question - NAME TYPE [STATE [WHY]] [key=value]... */
static void
open_question(struct mh_worldfile *world, struct mh_str text)
{
	char name[MH_DNAME_TEXT_MAX];
	struct mh_cur line = mh_cur_of(text.p, text.len);
	struct mh_str word = mh_cur_until(&line, " \t");
	mh_cur_spaces(&line);
	int type = mh_rr_type_find(mh_cur_until(&line, " \t"));
	size_t len = read_name(word, type, name);
	bool is_first = true;

	if (len == 0 || type < 0) {
		complain(world, text, "a question is a name and a type");
		world->has_draft = world->is_bad = true; /* its records are left out too */
		return;
	}
	mh_fact_draft_begin(&world->draft, mh_str_n(name, len), type);
	world->has_draft = true;
	world->is_bad = world->is_missing = false;
	world->round = 0;
	for (mh_cur_spaces(&line); mh_cur_left(&line) > 0; mh_cur_spaces(&line)) {
		word = mh_cur_until(&line, " \t");
		if (is_first ? read_state(world, &line, word) || read_field(world, word)
			     : read_field(world, word)) {
			is_first = false;
			continue;
		}
		complain(world, text, "there is a word that means nothing here");
		world->is_bad = true;
		return;
	}
}

/* read_record - one record of the question that is open */
static void
read_record(struct mh_worldfile *world, struct mh_str text)
{
	if (!world->has_draft) {
		complain(world, text, "there is no question that this record could answer");
		return;
	}
	if (world->is_bad)
		return;
	if (world->rdata == NULL)
		world->rdata = mh_mem_alloc(&world->mem, RDATA_MAX);
	if (world->rdata == NULL) {
		world->error = MH_ERR_ENOMEM;
		return;
	}
	int len = mh_rr_read(text, world->draft.head.type, false, world->rdata);
	if (len < 0) {
		complain(world, text, "this is no record of the type asked for");
		world->is_bad = true;
		return;
	}
	mh_fact_draft_rr(&world->draft, world->rdata, (size_t)len);
}

/* --------------------------------------------------------------- directives */

/* read_option - "NAME VALUE" */
static bool
read_option(struct mh_worldfile *world, struct mh_cur *line)
{
	struct mh_str name = mh_cur_until(line, " \t");
	mh_cur_spaces(line);
	struct mh_str value = mh_cur_until(line, " \t");
	char *text = mh_arena_alloc(&world->arena, value.len + 1);
	size_t len = 0;

	if (text == NULL) {
		world->error = MH_ERR_ENOMEM;
		return true;
	}
	if (name.len == 0 || world->options_count == OPTIONS_MAX || !unescape(value, text, &len))
		return false;
	name = keep(world, name);
	if (name.p != NULL)
		world->options[world->options_count++] = (struct option){ name, mh_str_n(text, len) };
	return true;
}

/* read_directive - a line that begins with "$" */
static void
read_directive(struct mh_worldfile *world, struct mh_str text)
{
	struct mh_cur line = mh_cur_of(text.p, text.len);
	struct mh_str word = mh_cur_until(&line, " \t");
	bool good = false;

	mh_cur_spaces(&line);
	if (mh_str_eq(word, MH_STR("$option"))) {
		good = read_option(world, &line);
	} else {
		struct mh_str value = mh_str_trim(mh_cur_rest(&line));
		if (mh_str_eq(word, MH_STR("$mailhealth-world"))) {
			good = mh_str_eq(value, MH_STR("1"));
		} else if (mh_str_eq(word, MH_STR("$check"))) {
			world->head.check = keep(world, value);
			good = true;
		} else if (mh_str_eq(word, MH_STR("$now"))) {
			world->head.now = mh_str_int(value, INT64_C(253402300799));
			good = world->head.now >= 0;
		} else if (mh_str_eq(word, MH_STR("$elapsed-ms"))) {
			world->head.elapsed_ms = mh_str_int(value, INT32_MAX);
			good = world->head.elapsed_ms >= 0;
		}
	}
	if (!good)
		complain(world, text, "there is no such directive, or it says something else");
}

/* read_line - whatever it is */
static void
read_line(struct mh_worldfile *world, struct mh_str text)
{
	struct mh_str word = mh_str_trim(text);
	size_t end = 0;

	if (word.len == 0 || word.p[0] == ';')
		return;
	if (text.len > LINE_MAX) {
		complain(world, mh_str_n(text.p, 80), "the line is too long");
		world->is_bad = true;
		return;
	}
	if (text.p[0] == ' ' || text.p[0] == '\t') {
		read_record(world, word);
		return;
	}
	close_question(world);
	while (end < word.len && !mh_is_space(word.p[end]))
		end++;
	if (word.p[0] == '$' && word.p[end - 1] != '.')
		read_directive(world, word);
	else
		open_question(world, word);
}

int
mh_worldfile_read(struct mh_worldfile *world, struct mh_str name, struct mh_str text,
    struct mh_report *report)
{
	struct mh_cur cur = mh_cur_of(text.p, text.len);

	world->file = name;
	world->report = report;
	world->line = 0;
	world->findings = 0;
	world->has_draft = false;
	world->error = MH_ERR_OK;
	while (mh_cur_left(&cur) > 0 && world->error == MH_ERR_OK) {
		int end;
		struct mh_str line = mh_cur_line(&cur, &end);
		world->line++;
		read_line(world, line);
	}
	if (world->error == MH_ERR_OK)
		close_question(world);
	return world->error;
}

/* ------------------------------------------------------------------- answers */

const struct mh_world_head *
mh_worldfile_head(const struct mh_worldfile *world)
{
	return &world->head;
}

struct mh_str
mh_worldfile_option(const struct mh_worldfile *world, const char *name)
{
	for (size_t i = 0; i < world->options_count; i++)
		if (mh_str_eq(world->options[i].name, mh_str_z(name)))
			return world->options[i].value;
	return (struct mh_str){ NULL, 0 };
}

bool
mh_worldfile_option_at(const struct mh_worldfile *world, size_t i, struct mh_str *name, struct mh_str *value)
{
	if (i >= world->options_count)
		return false;
	*name = world->options[i].name;
	*value = world->options[i].value;
	return true;
}

int
mh_worldfile_seed(const struct mh_worldfile *world, struct mh_work *work)
{
	for (uint32_t i = 0; i < world->count; i++) {
		const struct recorded *recorded = &world->facts[i];
		struct mh_fact *fact = recorded->fact != NULL ? mh_fact_ref(recorded->fact) : NULL;
		int result = mh_work_seed(work, recorded->name, recorded->type, recorded->round, fact);
		if (result != MH_ERR_OK)
			return result;
	}
	return MH_ERR_OK;
}

/* answer - see mh_source */
static struct mh_fact *
answer(void *self, struct mh_str name, int type, int *error)
{
	struct mh_worldfile *world = self;
	struct mh_fact_draft draft;
	int64_t place = find(world, name, type);

	if (place >= 0 && world->facts[place].fact != NULL)
		return mh_fact_ref(world->facts[place].fact);
	mh_fact_draft_init(&draft, &world->mem);
	mh_fact_draft_begin(&draft, name, type);
	mh_fact_draft_fail(&draft, MH_WHY_NOT_IN_WORLD);
	struct mh_fact *fact = mh_fact_make(&world->mem, &draft);
	mh_fact_draft_free(&draft);
	if (fact == NULL)
		*error = MH_ERR_ENOMEM;
	return fact;
}

struct mh_source
mh_worldfile_source(struct mh_worldfile *world)
{
	return (struct mh_source){ answer, world, false };
}
