#!/usr/bin/env python3
"""test_spf_lint.py - what is said of SPF records, and that every fix does what it promises

Each case: a name that is a sentence, the zone (lines of a master file with the root as origin), the findings above
info that there must be and no others, and those of severity info that there must be besides.
"""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))

import mailhealth  # noqa: E402

HEAD = "$TTL 300\n. IN SOA a. b. 1 7200 3600 1209600 60\n"
HOSTS = ("mx.example.org. A 192.0.2.25\nexample.org. MX 10 mx.example.org.\n"
         "i.example.net. TXT \"v=spf1 ip4:198.51.100.0/24 -all\"\n")


def record(*texts):
    def strings(text):
        return " ".join('"%s"' % text[i:i + 252] for i in range(0, len(text), 252)) if len(text) != 255 else '"%s"' % text
    return "".join("example.org. TXT %s\n" % strings(text) for text in texts)


def many(n, last="-all"):
    return record("v=spf1 " + " ".join("include:c%d.example.net" % i for i in range(n)) + " " + last) + "".join(
        'c%d.example.net. TXT "v=spf1 ip4:198.51.100.%d -all"\n' % (i, i) for i in range(n))


ELEVEN = " ".join("include:c%d.example.net" % i for i in range(11))

# name, zone, above info, info, options
CASES = [
    ("a good record has no findings", record("v=spf1 ip4:192.0.2.0/24 include:i.example.net -all"), "", ""),
    ("softfail is information", record("v=spf1 ip4:192.0.2.1 ~all"), "", "spf.softfail-all"),
    ("a parked domain", record("v=spf1 -all"), "", "spf.parked"),
    ("no record, with exchanges", "", "spf.missing", ""),
    ("no record and no name", None, "spf.missing", ""),
    ("another text is no record", record("v=spf10 -all"), "spf.missing", ""),
    ("two records", record("v=spf1 ip4:192.0.2.1 -all", "v=spf1 include:i.example.net ~all"), "spf.multiple-records", ""),
    ("a record at _spf", '_spf.example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n', "spf.wrong-name", ""),
    ("a quote in front", record("\\\"v=spf1 ip4:192.0.2.1 -all"), "spf.unquoted-or-joined", ""),
    ("no space behind the version", record("v=spf1ip4:192.0.2.1 -all"), "spf.unquoted-or-joined", ""),
    ("terms run together", record("v=spf1 ip4:192.0.2.1include:i.example.net -all"), "spf.unquoted-or-joined", ""),
    ("strings joined without a space", 'example.org. TXT "v=spf1 ip4:192.0.2.1" "include:i.example.net -all"\n',
     "spf.unquoted-or-joined", ""),
    ("strings joined within a word", 'example.org. TXT "v=spf1 ip4:192.0.2.1 inclu" "de:i.example.net -all"\n', "", ""),
    ("ipv4:", record("v=spf1 ipv4:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("ip4=", record("v=spf1 ip4=192.0.2.1 -all"), "spf.typo", ""),
    ("include=", record("v=spf1 include=i.example.net -all"), "spf.typo", ""),
    ("incude:", record("v=spf1 incude:i.example.net -all"), "spf.syntax spf.typo", ""),
    ("redirect:", record("v=spf1 redirect:i.example.net"), "spf.syntax spf.typo", ""),
    ("a comma behind a term", record("v=spf1 ip4:192.0.2.1, -all"), "spf.syntax spf.typo", ""),
    ("an address alone", record("v=spf1 192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("an address behind a:", record("v=spf1 a:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("a host behind ip4:", record("v=spf1 ip4:mx.example.org -all"), "spf.syntax spf.typo", ""),
    ("-al", record("v=spf1 ip4:192.0.2.1 -al"), "spf.syntax spf.typo", ""),
    ("an IPv6 address behind ip4:", record("v=spf1 ip4:2001:db8::1 -all"), "spf.syntax spf.wrong-family", ""),
    ("an IPv4 address behind ip6:", record("v=spf1 ip6:192.0.2.1 -all"), "spf.syntax spf.wrong-family", ""),
    ("a prefix too long", record("v=spf1 ip4:192.0.2.0/33 -all"), "spf.syntax", ""),
    ("two errors are two findings", record("v=spf1 ip4:x foo:bar -all"), "spf.syntax spf.syntax", ""),
    ("a typographic dash", record("v=spf1 ip4:192.0.2.1 \\226\\128\\147all"), "spf.non-ascii", ""),
    ("redirect= twice", record("v=spf1 redirect=i.example.net redirect=i.example.net"), "spf.duplicate-modifier", ""),
    ("an unknown modifier", record("v=spf1 moo=cow ip4:192.0.2.1 -all"), "", "spf.unknown-modifier"),
    ("a report address is known", record("v=spf1 ra=postmaster ip4:192.0.2.1 -all"), "", ""),
    ("ten lookups", many(10), "spf.near-limit", ""),
    ("nine lookups", many(9), "spf.near-limit", ""),
    ("eight lookups", many(8), "", ""),
    ("eleven lookups", many(11), "spf.too-many-lookups", ""),
    ("lookups behind all cost nothing", record("v=spf1 ip4:192.0.2.1 -all " + " ".join("a:mx.example.org" for _ in range(12))),
     "spf.terms-after-all", "spf.duplicate-term"),
    ("three voids", record("v=spf1 a:v1.example.org a:v2.example.org a:v3.example.org -all"),
     "spf.too-many-voids spf.void-lookup spf.void-lookup spf.void-lookup", ""),
    ("one void", record("v=spf1 ip4:192.0.2.1 a:v1.example.org -all"), "spf.void-lookup", ""),
    ("an include of nothing", record("v=spf1 include:mx.example.org -all"), "spf.include-missing", ""),
    ("an include of nobody", record("v=spf1 include:nobody.example -all"), "spf.include-missing spf.dangling-include", ""),
    ("a loop", record("v=spf1 include:l.example.net -all") + 'l.example.net. TXT "v=spf1 include:example.org -all"\n',
     "spf.include-loop", ""),
    ("a redirect to nothing", record("v=spf1 redirect=mx.example.org"), "spf.redirect-missing", ""),
    ("an mx with eleven hosts", record("v=spf1 mx:many.example.org -all") + "".join(
        "many.example.org. MX 1 h%d.example.org.\nh%d.example.org. A 192.0.2.%d\n" % (i, i, i) for i in range(11)), "spf.mx-limit", ""),
    ("+all", record("v=spf1 +all"), "spf.plus-all", ""),
    ("all without a sign", record("v=spf1 ip4:192.0.2.1 all"), "spf.plus-all", ""),
    ("every address", record("v=spf1 ip4:0.0.0.0/0 -all"), "spf.plus-all", ""),
    ("every address in two halves", record("v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all"), "spf.plus-all spf.huge-range spf.huge-range", "spf.mergeable"),
    ("?all", record("v=spf1 ip4:192.0.2.1 ?all"), "spf.neutral-all", ""),
    ("no all", record("v=spf1 ip4:192.0.2.1"), "spf.no-all", ""),
    ("a redirect needs no all", record("v=spf1 redirect=i.example.net"), "", ""),
    ("a /12", record("v=spf1 ip4:51.0.0.0/12 -all"), "spf.huge-range", ""),
    ("a /16", record("v=spf1 ip4:51.1.0.0/16 -all"), "", ""),
    ("ptr", record("v=spf1 ip4:192.0.2.1 ptr -all"), "spf.ptr-mechanism", ""),
    ("a term behind all", record("v=spf1 -all ip4:192.0.2.1"), "spf.terms-after-all", ""),
    ("redirect= beside all", record("v=spf1 ip4:192.0.2.1 -all redirect=i.example.net"), "spf.redirect-with-all", ""),
    ("a private address", record("v=spf1 ip4:192.168.1.0/24 ip4:192.0.2.1 -all"), "spf.private-address", ""),
    ("loopback", record("v=spf1 ip4:192.0.2.1 ip6:::1 -all"), "spf.private-address", ""),
    ("addresses of documentation are public", record("v=spf1 ip6:2001:db8::/32 ip4:203.0.113.0/24 -all"), "", ""),
    ("a full string without an end", record("v=spf1 " + "ip4:198.51.100.1 " * 14 + "ip4:192.0.2.1 a1"[:0] + "ip4:192.0.2"[:0] +
     "x=" + "y" * (255 - 7 - 17 * 14 - 2)), "spf.string-too-long", "spf.duplicate-term spf.unknown-modifier"),
    ("a large answer", record("v=spf1 ip4:192.0.2.1 -all") + 'example.org. TXT "%s" "%s"\n' % ("x" * 250, "y" * 250), "spf.record-too-long", ""),
    ("type 99", record("v=spf1 ip4:192.0.2.1 -all") + 'example.org. SPF "v=spf1 -all"\n', "spf.type99", ""),
    ("Sender ID", record("v=spf1 ip4:192.0.2.1 -all", "spf2.0/pra -all"), "spf.sender-id", ""),
    ("a term twice", record("v=spf1 ip4:192.0.2.1 a:mx.example.org ip4:192.0.2.1 -all"), "", "spf.duplicate-term"),
    ("a network within another", record("v=spf1 ip4:192.0.2.0/24 ip4:192.0.2.7 -all"), "", "spf.unreachable-term spf.mergeable"),
    ("two halves of a network", record("v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 -all"), "", "spf.mergeable"),
    ("an include that adds nothing", record("v=spf1 ip4:198.51.100.0/24 include:i.example.net -all"), "", "spf.unreachable-term spf.cheaper-record"),
    ("a macro", record("v=spf1 exists:%{i}.x.example.org -all"), "", "spf.macro-used"),
    ("an error in an included record", record("v=spf1 include:b.example.net -all") + 'b.example.net. TXT "v=spf1 ip4:x -all"\n', "spf.syntax", ""),
    ("two records at an included domain", record("v=spf1 include:b.example.net -all") +
     'b.example.net. TXT "v=spf1 -all"\nb.example.net. TXT "v=spf1 ~all"\n', "spf.multiple-records", ""),
]

CASES += [
    # what a person writes
    ("~ all", record("v=spf1 ip4:192.0.2.1 ~ all"), "spf.syntax spf.typo", ""),
    ("a space behind include:", record("v=spf1 include: i.example.net -all"), "spf.syntax spf.syntax spf.typo", ""),
    ("a space before a colon", record("v=spf1 ip4 :192.0.2.1 -all"), "spf.syntax spf.syntax spf.typo", ""),
    ("a space before a slash", record("v=spf1 ip4:192.0.2.0 /24 -all"), "spf.syntax spf.typo", ""),
    ("all with a dot", record("v=spf1 ip4:192.0.2.1 ~all."), "spf.syntax spf.typo", ""),
    ("all alone with a dot is not mended to let everybody send", record("v=spf1 ip4:192.0.2.1 all."), "spf.syntax spf.typo", ""),
    ("no colon", record("v=spf1 ip4192.0.2.1 -all"), "spf.syntax", ""),
    ("an address behind mx:", record("v=spf1 mx:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("an address in brackets", record("v=spf1 ip4:[192.0.2.1] -all"), "spf.syntax spf.typo", ""),
    ("a mask", record("v=spf1 ip4:192.0.2.0/255.255.255.0 -all"), "spf.syntax spf.typo", ""),
    ("no mask", record("v=spf1 ip4:192.0.2.0/255.0.255.0 -all"), "spf.syntax", ""),
    ("a star", record("v=spf1 ip4:192.0.2.* -all"), "spf.syntax spf.typo", ""),
    ("commas between terms", record("v=spf1 ip4:192.0.2.1,ip4:192.0.2.7,192.0.2.9 -all"),
     "spf.syntax", ""),
    ("several slips are mended by each of their fixes", record("v=spf1 ipv4:192.0.2.1 incude:i.example.net -al"),
     "spf.syntax spf.syntax spf.syntax spf.typo spf.typo spf.typo", ""),
    ("ip6 behind ipv4:", record("v=spf1 ipv4:2001:db8::1 -all"), "spf.syntax spf.typo", ""),
    ("a near miss of a modifier is none", record("v=spf1 ip4:192.0.2.1 ver=2 -all"), "", "spf.unknown-modifier"),
    ("a domain that looks like a mechanism", record("v=spf1 include:i.example.net a:ip4.example.org -all") +
     "ip4.example.org. A 192.0.2.3\n", "", ""),
    # the version
    ("a comma behind the version", record("v=spf1, ip4:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("a colon for the sign", record("v:spf1 ip4:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("spaces in the version", record("v = spf1 ip4:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("no version", record("spf1 ip4:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("letters swapped", record("v=sfp1 ip4:192.0.2.1 -all"), "spf.syntax spf.typo", ""),
    ("a space in front", record(" v=spf1 ip4:192.0.2.1 -all"), "spf.unquoted-or-joined", ""),
    ("quotes within quotes", record("\\\"v=spf1 ip4:192.0.2.1 -all\\\""), "spf.unquoted-or-joined", ""),
    ("all spaces lost", record("v=spf1ip4:192.0.2.1include:i.example.net-all"), "spf.unquoted-or-joined", ""),
    ("capitals are fine", record("V=SPF1 IP4:192.0.2.1 -ALL"), "", ""),
    ("other texts are no records", record("v=spf1 ip4:192.0.2.1 -all", "spf record of 2019", "google-site-verification=abc",
                                        "v=DMARC1; p=none"), "", ""),
    # glued and cut
    ("a space lost in a name that can be read", record("v=spf1 include:i.example.netinclude:j.example.net -all") +
     'j.example.net. TXT "v=spf1 ip4:203.0.113.0/24 -all"\n',
     "spf.unquoted-or-joined spf.include-missing", ""),
    ("a space lost before the end", record("v=spf1 include:i.example.net-all"),
     "spf.unquoted-or-joined spf.include-missing spf.dangling-include spf.no-all", ""),
    ("a name that ends in all", record("v=spf1 a:small.example.org -all") + "small.example.org. A 192.0.2.7\n", "", ""),
    ("a record cut in two", record("v=spf1 ip4:192.0.2.1 ip4:192.0.2.9", "include:i.example.net -all"),
     "spf.unquoted-or-joined spf.no-all", ""),
    ("a record cut within a word", record("v=spf1 ip4:192.0.2.1 inclu", "de:i.example.net -all"),
     "spf.unquoted-or-joined spf.syntax", ""),
    ("a quote within", record('v=spf1 ip4:192.0.2.1\\" \\"include:i.example.net -all'),
     "spf.unquoted-or-joined spf.unquoted-or-joined", ""),
    ("a long record in several strings is fine",
     record("v=spf1 " + " ".join("ip4:192.0.2.%d" % (2 * i) for i in range(24)) + " -all"), "", ""),
    # signs of word processors
    ("a space that does not break", record("v=spf1\\194\\160ip4:192.0.2.1 -all"), "spf.non-ascii", ""),
    ("such a space within", record("v=spf1 ip4:192.0.2.1\\194\\160-all"), "spf.non-ascii", ""),
    ("typographic quotes around", record("\\226\\128\\156v=spf1 ip4:192.0.2.1 -all\\226\\128\\157"), "spf.non-ascii", ""),
    ("an octet mark", record("\\239\\187\\191v=spf1 ip4:192.0.2.1 -all"), "spf.non-ascii", ""),
    ("an international name", record("v=spf1 a:b\\195\\188cher.example -all") + "xn--bcher-kva.example. A 192.0.2.1\n", "spf.non-ascii",
     ""),
    ("a tab", record("v=spf1 ip4:192.0.2.1\\009-all"), "spf.syntax", ""),
    # names that are free
    ("an include of a missing name at a provider that is there", record("v=spf1 include:gone.example.net -all"), "spf.include-missing", ""),
    ("an a of nobody", record("v=spf1 ip4:192.0.2.1 a:mail.nobody.example -all"), "spf.void-lookup spf.dangling-include", ""),
    ("a redirect to nobody", record("v=spf1 redirect=nobody.example"), "spf.redirect-missing spf.dangling-include", ""),
    ("nobody within an included record", record("v=spf1 include:b.example.net -all") +
     'b.example.net. TXT "v=spf1 include:spf.nobody.example -all"\n', "spf.include-missing spf.dangling-include", ""),
    ("nobody under two labels", record("v=spf1 include:spf.nobody.co.uk -all") + "x.co.uk. A 192.0.2.1\n",
     "spf.include-missing spf.dangling-include", ""),
    # the end
    ("a redirect to ?all", record("v=spf1 redirect=n.example.net") + 'n.example.net. TXT "v=spf1 ip4:192.0.2.1 ?all"\n', "spf.neutral-all", ""),
    ("a redirect to no all", record("v=spf1 redirect=n.example.net") + 'n.example.net. TXT "v=spf1 ip4:192.0.2.1"\n', "spf.no-all", ""),
    ("an include of +all", record("v=spf1 include:n.example.net -all") + 'n.example.net. TXT "v=spf1 +all"\n', "spf.plus-all", ""),
    ("a redirect to +all", record("v=spf1 redirect=n.example.net") + 'n.example.net. TXT "v=spf1 +all"\n', "spf.plus-all", ""),
    ("-include of +all refuses everybody", record("v=spf1 ip4:192.0.2.1 -include:n.example.net ~all") +
     'n.example.net. TXT "v=spf1 +all"\n', "", ""),
    ("every IPv6 address", record("v=spf1 ip6:::/0 -all"), "spf.plus-all", ""),
    ("-ip4:0.0.0.0/0 refuses", record("v=spf1 ip4:192.0.2.1 -ip4:0.0.0.0/0 ~all"), "", ""),
    ("a parked domain with remains", record("v=spf1 -all", "spf2.0/pra -all") + 'example.org. SPF "v=spf1 -all"\n', "", "spf.parked"),
    ("exp= before -all is parked too", record("v=spf1 exp=e.example.org -all"), "", "spf.parked"),
    ("a slip before -all is not parked", record("v=spf1 include=i.example.net -all"), "spf.typo", ""),
    # networks
    ("a large network around the mx", record("v=spf1 mx/8 -all"), "spf.huge-range", ""),
    ("a /31 of IPv6", record("v=spf1 ip6:2a00::/31 -all"), "spf.huge-range", ""),
    ("a /32 of IPv6", record("v=spf1 ip6:2a00:1::/32 -all"), "", ""),
    ("a host with a private address", record("v=spf1 a:h.example.org -all") + "h.example.org. A 10.1.2.3\n", "spf.private-address", ""),
    ("an exchange with one", record("v=spf1 mx:m.example.org -all") + "m.example.org. MX 1 h.example.org.\nh.example.org. A 127.0.0.1\n",
     "spf.private-address", ""),
    ("carriers' addresses", record("v=spf1 ip4:100.64.1.1 ip4:192.0.2.1 -all"), "spf.private-address", ""),
    ("right beside the private ones", record("v=spf1 ip4:172.32.0.1 ip4:100.128.0.1 ip4:11.0.0.1 ip6:fb00::1 -all"), "", ""),
    ("refused private addresses do no harm", record("v=spf1 -ip4:10.0.0.0/8 ip4:192.0.2.1 -all"), "", ""),
    # no mail
    ("a domain with a null MX and no record", "example.com. MX 0 .\n", "spf.missing", ""),
    ("records that are put together once", record("v=spf1 mx ip4:192.0.2.1 -all", "v=spf1 mx ip4:192.0.2.7 ~all"), "spf.multiple-records", ""),
    ("records of which one lets everybody send", record("v=spf1 mx -all", "v=spf1 +all"), "spf.multiple-records", ""),
    ("a record at _dmarc", '_dmarc.example.org. TXT "v=spf1 ip4:192.0.2.1 -all"\n', "spf.wrong-name", ""),
    ("an include with a macro below is not left out", record("v=spf1 ip4:192.0.2.0/24 include:m.example.net -all") +
     'm.example.net. TXT "v=spf1 ip4:192.0.2.1 exists:%{i}.x.example.net -all"\n', "", ""),
]

CASES += [
    # an IPv4 address in the form of IPv6: a client with it is an IPv4 client, and ip6 matches no such
    ("a mapped address behind ip6:", record("v=spf1 ip6:::ffff:192.0.2.1 -all"), "spf.wrong-family", ""),
    ("what stands behind a mapped address is needed", record("v=spf1 ip6:::ffff:192.0.2.1 ip4:192.0.2.1 -all"),
     "spf.wrong-family", ""),
    ("mapped halves of a network are not put together", record("v=spf1 ip6:::ffff:192.0.2.0/121 ip6:::ffff:192.0.2.128/121 -all"),
     "spf.wrong-family spf.wrong-family", ""),
    ("all mapped addresses are nobody", record("v=spf1 ip4:192.0.2.1 ip6:::ffff:0:0/96 -all"), "spf.wrong-family", ""),
    ("right beside the mapped addresses", record("v=spf1 ip6:::fffe:192.0.2.1 ip6:::1:ffff:192.0.2.1 -all"), "", ""),
    ("a host with a mapped address matches nobody by it", record("v=spf1 a:h.example.org ip4:192.0.2.66 -all") +
     "h.example.org. AAAA ::ffff:192.0.2.66\n", "", ""),
    # two records in one
    ("strings of which each is a record", 'example.org. TXT "v=spf1 mx -all" "v=spf1 ip4:192.0.2.4 ~all"\n',
     "spf.unquoted-or-joined", ""),
    ("a record behind another", record("v=spf1 mx -all v=spf1 mx ip4:192.0.2.4 ~all"),
     "spf.unquoted-or-joined spf.terms-after-all", "spf.duplicate-term"),
    ("a parked domain's record behind another", record("v=spf1 mx -all v=spf1 -all"),
     "spf.unquoted-or-joined spf.terms-after-all", "spf.duplicate-term"),
    ("the version twice does no harm", record("v=spf1 v=spf1 mx -all"), "", "spf.unknown-modifier"),
    # near misses
    ("capitals in macros mean something", record("v=spf1 exists:%{s}.x.example.org exists:%{S}.x.example.org -all"), "",
     "spf.macro-used"),
    ("capitals elsewhere do not", record("v=spf1 a:mx.example.org A:MX.example.org -all"), "", "spf.duplicate-term"),
    ("the address of a page", record("v=spf1 a:http://mx.example.org include:HTTPS://i.example.net -all"),
     "spf.typo spf.typo spf.void-lookup spf.include-missing", ""),
    ("a slash behind a network", record("v=spf1 ip4:192.0.2.0/24/ -all"), "spf.syntax spf.typo", ""),
    ("words behind the end", record("v=spf1 ip4:192.0.2.1 -all please do not edit"), "spf.syntax", ""),
    ("words behind the end, and a term", record("v=spf1 ip4:192.0.2.1 -all (our hosts) ip4:192.0.2.9"), "spf.syntax spf.terms-after-all", ""),
    ("words before the end too", record("v=spf1 oops ip4:192.0.2.1 -all please"), "spf.syntax spf.syntax", ""),
    ("ptr alone is not taken away", record("v=spf1 ptr -all"), "spf.ptr-mechanism", ""),
    ("nobody can register a name with a sign in it", record("v=spf1 include:user@nobody.example -all"), "spf.include-missing", ""),
]

# The same without HOSTS.
ALONE = [
    ("a web site without mail", "example.org. A 192.0.2.80\n", "", "spf.no-mail"),
    ("a domain that takes no mail", "example.org. MX 0 .\nexample.org. A 192.0.2.80\n", "", "spf.no-mail"),
    ("a domain with texts alone", 'example.org. TXT "moo"\n', "", "spf.no-mail"),
    ("a web site of IPv6", "example.org. AAAA 2001:db8::80\n", "", "spf.no-mail"),
    ("a name that does not exist", "", "spf.missing", ""),
    ("a web site, and somebody sends", "example.org. A 192.0.2.80\n", "spf.missing", ""),
]

SILENT = {"spf.softfail-all", "spf.parked"}  # information that may stand anywhere


def lint(zone, ip="", sender=""):
    with mailhealth.Zone(HEAD + zone, ".") as parsed:
        bad = [f for f in parsed.findings() if f["severity"] != "info"]
        assert not bad, bad
        found = mailhealth.check_spf(ip, sender or "a@example.org", zone=parsed, lint=True, domain="example.org",
                                     profiles="all" if ip else ())
    return found


def ids(found, *severities):
    return sorted(f["id"] for f in found.findings if f["severity"] in severities)


def applied(zone, fix):
    """The zone with a fix's records in the place of others, as its reader would do it."""
    lines = zone.splitlines()
    for change in fix:
        for old in change["remove"]:
            # as the library prints what it read; a zone has it in words of its own
            for line in lines:
                owner, kind, *rest = line.split(None, 2)
                if owner != change["name"] or kind != change["type"]:
                    continue
                if normal(rest[0], kind) == normal(old, kind):
                    lines.remove(line)
                    break
            else:
                raise AssertionError("there is no record %s %s %s" % (change["name"], change["type"], old))
        lines += ["%s %s %s" % (change["name"], change["type"], new) for new in change["add"]]
    return "\n".join(lines) + "\n"


def normal(text, kind):
    with mailhealth.World("x. %s\n\t%s\n" % (kind, text)) as world, mailhealth.Job(domain="x.x", timeout=None) as job:
        job.want("x", {"TXT": 16, "SPF": 99}[kind])
        job.step(0)
        world.answer(job)
        return [a.records for a in job.answers() if a.name == "x"]


class Lint(unittest.TestCase):
    maxDiff = None

    def test_cases(self):
        for name, zone, above, info in CASES:
            whole = "" if zone is None else HOSTS + zone
            with self.subTest(name):
                found = lint(whole)
                self.assertEqual(ids(found, "warn", "fail"), sorted(above.split()), name)
                self.assertLessEqual(set(info.split()), set(ids(found, "info")), name)
                self.assertLessEqual(set(ids(found, "info")) - SILENT, set(info.split()) | {"spf.cheaper-record"}, name)
                for finding in found.findings:
                    self.assertEqual((finding["check"], finding["state"]), ("spf", "present"))
                self.check_fixes(name, whole, found)
                self.check_expected(name, whole, found)

    def test_domains_without_mail(self):
        for name, zone, above, info in ALONE:
            with self.subTest(name):
                found = lint(zone, ip="192.0.2.1" if "somebody" in name else "")
                self.assertEqual(ids(found, "warn", "fail"), above.split(), name)
                self.assertEqual(ids(found, "info"), info.split(), name)
                self.check_fixes(name, zone, found)

    def test_no_mail_is_not_forbidden_where_a_host_may_send(self):
        def finding(*present, unknown=()):
            def resolver(name, kind):
                if kind in unknown:
                    raise mailhealth.ServFail
                return ["192.0.2.80" if kind == "A" else "2001:db8::80"] if name == "example.org" and kind in present else []
            found = mailhealth.check_spf("", "", domain="example.org", resolver=resolver, lint=True)
            self.assertEqual([f["id"] for f in found.findings], ["spf.no-mail"])
            return found.findings[0]
        nobody = finding()
        self.assertIn("neither MX nor address", nobody["detail"])
        self.assertEqual(nobody["fix"][0]["add"], ['"v=spf1 -all"'])
        for host in (finding("A"), finding("AAAA"), finding("A", unknown=("AAAA",)), finding(unknown=("A",))):
            self.assertIn("If mail is sent in its name all the same", host["detail"])
            self.assertEqual(host["fix"], [])

    def check_fixes(self, name, zone, found):
        fails = set(ids(found, "fail"))
        for finding in found.findings:
            if not finding["fix"]:
                continue
            after = lint(applied(zone, finding["fix"]))
            of_this = [f for f in found.findings if f["id"] == finding["id"]]
            still = [f for f in after.findings if f["id"] == finding["id"]]
            self.assertLess(len(still), len(of_this), "%s: %s is still there after %s" % (name, finding["id"], finding["fix"]))
            self.assertLessEqual(set(ids(after, "fail")), fails, "%s: the fix of %s breaks something" % (name, finding["id"]))

    def test_no_record_is_offered_that_names_nobody(self):
        for terms, has_fix in (("ip4:192.168.1.10", False), ("ip4:192.168.1.10 ip6:fe80::1", False),
                               ("ip4:192.168.1.10 mx", True), ("ip4:192.168.1.10 ip4:192.0.2.1", True)):
            found = lint(HOSTS + record("v=spf1 %s -all" % terms))
            self.assertEqual([bool(f["fix"]) for f in found.findings if f["id"] == "spf.private-address"],
                             [has_fix] * (2 if "fe80" in terms else 1), terms)

    def test_no_record_is_offered_that_still_cannot_be_read(self):
        for bad in ("ip4:192.0.2.300", "foo:bar"):
            for others in ("%s ?all", "include:example.org %s -all", "%s ptr mx ~all", "a:gone.example.org %s -all",
                           "include:nobody.example mx %s +all", "ip4:10.0.0.1 mx %s -all", "inlcude:i.example.net %s mx -all"):
                found = lint(HOSTS + record("v=spf1 " + others % bad))
                self.assertGreater(len(ids(found, "fail", "warn")), 1, others)
                self.assertEqual([f["id"] for f in found.findings if f["fix"]], [], others % bad)
        # where what cannot be read goes with it, there is one
        found = lint(HOSTS + record("v=spf1 mx -all a:mx.example.org ip4:192.0.2.300"))
        self.assertTrue([f for f in found.findings if f["id"] == "spf.terms-after-all" and f["fix"]])

    def test_an_error_elsewhere_is_told_with_its_place(self):
        found = lint(HOSTS + record("v=spf1 include:b.example.net -all") + 'b.example.net. TXT "v=spf1 ip4:192.0.2.0/33 -all"\n')
        (one,) = [f for f in found.findings if f["id"] == "spf.syntax"]
        self.assertTrue(one["detail"].startswith("example.org leads to b.example.net. Octets "), one["detail"])
        self.assertIn("an IPv4 prefix is a number from 0 to 32", one["detail"])

    def test_a_term_by_address_is_not_to_be_removed(self):
        for term in ("exists:%{i}.l.example.org", "a:%{i}.l.example.org", "mx:%{i}.l.example.org"):
            zone = HOSTS + record("v=spf1 mx %s -all" % term) + "l.example.org. A 127.0.0.2\n"
            found = lint(zone, ip="203.0.113.9")
            self.assertNotIn("spf.void-lookup", ids(found, "warn"), term)
            self.assertEqual(found.voids, 1)
            self.assertTrue([f for f in found.findings if f["id"] == "spf.macro-used" and "no records" in f["detail"]], term)
        # a name that somebody could register is told of all the same
        found = lint(HOSTS + record("v=spf1 mx exists:%{i}.nobody.example -all"), ip="203.0.113.9")
        self.assertIn("spf.dangling-include", ids(found, "warn"))

    def check_expected(self, name, zone, found):
        """The record to publish mends all that has a record to mend it, at once."""
        choices = {"spf.ptr-mechanism", "spf.near-limit", "spf.type99", "spf.sender-id"}
        expected = found.json()["checks"][0]["expected"]
        mending = [f for f in found.findings if f["fix"] and f["severity"] != "info" and f["id"] not in choices]
        self.assertEqual(len(expected), 1 if mending else 0, name)
        if not expected:
            return
        change = dict(mending[0]["fix"][0], add=['"%s"' % '" "'.join(expected[0][i:i + 250] for i in range(0, len(expected[0]), 250))])
        after = lint(applied(zone, [change]))
        self.assertLessEqual(set(ids(after, "fail")), set(ids(found, "fail")), name)
        for finding in after.findings:
            self.assertFalse(finding["fix"] and finding["severity"] != "info" and finding["id"] not in choices,
                             "%s: %s is still there after %s" % (name, finding["id"], expected))

    def test_one_record_with_all_fixes_of_any_faults(self):
        import random
        terms = ("mx a:mx.example.org ip4:192.0.2.1 ip4:192.0.2.0/24 ip4:10.0.0.1 include:i.example.net include:gone.example.net "
                 "include:nobody.example include:example.org a:gone.example.org ipv4:192.0.2.7 ip4:0.0.0.0/0 include=i.example.net ptr "
                 "exists:%{i}.l.example.org -all ~all ?all +all redirect=i.example.net redirect=nobody.example moo=x "
                 "a:http://mx.example.org ip6:::ffff:192.0.2.1 -ip4:192.0.2.9 ?mx mx/8 ip4:192.0.2.1,ip4:192.0.2.3 exp=e.example.org").split()
        dice, done = random.Random(7208), 0
        for _ in range(400):
            zone = HOSTS + record("v=spf1 " + " ".join(dice.choice(terms) for _ in range(dice.randint(1, 7))))
            found = lint(zone)
            if found.json()["checks"][0]["expected"]:
                self.check_expected(zone, zone, found)
                done += 1
        self.assertGreater(done, 300)

    def test_one_record_with_all_fixes(self):
        for old, new in (
                ("v=spf1 ip4:10.0.0.1 ipv4:192.0.2.1 a:gone.example.org ?all", "v=spf1 ip4:192.0.2.1 ~all"),
                ("v=spf1 ip4:10.0.0.1 mx a:gone.example.org ip4:192.0.2.1", "v=spf1 mx ip4:192.0.2.1 ~all"),
                ("v=spf1 include:gone.example.net mx include:nobody.example ?all", "v=spf1 mx ~all"),
                ("v=spf1 mx +all redirect=i.example.net ip4:192.0.2.1", "v=spf1 mx ~all"),
                ("v=spf1 mx ptr a:gone.example.org ?all", "v=spf1 mx ptr ~all"),
                ("v=spf1 ip4:192.168.1.1 mx -all our hosts", "v=spf1 mx -all"),
                ("v=spf1 a:http://mx.example.org/24 include:https://i.example.net ?all",
                 "v=spf1 a:mx.example.org/24 include:i.example.net ~all"),
                ("v=spf1 include:gone.example.net mx include:gone.example.net ~all", "v=spf1 mx ~all"),
                ("v=spf1 ipv4:192.0.2.1", "v=spf1 ip4:192.0.2.1 ~all"),
                ("v=spf1 mx include=i.example.net ?all oops", "v=spf1 mx include:i.example.net ~all"),
                ("v=spf1 redirect=nobody.example ip4:10.0.0.1 mx", "v=spf1 mx ~all"),
                ("v=spf1 mx ~all ip4:192.0.2.1,ip4:192.0.2.3 a:gone.example.org", "v=spf1 mx ~all"),
                ("v=spf1 include=i.example.net include:nobody.example include:i.example.net ?all",
                 "v=spf1 include:i.example.net ~all"),
                # nobody was named before
                ("v=spf1 a:gone.example.org -all", "v=spf1 -all"),
                ("v=spf1 ptr -all", None),
                # nobody is left: who mends a name does not mean to refuse all of his own mail
                ("v=spf1 include:gone.example.net a:gone.example.org -all", "v=spf1 ~all"),
                # the cheaper record is what lets everybody send
                ("v=spf1 ip4:0.0.0.0/0 %s mx -all" % ELEVEN, "v=spf1 %s mx -all" % ELEVEN)):
            found = lint(HOSTS + record(old) + many(11).split("\n", 1)[1])
            expected = found.json()["checks"][0]["expected"]
            self.assertEqual(expected, [new] if new else [], old)
        # an address may be a stranger's
        found = lint(HOSTS + record("v=spf1 mx ?all"), ip="203.0.113.9")
        self.assertEqual(found.json()["checks"][0]["expected"], ["v=spf1 mx ~all"])
        found = lint(HOSTS + record("v=spf1 mx -all"), ip="203.0.113.9")
        self.assertEqual(found.json()["checks"][0]["expected"], [])

    def test_every_id_has_a_case(self):
        shown = {word for case in CASES + ALONE for part in case[2:4] for word in part.split()}
        shown |= {"spf.not-authorised", "spf.receivers-differ", "spf.unusable-name"}  # below
        known = {f["id"] for f in mailhealth.findings() if f["id"].startswith("spf.")}
        self.assertEqual(known - shown, set())

    def test_names_that_cannot_be_checked(self):
        for name in ("", "a..b", "x" * 64 + ".example", "x." * 150 + "example", "[192.0.2.1]"):
            with self.assertRaises(ValueError, msg=name):
                mailhealth.check_spf("", "", domain=name, lint=True)
            found = mailhealth.check_spf("192.0.2.1", "a@" + name, lint=True)
            self.assertEqual((found.result, found.health, ids(found, "fail")), ("none", "fail", ["spf.unusable-name"]), name)
        found = mailhealth.check_spf("", "", domain="localhost", lint=True)
        self.assertEqual((found.result, found.health, ids(found, "fail")), ("", "fail", ["spf.unusable-name"]))

    def test_an_address_that_may_not_send(self):
        for end in ("-all", "~all", "?all"):
            zone = HOSTS + record("v=spf1 mx " + end)
            found = lint(zone, ip="203.0.113.9")
            finding = next(f for f in found.findings if f["id"] == "spf.not-authorised")
            self.assertIn("203.0.113.9", finding["detail"])
            after = lint(applied(zone, finding["fix"]), ip="203.0.113.9")
            self.assertEqual(after.result, "pass")
        found = lint(HOSTS + record("v=spf1 mx -all"), ip="192.0.2.25")
        self.assertNotIn("spf.not-authorised", ids(found, "fail"))
        zone = HOSTS + record("v=spf1 mx redirect=i.example.net")
        finding = next(f for f in lint(zone, ip="203.0.113.9").findings if f["id"] == "spf.not-authorised")
        self.assertEqual(finding["fix"][0]["add"], ['"v=spf1 mx ip4:203.0.113.9 redirect=i.example.net"'])
        self.assertEqual(lint(applied(zone, finding["fix"]), ip="203.0.113.9").result, "pass")
        zone = HOSTS + record("v=spf1 mx -all")
        finding = next(f for f in lint(zone, ip="2001:db8::9").findings if f["id"] == "spf.not-authorised")
        self.assertEqual(lint(applied(zone, finding["fix"]), ip="2001:db8::9").result, "pass")

    def test_receivers_that_differ(self):
        zone = HOSTS + many(12, "-all")
        found = lint(zone, ip="198.51.100.11")
        finding = next(f for f in found.findings if f["id"] == "spf.receivers-differ")
        self.assertIn("rspamd-30", finding["affects"])
        self.assertEqual(found.result, "permerror")
        zone = HOSTS + record("v=spf1 a:v1.example.org a:v2.example.org a:v3.example.org ip4:192.0.2.1 -all")
        finding = next(f for f in lint(zone, ip="192.0.2.1").findings if f["id"] == "spf.receivers-differ")
        self.assertEqual(sorted(finding["affects"]), ["no-void-limit", "rspamd-30"])
        self.assertNotIn("spf.receivers-differ", ids(lint(HOSTS + record("v=spf1 mx -all"), ip="192.0.2.25"), "warn"))

    def test_nothing_rests_on_what_is_unknown(self):
        def resolver(name, kind):
            if name == "example.org" and kind == "TXT":
                return ["v=spf1 include:broken.example a:slow.example -all"]
            raise mailhealth.ServFail if name.startswith("broken") else mailhealth.DnsTimeout
        found = mailhealth.check_spf("", "a@example.org", domain="example.org", resolver=resolver, lint=True)
        self.assertEqual(ids(found, "warn", "fail"), [])
        self.assertEqual(found.health, "unknown")
        unknown = {f["subject"]: f["detail"] for f in found.findings if f["id"] == "dns.unknown"}
        self.assertIn("SERVFAIL", unknown["broken.example TXT"])
        self.assertIn("slow.example A", unknown)
        self.assertEqual({f["state"] for f in found.findings}, {"unknown"})

    def test_missing_records_and_unknown_exchanges(self):
        def resolver(name, kind):
            if kind == "MX":
                raise mailhealth.ServFail
            return []
        found = mailhealth.check_spf("", "a@example.org", domain="example.org", resolver=resolver, lint=True)
        self.assertEqual([f["subject"] for f in found.findings if f["id"] == "dns.unknown"], ["example.org MX"])
        self.assertEqual([f["fix"] for f in found.findings if f["id"] == "spf.missing"], [[]])

    def test_records_in_one_text(self):
        for zone in ('example.org. TXT "v=spf1 mx -all" "v=spf1 mx ip4:192.0.2.4 ~all"\n',
                     record("v=spf1 mx -all v=spf1 mx ip4:192.0.2.4 ~all")):
            finding = next(f for f in lint(HOSTS + zone).findings if f["id"] == "spf.unquoted-or-joined")
            self.assertEqual(finding["fix"][0]["add"], ['"v=spf1 mx ip4:192.0.2.4 ~all"'])

    def test_costs_are_told(self):
        found = lint(HOSTS + many(11))
        finding = next(f for f in found.findings if f["id"] == "spf.too-many-lookups")
        self.assertIn("11 terms ask DNS where 10 are allowed: include:c0.example.net costs 1", finding["detail"])
        tree = found.json()["results"]["spf"]["tree"]
        self.assertEqual((tree["lookups"], len(tree["terms"])), (11, 12))
        addresses = found.json()["results"]["spf"]["addresses"]
        self.assertEqual((addresses["ip4"], addresses["ranges"][0]), (11, "198.51.100.0/29"))

    def test_hostile_sizes(self):
        terms = " ".join("ip4:%d.%d.%d.1" % (i % 200, i // 7, i % 11) for i in range(1000))
        text = " ".join('"%s"' % ("v=spf1 " + terms)[i:i + 250] for i in range(0, len(terms) + 7, 250))
        zone = "example.org. TXT %s\n" % text
        found = lint(HOSTS + zone)
        self.assertIn("spf.no-all", ids(found, "warn"))
        # of these not all are asked for, so that no record without those that find nothing can be offered
        text = " ".join('"%s"' % t for t in ["v=spf1 "] + ["a:v%d.example.org " % i for i in range(200)] + ["-all"])
        finding = next(f for f in lint(HOSTS + "example.org. TXT %s\n" % text).findings if f["id"] == "spf.too-many-voids")
        self.assertEqual(finding["fix"], [])
        deep = record("v=spf1 include:d0.example.net -all") + "".join(
            'd%d.example.net. TXT "v=spf1 include:d%d.example.net include:d%d.example.net -all"\n' % (i, i + 1, i + 2) for i in range(70))
        found = lint(HOSTS + deep)
        self.assertIn("spf.too-many-lookups", ids(found, "fail"))
        found.json()


if __name__ == "__main__":
    unittest.main()
