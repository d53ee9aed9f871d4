/* zone_read.c - reads master files (RFC 1035 5) record by record
 *
 * Each line that cannot be read is a finding, and reading goes on.  A line
 * that has no owner of its own and follows one whose owner is bad is bad too:
 * its record belongs to nobody we know.
 *
 * Records are held until the end of the text, because only then it is known
 * which zones it has (zone_place.c).
 *
 * TTLs that are not given: $TTL, or the last one given (RFC 1035 5.1), or the
 * MINIMUM of the SOA before (as BIND has it), or one hour.
 *
 * Signatures and proofs of DNSSEC are left out, as if their lines were not
 * there, and so are a few old types: nobody asks zone files for them.
 *
 * Does not: open a file; follow $INCLUDE; mend anything.
 */
#include "error.h"
#include "port.h"
#include "zone_generate.h"
#include "zone_reader.h"

#define TEXT_MAX ((size_t)64 << 20)
#define TTL_DEFAULT 3600
#define MADE_MAX (MH_ZONE_ENTRY_MAX * 40) /* a number of 8 octets has 255 digits at the most */

/* syntax - false: the line cannot be read; at may be NULL */
static bool
syntax(struct mh_zones_reader *r, const char *at, const char *what, struct mh_str behind)
{
	mh_zones_tell(r, MH_F_ZONE_SYNTAX, at, what, behind);
	return false;
}

/* full - false: there is more than is read, and the rest of the text is left */
static bool
full(struct mh_zones_reader *r, const char *what)
{
	if (!r->is_full)
		mh_zones_tell(r, MH_F_ZONE_TOO_LARGE, NULL, what, MH_STR(""));
	r->is_full = true;
	return false;
}

static bool
no_memory(struct mh_zones_reader *r)
{
	r->error = MH_ERR_ENOMEM;
	return false;
}

/* ------------------------------------------------------------ names and TTL */

/* set_origin - where relative names hang from now on */
static void
set_origin(struct mh_zones_reader *r, const unsigned char *wire, size_t len)
{
	memcpy(r->origin.wire, wire, len);
	r->origin.len = len;
	r->origin.text_len = mh_dname_from_wire(wire, len, r->origin.text, NULL);
}

/* keep_text - octets in the zones' memory */
static bool
keep(struct mh_zones_reader *r, const void *p, size_t len, const char **kept)
{
	if (r->zones->arena.used > MH_ZONE_OCTETS_MAX)
		return full(r, "names and data of the records take more memory than there is for them");
	*kept = mh_zones_keep(r->zones, p, len);
	return *kept != NULL || no_memory(r);
}

/* read_owner - the owner of a line that has one */
static bool
read_owner(struct mh_zones_reader *r, const struct mh_zones_token *token)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	char text[MH_DNAME_TEXT_MAX];
	struct mh_zones_fault fault;
	const char *kept;

	struct mh_str before = r->owner;
	r->owner = MH_STR("");
	size_t len = mh_zones_name(token, &r->origin, wire, &fault);
	if (len == 0)
		return syntax(r, fault.at, fault.what, token->raw);
	len = mh_dname_from_wire(wire, len, text, NULL);
	if (mh_str_eq(before, mh_str_n(text, len))) {
		r->owner = before;
		return true;
	}
	if (!keep(r, text, len, &kept))
		return false;
	r->owner = mh_str_n(kept, len);
	return true;
}

/* is_class_name - whether a word is a class (RFC 6895 3.2); *is_in: the one we know */
static bool
is_class_name(struct mh_str word, bool *is_in)
{
	static const struct mh_str others[] = { MH_STR_INIT("CH"), MH_STR_INIT("CS"), MH_STR_INIT("HS"),
		MH_STR_INIT("NONE"), MH_STR_INIT("ANY") };
	*is_in = mh_str_ieq(word, MH_STR("IN")) || mh_str_ieq(word, MH_STR("CLASS1"));
	if (*is_in)
		return true;
	for (size_t i = 0; i < MH_COUNT(others); i++)
		if (mh_str_ieq(word, others[i]))
			return true;
	return mh_str_istarts(word, MH_STR("CLASS")) &&
	    mh_str_int(mh_str_n(word.p + 5, word.len - 5), 65535) >= 0;
}

/* read_ttl_class - what stands before the type, in either order; *next behind it */
static bool
read_ttl_class(struct mh_zones_reader *r, const struct mh_zones_line *line, size_t *next, int64_t *ttl)
{
	bool has_class = false;

	*ttl = -1;
	for (; *next < line->count; ++*next) {
		const struct mh_zones_token *token = &line->tokens[*next];
		bool is_in;
		if (token->is_quoted)
			return true;
		if (token->raw.len > 0 && mh_is_digit(token->raw.p[0]) && *ttl < 0) {
			*ttl = mh_zones_time(token->raw);
			if (*ttl == -2)
				return syntax(r, token->raw.p, "a TTL is at most 2147483647 seconds",
				    token->raw);
			if (*ttl < 0)
				return syntax(r, token->raw.p, "this is no TTL, class or type", token->raw);
		} else if (!has_class && is_class_name(token->raw, &is_in)) {
			if (!is_in)
				return syntax(r, token->raw.p, "the class is not IN", token->raw);
			has_class = true;
		} else {
			return true;
		}
	}
	return true;
}

/* settle_ttl - the TTL of a record that may have one of its own */
static uint32_t
settle_ttl(struct mh_zones_reader *r, int64_t ttl)
{
	if (ttl >= 0) {
		r->ttl_last = ttl;
		return (uint32_t)ttl;
	}
	if (r->ttl_default >= 0)
		return (uint32_t)r->ttl_default;
	if (!r->told_ttl)
		mh_zones_tell(r, MH_F_ZONE_TTL, NULL, "this is the first record without one", MH_STR(""));
	r->told_ttl = true;
	return (uint32_t)(r->ttl_last >= 0 ? r->ttl_last
		: r->ttl_minimum >= 0      ? r->ttl_minimum
					   : TTL_DEFAULT);
}

/* ------------------------------------------------------------------ records */

/* more - an array with room for one more of size octets; NULL without memory */
static void *
more(struct mh_zones_reader *r, void *array, size_t size, size_t count, size_t *cap)
{
	if (count < *cap)
		return array;
	size_t wanted = *cap > 0 ? *cap * 2 : 16;
	void *moved = mh_mem_resize(&r->zones->mem, array, *cap * size, wanted * size);
	if (moved != NULL)
		*cap = wanted;
	else
		no_memory(r);
	return moved;
}

/* start_zone - an SOA record was read: its owner is the apex of a zone of this text */
static bool
start_zone(struct mh_zones_reader *r, struct mh_str apex, size_t rdata_len)
{
	struct mh_cur minimum = mh_cur_of(r->rdata + rdata_len - 4, 4);
	uint32_t value = mh_cur_u32(&minimum);
	struct mh_str *apexes = more(r, r->apexes, sizeof(*apexes), r->apexes_count, &r->apexes_cap);
	if (apexes == NULL)
		return false;
	r->apexes = apexes;
	r->apexes[r->apexes_count++] = apex;
	r->ttl_minimum = value <= INT32_MAX ? value : 0;
	return true;
}

/* hold - a record of a type at the owner until the text's zones are known: len octets of data, or one that cannot
 * be read */
static bool
hold(struct mh_zones_reader *r, int type, size_t len, uint32_t ttl, bool is_bad)
{
	const char *rdata = "";
	struct mh_zones_held *held = more(r, r->held, sizeof(*held), r->held_count, &r->held_cap);
	if (held == NULL)
		return false;
	r->held = held;
	if (r->held_count + r->zones->records_count >= MH_ZONE_RECORDS_MAX)
		return full(r, "there are more records than are read");
	if (len > 0 && !keep(r, r->rdata, len, &rdata))
		return false;
	r->held[r->held_count++] = (struct mh_zones_held){ .owner = r->owner,
		.rdata = (const unsigned char *)rdata,
		.at = r->at,
		.number = r->number,
		.ttl = ttl,
		.zones = (uint32_t)r->apexes_count,
		.type = (uint16_t)type,
		.len = (uint16_t)len,
		.is_bad = is_bad };
	return true;
}

/* is_left_out - signatures and proofs (SIG, NXT, RRSIG, NSEC, NSEC3, NSEC3PARAM), and types that have a name
 * and are not read, unless they are written as unknown types are */
static bool
is_left_out(int type, const struct mh_zones_line *line, size_t next)
{
	if (type == 24 || type == 30 || type == MH_RR_RRSIG || type == 47 || type == 50 || type == 51)
		return true;
	bool is_generic = next < line->count && mh_str_eq(line->tokens[next].raw, MH_STR("\\#"));
	return !mh_zones_type_is_read(type) && !is_generic &&
	    !mh_str_istarts(line->tokens[next - 1].raw, MH_STR("TYPE"));
}

/* origin_of_soa - without any origin, the first SOA's owner is it */
static void
origin_of_soa(struct mh_zones_reader *r)
{
	unsigned char wire[MH_DNAME_WIRE_MAX] = { 0 };
	size_t len = r->origin.len == 0 ? mh_dname_to_wire(r->owner, wire) : 0;
	if (len > 0)
		set_origin(r, wire, len);
}

/* look_at_dots - the owner's or another name that lacks its dot */
static void
look_at_dots(struct mh_zones_reader *r, const struct mh_zones_token *owner,
    const struct mh_zones_token *other)
{
	const struct mh_zones_token *token =
	    owner != NULL && mh_zones_lacks_dot(owner, &r->origin) ? owner : other;
	if (token != NULL)
		mh_zones_tell(r, MH_F_ZONE_MISSING_DOT, token->raw.p, "this was read as a relative name",
		    token->raw);
}

/* look_at_text - a text without quotes that runs into a comment */
static void
look_at_text(struct mh_zones_reader *r, const struct mh_zones_line *line, const struct mh_zones_token *first)
{
	if (line->semicolon != NULL && line->semicolon > first->raw.p)
		mh_zones_tell(r, MH_F_ZONE_TEXT_CUT, line->semicolon,
		    "a semicolon outside of quotes begins a comment, also in the middle of a word",
		    MH_STR(""));
}

/* hold_bad - a line that cannot be read, but to its type perhaps, whose place is among the tokens from next on:
 * what it says is not known, and that is not the same as nothing */
static void
hold_bad(struct mh_zones_reader *r, const struct mh_zones_line *line, size_t next)
{
	bool is_in;
	for (; r->owner.len > 0 && next < line->count && !line->tokens[next].is_quoted; next++) {
		struct mh_str word = line->tokens[next].raw;
		int type = mh_zones_type(word);
		if (type != 0 && mh_zones_type_is_read(type)) {
			hold(r, type, 0, 0, true);
			return;
		}
		/* TTL and class come first, in any order. */
		if (!is_class_name(word, &is_in) && (word.len == 0 || word.p[0] < '0' || word.p[0] > '9'))
			return;
	}
}

/* read_record - a line that is no directive; false: it was bad, or reading ends */
static bool
read_record(struct mh_zones_reader *r, const struct mh_zones_line *line)
{
	size_t next = line->is_blank ? 0 : 1;
	const struct mh_zones_token *lacks_dot,
	    *owner = next > 0 && line->count > 0 ? &line->tokens[0] : NULL;
	struct mh_zones_fault fault = line->fault;
	int64_t ttl;

	if (owner != NULL && !read_owner(r, owner))
		return false;
	if (fault.what != NULL) {
		hold_bad(r, line, next);
		return syntax(r, fault.at, fault.what, MH_STR(""));
	}
	if (r->owner.len == 0)
		return syntax(r, NULL, "the line has no owner name, and there is no good one before it",
		    MH_STR(""));
	if (!read_ttl_class(r, line, &next, &ttl))
		return false;
	if (next == line->count)
		return syntax(r, NULL, "there is no type of record", MH_STR(""));
	const struct mh_zones_token *word = &line->tokens[next++];
	int type = word->is_quoted ? 0 : mh_zones_type(word->raw);
	if (type == 0)
		return syntax(r, word->raw.p, "there is no type of record by this name", word->raw);
	if (is_left_out(type, line, next))
		return true;
	if (type == MH_RR_SOA)
		origin_of_soa(r);
	int len = mh_zones_rdata(type, line->tokens + next, line->count - next, &r->origin, r->rdata,
	    &r->scratch, &lacks_dot, &fault);
	if (len < 0 && fault.what == NULL)
		return no_memory(r);
	if (len < 0) {
		hold(r, type, 0, 0, true);
		return syntax(r, fault.at, fault.what, MH_STR(""));
	}
	look_at_dots(r, owner, lacks_dot);
	if (type == MH_RR_TXT || type == MH_RR_SPF)
		look_at_text(r, line, &line->tokens[next]);
	if (type == MH_RR_SOA && !start_zone(r, r->owner, (size_t)len))
		return false;
	return hold(r, type, (size_t)len, settle_ttl(r, ttl), false);
}

/* --------------------------------------------------------------- directives */

static bool
read_origin(struct mh_zones_reader *r, const struct mh_zones_line *line)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	struct mh_zones_fault fault;
	const char *kept;

	if (line->count != 2)
		return syntax(r, NULL, "$ORIGIN has one name behind it", MH_STR(""));
	size_t len = mh_zones_name(&line->tokens[1], &r->origin, wire, &fault);
	if (len == 0)
		return syntax(r, fault.at, fault.what, line->tokens[1].raw);
	if (mh_zones_lacks_dot(&line->tokens[1], &r->origin))
		look_at_dots(r, &line->tokens[1], NULL);
	set_origin(r, wire, len);
	if (r->first_origin.p != NULL)
		return true;
	if (!keep(r, r->origin.text, r->origin.text_len, &kept))
		return false;
	r->first_origin = mh_str_n(kept, r->origin.text_len);
	return true;
}

static bool
read_default_ttl(struct mh_zones_reader *r, const struct mh_zones_line *line)
{
	int64_t ttl = line->count == 2 ? mh_zones_time(line->tokens[1].raw) : -1;
	if (ttl < 0)
		return syntax(r, NULL, "$TTL has one time behind it, from 0 to 2147483647 seconds",
		    MH_STR(""));
	r->ttl_default = ttl;
	return true;
}

/* read_made - the lines that $GENERATE makes, up to the first that is bad */
static bool
read_made(struct mh_zones_reader *r, const struct mh_zones_line *line)
{
	struct mh_zones_generate generate;
	struct mh_zones_fault fault = { .what = NULL };

	if (!mh_zones_generate_begin(&generate, line, &fault))
		return syntax(r, fault.at, fault.what, MH_STR(""));
	while (r->error == MH_ERR_OK && !r->is_full) {
		mh_buf_reset(&r->made_text);
		if (!mh_zones_generate_next(&generate, &r->made_text, &fault))
			break;
		r->generated += r->made_text.len;
		if (r->made_text.bad)
			return no_memory(r);
		if (r->made_text.len > MH_ZONE_LINE_MAX)
			return syntax(r, NULL, "$GENERATE makes a line that is longer than is read",
			    MH_STR(""));
		if (r->generated > TEXT_MAX)
			return full(r, "$GENERATE makes more lines than are read");
		mh_zones_lines_restart(&r->made, mh_buf_str(&r->made_text));
		if (!mh_zones_lines_next(&r->made))
			return r->made.no_memory ? no_memory(r) : false;
		r->is_made = true;
		bool is_good = read_record(r, &r->made.line);
		r->is_made = false;
		if (!is_good)
			return false;
	}
	return fault.what == NULL || syntax(r, fault.at, fault.what, MH_STR(""));
}

static bool
read_directive(struct mh_zones_reader *r, const struct mh_zones_line *line)
{
	struct mh_str word = line->tokens[0].raw;
	if (line->fault.what != NULL)
		return syntax(r, line->fault.at, line->fault.what, MH_STR(""));
	if (mh_str_ieq(word, MH_STR("$ORIGIN")))
		return read_origin(r, line);
	if (mh_str_ieq(word, MH_STR("$TTL")))
		return read_default_ttl(r, line);
	if (mh_str_ieq(word, MH_STR("$GENERATE")))
		return read_made(r, line);
	if (!mh_str_ieq(word, MH_STR("$INCLUDE")))
		return syntax(r, word.p, "there is no such directive", word);
	mh_zones_tell(r, MH_F_ZONE_INCLUDE, word.p, "this file was not read",
	    line->count > 1 ? line->tokens[1].raw : word);
	return true;
}

static void
read_line(struct mh_zones_reader *r, const struct mh_zones_line *line)
{
	r->at = r->text.p + line->begin;
	r->number = line->number;
	bool is_directive = !line->is_blank && line->count > 0 && !line->tokens[0].is_quoted &&
	    line->tokens[0].raw.len > 0 && line->tokens[0].raw.p[0] == '$';
	if (is_directive)
		read_directive(r, line);
	else
		read_record(r, line);
}

/* -------------------------------------------------------------------- zones */

/* common - the deepest name that both are at or under */
static struct mh_str
common(struct mh_str a, struct mh_str b)
{
	while (!mh_dname_is_under(b, a))
		a = mh_dname_parent(a);
	return a;
}

/* apex_without_soa - the zone of a text that has no SOA; len 0: it has no record either */
static struct mh_str
apex_without_soa(const struct mh_zones_reader *r)
{
	struct mh_str apex = r->first_origin.p != NULL ? r->first_origin : MH_STR("");
	if (r->held_count == 0)
		return MH_STR("");
	for (size_t i = 0; i < r->held_count; i++)
		apex = apex.len > 0 ? common(apex, r->held[i].owner) : r->held[i].owner;
	return apex;
}

/* settle_zones - what the text's zone is if no SOA tells; false: there is none, nor a record */
static bool
settle_zones(struct mh_zones_reader *r, struct mh_str origin)
{
	const char *kept;
	if (r->apexes_count > 0)
		return r->held_count > 0;
	struct mh_str apex = origin.len > 0 ? origin : apex_without_soa(r);
	if (apex.len == 0)
		return false;
	struct mh_str *apexes = more(r, r->apexes, sizeof(*apexes), 0, &r->apexes_cap);
	if (apexes == NULL)
		return false;
	r->apexes = apexes;
	if (!keep(r, apex.p, apex.len, &kept))
		return false;
	r->apexes[r->apexes_count++] = mh_str_n(kept, apex.len);
	return true;
}

/* -------------------------------------------------------------------- texts */

/* read_text - all lines of the text */
static void
read_text(struct mh_zones_reader *r)
{
	while (r->error == MH_ERR_OK && !r->is_full && mh_zones_lines_next(&r->lines))
		read_line(r, &r->lines.line);
	if (r->lines.no_memory)
		no_memory(r);
}

/* begin - what is given with the text */
static bool
begin(struct mh_zones_reader *r, struct mh_str origin)
{
	unsigned char wire[MH_DNAME_WIRE_MAX];
	const char *kept;
	size_t len = origin.len > 0 ? mh_dname_to_wire(origin, wire) : 0;

	if (!keep(r, r->name.p, r->name.len < 64 ? r->name.len : 64, &kept))
		return false;
	r->file = mh_str_n(kept, r->name.len < 64 ? r->name.len : 64);
	if (len > 0)
		set_origin(r, wire, len);
	if (r->text.len <= TEXT_MAX)
		return true;
	r->text.len = TEXT_MAX;
	mh_zones_lines_restart(&r->lines, r->text);
	mh_zones_tell(r, MH_F_ZONE_TOO_LARGE, r->text.p + TEXT_MAX,
	    "the text has more than 64 MiB, and the rest was not read", MH_STR(""));
	return true;
}

int
mh_zonefile_read(struct mh_zonefile *zones, struct mh_str name, struct mh_str origin, struct mh_str text,
    struct mh_report *report)
{
	const struct mh_mem *mem = &zones->mem;
	struct mh_zones_reader *r = mh_mem_zalloc(mem, sizeof(*r));
	char apex[MH_DNAME_TEXT_MAX];

	if (r == NULL)
		return MH_ERR_ENOMEM;
	r->zones = zones;
	r->report = report;
	r->name = name;
	r->text = text.len > 0 ? text : MH_STR("");
	r->at = r->text.p;
	r->number = 1;
	r->ttl_default = r->ttl_last = r->ttl_minimum = -1;
	mh_zones_lines_init(&r->lines, mem, r->text);
	mh_zones_lines_init(&r->made, mem, MH_STR(""));
	mh_buf_init(&r->made_text, mem, MADE_MAX);
	mh_buf_init(&r->scratch, mem, MH_ZONE_ENTRY_MAX * 2);
	if (begin(r, origin)) {
		size_t len = r->origin.text_len;
		memcpy(apex, r->origin.text, len);
		read_text(r);
		if (r->error == MH_ERR_OK && settle_zones(r, mh_str_n(apex, len)))
			mh_zones_place(r);
	}
	int error = r->error;
	mh_zones_lines_free(&r->lines);
	mh_zones_lines_free(&r->made);
	mh_buf_free(&r->made_text);
	mh_buf_free(&r->scratch);
	mh_mem_free(mem, r->held, r->held_cap * sizeof(*r->held));
	mh_mem_free(mem, r->apexes, r->apexes_cap * sizeof(*r->apexes));
	mh_mem_free(mem, r, sizeof(*r));
	return error;
}
