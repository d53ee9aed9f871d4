/* test_zone_read.c - lib/wire/zone_read.c and what it reads with: lines, data, $GENERATE */
#include "support.h"

#include "error.h"
#include "zone.h"
#include "zone_lines.h"
#include "zone_rdata.h"

#include <stdlib.h>

#define LONG_250 \
	"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"89" \
	"01234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567" \
	"89" \
	"01234567890123456789012345678901234567890123456789"

/* A text; its records as "OWNER TTL TYPE DATA|..."; its findings as "ID:LINE ...", in the order of the text. */
static const struct text_case {
	const char *sentence, *origin, *text, *records, *findings;
} cases[] = {
	/* ------------------------------------------------------ classes and TTLs */
	{ "TTL, class, type", "o", "a 60 IN A 192.0.2.1\n", "a.o 60 A 192.0.2.1", "" },
	{ "class, TTL, type", "o", "a IN 60 A 192.0.2.1\n", "a.o 60 A 192.0.2.1", "" },
	{ "TTL alone", "o", "a 60 A 192.0.2.1\n", "a.o 60 A 192.0.2.1", "" },
	{ "words in any letter case", "o", "a 60 in a 192.0.2.1\n", "a.o 60 A 192.0.2.1", "" },
	{ "units of time", "o", "$TTL 1H30m\na A 192.0.2.1\nb 1w2d3h4m5s A 192.0.2.2\n",
	    "a.o 5400 A 192.0.2.1|b.o 788645 A 192.0.2.2", "" },
	{ "the last of a time needs its unit too", "o", "a 1h30 A 192.0.2.1\n", "", "zone.syntax:1" },
	{ "the largest TTL", "o", "a 2147483647 A 192.0.2.1\n", "a.o 2147483647 A 192.0.2.1", "" },
	{ "a larger one", "o", "a 2147483648 A 192.0.2.1\n", "", "zone.syntax:1" },
	{ "a much larger one", "o", "a 99999999999999999999w A 192.0.2.1\n", "", "zone.syntax:1" },
	{ "two TTLs", "o", "a 60 60 A 192.0.2.1\n", "", "zone.syntax:1" },
	{ "two classes", "o", "a 60 IN IN A 192.0.2.1\n", "", "zone.syntax:1" },
	{ "another class", "o", "a 60 CH A 192.0.2.1\nb 60 CLASS3 TXT x\nc 60 HS TXT x\n", "",
	    "zone.syntax:1 zone.syntax:2 zone.syntax:3" },
	{ "class 1 is IN", "o", "a 60 CLASS1 TXT x\n", "a.o 60 TXT \"x\"", "" },
	{ "no TTL is told once", "o", "a A 192.0.2.1\nb A 192.0.2.2\n",
	    "a.o 3600 A 192.0.2.1|b.o 3600 A 192.0.2.2", "zone.ttl:1" },
	{ "the last TTL given", "o", "a 60 A 192.0.2.1\nb A 192.0.2.2\n",
	    "a.o 60 A 192.0.2.1|b.o 60 A 192.0.2.2", "zone.ttl:2" },
	{ "$TTL goes before the last one", "o", "$TTL 9\na 60 A 192.0.2.1\nb A 192.0.2.2\n",
	    "a.o 60 A 192.0.2.1|b.o 9 A 192.0.2.2", "" },
	{ "the MINIMUM of the SOA", "o", "@ SOA a b 1 2 3 4 77\nb A 192.0.2.2\n",
	    "o 77 SOA a.o. b.o. 1 2 3 4 77|b.o 77 A 192.0.2.2", "zone.ttl:1" },
	{ "bad $TTL lines", "o", "$TTL\n$TTL x\n$TTL 1 2\n$TTL -1\n$ttl 5\na A 192.0.2.1\n",
	    "a.o 5 A 192.0.2.1", "zone.syntax:1 zone.syntax:2 zone.syntax:3 zone.syntax:4" },
	/* --------------------------------------------------------------- owners */
	{ "a blank owner is the last one", "o", "a 1 A 192.0.2.1\n\t1 TXT x\n \n; c\n  1 TXT y\n",
	    "a.o 1 A 192.0.2.1|a.o 1 TXT \"x\"|a.o 1 TXT \"y\"", "" },
	{ "no owner at all", "o", " 1 A 192.0.2.1\n", "", "zone.syntax:1" },
	{ "a bad owner takes those that follow it along", "o",
	    "a 1 TXT x\nb..c 1 TXT y\n 1 TXT z\nd 1 TXT w\n", "a.o 1 TXT \"x\"|d.o 1 TXT \"w\"",
	    "zone.syntax:2 zone.syntax:3" },
	{ "bad data does not", "o", "a 1 A x\n 1 TXT z\n", "a.o 1 TXT \"z\"", "zone.syntax:1" },
	{ "nor does a missing quote", "o", "a 1 TXT \"x\n 1 TXT z\n", "a.o 1 TXT \"z\"", "zone.syntax:1" },
	{ "the origin itself", "o", "@ 1 TXT x\n", "o 1 TXT \"x\"", "" },
	{ "an escaped @ is a label", "o", "\\@ 1 TXT x\n", "@.o 1 TXT \"x\"", "" },
	{ "an absolute name", "o", "a.o. 1 TXT x\n", "a.o 1 TXT \"x\"", "" },
	{ "an escaped dot at the end", "o", "a\\. 1 TXT x\na\\\\. 1 TXT y\n", "a\\..o 1 TXT \"x\"",
	    "zone.outside:2" },
	{ "an owner that is a type", "o", "mx 1 MX 0 a 1\nTXT 1 TXT x\n", "txt.o 1 TXT \"x\"",
	    "zone.syntax:1" },
	{ "no name", "o", "a..b 1 TXT x\n.a 1 TXT x\na\\25 1 TXT x\na\\256 1 TXT x\n", "",
	    "zone.syntax:1 zone.syntax:2 zone.syntax:3 zone.syntax:4" },
	{ "a relative name without origin", "", "a 1 TXT x\nb.o. 1 TXT y\n", "b.o 1 TXT \"y\"",
	    "zone.syntax:1" },
	{ "the first SOA is an origin", "", "o. 1 SOA a b 1 2 3 4 5\nc 1 TXT x\n",
	    "o 1 SOA a.o. b.o. 1 2 3 4 5|c.o 1 TXT \"x\"", "" },
	{ "the second is none", "", "o. 1 SOA a b 1 2 3 4 5\np.o. 1 SOA a b 1 2 3 4 5\nc 1 TXT x\n",
	    "o 1 SOA a.o. b.o. 1 2 3 4 5|p.o 1 SOA a.o. b.o. 1 2 3 4 5|c.o 1 TXT \"x\"", "" },
	{ "$ORIGIN", "", "$ORIGIN o.\n@ 1 TXT x\n$origin p\n@ 1 TXT y\n$ORIGIN @\na 1 TXT z\n",
	    "o 1 TXT \"x\"|p.o 1 TXT \"y\"|a.p.o 1 TXT \"z\"", "" },
	{ "bad $ORIGIN lines", "o", "$ORIGIN\n$ORIGIN a..b.\n$ORIGIN a. b.\na 1 TXT x\n", "a.o 1 TXT \"x\"",
	    "zone.syntax:1 zone.syntax:2 zone.syntax:3" },
	{ "a directive that nobody knows", "o", "$FOO x\n$ 1 TXT x\n", "", "zone.syntax:1 zone.syntax:2" },
	{ "$INCLUDE is not followed", "o", "$INCLUDE /etc/passwd\n$include sub.zone sub\na 1 TXT x\n",
	    "a.o 1 TXT \"x\"", "zone.include:1 zone.include:2" },
	/* ---------------------------------------------------- lines and comments */
	{ "comments", "o", "; one\na 1 TXT x ; two\n;three\n b;four\n", "a.o 1 TXT \"x\"", "zone.syntax:4" },
	{ "a semicolon in quotes", "o", "a 1 TXT \"v=DKIM1; k=rsa; p=\"\n",
	    "a.o 1 TXT \"v=DKIM1; k=rsa; p=\"", "" },
	{ "an escaped semicolon", "o", "a 1 TXT v=DKIM1\\;p= \"b\\;c\"\n", "a.o 1 TXT \"v=DKIM1;p=\" \"b;c\"",
	    "" },
	{ "a bare semicolon cuts a text", "o", "a 1 TXT v=DKIM1; k=rsa; p=\n", "a.o 1 TXT \"v=DKIM1\"",
	    "zone.text-cut:1" },
	{ "a comment behind a space does not", "o", "a 1 TXT v=DKIM1 ; k=rsa\n", "a.o 1 TXT \"v=DKIM1\"",
	    "" },
	{ "nor one behind an owner", "o", "a 1 A 192.0.2.1;comment\n", "a.o 1 A 192.0.2.1", "" },
	{ "parentheses", "o",
	    "@ 1 SOA a b ( ; serial\n 1 ; refresh\n 2 ; retry (\n 3 4 5 )\na 1 TXT (\"x\"\n\"y\")\n",
	    "o 1 SOA a.o. b.o. 1 2 3 4 5|a.o 1 TXT \"x\" \"y\"", "" },
	{ "parentheses around all", "o", "a (1 TXT x\n)\nb 1 (TXT) (x y) (z)\n",
	    "a.o 1 TXT \"x\"|b.o 1 TXT \"x\" \"y\" \"z\"", "" },
	{ "parentheses in quotes are none", "o", "a 1 TXT \"(\" \")\" \\( \\)\n",
	    "a.o 1 TXT \"(\" \")\" \"(\" \")\"", "" },
	{ "a parenthesis that is not closed", "o", "a 1 TXT ( x\nb 1 TXT y\n", "b.o 1 TXT \"y\"",
	    "zone.syntax:1" },
	{ "one that another one follows", "o", "a 1 TXT ( x\nb 1 TXT y\nc 1 TXT ( z\n )\n",
	    "b.o 1 TXT \"y\"|c.o 1 TXT \"z\"", "zone.syntax:1" },
	{ "one that is not opened", "o", "a 1 TXT x )\nb 1 TXT y\n", "b.o 1 TXT \"y\"", "zone.syntax:1" },
	{ "parentheses within parentheses", "o", "a 1 TXT ( x ( y ) z\n)\nb 1 TXT y\n", "b.o 1 TXT \"y\"",
	    "zone.syntax:1 zone.syntax:2" },
	{ "a quote that is not closed", "o", "a 1 TXT \"x\nb 1 TXT \"y\"\nc 1 TXT \"z\n", "b.o 1 TXT \"y\"",
	    "zone.syntax:1 zone.syntax:3" },
	{ "one within parentheses", "o", "a 1 TXT ( \"x\"\n \"y\n \"z\" )\nb 1 TXT y\n", "b.o 1 TXT \"y\"",
	    "zone.syntax:2" },
	{ "one that hides the parenthesis", "o", "a 1 TXT ( \"x\"\n \"y )\nb 1 TXT y\n", "b.o 1 TXT \"y\"",
	    "zone.syntax:1 zone.syntax:2" },
	{ "a quote behind a backslash", "o", "a 1 TXT \"x\\\"\nb 1 TXT \"y\\\\\"\n", "b.o 1 TXT \"y\\\\\"",
	    "zone.syntax:1" },
	{ "a backslash at the end", "o", "a 1 TXT x\\\nb 1 TXT y\n", "b.o 1 TXT \"y\"", "zone.syntax:1" },
	{ "CR LF", "o", "a 1 TXT x\r\n\r\n  1 TXT \"y\"\r\nb 1 TXT \"z\r\n",
	    "a.o 1 TXT \"x\"|a.o 1 TXT \"y\"", "zone.syntax:4" },
	{ "no line feed at the end", "o", "a 1 TXT x", "a.o 1 TXT \"x\"", "" },
	{ "a byte order mark", "o",
	    "\xef\xbb\xbf"
	    "a 1 TXT x\n",
	    "a.o 1 TXT \"x\"", "" },
	{ "an empty text", "o", "", "", "" },
	{ "nothing but comments", "", "; a\n\n  \n", "", "" },
	/* ------------------------------------------------------------------ text */
	{ "octets in decimals", "o", "a 1 TXT \"\\000\\007\\255\\034\\092\" \\065\n",
	    "a.o 1 TXT \"\\000\\007\\255\\\"\\\\\" \"A\"", "" },
	{ "octets that are none", "o", "a 1 TXT \\256\nb 1 TXT \\1x2\nc 1 TXT \\12\nd 1 TXT \"\\9\"\n", "",
	    "zone.syntax:1 zone.syntax:2 zone.syntax:3 zone.syntax:4" },
	{ "octets above ASCII as they are", "o", "a 1 TXT \"\xc3\xa4\"\n", "a.o 1 TXT \"\\195\\164\"", "" },
	{ "strings side by side", "o", "a 1 TXT \"x\"\"y\"z\"w\"\n", "a.o 1 TXT \"x\" \"y\" \"z\" \"w\"",
	    "" },
	{ "an empty string", "o", "a 1 TXT \"\"\nb 1 TXT\n", "a.o 1 TXT \"\"", "zone.syntax:2" },
	{ "a string of 255 octets", "o", "a 1 TXT \"" LONG_250 "12345\"\n", "a.o 1 TXT \"" LONG_250 "12345\"",
	    "" },
	{ "a string of 256 octets", "o", "a 1 TXT \"" LONG_250 "123456\"\nb 1 TXT x\n", "b.o 1 TXT \"x\"",
	    "zone.syntax:1" },
	{ "escapes count as the octets they are", "o", "a 1 TXT \"" LONG_250 "\\0501234\"\n",
	    "a.o 1 TXT \"" LONG_250 "21234\"", "" },
	{ "SPF has text too", "o", "a 1 SPF \"v=spf1 \" \"-all\"\n", "a.o 1 SPF \"v=spf1 \" \"-all\"", "" },
	{ "a tab within quotes", "o", "a 1 TXT \"x\ty\"\n", "a.o 1 TXT \"x\\009y\"", "" },
	/* ----------------------------------------------------------- other types */
	{ "A", "o",
	    "a 1 A 192.0.2.1\nb 1 A 192.0.2\nc 1 A 192.0.2.256\nd 1 A 192.0.2.1 x\ne 1 A 2001:db8::1\nf 1 "
	    "A\n",
	    "a.o 1 A 192.0.2.1", "zone.syntax:2 zone.syntax:3 zone.syntax:4 zone.syntax:5 zone.syntax:6" },
	{ "AAAA", "o",
	    "a 1 AAAA 2001:DB8::1\nb 1 AAAA ::ffff:192.0.2.1\nc 1 AAAA 192.0.2.1\nd 1 AAAA 1::2::3\n",
	    "a.o 1 AAAA 2001:db8::1|b.o 1 AAAA ::ffff:192.0.2.1", "zone.syntax:3 zone.syntax:4" },
	{ "MX", "o", "a 1 MX 10 b\na 1 MX 0 .\nb 1 MX c\nb 1 MX 65536 c\nb 1 MX -1 c\nb 1 MX 1 c..d\n",
	    "a.o 1 MX 10 b.o.|a.o 1 MX 0 .", "zone.syntax:3 zone.syntax:4 zone.syntax:5 zone.syntax:6" },
	{ "SRV", "o", "_x._tcp 1 SRV 1 2 65535 t.\n", "_x._tcp.o 1 SRV 1 2 65535 t.", "" },
	{ "TLSA", "o",
	    "a 1 TLSA 3 1 1 00 1122 (\n 3344 )\nb 1 TLSA 3 1 1 001\nc 1 TLSA 3 1 1\nd 1 TLSA 3 1 1 0g\n",
	    "a.o 1 TLSA 3 1 1 0011223344", "zone.syntax:3 zone.syntax:4 zone.syntax:5" },
	{ "CAA", "o", "a 1 CAA 0 issue \"ca.example; x=y\"\nb 1 CAA 0 iss-ue x\nc 1 CAA 256 issue x\n",
	    "a.o 1 CAA 0 issue \"ca.example; x=y\"", "zone.syntax:2 zone.syntax:3" },
	{ "names keep relative and absolute apart", "o",
	    "a 1 NS b\nb.o. 1 PTR c.o.\nc 1 CNAME @\nd 1 DNAME .\n",
	    "a.o 1 NS b.o.|b.o 1 PTR c.o.|c.o 1 CNAME o.|d.o 1 DNAME .", "" },
	{ "an SOA has times with units", "o", "@ 1 SOA a b 4294967295 1d 1h 1w 1m\n",
	    "o 1 SOA a.o. b.o. 4294967295 86400 3600 604800 60", "" },
	{ "an SOA with too little", "o", "@ 1 SOA a b 1 2 3 4\n", "", "zone.syntax:1" },
	{ "an SOA with a comma", "o", "@ 1 SOA a b 1,2 2 3 4 5\n", "", "zone.syntax:1" },
	{ "types that ldns reads", "o",
	    "a 1 LOC 52 14 05 N 00 08 50 E 10m\nb 1 DNSKEY 256 3 8 AwEAAQ==\nc 1 OPENPGPKEY AwEAAQ==\n",
	    "a.o 1 TYPE29 \\# 16 001216138b3556c88008165000989a68"
	    "|b.o 1 DNSKEY \\# 8 0100030803010001|c.o 1 TYPE61 \\# 4 03010001",
	    "" },
	{ "and refuses", "o", "a 1 LOC north\nb 1 DNSKEY 256 3 8 AwE*\nc 1 LOC \"\n", "",
	    "zone.syntax:1 zone.syntax:2 zone.syntax:3" },
	{ "NAPTR", "o", "a 1 NAPTR 1 2 \"s\" \"x;y\" \"!a!b\\\\1!\" r\n",
	    "a.o 1 TYPE35 \\# 23 00010002017303783b7907216121625c31210172016f00", "" },
	{ "the unknown form", "o",
	    "a 1 TYPE65300 \\# 3 00 1122\nb 1 TYPE1 \\# 4 c0000201\nc 1 TXT \\# 2 0161\n"
	    "d 1 TYPE65300 \\# 0\n",
	    "a.o 1 TYPE65300 \\# 3 001122|b.o 1 A 192.0.2.1|c.o 1 TXT \"a\"|d.o 1 TYPE65300 \\# 0", "" },
	{ "the unknown form in error", "o",
	    "a 1 TYPE65300 \\# 3 0011\nb 1 A \\# 3 c00002\nc 1 TXT \\# 2 0261\n"
	    "d 1 TYPE65300 x\ne 1 MX \\# 3 000100 00\nf 1 TYPE65300 \\#\n",
	    "", "zone.syntax:1 zone.syntax:2 zone.syntax:3 zone.syntax:4 zone.syntax:5 zone.syntax:6" },
	{ "no such type", "o", "a 1 FOO x\nb 192.0.2.1\nc 1 ANY x\nd 1 TYPE255 \\# 0\ne 1\nf 1 OPT \\# 0\n",
	    "", "zone.syntax:1 zone.syntax:2 zone.syntax:3 zone.syntax:4 zone.syntax:5 zone.syntax:6" },
	{ "base64", "o",
	    "a 1 CERT 1 2 3 AA AA (\n AQ== )\nb 1 OPENPGPKEY AQI=\nc 1 OPENPGPKEY AQ\nd 1 OPENPGPKEY A===\n"
	    "e 1 OPENPGPKEY AQ==AQ==\nf 1 OPENPGPKEY A*==\ng 1 OPENPGPKEY AQ===\n",
	    "a.o 1 TYPE37 \\# 9 000100020300000001|b.o 1 TYPE61 \\# 2 0102",
	    "zone.syntax:4 zone.syntax:5 zone.syntax:6 zone.syntax:7 zone.syntax:8" },
	{ "HTTPS", "o", "a 1 HTTPS 1 . alpn=\"h2,h3\"\n",
	    "a.o 1 TYPE65 \\# 13 000100000100060268320268"
	    "33",
	    "" },
	{ "old types are left out, unless they are in the unknown form", "o",
	    "a 1 WKS 192.0.2.1 6 25\nb 1 IPSECKEY 1 2 x n\nc 1 WKS \\# 6 c0000201 06 01\n",
	    "c.o 1 TYPE11 \\# 6 c00002010601", "" },
	{ "signatures are left out", "o",
	    "a 1 A 192.0.2.1\n 1 RRSIG A 8 what ever\nb 1 NSEC c A\nc 1 NSEC3 1 0\n", "a.o 1 A 192.0.2.1",
	    "" },
	/* ----------------------------------------------------------- $GENERATE */
	{ "$GENERATE", "o", "$GENERATE 9-11 h$ 1 A 192.0.2.$\n",
	    "h9.o 1 A 192.0.2.9|h10.o 1 A 192.0.2.10|h11.o 1 A 192.0.2.11", "" },
	{ "a step", "o", "$GENERATE 0-5/2 $ 1 IN TXT \"x $\" $$ \\$\n",
	    "0.o 1 TXT \"x 0\" \"$\" \"$\"|2.o 1 TXT \"x 2\" \"$\" \"$\"|4.o 1 TXT \"x 4\" \"$\" \"$\"", "" },
	{ "offset, width and base", "o",
	    "$GENERATE 10-10 a${1}b${-2,3}c${0,3,x}d${0,0,X}e${0,0,o}f${0,1,n}g${16,7,N} 1 TXT ${0}\n",
	    "a11b008c00adae12faga.1.0.0.o 1 TXT \"10\"", "" },
	{ "bad $GENERATE lines", "o",
	    "$GENERATE\n$GENERATE 1 a A b\n$GENERATE 2-1 a A 192.0.2.1\n$GENERATE 1-2/0 a A 192.0.2.1\n"
	    "$GENERATE 0-65536 a A 192.0.2.1\n$GENERATE 1-2 ${0,0,q} 1 A 192.0.2.1\n$GENERATE 1-2 ${-2} 1 A "
	    "192.0.2.1\n"
	    "$GENERATE 1-2 ${ 1 A 192.0.2.1\n$GENERATE x-2 a A 192.0.2.1\n",
	    "",
	    "zone.syntax:1 zone.syntax:2 zone.syntax:3 zone.syntax:4 zone.syntax:5 zone.syntax:6 "
	    "zone.syntax:7 "
	    "zone.syntax:8 zone.syntax:9" },
	{ "a bad line made is told once", "o", "\n$GENERATE 255-300 h$ 1 A 192.0.2.$\n",
	    "h255.o 1 A 192.0.2.255", "zone.syntax:2" },
	/* ----------------------------------------------- what cannot stand there */
	{ "outside the zone", "o", "a.p. 1 TXT x\nb.o. 1 TXT y\n", "b.o 1 TXT \"y\"", "zone.outside:1" },
	{ "outside the zone of the SOA", "", "x.o. 1 TXT x\np. 1 TXT x\no. 1 SOA a b 1 2 3 4 5\n",
	    "x.o 1 TXT \"x\"|o 1 SOA a.o. b.o. 1 2 3 4 5", "zone.outside:2" },
	{ "what is below a delegation", "o",
	    "s 1 NS n.s\nn.s 1 A 192.0.2.1\nm.s 1 MX 1 a\ns 1 TXT x\ns 1 DS 1 1 1 00\n",
	    "s.o 1 NS n.s.o.|n.s.o 1 A 192.0.2.1|m.s.o 1 MX 1 a.o.|s.o 1 TXT \"x\"|s.o 1 DS 1 1 1 00",
	    "zone.outside:3 zone.outside:4" },
	{ "what is below a DNAME", "o", "d 1 DNAME x\nd 1 TXT y\na.d 1 TXT z\n",
	    "d.o 1 DNAME x.o.|d.o 1 TXT \"y\"|a.d.o 1 TXT \"z\"", "zone.outside:3" },
	{ "a CNAME and data", "o", "a 1 CNAME b\na 1 TXT x\nb 1 TXT x\nb 1 CNAME c\n",
	    "a.o 1 CNAME b.o.|a.o 1 TXT \"x\"|b.o 1 TXT \"x\"|b.o 1 CNAME c.o.",
	    "zone.alias-and-data:2 zone.alias-and-data:4" },
	{ "a CNAME at the apex", "o", "@ 1 SOA a b 1 2 3 4 5\n@ 1 CNAME c\n",
	    "o 1 SOA a.o. b.o. 1 2 3 4 5|o 1 CNAME c.o.", "zone.alias-and-data:2" },
	{ "two CNAMEs", "o", "a 1 CNAME b\na 1 CNAME c\na 1 CNAME b\n", "a.o 1 CNAME b.o.|a.o 1 CNAME c.o.",
	    "zone.alias-and-data:2" },
	{ "two SOAs, two DNAMEs", "o",
	    "@ 1 SOA a b 1 2 3 4 5\n@ 1 SOA a b 2 2 3 4 5\nd 1 DNAME x\nd 1 DNAME y\n",
	    "o 1 SOA a.o. b.o. 1 2 3 4 5|o 1 SOA a.o. b.o. 2 2 3 4 5|d.o 1 DNAME x.o.|d.o 1 DNAME y.o.",
	    "zone.only-one:2 zone.only-one:4" },
	{ "names that lack their dot", "example.org",
	    "@ 1 MX 10 mail.example.org\nwww.example.org 1 CNAME web.example.org.\nx 1 NS notexample.org\n",
	    "example.org 1 MX 10 mail.example.org.example.org."
	    "|www.example.org.example.org 1 CNAME web.example.org.|x.example.org 1 NS "
	    "notexample.org.example.org.",
	    "zone.missing-dot:1 zone.missing-dot:2" },
};

/* put_records - all records that were read */
static void
put_records(struct mh_buf *out, const struct mh_zonefile *zones)
{
	struct mh_str name;
	struct mh_rr rr;
	uint32_t ttl;
	int type;
	char room[MH_RR_TYPE_ROOM];
	for (size_t i = 0; mh_zonefile_at(zones, i, &name, &type, &ttl, &rr); i++) {
		if (i > 0)
			mh_buf_putc(out, '|');
		mh_buf_putstr(out, name);
		mh_buf_putc(out, ' ');
		mh_buf_putint(out, ttl);
		mh_buf_putc(out, ' ');
		mh_buf_puts(out, mh_rr_type_name(type, room));
		mh_buf_putc(out, ' ');
		mh_rr_print(out, type, &rr);
		assert_true(i < mh_zonefile_count(zones));
	}
}

/* put_findings - "ID:LINE" with spaces between them, ordered by where they are */
static void
put_findings(struct mh_buf *out, const struct mh_report *report)
{
	int64_t last = -1;
	for (;;) {
		const struct mh_finding *next = NULL;
		for (size_t i = 0; i < mh_report_size(report); i++) {
			const struct mh_finding *finding = mh_report_at(report, i);
			if (finding->begin > last && (next == NULL || finding->begin < next->begin))
				next = finding;
		}
		if (next == NULL)
			return;
		if (last >= 0)
			mh_buf_putc(out, ' ');
		last = next->begin;
		mh_buf_puts(out, next->kind->id);
		mh_buf_puts(out, strrchr(next->subject, ':'));
		assert_true(next->end >= next->begin);
		assert_string_equal(next->check, "zone");
		assert_true(strlen(next->detail) > 10);
	}
}

static void
texts_are_read(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf records, findings;
	(void)state;
	mh_buf_init(&records, &mem, 1 << 20);
	mh_buf_init(&findings, &mem, 1 << 20);
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		const struct text_case *c = &cases[i];
		size_t len = strlen(c->text);
		char *text = guard_copy(c->text, len);
		struct mh_report *report = mh_report_make(&mem);
		struct mh_zonefile *zones = mh_zonefile_make(&mem);
		assert_int_equal(mh_zonefile_read(zones, MH_STR("z"), mh_str_z(c->origin),
				     mh_str_n(text, len), report),
		    MH_ERR_OK);
		guard_free(text, len);
		mh_buf_reset(&records);
		mh_buf_reset(&findings);
		put_records(&records, zones);
		put_findings(&findings, report);
		test_span(c->sentence, mh_str_z(mh_buf_z(&records)), mh_str_z(c->records));
		test_span(c->sentence, mh_str_z(mh_buf_z(&findings)), mh_str_z(c->findings));
		mh_zonefile_free(zones);
		mh_report_unref(report);
	}
	mh_buf_free(&records);
	mh_buf_free(&findings);
}
/* read_whole - the number of records; the findings as text in *findings, if wanted */
static size_t
read_whole(struct mh_str text, struct mh_buf *findings)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_report *report = mh_report_make(&mem);
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	assert_int_equal(mh_zonefile_read(zones, MH_STR("z"), MH_STR("o"), text, report), MH_ERR_OK);
	size_t count = mh_zonefile_count(zones);
	if (findings != NULL) {
		mh_buf_reset(findings);
		put_findings(findings, report);
	}
	mh_zonefile_free(zones);
	mh_report_unref(report);
	return count;
}

/* repeated - head, then n times what, then tail */
static struct mh_str
repeated(struct mh_buf *buf, const char *head, const char *what, size_t n, const char *tail)
{
	mh_buf_reset(buf);
	mh_buf_puts(buf, head);
	while (n-- > 0)
		mh_buf_puts(buf, what);
	mh_buf_puts(buf, tail);
	assert_false(buf->bad);
	return mh_str_n(buf->p, buf->len);
}

static void
what_is_too_long(void **state)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_buf text, findings;
	(void)state;
	mh_buf_init(&text, &mem, (size_t)100 << 20);
	mh_buf_init(&findings, &mem, 1 << 20);
	/* A line of 65536 octets is the longest. */
	assert_int_equal(read_whole(repeated(&text, "a 1 A 1.2.3.4", " ", 65536 - 13, "\nb 1 TXT x\n"),
			     &findings),
	    2);
	assert_string_equal(mh_buf_z(&findings), "");
	assert_int_equal(read_whole(repeated(&text, "a 1 A 1.2.3.4", " ", 65537 - 13, "\nb 1 TXT x\n"),
			     &findings),
	    1);
	assert_string_equal(mh_buf_z(&findings), "zone.syntax:1");
	/* TXT of 65535 octets is the longest: 256 strings of 255 octets less one. */
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT (\n", LONG_250 "12345\n", 255,
					LONG_250 "1234 )\n"),
			     &findings),
	    1);
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT (\n", LONG_250 "12345\n", 256, ")\nb 1 TXT x\n"),
			     &findings),
	    1);
	assert_string_equal(mh_buf_z(&findings), "zone.syntax:257");
	/* As many strings as a record can have, and more words than are read. */
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT (\n", "\"\"\n", 65535, ")\n"), &findings), 1);
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT (\n", "\"\"\n", 65536, ")\nb 1 TXT x\n"),
			     &findings),
	    1);
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT (\n", "\"\"\n", 80000, ")\nb 1 TXT x\n"),
			     &findings),
	    1);
	assert_int_equal(findings.len, strlen("zone.syntax:70000"));
	/* Parentheses hold 1 MiB together; behind that they are taken for forgotten. */
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT (x\n", "  ;  \n", 300000, ")\nb 1 TXT y\n"),
			     &findings),
	    1);
	assert_string_equal(mh_buf_z(&findings), "zone.syntax:1 zone.syntax:300002");
	/* More findings than are told. */
	assert_int_equal(read_whole(repeated(&text, "", "x\n", 5000, "b 1 TXT y\n"), &findings), 1);
	assert_non_null(strstr(mh_buf_z(&findings), "zone.syntax:1000 zone.too-large:1001"));
	/* What is behind 64 MiB. */
	assert_int_equal(read_whole(repeated(&text, "a 1 TXT y\n", "         \n", (64 << 20) / 10,
					"b 1 TXT y\n"),
			     &findings),
	    1);
	assert_string_equal(mh_buf_z(&findings), "zone.too-large:6710887");
	mh_buf_free(&text);
	mh_buf_free(&findings);
}

/* Texts that would take hours if each line were worth a look at all that follow it. */
static void
what_is_made_to_take_long(void **state)
{
	static const struct {
		const char *head, *what, *tail;
		size_t n, records;
	} texts[] = {
		{ "", "a 1 TXT (\n", "", 500000, 0 },
		{ "", "a 1 TXT ( \"\n", "", 500000, 0 },
		{ "", "(\n\"\n", "", 500000, 0 },
		{ "a 1 TXT x\n", " 1 TXT x\n", "", 500000, 1 },
		{ "$ORIGIN x.\n", "$GENERATE 0-65535 $ 1 A 1.2.3.$\n", "", 1000, 0 },
		{ "", "$GENERATE 0-65535 a 1 A 1.2.3.4\n", "", 100, 1 },
		{ "", "$GENERATE 0-65535 a 1 TYPE65280 \\# 2 ${0,4,x}\n", "", 1, 65536 },
		{ "", "$GENERATE 1-65280 a 1 TYPE$ \\# 1 00\n", "", 1, 0 },
		{ "$TTL 1\n", "$GENERATE 0-60000 a.b.c.d.e.f.g.h.i.j.k.l.$ A 1.2.3.4\n", "", 2, 60001 },
	};
	struct mh_mem mem = mh_mem_default();
	struct mh_buf text;
	(void)state;
	mh_buf_init(&text, &mem, (size_t)64 << 20);
	for (size_t i = 0; i < MH_COUNT(texts); i++) {
		size_t count =
		    read_whole(repeated(&text, texts[i].head, texts[i].what, texts[i].n, texts[i].tail),
			NULL);
		test_number(texts[i].what, count, texts[i].records);
	}
	mh_buf_free(&text);
}

/* look_text - whatever the octets are: all that was read is there, within its bounds, and is answered */
static void
look_text(struct mh_str s, void *arg)
{
	struct mh_mem mem = mh_mem_default();
	struct mh_report *report = mh_report_make(&mem);
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	struct mh_source source = mh_zonefile_source(zones, true);
	size_t *records = arg;
	struct mh_str name;
	struct mh_rr rr;
	uint32_t ttl;
	int type;

	assert_int_equal(mh_zonefile_read(zones, MH_STR("z"), MH_STR("o"), s, report), MH_ERR_OK);
	for (size_t i = 0; mh_zonefile_at(zones, i, &name, &type, &ttl, &rr); i++, ++*records) {
		char text[MH_DNAME_TEXT_MAX];
		int error = 0;
		assert_int_equal(mh_dname_canonical(name, text), name.len);
		assert_memory_equal(text, name.p, name.len);
		assert_true(ttl <= INT32_MAX);
		struct mh_fact *fact = source.answer(source.self, name, type, &error);
		assert_non_null(fact);
		assert_true(fact->state != MH_FACT_NXDOMAIN || fact->is_alias);
		mh_fact_unref(fact);
	}
	for (size_t i = 0; i < mh_report_size(report); i++) {
		const struct mh_finding *finding = mh_report_at(report, i);
		assert_true(
		    finding->begin >= 0 && finding->end <= (int64_t)s.len && finding->begin <= finding->end);
	}
	mh_zonefile_free(zones);
	mh_report_unref(report);
}

static void
broken_texts(void **state)
{
	size_t records = 0;
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++)
		if (strlen(cases[i].text) < 200)
			test_mangled(mh_str_z(cases[i].text), look_text, &records);
	assert_true(records > 20000);
}

/* read_case - whether a text was read, and all there was to tell was told */
static bool
read_case(struct mh_mem mem, void *arg)
{
	const struct text_case *c = arg;
	struct mh_report *report = mh_report_make(&mem);
	struct mh_zonefile *zones = mh_zonefile_make(&mem);
	bool is_good = report != NULL && zones != NULL &&
	    mh_zonefile_read(zones, MH_STR("z"), mh_str_z(c->origin), mh_str_z(c->text), report) == MH_ERR_OK;
	mh_zonefile_free(zones);
	mh_report_unref(report);
	return is_good;
}

static void
without_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < MH_COUNT(cases); i++) {
		struct text_case c = cases[i];
		assert_true(test_failing_allocs(read_case, &c, false) > 1);
	}
}

static void
times(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} table[] = { { "0", 0 }, { "00", 0 }, { "1s", 1 }, { "1M", 60 }, { "1w1d1h1m1s", 694861 },
		{ "1m1m", 120 }, { "2147483647", INT32_MAX }, { "2147483648", -2 }, { "3551w", -2 },
		{ "99999999999999999999999w99999999999999999999w", -2 }, { "", -1 }, { "s", -1 },
		{ "1x", -1 }, { "1h1", -1 }, { "-1", -1 }, { "+1", -1 }, { "1 ", -1 }, { "1.5h", -1 } };
	(void)state;
	for (size_t i = 0; i < MH_COUNT(table); i++)
		test_number(table[i].text, mh_zones_time(mh_str_z(table[i].text)), table[i].seconds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(what_is_too_long),
		cmocka_unit_test(what_is_made_to_take_long),
		cmocka_unit_test(broken_texts),
		cmocka_unit_test(without_memory),
		cmocka_unit_test(times),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
