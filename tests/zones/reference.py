"""reference.py - the domain by which speed is measured: everything that a well-kept domain has

A subdomain whose DMARC record stands at the organisational domain, SPF two includes deep, four MX hosts with TLSA
records each, two selectors, MTA-STS, TLS-RPT, BIMI, and a sending host with names that fit.

    python3 tests/zones/reference.py         prints the zone
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import keys  # noqa: E402
from zonetext import Records, quote, reverse  # noqa: E402

DOMAIN, ORGANISATION = "news.example.org", "example.org."
IP, IP6, HELO = "192.0.2.10", "2001:db8::10", "out.example.org"
SELECTORS = ["s1", "s2"]
OPTIONS = {"ip": IP, "helo": HELO, "selectors": SELECTORS}
SOA = "ns1.example.org. hostmaster.example.org. 2026112701 7200 3600 1209600 3600"
DIGEST = "8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1"


def records():
    top = DOMAIN + "."
    rows = Records([
        (".", "SOA", "a.root. b.root. 1 7200 3600 1209600 300"),
        (".", "NS", "a.root."),
        ("a.root.", "A", "198.51.100.1"),
        (ORGANISATION, "SOA", SOA),
        (ORGANISATION, "NS", "ns1.example.org."),
        (ORGANISATION, "NS", "ns2.example.net."),
        ("ns1.example.org.", "A", "192.0.2.53"),
        ("ns1.example.org.", "AAAA", "2001:db8::53"),
        ("ns2.example.net.", "A", "198.51.100.53"),
        ("ns2.example.net.", "AAAA", "2001:db8:1::53"),
        (ORGANISATION, "A", "192.0.2.80"),
        (ORGANISATION, "MX", "10 mx1.example.org."),
        (ORGANISATION, "TXT", quote("v=spf1 mx -all")),
        (ORGANISATION, "CAA", '0 issue "letsencrypt.org"'),
        (top, "TXT", quote("v=spf1 include:_spf.example.org mx -all")),
        ("_spf.example.org.", "TXT", quote("v=spf1 include:_spf.example.net ip4:192.0.2.0/28 ip6:2001:db8::/64 ~all")),
        ("_spf.example.net.", "TXT", quote("v=spf1 ip4:203.0.113.0/24 ~all")),
        ("s1._domainkey." + top, "TXT", quote("v=DKIM1; k=rsa; p=" + keys.RSA_2048)),
        ("s2._domainkey." + top, "TXT", quote("v=DKIM1; k=ed25519; p=" + keys.ED25519)),
        ("_dmarc." + ORGANISATION, "TXT", quote("v=DMARC1; p=reject; rua=mailto:dmarc@example.org")),
        ("_mta-sts." + top, "TXT", quote("v=STSv1; id=20261127;")),
        ("mta-sts." + top, "A", "192.0.2.80"),
        ("_smtp._tls." + top, "TXT", quote("v=TLSRPTv1; rua=mailto:tls@example.org")),
        ("default._bimi." + top, "TXT", quote("v=BIMI1; l=https://www.example.org/logo.svg; a=;")),
        (HELO + ".", "A", IP),
        (HELO + ".", "AAAA", IP6),
        (HELO + ".", "TXT", quote("v=spf1 a -all")),
        (reverse(IP), "PTR", HELO + "."),
        (reverse(IP6), "PTR", HELO + "."),
        ("example.net.", "SOA", SOA),
        ("example.net.", "NS", "ns2.example.net."),
    ])
    for i in range(1, 5):
        host = "mx%d.example.org." % i
        rows.add(top, "MX", "%d %s" % (10 * i, host)).add(host, "A", "192.0.2.%d" % (24 + i)).add(host, "AAAA", "2001:db8::%d" % (24 + i))
        rows.add("_25._tcp." + host, "TLSA", "3 1 1 " + DIGEST, "3 1 1 " + DIGEST[::-1])
    return rows


if __name__ == "__main__":
    print(records().text(), end="")
