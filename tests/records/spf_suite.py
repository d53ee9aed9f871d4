#!/usr/bin/env python3
"""spf_suite.py PROGRAM CASES.jsonl [--show] - conformance cases through spf_suite.c

Compares results (and explanations) with what the suite expects or is judged to expect; the format of the
cases is described beside them.  --show tells of differences and gives 0 (for suites of an older standard).
"""

import json
import subprocess
import sys


def escape(text, encoding="latin-1"):
    return "".join(chr(b) if 0x21 <= b <= 0x7e and b not in b"\\|" else f"\\x{b:02x}" for b in text.encode(encoding))


def row(fields):
    name, kind, *rest = fields
    if kind in ("TXT", "SPF"):
        return f"row {escape(name)} {kind} {'|'.join(escape(s) for s in rest)}"
    if kind == "MX":
        return f"row {escape(name)} MX {rest[0]} {escape(rest[1])}"
    return f"row {escape(name)} {kind} {' '.join(escape(str(s)) for s in rest)}"


def main():
    program, path = sys.argv[1:3]
    show = "--show" in sys.argv
    cases = [json.loads(line) for line in open(path, encoding="ascii")]
    out = []
    for number, case in enumerate(cases):
        given = case["in"]
        out.append(f"case {number}")
        out.append(f"ip {given['ip']}")
        for key, value in (("helo", given.get("helo")), ("from", given.get("mailfrom")),
                           ("domain", given.get("check_domain")), ("receiver", given.get("receiver"))):
            if value:
                out.append(f"{key} {escape(value, 'utf-8')}")
        out.extend(row(fields) for fields in case.get("zone", []))
        out.append("end")
    got = subprocess.run([program], input="\n".join(out) + "\n", capture_output=True, text=True, check=False)
    sys.stderr.write(got.stderr)
    lines = got.stdout.splitlines()
    wrong = 0
    if got.returncode != 0 or len(lines) != len(cases):
        sys.exit(f"{program} gave {got.returncode} and {len(lines)} verdicts for {len(cases)} cases")
    for case, line in zip(cases, lines):
        _, result, *rest = line.split(" ")
        explanation = bytes.fromhex(rest[0]).decode("latin-1") if rest else ""
        expect = {**case["expect"], **case.get("judged", {})}
        results, texts = expect.get("result"), expect.get("explanation")
        if results is not None and result not in results:
            print(f"{case['id']}: {result}, not {' or '.join(results)}  {case.get('comment') or ''}")
            wrong += 1
        elif texts is not None and (explanation or "DEFAULT") not in texts:
            print(f"{case['id']}: explanation {explanation!r}, not {texts}")
            wrong += 1
    print(f"{len(cases) - wrong} of {len(cases)}")
    return 0 if wrong == 0 or show else 1


if __name__ == "__main__":
    sys.exit(main())
