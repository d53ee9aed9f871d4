"""servers.py - mail servers on loopback, each with one fault (TLS.md section 7), and healthy ones.

    python3 tests/tls/servers.py --list
    python3 tests/tls/servers.py NAME [MODE]     serves it until Enter is pressed

Each server has a thread, a port that the system gives it, and a way to behave.  TLS is Python's ssl where a
real handshake shows the fault, and a few octets by hand where it does not.  A fault is written once; its mode
says in which protocol it is shown, in clear and then by STARTTLS or with TLS at once.
"""
import os, random, shutil, socket, ssl, struct, sys, tempfile, threading, time

from certs import Certs, NAME

certs = None


def the_certs():
    global certs
    if certs is None:
        certs = Certs()
    return certs


def context(kinds=("rsa", "ecdsa"), low=ssl.TLSVersion.TLSv1_2, high=ssl.TLSVersion.TLSv1_3, ciphers=None, **more):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version, made.maximum_version = low, high
    if ciphers:
        made.set_ciphers(ciphers)
    for kind in kinds:
        made.load_cert_chain(*the_certs().get(kind))
    if "curve" in more:
        made.set_ecdh_curve(more["curve"])
    if "dh" in more:
        made.load_dh_params(the_certs().dh(more["dh"]))
    if more.get("wants"):
        made.verify_mode = ssl.CERT_REQUIRED
        made.load_verify_locations(the_certs().root)
    return made


class Reader:
    def __init__(self, sock):
        self.sock, self.octets = sock, b""

    def line(self):
        while b"\n" not in self.octets:
            got = self.sock.recv(4096)
            if not got:
                return None
            self.octets += got
        line, self.octets = self.octets.split(b"\n", 1)
        return line.strip()


# mode: protocol, TLS at once, --mode of the command, whether its clients demand TLS, the port that tells the protocol
MODES = {
    "smtp": ("smtp", False, "smtp", False, 0),
    "submission": ("smtp", False, "submission", True, 0),
    "implicit": ("smtp", True, "implicit", True, 0),
    "lmtp": ("lmtp", False, "lmtp", False, 0),
    "lmtp-unix": ("lmtp", False, "lmtp", False, 0),
    "imap": ("imap", False, "imap", True, 0),
    "pop3": ("pop3", False, "pop3", True, 0),
    "sieve": ("sieve", False, "sieve", True, 0),
    "imaps": ("imap", True, "implicit", True, 993),
    "pop3s": ("pop3", True, "implicit", True, 995),
    # on any port the greeting tells it
    "implicit-imap": ("imap", True, "implicit", True, 0),
    "implicit-pop3": ("pop3", True, "implicit", True, 0),
    "implicit-sieve": ("sieve", True, "implicit", True, 0),
}
STARTS = ("smtp", "submission", "lmtp", "lmtp-unix", "imap", "pop3", "sieve")
AT_ONCE = tuple(mode for mode in MODES if mode not in STARTS)
RESETS = tuple(mode for mode in STARTS if mode != "lmtp-unix")
TEXTS = ("smtp", "submission", "lmtp", "lmtp-unix")

KEYWORDS = {"smtp": b"STARTTLS", "lmtp": b"STARTTLS", "imap": b"STARTTLS", "pop3": b"STLS", "sieve": b"STARTTLS"}
REFUSED = {"smtp": b"554 5.7.1 blocked using Blocklist 1", "imap": b"* BYE blocked", "pop3": b"-ERR blocked",
           "sieve": b'BYE "blocked"'}
BEHIND = {"smtp": b"250 injected\r\n", "imap": b"* OK injected\r\n", "pop3": b"+OK injected\r\n", "sieve": b"OK\r\n"}


def family(protocol):
    return "smtp" if protocol == "lmtp" else protocol


class Server:
    """One server; way: a dictionary of how it behaves.  Its host is what the command is given.  at: address and port,
    where it must be there."""

    def __init__(self, way, mode="smtp", at=None):
        self.way, self.mode, self.folder = way, mode, None
        self.protocol, self.at_once, self.command, self.demands, port = MODES[mode]
        self.protocol = way.get("talks", self.protocol)
        if "at_once" in way:
            self.at_once = way["at_once"]
        self.context = way["context"]() if way.get("context") else None
        if mode == "lmtp-unix":
            self.folder = tempfile.mkdtemp(prefix="mailhealth-lmtp-")
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.bind(os.path.join(self.folder, "socket"))
            self.port, self.host = 0, "unix:" + os.path.join(self.folder, "socket")
        else:
            self.socket, address = (socket.create_server(at), at[0]) if at else self.bound(port)
            self.port = self.socket.getsockname()[1]
            self.host = "%s:%d" % ("[%s]" % address if ":" in address else address, self.port)
        self.socket.listen(50)
        self.begun, self.count, self.open = time.monotonic(), 0, True
        threading.Thread(target=self.run, daemon=True).start()

    def bound(self, port):
        """a socket, at the port that tells the protocol where that is allowed"""
        if self.way.get("only_6"):
            made = socket.socket(socket.AF_INET6)
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            made.bind(("::1", 0))
            return made, "::1"
        for _ in range(20 if port else 0):
            made, address = socket.socket(), "127.%d.%d.%d" % (random.randrange(1, 255), random.randrange(255), random.randrange(1, 255))
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                made.bind((address, port))
                return made, address
            except OSError:
                made.close()
        made = socket.socket()
        made.bind(("127.0.0.1", 0))
        return made, "127.0.0.1"

    def close(self):
        self.open = False
        self.socket.close()
        if self.folder is not None:
            shutil.rmtree(self.folder, True)

    def run(self):
        while self.open:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            if self.count > self.way.get("silent_after", self.count):
                self.kept = sock  # it is taken, and nothing comes
                continue
            if self.count == self.way.get("gone_after"):
                self.socket.shutdown(socket.SHUT_RDWR)
                self.socket.close()
            threading.Thread(target=self.serve, args=(sock, self.count), daemon=True).start()

    def serve(self, sock, number):
        sock.settimeout(20)
        try:
            if self.at_once:
                self.inside(sock, number)
            else:
                self.dialogue(sock, False, b"", number)
        except (OSError, ValueError):
            pass
        finally:
            try:
                sock.close()
            except OSError:
                pass

    # ------------------------------------------------------------ text

    def send(self, sock, text):
        """as it is, or in pieces, each in a packet of its own"""
        text = text.replace(b"\r\n", self.way.get("eol", b"\r\n"))
        step = self.way.get("pieces", len(text))
        for i in range(0, len(text), step):
            sock.sendall(text[i:i + step])
            if step < len(text):
                time.sleep(0.005)

    def greet(self, sock, secure, number):
        """False: and that was all"""
        way, kind = self.way, family(self.protocol)
        if way.get("limit") and number > way["limit"]:
            self.send(sock, b"421 4.7.0 mx.test Too many connections\r\n")
            return False
        if way.get("silent_greeting"):
            time.sleep(15)
            return False
        time.sleep(way.get("greeting_after", 0))
        if way.get("rejects"):
            self.send(sock, REFUSED[kind] + b"\r\n")
            return False
        greeting = {"smtp": b"220 mx.test ESMTP", "imap": b"* OK [CAPABILITY IMAP4rev1] ready", "pop3": b"+OK ready"}.get(kind)
        greeting = way.get("greeting", greeting)
        if greeting is None:
            greeting = self.sieve(secure)
        if way.get("pause"):
            first, greeting = greeting.split(b"\r\n", 1)
            self.send(sock, first + b"\r\n")
            time.sleep(way["pause"])
        self.send(sock, greeting + b"\r\n")
        return ("greeting" not in way or greeting.startswith((b"2", b"* PREAUTH"))) and not way.get("only_greets")

    def dialogue(self, sock, secure, octets, number):
        if not secure or self.at_once:
            if not self.greet(sock, secure, number):
                return None
        elif self.protocol == "sieve":
            self.send(sock, self.sieve(secure) + b"\r\n")
        reader = Reader(sock)
        reader.octets = octets
        while (line := reader.line()) is not None:
            if self.way.get("synchronous") and reader.octets:
                self.send(sock, b"554 5.5.0 out of order\r\n")
                return None
            if self.begins(sock, line, secure):
                return self.inside(sock, number, reader.octets if self.way.get("keeps") else b"")
            reply = {"smtp": self.smtp, "imap": self.imap, "pop3": self.pop3, "sieve": self.other_sieve}[family(self.protocol)](line, secure)
            if reply is None:
                return None
            self.send(sock, reply)
            if reply.startswith((b"421", b"221")):
                return None
        return None

    def begins(self, sock, line, secure):
        """whether the line asks for TLS, and gets it"""
        way, kind = self.way, family(self.protocol)
        words = line.split(b" ")
        tag = words.pop(0) if kind == "imap" else b""
        if not words or words[0].upper() != KEYWORDS[self.protocol] or secure or way.get("starttls", b"") is None:
            return False
        if way.get("refuses"):
            return False
        ready = {"smtp": b"220 2.0.0 Ready", "imap": tag + b" OK begin", "pop3": b"+OK begin", "sieve": b"OK"}[kind]
        if kind == "smtp":
            ready = way.get("starttls", ready)
        if kind == "smtp" and (not ready.startswith(b"2") or ready.startswith(b"220-and")):
            return False
        self.send(sock, ready + b"\r\n" + (BEHIND[kind] if way.get("behind") else b""))
        return True

    def offers(self, secure):
        """the keyword of STARTTLS, as it is to be written, or none"""
        if self.at_once or (secure and not self.way.get("offers_again")):
            return b""
        keyword = self.way.get("offer", KEYWORDS[self.protocol])
        return keyword.lower() if self.way.get("lower") else keyword

    def has_auth(self, secure):
        """whether passwords are taken in clear, by AUTH or the like"""
        return self.way.get("auth") == "always" or (self.way.get("auth") == "clear" and not secure)

    def smtp(self, line, secure):
        way, word = self.way, line.upper().split(b" ")[0]
        other = "inside" if secure else word.decode(errors="replace")
        if other in way.get("replies", {}) and word in (b"EHLO", b"LHLO", b"HELO"):
            return way["replies"][other]
        if word == (b"LHLO" if self.protocol == "lmtp" else b"EHLO"):
            return b"502 5.5.1 unknown\r\n" if way.get("no_ehlo") else self.capabilities(secure)
        if word == b"HELO" and self.protocol == "smtp":
            return b"250 mx.test\r\n"
        if word == b"STARTTLS" and not secure and way.get("starttls"):
            return way["starttls"] + b"\r\n"
        if "rcpt" in way and word in (b"MAIL", b"RSET"):
            self.sender = line
            return b"250 2.1.0 Ok\r\n"
        if "rcpt" in way and word == b"RCPT":  # a function of the line with the sender
            return way["rcpt"](self.sender) + b"\r\n"
        return {b"QUIT": b"221 2.0.0 Bye\r\n", b"NOOP": b"250 2.0.0 Ok\r\n"}.get(word, b"500 5.5.1 unknown\r\n")

    def capabilities(self, secure):
        way = self.way
        lines = [b"mx.test", b"PIPELINING", b"SIZE 10240000", b"8BITMIME", b"ENHANCEDSTATUSCODES"]
        if self.offers(secure):
            lines.insert(2, self.offers(secure) + way.get("trail", b""))
        if self.has_auth(secure):
            lines.append(b"AUTH PLAIN LOGIN")
        if way.get("bare_offer"):
            lines = [b"STARTTLS", b"SIZE 10240000"]
        if way.get("auth") == "challenge":
            lines.append(b"AUTH DIGEST-MD5 CRAM-MD5 SCRAM-SHA-256")
        return b"".join(b"250" + (b" " if i + 1 == len(lines) else b"-") + l + b"\r\n" for i, l in enumerate(lines))

    def imap(self, line, secure):
        tag, _, word = line.partition(b" ")
        word = word.upper()
        if word == b"CAPABILITY" and self.way.get("no_capabilities") and not secure:
            return tag + b" BAD what\r\n"
        if word == b"CAPABILITY":
            login = b"AUTH=PLAIN" if secure or self.has_auth(secure) else b"LOGINDISABLED"
            return b" ".join(w for w in (b"* CAPABILITY IMAP4rev1", self.offers(secure), login) if w) + b"\r\n" + tag + b" OK done\r\n"
        if word == b"STARTTLS" and self.way.get("refuses"):
            return tag + b" NO not now\r\n"
        return tag + (b" OK done\r\n" if word in (b"NOOP", b"LOGOUT") else b" BAD no\r\n")

    def pop3(self, line, secure):
        word = line.upper()
        if word == b"CAPA" and self.way.get("no_capabilities") and not secure:
            return b"-ERR what\r\n"
        if word == b"CAPA":
            offered = self.offers(secure)
            return b"+OK\r\nTOP\r\n" + (offered + b"\r\n" if offered else b"") + \
                (b"USER\r\n" if secure or self.has_auth(secure) else b"") + b".\r\n"
        return b"+OK\r\n" if word in (b"NOOP", b"QUIT") else b"-ERR no\r\n"

    def sieve(self, secure):
        offered = self.offers(secure)
        mechanisms = b"PLAIN" if secure or self.has_auth(secure) else b""
        return b'"IMPLEMENTATION" "test"\r\n"SASL" "' + mechanisms + b'"\r\n' + \
            (b'"' + offered + b'"\r\n' if offered else b"") + b"OK"

    def other_sieve(self, line, secure):
        return b"OK\r\n" if line.upper() in (b"NOOP", b"LOGOUT") else b'NO "no"\r\n'

    # ------------------------------------------------------------- TLS

    def inside(self, sock, number, left=b""):
        raw = self.way.get("raw")
        if raw is not None and not raw(self, sock):
            return
        if self.context is None:
            return
        with self.context.wrap_socket(sock, server_side=True) as tls:
            after = self.way.get("after")
            if after == "close":
                return
            if after == "silent":
                time.sleep(15)
                return
            self.dialogue(tls, True, left, number)


# ------------------------------------------------------------------ behaviour by hand: True goes on to real TLS

def closed(server, sock):
    return False


def reset(server, sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def silent(server, sock):
    time.sleep(15)
    return False


def read_hello(sock, peek=True):
    """the first record, left in the socket"""
    octets, deadline = b"", time.monotonic() + 10
    while time.monotonic() < deadline:
        octets = sock.recv(16384, socket.MSG_PEEK)
        if not octets:
            return b""
        if octets[0] & 0x80 or (len(octets) >= 5 and len(octets) >= 5 + struct.unpack(">H", octets[3:5])[0]):
            break
        time.sleep(0.005)
    if not peek:
        sock.recv(len(octets))
    return octets


def parse_hello(octets):
    """{version, suites, extensions {type: data}} of a ClientHello; None: it is none"""
    try:
        if octets[0] & 0x80:
            return {"version": 2, "suites": [], "extensions": {}, "size": len(octets), "bad": False}
        body = octets[9:]
        found = {"version": struct.unpack(">H", body[:2])[0], "extensions": {}, "size": len(octets), "bad": False}
        at = 34
        at += 1 + body[at]
        length = struct.unpack(">H", body[at:at + 2])[0]
        found["bad"] = length % 2 == 1
        found["suites"] = [struct.unpack(">H", body[i:i + 2])[0] for i in range(at + 2, at + 2 + length - 1, 2)]
        at += 2 + length
        at += 1 + body[at]
        if at + 2 <= len(body):
            end = at + 2 + struct.unpack(">H", body[at:at + 2])[0]
            at += 2
            while at + 4 <= end:
                kind, length = struct.unpack(">HH", body[at:at + 4])
                found["extensions"][kind] = body[at + 4:at + 4 + length]
                at += 4 + length
        return found
    except (IndexError, struct.error):
        return None


def alert(sock, description):
    read_hello(sock, peek=False)
    sock.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([description]))
    time.sleep(0.05)
    return False


def always_alert(description):
    return lambda server, sock: alert(sock, description)


def hello_then_close(server, sock):
    read_hello(sock, peek=False)
    return False


def hello_then_reset(server, sock):
    read_hello(sock, peek=False)
    return reset(server, sock)


def plain(server, sock):
    sock.settimeout(5)
    read_hello(sock, peek=False)
    sock.sendall(b"500 5.5.1 Error: command not recognized\r\n")
    time.sleep(0.3)
    return False


def dribble(server, sock, step=1):
    """real TLS, step octets at a time"""
    inner, outer = socket.socketpair()
    def pump():
        try:
            while True:
                got = outer.recv(4096)
                if not got:
                    return
                for i in range(0, len(got), step):
                    sock.sendall(got[i:i + step])
                    time.sleep(0.05)
        except OSError:
            pass
    def feed():
        try:
            while (got := sock.recv(4096)):
                outer.sendall(got)
        except OSError:
            pass
    threading.Thread(target=pump, daemon=True).start()
    threading.Thread(target=feed, daemon=True).start()
    try:
        with server.context.wrap_socket(inner, server_side=True) as tls:
            server.dialogue(tls, True, b"", 1)
    except OSError:
        pass
    return False


def if_hello(condition, otherwise):
    """real TLS where the hello is as wanted"""
    def run(server, sock):
        hello = parse_hello(read_hello(sock))
        if hello is not None and condition(hello):
            return True
        return otherwise(server, sock)
    return run


def server_hello(version, suite):
    body = struct.pack(">H", version) + b"\x11" * 32 + b"\x00" + struct.pack(">H", suite) + b"\x00"
    return b"\x16" + struct.pack(">H", version) + struct.pack(">H", len(body) + 4) + b"\x02" + struct.pack(">I", len(body))[1:] + body


def old_server(version, suites):
    """takes hellos of that version or higher that have one of the suites; sends a ServerHello, as far as we look"""
    def run(server, sock):
        hello = parse_hello(read_hello(sock, peek=False))
        if hello is None or hello["version"] < version or hello["version"] == 2:
            return False
        common = [s for s in suites if s in hello["suites"]]
        if not common:
            sock.sendall(b"\x15" + struct.pack(">H", version) + b"\x00\x02\x02\x28")
            return False
        sock.sendall(server_hello(version, common[0]))
        time.sleep(0.2)
        return False
    return run


def ssl2_server(server, sock):
    octets = read_hello(sock, peek=False)
    if not octets or not octets[0] & 0x80:
        return False
    sock.sendall(b"\x80\x1e\x04\x00\x01\x00\x02\x00\x00\x00\x03\x00\x10\x01\x00\x80" + b"\x22" * 16)
    time.sleep(0.2)
    return False


def weak_beside(server, sock):
    """real TLS for whoever offers something better than RC4 and the like"""
    hello = parse_hello(read_hello(sock))
    weak = {0x0005, 0x0004, 0x000a, 0x0003, 0x0001, 0x0002, 0xc011, 0xc012}
    if hello is None or {0x1301, 0xc02f, 0xc02b, 0x009e, 0x002f} & set(hello["suites"]):
        return True
    common = sorted(weak & set(hello["suites"]), reverse=True)
    if not common:
        return alert(sock, 40)
    read_hello(sock, peek=False)
    sock.sendall(server_hello(min(hello["version"], 0x0303), common[0]))
    time.sleep(0.2)
    return False


def odd_only(server, sock):
    """a key, and ciphers that nobody of today has: real TLS with Camellia alone"""
    return True


def sni_needed(server, sock):
    hello = parse_hello(read_hello(sock))
    if hello is not None and 0 not in hello["extensions"]:
        return alert(sock, 112)
    return True


def two_names():
    """mx.test by SNI, other.example without"""
    own, other = context(("rsa",)), context(("other-rsa",))
    def choose(sock, name, _):
        if name == NAME:
            sock.context = own
    other.sni_callback = choose
    return other


V = ssl.TLSVersion
GOOD = dict(context=context)


def way(**more):
    return {**GOOD, **more}


def single(kind):
    return lambda: context((kind,))


F, W, I = "fail", "warn", "info"
# Faults that take seconds to see.
SLOW = ("smtp", "implicit", "imap")
# name: (id or None, severity on port 25 and for LMTP, severity where clients demand TLS, other ids allowed, way)
# Of a way, modes are those in which the fault can be (all, if it is one of TLS alone), mode is the one of make(name),
# ids are those of other modes.
SERVERS = {
    "healthy": (None, I, I, (), way()),
    "healthy-rsa": (None, I, I, (), way(context=single("rsa"))),
    "healthy-lower-case": (None, I, I, (), way(lower=True, modes=STARTS)),
    "healthy-imap": (None, I, I, (), way(mode="imap", modes=("imap",))),
    "healthy-auth-by-challenge": (None, I, I, (), way(auth="challenge", modes=TEXTS)),
    "healthy-just-made": (None, I, I, (), way(context=single("just-made"))),
    "tls13-only": ("tls.tls13-only", I, I, (), way(context=lambda: context(low=V.TLSv1_3))),
    "no-certificate": ("tls.no-certificate", F, F, (), way(context=lambda: context(()))),
    "no-certificate-anon": ("tls.no-certificate-anon", F, F, (),
        way(context=lambda: context((), high=V.TLSv1_2, ciphers="ADH:AECDH:@SECLEVEL=0", dh=2048))),
    "starttls-454": ("smtp.starttls-454", F, F, (), way(starttls=b"454 4.7.0 TLS not available due to local problem", modes=TEXTS)),
    "starttls-421": ("smtp.starttls-421", F, F, (), way(starttls=b"421 4.7.0 closing", modes=TEXTS)),
    "starttls-refused": ("smtp.starttls-refused", F, F, (), way(starttls=b"502 5.5.1 not now", refuses=True, modes=STARTS)),
    "starttls-not-offered": ("smtp.starttls-not-offered", W, F, (), way(offer=b"", starttls=None, modes=STARTS)),
    "starttls-stripped": ("smtp.starttls-stripped", F, F, (), way(offer=b"XXXXXXXA", starttls=None, modes=TEXTS + ("imap", "pop3"))),
    "starttls-unadvertised": ("smtp.starttls-unadvertised", W, W, (), way(offer=b"", modes=STARTS)),
    "expired": ("cert.expired", W, F, (), way(context=single("expired"))),
    "not-yet-valid": ("cert.not-yet-valid", F, F, (), way(context=single("early"))),
    "self-signed": ("cert.self-signed", W, F, (), way(context=single("self"))),
    "name-mismatch": ("cert.name-mismatch", W, F, (), way(context=single("other"))),
    "chain-incomplete": ("cert.chain-incomplete", W, F, (), way(context=single("leaf-only"))),
    "chain-order": ("cert.chain-order", W, W, (), way(context=single("disorder"))),
    "weak-key": ("cert.weak-key", W, F, (), way(context=lambda: context(("rsa1024",), ciphers="DEFAULT:@SECLEVEL=0"))),
    "weak-signature": ("cert.weak-signature", W, F, (), way(context=lambda: context(("sha1",), ciphers="DEFAULT:@SECLEVEL=0"))),
    "no-alternative-name": ("cert.no-alternative-name", W, F, (), way(context=single("no-san"))),
    "wrong-purpose": ("cert.wrong-purpose", W, F, ("cert.untrusted-issuer",), way(context=single("client"))),
    "expires-soon": ("cert.expires-soon", W, W, (), way(context=single("soon"))),
    "must-staple": ("cert.must-staple-missing", W, W, (), way(context=single("staple"))),
    "sni-required": ("tls.sni-required", W, I, (), way(raw=sni_needed)),
    "sni-default-differs": ("tls.sni-default-differs", W, I, (), way(context=two_names)),
    "ecdsa-only": ("tls.ecdsa-only", I, I, (), way(context=single("ecdsa"))),
    "key-type-uncommon": ("cert.key-type-uncommon", F, F, (), way(context=single("ed25519"))),
    "old-protocol-only": ("tls.old-protocol-only", F, F, ("tls.no-forward-secrecy",),
        way(context=lambda: context(low=V.TLSv1, high=V.TLSv1, ciphers="DEFAULT:@SECLEVEL=0"))),
    "old-protocol-offered": ("tls.old-protocol-offered", W, W, ("tls.sslv3",),
        way(context=lambda: context(low=V.TLSv1, ciphers="DEFAULT:@SECLEVEL=0"))),
    "weak-dh": ("tls.weak-dh", W, F, (),
        way(context=lambda: context(("rsa",), high=V.TLSv1_2, ciphers="DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", dh=1024))),
    "no-forward-secrecy": ("tls.no-forward-secrecy", W, W, (),
        way(context=lambda: context(("rsa",), high=V.TLSv1_2, ciphers="kRSA+AES"))),
    "narrow-ciphers": ("tls.narrow-ciphers", W, W, (),
        way(context=lambda: context(("rsa",), high=V.TLSv1_2, ciphers="ECDHE-RSA-CHACHA20-POLY1305"))),
    "narrow-groups": ("tls.narrow-groups", W, W, (), way(context=lambda: context(curve="secp521r1"))),
    "sslv3-only": ("tls.sslv3-only", F, F, (), way(context=None, raw=old_server(0x0300, [0x002f, 0x0035, 0x000a, 0x0005]))),
    "sslv2": ("tls.sslv2", F, F, (), way(context=None, raw=ssl2_server)),
    "weak-ciphers": ("tls.weak-ciphers", W, F, (), way(raw=weak_beside)),
    "no-common-cipher": ("tls.no-common-cipher", F, F, (),
        way(context=lambda: context(("rsa",), high=V.TLSv1_2, ciphers="ECDHE-RSA-CAMELLIA256-SHA384:CAMELLIA256-SHA:@SECLEVEL=0"))),
    "no-common-cipher-aria": ("tls.no-common-cipher", F, F, (),
        way(context=lambda: context(("rsa",), high=V.TLSv1_2, ciphers="ECDHE-ARIA256-GCM-SHA384:ARIA256-GCM-SHA384:@SECLEVEL=0"))),
    "no-common-group": ("tls.no-common-cipher", F, F, (), way(context=lambda: context(low=V.TLSv1_3, curve="X448"))),
    "closed-after-starttls": ("tls.closed-after-starttls", F, F, (), way(raw=closed, modes=STARTS)),
    "reset-after-starttls": ("tls.reset-after-starttls", F, F, (), way(raw=reset, modes=RESETS)),
    "timeout-in-handshake": ("tls.timeout-in-handshake", F, F, (), way(raw=silent, modes=SLOW)),
    "slow-handshake": ("tls.slow-handshake", W, W, (), way(raw=dribble, modes=SLOW)),
    "slow-handshake-that-ends": ("tls.slow-handshake", W, W, (), way(raw=lambda server, sock: dribble(server, sock, 32), modes=SLOW)),
    "plaintext-in-tls": ("tls.plaintext-in-tls", F, F, (), way(raw=plain, ids=dict.fromkeys(AT_ONCE, "port.plain-on-implicit-port"))),
    "alert-internal-error": ("tls.alert-internal-error", F, F, (), way(raw=always_alert(80))),
    "alert-handshake-failure": ("tls.alert-handshake-failure", F, F, (), way(raw=always_alert(40))),
    "closed-in-handshake": ("tls.closed-in-handshake", F, F, (), way(raw=hello_then_close)),
    "reset-in-handshake": ("tls.reset-in-handshake", F, F, (), way(raw=hello_then_reset, modes=RESETS + AT_ONCE)),
    "closed-after-handshake": ("tls.closed-after-handshake", F, F, (), way(after="close")),
    "timeout-after-handshake": ("tls.timeout-after-handshake", F, F, (), way(after="silent", modes=SLOW)),
    "client-cert-12": ("tls.client-cert-required", F, F, (), way(context=lambda: context(high=V.TLSv1_2, wants=True))),
    "client-cert-13": ("tls.client-cert-required", F, F, (), way(context=lambda: context(low=V.TLSv1_3, wants=True))),
    "response-injection": ("smtp.response-injection", W, F, (), way(behind=True, modes=STARTS)),
    "command-injection": ("smtp.command-injection", F, F, (), way(keeps=True, options=["--inject"], modes=STARTS)),
    "no-injection": (None, I, I, (), way(options=["--inject"], modes=STARTS)),
    "starttls-inside-tls": ("smtp.starttls-inside-tls", I, I, (), way(offers_again=True, modes=STARTS)),
    "auth-in-clear": ("smtp.auth-in-clear", W, F, (), way(auth="clear", modes=STARTS)),
    "plain-on-implicit-port": ("port.plain-on-implicit-port", F, F, (), way(mode="implicit", at_once=False, modes=AT_ONCE)),
    "is-implicit-tls": ("port.is-implicit-tls", F, F, (), way(at_once=True, modes=STARTS)),
    "tls13-intolerant": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], hello_then_close))),
    "large-hello-intolerant": ("tls.large-hello-intolerant", F, F, (), way(raw=if_hello(lambda h: h["size"] <= 512, silent), modes=SLOW)),
    "pq-hello-intolerant": ("tls.pq-hello-intolerant", W, W, (), way(raw=if_hello(lambda h: h["size"] <= 1300, always_alert(50)))),
    "sni-intolerant": ("tls.sni-intolerant", F, F, (), way(raw=if_hello(lambda h: 0 not in h["extensions"], always_alert(112)))),
    "sni-intolerant-40": ("tls.sni-intolerant", F, F, (), way(raw=if_hello(lambda h: 0 not in h["extensions"], always_alert(40)))),
    "timeout-banner": ("smtp.timeout-banner", F, F, (), way(silent_greeting=True, modes=SLOW, ids={"implicit": "tls.timeout-after-handshake"})),
    "rejected-at-banner": ("smtp.rejected-at-banner", F, F, (), way(rejects=True, modes=tuple(MODES))),
    "rate-limited": ("smtp.rate-limited", W, W, ("stream.unknown",), way(limit=3, modes=TEXTS)),
    "rate-limited-at-once": ("smtp.rate-limited", W, W, ("stream.unknown",),
        way(greeting=b"421 4.7.0 mx.test Too many connections", modes=TEXTS + ("implicit",))),
    "no-esmtp": ("smtp.no-esmtp", W, W, (), way(no_ehlo=True, modes=("smtp", "submission"))),
    "slow-banner": ("smtp.slow-banner", I, I, (), way(greeting_after=6, modes=STARTS + ("implicit", "imaps"))),
    "slow-banner-postscreen": ("smtp.slow-banner", I, I, (), way(pause=6, modes=("smtp",), greeting=b"220-mx.test one moment\r\n220 mx.test ESMTP")),
    "bare-lf": ("smtp.bare-lf", I, I, (), way(eol=b"\n", modes=tuple(MODES))),
    "not-this-protocol": ("smtp.not-this-protocol", F, F, (), way(greeting=b"SSH-2.0-OpenSSH_9.2", modes=tuple(MODES))),
}


def add_odd():
    # odd.py takes what is above from here, also where this file is the program that runs
    sys.modules.setdefault("servers", sys.modules[__name__])
    from odd import ODD
    SERVERS.update(ODD)


def modes(name):
    """in which a fault can be shown"""
    return SERVERS[name][4].get("modes", tuple(MODES))


def identity(name, mode):
    row = SERVERS[name]
    return row[4].get("ids", {}).get(mode, row[0])


def severity(name, mode):
    return SERVERS[name][2 if MODES[mode][3] else 1]


def make(name, mode=None, at=None):
    way = SERVERS[name][4]
    return Server(way, mode or way.get("mode", "smtp"), at)


add_odd()

if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        for name, row in SERVERS.items():
            print("%-26s %-32s %s" % (name, row[0] or "healthy", " ".join(modes(name))))
    else:
        server = make(*sys.argv[1:])
        print(server.host, the_certs().root, flush=True)
        sys.stdin.readline()
        server.close()
