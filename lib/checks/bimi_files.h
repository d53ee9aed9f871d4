/* bimi_files.h - the files that a BIMI record names: fetched, judged, told */
#ifndef MH_BIMI_FILES_H
#define MH_BIMI_FILES_H

#include "bimi.h"
#include "bimi_cert.h"
#include "domain.h"
#include "fetch.h"
#include "svg.h"

struct mh_bimi_file {
	const struct mh_bimi_place *place;
	struct mh_fetch fetch;
	bool is_too_long; /* the URI is longer than can be asked for */
};

struct mh_bimi_files {
	struct mh_bimi_file logo, evidence;
	/* of what was fetched */
	struct mh_svg svg;
	struct mh_bimi_cert cert;
	bool has_svg, has_cert;
};

/* mh_bimi_files_want - both at once, as far as facts go; nothing is fetched that a record does not name.
 * domain is whose mail it is.  Memory shows in pass->error. */
void mh_bimi_files_want(const struct mh_domain_check *check, struct mh_pass *pass,
    const struct mh_bimi *record, struct mh_bimi_files *files);
/* mh_bimi_files_judge - once both are there; org: the organisation's domain; false: no memory */
bool mh_bimi_files_judge(const struct mh_domain_check *check, struct mh_pass *view, struct mh_str org,
    struct mh_bimi_files *files);
/* mh_bimi_files_tell - findings; mh_bimi_files_json - members "logo" and "certificate" */
void mh_bimi_files_tell(struct mh_tell *tell, const struct mh_bimi_files *files);
void mh_bimi_files_json(struct mh_json *json, const struct mh_bimi_files *files);
void mh_bimi_files_free(struct mh_bimi_files *files);

#endif
