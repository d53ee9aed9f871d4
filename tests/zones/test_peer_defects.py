#!/usr/bin/env python3
"""test_peer_defects.py - what other checkers were seen to get wrong, and this one does not

A test for each, named after who has it (versions of 2026: checkdmarc 5.17.5, mail-auth 0.11.2, mox 1c95876, Rspamd
eaac8e914, Internet.nl cec0e01d, Mail-in-a-Box b162b96d).  Some have a closer look elsewhere: lookups, voids and
receivers that differ in tests/bindings/test_spf_lint.py, time limits in tests/bindings/test_python_checks.py.
"""
import unittest

import zonecheck
import broken
import keys
import mailhealth
from zonetext import quote

HEAD = ". SOA a.root. b.root. 1 7200 3600 1209600 300\n"


def domain(records, **options):
    return zonecheck.look(records, broken.DOMAIN, **dict({"ip": broken.IP, "helo": broken.HELO, "selectors": ["s1", "s2"]}, **options))


def spf(zone, ip="192.0.2.10", sender="a@example.org", **options):
    with mailhealth.Zone("$TTL 300\n" + HEAD + zone) as parsed:
        return mailhealth.check_spf(ip, sender, zone=parsed, **options)


def ids(found, *severities):
    return {f["id"] for f in found.present(*severities)}


class Checkdmarc(unittest.TestCase):
    def test_trees_included_twice_cost_twice(self):
        """A tree of 15 lookups was told as 9, and valid."""
        # three times the same five: 3 + 3 * 4
        zone = 'example.org. TXT "v=spf1 include:a.example.net include:b.example.net include:c.example.net -all"\n'
        for name in "abc":
            zone += '%s.example.net. TXT "v=spf1 include:t.example.net -all"\n' % name
        zone += 't.example.net. TXT "v=spf1 include:x.example.net include:y.example.net include:z.example.net -all"\n'
        zone += "".join('%s.example.net. TXT "v=spf1 ip4:198.51.100.%d -all"\n' % (c, i) for i, c in enumerate("xyz"))
        found = spf(zone, lint=True)
        self.assertEqual(found.result, "permerror")
        self.assertEqual(found.json()["results"]["spf"]["tree"]["lookups"], 15)
        self.assertIn("spf.too-many-lookups", [f["id"] for f in found.findings])

    def test_an_unknown_modifier_is_no_error(self):
        found = spf('example.org. TXT "v=spf1 moo=cow ip4:192.0.2.10 -all"\n', lint=True)
        self.assertEqual(found.result, "pass")
        self.assertEqual([(f["id"], f["severity"]) for f in found.findings], [("spf.unknown-modifier", "info")])

    def test_an_include_that_fails_is_neither_valid_nor_void(self):
        records = broken.spf("v=spf1 include:i.example.net -all")
        found = domain_without(records, ("i.example.net", "TXT"))
        self.assertEqual(ids(found, "warn", "fail"), set())
        self.assertEqual(found.health, "unknown")
        self.assertIn("i.example.net TXT", {f["subject"] for f in found.findings if f["id"] == "dns.unknown"})
        spf_result = found.json()["results"]["spf"]
        self.assertEqual((spf_result["result"], spf_result["voids"]), ("temperror", 0))

    def test_a_record_that_cannot_be_asked_for_is_not_missing(self):
        """SERVFAIL and timeouts were told as "record not found" (domainaware/checkdmarc#90, #195)."""
        for name in ("example.org", "_dmarc.example.org", "s1._domainkey.example.org", "_smtp._tls.example.org", "_mta-sts.example.org",
                     "10.2.0.192.in-addr.arpa"):
            kind = "PTR" if name.endswith("arpa") else "TXT"
            for failure in (mailhealth.ServFail, mailhealth.DnsTimeout, mailhealth.Refused, mailhealth.Bogus):
                found = zonecheck.look(broken.perfect(), broken.DOMAIN, failing=(name, kind), failure=failure, ip=broken.IP,
                                       helo=broken.HELO, selectors=["s1", "s2"])
                told = ids(found, "warn", "fail") - {"dnssec.bogus"}
                self.assertEqual(told, set(), (name, failure))
                self.assertIn("dns.unknown", {f["id"] for f in found.findings}, (name, failure))
                self.assertFalse({i for i in ids(found) if i.endswith("missing")} & {
                    "spf.missing", "dmarc.missing", "dkim.key-missing", "tlsrpt.missing" if "_tls" in name else "",
                    "sts.missing" if "_mta-sts" in name else "", "host.ptr-missing"})

    def test_prefixes_of_both_families(self):
        """mx/28//64 was asked for as the host "/28//64"."""
        zone = ('example.org. TXT "v=spf1 mx/28//64 -all"\nexample.org. MX 10 mx.example.org.\n'
                "mx.example.org. A 192.0.2.1\nmx.example.org. AAAA 2001:db8::1\n")
        for ip, result in (("192.0.2.10", "pass"), ("192.0.2.17", "fail"), ("2001:db8::ffff", "pass"), ("2001:db8:0:1::1", "fail")):
            found = spf(zone, ip, lint=True)
            self.assertEqual(found.result, result, ip)
            self.assertFalse([a.name for a in found.answers if "/" in a.name])

    def test_prefixes_behind_a_name(self):
        """a:h/24 lost its /24."""
        zone = 'example.org. TXT "v=spf1 a:h.example.org/28 -all"\nh.example.org. A 192.0.2.1\n'
        self.assertEqual(spf(zone, "192.0.2.14").result, "pass")
        self.assertEqual(spf(zone, "192.0.2.17").result, "fail")

    def test_everybody_may_send(self):
        """"ip4:0.0.0.0/0 +all" had no remark."""
        found = domain(broken.spf("v=spf1 ip4:0.0.0.0/0 +all"))
        self.assertEqual(ids(found, "fail"), {"spf.plus-all"})

    def test_the_null_mx_is_told(self):
        records = broken.perfect().put("example.org.", "MX", "0 .").put("_dmarc.example.org.", "TXT", quote("v=DMARC1; p=reject"))
        self.assertIn("mx.null", ids(domain(records), "info"))

    def test_testing_is_told(self):
        self.assertIn("dmarc.testing", ids(domain(broken.dmarc("v=DMARC1; p=reject; t=y" + broken.RUA)), "warn"))

    def test_long_records_in_several_strings_are_fine(self):
        """A record of several strings was told as one that is too long (#200, #204, #281)."""
        terms = " ".join("ip4:198.51.100.%d" % i for i in range(1, 24, 2))
        found = domain(broken.perfect().put("example.org.", "TXT", quote("v=spf1 %s ip4:192.0.2.10 ip6:2001:db8::10 -all" % terms)))
        self.assertFalse(ids(found, "warn", "fail"))

    def test_voids_are_counted_once(self):
        """#94, #211: twice."""
        found = spf('example.org. TXT "v=spf1 a:gone.example.org ip4:192.0.2.99 -all"\n', lint=True)
        self.assertEqual(found.voids, 1)


def domain_without(records, question, failure=mailhealth.ServFail):
    return zonecheck.look(records, broken.DOMAIN, failing=question, failure=failure, ip=broken.IP, helo=broken.HELO, selectors=["s1", "s2"])


class MailAuth(unittest.TestCase):
    def test_three_voids_are_an_error(self):
        zone = 'example.org. TXT "v=spf1 a:a.example.org a:b.example.org a:c.example.org ip4:192.0.2.10 -all"\n'
        self.assertEqual(spf(zone).result, "permerror")

    def test_two_records_are_none(self):
        """The first that could be read was taken, of SPF and of DMARC."""
        zone = 'example.org. TXT "v=spf1 ip4:192.0.2.10 -all"\nexample.org. TXT "v=spf1 -all"\n'
        self.assertEqual(spf(zone).result, "permerror")
        found = domain(broken.perfect().add("_dmarc.example.org.", "TXT", quote("v=DMARC1; p=none")))
        self.assertEqual(ids(found, "fail"), {"dmarc.multiple-records"})

    def test_helo_does_not_stand_for_mail_from(self):
        zone = 'example.org. TXT "v=spf1 ip4:192.0.2.10 -all"\nbad.example.org. TXT "v=spf1 -all"\n'
        self.assertEqual(spf(zone, helo="bad.example.org").result, "pass")

    def test_time_that_is_over_is_temporary(self):
        """RFC 7208 4.6.4: temperror, and never permerror."""
        with mailhealth.Job(ip="192.0.2.10", sender="a@example.org", domain="example.org", timeout=20.0) as job:
            job.step(0)
            asks = list(job.asks())
            self.assertTrue(asks)
            job.answer(asks[0], ["v=spf1 include:slow.example.net -all"])
            self.assertFalse(job.step(1000))
            self.assertTrue(job.step(20001))
            self.assertEqual(job.result, "temperror")

    def test_keys_for_sha1_alone_are_told(self):
        """RFC 8301: nobody may verify rsa-sha1 any more."""
        found = domain(broken.key("v=DKIM1; h=sha1; p=" + keys.RSA_2048))
        self.assertIn("dkim.hash-sha1-only", ids(found, "warn"))


class Mox(unittest.TestCase):
    def test_macros_in_every_mechanism(self):
        """Those of a, mx and ptr were left as they are (RFC 7208 4.8)."""
        zone = ("l.example.org. A 192.0.2.99\nexample.org.l.example.net. A 192.0.2.10\n"
                "example.org.l.example.net. MX 1 example.org.l.example.net.\n"
                "10.2.0.192.in-addr.arpa. PTR x.example.org.l.example.net.\nx.example.org.l.example.net. A 192.0.2.10\n")
        for mechanism in ("a", "mx", "ptr"):
            found = spf(zone + 'example.org. TXT "v=spf1 %s:%%{d}.l.example.net -all"\n' % mechanism)
            self.assertEqual((found.result, found.matched), ("pass", mechanism + ":%{d}.l.example.net"))

    def test_policies_of_rfc_9989(self):
        """Only RFC 7489 was known: np=, psd=, t= were none of its tags, and p= had to be there."""
        found = domain(broken.dmarc("v=DMARC1; p=reject; np=reject; psd=n; t=n" + broken.RUA))
        self.assertFalse(ids(found, "warn", "fail"))
        self.assertNotIn("dmarc.unknown-tag", ids(found))
        dmarc = domain(broken.dmarc("v=DMARC1; p=reject; t=y" + broken.RUA)).json()["results"]["dmarc"]
        self.assertEqual((dmarc["rfc9989"]["policy"], dmarc["rfc9989"]["effective"]), ("reject", "quarantine"))


class Rspamd(unittest.TestCase):
    def test_flags_of_keys_are_read(self):
        """h=, s= and t= were not looked at."""
        for tag, told in (("h=sha1", "dkim.hash-sha1-only"), ("t=y", "dkim.testing"), ("t=s", "dkim.strict-subdomain")):
            self.assertIn(told, ids(domain(broken.key("v=DKIM1; %s; p=%s" % (tag, keys.RSA_2048)))), tag)

    def test_a_key_for_another_service_is_told(self):
        found = domain(broken.key("v=DKIM1; s=tlsrpt; p=" + keys.RSA_2048))
        self.assertTrue({i for i in ids(found) if i.startswith("dkim.") and i != "dkim.notes"})

    def test_short_keys_are_told(self):
        """There was a most, and no least."""
        for bits, told in ((512, "dkim.key-too-short"), (768, "dkim.key-too-short"), (1024, "dkim.key-short")):
            self.assertIn(told, ids(domain(broken.key(broken.rsa(getattr(keys, "RSA_%d" % bits)))), "warn", "fail"), bits)

    def test_ten_lookups_and_not_thirty(self):
        zone = "example.org. TXT %s\n" % quote("v=spf1 %s ip4:192.0.2.10 -all" % " ".join("include:c%d.example.net" % i for i in range(11)))
        zone += "".join('c%d.example.net. TXT "v=spf1 ip4:198.51.100.%d -all"\n' % (i, i) for i in range(11))
        self.assertEqual(spf(zone).result, "permerror")
        self.assertEqual(spf(zone, rules="rspamd-30").result, "pass")


class InternetNl(unittest.TestCase):
    def test_a_folder_of_keys_is_no_key(self):
        """DKIM passed if _domainkey was not NXDOMAIN."""
        records = broken.perfect().drop(broken.S1).drop(broken.S2).add("_domainkey.example.org.", "TXT", quote("o=-"))
        self.assertEqual(ids(domain(records), "fail"), {"dkim.key-missing"})
        self.assertIn("dkim.none-found", ids(domain(records, selectors=[])))

    def test_lookups_are_counted_by_terms(self):
        """#286, #1336, #1442: counted by words, so that "a:" was none and "mx" one in every name that has these letters."""
        zone = ('example.org. TXT "v=spf1 a:mx1.example.org include:mx.example.net ip4:192.0.2.10 -all"\n'
                'mx1.example.org. A 192.0.2.25\nmx.example.net. TXT "v=spf1 ip4:198.51.100.1 -all"\n')
        self.assertEqual(spf(zone, lint=True).json()["results"]["spf"]["tree"]["lookups"], 2)


class MailInABox(unittest.TestCase):
    def test_all_records_are_looked_at(self):
        """There was a check of neither SPF nor DKIM nor DMARC."""
        found = domain(broken.perfect())
        self.assertLessEqual({"spf", "dkim", "dmarc", "mx", "mta-sts", "tls-rpt", "dane", "host"},
                             {check["id"] for check in found.json()["checks"]})

    def test_a_list_that_refuses_has_not_listed(self):
        """#185, #2288 and others: 127.255.255.254 was told as listed."""
        for code in ("127.255.255.252", "127.255.255.254", "127.255.255.255"):
            found = domain(broken.listed("10.2.0.192.zen.spamhaus.org.", code))
            self.assertFalse(ids(found, "warn", "fail"), code)
            self.assertIn("host.list-refused", ids(found, "info"), code)

    def test_a_list_that_does_not_answer_has_not_listed(self):
        found = domain_without(broken.perfect(), ("10.2.0.192.zen.spamhaus.org", "A"), mailhealth.DnsTimeout)
        self.assertFalse(ids(found, "warn", "fail"))


if __name__ == "__main__":
    unittest.main()
