"""dmarc_cases.py - conformance cases of DMARC that ask: which record counts, what a message comes to, who takes reports;
and those about names alone: alignment, Author Domains, registered domains

Called by run.py, whose resolvers answer.
"""
import mailhealth
from by_nsd import LeftOut

RULES = "rfc9989"


def names_of(results):
    """(domain, result) pairs of a case."""
    return [(one["domain"], one["result"]) for one in results]


class Runner:
    """Runs cases; open_resolver(case, way) gives who answers, wanted(case) what is compared."""

    def __init__(self, open_resolver, wanted):
        self.open_resolver = open_resolver
        self.wanted = wanted

    def ask(self, case, way, options):
        """What came out of a job with these options, as its JSON's results."""
        zone = case.get("zone", [])
        if way in ("zone", "nsd") and any(row in zone[:i] for i, row in enumerate(zone)):
            raise LeftOut("a zone has no record twice")
        resolver = self.open_resolver(case, way)
        try:
            if way == "lua":
                return resolver.dmarc(options)
            options = dict(options)
            with mailhealth.DmarcJob(options.pop("author", ()), **options) as job:
                resolver.run(job)
                resolver.look_back(job)
                return job.json()["results"]["dmarc"]
        finally:
            resolver.close()

    # ---- lookups

    def lookup(self, case, way):
        domain = case["in"]["domain"]
        got = self.ask(case, way, {"domain": domain})
        found = {"found": got["record"] != "" and got["policy"] != "", "at": got["record_at"],
                 "status": "temperror" if got["result"] == "temperror" else ""}
        if found["found"]:
            record = mailhealth.Record("dmarc", got["record"].encode("latin-1"))
            fields = {"v": "DMARC1", "rua": record.values("rua"), "ruf": record.values("ruf"), "rr": got["record"],
                      "isOrgRecord": got["record_at"] != domain.lower().rstrip(".")}
            fields.update((name, value) for name, value in record.fields if name not in ("rua", "ruf"))
            found["fields"] = fields
        return found

    def judge_lookup(self, case, got):
        expect = self.wanted(case)
        faults = []
        if expect.get("found") is not None and got["found"] != expect["found"]:
            return ["expected found %s, got %s" % (expect["found"], got["found"])]
        if got["found"] and expect.get("at") is not None and got["at"] != expect["at"].lower():
            faults.append("expected a record at %s, got %s" % (expect["at"], got["at"]))
        if (expect.get("status") == "temperror") != (got["status"] == "temperror") and "status" in expect and \
                expect["status"] is not None:
            faults.append("expected status %s, got %s" % (expect["status"], got["status"] or "another"))
        for key, value in (expect.get("fields") or {}).items():
            if value is None or key == "rr" or not got["found"]:
                continue
            if got["fields"].get(key) != value:
                faults.append("expected %s %r, got %r" % (key, value, got["fields"].get(key)))
        return faults

    # ---- messages

    def evaluate(self, case, way):
        given = case["in"]
        options = {"spf": names_of(given.get("spf") or ()), "dkim": names_of(given.get("dkim") or ())}
        if "from_domain" in given:
            options["domain"] = given["from_domain"]
        else:
            options["author"] = given["from"]
        got = self.ask(case, way, options)
        return {key: got[key] for key in ("result", "policy", "disposition", "record_at")} | {
            "aligned_dkim": got["aligned_dkim"] != "", "aligned_spf": got["aligned_spf"] != ""}

    def judge_eval(self, case, got):
        expect = self.wanted(case)
        faults = []
        for key, value in got.items():
            if expect.get(key) is None or (key == "record_at" and value == ""):
                continue
            if expect[key] != value:
                faults.append("%s: expected %r, got %r" % (key, expect[key], value))
        return faults

    # ---- where reports go

    def external(self, case, way):
        given = case["in"]
        got = self.ask(case, way, {"domain": given["domain"], "report_domain": given["report_domain"]})
        return {"accepted": got["result"] == "pass",
                "status": "temperror" if got["result"] == "temperror" else ""}

    def judge_external(self, case, got):
        expect = self.wanted(case)
        faults = []
        if expect.get("accepted") is not None and got["accepted"] != expect["accepted"]:
            faults.append("expected accepted %s, got %s" % (expect["accepted"], got["accepted"]))
        if expect.get("status") is not None and \
                (expect["status"] == "temperror") != (got["status"] == "temperror"):
            faults.append("expected status %s, got %s" % (expect["status"], got["status"] or "another"))
        return faults

    # ---- names alone

    def names(self, case, way, python, lua):
        if way == "host":
            return python()
        if way == "lua":
            resolver = self.open_resolver(case, way)
            try:
                return resolver.names(*lua)
            finally:
                resolver.close()
        raise LeftOut("nothing is asked")

    def alignment(self, case, way):
        given = case["in"]
        strict = given["mode"] == "strict"
        return {"aligned": self.names(case, way, lambda: mailhealth.aligned(given["a"], given["b"], strict=strict),
                                      ("aligned", given["a"], given["b"], given["mode"]))}

    def from_domain(self, case, way):
        value = case["in"]["from"]
        return {"domain": self.names(case, way, lambda: mailhealth.from_domain(value), ("from_domain", value))}

    def psl(self, case, way):
        domain = case["in"]["domain"] or ""
        found = self.names(case, way, lambda: mailhealth.registrable(domain), ("registrable", domain))
        return {"registrable": found or None}

    def judge_psl(self, case, got):
        # null is a verdict here: no registrable domain
        expect = case["expect"]["registrable"]
        return [] if got["registrable"] == expect else ["expected %r, got %r" % (expect, got["registrable"])]

    def judge_plain(self, case, got):
        expect = self.wanted(case)
        return ["%s: expected %r, got %r" % (key, expect[key], value)
                for key, value in got.items() if expect.get(key) is not None and expect[key] != value]

    def kinds(self):
        """What run.py has for each kind: who runs it and who judges it."""
        return {"dmarc-lookup": (self.lookup, self.judge_lookup), "dmarc-eval": (self.evaluate, self.judge_eval),
                "dmarc-external-report": (self.external, self.judge_external),
                "alignment": (self.alignment, self.judge_plain), "from-domain": (self.from_domain, self.judge_plain),
                "psl": (self.psl, self.judge_psl)}
