"""odd.py - servers whose faults are in no table: the tenth case of each, and what is no fault though it looks like one

Rows as in servers.py, which adds them to its own.  Most of the TLS here is by hand: no library would send it.
"""
import socket, ssl, struct, threading, time

import servers
from servers import AT_ONCE, F, I, SLOW, STARTS, TEXTS, V, W, context, single, way
from servers import always_alert, hello_then_close, hello_then_reset, if_hello, parse_hello, read_hello, reset, server_hello, silent

ONE = ("smtp", "implicit")  # where the protocol around it changes nothing
RETRY = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")  # RFC 8446 4.1.3


def record(kind, body, version=0x0303):
    return struct.pack(">BHH", kind, version, len(body)) + body


def message(kind, body):
    return bytes([kind]) + struct.pack(">I", len(body))[1:] + body


def records(octets):
    """a message of any length, in records"""
    return b"".join(record(22, octets[i:i + 16384]) for i in range(0, len(octets), 16384))


def hello_13(group, random, session):
    """ServerHello or HelloRetryRequest of TLS 1.3, without a share"""
    extensions = struct.pack(">HHH", 43, 2, 0x0304) + struct.pack(">HHH", 51, 2, group)
    return record(22, message(2, b"\x03\x03" + random + bytes([len(session)]) + session + b"\x13\x01\x00" +
                              struct.pack(">H", len(extensions)) + extensions))


def answer(*octets, then=0.3):
    """whatever the hello is, this; and then silence of so many seconds, or the end"""
    def run(server, sock):
        if not read_hello(sock, peek=False):
            return False
        sock.sendall(b"".join(octets))
        time.sleep(then)
        return False
    return run


def retries(server, sock):
    """HelloRetryRequest, again and again, and each time for another group than was offered"""
    hello = read_hello(sock, peek=False)
    for group in (0x0017, 0x0018, 0x0019) * 3:
        sock.sendall(hello_13(group, RETRY, hello[44:44 + hello[43]]))
        if not sock.recv(16384):
            break
    return False


def half_closed(server, sock):
    """says that it will say nothing more, and goes on reading"""
    sock.shutdown(socket.SHUT_WR)
    sock.settimeout(2)
    while sock.recv(4096):
        pass
    return False


def name_warning(server, sock):
    """a warning that it does not know the name, and then goes on as if nothing had been (Java's and old Apaches)"""
    hello = parse_hello(read_hello(sock))
    if hello is not None and 0 in hello["extensions"]:
        sock.sendall(b"\x15\x03\x03\x00\x02\x01\x70")
    return True


def without_certificates(server, sock):
    """TLS 1.2 with a Certificate message of no certificate"""
    read_hello(sock, peek=False)
    sock.sendall(server_hello(0x0303, 0xc02f) + record(22, message(11, b"\x00\x00\x00")) + record(22, message(14, b"")))
    time.sleep(0.3)
    return False


def part_way(server, sock, octets, then):
    """real TLS, of which only the first octets get through (0: the first record)"""
    inner, outer = socket.socketpair()

    def shake():
        try:
            with server.context.wrap_socket(inner, server_side=True) as tls:
                tls.recv(1)
        except OSError:
            pass
    thread = threading.Thread(target=shake, daemon=True)
    thread.start()
    hello = read_hello(sock, peek=False)
    outer.sendall(hello)
    outer.settimeout(2)
    got = b""
    while len(got) < max(octets, 200) and (more := outer.recv(4096)):
        got += more
    octets = octets or 5 + struct.unpack(">H", got[3:5])[0]
    sock.sendall(got[:octets])
    outer.close()
    return then(server, sock)


def after_hello(then):
    """of real TLS the ServerHello alone gets through"""
    def run(server, sock):
        return part_way(server, sock, 0, then)
    return run


def after_some(octets, then):
    """of the ServerHello and what follows so much gets through"""
    def run(server, sock):
        return part_way(server, sock, octets, then)
    return run


def alert_now(description):
    def run(server, sock):
        sock.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([description]))
        time.sleep(0.3)
        return False
    return run


def wait_more(server, sock):
    sock.settimeout(15)
    try:
        sock.recv(4096)
    except OSError:
        pass
    return False


def hang_up(server, sock):
    return False


def tickets(count):
    made = context(("rsa", "ecdsa"))
    made.num_tickets = count
    return made


def asking():
    made = context()
    made.verify_mode = ssl.CERT_OPTIONAL
    made.load_verify_locations(servers.the_certs().root)
    return made


def long_chain():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*servers.the_certs().get("long-chain"))
    return made


OLD = V.TLSv1_1
RAW = dict(context=None)

ODD = {
    # ----------------------------------------------------------------- no faults
    "in-pieces": (None, I, I, (), way(pieces=1, modes=STARTS)),
    "in-pieces-inside": (None, I, I, (), way(pieces=7, modes=AT_ONCE)),
    "ready-in-lines": (None, I, I, (), way(starttls=b"220-2.0.0 a moment\r\n220 2.0.0 Ready", modes=TEXTS)),
    "ready-without-text": (None, I, I, (), way(starttls=b"220", modes=TEXTS)),
    "greeting-without-text": (None, I, I, (), way(greeting=b"220", modes=TEXTS + ("implicit",))),
    "greeting-with-blank": (None, I, I, (), way(greeting=b"220 ", modes=TEXTS)),
    "greeting-with-nul": (None, I, I, (), way(greeting=b"220 mx\0.test \xff\xfe", modes=TEXTS)),
    "greeting-of-many-lines": (None, I, I, (), way(greeting=b"220-" + b"x" * 400 + b"\r\n" + b"220-more\r\n" * 50 + b"220 mx.test", modes=TEXTS)),
    "trailing-blanks": (None, I, I, (), way(trail=b"  ", modes=TEXTS)),
    "ipv6-only": (None, I, I, (), way(only_6=True, modes=("smtp", "implicit", "imap"))),
    "many-tickets": (None, I, I, (), way(context=lambda: tickets(60), modes=ONE + ("imap",))),
    "long-chain": (None, I, I, ("cert.chain-order",), way(context=long_chain, modes=ONE)),
    "asks-for-certificate": ("tls.client-cert-requested", I, I, (), way(context=asking)),
    "asks-for-certificate-12": ("tls.client-cert-requested", I, I, (), way(context=lambda: limited(asking(), V.TLSv1_2), modes=ONE)),
    "name-warning": (None, I, I, (), way(context=lambda: context(high=V.TLSv1_2), raw=name_warning, modes=ONE)),
    "upper-case-name": (None, I, I, (), way(context=single("upper"), modes=ONE)),
    "both-usages": (None, I, I, (), way(context=single("both-usages"), modes=ONE)),
    "large-key": (None, I, I, (), way(context=single("rsa4096"), modes=ONE)),
    "p384": (None, I, I, (), way(context=single("p384"), modes=ONE)),
    "tls12-only": (None, I, I, (), way(context=lambda: context(high=V.TLSv1_2))),
    "synchronous": (None, I, I, (), way(synchronous=True, options=["--inject"], modes=TEXTS)),
    "without-capabilities": (None, I, I, (), way(no_capabilities=True, modes=("imap", "pop3"))),
    "empty-share-intolerant": (None, I, I, (), way(raw=if_hello(lambda h: h["extensions"].get(51) != b"\0\0", hello_then_close), modes=ONE)),
    # -------------------------------------------------------------- certificates
    "intermediate-expired": ("cert.intermediate-expired", W, F, (), way(context=single("late"), modes=ONE)),
    "foreign-root": ("cert.untrusted-issuer", W, F, (), way(context=single("foreign"), modes=ONE)),
    "weak-signature-of-issuer": ("cert.weak-signature", W, F, (), way(context=lambda: context(("loose",), ciphers="DEFAULT:@SECLEVEL=0"), modes=ONE)),
    "unrelated-certificate": ("cert.unrelated-sent", I, I, (), way(context=single("unrelated"), modes=ONE)),
    "wildcards-that-do-not-match": ("cert.name-mismatch", W, F, (), way(context=single("wildcards"), modes=ONE)),
    "common-name-beside-others": ("cert.name-mismatch", W, F, (), way(context=single("san-of-others"), modes=ONE)),
    "one-of-two-expired": ("cert.expired", W, F, (), way(context=lambda: context(("expired-rsa", "ecdsa")), modes=ONE)),
    "ed448": ("cert.key-type-uncommon", F, F, (), way(context=single("ed448"), modes=ONE)),
    "p521": (None, I, I, (), way(context=single("p521"), modes=ONE)),
    "pss-key": ("cert.key-type-uncommon", F, F, (), way(context=single("pss"), modes=ONE)),
    "brainpool": ("tls.no-common-cipher", F, F, (), way(context=single("brainpool"), modes=ONE)),
    # ------------------------------------------------------------------ in clear
    "rejected-at-ehlo": ("smtp.rejected-at-ehlo", F, F, (),
        way(replies={"EHLO": b"550 5.7.1 go\r\n", "LHLO": b"550 5.7.1 go\r\n", "HELO": b"550 5.7.1 go\r\n"}, modes=TEXTS)),
    "limited-at-ehlo": ("smtp.rate-limited", W, W, ("stream.unknown",),
        way(replies={"EHLO": b"421 4.7.0 too many\r\n", "LHLO": b"421 4.7.0 too many\r\n"}, modes=TEXTS)),
    "later-at-ehlo": ("smtp.rejected-at-ehlo", F, F, (),
        way(replies={"EHLO": b"450 4.3.2 later\r\n", "LHLO": b"450 4.3.2 later\r\n", "HELO": b"450 4.3.2 later\r\n"}, modes=TEXTS)),
    "malformed-at-ehlo": ("smtp.malformed-reply", W, W, (), way(replies={"EHLO": b"banana\r\n"}, modes=("smtp", "submission"))),
    "code-alone-at-ehlo": ("smtp.starttls-unadvertised", W, W, (), way(replies={"EHLO": b"250\r\n"}, modes=("smtp", "submission"))),
    "talks-smtp": ("smtp.not-this-protocol", F, F, (), way(talks="smtp", modes=("imap", "pop3", "sieve"))),
    "talks-imap": ("smtp.not-this-protocol", F, F, (), way(talks="imap", modes=("smtp", "submission", "lmtp", "pop3", "sieve"))),
    "talks-pop3": ("smtp.not-this-protocol", F, F, (), way(talks="pop3", modes=("smtp", "imap", "sieve"))),
    "talks-sieve": ("smtp.not-this-protocol", F, F, (), way(talks="sieve", modes=("smtp", "imap", "pop3"))),
    "preauth": ("smtp.starttls-not-offered", F, F, ("smtp.auth-in-clear",), way(greeting=b"* PREAUTH hello", offer=b"", starttls=None, modes=("imap",))),
    "bye": ("smtp.rejected-at-banner", F, F, (), way(greeting=b"* BYE too many", modes=("imap", "imaps", "implicit-imap"))),
    "closed-after-greeting": ("smtp.closed", F, F, (), way(only_greets=True, modes=STARTS)),
    "ehlo-inside-refused": ("smtp.ehlo-inside-tls", F, F, (), way(replies={"inside": b"550 5.7.1 no\r\n"}, modes=TEXTS + ("implicit",))),
    "silent-after-3": ("smtp.rate-limited", W, W, ("stream.unknown",), way(silent_after=3, modes=("smtp", "imap"))),
    "gone-after-3": ("smtp.rate-limited", W, W, ("stream.unknown",), way(gone_after=3, modes=("smtp", "implicit", "imap"))),
    "greeting-of-telnet": ("smtp.not-this-protocol", F, F, (), way(greeting=b"\xff\xfd\x18\xff\xfd\x20login: ", evidence="login: ", modes=TEXTS)),
    "greeting-with-mark": ("smtp.not-this-protocol", F, F, (), way(greeting=b"\xef\xbb\xbf220 mx.test ESMTP", modes=TEXTS)),
    "starttls-as-name": ("smtp.starttls-unadvertised", W, W, (), way(bare_offer=True, modes=TEXTS)),
    "lines-without-end": ("smtp.too-much", F, F, (), way(greeting=b"220-mx.test\r\n" * 3000 + b"220 mx.test", modes=TEXTS)),
    "line-without-end": ("smtp.too-much", F, F, (), way(greeting=b"220 " + b"x" * 20000, modes=TEXTS)),
    "starttls-unanswered": ("smtp.timeout-reply", F, F, (), way(starttls=b"220-and then", modes=SLOW[:1])),
    "line-ends-in-cr": ("smtp.timeout-banner", F, F, (), way(eol=b"\r", evidence="220 mx.test ESMTP", modes=SLOW[:1])),
    "half-closed": ("tls.closed-after-starttls", F, F, (), way(raw=half_closed, modes=("smtp", "imap"))),
    # -------------------------------------------------------------- in the handshake
    "no-extensions": ("tls.extension-intolerant", F, F, (),
        way(context=lambda: context(("rsa",), high=V.TLSv1_2, ciphers="AES256-SHA:AES128-SHA:@SECLEVEL=0"),
            raw=if_hello(lambda h: not h["extensions"], always_alert(50)), modes=ONE)),
    "alpn-needed": ("tls.alert-other", F, F, (), way(raw=if_hello(lambda h: 16 in h["extensions"], always_alert(120)), modes=ONE)),
    "close-notify": ("tls.closed-in-handshake", F, F, (), way(raw=answer(b"\x15\x03\x03\x00\x02\x01\x00"), modes=ONE)),
    "retry-without-end": ("tls.bad-record", F, F, (), way(raw=retries, modes=ONE)),
    "unknown-suite": ("tls.bad-record", F, F, (), way(raw=answer(server_hello(0x0303, 0x1234)), modes=ONE)),
    "empty-record": ("tls.bad-record", F, F, (), way(raw=answer(record(22, b""), server_hello(0x0303, 0x1234)), modes=ONE)),
    "empty-records": ("tls.bad-record", F, F, ("tls.closed-in-handshake",), way(raw=answer(record(22, b"") * 40), modes=ONE)),
    "record-too-long": ("tls.bad-record", F, F, (), way(raw=answer(b"\x16\x03\x03\xff\xff" + b"x" * 2000), modes=ONE)),
    "change-cipher-first": ("tls.bad-record", F, F, (), way(raw=answer(record(20, b"\x01"), record(22, message(20, b"x" * 12))), modes=ONE)),
    "data-first": ("tls.bad-record", F, F, (), way(raw=answer(record(23, b"x" * 40)), modes=ONE)),
    "alert-of-ssl3": ("tls.alert-handshake-failure", F, F, (), way(raw=answer(b"\x15\x03\x00\x00\x02\x02\x28"), modes=ONE)),
    "alert-in-pieces": ("tls.alert-internal-error", F, F, (), way(raw=lambda server, sock: in_pieces(sock, b"\x15\x03\x03\x00\x02\x02\x50"), modes=ONE)),
    "no-certificates-in-message": ("tls.no-certificate", F, F, (), way(raw=without_certificates, modes=ONE)),
    "bad-certificate": ("tls.bad-record", F, F, (),
        way(raw=answer(server_hello(0x0303, 0xc02f), record(22, message(11, b"\x00\x00\x09\x00\x00\x06" + b"x" * 6)), record(22, message(14, b""))), modes=ONE)),
    "huge-message": ("tls.bad-record", F, F, (),
        way(raw=answer(server_hello(0x0303, 0xc02f), records(message(11, b"\x03\xff\xfd\x03\xff\xfa" + b"x" * 0x3fffa))), modes=ONE)),
    "http": ("tls.plaintext-in-tls", F, F, (), way(raw=answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), modes=ONE,
                                                   ids={"implicit": "port.plain-on-implicit-port"})),
    "silent-after-hello": ("tls.timeout-in-handshake", F, F, (), way(raw=after_hello(wait_more), modes=SLOW)),
    "silent-after-hello-12": ("tls.timeout-in-handshake", F, F, (),
        way(context=lambda: context(high=V.TLSv1_2), raw=after_hello(wait_more), modes=SLOW)),
    "silent-after-some": ("tls.timeout-in-handshake", F, F, (), way(raw=after_some(100, wait_more), modes=SLOW)),
    "closed-after-some": ("tls.closed-in-handshake", F, F, (), way(raw=after_some(100, hang_up), modes=ONE)),
    "reset-after-hello": ("tls.reset-in-handshake", F, F, (), way(raw=after_hello(reset), modes=ONE)),
    "closed-after-hello": ("tls.closed-in-handshake", F, F, (), way(raw=after_hello(hang_up), modes=ONE)),
    "alert-after-hello-40": ("tls.alert-handshake-failure", F, F, (),
        way(context=lambda: context(high=V.TLSv1_2), raw=after_hello(alert_now(40)), modes=ONE)),
    "alert-after-hello-47": ("tls.alert-other", F, F, (),
        way(context=lambda: context(high=V.TLSv1_2), raw=after_hello(alert_now(47)), modes=ONE)),
    # ------------------------------------------------- the same fault, shown otherwise
    "tls11-only": ("tls.old-protocol-only", F, F, ("tls.no-forward-secrecy",),
        way(context=lambda: context(low=OLD, high=OLD, ciphers="DEFAULT:@SECLEVEL=0"), modes=ONE)),
    "sni-required-or-closes": ("tls.sni-required", W, I, (), way(raw=if_hello(lambda h: 0 in h["extensions"], hello_then_close), modes=ONE)),
    "sni-intolerant-closes": ("tls.sni-intolerant", F, F, (), way(raw=if_hello(lambda h: 0 not in h["extensions"], hello_then_close), modes=ONE)),
    "sni-intolerant-waits": ("tls.sni-intolerant", F, F, (), way(raw=if_hello(lambda h: 0 not in h["extensions"], silent), modes=SLOW)),
    "tls13-intolerant-resets": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], hello_then_reset), modes=ONE)),
    "tls13-intolerant-waits": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], silent), modes=SLOW)),
    "tls13-intolerant-40": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], always_alert(40)), modes=ONE)),
    "tls13-intolerant-47": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], always_alert(47)), modes=ONE)),
    "tls13-intolerant-70": ("tls.tls13-intolerant", W, W, (), way(raw=if_hello(lambda h: 43 not in h["extensions"], always_alert(70)), modes=ONE)),
    "large-hello-intolerant-closes": ("tls.large-hello-intolerant", F, F, (), way(raw=if_hello(lambda h: h["size"] <= 512, hello_then_close), modes=ONE)),
    "large-hello-intolerant-50": ("tls.large-hello-intolerant", F, F, (), way(raw=if_hello(lambda h: h["size"] <= 512, always_alert(50)), modes=ONE)),
    "pq-hello-intolerant-waits": ("tls.pq-hello-intolerant", W, W, (), way(raw=if_hello(lambda h: h["size"] <= 1300, silent), modes=SLOW)),
    "pq-hello-intolerant-closes": ("tls.pq-hello-intolerant", W, W, (), way(raw=if_hello(lambda h: h["size"] <= 1300, hello_then_close), modes=ONE)),
}


def limited(made, high):
    made.maximum_version = high
    return made


def in_pieces(sock, octets):
    read_hello(sock, peek=False)
    for i in range(len(octets)):
        sock.sendall(octets[i:i + 1])
        time.sleep(0.01)
    time.sleep(0.2)
    return False
