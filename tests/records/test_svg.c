/* test_svg.c - lib/records/svg.c and xml.c */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#include "records/logos.h"
#include "svg.h"

#define O SVG_OPEN SVG_TITLE
#define C "</svg>"

/* A file, and words of each sentence about it, with a bar between them. */
static const struct {
	const char *text, *faults;
} files[] = {
	{ SVG_GOOD, "" },
	{ "\xef\xbb\xbf" SVG_GOOD, "" },
	{ O C, "" },
	{ "<svg " SVG_PS " viewBox='-5.5,0 1e'/>", "four numbers|no title" },
	{ "<svg " SVG_PS " viewBox=\"-10 -10 64.50 64.5\">" SVG_TITLE C, "" },
	{ "<svg " SVG_PS " viewBox='0,0,.5,0.5'>" SVG_TITLE C, "" },
	{ O "<metadata><rdf:RDF a:b=\"c\"><x/></rdf:RDF></metadata>" C, "" },
	{ O "<text>&#x41;&#65;&lt;</text><path d='M0 0' id='a'/>" C, "" },
	{ O "<text><![CDATA[<script>]]></text>" C, "" },

	/* no SVG at all */
	{ "", "file is empty" },
	{ " \n", "file is empty" },
	{ "\x1f\x8b\x08", "compressed" },
	{ "\x89PNG\r\n", "image of pixels" },
	{ "\xff\xd8\xff\xe0", "image of pixels" },
	{ "\xff\xfe<", "UTF-16" },
	{ "<!DOCTYPE html><html></html>", "web page" },
	{ "<html><br></html>", "web page" },
	{ "<?xml version='1.0'?><policy/>", "outermost element is not svg" },
	{ "hello", "text outside" },
	{ "<!-- x -->", "no element" },

	/* the outermost element */
	{ "<svg>" SVG_TITLE C, "xmlns=|version=|baseProfile=|no viewBox" },
	{ "<svg " SVG_NS " version='1.1' baseProfile='tiny' viewBox='0 0 1 1'>" SVG_TITLE C,
	    "version=|baseProfile=" },
	{ "<svg " SVG_PS " viewBox=\"0 0 100 98\">" SVG_TITLE C, "not square" },
	{ "<svg " SVG_PS " viewBox=\"0 0 0 0\">" SVG_TITLE C, "four numbers" },
	{ "<svg " SVG_PS " viewBox=\"0 0 1 1 1\">" SVG_TITLE C, "four numbers" },
	{ "<svg " SVG_PS " viewBox=\"0 0 100% 100%\">" SVG_TITLE C, "four numbers" },
	{ "<svg " SVG_PS " x=\"0\" viewBox=\"0 0 1 1\">" SVG_TITLE C, "x= or y=" },

	/* the title */
	{ SVG_OPEN C, "no title" },
	{ SVG_OPEN "<g>" SVG_TITLE "</g>" C, "no title" },
	{ SVG_OPEN "<title/>" C, "title is empty" },
	{ SVG_OPEN "<title> \n </title>" C, "title is empty" },
	{ SVG_OPEN "<title>12345678901234567890123456789012345678901234567890123456789012345</title>" C,
	    "longer than 64" },
	{ SVG_OPEN "<title>\xc3\xa4"
		   "123456789012345678901234567890123456789012345678901234567890123</title>" C,
	    "" },

	/* what must not be in it */
	{ O "<script/>" C, "script" },
	{ O "<g onload=\"x\"/>" C, "script" },
	{ O "<use href=\"javascript:x\"/>" C, "script" },
	{ O "<script/><g onclick='x'/>" C, "script" },
	{ O "<foreignObject/>" C, "not SVG is embedded" },
	{ O "<image href=\"data:image/png;base64,x\"/>" C, "image of pixels|outside of the file" },
	{ O "<rect><animate/></rect><set/>" C, "animation" },
	{ O "<a href=\"#x\"/>" C, "link" },
	{ O "<style>a{}</style>" C, "style sheet" },
	{ O "<rect style=\"fill:red\"/>" C, "style=" },
	{ O "<filter/>" C, "profile does not have" },
	{ O "<sodipodi:namedview/>" C, "elements of a drawing program" },
	{ O "<g inkscape:label=\"x\"/>" C, "attributes of a drawing program" },
	{ O "<use xlink:href=\"https://example.org/a.svg#b\"/>" C, "outside of the file" },
	{ O "<use xlink:href=\"\"/>" C, "outside of the file" },
	{ O "<rect fill=\"url(https://example.org/)\"/>" C, "outside of the file" },
	{ O "<rect fill=\"url( '#a' )\"/>" C, "" },
	{ O "<rect fill=\"URL('x')\"/>" C, "outside of the file" },
	{ O "<g xml:base=\"/\"/>" C, "outside of the file" },
	{ "<?xml-stylesheet href='x'?>" O C, "outside of the file" },
	{ "<!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"x\">" O C, "document type" },
	{ "<!DOCTYPE svg [<!ENTITY a 'b>'>]>" O "&a;" C, "document type|entity" },
	{ O "&nbsp;" C, "entity" },
	{ O "<g id='&a;'/>" C, "entity" },

	/* not well-formed */
	{ O, "ends before" },
	{ O "<g>" C, "does not fit" },
	{ O C C, "does not fit" },
	{ O C "<svg/>", "more than one" },
	{ O C "x", "text outside" },
	{ O "<g id='1' id='2'/>" C, "twice" },
	{ O "<g id=1/>" C, "in quotes" },
	{ O "<g id/>" C, "no value" },
	{ O "<g id='x'y='z'/>" C, "no space" },
	{ O "<g ='x'/>" C, "no attribute" },
	{ O "<g id='<'/>" C, "\"<\" in the value" },
	{ O "<g id='&'/>" C, "\"&\"" },
	{ O "a & b" C, "\"&\"" },
	{ O "&#x;" C, "\"&\"" },
	{ O "1 < 2" C, "begins no tag" },
	{ O "<g", "tag does not end" },
	{ O "<g id='", "do not end" },
	{ O "<!-- a -- b -->" C, "two hyphens" },
	{ O "<!-- a", "comment" },
	{ O "<![CDATA[ a", "CDATA" },
	{ O "<?x", "instruction" },
	{ " <?xml version='1.0'?>" O C, "before the XML declaration" },
	{ "<!DOCTYPE svg", "does not end" },
	{ O "\x01" C, "no character" },
	{ O "\xff" C, "no character" },
};

static void
reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(files); i++) {
		struct mh_svg svg;
		unsigned n = 0;
		mh_svg_read(mh_str_z(files[i].text), &svg);
		for (const char *p = files[i].faults; *p != '\0'; n++) {
			char words[64];
			size_t len = strcspn(p, "|");
			(void)snprintf(words, sizeof(words), "%.*s", (int)len, p);
			p += len + (p[len] == '|');
			if (n >= svg.faults_count || strstr(svg.faults[n].why, words) == NULL)
				test_span(files[i].text,
				    mh_str_z(n < svg.faults_count ? svg.faults[n].why : "nothing"),
				    mh_str_z(words));
		}
		if (svg.faults_count > n)
			test_span(files[i].text, mh_str_z(svg.faults[n].why), MH_STR("nothing more"));
	}
	struct mh_svg svg;
	mh_svg_read(MH_STR(SVG_GOOD), &svg);
	test_span("the title is read", svg.title, MH_STR("Example"));
}

static void
look(struct mh_str s, void *arg)
{
	struct mh_svg svg;

	(void)arg;
	mh_svg_read(s, &svg);
	for (unsigned i = 0; i < svg.faults_count; i++) {
		assert_true(svg.faults[i].at.p >= s.p);
		assert_true(svg.faults[i].at.p + svg.faults[i].at.len <= s.p + s.len);
	}
	assert_true(svg.title.len == 0 || (svg.title.p >= s.p && svg.title.p + svg.title.len <= s.p + s.len));
}

static void
mangled(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(files); i += 3)
		test_mangled(mh_str_z(files[i].text), look, NULL);
}

/* repeated - a file with a part in it many times */
static void
repeated(const char *sentence, const char *part, size_t count, const char *words)
{
	size_t len = strlen(part);
	char *text = malloc(sizeof(O) + len * count);
	struct mh_svg svg;

	assert_non_null(text);
	memcpy(text, O, sizeof(O) - 1);
	for (size_t i = 0; i < count; i++)
		memcpy(text + sizeof(O) - 1 + i * len, part, len);
	mh_svg_read(mh_str_n(text, sizeof(O) - 1 + len * count), &svg);
	bool has = false;
	for (unsigned i = 0; i < svg.faults_count; i++)
		has |= strstr(svg.faults[i].why, words) != NULL;
	test_check(sentence, has);
	free(text);
}

static void
limits(void **state)
{
	(void)state;
	repeated("what is nested without end is not followed", "<g>", 10000, "deeper");
	repeated("what has no end of size is told", "<g/>", 10000, "32 KiB");
	repeated("many kinds of faults", "<script/><image/><a/><style/><set/><x/><a:b/>", 3000, "animation");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading),
		cmocka_unit_test(mangled),
		cmocka_unit_test(limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
