"""What callers of the command rely on: exit status, JSON, batches, and a safe screen.

Drives the command at $MAILHEALTH_COMMAND (default: build/mailhealth of the checkout).
"""
import fcntl
import gzip
import json
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

TOP = pathlib.Path(__file__).resolve().parents[2]
COMMAND = os.environ.get("MAILHEALTH_COMMAND", str(TOP / "build/mailhealth"))
REPLIES = sorted((TOP / "examples/replies").glob("*.txt"))
POSTFIX = TOP / "examples/logs/postfix.log"
SENDMAIL = TOP / "examples/logs/sendmail.log"
BOUNCES = sorted((TOP / "examples/bounces").glob("*.eml"))
NOW = ("--now", "1795680000", "--utc-offset", "+0000")  # 26 November 2026, 8 o'clock
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")

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
        calls = [["--help"], ["-h"], ["help"], ["reply", "-h"]]
        for args in calls + [[word, "--help"] for word in "reply log bounce explain domain host zone findings".split()]:
            done = run(*args)
            self.assertEqual((done.returncode, done.stderr), (0, b""), args)
            self.assertTrue(done.stdout.startswith(b"Usage: mailhealth"), args)
            self.assertLessEqual(max(map(len, done.stdout.decode().splitlines())), 100)
        for args in (["--version"], ["reply", "--version"], ["findings", "-V"]):
            done = run(*args)
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout.decode(), r"\Amailhealth \d+\.\d+\.\d+ \(libmailhealth \d+\.\d+\.\d+\)\n\Z")

    def test_help_names_every_option(self):
        options = {
            "reply": "json batch provider mx phase form code status rules site-rules advice verbose",
            "log": "follow top unknown verbose json batch utc-offset now rules site-rules",
            "bounce": "verbose json batch rules site-rules",
            "explain": "verbose json utc-offset now rules site-rules check domain ip helo selector zone overlay world resolver trust-ad timeout",
            "spf": "ip from helo domain receiver profile opinion no-lint verbose json batch unordered resume resolver "
                   "trust-ad zone overlay world record timeout now",
            "domain": "ip helo selector dkim-key profile html no-lists no-guess no-fetch list-key ca https-port allow-private verbose json "
                      "batch unordered resume resolver trust-ad zone overlay world record timeout now",
            "host": "helo profile html no-lists list-key verbose json batch unordered resume resolver trust-ad zone overlay world record "
                    "timeout now",
            "zone": "origin verbose json now",
        }
        completion = (TOP / "examples/mailhealth/mailhealth.bash").read_text(encoding="utf-8")
        for command, names in options.items():
            text = run(command, "--help").stdout.decode()
            page = (TOP / f"lib/man/mailhealth-{command}.1").read_text(encoding="utf-8")
            for option in names.split():
                self.assertRegex(text, rf"--{option}\b")
                self.assertIn(f"Fl Fl {option}", page)
                self.assertIn(f"--{option}", completion)

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


def postfix(said, day=20, n=0, to="user@example.net", relay="mx.example.net[198.51.100.1]:25", status="bounced", more=""):
    """a delivery of Postfix"""
    return (
        f"2026-11-{day:02d}T08:{n // 60 % 60:02d}:{n % 60:02d}.000000+00:00 mail postfix/smtp[99]: {n:08X}: to=<{to}>,{more} "
        f"relay={relay}, delay=1, delays=0/0/0/1, dsn={'4.0.0' if status == 'deferred' else '5.0.0'}, status={status} "
        f"(host mx.example.net[198.51.100.1] said: {said} (in reply to RCPT TO command))\n"
    )


class Files(CommandTest):
    """a folder for files of their own"""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    def screen(self, *args, stdin=b""):
        done = run(*args, stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        text = done.stdout.decode("utf-8")
        for line in text.splitlines():
            self.assertTrue(len(line) <= 80 or " " not in line.strip(), line)
        self.assertIsNone(HIDDEN.search(text))
        return text

    def words(self, *args, stdin=b""):
        """the screen as one reads it aloud: without its line ends"""
        return " ".join(self.screen(*args, stdin=stdin).split())

    def summary(self, *args, stdin=b"", status=0):
        done = run("log", "--json", *NOW, *map(str, args), stdin=stdin)
        self.assertEqual(done.returncode, status, done.stderr)
        (one,) = self.objects(done)
        return one


class Log(Files):
    def test_wrong_calls(self):
        for args in (
            ["--frobnicate"], ["--top"], ["--top", "x"], ["--top", "-1"], ["--top", ""], ["--now", "yesterday"],
            ["--now", "-5"], ["--utc-offset", "CET"], ["--utc-offset", "+25"], ["--utc-offset", "+9900"],
            ["--batch", "x.log"], ["--batch", "-f"], ["--batch", "--unknown"], ["--json", "--unknown"], ["--json=1"],
        ):  # fmt: skip
            self.usage("log", *args)
        self.assertIn("mailhealth log", self.usage("/var/log/mail.log"))

    def test_unreadable_files(self):
        self.assertIn("nowhere", self.usage("log", str(self.folder / "nowhere"), status=66))
        self.assertIn("irectory", self.usage("log", str(self.folder), status=66))
        self.usage("log", "-f", str(self.folder / "nowhere"), status=66)
        # nothing is shown of the first one if the second one is not there
        self.usage("log", str(POSTFIX), str(self.folder / "nowhere"), status=66)
        self.usage("log", "--rules", str(self.folder / "nowhere"), str(POSTFIX), status=66)
        self.assertNotIn("\x1b", self.usage("log", "\x1b]0;owned\x07", status=66))

    def test_summary_has_its_keys(self):
        one = self.summary(POSTFIX)
        keys = "schema kind lines deliveries from to by_result groups throttles forwarding tls unknown"
        self.assertEqual(set(keys.split()) - set(one), set())
        self.assertEqual((one["schema"], one["kind"]), (1, "log-summary"))
        self.assertEqual(one["lines"], len(POSTFIX.read_bytes().splitlines()))
        self.assertEqual(sum(one["by_result"].values()), one["deliveries"])
        keys = "provider reason permanence count share recipients first last template sample advice"
        for group in one["groups"]:
            self.assertEqual(set(keys.split()) - set(group), set())
        self.assertEqual((one["from"][:10], one["to"][:10]), ("2026-11-17", "2026-11-22"))

    def test_all_ways_in_are_the_same(self):
        content = POSTFIX.read_bytes()
        there = self.summary(POSTFIX)
        self.assertEqual(self.summary("-", stdin=content), there)
        self.assertEqual(self.summary(stdin=content), there)
        self.assertEqual(self.summary(self.file("log.gz", gzip.compress(content))), there)
        self.assertEqual(self.summary("-", stdin=gzip.compress(content)), there)
        self.assertEqual(self.summary(self.file("crlf", content.replace(b"\n", b"\r\n"))), there)

    def test_oldest_first_in_any_order(self):
        lines = SENDMAIL.read_bytes().splitlines(keepends=True)
        third = len(lines) // 3
        old = self.file("mail.log.2.gz", gzip.compress(b"".join(lines[:third])))
        middle = self.file("mail.log.1", b"".join(lines[third : 2 * third]))
        new = self.file("mail.log", b"".join(lines[2 * third :]))
        whole = self.summary(SENDMAIL)
        for order in ((old, middle, new), (new, middle, old), (middle, new, old)):
            self.assertEqual(self.summary(*order), whole)
        self.assertEqual(self.summary(new, self.file("empty", b""), middle, old), whole)

    def test_damaged_gzip_counts_as_far_as_it_goes(self):
        packed = gzip.compress(POSTFIX.read_bytes())
        done = run("log", "--json", *NOW, self.file("cut.gz", packed[: len(packed) // 2]))
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (66, 1))
        self.assertIn(b"cut.gz", done.stderr)
        (one,) = self.objects(done)
        self.assertGreater(one["deliveries"], 5)

    def test_batch(self):
        lines = POSTFIX.read_bytes().splitlines(keepends=True)
        done = run("log", "--batch", *NOW, stdin=b"".join(lines))
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        objects = self.objects(done)
        self.assertEqual([one["n"] for one in objects], list(range(1, len(lines) + 1)))
        deliveries = [one for one in objects if one["log"]["event"] == "delivery"]
        self.assertEqual(len(deliveries), self.summary(POSTFIX)["deliveries"])
        for one in deliveries:
            self.assertEqual((one["schema"], one["kind"], one["log"]["mta"], one["bounce"]), (1, "log", "postfix", None))

    def test_batch_takes_lines_as_they_are(self):
        line = postfix(r"550 5.1.1 no\nsuch\\user C:\temp")
        (one,) = self.objects(run("log", "--batch", stdin=line))
        self.assertIn(r"no\nsuch\\user C:\temp", one["lines"][0]["text"])
        begin, end = one["span"]
        self.assertTrue(0 <= begin < end <= len(line))

    def test_lines_that_tell_of_no_failure_have_no_advice(self):
        lines = (b"Nov 20 08:00:00 mail dovecot: imap-login: Login\n"
                 b"Nov 20 08:00:01 mail postfix/qmgr[9]: 4F1A2B3C4D: from=<a@club.example>, size=9, nrcpt=1 (queue active)\n")
        for one in self.objects(run("log", "--batch", stdin=lines)):
            self.assertEqual((one["advice"], one["actor"], one["class"]), ([], "", "unknown"))

    def test_journal(self):
        message = postfix("550 5.1.1 no").partition("]: ")[2].rstrip("\n")
        fields = {"__CURSOR": "s=1", "__REALTIME_TIMESTAMP": "1795161600000000", "_HOSTNAME": "mail",
                  "SYSLOG_IDENTIFIER": "postfix/smtp", "_PID": "811", "MESSAGE": message}
        export = "".join(f"{name}={value}\n" for name, value in fields.items()) + "\n"
        for content in (export * 3, (json.dumps(fields) + "\n") * 3):
            for octets in (content.encode(), gzip.compress(content.encode())):
                one = self.summary("-", stdin=octets)
                self.assertEqual((one["lines"], one["by_result"]["bounced"]), (3, 3))
                self.assertEqual(one["groups"][0]["first"], "2026-11-20T08:00:00Z")

    def test_batch_never_has_errors(self):
        noise = bytes(range(256)).replace(b"\n", b"") + b"\n"
        content = b"\n" + noise * 3 + b"not a log\n" + b"x" * 1200000 + b"\n" + postfix("550 5.1.1 no").encode()
        done = run("log", "--batch", stdin=content)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        objects = self.objects(done)
        self.assertEqual([one["n"] for one in objects], list(range(1, 8)))
        self.assertFalse([one for one in objects if "error" in one])
        self.assertEqual({one["log"]["mta"] for one in objects[:6]}, {""})
        self.assertEqual(objects[6]["log"]["result"], "bounced")

    def test_batch_as_a_coprocess(self):
        with subprocess.Popen([COMMAND, "log", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
            for n in (1, 2, 3):
                child.stdin.write(postfix("550 5.1.1 no", n=n).encode())
                child.stdin.flush()
                self.assertTrue(select.select([child.stdout], [], [], 20)[0])
                self.assertEqual(json.loads(child.stdout.readline())["n"], n)
            child.stdin.close()
            self.assertEqual(child.wait(20), 0)

    def test_top_and_the_rest(self):
        text = self.words("log", *NOW, "--top", "2", str(POSTFIX))
        self.assertIn("more causes", text)
        self.assertNotIn(" 3. ", text)
        self.assertIn("--top", text)
        self.assertIn("more causes", self.words("log", *NOW, "--top", "0", str(POSTFIX)))
        # of the JSON nothing is cut off
        self.assertEqual(self.summary("--top", "1", POSTFIX), self.summary(POSTFIX))

    def test_a_bad_log_fits_one_screen(self):
        content = "".join(
            postfix(said, day=20, n=n, to=f"user{n}@host{k}.example", relay=f"mx.host{k}.example[198.51.100.{k}]:25")
            for k, said in enumerate(
                ["550 5.1.1 User unknown", "554 5.7.1 spam", "450 4.2.0 Greylisted", "552 5.2.2 Mailbox full",
                 "421 4.7.0 Too many connections", "550 5.7.1 SPF fail", "550 5.7.1 blocked using zen.spamhaus.org",
                 "550 5.7.25 no PTR record", "550 5.7.20 DKIM failed", "550 5.7.26 DMARC failed",
                 "552 5.3.4 message too big", "550 virus found", "451 4.3.0 internal error"]
            )
            for n in range(k * 20, k * 20 + 20 - k)
        )  # fmt: skip
        text = self.screen("log", *NOW, "-", stdin=content)
        self.assertTrue(24 <= len(text.splitlines()) <= 60, text)
        self.assertRegex(text.splitlines()[0], r"^[\d,]+ deliveries on Friday 20 November: .* refused")
        self.assertIn("needs doing", " ".join(text.splitlines()[1:3]))

    def test_nothing_failed(self):
        line = POSTFIX.read_text(encoding="ascii").splitlines()
        content = "\n".join(one for one in line if "status=sent" in one) + "\n"
        text = self.words("log", *NOW, "-", stdin=content)
        self.assertIn("Nothing failed", text)
        self.assertNotIn("1. ", text)

    def test_no_deliveries(self):
        text = self.words("log", "-", stdin="this is\nno log\n")
        self.assertIn("2 lines", text)
        for word in ("Postfix", "Sendmail", "Exim", "OpenSMTPD", "qmail", "journalctl"):
            self.assertIn(word, text)
        self.assertIn("nothing to read", self.words("log", "-"))

    def test_numbers_have_separators(self):
        self.assertIn("1,234 deliveries", self.words("log", "-", stdin=postfix("550 5.1.1 User unknown") * 1234))

    def test_unknown_replies_become_drafts(self):
        content = postfix("599 Blorp 77 frobnitz quux <secret@example.org>") * 3
        self.assertIn("--unknown", self.words("log", *NOW, "-", stdin=content))
        done = run("log", "--unknown", *NOW, "-", stdin=content)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        text = done.stdout.decode()
        self.assertIn("3 times", text)
        self.assertRegex(text, r"(?m)^rule ")
        self.assertNotIn("secret@", text)
        self.assertIn("known", run("log", "--unknown", *NOW, "-", stdin=b"").stdout.decode())

    def test_rules_are_used(self):
        path = self.file("good.rules", GOOD_RULE)
        content = postfix("550 5.7.1 Rejected by Acme gateway, rule 4711")
        for option in ("--rules", "--site-rules"):
            one = self.summary(option, path, "-", stdin=content)
            self.assertEqual(one["groups"][0]["reason"], "content-rejected")
            (one,) = self.objects(run("log", "--batch", option, path, stdin=content))
            self.assertEqual(one["rule"], "acme.seventeen")

    def test_offset_and_now(self):
        line = "Jan  2 08:00:00 mail sm-mta[1]: 60280000000123: to=<a@example.net>, relay=mx.example.net. [198.51.100.1], dsn=5.1.1, stat=User unknown\n"
        for offset, expected in (("+0000", "08:00:00"), ("+0100", "07:00:00"), ("-05:30", "13:30:00")):
            done = run("log", "--json", "--now", "1795680000", "--utc-offset", offset, "-", stdin=line)
            self.assertEqual(self.objects(done)[0]["from"], f"2026-01-02T{expected}Z")
            text = run("log", "--now", "1795680000", "--utc-offset", offset, "-", stdin=line).stdout.decode()
            self.assertIn("Friday 2 January", text)
        done = run("log", "--json", "--now", "1795680000", "-", stdin=line, env={"TZ": "XYZ-3"})
        self.assertEqual(self.objects(done)[0]["from"], "2026-01-02T05:00:00Z")
        done = run("log", "--now", "1767261600", "--utc-offset", "Z", "-", stdin=line.replace("Jan", "Mar"))
        self.assertIn("Sunday 2 March 2025", done.stdout.decode())

    def test_hostile_log(self):
        evil = "\x1b[31m\x1b]0;title\x07 \u202egnp.exe \u009b2J \x08 \u2066x\u2069 %s%n " + "x" * 5000
        content = "".join(postfix(f"550 5.7.1 {evil}", to=f"a{evil}@example.org", more=f" orig_to=<b{evil}@example.net>,", relay=f"{evil}[192.0.2.1]:25", n=n) for n in range(5))
        for octets in (content.encode(), content.encode() + b"\xff\xfe\x00\x9b" * 1000, content.encode("utf-16-le"), os.urandom(200000)):
            for args in (["log"], ["log", "-v"], ["log", "--unknown"], ["log", "-f"], ["explain"]):
                done = run(*args, *NOW, "-", stdin=octets)
                self.assertEqual(done.returncode, 0, done.stderr)
                text = done.stdout.decode("utf-8")
                self.assertIsNone(HIDDEN.search(text.replace("\t", "")))
                self.assertLessEqual(max(map(len, text.splitlines()), default=0), 400)
            self.summary("-", stdin=octets)

    def test_terminal(self):
        text = run_on_terminal("log", *NOW, str(POSTFIX), columns=300)
        self.assertIn("\x1b[1", text)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\r\n", "\n")
        self.assertNotIn("\x1b", plain)
        self.assertLessEqual(max(len(line) for line in plain.splitlines() if "://" not in line), 100)
        self.assertNotIn("\x1b", run_on_terminal("log", *NOW, str(POSTFIX), env={"NO_COLOR": "1"}))

    def test_many_files(self):
        names = [self.file(f"log.{day}.{n}", postfix("550 5.1.1 User unknown", day=day, n=n)) for day in range(1, 21) for n in range(60)]
        names.reverse()
        one = self.summary(*names)
        self.assertEqual((one["deliveries"], one["from"][:10], one["to"][:10]), (1200, "2026-11-01", "2026-11-20"))


class Follow(Files):
    def start(self, *args):
        child = subprocess.Popen([COMMAND, "log", "-f", *NOW, *args], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: (child.kill(), child.wait(), child.stdout.close(), child.stderr.close()))
        return child

    def line(self, child, within=20):
        self.assertTrue(select.select([child.stdout], [], [], within)[0], "nothing came")
        return child.stdout.readline().decode("utf-8")

    def end(self, child, number=signal.SIGINT):
        os.kill(child.pid, number)
        rest = child.stdout.read().decode("utf-8")
        self.assertEqual((child.wait(20), child.stderr.read()), (0, b""))
        return rest

    def append(self, path, text):
        with open(path, "ab") as file:
            file.write(text.encode())

    def test_growing_rotated_and_cut(self):
        path = self.file("mail.log", postfix("550 5.1.1 User unknown", to="old@example.net"))
        child = self.start(path)
        self.assertIn("old@example.net", self.line(child))
        line = postfix("550 5.1.1 User unknown", to="grown@example.net")
        self.append(path, line[:50])
        time.sleep(0.4)
        self.append(path, line[50:])
        self.assertIn("grown@example.net", self.line(child))
        # renamed; what is still written to the old file counts; the new one comes a moment later
        os.rename(path, path + ".1")
        self.append(path + ".1", postfix("552 5.2.2 Mailbox full", to="late@example.net"))
        self.assertIn("late@example.net", self.line(child))
        time.sleep(0.4)
        self.append(path, postfix("450 4.2.0 Greylisted", to="anew@example.net", status="deferred"))
        self.assertRegex(self.line(child), r"^20 Nov 08:00:00  put off .*anew@example\.net")
        # cut and written anew (copytruncate)
        os.truncate(path, 0)
        time.sleep(0.6)
        self.append(path, postfix("550 5.7.1 x", to="cut@x.org"))
        self.assertIn("cut@x.org", self.line(child))
        self.append(path, postfix("250 OK", status="sent"))
        time.sleep(0.6)
        text = self.end(child)
        self.assertIn("6 deliveries on Friday 20 November: 1 sent, 1 put off, 4 refused.", text)

    def test_json(self):
        path = self.file("mail.log", "")
        child = self.start("--json", path)
        time.sleep(0.3)
        self.append(path, postfix("550 5.1.1 User unknown", n=1) + postfix("250 OK", status="sent") + postfix("550 5.1.1 User unknown", n=2))
        first, second = (json.loads(self.line(child)) for _ in range(2))
        self.assertEqual([(one["n"], one["kind"], one["log"]["result"]) for one in (first, second)], [(1, "log", "bounced"), (3, "log", "bounced")])
        summary = json.loads(self.end(child, signal.SIGTERM))
        self.assertEqual((summary["kind"], summary["deliveries"]), ("log-summary", 3))

    def test_only_the_latest_of_what_is_old(self):
        path = self.file("mail.log", "".join(postfix("550 5.1.1 User unknown", n=n, to=f"u{n}@example.net") for n in range(100)))
        child = self.start(path)
        for n in range(90, 100):
            self.assertIn(f"u{n}@", self.line(child))
        self.assertIn("100 deliveries", self.end(child))

    def test_a_pipe_ends(self):
        done = run("log", "-f", *NOW, "-", stdin=POSTFIX.read_bytes())
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        lines = done.stdout.decode().splitlines()
        self.assertEqual(len([line for line in lines if re.match(r"\d\d Nov \d\d:\d\d:\d\d  ", line)]), 50)
        self.assertTrue(any(re.match(r"104 deliveries", line) for line in lines))

    def test_rows_are_one_line_each(self):
        done = run("log", "-f", *NOW, "-", stdin=postfix("550 5.1.1 User unknown " + "x " * 500) * 3)
        rows = [line for line in done.stdout.decode().splitlines() if line.startswith("20 Nov")]
        self.assertEqual(len(rows), 3)
        self.assertLessEqual(max(map(len, rows)), 100)

    def test_packed_files_do_not_grow(self):
        self.assertIn("packed", self.usage("log", "-f", self.file("log.gz", gzip.compress(b"x")), status=66))

    def test_interrupted_reading_shows_what_was_read(self):
        """a pipe that stays open: the first SIGINT ends the reading, and nothing is lost"""
        child = subprocess.Popen([COMMAND, "log", *NOW, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        child.stdin.write(POSTFIX.read_bytes())
        child.stdin.flush()
        time.sleep(0.5)
        os.kill(child.pid, signal.SIGINT)
        out, err = child.communicate(timeout=20)
        self.assertEqual((child.returncode, err), (0, b""))
        self.assertIn("104 deliveries", out.decode())
        self.assertIn("stopped", out.decode())

    def test_progress_on_a_terminal(self):
        """told on stderr after a second, and wiped off"""
        main, other = pty.openpty()
        child = subprocess.Popen([COMMAND, "log", *NOW, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=other)
        os.close(other)
        for _ in range(8):
            child.stdin.write(postfix("550 5.1.1 User unknown").encode() * 100)
            child.stdin.flush()
            time.sleep(0.25)
        child.stdin.close()
        child.stdout.read()
        self.assertEqual(child.wait(20), 0)
        child.stdout.close()
        seen = os.read(main, 65536).decode()
        os.close(main)
        self.assertIn("MB/s", seen)
        self.assertIn("lines", seen)
        self.assertTrue(seen.endswith("\r\x1b[K"))


class Bounce(Files):
    def bounces(self, *args, stdin=b""):
        done = run("bounce", "--json", *map(str, args), stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return self.objects(done)

    def test_what_is_no_failure_advises_no_mending(self):
        ordinary = b"From: a@b.example\nTo: c@d.example\nSubject: hello\n\nhello\n"
        (one,) = self.bounces("-", stdin=ordinary)
        self.assertEqual((one["class"], one["advice"], one["actor"]), ("unknown", [], ""))
        for name, step in (("05-vacation", "nothing-to-do"), ("06-complaint", "unsubscribe-handling")):
            (one,) = self.bounces(*[path for path in BOUNCES if name in str(path)])
            self.assertEqual([advice["id"] for advice in one["advice"]], [step])

    def mbox(self, messages, blank=b"\n"):
        return b"".join(b"From MAILER-DAEMON Fri Nov 20 08:00:00 2026\n" + one + blank for one in messages)

    def test_wrong_calls(self):
        self.usage("bounce", "--frobnicate")
        self.usage("bounce", "--batch", "x.eml")
        self.assertIn("nowhere", self.usage("bounce", str(self.folder / "nowhere"), status=66))
        self.assertIn("Maildir", self.usage("bounce", str(self.folder), status=66))
        self.usage("bounce", str(BOUNCES[0]), str(self.folder / "nowhere"), status=66)
        self.assertIn("packed", self.usage("bounce", self.file("x.gz", gzip.compress(b"x" * 99)), status=66))
        self.assertIn("packed", self.usage("bounce", "-", stdin=gzip.compress(b"x" * 99), status=66))

    def test_one_object_a_recipient(self):
        objects = self.bounces(*BOUNCES)
        self.assertEqual([one["n"] for one in objects], list(range(1, 10)))
        self.assertEqual({one["kind"] for one in objects}, {"bounce"})
        classes = [one["class"] for one in objects]
        self.assertEqual(classes, ["failed", "delayed"] + ["failed"] * 4 + ["vacation", "feedback", "failed"])
        keys = "recipient orig_recipient action remote_mta reporting_mta diagnostic_type message_id"
        for one in objects:
            self.assertEqual(set(keys.split()) - set(one["bounce"]), set())
            self.assertIsNone(one["log"])
        self.assertEqual(objects[3]["bounce"]["recipient"], "ida.old@example.org")

    def test_crlf_and_stdin(self):
        for path in BOUNCES:
            content = path.read_bytes()
            there = self.bounces(path)
            self.assertEqual(self.bounces("-", stdin=content), there)
            for one, other in zip(self.bounces("-", stdin=content.replace(b"\n", b"\r\n")), there):
                self.assertEqual((one["reason"], one["class"], one["bounce"]), (other["reason"], other["class"], other["bounce"]))

    def test_mbox(self):
        messages = [path.read_bytes() for path in BOUNCES]
        ordinary = b"From: a@example.org\nTo: b@example.org\nSubject: hello\n\nFrom here on nothing is a bounce.\n"
        box = self.mbox(messages + [ordinary])
        objects = self.bounces("-", stdin=box)
        self.assertEqual(len(objects), 10)
        self.assertEqual([one["class"] for one in objects[:9]], [one["class"] for one in self.bounces(*BOUNCES)])
        self.assertEqual((objects[9]["class"], objects[9]["bounce"]["recipient"]), ("unknown", ""))
        text = self.words("bounce", self.file("box", box))
        self.assertIn("8 messages, 1 of them no bounces; 9 recipients:", text)
        self.assertIn("2 not delivered: user-unknown", text)

    def test_a_large_mbox_is_cut_where_it_should_be(self):
        """messages of all sizes, so that boundaries fall anywhere in what is read at once"""
        message = BOUNCES[2].read_bytes()
        messages = [message + b"x" * 70 * (n % 50 * 37 % 997) + b"\n" for n in range(400)] + [message + b"y\n" * 600000]
        objects = self.bounces("-", stdin=self.mbox(messages + messages[:3]))
        self.assertEqual([one["n"] for one in objects], list(range(1, 405)))
        self.assertEqual({one["reason"] for one in objects}, {"spam-content"})

    def test_maildir(self):
        for n, path in enumerate(BOUNCES):
            self.file(f"Maildir/{('cur', 'new')[n % 2]}/{n}.host:2,S", path.read_bytes())
        self.file("Maildir/tmp/half", b"x")
        objects = self.bounces(self.folder / "Maildir")
        self.assertEqual(sorted(one["class"] for one in objects), sorted(one["class"] for one in self.bounces(*BOUNCES)))
        self.assertIn("7 messages; 9 recipients:", self.words("bounce", str(self.folder / "Maildir")))

    def test_batch(self):
        names = [str(path) for path in BOUNCES] + [str(self.folder / "nowhere"), self.file("a\\b\nc", BOUNCES[0].read_bytes()), ""]
        lines = "".join(name.replace("\\", "\\\\").replace("\n", "\\n") + "\n" for name in names)
        done = run("bounce", "--batch", stdin=lines)
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        objects = self.objects(done)
        self.assertEqual([one["n"] for one in objects], [1, 2, 3, 4, 4, 4, 5, 6, 7, 8, 9, 10])
        self.assertEqual([one["n"] for one in objects if "error" in one], [8, 10])
        self.assertEqual(objects[10]["reason"], "tls-failed")

    def test_recipients_with_one_cause_are_told_once(self):
        text = self.words("bounce", str(BOUNCES[3]))
        self.assertIn("To ida.old@example.org, jack.old@example.org", text)
        self.assertEqual(text.count("refused this message because of the recipient: user-unknown"), 1)
        self.assertIn("mailbox-full", text)

    def test_a_cause_is_explained_once(self):
        text = self.words("bounce", str(BOUNCES[2]), str(BOUNCES[2]))
        self.assertEqual(text.count("What to do"), 1)
        self.assertIn("as explained above", text)
        text = self.words("bounce", *[str(BOUNCES[2])] * 50, *[str(BOUNCES[4])] * 50)
        self.assertEqual((text.count("as explained above"), text.count("automatic answer of")), (2, 3))
        self.assertIn("100 messages; 100 recipients:", text)
        self.assertIn("50 not delivered: spam-content, BT", text)

    def test_what_is_no_failure_says_so(self):
        self.assertIn("Nothing is lost yet", self.words("bounce", str(BOUNCES[1])))
        self.assertIn("Nothing failed: this is an automatic answer", self.words("bounce", str(BOUNCES[4])))
        text = self.words("bounce", str(BOUNCES[5]))
        self.assertIn("complaint", text)
        self.assertIn("ella@example.net", text)
        self.assertIn("off the list", text)
        self.assertIn("no bounce", self.words("bounce", "-", stdin=b"Subject: hello\n\nhow are you\n"))
        self.assertIn("no bounce", self.words("bounce", "-"))

    def test_hostile_messages(self):
        evil = "\x1b[31m\x1b]0;t\x07 \u202egnp \u009b2J \x08 " + "x" * 5000
        text = BOUNCES[3].read_text(encoding="ascii").replace("User unknown", evil).replace("karin@", f"k{evil}@").replace("New opening hours", evil)
        for octets in (text.encode(), text.encode() + b"\xff\x9b\x00" * 999, os.urandom(100000), self.mbox([text.encode()] * 3)):
            for args in ([], ["-v"]):
                done = run("bounce", *args, "-", stdin=octets)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertIsNone(HIDDEN.search(done.stdout.decode("utf-8")))
            self.bounces("-", stdin=octets)


class Explain(Files):
    def test_wrong_calls(self):
        self.usage("explain", "--frobnicate")
        self.usage("explain", str(self.folder / "nowhere"), status=66)
        self.usage("explain", str(self.folder), status=66)

    def explain(self, *args, stdin=b""):
        done = run("explain", "--json", *NOW, *map(str, args), stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return self.objects(done)

    def test_it_is_recognised(self):
        for path in REPLIES:
            (one,) = self.explain(path)
            self.assertEqual(one, self.reply(stdin=path.read_bytes()), path)
            self.assertEqual(self.explain("-", stdin=path.read_bytes()), [one])
        for path in BOUNCES:
            objects = self.explain("-", stdin=path.read_bytes())
            self.assertEqual(objects, self.objects(run("bounce", "--json", str(path))), path)
        for path in (POSTFIX, SENDMAIL):
            self.assertEqual(self.explain(path), [self.summary(path)])
            self.assertEqual(self.explain("-", stdin=gzip.compress(path.read_bytes())), [self.summary(path)])
        box = b"".join(b"From MAILER-DAEMON Fri Nov 20 08:00:00 2026\n" + path.read_bytes() + b"\n" for path in BOUNCES)
        self.assertEqual(len(self.explain("-", stdin=box)), 9)

    def test_few_lines_are_explained_one_by_one(self):
        lines = [line + "\n" for line in POSTFIX.read_text(encoding="ascii").splitlines() if "status=" in line]
        objects = self.explain("-", stdin="".join(lines[:20]))
        self.assertEqual([one["n"] for one in objects], list(range(1, 21)))
        self.assertEqual({one["kind"] for one in objects}, {"log"})
        (one,) = self.explain("-", stdin="".join(lines[:21]))
        self.assertEqual(one["kind"], "log-summary")
        text = self.words("explain", "-", stdin=postfix("550 5.1.1 User unknown") * 2 + "something else\n")
        self.assertEqual(text.count("What to do"), 1)
        self.assertIn("Line 2:", text)
        self.assertIn("as explained above", text)
        self.assertIn("1 other line says nothing", text)

    def test_a_line_that_was_made_anonymous(self):
        line = postfix("554 Message rejected, policy (3.2.1.1) - your message looks like SPAM")
        self.assertIn("00000000: ", line)
        for instead in ("", "4Xy: ", "<id>: ", "[removed]: ", "***: "):
            (one,) = self.explain("-", stdin=line.replace("00000000: ", instead))
            self.assertEqual((one["kind"], one["code"], one["log"]["mta"], one["log"]["result"], one["log"]["queue_id"]),
                             ("log", 554, "postfix", "bounced", ""), instead)
        # of others at least the reply is read
        exim = ("2026-11-26 10:00:01 XXXX ** a@b.example R=dnslookup T=remote_smtp H=mx.b.example [198.51.100.1]: "
                "SMTP error from remote mail server after end of data: 554 Message rejected, policy (3.2.1.1)\n")
        (one,) = self.explain("-", stdin=exim)
        self.assertEqual((one["kind"], one["code"]), ("reply", 554))

    def test_a_line_that_says_nothing(self):
        for line in ("Nov 26 10:00:01 mx sshd[99]: Failed password for root", "Nov 26 10:00:01 mx postfix/qmgr[9]: hello"):
            self.assertEqual(self.words("explain", "-", stdin=line).split()[:2], ["This", "tells"], line)
            (one,) = self.explain("-", stdin=line)
            self.assertEqual((one["kind"], one["reason"]), ("log", "unknown"))

    def test_a_large_log_is_read_whole(self):
        content = postfix("550 5.1.1 User unknown") * 12000
        self.assertGreater(len(content), 2 << 20)
        self.assertEqual(self.explain("-", stdin=content)[0]["deliveries"], 12000)

    def test_a_large_mbox_is_read_whole(self):
        box = (b"From MAILER-DAEMON Fri Nov 20 08:00:00 2026\n" + BOUNCES[0].read_bytes() + b"\n") * 900
        self.assertGreater(len(box), 1 << 20)
        self.assertEqual(len(self.explain("-", stdin=box)), 900)

    def test_words_are_a_text(self):
        (one,) = self.explain("550 5.1.1 User unknown")
        self.assertEqual((one["kind"], one["reason"]), ("reply", "user-unknown"))
        self.assertEqual(self.explain("550", "5.1.1", "User", "unknown"), [one])
        (one,) = self.explain(postfix("550 5.1.1 User unknown").strip())
        self.assertEqual((one["kind"], one["log"]["result"]), ("log", "bounced"))


class Seeds(Files):
    """What the command was made for: the screen names the cause and what to do next."""

    def bt(self, said):
        return postfix(said, relay="mx.bt.lon5.cpcloud.co.uk[203.0.113.20]:25")

    def test_bt_content(self):
        text = self.words("explain", *NOW, "-", stdin=self.bt(
            "554 Message rejected on 2026/11/20 08:00:00 GMT, policy (3.2.1.1) ID (5F1A22C30B7E41D9) - Your message looks "
            "like SPAM or has been reported as SPAM please read www.bt.com/bulksender"))  # fmt: skip
        for words in ("BT (btinternet.com) refused", "spam-content", "policy id and no status code", "What to do 1.", "5F1A22C30B7E41D9"):
            self.assertIn(words, text)

    def test_bt_limit_in_a_log(self):
        text = self.words("log", *NOW, str(SENDMAIL))
        self.assertIn("BT (btinternet.com) put off 93 (95 % of all failures): rate-limited", text)
        self.assertRegex(text, r"BT \(btinternet\.com\) takes about (48|49|50) messages a day from this address")
        self.assertIn("Spread bulk mail over days", text)
        (limit,) = self.summary(SENDMAIL)["throttles"]
        self.assertEqual((limit["provider"], limit["what"], limit["per_s"]), ("bt", "ip", 86400))
        self.assertIn(limit["accepted"], (48, 49, 50))

    def test_gmail_starttls_in_a_bounce(self):
        text = self.words("bounce", str(BOUNCES[0]))
        for words in ("office@society.example", "starttls error (0): protocol error", "tls-failed", "certificate", "What to do 1."):
            self.assertIn(words, text)

    def test_sendmail_without_a_certificate(self):
        text = self.words("log", *NOW, str(SENDMAIL))
        for words in ("no shared cipher", "10 times", "certificate", "confSERVER_CERT", "tls.no-certificate"):
            self.assertIn(words, text)
        line = next(line for line in SENDMAIL.read_text(encoding="ascii").splitlines() if "no shared cipher" in line)
        text = self.words("explain", *NOW, "-", stdin=line)
        for words in ("A client and this server could not agree on encryption: tls-failed", "certificate", "confSERVER_CERT"):
            self.assertIn(words, text)
        self.assertNotIn("no reply code", text)

    def test_outlook_blocklist(self):
        text = self.words("log", *NOW, str(POSTFIX))
        for words in ("Outlook.com and Microsoft 365 refused 12", "ip-blocklisted", "Blocklist 1", "delist"):
            self.assertIn(words, text)

    def test_gmail_unauthenticated(self):
        line = next(line for line in POSTFIX.read_text(encoding="ascii").splitlines() if "web@" not in line and "to=<rita@" in line)
        text = self.words("explain", *NOW, "-", stdin=line)
        for words in ("Gmail and Google Workspace refused", "auth-none", "SPF", "What to do 1."):
            self.assertIn(words, text)

    def test_forwarding_for_a_friend(self):
        text = self.words("log", *NOW, str(POSTFIX))
        self.assertIn("tom@club.example is forwarded to friend@example.net", text)
        self.assertIn("did not take 12: auth-none", text)
        for words in ("SRS", "ARC", "IMAP"):
            self.assertIn(words, text)
        (forwarding,) = self.summary(POSTFIX)["forwarding"]
        self.assertEqual((forwarding["orig_recipient"], forwarding["bounced"]), ("tom@club.example", 12))

    def test_greylisting_needs_nothing(self):
        text = self.words("explain", *NOW, "-", stdin=postfix("450 4.2.0 Greylisted, come back in 5 minutes", status="deferred"))
        for words in ("greylisted", "not final", "Nothing needs to be done"):
            self.assertIn(words, text)
        text = self.words("log", *NOW, "-", stdin=postfix("450 4.2.0 Greylisted, come back in 5 minutes", status="deferred"))
        self.assertIn("Nothing urgent", text)

    def test_user_unknown_is_the_list_owners(self):
        text = self.words("log", *NOW, "-", stdin=postfix("550 5.1.1 User unknown"))
        self.assertIn("The senders should correct the addresses of 1", text)


if __name__ == "__main__":
    if not os.access(COMMAND, os.X_OK):
        sys.exit(f"there is no command at {COMMAND}")
    unittest.main()
