"""broken.py - almost three hundred broken domains, one fault each, made from one that has none

CASES has them all, always the same: the id of the finding that must come first, what is wrong, the domain's zone as
a master file, and how the check is called.  perfect() is the domain without a fault.

    python3 tests/zones/broken.py            lists them
    python3 tests/zones/broken.py NAME       prints a zone
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import keys  # noqa: E402
from zonetext import Records, quote, reverse  # noqa: E402

DOMAIN = "example.org"
IP, IP6, HELO = "192.0.2.10", "2001:db8::10", "mail.example.org"
TOP, DMARC, TLSRPT, STS = "example.org.", "_dmarc.example.org.", "_smtp._tls.example.org.", "_mta-sts.example.org."
S1, S2 = "s1._domainkey.example.org.", "s2._domainkey.example.org."
MX1, MX2, MAIL = "mx1.example.org.", "mx2.example.org.", "mail.example.org."
SPF_GOOD = "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all"
DMARC_GOOD = "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"
PTR = reverse(IP)
SOA = "ns1.example.org. hostmaster.example.org. 2026112701 7200 3600 1209600 3600"
SHA256 = "8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1"


def rsa(p):
    return "v=DKIM1; k=rsa; p=" + p


def perfect():
    """A domain without a fault; around it as much of the world as it leads to."""
    return Records([
        (".", "SOA", "a.root. b.root. 1 7200 3600 1209600 300"),
        (".", "NS", "a.root."),
        ("a.root.", "A", "198.51.100.1"),
        ("b.root.", "A", "198.51.100.2"),
        (TOP, "SOA", SOA),
        (TOP, "NS", "ns1.example.org."),
        (TOP, "NS", "ns2.example.net."),
        ("ns1.example.org.", "A", "192.0.2.53"),
        ("ns1.example.org.", "AAAA", "2001:db8::53"),
        ("ns2.example.net.", "A", "198.51.100.53"),
        ("ns2.example.net.", "AAAA", "2001:db8:1::53"),
        (TOP, "A", "192.0.2.80"),
        (TOP, "MX", "10 mx1.example.org."),
        (TOP, "MX", "20 mx2.example.org."),
        (MX1, "A", "192.0.2.25"),
        (MX1, "AAAA", "2001:db8::25"),
        (MX2, "A", "198.51.100.25"),
        (MX2, "AAAA", "2001:db8:1::25"),
        (MAIL, "A", IP),
        (MAIL, "AAAA", IP6),
        (MAIL, "TXT", quote("v=spf1 a -all")),
        (TOP, "TXT", quote(SPF_GOOD)),
        (S1, "TXT", quote(rsa(keys.RSA_2048))),
        (S2, "TXT", quote("v=DKIM1; k=ed25519; p=" + keys.ED25519)),
        (DMARC, "TXT", quote(DMARC_GOOD)),
        (TLSRPT, "TXT", quote("v=TLSRPTv1; rua=mailto:tls@example.org")),
        (TOP, "CAA", '0 issue "letsencrypt.org"'),
        ("2.0.192.in-addr.arpa.", "SOA", SOA),
        ("2.0.192.in-addr.arpa.", "NS", "ns1.example.org."),
        (PTR, "PTR", MAIL),
        (reverse(IP6), "PTR", MAIL),
        # others whose names come up
        ("example.net.", "SOA", SOA),
        ("example.net.", "NS", "ns2.example.net."),
        ("i.example.net.", "TXT", quote("v=spf1 ip4:203.0.113.0/24 -all")),
        ("reports.example.net.", "MX", "10 mx.example.net."),
        ("mx.example.net.", "A", "198.51.100.26"),
    ])


class Case:
    """id: of the finding that must come first.  severity: the worst there may be.  is_anywhere: others of its
    severity may come before it.  options: of mailhealth.check_domain."""

    def __init__(self, id, name, records, severity, options):
        self.id, self.name, self.records, self.severity = id, name, records, severity
        self.domain = options.pop("domain", DOMAIN)
        self.is_anywhere = options.pop("anywhere", severity == "info")
        self.options = dict({"ip": IP, "helo": HELO, "selectors": ["s1", "s2"]}, **options)

    @property
    def zone(self):
        return self.records.text()


CASES = []


def fault(id, name, records, severity="fail", **options):
    CASES.append(Case(id, name, records, severity, options))


def warn(id, name, records, **options):
    fault(id, name, records, "warn", **options)


def info(id, name, records, **options):
    fault(id, name, records, "info", **options)


# ------------------------------------------------------------------------ SPF

OTHERS = " ip4:192.0.2.10 ip6:2001:db8::10"


def spf(text, *more):
    """The domain with this SPF record; more: rows besides."""
    records = perfect().put(TOP, "TXT", quote(text))
    records.rows += more
    return records


def txt(owner, *texts):
    return [(owner, "TXT", quote(text)) for text in texts]


def includes(n, first=0):
    """n records that include nothing, and terms for them."""
    terms = " ".join("include:c%d.example.net" % i for i in range(first, first + n))
    return terms, [row for i in range(first, first + n)
                   for row in txt("c%d.example.net." % i, "v=spf1 ip4:198.51.100.%d -all" % (100 + i))]


def spf_missing():
    fault("spf.missing", "no SPF record", perfect().drop(TOP, "TXT"))
    fault("spf.missing", "texts, but no SPF record", perfect().put(TOP, "TXT", quote("google-site-verification=abc"), quote("MS=ms1")))
    fault("spf.missing", "another version", spf("v=spf10 ip4:192.0.2.10 -all"))
    fault("spf.missing", "SPF at www alone", perfect().drop(TOP, "TXT").add("www.example.org.", "TXT", quote(SPF_GOOD)))


def spf_records():
    two = perfect().add(TOP, "TXT", quote("v=spf1 include:i.example.net ~all"))
    fault("spf.multiple-records", "a provider's record beside the old one", two)
    fault("spf.multiple-records", "two records that say nearly the same", perfect().add(TOP, "TXT", quote(SPF_GOOD.replace("-all", "~all"))))
    fault("spf.multiple-records", "three records", two.copy().add(TOP, "TXT", quote("v=spf1 mx -all")))
    fault("spf.multiple-records", "two records at an included domain",
          spf("v=spf1 include:b.example.net" + OTHERS + " -all", *txt("b.example.net.", "v=spf1 mx -all", "v=spf1 ~all")))
    at = perfect().drop(TOP, "TXT")
    fault("spf.wrong-name", "the record at _spf", at.copy().add("_spf.example.org.", "TXT", quote(SPF_GOOD)))
    fault("spf.wrong-name", "the record at spf", at.copy().add("spf.example.org.", "TXT", quote(SPF_GOOD)))
    fault("spf.unquoted-or-joined", "a quote in front", spf('"' + SPF_GOOD))
    fault("spf.unquoted-or-joined", "quotes within quotes", spf('"%s"' % SPF_GOOD))
    fault("spf.unquoted-or-joined", "no space behind the version", spf(SPF_GOOD.replace("v=spf1 ", "v=spf1")))
    fault("spf.unquoted-or-joined", "a space in front", spf(" " + SPF_GOOD))
    fault("spf.unquoted-or-joined", "strings joined without a space",
          perfect().put(TOP, "TXT", '"v=spf1 ip4:192.0.2.10" "ip6:2001:db8::10 -all"'))
    fault("spf.unquoted-or-joined", "a record cut in two", perfect().put(TOP, "TXT", quote("v=spf1 ip4:192.0.2.10"), quote("ip6:2001:db8::10 -all")))
    fault("spf.unquoted-or-joined", "one record behind the other", spf(SPF_GOOD + " " + SPF_GOOD))


def spf_syntax():
    slips = [
        ("ipv4: for ip4:", "ipv4:192.0.2.10 ip6:2001:db8::10 -all"),
        ("an address with 300 in it", "ip4:192.0.2.300" + OTHERS + " -all"),
        ("a prefix of 33", "ip4:192.0.2.0/33" + OTHERS + " -all"),
        ("incude:", "incude:i.example.net" + OTHERS + " -all"),
        ("redirect with a colon", "ip4:192.0.2.10 ip6:2001:db8::10 redirect:i.example.net"),
        ("commas between terms", "ip4:192.0.2.10, ip6:2001:db8::10, -all"),
        ("-al", "ip4:192.0.2.10 ip6:2001:db8::10 -al"),
        ("an IPv6 address behind ip4:", "ip4:2001:db8::10 ip4:192.0.2.10 -all"),
        ("an IPv4 address behind ip6:", "ip6:192.0.2.10 ip6:2001:db8::10 -all"),
        ("an address alone", "192.0.2.10 ip6:2001:db8::10 -all"),
        ("a host behind ip4:", "ip4:mail.example.org" + OTHERS + " -all"),
        ("a mechanism that nobody knows", "foo:bar" + OTHERS + " -all"),
        ("a macro that nobody knows", "exists:%{z}.example.org" + OTHERS + " -all"),
        ("include: with nothing behind it", "include:" + OTHERS + " -all"),
        ("a space behind the sign", "ip4:192.0.2.10 ip6:2001:db8::10 - all"),
        ("a tab between terms", "ip4:192.0.2.10\tip6:2001:db8::10 -all"),
    ]
    for name, terms in slips:
        fault("spf.syntax", name, spf("v=spf1 " + terms))
    twice = "v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 redirect=i.example.net redirect=i.example.net"
    fault("spf.duplicate-modifier", "redirect= twice", spf(twice))
    fault("spf.non-ascii", "a typographic dash", spf("v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 \xe2\x80\x93all"))
    fault("spf.non-ascii", "a name with an umlaut", spf("v=spf1 a:b\xc3\xbccher.example" + OTHERS + " -all"))
    fault("spf.syntax", "no sign of equality", spf(SPF_GOOD.replace("=", ":", 1)))
    fault("spf.syntax", "an error in an included record",
          spf("v=spf1 include:b.example.net" + OTHERS + " -all", *txt("b.example.net.", "v=spf1 ip4:x -all")))


def spf_limits():
    terms, rows = includes(11)
    fault("spf.too-many-lookups", "eleven includes", spf("v=spf1 " + terms + OTHERS + " -all", *rows))
    terms, rows = includes(5)
    deep, more = includes(6, 5)
    fault("spf.too-many-lookups", "includes of an include", spf(
        "v=spf1 include:d.example.net " + terms + OTHERS + " -all", *rows, *more, *txt("d.example.net.", "v=spf1 " + deep + " -all")))
    fault("spf.too-many-lookups", "includes behind a redirect", spf(
        "v=spf1 " + terms + OTHERS + " redirect=d.example.net", *rows, *more, *txt("d.example.net.", "v=spf1 " + deep + " -all")))
    hosts = " ".join("a:mx%d.example.org" % (1 + i % 2) + "/%d" % (24 + i // 2) for i in range(11))
    fault("spf.too-many-lookups", "eleven times a:", spf("v=spf1 " + hosts + OTHERS + " -all"))
    mxs = " ".join("mx:m%d.example.net" % i for i in range(11))
    fault("spf.too-many-lookups", "eleven times mx:", spf("v=spf1 " + mxs + OTHERS + " -all", *[
        row for i in range(11) for row in (("m%d.example.net." % i, "MX", "10 h%d.example.net." % i),
                                           ("h%d.example.net." % i, "A", "198.51.100.%d" % (130 + i)))]))
    chain = [row for i in range(11) for row in txt("d%d.example.net." % i, "v=spf1 %s -all" % (
        "include:d%d.example.net" % (i + 1) if i < 10 else "ip4:198.51.100.99"))]
    fault("spf.too-many-lookups", "a chain of includes", spf("v=spf1 include:d0.example.net" + OTHERS + " -all", *chain))
    gone = " ".join("a:gone%d.example.org" % i for i in range(3))
    fault("spf.too-many-voids", "three hosts that are gone", spf("v=spf1 " + gone + OTHERS + " -all"))
    fault("spf.too-many-voids", "three mx that are gone", spf("v=spf1 " + gone.replace("a:", "mx:") + OTHERS + " -all"))
    fault("spf.too-many-voids", "hosts that are gone, behind an include", spf(
        "v=spf1 a:gone.example.org include:b.example.net" + OTHERS + " -all",
        *txt("b.example.net.", "v=spf1 a:x.example.net a:y.example.net -all")))
    many = [("many.example.net.", "MX", "10 h%d.example.net." % i) for i in range(11)]
    many += [("h%d.example.net." % i, "A", "198.51.100.%d" % (130 + i)) for i in range(11)]
    fault("spf.mx-limit", "mx: with eleven hosts", spf("v=spf1 mx:many.example.net" + OTHERS + " -all", *many))
    fault("spf.mx-limit", "an included mx: with eleven hosts", spf(
        "v=spf1 include:b.example.net" + OTHERS + " -all", *many, *txt("b.example.net.", "v=spf1 mx:many.example.net -all")))


def spf_names():
    for name, term, rows in (
            ("an include of a host without a record", "include:mx1.example.org", []),
            ("an include of a name that is gone", "include:gone.example.net", []),
            ("an include of a domain that is gone", "include:spf.nobody.example", []),
            ("an include of a domain that has another text", "include:t.example.net", txt("t.example.net.", "hello")),
            ("a missing record two includes away", "include:b.example.net", txt("b.example.net.", "v=spf1 include:gone.example.net -all"))):
        fault("spf.include-missing", name, spf("v=spf1 " + term + OTHERS + " -all", *rows))
    fault("spf.include-loop", "an include of itself", spf("v=spf1 include:example.org" + OTHERS + " -all"))
    fault("spf.include-loop", "a circle of two", spf("v=spf1 include:b.example.net" + OTHERS + " -all",
                                                     *txt("b.example.net.", "v=spf1 include:example.org -all")))
    fault("spf.include-loop", "a redirect that leads back", spf("v=spf1" + OTHERS + " redirect=b.example.net",
                                                                *txt("b.example.net.", "v=spf1 redirect=example.org")))
    fault("spf.redirect-missing", "a redirect to a host without a record", spf("v=spf1" + OTHERS + " redirect=mx1.example.org"))
    fault("spf.redirect-missing", "a redirect to a name that is gone", spf("v=spf1" + OTHERS + " redirect=gone.example.net"))


def spf_open():
    fault("spf.plus-all", "+all", spf("v=spf1" + OTHERS + " +all"))
    fault("spf.plus-all", "all without a sign", spf("v=spf1" + OTHERS + " all"))
    fault("spf.plus-all", "ip4:0.0.0.0/0", spf("v=spf1" + OTHERS + " ip4:0.0.0.0/0 -all"))
    fault("spf.plus-all", "ip6:::/0", spf("v=spf1" + OTHERS + " ip6:::/0 -all"))
    fault("spf.plus-all", "an include of +all", spf("v=spf1" + OTHERS + " include:b.example.net -all", *txt("b.example.net.", "v=spf1 +all")))
    for end in ("-all", "~all"):
        fault("spf.not-authorised", "the host is not named, and " + end, spf("v=spf1 mx " + end))
    fault("spf.not-authorised", "another network is named", spf("v=spf1 ip4:198.51.100.0/24 ip6:2001:db8::10 -all"))
    fault("spf.not-authorised", "the host is named behind -ip4 of its network", spf("v=spf1 -ip4:192.0.2.0/24 ip4:192.0.2.10 -all"))
    fault("spf.not-authorised", "another address is asked about", perfect().put(MAIL, "A", "192.0.2.11").add(reverse("192.0.2.11"), "PTR", MAIL),
          ip="192.0.2.11")


def spf_weak():
    warn("spf.neutral-all", "?all", spf("v=spf1" + OTHERS + " ?all"))
    warn("spf.neutral-all", "?all behind a redirect", spf("v=spf1" + OTHERS + " redirect=b.example.net", *txt("b.example.net.", "v=spf1 ?all")))
    warn("spf.no-all", "no end", spf("v=spf1" + OTHERS))
    warn("spf.huge-range", "a /8", spf("v=spf1" + OTHERS + " ip4:51.0.0.0/8 -all"))
    warn("spf.huge-range", "a /16 of IPv6", spf("v=spf1" + OTHERS + " ip6:2a00::/16 -all"))
    warn("spf.huge-range", "mx/8", spf("v=spf1" + OTHERS + " mx/8 -all"))
    warn("spf.ptr-mechanism", "ptr", spf("v=spf1" + OTHERS + " ptr -all"))
    warn("spf.ptr-mechanism", "ptr with a domain", spf("v=spf1" + OTHERS + " ptr:example.org -all"))
    warn("spf.terms-after-all", "a term behind all", spf("v=spf1" + OTHERS + " -all ip4:192.0.2.11"))
    warn("spf.redirect-with-all", "redirect= beside all", spf("v=spf1" + OTHERS + " -all redirect=i.example.net"))
    warn("spf.void-lookup", "a host that is gone", spf("v=spf1" + OTHERS + " a:gone.example.org -all"))
    warn("spf.void-lookup", "two hosts that are gone", spf("v=spf1" + OTHERS + " a:gone.example.org mx:gone2.example.org -all"))
    for n in (9, 10):
        terms, rows = includes(n)
        warn("spf.near-limit", "%d lookups" % n, spf("v=spf1" + OTHERS + " " + terms + " -all", *rows))
    warn("spf.typo", "ip4= for ip4:", spf("v=spf1" + OTHERS + " ip4=198.51.100.7 -all"))
    warn("spf.typo", "include= for include:", spf("v=spf1" + OTHERS + " include=i.example.net -all"))
    warn("spf.private-address", "a private network", spf("v=spf1" + OTHERS + " ip4:192.168.1.0/24 -all"))
    warn("spf.private-address", "a host with a private address", spf("v=spf1" + OTHERS + " a:h.example.org -all", ("h.example.org.", "A", "10.1.2.3")))
    warn("spf.private-address", "a link-local address", spf("v=spf1" + OTHERS + " ip6:fe80::1 -all"))
    warn("spf.wrong-family", "an IPv4 address in IPv6's clothes", spf("v=spf1" + OTHERS + " ip6:::ffff:192.0.2.11 -all"))
    warn("spf.dangling-include", "exists: at a domain that is gone", spf("v=spf1 exists:%{i}.l.nobody.example" + OTHERS + " -all"))
    warn("spf.record-too-long", "an answer of more than 512 octets", spf(SPF_GOOD).add(TOP, "TXT", quote("x" * 240), quote("y" * 240)))
    warn("spf.string-too-long", "a string that is full", spf(
        "v=spf1" + OTHERS + " x=" + "y" * (255 - len("v=spf1" + OTHERS + " x="))))
    warn("spf.type99", "a record of type SPF", perfect().add(TOP, "SPF", quote(SPF_GOOD)))
    warn("spf.sender-id", "a record of Sender ID", perfect().add(TOP, "TXT", quote("spf2.0/pra -all")))
    warn("spf.receivers-differ", "empty answers that some count one by one", spf(
        "v=spf1 mx:two.example.org" + OTHERS + " -all", *[("two.example.org.", "MX", "%d %s" % (i, name)) for i, name in enumerate(
            ("v1.example.org.", "v2.example.org.", "v3.example.org.", "mx1.example.org."))]))
    info("spf.softfail-all", "~all", spf("v=spf1" + OTHERS + " ~all"))
    info("spf.duplicate-term", "a term twice", spf("v=spf1" + OTHERS + " mx mx -all"))
    info("spf.unknown-modifier", "a modifier that nobody knows", spf("v=spf1" + OTHERS + " moo=cow -all"))
    info("spf.mergeable", "two halves of a network", spf("v=spf1" + OTHERS + " ip4:198.51.100.0/25 ip4:198.51.100.128/25 -all"))
    info("spf.unreachable-term", "an address within a network before it", spf("v=spf1 ip4:192.0.2.0/24" + OTHERS + " -all"))


# ---------------------------------------------------------------------- DMARC

def dmarc(text, *more):
    records = perfect().put(DMARC, "TXT", quote(text))
    records.rows += more
    return records


RUA = "; rua=mailto:dmarc@example.org"
OUT = "; rua=mailto:dmarc@reports.example.net"
MAY = ("example.org._report._dmarc.reports.example.net.", "TXT", quote("v=DMARC1"))


def dmarc_records():
    fault("dmarc.missing", "no DMARC record", perfect().drop(DMARC))
    fault("dmarc.missing", "another text at _dmarc", dmarc("hello"))
    fault("dmarc.multiple-records", "two records", perfect().add(DMARC, "TXT", quote("v=DMARC1; p=none")))
    fault("dmarc.multiple-records", "the same record twice, one in another order",
          perfect().add(DMARC, "TXT", quote("v=DMARC1; rua=mailto:dmarc@example.org; p=reject")))
    fault("dmarc.wrong-name", "the record at the domain itself", perfect().drop(DMARC).add(TOP, "TXT", quote(DMARC_GOOD)))
    fault("dmarc.wrong-name", "the record at dmarc", perfect().drop(DMARC).add("dmarc.example.org.", "TXT", quote(DMARC_GOOD)))
    fault("dmarc.wrong-name", "the domain twice in the name", perfect().drop(DMARC).add("_dmarc.example.org.example.org.", "TXT", quote(DMARC_GOOD)))
    fault("dmarc.spf-record-there", "SPF at _dmarc", dmarc("v=spf1 -all"))
    fault("dmarc.duplicate-tag", "p= twice", dmarc("v=DMARC1; p=none; p=reject" + RUA))
    fault("dmarc.duplicate-tag", "rua= twice", dmarc(DMARC_GOOD + "; rua=mailto:more@example.org"))
    fault("dmarc.leading-space", "a space in front", dmarc(" " + DMARC_GOOD))
    fault("dmarc.leading-space", "a tab in front", dmarc("\t" + DMARC_GOOD))


def dmarc_syntax():
    for name, text in (
            ("no semicolon behind the version", "v=DMARC1 p=reject" + RUA),
            ("a comma for the semicolon", "v=DMARC1, p=reject" + RUA),
            ("a colon for the sign of equality", "v=DMARC1; p:reject" + RUA),
            ("the version in small letters", "v=dmarc1; p=reject" + RUA),
            ("the version is not first", "p=reject; v=DMARC1" + RUA),
            ("no v=", "DMARC1; p=reject" + RUA),
            ("quotes within quotes", '"%s"' % DMARC_GOOD),
            ("escaped semicolons", DMARC_GOOD.replace(";", "\\;")),
            ("a tag without a value", DMARC_GOOD + "; sp"),
            ("no semicolon between tags", "v=DMARC1; p=reject rua=mailto:dmarc@example.org"),
            ("another version", "v=DMARC2; p=reject" + RUA),
            ("a version that is cut", "v=DMARC; p=reject" + RUA)):
        fault("dmarc.syntax", name, dmarc(text))
    fault("dmarc.invalid-policy", "p=rejct", dmarc("v=DMARC1; p=rejct"))
    fault("dmarc.invalid-policy", "p=block, with reports", dmarc("v=DMARC1; p=block" + RUA))
    fault("dmarc.invalid-policy", "p= without a value", dmarc("v=DMARC1; p="))


def dmarc_weak():
    warn("dmarc.policy-none", "p=none", dmarc("v=DMARC1; p=none" + RUA))
    warn("dmarc.policy-none", "p=NONE", dmarc("v=DMARC1; p=NONE" + RUA))
    warn("dmarc.testing", "t=y", dmarc("v=DMARC1; p=reject; t=y" + RUA))
    warn("dmarc.subdomain-weaker", "sp=none", dmarc("v=DMARC1; p=reject; sp=none" + RUA))
    warn("dmarc.subdomain-weaker", "sp=quarantine", dmarc("v=DMARC1; p=reject; sp=quarantine" + RUA))
    warn("dmarc.np-weaker", "np=none", dmarc("v=DMARC1; p=reject; np=none" + RUA))
    warn("dmarc.np-weaker", "np=quarantine", dmarc("v=DMARC1; p=reject; sp=reject; np=quarantine" + RUA))
    warn("dmarc.no-rua", "no reports", dmarc("v=DMARC1; p=reject"))
    warn("dmarc.no-rua", "reports of failures alone", dmarc("v=DMARC1; p=reject; ruf=mailto:dmarc@example.org"))
    warn("dmarc.report-not-authorised", "reports to others who do not want them", dmarc("v=DMARC1; p=reject" + OUT))
    warn("dmarc.report-not-authorised", "their consent is for another domain",
         dmarc("v=DMARC1; p=reject" + OUT, ("example.com._report._dmarc.reports.example.net.", "TXT", quote("v=DMARC1"))))
    warn("dmarc.report-not-authorised", "their consent cannot be read", dmarc("v=DMARC1; p=reject" + OUT, (MAY[0], "TXT", quote("yes"))))
    warn("dmarc.report-no-mx", "reports to a name of its own that takes no mail", dmarc("v=DMARC1; p=reject; rua=mailto:dmarc@gone.example.org"))
    warn("dmarc.report-no-mx", "reports to others that take no mail",
         dmarc("v=DMARC1; p=reject" + OUT.replace("reports", "null"), (MAY[0].replace("reports", "null"), "TXT", quote("v=DMARC1")),
               ("null.example.net.", "MX", "0 .")))
    for name, uri in (("no mailto:", "dmarc@example.org"), ("no sign @", "mailto:dmarc"), ("mailto://", "mailto://dmarc@example.org"),
                      ("a page", "https://example.org/dmarc")):
        warn("dmarc.report-uri", name, dmarc("v=DMARC1; p=reject; rua=mailto:dmarc@example.org, " + uri))
    for name, tag in (("adkim=x", "adkim=x"), ("aspf=relaxed", "aspf=relaxed"), ("t=yes", "t=yes"), ("psd=maybe", "psd=maybe")):
        warn("dmarc.invalid-tag-value", name, dmarc("v=DMARC1; p=reject; " + tag + RUA))
    warn("dmarc.rules-differ", "p= is not the second tag", dmarc("v=DMARC1; rua=mailto:dmarc@example.org; p=reject"))
    for name, tag in (("pct=100", "pct=100"), ("rf=afrf", "rf=afrf"), ("ri=3600", "ri=3600")):
        info("dmarc.removed-tag", name, dmarc("v=DMARC1; p=reject; " + tag + RUA))
    info("dmarc.uri-size", "a limit of size", dmarc(DMARC_GOOD + "!10m"))
    info("dmarc.unknown-tag", "a tag that nobody knows", dmarc(DMARC_GOOD + "; moo=cow"))


# ----------------------------------------------------------------------- DKIM

def key(*texts, at=S1):
    return perfect().put(at, "TXT", *[quote(text) for text in texts])


def flipped(p, at):
    """Base64 with one character changed."""
    return p[:at] + ("A" if p[at] != "A" else "B") + p[at + 1:]


# M of "The Return of Coppersmith's Attack" (2017): primes of the broken library are k * M + 65537^a mod M, so that
# their product is a power of 65537 as well, modulo each prime of M
ROCA = [p for p in range(2, 168) if all(p % q for q in range(2, p))]


def like_roca():
    """A modulus of 2048 bits with the fingerprint of CVE-2017-15361."""
    m = 1
    for prime in ROCA:
        m *= prime
    return (1 << 2047) // m * m + m + pow(65537, 12345, m)


def dkim_records():
    fault("dkim.key-missing", "no key at the selector", perfect().drop(S1))
    fault("dkim.key-missing", "no keys at all", perfect().drop(S1).drop(S2))
    fault("dkim.key-missing", "the key is at the selector without _domainkey",
          perfect().drop(S1).add("s1.example.org.", "TXT", quote(rsa(keys.RSA_2048))))
    fault("dkim.key-missing", "the domain twice in the name", perfect().drop(S1).add(S1 + TOP, "TXT", quote(rsa(keys.RSA_2048))))
    fault("dkim.multiple-records", "the old key beside the new one", key(rsa(keys.RSA_2048), rsa(keys.RSA_2048_OTHER)))
    fault("dkim.multiple-records", "keys of two kinds at one selector", key(rsa(keys.RSA_2048), "v=DKIM1; k=ed25519; p=" + keys.ED25519))
    fault("dkim.key-revoked", "p= is empty", key("v=DKIM1; k=rsa; p="))
    fault("dkim.key-revoked", "p= is empty, and more behind it", key("v=DKIM1; p=; n=gone"))
    for name, text in (
            ("no p=", "v=DKIM1; k=rsa"),
            ("no semicolon before p=", "v=DKIM1; k=rsa p=" + keys.RSA_2048),
            ("no semicolon behind the version", "v=DKIM1 k=rsa; p=" + keys.RSA_2048),
            ("a colon for the sign of equality", "v=DKIM1; k=rsa; p:" + keys.RSA_2048),
            ("another version", "v=DKIM2; k=rsa; p=" + keys.RSA_2048),
            ("the version is not first", "k=rsa; p=" + keys.RSA_2048 + "; v=DKIM1"),
            ("the version in small letters", "v=dkim1; k=rsa; p=" + keys.RSA_2048),
            ("quotes within quotes", '"%s"' % rsa(keys.RSA_2048)),
            ("a bare key", keys.RSA_2048)):
        fault("dkim.key-syntax", name, key(text))
    for bits in (512, 768):
        fault("dkim.key-too-short", "%d bits" % bits, key(rsa(getattr(keys, "RSA_%d" % bits))))


def dkim_broken():
    for name, p in (
            ("a character changed in its beginning", flipped(keys.RSA_2048, 3)),
            ("a character changed in its length", flipped(keys.RSA_2048, 5)),
            ("a character changed in its algorithm", flipped(keys.RSA_2048, 14)),
            ("three points", "..."),
            ("a placeholder", "YOUR_PUBLIC_KEY_HERE"),
            ("characters of another base64", keys.RSA_2048.replace("+", "-").replace("/", "_")),
            ("a character lost in its middle", keys.RSA_2048[:200] + keys.RSA_2048[201:]),
            ("a sign of shortening", keys.RSA_2048[:40] + "..." + keys.RSA_2048[-10:])):
        fault("dkim.key-broken", name, key(rsa(p)))
    fault("dkim.key-broken", "an Ed25519 key that lost octets", key("v=DKIM1; k=ed25519; p=" + keys.ED25519[:40], at=S2))
    fault("dkim.key-broken", "an Ed25519 key called RSA", key(rsa(keys.ED25519), at=S2))
    fault("dkim.key-broken", "an RSA key called Ed25519", key("v=DKIM1; k=ed25519; p=" + keys.RSA_2048))
    whole = rsa(keys.RSA_2048)
    fault("dkim.key-half", "the second string is lost", key(whole[:255]))
    fault("dkim.key-half", "the strings are two records", perfect().put(S1, "TXT", quote(whole[:255]), quote(whole[255:])))
    fault("dkim.key-half", "cut at 250", key(whole[:250]))
    fault("dkim.algorithm-unknown", "k=dsa", key("v=DKIM1; k=dsa; p=" + keys.RSA_2048))
    fault("dkim.algorithm-unknown", "k=rsa-sha256", key("v=DKIM1; k=rsa-sha256; p=" + keys.RSA_2048))
    fault("dkim.algorithm-unknown", "k=ecdsa", key("v=DKIM1; k=ecdsa; p=" + keys.EC_P256))
    fault("dkim.pem-armour", "the lines around it", key(rsa("-----BEGIN PUBLIC KEY-----" + keys.RSA_2048 + "-----END PUBLIC KEY-----")))
    fault("dkim.pem-armour", "the line before it", key(rsa("-----BEGIN PUBLIC KEY----- " + keys.RSA_2048)))
    fault("dkim.escaped-semicolon", "backslashes", key(rsa(keys.RSA_2048).replace(";", "\\;")))
    fault("dkim.key-mismatch", "another private key", key(rsa(keys.RSA_2048_OTHER)), private_key=keys.RSA_2048_PRIVATE, selectors=["s1"])


def dkim_weak():
    warn("dkim.none-found", "no selector is known", perfect().drop(S1).drop(S2), selectors=[])
    warn("dkim.key-short", "1024 bits", key(rsa(keys.RSA_1024)))
    warn("dkim.key-short", "1024 bits, without v= and k=", key("p=" + keys.RSA_1024_OTHER))
    warn("dkim.key-exponent", "exponent 3", key(rsa(keys.RSA_2048_E3)))
    fault("dkim.key-exponent", "exponent 1", key(rsa(keys.rsa(keys.modulus_of(keys.RSA_2048), 1))))
    fault("dkim.key-exponent", "an even exponent", key(rsa(keys.rsa(keys.modulus_of(keys.RSA_2048), 65536))))
    warn("dkim.key-weak", "a modulus that 3 divides", key(rsa(keys.rsa(3 * (keys.modulus_of(keys.RSA_2048) // 6 * 2 + 1)))))
    warn("dkim.key-weak", "the fingerprint of CVE-2017-15361", key(rsa(keys.rsa(like_roca()))))
    warn("dkim.testing", "t=y", key("v=DKIM1; k=rsa; t=y; p=" + keys.RSA_2048))
    warn("dkim.testing", "t=y:s", key("v=DKIM1; k=rsa; t=y:s; p=" + keys.RSA_2048))
    warn("dkim.hash-sha1-only", "h=sha1", key("v=DKIM1; h=sha1; k=rsa; p=" + keys.RSA_2048))
    warn("dkim.ed25519-only", "no RSA key", perfect().drop(S1), selectors=["s2"])
    warn("dkim.wildcard", "every selector has a key", perfect().add("*._domainkey.example.org.", "TXT", quote(rsa(keys.RSA_2048_OTHER))))
    warn("dkim.duplicate-tag", "k= twice", key("v=DKIM1; k=rsa; k=rsa; p=" + keys.RSA_2048))
    warn("dkim.duplicate-tag", "n= twice", key("v=DKIM1; k=rsa; n=a; n=b; p=" + keys.RSA_2048))
    info("dkim.key-long", "8192 bits", key(rsa(keys.RSA_8192)))
    info("dkim.pkcs1", "a key in the older form", key(rsa(keys.RSA_2048_PKCS1)))
    info("dkim.strict-subdomain", "t=s", key("v=DKIM1; k=rsa; t=s; p=" + keys.RSA_2048))
    info("dkim.notes", "n=", key("v=DKIM1; k=rsa; n=made in 2026; p=" + keys.RSA_2048))
    info("dkim.delegated", "the key at a provider's", perfect().drop(S1).add(S1, "CNAME", "s1.dkim.example.net.").add(
        "s1.dkim.example.net.", "TXT", quote(rsa(keys.RSA_2048))))


# ------------------------------------------------------- MX, MTA-STS, TLS-RPT, DANE

def mx(*hosts, rows=()):
    records = perfect().put(TOP, "MX", *hosts)
    records.rows += rows
    return records


def mx_all():
    fault("mx.missing-target", "a host that is gone", mx("10 mx1.example.org.", "20 gone.example.org."))
    fault("mx.missing-target", "the only host is gone", mx("10 gone.example.org."))
    fault("mx.missing-target", "a name without its dot", mx("10 mx1.example.org.", "20 mx2.example.org.example.org."))
    fault("mx.cname", "an alias", mx("10 mx1.example.org.", "20 alias.example.org.", rows=[("alias.example.org.", "CNAME", "mx2.example.org.")]))
    fault("mx.cname", "the only host is an alias", mx("10 alias.example.org.", rows=[("alias.example.org.", "CNAME", "mx.example.net.")]))
    fault("mx.address-literal", "an IPv4 address", mx("10 mx1.example.org.", "20 192.0.2.25."))
    fault("mx.private-address", "10.0.0.25", perfect().put(MX2, "A", "10.0.0.25").drop(MX2, "AAAA"))
    fault("mx.private-address", "192.168.1.25 beside a public one", perfect().add(MX2, "A", "192.168.1.25"))
    fault("mx.private-address", "a unique local address", perfect().put(MX2, "AAAA", "fd00::25"))
    fault("mx.null-with-others", "a null MX beside a host", mx("0 .", "10 mx1.example.org."))
    fault("mx.no-address", "a host without an address", mx("10 mx1.example.org.", "20 t.example.org.", rows=txt("t.example.org.", "x")))
    fault("mx.no-address", "the only host has none", mx("10 t.example.org.", rows=txt("t.example.org.", "x")))
    fault("mx.self-loop", "127.0.0.1", mx("10 mx1.example.org.", "20 loop.example.org.", rows=[("loop.example.org.", "A", "127.0.0.1")]))
    fault("mx.self-loop", "localhost", mx("10 mx1.example.org.", "20 localhost.", rows=[("localhost.", "A", "127.0.0.1")]))
    warn("mx.none", "no MX", perfect().drop(TOP, "MX"))
    warn("mx.duplicate", "the same host twice", mx("10 mx1.example.org.", "20 mx2.example.org.", "30 mx1.example.org."))
    warn("mx.duplicate", "two names of one address", perfect().put(MX2, "A", "192.0.2.25").put(MX2, "AAAA", "2001:db8::25"))
    info("mx.single-point", "one host", mx("10 mx1.example.org."))
    info("mx.no-ipv6", "no IPv6", perfect().drop(MX1, "AAAA").drop(MX2, "AAAA"))


def sts(*texts):
    return perfect().add(STS, "TXT", *[quote(text) for text in texts]).add("mta-sts.example.org.", "A", "192.0.2.80")


def policies_all():
    fault("sts.multiple-records", "two records", sts("v=STSv1; id=1;", "v=STSv1; id=2;"))
    fault("sts.record-syntax", "no sign of equality", sts("v=STSv1; id 20261127;"))
    fault("sts.record-syntax", "no semicolon", sts("v=STSv1 id=20261127"))
    fault("sts.record-syntax", "another version", sts("v=STSv2; id=20261127;"))
    fault("sts.record-syntax", "hyphens in the id", sts("v=STSv1; id=2026-11-27;"))
    fault("sts.record-syntax", "no id", sts("v=STSv1;"))
    fault("sts.record-syntax", "an id that is too long", sts("v=STSv1; id=%s;" % ("1" * 33)))
    for name, text in (
            ("no semicolon", "v=TLSRPTv1 rua=mailto:tls@example.org"),
            ("another version", "v=TLSRPTv2; rua=mailto:tls@example.org"),
            ("no rua=", "v=TLSRPTv1;"),
            ("a colon for the sign of equality", "v=TLSRPTv1; rua:mailto:tls@example.org"),
            ("the version in small letters", "v=tlsrptv1; rua=mailto:tls@example.org")):
        warn("tlsrpt.syntax", name, perfect().put(TLSRPT, "TXT", quote(text)))
    warn("tlsrpt.multiple-records", "two records", perfect().add(TLSRPT, "TXT", quote("v=TLSRPTv1; rua=mailto:two@example.org")))
    warn("tlsrpt.uri", "no mailto:", perfect().put(TLSRPT, "TXT", quote("v=TLSRPTv1; rua=tls@example.org")))
    warn("tlsrpt.uri", "http:", perfect().put(TLSRPT, "TXT", quote("v=TLSRPTv1; rua=http://example.org/tls")))
    info("tlsrpt.missing", "no record", perfect().drop(TLSRPT))

    def tlsa(first, *second):
        records = perfect().add("_25._tcp." + MX1, "TLSA", *first)
        return records.add("_25._tcp." + MX2, "TLSA", *second) if second else records
    good = "3 1 1 " + SHA256
    warn("dane.partial", "records of one of two hosts", tlsa([good]))
    warn("dane.usage-0-1", "usage 1", tlsa([good, "1 1 1 " + SHA256], good))
    warn("dane.usage-0-1", "usage 0", tlsa([good, "0 0 1 " + SHA256], good))
    warn("dane.syntax", "a digest that is cut", tlsa([good, "3 1 1 " + SHA256[:40]], good))
    warn("dane.syntax", "a matching type that nobody knows", tlsa([good, "3 1 4 " + SHA256], good))
    warn("dane.syntax", "a certificate that is cut", tlsa([good, "3 0 0 308201ff"], good))
    warn("dane.syntax", "nothing that senders can use", tlsa(["3 1 1 " + SHA256[:40]], good))


# ----------------------------------------------------------------- BIMI and others

def others_all():
    bimi = "default._bimi.example.org."
    warn("bimi.syntax", "another version", perfect().add(bimi, "TXT", quote("v=BIMI2; l=https://example.org/l.svg; a=")))
    warn("bimi.syntax", "no l=", perfect().add(bimi, "TXT", quote("v=BIMI1; a=https://example.org/c.pem")))
    warn("bimi.logo", "http:", perfect().add(bimi, "TXT", quote("v=BIMI1; l=http://example.org/l.svg; a=;")))
    logo = (bimi, "TXT", quote("v=BIMI1; l=https://example.org/l.svg; a=;"))
    for name, text in (("p=none", "v=DMARC1; p=none"), ("sp=none", "v=DMARC1; p=reject; sp=none"), ("t=y", "v=DMARC1; p=quarantine; t=y")):
        warn("bimi.dmarc-too-weak", name, dmarc(text + RUA, logo), anywhere=True)
    warn("bimi.dmarc-too-weak", "quarantine for a part alone",
         dmarc("v=DMARC1; p=quarantine; pct=50" + RUA, (bimi, "TXT", quote("v=BIMI1; l=https://example.org/l.svg; a=;"))), anywhere=True)
    warn("srv.syntax", "a name that is gone", perfect().add("_submission._tcp.example.org.", "SRV", "0 1 587 gone.example.org."))
    warn("srv.syntax", "an alias", perfect().add("_imaps._tcp.example.org.", "SRV", "0 1 993 alias.example.org.").add(
        "alias.example.org.", "CNAME", MAIL))
    warn("srv.syntax", "port 0", perfect().add("_imaps._tcp.example.org.", "SRV", "0 1 0 mail.example.org."))
    warn("srv.syntax", "POP3 at the port of POP3 with TLS", perfect().add("_pop3._tcp.example.org.", "SRV", "0 1 995 mail.example.org."))
    warn("srv.syntax", "a private address", perfect().add("_imaps._tcp.example.org.", "SRV", "0 1 993 inner.example.org.").add(
        "inner.example.org.", "A", "10.0.0.3"))
    warn("caa.forbids", "nobody may issue", perfect().put(TOP, "CAA", '0 issue ";"'))
    warn("ns.single", "one name server", perfect().put(TOP, "NS", "ns1.example.org."))
    warn("ns.lame", "a name server without an address", perfect().add(TOP, "NS", "ns3.example.org."))
    warn("soa.odd", "expires within an hour", perfect().put(TOP, "SOA", SOA.replace("1209600", "3600")))
    warn("soa.odd", "no pause before another try", perfect().put(TOP, "SOA", SOA.replace(" 3600 1209600", " 0 1209600")))
    warn("soa.odd", "refresh of a year", perfect().put(TOP, "SOA", SOA.replace("7200", "31536000")))


# -------------------------------------------------------------- the sending host

def host_all():
    fault("host.ptr-missing", "no PTR record", perfect().drop(PTR))
    fault("host.ptr-missing", "no PTR record of the IPv6 address", perfect().drop(reverse(IP6)), ip=IP6)
    fault("host.ptr-unconfirmed", "the name has another address", perfect().put(PTR, "PTR", MX1))
    fault("host.ptr-unconfirmed", "the name is gone", perfect().put(PTR, "PTR", "gone.example.org."))
    fault("host.ptr-unconfirmed", "the name has no address", perfect().put(PTR, "PTR", "t.example.org.").add("t.example.org.", "TXT", '"x"'))
    fault("host.helo-invalid", "no domain in it", perfect(), helo="mail")
    fault("host.helo-invalid", "localhost", perfect(), helo="localhost")
    fault("host.helo-invalid", "localhost.localdomain", perfect(), helo="localhost.localdomain")
    fault("host.helo-invalid", "an address without brackets", perfect(), helo=IP)
    fault("host.helo-invalid", "underscores", perfect(), helo="mail_server.example.org")
    fault("host.helo-invalid", "a name that is gone", perfect(), helo="gone.example.org")
    fault("host.helo-invalid", "a name without an address", perfect().add("t.example.org.", "TXT", '"x"'), helo="t.example.org")
    fault("host.ptr-unconfirmed", "the name is an address", perfect().put(PTR, "PTR", "192.0.2.10."))
    fault("host.ptr-unconfirmed", "the name has lost its dot", perfect().put(PTR, "PTR", "mail.example.org.2.0.192.in-addr.arpa."))
    fault("host.listed", "Spamhaus has it", listed("10.2.0.192.zen.spamhaus.org.", "127.0.0.2"))
    warn("host.helo-mismatch", "another name of its own", perfect(), helo="mx1.example.org")
    warn("host.helo-literal", "an address in brackets", perfect(), helo="[192.0.2.10]")
    generic = "192-0-2-10.dynamic.example.net."
    warn("host.generic-name", "the name of a dynamic address", perfect().put(PTR, "PTR", generic).add(generic, "A", IP), helo=generic[:-1])
    static = "host-10-2-0-192.static.example.net."
    warn("host.generic-name", "the name of any address", perfect().put(PTR, "PTR", static).add(static, "A", IP), helo=static[:-1])
    warn("host.generic-name", "a name of its own in EHLO alone", perfect().put(PTR, "PTR", generic).add(generic, "A", IP))
    warn("host.helo-literal", "another address in brackets", perfect(), helo="[192.0.2.99]")
    warn("host.helo-literal", "its IPv6 address in brackets", perfect(), helo="[IPv6:2001:db8::10]")
    warn("host.ptr-multiple", "two names", perfect().add(PTR, "PTR", "www.example.org.").add("www.example.org.", "A", IP))
    warn("host.ipv6-no-ptr", "the IPv6 address has no name", perfect().drop(reverse(IP6)))
    info("host.list-refused", "Spamhaus does not answer this resolver", listed("10.2.0.192.zen.spamhaus.org.", "127.255.255.254"))


def listed(name, code):
    """The domain, and a list that works and has an entry."""
    return perfect().add("2.0.0.127.zen.spamhaus.org.", "A", "127.0.0.2", "127.0.0.4", "127.0.0.10").add(name, "A", code)


for part in (spf_missing, spf_records, spf_syntax, spf_limits, spf_names, spf_open, spf_weak, dmarc_records, dmarc_syntax, dmarc_weak,
             dkim_records, dkim_broken, dkim_weak, mx_all, policies_all, others_all, host_all):
    part()


if __name__ == "__main__":
    for case in CASES:
        if len(sys.argv) < 2:
            print("%-4s %s: %s" % (case.severity, case.id, case.name))
        elif case.name == sys.argv[1] or "%s: %s" % (case.id, case.name) == sys.argv[1]:
            print(case.zone)
