/* logos.h - a logo as BIMI has it, for tests */
#ifndef MH_TEST_LOGOS_H
#define MH_TEST_LOGOS_H

#define SVG_NS "xmlns=\"http://www.w3.org/2000/svg\""
#define SVG_PS SVG_NS " version=\"1.2\" baseProfile=\"tiny-ps\""
#define SVG_OPEN "<svg " SVG_PS " viewBox=\"0 0 100 100\">"
#define SVG_TITLE "<title>Example</title>"
#define SVG_GOOD \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a logo -->\n" SVG_OPEN "\n" SVG_TITLE \
	"<desc>A circle &amp; a path</desc>\n<defs><linearGradient id=\"a\"><stop offset=\"0\" " \
	"stop-color=\"#fff\"/></linearGradient></defs>\n<rect width='100' height='100' fill='url(#a)'/>" \
	"<g transform=\"scale(2)\"><circle cx=\"25\" cy=\"25\" r=\"20\" fill=\"#c00\"/>" \
	"<use xlink:href=\"#a\" xmlns:xlink=\"http://www.w3.org/1999/xlink\"/></g>\n</svg>\n"

#endif
