"""zonecheck.py - the check "domain" answered from a zone alone, as the tests of this folder run it"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))

import mailhealth  # noqa: E402

NOW = 1795737600  # 2026-11-27
SEVERITIES = ("info", "warn", "fail")


class Look:
    """What came out of one check."""

    def __init__(self, job):
        self.findings = job.findings()
        self.questions = [(answer.name, answer.type) for answer in job.answers()]
        self.health, self.rounds, self.queries = job.health, job.rounds, job.queries
        self.json_text = job.json_text

    def present(self, *severities):
        return [f for f in self.findings if f["state"] == "present" and f["severity"] in (severities or SEVERITIES)]

    def json(self):
        return json.loads(self.json_text)

    def keys(self, *severities):
        """(id, subject) of what is known to be so."""
        return {(f["id"], f["subject"]) for f in self.present(*severities)}


def look(records, domain, failing=None, failure=mailhealth.ServFail, **options):
    """The check, answered from the records; failing: a question (name, type) that fails instead, or "all"."""
    with mailhealth.Zone(records if isinstance(records, str) else records.text()) as zone:
        bad = [f for f in zone.findings() if f["severity"] != "info"]
        if bad:
            raise ValueError("the zone itself is broken: %s" % bad)
        with mailhealth.DomainJob(domain, fetch=False, now=NOW, timeout=None, **options) as job:
            while not job.step(0):
                answered = 0
                for ask in job.asks() if failing else ():
                    if failing in ("all", (ask.name, ask.type)):
                        answered += job.fail(ask, failure)
                answered += zone.answer(job)
                if not answered:
                    raise RuntimeError("nobody answers")
            out = Look(job)
    return out


def octets(text):
    """The strings of TXT in presentation form, joined."""
    out, i, quoted = [], 0, False
    while i < len(text):
        c = text[i]
        if c == "\\" and text[i + 1:i + 4].isdigit():
            out.append(chr(int(text[i + 1:i + 4])))
            i += 4
            continue
        if c == "\\":
            out.append(text[i + 1])
            i += 2
            continue
        if c == '"':
            quoted = not quoted
        elif quoted or c not in " \t":
            out.append(c)
        i += 1
    return "".join(out)


def normal(kind, text):
    """A form in which equal records are equal."""
    if kind in ("TXT", "SPF"):
        return octets(text)
    return " ".join(text.lower().replace('"', "").split())
