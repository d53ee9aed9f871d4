"""test_faults.py - every fault of TLS.md section 7 has its finding, on port 25 and where clients demand TLS.

MAILHEALTH_COMMAND is the command.
"""
import concurrent.futures, json, os, subprocess, sys, unittest

import servers

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
ORDER = {"info": 1, "warn": 2, "fail": 3}
TIMEOUT = 12


def probe(server, mode, options=()):
    words = [COMMAND, "tls", "127.0.0.1:%d" % server.port, "--mode", mode, "--name", servers.NAME,
             "--ca", servers.the_certs().root, "--json", "--timeout", str(TIMEOUT), "--zone", "/dev/null", *options]
    done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT + 20)
    return done, json.loads(done.stdout) if done.stdout else None


def wrong(name, mode, severity):
    """what is wrong with the answer about one server, or None"""
    identity, _, _, others, way = servers.SERVERS[name]
    server = servers.make(name)
    try:
        done, document = probe(server, mode, way.get("options", ()))
    finally:
        server.close()
    if document is None:
        return "no JSON: " + done.stderr
    findings = [f for f in document["findings"] if f["state"] == "present"]
    if identity is None:
        above = [f["id"] for f in findings if f["severity"] != "info"]
        return "a healthy server has " + ", ".join(above) if above else None
    mine = [f for f in findings if f["id"] == identity]
    if not mine:
        return "has %s" % [f["id"] for f in document["findings"]]
    if mine[0]["severity"] != severity:
        return "is %s and not %s" % (mine[0]["severity"], severity)
    for finding in findings:
        if ORDER[finding["severity"]] > ORDER[severity]:
            return "%s is above it" % finding["id"]
        if finding["severity"] != "info" and finding["id"] != identity and finding["id"] not in others and \
                not finding["id"].startswith("cert.") :
            return "%s stands beside it" % finding["id"]
    if document["results"]["tls"][0]["connections"] > 9:
        return "took %d connections" % document["results"]["tls"][0]["connections"]
    expected = 1 if document["health"] == "fail" else 2 if document["health"] == "unknown" else 0
    if done.returncode != expected:
        return "ends with %d" % done.returncode
    return None


class Faults(unittest.TestCase):
    def test_all(self):
        servers.the_certs()
        for kind in ("rsa", "ecdsa"):
            servers.the_certs().get(kind)
        cases = []
        for name, row in servers.SERVERS.items():
            mode = row[4].get("mode")
            cases.append((name, mode or "smtp", row[2] if mode and mode not in ("smtp", "lmtp") else row[1]))
            if mode is None and row[0] not in ("smtp.slow-banner", "smtp.timeout-banner", "tls.timeout-in-handshake",
                                               "tls.timeout-after-handshake", "tls.slow-handshake",
                                               "tls.large-hello-intolerant"):
                cases.append((name, "submission", row[2]))
        only = os.environ.get("ONLY")
        cases = [c for c in cases if not only or only in c[0]]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda case: wrong(*case), cases))
        for case, result in zip(cases, results):
            with self.subTest(server=case[0], mode=case[1]):
                self.assertIsNone(result)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    unittest.main()
