/* test_tls_offer.c - lib/checks/tls_offer.c, and what hellos offer (lib/wire/hello.c) */
#include "support.h"

#include "tls_check.h"

#define YES MH_TRI_YES
#define NO MH_TRI_NO
#define UNKNOWN MH_TRI_UNKNOWN
#define RSA_GCM 0xc02f /* ECDHE-RSA-AES128-GCM-SHA256 */
#define ECDSA_GCM 0xc02b
#define DHE_GCM 0x009e
#define RC4 0x0005

/* An endpoint that shook hands with TLS 1.3, and TLS 1.2 is there too. */
struct scene {
	struct mh_tls_check check;
	struct mh_seen first, other, bare;
	struct mh_hello hellos[4];
	struct mh_tls_end end;
	struct mh_tls_tlsa tlsa;
	struct mh_tls_offer offer;
};

static void
set(struct scene *scene)
{
	*scene = (struct scene){ .tlsa = { .state = MH_FACT_NXDOMAIN } };
	scene->first = (struct mh_seen){ .phase = MH_SEEN_INSIDE,
		.secured = true,
		.has_tls = true,
		.has_hello = true,
		.hello.version = MH_TLS13,
		.alert = -1,
		.outside.starttls = true };
	scene->other = (struct mh_seen){ .alert = 40 };
	scene->bare = (struct mh_seen){ .alert = -1, .has_hello = true };
	struct mh_tls_end *end = &scene->end;
	end->check = &scene->check;
	end->looks.first = &scene->first;
	end->looks.nosni = &scene->bare;
	for (int i = 0; i < 6; i++)
		end->versions[i] = i >= 4 ? YES : NO;
	end->accepted[0] = 0x1302;
	end->accepted_version[0] = 5;
	end->accepted[1] = RSA_GCM;
	end->accepted_version[1] = 4;
	end->accepted_count = 2;
	end->groups[0] = MH_GROUP_X25519;
	end->groups_at[0] = 2;
	end->groups_count = 1;
}

static void
refuse(struct scene *scene, const char *kind, uint16_t less_suite, uint16_t less_group)
{
	struct mh_hello *hello = &scene->hellos[scene->end.refused_count];
	*hello = (struct mh_hello){ .kind = mh_hello_kind_find(mh_str_z(kind)), .sni = MH_STR("mx.test") };
	hello->less[0] = less_suite;
	hello->less_count = less_suite != 0;
	hello->less_groups[0] = less_group;
	hello->less_groups_count = less_group != 0;
	scene->end.refused[scene->end.refused_count++] = hello;
}

static const struct mh_tls_offer *
fill(struct scene *scene)
{
	mh_tls_fill_offer(&scene->end, &scene->tlsa, &scene->offer);
	return &scene->offer;
}

static int
suite(const struct mh_tls_offer *offer, int version, uint16_t number)
{
	for (size_t i = 0; i < mh_suite_count(); i++)
		if (mh_suite_at(i)->number == number)
			return offer->suites[version][i];
	return -1;
}

static int
group(const struct mh_tls_offer *offer, int class, uint16_t number)
{
	for (size_t i = 0; mh_tls_groups[i] != 0; i++)
		if (mh_tls_groups[i] == number)
			return offer->groups[class][i];
	return -1;
}

static void
what_was_chosen_is_taken(void **state)
{
	struct scene scene;
	(void)state;
	set(&scene);
	const struct mh_tls_offer *offer = fill(&scene);
	assert_int_equal(offer->starttls, YES);
	assert_int_equal(offer->tls, YES);
	assert_int_equal(suite(offer, 5, 0x1302), YES);
	assert_int_equal(suite(offer, 5, 0x1301), UNKNOWN);
	assert_int_equal(suite(offer, 4, RSA_GCM), YES);
	assert_int_equal(suite(offer, 4, ECDSA_GCM), UNKNOWN);
	assert_int_equal(group(offer, 1, MH_GROUP_X25519), YES);
	/* The curves are one list. */
	assert_int_equal(group(offer, 0, MH_GROUP_X25519), YES);
	assert_int_equal(group(offer, 1, MH_GROUP_P256), UNKNOWN);
	assert_int_equal(offer->has_dane, NO);
}

static void
what_was_refused_is_not(void **state)
{
	struct scene scene;
	(void)state;
	set(&scene);
	refuse(&scene, "dhe12", 0, 0);
	refuse(&scene, "weak12", 0, 0);
	refuse(&scene, "ecdsa12", 0, 0);
	const struct mh_tls_offer *offer = fill(&scene);
	assert_int_equal(suite(offer, 4, DHE_GCM), NO);
	assert_int_equal(suite(offer, 4, RC4), NO);
	assert_int_equal(suite(offer, 4, ECDSA_GCM), NO);
	assert_int_equal(suite(offer, 4, RSA_GCM), YES);
	assert_int_equal(suite(offer, 4, 0xc030), UNKNOWN); /* nobody asked */
	assert_int_equal(suite(offer, 3, RC4), UNKNOWN); /* not in this version */

	/* Without a group that is known to be taken, the group may have been what was missing. */
	set(&scene);
	scene.end.groups_count = 0;
	refuse(&scene, "dhe12", 0, 0);
	refuse(&scene, "ecdsa12", 0, 0);
	offer = fill(&scene);
	assert_int_equal(suite(offer, 4, DHE_GCM), NO);
	assert_int_equal(suite(offer, 4, ECDSA_GCM), UNKNOWN);

	/* Nor where the version is not known, or the name was not sent. */
	set(&scene);
	scene.end.versions[4] = UNKNOWN;
	refuse(&scene, "dhe12", 0, 0);
	assert_int_equal(suite(fill(&scene), 4, DHE_GCM), UNKNOWN);
	set(&scene);
	refuse(&scene, "nosni12", 0, 0);
	assert_int_equal(suite(fill(&scene), 4, DHE_GCM), UNKNOWN);
}

static void
groups_are_refused_where_a_suite_fits(void **state)
{
	struct scene scene;
	(void)state;
	set(&scene);
	scene.end.groups[0] = MH_GROUP_P521;
	refuse(&scene, "todays13", 0, MH_GROUP_P521);
	const struct mh_tls_offer *offer = fill(&scene);
	assert_int_equal(group(offer, 1, MH_GROUP_P521), YES);
	assert_int_equal(group(offer, 1, MH_GROUP_X25519), NO);
	assert_int_equal(group(offer, 1, MH_GROUP_P256), NO);
	assert_int_equal(group(offer, 1, MH_GROUP_X25519MLKEM768), UNKNOWN);
	assert_int_equal(group(offer, 0, MH_GROUP_P256), UNKNOWN);
	assert_int_equal(suite(offer, 5, 0x1301), UNKNOWN); /* the group was missing, not the suite */
}

static void
enumeration_leaves_nothing_open(void **state)
{
	struct scene scene;
	(void)state;
	set(&scene);
	scene.end.is_enumerated = true;
	const struct mh_tls_offer *offer = fill(&scene);
	assert_int_equal(suite(offer, 5, 0x1301), NO);
	assert_int_equal(suite(offer, 4, ECDSA_GCM), NO);
	assert_int_equal(suite(offer, 2, RC4), UNKNOWN); /* that version is not there */
	assert_int_equal(group(offer, 1, MH_GROUP_P256), NO);
	assert_int_equal(group(offer, 0, MH_GROUP_P256),
	    UNKNOWN); /* groups are enumerated in the newest version */
}

static void
keys(void **state)
{
	struct scene scene;
	(void)state;
	set(&scene);
	const struct mh_tls_offer *offer = fill(&scene);
	assert_int_equal(offer->keys[0][MH_OFFER_RSA], UNKNOWN);
	/* Of the first handshake no key is known here, so RSA was asked for; it was refused. */
	scene.end.looks.other = &scene.other;
	offer = fill(&scene);
	assert_int_equal(offer->keys[0][MH_OFFER_RSA], NO);
	assert_int_equal(offer->keys[1][MH_OFFER_RSA], UNKNOWN);
	assert_int_equal(offer->keys[0][MH_OFFER_ECDSA], UNKNOWN);
	/* A connection that ended otherwise says nothing. */
	scene.other.alert = -1;
	scene.other.end = MH_EVENT_RESET;
	assert_int_equal(fill(&scene)->keys[0][MH_OFFER_RSA], UNKNOWN);
	/* Anonymous alone: there is no certificate, and no TLS 1.3. */
	scene.end.cause = MH_F_TLS_NO_CERTIFICATE_ANON;
	scene.end.is_certain = true;
	scene.end.versions[5] = UNKNOWN;
	offer = fill(&scene);
	assert_int_equal(offer->keys[0][MH_OFFER_RSA], NO);
	assert_int_equal(offer->versions[5], NO);
}

static void
causes(void **state)
{
	static const struct {
		int cause;
		bool is_certain;
		int tls, tls12, tls10; /* versions, of which nothing else is known */
	} cases[] = {
		{ MH_F_TLS_NO_CERTIFICATE, true, NO, UNKNOWN, UNKNOWN },
		{ MH_F_TLS_OLD_PROTOCOL_ONLY, true, YES, NO, UNKNOWN },
		{ MH_F_TLS_OLD_PROTOCOL_ONLY, false, UNKNOWN, UNKNOWN, UNKNOWN },
		{ MH_F_TLS_SSLV3_ONLY, true, YES, NO, NO },
		{ MH_F_TLS_NO_COMMON_CIPHER, true, YES, UNKNOWN, UNKNOWN },
		{ MH_F_TLS_CLIENT_CERT_REQUIRED, true, NO, UNKNOWN, UNKNOWN },
	};
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct scene scene;
		set(&scene);
		scene.first.secured = false;
		scene.first.phase = MH_SEEN_TLS;
		memset(scene.end.versions, UNKNOWN, sizeof(scene.end.versions));
		scene.end.cause = cases[i].cause;
		scene.end.is_certain = cases[i].is_certain;
		const struct mh_tls_offer *offer = fill(&scene);
		const char *name = mh_finding_kind_of(cases[i].cause)->id;
		test_number(name, offer->tls, cases[i].tls);
		test_number(name, offer->versions[4], cases[i].tls12);
		test_number(name, offer->versions[2], cases[i].tls10);
	}
}

static void
tlsa(void **state)
{
	struct scene scene;
	(void)state;
	set(&scene);
	scene.tlsa.state = MH_FACT_UNKNOWN;
	assert_int_equal(fill(&scene)->has_dane, UNKNOWN);
	scene.tlsa.state = MH_FACT_PRESENT;
	scene.tlsa.count = 1;
	scene.tlsa.records[0] = (struct mh_tlsa){ .usage = 3, .selector = 1, .matching = 1 };
	assert_int_equal(fill(&scene)->has_dane, UNKNOWN); /* whether they are secure is not known */
	scene.tlsa.secure = MH_SECURE_NO;
	assert_int_equal(fill(&scene)->has_dane, NO);
	scene.tlsa.secure = MH_SECURE_YES;
	assert_int_equal(fill(&scene)->has_dane, YES);
	assert_int_equal(fill(&scene)->dane, UNKNOWN); /* no certificate was seen */
	scene.tlsa.records[0].usage = 1;
	assert_int_equal(fill(&scene)->has_dane, NO);
}

static void
hellos_tell_what_they_offer(void **state)
{
	struct mh_hello hello = { .kind = mh_hello_kind_find(MH_STR("pq13")) };
	(void)state;
	assert_true(mh_hello_offers_group(&hello, MH_GROUP_X25519MLKEM768));
	assert_true(mh_hello_offers_group(&hello, MH_GROUP_P521));
	assert_false(mh_hello_offers_group(&hello, 0x001e));
	assert_true(mh_hello_offers(&hello, mh_suite_find(0x1301)));
	assert_true(mh_hello_offers(&hello, mh_suite_find(RSA_GCM)));
	assert_false(mh_hello_offers(&hello, mh_suite_find(RC4)));
	hello = (struct mh_hello){ .kind = mh_hello_kind_find(MH_STR("all12")),
		.less = { RC4 },
		.less_count = 1 };
	assert_false(mh_hello_offers(&hello, mh_suite_find(RC4)));
	assert_false(mh_hello_offers(&hello, mh_suite_find(0x1301)));
	assert_true(mh_hello_offers_group(&hello, 0x001a));
	assert_false(mh_hello_offers_group(&hello, 0x7777));
	hello.kind = mh_hello_kind_find(MH_STR("dhe12"));
	assert_true(mh_hello_offers_group(&hello, MH_GROUP_X25519));
	assert_false(mh_hello_offers_group(&hello, MH_GROUP_P384));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_chosen_is_taken),
		cmocka_unit_test(what_was_refused_is_not),
		cmocka_unit_test(groups_are_refused_where_a_suite_fits),
		cmocka_unit_test(enumeration_leaves_nothing_open),
		cmocka_unit_test(keys),
		cmocka_unit_test(causes),
		cmocka_unit_test(tlsa),
		cmocka_unit_test(hellos_tell_what_they_offer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
