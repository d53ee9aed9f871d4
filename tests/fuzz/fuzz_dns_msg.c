/* fuzz_dns_msg.c - any octets as the answer to a question, by lib/wire/dns_msg.c
 *
 * The first octet says how it is read and of which type the question is; the id and the question of the rest are
 * made ours, or it would all be another's.
 */
#include "fuzz.h"

#include "dns_msg.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char name[] = "\1a\3org";
	static const int types[] = { MH_RR_A, MH_RR_TXT, MH_RR_MX, MH_RR_CNAME, MH_RR_PTR, MH_RR_TLSA,
		MH_RR_SRV, 65280 };
	static struct mh_mem mem;
	static struct mh_fact_draft draft;
	struct mh_buf text;
	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_fact_draft_init(&draft, &mem);
	}
	if (size < 1)
		return 0;
	int how = data[0] & 31, type = types[data[0] >> 5];
	unsigned char *copy = malloc(size + 64);
	fuzz_check(copy != NULL);
	memcpy(copy, data + 1, size - 1);
	size_t len = size - 1;
	if (len > 22) {
		copy[0] = 0x12;
		copy[1] = 0x34;
		copy[2] |= 0x80;
		if (copy[5] == 1) {
			memcpy(copy + 12, name, 7);
			copy[19] = (unsigned char)(type >> 8);
			copy[20] = (unsigned char)type;
		}
	}
	struct mh_dns_question question = { .name = name,
		.name_len = 7,
		.id = 0x1234,
		.type = (uint16_t)type,
		.has_edns = true };
	mh_fact_draft_begin(&draft, MH_STR("a.org"), type);
	enum mh_dns_verdict verdict = mh_dns_read(copy, len, &question, how, &draft);
	fuzz_check(verdict != MH_DNS_NO_MEMORY);
	if (verdict == MH_DNS_ANSWER) {
		struct mh_fact *fact = mh_fact_make(&mem, &draft);
		fuzz_check(fact != NULL && fact->state != MH_FACT_MISSING);
		fuzz_check((fact->state == MH_FACT_PRESENT) == (fact->count > 0));
		mh_buf_init(&text, &mem, 1u << 20);
		for (size_t i = 0; i < fact->count; i++) {
			static unsigned char again[65535];
			mh_buf_reset(&text);
			mh_rr_print(&text, type, &fact->rr[i]);
			int back = mh_rr_read(mh_str_n(text.p, text.len), type, false, again);
			fuzz_check(back == fact->rr[i].len);
		}
		mh_buf_free(&text);
		mh_fact_unref(fact);
	}
	free(copy);
	return 0;
}
