/* sts.c - MTA-STS: its words, and what a policy comes to: which hosts it lists, what is unwise in it
 *
 * sts_record.c and sts_policy.c read; what they share with this file is in
 * sts_own.h.
 */
#include "alabel.h"
#include "error.h"
#include "net.h"
#include "port.h"
#include "sts_own.h"
#include "text.h"

#define DETAIL_MAX 700
#define FIELD_NAME_MAX 32

static const char *const modes[] = {
#define X(name, text) [MH_STS_##name] = (text),
	MH_STS_MODES(X)
#undef X
};

static const char *const results[] = {
#define X(name, text) [MH_STS_##name] = (text),
	MH_STS_RESULTS(X)
#undef X
};

const char *
mh_sts_mode_name(int mode)
{
	return mode >= 0 && (size_t)mode < MH_COUNT(modes) ? modes[mode] : "";
}

const char *
mh_sts_result_name(int result)
{
	return result >= 0 && (size_t)result < MH_COUNT(results) ? results[result] : "";
}

int
mh_sts_result_of(struct mh_str name)
{
	for (size_t i = 0; i < MH_COUNT(results); i++)
		if (mh_str_eq(name, mh_str_z(results[i])))
			return (int)i;
	return -1;
}

/* -------------------------------------------------------------------- notes */

void
mh_sts_begin(struct mh_sts_teller *teller, struct mh_arena *arena, const struct mh_sts_notes *notes,
    const char *start)
{
	*teller = (struct mh_sts_teller){ .arena = arena, .notes = notes, .start = start };
	mh_buf_init(&teller->detail, &arena->mem, DETAIL_MAX);
}

int
mh_sts_end(struct mh_sts_teller *teller)
{
	mh_buf_free(&teller->detail);
	return teller->bad ? MH_ERR_ENOMEM : MH_ERR_OK;
}

void
mh_sts_say(struct mh_sts_teller *teller, const char *text)
{
	mh_buf_puts(&teller->detail, text);
}

void
mh_sts_say_str(struct mh_sts_teller *teller, struct mh_str text)
{
	mh_buf_putstr(&teller->detail,
	    mh_str_n(text.p, text.len < MH_STS_SHOWN_MAX ? text.len : MH_STS_SHOWN_MAX));
}

/* mh_sts_tell - a finding about evidence, which is in the text unless it is about no place; severity 0: the kind's */
void
mh_sts_tell(struct mh_sts_teller *teller, int number, struct mh_str evidence, bool has_place, int severity)
{
	struct mh_report *report = teller->notes->report;
	const struct mh_finding_kind *kind = mh_finding_kind_of(number);
	unsigned *told = &teller->told[kind != NULL && kind->severity == MH_SEV_FAIL];
	if (report != NULL && *told < MH_STS_TOLD_MAX) {
		struct mh_finding_more more = { .check = "mta-sts",
			.detail = mh_buf_str(&teller->detail),
			.fixes = teller->fix,
			.fixes_count = teller->fix != NULL ? 1 : 0,
			.severity = severity };
		int64_t at = has_place ? evidence.p - teller->start : -1;
		int64_t to = has_place ? at + (int64_t)evidence.len : -1;
		if (teller->detail.bad)
			teller->bad = true;
		else if (mh_report_add_more(report, number, teller->notes->domain, evidence, at, to, &more) !=
		    MH_ERR_OK)
			teller->bad = true;
		++*told;
	}
	mh_buf_reset(&teller->detail);
}

/* ------------------------------------------------------------------ fields */

/* mh_sts_without_blanks - s without spaces and tabs at its end, and at its begin */
struct mh_str
mh_sts_without_blanks(struct mh_str s)
{
	while (s.len > 0 && mh_sts_is_blank(s.p[s.len - 1]))
		s.len--;
	while (s.len > 0 && mh_sts_is_blank(s.p[0])) {
		s.p++;
		s.len--;
	}
	return s;
}

/* mh_sts_is_field_name - letter or digit, then up to 31 of those, "_", "-" and "." */
bool
mh_sts_is_field_name(struct mh_str s)
{
	if (s.len == 0 || s.len > FIELD_NAME_MAX || !mh_is_alnum(s.p[0]))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '_' && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return true;
}

/* mh_sts_find_field - the field of that name among those kept, or NULL */
const struct mh_sts_field *
mh_sts_find_field(const struct mh_sts_field *fields, size_t count, struct mh_str name)
{
	for (size_t i = 0; i < count; i++)
		if (mh_str_eq(fields[i].name, name))
			return &fields[i];
	return NULL;
}

/* ----------------------------------------------------------------- patterns */

/* is_host - a <Domain> of RFC 5321 4.1.2: letters, digits and hyphens within labels, no dot at the end */
static bool
is_host(struct mh_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!mh_is_alnum(s.p[i]) && s.p[i] != '-' && s.p[i] != '.')
			return false;
	return s.len > 0 && s.p[s.len - 1] != '.' && mh_name_valid(s);
}

static bool
has_star(struct mh_str pattern)
{
	return pattern.len > 2 && pattern.p[0] == '*' && pattern.p[1] == '.';
}

bool
mh_sts_is_pattern(struct mh_str s)
{
	return s.len <= MH_NAME_MAX && is_host(has_star(s) ? mh_str_n(s.p + 2, s.len - 2) : s);
}

/* mh_sts_why_no_pattern - a sentence about one that is none */
const char *
mh_sts_why_no_pattern(struct mh_str s)
{
	if (s.len == 0)
		return "There is no name.";
	if (mh_ascii_prefix(s) < s.len)
		return "International names are written as A-labels (xn--...).";
	if (s.p[s.len - 1] == '.')
		return "The name must not end in a dot.";
	if (memchr(s.p, '@', s.len) != NULL || memchr(s.p, '/', s.len) != NULL)
		return "This is an address or a URL; a name alone is wanted.";
	if (memchr(s.p, '*', s.len) != NULL)
		return "The asterisk can only be the whole first label, as in *.example.org.";
	if (memchr(s.p, ',', s.len) != NULL || memchr(s.p, ' ', s.len) != NULL)
		return "Each name has an mx line of its own.";
	return "This is no name of a host.";
}

bool
mh_sts_pattern_matches(struct mh_str pattern, struct mh_str name)
{
	if (name.len > 0 && name.p[name.len - 1] == '.')
		name.len--;
	if (!mh_sts_is_pattern(pattern) || !mh_name_valid(name))
		return false;
	if (!has_star(pattern))
		return mh_str_ieq(pattern, name);
	const char *dot = memchr(name.p, '.', name.len);
	if (dot == NULL)
		return false;
	return mh_str_ieq(mh_str_n(pattern.p + 1, pattern.len - 1),
	    mh_str_n(dot, name.len - (size_t)(dot - name.p)));
}

bool
mh_sts_lists(const struct mh_sts_policy *policy, struct mh_str name)
{
	for (size_t i = 0; policy->is_valid && i < policy->mx_count; i++)
		if (mh_sts_pattern_matches(policy->mx[i].value, name))
			return true;
	return false;
}

/* --------------------------------------------------------------------- lint */

#define DAY 86400
#define WEEK (7 * DAY)

static void
lint_max_age(struct mh_sts_teller *teller, const struct mh_sts_policy *policy)
{
	if (policy->max_age > MH_STS_MAX_AGE_MAX) {
		mh_sts_tell(teller, MH_F_STS_MAX_AGE_LONG, MH_STR(""), false, 0);
	} else if (policy->mode == MH_STS_ENFORCE && policy->max_age >= 0 && policy->max_age < WEEK) {
		mh_sts_say(teller, "max_age is ");
		mh_buf_putint(&teller->detail, policy->max_age);
		mh_sts_say(teller, " seconds.");
		mh_sts_tell(teller, MH_F_STS_MAX_AGE_SHORT, MH_STR(""), false,
		    policy->max_age < DAY ? MH_SEV_WARN : MH_SEV_INFO);
	}
}

static void
lint_names(struct mh_sts_teller *teller, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (mh_sts_lists(policy, names[i]))
			continue;
		mh_sts_say(teller, "The line that is missing: mx: ");
		mh_sts_say_str(teller, names[i]);
		mh_sts_tell(teller, MH_F_STS_MX_NOT_LISTED, names[i], false,
		    policy->mode == MH_STS_ENFORCE ? MH_SEV_FAIL : MH_SEV_WARN);
	}
}

static void
lint_patterns(struct mh_sts_teller *teller, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count)
{
	for (size_t k = 0; k < policy->mx_count && teller->told[0] < MH_STS_TOLD_MAX; k++) {
		bool is_used = false;
		for (size_t i = 0; i < count && !is_used; i++)
			is_used = mh_sts_pattern_matches(policy->mx[k].value, names[i]);
		if (!is_used)
			mh_sts_tell(teller, MH_F_STS_POLICY_MX_UNUSED, policy->mx[k].value, true, 0);
	}
}

/* take_hosts - the names that are MX hosts ("." is none, RFC 7505 3), as DNS has them; how many, or SIZE_MAX
 * without memory */
static size_t
take_hosts(struct mh_arena *arena, const struct mh_str *names, size_t count, struct mh_str *hosts)
{
	size_t taken = 0;
	for (size_t i = 0; i < count; i++) {
		struct mh_str name = names[i];
		if (name.len > 0 && name.p[name.len - 1] == '.')
			name.len--;
		if (!mh_name_valid(name))
			continue;
		hosts[taken] = mh_alabel_name(arena, name);
		if (hosts[taken++].p == NULL)
			return SIZE_MAX;
	}
	return taken;
}

int
mh_sts_lint(struct mh_arena *arena, const struct mh_sts_policy *policy, const struct mh_str *names,
    size_t count, const struct mh_sts_notes *notes)
{
	struct mh_str hosts[MH_STS_NAMES_MAX];
	struct mh_sts_teller teller;
	bool is_used = policy->is_valid && (policy->mode == MH_STS_ENFORCE || policy->mode == MH_STS_TESTING);

	size_t taken = take_hosts(arena, names, count < MH_STS_NAMES_MAX ? count : MH_STS_NAMES_MAX, hosts);
	if (taken == SIZE_MAX)
		return MH_ERR_ENOMEM;
	mh_sts_begin(&teller, arena, notes, policy->text.p);
	lint_max_age(&teller, policy);
	if (policy->mode == MH_STS_TESTING)
		mh_sts_tell(&teller, MH_F_STS_MODE_TESTING, MH_STR(""), false, 0);
	if (policy->mode == MH_STS_NONE)
		mh_sts_tell(&teller, MH_F_STS_MODE_NONE, MH_STR(""), false, 0);
	if (is_used)
		lint_names(&teller, policy, hosts, taken);
	if (is_used && taken > 0 && count <= MH_STS_NAMES_MAX)
		lint_patterns(&teller, policy, hosts, taken);
	return mh_sts_end(&teller);
}

enum mh_sts_result
mh_sts_apply(const struct mh_sts_policy *policy, struct mh_str name, enum mh_sts_result tls, bool *is_refused)
{
	*is_refused = false;
	if (!policy->is_valid)
		return MH_STS_POLICY_INVALID;
	if (policy->mode == MH_STS_NONE)
		return tls;
	/* RFC 8460 has no word of its own for a host that is not listed. */
	enum mh_sts_result result = mh_sts_lists(policy, name) ? tls : MH_STS_VALIDATION_FAILURE;
	*is_refused = result != MH_STS_SUCCESS && policy->mode == MH_STS_ENFORCE;
	return result;
}
