"""test_faults.py - every fault of TLS.md section 7 has its finding, in every protocol that can have it, by STARTTLS
and with TLS at once, and with the severity of port 25 or of ports whose clients demand TLS.

MAILHEALTH_COMMAND is the command; ONLY, if set, is a part of "NAME MODE" of the cases to try.
"""
import concurrent.futures, json, multiprocessing, os, subprocess, sys, unittest

import servers

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
ORDER = {"info": 1, "warn": 2, "fail": 3}
TIMEOUT = 12


def probe(server, options=()):
    words = [COMMAND, "tls", server.host, "--mode", server.command, "--name", servers.NAME,
             "--ca", servers.the_certs().root, "--json", "--timeout", str(TIMEOUT), "--zone", "/dev/null", *options]
    done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT + 20)
    return done, json.loads(done.stdout) if done.stdout else None


def wrong(name, mode):
    """what is wrong with the answer about one server, or None"""
    _, _, _, others, way = servers.SERVERS[name]
    identity, severity = servers.identity(name, mode), servers.severity(name, mode)
    server = servers.make(name, mode)
    try:
        done, document = probe(server, way.get("options", ()))
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
    if way.get("evidence", "") not in mine[0]["evidence"]:
        return "shows %r" % mine[0]["evidence"]
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


def tried(case):
    try:
        return wrong(*case)
    except Exception as error:  # of one case, which is told with its name
        return repr(error)


class Faults(unittest.TestCase):
    def test_all(self):
        servers.the_certs()
        for kind in ("rsa", "ecdsa"):
            servers.the_certs().get(kind)
        only = os.environ.get("ONLY", "")
        cases = [(name, mode) for name in servers.SERVERS for mode in servers.modes(name) if only in name + " " + mode]
        # Processes, as the servers' handshakes are work; those that only wait for seconds have some of their own.
        fork = multiprocessing.get_context("fork")
        with concurrent.futures.ProcessPoolExecutor(len(servers.SERVERS), fork) as waits, \
                concurrent.futures.ProcessPoolExecutor(24, fork) as works:
            begun = [(waits if servers.modes(name) == servers.SLOW else works).submit(tried, (name, mode))
                     for name, mode in cases]
            results = [one.result() for one in begun]
        for case, result in zip(cases, results):
            with self.subTest(server=case[0], mode=case[1]):
                self.assertIsNone(result)


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    unittest.main()
