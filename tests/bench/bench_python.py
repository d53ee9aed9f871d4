#!/usr/bin/env python3
"""bench_python.py - what the Python binding costs

    bench_python.py [RUNS]

Start: wall clock of a fresh interpreter, median of RUNS (default 41), with the
variants taken in turn so that a slow moment of the machine meets them all.
Parse: the best and the median of several rounds of one Classifier.

Goals: import and first reply at most 30 ms of a program's time, and at most 4
microseconds for a parse with four accessors.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time
import timeit

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.normpath(os.path.join(HERE, "..", "..", "bindings", "python"))

FIRST_REPLY = """
import mailhealth
reply = mailhealth.parse_reply("550 5.1.1 <a@example.org>: User unknown")
reply.code, reply.status, reply.reason, reply.rule
"""

# name, program, whether it finds compiled modules
STARTS = (
    ("python3 -c pass", "pass", True),
    ("import ctypes", "import ctypes", True),
    ("import mailhealth", "import mailhealth", True),
    ("import and first reply", FIRST_REPLY, True),
    ("the same, no .pyc anywhere", FIRST_REPLY, False),
    ("import and first reply as dict", FIRST_REPLY + "\nreply.as_dict()", True),
)

REPLIES = (
    b"550 5.1.1 <a@example.org>: Recipient address rejected: User unknown in virtual table",
    b"421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to unexpected volume "
    b"or user complaints - 4.16.55.1; see https://example.org/errors/421",
    b"550-5.7.26 Your email has been blocked because the sender is unauthenticated.\r\n"
    b"550-5.7.26 All senders must authenticate with either SPF or DKIM.\r\n"
    b"550 5.7.26 DKIM = did not pass, SPF [example.org] with ip: [192.0.2.1] = did not pass\r\n",
)

LINE = (b"Nov 21 10:00:00 mail postfix/smtp[123]: 4F1234567: to=<a@example.org>, "
        b"relay=mx.example.org[192.0.2.1]:25, delay=1.5, delays=0.1/0/1/0.4, dsn=5.1.1, "
        b"status=bounced (host mx.example.org[192.0.2.1] said: 550 5.1.1 <a@example.org>: "
        b"User unknown (in reply to RCPT TO command))")


def starts(runs):
    taken = {name: [] for name, *_ in STARTS}
    with tempfile.TemporaryDirectory() as cache, tempfile.TemporaryDirectory() as empty:
        compiled = dict(os.environ, PYTHONPATH=PACKAGE, PYTHONPYCACHEPREFIX=cache)
        compiled.pop("PYTHONDONTWRITEBYTECODE", None)
        source = dict(compiled, PYTHONPYCACHEPREFIX=empty, PYTHONDONTWRITEBYTECODE="1")
        for i in range(runs + 1):
            for name, code, is_compiled in STARTS:
                begin = time.perf_counter()
                subprocess.run([sys.executable, "-c", code], check=True,
                               env=compiled if is_compiled else source)
                if i:  # the first round also compiles, and reads the files from disk
                    taken[name].append((time.perf_counter() - begin) * 1000)
    medians = {name: statistics.median(times) for name, times in taken.items()}
    floor = medians[STARTS[0][0]]
    print("%-34s %9s %16s" % ("start (median of %d)" % runs, "ms", "ms over pass"))
    for name, median in medians.items():
        print("%-34s %9.1f %16.1f" % (name, median, median - floor))


def microseconds(function, number=20000, rounds=15):
    """The median and the best of several rounds, for one call."""
    times = timeit.repeat(function, number=number, repeat=rounds)
    return statistics.median(times) / number * 1e6, min(times) / number * 1e6


def parses():
    sys.path.insert(0, PACKAGE)
    import mailhealth
    from mailhealth._library import C

    classifier = mailhealth.Classifier()

    def four(text):
        def run():
            answer = classifier.parse(text)
            return answer.code, answer.status, answer.reason, answer.rule
        return run

    def one_off():
        reply = mailhealth.parse_reply(REPLIES[0])
        return reply.code, reply.status, reply.reason, reply.rule

    reader = mailhealth.LogReader()

    def line():
        read = reader.parse(LINE)
        return read.event, read.result, read.recipient, read.relay

    rows = [
        ("empty ctypes call (the floor)", C.mh_version_number),
        ("parse alone", lambda: classifier.parse(REPLIES[0])),
        ("one accessor", lambda: classifier.reason),
    ]
    rows += [("parse and four accessors, %d octets" % len(text), four(text)) for text in REPLIES]
    rows += [
        ("the same, str of %d" % len(REPLIES[0]), four(REPLIES[0].decode())),
        ("parse_reply() and four, %d octets" % len(REPLIES[0]), one_off),
        ("as_dict()", classifier.as_dict),
        ("log line and four, %d octets" % len(LINE), line),
        ("the same and its reply's reason", lambda: line() and reader.reply.reason),
        ("parse_log_line() alone", lambda: mailhealth.parse_log_line(LINE)),
    ]
    print("\n%-34s %9s %16s" % ("each", "us", "us at best"))
    for name, function in rows:
        print("%-34s %9.2f %16.2f" % (name, *microseconds(function)))


if __name__ == "__main__":
    starts(int(sys.argv[1]) if len(sys.argv) > 1 else 41)
    parses()
