/* html_page.h - what the checks "domain" and "host" found, as one page that stands by itself */
#ifndef HTML_PAGE_H
#define HTML_PAGE_H

/* html_page_write - the page of a check's JSON, into a file that is there whole or not at all; the exit status */
int html_page_write(const char *path, const char *json);

#endif
