#!/usr/bin/env python3
"""test_python.py - the Python binding, against the library in $MAILHEALTH_LIBRARY"""
import copy
import gc
import importlib.util
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
import weakref

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BINDING = os.path.join(ROOT, "bindings", "python")
HEADER = os.path.join(ROOT, "include", "mailhealth.h")
sys.dont_write_bytecode = True
sys.path.insert(0, BINDING)

import mailhealth  # noqa: E402  (the path comes first)
from mailhealth import _library, _signatures, _types  # noqa: E402

UNKNOWN_USER = "550 5.1.1 <jane@example.org>: Recipient address rejected: User unknown"
BLOCKLISTED = ("554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using "
               "zen.spamhaus.org")
GREYLISTED = "451 4.7.1 Greylisted, please try again in 300 seconds"
CONTRADICTION = "550 4.7.1 Try again later"

DRAGONS = """rule test.dragons {
	reason policy-rejected
	text   "here be dragons"
	sample "550 Here be dragons"
}
"""
BAD_RULES = """rule test.bad {
	reason no-such-reason
	text   "here be nothing"
	sample "550 Here be nothing"
}
"""

# Written by us in the forms that the programs use; names and addresses are documentation's.
BOUNCED = ("Nov 21 10:00:00 mail postfix/smtp[123]: 4F1234567: to=<jane@b.example>, "
           "orig_to=<info@a.example>, relay=mx.b.example[192.0.2.1]:25, delay=1.5, "
           "delays=0.1/0/1/0.4, dsn=5.1.1, status=bounced (host mx.b.example[192.0.2.1] said: "
           "550 5.1.1 <jane@b.example>: User unknown (in reply to RCPT TO command))")
SENT = ("Nov 21 10:00:05 mail postfix/smtp[124]: 4F1234568: to=<joe@b.example>, "
        "relay=mx.b.example[192.0.2.1]:25, delay=0.5, delays=0.1/0/0.2/0.2, dsn=2.0.0, "
        "status=sent (250 2.0.0 Ok: queued as 77)")
NOTHING = "Nov 21 10:00:06 mail cron[99]: (root) CMD (true)"
LOG = "\n".join((BOUNCED, SENT, NOTHING, ""))
NOW = 1795680000  # 2026-11-26
AT = 1795255200  # 2026-11-21T10:00:00Z

BOUNCE = b"""\
From: Mail Delivery System <MAILER-DAEMON@mail.a.example>
To: joe@a.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

It could not be delivered.

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.a.example

Final-Recipient: rfc822; jane@b.example
Original-Recipient: rfc822;info@a.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.b.example
Diagnostic-Code: smtp; 550 5.1.1 <jane@b.example>: User unknown

Final-Recipient: rfc822; max@c.example
Action: delayed
Status: 4.2.2
Remote-MTA: dns; mx.c.example
Diagnostic-Code: smtp; 452 4.2.2 The mailbox is over quota

--x
Content-Type: message/rfc822

From: joe@a.example
To: info@a.example
Subject: Hello
Message-ID: <1@a.example>

Hi.
--x--
"""
ORDINARY = b"From: joe@a.example\nTo: jane@b.example\nSubject: Lunch\n\nAt noon?\n"
FROM = b"From MAILER-DAEMON Sat Nov 21 10:00:00 2026\n"

TEXTS = ("status", "reason", "reason_text", "rule", "meaning", "permanence", "class_", "retry",
         "actor", "provider", "provider_name", "contact", "draft", "template", "phase",
         "status_text", "text", "reference", "form")


def library_file():
    """The file that was loaded, also where only its name was given."""
    path = mailhealth.library_path()
    if os.path.exists(path):
        return os.path.realpath(path)
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            if "libmailhealth" in line:
                return line.split()[-1]
    raise AssertionError("where is " + path)


def generator():
    spec = importlib.util.spec_from_file_location("generate", os.path.join(BINDING, "generate.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Table(unittest.TestCase):
    def test_is_what_the_generator_makes_of_the_header(self):
        with open(HEADER, encoding="utf-8") as header:
            made = generator().render(header.read())
        with open(os.path.join(BINDING, "mailhealth", "_signatures.py"), encoding="utf-8") as table:
            self.assertEqual(table.read(), made, "run bindings/python/generate.py")

    def test_has_the_names_that_the_library_exports(self):
        names = subprocess.run(["nm", "-D", "--defined-only", library_file()], check=True,
                               stdout=subprocess.PIPE, universal_newlines=True).stdout
        exported = {line.split()[-1].partition("@")[0] for line in names.splitlines()
                    if line.split()[-2] == "T"}
        self.assertEqual({name for name in exported if name.startswith("mh_")},
                         set(_signatures.FUNCTIONS))

    def test_generator_refuses_what_it_cannot_read(self):
        for header in ("MH_API float mh_f(void);", "MH_API int mh_f(struct s x);",
                       "MH_API int mh_f(int (*callback)(int));", "#define MH_X (1 << 2)"):
            with self.assertRaises(SystemExit, msg=header):
                generator().render(header + "\n")

    def test_binding_and_library_have_the_version_of_the_header(self):
        self.assertEqual(mailhealth.__version__, _signatures.VERSION)
        self.assertGreaterEqual(_library.C.mh_version_number(), _signatures.VERSION_NUMBER)
        self.assertRegex(mailhealth.library_version(), r"^\d+\.\d+\.\d+$")


class Loading(unittest.TestCase):
    """In interpreters of their own, with a copy of the package where needed."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = directory.name
        self.package = os.path.join(self.root, "bindings", "python", "mailhealth")
        shutil.copytree(os.path.join(BINDING, "mailhealth"), self.package,
                        ignore=shutil.ignore_patterns("__pycache__", "libmailhealth*"))

    def run_python(self, code, **variables):
        environment = {name: value for name, value in os.environ.items()
                       if name not in ("MAILHEALTH_LIBRARY", "LD_LIBRARY_PATH")}
        environment.update(PYTHONPATH=os.path.dirname(self.package), PYTHONDONTWRITEBYTECODE="1",
                           **variables)
        return subprocess.run([sys.executable, "-c", code], env=environment,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              universal_newlines=True)

    def path_taken(self, **variables):
        done = self.run_python("import mailhealth; print(mailhealth.library_path())", **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        return os.path.relpath(os.path.realpath(os.path.dirname(done.stdout.strip())),
                               os.path.realpath(self.root))

    def refused(self, **variables):
        done = self.run_python("""
try:
    import mailhealth
except ImportError as error:
    print(error)
""", **variables)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual(done.stdout, "", "it was imported")
        return done.stdout

    def give(self, *place):
        path = os.path.join(self.root, *place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(library_file(), path)
        return path

    def test_named_file_goes_before_all_others(self):
        self.give("bindings", "python", "mailhealth", "libmailhealth.so.0")
        path = self.give("elsewhere", "library.so")
        self.assertEqual(self.path_taken(MAILHEALTH_LIBRARY=path), "elsewhere")

    def test_named_file_has_no_fall_back(self):
        self.give("bindings", "python", "mailhealth", "libmailhealth.so.0")
        path = os.path.join(self.root, "nowhere", "library.so")
        self.assertIn(path, self.refused(MAILHEALTH_LIBRARY=path))

    def test_bundled_file_goes_before_the_checkout(self):
        self.give("bindings", "python", "mailhealth", "libmailhealth.so.0")
        self.give("build", "libmailhealth.so.0")
        self.give("include", "mailhealth.h")
        self.assertEqual(self.path_taken(), os.path.join("bindings", "python", "mailhealth"))

    def test_bundled_file_that_does_not_load_is_an_error(self):
        path = os.path.join(self.package, "libmailhealth.so.0")
        with open(path, "w", encoding="utf-8") as file:
            file.write("not a library")
        self.assertIn(path, self.refused())

    def test_build_of_the_checkout_is_found(self):
        self.give("build", "libmailhealth.so.0")
        self.give("include", "mailhealth.h")
        self.assertEqual(self.path_taken(), "build")

    def test_soname_is_found_by_the_loader(self):
        path = self.give("loader", "libmailhealth.so.0")
        done = self.run_python("import mailhealth; print(mailhealth.library_path())",
                               LD_LIBRARY_PATH=os.path.dirname(path))
        self.assertEqual(done.stdout.strip(), "libmailhealth.so.0", done.stderr)

    def test_other_library_is_refused_by_name(self):
        path = importlib.util.find_spec("_ctypes").origin
        message = self.refused(MAILHEALTH_LIBRARY=path)
        self.assertIn(path + " is not libmailhealth", message)

    def test_older_and_alien_versions_are_refused(self):
        loaded = _library.C.mh_version_number()
        path = library_file()
        for needed in (loaded + 100, loaded + 10000):
            table = os.path.join(self.package, "_signatures.py")
            with open(os.path.join(BINDING, "mailhealth", "_signatures.py"),
                      encoding="utf-8") as file:
                text = file.read()
            with open(table, "w", encoding="utf-8") as file:
                file.write(text.replace("VERSION_NUMBER = %d\n" % _signatures.VERSION_NUMBER,
                                        "VERSION_NUMBER = %d\n" % needed))
            message = self.refused(MAILHEALTH_LIBRARY=path)
            self.assertIn(path, message)
            self.assertIn(mailhealth.library_version(), message)
            self.assertIn("%d.%d.%d" % (needed // 10000, needed // 100 % 100, needed % 100),
                          message)

    def test_import_brings_nothing_heavy_along(self):
        done = self.run_python("import sys, mailhealth; print(*sys.modules)",
                               MAILHEALTH_LIBRARY=library_file())
        self.assertEqual(done.returncode, 0, done.stderr)
        bare = self.run_python("import sys, ctypes; print(*sys.modules)")
        more = set(done.stdout.split()) - set(bare.stdout.split())
        self.assertEqual(more - {"__future__"},
                         {"mailhealth", "mailhealth._core", "mailhealth._library",
                          "mailhealth._reply", "mailhealth._signatures"})

    def test_interpreter_ends_quietly_with_handles_open(self):
        done = self.run_python("""
import mailhealth
class Holder: pass
holder = Holder()
holder.self = holder
holder.reply = mailhealth.parse_reply("550 5.1.1 no")
holder.context = mailhealth.Context()
holder.rules = mailhealth.Rules(holder.context)
classifier = mailhealth.Classifier(holder.context)
holder.quoted = mailhealth.parse_log_line("Nov 21 10:00:00 mail postfix/smtp[1]: 4F1234567: to=<a@b.example>, "
    "relay=none, delay=1, dsn=4.4.1, status=deferred (connect timed out)").reply
holder.bounce = mailhealth.Bounce()
summary = mailhealth.LogSummary()
""", MAILHEALTH_LIBRARY=library_file())
        self.assertEqual((done.returncode, done.stderr), (0, ""))


class Replies(unittest.TestCase):
    def test_says_what_failed(self):
        reply = mailhealth.parse_reply(UNKNOWN_USER)
        self.assertEqual((reply.code, reply.status, reply.reason),
                         (550, "5.1.1", "user-unknown"))
        self.assertEqual((reply.permanence, reply.class_), ("permanent", "failed"))
        self.assertNotEqual(reply.rule, "")
        self.assertEqual(reply.length, len(UNKNOWN_USER))
        self.assertIsInstance(reply.confidence, float)
        self.assertTrue(0.0 < reply.confidence <= 1.0)
        begin, end = reply.span
        self.assertTrue(0 <= begin < end <= len(UNKNOWN_USER))
        self.assertRegex(reply.template, r"^[0-9a-f]{16}$")
        self.assertIn("Reply 550 5.1.1 user-unknown", repr(reply))

    def test_text_properties_are_str(self):
        reply = mailhealth.parse_reply(UNKNOWN_USER)
        for name in TEXTS:
            self.assertIs(type(getattr(reply, name)), str, name)

    def test_unknown_numbers_are_none(self):
        reply = mailhealth.parse_reply("")
        self.assertIsNone(reply.code)
        self.assertIsNone(reply.retry_after)
        self.assertEqual(reply.length, 0)

    def test_wait_that_the_text_asks_for(self):
        self.assertEqual(mailhealth.parse_reply(GREYLISTED).retry_after, 300)

    def test_advice_and_lines(self):
        reply = mailhealth.parse_reply(UNKNOWN_USER)
        self.assertGreater(len(reply.advice), 0)
        for advice in reply.advice:
            self.assertEqual(set(advice), {"id", "text", "url"})
            self.assertNotEqual(advice["text"], "")
        line, = reply.lines
        self.assertEqual((line["code"], line["status"]), (550, "5.1.1"))
        self.assertIn("User unknown", line["text"])
        self.assertEqual(set(line), {"code", "status", "text", "span"})
        for words in (reply.scope, reply.alternatives, reply.disagreements, reply.next):
            self.assertTrue(all(isinstance(word, str) for word in words))
        self.assertIn("recipient", reply.scope)

    def test_facts(self):
        reply = mailhealth.parse_reply(BLOCKLISTED)
        facts = reply.facts
        self.assertEqual(list(facts), ["ip", "domain", "email", "url", "id", "blocklist", "limit"])
        self.assertEqual(facts["ip"], ["192.0.2.1"])
        self.assertEqual(facts["blocklist"][0]["zone"], "zen.spamhaus.org")
        self.assertEqual(facts["blocklist"][0]["kind"], "ip")
        entry, = reply.entries("ip")
        begin, end = entry["span"]
        self.assertEqual(BLOCKLISTED[begin:end], "192.0.2.1")
        with self.assertRaises(KeyError):
            reply.entries("nonsense")

    def test_dict_agrees_with_the_properties(self):
        reply = mailhealth.parse_reply(UNKNOWN_USER, provider="google")
        answer = reply.as_dict()
        self.assertEqual(answer["schema"], 1)
        for key, value in (("code", reply.code), ("status", reply.status),
                           ("reason", reply.reason), ("provider", reply.provider),
                           ("next", reply.next)):
            self.assertEqual(answer[key], value, key)
        self.assertAlmostEqual(answer["confidence"], reply.confidence)
        self.assertNotIn("\n", reply.json)

    def test_octets_of_every_kind(self):
        for text in (UNKNOWN_USER, UNKNOWN_USER.encode(), bytearray(UNKNOWN_USER.encode()),
                     memoryview(UNKNOWN_USER.encode())):
            self.assertEqual(mailhealth.parse_reply(text).reason, "user-unknown")
            self.assertEqual(mailhealth.Classifier().parse(text).length, len(UNKNOWN_USER))
        for text in (None, 550, ["550"], object()):
            with self.assertRaises(TypeError):
                mailhealth.parse_reply(text)

    def test_hostile_octets_are_ordinary_input(self):
        for text in (b"", b"\0", b"550\0 5.1.1\0", b"\xff\xfe" * 100, bytes(range(256)),
                     b"550-" * 20000, b"\n" * 5000, "550 \udcff\udc80", "550 \u2028 \U0001f4e7"):
            reply = mailhealth.parse_reply(text)
            self.assertIsInstance(reply.as_dict(), dict)
            self.assertIsInstance(reply.findings, list)
            for name in TEXTS:
                getattr(reply, name)

    def test_str_is_utf8_with_surrogate_escapes(self):
        self.assertEqual(mailhealth.parse_reply("550 \u00e9").length, 6)
        self.assertEqual(mailhealth.parse_reply("550 \udce9").length, 5)

    def test_findings(self):
        self.assertEqual(mailhealth.parse_reply(UNKNOWN_USER).findings, [])
        findings = mailhealth.parse_reply(CONTRADICTION).findings
        finding = next(f for f in findings if f["id"] == "reply.code-vs-status")
        self.assertEqual(finding["severity"], "warn")
        self.assertNotEqual(finding["remedy"], "")
        self.assertEqual(finding["number"], mailhealth.finding("reply.code-vs-status")["number"])


class Options(unittest.TestCase):
    def test_each_is_taken(self):
        reply = mailhealth.parse_reply("User unknown", provider="google", mx="mx.example.org",
                                       phase="rcpt", form="fragment", code=550, status="5.1.1")
        self.assertEqual((reply.provider, reply.phase, reply.form, reply.code, reply.status),
                         ("google", "rcpt", "fragment", 550, "5.1.1"))
        self.assertNotEqual(reply.provider_name, "")
        classifier = mailhealth.Classifier(line_number=17)
        self.assertEqual(classifier.parse("550 no").as_dict()["n"], 17)

    def test_wrong_values_are_value_errors(self):
        for options in ({"phase": "nonsense"}, {"form": "nonsense"}, {"provider": "a\0b"},
                        {"code": -1}, {"code": 1 << 64}):
            with self.assertRaises(ValueError, msg=options) as caught:
                mailhealth.parse_reply("550 no", **options)
            self.assertIsInstance(caught.exception, mailhealth.Error)
            self.assertEqual(caught.exception.code, -2)
            self.assertEqual(caught.exception.name, "MH_EINVAL")

    def test_wrong_types_are_type_errors(self):
        for options in ({"phase": 1}, {"code": "550"}, {"provider": b"google"}):
            with self.assertRaises(TypeError, msg=options):
                mailhealth.parse_reply("550 no", **options)
        with self.assertRaises(TypeError):
            mailhealth.Classifier().parse("550 no", nonsense=1)
        with self.assertRaises(TypeError):
            mailhealth.Classifier("550 no")

    def test_those_of_one_parse_do_not_last(self):
        classifier = mailhealth.Classifier(provider="google")
        self.assertEqual(classifier.parse("550 no").provider, "google")
        self.assertEqual(classifier.parse("550 no", provider="yahoo", phase="data").provider,
                         "yahoo")
        self.assertEqual(classifier.phase, "data")
        classifier.parse("550 no")
        self.assertEqual((classifier.provider, classifier.phase), ("google", ""))
        self.assertEqual(classifier.parse("550 no", provider=None).provider, "")
        self.assertEqual(classifier.parse("550 no").provider, "google")

    def test_refused_one_does_not_last_either(self):
        classifier = mailhealth.Classifier()
        with self.assertRaises(ValueError):
            classifier.parse("550 no", provider="yahoo", phase="nonsense")
        classifier.parse("550 no")
        self.assertEqual((classifier.provider, classifier.phase), ("", ""))


class Handles(unittest.TestCase):
    def test_classifier_serves_one_reply_after_the_other(self):
        classifier = mailhealth.Classifier()
        reason = classifier.parse(UNKNOWN_USER).reason
        self.assertEqual(classifier.parse(GREYLISTED).reason, "greylisted")
        self.assertEqual(reason, "user-unknown")

    def test_classifier_that_parsed_nothing_knows_nothing(self):
        classifier = mailhealth.Classifier()
        self.assertEqual((classifier.reason, classifier.code, classifier.advice), ("", None, []))
        for what in (classifier.as_dict, lambda: classifier.findings):
            with self.assertRaises(mailhealth.Error) as caught:
                what()
            self.assertEqual(caught.exception.name, "MH_ESTATE")

    def test_close_is_final_and_may_be_repeated(self):
        context = mailhealth.Context()
        for handle, use in (
                (mailhealth.parse_reply("550 no"), lambda h: h.reason),
                (mailhealth.Classifier(), lambda h: h.parse("550 no")),
                (mailhealth.Rules(context), lambda h: h.count),
                (context, lambda h: h.use_rules(None))):
            with handle as same:
                self.assertIs(same, handle)
                use(handle)
            handle.close()
            with self.assertRaisesRegex(ValueError, "closed"):
                use(handle)
            self.assertIn(type(handle).__name__, repr(handle))

    def test_order_of_closing_does_not_matter(self):
        context = mailhealth.Context()
        classifier = mailhealth.Classifier(context)
        rules = mailhealth.Rules(context)
        context.close()
        self.assertEqual(classifier.parse(UNKNOWN_USER).reason, "user-unknown")
        rules.close()
        classifier.close()

    def test_collector_takes_what_was_not_closed(self):
        for _ in range(2000):
            mailhealth.Classifier(mailhealth.Context()).parse(UNKNOWN_USER)
        gc.collect()

    def test_copies_are_refused(self):
        reply = mailhealth.parse_reply("550 no")
        for what in (copy.copy, copy.deepcopy, pickle.dumps):
            with self.assertRaises(TypeError):
                what(reply)

    def test_attributes_that_are_not_there(self):
        reply = mailhealth.parse_reply("550 no")
        with self.assertRaises(AttributeError):
            reply.nonsense
        with self.assertRaises(AttributeError):
            reply.reason = "mine"

    def test_threads_share_a_context(self):
        context = mailhealth.Context()
        wrong = []

        def work():
            classifier = mailhealth.Classifier(context)
            for _ in range(500):
                if classifier.parse(UNKNOWN_USER).reason != "user-unknown":
                    wrong.append(1)
                if mailhealth.parse_reply(GREYLISTED).reason != "greylisted":
                    wrong.append(1)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])

    def test_misuse_between_threads_stays_in_one_piece(self):
        classifier = mailhealth.Classifier()

        def work():
            for text in (UNKNOWN_USER, GREYLISTED, BLOCKLISTED) * 300:
                classifier.parse(text).reason

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(classifier.parse(UNKNOWN_USER).reason, "user-unknown")


class Rules(unittest.TestCase):
    def setUp(self):
        self.context = mailhealth.Context()
        self.rules = mailhealth.Rules(self.context)

    def test_are_used_until_taken_back(self):
        text = "550 Here be dragons"
        classifier = mailhealth.Classifier(self.context)
        before = classifier.parse(text).rule
        empty = self.rules.version
        self.rules.add(DRAGONS, name="dragons.rules")
        self.assertEqual(self.rules.count, 1)
        self.assertGreater(self.rules.builtin, 0)
        self.assertRegex(self.rules.version, r"^[0-9a-f]{16}$")
        self.assertRegex(empty, r"^[0-9a-f]{16}$")
        self.context.use_rules(self.rules)
        self.rules.close()
        self.assertEqual(classifier.parse(text).rule, "test.dragons")
        self.assertEqual(mailhealth.parse_reply(text, context=self.context).reason,
                         "policy-rejected")
        self.assertNotEqual(mailhealth.parse_reply(text).rule, "test.dragons")
        self.context.use_rules(None)
        self.assertEqual(classifier.parse(text).rule, before)

    def test_error_says_where(self):
        with self.assertRaises(mailhealth.RulesError) as caught:
            self.rules.add(BAD_RULES, name="bad.rules", layer="site")
        error = caught.exception
        self.assertIsInstance(error, ValueError)
        self.assertIsInstance(error, mailhealth.Error)
        self.assertEqual((error.code, error.name, error.line), (-5, "bad.rules", 2))
        self.assertGreaterEqual(error.column, 1)
        self.assertTrue(str(error).startswith("bad.rules:2:%d: " % error.column), str(error))
        self.assertEqual(self.rules.count, 0)
        self.rules.add(DRAGONS)
        self.assertEqual(self.rules.count, 1)

    def test_from_a_file(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "dragons.rules")
            with self.assertRaises(mailhealth.Error) as caught:
                self.rules.add_file(path)
            self.assertEqual(caught.exception.name, "MH_EIO")
            self.assertIn(path, str(caught.exception))
            with open(path, "w", encoding="utf-8") as file:
                file.write(DRAGONS)
            self.rules.add_file(path)
            self.assertEqual(self.rules.count, 1)

    def test_in_use_can_no_longer_change(self):
        self.context.use_rules(self.rules)
        with self.assertRaises(mailhealth.Error) as caught:
            self.rules.add(DRAGONS)
        self.assertEqual(caught.exception.name, "MH_EFROZEN")

    def test_wrong_arguments(self):
        with self.assertRaises(ValueError):
            self.rules.add(DRAGONS, layer="nonsense")
        with self.assertRaises(TypeError):
            self.rules.add(1)
        with self.assertRaises(TypeError):
            self.context.use_rules("rules")
        with self.assertRaises(TypeError):
            mailhealth.Rules("context")


class LogLines(unittest.TestCase):
    TEXTS = ("mta", "event", "queue_id", "time", "relay", "relay_ip", "result", "class_", "dsn",
             "recipient", "orig_recipient", "sender", "phase", "cause", "text", "host", "program")

    def test_says_what_became_of_a_recipient(self):
        line = mailhealth.parse_log_line(BOUNCED + "\n", now=NOW)
        for name, value in (
                ("mta", "postfix"), ("event", "delivery"), ("queue_id", "4F1234567"),
                ("time", "2026-11-21T10:00:00Z"), ("unix_time", AT), ("relay", "mx.b.example"),
                ("relay_ip", "192.0.2.1"), ("relay_port", 25), ("result", "bounced"),
                ("class_", "failed"), ("dsn", "5.1.1"), ("recipient", "jane@b.example"),
                ("orig_recipient", "info@a.example"), ("sender", ""), ("phase", "rcpt"),
                ("cause", ""), ("host", "mail"), ("program", "postfix/smtp"), ("delay", 1.5),
                ("remote", True), ("inbound", False)):
            self.assertEqual(getattr(line, name), value, name)
        begin, end = line.text_span
        self.assertEqual(BOUNCED[begin:end], line.text)
        self.assertIn("LogLine postfix delivery bounced", repr(line))
        for name in self.TEXTS:
            self.assertIs(type(getattr(line, name)), str, name)

    def test_reply_has_spans_in_the_line(self):
        reply = mailhealth.parse_log_line(BOUNCED).reply
        self.assertEqual((reply.code, reply.status, reply.reason), (550, "5.1.1", "user-unknown"))
        self.assertGreater(len(reply.advice), 0)
        begin, end = reply.entries("email")[0]["span"]
        self.assertEqual(BOUNCED[begin:end], "jane@b.example")
        self.assertEqual(reply.as_dict()["kind"], "log")
        self.assertEqual(reply.findings, [])
        self.assertIn("QuotedReply 550 5.1.1 user-unknown", repr(reply))

    def test_dict_agrees_with_the_properties(self):
        line = mailhealth.parse_log_line(BOUNCED, now=NOW)
        answer = line.as_dict()
        self.assertEqual((answer["schema"], answer["kind"], answer["n"]), (1, "log", 1))
        self.assertEqual(answer["reason"], line.reply.reason)
        self.assertEqual(answer["class"], line.class_)
        for name in ("mta", "event", "queue_id", "time", "relay", "relay_ip", "relay_port",
                     "result", "dsn", "recipient", "orig_recipient", "phase", "host", "program"):
            self.assertEqual(answer["log"][name], getattr(line, name), name)
        self.assertEqual(answer["log"]["delay_s"], line.delay)
        self.assertNotIn("\n", line.json)

    def test_times_are_known_as_far_as_told(self):
        self.assertIsNone(mailhealth.parse_log_line(BOUNCED).unix_time)
        self.assertEqual(mailhealth.parse_log_line(BOUNCED).time, "")
        self.assertEqual(mailhealth.parse_log_line(BOUNCED, now=NOW + .25, utc_offset=3600).unix_time,
                         AT - 3600)
        stamped = "2026-11-21T10:00:00+00:00 " + BOUNCED[16:]
        self.assertEqual(mailhealth.parse_log_line(stamped).unix_time, AT)

    def test_nothing_about_mail(self):
        for text in (NOTHING, "", "\n", b"\0", "x" * 100000, bytes(range(256)), UNKNOWN_USER):
            line = mailhealth.parse_log_line(text)
            self.assertEqual((line.event, line.reply, line.remote, line.inbound, line.delay,
                              line.relay_port, line.text_span), ("", *[None] * 6))
            self.assertEqual(line.class_, "unknown")
            self.assertIsInstance(line.as_dict(), dict)

    def test_octets_of_every_kind(self):
        octets = BOUNCED.encode()
        for text in (octets, bytearray(octets), memoryview(octets), BOUNCED):
            self.assertEqual(mailhealth.parse_log_line(text).result, "bounced")
        for text in (None, 550, [BOUNCED]):
            with self.assertRaises(TypeError):
                mailhealth.parse_log_line(text)

    def test_wrong_options(self):
        for options in ({"now": -1}, {"now": 1 << 64}, {"now": float("nan")},
                        {"now": float("inf")}, {"utc_offset": 86401}, {"utc_offset": -1 << 70}):
            with self.assertRaises(mailhealth.InvalidError, msg=options) as caught:
                mailhealth.parse_log_line(BOUNCED, **options)
            self.assertIn(next(iter(options)), str(caught.exception))
        for options in ({"now": "today"}, {"utc_offset": 0.5}, {"nonsense": 1}, {"context": 1}):
            with self.assertRaises(TypeError, msg=options):
                mailhealth.parse_log_line(BOUNCED, **options)

    def test_reader_serves_one_line_after_the_other(self):
        reader = mailhealth.LogReader(now=NOW, utc_offset=-3600, line_number=5)
        self.assertIs(reader.parse(BOUNCED), reader)
        self.assertEqual((reader.result, reader.unix_time), ("bounced", AT + 3600))
        self.assertEqual(reader.as_dict()["n"], 5)
        self.assertEqual(reader.parse(SENT).result, "sent")
        reader.set(line_number=6, utc_offset=0)
        self.assertEqual((reader.parse(BOUNCED).unix_time, reader.as_dict()["n"]), (AT, 6))
        reader.set(now=0)
        self.assertIsNone(reader.parse(BOUNCED).unix_time)
        with self.assertRaises(ValueError):
            reader.set(now=-1)

    def test_reader_that_read_nothing_knows_nothing(self):
        reader = mailhealth.LogReader()
        self.assertEqual((reader.event, reader.unix_time, reader.reply), ("", None, None))
        with self.assertRaises(mailhealth.Error) as caught:
            reader.as_dict()
        self.assertEqual(caught.exception.name, "MH_ESTATE")

    def test_reply_is_gone_when_its_reader_has_read_on(self):
        reader = mailhealth.LogReader()
        reply = reader.parse(BOUNCED).reply
        again = reader.reply
        self.assertEqual((reply.reason, again.reason), ("user-unknown", "user-unknown"))
        reader.parse(SENT)
        for name in ("reason", "code", "advice", "facts", "json", "findings", "span"):
            with self.assertRaisesRegex(ValueError, "LogReader has read on", msg=name):
                getattr(reply, name)
        with self.assertRaises(ValueError):
            reply.as_dict()
        self.assertIn("QuotedReply", repr(reply))
        self.assertEqual(reader.reply.class_, "delivered")
        reply = reader.reply
        reader.close()
        with self.assertRaisesRegex(ValueError, "closed"):
            reply.reason
        for use in (lambda: reader.event, lambda: reader.parse(BOUNCED), lambda: reader.reply):
            with self.assertRaisesRegex(ValueError, "closed"):
                use()
        self.assertIn("closed", repr(reader))

    def test_reply_keeps_its_line_alive(self):
        line = mailhealth.parse_log_line(BOUNCED)
        seen = weakref.ref(line)
        reply = line.reply
        del line
        gc.collect()
        self.assertIsNotNone(seen())
        self.assertEqual(reply.reason, "user-unknown")
        for what in (copy.copy, copy.deepcopy, pickle.dumps):
            with self.assertRaises(TypeError):
                what(reply)
        del reply
        gc.collect()
        self.assertIsNone(seen())

    def test_rules_of_the_context_are_used_also_new_ones(self):
        context = mailhealth.Context()
        reader = mailhealth.LogReader(context)
        line = BOUNCED.replace("550 5.1.1 <jane@b.example>: User unknown", "550 Here be dragons")
        self.assertNotEqual(reader.parse(line).reply.rule, "test.dragons")
        rules = mailhealth.Rules(context)
        rules.add(DRAGONS)
        context.use_rules(rules)
        self.assertEqual(reader.parse(line).reply.rule, "test.dragons")
        self.assertEqual(mailhealth.parse_log_line(line, context=context).reply.rule,
                         "test.dragons")
        context.close()
        self.assertEqual(reader.parse(line).reply.rule, "test.dragons")

    def test_collector_takes_what_was_not_closed(self):
        kept = [mailhealth.parse_log_line(BOUNCED).reply for _ in range(300)]
        kept.append(kept)
        del kept
        gc.collect()


class Bounces(unittest.TestCase):
    def test_says_of_whom_it_reports(self):
        bounce = mailhealth.parse_bounce(BOUNCE)
        self.assertEqual((bounce.form, bounce.class_, bounce.reporting_mta, bounce.subject,
                          bounce.sender, bounce.feedback_type, bounce.path),
                         ("rfc3464", "failed", "mail.a.example", "Hello", "joe@a.example", "",
                          None))
        self.assertIn("1@a.example", bounce.message_id)
        self.assertIn("Bounce failed rfc3464 of 2", repr(bounce))
        jane, maximilian = bounce
        self.assertEqual((jane.class_, jane.action, jane.recipient, jane.orig_recipient,
                          jane.status, jane.remote_mta, jane.diagnostic_type, jane.cause),
                         ("failed", "failed", "jane@b.example", "info@a.example", "5.1.1",
                          "mx.b.example", "smtp", ""))
        self.assertIn("User unknown", jane.text)
        self.assertEqual((maximilian.class_, maximilian.recipient), ("delayed", "max@c.example"))
        self.assertIn("BouncedRecipient failed 5.1.1 jane@b.example", repr(jane))

    def test_is_a_sequence(self):
        bounce = mailhealth.parse_bounce(BOUNCE)
        self.assertEqual(len(bounce), 2)
        self.assertTrue(bounce)
        self.assertEqual(bounce[-1].recipient, bounce[1].recipient)
        for i in (2, -3, 1 << 70):
            with self.assertRaises(IndexError):
                bounce[i]
        for i in ("0", 0.0, None, slice(1)):
            with self.assertRaises(TypeError):
                bounce[i]

    def test_replies_are_good_at_the_same_time(self):
        bounce = mailhealth.parse_bounce(BOUNCE)
        replies = [recipient.reply for recipient in bounce]
        for _ in range(2):
            self.assertEqual([reply.reason for reply in replies], ["user-unknown", "mailbox-full"])
        self.assertEqual([reply.code for reply in replies], [550, 452])

    def test_parts_are_gone_when_it_has_read_on(self):
        bounce = mailhealth.parse_bounce(BOUNCE)
        one = bounce[0]
        reply = one.reply
        self.assertIs(bounce.parse(BOUNCE), bounce)
        for use in (lambda: one.recipient, lambda: one.reply, lambda: one.json,
                    lambda: reply.reason):
            with self.assertRaisesRegex(ValueError, "Bounce has read on"):
                use()
        self.assertIn("gone", repr(one))
        one = bounce[1]
        reply = one.reply
        bounce.close()
        for use in (lambda: one.recipient, lambda: one.json, lambda: reply.reason,
                    lambda: len(bounce), lambda: bounce.class_, lambda: bounce.parse(BOUNCE)):
            with self.assertRaisesRegex(ValueError, "closed"):
                use()
        self.assertIn("closed", repr(bounce))

    def test_parts_keep_it_alive(self):
        reply = mailhealth.parse_bounce(BOUNCE)[1].reply
        gc.collect()
        self.assertEqual(reply.reason, "mailbox-full")
        one = mailhealth.parse_bounce(BOUNCE)[0]
        gc.collect()
        self.assertEqual(one.recipient, "jane@b.example")
        for what in (copy.copy, copy.deepcopy, pickle.dumps):
            with self.assertRaises(TypeError):
                what(one)

    def test_json_is_an_object_a_recipient(self):
        bounce = mailhealth.parse_bounce(BOUNCE, line_number=7)
        answers = bounce.as_dicts()
        self.assertEqual([answer["n"] for answer in answers], [7, 8])
        for answer, one in zip(answers, bounce):
            self.assertEqual(answer["kind"], "bounce")
            self.assertEqual(answer["reason"], one.reply.reason)
            self.assertEqual(answer["bounce"]["recipient"], one.recipient)
            self.assertEqual(answer, one.as_dict())
        self.assertEqual(bounce.json, "\n".join(one.json for one in bounce))

    def test_ordinary_messages_and_anything(self):
        for message in (ORDINARY, b"", b"\n\n", b"\0", b"x" * 100000, bytes(range(256))):
            bounce = mailhealth.parse_bounce(message)
            self.assertEqual((len(bounce), list(bounce), bool(bounce)), (0, [], False))
            answer, = bounce.as_dicts()
            self.assertEqual((answer["kind"], answer["bounce"]["recipient"]), ("bounce", ""))
            self.assertIsInstance(bounce.findings, list)

    def test_messages_in_every_form(self):
        import email
        import io
        for message in (BOUNCE, bytearray(BOUNCE), memoryview(BOUNCE), BOUNCE.decode(),
                        io.BytesIO(BOUNCE), io.StringIO(BOUNCE.decode()),
                        email.message_from_bytes(BOUNCE), FROM + BOUNCE,
                        BOUNCE.replace(b"\n", b"\r\n")):
            self.assertEqual([one.recipient for one in mailhealth.parse_bounce(message)],
                             ["jane@b.example", "max@c.example"], type(message))
        for message in (None, 1, [BOUNCE]):
            with self.assertRaises(TypeError):
                mailhealth.parse_bounce(message)

    def test_that_read_nothing_knows_nothing(self):
        bounce = mailhealth.Bounce()
        self.assertEqual((len(bounce), bounce.class_), (0, ""))
        for use in (lambda: bounce.json, lambda: bounce.findings):
            with self.assertRaises(mailhealth.Error) as caught:
                use()
            self.assertEqual(caught.exception.name, "MH_ESTATE")

    def test_wrong_options(self):
        for number in (-1, (1 << 63) - 1, 1 << 64):
            with self.assertRaises(ValueError):
                mailhealth.parse_bounce(BOUNCE, line_number=number)
        with self.assertRaises(TypeError):
            mailhealth.parse_bounce(BOUNCE, line_number="1")

    def test_files_mboxes_and_directories(self):
        with tempfile.TemporaryDirectory() as root:
            def give(octets, *place):
                path = os.path.join(root, *place)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "wb") as file:
                    file.write(octets)
                return path

            def counts(path):
                return [len(bounce) for bounce in mailhealth.bounces_of(path)]

            one = give(BOUNCE, "one")
            self.assertEqual([bounce.path for bounce in mailhealth.bounces_of(one)], [one])
            self.assertEqual(counts(one), [2])
            self.assertEqual(counts(os.fsencode(one)), [2])
            box = give(FROM + ORDINARY + b"\n" + FROM + BOUNCE + b"\n" + FROM + ORDINARY, "box")
            self.assertEqual(counts(box), [0, 2, 0])
            self.assertEqual(counts(give(b"", "empty")), [0])
            give(BOUNCE, "maildir", "new", "2")
            give(ORDINARY, "maildir", "new", "1")
            give(BOUNCE, "maildir", "cur", "0")
            give(BOUNCE, "maildir", "tmp", "0")
            give(b"x", "maildir", "new", ".hidden")
            self.assertEqual(counts(os.path.join(root, "maildir")), [0, 2, 2])
            give(BOUNCE, "folder", "b")
            give(ORDINARY, "folder", "a")
            self.assertEqual(counts(os.path.join(root, "folder")), [0, 2])
            with self.assertRaises(FileNotFoundError):
                counts(os.path.join(root, "nothing"))
            early = mailhealth.bounces_of(box)
            next(early)
            early.close()  # a reader that stops early leaves nothing open
            kept = list(mailhealth.bounces_of(box))
        self.assertEqual([len(bounce) for bounce in kept], [0, 2, 0])

    def test_pipe(self):
        reading, writing = os.pipe()
        os.write(writing, FROM + BOUNCE)
        os.close(writing)
        try:
            bounce, = mailhealth.bounces_of("/dev/fd/%d" % reading)
        finally:
            os.close(reading)
        self.assertEqual(len(bounce), 2)


class Summaries(unittest.TestCase):
    def setUp(self):
        self.summary = mailhealth.LogSummary(now=NOW)

    def test_counts_what_it_is_fed_in_pieces_of_any_size(self):
        text = (LOG * 10).encode()
        for begin in range(0, len(text), 7):
            self.assertIs(self.summary.feed(text[begin:begin + 7]), self.summary)
        self.assertIs(self.summary.end(), self.summary)
        for name, value in (("lines", 30), ("deliveries", 20), ("sent", 10), ("bounced", 10),
                            ("deferred", 0), ("expired", 0), ("rejected", 0), ("left_out", 0),
                            ("octets", len(text)), ("first", AT), ("last", AT + 6)):
            self.assertEqual(getattr(self.summary, name), value, name)
        self.assertIn("of 30 lines", repr(self.summary))

    def test_groups_and_what_their_samples_mean(self):
        self.summary.feed(LOG * 4).end()
        group, = self.summary.groups
        self.assertEqual(list(group), list(_types.Group.__annotations__))
        for name, value in (
                ("reason", "user-unknown"), ("permanence", "permanent"), ("provider", ""),
                ("provider_name", "b.example"), ("count", 4), ("share", 1.0), ("recipients", 1),
                ("recipient", "jane@b.example"), ("relay", "mx.b.example"), ("forwarded", 4),
                ("first", AT), ("last", AT)):
            self.assertEqual(group[name], value, name)
        self.assertIn("User unknown", group["sample"])
        self.assertRegex(group["template"], r"^[0-9a-f]{16}$")
        reply = self.summary.reply("groups", 0)
        self.assertEqual(reply.reason, "user-unknown")
        self.assertGreater(len(reply.advice), 0)
        self.assertEqual(self.summary.reply("groups", -1).reason, reply.reason)
        self.assertEqual((self.summary.throttles, self.summary.unknown, self.summary.tls),
                         ([], [], []))
        self.assertEqual(self.summary.as_dict()["groups"][0]["reason"], "user-unknown")
        self.assertEqual(reply.reason, "user-unknown")

    def test_forwarding(self):
        line = BOUNCED.replace("orig_to=<info@a.example>", "orig_to=<info@other.example>").replace(
            "550 5.1.1 <jane@b.example>: User unknown",
            "550 5.7.23 SPF validation failed").replace("dsn=5.1.1", "dsn=5.7.23")
        self.summary.feed((line + "\n") * 3).end()
        entry, = self.summary.forwarding
        self.assertEqual(list(entry), list(_types.Forwarding.__annotations__))
        self.assertEqual((entry["orig_recipient"], entry["recipient"], entry["bounced"]),
                         ("info@other.example", "jane@b.example", 3))
        self.assertNotEqual(entry["evidence"], "")
        self.assertEqual(self.summary.reply("forwarding", 0).reason, entry["reason"])

    def test_unknown_replies_come_with_a_draft_of_a_rule(self):
        line = BOUNCED.replace("550 5.1.1 <jane@b.example>: User unknown",
                               "550 Xyzzy plugh frotz").replace("dsn=5.1.1", "dsn=5.0.0")
        self.summary.feed(line + "\n").end()
        entry, = self.summary.unknown
        self.assertEqual(list(entry), list(_types.UnknownReply.__annotations__))
        self.assertEqual(entry["count"], 1)
        self.assertIn("frotz", entry["sample"])
        self.assertIn("sample", entry["rule"])
        self.assertEqual(self.summary.reply("unknown", 0).reason, "unknown")

    def test_tls_faults(self):
        self.summary.feed("Nov 21 10:00:07 mail postfix/smtpd[9]: warning: TLS library problem: "
                          "error:0A000418:SSL routines::tlsv1 alert unknown ca:"
                          "../ssl/record/rec_layer_s3.c:1584:SSL alert number 48:\n" * 2).end()
        for entry in self.summary.tls:
            self.assertEqual(list(entry), list(_types.TlsFault.__annotations__))
            self.assertEqual(entry["count"], 2)
            self.assertIs(type(entry["inbound"]), bool)
            self.assertEqual(mailhealth.finding(entry["cause"])["id"], entry["cause"])
        self.assertEqual(len(self.summary.tls), 1)

    def test_empty_before_it_is_fed(self):
        self.assertEqual((self.summary.lines, self.summary.first, self.summary.groups),
                         (0, None, []))
        answer = self.summary.end().as_dict()
        self.assertEqual((answer["schema"], answer["kind"]), (1, "log-summary"))

    def test_reply_is_gone_with_the_next_octets(self):
        reply = self.summary.feed(LOG).reply("groups", 0)
        self.summary.feed(LOG)
        with self.assertRaisesRegex(ValueError, "LogSummary has read on"):
            reply.reason
        reply = self.summary.reply("groups", 0)
        self.summary.close()
        with self.assertRaisesRegex(ValueError, "closed"):
            reply.reason
        for use in (lambda: self.summary.lines, lambda: self.summary.groups,
                    lambda: self.summary.feed(b"x"), lambda: self.summary.json):
            with self.assertRaisesRegex(ValueError, "closed"):
                use()
        self.assertIn("closed", repr(self.summary))

    def test_reply_keeps_its_summary_alive(self):
        reply = mailhealth.LogSummary().feed(LOG).reply("groups", 0)
        gc.collect()
        self.assertEqual(reply.reason, "user-unknown")

    def test_no_other_lists_and_entries(self):
        self.summary.feed(LOG).end()
        with self.assertRaises(KeyError):
            self.summary.reply("nonsense", 0)
        for name in ("throttles", "tls"):
            with self.assertRaises(mailhealth.InvalidError):
                self.summary.reply(name, 0)
        for name, i in (("groups", 1), ("groups", -2), ("unknown", 0)):
            with self.assertRaises(IndexError):
                self.summary.reply(name, i)

    def test_reads_files_packed_or_not(self):
        import gzip
        import io
        with tempfile.TemporaryDirectory() as root:
            plain, packed = os.path.join(root, "mail.log"), os.path.join(root, "mail.log.1.gz")
            with open(plain, "w", encoding="utf-8") as file:
                file.write(LOG)
            with gzip.open(packed, "wb") as file:
                file.write((LOG * 5000).encode())
            with open(plain, "rb") as file:
                summary = self.summary.read(packed, plain, os.fsencode(plain), file,
                                            io.BytesIO(LOG.encode()[:-1]))
            self.assertIs(summary, self.summary)
            self.assertEqual((summary.lines, summary.bounced), (3 * 5004, 5004))
            with self.assertRaises(FileNotFoundError):
                summary.read(os.path.join(root, "nothing"))
        for source in (1, None, LOG.splitlines()):
            with self.assertRaises((TypeError, AttributeError)):
                summary.read(source)
        with self.assertRaises(TypeError):
            summary.feed(1)

    def test_damaged_gzip_is_an_error_and_the_next_file_is_read(self):
        import gzip
        import io
        whole = gzip.compress((LOG * 1000).encode())
        cut, damaged = whole[:len(whole) // 2], bytearray(whole)
        damaged[-6] ^= 0xff  # of the checksum
        for octets in (cut, bytes(damaged), b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\xff" * 100):
            summary = mailhealth.LogSummary()
            with self.assertRaises(mailhealth.Error) as caught:
                summary.read(io.BytesIO(octets))
            self.assertEqual(caught.exception.name, "MH_EIO")
            before = summary.lines
            summary.read(io.BytesIO(LOG.encode()))
            self.assertEqual(summary.lines, before + 3)

    def test_wrong_options(self):
        for options in ({"groups": 15}, {"groups": 1000001}, {"now": -1}, {"utc_offset": 86401}):
            with self.assertRaises(mailhealth.InvalidError, msg=options):
                mailhealth.LogSummary(**options)
        for options in ({"groups": "16"}, {"nonsense": 1}, {"utc_offset": 0.5}):
            with self.assertRaises(TypeError, msg=options):
                mailhealth.LogSummary(**options)
        mailhealth.LogSummary(groups=16, utc_offset=-86400, now=1795680000.75)

    def test_misuse_between_threads_stays_in_one_piece(self):
        def work():
            for _ in range(20):
                self.summary.feed(LOG * 30)
                self.summary.groups
                self.summary.json

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.summary.end().lines, 4 * 20 * 90)


class Explaining(unittest.TestCase):
    def test_texts_are_recognised(self):
        for text, kind in ((UNKNOWN_USER, "reply"), ("", "reply"), (b"\0", "reply"),
                           (BOUNCED, "log"), (NOTHING + "\n" + SENT, "log"), (BOUNCE, "bounce"),
                           (FROM + ORDINARY, "bounce"), (ORDINARY, "bounce")):
            self.assertEqual(mailhealth.recognise(text), kind, text)
        with self.assertRaises(TypeError):
            mailhealth.recognise(None)

    def test_and_read_as_what_they_are(self):
        import email
        import io
        for text, kind in ((UNKNOWN_USER, mailhealth.Reply), (b"", mailhealth.Reply),
                           (BOUNCED, mailhealth.LogLine), (BOUNCED + "\r\n", mailhealth.LogLine),
                           (LOG, mailhealth.LogSummary), (BOUNCE, mailhealth.Bounce),
                           (io.BytesIO(LOG.encode()), mailhealth.LogSummary),
                           (email.message_from_bytes(ORDINARY), mailhealth.Bounce)):
            self.assertIs(type(mailhealth.explain(text)), kind, text)
        self.assertEqual(mailhealth.explain(BOUNCED, now=NOW).unix_time, AT)
        self.assertEqual(mailhealth.explain(LOG, now=NOW, utc_offset=3600).first, AT - 3600)
        box = FROM + BOUNCE + b"\n" + FROM + BOUNCE
        self.assertEqual(len(mailhealth.explain(box)), 2)

    def test_with_the_rules_of_a_context(self):
        context = mailhealth.Context()
        rules = mailhealth.Rules(context)
        rules.add(DRAGONS)
        context.use_rules(rules)
        line = BOUNCED.replace("550 5.1.1 <jane@b.example>: User unknown", "550 Here be dragons")
        self.assertEqual(mailhealth.explain("550 Here be dragons", context=context).rule,
                         "test.dragons")
        self.assertEqual(mailhealth.explain(line, context=context).reply.rule, "test.dragons")
        summary = mailhealth.explain(line + "\n" + line, context=context)
        self.assertEqual(summary.reply("groups", 0).rule, "test.dragons")
        bounce = mailhealth.explain(BOUNCE.replace(b"550 5.1.1 <jane@b.example>: User unknown",
                                                   b"550 Here be dragons"), context=context)
        self.assertEqual(bounce[0].reply.rule, "test.dragons")


class Module(unittest.TestCase):
    def test_has_what_it_says(self):
        for name in mailhealth.__all__:
            self.assertIn(name, dir(mailhealth))
            self.assertTrue(getattr(mailhealth, name).__doc__, name)
        with self.assertRaises(AttributeError):
            mailhealth.nonsense


class Catalogue(unittest.TestCase):
    def test_is_ordered_and_complete(self):
        findings = mailhealth.findings()
        numbers = [finding["number"] for finding in findings]
        self.assertEqual(numbers, sorted(set(numbers)))
        self.assertGreater(len(findings), 0)
        for finding in findings:
            self.assertIn(finding["severity"], ("info", "warn", "fail"))
            for key in ("id", "title", "reason", "remedy", "spec", "since"):
                self.assertNotEqual(finding[key], "", (finding["id"], key))
            self.assertEqual((finding["subject"], finding["evidence"], finding["range"]),
                             ("", "", None))
            self.assertEqual(mailhealth.finding(finding["id"]), finding)

    def test_has_no_others(self):
        with self.assertRaises(KeyError):
            mailhealth.finding("no.such-finding")


class Documents(unittest.TestCase):
    def test_examples_of_the_readme_run(self):
        with open(os.path.join(BINDING, "README.md"), encoding="utf-8") as file:
            blocks = file.read().split("```python\n")[1:]
        self.assertGreater(len(blocks), 1)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        for name, octets in (("mail.log", LOG.encode()), ("bounces.mbox", FROM + BOUNCE)):
            with open(os.path.join(directory.name, name), "wb") as file:
                file.write(octets)
        with open(os.path.join(BINDING, "..", "..", "tests", "fuzz", "corpus", "tlsa", "text"), "rb") as file:
            certificate = file.read()
        here = os.getcwd()
        os.chdir(directory.name)
        self.addCleanup(os.chdir, here)
        names = {"replies": [UNKNOWN_USER.encode(), GREYLISTED], "log": LOG.splitlines(),
                 "message": BOUNCE, "pem": certificate}
        for block in blocks:
            code = block.partition("```")[0]
            with open(os.devnull, "w", encoding="utf-8") as nothing:
                names["print"] = lambda *words: print(*words, file=nothing)
                exec(compile(code, "README.md", "exec"), names)

    def test_doc_of_the_module_is_true(self):
        import doctest
        failed, tried = doctest.testmod(mailhealth)
        self.assertEqual(failed, 0)
        self.assertGreater(tried, 0)


if __name__ == "__main__":
    unittest.main()
