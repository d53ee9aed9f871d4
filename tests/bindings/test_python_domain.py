"""test_python_domain.py - bindings/python: check_domain(), check_host() and their jobs, by zones, functions and recordings"""
import asyncio, os, sys, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../zones"), os.path.join(HERE, "../conformance"),
                os.path.join(HERE, "../../bindings/python")]

import broken
import mailhealth
import rows

OPTIONS = {"ip": broken.IP, "helo": broken.HELO, "selectors": ["s1", "s2"], "fetch": False, "lists": False,
           "now": 1700000000}


def zone():
    return mailhealth.Zone(broken.perfect().text(), ".", name="perfect")


class Domains(unittest.TestCase):
    def test_a_domain_in_order_by_a_zone(self):
        result = mailhealth.check_domain(broken.DOMAIN, zone=zone(), **OPTIONS)
        self.assertNotIn("fail", {f["severity"] for f in result.findings}, result.findings)
        self.assertEqual(result.json()["kind"], "domain")
        self.assertIn("spf", {check["id"] for check in result.checks})
        self.assertEqual(result.results["spf"]["result"], "pass")
        self.assertEqual(result.queries, len(result.answers))

    def test_what_receivers_make_of_it(self):
        profiles = mailhealth.check_domain(broken.DOMAIN, zone=zone(), **OPTIONS).profiles
        self.assertEqual(profiles["gmail"]["health"], "pass", profiles["gmail"])
        self.assertNotIn("parked", profiles)
        only = mailhealth.check_domain(broken.DOMAIN, zone=zone(), receivers=["bt", "parked"], **OPTIONS).profiles
        self.assertEqual(sorted(only), ["bt", "parked"])
        with self.assertRaises(ValueError):
            mailhealth.check_domain(broken.DOMAIN, receivers="nobody")

    def test_a_broken_spf_record_shows_in_the_replies(self):
        records = broken.perfect().put(broken.TOP, "TXT", '"v=spf1 ip4:198.51.100.99 -all"')
        result = mailhealth.check_domain(broken.DOMAIN, zone=mailhealth.Zone(records.text(), "."), **OPTIONS)
        self.assertEqual(result.findings[0]["id"], "spf.not-authorised")
        rules = {rule["id"]: rule for rule in result.profiles["gmail-bulk"]["rules"]}
        self.assertEqual((rules["spf"]["state"], rules["spf"]["finding"]), ("fail", "spf.not-authorised"))
        self.assertTrue(rules["spf"]["reply"].startswith("550 5.7.27 "))

    def test_without_an_address_what_rests_on_it_is_unknown(self):
        options = dict(OPTIONS, ip="", helo="")
        profiles = mailhealth.check_domain(broken.DOMAIN, zone=zone(), **options).profiles
        rules = {rule["id"]: rule for rule in profiles["gmail"]["rules"]}
        self.assertEqual(rules["ptr"]["state"], "unknown")
        self.assertEqual(rules["ptr"]["why"], "The address of the sending host was not given.")

    def test_a_resolver_of_the_callers(self):
        world = rows.Zone([["example.org", "TXT", "v=spf1 -all"], ["example.org", "MX", 0, ""]])
        asked = []

        def resolver(name, type):
            asked.append((name, type))
            state, records = world.resolve(name, type)
            if state == "nxdomain":
                raise mailhealth.NxDomain
            if type == "TXT":
                return ["v=spf1 -all"] if records else []
            return ["0 ."] if records and type == "MX" else []
        result = mailhealth.check_domain("example.org", resolver=resolver, fetch=False, lists=False)
        self.assertIn(("example.org", "MX"), asked)
        self.assertIn("parked", result.profiles)
        self.assertNotIn("gmail", result.profiles)

    def test_a_recording_gives_the_same(self):
        first = mailhealth.check_domain(broken.DOMAIN, zone=zone(), **OPTIONS)
        world = mailhealth.World(first.world)
        again = mailhealth.check_domain(world=world)
        self.assertEqual(again.json_text, first.json_text)

    def test_a_private_key_is_not_recorded(self):
        with mailhealth.DomainJob("example.org", private_key="-----BEGIN PRIVATE KEY-----\nsecret", list_key="abcdefgh12345678",
                                  selectors="s1") as job:
            self.assertNotIn("secret", job.world)
            self.assertNotIn("abcdefgh", job.world)
            self.assertIn("s1", job.world)

    def test_keys_of_lists_are_masked_and_the_recording_replays(self):
        options = dict(OPTIONS, lists=True, list_key="abcdefgh12345678")
        first = mailhealth.check_domain(broken.DOMAIN, zone=zone(), **options)
        self.assertIn("list-key.zen.dq.spamhaus.net", first.world)
        self.assertNotIn("abcdefgh", first.world + first.json_text)
        again = mailhealth.check_domain(world=mailhealth.World(first.world))
        self.assertEqual(again.json_text, first.json_text)

    def test_what_cannot_be_is_refused(self):
        for options in ({"ip": "192.0.2.256"}, {"selectors": "a b"}, {"selectors": ["s"] * 33}):
            with self.assertRaises(ValueError):
                mailhealth.DomainJob("example.org", **options)
        with self.assertRaises(ValueError):
            mailhealth.check_domain("a..example", zone=zone())


class Hosts(unittest.TestCase):
    def test_a_host_by_its_address(self):
        result = mailhealth.check_host(broken.IP, helo=broken.HELO, zone=zone(), lists=False)
        self.assertEqual(result.json()["kind"], "host")
        self.assertEqual(result.json()["subject"], broken.IP)
        self.assertEqual([f for f in result.findings if f["severity"] != "info"], [])
        self.assertEqual(result.profiles, {})

    def test_whether_a_list_works_is_asked_once_by_all_jobs_of_a_loop(self):
        class Asked(rows.Zone):
            asked = []

            def resolve(self, name, type):
                self.asked.append(name.lower())
                return super().resolve(name, type)

        zone = Asked([["10.2.0.192.zen.spamhaus.org", "A", "127.0.0.2"], ["2.0.0.127.zen.spamhaus.org", "A", "127.0.0.2"],
                      ["11.2.0.192.zen.spamhaus.org", "A", "127.0.0.2"]])
        server = rows.Server(zone)
        with mailhealth.Loop("127.0.0.1:%d" % server.port) as loop:
            for host in ("192.0.2.10", "192.0.2.11"):
                result = mailhealth.check_host(host, resolver=loop)
                self.assertIn("host.listed", [finding["id"] for finding in result.findings])
        for entry in ("1.0.0.127.zen.spamhaus.org", "2.0.0.127.zen.spamhaus.org"):
            self.assertEqual(zone.asked.count(entry), 1, entry)

    def test_in_an_event_loop(self):
        server = rows.Server(rows.Zone([["example.org", "TXT", "v=spf1 -all"]]))
        address = "127.0.0.1:%d" % server.port

        async def both():
            return await asyncio.gather(
                mailhealth.acheck_domain("example.org", resolver=address, fetch=False, lists=False),
                mailhealth.acheck_host("192.0.2.1", resolver=address, lists=False))
        domain, host = asyncio.run(both())
        self.assertEqual(domain.results["spf"]["domain"], "example.org")
        self.assertEqual(host.findings[0]["id"], "host.ptr-missing")


if __name__ == "__main__":
    unittest.main()
