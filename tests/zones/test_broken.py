#!/usr/bin/env python3
"""test_broken.py - each fault of broken.py is found, named first, and mended by its fix; and nothing rests on silence

ONLY in the environment picks cases whose "id: name" has it; with ALL each question of each case fails once, and not
two of them.
"""
import os
import random
import unittest

import zonecheck
import broken
import mailhealth

ONLY = os.environ.get("ONLY", "")
CASES = [case for case in broken.CASES if ONLY in "%s: %s" % (case.id, case.name)]
WORST = {"fail": (), "warn": ("fail",), "info": ("warn", "fail")}
_looked = {}


def look(case, **more):
    if more:
        return zonecheck.look(case.records, case.domain, **case.options, **more)
    if case not in _looked:
        _looked[case] = zonecheck.look(case.records, case.domain, **case.options)
    return _looked[case]


def shown(findings):
    return ", ".join("%s %s (%s)" % (f["severity"], f["id"], f["subject"]) for f in findings) or "nothing"


def wrong(case, found):
    """What is wrong with the findings of a case; "" nothing."""
    known = found.present()
    mine = [f for f in known if f["id"] == case.id]
    others = [f for f in known if f["id"] != case.id and
              f["severity"] in (("fail",) if case.severity == "fail" else WORST[case.severity])]
    if not mine:
        return "is not found; above info there is " + shown(found.present("warn", "fail"))
    if mine[0]["severity"] != case.severity:
        return "has severity " + mine[0]["severity"]
    if found.findings[0]["id"] != case.id and not case.is_anywhere:
        return "comes behind " + shown([f for f in known[:known.index(mine[0])]])
    if others:
        return "is not alone: " + shown(others)
    return ""


def tell(test, misses, looked_at):
    """One failure for all of them, as a table."""
    if misses:
        test.fail("%d of %d:\n" % (len(misses), looked_at) + "\n".join("  %-24s %-48s %s" % row for row in misses))


class Broken(unittest.TestCase):
    maxDiff = None

    def test_the_domain_without_a_fault(self):
        found = zonecheck.look(broken.perfect(), broken.DOMAIN, ip=broken.IP, helo=broken.HELO, selectors=["s1", "s2"])
        self.assertEqual(shown(found.present("warn", "fail")), "nothing")
        self.assertEqual([f["id"] for f in found.findings if f["state"] == "unknown"], [])

    def test_there_are_enough_and_no_two_are_the_same(self):
        self.assertGreaterEqual(len(broken.CASES), 200)
        self.assertEqual(len({(case.id, case.name) for case in broken.CASES}), len(broken.CASES))
        seen = {}
        for case in broken.CASES:
            other = seen.setdefault((case.zone, str(sorted(case.options.items()))), case)
            self.assertIs(other, case, "%s is %s" % (case.name, other.name))

    def test_every_fault_comes_first_and_alone(self):
        misses = [(case.id, case.name, wrong(case, look(case))) for case in CASES]
        tell(self, [miss for miss in misses if miss[2]], len(CASES))

    def test_every_fix_mends_its_finding(self):
        misses, done = [], 0
        for case in CASES:
            found = look(case)
            count = [(f["id"], f["subject"]) for f in found.present()]
            for finding in found.present():
                if not finding["fix"]:
                    continue
                key, done = (finding["id"], finding["subject"]), done + 1
                try:
                    after = zonecheck.look(case.records.apply(finding["fix"], zonecheck.normal), case.domain, **case.options)
                except (LookupError, ValueError) as error:
                    misses.append((key[0], case.name, str(error)))
                    continue
                left = [(f["id"], f["subject"]) for f in after.present()].count(key)
                new = [f for f in after.present("fail") if (f["id"], f["subject"]) not in count]
                if left >= count.count(key):
                    misses.append((key[0], case.name, "is still there after %s" % finding["fix"]))
                elif new:
                    misses.append((key[0], case.name, "%s comes of %s" % (shown(new), finding["fix"])))
        tell(self, misses, done)

    def test_faults_that_have_a_record_to_mend_them_show_it(self):
        """Of a fault whose owner cannot but change a record of the domain, the record is shown."""
        others = ("dkim.", "host.", "mx.", "ns.", "soa.", "srv.", "dane.", "bimi.", "caa.")  # keys, addresses: not ours to know
        misses = [(case.id, case.name, "has no fix") for case in CASES if case.severity != "info" and case.name not in HOPELESS and
                  not case.id.startswith(others) and
                  not any(f["fix"] for f in look(case).present() if f["id"] == case.id)]
        tell(self, misses, len(CASES))

    def test_nothing_rests_on_what_is_unknown(self):
        dice, misses, done = random.Random(1), [], 0
        for case in CASES:
            found = look(case)
            for question in found.questions if "ALL" in os.environ else dice.sample(found.questions, 2):
                misses += [(case.id, case.name, miss) for miss in self.unknown(case, found, question)]
                done += 1
        tell(self, misses, done)

    def test_where_nothing_can_be_asked_nothing_is_said(self):
        misses = []
        for case in CASES:
            less = look(case, failing="all")
            # what the host says of itself needs no DNS
            told = [f for f in less.present("warn", "fail") if not f["id"].startswith(("host.helo-", "host.generic-name"))]
            if told:
                misses.append((case.id, case.name, shown(told)))
            if less.health != "unknown" and not less.present("warn", "fail"):
                misses.append((case.id, case.name, "is " + less.health))
        tell(self, misses, len(CASES))

    def test_nothing_rests_on_what_is_unknown_of_the_domain_without_a_fault(self):
        case = broken.Case("", "without a fault", broken.perfect(), "info", {})
        found, misses = look(case), []
        for question in found.questions:
            misses += [("", case.name, miss) for miss in self.unknown(case, found, question)]
        tell(self, misses, len(found.questions))

    def unknown(self, case, found, question):
        less = look(case, failing=question, failure=random.Random(str(question)).choice((mailhealth.ServFail, mailhealth.DnsTimeout)))
        gone = {id for id, _ in found.keys() - less.keys()}
        new = {(id, subject) for id, subject in less.keys("warn", "fail") - found.keys("warn", "fail")
               if not any(vague == id and exact in gone for vague, exact in VAGUER)}
        if new:
            yield "%s appears without %s %s" % (sorted(new), *question)
        told = [f for f in less.findings if f["state"] == "unknown"]
        strange = [f["id"] for f in told if f["id"] != "dns.unknown"]
        if strange:
            yield "%s for %s %s" % (strange, *question)
        if any(f["severity"] != "info" for f in told):
            yield "the unknown %s %s is more than information" % question


# The second says more than the first, which is true all the same.
VAGUER = {("host.helo-mismatch", "host.helo-invalid"), ("spf.missing", "spf.wrong-name"), ("spf.near-limit", "spf.too-many-lookups"), ("dmarc.missing", "dmarc.wrong-name"),
          ("host.generic-name", "host.generic-name")}  # of the PTR record, or of what the host says

# Of these nobody can tell what the record should be.
HOPELESS = {
    # what stands in other people's records
    "two records at an included domain", "an error in an included record", "a missing record two includes away",
    "a circle of two", "a redirect that leads back", "?all behind a redirect", "an included mx: with eleven hosts",
    # what was meant
    "an address with 300 in it", "a prefix of 33", "a mechanism that nobody knows", "a macro that nobody knows",
    "include: with nothing behind it", "a string that is full",
    # which of them are needed
    "includes behind a redirect", "mx: with eleven hosts", "a /8", "a /16 of IPv6", "mx/8", "a host with a private address",
    "reports to others who do not want them", "their consent is for another domain", "their consent cannot be read",
    "reports to a name of its own that takes no mail", "reports to others that take no mail",
    "an answer of more than 512 octets", "empty answers that some count one by one",
}


if __name__ == "__main__":
    unittest.main()
