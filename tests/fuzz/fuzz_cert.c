/* fuzz_cert.c - any octets as a chain of certificates, TLSA records, a staple: through lib/records/cert.c, dane.c */
#include "fuzz.h"

#include "cert.h"
#include "dane.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_ossl *ossl;
	static struct mh_anchors *anchors;
	struct mh_mem mem = mh_mem_default();
	struct mh_judgement judgement;
	struct mh_dane_verdict verdict;
	struct mh_str ders[4];
	unsigned count = 0;
	struct mh_cur cur = mh_cur_of(data, size);

	if (ossl == NULL) {
		ossl = mh_ossl_make(&mem);
		anchors = mh_anchors_make(ossl);
	}
	while (count < 4 && mh_cur_left(&cur) > 2) {
		size_t len = mh_cur_u16(&cur);
		ders[count++] = mh_cur_take(&cur, len < mh_cur_left(&cur) ? len : mh_cur_left(&cur));
	}
	struct mh_certs *chain = mh_certs_read(ossl, &mem, ders, count);
	fuzz_check(chain != NULL && mh_certs_count(chain) + mh_certs_unreadable(chain) == count);
	struct mh_str rest = mh_cur_rest(&cur), last = count > 0 ? ders[count - 1] : rest;
	fuzz_check(mh_certs_judge(chain, anchors, MH_STR("mx.example.org"), 1790000000, last, &judgement));
	struct mh_tlsa tlsa = { .usage = 3 };
	const struct mh_str name = MH_STR("mx.example.org");
	const struct mh_dane_question question = { .records = &tlsa,
		.count = 1,
		.names = &name,
		.names_count = 1,
		.for_mail = true,
		.at = 1790000000 };
	if (mh_tlsa_read(last, &tlsa))
		fuzz_check(mh_dane_judge(chain, &question, &verdict));
	mh_certs_free(chain);
	chain = mh_certs_read_pem(ossl, &mem, mh_str_n((const char *)data, size));
	fuzz_check(chain != NULL);
	mh_certs_free(chain);
	chain = mh_certs_read_any(ossl, &mem, mh_str_n((const char *)data, size));
	fuzz_check(chain != NULL);
	mh_certs_free(chain);
	return 0;
}
