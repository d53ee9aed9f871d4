/* fuzz_mime.c - any octets through lib/replies/mime.c and what reads its parts */
#include "fuzz.h"

#include "error.h"
#include "mime.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mh_mem mem;
	static struct mh_arena arena;
	static struct mh_mime mime;
	struct mh_field field;
	if (mem.fn == NULL) {
		mem = mh_mem_default();
		mh_arena_init(&arena, &mem, 1u << 20);
		mh_mime_init(&mime, &mem, &arena);
	}
	mh_arena_reset(&arena);
	fuzz_check(mh_mime_read(&mime, mh_str_n((const char *)data, size)) == MH_ERR_OK);
	fuzz_check(mime.count >= 1 && mime.count <= MH_MIME_PARTS + 1);
	for (size_t i = 0; i < mime.count; i++) {
		const struct mh_mime_part *part = &mime.parts[i];
		fuzz_check(part->parent <= i && part->depth <= MH_MIME_DEPTH + 1);
		struct mh_str text = mh_mime_text(&mime, part, 16384), head = part->head;
		fuzz_check(text.p != NULL && text.len <= 16384 * 4 && fuzz_utf8(text.p, text.len));
		struct mh_str html = mh_html_text(&arena, text);
		fuzz_check(html.p != NULL && html.len <= text.len && fuzz_utf8(html.p, html.len));
		while (mh_field_next(&head, &field)) {
			struct mh_str words = mh_words_decode(&mime, field.value);
			fuzz_check(words.p != NULL && fuzz_utf8(words.p, words.len));
			fuzz_check(mh_param(&arena, field.value, MH_STR("name")).p != NULL);
			(void)mh_address_in(field.value);
		}
	}
	return 0;
}
