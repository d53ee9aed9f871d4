"""test_servers.py - the servers of servers.py show the faults that they are there for, as clients of others see them

So that no wrong server makes a wrong finding look right.  TLS is looked at by openssl s_client, what is said in clear
by Python's smtplib, imaplib and poplib, and where there is no client for it by a socket.
"""
import concurrent.futures, imaplib, os, poplib, re, smtplib, socket, ssl, subprocess, sys, unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import servers  # noqa: E402

CHEAP = "DEFAULT:@SECLEVEL=0"
WAIT = 0.6  # for what never comes


# ------------------------------------------------------------------------------------------------ openssl s_client

def s_client(server, *words, timeout=15):
    """what openssl says of it; "(waits)" if it never ends"""
    protocol, at_once = server.protocol, server.mode in servers.AT_ONCE
    command = ["openssl", "s_client", *(["-unix", server.host[5:]] if server.folder else ["-connect", server.host]),
               "-CAfile", servers.the_certs().root, "-showcerts"]
    if not at_once and "-plain" not in words:
        command += ["-starttls", protocol]
    if "-noservername" not in words:
        command += ["-servername", servers.NAME]
    command += [w for w in words if w != "-plain"]
    try:
        done = subprocess.run(command, input=b"", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout)
    except subprocess.TimeoutExpired as late:
        return (late.output or b"").decode(errors="replace") + "(waits)"
    return done.stdout.decode(errors="replace")


def x509(said, *words):
    """what openssl says of the first certificate that s_client showed"""
    return subprocess.run(["openssl", "x509", "-noout", *words], input=said.encode(), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout.decode()


GOOD = r"Cipher is (?!\(NONE\))[\s\S]*Verify return code: 0 "
NONE = r"Cipher is \(NONE\)"
HELLO_12 = ("-tls1_2", "-cipher", CHEAP)
LONG = ",".join("x%03d" % i + "y" * 240 for i in range(2))
LONGER = ",".join("x%03d" % i + "y" * 240 for i in range(6))


def refuses(alert):
    return r"(alert number %d|tlsv13? alert|sslv3 alert)[\s\S]*" % alert + NONE


def is_good(*words):
    return [(words, GOOD)]


# name: [(options of s_client, what it then says)]; a callable looks at that itself
TLS = {
    "healthy": [(("-verify_hostname", servers.NAME), GOOD), (HELLO_12, GOOD), (("-tls1_1", "-cipher", CHEAP), NONE),
                (("-sigalgs", "RSA-PSS+SHA256"), "Peer signature type: RSA-PSS"),
                (("-sigalgs", "ECDSA+SHA256"), "Peer signature type: ECDSA")],
    "healthy-rsa": [(("-verify_hostname", servers.NAME), GOOD), (("-sigalgs", "ECDSA+SHA256"), refuses(40))],
    "healthy-lower-case": is_good(),
    "healthy-auth-by-challenge": is_good(),
    "no-injection": is_good(),
    "tls13-only": [(("-tls1_3",), GOOD), (HELLO_12, refuses(70))],
    "no-certificate": [((), refuses(40)), (HELLO_12, refuses(40)), (("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"), NONE)],
    "no-certificate-anon": [(HELLO_12, refuses(40)),
                            (("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"), r"no peer certificate[\s\S]*Cipher is A(DH|ECDH)")],
    "starttls-unadvertised": is_good(),
    "expired": [((), "Verify return code: 10 ")],
    "not-yet-valid": [((), "Verify return code: 9 ")],
    "self-signed": [((), "Verify return code: 18 ")],
    "name-mismatch": [((), GOOD), (("-verify_hostname", servers.NAME), "Verify return code: 62 ")],
    "chain-incomplete": [((), "Verify return code: 2[01] ")],
    "chain-order": [((), GOOD), ((), r" 1 s:CN = Test root\n[\s\S]* 2 s:CN = Test middle\n")],
    "weak-key": [(("-cipher", CHEAP), "Server public key is 1024 bit")],
    "weak-signature": [(("-cipher", CHEAP), lambda said: "ecdsa-with-SHA1" in x509(said, "-text"))],
    "no-alternative-name": [((), lambda said: "mx.test" in x509(said, "-subject") and "DNS:" not in x509(said, "-text"))],
    "wrong-purpose": [(("-purpose", "sslserver"), "Verify return code: 26 ")],
    "expires-soon": [((), GOOD), ((), lambda said: "will not" in x509(said, "-checkend", "86400")),
                     ((), lambda said: "will expire" in x509(said, "-checkend", "604800"))],
    "must-staple": [(("-status",), r"OCSP response: no response sent[\s\S]*" + GOOD),
                    ((), lambda said: "status_request" in x509(said, "-text"))],
    "sni-required": [((), GOOD), (("-noservername",), refuses(112))],
    "sni-default-differs": [((), r" 0 s:CN = mx.test\n"), (("-noservername",), r" 0 s:CN = other.example\n")],
    "ecdsa-only": [((), "Peer signature type: ECDSA"), (("-sigalgs", "RSA-PSS+SHA256:RSA+SHA256"), refuses(40))],
    "key-type-uncommon": [((), "(?i)Peer signature type: ed25519"), (("-sigalgs", "RSA-PSS+SHA256:ECDSA+SHA256"), refuses(40))],
    "old-protocol-only": [(("-tls1", "-cipher", CHEAP), "New, TLSv1.0|Protocol *: TLSv1\n"), (HELLO_12, NONE)],
    "old-protocol-offered": [(("-tls1", "-cipher", CHEAP), "Protocol *: TLSv1\n"), (("-tls1_3",), GOOD)],
    "weak-dh": [(HELLO_12, "Server Temp Key: DH, 1024 bits"), (("-tls1_2", "-cipher", "ECDHE:kRSA"), NONE)],
    "no-forward-secrecy": [(HELLO_12, GOOD), (("-tls1_2", "-cipher", "ECDHE:DHE:@SECLEVEL=0"), refuses(40))],
    "narrow-ciphers": [(HELLO_12, "Cipher is ECDHE-RSA-CHACHA20-POLY1305"),
                       (("-tls1_2", "-cipher", "AESGCM:AES:@SECLEVEL=0"), refuses(40))],
    "narrow-groups": [((), "Server Temp Key: ECDH, (secp521r1|P-521)"), (("-tls1_3", "-groups", "X25519:P-256:P-384:X448"), refuses(40))],
    "sslv3-only": [((), "(unsupported protocol|wrong (ssl )?version)[\\s\\S]*" + NONE), (HELLO_12, NONE)],
    "sslv2": [((), NONE), (HELLO_12, NONE)],
    "weak-ciphers": is_good(),
    "no-common-cipher": [(("-tls1_2", "-cipher", "AES:CHACHA20:@SECLEVEL=0"), refuses(40)),
                         (("-tls1_2", "-cipher", "CAMELLIA:@SECLEVEL=0"), GOOD)],
    "no-common-cipher-aria": [(("-tls1_2", "-cipher", "AES:CHACHA20:@SECLEVEL=0"), refuses(40)),
                              (("-tls1_2", "-cipher", "ARIA:@SECLEVEL=0"), GOOD)],
    "no-common-group": [(("-groups", "X25519:P-256:P-384:P-521"), refuses(40)), (("-groups", "X448"), GOOD)],
    "closed-after-starttls": [((), "(unexpected eof|errno=)[\\s\\S]*" + NONE)],
    "reset-after-starttls": [((), "errno=104[\\s\\S]*" + NONE)],
    "closed-in-handshake": [((), "(unexpected eof|errno=)[\\s\\S]*" + NONE)],
    "reset-in-handshake": [((), "errno=104[\\s\\S]*" + NONE)],
    "slow-handshake-that-ends": is_good(),
    "plaintext-in-tls": [((), "wrong version number[\\s\\S]*" + NONE)],
    "alert-internal-error": [((), refuses(80)), (HELLO_12, refuses(80))],
    "alert-handshake-failure": [((), refuses(40)), (HELLO_12, refuses(40))],
    "closed-after-handshake": is_good(),
    "client-cert-12": [(HELLO_12, r"Acceptable client certificate CA names\nCN = Test root[\s\S]*alert|alert handshake failure")],
    "client-cert-13": [(("-tls1_3", "-ign_eof"), "alert certificate required")],
    "response-injection": is_good(),  # it purges what comes behind 220
    "starttls-inside-tls": is_good(),
    "auth-in-clear": is_good(),
    "plain-on-implicit-port": [((), "wrong version number[\\s\\S]*" + NONE)],
    "is-implicit-tls": [(("-plain",), GOOD)],
    "tls13-intolerant": [((), "(unexpected eof|errno=)[\\s\\S]*" + NONE), (HELLO_12, GOOD)],
    "large-hello-intolerant": [(("-tls1_2",), GOOD), (("-alpn", LONG), r"\(waits\)")],
    "pq-hello-intolerant": [((), GOOD), (("-alpn", LONG), GOOD), (("-alpn", LONGER), refuses(50))],
    "sni-intolerant": [(("-noservername",), GOOD), ((), refuses(112))],
    "sni-intolerant-40": [(("-noservername",), GOOD), ((), refuses(40))],
    "bare-lf": is_good(),
}

# odd.py
ENDS = "(unexpected eof|errno=)"
TLS.update({name: is_good() for name in (
    "in-pieces-inside", "ready-in-lines", "ready-without-text", "greeting-without-text", "greeting-with-blank", "greeting-with-nul",
    "greeting-of-many-lines", "trailing-blanks", "ipv6-only", "many-tickets", "starttls-as-name")})
TLS.update({
    "long-chain": [((), lambda said: said.count("BEGIN CERTIFICATE") == 82)],
    "asks-for-certificate": [(("-msg",), r"CertificateRequest[\s\S]*" + GOOD)],
    "asks-for-certificate-12": [(("-msg",), r"CertificateRequest[\s\S]*TLSv1.2, " + GOOD)],
    "name-warning": [(("-msg",), r"<<< .*Alert.*warning unrecognized_name[\s\S]*" + GOOD)],
    "upper-case-name": [(("-verify_hostname", servers.NAME), GOOD), ((), lambda said: "DNS:MX.Test" in x509(said, "-text"))],
    "both-usages": [(("-purpose", "sslserver"), GOOD)],
    "large-key": [((), r"a:PKEY: [A-Za-z-]*, 4096 .bit[\s\S]*" + GOOD)],
    "p384": [((), r"a:PKEY: [A-Za-z-]*, 384 .bit[\s\S]*" + GOOD)],
    "p521": [((), r"a:PKEY: [A-Za-z-]*, 521 .bit[\s\S]*" + GOOD)],
    "tls12-only": [(HELLO_12, GOOD), (("-tls1_3",), refuses(70))],
    "intermediate-expired": [((), r"depth=1 CN = Test late\nverify error:num=10:[\s\S]*Verify return code: 10 ")],
    "foreign-root": [((), "Verify return code: 19 ")],
    "weak-signature-of-issuer": [(("-cipher", CHEAP), lambda said: "ecdsa-with-SHA1" in x509(said.split("END CERTIFICATE-----", 1)[1], "-text"))],
    "unrelated-certificate": [((), r" 2 s:CN = Test foreign\n[\s\S]*" + GOOD)],
    "wildcards-that-do-not-match": [((), GOOD), (("-verify_hostname", servers.NAME), "Verify return code: 62 ")],
    "common-name-beside-others": [((), r" 0 s:CN = mx.test\n"), (("-verify_hostname", servers.NAME), "Verify return code: 62 ")],
    "one-of-two-expired": [(("-sigalgs", "RSA-PSS+SHA256"), "Verify return code: 10 "), (("-sigalgs", "ECDSA+SHA256"), GOOD)],
    "ed448": [((), "(?i)Peer signature type: ed448")],
    "pss-key": [((), lambda said: "rsassaPss" in x509(said, "-text") and re.search(GOOD, said)), (("-sigalgs", "RSA+SHA256:rsa_pss_rsae_sha256"), NONE)],
    "brainpool": [((), NONE), (("-tls1_2", "-curves", "brainpoolP256r1:P-256", "-sigalgs", "ECDSA+SHA256"), GOOD)],
    "ehlo-inside-refused": is_good(),
    "synchronous": is_good(),
    "empty-share-intolerant": is_good(),
    "silent-after-3": [((), GOOD), ((), GOOD), ((), GOOD), ((), r"\(waits\)")],
    "gone-after-3": [((), GOOD), ((), GOOD), ((), GOOD), ((), "onnection refused")],
    "no-extensions": [(HELLO_12, refuses(50))],
    "alpn-needed": [((), refuses(120)), (("-alpn", "smtp"), GOOD)],
    "half-closed": [((), "unexpected eof[\\s\\S]*" + NONE)],
    "close-notify": [(("-msg",), r"<<< .*Alert.*warning close_notify[\s\S]*" + NONE)],
    "retry-without-end": [(("-msg",), r"ServerHello[\s\S]*ClientHello[\s\S]*ServerHello[\s\S]*unexpected message[\s\S]*" + NONE)],
    "unknown-suite": [((), "unknown cipher returned[\\s\\S]*" + NONE)],
    "empty-record": [((), "unknown cipher returned[\\s\\S]*" + NONE)],
    "empty-records": [((), "record too small[\\s\\S]*" + NONE)],
    "record-too-long": [((), "packet length too long[\\s\\S]*" + NONE)],
    "change-cipher-first": [((), "unexpected message[\\s\\S]*" + NONE)],
    "data-first": [((), "unexpected message[\\s\\S]*" + NONE)],
    "alert-of-ssl3": [((), refuses(40))],
    "alert-in-pieces": [((), refuses(80))],
    "no-certificates-in-message": [(("-legacy_server_connect",), NONE), (("-legacy_server_connect", "-msg"), r"Certificate\n    0b 00 00 03 00 00 00\n")],
    "bad-certificate": [(("-legacy_server_connect",), "(asn1|ASN1|wrong tag|header too long)[\\s\\S]*" + NONE)],
    "huge-message": [(("-legacy_server_connect",), "excessive message size[\\s\\S]*" + NONE)],
    "http": [((), "wrong version number[\\s\\S]*" + NONE)],
    "silent-after-hello": [((), r"\(waits\)")],
    "silent-after-hello-12": [((), r"\(waits\)")],
    "silent-after-some": [((), r"\(waits\)")],
    "closed-after-some": [(("-msg",), lambda said: "ServerHello" not in said and re.search(ENDS, said))],
    "closed-after-hello": [(("-msg",), r"ServerHello[\s\S]*" + ENDS)],
    "reset-after-hello": [(("-msg",), r"ServerHello[\s\S]*errno=104")],
    "alert-after-hello-40": [(("-msg",), r"ServerHello[\s\S]*" + refuses(40))],
    "alert-after-hello-47": [(("-msg",), r"ServerHello[\s\S]*alert number 47[\s\S]*" + NONE)],
    "tls11-only": [(("-tls1_1", "-cipher", CHEAP), GOOD), (HELLO_12, NONE), (("-tls1", "-cipher", CHEAP), NONE)],
    "sni-required-or-closes": [((), GOOD), (("-noservername",), ENDS)],
    "sni-intolerant-closes": [(("-noservername",), GOOD), ((), ENDS)],
    "sni-intolerant-waits": [(("-noservername",), GOOD), ((), r"\(waits\)")],
    "tls13-intolerant-resets": [(HELLO_12, GOOD), ((), "errno=104")],
    "tls13-intolerant-waits": [(HELLO_12, GOOD), ((), r"\(waits\)")],
    "tls13-intolerant-40": [(HELLO_12, GOOD), ((), refuses(40))],
    "tls13-intolerant-47": [(HELLO_12, GOOD), ((), "alert number 47|illegal parameter")],
    "tls13-intolerant-70": [(HELLO_12, GOOD), ((), refuses(70))],
    "large-hello-intolerant-closes": [(("-tls1_2",), GOOD), (("-alpn", LONG), ENDS)],
    "large-hello-intolerant-50": [(("-tls1_2",), GOOD), (("-alpn", LONG), refuses(50))],
    "pq-hello-intolerant-waits": [(("-alpn", LONG), GOOD), (("-alpn", LONGER), r"\(waits\)")],
    "pq-hello-intolerant-closes": [(("-alpn", LONG), GOOD), (("-alpn", LONGER), ENDS)],
})


def wrong_tls(name, mode):
    """what openssl says otherwise, or None"""
    server = servers.make(name, mode)
    try:
        for words, expected in TLS[name]:
            said = s_client(server, *words, timeout=3 if expected == r"\(waits\)" else 15)
            if not (expected(said) if callable(expected) else re.search(expected, said)):
                return "%s: no %s in %s" % (" ".join(words), expected, re.sub(r"-----BEGIN[^-]*-----END CERT[^-]*-----", "", said)[:3000])
    finally:
        server.close()
    return None


# ------------------------------------------------------------------------------------------------------- in clear

class Talk:
    """a socket, and what comes"""

    def __init__(self, server):
        self.socket = socket.socket(socket.AF_INET6 if "[" in server.host else socket.AF_INET)
        self.socket.settimeout(10)
        self.socket.connect((server.host.rsplit(":", 1)[0].strip("[]"), server.port))

    def say(self, text, until=b"\n"):
        """what is answered, as far as until, or b"" at the end"""
        self.socket.sendall(text)
        got = b""
        while until not in got:
            more = self.socket.recv(4096)
            if not more:
                break
            got += more
        return got

    def comes(self, something=True):
        """what comes by itself: octets, b"" at the end, "reset"; None: nothing, for which we do not wait long"""
        self.socket.settimeout(10 if something else WAIT)
        try:
            return self.socket.recv(4096)
        except ConnectionResetError:
            return "reset"
        except TimeoutError:
            return None

    def begin(self):
        self.say(b"", b"220 ")
        self.say(b"EHLO me\r\n", b"250 ")
        return self.say(b"STARTTLS\r\n")

    def secure(self):
        context = ssl.create_default_context(cafile=servers.the_certs().root)
        self.socket = context.wrap_socket(self.socket, server_hostname=servers.NAME)


def trusting():
    return ssl.create_default_context(cafile=servers.the_certs().root)


class Named(smtplib.SMTP):
    """SMTP with a server that is at an address and has a name"""

    def __init__(self, server):
        super().__init__(timeout=10)
        self.connect("127.0.0.1", server.port)
        self._host = servers.NAME


def hello():
    """a ClientHello of OpenSSL"""
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        trusting().wrap_bio(inward, outward, server_hostname=servers.NAME).do_handshake()
    except ssl.SSLWantReadError:
        return outward.read()


class Clear(unittest.TestCase):
    def with_server(self, name, mode="smtp"):
        """a server that is closed when the test ends"""
        server = servers.make(name, mode)
        self.addCleanup(server.close)
        return server

    def test_replies_to_starttls(self):
        for name, code in (("starttls-454", 454), ("starttls-421", 421), ("starttls-refused", 502), ("healthy", 220),
                           ("response-injection", 220)):
            smtp = Named(self.with_server(name))
            smtp.ehlo()
            self.assertTrue(smtp.has_extn("starttls"), name)
            self.assertEqual(smtp.docmd("STARTTLS")[0], code, name)
            smtp.close()

    def test_what_is_offered(self):
        for name, offered, taken in (("starttls-not-offered", [], 500), ("starttls-stripped", ["xxxxxxxa"], 500), ("starttls-unadvertised", [], 220),
                                     ("healthy-lower-case", ["starttls"], 220)):
            smtp = Named(self.with_server(name))
            smtp.ehlo()
            self.assertEqual([w for w in ("starttls", "xxxxxxxa", "auth") if smtp.has_extn(w)], offered, name)
            self.assertEqual(smtp.docmd("STARTTLS")[0], taken, name)
            smtp.close()

    def test_before_and_inside(self):
        for name, word, before, inside in (("healthy", "starttls", True, False), ("starttls-inside-tls", "starttls", True, True),
                                           ("auth-in-clear", "auth", True, False)):
            smtp = Named(self.with_server(name))
            smtp.ehlo()
            self.assertEqual(smtp.has_extn(word), before, name)
            smtp.starttls(context=trusting())
            smtp.ehlo()
            self.assertEqual(smtp.has_extn(word), inside, name)
            smtp.quit()

    def test_imap_and_pop3(self):
        for name, offers, login in (("healthy", True, False), ("starttls-not-offered", False, False), ("auth-in-clear", True, True)):
            imap = imaplib.IMAP4("127.0.0.1", self.with_server(name, "imap").port, timeout=10)
            self.assertEqual("STARTTLS" in imap.capabilities, offers, name)
            self.assertEqual("LOGINDISABLED" in imap.capabilities, not login, name)
            imap.shutdown()
            pop = poplib.POP3("127.0.0.1", self.with_server(name, "pop3").port, timeout=10)
            self.assertEqual("STLS" in pop.capa(), offers, name)
            self.assertEqual("USER" in pop.capa(), login, name)
            pop.close()
        with self.assertRaises(imaplib.IMAP4.error):
            imaplib.IMAP4("127.0.0.1", self.with_server("rejected-at-banner", "imap").port, timeout=10)
        with self.assertRaises(poplib.error_proto):
            poplib.POP3("127.0.0.1", self.with_server("rejected-at-banner", "pop3").port, timeout=10)

    def test_greetings(self):
        for name, code in (("rejected-at-banner", 554), ("rate-limited-at-once", 421), ("healthy", 220)):
            smtp = smtplib.SMTP(timeout=10)
            self.assertEqual(smtp.connect("127.0.0.1", self.with_server(name).port)[0], code, name)
            smtp.close()
        limited = self.with_server("rate-limited")
        self.assertEqual([Talk(limited).say(b"")[:3] for _ in range(5)], [b"220", b"220", b"220", b"421", b"421"])
        self.assertEqual(Talk(self.with_server("not-this-protocol")).say(b"")[:3], b"SSH")
        for name in ("timeout-banner", "slow-banner"):
            self.assertIsNone(Talk(self.with_server(name)).comes(False), name)
        late = Talk(self.with_server("slow-banner-postscreen"))
        self.assertEqual(late.say(b""), b"220-mx.test one moment\r\n")
        self.assertIsNone(late.comes(False))

    def test_replies_to_ehlo(self):
        for name, ehlo, helo in (("rejected-at-ehlo", 550, 550), ("limited-at-ehlo", 421, None), ("later-at-ehlo", 450, 450),
                                 ("code-alone-at-ehlo", 250, 250), ("malformed-at-ehlo", -1, None), ("healthy", 250, 250)):
            smtp = Named(self.with_server(name))
            self.assertEqual(smtp.ehlo()[0], ehlo, name)
            if helo is not None:
                self.assertEqual(smtp.helo()[0], helo, name)
            smtp.close()
        talk = Talk(self.with_server("closed-after-greeting"))
        self.assertEqual(talk.say(b"")[:4], b"220 ")
        self.assertEqual(talk.comes(), b"")

    def test_an_old_server(self):
        smtp = Named(self.with_server("no-esmtp"))
        self.assertEqual((smtp.ehlo()[0], smtp.helo()[0]), (502, 250))
        smtp.close()

    def test_ends_of_lines(self):
        talk = Talk(self.with_server("bare-lf"))
        self.assertNotIn(b"\r", talk.say(b"") + talk.say(b"EHLO me\r\n", b"250 "))
        talk = Talk(self.with_server("healthy"))
        self.assertIn(b"\r\n", talk.say(b""))
        self.assertNotIn(b"\n", Talk(self.with_server("line-ends-in-cr")).say(b"", b"\r"))

    def test_other_protocols(self):
        for name, mode, greeting in (("talks-smtp", "imap", b"220 "), ("talks-imap", "smtp", b"* OK"), ("talks-pop3", "smtp", b"+OK "),
                                     ("talks-sieve", "smtp", b'"IMP'), ("preauth", "imap", b"* PRE"), ("bye", "imap", b"* BYE")):
            self.assertTrue(Talk(self.with_server(name, mode)).say(b"").startswith(greeting), name)
        for mode, asked, begun in (("imap", b"a CAPABILITY\r\n", b"b STARTTLS\r\n"), ("pop3", b"CAPA\r\n", b"STLS\r\n")):
            talk = Talk(self.with_server("without-capabilities", mode))
            talk.say(b"")
            self.assertIn(talk.say(asked), (b"a BAD what\r\n", b"-ERR what\r\n"))
            self.assertIn(talk.say(begun), (b"b OK begin\r\n", b"+OK begin\r\n"))
        talk = Talk(self.with_server("synchronous"))
        talk.say(b"")
        self.assertEqual(talk.say(b"STARTTLS\r\nNOOP\r\n")[:4], b"554 ")

    def test_odd_texts(self):
        for name, greeting in (("greeting-of-telnet", b"\xff\xfd"), ("greeting-with-mark", b"\xef\xbb\xbf220 "), ("greeting-with-nul", b"220 mx\0"),
                               ("greeting-with-blank", b"220 \r\n"), ("greeting-without-text", b"220\r\n"), ("lines-without-end", b"220-")):
            self.assertEqual(Talk(self.with_server(name)).say(b"")[:len(greeting)], greeting, name)
        talk = Talk(self.with_server("line-without-end"))
        self.assertGreater(len(talk.say(b"")), 10000)
        talk = Talk(self.with_server("trailing-blanks"))
        talk.say(b"")
        self.assertIn(b"-STARTTLS  \r\n", talk.say(b"EHLO me\r\n", b"250 "))
        talk = Talk(self.with_server("starttls-unanswered"))
        self.assertEqual(talk.begin(), b"220-and then\r\n")
        self.assertIsNone(talk.comes(False))
        talk = Talk(self.with_server("in-pieces"))
        self.assertLess(len(talk.socket.recv(4096)), 10)

    def test_injection(self):
        self.assertEqual(Talk(self.with_server("response-injection")).begin(), b"220 2.0.0 Ready\r\n250 injected\r\n")
        for name, answered in (("command-injection", True), ("no-injection", False), ("healthy", False)):
            talk = Talk(self.with_server(name))
            talk.say(b"")
            talk.say(b"STARTTLS\r\nNOOP\r\n")
            talk.secure()
            self.assertEqual(talk.comes(answered), b"250 2.0.0 Ok\r\n" if answered else None, name)

    def test_who_hangs_up_when(self):
        for name, before, after in (("closed-after-starttls", b"", None), ("reset-after-starttls", "reset", None),
                                    ("closed-in-handshake", None, b""), ("reset-in-handshake", None, "reset"),
                                    ("timeout-in-handshake", None, None)):
            talk = Talk(self.with_server(name))
            self.assertTrue(talk.begin().startswith(b"220 "), name)
            self.assertEqual(talk.comes(before is not None), before, name)
            if before is None:
                talk.socket.sendall(hello())
                self.assertEqual(talk.comes(after is not None), after, name)

    def test_after_the_handshake(self):
        for name, then in (("closed-after-handshake", b""), ("timeout-after-handshake", None)):
            talk = Talk(self.with_server(name))
            talk.begin()
            talk.secure()
            talk.socket.sendall(b"EHLO me\r\n")
            self.assertEqual(talk.comes(then is not None), then, name)

    def test_slowly(self):
        for name, step in (("slow-handshake", 1), ("slow-handshake-that-ends", 32)):
            talk = Talk(self.with_server(name))
            talk.begin()
            talk.socket.sendall(hello())
            self.assertLess(len(talk.comes()), 16 * step, name)

    def test_the_oldest(self):
        talk = Talk(self.with_server("sslv2"))
        talk.begin()
        # CLIENT-HELLO of SSL 2: two suites, no session, 16 octets of challenge
        talk.socket.sendall(b"\x80\x1f\x01\x00\x02\x00\x06\x00\x00\x00\x10\x01\x00\x80\x07\x00\xc0" + b"c" * 16)
        self.assertEqual(talk.comes()[2], 4)
        for name, suite, version in (("sslv3-only", b"\x00\x05", b"\x03\x00"), ("weak-ciphers", b"\x00\x05", b"\x03\x00")):
            talk = Talk(self.with_server(name))
            talk.begin()
            body = b"\x03\x00" + b"r" * 32 + b"\x00\x00\x02" + suite + b"\x01\x00"
            talk.socket.sendall(b"\x16\x03\x00\x00" + bytes([len(body) + 4]) + b"\x01\x00\x00" + bytes([len(body)]) + body)
            got = talk.comes()
            self.assertEqual((got[5], got[9:11], got[44:46]), (2, version, suite), name)


# Rows of servers.py that only test methods above look at.
CLEAR = {"starttls-454", "starttls-421", "starttls-refused", "starttls-not-offered", "starttls-stripped", "rejected-at-banner",
         "rate-limited", "rate-limited-at-once", "no-esmtp", "slow-banner", "slow-banner-postscreen", "not-this-protocol",
         "rejected-at-ehlo", "limited-at-ehlo", "later-at-ehlo", "malformed-at-ehlo", "code-alone-at-ehlo", "closed-after-greeting",
         "talks-smtp", "talks-imap", "talks-pop3", "talks-sieve", "preauth", "bye", "without-capabilities",
         "in-pieces", "line-ends-in-cr", "greeting-of-telnet", "greeting-with-mark", "lines-without-end", "line-without-end", "starttls-unanswered",
         "timeout-banner", "timeout-in-handshake", "timeout-after-handshake", "slow-handshake", "command-injection"}
# Shown by another row's server, or by nothing but the time at which it was made.
ALIKE = {"healthy-imap": "healthy", "healthy-just-made": "healthy"}


class Tls(unittest.TestCase):
    def test_each_is_looked_at(self):
        self.assertEqual(set(servers.SERVERS) - set(TLS) - CLEAR - set(ALIKE), set())
        self.assertEqual((set(TLS) | CLEAR | set(ALIKE)) - set(servers.SERVERS), set())

    def test_openssl_says_so(self):
        cases = []
        for number, name in enumerate(TLS):
            modes = servers.modes(name)
            # in clear first, at once, and one of the others
            others = [m for m in modes if m not in ("smtp", "submission", "implicit")]
            cases += [(name, m) for m in ("smtp", "implicit") if m in modes]
            cases += [(name, others[number % len(others)])] if others else []
        only = os.environ.get("ONLY", "")
        cases = [case for case in cases if only in " ".join(case)]
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            results = list(pool.map(lambda case: wrong_tls(*case), cases))
        for case, result in zip(cases, results):
            with self.subTest(server=case[0], mode=case[1]):
                self.assertIsNone(result)


if __name__ == "__main__":
    unittest.main()
