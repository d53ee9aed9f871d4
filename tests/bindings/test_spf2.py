#!/usr/bin/env python3
"""test_spf2.py - libmailhealth-spf2 through its one call: $MAILHEALTH_SPF2_LIBRARY names the file"""
import ctypes
import os
import random
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))

import mailhealth  # noqa: E402
from mailhealth import _signatures as S  # noqa: E402

judge = ctypes.CDLL(os.environ["MAILHEALTH_SPF2_LIBRARY"]).mh_spf2_judge
judge.argtypes = [ctypes.c_void_p]


def opinion(table, ip, sender="a@example.org", rounds=60, **options):
    """The verdict, libspf2's opinion, and how often it asked for more."""
    asked = []

    def answer(job):
        while not job.step(0):
            for ask in job.asks():
                asked.append((ask.name, ask.type))
                if (ask.name, ask.type) in table:
                    job.answer(ask, table[ask.name, ask.type])
                else:
                    job.fail(ask, mailhealth.NxDomain)
    with mailhealth.Job(ip=ip, sender=sender, helo="mail.example.org", timeout=None, **options) as job:
        answer(job)
        waited = 0
        while (code := judge(job._handle)) == S.WAIT and waited < rounds:
            waited += 1
            answer(job)
        assert code == S.OK, code
        found, = [o for o in job.json()["results"]["spf"]["opinions"] if o["by"] == "libspf2"]
        return job.result, found["result"], found["why"], waited


class Spf2(unittest.TestCase):
    def test_the_same_for_ordinary_records(self):
        table = {("example.org", "TXT"): ["v=spf1 mx include:i.example.net a:h.example.org ~all"],
                 ("example.org", "MX"): ["10 mx.example.org"], ("mx.example.org", "A"): ["192.0.2.25"],
                 ("i.example.net", "TXT"): ["v=spf1 ip4:198.51.100.0/24 -all"], ("h.example.org", "A"): ["192.0.2.80"]}
        for ip, result in (("192.0.2.25", "pass"), ("198.51.100.7", "pass"), ("192.0.2.80", "pass"), ("203.0.113.1", "softfail")):
            verdict, theirs, why, _ = opinion(table, ip)
            self.assertEqual((verdict, theirs, why), (result, result, ""))

    def test_it_asks_for_what_is_missing(self):
        # libspf2 counts lookups anew in each include, and goes on where the RFC ends
        table = {("example.org", "TXT"): ["v=spf1 " + " ".join("include:i%d.example.net" % i for i in range(9)) + " include:last.example.net -all"]}
        for i in range(9):
            table["i%d.example.net" % i, "TXT"] = ["v=spf1 a:h%d.example.net -all" % i]
            table["h%d.example.net" % i, "A"] = ["198.51.100.%d" % i]
        table["last.example.net", "TXT"] = ["v=spf1 ip4:192.0.2.1 -all"]
        verdict, theirs, why, waited = opinion(table, "192.0.2.1")
        self.assertEqual((verdict, theirs), ("permerror", "pass"))
        self.assertIn("counts the lookups of every include from zero", why)
        self.assertGreater(waited, 0)

    def test_many_networks(self):
        terms = " ".join("ip4:198.51.100.%d" % i for i in range(100))
        verdict, theirs, why, _ = opinion({("example.org", "TXT"): ["v=spf1 " + terms + " -all"]}, "203.0.113.1")
        self.assertEqual(verdict, "fail")
        if theirs != verdict:
            self.assertIn("of the 101 terms in the record of example.org", why)

    def test_failures_of_dns(self):
        with mailhealth.Job(ip="192.0.2.1", sender="a@example.org") as job:
            job.step(0)
            for ask in job.asks():
                job.fail(ask, mailhealth.ServFail)
            job.step(0)
            self.assertEqual(judge(job._handle), S.OK)
            self.assertEqual(job.json()["results"]["spf"]["opinions"][0]["result"], "temperror")

    def test_loopback_is_judged_as_another_address(self):
        table = {("example.org", "TXT"): ["v=spf1 ip4:192.0.2.1 -all"]}
        for ip in ("127.0.0.1", "::1"):
            self.assertEqual(opinion(table, ip)[:2], ("fail", "fail"))

    def test_hostile_records(self):
        long = "a." * 120 + "example"
        for text in ("v=spf1 exp=%{d}%{d}%{d}%{d} -all", "v=spf1 exists:" + "%{l}" * 200 + ".x -all", "v=spf1 a:" + long + " -all",
                     "v=spf1 include:example.org -all", "v=spf1 redirect=example.org", "v=spf1 a/0 -all", "v=spf1 " + "x" * 5000,
                     "v=spf1 ptr:%{p} -all", "v=spf1 -all exp=e.example.org"):
            table = {("example.org", "TXT"): [text], ("e.example.org", "TXT"): ["%{s}" * 500]}
            opinion(table, "192.0.2.1", sender="a" * 300 + "@example.org")

    def test_random_records(self):
        # macros, terms of all lengths, octets that are not ASCII: it may say what it likes, and has to come back
        draw = random.Random(2)
        pieces = ["%{d}", "%{l1r-}", "%{ir}", "%{S}", "%{p}", "a", "bb.", ".", "%", "%%", "%_", "%-", "%{", "}", "%{d999r+-}",
                  "\x80", "\xff", "%{c}", "%{t}", "%{r}", "/", "//", "x" * 60, "y" * 200]
        names = ["a:", "mx:", "ptr:", "include:", "exists:", "redirect=", "exp=", "x=", "ip4:", "ip6:", "all", "a/", ""]
        for _ in range(300):
            terms = [draw.choice(["", "+", "-", "~", "?"]) + draw.choice(names) + "".join(draw.choices(pieces, k=draw.choice([0, 1, 3, 10, 40])))
                     for _ in range(draw.choice([1, 2, 5, 30, 80]))]
            text = ("v=spf1 " + " ".join(terms)).encode("latin-1")
            opinion({("example.org", "TXT"): [text]}, draw.choice(["192.0.2.1", "2001:db8::1"]),
                    sender=draw.choice(["a@example.org", "", "a" * 200 + "%25@example.org"]))

    def test_moments(self):
        with mailhealth.Job(ip="192.0.2.1", sender="a@example.org") as job:
            self.assertEqual(judge(job._handle), S.ESTATE)
        with mailhealth.Job(domain="example.org") as job:
            self.assertEqual(judge(job._handle), S.EINVAL)
        self.assertEqual(judge(None), S.EINVAL)


if __name__ == "__main__":
    unittest.main()
