#!/usr/bin/env python3
"""check_citations.py ROOT - every "RFC nnnn s.s.s" that the library cites is in tests/rfc-sections.txt

Looked at: include/, lib/**/*.c, .h and .def, and the rules.  A citation without a section, "RFC 5322",
needs its line "5322 - title".  With --self-test it checks itself: that it sees what is wrong.
"""

import pathlib
import re
import sys

CITATION = re.compile(r"\bRFC[ -]?(\d{3,5})(?: section)?(?: (\d+(?:\.\d+)*)\b(?![\w.]*\w))?")


def read_list(path):
    known = set()
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        match = re.fullmatch(r"(\d{3,5}) (-|\d+(?:\.\d+)*) (\S.*)", line)
        if match is None:
            sys.exit(f"{path}:{number}: not \"RFC section title\": {line}")
        if match.group(1, 2) in known:
            sys.exit(f"{path}:{number}: twice: {line}")
        known.add(match.group(1, 2))
    return known


def citations(text):
    """Pairs of RFC and section with the line they stand on; a comment may break a line in between."""
    joined = re.sub(r"\n[ \t]*(?:\*|#|//)?[ \t]*", lambda m: "\n", text)
    flat = joined.replace("\n", " ")
    for match in CITATION.finditer(flat):
        yield match.group(1), match.group(2) or "-", joined.count("\n", 0, match.start()) + 1


def check(text, known):
    return [(rfc, section, line) for rfc, section, line in citations(text) if (rfc, section) not in known]


def self_test():
    known = {("5321", "4.2.1"), ("5321", "-"), ("3463", "2")}
    good = ["RFC 5321 4.2.1.", "(RFC 5321)", "RFC 5321 4.2.1, RFC 3463 2)", "/* RFC 5321\n * 4.2.1 */", "no RFC at all",
            "RFC 3463 2: x"]
    bad = ["RFC 5321 4.2.9", "RFC 9999", "RFC 3463 2.1", "RFC 3463", "/* RFC 5321\n * 4.9 */", "RFC 5321 section 9"]
    assert all(not check(text, known) for text in good), [t for t in good if check(t, known)]
    assert all(check(text, known) for text in bad), [t for t in bad if not check(t, known)]


def main():
    self_test()
    root = pathlib.Path(sys.argv[1])
    known = read_list(root / "tests" / "rfc-sections.txt")
    files = [p for ending in ("c", "h", "def", "rules") for p in sorted((root / "lib").rglob("*." + ending))]
    files += sorted((root / "include").rglob("*.h"))
    seen = wrong = 0
    for path in files:
        text = path.read_text(encoding="utf-8")
        seen += sum(1 for _ in citations(text))
        for rfc, section, line in check(text, known):
            print(f"{path}:{line}: RFC {rfc}{'' if section == '-' else ' ' + section} is not in tests/rfc-sections.txt")
            wrong += 1
    print(f"{seen} citations in {len(files)} files, {wrong} not known")
    return 1 if wrong or seen == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
