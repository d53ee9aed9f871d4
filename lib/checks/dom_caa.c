/* dom_caa.c - section "caa" of the check "domain": whether anybody may issue certificates for the MX hosts
 *
 * The records that count are those of the host's name, or of the nearest name above
 * that has some (RFC 8659 3).  All names are asked for in one round, each once; no
 * further up than what somebody registered, since no registry is known to say there
 * what its customers may have.
 */
#include "domain.h"

#include "caa.h"
#include "error.h"
#include "mx.h"
#include "psl.h"
#include "target.h"

#define HOSTS_MAX 4 /* MX hosts that are looked at, the preferred ones */
#define NAMES_MAX 8 /* names that are asked for */

struct asked {
	struct mh_str name;
	const struct mh_fact *fact; /* NULL: missing */
};

struct host {
	struct mh_str name;
	unsigned path[NAMES_MAX]; /* from the name itself upwards: numbers of what was asked */
	unsigned count;
	bool is_cut; /* there were too many names */
};

struct all {
	struct asked asked[NAMES_MAX];
	unsigned count;
	struct host hosts[HOSTS_MAX];
	unsigned hosts_count;
};

/* want_name - the number of what is asked of a name; NAMES_MAX: there is no room */
static unsigned
want_name(struct mh_look *look, struct all *all, struct mh_str name)
{
	for (unsigned i = 0; i < all->count; i++)
		if (mh_str_eq(all->asked[i].name, name))
			return i;
	if (all->count == NAMES_MAX)
		return NAMES_MAX;
	all->asked[all->count] = (struct asked){ .name = name, .fact = mh_want(look->pass, name, MH_RR_CAA) };
	return all->count++;
}

/* want_host - its name, and those above it */
static void
want_host(struct mh_look *look, struct all *all, struct mh_str name)
{
	struct host *host = &all->hosts[all->hosts_count++];
	struct mh_str top = mh_psl_registrable(name);

	*host = (struct host){ .name = name };
	if (top.len == 0)
		top = name;
	for (struct mh_str at = name; mh_dname_is_under(at, top); at = mh_dname_parent(at)) {
		unsigned number = want_name(look, all, at);
		if (number == NAMES_MAX || host->count == NAMES_MAX) {
			host->is_cut = true;
			return;
		}
		host->path[host->count++] = number;
	}
}

/* look_at - false: wait, or no memory */
static bool
look_at(struct mh_look *look, struct all *all)
{
	const struct mh_fact *mx = mh_want(look->pass, look->check->domain, MH_RR_MX);
	struct mh_mx_list list;

	all->count = all->hosts_count = 0;
	if (mx == NULL)
		return false;
	if (!mh_mx_read(look->pass->arena, mx, &list)) {
		look->pass->error = MH_ERR_ENOMEM;
		return false;
	}
	for (unsigned i = 0; i < list.count && all->hosts_count < HOSTS_MAX; i++) {
		struct mh_target target;
		if (list.at[i].is_again)
			continue;
		mh_target_begin(&target, list.at[i].name);
		if (target.state == MH_TARGET_UNKNOWN)
			want_host(look, all, list.at[i].name);
	}
	return true;
}

/* relevant - the records that count for a host; NULL: there are none, or it is not known */
static const struct mh_fact *
relevant(const struct all *all, const struct host *host)
{
	for (unsigned i = 0; i < host->count; i++) {
		const struct mh_fact *fact = all->asked[host->path[i]].fact;
		if (fact == NULL || !mh_fact_is_absent(fact))
			return fact != NULL && mh_fact_is_present(fact) ? fact : NULL;
	}
	return NULL;
}

/* tell_forbids - the records of one name, and the hosts for which they count */
static void
tell_forbids(struct mh_look *look, const struct all *all, const struct mh_fact *fact)
{
	struct mh_caa_verdict verdict;
	struct mh_tell tell;
	unsigned said = 0;

	mh_caa_judge(fact, &verdict);
	if (verdict.state != MH_CAA_NOBODY && verdict.state != MH_CAA_CRITICAL)
		return;
	mh_look_tell(look, &tell, "caa", fact->name);
	struct mh_str shown = mh_rr_printed(tell.arena, fact, verdict.record);
	tell.bad |= shown.p == NULL;
	mh_say(&tell, "For ");
	for (unsigned i = 0; i < all->hosts_count; i++) {
		if (relevant(all, &all->hosts[i]) != fact)
			continue;
		mh_say(&tell, said++ > 0 ? ", " : "");
		mh_say_str(&tell, all->hosts[i].name);
	}
	mh_say(&tell, " the CAA records of ");
	mh_say_str(&tell, fact->name);
	mh_say(&tell,
	    verdict.state == MH_CAA_CRITICAL
		? " count, and one of them is critical and of a kind that authorities do not know."
		: " count, and they name no authority.");
	if (verdict.state == MH_CAA_NOBODY && verdict.is_malformed)
		mh_say(&tell, " The value of one cannot be read, which means nobody, too.");
	mh_tell(&tell, MH_F_CAA_FORBIDS, shown);
	mh_look_told(look, &tell);
}

/* is_needed - whether it matters for a host what the name has: nothing nearer to it counts */
static bool
is_needed(const struct all *all, unsigned number)
{
	for (unsigned h = 0; h < all->hosts_count; h++) {
		const struct host *host = &all->hosts[h];
		for (unsigned i = 0; i < host->count; i++) {
			if (host->path[i] == number)
				return true;
			if (!mh_fact_is_absent(all->asked[host->path[i]].fact))
				break;
		}
	}
	return false;
}

/* is_relevant - whether a fact counts for a host */
static bool
is_relevant(const struct all *all, const struct mh_fact *fact)
{
	for (unsigned h = 0; h < all->hosts_count; h++)
		if (relevant(all, &all->hosts[h]) == fact)
			return true;
	return false;
}

void
mh_dom_caa(struct mh_look *look)
{
	struct all all;

	if (!look_at(look, &all) || look->report == NULL)
		return;
	for (unsigned i = 0; i < all.count; i++)
		if (all.asked[i].fact == NULL)
			return; /* without memory; the report is not made */
	for (unsigned i = 0; i < all.count; i++) {
		const struct mh_fact *fact = all.asked[i].fact;
		if (mh_fact_is_present(fact) && is_relevant(&all, fact)) {
			mh_look_row(look, "caa", fact->name, MH_RR_CAA, fact);
			tell_forbids(look, &all, fact);
		} else if (fact->state == MH_FACT_UNKNOWN && is_needed(&all, i)) {
			struct mh_tell tell;
			mh_look_row(look, "caa", fact->name, MH_RR_CAA, fact);
			mh_look_tell(look, &tell, "caa", fact->name);
			mh_tell_unknown(&tell, fact);
			mh_look_told(look, &tell);
		}
	}
}
