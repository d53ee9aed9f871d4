#!/usr/bin/env python3
"""make_spf.py - write spf.jsonl, our own cases of SPF: make_spf.py [--check]

Cases are about what the public suites leave out: limits at and over their edge, what counts as void, failures
that must stay temperror, aliases, letters, and mail with international addresses.
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "spf.jsonl")
CASES = []


def txt(name, *records):
    return [[name, "TXT", record] for record in records]


def case(name, result, zone, ip="192.0.2.1", mailfrom="a@example.org", helo="mail.example.org", explanation=None,
         comment="", **more):
    expect = {"result": [result] if isinstance(result, str) else result}
    if explanation is not None:
        expect["explanation"] = [explanation]
    CASES.append({"id": "own/" + name, "kind": "spf", "comment": comment,
                  "in": {"ip": ip, "helo": helo, "mailfrom": mailfrom, **more}, "expect": expect, "zone": zone})


def includes(n, last="v=spf1 ip4:192.0.2.1 -all"):
    """A record with n includes of which the last one names the address."""
    rows = txt("example.org", "v=spf1 " + " ".join("include:i%d.example.org" % i for i in range(n)) + " -all")
    for i in range(n):
        rows += txt("i%d.example.org" % i, last if i == n - 1 else "v=spf1 -all")
    return rows


def chain(n):
    """Records that include each other in a row, n deep."""
    rows = txt("example.org", "v=spf1 include:c1.example.org -all")
    for i in range(1, n):
        rows += txt("c%d.example.org" % i, "v=spf1 include:c%d.example.org -all" % (i + 1))
    return rows + txt("c%d.example.org" % n, "v=spf1 ip4:192.0.2.1 -all")


# limits
case("ten-includes", "pass", includes(10), comment="ten terms are allowed")
case("eleven-includes", "permerror", includes(11), comment="the eleventh is one too many")
case("match-before-the-limit", "pass", txt("example.org", "v=spf1 ip4:192.0.2.1 " +
     " ".join("include:i%d.example.org" % i for i in range(20)) + " -all"), comment="terms behind a match do not count")
case("chain-of-ten", "pass", chain(10), comment="depth counts as terms do")
case("chain-of-eleven", "permerror", chain(11))
case("redirect-counts", "permerror", includes(10, "v=spf1 redirect=r.example.org") + txt("r.example.org", "v=spf1 -all"),
     comment="redirect= is the eleventh term")
case("ip-terms-do-not-count", "pass", txt("example.org", "v=spf1 " + " ".join("ip4:198.51.100.%d" % i for i in range(60)) +
     " ip4:192.0.2.1 -all"))
case("many-ip4", "fail", txt("example.org", "v=spf1 " + " ".join("ip4:198.51.100.%d" % i for i in range(100)) + " -all"),
     comment="no term is dropped silently, however many there are")
case("mx-with-ten-hosts", "pass", txt("example.org", "v=spf1 mx -all") +
     [["example.org", "MX", i, "m%d.example.org" % i] for i in range(10)] + [["m%d.example.org" % i, "A", "192.0.2.%d" % (i + 1)]
     for i in range(10)])
case("mx-with-eleven-hosts", "permerror", txt("example.org", "v=spf1 mx -all") +
     [["example.org", "MX", i, "m%d.example.org" % i] for i in range(11)] + [["m%d.example.org" % i, "A", "192.0.2.%d" % (i + 1)]
     for i in range(11)])
# voids
case("two-voids", "pass", txt("example.org", "v=spf1 a:v1.example.org a:v2.example.org ip4:192.0.2.1 -all"))
case("three-voids", "permerror", txt("example.org", "v=spf1 a:v1.example.org a:v2.example.org a:v3.example.org ip4:192.0.2.1 -all"))
case("voids-behind-a-match", "pass", txt("example.org", "v=spf1 ip4:192.0.2.1 a:v1.example.org a:v2.example.org a:v3.example.org -all"))
case("nodata-is-void-too", "permerror", txt("example.org", "v=spf1 a:v1.example.org a:v2.example.org a:v3.example.org ip4:192.0.2.1 -all") +
     [["v%d.example.org" % i, "AAAA", "2001:db8::1"] for i in range(1, 4)])
case("an-mx-of-dead-hosts-is-one-void", "pass", txt("example.org", "v=spf1 mx ip4:192.0.2.1 -all") +
     [["example.org", "MX", i, "dead%d.example.org" % i] for i in range(5)], comment="a term counts once")
case("an-unknown-answer-is-no-void", "temperror", txt("example.org", "v=spf1 a:v1.example.org a:v2.example.org a:t.example.org -all") +
     [["t.example.org", "ERR", "SERVFAIL", "*"]])
# what could not be asked
for word in ("SERVFAIL", "TIMEOUT"):
    low = word.lower()
    case(low + "-of-the-record", "temperror", [["example.org", "ERR", word, "TXT"]])
    case(low + "-in-an-include", "temperror", txt("example.org", "v=spf1 include:t.example.org -all") + [["t.example.org", "ERR", word, "*"]],
         comment="never taken for a record that is missing")
    case(low + "-behind-a-match", "pass", txt("example.org", "v=spf1 ip4:192.0.2.1 include:t.example.org -all") + [["t.example.org", "ERR", word, "*"]])
    case(low + "-of-a-redirect", "temperror", txt("example.org", "v=spf1 redirect=t.example.org") + [["t.example.org", "ERR", word, "*"]])
    case(low + "-of-exists", "temperror", txt("example.org", "v=spf1 exists:t.example.org -all") + [["t.example.org", "ERR", word, "*"]])
    case(low + "-of-an-exchange", "temperror", txt("example.org", "v=spf1 mx -all") + [["example.org", "MX", 1, "t.example.org"], ["t.example.org", "ERR", word, "*"]])
case("failure-of-exp-is-no-failure", "fail", txt("example.org", "v=spf1 -all exp=t.example.org") + [["t.example.org", "ERR", "SERVFAIL", "*"]], explanation="DEFAULT")
case("failure-of-ptr-is-no-match", "fail", txt("example.org", "v=spf1 ptr -all") + [["1.2.0.192.in-addr.arpa", "ERR", "SERVFAIL", "*"]], comment="RFC 7208 5.5")
# records
case("no-record", "none", [["example.org", "A", "192.0.2.1"]])
case("no-domain", "none", [])
case("two-records", "permerror", txt("example.org", "v=spf1 ip4:192.0.2.1 -all", "v=spf1 -all"))
case("another-text-beside", "pass", txt("example.org", "v=spf10 -all", "something else", "v=spf1 ip4:192.0.2.1 -all"))
case("letters-of-any-case", "pass", txt("example.org", "V=SPF1 IP4:192.0.2.1 -ALL"))
case("several-spaces", "pass", txt("example.org", "v=spf1   ip4:192.0.2.1   -all  "))
case("strings-are-joined", "pass", [["example.org", "TXT", "v=spf1 ip4:192.", "0.2.1 -all"]])
case("an-error-behind-all", "permerror", txt("example.org", "v=spf1 ip4:192.0.2.1 -all ip4:x"), comment="errors anywhere end it before it begins")
case("an-unknown-modifier", "pass", txt("example.org", "v=spf1 x-note=hello ip4:192.0.2.1 -all"))
case("an-alias-to-a-record", "pass", [["example.org", "CNAME", "real.example.net"]] + txt("real.example.net", "v=spf1 ip4:192.0.2.1 -all"))
case("an-alias-to-a-host", "pass", txt("example.org", "v=spf1 a:www.example.org -all") + [["www.example.org", "CNAME", "h.example.net"], ["h.example.net", "A", "192.0.2.1"]])
# addresses
case("ipv4-mapped", "pass", txt("example.org", "v=spf1 ip4:192.0.2.1 -all"), ip="::ffff:192.0.2.1")
case("ipv4-mapped-and-ip6", "fail", txt("example.org", "v=spf1 ip6:::ffff:192.0.2.1 -all"), ip="192.0.2.1", comment="an ip6: network matches no IPv4 client")
case("ip6-network", "pass", txt("example.org", "v=spf1 ip6:2001:db8::/33 -all"), ip="2001:db8:7fff::1")
case("outside-the-network", "fail", txt("example.org", "v=spf1 ip6:2001:db8::/33 -all"), ip="2001:db8:8000::1")
case("a-with-both-prefixes", "pass", txt("example.org", "v=spf1 a/24//64 -all") + [["example.org", "AAAA", "2001:db8::1"], ["example.org", "A", "192.0.2.77"]], ip="2001:db8::ffff")
case("zero-prefix", "pass", txt("example.org", "v=spf1 ip4:198.51.100.1/0 -all"))
# identities
case("null-sender", "pass", txt("mail.example.org", "v=spf1 exists:%{l}.%{o}.x.example.org -all") + [["postmaster.mail.example.org.x.example.org", "A", "127.0.0.2"]], mailfrom="")
case("no-local-part", "pass", txt("example.org", "v=spf1 exists:%{l}.x.example.org -all") + [["postmaster.x.example.org", "A", "127.0.0.2"]], mailfrom="@example.org")
case("helo-with-a-dot", "pass", txt("mail.example.org", "v=spf1 ip4:192.0.2.1 -all"), mailfrom="", helo="mail.example.org.")
case("single-label", "none", txt("localhost", "v=spf1 -all"), mailfrom="a@localhost")
case("check-domain-given", "pass", txt("other.example.org", "v=spf1 ip4:192.0.2.1 -all"), check_domain="other.example.org")
case("utf8-local-part", "fail", txt("example.org", "v=spf1 exists:%{l}.x.example.org -all") + [["x.example.org", "A", "127.0.0.2"]], mailfrom="\u00fcser@example.org", comment="RFC 8616 4: such a macro never matches")
case("utf8-domain", "pass", txt("xn--bcher-kva.example", "v=spf1 ip4:192.0.2.1 -all"), mailfrom="a@b\u00fccher.example")
# macros
case("reversed-address", "pass", txt("example.org", "v=spf1 exists:%{ir}.%{v}.x.example.org -all") + [["1.2.0.192.in-addr.x.example.org", "A", "127.0.0.2"]])
case("parts-of-a-domain", "pass", txt("example.org", "v=spf1 exists:%{d1r}.x.example.org -all") + [["example.x.example.org", "A", "127.0.0.2"]])
case("delimiters", "pass", txt("example.org", "v=spf1 exists:%{l1r-+}.x.example.org -all") + [["tag.x.example.org", "A", "127.0.0.2"]], mailfrom="tag-b@example.org")
case("escaped-percent", "fail", txt("example.org", "v=spf1 -all exp=e.example.org") + txt("e.example.org", "100%% sure%_of%-it"), explanation="100% sure of%20it")
case("explanation-of-a-redirect", "fail", txt("example.org", "v=spf1 redirect=r.example.org exp=e1.example.org") + txt("r.example.org", "v=spf1 -all exp=e2.example.org") + txt("e1.example.org", "one") + txt("e2.example.org", "two"), explanation="two")
case("explanation-of-an-include-is-not-used", "fail", txt("example.org", "v=spf1 include:i.example.org -all") + txt("i.example.org", "v=spf1 -all exp=e.example.org") + txt("e.example.org", "not this"), explanation="DEFAULT")
# trees
case("include-of-softfail-is-no-match", "neutral", txt("example.org", "v=spf1 include:i.example.org ?all") + txt("i.example.org", "v=spf1 ~all"))
case("include-without-record", "permerror", txt("example.org", "v=spf1 include:i.example.org -all"))
case("loop", "permerror", txt("example.org", "v=spf1 include:example.org -all"))
case("redirect-loop", "permerror", txt("example.org", "v=spf1 redirect=example.org"))
case("redirect-beside-all", "fail", txt("example.org", "v=spf1 -all redirect=r.example.org") + txt("r.example.org", "v=spf1 +all"))
case("redirect-without-record", "permerror", txt("example.org", "v=spf1 redirect=r.example.org"))
case("no-all", "neutral", txt("example.org", "v=spf1 ip4:198.51.100.1"))
case("qualifier-of-an-include", "softfail", txt("example.org", "v=spf1 ~include:i.example.org -all") + txt("i.example.org", "v=spf1 ip4:192.0.2.1 -all"))


def main(arguments):
    text = "".join(json.dumps(c, ensure_ascii=True) + "\n" for c in CASES)
    if arguments == ["--check"]:
        with open(PATH, encoding="ascii") as file:
            return file.read() != text
    with open(PATH, "w", encoding="ascii") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
