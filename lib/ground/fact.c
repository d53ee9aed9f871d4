/* fact.c - facts: one block each, immutable, counted by references
 *
 * A block holds the head, the table of records, the strings (each with a NUL
 * behind it) and the rdata, in this order.
 *
 * Does not: read DNS messages (wire/dns_msg), or rdata (rrdata.c).
 */
#include "fact.h"

#include "map.h"
#include "port.h"

static const struct {
	const char *word, *text;
} whys[] = {
#define X(name, word, text) { (word), (text) },
	MH_WHYS(X)
#undef X
};

static const struct {
	const char *name;
	int number;
} types[] = {
#define X(name, number) { #name, (number) },
	MH_RR_TYPES(X)
#undef X
};

const char *
mh_why_word(int why)
{
	return why >= 0 && why < MH_WHY_COUNT ? whys[why].word : "";
}

const char *
mh_why_text(int why)
{
	return why >= 0 && why < MH_WHY_COUNT ? whys[why].text : "";
}

int
mh_why_find(struct mh_str word)
{
	for (int i = 0; i < MH_WHY_COUNT; i++)
		if (mh_str_eq(word, mh_str_z(whys[i].word)))
			return i;
	return -1;
}

const char *
mh_rr_type_name(int type, char room[MH_RR_TYPE_ROOM])
{
	char digits[8];
	int n = 0;

	for (size_t i = 0; i < MH_COUNT(types); i++)
		if (types[i].number == type)
			return types[i].name;
	unsigned value = (unsigned)type & 0xffff;
	do
		digits[n++] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	memcpy(room, "TYPE", 4);
	for (int i = 0; i < n; i++)
		room[4 + i] = digits[n - 1 - i];
	room[4 + n] = '\0';
	return room;
}

int
mh_rr_type_find(struct mh_str name)
{
	for (size_t i = 0; i < MH_COUNT(types); i++)
		if (mh_str_ieq(name, mh_str_z(types[i].name)))
			return types[i].number;
	if (mh_str_istarts(name, MH_STR("TYPE")) && name.len > 4)
		return (int)mh_str_int(mh_str_n(name.p + 4, name.len - 4), 65535);
	return -1;
}

/* ------------------------------------------------------------------- facts */

uint64_t
mh_fact_hash(int type, struct mh_str canonical_name)
{
	return mh_hash(canonical_name, mh_hash_number((uint64_t)type << 8 | 1, 0));
}

struct mh_fact *
mh_fact_ref(struct mh_fact *fact)
{
	atomic_fetch_add_explicit(&fact->references, 1, memory_order_relaxed);
	return fact;
}

void
mh_fact_unref(struct mh_fact *fact)
{
	if (fact == NULL || atomic_fetch_sub_explicit(&fact->references, 1, memory_order_acq_rel) != 1)
		return;
	struct mh_mem mem = fact->mem;
	mh_mem_free(&mem, fact, fact->size);
}

/* ------------------------------------------------------------------- drafts */

/* All rdata of a fact, each record behind two octets of length. */
#define OCTETS_MAX (MH_FACT_STREAM_MAX + 2 * MH_FACT_RR_MAX)

void
mh_fact_draft_init(struct mh_fact_draft *draft, const struct mh_mem *mem)
{
	draft->head = (struct mh_fact){ .rcode = -1 };
	draft->name[0] = draft->canonical[0] = draft->server[0] = draft->ede_text[0] = '\0';
	draft->too_large = false;
	mh_buf_init(&draft->octets, mem, OCTETS_MAX);
}

void
mh_fact_draft_free(struct mh_fact_draft *draft)
{
	mh_buf_free(&draft->octets);
}

/* keep - a string into room of size octets, cut to what fits; how long it is */
static size_t
keep(char *room, size_t size, struct mh_str s)
{
	size_t len = s.len < size ? s.len : size - 1;
	if (len > 0)
		memcpy(room, s.p, len);
	room[len] = '\0';
	return len;
}

void
mh_fact_draft_begin(struct mh_fact_draft *draft, struct mh_str name, int type)
{
	draft->head = (struct mh_fact){ .type = (uint16_t)type, .rcode = -1, .ede = -1, .rtt_us = -1 };
	draft->head.name = mh_str_n(draft->name, keep(draft->name, sizeof(draft->name), name));
	draft->canonical[0] = draft->server[0] = draft->ede_text[0] = '\0';
	draft->too_large = false;
	mh_buf_reset(&draft->octets);
}

void
mh_fact_draft_rr(struct mh_fact_draft *draft, const void *rdata, size_t len)
{
	mh_fact_draft_rr_parts(draft, rdata, len, MH_STR(""));
}

void
mh_fact_draft_rr_parts(struct mh_fact_draft *draft, const void *head, size_t head_len, struct mh_str rest)
{
	size_t len = head_len + rest.len;
	size_t most = draft->head.type == MH_RR_STREAM ? MH_FACT_STREAM_MAX : MH_FACT_OCTETS_MAX;
	if (len > 65535 || draft->head.count == MH_FACT_RR_MAX || draft->octets.len + len > most) {
		draft->too_large = true;
		return;
	}
	unsigned char size[2] = { (unsigned char)(len >> 8), (unsigned char)len };
	mh_buf_put(&draft->octets, size, 2);
	mh_buf_put(&draft->octets, head, head_len);
	mh_buf_putstr(&draft->octets, rest);
	draft->head.count++;
}

void
mh_fact_draft_server(struct mh_fact_draft *draft, struct mh_str server)
{
	keep(draft->server, sizeof(draft->server), server);
}

void
mh_fact_draft_ede(struct mh_fact_draft *draft, int code, struct mh_str text)
{
	draft->head.ede = (int16_t)(code >= 0 && code <= INT16_MAX ? code : -1);
	keep(draft->ede_text, sizeof(draft->ede_text), text);
}

void
mh_fact_draft_fail(struct mh_fact_draft *draft, int why)
{
	draft->head.state = MH_FACT_UNKNOWN;
	draft->head.why = (uint8_t)why;
}

/* put_string - a string and its NUL at *p, which moves behind it */
static struct mh_str
put_string(char **p, const char *z, size_t len)
{
	char *at = *p;
	memcpy(at, z, len);
	at[len] = '\0';
	*p += len + 1;
	return mh_str_n(at, len);
}

/* settle - the state that the draft amounts to */
static void
settle(struct mh_fact_draft *draft)
{
	struct mh_fact *head = &draft->head;
	if (draft->too_large)
		mh_fact_draft_fail(draft, MH_WHY_TOO_LARGE);
	if (head->state == MH_FACT_MISSING)
		head->state = head->count > 0 ? MH_FACT_PRESENT : MH_FACT_NODATA;
	if (head->state == MH_FACT_PRESENT && head->count == 0)
		head->state = MH_FACT_NODATA;
	if (head->state != MH_FACT_PRESENT) {
		head->count = 0;
		mh_buf_reset(&draft->octets);
	}
	if (head->state != MH_FACT_UNKNOWN)
		head->why = MH_WHY_NONE;
}

/* has_alias - whether the canonical name is another one, and stored besides */
static bool
has_alias(const struct mh_fact_draft *draft)
{
	return draft->canonical[0] != '\0' && strcmp(draft->canonical, draft->name) != 0;
}

struct mh_fact *
mh_fact_make(const struct mh_mem *mem, struct mh_fact_draft *draft)
{
	if (draft->octets.bad)
		return NULL;
	settle(draft);
	size_t count = draft->head.count;
	size_t rdata = draft->octets.len - 2 * count;
	size_t name = draft->head.name.len, alias = has_alias(draft) ? strlen(draft->canonical) : 0;
	size_t server = strlen(draft->server), ede = strlen(draft->ede_text);
	size_t size =
	    sizeof(struct mh_fact) + count * sizeof(struct mh_rr) + rdata + name + alias + server + ede + 4;
	struct mh_fact *fact = mh_mem_alloc(mem, size);
	if (fact == NULL)
		return NULL;
	*fact = draft->head;
	fact->mem = *mem;
	fact->size = (uint32_t)size;
	atomic_init(&fact->references, 1);
	struct mh_rr *rr = (struct mh_rr *)(fact + 1);
	char *p = (char *)(rr + count);
	fact->rr = rr;
	fact->name = put_string(&p, draft->name, name);
	fact->is_alias = alias > 0;
	fact->canonical = alias > 0 ? put_string(&p, draft->canonical, alias) : fact->name;
	fact->server = put_string(&p, draft->server, server);
	fact->ede_text = put_string(&p, draft->ede_text, ede);
	const unsigned char *octets = (const unsigned char *)draft->octets.p;
	for (size_t i = 0; i < count; i++) {
		size_t len = (size_t)octets[0] << 8 | octets[1];
		memcpy(p, octets + 2, len);
		rr[i] = (struct mh_rr){ (const unsigned char *)p, (uint16_t)len };
		p += len;
		octets += 2 + len;
	}
	fact->hash = mh_fact_hash(fact->type, fact->name);
	return fact;
}

struct mh_fact *
mh_fact_behind(const struct mh_mem *mem, const struct mh_fact *alias, const struct mh_fact *target)
{
	struct mh_fact_draft draft;
	mh_fact_draft_init(&draft, mem);
	mh_fact_draft_begin(&draft, alias->name, alias->type);
	draft.head.state = target->state;
	draft.head.why = target->why;
	draft.head.rcode = target->rcode;
	draft.head.rtt_us = target->rtt_us;
	draft.head.ttl = target->ttl < alias->ttl ? target->ttl : alias->ttl;
	if (target->secure == MH_SECURE_BOGUS)
		draft.head.secure = MH_SECURE_BOGUS;
	keep(draft.canonical, sizeof(draft.canonical), target->canonical);
	mh_fact_draft_server(&draft, target->server);
	mh_fact_draft_ede(&draft, target->ede, target->ede_text);
	for (size_t i = 0; i < target->count; i++)
		mh_fact_draft_rr(&draft, target->rr[i].p, target->rr[i].len);
	struct mh_fact *fact = mh_fact_make(mem, &draft);
	mh_fact_draft_free(&draft);
	return fact;
}
