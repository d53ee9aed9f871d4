"""What callers of the command rely on: exit status, JSON, batches, and a safe screen.

Drives the command at $MAILHEALTH_COMMAND (default: build/mailhealth of the checkout).
"""
import fcntl
import json
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import sys
import tempfile
import termios
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("MAILHEALTH_COMMAND", str(TOP / "build/mailhealth"))
REPLIES = sorted((TOP / "examples/replies").glob("*.txt"))

BT = "554 Message rejected, policy (3.2.1.1) - Your message looks like SPAM please read www.bt.com/bulksender"
GMAIL = (
    "550-5.7.26 This mail has been blocked because the sender is unauthenticated.\r\n"
    "550 5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. - gsmtp\r\n"
)

GOOD_RULE = """
rule acme.seventeen {
	reason  content-rejected
	text    "acme gateway rule"
	meaning "Acme's gateway does not let encrypted archives in."
	sample  "550 5.7.1 Rejected by Acme gateway, rule 17"
}
"""


def run(*args, stdin=b"", env=None, **more):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    environment.update(env or {})
    return subprocess.run(
        [COMMAND, *args], input=stdin, capture_output=True, env=environment, timeout=60, check=False, **more
    )


def run_on_terminal(*args, env=None, columns=80):
    """stdout of the command as a terminal gets it"""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
    environment.pop("NO_COLOR", None)
    environment.update(env or {})
    child = subprocess.Popen([COMMAND, *args], stdin=subprocess.DEVNULL, stdout=other, env=environment)
    os.close(other)
    seen = b""
    while select.select([main], [], [], 30)[0]:
        try:
            piece = os.read(main, 65536)
        except OSError:  # EIO: nobody writes any more
            break
        if not piece:
            break
        seen += piece
    os.close(main)
    child.wait(30)
    return seen.decode("utf-8")


class CommandTest(unittest.TestCase):
    maxDiff = None

    def usage(self, *args, stdin=b"", status=64):
        """the call fails with one line on stderr and nothing on stdout; gives that line"""
        done = run(*args, stdin=stdin)
        line = done.stderr.decode("utf-8")
        self.assertEqual((done.returncode, done.stdout), (status, b""), line)
        self.assertRegex(line, r"\Amailhealth: [^\n]+\n\Z")
        return line

    def objects(self, done):
        text = done.stdout.decode("utf-8")
        self.assertTrue(text == "" or text.endswith("\n"))
        lines = text.split("\n")[:-1]
        self.assertEqual(len(lines), len(text.splitlines()), "a line end of Unicode was not escaped")
        return [json.loads(line) for line in lines]

    def reply(self, *args, stdin=b""):
        done = run("reply", "--json", *args, stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        objects = self.objects(done)
        self.assertEqual(len(objects), 1)
        return objects[0]


class Calls(CommandTest):
    def test_help_and_version(self):
        for args in (["--help"], ["-h"], ["help"], ["reply", "--help"], ["reply", "-h"], ["findings", "--help"]):
            done = run(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""), args)
            self.assertTrue(done.stdout.startswith(b"Usage: mailhealth"), args)
            self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 100)
        for args in (["--version"], ["reply", "--version"], ["findings", "-V"]):
            done = run(*args)
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout.decode(), r"\Amailhealth \d+\.\d+\.\d+ \(libmailhealth \d+\.\d+\.\d+\)\n\Z")

    def test_help_names_every_option(self):
        text = run("reply", "--help").stdout.decode()
        for option in ("json batch provider mx phase form code status rules site-rules advice verbose").split():
            self.assertRegex(text, rf"--{option}\b")

    def test_wrong_calls(self):
        self.usage()
        self.usage("")
        self.usage("frobnicate")
        self.assertIn("mailhealth reply", self.usage("550 5.1.1 User unknown"))
        self.usage("reply", "--frobnicate", "x")
        self.usage("reply", "-x", "x")
        self.usage("reply", "--json=yes", "x")
        self.usage("reply", "--phase")
        self.usage("reply", "--phase", "lunch", "x")
        self.usage("reply", "--phase", "", "x")
        self.usage("reply", "--form", "letter", "x")
        for code in ("", "9", "199", "600", "5500", "abc", "+55", "2 0"):
            self.usage("reply", "--code", code, "x")
        self.usage("reply", "--status", "nonsense", "x")
        self.usage("reply", "--batch", "some text")
        self.usage("reply", "--advice", "--json", "x")
        self.usage("findings", "no.such-finding")
        self.usage("findings", "a", "b")
        self.usage("findings", "--batch")

    def test_complaints_are_safe(self):
        self.assertNotIn("\x1b", self.usage("\x1b]0;owned\x07"))
        self.assertNotIn("\u202e", self.usage("reply", "--phase", "\u202egnp.exe", "x"))
        self.usage("reply", "--\nb", "x")

    def test_words_are_joined(self):
        joined = self.reply("550", "5.1.1", "User", "unknown")
        self.assertEqual(joined, self.reply("550 5.1.1 User unknown"))
        self.assertEqual(self.reply("--", "-", "550")["code"], self.reply("- 550")["code"])

    def test_stdin_is_read(self):
        for args in ([], ["-"]):
            self.assertEqual(self.reply(*args, stdin=GMAIL)["status"], "5.7.26")

    def test_options_stand_anywhere(self):
        first = run("reply", "--json", "--phase", "rcpt", BT)
        last = run("reply", BT, "--phase=rcpt", "--json")
        self.assertEqual(first.stdout, last.stdout)

    def test_unreadable_input(self):
        with tempfile.TemporaryDirectory() as folder:
            stdin = os.open(folder, os.O_RDONLY)
            self.addCleanup(os.close, stdin)
            for args in (["reply"], ["reply", "--batch"]):
                done = subprocess.run([COMMAND, *args], stdin=stdin, capture_output=True, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stdout), (66, b""))
                self.assertEqual(done.stderr.count(b"\n"), 1)

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs /dev/full")
    def test_full_disk(self):
        for args in (["reply", BT], ["reply", "--json", BT], ["findings"], ["findings", "--json"], ["--help"]):
            with open("/dev/full", "wb") as full:
                done = subprocess.run(
                    [COMMAND, *args], stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
                )
            self.assertEqual(done.returncode, 70, args)
            self.assertEqual(done.stderr.count(b"\n"), 1)


class Json(CommandTest):
    def test_keys(self):
        reply = self.reply(GMAIL)
        keys = "schema n kind code status lines reason alternatives confidence rule span permanence class scope retry"
        keys += " retry_after_s actor provider template advice facts disagreements next"
        self.assertEqual(set(keys.split()) - set(reply), set())
        self.assertEqual((reply["schema"], reply["n"], reply["kind"]), (1, 1, "reply"))
        self.assertEqual((reply["code"], reply["status"], reply["permanence"]), (550, "5.7.26", "permanent"))
        self.assertEqual([line["code"] for line in reply["lines"]], [550, 550])
        for key in "ip domain email url id blocklist limit".split():
            self.assertIsInstance(reply["facts"][key], list)

    def test_unknown_is_null_or_empty(self):
        reply = self.reply("gibberish without any number")
        self.assertIsNone(reply["code"])
        self.assertIsNone(reply["retry_after_s"])
        self.assertEqual((reply["status"], reply["permanence"]), ("", "unknown"))

    def test_span_is_octets_of_the_input(self):
        text = "554 5.2.2 Büro <x@example.org>: mailbox full"
        reply = self.reply(text)
        self.assertEqual(reply["reason"], "mailbox-full")
        begin, end = reply["span"]
        self.assertIn(b"mailbox full", text.encode()[begin:end])

    def test_line_ends_of_unicode_are_escaped(self):
        done = run("reply", "--json", "550 5.7.1 a\u2028b\u2029c\u0085d\x01e")
        self.assertEqual(done.returncode, 0)
        for octets in ("\u2028", "\u2029", "\u0085", "\x01"):
            self.assertNotIn(octets.encode(), done.stdout)
        self.assertEqual(done.stdout.count(b"\n"), 1)
        self.objects(done)

    def test_any_octets_give_utf8(self):
        done = run("reply", "--json", stdin=b"550 5.7.1 \xff\xfe gar\xe7on \xed\xa0\x80 \x00 \x1b[2J\r\n")
        self.assertEqual(done.returncode, 0)
        self.objects(done)

    def test_all_replies_of_the_demo(self):
        self.assertGreaterEqual(len(REPLIES), 6)
        for path in REPLIES:
            with self.subTest(path.name):
                reply = self.reply(stdin=path.read_bytes())
                self.assertNotIn(reply["reason"], ("unknown", "accepted"))
                self.assertGreater(len(reply["advice"]), 0)

    def test_findings(self):
        done = run("findings", "--json")
        (catalogue,) = self.objects(done)
        self.assertEqual((catalogue["schema"], catalogue["kind"]), (1, "findings"))
        rows = catalogue["findings"]
        self.assertEqual([row["number"] for row in rows], sorted(row["number"] for row in rows))
        for row in rows:
            self.assertEqual(set(row), set("id number severity title reason remedy spec since".split()))
            self.assertIn(row["severity"], ("info", "warn", "fail"))
            for name in (row["id"], str(row["number"])):
                done = run("findings", "--json", name)
                self.assertEqual(self.objects(done)[0]["findings"], [row])
            self.assertIn(row["id"], run("findings", row["id"]).stdout.decode())
        self.assertEqual(len(run("findings").stdout.splitlines()), len(rows))


class Batch(CommandTest):
    def batch(self, stdin, status=0):
        done = run("reply", "--batch", stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (status, b""))
        return self.objects(done)

    def test_nothing(self):
        self.assertEqual(self.batch(b""), [])

    def test_order_and_numbers(self):
        codes = [400 + i % 100 for i in range(3000)]
        objects = self.batch("".join(f"{code} line {code}\n" for code in codes))
        self.assertEqual([o["n"] for o in objects], list(range(1, 3001)))
        self.assertEqual([o["code"] for o in objects], codes)

    def test_last_line_needs_no_end(self):
        self.assertEqual([o["code"] for o in self.batch(b"550 a\n421 b")], [550, 421])
        self.assertEqual([o["code"] for o in self.batch(b"550 a\r\n421 b\r\n")], [550, 421])

    def test_empty_lines_count(self):
        self.assertEqual([(o["n"], o["code"]) for o in self.batch(b"\n550 a\n\n")], [(1, None), (2, 550), (3, None)])

    def test_escapes(self):
        (reply,) = self.batch(rb"550-5.7.26 first\r\n550 5.7.26 second" + b"\n")
        self.assertEqual([line["text"].strip() for line in reply["lines"]], ["first", "second"])
        (reply,) = self.batch(rb"550 a\\nb \d \ " + b"\n")
        self.assertEqual(len(reply["lines"]), 1)
        self.assertIn(r"a\nb \d", reply["lines"][0]["text"])

    def test_same_as_alone(self):
        escaped = GMAIL.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
        (batched,) = self.batch(escaped + "\n")
        self.assertEqual(batched, self.reply(stdin=GMAIL))

    def test_a_long_line_is_an_error_and_the_run_goes_on(self):
        objects = self.batch(b"550 a\n" + b"x" * 1200000 + b"\n421 b\n", status=1)
        self.assertEqual([o["n"] for o in objects], [1, 2, 3])
        self.assertEqual([("error" in o) for o in objects], [False, True, False])
        self.assertEqual((objects[1]["schema"], objects[1]["kind"]), (1, "reply"))
        self.assertEqual(objects[2]["code"], 421)

    def test_long_but_readable(self):
        (reply,) = self.batch(b"550 5.7.1 " + b"x " * 400000 + b"\n")
        self.assertEqual(reply["code"], 550)

    def test_hostile_octets(self):
        noise = bytes(range(256)).replace(b"\n", b"") + b"\n"
        objects = self.batch(noise * 50)
        self.assertEqual([o["n"] for o in objects], list(range(1, 51)))
        self.assertEqual(len({json.dumps({**o, "n": 0}) for o in objects}), 1)

    def test_coprocess(self):
        """an answer comes before the next question"""
        with subprocess.Popen([COMMAND, "reply", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            for n in (1, 2, 3):
                child.stdin.write(b"550 5.1.1 User unknown\n")
                child.stdin.flush()
                self.assertTrue(select.select([child.stdout], [], [], 20)[0])
                self.assertEqual(json.loads(child.stdout.readline())["n"], n)
            child.stdin.close()
            self.assertEqual(child.wait(20), 0)


class Screen(CommandTest):
    def screen(self, *args, stdin=b""):
        done = run("reply", *args, stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode("utf-8")

    def test_fits(self):
        for path in REPLIES:
            with self.subTest(path.name):
                text = self.screen(stdin=path.read_bytes())
                lines = text.splitlines()
                self.assertLessEqual(len(lines), 36)
                for line in lines:
                    self.assertTrue(len(line) <= 80 or " " not in line.strip(), line)

    def test_answers_the_questions(self):
        text = self.screen(BT)
        self.assertRegex(text.splitlines()[0], r"refused this message")
        for label in ("For good", "Who acts", "What to do"):
            self.assertRegex(text, rf"(?m)^{label}  ")
        self.assertRegex(self.screen("421 4.7.0 Try again later"), r"(?m)^For now  ")

    def test_verbose_tells_more(self):
        text = self.screen("-v", GMAIL)
        for label in ("Rule", "Confidence", "Lines", "Template"):
            self.assertRegex(text, rf"(?m)^{label}  ")

    def test_advice(self):
        text = self.screen("--advice", BT)
        self.assertRegex(text, r"(?m)^Write to  ")

    def test_no_escapes_in_a_pipe(self):
        for args in ([BT], ["-v", BT], ["--advice", BT]):
            self.assertNotIn("\x1b", self.screen(*args))

    def test_hostile_reply(self):
        text = (
            "550 5.7.1 \x1b[31mred\x1b]0;title\x07 \u202egnp.exe \u009b2J \x08\x08 \u2066x\u2069 \u200b "
            "<a\x1b[2J@example.org> http://example.org/\u202e [192.0.2.1] spam \x7f"
        )
        hidden = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
        for args in ([], ["-v"], ["--advice"]):
            for stdin in (text.encode(), text.encode() + b"\xff\x9b\xc2", text.encode("utf-16-le")):
                self.assertIsNone(hidden.search(self.screen(*args, stdin=stdin)))

    def test_long_replies_stay_short(self):
        text = self.screen("-v", stdin="550 5.7.1 " + "http://example.org/%s " % ("x" * 3000) * 20)
        self.assertLess(len(text), 20000)

    def test_terminal(self):
        text = run_on_terminal("reply", BT)
        self.assertIn("\x1b[1", text)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")
        self.assertNotIn("\x1b", plain)
        self.assertEqual(plain, run("reply", BT).stdout.decode())

    def test_no_color(self):
        self.assertNotIn("\x1b", run_on_terminal("reply", BT, env={"NO_COLOR": "1"}))
        self.assertNotIn("\x1b", run_on_terminal("reply", BT, env={"TERM": "dumb"}))
        self.assertIn("\x1b", run_on_terminal("reply", BT, env={"NO_COLOR": ""}))

    def test_terminal_width(self):
        for columns, most in ((60, 60), (300, 100)):
            text = run_on_terminal("reply", BT, env={"NO_COLOR": "1"}, columns=columns)
            widest = max((line for line in text.splitlines() if "://" not in line), key=len)
            self.assertLessEqual(len(widest), most, widest)
            self.assertGreater(len(widest), most - 25)

    def test_terminal_that_is_not_utf8(self):
        for value in ("C", "de_DE.ISO-8859-1", ""):
            text = run_on_terminal(
                "reply", "-v", "550 5.1.1 Büro unknown \u04db", env={"LC_ALL": value, "LC_CTYPE": "", "LANG": ""}
            )
            self.assertTrue(text.isascii())

    def test_unknown_reply_still_says_something(self):
        text = self.screen("gibberish without any number")
        self.assertIn("unknown", text.splitlines()[0] + text.splitlines()[1])
        self.assertIn("no reply code", text)


class Rules(CommandTest):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def test_good_rules(self):
        text = "550 5.7.1 Rejected by Acme gateway, rule 4711"
        self.assertNotEqual(self.reply(text)["rule"], "acme.seventeen")
        path = self.file("good.rules", GOOD_RULE)
        for option in ("--rules", "--site-rules"):
            reply = self.reply(option, path, text)
            self.assertEqual((reply["rule"], reply["reason"]), ("acme.seventeen", "content-rejected"))
        self.assertIn("encrypted archives", run("reply", f"--rules={path}", text).stdout.decode())

    def test_user_rules_decide_over_site_rules(self):
        text = "550 5.7.1 Rejected by Acme gateway, rule 4711"
        site = self.file("site.rules", GOOD_RULE)
        user = self.file("user.rules", GOOD_RULE.replace("acme.seventeen", "mine.rule").replace("content-rejected", "virus"))
        for args in (["--rules", user, "--site-rules", site], ["--site-rules", site, "--rules", user]):
            self.assertEqual(self.reply(*args, text)["rule"], "mine.rule")

    def test_batch_uses_rules(self):
        path = self.file("good.rules", GOOD_RULE)
        done = run("reply", "--batch", "--rules", path, stdin=b"550 5.7.1 Acme gateway rule 1\n")
        self.assertEqual(self.objects(done)[0]["rule"], "acme.seventeen")

    def test_bad_rules(self):
        path = self.file("bad.rules", GOOD_RULE.replace("content-rejected", "no-such-reason"))
        line = self.usage("reply", "--rules", path, BT, status=66)
        self.assertRegex(line, r"bad\.rules:3:\d+: ")
        # a sample that its rule does not win
        path = self.file("stolen.rules", GOOD_RULE.replace("Acme gateway, rule", "somebody else"))
        self.assertRegex(self.usage("reply", "--rules", path, BT, status=66), r"stolen\.rules:\d+:\d+: ")

    def test_missing_rules(self):
        self.assertIn("nowhere", self.usage("reply", "--rules", str(self.folder / "nowhere.rules"), BT, status=66))
        self.usage("reply", "--rules", str(self.folder), BT, status=66)


if __name__ == "__main__":
    if not os.access(COMMAND, os.X_OK):
        sys.exit(f"there is no command at {COMMAND}")
    unittest.main()
