#!/usr/bin/env python3
"""run.py [--results OUT.jsonl] [--way WAY] CASES.jsonl... - conformance cases

Runs cases in the common format (one JSON object a line: id, kind, in, expect, zone, judged) through the Python
binding, so that library and binding are tested at once.  The case's zone is the only resolver.

--way     who answers: host (default): a resolver in this program; zone: a master file through Zone; driver: a DNS
          server on loopback through Loop; nsd: as driver, NSD being the server (by_nsd.py); lua: as host, through the
          Lua binding (in_lua.py)
--results a line for each case, skipped ones included: {"id", "kind", "state", "got"}

Prints a line for each file and one for each case that failed.  Exit: 0, 1 if a case failed, 2 if it could not run.
"""
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))
sys.path.insert(0, HERE)

import rows  # noqa: E402
from disputed import DISPUTED  # noqa: E402
from by_nsd import LeftOut, Nsd, why_not  # noqa: E402
from in_lua import InLua  # noqa: E402

try:
    import mailhealth  # noqa: E402
    import dmarc_cases  # noqa: E402
except ImportError as error:
    sys.exit("run.py: %s" % error) if __name__ != "__main__" else (print("run.py: %s" % error, file=sys.stderr),
                                                                   sys.exit(2))


def octets(text):
    """Inputs are text, one code point an octet unless it is beyond that."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


class Host:
    """Answers by a resolver in this program."""

    def __init__(self, zone):
        self.zone = zone

    def check(self, options):
        """Result and explanation of a check with these options."""
        with mailhealth.Job(**options) as job:
            self.run(job)
            self.look_back(job)
            return {"result": job.result, "explanation": job.explanation}

    def look_back(self, job):
        """Raises LeftOut if something was asked that this way cannot answer as the case wants it."""

    def run(self, job):
        while not job.step(0):
            for ask in job.asks():
                self.answer(job, ask)

    def answer(self, job, ask):
        state, records = self.zone.resolve(rows.unescape(ask.name), ask.type)
        failures = {"nxdomain": mailhealth.NxDomain, "timeout": mailhealth.DnsTimeout,
                    "servfail": mailhealth.ServFail}
        if state in failures:
            job.fail(ask, failures[state])
        else:
            job.answer_rdata(ask, records)

    def close(self):
        pass


class ByZone(Host):
    """Answers by a master file; failures, which none can have, by this program first."""

    def __init__(self, zone):
        super().__init__(zone)
        self.file = mailhealth.Zone(zone.master_file(), ".", name="case")
        for finding in self.file.findings():
            if finding["severity"] != "info":
                raise RuntimeError("%s: %s: %s" % (finding["subject"], finding["id"], finding["evidence"]))

    def run(self, job):
        while not job.step(0):
            for ask in job.asks():
                if self.zone.resolve(rows.unescape(ask.name), ask.type)[0] in ("timeout", "servfail"):
                    self.answer(job, ask)
            self.file.answer(job)

    def close(self):
        self.file.close()


class ByDriver(Host):
    """Answers by a DNS server on loopback and the library's own client."""

    server = None

    def __init__(self, zone):
        super().__init__(zone)
        self.loop = mailhealth.Loop("127.0.0.1:%d" % self.serve(zone), try_ms=60, tries=1)

    def serve(self, zone):
        """The port of a server that has this zone."""
        if ByDriver.server is None:
            ByDriver.server = rows.Server()
        ByDriver.server.zone = zone
        return ByDriver.server.port

    def run(self, job):
        self.loop.run(job)

    def close(self):
        self.loop.close()


class ByNsd(ByDriver):
    """The same with NSD as the server."""

    def serve(self, zone):
        self.nsd = Nsd(os.environ.get("MAILHEALTH_NSD", "nsd"), zone)
        return self.nsd.port

    def look_back(self, job):
        for answer in job.answers():
            reason = why_not(self.zone, rows.canonical(rows.unescape(answer.name)), answer.type)
            if reason:
                raise LeftOut(reason)

    def close(self):
        super().close()
        self.nsd.close()


WAYS = {"host": Host, "zone": ByZone, "driver": ByDriver, "nsd": ByNsd, "lua": InLua}


def run_spf(case, way):
    """What the library says: result and explanation."""
    given = case["in"]
    options = {"ip": given["ip"], "helo": octets(given["helo"]), "sender": octets(given["mailfrom"]),
               "receiver": given.get("receiver", ""), "domain": given.get("check_domain", ""), "now": 1700000000}
    resolver = WAYS[way](rows.Zone(case.get("zone", [])))
    try:
        return resolver.check(options)
    finally:
        resolver.close()


def wanted(case):
    """What is compared: expect, overridden key by key by judged; None: no verdict."""
    expect = dict(case["expect"])
    for key, value in case.get("judged", {}).items():
        if key != "why":
            expect[key] = value
    # Where the data has no reading of its own, ours counts, and says why.
    expect.update(DISPUTED.get(case.get("id"), ({}, ""))[0])
    return expect


def judge_spf(case, got):
    """Sentences about what is not as it should be."""
    expect = wanted(case)
    faults = []
    results = expect.get("result")
    if results is not None and got["result"] not in results:
        faults.append("expected %s, got %s" % (" or ".join(results), got["result"]))
    explanations = expect.get("explanation")
    # An explanation is only given with a fail; "DEFAULT" stands for the receiver's own words.
    if explanations is not None and got["result"] == "fail":
        said = got["explanation"] or "DEFAULT"
        if said not in explanations:
            faults.append("expected explanation %r, got %r" % (explanations, said))
    return faults


def run_sts(case, way):
    """A record or a policy of MTA-STS; no question is asked, so all ways but Lua's are one."""
    given = {key: octets(text) for key, text in case["in"].items()}
    if way == "lua":
        found = InLua(rows.Zone([])).sts(given)
    else:
        with mailhealth.Sts(**given) as sts:
            found = sts.as_dict()
    part = found["record" if "record" in given else "policy"]
    fields = {key: part[key] for key in ("id", "mode", "max_age", "mx") if key in part}
    return {"valid": part["valid"], "fields": {**fields, "ext": part["fields"]}}


def judge_sts(case, got):
    expect = wanted(case)
    faults = []
    if expect.get("valid") is not None and got["valid"] != expect["valid"]:
        faults.append("expected valid %s, got %s" % (expect["valid"], got["valid"]))
    for key, value in (expect.get("fields") or {}).items():
        if value is not None and got["fields"].get(key) != value:
            faults.append("expected %s %r, got %r" % (key, value, got["fields"].get(key)))
    return faults


RECORDS = {"dmarc-parse": "dmarc", "dkim-key": "dkim-key", "tlsrpt-record": "tlsrpt", "bimi-record": "bimi"}


def run_record(case, way):
    """One record from its text; no question is asked, so that two ways are enough."""
    if way not in ("host", "lua"):
        raise LeftOut("nothing is asked")
    kind, text = RECORDS[case["kind"]], octets(case["in"]["record"])
    try:
        if way == "lua":
            found = InLua(rows.Zone([])).record(kind, text)
        else:
            with mailhealth.Record(kind, text) as record:
                found = record.as_dict()
    except ValueError:
        raise LeftOut("the library has no records of kind %s" % kind) from None
    fields = {}
    for field in found["fields"]:
        fields.setdefault(field["name"], []).append(field["value"])
    return {"valid": found["valid"], "fields": fields}


def judge_record(case, got):
    """Fields are lists, of one value where the standard has no list."""
    expect = wanted(case)
    faults = []
    if expect.get("valid") is not None and got["valid"] != expect["valid"]:
        faults.append("expected valid %s, got %s" % (expect["valid"], got["valid"]))
    for key, value in (expect.get("fields") or {}).items():
        found = got["fields"].get(key, [])
        if value is not None and found != (value if isinstance(value, list) else [str(value)]):
            faults.append("expected %s %r, got %r" % (key, value, found))
    return faults


def roots(cases):
    """PEM of the trust anchors that cases of DANE name and the data has not: certificates of their chains that are
    their own issuers, and CAs."""
    blocks = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n",
                        "".join(pem for case in cases for pem in case["in"]["chain_pem"]), re.S)
    found = {}
    for block in blocks:
        with mailhealth.Chain(block, now=1700000000) as chain:
            for one in chain.certificates:
                if one.subject == one.issuer and one.is_ca:
                    found[block] = True
    return "".join(found)


def run_dane(case, way):
    """What all TLSA records of a case come to together."""
    if way != "host":
        raise LeftOut("nothing is asked")
    given = case["in"]
    with mailhealth.Chain("".join(given["chain_pem"]), names=given["base_domain"], mail=False,
                          ee_names=not given.get("no_ee_namecheck"), context=run_dane.context,
                          tlsa=["%d %d %d %s" % tuple(record) for record in given["tlsa"]]) as chain:
        depth = chain.dane_depth
        return {"valid": chain.dane == "pass", "x509_verify_result": chain.dane_error,
                "match_depth": -1 if depth is None else depth}


def judge_dane(case, got):
    """Sentences about what is not as it should be."""
    expect = wanted(case)
    return ["%s: expected %r, got %r" % (key, expect[key], got[key])
            for key in got if expect.get(key) is not None and expect[key] != got[key]]


def prepare_dane(cases):
    """A context with the trust anchors of all of them."""
    run_dane.context = mailhealth.Context()
    run_dane.context.add_anchors(roots(cases))


KINDS = {"spf": (run_spf, judge_spf), "mta-sts-record": (run_sts, judge_sts), "mta-sts-policy": (run_sts, judge_sts),
         "dane": (run_dane, judge_dane), **{kind: (run_record, judge_record) for kind in RECORDS}}
KINDS.update(dmarc_cases.Runner(lambda case, way: WAYS[way](rows.Zone(case.get("zone", []))), wanted).kinds())
PREPARE = {"dane": prepare_dane}


def run_file(path, way, results):
    """Numbers of passed, failed and skipped cases of one file; prints what it comes to."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    failures, left_out = [], {}
    with open(path, encoding="utf-8") as file:
        cases = [json.loads(line) for line in file if line.strip()]
    for kind, prepare in PREPARE.items():
        if any(case["kind"] == kind for case in cases):
            prepare([case for case in cases if case["kind"] == kind])
    for case in cases:
        state, got = "skipped", {}
        if case["kind"] in KINDS:
            run, judge = KINDS[case["kind"]]
            try:
                got = run(case, way)
                faults = judge(case, got)
                state = "failed" if faults else "passed"
                failures += ["FAIL %s: %s" % (case["id"], fault) for fault in faults]
            except LeftOut as reason:
                left_out[str(reason)] = left_out.get(str(reason), 0) + 1
        counts[state] += 1
        if results is not None:
            results.write(json.dumps({"id": case["id"], "kind": case["kind"], "state": state, "got": got}) + "\n")
    print("%s: %d passed, %d failed, %d skipped" % (path, counts["passed"], counts["failed"], counts["skipped"]))
    for reason, count in sorted(left_out.items()):
        print("  left out: %d, %s" % (count, reason))
    for failure in failures:
        print(failure)
    return counts["failed"]


def main(arguments):
    way, out, paths = "host", None, []
    while arguments:
        word = arguments.pop(0)
        if word in ("--way", "--results") and arguments:
            value = arguments.pop(0)
            if word == "--way":
                way = value
            else:
                out = value
        elif word.startswith("-"):
            paths = []
            break
        else:
            paths.append(word)
    if not paths or way not in WAYS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        results = open(out, "w", encoding="utf-8") if out else None
        failed = sum([run_file(path, way, results) for path in paths])
        if results is not None:
            results.close()
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        print("run.py: %s" % error, file=sys.stderr)
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
