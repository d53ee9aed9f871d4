"""test_python_dmarc.py - bindings/python: check_dmarc(), DmarcJob, and names alone"""
import asyncio
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../conformance"), os.path.join(HERE, "../../bindings/python")]

import mailhealth  # noqa: E402
import rows  # noqa: E402

ZONE = "_dmarc.example.org. 300 IN TXT \"v=DMARC1; p=reject; sp=quarantine; t=y\"\n" \
       "example.org._report._dmarc.example.net. 300 IN TXT \"v=DMARC1;\"\n"


def zone():
    return mailhealth.Zone(ZONE, ".", name="zone")


class Messages(unittest.TestCase):
    def test_a_message_that_passes(self):
        result = mailhealth.check_dmarc("Joe <joe@example.org>", spf=[("example.net", "pass")],
                                        dkim=[("mail.example.org", "pass"), ("example.org", "fail")], zone=zone())
        self.assertEqual((result.result, result.policy, result.disposition), ("pass", "reject", "none"))
        self.assertEqual((result.domain, result.record_at, result.org_domain), ("example.org",) * 3)
        self.assertEqual((result.aligned_dkim, result.aligned_spf, result.from_state), ("mail.example.org", "", "one"))
        self.assertEqual(result.record, "v=DMARC1; p=reject; sp=quarantine; t=y")
        document = result.json()
        self.assertEqual((document["kind"], document["subject"]), ("dmarc", "example.org"))
        self.assertEqual([one["aligned"] for one in document["results"]["dmarc"]["identifiers"]], ["no", "yes", "no"])
        self.assertEqual(result.rounds, 1)

    def test_one_that_fails_by_both_rules(self):
        new = mailhealth.check_dmarc(domain="example.org", zone=zone())
        old = mailhealth.check_dmarc(domain="example.org", rules="rfc7489", zone=zone())
        self.assertEqual((new.result, new.disposition, old.result, old.disposition),
                         ("fail", "quarantine", "fail", "reject"))

    def test_fields_and_authors(self):
        for author, state in (("a@example.org, b@example.net", "several"), (["a@example.org"] * 2, "one"),
                              (b"J\xf6rg <a@example.org>", "one"), ("a@example.org\0", "unreadable"), ("", "none"),
                              ("x" * 70000, "unreadable")):
            self.assertEqual(mailhealth.check_dmarc(author, zone=zone()).from_state, state, author)
        with self.assertRaises(ValueError):
            mailhealth.check_dmarc(zone=zone())
        with self.assertRaises(ValueError):
            mailhealth.check_dmarc("a@example.org", dkim=[("example.org", "maybe")], zone=zone())
        with self.assertRaises(ValueError):
            mailhealth.check_dmarc("a@example.org", rules="rfc1", zone=zone())

    def test_a_resolver_of_the_callers(self):
        def resolver(name, type):
            if name == "_dmarc.example.org":
                return ["v=DMARC1; p=none"]
            raise mailhealth.NxDomain
        self.assertEqual(mailhealth.check_dmarc("a@example.org", resolver=resolver).result, "fail")

        def failing(name, type):
            raise mailhealth.ServFail
        result = mailhealth.check_dmarc("a@example.org", resolver=failing)
        self.assertEqual((result.result, result.problem, result.health), ("temperror", "dns.unknown", "unknown"))

    def test_a_recording_and_asyncio(self):
        result = mailhealth.check_dmarc("a@example.org", dkim=[("x.example.org", "pass")], zone=zone())
        again = mailhealth.check_dmarc(world=mailhealth.World(result.world))
        self.assertEqual(again.json_text, result.json_text)
        server = rows.Server(rows.Zone([["_dmarc.example.org", "TXT", "v=DMARC1; p=none"]]))
        other = asyncio.run(mailhealth.acheck_dmarc("a@example.org", resolver="127.0.0.1:%d" % server.port))
        self.assertEqual(other.result, "fail")
        server.close()

    def test_who_takes_reports(self):
        taken = mailhealth.check_dmarc(domain="example.org", report_domain="example.net", zone=zone())
        self.assertEqual((taken.result, taken.report_name), ("pass", "example.org._report._dmarc.example.net"))
        refused = mailhealth.check_dmarc(domain="example.org", report_domain="example.com", zone=zone())
        self.assertEqual((refused.result, [f["id"] for f in refused.findings]),
                         ("fail", ["dmarc.report-not-authorised"]))


class Names(unittest.TestCase):
    def test_registrable(self):
        for domain, want in (("www.Example.co.uk", "example.co.uk"), ("co.uk", ""), ("", ""), ("a..b", ""),
                             ("www.\u98df\u72ee.com.cn", "\u98df\u72ee.com.cn")):
            self.assertEqual(mailhealth.registrable(domain), want)
        with self.assertRaises(TypeError):
            mailhealth.registrable(None)
        with self.assertRaises(ValueError):
            mailhealth.registrable("a\0b")

    def test_aligned(self):
        self.assertIs(mailhealth.aligned("a.example.org", "example.org"), True)
        self.assertIs(mailhealth.aligned("a.example.org", "example.org", strict=True), False)

    def test_from_domain(self):
        self.assertEqual(mailhealth.from_domain("J <j@b\u00fccher.example>"), "xn--bcher-kva.example")
        self.assertEqual(mailhealth.from_domain(b"J <j@a.example>, k@b.example"), "")
        self.assertEqual(mailhealth.from_domain(b"\xff\0"), "")


if __name__ == "__main__":
    unittest.main()
