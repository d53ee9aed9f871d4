/* fuzz_svg.c - any octets as a logo: lib/records/svg.c, xml.c */
#include "fuzz.h"

#include "svg.h"
#include "xml.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mh_str text = { (const char *)data, size };
	struct mh_svg svg;
	struct mh_xml xml;
	size_t pieces = 0;
	int kind;

	mh_svg_read(text, &svg);
	for (unsigned i = 0; i < svg.faults_count; i++)
		fuzz_check(svg.faults[i].at.p >= text.p &&
		    svg.faults[i].at.p + svg.faults[i].at.len <= text.p + size);
	mh_xml_begin(&xml, text);
	while ((kind = mh_xml_next(&xml)) != MH_XML_END && kind != MH_XML_BAD)
		fuzz_check(++pieces <= 2 * size && xml.depth <= MH_XML_DEPTH_MAX);
	fuzz_check(mh_xml_next(&xml) == kind);
	fuzz_check((kind == MH_XML_BAD) == (xml.why != NULL));
	return 0;
}
