"""test_policies.py - MTA-STS policy hosts with every fault, each with its finding; and what a policy makes of MX hosts.

MAILHEALTH_COMMAND is the command.
"""
import concurrent.futures, json, os, subprocess, sys, tempfile, unittest

import policies, servers

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
TIMEOUT = 12


def probe(policy, server, options=()):
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
        zone.write(policy.zone())
        zone.flush()
        private = [] if policy.way.get("public") else ["--allow-private"]
        done = subprocess.run(
            [COMMAND, "tls", "127.0.0.1:%d" % server.port, "--name", servers.NAME, "--ca", servers.the_certs().root,
             "--domain", policies.DOMAIN, "--https-port", str(policy.way.get("port", policy.port)), *private,
             "--json", "--timeout", str(TIMEOUT), "--max-connections", "1", "--zone", zone.name, *options],
            capture_output=True, text=True, timeout=TIMEOUT + 20)
    if not done.stdout:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def about(document, check="mta-sts"):
    return {finding["id"] for finding in document["findings"] if finding["check"] == check}


class Policies(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = servers.make("healthy")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def wrong(self, name):
        ids, step, way = policies.POLICIES[name]
        policy = policies.Policy(way)
        try:
            document = probe(policy, self.server)
        finally:
            policy.close()
        found = document["results"]["mta_sts"]
        if about(document) != set(ids):
            return "has %s: %s" % (about(document), found)
        if found["failed_at"] != step:
            return "failed at %s: %s" % (found["failed_at"], found)
        if step and policy.requests and not policy.requests[0].startswith(b"GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.sts.test"):
            return "asked %s" % policy.requests[0]
        if step == "private-address" and policy.count:
            return "connected to a private address"
        state = document["results"]["tls"][0]["mta_sts"]
        expected = "none" if found["state"] != "policy" or name == "mode-none" else \
            "fail:validation-failure" if name == "other-mx" else "pass"
        return None if state == expected else "mta_sts of the endpoint is %r: %s" % (state, found)

    def test_all(self):
        names = [n for n in policies.POLICIES if os.environ.get("ONLY", "") in n]
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            results = list(pool.map(self.wrong, names))
        for name, result in zip(names, results):
            with self.subTest(policy=name):
                self.assertIsNone(result)

    def one(self, way, server, *options):
        policy, mail = policies.Policy(way), servers.make(server)
        try:
            return probe(policy, mail, options)
        finally:
            policy.close()
            mail.close()

    def test_what_the_policy_makes_of_mx_hosts(self):
        testing = dict(answer=policies.answer(policies.GOOD.replace(b"enforce", b"testing")))
        for server, result in (("expired", "certificate-expired"), ("self-signed", "certificate-not-trusted"),
                               ("name-mismatch", "certificate-host-mismatch"), ("starttls-not-offered", "starttls-not-supported")):
            with self.subTest(server=server):
                document = self.one({}, server)
                mine = [f for f in document["findings"] if f["id"] == "sts.mx-fails"]
                self.assertEqual([(f["severity"], f["evidence"]) for f in mine], [("fail", result)])
                self.assertEqual(document["results"]["tls"][0]["mta_sts"], "fail:" + result)
                self.assertIn("do not deliver", mine[0]["detail"])
                senders = document["results"]["tls"][0]["senders"]
                self.assertEqual(senders["gmail"], "defers")
                self.assertNotEqual(senders["sendmail"], "defers")
                document = self.one(testing, server)
                mine = [f for f in document["findings"] if f["id"] == "sts.mx-fails"]
                self.assertEqual([f["severity"] for f in mine], ["warn"])
                self.assertNotEqual(document["results"]["tls"][0]["senders"]["gmail"], "defers")

    def test_another_policy(self):
        """--policy is judged in place of what is published, and nothing is fetched"""
        policy = policies.Policy({})
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("version: STSv1\nmode: enforce\nmx: other.test\nmax_age: 1209600\n")
            file.flush()
            document = probe(policy, self.server, ["--policy", file.name])
        policy.close()
        self.assertEqual(policy.count, 0)
        self.assertEqual(about(document), {"sts.mx-not-listed", "sts.policy-mx-unused"})

    def test_files_that_are_no_policy(self):
        for octets, words in ((b"", "is empty"), (policies.GOOD + b"\0x", "is no text")):
            with tempfile.NamedTemporaryFile() as file:
                file.write(octets)
                file.flush()
                done = subprocess.run([COMMAND, "tls", "127.0.0.1", "--policy", file.name], capture_output=True, text=True)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(words, done.stderr)

    def test_recordings(self):
        """What was fetched is judged again bit for bit, and a policy host may be down by then."""
        with tempfile.NamedTemporaryFile() as world:
            for name in ("good", "redirects", "expired", "large"):
                policy = policies.Policy(policies.POLICIES[name][2])
                document = probe(policy, self.server, ["--record", world.name])
                policy.close()
                done = subprocess.run([COMMAND, "tls", "--world", world.name, "--ca", servers.the_certs().root, "--json"],
                                      capture_output=True, text=True, timeout=30)
                self.assertEqual(json.loads(done.stdout), document)

    def test_dns_that_does_not_answer(self):
        """Could not ask is never not there."""
        policy = policies.Policy({})
        zone = policy.zone
        policy.zone = lambda: "\n".join(line for line in zone().splitlines() if line.startswith("mx.test.")) + "\n"
        document = probe(policy, self.server)
        policy.close()
        self.assertEqual(document["results"]["mta_sts"]["state"], "unknown")
        self.assertEqual(document["results"]["tls"][0]["mta_sts"], "unknown")
        self.assertEqual(about(document), {"dns.unknown"})


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    unittest.main()
