"""rows.py - the rows of a conformance case as a resolver, a master file and a DNS server

A row is [name, type, rdata...]; a name without rows does not exist unless others are below it; CNAMEs are
followed; [name, "ERR", "TIMEOUT" or "SERVFAIL", type or "*"] fails.  In rdata a code point is an octet.
"""
import ipaddress
import re
import socket
import struct
import threading

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "TLSA": 52,
         "SPF": 99, "CAA": 257}
NUMBERS = {number: name for name, number in TYPES.items()}


def unescape(name):
    r"""A name as the library writes it (\DDD, \X) as octets; an escaped dot becomes NUL, which no row has."""
    def one(match):
        text = match.group(1)
        octet = chr(int(text)) if text.isdigit() else text
        return "\0" if octet == "." else octet
    return re.sub(r"\\(\d{3}|.)", one, name, flags=re.S)


def canonical(name):
    return name.rstrip(".").lower()


def wire_name(name):
    """A name of a row in wire form."""
    out = b""
    for label in name.rstrip(".").split("."):
        octets = label.encode("latin-1")
        if octets:
            out += bytes([len(octets)]) + octets
    return out + b"\0"


def strings(fields):
    """The strings of a text record; a case may have longer ones than fit into one."""
    return [s[i:i + 255] for s in fields for i in range(0, len(s) or 1, 255)]


def rdata(kind, fields):
    if kind == "A":
        return ipaddress.IPv4Address(fields[0]).packed
    if kind == "AAAA":
        return ipaddress.IPv6Address(fields[0]).packed
    if kind == "MX":
        return struct.pack(">H", int(fields[0])) + wire_name(fields[1])
    if kind in ("TXT", "SPF"):
        return b"".join(bytes([len(s)]) + s.encode("latin-1") for s in strings(fields))
    if kind == "SRV":
        return struct.pack(">HHH", *[int(f) for f in fields[:3]]) + wire_name(fields[3])
    if kind == "TLSA":
        return bytes(int(f) for f in fields[:3]) + bytes.fromhex(fields[3])
    if kind == "CAA":
        return bytes([int(fields[0]), len(fields[1])]) + fields[1].encode() + fields[2].encode("latin-1")
    if kind == "SOA":
        return wire_name(fields[0]) + wire_name(fields[1]) + struct.pack(">IIIII", *[int(f) for f in fields[2:7]])
    return wire_name(fields[0])


class Zone:
    def __init__(self, given):
        self.rows = {}  # name: {type: [rdata]}
        self.errors = {}  # name: {type or *: word}
        self.names = {""}
        self.given = given
        for name, kind, *fields in given:
            name = canonical(name)
            parts = name.split(".")
            self.names.update(".".join(parts[i:]) for i in range(len(parts)))
            if kind == "ERR":
                self.errors.setdefault(name, {})[fields[1]] = fields[0].lower()
            elif kind != "NODATA":
                self.rows.setdefault(name, {}).setdefault(kind, []).append(rdata(kind, fields))
        self.aliases = {canonical(n): canonical(f[0]) for n, k, *f in given if k == "CNAME"}

    def resolve(self, name, kind):
        """(state, records): present, nodata, nxdomain, timeout or servfail."""
        name = canonical(name)
        for _ in range(17):
            errors = self.errors.get(name, {})
            has = self.rows.get(name, {})
            if kind in errors:
                return errors[kind], []
            if kind in has:
                return "present", has[kind]
            if "*" in errors and not ("CNAME" in has and kind != "CNAME"):
                return errors["*"], []
            if name not in self.aliases or kind == "CNAME":
                return ("nodata" if name in self.names else "nxdomain"), []
            name = self.aliases[name]
        return "servfail", []

    def master_file(self):
        """The rows as a zone with the root as its apex; rows that fail are left out."""
        def escape(text):
            return "".join(c if c.isalnum() or c in "-_." else "\\%03d" % ord(c) for c in text)

        def string(text):
            return '"%s"' % "".join(c if " " <= c <= "~" and c not in '"\\' else "\\%03d" % ord(c) for c in text)

        lines = ["$TTL 300", ". IN SOA a. b. 1 7200 3600 1209600 60"]
        for name, kind, *fields in self.given:
            owner = (escape(name.rstrip(".")) or "") + "."
            if kind == "ERR":
                continue
            if kind == "NODATA":
                # a name that is there for a type that nobody asks for
                lines.append("%s IN TYPE65280 \\# 0" % owner)
            elif kind in ("TXT", "SPF"):
                lines.append("%s IN %s %s" % (owner, kind, " ".join(string(s) for s in strings(fields)) or "\\# 0"))
            elif kind == "MX":
                lines.append("%s IN MX %s %s." % (owner, fields[0], escape(fields[1].rstrip("."))))
            elif kind in ("A", "AAAA"):
                lines.append("%s IN %s %s" % (owner, kind, fields[0]))
            else:
                lines.append("%s IN %s %s." % (owner, kind, escape(fields[0].rstrip("."))))
        return "\n".join(lines) + "\n"


class Server:
    """A DNS server on loopback that answers from .zone, by UDP and TCP; TIMEOUT is silence.

    delay     seconds that each answer waits
    seen      questions answered"""

    def __init__(self, zone=None, delay=0.0):
        self.zone = zone
        self.delay = delay
        self.seen = 0
        for _ in range(20):
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind(("127.0.0.1", 0))
            self.port = self.udp.getsockname()[1]
            self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                self.tcp.bind(("127.0.0.1", self.port))
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.tcp.listen(16)
        for serve in (self._serve_udp, self._serve_tcp):
            threading.Thread(target=serve, daemon=True).start()

    def close(self):
        self.udp.close()
        self.tcp.close()

    def _serve_udp(self):
        while True:
            try:
                message, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            answer = self.answer(message, 1232)
            if answer is None:
                continue
            if self.delay:
                threading.Timer(self.delay, self._send, (answer, peer)).start()
            else:
                self._send(answer, peer)

    def _send(self, answer, peer):
        try:
            self.udp.sendto(answer, peer)
        except OSError:
            pass

    def _serve_tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def _serve_one(self, connection):
        with connection:
            connection.settimeout(5)
            try:
                length = struct.unpack(">H", connection.recv(2))[0]
                message = b""
                while len(message) < length:
                    message += connection.recv(length - len(message)) or b"\0" * length
                answer = self.answer(message, 65535)
                if answer is not None:
                    connection.sendall(struct.pack(">H", len(answer)) + answer)
            except (OSError, struct.error):
                pass

    def answer(self, message, size):
        """The answer to a message, None for silence."""
        if len(message) < 17:
            return None
        at, labels = 12, []
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1").replace(".", "\0"))
            at += 1 + message[at]
        question = message[12:at + 5]
        number, _ = struct.unpack(">HH", message[at + 1:at + 5])
        self.seen += 1
        state, records = self.zone.resolve(".".join(labels), NUMBERS.get(number, "TYPE%d" % number))
        if state == "timeout":
            return None
        rcode = {"nxdomain": 3, "servfail": 2}.get(state, 0)
        body = b""
        if state in ("present", "nodata", "nxdomain"):
            name, chain = canonical(".".join(labels)), []
            while number != 5 and name in self.zone.aliases and len(chain) < 17 and \
                    NUMBERS.get(number) not in self.zone.rows.get(name, {}):
                chain.append((name, self.zone.aliases[name]))
                name = self.zone.aliases[name]
            for owner, target in chain:
                rest = wire_name(target)
                body += wire_name(owner) + struct.pack(">HHIH", 5, 1, 300, len(rest)) + rest
            for octets in records:
                body += wire_name(name) + struct.pack(">HHIH", number, 1, 300, len(octets)) + octets
            count = len(chain) + len(records)
        else:
            count = 0
        authority = 0
        if state in ("nodata", "nxdomain"):  # RFC 2308 2: the SOA says for how long
            rest = wire_name("a") + wire_name("b") + struct.pack(">IIIII", 1, 7200, 3600, 1209600, 60)
            body += b"\0" + struct.pack(">HHIH", 6, 1, 300, len(rest)) + rest
            authority = 1
        if 12 + len(question) + len(body) > size:
            return message[:2] + struct.pack(">HHHHH", 0x8380, 1, 0, 0, 0) + question
        return message[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, count, authority, 0) + question + body
