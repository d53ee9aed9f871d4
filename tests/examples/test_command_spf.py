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
        self.assertTrue(out.startswith("example.com: something is wrong with the SPF record."), out)
        self.assertIn("12 terms ask DNS where 10 are allowed", out)
        self.assertIn("example.com: 12 lookups, and 10 are allowed; 2 find nothing", out)
        self.assertRegex(out, r"(?m)^    4    include:_spf.suite.example.net$")
        self.assertRegex(out, r"(?m)^    1    include:gone.example.net   does not exist$")
        self.assertLessEqual(out.count("\n"), 60)
        verbose, _, _ = run("example.com", "--zone", BROKEN, "-v", status=1)
        self.assertGreater(verbose.count("\n"), out.count("\n"))

    def test_one_record_to_copy(self):
        """Findings about the same record: it is shown once, and what others change besides."""
        out, _, _ = run("example.com", "--zone", BROKEN, status=1)
        self.assertEqual(out.count('example.com. 3600 IN TXT "v=spf1'), 1)
        self.assertIn('"v=spf1 mx include:_spf.suite.example.net include:_spf.letters.example.net include:_spf.shop.example.net ~all"\n', out)
        self.assertEqual(out.count("The record above mends this too."), 2)
        found = json.loads(run("example.com", "--zone", BROKEN, "--json", status=1)[0])
        self.assertIn('"%s"\n' % found["checks"][0]["expected"][0], out)
        # an address is a matter of choice: its record is for those who want it
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write('example.org. 60 IN SOA a. b. 1 2 3 4 5\nexample.org. 60 IN TXT "v=spf1 ip4:10.0.0.1 ip4:192.0.2.1 -all"\n')
            file.flush()
            out, _, _ = run("--ip", "203.0.113.9", "--from", "a@example.org", "--zone", file.name, status=1)
        self.assertEqual(out.count("IN TXT"), 1)
        self.assertIn('"v=spf1 ip4:10.0.0.1 ip4:192.0.2.1 ip4:203.0.113.9 -all"\n', out)
        self.assertIn("In the record above also leave out: ip4:10.0.0.1\n", out)
        out, _, _ = run("www.example.com", "--zone", BROKEN, status=1)
        self.assertEqual(out.count("IN TXT"), 1)
        self.assertEqual(out.count("The record above mends this too."), 2)
        self.assertIn("> ipv4:192.0.2.80", out)
        self.assertIn("May send    nobody\n", out)
        verbose, _, _ = run("www.example.com", "--zone", BROKEN, "-v", status=1)
        self.assertEqual((verbose.count("- www.example.com. 3600 IN TXT"), verbose.count("+ www.example.com. 3600 IN TXT")), (3, 3))

    def test_what_is_never_looked_at_costs_nothing(self):
        with tempfile.NamedTemporaryFile("w", suffix=".zone") as file:
            file.write('example.org. 60 IN SOA a. b. 1 2 3 4 5\nexample.org. 60 IN TXT "v=spf1 a redirect=x.example.org -all a:y.example.org"\n'
                       'example.org. 60 IN A 192.0.2.1\nx.example.org. 60 IN TXT "v=spf1 -all"\ny.example.org. 60 IN A 192.0.2.2\n')
            file.flush()
            out, _, _ = run("example.org", "--zone", file.name, status=0)
        self.assertIn("example.org: 1 of 10 lookups\n    1    a\n         redirect=x.example.org\n", out)
        self.assertIn("\n         -all\n         a:y.example.org\n", out)

    def test_who_was_asked_about(self):
        for arguments, words in (
                (("--ip", "192.0.2.25", "example.org."), "192.0.2.25 for postmaster@example.org\n"),
                (("--ip", "192.0.2.25", "--domain", "example.org", "--from", ""), "192.0.2.25 for postmaster@example.org\n"),
                (("--ip", "192.0.2.25", "--from", "", "--helo", "example.org"), "a bounce: the name in HELO is checked"),
                (("--ip", "2001:db8::25", "--from", "a@example.org"), "2001:db8::25 for a@example.org\n")):
            out, _, _ = run(*arguments, "--zone", GOOD, status=0)
            self.assertTrue(out.startswith("pass: "), out)
            self.assertIn(words.strip(), " ".join(out.split()))
        out, _, _ = run("--ip", "192.0.2.25", "--from", "a@example.org", "--no-lint", "--zone", GOOD, status=0)
        self.assertNotIn("Nothing is wrong", out)
        self.assertNotIn("May send", out)

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
        said = " ".join(out.split())
        self.assertIn("The zone files given do not have this part of DNS. Ask again later, through another resolver, or with the "
                      "zone file or recording that has it;", said)
        out, _, _ = run("--ip", "192.0.2.1", "--from", "a@elsewhere.test", "--zone", GOOD, "--no-lint", status=2)
        self.assertIn("(dns.unknown) The zone files given do not have this part of DNS. Ask again", " ".join(out.split()))

    def test_names_that_spf_cannot_check(self):
        out, _, _ = run("localhost", "--zone", GOOD, status=1)
        self.assertTrue(out.startswith("localhost: SPF cannot check such a name.\n"), out)
        self.assertIn("localhost has one label;", out)
        for arguments in (("--from", "root@localhost"), ("--from", "a@a..b"), ("--from", "", "--helo", "[192.0.2.1]")):
            out, _, _ = run("--ip", "192.0.2.1", *arguments, "--zone", GOOD, status=1)
            self.assertTrue(out.startswith("none: SPF cannot check such a name.\n"), out)
        out, _, _ = run("--batch", "--zone", GOOD, text="\u00fc" * 70 + ".example\nlocalhost\nexample.org\n", status=1)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertIn("give a domain that can exist", lines[0]["error"])
        self.assertEqual([line["health"] for line in lines[1:]], ["fail", "pass"])

    def test_usage(self):
        for arguments, words in ((("--ip", "1.2.3", "--from", "a@b"), "--ip takes"), ((), "give --ip and --from"),
                                 (("--ip", "192.0.2.1"), "give the sender"), (("a@b.example",), "is no domain"),
                                 (("--ip", "192.0.2.1", "--from", ""), "give --helo"), (("--ip", "192.0.2.1", "--from", "<>"), "give --helo"),
                                 (("192.0.2.1",), "is no domain"), (("a..example",), "is no domain"), (("x" * 64 + ".example",), "is no domain"),
                                 (("--domain", "a..example"), "no such domain"), (("x.example." * 30,), "is no domain"),
                                 (("\u00fc" * 70 + ".example", "--zone", GOOD), "nothing to look at"),
                                 (("example.org\x1b[31m",), "is no domain"), (("--opinion", "moo", "example.org"), "--opinion takes"),
                                 (("--batch", "--record", "x"), "--record is for one check"),
                                 (("example.org", "--no-lint"), "give --ip too"),
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

    def test_a_recording_with_other_options(self):
        """Options come from the recording unless they are given."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.world")
            run("--ip", "203.0.113.9", "--from", "a@example.org", "--zone", GOOD, "--record", path, "--json", "--now", "1700000000", status=1)
            out, _, _ = run("--world", path, "--ip", "192.0.2.25", "--json", status=0)
            found = json.loads(out)
            spf = found["results"]["spf"]
            self.assertEqual((spf["result"], spf["ip"], spf["sender"]), ("pass", "192.0.2.25", "a@example.org"))
            self.assertEqual((found["checked_at"], len(spf["opinions"])), ("2023-11-14T22:13:20Z", 3))
            out, _, _ = run("--world", path, "--profile", "none", "--no-lint", "--now", "1700000001", "--json")
            spf = json.loads(out)["results"]["spf"]
            self.assertEqual((spf["opinions"], spf["addresses"], json.loads(out)["checked_at"]), ([], None, "2023-11-14T22:13:21Z"))
            out, _, _ = run("--batch", "--world", path, text="--ip 192.0.2.25\n--ip 198.51.100.1 --from b@example.org\n", status=0)
            self.assertEqual([json.loads(line)["results"]["spf"]["result"] for line in out.splitlines()], ["pass", "pass"])
            with open(path, "w") as file:
                file.write("$option ip 1.2.3\n")
            run("--world", path, "example.org", status=64)

    def test_opinion_of_libspf2(self):
        asked = ("--ip", "203.0.113.77", "--from", "a@example.com", "--zone", BROKEN, "--opinion", "libspf2")
        out, err, status = run(*asked, "--json")
        if status == 64 and "this build has no" in err:
            self.skipTest("built without libspf2")
        self.assertEqual(json.loads(out)["results"]["spf"]["opinions"][-1]["by"], "libspf2")
        _, err, _ = run("example.com", "--zone", BROKEN, "--opinion", "libspf2", status=64)
        self.assertIn("give --ip", err)
        out, _, _ = run("--batch", *asked[4:], text="--ip 203.0.113.77 --from a@example.com\nexample.com\n", status=0)
        first, second = [json.loads(line)["results"]["spf"]["opinions"] for line in out.splitlines()]
        self.assertEqual(([o["by"] for o in first][-1:], second), (["libspf2"], []))
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.world")
            first, _, _ = run(*asked, "--json", "--record", path)
            for more in ((), ("--opinion", "libspf2")):
                self.assertEqual(run("--world", path, "--json", *more)[0], first)
            out, _, _ = run("--world", path, "--ip", "192.0.2.25", "--json")
            self.assertNotIn("libspf2", out)  # it was about another host

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
            # An alias to the provider's record, which DNS has, by two askers at once and from the cache.
            file.write('_spf 60 IN CNAME letters.test.\nother 60 IN CNAME letters.test.\n'
                       'two 60 IN TXT "v=spf1 include:_spf.new.test include:other.new.test -all"\n')
            file.flush()
            out, _, _ = run("--ip", "203.0.113.6", "--from", "a@two.new.test", "--zone", file.name, "--overlay", "--json",
                            "--resolver", "127.0.0.1:%d" % server.port, status=None)
            asks = {ask["name"]: ask for ask in json.loads(out)["asks"]}
            self.assertEqual(json.loads(out)["results"]["spf"]["result"], "fail")
            self.assertEqual([asks[name]["state"] for name in ("_spf.new.test.", "other.new.test.")], ["present"] * 2)
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
    ODD = [("--ip", "there is no value for option --ip"), ("--json example.org", "a line cannot have the option --json"),
           ("a.example b.example", "there is more than one domain: b.example"), ("-v", "there is no option -v"),
           ("--moo x", "there is no option --moo"), ("--no-lint=1 a.example", "this option takes no value: --no-lint=1"),
           ("a@b", "this is no domain: a@b"), ('--ip "', "a quote is not closed"), ("", "the line is empty"), (" \t", "the line is empty"),
           ('--ip 192.0.2.1 --from ""', "give --helo"), ("a\0b", "there is a NUL in the line"), ("x" * 70000, "the line is too long"),
           ("x " * 100, "there are too many words in this line"), ("\x1b[31m", "this is no domain: \\x1B[31m"),
           ("a..example", "this is no domain: a..example"), ("--domain a..example", "there can be no such domain")]
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

    def test_what_is_wrong_with_a_line(self):
        lines = [line for line, _ in self.ODD] + ['--ip 192.0.2.25 --from "\\"a b\\"@example.org"', "example.org\r", "--ip 192.0.2.25 example.org"]
        out, err, _ = run("--batch", "--zone", GOOD, text="\n".join(lines) + "\n", status=1)
        objects = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(err, "")
        self.assertEqual([o["n"] for o in objects], list(range(1, len(lines) + 1)))
        for (line, words), found in zip(self.ODD, objects):
            self.assertIn(words, found["error"], line[:40])
        self.assertEqual([o["health"] for o in objects[len(self.ODD):]], ["pass"] * 3)
        self.assertEqual(objects[-3]["results"]["spf"]["sender"], '"a b"@example.org')

    def test_a_line_decides_over_the_command_line(self):
        out, _, _ = run("--batch", "--zone", GOOD, "--profile", "rspamd-30", "--from", "a@example.org", "--ip", "192.0.2.25", status=0,
                        text="--helo x\n--profile no-void-limit --profile void-per-query\n--ip 192.0.2.26 --profile none\n")
        found = [json.loads(line)["results"]["spf"] for line in out.splitlines()]
        self.assertEqual([(spf["ip"], spf["result"], [o["by"] for o in spf["opinions"]]) for spf in found],
                         [("192.0.2.25", "pass", ["rspamd-30"]), ("192.0.2.25", "pass", ["void-per-query", "no-void-limit"]),
                          ("192.0.2.26", "fail", [])])

    def test_unordered_is_not_held_back(self):
        """Thousands of lines behind one that gets no answer, more than there are in the window of ordered output."""
        server = rows.Server(rows.Zone([["slow.test", "ERR", "TIMEOUT", "*"]] +
                                       [["d%d.test" % i, "TXT", "v=spf1 -all"] for i in range(5000)]))
        where = "127.0.0.1:%d" % server.port
        process = subprocess.Popen([COMMAND, "spf", "--batch", "--unordered", "--no-lint", "--timeout", "60", "--resolver", where],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        lines = "--ip 192.0.2.1 --from a@slow.test\n" + "".join("--ip 192.0.2.1 --from a@d%d.test\n" % i for i in range(5000))
        writer = threading.Thread(target=self.write, args=(process.stdin, lines.encode()))
        writer.start()
        numbers = [json.loads(process.stdout.readline())["n"] for _ in range(5000)]
        process.kill()
        process.wait(30)
        writer.join()
        process.stdout.close()
        self.assertEqual(sorted(numbers), list(range(2, 5002)))
        out, _, _ = run("--batch", "--no-lint", "--timeout", "1", "--resolver", where, text=lines)
        self.assertEqual([json.loads(line)["n"] for line in out.splitlines()], list(range(1, 5002)))
        server.close()

    def test_a_state_is_not_lost(self):
        with tempfile.TemporaryDirectory() as folder:
            state = os.path.join(folder, "state")
            with open(state, "w") as file:
                file.write("what is this\n")
            _, err, _ = run("--batch", "--zone", GOOD, "--resume", state, text="example.org\n", status=66)
            self.assertIn("is no file of --resume", err)
            with open(state) as file:
                self.assertEqual(file.read(), "what is this\n")
            with open(state, "w") as file:
                file.write("7\n")
            out, _, _ = run("--batch", "--zone", GOOD, "--resume", state, text="example.org\n" * 5, status=0)
            self.assertEqual(out, "")
            with open(state) as file:
                self.assertEqual(file.read(), "7\n")
            out, _, _ = run("--batch", "--zone", GOOD, "--resume", state, text="example.org\n" * 9, status=0)
            self.assertEqual([json.loads(line)["n"] for line in out.splitlines()], [8, 9])
            with open(state) as file:
                self.assertEqual(file.read(), "9\n")

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
