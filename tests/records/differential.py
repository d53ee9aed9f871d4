#!/usr/bin/env python3
"""differential.py PROGRAM [COUNT] [SEED] - generated records and zones, through spf_suite.c and pyspf

pyspf counts every empty answer, so ours judge by the profile void-per-query.  Explanations of a fail are compared
as well.  Every difference must be explained by a row of EXPLAINED or EXPLAINED_TEXTS; one that is not is
printed whole, and the run fails.  Where python3-spf is not installed, nothing is compared and 77 is given.
"""

import collections
import random
import re
import subprocess
import sys

try:
    import spf
except ImportError:
    sys.exit(77)

# What pyspf does otherwise: name, whether it explains (case, ours, theirs, what pyspf says), and which of us
# keeps to RFC 7208.
EXPLAINED = [
    ("an include of the domain itself is refused before anything is looked at; 4.6.4 ends it by the limits, if "
     "it is reached", lambda case, ours, theirs, why: "trivial recursion" in why),
    ("a modifier that nobody knows may stand twice (6: redirect and exp alone may not)",
     lambda case, ours, theirs, why: re.search(r"(x|y|foo)= MUST appear at most once", why)),
    ("%% %_ %- may end a domain-spec (7.1: domain-end is a macro-expand)",
     lambda case, ours, theirs, why: "invalid-macro" in why and has(case, r"\.%[%_-]")),
    ("a number of parts must not be zero (7.3)",
     lambda case, ours, theirs, why: ours == "permerror" and has(case, r"%\{[a-z]0")),
    ("terms are separated by spaces alone (4.6.1)",
     lambda case, ours, theirs, why: ours == "permerror" and has(case, r"\t")),
    ("an alias that leads to nothing is one lookup that found nothing (4.6.4), not one for each of its names",
     lambda case, ours, theirs, why: "Void" in why and pyspf(case, Aliases)[0] == ours),
    ("a name of the client that cannot be looked up is skipped (5.5), %{p} is no term that can be void, and of an "
     "mx the first match decides (5.4)", lambda case, ours, theirs, why: pyspf(case, Skipping)[0] == ours),
    ("of a sender with several @ the domain stands behind the last",
     lambda case, ours, theirs, why: case["sender"].count("@") > 1),
    ("a redirect= counts when it is followed (6.1), not when it is read",
     lambda case, ours, theirs, why: "Too many DNS lookups" in why and ours != "permerror" and has(case, "redirect=")),
    ("for a ptr of what is no domain name nothing is looked up",
     lambda case, ours, theirs, why: "Void lookup" in why and has(case, r"ptr:(a\.\.org|long|[^ ]*%)")),
]

# The same for the explanations of a fail: (case, ours, theirs).
EXPLAINED_TEXTS = [
    ("a sender without a local part is one of postmaster (4.3)",
     lambda case, ours, theirs: "@" not in case["sender"].lstrip("@") and "postmaster" in ours),
    ("an explanation has visible characters and spaces alone (6.2, 7.1); otherwise there is none",
     lambda case, ours, theirs: ours == "" and "\t" in theirs),
    ("%{p} is unknown where the client's name cannot be looked up (7.3), which does not end the explanation",
     lambda case, ours, theirs: "unknown" in ours and has(case, r"%\{p") and theirs == spf.EXPLANATIONS["fail"]),
    ("a number of parts must not be zero (7.3), in an explanation neither: then there is none (6.2)",
     lambda case, ours, theirs: ours == "" and has(case, r"%\{[a-z]0")),
]

NAMES = [f"d{n}.org" for n in range(7)]
ALIASES = [f"c{n}.org" for n in range(4)]


def has(case, pattern):
    return any(row[1] == "TXT" and re.search(pattern, row[2].replace("|", "")) for row in case["rows"])


class Generator:
    """Worlds of seven domains that name each other."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def chance(self, p):
        return self.random.random() < p

    def pick(self, *choices):
        return self.random.choice(choices)

    def domain(self):
        if self.chance(.04):
            return self.random.choice(ALIASES)
        name = self.random.choice(NAMES)
        return name.upper() if self.chance(.02) else name

    def macro(self):
        return self.pick("%{d}", "%{l}", "%{s}", "%{o}", "%{h}", "%{ir}", "%{i}", "%{v}", "%{p}", "%{d1}", "%{l1r-}",
                         "%{dr}", "%{L}", "%{S}", "%{o1}", "%{i2r}", "%{l-+}", "%%", "%_", "%-")

    def spec(self):
        kind = self.random.random()
        if kind < .65:
            return self.domain()
        if kind < .9:
            return f"{self.macro()}.{self.domain()}"
        if kind < .93:
            return self.domain() + "."
        if kind < .96:
            return "x." + self.macro()
        return self.pick("museum", "a..org", "1.2.3.4", "-x.org", "x.-org", "%{x}.org", "%{d0}.org", "%.org", "a_b.org",
                         "X.D1.ORG", "%{c}.org", "foo:bar.org", "%{d}", "long" + "a" * 60 + ".org")

    def prefix(self):
        if self.chance(.7):
            return ""
        return self.pick("/24", "/32", "/0", "/30//64", "//64", "//0", "/33", "//129", "/024", "/", "/8/8")

    def odd(self):
        return self.pick("all", "ALL", "foo", "ip4:1.2.3", "ip4", "all:x.org", "a:", "include", "redirect:x.org", "=x",
                         "ip6:::ffff:192.0.2.1", "A:" + self.domain(), "mx")

    def term(self):
        forms = [
            lambda: "a" + self.prefix(),
            lambda: "a:" + self.spec() + self.prefix(),
            lambda: "mx" + self.prefix(),
            lambda: "mx:" + self.spec() + self.prefix(),
            lambda: self.pick("ptr", "ptr:" + self.spec()),
            lambda: "include:" + self.spec(),
            lambda: "include:" + self.domain(),
            lambda: "exists:" + self.spec(),
            lambda: f"ip4:192.0.2.{self.random.randrange(6)}" + self.pick("", "", "/30", "/29", "/32", "/0", "/33"),
            lambda: (f"ip6:2001:db8::{self.random.randrange(4)}"
                     + self.pick("", "", "/64", "/128", "/127", "/0", "/129")),
            lambda: self.odd() if self.chance(.25) else "a:" + self.domain(),
        ]
        if self.chance(.1):
            return self.pick("redirect=" + self.spec(), "x=y", "exp=e.org", "foo=%{d}", "y=%x", "exp=" + self.spec())
        return self.pick("", "", "", "+", "-", "~", "?") + self.random.choice(forms)()

    def record(self):
        terms = [self.term() for _ in range(self.pick(0, 1, 1, 2, 2, 3, 4, 5, 8))]
        if self.chance(.8):
            terms.append(self.pick("-all", "~all", "?all", "all"))
        if self.chance(.2):
            terms.append("exp=e.org")
        space = " " if self.chance(.97) else self.pick("  ", "\t")
        version = "v=spf1" if self.chance(.97) else self.pick("V=SPF1", "v=spf10", "v=Spf1", " v=spf1", "v=spf2.0/pra")
        text = version + (" " + space.join(terms) if terms else "") + (" " if self.chance(.05) else "")
        if self.chance(.1):  # in several strings, which are joined without a space
            at = self.random.randrange(1, len(text))
            text = text[:at] + "|" + text[at:]
        return text

    def rows_of(self, name):
        if self.chance(.05):
            return [(name, "ERR", self.pick("TIMEOUT", "SERVFAIL"), "*")]
        rows = []
        if name == NAMES[0] or self.chance(.85):
            rows.append((name, "TXT", self.record()))
            if self.chance(.03):
                rows.append((name, "TXT", self.record()))
        if self.chance(.15):
            rows.append((name, "TXT", "some text"))
        for _ in range(self.pick(0, 0, 1, 1, 2)):
            rows.append((name, "A", f"192.0.2.{self.random.randrange(6)}"))
        if self.chance(.4):
            rows.append((name, "AAAA", f"2001:db8::{self.random.randrange(1, 4)}"))
        # No two of the same preference: between them the order is free, and can decide.
        for number in range(self.pick(0, 0, 1, 2, 3, 12 if self.chance(.1) else 1)):
            rows.append((name, "MX", number, self.pick(self.domain(), f"m{self.random.randrange(20)}.org")))
        if self.chance(.04):
            rows.append((name, "ERR", "SERVFAIL", self.pick("A", "MX")))
        return rows

    def case(self):
        rows = [row for name in NAMES for row in self.rows_of(name)]
        for number in range(6):
            if self.chance(.4):
                rows.append((f"{number}.2.0.192.in-addr.arpa", "PTR", self.pick("", "w.") + self.domain()))
            if self.chance(.3):
                rows.append((f"w.d{number}.org", "A", f"192.0.2.{self.random.randrange(6)}"))
            if self.chance(.3):
                rows.append((f"m{number}.org", "A", f"192.0.2.{self.random.randrange(6)}"))
        for alias in ALIASES:
            target = self.pick(*NAMES, *ALIASES, "nowhere.org") if self.chance(.8) else alias
            rows.append((alias, "CNAME", target))
        rows.append(("e.org", "TXT", self.pick(
            "go away %{i}", "%{s} is %{c}", "bad %", "%{r} %{p}", "%{l}%%%{o}%_%{d}%-%{h}", "%{ir}.%{v} %{S} %{C}",
            "%{d2r} %{o1} %{l1r-} %{L}", "two|strings", "not ASCII \xe9")))
        ip = "2001:db8::1" if self.chance(.25) else f"192.0.2.{self.random.randrange(6)}"
        sender = self.pick("user@d0.org", "a-b+c@d0.org", "")
        if self.chance(.1):
            sender = self.pick("@d0.org", "User.Name@D0.ORG", "a" * 70 + "@d0.org", "a%b@d0.org", "a@b@d0.org",
                               "x=y_z/w@d0.org", "d0.org")
        if self.chance(.03):
            ip = self.pick("::ffff:192.0.2.1", "2001:DB8:0:0::3", "192.0.2.255")
        return {"rows": rows, "ip": ip, "sender": sender, "helo": self.pick("d0.org", "d0.org", "d1.org")}


# ------------------------------------------------------------------------- pyspf

ZONE = collections.defaultdict(list)


def lookup(name, qtype, strict=True, timeout=0):
    """What pyspf asks instead of DNS."""
    del strict, timeout
    name = str(name).lower().rstrip(".")
    out, last = [], name
    for _ in range(9):
        aliases = [row[2] for row in ZONE.get(last, ()) if row[1] == "CNAME"]
        if aliases:
            last = aliases[0]
    if aliases:
        raise spf.TempError("DNS: an alias without an end")
    if last != name:  # pyspf asks on; with more in one answer it would take a record that it knows for two
        return [((name, "CNAME"), next(row[2] for row in ZONE[name] if row[1] == "CNAME"))]
    for row in ZONE.get(name, ()):
        if row[1] == qtype:
            value = row[2:] if qtype == "MX" else row[2]
            if qtype == "TXT":
                value = tuple(part.encode() for part in row[2].split("|"))
            out.append(((name, qtype), value))
    for row in ZONE.get(name, ()):
        if not out and row[1] == "ERR" and row[3] in ("*", qtype):
            raise spf.TempError("DNS " + row[2])
    return out


class Aliases(spf.query):
    """pyspf with one lookup that found nothing for all names of an alias."""

    def dns(self, name, qtype, cnames=None, ignore_void=False):
        return super().dns(name, qtype, cnames, ignore_void or cnames is not None)


class Skipping(Aliases):
    """pyspf with the names of clients and of mx looked up as RFC 7208 5.5 and 5.4 have it."""

    def validated_ptrs(self):
        names = []
        try:
            found = self.dns_ptr(self.i)[:10]
        except spf.TempError:
            return names
        for name in found:
            try:
                if self.cidrmatch(self.dns_a(name, self.A), self.cidrmax):
                    names.append(name)
            except spf.TempError:
                pass
        return names

    def getp(self):
        voids, self.void_lookups = self.void_lookups, -1000
        try:
            return super().getp()
        finally:
            self.void_lookups = voids

    def dns_mx(self, domainname):
        names = self.dns(domainname, "MX")
        if len(names) > 10:
            raise spf.PermError("More than 10 MX records returned")
        if not names:
            return []
        return (address for name in sorted(names) for address in self.dns_a(name[1], self.A))

    def cidrmatch(self, ipaddrs, n):
        return any(spf.query.cidrmatch(self, [address], n) for address in ipaddrs)


def pyspf(case, kind=spf.query):
    ZONE.clear()
    for row in case["rows"]:
        ZONE[row[0]].append(row)
    result, _, why = kind(i=case["ip"], s=case["sender"], h=case["helo"], strict=True, verbose=False).check()
    return result, str(why)


def same_explanation(ours, theirs):
    """Whether both explain a fail alike: pyspf has a text of its own where the domain has none."""
    return ours == ("" if theirs == spf.EXPLANATIONS["fail"] else theirs)


# ------------------------------------------------------------------------- ours

def escape(text):
    return "".join(c if "!" <= c <= "~" and c != "\\" else f"\\x{ord(c):02x}" for c in str(text))


def ours_of(program, cases):
    lines = []
    for number, case in enumerate(cases):
        lines += [f"case {number}", "rules void-per-query", f"ip {case['ip']}", f"helo {case['helo']}"]
        if case["sender"]:
            lines.append(f"from {case['sender']}")
        lines += [f"row {row[0]} {row[1]} " + " ".join(map(escape, row[2:])) for row in case["rows"]]
        lines.append("end")
    got = subprocess.run([program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    return [(line.split(" ")[1], bytes.fromhex(line.split(" ")[2]).decode()) for line in got.stdout.splitlines()]


def main():
    program = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 20000
    spf.DNSLookup = lookup
    generator = Generator(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    cases = [generator.case() for _ in range(count)]
    tally, explained, unexplained = collections.Counter(), collections.Counter(), 0
    results = ours_of(program, cases)
    assert len(results) == count
    texts = 0
    for case, (ours, text) in zip(cases, results):
        tally[ours] += 1
        theirs, why = pyspf(case)
        if ours == theirs == "fail":
            texts += text != ""
            names = [name for name, explains in EXPLAINED_TEXTS if explains(case, text, why)]
            if not same_explanation(text, why) and names:
                explained[names[0]] += 1
            elif not same_explanation(text, why):
                unexplained += 1
                print(f"explained by {text!r}, by pyspf {why!r}\n{case}")
        if ours == theirs:
            continue
        both = [(theirs, why), pyspf(case, Skipping)]  # several may come together
        names = [name for said in both for name, explains in EXPLAINED if explains(case, ours, *said)]
        if names:
            explained[names[0]] += 1
        else:
            unexplained += 1
            print(f"ours {ours}, pyspf {theirs}: {why}\n{case}")
    print(f"{texts} explanations compared")
    print("results:", ", ".join(f"{n} {result}" for result, n in tally.most_common()))
    for name, n in explained.most_common():
        print(f"{n:6} {name}")
    print(f"{count} cases, {sum(explained.values())} differences explained, {unexplained} not")
    return 1 if unexplained or len(tally) != 7 or texts == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
