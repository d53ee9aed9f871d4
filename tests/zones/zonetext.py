"""zonetext.py - records of a zone as a test puts them together, and fixes applied to them

A record is (owner, type, text), names whole and with their dot, text in presentation form.
"""


def quote(text):
    """A text as strings of TXT, each of at most 255 octets; it is characters of which each is an octet."""
    def string(part):
        return '"%s"' % "".join("\\" + c if c in '"\\' else c if " " <= c <= "~" else "\\%03d" % ord(c) for c in part)
    return " ".join(string(text[i:i + 255]) for i in range(0, len(text), 255)) or '""'


def reverse(address):
    """The name where the PTR record of an address stands."""
    import ipaddress
    return ipaddress.ip_address(address).reverse_pointer + "."


class Records:
    def __init__(self, rows=()):
        self.rows = list(rows)

    def copy(self):
        return Records(self.rows)

    def add(self, owner, kind, *texts):
        self.rows += [(owner, kind, text) for text in texts]
        return self

    def drop(self, owner, kind=None):
        kept = [row for row in self.rows if row[0] != owner or kind not in (None, row[1])]
        assert len(kept) < len(self.rows), "nothing to drop: %s %s" % (owner, kind)
        self.rows = kept
        return self

    def put(self, owner, kind, *texts):
        """Puts records in the place of all that there are of this name and type."""
        self.rows = [row for row in self.rows if row[:2] != (owner, kind)]
        return self.add(owner, kind, *texts)

    def text(self):
        """A master file; the SOA records come first, so that each record finds the deepest zone."""
        rows = sorted(self.rows, key=lambda row: row[1] != "SOA")
        return "$TTL 3600\n" + "".join("%s IN %s %s\n" % row for row in rows)

    def apply(self, fix, normal):
        """The records with the changes of a finding's fix; normal(kind, text) is a form in which equal records
        are equal.  A record that is to be removed and is not there raises LookupError."""
        rows = list(self.rows)
        for change in fix:
            for old in change["remove"]:
                for row in rows:
                    if row[0].lower() == change["name"].lower() and row[1] == change["type"] and \
                            normal(row[1], row[2]) == normal(row[1], old):
                        rows.remove(row)
                        break
                else:
                    raise LookupError("there is no %s %s %s" % (change["name"], change["type"], old))
            rows += [(change["name"], change["type"], new) for new in change["add"]]
        return Records(rows)


def rows(records):
    """The records as rows of tests/conformance/rows.py."""
    import re

    def fields(kind, text):
        parts = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
        return [re.sub(r"\\(\d{3}|.)", lambda m: chr(int(m.group(1))) if m.group(1).isdigit() else m.group(1), a or b) for a, b in parts]
    return [[owner, kind, *fields(kind, text)] for owner, kind, text in records.rows]
