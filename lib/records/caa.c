/* caa.c - CAA records: which authorities may issue certificates for a name; see caa.h */
#include "caa.h"

#include "port.h"

/* The registry of properties, as of 2026: RFC 8659 4.2 to 4.4, the contacts of the CA/Browser Forum, RFC 9495, and
 * that of mark certificates. */
static const char *const tags[] = { "issue", "issuewild", "iodef", "contactemail", "contactphone",
	"issuemail", "issuevmc" };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct mh_str
trim(struct mh_str s)
{
	while (s.len > 0 && is_blank(s.p[0]))
		s = mh_str_n(s.p + 1, s.len - 1);
	while (s.len > 0 && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/* is_label - letters, digits, and hyphens between them */
static bool
is_label(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '-')
			return false;
	return s.len > 0 && s.p[0] != '-' && s.p[s.len - 1] != '-';
}

/* next_part - up to the separator, which is behind it; *s is the rest */
static struct mh_str
next_part(struct mh_str *s, char separator)
{
	size_t n = 0;
	while (n < s->len && s->p[n] != separator)
		n++;
	struct mh_str part = mh_str_n(s->p, n);
	n += n < s->len;
	*s = mh_str_n(s->p + n, s->len - n);
	return part;
}

static bool
is_domain(struct mh_str s)
{
	bool is_good = s.len > 0 && s.p[s.len - 1] != '.';
	while (s.len > 0)
		is_good = is_label(next_part(&s, '.')) && is_good;
	return is_good;
}

/* is_parameter - tag = value; nothing at all is let pass, as behind a semicolon at the end */
static bool
is_parameter(struct mh_str s)
{
	struct mh_str value = trim(s);
	bool has_value = memchr(value.p, '=', value.len) != NULL;

	if (value.len == 0)
		return true;
	struct mh_str tag = trim(next_part(&value, '='));
	value = trim(value);
	for (size_t i = 0; i < value.len; i++)
		if (value.p[i] < 0x21 || value.p[i] > 0x7e)
			return false;
	return has_value && is_label(tag);
}

/* read_issue - the value of issue: an authority, then parameters */
static void
read_issue(struct mh_caa *caa)
{
	struct mh_str rest = caa->value;
	struct mh_str issuer = trim(next_part(&rest, ';'));

	caa->is_malformed = issuer.len > 0 && !is_domain(issuer);
	while (rest.len > 0)
		caa->is_malformed = !is_parameter(next_part(&rest, ';')) || caa->is_malformed;
	caa->issuer = caa->is_malformed ? MH_STR("") : issuer;
}

bool
mh_caa_read(const struct mh_fact *fact, size_t i, struct mh_caa *caa)
{
	*caa = (struct mh_caa){ .issuer = MH_STR("") };
	if (i >= fact->count)
		return false;
	struct mh_cur cur = mh_cur_of(fact->rr[i].p, fact->rr[i].len);
	caa->is_critical = (mh_cur_u8(&cur) & 0x80) != 0;
	caa->tag = mh_cur_take(&cur, mh_cur_u8(&cur));
	caa->value = mh_cur_rest(&cur);
	if (mh_cur_bad(&cur) || caa->tag.len == 0)
		return false;
	for (size_t k = 0; k < MH_COUNT(tags); k++)
		caa->is_known = caa->is_known || mh_str_ieq(caa->tag, mh_str_z(tags[k]));
	caa->is_issue = mh_str_ieq(caa->tag, MH_STR("issue"));
	if (caa->is_issue)
		read_issue(caa);
	return true;
}

/* add_issuer - once */
static void
add_issuer(struct mh_caa_verdict *verdict, struct mh_str issuer)
{
	for (unsigned i = 0; i < verdict->count; i++)
		if (mh_str_ieq(verdict->issuers[i], issuer))
			return;
	if (verdict->count < MH_CAA_ISSUERS_MAX)
		verdict->issuers[verdict->count++] = issuer;
}

void
mh_caa_judge(const struct mh_fact *fact, struct mh_caa_verdict *verdict)
{
	bool has_issue = false;

	*verdict = (struct mh_caa_verdict){ .state = MH_CAA_OPEN };
	for (size_t i = 0; i < fact->count; i++) {
		struct mh_caa caa;
		if (!mh_caa_read(fact, i, &caa))
			continue;
		if (caa.is_critical && !caa.is_known && verdict->state != MH_CAA_CRITICAL) {
			verdict->state = MH_CAA_CRITICAL;
			verdict->record = i;
		}
		if (!caa.is_issue)
			continue;
		if (caa.issuer.len > 0)
			add_issuer(verdict, caa.issuer);
		else if (verdict->state != MH_CAA_CRITICAL && (!has_issue || caa.is_malformed))
			verdict->record = i;
		verdict->is_malformed = verdict->is_malformed || caa.is_malformed;
		has_issue = true;
	}
	if (verdict->state == MH_CAA_OPEN && has_issue)
		verdict->state = verdict->count > 0 ? MH_CAA_SOME : MH_CAA_NOBODY;
}
