"""in_lua.py - conformance cases through the Lua binding: a child that runs host.lua, questions and answers by pipe

MAILHEALTH_LUA names the program (default lua5.4), LUA_CPATH where the module is.
"""
import ipaddress
import json
import os
import struct
import subprocess

import rows

HERE = os.path.dirname(os.path.abspath(__file__))


def _name(octets):
    """A name in wire form as text; octets that are not plain as \\DDD."""
    labels, at = [], 0
    while octets[at]:
        label = octets[at + 1:at + 1 + octets[at]]
        labels.append("".join(chr(c) if chr(c).isalnum() and c < 128 or c in b"-_" else "\\%03d" % c for c in label))
        at += 1 + octets[at]
    return ".".join(labels) or "."


def text(kind, rdata):
    """Rdata as most resolvers hand it over."""
    if kind in ("A", "AAAA"):
        return str(ipaddress.ip_address(rdata)).encode()
    if kind == "MX":
        return b"%d %s" % (struct.unpack(">H", rdata[:2])[0], _name(rdata[2:]).encode())
    if kind in ("TXT", "SPF"):
        out, at = b"", 0
        while at < len(rdata):
            out += rdata[at + 1:at + 1 + rdata[at]]
            at += 1 + rdata[at]
        return out
    return _name(rdata).encode()


class InLua:
    """Answers what the child asks, from a case's zone.  Each case runs twice: stepped by hand with rdata, and
    callback style with text."""

    child = None

    def __init__(self, zone):
        self.zone = zone
        if InLua.child is None:
            InLua.child = subprocess.Popen(
                [os.environ.get("MAILHEALTH_LUA", "lua5.4"), os.path.join(HERE, "host.lua")],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _say(self, *words):
        self.child.stdin.write(b" ".join(words) + b"\n")
        self.child.stdin.flush()

    def _run(self, style, options):
        self._say(style, *(b"%s=%s" % (key.encode(), str(value).encode("utf-8", "surrogateescape").hex().encode())
                           for key, value in options.items() if value != ""))
        for line in self.child.stdout:
            word, *fields = line.split()
            if word == b"done":
                return tuple(bytes.fromhex(field.decode()[1:]).decode() for field in fields)
            name, kind = bytes.fromhex(fields[0].decode()[1:]).decode(), fields[1].decode()
            state, records = self.zone.resolve(rows.unescape(name), kind)
            if state not in ("present", "nodata"):
                self._say(b"fail", state.encode())
            elif style == b"step":
                self._say(b"rdata", *(b"x" + record.hex().encode() for record in records))
            else:
                self._say(b"text", *(b"x" + text(kind, record).hex().encode() for record in records))
        raise RuntimeError("host.lua ended with %s" % self.child.wait())

    def check(self, options):
        got = self._run(b"step", options)
        again = self._run(b"start", options)
        if got != again:
            got = ("%s or %s" % (got[0], again[0]), got[1] + again[1])
        return {"result": got[0], "explanation": got[1]}

    def _serve(self):
        """Answers questions until there is a text."""
        for line in self.child.stdout:
            word, *fields = line.split()
            if word == b"json":
                return bytes.fromhex(fields[0].decode()[1:]).decode("utf-8", "surrogateescape")
            name, kind = bytes.fromhex(fields[0].decode()[1:]).decode(), fields[1].decode()
            state, records = self.zone.resolve(rows.unescape(name), kind)
            if state not in ("present", "nodata"):
                self._say(b"fail", state.encode())
            else:
                self._say(b"rdata", *(b"x" + record.hex().encode() for record in records))
        raise RuntimeError("host.lua ended with %s" % self.child.wait())

    def _words(self, pairs):
        return (b"%s=%s" % (key.encode(), value.encode("utf-8", "surrogateescape").hex().encode())
                for key, value in pairs)

    def dmarc(self, options):
        """A check of DMARC, as the results of its JSON."""
        pairs = []
        for key, value in options.items():
            if key in ("dkim", "spf"):
                pairs += [(key, "%s|%s" % one) for one in value]
            elif key == "author":
                pairs += [(key, one) for one in ([value] if isinstance(value, str) else value)]
            else:
                pairs.append((key, value))
        self._say(b"dmarc", *self._words(pairs))
        return json.loads(self._serve())["results"]["dmarc"]

    def names(self, function, *given):
        """A function about names alone."""
        self._say(function.encode(), *self._words(zip(("a", "b", "mode"), given)))
        text = self._serve()
        return text == "true" if function == "aligned" else text

    def sts(self, given):
        """MTA-STS of a record or a policy, as the dict of its JSON."""
        self._say(b"sts", *(b"%s=%s" % (key.encode(), value.encode("utf-8", "surrogateescape").hex().encode())
                            for key, value in given.items()))
        word, field = self.child.stdout.readline().split()
        assert word == b"json"
        return json.loads(bytes.fromhex(field.decode()[1:]).decode())

    def record(self, kind, text):
        """One record, as the dict of its JSON; ValueError: there is no such kind."""
        self._say(b"record", *(b"%s=%s" % (key, value.encode("utf-8", "surrogateescape").hex().encode())
                               for key, value in ((b"kind", kind), (b"text", text))))
        word, field = self.child.stdout.readline().split()
        assert word == b"json"
        if field == b"x":
            raise ValueError(kind)
        return json.loads(bytes.fromhex(field.decode()[1:]).decode())

    def close(self):
        pass
