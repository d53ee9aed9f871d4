/* dmarc.c - one DMARC record, by RFC 9989 and as RFC 7489 had it
 *
 * Whether a text is a DMARC record at all is decided by its version alone, and
 * strictly; of the rest, what is not in the grammar is left out (RFC 9989 4.8).
 * Two things make a record useless all the same: a tag that is there twice
 * (RFC 6376 3.2), and a policy that cannot be read when there is no address
 * for reports either (4.10.1).
 *
 * Names of tags and their values are in any letter case, as RFC 9989 4.8 has
 * them in quotes (RFC 5234 2.3), but for DMARC1.  RFC 6376 3.2 wants the names
 * in lower case, and some receivers go by that, so the lint tells of others.
 */
#include "dmarc.h"

#include "error.h"
#include "record.h"

static const char *const policy_names[] = { "", "none", "quarantine", "reject" };

const char *
mh_dmarc_policy_name(int policy)
{
	return policy > MH_DMARC_NO_POLICY && policy <= MH_DMARC_REJECT ? policy_names[policy] : "";
}

uint8_t
mh_dmarc_policy(struct mh_str value)
{
	for (int i = MH_DMARC_NONE; i <= MH_DMARC_REJECT; i++)
		if (mh_str_ieq(value, mh_str_z(policy_names[i])))
			return (uint8_t)i;
	return MH_DMARC_NO_POLICY;
}

static size_t
skip_blanks(struct mh_str text, size_t i)
{
	while (i < text.len && mh_tag_is_blank(text.p[i]))
		i++;
	return i;
}

bool
mh_dmarc_is_record(struct mh_str text)
{
	static const struct mh_str version = MH_STR_INIT("DMARC1");
	size_t i;

	if (text.len == 0 || mh_lower(text.p[0]) != 'v')
		return false;
	i = skip_blanks(text, 1);
	if (i == text.len || text.p[i] != '=')
		return false;
	i = skip_blanks(text, i + 1);
	if (text.len - i < version.len || memcmp(text.p + i, version.p, version.len) != 0)
		return false;
	i = skip_blanks(text, i + version.len);
	return i == text.len || text.p[i] == ';';
}

const struct mh_tag *
mh_dmarc_tag(const struct mh_dmarc *dmarc, const char *name)
{
	for (unsigned i = 0; i < dmarc->tags.count; i++)
		if (dmarc->tags.tags[i].fault != MH_TAG_NO_EQUALS &&
		    mh_str_ieq(dmarc->tags.tags[i].name, mh_str_z(name)))
			return &dmarc->tags.tags[i];
	return NULL;
}

/* value_of - of the tag, "" if there is none or it has octets that no value has */
static struct mh_str
value_of(const struct mh_dmarc *dmarc, const char *name)
{
	const struct mh_tag *tag = mh_dmarc_tag(dmarc, name);
	return tag != NULL && tag->fault != MH_TAG_BAD_VALUE ? tag->value : MH_STR("");
}

static bool
is_value(const struct mh_dmarc *dmarc, const char *name, const char *value)
{
	return mh_str_ieq(value_of(dmarc, name), mh_str_z(value));
}

/* is_twice - a name with an equals sign is there before; a word that lost its own does not count */
static bool
is_twice(const struct mh_dmarc *dmarc)
{
	for (unsigned i = 0; i < dmarc->tags.count; i++) {
		const struct mh_tag *tag = &dmarc->tags.tags[i];
		for (unsigned k = 0; k < i && tag->fault != MH_TAG_NO_EQUALS && tag->name.len > 0; k++)
			if (dmarc->tags.tags[k].fault != MH_TAG_NO_EQUALS &&
			    mh_str_ieq(dmarc->tags.tags[k].name, tag->name))
				return true;
	}
	return false;
}

static bool
has_uri(const struct mh_dmarc *dmarc)
{
	for (unsigned i = 0; i < dmarc->rua_count; i++)
		if (dmarc->rua[i].is_uri)
			return true;
	return false;
}

/* read_policies - p, sp and np by RFC 9989: what is written, what it falls back to, what is recovered (4.10.1) */
static void
read_policies(struct mh_dmarc *dmarc)
{
	bool has_sp = mh_dmarc_tag(dmarc, "sp") != NULL, has_np = mh_dmarc_tag(dmarc, "np") != NULL;

	dmarc->p = dmarc->written_p = mh_dmarc_policy(value_of(dmarc, "p"));
	dmarc->written_sp = mh_dmarc_policy(value_of(dmarc, "sp"));
	dmarc->written_np = mh_dmarc_policy(value_of(dmarc, "np"));
	dmarc->sp = has_sp ? dmarc->written_sp : dmarc->p;
	dmarc->np = has_np ? dmarc->written_np : dmarc->sp;
	if (dmarc->p == MH_DMARC_NO_POLICY || (has_sp && dmarc->written_sp == MH_DMARC_NO_POLICY) ||
	    (has_np && dmarc->written_np == MH_DMARC_NO_POLICY)) {
		dmarc->is_recovered = has_uri(dmarc);
		dmarc->p = dmarc->sp = dmarc->np = dmarc->is_recovered ? MH_DMARC_NONE : MH_DMARC_NO_POLICY;
	}
	dmarc->is_valid = dmarc->p != MH_DMARC_NO_POLICY;
}

/* read_policies_7489 - the same by RFC 7489 6.3 and 6.6.3, which knows no np */
static void
read_policies_7489(struct mh_dmarc *dmarc)
{
	const struct mh_tag *p = mh_dmarc_tag(dmarc, "p");
	bool has_sp = mh_dmarc_tag(dmarc, "sp") != NULL;

	dmarc->p_7489 = dmarc->written_p;
	dmarc->sp_7489 = has_sp ? dmarc->written_sp : dmarc->written_p;
	if (dmarc->written_p == MH_DMARC_NO_POLICY || dmarc->sp_7489 == MH_DMARC_NO_POLICY)
		dmarc->p_7489 = dmarc->sp_7489 = has_uri(dmarc) ? MH_DMARC_NONE : MH_DMARC_NO_POLICY;
	else if (p != &dmarc->tags.tags[1])
		dmarc->p_7489 = dmarc->sp_7489 = MH_DMARC_NO_POLICY;
	dmarc->is_valid_7489 = dmarc->p_7489 != MH_DMARC_NO_POLICY;
}

struct mh_dmarc *
mh_dmarc_parse(struct mh_arena *arena, struct mh_str text)
{
	struct mh_dmarc *dmarc = mh_arena_alloc(arena, sizeof(*dmarc));
	int64_t pct;

	if (dmarc == NULL)
		return NULL;
	memset(dmarc, 0, sizeof(*dmarc));
	dmarc->text = text;
	dmarc->pct = 100;
	dmarc->psd = 'u';
	mh_taglist_read(&dmarc->tags, text);
	dmarc->is_dmarc = mh_dmarc_is_record(text);
	dmarc->is_twice = is_twice(dmarc);
	if ((mh_dmarc_tag(dmarc, "rua") != NULL &&
		!mh_dmarc_uris(arena, mh_dmarc_tag(dmarc, "rua")->value, dmarc->rua, &dmarc->rua_count)) ||
	    (mh_dmarc_tag(dmarc, "ruf") != NULL &&
		!mh_dmarc_uris(arena, mh_dmarc_tag(dmarc, "ruf")->value, dmarc->ruf, &dmarc->ruf_count)))
		return NULL;
	dmarc->is_strict_dkim = is_value(dmarc, "adkim", "s");
	dmarc->is_strict_spf = is_value(dmarc, "aspf", "s");
	dmarc->is_testing = is_value(dmarc, "t", "y");
	if (is_value(dmarc, "psd", "y") || is_value(dmarc, "psd", "n"))
		dmarc->psd = mh_lower(value_of(dmarc, "psd").p[0]);
	pct = mh_str_int(value_of(dmarc, "pct"), 100);
	if (pct >= 0)
		dmarc->pct = (int)pct;
	read_policies(dmarc);
	read_policies_7489(dmarc);
	if (!dmarc->is_dmarc || dmarc->is_twice || dmarc->tags.is_cut)
		dmarc->is_valid = dmarc->is_valid_7489 = false;
	return dmarc;
}

uint8_t
mh_dmarc_effective(const struct mh_dmarc *dmarc, uint8_t policy)
{
	return dmarc->is_testing && policy > MH_DMARC_NONE ? (uint8_t)(policy - 1) : policy;
}

static void
put_field(struct mh_record_fields *record, const char *name, struct mh_str value)
{
	if (record->count < MH_RECORD_FIELDS_MAX)
		record->fields[record->count++] = (struct mh_record_field){ .name = name, .value = value };
}

static void
put_uris(struct mh_record_fields *record, const char *name, const struct mh_dmarc_uri *uris, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (uris[i].is_uri)
			put_field(record, name, uris[i].text);
}

int
mh_dmarc_record(struct mh_arena *arena, struct mh_str text, struct mh_str domain, struct mh_report *report,
    struct mh_record_fields *record)
{
	const struct mh_dmarc *dmarc = mh_dmarc_parse(arena, text);

	record->is_valid = false;
	record->count = 0;
	if (dmarc == NULL || (report != NULL && mh_dmarc_lint_text(arena, text, domain, report) != MH_ERR_OK))
		return MH_ERR_ENOMEM;
	record->is_valid = dmarc->is_valid;
	if (!dmarc->is_valid)
		return MH_ERR_OK;
	put_field(record, "p", mh_str_z(mh_dmarc_policy_name(dmarc->p)));
	put_field(record, "sp", mh_str_z(mh_dmarc_policy_name(dmarc->sp)));
	put_field(record, "np", mh_str_z(mh_dmarc_policy_name(dmarc->np)));
	put_field(record, "adkim", dmarc->is_strict_dkim ? MH_STR("s") : MH_STR("r"));
	put_field(record, "aspf", dmarc->is_strict_spf ? MH_STR("s") : MH_STR("r"));
	put_field(record, "psd",
	    dmarc->psd == 'y'       ? MH_STR("y")
		: dmarc->psd == 'n' ? MH_STR("n")
				    : MH_STR("u"));
	put_field(record, "t", dmarc->is_testing ? MH_STR("y") : MH_STR("n"));
	put_uris(record, "rua", dmarc->rua, dmarc->rua_count);
	put_uris(record, "ruf", dmarc->ruf, dmarc->ruf_count);
	return MH_ERR_OK;
}
