#!/usr/bin/env python3
"""test_dns_faults.py - the built-in driver against servers that do everything wrong

Never a wrong verdict, always told apart from absence, and the answer names server and cause.
"""
import asyncio
import collections
import os
import socket
import struct
import sys
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bindings", "python"))

import mailhealth  # noqa: E402

GOOD = b"v=spf1 ip4:192.0.2.1 -all"
EVIL = b"v=spf1 +all"


def name(text):
    return b"".join(bytes([len(label)]) + label for label in text.encode().split(b".") if label) + b"\0"


def rr(owner, kind, rdata, ttl=300, klass=1):
    return owner + struct.pack(">HHIH", kind, klass, ttl, len(rdata)) + rdata


def txt(text):
    return bytes([len(text)]) + text


class Question:
    """What a client asked: id, flags, name as it came, type, whether it has EDNS."""

    def __init__(self, message):
        self.id, self.flags, _, _, _, additional = struct.unpack(">HHHHHH", message[:12])
        at = 12
        while message[at]:
            at += 1 + message[at]
        self.name = message[12:at + 1]
        self.type, = struct.unpack(">H", message[at + 1:at + 3])
        self.question = message[12:at + 5]
        self.has_edns = additional > 0

    def reply(self, answers=(), rcode=0, flags=0x8180, authority=(), additional=(), id=None, question=None, counts=None):
        body = b"".join(answers) + b"".join(authority) + b"".join(additional)
        question = self.question if question is None else question
        numbers = counts or (1 if question else 0, len(answers), len(authority), len(additional))
        return struct.pack(">HHHHHH", self.id if id is None else id, flags | rcode, *numbers) + question + body

    def good(self, text=GOOD):
        return self.reply([rr(b"\xc0\x0c", 16, txt(text))])


class Server:
    """A server whose udp(question, send) and tcp(question, connection) are given."""

    def __init__(self, udp=None, tcp=None, address="127.0.0.1"):
        self.udp_handler, self.tcp_handler = udp, tcp
        self.seen = []
        for _ in range(50):
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.bind((address, 0))
            self.port = self.udp.getsockname()[1]
            self.tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                self.tcp.bind((address, self.port))
                break
            except OSError:
                self.udp.close()
                self.tcp.close()
        self.address = "%s:%d" % (address, self.port)
        self.tcp.listen(8)
        threading.Thread(target=self._udp, daemon=True).start()
        threading.Thread(target=self._tcp, daemon=True).start()

    def _udp(self):
        while True:
            try:
                message, peer = self.udp.recvfrom(4096)
            except OSError:
                return
            if len(message) < 12:  # it is being closed
                return
            question = Question(message)
            self.seen.append(question)
            if self.udp_handler is not None:
                self.udp_handler(question, lambda answer, peer=peer: self.udp.sendto(answer, peer), peer)

    def _tcp(self):
        while True:
            try:
                connection, _ = self.tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with connection:
            try:
                connection.settimeout(5)
                size, = struct.unpack(">H", connection.recv(2))
                message = connection.recv(size)
                if len(message) < 12:
                    return
                self.seen.append(Question(message))
                if self.tcp_handler is not None:
                    self.tcp_handler(Question(message), connection)
            except (OSError, struct.error):
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in (self.udp, self.tcp):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            one.close()


def framed(message):
    return struct.pack(">H", len(message)) + message


def check(*servers, ip="203.0.113.9", try_ms=80, tries=3, **options):
    """The result for an address that only a forged answer lets pass, and the loop's counts."""
    with mailhealth.Loop(" ".join(s if isinstance(s, str) else s.address for s in servers), try_ms=try_ms, tries=tries) as loop:
        found = mailhealth.check_spf(ip, "a@example.org", resolver=loop, timeout=20, **options)
        return found, {word: loop.count(word) for word in ("sent", "received", "foreign", "timeouts", "tcp")}


def closed_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return "127.0.0.1:%d" % one.getsockname()[1]


class Forged(unittest.TestCase):
    """Something else comes before the true answer: the verdict is that of the true one."""

    def forged(self, make, others=None):
        def udp(question, send, peer):
            for message in make(question):
                (others or send)(message) if others is None else others(message, peer)
            send(question.good())
        with Server(udp) as server:
            found, counts = check(server)
        self.assertEqual(found.result, "fail")
        self.assertEqual(found.answers[0].server, server.address)
        return counts

    def test_wrong_id(self):
        counts = self.forged(lambda q: [q.reply([rr(b"\xc0\x0c", 16, txt(EVIL))], id=q.id ^ n) for n in (1, 0x8000, 0xffff)])
        self.assertEqual(counts["foreign"], 3)

    def test_wrong_question(self):
        other = name("example.net") + struct.pack(">HH", 16, 1)
        self.forged(lambda q: [q.reply([rr(b"\xc0\x0c", 16, txt(EVIL))], question=other)])

    def test_wrong_type_and_class(self):
        self.forged(lambda q: [q.reply([rr(b"\xc0\x0c", 16, txt(EVIL))], question=q.name + struct.pack(">HH", 1, 1)),
                               q.reply([rr(b"\xc0\x0c", 16, txt(EVIL))], question=q.name + struct.pack(">HH", 16, 3))])

    def test_a_question_as_answer(self):
        self.forged(lambda q: [q.reply([rr(b"\xc0\x0c", 16, txt(EVIL))], flags=0x0100)])

    def test_wrong_source(self):
        for address in ("127.0.0.1", "127.0.0.2"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
                other.bind((address, 0))
                self.forged(lambda q: [q.good(EVIL)], lambda message, peer: other.sendto(message, peer))

    def test_short_and_empty(self):
        self.forged(lambda q: [b"", struct.pack(">H", q.id), q.good()[:11]])


class Cases(unittest.TestCase):
    def one(self, reply, result, why, state="unknown", **options):
        with Server(lambda q, send, peer: send(reply(q))) as server:
            found, counts = check(server, **options)
        answer = found.answers[0]
        self.assertEqual((found.result, answer.state, answer.why), (result, state, why))
        self.assertEqual(answer.server, server.address)
        if state == "unknown":
            self.assertEqual((found.health, found.problem), ("unknown", "dns.unknown"))
        return found, counts

    def test_codes(self):
        for rcode, why in ((2, "servfail"), (5, "refused"), (4, "notimp"), (9, "rcode")):
            found, _ = self.one(lambda q: q.reply(rcode=rcode), "temperror", why)
            self.assertEqual(found.answers[0].rcode, rcode)
        self.one(lambda q: q.reply(rcode=3), "none", "", "nxdomain")
        self.one(lambda q: q.reply(), "none", "", "nodata")

    def test_extended_error(self):
        option = struct.pack(">HH", 15, 2 + 7) + struct.pack(">H", 22) + b"no way\x07"
        found, _ = self.one(lambda q: q.reply(rcode=2, additional=[b"\0" + struct.pack(">HHIH", 41, 1232, 0, len(option)) + option]),
                            "temperror", "servfail")
        self.assertEqual(found.answers[0].ede, 22)
        self.assertEqual(found.answers[0].ede_text, "no way\\x07")

    def test_bare_errors(self):
        self.one(lambda q: q.reply(rcode=2, question=b""), "temperror", "servfail")

    def test_tsig(self):
        tsig = rr(name("key"), 250, b"\0" * 20, 0, 255)
        self.one(lambda q: q.reply([rr(b"\xc0\x0c", 16, txt(GOOD))], additional=[tsig]), "temperror", "malformed")

    def test_broken_messages(self):
        loop = b"\xc0\x0c"
        for what, reply in (
                ("a pointer to itself", lambda q: q.reply([rr(b"\xc0" + bytes([12 + len(q.question)]), 16, txt(GOOD))])),
                ("a pointer forward", lambda q: q.reply([rr(b"\xff\xff", 16, txt(GOOD))])),
                ("rdata that is cut", lambda q: q.reply([rr(loop, 16, txt(GOOD))])[:-3]),
                ("more records than there are", lambda q: q.reply([rr(loop, 16, txt(GOOD))], counts=(1, 9, 0, 0))),
                ("something behind the end", lambda q: q.good() + b"xyz"),
                ("a string beyond its record", lambda q: q.reply([rr(loop, 16, b"\xff" + GOOD)])),
                ("an alias that is a loop of pointers", lambda q: q.reply([rr(loop, 5, b"\xc0" + bytes([12 + len(q.question) + 12]))])),
                ("records that are not there and are", lambda q: q.reply([rr(loop, 16, txt(GOOD))], rcode=3))):
            with self.subTest(what):
                self.one(reply, "temperror", "malformed")

    def test_records_of_others_are_left_out(self):
        self.one(lambda q: q.reply([rr(name("evil.example"), 16, txt(EVIL)), rr(b"\xc0\x0c", 16, txt(EVIL), klass=3)]), "none", "", "nodata")

    def test_aliases(self):
        def chain(n, ends=True):
            names = [b"\xc0\x0c"] + [name("a%d.example" % i) for i in range(n)]
            rows = [rr(names[i], 5, names[i + 1]) for i in range(n)]
            return list(reversed(rows)) + ([rr(names[-1], 16, txt(GOOD))] if ends else [])
        self.one(lambda q: q.reply(chain(3)), "fail", "", "present")
        self.one(lambda q: q.reply(chain(16)), "fail", "", "present")
        self.one(lambda q: q.reply(chain(20)), "temperror", "alias-loop")
        self.one(lambda q: q.reply([rr(b"\xc0\x0c", 5, name("b.example")), rr(name("b.example"), 5, b"\xc0\x0c")]), "temperror", "alias-loop")
        self.one(lambda q: q.reply([rr(b"\xc0\x0c", 5, b"\xc0\x0c")]), "temperror", "alias-loop")
        self.one(lambda q: q.reply(chain(2, False), rcode=3), "none", "", "nxdomain")

    def test_referral(self):
        ns = rr(name("org"), 2, name("ns.example.net"))
        self.one(lambda q: q.reply(authority=[ns], flags=0x8100), "temperror", "referral")

    def test_case_that_is_not_kept(self):
        found, counts = self.one(lambda q: q.reply([rr(b"\xc0\x0c", 16, txt(GOOD))], question=q.question.lower()), "fail", "", "present")
        self.assertGreaterEqual(counts["sent"], 1)

    def test_edns_that_is_not_known(self):
        for rcode in (1, 4):
            def old(q):
                return q.reply(rcode=rcode, question=b"" if rcode == 1 else None) if q.has_edns else q.good()
            found, counts = self.one(old, "fail", "", "present")
            self.assertEqual(counts["sent"], 2)
        self.one(lambda q: q.reply(rcode=1), "temperror", "formerr")

    def test_silence(self):
        with Server() as server:
            found, counts = check(server, try_ms=30)
        self.assertEqual((found.result, found.answers[0].why, found.answers[0].server), ("temperror", "timeout", server.address))
        self.assertEqual(counts["timeouts"], 3)

    def test_a_closed_port(self):
        where = closed_port()
        found, _ = check(where)
        self.assertEqual((found.result, found.answers[0].why, found.answers[0].server), ("temperror", "network", where))

    def test_no_such_server(self):
        with mailhealth.Loop(offline=True) as loop:
            found = mailhealth.check_spf("192.0.2.1", "a@example.org", resolver=loop)
        self.assertEqual((found.result, found.answers[0].why), ("temperror", "no-server"))


class Tcp(unittest.TestCase):
    def one(self, tcp, result, why):
        with Server(lambda q, send, peer: send(q.reply(flags=0x8380)), tcp) as server:
            found, counts = check(server, tries=2)
        self.assertEqual((found.result, found.answers[0].why), (result, why))
        self.assertGreaterEqual(counts["tcp"], 1)
        return found

    def test_a_large_answer(self):
        def whole(question, connection):
            connection.sendall(framed(question.good()))
        self.one(whole, "fail", "")

    def test_octet_by_octet(self):
        def slow(question, connection):
            for octet in framed(question.good()):
                connection.sendall(bytes([octet]))
        self.one(slow, "fail", "")

    def test_closed_at_once(self):
        self.one(lambda question, connection: None, "temperror", "network")

    def test_closed_in_the_middle(self):
        self.one(lambda question, connection: connection.sendall(framed(question.good())[:20]), "temperror", "truncated")

    def test_reset(self):
        def reset(question, connection):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()
        self.one(reset, "temperror", "network")

    def test_silence(self):
        self.one(lambda question, connection: connection.recv(1), "temperror", "timeout")

    def test_sixty_four_kilobytes(self):
        def large(question, connection):
            records = [rr(b"\xc0\x0c", 16, txt(b"x" * 255)) for _ in range(200)]
            connection.sendall(framed(question.reply(records)))
        self.one(large, "temperror", "too-large")

    def test_many_records(self):
        def many(question, connection):
            connection.sendall(framed(question.reply([rr(b"\xc0\x0c", 16, txt(b"x"))] * 1000)))
        self.one(many, "temperror", "too-large")

    def test_another_question(self):
        def other(question, connection):
            connection.sendall(framed(question.reply([rr(b"\xc0\x0c", 16, txt(EVIL))], id=question.id ^ 1)))
        self.one(other, "temperror", "malformed")


class FailOver(unittest.TestCase):
    def test_half_of_the_servers_are_dead(self):
        with Server() as silent, Server(lambda q, send, peer: send(q.good())) as good:
            for servers in ((silent, good), (closed_port(), good), (good, silent)):
                found, _ = check(*servers, try_ms=50)
                self.assertEqual((found.result, found.answers[0].server), ("fail", good.address))

    def test_servers_that_fail_are_not_the_last_word(self):
        for rcode in (2, 5):
            with Server(lambda q, send, peer: send(q.reply(rcode=rcode))) as bad, Server(lambda q, send, peer: send(q.good())) as good:
                found, _ = check(bad, good)
                self.assertEqual((found.result, found.answers[0].server), ("fail", good.address))

    def test_what_was_said_is_told_rather_than_silence(self):
        with Server() as silent, Server(lambda q, send, peer: send(q.reply(rcode=5))) as refuses:
            for servers in ((silent, refuses), (refuses, silent)):
                found, _ = check(*servers, try_ms=30)
                self.assertEqual((found.answers[0].why, found.answers[0].server), ("refused", refuses.address))

    def test_a_lost_message_is_sent_again(self):
        seen = []

        def lossy(question, send, peer):
            seen.append(question)
            if len(seen) % 2 == 0:
                send(question.good())
        with Server(lossy) as server:
            found, counts = check(server, try_ms=40)
        self.assertEqual(found.result, "fail")
        self.assertEqual(counts["timeouts"], 1)
        self.assertNotEqual(seen[0].id, seen[1].id)

    def test_ids_and_letters_differ(self):
        with Server(lambda q, send, peer: send(q.good())) as server:
            for _ in range(20):
                check(server)
        self.assertGreater(len({q.id for q in server.seen}), 15)
        self.assertGreater(len({q.name for q in server.seen}), 15)


class Busy(unittest.TestCase):
    def test_a_forwarder_that_holds_few_questions(self):
        """More than it can hold are dropped, as dnsmasq does with over 150: thousands of checks are not told that
        their domains cannot be asked."""
        held, lock = collections.deque(), threading.Lock()
        over = threading.Event()

        def hold(question, send, peer):
            with lock:
                if len(held) < 150:
                    held.append((time.monotonic() + 0.02, question, send))

        def answer():
            while not over.wait(0.001):
                with lock:
                    while held and held[0][0] <= time.monotonic():
                        _, question, send = held.popleft()
                        send(question.good())

        async def all_of_them(server):
            return await asyncio.gather(*[mailhealth.acheck_spf("203.0.113.9", "a@d%d.example" % i, timeout=60,
                                                                resolver=server) for i in range(3000)])
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with Server(hold) as server:
                results = [found.result for found in asyncio.run(all_of_them(server.address))]
        finally:
            over.set()
            thread.join()
        self.assertEqual(collections.Counter(results), {"fail": 3000})


if __name__ == "__main__":
    unittest.main()
