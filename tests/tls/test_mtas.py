"""test_mtas.py - real mail servers, well and badly configured, have the findings that they should

    python3 tests/tls/test_mtas.py PEERS     PEERS is build-test/peers, with what tests/peers unpacked

MAILHEALTH_COMMAND is the command.  Ends with 77 where none of the servers can be run.
"""
import concurrent.futures, json, os, subprocess, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import mtas  # noqa: E402
import servers  # noqa: E402

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
TIMEOUT = 12
ORDER = {"info": 1, "warn": 2, "fail": 3}

# server, port: mode, the finding that it must have (None: it is healthy), its severity, others allowed beside it
EXPECTED = {
    ("postfix", "healthy"): ("smtp", None, "info", ()),
    ("postfix", "submission"): ("submission", None, "info", ()),
    ("postfix", "implicit"): ("implicit", None, "info", ()),
    ("postfix", "old"): ("smtp", "tls.old-protocol-offered", "warn", ()),
    ("postfix", "none"): ("smtp", "tls.no-certificate-anon", "fail", ()),
    ("postfix", "missing"): ("smtp", "smtp.starttls-454", "fail", ()),
    ("postfix", "not-offered"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    ("postfix", "expired"): ("smtp", "cert.expired", "warn", ()),
    ("postfix", "self"): ("smtp", "cert.self-signed", "warn", ()),
    ("postfix", "ecdsa"): ("smtp", "tls.ecdsa-only", "info", ()),
    ("postfix", "ed25519"): ("smtp", "cert.key-type-uncommon", "fail", ()),
    ("postfix", "tls13"): ("smtp", "tls.tls13-only", "info", ()),
    ("postfix", "tls10"): ("smtp", "tls.old-protocol-only", "fail", ("tls.no-forward-secrecy",)),
    ("postfix", "client"): ("smtp", "tls.client-cert-required", "fail", ()),
    ("postfix", "limited"): ("smtp", "smtp.rate-limited", "warn", ()),
    ("postfix", "banned"): ("smtp", "smtp.rejected-at-banner", "fail", ()),
    ("exim", "healthy"): ("smtp", None, "info", ()),
    ("exim", "implicit"): ("implicit", None, "info", ()),
    ("exim", "old"): ("smtp", "tls.old-protocol-offered", "warn", ()),
    # "none": it makes itself a certificate, as of the second in which it is asked for one.
    ("exim", "none"): ("smtp", "cert.self-signed", "warn", ("cert.expires-soon", "cert.no-alternative-name")),
    ("exim", "missing"): ("smtp", "smtp.starttls-454", "fail", ()),
    ("exim", "not-offered"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    ("exim", "expired"): ("smtp", "cert.expired", "warn", ()),
    ("exim", "client"): ("smtp", "tls.client-cert-required", "fail", ()),
    # Version 6.8 cannot sign with OpenSSL 3: whoever runs it sees this, whatever the certificate is.
    ("opensmtpd", "healthy"): ("smtp", "tls.alert-internal-error", "fail", ()),
    ("opensmtpd", "implicit"): ("implicit", "tls.alert-internal-error", "fail", ()),
    ("opensmtpd", "client"): ("smtp", "tls.alert-internal-error", "fail", ()),
    ("opensmtpd", "not-offered"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    # Without a file that it can load it says nothing of STARTTLS; its log says why.
    ("sendmail", "healthy"): ("smtp", None, "info", ()),
    ("sendmail", "incomplete"): ("smtp", "cert.chain-incomplete", "warn", ()),
    ("sendmail", "none"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    ("sendmail", "missing"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    ("sendmail", "not-offered"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    ("sendmail", "expired"): ("smtp", "cert.expired", "warn", ()),
    ("sendmail", "other"): ("smtp", "cert.name-mismatch", "warn", ()),
    ("sendmail", "self"): ("smtp", "cert.self-signed", "warn", ()),
    ("sendmail", "old"): ("smtp", "tls.old-protocol-offered", "warn", ()),
    ("sendmail", "tls13"): ("smtp", "tls.tls13-only", "info", ()),
    ("sendmail", "no-common"): ("smtp", "tls.no-common-cipher", "fail", ()),
    ("sendmail", "other-type"): ("smtp", "tls.no-certificate", "fail", ()),
    ("sendmail", "limited"): ("smtp", "smtp.rate-limited", "warn", ("stream.unknown",)),
    # It greets, and refuses what comes behind.
    ("sendmail", "banned"): ("smtp", "smtp.starttls-not-offered", "warn", ()),
    ("dovecot", "imap"): ("imap", None, "info", ()),
    ("dovecot", "pop3"): ("pop3", None, "info", ()),
    ("dovecot", "sieve"): ("sieve", None, "info", ()),
    ("dovecot", "lmtp"): ("lmtp", None, "info", ()),
    ("dovecot", "lmtp-unix"): ("lmtp", None, "info", ()),
    ("dovecot", "imaps"): ("implicit", None, "info", ()),
    ("dovecot", "pop3s"): ("implicit", None, "info", ()),
}


def wrong(mta, port, options=()):
    """what is wrong with the answer about one port, or None"""
    mode, identity, severity, others = EXPECTED[mta.name, port]
    where = mta.ports[port]
    host = "unix:" + where if isinstance(where, str) else "%s:%d" % (mta.address, where)
    done = subprocess.run([COMMAND, "tls", host, "--mode", mode, "--name", servers.NAME, "--ca", servers.the_certs().root,
                           "--json", "--timeout", str(TIMEOUT), "--zone", "/dev/null", *options],
                          capture_output=True, text=True, timeout=TIMEOUT + 20)
    if not done.stdout:
        return "no JSON: " + done.stderr
    document = json.loads(done.stdout)
    findings = {f["id"]: f["severity"] for f in document["findings"] if f["state"] == "present"}
    above = {i: s for i, s in findings.items() if s != "info" and i != identity and i not in others}
    if identity is not None and findings.get(identity) != severity:
        return "%s is not %s in %s" % (identity, severity, document["findings"])
    if above:
        return "beside %s: %s" % (identity, above)
    if any(ORDER[findings[i]] > ORDER[severity] for i in others if i in findings):
        return "%s is worse than %s" % (findings, identity)
    if document["results"]["tls"][0]["connections"] > 9:
        return "took %d connections" % document["results"]["tls"][0]["connections"]
    expected = {"fail": 1, "unknown": 2}.get(document["health"], 0)
    return None if done.returncode == expected else "ends with %d" % done.returncode


class Mtas(unittest.TestCase):
    def one(self, name):
        reason = mtas.why_not(PEERS, name)
        if reason:
            self.skipTest(reason)
        ports = [port for server, port in EXPECTED if server == name]
        with mtas.Mta(PEERS, name) as mta:
            ports = [port for port in ports if port in mta.ports]
            with concurrent.futures.ThreadPoolExecutor(3) as pool:
                results = list(pool.map(lambda port: wrong(mta, port), ports))
                # None of these has had CVE-2011-0411 for years.
                healthy = [port for port in ports if EXPECTED[name, port][1] is None]
                results += pool.map(lambda port: wrong(mta, port, ["--inject"]), healthy)
            for port, result in zip(ports + [port + " --inject" for port in healthy], results):
                with self.subTest(server=name, port=port):
                    self.assertIsNone(result)
            return mta.words()

    def test_postfix(self):
        self.assertIn("no shared cipher", self.one("postfix"))

    def test_exim(self):
        self.one("exim")

    def test_opensmtpd(self):
        self.assertIn("missing private key", self.one("opensmtpd"))

    def test_dovecot(self):
        self.one("dovecot")

    def test_sendmail(self):
        self.assertIn("550 5.7.1 Blocked", self.one("sendmail"))


if __name__ == "__main__":
    PEERS = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 else "build-test/peers")
    reasons = [mtas.why_not(PEERS, name) for name in mtas.MTAS]
    if all(reasons):
        print(", ".join(sorted(set(reasons))))
        sys.exit(77)
    unittest.main()
