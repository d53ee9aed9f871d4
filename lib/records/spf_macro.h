/* spf_macro.h - macros of SPF records, and the names that they become
 *
 * Does not: check the form of a record (spf_record.c has done it), or count.
 */
#ifndef MH_SPF_MACRO_H
#define MH_SPF_MACRO_H

#include "spf_eval.h"

/* A macro as written: %{letter digits r delimiters} */
struct mh_spf_macro {
	char letter; /* in lower case; 0: %% %_ %- */
	bool is_escaped, is_reversed;
	unsigned keep; /* parts; 0: all */
	struct mh_str delimiters, literal;
};
/* mh_spf_macro_read - reads the macro at *p, a "%", and moves *p behind it; false: it is none (RFC 7208 7.1) */
bool mh_spf_macro_read(const char **p, const char *end, struct mh_spf_macro *macro);

/* A domain both ways: raw as macros put it together, canonical as facts are found by it. */
struct mh_spf_name {
	struct mh_str raw, canonical;
};

/* What macros stand for, but for %{d}. */
struct mh_spf_env {
	struct mh_pass *pass;
	struct mh_ip ip; /* never an IPv4-mapped one */
	struct mh_str sender, local_part, sender_domain, helo, receiver;
	int64_t now;
	int ptr_limit; /* names of a PTR answer that are looked at */
	bool is_eai; /* the local part is not ASCII */
	bool may_ask; /* for %{p}; if not, it is missing wherever it stands */
};

enum mh_spf_expansion {
	MH_SPF_EXPANDED,
	MH_SPF_NOT_YET, /* %{p} needs a fact that is missing */
	MH_SPF_NO_NAME, /* this is no domain name, or no macro */
	MH_SPF_NEVER, /* RFC 8616 4: it cannot match */
	MH_SPF_NO_MEMORY, /* pass->error is set */
};

/* mh_spf_name_of - raw (a dot at its end or not) as a name of domain's kind, cut from the left to 253
 * octets (RFC 7208 7.3) */
int mh_spf_name_of(struct mh_pass *pass, struct mh_str raw, struct mh_spf_name *name);
/* mh_spf_target - the <target-name> of a <domain-spec>; domain's own name if it is empty */
int mh_spf_target(const struct mh_spf_env *env, const struct mh_spf_name *domain, struct mh_str spec,
    struct mh_spf_name *name);
/* mh_spf_expand_text - an explanation with its macros expanded (RFC 7208 6.2); NO_NAME if it is not
 * printable ASCII or has a bad macro */
int mh_spf_expand_text(const struct mh_spf_env *env, const struct mh_spf_name *domain, struct mh_str text,
    struct mh_str *explanation);
/* mh_spf_is_dynamic - whether a <domain-spec> has macros that depend on client, sender or HELO */
bool mh_spf_is_dynamic(struct mh_str spec);

/* The names of an address (RFC 7208 5.5), as far as they could be validated. */
#define MH_SPF_NAMES_MAX 16
struct mh_spf_names {
	const struct mh_fact *fact; /* PTR; NULL: missing */
	unsigned empty; /* empty answers, the PTR's own included */
	unsigned count;
	bool is_open; /* facts are missing */
	struct mh_str at[MH_SPF_NAMES_MAX]; /* canonical, in the order of the answer */
};
/* mh_spf_validated_names - those under domain (canonical), or all if it is empty */
void mh_spf_validated_names(const struct mh_spf_env *env, struct mh_str domain, struct mh_spf_names *names);

/* mh_spf_in_network - whether rdata of an A or AAAA record and ip (same family) agree in prefix bits */
bool mh_spf_in_network(const struct mh_ip *ip, const unsigned char *octets, int prefix);
/* mh_spf_has_address - whether a fact of ip's family has an address in the same network as ip */
bool mh_spf_has_address(const struct mh_fact *fact, const struct mh_ip *ip, int prefix);

#endif
