#!/usr/bin/env python3
"""test_command_domain.py - the commands `mailhealth domain` and `mailhealth host`, as their users call them"""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "conformance"))

import rows  # noqa: E402

COMMAND = os.environ.get("MAILHEALTH_COMMAND", os.path.join(TOP, "build", "mailhealth"))
GOOD = os.path.join(TOP, "examples", "zones", "good.zone")
BROKEN = os.path.join(TOP, "examples", "zones", "broken.zone")


def run(*arguments, text="", status=None):
    done = subprocess.run([COMMAND, *arguments], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, env={**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"})
    if status is not None:
        assert done.returncode == status, (arguments, done)
    return done.stdout.decode(), done.stderr.decode(), done.returncode


def zone(folder, text):
    path = os.path.join(folder, "a.zone")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    return path


class Domain(unittest.TestCase):
    def test_what_is_said_first(self):
        out, err, _ = run("domain", "example.com", "--zone", BROKEN, status=1)
        self.assertEqual(err, "")
        first, second = out.split("\n")[:2]
        self.assertTrue(first.startswith("example.com: "), out)
        self.assertRegex(out, r"(?m)^\d+ faults?")
        self.assertRegex(out, r"(?m)^SPF\nfail  More than ten lookups: example.com ")
        self.assertLess(out.index("\nfail  "), out.index("\nwarn  "))

    def test_what_goes_and_what_comes_are_told_apart(self):
        out, _, _ = run("domain", "example.com", "--zone", BROKEN, status=1)
        self.assertRegex(out, r'(?m)^    remove  example\.com\. 3600 IN TXT "v=spf1 a mx a:old')
        self.assertRegex(out, r'(?m)^    add     example\.com\. 3600 IN TXT "v=spf1 mx include:')
        self.assertEqual(out.count("    add     example.com. 3600 IN TXT"), 1)

    def test_json(self):
        out, _, _ = run("domain", "example.com", "--zone", BROKEN, "--json", "--now", "1700000000", status=1)
        found = json.loads(out)
        self.assertEqual([found[k] for k in ("schema", "kind", "subject", "health", "checked_at")],
                         [1, "domain", "example.com", "fail", "2023-11-14T22:13:20Z"])
        self.assertEqual(out.count("\n"), 1)
        self.assertIn("spf.too-many-lookups", [f["id"] for f in found["findings"]])

    def test_what_is_outside_is_unknown_and_told_in_few_lines(self):
        out, _, _ = run("domain", "elsewhere.test", "--zone", GOOD, status=2)
        self.assertNotIn("fail  ", out)
        self.assertIn("\nCould not be found out\n", out)
        self.assertEqual(out.count("Outside the zone files"), 1, out)
        self.assertRegex(" ".join(out.split()), r"elsewhere\.test TXT")
        self.assertLess(out.count("\n"), 30)

    def test_names_that_cannot_be(self):
        for command in ("domain", "host"):
            for name in ("a..example", "x" * 64 + ".example", "x.example." * 30, "example.org\x1b[31m", "a b", "", ".", "a@", "<b>", "a/b",
                         "\u00fc" * 70 + ".example", "\u202eexample.org", "-" if command == "host" else "a@b.example"):
                out, err, _ = run(command, "--zone", GOOD, "--", name, status=64)
                self.assertEqual((out, err.count("\n")), ("", 1), (name, err))
                self.assertNotIn("\x1b", err)
                self.assertNotIn("\u202e", err)

    def test_usage(self):
        for arguments, words in ((("domain",), "give a domain"), (("domain", "a.example", "b.example"), "more than one domain"),
                                 (("domain", "192.0.2.1"), "behind --ip"), (("domain", "info@example.org"), "behind its @"),
                                 (("domain", "example.org", "--ip", "1.2.3"), "--ip takes"), (("domain", "example.org", "--helo", "a"), "with --ip"),
                                 (("domain", "example.org", "--selector", "a..b"), "--selector takes"),
                                 (("domain", "example.org", "--selector", ""), "--selector takes"),
                                 (("domain", "example.org", "--profile", "moo"), "--profile takes"),
                                 (("domain", "example.org", "--https-port", "0"), "--https-port takes"),
                                 (("domain", "example.org", "--resume", "x"), "--resume goes"), (("domain", "--batch", "--record", "x"), "--record is for one"),
                                 (("domain", "--batch", "--html", "x"), "--html is for one"), (("domain", "--nonsense"), "no option"),
                                 (("host",), "give a host"), (("host", "a.example", "b.example"), "more than one host"),
                                 (("host", "a.example", "--profile", "moo"), "--profile takes"), (("host", "--batch", "--html", "x"), "--html is for one")):
            out, err, _ = run(*arguments, status=64)
            self.assertEqual(out, "", arguments)
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1, err)
        for arguments in (("--zone", "/nonexistent"), ("--world", "/nonexistent"), ("--dkim-key", "/nonexistent"), ("--dkim-key", "/dev/null")):
            out, err, _ = run("domain", "example.org", *arguments, status=66)
            self.assertEqual((out, err.count("\n")), ("", 1))
        for command in ("domain", "host"):
            self.assertIn("--overlay", run(command, "--help", status=0)[0])

    def test_a_recording_is_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.world")
            asked = ("domain", "example.com", "--ip", "192.0.2.25", "--helo", "mail.example.com", "--selector", "a", "--zone", BROKEN, "--json")
            first, _, status = run(*asked, "--record", path)
            again, err, _ = run("domain", "--world", path, "--json", status=status)
            self.assertEqual((again, err), (first, ""))
            first, _, status = run("host", "192.0.2.25", "--zone", BROKEN, "--record", path, "--json")
            self.assertEqual(run("host", "--world", path, "--json", status=status)[0], first)

    def test_host(self):
        for word in ("192.0.2.25", "[192.0.2.25]", "2001:db8::25", "mail.example.com"):
            out, err, status = run("host", word, "--zone", BROKEN)
            self.assertEqual(err, "")
            self.assertIn(status, (0, 1, 2))
            self.assertTrue(out.startswith(word.strip("[]") + ": "), out)
            self.assertEqual(json.loads(run("host", word, "--zone", BROKEN, "--json")[0])["kind"], "host")

    def test_options_of_a_line(self):
        lines = ["example.com", "example.org --ip 192.0.2.25 --helo mail.example.org --selector a --selector b", "a..b", "example.com --json", "--ip 192.0.2.1",
                 "example.com example.org", "example.com --ip 1.2.3", "example.com --dkim-key x", "example.com --no-lists --no-guess --no-fetch"]
        out, _, _ = run("domain", "--batch", "--zone", BROKEN, "--zone", GOOD, text="\n".join(lines) + "\n", status=1)
        objects = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([o["n"] for o in objects], list(range(1, len(lines) + 1)))
        self.assertEqual([o.get("subject") for o in objects],
                         ["example.com", "example.org", None, None, None, None, None, None, "example.com"])
        self.assertEqual([o.get("error") for o in objects if "error" in o],
                         ["this is no domain: a..b", "a line cannot have the option --json", "give a domain to look at: mailhealth domain example.org",
                          "there is more than one domain: example.org", "--ip takes an IPv4 or IPv6 address", "a line cannot have the option --dkim-key"])
        out, _, _ = run("host", "--batch", "--zone", BROKEN, text="192.0.2.25\nmail.example.com --helo a.example\n1.2.3.4.5.6.7 x\n", status=1)
        self.assertEqual([json.loads(line).get("kind") for line in out.splitlines()], ["host", "host", "host"])


class Many(unittest.TestCase):
    """--batch: thousands of domains, a run that is killed, and going on behind it."""

    COUNT = 3000

    def setUp(self):
        self.server = rows.Server(rows.Zone([["d%d.test" % i, "TXT", "v=spf1 ip4:192.0.2.%d -all" % (i % 250)] for i in range(self.COUNT)]
                                            + [["d%d.test" % i, "MX", 0, "."] for i in range(self.COUNT)]))
        self.addCleanup(self.server.close)
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.state, self.results, self.list = [os.path.join(self.folder.name, name) for name in ("state", "results", "list")]
        with open(self.list, "w") as file:
            file.write("".join("d%d.test --ip 192.0.2.%d --no-lists\n" % (i, i % 250) for i in range(self.COUNT)))
        self.command = [COMMAND, "domain", "--batch", "--no-fetch", "--no-guess", "--timeout", "100", "--resolver", "127.0.0.1:%d" % self.server.port]

    def go_on(self):
        with open(self.list) as source, open(self.results, "a") as results:
            return subprocess.Popen(self.command + ["--resume", self.state], stdin=source, stdout=results)

    def numbers(self):
        with open(self.results) as file:
            return [json.loads(line)["n"] for line in file]

    def test_all_of_them_in_their_order_and_in_little_memory(self):
        with open(self.list) as source, open(self.results, "w") as results:
            process = subprocess.Popen(self.command, stdin=source, stdout=results)
        peak = 0
        while process.poll() is None:
            try:
                with open("/proc/%d/status" % process.pid) as file:
                    peak = max([peak] + [int(line.split()[1]) for line in file if line.startswith("VmHWM")])
            except OSError:
                pass
            time.sleep(0.05)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(self.numbers(), list(range(1, self.COUNT + 1)))
        with open(COMMAND, "rb") as file:
            if b"__asan_" not in file.read():
                self.assertLess(peak, 600000)  # kilobytes

    def test_a_run_that_was_killed_is_gone_on_with(self):
        self.server.delay = 0.001
        kills = 0
        while kills < 3:
            process = self.go_on()
            until = time.monotonic() + 60
            before = os.path.getsize(self.results)
            while process.poll() is None and os.path.getsize(self.results) < before + 300000 and time.monotonic() < until:
                time.sleep(0.01)
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGKILL)
            process.wait(30)
            kills += 1
        self.assertGreater(kills, 1)
        with open(self.state) as file:
            self.assertRegex(file.read(), r"\A\d+\noutput \d+ \d+ \d+\n\Z")
        with open(self.results, "a") as file:
            file.write('{"half of an obj')
        self.server.delay = 0
        self.assertEqual(self.go_on().wait(120), 0)
        self.assertEqual(self.numbers(), list(range(1, self.COUNT + 1)))
        with open(self.state) as file:
            self.assertEqual(file.read(), "%d\n" % self.COUNT)

    def test_what_others_wrote_stays(self):
        with open(self.state, "w") as file:
            file.write("7\noutput 1 2 3\n")  # another file's
        with open(self.results, "w") as file:
            file.write("something else\n")
        self.assertEqual(self.go_on().wait(120), 0)
        with open(self.results) as file:
            self.assertEqual(file.readline(), "something else\n")
            self.assertEqual(json.loads(file.readline())["n"], 8)
        for wrong in ("7\noutput 1 2\n", "7\nmoo\n", "7\noutput 1 2 3\nmore\n", "-1\n", "", "7 8\n"):
            with open(self.state, "w") as file:
                file.write(wrong)
            self.assertEqual(self.go_on().wait(120), 66, wrong)


class Causes(unittest.TestCase):
    """mailhealth explain --check"""

    ZONE = ('$TTL 60\nexample.org. SOA ns hostmaster 1 7200 3600 1209600 300\nexample.org. MX 10 mx.example.org.\nmx.example.org. A 192.0.2.1\n'
            'example.org. TXT "v=spf1 mx -all"\n_dmarc.example.org. TXT "v=DMARC1; p=reject"\n'
            '2.0.192.in-addr.arpa. SOA ns hostmaster 1 7200 3600 1209600 300\n1.2.0.192.in-addr.arpa. PTR mx.example.org.\n'
            'example.net. SOA ns hostmaster 1 7200 3600 1209600 300\nexample.net. MX 10 gone.example.net.\n')
    SPF = "550 5.7.23 SPF validation failed: example.org does not designate 192.0.2.9 as permitted sender"

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.answers = ("--zone", zone(folder.name, self.ZONE))

    def found(self, text, *arguments):
        out, err, _ = run("explain", "--check", "--json", *self.answers, *arguments, "-", text=text, status=0)
        self.assertEqual((err, out.count("\n")), ("", 1))
        return json.loads(out)

    def test_what_explains_it_comes_first(self):
        found = self.found(self.SPF)
        self.assertEqual((found["reason"], found["next"]), ("auth-spf", ["spf", "forwarding"]))
        self.assertEqual([(c["kind"], c["subject"]) for c in found["checked"]], [("domain", "example.org")])
        self.assertEqual(found["checked"][0]["results"]["spf"]["ip"], "192.0.2.9")
        first = found["causes"][0]
        self.assertEqual((first["finding"], first["check"], first["explains"], first["severity"]), ("spf.not-authorised", "spf", True, "fail"))
        self.assertEqual({c["check"] for c in found["causes"]}, {"spf"})
        out, _, _ = run("explain", "--check", *self.answers, self.SPF, status=0)
        self.assertIn("\nChecked example.org and 192.0.2.9:\nThis explains it, the surest first.\n\nfail  ", out)
        self.assertIn('    add     example.org. 60 IN TXT "v=spf1 mx ip4:192.0.2.9 -all"', out)

    def test_what_the_caller_knows_better(self):
        found = self.found(self.SPF, "--ip", "192.0.2.1")
        self.assertNotIn("spf.not-authorised", [c["finding"] for c in found["causes"]])
        out, _, _ = run("explain", "--check", *self.answers, "--ip", "192.0.2.1", self.SPF, status=0)
        self.assertIn("Nothing wrong was found there.", out)
        self.assertIn("forwarded", out)
        found = self.found("550 5.7.1 SPF check failed", "--domain", "example.org", "--ip", "192.0.2.9")
        self.assertEqual(found["causes"][0]["finding"], "spf.not-authorised")

    def test_the_host(self):
        found = self.found("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.7]")
        self.assertEqual([(c["kind"], c["subject"]) for c in found["checked"]], [("host", "192.0.2.7")])
        self.assertEqual([(c["finding"], c["explains"]) for c in found["causes"]][:1], [("host.ptr-missing", True)])

    def test_a_line_of_a_log(self):
        line = ("Nov 20 08:15:02 mx postfix/smtp[123]: 4F2A81C0123: to=<a@example.net>, relay=none, delay=1, delays=0.1/0/0.5/0.4, dsn=4.4.1, "
                "status=deferred (connect to gone.example.net[192.0.2.25]:25: Connection timed out)\n")
        found = self.found(line, "--now", "1795000000")
        self.assertEqual(found["kind"], "log")
        self.assertEqual([(c["kind"], c["subject"]) for c in found["checked"]], [("domain", "example.net")])
        self.assertTrue(all(c["check"] in ("mx", "ns", "dnssec") for c in found["causes"]), found["causes"])

    def test_a_bounce(self):
        path = os.path.join(self.folder, "returned.eml")
        with open(path, "w") as file:
            file.write("From: MAILER-DAEMON@mx.example.org\nTo: info@example.org\nSubject: Undelivered\nMIME-Version: 1.0\n"
                       "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nsorry\n--b\n"
                       "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
                       "Final-Recipient: rfc822; a@example.net\nAction: failed\nStatus: 5.7.23\nRemote-MTA: dns; mx.example.net\n"
                       "Diagnostic-Code: smtp; %s\n\n--b--\n" % self.SPF)
        out, _, _ = run("explain", "--check", *self.answers, path, status=0)
        self.assertIn("\nChecked example.org and 192.0.2.9:\n", out)
        self.assertIn("(spf.not-authorised)", out)
        found = json.loads(run("explain", "--check", "--json", *self.answers, path, status=0)[0])
        self.assertEqual((found["kind"], found["causes"][0]["finding"]), ("bounce", "spf.not-authorised"))

    def test_what_is_outside_is_told_and_blamed_on_nobody(self):
        found = self.found(self.SPF.replace("example.org", "elsewhere.test"))
        self.assertEqual(found["causes"], [])
        out, _, _ = run("explain", "--check", *self.answers, self.SPF.replace("example.org", "elsewhere.test"), status=0)
        self.assertIn("could not be found out", out)
        self.assertNotIn("Nothing wrong", out)

    def test_where_there_is_nothing_to_check(self):
        for text, words in (("250 2.0.0 Ok", "no check would explain it"), ("550 5.7.26 SPF check failed", "give --domain"),
                            ("450 4.7.25 Client host rejected: cannot find your hostname", "give --ip")):
            out, err, _ = run("explain", "--check", *self.answers, text, status=64)
            self.assertNotEqual(out, "")
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1)
        for arguments in (("--ip", "1.2.3"), ("--domain", "a..b"), ("--selector", "a..b")):
            _, err, _ = run("explain", "--check", *self.answers, *arguments, self.SPF, status=64)
            self.assertEqual(err.count("\n"), 1)

    def test_without_the_option_nobody_is_asked(self):
        found = json.loads(run("explain", "--json", *self.answers, self.SPF, status=0)[0])
        self.assertNotIn("checked", found)


class ZoneFiles(unittest.TestCase):
    TEXT = ('$TTL 60\n@ IN SOA ns hostmaster 1 7200 3600 1209600 300\n@ IN NS ns\nns IN A 192.0.2.53\n@ IN MX 10 mx\nmx IN A 192.0.2.1\n@ IN TXT "v=spf1 mx ?all"\n'
            '_dmarc IN TXT "v=DMARC1; p=none"\nnews IN MX 10 mx\nnews IN TXT "v=spf1 +all"\nkey._domainkey.news IN TXT "v=DKIM1; p="\n'
            'www IN A 192.0.2.2\n')

    def test_names_of_mail_are_looked_at(self):
        with tempfile.TemporaryDirectory() as folder:
            path = zone(folder, self.TEXT)
            out, err, _ = run("zone", path, "--origin", "example.org", status=1)
            self.assertEqual(err, "")
            self.assertTrue(out.startswith(path + ": 2 of 2 names of mail have faults or weak points.\n"), out)
            self.assertIn("\n\nexample.org\n\nSPF\nwarn  ", out)
            self.assertIn("\n\nnews.example.org\n\nSPF\nfail  ", out)
            self.assertNotIn("Could not be found out", out)
            found = json.loads(run("zone", path, "--origin", "example.org", "--json", "--now", "1700000000", status=1)[0])
            self.assertEqual([found[k] for k in ("schema", "kind", "subject", "health", "records", "findings")], [1, "zone", path, "fail", 11, []])
            self.assertEqual([n["subject"] for n in found["names"]], ["example.org", "news.example.org"])
            self.assertEqual({n["checked_at"] for n in found["names"]}, {"2023-11-14T22:13:20Z"})
            self.assertEqual({n["kind"] for n in found["names"]}, {"domain"})

    def test_lines_that_cannot_be_read_come_first(self):
        with tempfile.TemporaryDirectory() as folder:
            path = zone(folder, "$ORIGIN example.org.\n" + self.TEXT + "bad IN A 192.0.2.256\n")
            out, _, _ = run("zone", path, status=1)
            self.assertTrue(out.startswith(path + ": 1 place that cannot be right; 2 of 2 names"), out)
            self.assertLess(out.index("(zone.syntax)"), out.index("(spf."))
            found = json.loads(run("zone", path, "--json", status=1)[0])
            self.assertEqual([f["id"] for f in found["findings"]], ["zone.syntax"])
            self.assertEqual(found["findings"][0]["subject"], path + ":14")

    def test_a_file_without_faults(self):
        with tempfile.TemporaryDirectory() as folder:
            path = zone(folder, '$TTL 60\nexample.org. IN SOA ns hostmaster 1 7200 3600 1209600 300\nexample.org. MX 0 .\nexample.org. TXT "v=spf1 -all"\n'
                                '*._domainkey.example.org. TXT "v=DKIM1; p="\n_dmarc.example.org. TXT "v=DMARC1; p=reject; rua=mailto:d@example.net"\n')
            out, _, _ = run("zone", path, status=0)
            self.assertIn(": nothing wrong was found in 5 records and 1 name of mail.", " ".join(out.split()))

    def test_usage(self):
        for arguments, status in (((), 64), (("a", "b"), 64), (("/nonexistent",), 66), (("--batch", "a"), 64), (("/dev/null", "--origin", ".."), 64),
                                  (("/dev/null",), 2), (("--frobnicate",), 64)):
            out, err, _ = run("zone", *arguments, status=status)
            self.assertTrue(status == 2 or (out == "" and err.count("\n") == 1), (out, err))

    def test_many_files_and_names_of_any_octets(self):
        with tempfile.TemporaryDirectory() as folder:
            path = zone(folder, "$ORIGIN example.org.\n" + self.TEXT)
            odd = os.path.join(os.fsencode(folder), b"\xff\"\x1b.zone")
            os.link(path, odd)
            done = subprocess.run([COMMAND, "zone", "--batch"], input=os.fsencode(path) + b"\n/nonexistent\n" + odd + b"\n\n",
                                  stdout=subprocess.PIPE, timeout=60, check=False)
            self.assertEqual(done.returncode, 1)
            objects = [json.loads(line) for line in done.stdout.decode().splitlines()]
            self.assertEqual([o["n"] for o in objects], [1, 2, 3, 4])
            self.assertEqual([o.get("health") for o in objects], ["fail", None, "fail", None])
            self.assertEqual(objects[1]["error"], "the file cannot be read")
            self.assertTrue(objects[2]["subject"].endswith('\\xFF"\\x1B.zone'), objects[2]["subject"])

    def test_many_names(self):
        with tempfile.TemporaryDirectory() as folder:
            path = zone(folder, "$ORIGIN example.org.\n" + self.TEXT + "".join(
                'c%d IN MX 10 mx\nc%d IN TXT "v=spf1 mx -all"\ns._domainkey.c%d IN TXT "v=DKIM1; p="\n' % (i, i, i) for i in range(1000)))
            found = json.loads(run("zone", path, "--json", status=1)[0])
            self.assertEqual([n["subject"] for n in found["names"]], ["example.org", "news.example.org"] + ["c%d.example.org" % i for i in range(1000)])


class Screen(unittest.TestCase):
    """On a terminal."""

    def test_colour_only_on_a_terminal_and_as_wide_as_it_is(self):
        import pty
        import fcntl
        import struct
        import termios
        for environment, styled in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            ours, theirs = pty.openpty()
            fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
            process = subprocess.Popen([COMMAND, "domain", "example.com", "--zone", BROKEN], stdout=theirs, stdin=subprocess.DEVNULL,
                                       env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment})
            os.close(theirs)
            out = b""
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:
                    break
                if not piece:
                    break
                out += piece
            os.close(ours)
            self.assertEqual(process.wait(60), 1)
            self.assertEqual(b"\033[" in out, styled)
            plain = re.sub(r"\033\[[0-9;]*m", "", out.decode()).splitlines()
            wide = [line for line in plain if len(line) > 60 and " IN TXT " not in line]
            self.assertEqual(wide, [])


if __name__ == "__main__":
    unittest.main()
