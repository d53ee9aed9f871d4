"""servers.py - mail servers on loopback, each with one fault (TLS.md section 7), and healthy ones.

    python3 tests/tls/servers.py --list
    python3 tests/tls/servers.py NAME        serves it until Enter is pressed

Each server has a thread, a port that the system gives it, and a way to behave.  TLS is Python's ssl where a
real handshake shows the fault, and a few octets by hand where it does not.
"""
import socket, ssl, struct, sys, threading, time

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


class Server:
    """One server; way: a dictionary of how it behaves."""

    def __init__(self, way):
        self.way = way
        self.context = way["context"]() if way.get("context") else None
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(50)
        self.port = self.socket.getsockname()[1]
        self.begun, self.count, self.open = time.monotonic(), 0, True
        threading.Thread(target=self.run, daemon=True).start()

    def close(self):
        self.open = False
        self.socket.close()

    def run(self):
        while self.open:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        sock.settimeout(20)
        try:
            if self.way.get("at_once"):
                self.inside(sock)
            else:
                self.dialogue(sock, False, b"")
        except (OSError, ValueError):
            pass
        finally:
            try:
                sock.close()
            except OSError:
                pass

    # ------------------------------------------------------------ text

    def dialogue(self, sock, secure, octets):
        way, end = self.way, self.way.get("eol", b"\r\n")
        if way.get("protocol", "smtp") != "smtp":
            return self.other_dialogue(sock, secure)
        if not secure or way.get("at_once"):
            limit = way.get("limit")
            if limit and self.count > limit:
                sock.sendall(b"421 4.7.0 mx.test Too many connections" + end)
                return
            if way.get("silent_greeting"):
                time.sleep(15)
                return
            time.sleep(way.get("greeting_after", 0))
            greeting = way.get("greeting", b"220 mx.test ESMTP")
            if way.get("pause"):
                first, greeting = greeting.split(b"\r\n", 1)
                sock.sendall(first + end)
                time.sleep(way["pause"])
            sock.sendall(greeting + end)
            if not greeting.startswith(b"2"):
                return
        reader = Reader(sock)
        reader.octets = octets
        while True:
            line = reader.line()
            if line is None:
                return
            word = line.upper().split(b" ")[0]
            if word == b"EHLO":
                if way.get("no_ehlo"):
                    sock.sendall(b"502 5.5.1 unknown" + end)
                    continue
                sock.sendall(self.capabilities(secure, end))
            elif word == b"LHLO":
                sock.sendall(self.capabilities(secure, end))
            elif word == b"HELO":
                sock.sendall(b"250 mx.test" + end)
            elif word == b"STARTTLS" and not secure and way.get("starttls", b"220 2.0.0 Ready") is not None:
                reply = way.get("starttls", b"220 2.0.0 Ready")
                if not reply.startswith(b"2"):
                    sock.sendall(reply + end)
                    if reply.startswith(b"421"):
                        return
                    continue
                sock.sendall(reply + end + way.get("behind", b""))
                left = reader.octets if way.get("keeps") else b""
                return self.inside(sock, left)
            elif word == b"QUIT":
                sock.sendall(b"221 2.0.0 Bye" + end)
                return
            elif word == b"NOOP":
                sock.sendall(b"250 2.0.0 Ok" + end)
            else:
                sock.sendall(b"500 5.5.1 unknown" + end)

    def capabilities(self, secure, end):
        way = self.way
        lines = [b"mx.test", b"PIPELINING", b"SIZE 10240000", b"8BITMIME", b"ENHANCEDSTATUSCODES"]
        offer = way.get("offer", b"STARTTLS")
        if offer and (not secure or way.get("offers_again")):
            lines.insert(2, offer)
        if way.get("auth") == "always" or (way.get("auth") == "clear" and not secure):
            lines.append(b"AUTH PLAIN LOGIN")
        if way.get("auth") == "challenge":
            lines.append(b"AUTH DIGEST-MD5 CRAM-MD5 SCRAM-SHA-256")
        return b"".join(b"250" + (b" " if i + 1 == len(lines) else b"-") + l + end for i, l in enumerate(lines))

    def other_dialogue(self, sock, secure):
        protocol, offered = self.way["protocol"], self.way.get("offer", True)
        reader = Reader(sock)
        greets = not secure or self.way.get("at_once")
        if protocol == "imap":
            if greets:
                sock.sendall(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
            while (line := reader.line()) is not None:
                tag, _, word = line.partition(b" ")
                if word == b"CAPABILITY":
                    sock.sendall(b"* CAPABILITY IMAP4rev1 " + (b"STARTTLS LOGINDISABLED" if offered and not secure else b"AUTH=PLAIN")
                                 + b"\r\n" + tag + b" OK done\r\n")
                elif word == b"STARTTLS" and offered:
                    sock.sendall(tag + b" OK begin\r\n")
                    return self.inside(sock)
                else:
                    sock.sendall(tag + b" BAD no\r\n")
        elif protocol == "pop3":
            if greets:
                sock.sendall(b"+OK ready\r\n")
            while (line := reader.line()) is not None:
                if line == b"CAPA":
                    sock.sendall(b"+OK\r\nTOP\r\n" + (b"STLS\r\n" if offered and not secure else b"") + b".\r\n")
                elif line == b"STLS" and offered:
                    sock.sendall(b"+OK begin\r\n")
                    return self.inside(sock)
                else:
                    sock.sendall(b"-ERR no\r\n")
        elif protocol == "sieve":
            greeting = b'"IMPLEMENTATION" "test"\r\n' + (b'"STARTTLS"\r\n' if offered and not secure else b"") + b"OK\r\n"
            sock.sendall(greeting)
            while (line := reader.line()) is not None:
                if line == b"STARTTLS" and offered:
                    sock.sendall(b"OK\r\n")
                    return self.inside(sock)
                sock.sendall(b"NO\r\n")

    # ------------------------------------------------------------- TLS

    def inside(self, sock, left=b""):
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
            self.dialogue(tls, True, left)


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
            server.dialogue(tls, True, b"")
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
# name: (id or None, severity on port 25, severity on submission and implicit ports, other ids allowed, way, options)
SERVERS = {
    "healthy": (None, I, I, (), way()),
    "healthy-rsa": (None, I, I, (), way(context=single("rsa"))),
    "healthy-lower-case": (None, I, I, (), way(offer=b"starttls")),
    "healthy-imap": (None, I, I, (), way(protocol="imap", mode="imap")),
    "healthy-pop3": (None, I, I, (), way(protocol="pop3", mode="pop3")),
    "healthy-sieve": (None, I, I, (), way(protocol="sieve", mode="sieve")),
    "healthy-implicit": (None, I, I, (), way(at_once=True, mode="implicit")),
    "healthy-implicit-imap": (None, I, I, (), way(protocol="imap", at_once=True, mode="implicit")),
    "healthy-implicit-pop3": (None, I, I, (), way(protocol="pop3", at_once=True, mode="implicit")),
    "healthy-implicit-sieve": (None, I, I, (), way(protocol="sieve", at_once=True, mode="implicit")),
    "healthy-auth-by-challenge": (None, I, I, (), way(auth="challenge")),
    "healthy-just-made": (None, I, I, (), way(context=single("just-made"))),
    "healthy-lmtp": (None, I, I, (), way(mode="lmtp")),
    "tls13-only": ("tls.tls13-only", I, I, (), way(context=lambda: context(low=V.TLSv1_3))),
    "no-certificate": ("tls.no-certificate", F, F, (), way(context=lambda: context(()))),
    "no-certificate-anon": ("tls.no-certificate-anon", F, F, (),
        way(context=lambda: context((), high=V.TLSv1_2, ciphers="ADH:AECDH:@SECLEVEL=0", dh=2048))),
    "starttls-454": ("smtp.starttls-454", F, F, (), way(starttls=b"454 4.7.0 TLS not available due to local problem")),
    "starttls-421": ("smtp.starttls-421", F, F, (), way(starttls=b"421 4.7.0 closing")),
    "starttls-refused": ("smtp.starttls-refused", F, F, (), way(starttls=b"502 5.5.1 not now")),
    "starttls-not-offered": ("smtp.starttls-not-offered", W, F, (), way(offer=b"", starttls=None)),
    "starttls-stripped": ("smtp.starttls-stripped", F, F, (), way(offer=b"XXXXXXXA", starttls=None)),
    "starttls-unadvertised": ("smtp.starttls-unadvertised", W, W, (), way(offer=b"")),
    "imap-not-offered": ("smtp.starttls-not-offered", F, F, ("smtp.auth-in-clear",), way(protocol="imap", mode="imap", offer=False)),
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
    "closed-after-starttls": ("tls.closed-after-starttls", F, F, (), way(raw=closed)),
    "reset-after-starttls": ("tls.reset-after-starttls", F, F, (), way(raw=reset)),
    "timeout-in-handshake": ("tls.timeout-in-handshake", F, F, (), way(raw=silent)),
    "slow-handshake": ("tls.slow-handshake", W, W, (), way(raw=dribble)),
    "slow-handshake-that-ends": ("tls.slow-handshake", W, W, (), way(raw=lambda server, sock: dribble(server, sock, 32))),
    "plaintext-in-tls": ("tls.plaintext-in-tls", F, F, (), way(raw=plain)),
    "alert-internal-error": ("tls.alert-internal-error", F, F, (), way(raw=always_alert(80))),
    "alert-handshake-failure": ("tls.alert-handshake-failure", F, F, (), way(raw=always_alert(40))),
    "closed-in-handshake": ("tls.closed-in-handshake", F, F, (), way(raw=hello_then_close)),
    "closed-after-handshake": ("tls.closed-after-handshake", F, F, (), way(after="close")),
    "timeout-after-handshake": ("tls.timeout-after-handshake", F, F, (), way(after="silent")),
    "client-cert-12": ("tls.client-cert-required", F, F, (), way(context=lambda: context(high=V.TLSv1_2, wants=True))),
    "client-cert-13": ("tls.client-cert-required", F, F, (), way(context=lambda: context(low=V.TLSv1_3, wants=True))),
    "response-injection": ("smtp.response-injection", W, F, (), way(behind=b"250 injected\r\n")),
    "command-injection": ("smtp.command-injection", F, F, (), way(keeps=True, options=["--inject"])),
    "no-injection": (None, I, I, (), way(options=["--inject"])),
    "starttls-inside-tls": ("smtp.starttls-inside-tls", I, I, (), way(offers_again=True)),
    "auth-in-clear": ("smtp.auth-in-clear", W, F, (), way(auth="clear")),
    "plain-on-implicit-port": ("port.plain-on-implicit-port", F, F, (), way(mode="implicit")),
    "is-implicit-tls": ("port.is-implicit-tls", F, F, (), way(at_once=True)),
    "tls13-intolerant": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], hello_then_close))),
    "large-hello-intolerant": ("tls.large-hello-intolerant", F, F, (), way(raw=if_hello(lambda h: h["size"] <= 512, silent))),
    "pq-hello-intolerant": ("tls.pq-hello-intolerant", W, W, (), way(raw=if_hello(lambda h: h["size"] <= 1300, always_alert(50)))),
    "sni-intolerant": ("tls.sni-intolerant", F, F, (), way(raw=if_hello(lambda h: 0 not in h["extensions"], always_alert(112)))),
    "sni-intolerant-40": ("tls.sni-intolerant", F, F, (), way(raw=if_hello(lambda h: 0 not in h["extensions"], always_alert(40)))),
    "timeout-banner": ("smtp.timeout-banner", F, F, (), way(silent_greeting=True)),
    "rejected-at-banner": ("smtp.rejected-at-banner", F, F, (), way(greeting=b"554 5.7.1 blocked using Blocklist 1")),
    "rate-limited": ("smtp.rate-limited", W, W, ("stream.unknown",), way(limit=3)),
    "no-esmtp": ("smtp.no-esmtp", W, W, (), way(no_ehlo=True)),
    "slow-banner": ("smtp.slow-banner", I, I, (), way(greeting_after=6, greeting=b"220-mx.test one moment\r\n220 mx.test ESMTP")),
    "slow-banner-postscreen": ("smtp.slow-banner", I, I, (), way(pause=6, greeting=b"220-mx.test one moment\r\n220 mx.test ESMTP")),
    "bare-lf": ("smtp.bare-lf", I, I, (), way(eol=b"\n")),
    "not-this-protocol": ("smtp.not-this-protocol", F, F, (), way(greeting=b"SSH-2.0-OpenSSH_9.2")),
}


def make(name):
    return Server(SERVERS[name][4])


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        for name, row in SERVERS.items():
            print("%-26s %s" % (name, row[0] or "healthy"))
    else:
        server = make(sys.argv[1])
        print(server.port, the_certs().root, flush=True)
        sys.stdin.readline()
