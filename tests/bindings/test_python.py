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

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BINDING = os.path.join(ROOT, "bindings", "python")
HEADER = os.path.join(ROOT, "include", "mailhealth.h")
sys.dont_write_bytecode = True
sys.path.insert(0, BINDING)

import mailhealth  # noqa: E402  (the path comes first)
from mailhealth import _library, _signatures  # noqa: E402

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
                         {"mailhealth", "mailhealth._library", "mailhealth._signatures"})

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
        names = {"replies": [UNKNOWN_USER.encode(), GREYLISTED]}
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
