#!/usr/bin/env python3
"""test_command_spf.py - the command `mailhealth spf`, as its users call it"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "tests", "conformance"))

import rows  # noqa: E402

COMMAND = os.environ.get("MAILHEALTH_COMMAND", os.path.join(TOP, "build", "mailhealth"))
GOOD = os.path.join(TOP, "examples", "zones", "good.zone")
BROKEN = os.path.join(TOP, "examples", "zones", "broken.zone")


def run(*arguments, text="", status=None):
    done = subprocess.run([COMMAND, "spf", *arguments], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=120, env={**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8"})
    if status is not None:
        assert done.returncode == status, (arguments, done)
    return done.stdout.decode(), done.stderr.decode(), done.returncode


class Spf(unittest.TestCase):
    def test_verdicts(self):
        out, err, _ = run("--ip", "198.51.100.70", "--from", "<a@example.org>", "--zone", GOOD, status=0)
        self.assertEqual(err, "")
        self.assertTrue(out.startswith("pass: The host may send."), out)
        self.assertIn("include:_spf.letters.example.net, where", out)
        self.assertIn("2 of 10 lookups", out)
        self.assertIn("> ip4:198.51.100.64/26", out)
        out, _, _ = run("--ip", "203.0.113.9", "--from", "a@example.org", "--zone", GOOD, status=1)
        self.assertTrue(out.startswith("fail: "), out)
        self.assertIn('TXT "v=spf1 mx include:_spf.letters.example.net ip4:203.0.113.9 -all"', out)
        out, _, _ = run("example.com", "--zone", BROKEN, status=1)
        self.assertIn("12 terms ask DNS where 10 are allowed", out)
        self.assertLessEqual(out.count("\n"), 60)
        verbose, _, _ = run("example.com", "--zone", BROKEN, "-v", status=1)
        self.assertGreater(verbose.count("\n"), out.count("\n"))

    def test_json(self):
        out, _, _ = run("--ip", "198.51.100.70", "--from", "a@example.org", "--zone", GOOD, "--json", "--now", "1700000000", status=0)
        found = json.loads(out)
        self.assertEqual([found["schema"], found["kind"], found["subject"], found["health"], found["checked_at"]],
                         [1, "spf", "example.org", "pass", "2023-11-14T22:13:20Z"])
        spf = found["results"]["spf"]
        self.assertEqual((spf["result"], spf["lookups"], spf["matched"]), ("pass", 2, "include:_spf.letters.example.net"))
        self.assertEqual(spf["addresses"]["ranges"], ["192.0.2.25/32", "198.51.100.0/25", "2001:db8::25/128"])
        self.assertEqual({o["by"] for o in spf["opinions"]}, {"void-per-query", "no-void-limit", "rspamd-30"})
        self.assertEqual(found["checks"][0]["name"], "example.org.")
        self.assertEqual(found["asks"][0]["name"], "example.org.")

    def test_what_is_outside_is_unknown(self):
        out, _, _ = run("elsewhere.test", "--zone", GOOD, status=2)
        self.assertIn("the zone files given do not have this part of DNS", out)

    def test_usage(self):
        for arguments, words in ((("--ip", "1.2.3", "--from", "a@b"), "--ip takes"), ((), "give --ip and --from"),
                                 (("--ip", "192.0.2.1"), "give the sender"), (("a@b.example",), "is no domain"),
                                 (("--profile", "moo", "example.org"), "--profile takes"), (("--nonsense",), "no option"),
                                 (("--timeout", "soon", "example.org"), "--timeout takes"), (("a.example", "b.example"), "more than one"),
                                 (("--resolver", "nobody", "example.org"), "--resolver takes"), (("--resume", "x", "example.org"), "--resume goes")):
            out, err, _ = run(*arguments, status=64)
            self.assertEqual(out, "", arguments)
            self.assertIn(words, err)
            self.assertEqual(err.count("\n"), 1, err)
        run("example.org", "--zone", "/nonexistent", status=66)
        run("example.org", "--world", "/nonexistent", status=66)
        out, _, _ = run("--help", status=0)
        self.assertIn("--overlay", out)

    def test_bad_lines_of_a_zone_are_told(self):
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write('example.org. 60 IN TXT "v=spf1 -all"\nexample.org. 60 IN A 192.0.2.256\n')
            file.flush()
            out, err, _ = run("example.org", "--zone", file.name, status=0)
            self.assertIn(file.name + ":2", err)
            self.assertIn("Domain that sends no mail", out)

    def test_a_recording_is_the_same(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.world")
            first, _, status = run("--ip", "203.0.113.9", "--from", "a@example.com", "--zone", BROKEN, "--record", path, "--json")
            again, err, _ = run("--world", path, "--json", status=status)
            self.assertEqual((again, err), (first, ""))

    def test_servers_and_recording(self):
        server = rows.Server(rows.Zone([["example.org", "TXT", "v=spf1 a:out.example.net -all"], ["out.example.net", "A", "192.0.2.1"],
                                        ["broken.example", "ERR", "SERVFAIL", "*"]]))
        where = "127.0.0.1:%d" % server.port
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.world")
            first, _, _ = run("--ip", "192.0.2.1", "--from", "a@example.org", "--resolver", where, "--record", path, "--json", status=0)
            self.assertEqual(json.loads(first)["asks"][0]["server"], where)
            server.close()
            again, _, _ = run("--world", path, "--json", status=0)
            self.assertEqual(again, first)
        server = rows.Server(rows.Zone([["broken.example", "ERR", "SERVFAIL", "*"]]))
        out, _, _ = run("--ip", "192.0.2.1", "--from", "a@broken.example", "--resolver", "127.0.0.1:%d" % server.port, status=2)
        self.assertIn("temperror", out)
        self.assertIn("SERVFAIL", out)
        server.close()

    def test_overlay(self):
        server = rows.Server(rows.Zone([["letters.test", "TXT", "v=spf1 ip4:203.0.113.5 -all"]]))
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write('$ORIGIN new.test.\n@ 60 IN SOA a b 1 2 3 4 5\n@ 60 IN TXT "v=spf1 include:letters.test -all"\n')
            file.flush()
            run("--ip", "203.0.113.5", "--from", "a@new.test", "--zone", file.name, "--overlay", "--resolver",
                "127.0.0.1:%d" % server.port, status=0)
            run("--ip", "203.0.113.5", "--from", "a@new.test", "--zone", file.name, status=2)
        server.close()

    def test_nothing_acts_on_a_terminal(self):
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write('example.org. 60 IN TXT "v=spf1 \\027[31mred \\007 -all"\n')
            file.flush()
            for options in ((), ("-v",)):
                out, _, _ = run("example.org", "--zone", file.name, *options, status=1)
                self.assertNotIn("\x1b", out)
                self.assertNotIn("\x07", out)


class Batch(unittest.TestCase):
    LINES = ["--ip 192.0.2.25 --from a@example.org", '"--ip" 1.2.3 --from x@y', "example.com", "",
             '--ip 203.0.113.9 --from "a@example.com"', "foo@bar", "--ip", "--json example.org", 'a" b']

    def test_objects_in_order(self):
        for more in ((), ("--unordered",)):
            out, _, _ = run("--batch", "--zone", GOOD, "--zone", BROKEN, *more, text="\n".join(self.LINES), status=1)
            objects = [json.loads(line) for line in out.splitlines()]
            self.assertEqual(sorted(o["n"] for o in objects), list(range(1, 10)))
            if not more:
                self.assertEqual([o["n"] for o in objects], list(range(1, 10)))
            by_n = {o["n"]: o for o in objects}
            self.assertEqual([by_n[n].get("health", "error") for n in range(1, 10)],
                             ["pass", "error", "fail", "error", "fail", "error", "error", "error", "error"])

    @staticmethod
    def write(pipe, octets):
        try:
            with pipe:
                pipe.write(octets)
        except OSError:
            pass  # it was stopped before it had read all

    def test_many_at_once_and_going_on(self):
        zone = [["d%d.test" % i, "TXT", "v=spf1 ip4:192.0.2.%d -all" % (i % 250)] for i in range(6000)]
        server = rows.Server(rows.Zone(zone))
        where = "127.0.0.1:%d" % server.port
        lines = "".join("--ip 192.0.2.%d --from a@d%d.test\n" % (i % 250, i) for i in range(6000))
        out, _, _ = run("--batch", "--no-lint", "--resolver", where, text=lines, status=0)
        objects = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([o["n"] for o in objects], list(range(1, 6001)))
        self.assertEqual({o["results"]["spf"]["result"] for o in objects}, {"pass"})
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "state")
            server.delay = 0.02
            process = subprocess.Popen([COMMAND, "spf", "--batch", "--no-lint", "--resolver", where, "--resume", state],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            writer = threading.Thread(target=self.write, args=(process.stdin, lines.encode()))
            writer.start()
            first = [process.stdout.readline() for _ in range(300)]
            process.send_signal(signal.SIGTERM)
            first += process.stdout.readlines()
            process.wait(60)
            writer.join()
            process.stdout.close()
            with open(state) as file:
                done = int(file.read())
            self.assertEqual(len(first), done)
            out, _, _ = run("--batch", "--no-lint", "--resolver", where, "--resume", state, text=lines, status=0)
            numbers = [json.loads(line)["n"] for line in first] + [json.loads(line)["n"] for line in out.splitlines()]
            self.assertEqual(numbers, list(range(1, 6001)))
        server.close()

    def test_a_coprocess_gets_its_answers(self):
        process = subprocess.Popen([COMMAND, "spf", "--batch", "--zone", GOOD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for n in (1, 2):
            process.stdin.write(b"example.org\n")
            process.stdin.flush()
            self.assertEqual(json.loads(process.stdout.readline())["n"], n)
        process.stdin.close()
        self.assertEqual(process.wait(30), 0)
        process.stdout.close()


if __name__ == "__main__":
    unittest.main()
