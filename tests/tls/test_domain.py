"""test_domain.py - all MX hosts of a domain, each address, several services; aliases and TLSA records on the way.

MAILHEALTH_COMMAND is the command.
"""
import json, os, random, socket, subprocess, sys, tempfile, unittest

import servers

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
TIMEOUT = 12
SOA = "%s. 60 IN SOA a.%s. b.%s. 1 60 60 60 60\n"


def place():
    """a port, and a function that gives addresses of this machine where it is free"""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    base = random.randrange(2, 250)
    return port, ["127.77.%d.%d" % (base, i) for i in range(1, 9)]


def run(zone, *words, code=None):
    with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
        file.write(SOA % (("test",) * 3) + zone)
        file.flush()
        done = subprocess.run([COMMAND, "tls", *words, "--ca", servers.the_certs().root, "--zone", file.name, "--json",
                               "--timeout", str(TIMEOUT)], capture_output=True, text=True, timeout=TIMEOUT + 20)
    if not done.stdout:
        raise AssertionError("%d: %s" % (done.returncode, done.stderr))
    return json.loads(done.stdout)


def ids(document, state="present"):
    return [(f["id"], f["subject"]) for f in document["findings"] if f["state"] == state and f["severity"] != "info"]


class Domains(unittest.TestCase):
    def test_every_host_and_address(self):
        port, addresses = place()
        good = servers.make("healthy", at=(addresses[0], port))
        old = servers.make("self-signed", at=(addresses[1], port))
        zone = """dom.test. 60 IN MX 20 b.test.
dom.test. 60 IN MX 10 mx.test.
dom.test. 60 IN MX 30 gone.test.
dom.test. 60 IN MX 30 down.test.
mx.test. 60 IN A %s
b.test. 60 IN A %s
b.test. 60 IN A %s
down.test. 60 IN A %s
""" % (addresses[0], addresses[1], addresses[0], addresses[2])
        document = run(zone, "--domain", "dom.test", "--mode", "smtp:%d" % port)
        good.close()
        old.close()
        mx = document["results"]["mx"]
        self.assertEqual([(h["name"], h["preference"], h["addresses"]) for h in mx["hosts"]],
                         [("mx.test", 10, 1), ("b.test", 20, 2), ("down.test", 30, 1), ("gone.test", 30, 0)]
                         if mx["hosts"][2]["name"] == "down.test" else
                         [("mx.test", 10, 1), ("b.test", 20, 2), ("gone.test", 30, 0), ("down.test", 30, 1)])
        ends = [(e["host"], e["ip"], e["port"]) for e in document["results"]["tls"]]
        self.assertEqual(ends, [("mx.test", addresses[0], port), ("b.test", addresses[1], port), ("b.test", addresses[0], port),
                                ("down.test", addresses[2], port)])
        found = ids(document)
        self.assertEqual(document["checks"][0]["name"], "dom.test")
        where = "b.test [%s]:%d"
        for one in (("cert.self-signed", where % (addresses[1], port)), ("cert.name-mismatch", where % (addresses[0], port)),
                    ("tls.addresses-differ", "b.test"), ("port.refused", "down.test [%s]:%d" % (addresses[2], port)),
                    ("mx.no-address", "gone.test")):
            self.assertIn(one, found)
        self.assertFalse([subject for _, subject in found if subject.startswith("mx.test")])

    def test_several_services(self):
        port, addresses = place()
        smtp = servers.make("healthy", at=(addresses[0], port))
        imaps = servers.make("expired", "implicit", at=(addresses[0], port + 1))
        zone = "dom.test. 60 IN MX 10 mx.test.\nmx.test. 60 IN A %s\n" % addresses[0]
        document = run(zone, "--domain", "dom.test", "--mode", "smtp:%d,implicit:%d" % (port, port + 1))
        alone = run(zone, "mx.test", "--mode", "smtp:%d, implicit:%d" % (port, port + 1))
        smtp.close()
        imaps.close()
        self.assertEqual([(e["port"], e["mode"]) for e in document["results"]["tls"]], [(port, "smtp"), (port + 1, "implicit")])
        self.assertEqual(ids(document), [("cert.expired", "mx.test [%s]:%d" % (addresses[0], port + 1))])
        self.assertEqual([f["severity"] for f in document["findings"] if f["id"] == "cert.expired"], ["fail"])
        self.assertEqual(ids(alone), ids(document))
        self.assertIsNone(alone["results"]["mx"])

    def test_domains_without_mx_hosts(self):
        for zone, expected in (
                ("dom.test. 60 IN MX 0 .\n", [("mx.null", "dom.test")]),
                ("dom.test. 60 IN MX 0 .\ndom.test. 60 IN MX 5 mx.test.\n", [("mx.null-with-others", "dom.test"), ("mx.no-address", "mx.test")]),
                ("dom.test. 60 IN TXT x\n", [("mx.none", "dom.test"), ("port.unreachable", "dom.test")]),
                ("", [("mx.no-domain", "dom.test")])):
            with self.subTest(zone=zone):
                document = run(zone, "--domain", "dom.test")
                self.assertEqual({(f["id"], f["subject"]) for f in document["findings"] if f["check"] == "tls"}, set(expected))
        document = run("", "--domain", "dom.elsewhere")
        self.assertEqual(document["health"], "unknown")
        self.assertIn(("dns.unknown", "dom.elsewhere"), ids(document, "unknown") + [
            (f["id"], f["subject"]) for f in document["findings"]])

    def test_names_that_lead_back(self):
        """The servers of the tests greet as mx.test."""
        port, addresses = place()
        server = servers.make("healthy", at=(addresses[0], port))
        reverse = ".".join(reversed(addresses[0].split("."))) + ".in-addr.arpa."
        mine = "mx.test. 60 IN A %s\n" % addresses[0]
        arpa = SOA % (("in-addr.arpa",) * 3)
        cases = (
            (mine + arpa + reverse + " 60 IN PTR mx.test.\n", ("yes", "yes", "yes"), set()),
            ("mx.test. 60 IN A 192.0.2.9\n" + arpa + reverse + " 60 IN PTR mx.test.\n", ("no", "yes", "no"),
             {"smtp.name-mismatch", "smtp.no-reverse"}),
            (mine + arpa, ("yes", "no", "no"), {"smtp.no-reverse"}),
            (mine + arpa + reverse + " 60 IN PTR other.elsewhere.\n", ("yes", "yes", "unknown"), set()),
            ("", ("no", "unknown", "unknown"), {"smtp.name-mismatch"}))
        for zone, state, expected in cases:
            with self.subTest(zone=zone):
                document = run(zone, "%s:%d" % (addresses[0], port), "--name", "mx.test", "--max-connections", "1")
                found = document["results"]["tls"][0]["identity"]
                self.assertEqual((found["name_leads_here"], found["has_ptr"], found["ptr_leads_back"]), state)
                self.assertEqual((found["greeting"], found["ehlo"]), ("mx.test", "mx.test"))
                self.assertEqual({f["id"] for f in document["findings"] if f["id"].startswith(("smtp.name", "smtp.no-rev"))},
                                 expected)
        document = run(mine, "%s:%d" % (addresses[0], port), "--name", "mx.test", "--max-connections", "1", "--no-names")
        server.close()
        self.assertIsNone(document["results"]["tls"][0]["identity"])

    def test_open_relays(self):
        denied, taken, later = b"554 5.7.1 Relay access denied", b"250 2.1.5 Ok", b"451 4.7.1 Greylisted"
        for rcpt, state, sender in (
                (lambda sender: denied, "no", None), (lambda sender: later, "unknown", None),
                (lambda sender: taken, "yes", "<relay-test@example.org>"),
                (lambda sender: taken if b"<>" in sender else denied, "yes", "<>"),
                (lambda sender: taken if b"mx.test" in sender else denied, "yes", "<postmaster@mx.test>"),
                (lambda sender: later if b"<>" in sender else denied, "no", None),
                (lambda sender: b"421 4.7.0 no more", "unknown", None)):
            with self.subTest(state=state, sender=sender):
                server = servers.Server(dict(servers.SERVERS["healthy"][4], rcpt=rcpt))
                options = ("--name", "mx.test", "--relay", "--max-connections", "2", "--no-names")
                document = run("", "127.0.0.1:%d" % server.port, *options)
                server.close()
                self.assertEqual(document["results"]["tls"][0]["open_relay"], state)
                mine = [f for f in document["findings"] if f["id"] == "smtp.open-relay"]
                self.assertEqual([(f["severity"], f["evidence"]) for f in mine], [("fail", sender)] if sender else [])
        server = servers.make("healthy")
        self.assertEqual(run("", "127.0.0.1:%d" % server.port, "--name", "mx.test", "--no-names")["results"]["tls"][0]["open_relay"], "")
        server.close()

    def test_going_on(self):
        """A server that takes three connections in a while is looked at in several goes."""
        def take(*words, code=(0, 1)):
            done = subprocess.run([COMMAND, "tls", *words, "--ca", servers.the_certs().root, "--zone", "/dev/null", "--json",
                                   "--timeout", str(TIMEOUT), "--record", world.name], capture_output=True, text=True, timeout=60)
            self.assertIn(done.returncode, (0, 1, 2), done.stderr)
            return json.loads(done.stdout)["results"]["tls"][0]
        way = dict(servers.SERVERS["rate-limited"][4])
        server = servers.Server(way)
        goes = []
        with tempfile.NamedTemporaryFile() as world:
            end = take("127.0.0.1:%d" % server.port, "--name", "mx.test", "--no-names")
            while end["stopped"] == "rate-limited" and len(goes) < 9:
                goes.append(end)
                server.count = 0  # it has rested
                end = take("--go-on", world.name)
            done = subprocess.run([COMMAND, "tls", "--world", world.name, "--ca", servers.the_certs().root, "--json"],
                                  capture_output=True, text=True, timeout=30)
        server.close()
        self.assertEqual(json.loads(done.stdout)["results"]["tls"][0], end)
        self.assertGreaterEqual(len(goes), 2)
        self.assertEqual([go["resume"]["resumes"] for go in goes], list(range(1, len(goes) + 1)))
        self.assertEqual(goes[0]["versions"]["tls1.1"], "unknown")
        self.assertEqual((end["stopped"], end["versions"]["tls1.1"], end["versions"]["ssl2"], end["connections"]),
                         ("", "no", "no", 9))

    def test_many_hosts_are_bounded(self):
        zone = "".join("dom.test. 60 IN MX %d mx%d.test.\nmx%d.test. 60 IN A 127.0.0.1\n" % (i, i, i) for i in range(60))
        document = run(zone, "--domain", "dom.test", "--mode", "smtp:1")
        mx = document["results"]["mx"]
        self.assertEqual((len(mx["hosts"]), mx["left_out"]), (48, 12))
        self.assertEqual([h["preference"] for h in mx["hosts"]], list(range(48)))

    def test_recordings(self):
        port, addresses = place()
        server = servers.make("healthy", at=(addresses[0], port))
        zone = "dom.test. 60 IN MX 10 mx.test.\nmx.test. 60 IN A %s\n" % addresses[0]
        with tempfile.NamedTemporaryFile() as world:
            document = run(zone, "--domain", "dom.test", "--mode", "smtp:%d,submission:%d" % (port, port), "--record", world.name)
            server.close()
            done = subprocess.run([COMMAND, "tls", "--world", world.name, "--ca", servers.the_certs().root, "--json"],
                                  capture_output=True, text=True, timeout=30)
        self.assertEqual(json.loads(done.stdout), document)

    def test_what_cannot_be(self):
        for words in (["--domain", "dom.test", "--name", "mx.test"], ["--mode", "smtp,", "--mode", "smtp:0x"], ["--mode", ""],
                      ["mx.test:25", "--mode", "smtp,imap"], []):
            done = subprocess.run([COMMAND, "tls", *words, "--zone", "/dev/null"], capture_output=True, text=True, timeout=20)
            self.assertEqual(done.returncode, 64, (words, done.stdout))


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    unittest.main()
