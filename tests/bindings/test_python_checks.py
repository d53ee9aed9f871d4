#!/usr/bin/env python3
"""test_python_checks.py - checks, loops, zones and recordings through the Python binding."""
import asyncio
import gc
import json
import os
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))
sys.path.insert(0, os.path.join(HERE, "..", "conformance"))

import mailhealth  # noqa: E402
import rows  # noqa: E402

ROWS = [
    ["example.org", "TXT", "v=spf1 ip4:192.0.2.1 include:_spf.example.net exp=why.example.org -all"],
    ["_spf.example.net", "TXT", "v=spf1 a:out.example.net mx:example.net -all"],
    ["out.example.net", "A", "198.51.100.7"],
    ["example.net", "MX", 10, "mx.example.net"],
    ["mx.example.net", "A", "198.51.100.25"],
    ["why.example.org", "TXT", "%{i} is not ours"],
    ["broken.example", "ERR", "SERVFAIL", "*"],
    ["silent.example", "ERR", "TIMEOUT", "*"],
]
ZONE = rows.Zone(ROWS).master_file()
TABLE = {("example.org", "TXT"): [ROWS[0][2]], ("_spf.example.net", "TXT"): [ROWS[1][2]],
         ("out.example.net", "A"): ["198.51.100.7"], ("example.net", "MX"): ["10 mx.example.net"],
         ("mx.example.net", "A"): ["198.51.100.25"], ("why.example.org", "TXT"): ["%{i} is not ours"]}


def resolver(name, kind):
    if (name, kind) in TABLE:
        return TABLE[name, kind]
    if any(key[0] == name for key in TABLE):
        return []
    raise mailhealth.NxDomain(name)


class Blocking(unittest.TestCase):
    def test_own_resolver(self):
        for ip, result, matched in (("192.0.2.1", "pass", "ip4:192.0.2.1"), ("198.51.100.7", "pass", "include:_spf.example.net"),
                                    ("198.51.100.25", "pass", "include:_spf.example.net"), ("203.0.113.1", "fail", "-all")):
            found = mailhealth.check_spf(ip, "a@example.org", "mx.example.org", resolver=resolver)
            self.assertEqual((found.result, found.matched), (result, matched))
            self.assertIn("client-ip=" + ip, found.received_spf)
        self.assertEqual(found.explanation, "203.0.113.1 is not ours")
        self.assertEqual(found.authres.split()[0], "spf=fail")
        self.assertEqual(found.json()["results"]["spf"]["result"], "fail")
        self.assertEqual(found.answers[0].records, ['"%s"' % ROWS[0][2]])

    def test_failures_are_results(self):
        for failure, why in ((mailhealth.ServFail, "servfail"), (mailhealth.DnsTimeout, "timeout"),
                             (mailhealth.Refused, "refused"), (mailhealth.Truncated, "truncated"),
                             (mailhealth.Bogus, "bogus"), (mailhealth.CannotAsk, "cannot-ask"),
                             (mailhealth.DnsFailure, "failed")):
            def fails(name, kind, failure=failure):
                raise failure(name)
            found = mailhealth.check_spf("192.0.2.1", "a@example.org", resolver=fails)
            self.assertEqual((found.result, found.health, found.problem), ("temperror", "unknown", "dns.unknown"))
            self.assertEqual((found.answers[0].state, found.answers[0].why), ("unknown", why))
            self.assertEqual(found.findings[0]["state"], "unknown")
        self.assertEqual(mailhealth.check_spf("192.0.2.1", "a@nothing.example", resolver=resolver).result, "none")

    def test_a_failing_resolver_of_ours_is_heard(self):
        def broken(name, kind):
            raise ZeroDivisionError
        with self.assertRaises(ZeroDivisionError):
            mailhealth.check_spf("192.0.2.1", "a@example.org", resolver=broken)

    def test_values_that_cannot_be(self):
        for options in ({"ip": "192.0.2"}, {"rules": "nobody"}, {"profiles": ["nobody"]}, {"voids": "often"},
                        {"asks": 0}, {"now": -1}, {"helo": "a\0b"}):
            with self.assertRaises(ValueError, msg=str(options)):
                mailhealth.Job(**options)
        with self.assertRaises(TypeError):
            mailhealth.Job(helo=7)
        with self.assertRaises(ValueError):
            mailhealth.Loop("not an address")

    def test_zone_and_recording(self):
        with mailhealth.Zone(ZONE, ".") as zone:
            self.assertEqual(zone.findings(), [])
            found = mailhealth.check_spf("203.0.113.1", "a@example.org", zone=zone, now=1700000000, lint=True,
                                         profiles="all")
        self.assertEqual((found.result, found.explanation), ("fail", "203.0.113.1 is not ours"))
        with mailhealth.World(found.world) as world:
            self.assertEqual(world.findings(), [])
            self.assertEqual(world.option("ip"), "203.0.113.1")
            job = mailhealth.Job()
            job.use_world(world)
            with mailhealth.Loop(world=world, offline=True) as loop:
                loop.run(job)
            self.assertEqual(job.json_text, found.json_text)
            self.assertEqual(job.world, found.world)

    def test_bad_lines_are_findings(self):
        with mailhealth.Zone("example.org. 60 IN A 192.0.2.256\n$INCLUDE other\nexample.org. 60 IN A 192.0.2.1\n", ".",
                             name="my.zone") as zone:
            self.assertEqual([(f["id"], f["subject"]) for f in zone.findings()],
                             [("zone.syntax", "my.zone:1"), ("zone.include", "my.zone:2")])
            self.assertEqual(len(zone), 1)
        with mailhealth.World("nonsense\n", name="my.world") as world:
            self.assertEqual([(f["id"], f["subject"]) for f in world.findings()], [("world.syntax", "my.world:1")])

    def test_names_of_mail(self):
        with mailhealth.Zone('@ SOA ns root 1 2 3 4 5\nwww A 192.0.2.1\nnews MX 0 .\n_dmarc.shop TXT "v=DMARC1; p=none"\n', "example.org") as zone:
            self.assertEqual(zone.mail_names(), ["example.org", "news.example.org", "shop.example.org"])
        with mailhealth.Zone() as zone:
            self.assertEqual(zone.mail_names(), [])

    def test_late_double_and_foreign_answers(self):
        with mailhealth.Job(ip="192.0.2.1", sender="a@example.org") as job:
            self.assertFalse(job.step(0))
            ask, = job.asks()
            self.assertEqual((ask.name, ask.type), ("example.org", "TXT"))
            self.assertFalse(job.answer(99, []))
            self.assertTrue(job.answer(ask, ["v=spf1 -all"]))
            self.assertFalse(job.answer(ask, ["v=spf1 +all"]))
            self.assertTrue(job.step(1))
            self.assertFalse(job.fail(ask))
            self.assertEqual(job.result, "fail")
            job.reset()
            self.assertEqual(job.result, "")

    def test_records_that_are_none(self):
        found = mailhealth.check_spf("192.0.2.1", "a@example.org",
                                     resolver=lambda name, kind: ["v=spf1 a -all"] if kind == "TXT" else ["not an address"])
        self.assertEqual((found.result, found.answers[1].why), ("temperror", "failed"))

    def test_octets(self):
        found = mailhealth.check_spf("192.0.2.1", "a@example.org", resolver=lambda name, kind: [b"v=spf1 \xff\0 -all"])
        self.assertEqual(found.result, "permerror")
        json.loads(found.json_text)

    def test_stamps(self):
        stamp = mailhealth.parse_stamp("Received-SPF: softfail (it is so) client-ip=192.0.2.1; envelope-from=\"a@b.example\"")
        self.assertEqual((stamp.result, stamp.client_ip, stamp.envelope_from), ("softfail", "192.0.2.1", "a@b.example"))
        self.assertEqual(mailhealth.parse_stamp("mx.example; spf=pass smtp.mailfrom=b.example").authserv_id, "mx.example")
        self.assertIsNone(mailhealth.parse_stamp("something else"))

    def test_record(self):
        with mailhealth.Record("dmarc", "v=DMARC1; p=quarantaine; rua=mailto:a@example.org,mailto:b@example.net!5m",
                               domain="example.org") as record:
            self.assertIs(record.valid, True)
            self.assertEqual((record.kind, record.value("p"), record.value("ruf")), ("dmarc", "none", ""))
            self.assertEqual(record.values("rua"), ["mailto:a@example.org", "mailto:b@example.net"])
            self.assertEqual(record.fields[:2], [("p", "none"), ("sp", "none")])
            first = record.findings[0]
            self.assertEqual((first["id"], first["range"]), ("dmarc.invalid-policy", (10, 23)))
            self.assertIn("p=quarantine", first["fix"][0]["add"][0])
            found = record.as_dict()
            self.assertEqual((found["kind"], found["record"], found["subject"], found["valid"]),
                             ("record", "dmarc", "example.org", True))
            self.assertIn({"name": "t", "value": "n"}, found["fields"])
            self.assertIn("dmarc valid=True", repr(record))
        self.assertIn("closed", repr(record))
        with self.assertRaises(ValueError):
            record.value("p")
        broken = mailhealth.Record("dmarc", b"v=DMARC1 p=none", context=mailhealth.Context())
        self.assertIs(broken.valid, False)
        self.assertEqual((broken.fields, broken.value("p"), broken.findings[0]["id"]), ([], "", "dmarc.syntax"))
        for wrong in (("x", ""), ("dmarc", "x" * 65536)):
            with self.assertRaises(ValueError):
                mailhealth.Record(*wrong)
        with self.assertRaises(mailhealth.InvalidError):
            mailhealth.Record("dmarc", "", domain="a b")
        for wrong in (("dmarc", 7), ("dmarc", None)):
            with self.assertRaises(TypeError):
                mailhealth.Record(*wrong)

    def test_sts(self):
        policy = b"version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *.example.org\nnote: hello\n"
        with mailhealth.Sts("v=STSv1; id=7; x=1;", policy, hosts=["mail.example.org", "b.a.example.org."],
                            domain="example.org") as sts:
            self.assertEqual((sts.id, sts.mode, sts.max_age, sts.mx), ("7", "enforce", 604800, ["*.example.org"]))
            self.assertEqual((sts.record, sts.record_count), ("v=STSv1; id=7; x=1;", 1))
            self.assertIs(sts.record_valid, True)
            self.assertIs(sts.policy_valid, True)
            self.assertEqual((sts.record_fields, sts.policy_fields), ([("x", "1")], [("note", "hello")]))
            self.assertIs(sts.matches("MX.example.org"), True)
            self.assertIs(sts.matches("example.org"), False)
            self.assertEqual(sts.findings[0]["id"], "sts.mx-not-listed")
            found = sts.as_dict()
            self.assertEqual((found["kind"], found["subject"], found["hosts"][1]["rfc8460"]),
                             ("mta-sts", "example.org", "validation-failure"))
            self.assertIn("id='7'", repr(sts))
        self.assertIn("closed", repr(sts))
        with self.assertRaises(ValueError):
            sts.mode

    def test_sts_of_little(self):
        sts = mailhealth.Sts()
        self.assertEqual((sts.record_valid, sts.policy_valid, sts.max_age, sts.record_count), (None,) * 4)
        self.assertEqual((sts.id, sts.mode, sts.mx, sts.findings), ("", "", [], []))
        with self.assertRaises(mailhealth.Error) as caught:
            sts.matches("mail.example.org")
        self.assertEqual(caught.exception.name, "MH_ESTATE")
        self.assertEqual([f["id"] for f in mailhealth.Sts([]).findings], ["sts.missing"])
        self.assertEqual([f["id"] for f in mailhealth.Sts(["v=STSv1; id=a", b"v=STSv1; id=b"]).findings],
                         ["sts.multiple-records"])
        fixed = mailhealth.Sts("v=STSv1; id=2026-11-27", domain="example.org").findings[0]["fix"]
        self.assertIn("id=20261127;", json.dumps(fixed))
        for wrong in ({"domain": "a b"}, {"hosts": [""]}, {"hosts": ["a\0b"]}):
            with self.assertRaises(mailhealth.InvalidError):
                mailhealth.Sts(**wrong)
        for wrong in ({"hosts": "mail.example.org"}, {"record": 7}, {"policy": 7}, {"hosts": [7]}):
            with self.assertRaises(TypeError):
                mailhealth.Sts(**wrong)

    def test_profiles(self):
        self.assertEqual(list(mailhealth.profiles())[0], "rfc7208")
        self.assertIn("rspamd-30", mailhealth.profiles())

    def test_any_order_of_closing(self):
        for _ in range(20):
            zone = mailhealth.Zone(ZONE, ".")
            loop = mailhealth.Loop(zones=zone)
            jobs = [mailhealth.Job(ip="192.0.2.1", sender="a@example.org") for _ in range(3)]
            for job in jobs:
                loop.add(job)
            jobs[0].close()
            zone.close()
            del jobs[1]
            gc.collect()
            loop.close()
            jobs[-1].close()
            with self.assertRaises(ValueError):
                loop.step()


class Driven(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = rows.Server(rows.Zone(ROWS))
        cls.resolver = "127.0.0.1:%d" % cls.server.port

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_servers(self):
        found = mailhealth.check_spf("198.51.100.7", "a@example.org", resolver=self.resolver)
        self.assertEqual(found.result, "pass")
        self.assertEqual(found.answers[0].server, self.resolver)
        self.assertIsNotNone(found.answers[0].rtt_us)
        found = mailhealth.check_spf("198.51.100.7", "a@broken.example", resolver=self.resolver)
        self.assertEqual((found.result, found.answers[0].why, found.answers[0].rcode), ("temperror", "servfail", 2))

    def test_silence_ends(self):
        with mailhealth.Loop(self.resolver, try_ms=30, tries=2) as loop:
            found = mailhealth.check_spf("198.51.100.7", "a@silent.example", resolver=loop)
            self.assertEqual((found.result, found.answers[0].why), ("temperror", "timeout"))
            self.assertEqual(loop.count("timeouts"), 2)
        begin = time.monotonic()
        found = mailhealth.check_spf("198.51.100.7", "a@silent.example", resolver=self.resolver, timeout=0.1)
        self.assertEqual((found.result, found.answers[0].why), ("temperror", "deadline"))
        self.assertLess(time.monotonic() - begin, 30)

    def test_others_run_while_one_waits(self):
        counted = []
        done = threading.Event()

        def count():
            while not done.is_set():
                counted.append(1)
                time.sleep(0.001)
        thread = threading.Thread(target=count)
        thread.start()
        mailhealth.check_spf("198.51.100.7", "a@silent.example", resolver=self.resolver, timeout=0.3)
        done.set()
        thread.join()
        self.assertGreater(len(counted), 3)

    def test_a_loop_in_a_loop_of_ones_own(self):
        import select
        jobs = {mailhealth.Job(ip="198.51.100.7", sender="a@example.org") for _ in range(50)}
        left = set(jobs)
        with mailhealth.Loop(self.resolver) as loop:
            for job in jobs:
                loop.add(job)
            left -= set(loop.done())
            while left:
                select.select([loop], [], [], loop.timeout())
                loop.step()
                left -= set(loop.done())
            self.assertEqual(len(loop), 0)
            # The questions are shared and kept: one message for each of the three.
            self.assertLessEqual(loop.count("sent"), 6)
        self.assertEqual({job.result for job in jobs}, {"pass"})


class Asyncio(unittest.TestCase):
    def test_a_thousand_at_once(self):
        many = [["d%d.example" % i, "TXT", "v=spf1 a:h%d.example -all" % i] for i in range(1000)] + \
               [["h%d.example" % i, "A", "192.0.2.%d" % (i % 250)] for i in range(1000)]
        server = rows.Server(rows.Zone(many))
        server.delay = 0.05

        async def all_of_them():
            return await asyncio.gather(*[
                mailhealth.acheck_spf("192.0.2.%d" % (i % 250), "a@d%d.example" % i, timeout=60,
                                      resolver="127.0.0.1:%d" % server.port) for i in range(1000)])
        found = asyncio.run(all_of_them())
        server.close()
        self.assertEqual({one.result for one in found}, {"pass"})
        self.assertEqual([one.domain for one in found], ["d%d.example" % i for i in range(1000)])

    def test_cancelling(self):
        server = rows.Server(rows.Zone(ROWS))

        async def some():
            where = "127.0.0.1:%d" % server.port
            slow = asyncio.ensure_future(mailhealth.acheck_spf("192.0.2.1", "a@silent.example", resolver=where))
            other = asyncio.ensure_future(mailhealth.acheck_spf("192.0.2.9", "a@silent.example", resolver=where))
            await asyncio.sleep(0.05)
            slow.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await slow
            found = await mailhealth.acheck_spf("192.0.2.1", "a@example.org", resolver=where)
            other.cancel()
            try:
                await other
            except asyncio.CancelledError:
                pass
            with self.assertRaises(asyncio.TimeoutError):
                await asyncio.wait_for(mailhealth.acheck_spf("192.0.2.1", "a@silent.example", resolver=where), 0.05)
            return found
        self.assertEqual(asyncio.run(some()).result, "pass")
        server.close()

    def test_own_resolver(self):
        async def slow(name, kind):
            await asyncio.sleep(0.01)
            return resolver(name, kind)

        async def both():
            return await asyncio.gather(mailhealth.acheck_spf("198.51.100.25", "a@example.org", resolver=slow),
                                        mailhealth.acheck_spf("203.0.113.5", "a@example.org", resolver=resolver))
        found = asyncio.run(both())
        self.assertEqual([one.result for one in found], ["pass", "fail"])

    def test_a_resolver_that_never_answers(self):
        async def never(name, kind):
            await asyncio.sleep(3600)
        found = asyncio.run(mailhealth.acheck_spf("198.51.100.25", "a@example.org", resolver=never, timeout=0.05))
        self.assertEqual((found.result, found.answers[0].why), ("temperror", "deadline"))

    def test_zone(self):
        with mailhealth.Zone(ZONE, ".") as zone:
            found = asyncio.run(mailhealth.acheck_spf("198.51.100.25", "a@example.org", zone=zone))
        self.assertEqual(found.result, "pass")


if __name__ == "__main__":
    unittest.main()
