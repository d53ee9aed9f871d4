/* fuzz_zone.c - any octets as a zone file: what was read is answered, and what was found lies in the text
 *
 * The first octet chooses the origin; the text is read twice, which adds no record that is not there.
 */
#include "fuzz.h"

#include "error.h"
#include "zone.h"

/* look_at - all questions that the text's own names give rise to */
static void
look_at(struct mh_zonefile *zones)
{
	struct mh_source all = mh_zonefile_source(zones, true), own = mh_zonefile_source(zones, false);
	static const int types[] = { MH_RR_A, MH_RR_TXT, MH_RR_CNAME, MH_RR_DS, 255 };
	struct mh_str name;
	struct mh_rr rr;
	uint32_t ttl;
	int type, error = 0;

	for (size_t i = 0; i < 200 && mh_zonefile_at(zones, i, &name, &type, &ttl, &rr); i++) {
		char below[MH_DNAME_TEXT_MAX + 2] = "q.", text[MH_DNAME_TEXT_MAX];
		struct mh_fact *fact = all.answer(all.self, name, type, &error);
		fuzz_check(fact != NULL && fact->type == type && mh_str_eq(fact->name, name));
		fuzz_check(mh_dname_canonical(fact->canonical, text) == fact->canonical.len);
		fuzz_check(mh_str_eq(fact->canonical, mh_str_n(text, fact->canonical.len)));
		mh_fact_unref(fact);
		memcpy(below + 2, name.p, name.len);
		size_t len = mh_dname_canonical(mh_str_n(below, name.len + 2), text);
		for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
			fact = all.answer(all.self, name, types[k], &error);
			fuzz_check(fact != NULL);
			mh_fact_unref(fact);
			fact = len > 0 ? own.answer(own.self, mh_str_n(text, len), types[k], &error) : NULL;
			fuzz_check(error == 0);
			mh_fact_unref(fact);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const origins[] = { "", ".", "example.org", "a.b.c.d.e.f" };
	struct mh_mem mem = mh_mem_default();
	if (size == 0)
		return 0;
	struct mh_str text = mh_str_n((const char *)data + 1, size - 1);
	struct mh_str origin = mh_str_z(origins[data[0] % 4]);
	struct mh_report *report = mh_report_make(&mem);
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	fuzz_check(report != NULL && zones != NULL);
	fuzz_check(mh_zonefile_read(zones, MH_STR("z"), origin, text, report) == MH_ERR_OK);
	size_t count = mh_zonefile_count(zones);
	look_at(zones);
	fuzz_check(mh_zonefile_read(zones, MH_STR("z"), origin, text, NULL) == MH_ERR_OK);
	fuzz_check(mh_zonefile_count(zones) == count);
	for (size_t i = 0; i < mh_report_size(report) && i < 100; i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		fuzz_check(finding->begin >= 0 && finding->begin <= finding->end);
		fuzz_check(finding->end <= (int64_t)text.len);
	}
	mh_zonefile_free(zones);
	mh_report_unref(report);
	return 0;
}
