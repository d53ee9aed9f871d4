#!/usr/bin/env python3
"""test_servers.py PEERS - "mailhealth domain" against real servers: DNSSEC, blocklists, and policy hosts

PEERS is the folder where tests/peers unpacked nsd, unbound and ldns; what is not there is skipped.  NSD serves one
zone that is signed well, one that is not signed and one whose signatures are over, below a signed parent; Unbound
validates.  Policy hosts are those of tests/tls.  MAILHEALTH_COMMAND is the command.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("conformance", "tls", ""):
    sys.path.insert(0, os.path.join(HERE, "..", folder))
sys.path.insert(0, HERE)

import broken  # noqa: E402
import keys  # noqa: E402
import ports  # noqa: E402
from zonetext import Records, quote, reverse  # noqa: E402

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
PEERS = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 and not sys.argv[1].startswith("-") else ""
IP, DIGEST = "192.0.2.10", "8cb0fc6c527506a053f4f14c8464bebbd6dede2738d11468dd953d7d6a3021f1"
SOA = "ns.test. hostmaster.test. 2026112701 7200 3600 1209600 300"
KINDS = ("secure", "insecure", "bogus")


def peer(*path):
    """A program of the peers, as words to run it; None: it is not there."""
    root = os.path.join(PEERS, path[0])
    if not PEERS or not os.path.exists(os.path.join(root, "run")) or not os.path.exists(os.path.join(root, *path[1:])):
        return None
    return [os.path.join(root, "run"), os.path.join(*path[1:])]


def domain(name):
    """A well-kept domain below test., with a sending host and TLSA records."""
    top = name + ".test."
    return Records([
        (top, "SOA", SOA), (top, "NS", "ns.test."), (top, "NS", "ns2.test."),
        (top, "A", "192.0.2.80"), (top, "MX", "10 mx1." + top), (top, "MX", "20 mx2." + top),
        ("mx1." + top, "A", "192.0.2.25"), ("mx1." + top, "AAAA", "2001:db8::25"),
        ("mx2." + top, "A", "198.51.100.25"), ("mx2." + top, "AAAA", "2001:db8:1::25"),
        ("mail." + top, "A", IP), ("mail." + top, "TXT", quote("v=spf1 a -all")),
        (top, "TXT", quote("v=spf1 ip4:192.0.2.10 -all")),
        ("s1._domainkey." + top, "TXT", quote("v=DKIM1; k=rsa; p=" + keys.RSA_2048)),
        ("_dmarc." + top, "TXT", quote("v=DMARC1; p=reject; rua=mailto:dmarc@" + top[:-1])),
        ("_smtp._tls." + top, "TXT", quote("v=TLSRPTv1; rua=mailto:tls@" + top[:-1])),
        ("_25._tcp.mx1." + top, "TLSA", "3 1 1 " + DIGEST), ("_25._tcp.mx2." + top, "TLSA", "3 1 1 " + DIGEST),
    ])


class Signed:
    """Zones on disk: test. and its children, of which one is signed, one is not, and one was signed once."""

    def __init__(self, folder):
        self.folder = folder
        self.keygen, self.signzone = peer("ldns", "usr/bin/ldns-keygen"), peer("ldns", "usr/bin/ldns-signzone")
        parent = [("test.", "SOA", SOA), ("test.", "NS", "ns.test."), ("ns.test.", "A", "192.0.2.53"), ("ns2.test.", "A", "198.51.100.53"),
                  ("ns.test.", "AAAA", "2001:db8::53"), ("ns2.test.", "AAAA", "2001:db8:1::53")]
        self.zones = {}
        for kind in KINDS:
            parent.append((kind + ".test.", "NS", "ns.test."))
            if kind == "insecure":
                self.write(kind + ".test", domain(kind).text())
                continue
            key = self.key(kind + ".test.")
            days = ("20200101000000", "20200201000000") if kind == "bogus" else ()
            self.sign(kind + ".test", domain(kind).text(), key, days)
            with open(os.path.join(folder, key + ".ds")) as file:
                words = file.read().split()
            parent.append((kind + ".test.", "DS", " ".join(words[words.index("DS") + 1:])))
        key = self.key("test.")
        self.sign("test", Records(parent).text(), key, ())
        with open(os.path.join(folder, key + ".ds")) as file:
            self.anchor = file.read().strip()

    def run(self, *words):
        done = subprocess.run(words, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("%s: %s" % (words, done.stderr))
        return done.stdout.split()

    def key(self, zone):
        return self.run(*self.keygen, "-a", "ECDSAP256SHA256", "-k", "-r", "/dev/urandom", zone)[-1]

    def write(self, name, text):
        self.zones[name] = name
        with open(os.path.join(self.folder, name), "w") as file:
            file.write(text)

    def sign(self, name, text, key, days):
        self.write(name, text)
        self.run(*self.signzone, *(["-i", days[0], "-e", days[1]] if days else []), "-f", name + ".signed", name, key)
        self.zones[name] = name + ".signed"


NSD_CONF = """server:
  server-count: 1
  ip-address: 127.0.0.1@%(port)d
  username: ""
  chroot: ""
  zonesdir: "%(folder)s"
  pidfile: ""
  database: ""
  xfrdfile: ""
  xfrdir: "%(folder)s"
  zonelistfile: "%(folder)s/list"
  do-ip6: no
  tcp-count: 10
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
%(zones)s"""

UNBOUND_CONF = """server:
  interface: 127.0.0.1@%(port)d
  access-control: 127.0.0.0/8 allow
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "%(folder)s"
  pidfile: ""
  use-syslog: no
  logfile: ""
  do-ip6: no
  do-not-query-localhost: no
  num-threads: 1
  so-rcvbuf: 0
  root-hints: ""
  module-config: "validator iterator"
  ede: yes
  trust-anchor: "%(anchor)s"
  local-zone: "test." nodefault
  local-zone: "2.0.192.in-addr.arpa." nodefault
  domain-insecure: "org."
remote-control:
  control-enable: no
"""
# Each zone by its own: a delegation would lead to port 53.
UNBOUND_CONF += "".join('stub-zone:\n  name: "%s"\n  stub-addr: 127.0.0.1@%%(nsd)d\n  stub-prime: no\n' % name
                        for name in (".", "test.", *[kind + ".test." for kind in KINDS]))


class Server:
    """A program that answers DNS on a port of its own."""

    def __init__(self, words, folder, conf, values):
        self.port = ports.free_port()
        self.name = os.path.join(folder, os.path.basename(words[-1]) + "%d.conf" % self.port)
        with open(self.name, "w") as file:
            file.write(conf % dict(values, port=self.port, folder=folder))
        self.log = open(self.name + ".log", "w+b")
        self.process = subprocess.Popen([*words, "-d", "-c", self.name], stdout=self.log, stderr=self.log)
        if not self.answers(15):
            self.close()
            with open(self.name + ".log", errors="replace") as file:
                raise RuntimeError("%s does not answer: %s" % (words[-1], file.read()[-1500:]))

    def answers(self, seconds):
        end = time.monotonic() + seconds
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.connect(("127.0.0.1", self.port))
            asker.settimeout(1)
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    asker.send(struct.pack(">HHHHHH", 1, 0x100, 1, 0, 0, 0) + b"\0" + struct.pack(">HH", 6, 1))
                    if asker.recv(4096)[3] & 15 in (0, 3):
                        return True
                except OSError:
                    pass
                time.sleep(0.02)
        return False

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


def nsd(folder, zones):
    """NSD with zones of files in folder: {name: file}."""
    words = peer("nsd", "usr/sbin/nsd")
    text = "".join('zone:\n  name: "%s"\n  zonefile: "%s"\n' % zone for zone in zones.items())
    return Server(words, folder, NSD_CONF, {"zones": text})


def check(name, *words, codes=(0, 1, 2)):
    done = subprocess.run([COMMAND, "domain", name, "--json", "--timeout", "20", *words], capture_output=True, text=True, timeout=60)
    if done.returncode not in codes or not done.stdout:
        raise AssertionError("%d: %s" % (done.returncode, done.stderr))
    return json.loads(done.stdout)


def ids(document, *severities):
    return {f["id"] for f in document["findings"] if f["state"] == "present" and (not severities or f["severity"] in severities)}


def root_zone(*more):
    return Records([(".", "SOA", SOA), (".", "NS", "ns.test."), ("ns.test.", "A", "127.0.0.1"), *more]).text()


@unittest.skipUnless(peer("nsd", "usr/sbin/nsd") and peer("unbound", "usr/sbin/unbound") and peer("ldns", "usr/bin/ldns-signzone"),
                     "nsd, unbound and ldns are not unpacked here (tests/peers)")
class Dnssec(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        zones = Signed(cls.folder.name)
        zones.write("root", root_zone(("test.", "NS", "ns.test."),
                                      *[(reverse(IP), "PTR", "mail.%s.test." % kind) for kind in KINDS[:1]]))
        del zones.zones["root"]
        cls.nsd = nsd(cls.folder.name, dict(zones.zones, **{".": "root"}))
        cls.unbound = Server(peer("unbound", "usr/sbin/unbound"), cls.folder.name, UNBOUND_CONF,
                             {"nsd": cls.nsd.port, "anchor": zones.anchor})

    @classmethod
    def tearDownClass(cls):
        cls.unbound.close()
        cls.nsd.close()
        cls.folder.cleanup()

    def one(self, kind, *words, port=None):
        return check(kind + ".test", "--no-lists", "--no-fetch", "--selector", "s1", "--resolver", "127.0.0.1:%d" % (port or self.unbound.port), *words)

    def secure(self, document, name, kind):
        return [ask["secure"] for ask in document["asks"] if (ask["name"], ask["type"]) == (name, kind)]

    def test_a_zone_that_is_signed(self):
        document = self.one("secure")
        self.assertEqual(ids(document, "warn", "fail"), set())
        self.assertFalse({"dnssec.insecure", "dnssec.bogus", "dane.missing"} & ids(document))
        for name, kind in (("secure.test.", "MX"), ("_25._tcp.mx1.secure.test.", "TLSA"), ("secure.test.", "TXT")):
            self.assertEqual(self.secure(document, name, kind), ["yes"], (name, kind))

    def test_a_zone_that_is_not_signed(self):
        document = self.one("insecure")
        self.assertEqual(ids(document, "fail"), set())
        self.assertEqual(ids(document, "warn"), {"dane.insecure"})
        self.assertIn("dnssec.insecure", ids(document))
        self.assertEqual(self.secure(document, "insecure.test.", "MX"), ["no"])

    def test_a_zone_whose_signatures_are_over(self):
        document = self.one("bogus")
        self.assertIn("dnssec.bogus", ids(document, "fail"))
        self.assertEqual(document["findings"][0]["id"], "dnssec.bogus")
        # what could not be had is not missing
        self.assertFalse({i for i in ids(document, "warn", "fail") if not i.startswith(("dnssec.", "dane."))})

    def test_a_resolver_that_does_not_validate(self):
        """NSD itself: it says nothing about being authentic, and nothing is bogus."""
        document = self.one("bogus", port=self.nsd.port)
        self.assertNotIn("dnssec.bogus", ids(document))

    def test_a_resolver_whose_word_does_not_count(self):
        """The AD bit of a resolver that is not trusted is not believed: on loopback it is, so that this is a recording."""
        with tempfile.NamedTemporaryFile() as world:
            live = self.one("secure", "--record", world.name)
            replayed = check("secure.test", "--no-lists", "--no-fetch", "--selector", "s1", "--world", world.name)
        for key in ("health", "checks", "findings", "results"):
            self.assertEqual(replayed[key], live[key], key)


@unittest.skipUnless(peer("nsd", "usr/sbin/nsd"), "nsd is not unpacked here (tests/peers)")
class Lists(unittest.TestCase):
    """Blocklists as zones of an NSD."""

    ENTRY = "10.2.0.192.%s."
    WORKS = [("2.0.0.127.zen.spamhaus.org.", "A", "127.0.0.2"), ("2.0.0.127.bl.spamcop.net.", "A", "127.0.0.2"),
             ("2.0.0.127.b.barracudacentral.org.", "A", "127.0.0.2")]

    def one(self, *rows):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "root"), "w") as file:
                rows_of = [row for row in domain("listed").rows if row[1] not in ("SOA", "NS")]
                file.write(root_zone(*rows_of, (reverse(IP), "PTR", "mail.listed.test."), *rows))
            server = nsd(folder, {".": "root"})
            try:
                return check("listed.test", "--no-fetch", "--selector", "s1", "--ip", IP, "--helo", "mail.listed.test",
                             "--resolver", "127.0.0.1:%d" % server.port)
            finally:
                server.close()

    def state(self, document, zone):
        return [one["state"] for one in document["results"]["host"]["lists"] if one["zone"] == zone]

    def test_an_address_that_is_clear(self):
        document = self.one(*self.WORKS)
        self.assertEqual(ids(document, "fail"), set())
        self.assertEqual(self.state(document, "zen.spamhaus.org"), ["clear"])

    def test_an_address_that_is_listed(self):
        document = self.one(*self.WORKS, (self.ENTRY % "zen.spamhaus.org", "A", "127.0.0.2"))
        self.assertEqual(document["findings"][0]["id"], "host.listed")
        self.assertEqual(self.state(document, "zen.spamhaus.org"), ["listed"])
        self.assertEqual(self.state(document, "bl.spamcop.net"), ["clear"])

    def test_a_resolver_that_is_refused(self):
        document = self.one(("*.zen.spamhaus.org.", "A", "127.255.255.254"))
        self.assertEqual(ids(document, "fail"), set())
        self.assertEqual(self.state(document, "zen.spamhaus.org"), ["refused"])
        self.assertIn("host.list-refused", ids(document, "info"))

    def test_a_dead_list_that_lists_the_world(self):
        document = self.one(*[row for row in self.WORKS if "spamcop" not in row[0]], ("*.bl.spamcop.net.", "A", "127.0.0.2"))
        self.assertEqual(ids(document, "fail"), set())
        self.assertEqual(self.state(document, "bl.spamcop.net"), ["broken"])
        self.assertIn("host.list-broken", ids(document, "info"))

    def test_a_domain_for_sale_that_answers_everything(self):
        """A parked list answers with the address of a web page, and that lists nobody."""
        document = self.one(("*.bl.spamcop.net.", "A", "203.0.113.80"))
        self.assertEqual(ids(document, "fail"), set())
        self.assertNotEqual(self.state(document, "bl.spamcop.net"), ["listed"])


class Policies(unittest.TestCase):
    """MTA-STS policy hosts of tests/tls, each with one fault, seen by the whole domain's check."""

    NAMES = ("good", "expired", "wrong-name", "redirects", "dribbled", "silent", "too-large", "endless", "not-found", "html-type", "no-type",
             "mode-none", "other-mx", "no-record", "refused", "private")
    MORE = {"no-record": {"sts.policy-without-record"}}  # what the check "tls" does not look for

    def wrong(self, name):
        import policies
        import servers
        expected, _, way = policies.POLICIES[name]
        policy = policies.Policy(way)
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
                zone.write(policy.zone())
                zone.flush()
                document = check(policies.DOMAIN, "--no-lists", "--no-guess", "--ca", servers.the_certs().root, "--zone", zone.name,
                                 "--https-port", str(way.get("port", policy.port)), "--timeout", "16", *([] if way.get("public") else ["--allow-private"]))
        finally:
            policy.close()
        found = {f["id"] for f in document["findings"] if f["check"] == "mta-sts" and f["state"] == "present"}
        return "" if found == set(expected) | self.MORE.get(name, set()) else "%s: %s" % (name, sorted(found))

    def test_all(self):
        import concurrent.futures
        import servers
        servers.the_certs()  # once, before several want them
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            self.assertEqual([miss for miss in pool.map(self.wrong, self.NAMES) if miss], [])

    def test_nobody_is_behind_an_address_of_examples(self):
        """It stands for another: that no policy can be had there says nothing, and nobody tries."""
        rows = broken.sts("v=STSv1; id=1;").add("default._bimi.example.org.", "TXT", quote("v=BIMI1; l=https://www.example.org/l.svg; a=;"))
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
            zone.write(rows.add("www.example.org.", "AAAA", "2001:db8::80").text())
            zone.flush()
            document = check("example.org", "--no-lists", "--no-guess", "--zone", zone.name)
        self.assertEqual(ids(document, "fail", "warn") - {"dkim.none-found"}, set())
        self.assertEqual({f["subject"] for f in document["findings"] if f["id"] == "https.unknown"},
                         {"mta-sts.example.org", "www.example.org"})
        self.assertEqual([a for a in document["asks"] if a["kind"] != "dns"], [])

    def test_a_policy_of_none_without_a_record_is_left_over(self):
        import policies
        import servers
        policy = policies.Policy(dict(policies.POLICIES["mode-none"][2], record="v=spf1 -all"))
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
                zone.write(policy.zone())
                zone.flush()
                document = check(policies.DOMAIN, "--no-lists", "--no-guess", "--ca", servers.the_certs().root, "--zone", zone.name,
                                 "--https-port", str(policy.port), "--timeout", "16", "--allow-private")
        finally:
            policy.close()
        self.assertEqual({f["id"] for f in document["findings"] if f["check"] == "mta-sts"}, {"sts.missing"})

    def test_an_id_that_did_not_change(self):
        """What --json printed before is held against what is there now: as senders who kept the policy see it."""
        import policies
        import servers
        with tempfile.TemporaryDirectory() as folder:
            def look(body, *more, record="v=STSv1; id=20261127T0959;"):
                policy = policies.Policy({"answer": policies.answer(body), "record": record})
                try:
                    zone = os.path.join(folder, "zone")
                    with open(zone, "w") as file:
                        file.write(policy.zone())
                    return check(policies.DOMAIN, "--no-lists", "--no-guess", "--ca", servers.the_certs().root, "--zone", zone,
                                 "--https-port", str(policy.port), "--timeout", "16", "--allow-private", *more)
                finally:
                    policy.close()

            before = os.path.join(folder, "before.json")
            first = look(policies.GOOD)
            self.assertEqual(first["results"]["mta_sts"]["policy"].encode(), policies.GOOD)
            with open(before, "w") as file:
                json.dump(first, file)
            longer = policies.GOOD.replace(b"1209600", b"2419200")
            self.assertNotIn("sts.id-unchanged", ids(look(policies.GOOD, "--before", before)))
            self.assertNotIn("sts.id-unchanged", ids(look(policies.GOOD.replace(b"\r\n", b"\n"), "--before", before)))
            self.assertNotIn("sts.id-unchanged", ids(look(longer)))
            self.assertNotIn("sts.id-unchanged", ids(look(longer, "--before", before, record="v=STSv1; id=20261127T1000;")))
            told = [f for f in look(longer, "--before", before)["findings"] if f["id"] == "sts.id-unchanged"]
            self.assertEqual([(f["severity"], f["check"]) for f in told], [("warn", "mta-sts")])
            self.assertEqual(told[0]["fix"][0]["add"], ['"v=STSv1; id=20261127T0960;"'])


LOGO = (b'<?xml version="1.0" encoding="UTF-8"?>\n<svg version="1.2" baseProfile="tiny-ps" xmlns="http://www.w3.org/2000/svg" '
        b'viewBox="0 0 64 64"><title>Example</title><rect width="64" height="64" fill="#336699"/></svg>\n')


class Logos(unittest.TestCase):
    """Logos of BIMI behind HTTPS, seen by the whole domain's check."""

    CASES = (
        ("a logo as it has to be", LOGO, {}, ""),
        ("a logo that runs", LOGO.replace(b"<rect", b"<script>alert(1)</script><rect"), {}, "script"),
        ("another profile", LOGO.replace(b"tiny-ps", b"full"), {}, "tiny-ps"),
        ("no logo at all", b"<html><body>Not here.</body></html>", {}, "SVG"),
        ("not there", b"gone", {"status": b"404 Not Found"}, "404"),
        ("moved", b"", {"status": b"301 Moved Permanently", "fields": (b"Location: https://sts.test/logo.svg",)}, "301"),
    )

    def look(self, case):
        import policies
        import servers
        name, body, more, word = case
        policy = policies.Policy({"answer": policies.answer(body, **more)})
        try:
            with tempfile.NamedTemporaryFile("w", suffix=".zone") as zone:
                zone.write(policy.zone() + 'default._bimi.sts.test. TXT "v=BIMI1; l=https://mta-sts.sts.test/logo.svg; a=;"\n'
                           '_dmarc.sts.test. TXT "v=DMARC1; p=reject"\n')
                zone.flush()
                document = check(policies.DOMAIN, "--no-lists", "--no-guess", "--ca", servers.the_certs().root, "--zone", zone.name,
                                 "--https-port", str(policy.port), "--timeout", "16", "--allow-private")
        finally:
            policy.close()
        found = [f["detail"] for f in document["findings"] if f["id"] == "bimi.logo"]
        return "" if len(found) == (word != "") and all(word in detail for detail in found) else "%s: %s" % (name, found)

    def test_all(self):
        import servers
        servers.the_certs()
        self.assertEqual([miss for miss in map(self.look, self.CASES) if miss], [])


if __name__ == "__main__":
    unittest.main()
