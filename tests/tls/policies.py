"""policies.py - MTA-STS policy hosts on loopback: good ones, and each with one fault.

    python3 tests/tls/policies.py NAME       serves it until Enter is pressed

Each has a thread, a port that the system gives it, and the octets that it answers with.
"""
import os, socket, ssl, struct, sys, threading, time

import servers

DOMAIN = "sts.test"
HOST = "mta-sts." + DOMAIN
GOOD = b"version: STSv1\r\nmode: enforce\r\nmx: mx.test\r\nmax_age: 1209600\r\n"


def chain(kind):
    """(chain file, key file) of a certificate of the policy host"""
    certs = servers.the_certs()
    name = "policy-" + kind
    out, key = certs.path(name + ".chain"), certs.path(name + ".key")
    with certs.alone():
        if not os.path.exists(out):
            host = "www.sts.test" if kind == "other" else HOST
            when = dict(begin="20240101000000Z", end="20240401000000Z") if kind == "expired" else dict(begin=None, end=365)
            leaf = certs.sign(name, certs.key(name, "ec"), host, None if kind == "self" else "middle", "leaf",
                              more="subjectAltName = DNS:" + host, **when)
            with open(out, "w") as f:
                for part in [leaf] if kind in ("self", "leaf-only") else [leaf, certs.middle]:
                    with open(part) as one:
                        f.write(one.read())
    return out, key


def answer(body=GOOD, status=b"200 OK", fields=(b"Content-Type: text/plain",), length=True):
    head = [b"HTTP/1.1 " + status, *fields]
    if length:
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(body, size):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x;a=b\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\nX: y\r\n\r\n"


CHUNKED = (b"Content-Type: text/plain; charset=utf-8", b"Transfer-Encoding: chunked")

# name: ids of findings beside none, severity of the worst, word of failed_at, and how it is.  "answer": octets; "kind":
# of certificate; "pause": seconds before each octet; "record": TXT; "address": of the policy host; "port": not ours
POLICIES = {
    "good": ((), "", {}),
    "chunked": ((), "", dict(answer=answer(chunked(GOOD, 7), fields=CHUNKED, length=False))),
    "to-the-end": ((), "", dict(answer=answer(length=False), closes=True)),
    "after-100": ((), "", dict(answer=b"HTTP/1.1 100 Continue\r\n\r\n" + answer())),
    "dribbled": ((), "", dict(pause=0.002)),
    "bare-lf": ((), "", dict(answer=answer(GOOD.replace(b"\r\n", b"\n")))),
    "wildcard": ((), "", dict(answer=answer(GOOD.replace(b"mx.test", b"*.test")))),
    "large": (("sts.policy-mx-unused",), "", dict(answer=answer(
        GOOD + b"".join(b"mx: mx%d.example.org\r\n" % i for i in range(2200))))),
    "testing": (("sts.mode-testing",), "", dict(answer=answer(GOOD.replace(b"enforce", b"testing")))),
    "mode-none": (("sts.mode-none",), "", dict(answer=answer(b"version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"))),
    "no-record": (("sts.missing",), "", dict(record="v=spf1 -all")),
    "two-records": (("sts.multiple-records",), "", dict(record='v=STSv1; id=1;" "', more="v=STSv1; id=2;")),
    "bad-id": (("sts.record-syntax",), "", dict(record="v=STSv1; id=2026-11-27;")),
    "no-address": (("sts.policy-unreachable",), "dns", dict(address=None)),
    "private": (("sts.policy-unreachable",), "private-address", dict(public=True)),
    "refused": (("sts.policy-unreachable",), "connect", dict(port=1)),
    "second-address": ((), "", dict(address=["127.0.0.2", "127.0.0.1"])),
    "no-tls": (("sts.policy-unreachable",), "handshake", dict(clear=True)),
    "reset": (("sts.policy-unreachable",), "handshake", dict(resets=True)),
    "wants-certificate": (("sts.policy-unreachable",), "http", dict(wants=True)),
    "expired": (("sts.policy-certificate",), "certificate", dict(kind="expired")),
    "wrong-name": (("sts.policy-certificate",), "certificate", dict(kind="other")),
    "self-signed": (("sts.policy-certificate",), "certificate", dict(kind="self")),
    "leaf-only": (("sts.policy-certificate",), "certificate", dict(kind="leaf-only")),
    "redirects": (("sts.policy-redirect",), "redirect", dict(answer=answer(
        b"", b"301 Moved Permanently", (b"Location: https://www.sts.test/.well-known/mta-sts.txt",)))),
    "not-found": (("sts.policy-unreachable",), "status", dict(answer=answer(b"<h1>404</h1>" * 3000, b"404 Not Found"))),
    "unavailable": (("sts.policy-unreachable",), "status", dict(answer=answer(b"later", b"503 Service Unavailable"))),
    "silent": (("sts.policy-unreachable",), "http", dict(answer=b"", stays=True)),
    "closes": (("sts.policy-unreachable",), "http", dict(answer=b"")),
    "cut": (("sts.policy-unreachable",), "http", dict(answer=answer()[:-9])),
    "too-large": (("sts.policy-unreachable",), "http", dict(answer=answer(GOOD + b"x: y\r\n" * 12000))),
    "endless": (("sts.policy-unreachable",), "http", dict(answer=answer(b"x: y\r\n" * 300000, length=False))),
    "two-lengths": (("sts.policy-unreachable",), "http", dict(answer=answer(fields=(b"Content-Length: 5",)))),
    "compressed": (("sts.policy-unreachable",), "http", dict(answer=answer(fields=(b"Content-Encoding: gzip",)))),
    "no-http": (("sts.policy-unreachable",), "http", dict(answer=b"220 mx.test ESMTP\r\n")),
    "html-type": (("sts.policy-content-type",), "", dict(answer=answer(fields=(b"Content-Type: text/html",)))),
    "no-type": (("sts.policy-content-type",), "", dict(answer=answer(fields=()))),
    "odd-type": (("sts.policy-content-type",), "", dict(answer=answer(fields=(b"Content-Type: text/plainest",)))),
    "type-with-blanks": ((), "", dict(answer=answer(fields=(b"Content-Type: Text/Plain ;charset=us-ascii",)))),
    "html": (("sts.policy-syntax",), "", dict(answer=answer(b"<!doctype html><title>x</title>"))),
    "no-mode": (("sts.policy-syntax",), "", dict(answer=answer(GOOD.replace(b"mode: enforce\r\n", b"")))),
    "other-mx": (("sts.mx-not-listed", "sts.policy-mx-unused"), "", dict(answer=answer(GOOD.replace(b"mx.test", b"mx.example")))),
    "short": (("sts.max-age-short",), "", dict(answer=answer(GOOD.replace(b"1209600", b"3600")))),
}


class Policy:
    """One policy host; way: a row's last member."""

    def __init__(self, way):
        self.way, self.count, self.requests = way, 0, []
        self.context = None
        if not way.get("clear"):
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*chain(way.get("kind", "good")))
            if way.get("wants"):
                self.context.verify_mode = ssl.CERT_REQUIRED
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(20)
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def close(self):
        self.socket.close()

    def run(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        try:
            if self.way.get("resets"):
                sock.recv(1)
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
            self.talk(sock)
        except OSError:
            pass
        finally:
            sock.close()

    def talk(self, sock):
        request = b""
        while b"\r\n\r\n" not in request and not self.way.get("clear"):
            got = sock.recv(4096)
            if not got:
                return
            request += got
        if request:
            self.requests.append(request)
        octets, pause = self.way.get("answer", answer()), self.way.get("pause")
        if pause:
            for i in range(len(octets)):
                sock.sendall(octets[i:i + 1])
                time.sleep(pause)
        else:
            sock.sendall(octets)
        if self.way.get("stays"):
            time.sleep(20)
        if self.way.get("closes"):
            sock.unwrap()

    def zone(self):
        """a zone file with the domain, its MX host and its policy host"""
        way = self.way
        addresses = way.get("address", "127.0.0.1")
        lines = ["%s. 60 IN TXT \"%s\"" % ("_mta-sts." + DOMAIN, way.get("record", "v=STSv1; id=20261127;")),
                 "%s. 60 IN MX 10 mx.test." % DOMAIN, "mx.test. 60 IN A 127.0.0.1",
                 "%s. 60 IN SOA a.%s. b.%s. 1 60 60 60 60" % (DOMAIN, DOMAIN, DOMAIN), "test. 60 IN SOA a.test. b.test. 1 60 60 60 60"]
        if "more" in way:
            lines.append("%s. 60 IN TXT \"%s\"" % ("_mta-sts." + DOMAIN, way["more"]))
        for address in [addresses] if isinstance(addresses, str) else addresses or []:
            lines.append("%s. 60 IN A %s" % (HOST, address))
        return "\n".join(lines) + "\n"


if __name__ == "__main__":
    one = Policy(POLICIES[sys.argv[1]][2])
    print("https://127.0.0.1:%d for %s" % (one.port, HOST))
    print(one.zone())
    input()
