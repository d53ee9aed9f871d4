"""test_python_tls.py - bindings/python: probe_tls() and aprobe_tls() with servers of our own (tests/tls)"""
import asyncio, os, sys, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../tls"), os.path.join(HERE, "../../bindings/python")]

import mailhealth
import servers


class Probing(unittest.TestCase):
    def probe(self, name, **options):
        server = servers.make(name)
        try:
            return mailhealth.probe_tls("127.0.0.1", port=server.port, name=servers.NAME, look_up_tlsa=False,
                                        ca=servers.the_certs().root, timeout=12, **options)
        finally:
            server.close()

    def ids(self, result):
        return [finding["id"] for finding in result.findings]

    def test_a_healthy_server(self):
        result = self.probe("healthy")
        self.assertEqual((result.health, self.ids(result)), ("pass", []))
        self.assertEqual(result.connections, 9)
        end = result.endpoints[0]
        self.assertEqual((end["versions"]["tls1.3"], end["versions"]["tls1.2"], end["versions"]["tls1.1"]),
                         ("yes", "yes", "no"))
        self.assertEqual({c["key"] for c in end["certificates"]}, {"rsa", "ecdsa"})
        self.assertEqual({c["chain"] for c in end["certificates"]}, {"ok"})
        self.assertEqual(set(end["senders"].values()), {"delivers"})

    def test_all_suites_and_groups(self):
        result = self.probe("healthy", full=True)
        end = result.endpoints[0]
        self.assertTrue(end["enumerated"])
        self.assertLessEqual(result.connections, 26)
        self.assertEqual(sum(s["version"] == "tls1.3" for s in end["suites"]), 3)
        self.assertIn("x448", end["groups"])
        numbers = [(s["version"], s["number"]) for s in end["suites"]]
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_a_recording_is_judged_again(self):
        first = self.probe("expired")
        self.assertIn("cert.expired", self.ids(first))
        world = mailhealth.World(first.world)
        again = mailhealth.probe_tls(world=world, ca=servers.the_certs().root)
        self.assertEqual(again.json_text, first.json_text)
        # before it expired
        self.assertNotIn("cert.expired", self.ids(mailhealth.probe_tls(
            world=world, ca=servers.the_certs().root, now=1708000000)))

    def test_what_would_be(self):
        good = self.probe("healthy-rsa")
        spki = good.endpoints[0]["certificates"][0]["spki_sha256"]
        cases = [(["3 1 1 " + spki], "match", None), (["3 1 1 " + "00" * 32], "mismatch", "dane.mismatch"),
                 (["1 1 1 " + spki], "unusable", "dane.usage-0-1"), (["3 1 1 " + spki, "3 1 1 " + "00" * 32], "match", "dane.stale-record")]
        for records, state, identity in cases:
            result = self.probe("healthy-rsa", tlsa=records)
            self.assertEqual(result.endpoints[0]["dane"][0]["state"], state)
            if identity:
                self.assertIn(identity, self.ids(result))
        # a stronger digest that does not match hides one that does (RFC 7671 9), and senders do not deliver
        result = self.probe("healthy-rsa", tlsa=["3 1 1 " + spki, "3 1 2 " + "00" * 64])
        self.assertEqual(self.ids(result)[0], "dane.mismatch")
        self.assertEqual(result.findings[0]["check"], "dane")
        self.assertIn("3 1 2", result.findings[0]["evidence"])
        self.assertEqual(result.endpoints[0]["senders"]["postfix-dane"], "defers")
        with open(servers.the_certs().get("other")[0]) as chain:
            other = chain.read()
        self.assertIn("cert.name-mismatch", self.ids(self.probe("healthy-rsa", certificate=other)))

    def test_resumes_nothing_after_a_limit(self):
        result = self.probe("rate-limited")
        end = result.endpoints[0]
        self.assertEqual((end["stopped"], end["connections"]), ("rate-limited", 4))
        self.assertGreater(end["resume"]["after_ms"], 0)
        self.assertEqual(end["versions"]["tls1.3"], "yes")
        self.assertEqual(end["versions"]["tls1.1"], "unknown")

    def test_many_at_once(self):
        names = ["healthy", "no-certificate", "self-signed", "healthy-imap", "closed-after-starttls"] * 4
        made = [servers.make(name) for name in names]
        async def all_of_them():
            context = mailhealth.Context()
            context.add_anchors_file(servers.the_certs().root)
            return await asyncio.gather(*[
                mailhealth.aprobe_tls("127.0.0.1", port=server.port, name=servers.NAME, look_up_tlsa=False, context=context,
                                      mode=servers.SERVERS[name][4].get("mode", "smtp")) for name, server in zip(names, made)])
        results = asyncio.run(all_of_them())
        for name, server, result in zip(names, made, results):
            server.close()
            identity = servers.SERVERS[name][0]
            self.assertEqual(result.health in ("pass", "info"), identity is None)
            if identity:
                self.assertIn(identity, self.ids(result))

    def test_nobody_there(self):
        result = mailhealth.probe_tls("127.0.0.1", port=1, name=servers.NAME, look_up_tlsa=False, ca=servers.the_certs().root)
        self.assertEqual(self.ids(result), ["port.refused"])

    def test_what_cannot_be(self):
        for options in (dict(mode="telnet"), dict(port=70000), dict(tlsa=["x"] * 33)):
            with self.assertRaises(ValueError):
                mailhealth.probe_tls("127.0.0.1", ca=servers.the_certs().root, **options)
        with self.assertRaises(ValueError):
            mailhealth.probe_tls("-not a name-", ca=servers.the_certs().root)
        with self.assertRaises(mailhealth.Error):
            mailhealth.probe_tls("127.0.0.1", ca="/nonexistent")


if __name__ == "__main__":
    unittest.main()
