#!/usr/bin/env python3
"""generate.py [--check] - what man pages say twice is written once

mailhealth-findings.7 is made from lib/ground/findings.def, the list of reasons
in mailhealth-rules.5 from lib/replies/rules/reasons.rules, the example in
mailhealth.3 from examples/classify.c.  The pages are committed; a test runs
this with --check, which writes nothing and fails if they are not what they
should be.
"""
import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
DATE = "November 22, 2026"
SEVERITIES = {"INFO": "info", "WARN": "warn", "FAIL": "fail"}
STRING = r'"((?:[^"\\]|\\.)*)"'


def mdoc(text):
    """text as lines of mdoc: a new line for a sentence, nothing taken for a macro"""
    text = text.replace("\\", "\\e").replace('"', "\\(dq")
    text = re.sub(r"(?<=[a-z)\"\d])([.?!]) (?=[A-Z\\])", r"\1\n", text)
    lines = [
        line
        for sentence in text.split("\n")
        for line in textwrap.wrap(sentence, 78, break_long_words=False, break_on_hyphens=False)
    ]
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in lines)


def findings():
    source = (HERE / "../ground/findings.def").read_text(encoding="utf-8")
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.S)
    source = re.sub(r'"\n\s*"', "", source)  # literals that are one
    out = [
        '.\\" Written by generate.py from lib/ground/findings.def: change that one.',
        f".Dd {DATE}\n.Dt MAILHEALTH-FINDINGS 7\n.Os",
        ".Sh NAME\n.Nm mailhealth-findings\n.Nd what can be odd or wrong, and what to do about it",
        ".Sh DESCRIPTION",
        "A finding is something that the library noticed in what it looked at.\n"
        "Its id and its number are stable for ever; the words may become clearer.\n"
        "The severity is\n.Sy fail\n.Pq mail is lost ,\n.Sy warn\n.Pq it may be\nor\n.Sy info .",
        "The same list is printed by\n.Ql mailhealth findings .",
    ]
    groups = {}
    for call in re.finditer(
        rf'MH_FINDING\(\s*(\d+),\s*\w+,\s*{STRING},\s*(\w+),\s*{STRING},\s*{STRING},\s*{STRING},\s*{STRING},\s*{STRING}\s*\)',
        source,
    ):
        groups.setdefault(call[2].split(".")[0], []).append(call.groups())
    titles = {"reply": "Replies", "smtp": "STARTTLS", "tls": "TLS", "cert": "Certificates"}
    for group, rows in groups.items():
        out.append(f".Ss {titles.get(group, group)}\n.Bl -tag -width Ds")
        for number, name, severity, since, spec, title, reason, remedy in rows:
            spec = re.sub(r"^RFC (\d+) (.+)$", r"RFC \1, section \2", spec)
            out.append(f".It Sy {name} Pq {SEVERITIES[severity]}, {number}")
            out.append(f"{mdoc(title)}.\n.Pp\n{mdoc(reason)}\n{mdoc(remedy)}\n.Pq {spec}; since {since}")
        out.append(".El")
    out.append(".Sh SEE ALSO\n.Xr mailhealth 1 ,\n.Xr mailhealth-reply 1 ,\n.Xr mailhealth 3")
    count = len(re.findall(r"\bMH_FINDING\(", source))
    if count != sum(map(len, groups.values())):
        sys.exit("generate.py: cannot read all of findings.def")
    return "\n".join(out) + "\n"


def between(page, mark, text):
    """page with text in the place that the two comments of this mark enclose"""
    begin, end = f'.\\" {mark}: written by generate.py\n', f'.\\" {mark}: end\n'
    if begin not in page or end not in page:
        sys.exit(f"generate.py: no place for {mark}")
    before, _, rest = page.partition(begin)
    return before + begin + text + end + rest.partition(end)[2]


def rules(page):
    source = (HERE / "../replies/rules/reasons.rules").read_text(encoding="utf-8")
    reasons = re.findall(rf"^reason\s+(\S+)\s*\{{[^}}]*?^\s*text\s+{STRING}", source, flags=re.M)
    if len(reasons) != len(re.findall(r"^reason\s", source, flags=re.M)):
        sys.exit("generate.py: cannot read all of reasons.rules")
    return between(page, "reasons", "".join(f".It Sy {name}\n{mdoc(text)}\n" for name, text in reasons))


def example(page):
    source = (HERE / "../../examples/classify.c").read_text(encoding="utf-8")
    code = source[source.index("#include") :].replace("\\", "\\e")
    code = "".join("\\&" + line if line[0] in ".'" else line for line in code.splitlines(keepends=True))
    return between(page, "classify.c", code)


def main():
    wanted = {
        HERE / "mailhealth-findings.7": findings(),
        HERE / "mailhealth-rules.5": rules((HERE / "mailhealth-rules.5").read_text(encoding="utf-8")),
        HERE / "mailhealth.3": example((HERE / "mailhealth.3").read_text(encoding="utf-8")),
    }
    wrong = 0
    for path, text in wanted.items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        wrong += 1
        if sys.argv[1:] == ["--check"]:
            print(f"{path.name} is not what generate.py writes: run it", file=sys.stderr)
        else:
            path.write_text(text, encoding="utf-8")
    return 1 if wrong and sys.argv[1:] == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main())
