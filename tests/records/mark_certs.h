/* mark_certs.h - certificates of logos, made for tests */
#ifndef MH_TEST_MARK_CERTS_H
#define MH_TEST_MARK_CERTS_H

#include <stdbool.h>
#include <stddef.h>

#define MARK_NOW 1790000000 /* in September 2026 */
#define MARK_DAY 86400

/* In what a certificate differs from a good one for example.org: nothing, if all of it is 0. */
struct mark {
	const char *names; /* subjectAltName; "" none */
	const char *usage; /* extendedKeyUsage; "" none */
	int from_days, to_days; /* of MARK_NOW */
	bool lacks_logo, is_self_signed;
	bool is_alone, is_behind; /* without its authority; the authority comes first */
	bool is_der;
	bool has_old_authority;
	const char *mark_type; /* "" none */
};

/* mark_make - the file, to be freed; *len its octets */
char *mark_make(const struct mark *mark, size_t *len);

#endif
