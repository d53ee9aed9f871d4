/* dane_suite.c - one case of a conformance suite for DANE: read from standard input, judged, told
 *
 * A line each: "name NAME", "no-ee-names", "anchors" and "chain" with PEM behind them up to a line "end",
 * "tlsa U S M HEX".  Prints "VALID ERROR DEPTH".
 */
#include <stdio.h>
#include <string.h>

#include "dane.h"

#define TLSA_MAX 64

static char line[1 << 20];

/* read_pem - up to a line "end" */
static void
read_pem(struct mh_buf *out)
{
	while (fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "end\n") != 0)
		mh_buf_puts(out, line);
}

int
main(void)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_ossl *ossl = mh_ossl_make(&mem);
	struct mh_arena arena;
	struct mh_buf chain_pem, anchors_pem;
	struct mh_anchors *anchors = mh_anchors_make(ossl);
	struct mh_tlsa tlsa[TLSA_MAX];
	struct mh_dane_verdict verdict;
	unsigned count = 0;
	char name[256] = "";
	bool checks_names = true;

	mh_arena_init(&arena, &mem, 0);
	mh_buf_init(&chain_pem, &mem, 1 << 20);
	mh_buf_init(&anchors_pem, &mem, 1 << 20);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, "name ", 5) == 0)
			(void)snprintf(name, sizeof(name), "%s", line + 5);
		else if (strcmp(line, "no-ee-names") == 0)
			checks_names = false;
		else if (strcmp(line, "chain") == 0)
			read_pem(&chain_pem);
		else if (strcmp(line, "anchors") == 0)
			read_pem(&anchors_pem);
		else if (strncmp(line, "tlsa ", 5) == 0 && count < TLSA_MAX &&
		    mh_tlsa_parse(mh_str_z(line + 5), &arena, &tlsa[count]))
			count++;
	}
	struct mh_certs *chain = mh_certs_read_pem(ossl, &mem, mh_str_n(mh_buf_z(&chain_pem), chain_pem.len));
	const struct mh_str names = mh_str_z(name);
	const struct mh_dane_question question = { .records = tlsa,
		.count = count,
		.names = &names,
		.names_count = 1,
		.anchors = anchors,
		.checks_names_of_ee = checks_names,
		.at = -1 };
	if (chain == NULL || mh_anchors_add(anchors, mh_str_n(mh_buf_z(&anchors_pem), anchors_pem.len)) < 0 ||
	    !mh_dane_judge(chain, &question, &verdict))
		return 1;
	printf("%d %ld %d\n", verdict.is_valid, verdict.error, verdict.depth);
	mh_certs_free(chain);
	mh_buf_free(&chain_pem);
	mh_buf_free(&anchors_pem);
	mh_anchors_unref(anchors);
	mh_arena_free(&arena);
	mh_ossl_unref(ossl);
	return 0;
}
