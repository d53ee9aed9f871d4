"""test_python_tls.py - bindings/python: probe_tls() and aprobe_tls() with servers of our own (tests/tls)"""
import asyncio, errno, os, re, socket, sys, tempfile, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../tls"), os.path.join(HERE, "../../bindings/python")]

import mailhealth
import servers


class Probing(unittest.TestCase):
    def probe(self, name, **options):
        server = servers.make(name)
        try:
            return mailhealth.probe_tls("127.0.0.1", port=server.port, name=servers.NAME, look_up_tlsa=False, look_up_names=False,
                                        ca=servers.the_certs().root, timeout=12, **options)
        finally:
            server.close()

    def ids(self, result):
        return [finding["id"] for finding in result.findings]

    def test_a_healthy_server(self):
        result = self.probe("healthy")
        self.assertEqual((result.health, self.ids(result)), ("pass", []))
        self.assertEqual(result.connections, 9)
        asked = [ask for ask in result.json()["asks"] if ask["kind"] == "stream"]
        self.assertEqual(len(asked), 9)
        self.assertTrue(all(ask["name"].startswith("smtp+starttls://127.0.0.1:") and not ask["name"].endswith(".")
                            for ask in asked))
        end = result.endpoints[0]
        self.assertEqual((end["versions"]["tls1.3"], end["versions"]["tls1.2"], end["versions"]["tls1.1"]),
                         ("yes", "yes", "no"))
        self.assertEqual({c["key"] for c in end["certificates"]}, {"rsa", "ecdsa"})
        self.assertEqual({c["chain"] for c in end["certificates"]}, {"ok"})
        # Java 8 has no x25519, and nothing else was seen to be taken: that is not known before all is enumerated.
        self.assertEqual({s for s, verdict in end["senders"].items() if verdict != "delivers"}, {"java-8"})
        self.assertEqual(end["senders"]["java-8"], "unknown")
        self.assertEqual(end["server_logs"], [])

    def test_all_suites_and_groups(self):
        result = self.probe("healthy", full=True)
        end = result.endpoints[0]
        self.assertTrue(end["enumerated"])
        self.assertLessEqual(result.connections, 26)
        self.assertEqual(end["resumption"], "yes")
        self.assertGreater(end["handshake"]["ticket_lifetime"], 0)
        self.assertEqual(end["handshake"]["early_data"], 0)
        self.assertEqual(self.probe("healthy").endpoints[0]["resumption"], "")
        self.assertEqual(sum(s["version"] == "tls1.3" for s in end["suites"]), 3)
        self.assertIn("x448", end["groups"])
        self.assertEqual(set(end["senders"].values()), {"delivers"})
        numbers = [(s["version"], s["number"]) for s in end["suites"]]
        self.assertEqual(len(numbers), len(set(numbers)))

    def test_a_cause_in_the_words_of_logs_and_for_each_sender(self):
        cases = [("no-certificate", "no shared cipher", {"postfix"}, {"java-8": "bounces", "sendmail": "defers"}),
                 ("starttls-454", "disabling TLS support", {"postfix", "exim-openssl", "exim-gnutls", "sendmail", "dovecot"},
                  {"postfix": "plaintext", "gmail": "plaintext"}),
                 ("no-certificate-anon", "no shared cipher", {"postfix"}, {"postfix": "delivers", "exim-gnutls": "plaintext"}),
                 ("sslv3-only", "unsupported protocol", {"postfix", "exim-openssl", "exim-gnutls", "sendmail", "opensmtpd"},
                  {"gmail": "defers"})]
        for name, words, mtas, senders in cases:
            with self.subTest(name):
                end = self.probe(name).endpoints[0]
                self.assertTrue(any(words in line["log"] for line in end["server_logs"]))
                self.assertEqual({line["mta"] for line in end["server_logs"]}, mtas)
                for sender, verdict in senders.items():
                    self.assertEqual((sender, end["senders"][sender]), (sender, verdict))
                self.assertTrue(all(n["why"] for n in end["sender_notes"] if n["verdict"] != "delivers"))

    def test_a_recording_is_judged_again(self):
        first = self.probe("expired")
        self.assertIn("cert.expired", self.ids(first))
        world = mailhealth.World(first.world)
        again = mailhealth.probe_tls(world=world, ca=servers.the_certs().root)
        self.assertEqual(again.json_text, first.json_text)
        # before it expired
        self.assertNotIn("cert.expired", self.ids(mailhealth.probe_tls(
            world=world, ca=servers.the_certs().root, now=1708000000)))

    def test_tickets(self):
        """Lifetime and early data of a ticket, whole and cut short; a server without any."""
        first = self.probe("healthy", max_connections=1)
        lines = first.world.split("\n")
        place = next(i for i, line in enumerate(lines) if re.match(r"\tmessage \d+ 04", line))
        head = lines[place].rsplit(" ", 1)[0]
        ticket = "00001c20" "00000000" "0100" "0002abcd" "0008002a000400004000"
        for size in range(0, len(ticket) + 1, 2):
            body = ticket[:size]
            lines[place] = "%s 04%06x%s" % (head, size // 2, body)
            world = mailhealth.World("\n".join(line for line in lines if not re.match(r"\tmessage \d+ 04", line)
                                               or line is lines[place]))
            result = mailhealth.probe_tls(world=world, ca=servers.the_certs().root)
            handshake = result.endpoints[0]["handshake"]
            is_whole = size == len(ticket)
            self.assertEqual(handshake["early_data"], 16384 if is_whole else 0)
            self.assertEqual(handshake["ticket_lifetime"], 7200 if size >= 8 else 0)
            self.assertEqual("tls.early-data" in self.ids(result), is_whole)

        def no_tickets():
            made = servers.context()
            made.num_tickets = 0
            return made
        server = servers.Server(dict(servers.SERVERS["healthy"][4], context=no_tickets))
        result = mailhealth.probe_tls("127.0.0.1", port=server.port, name=servers.NAME, look_up_tlsa=False,
                                      look_up_names=False, ca=servers.the_certs().root, timeout=12, full=True)
        server.close()
        self.assertEqual((result.endpoints[0]["resumption"], result.endpoints[0]["handshake"]["ticket_lifetime"]), ("no", None))

    def test_what_would_be(self):
        good = self.probe("healthy-rsa")
        spki = good.endpoints[0]["certificates"][0]["spki_sha256"]
        cases = [(["3 1 1 " + spki], "match", None), (["3 1 1 " + "00" * 32], "mismatch", "dane.mismatch"),
                 (["1 1 1 " + spki], "unusable", "dane.usage-0-1"), (["3 1 1 " + spki, "3 1 1 " + "00" * 32], "match", "dane.stale-record")]
        for records, state, identity in cases:
            result = self.probe("healthy-rsa", tlsa=records)
            self.assertEqual(result.endpoints[0]["dane"][0]["state"], state)
            if identity:
                self.assertIn(identity, self.ids(result))
        # a stronger digest that does not match hides one that does (RFC 7671 9), and senders do not deliver
        result = self.probe("healthy-rsa", tlsa=["3 1 1 " + spki, "3 1 2 " + "00" * 64])
        self.assertEqual(self.ids(result)[0], "dane.mismatch")
        self.assertEqual(result.findings[0]["check"], "dane")
        self.assertIn("3 1 2", result.findings[0]["evidence"])
        self.assertEqual(result.endpoints[0]["senders"]["postfix-dane"], "defers")
        with open(servers.the_certs().get("other")[0]) as chain:
            other = chain.read()
        self.assertIn("cert.name-mismatch", self.ids(self.probe("healthy-rsa", certificate=other)))

    def test_connections_of_our_own(self):
        """Over sockets that we open, the same comes out as over the driver's."""
        for name, health in (("healthy", "pass"), ("no-certificate", "fail"), ("closed-after-starttls", "fail")):
            opened = []

            def connect(address, port):
                opened.append((address, port))
                return socket.create_connection((address, port))

            ours = self.probe(name, connect=connect)
            self.assertEqual((ours.health, self.ids(ours)), (health, self.ids(self.probe(name))))
            self.assertEqual(len(opened), ours.connections)
            self.assertEqual({address for address, port in opened}, {"127.0.0.1"})

    def test_no_way_to_the_server(self):
        def connect(address, port):
            raise OSError(errno.ENETUNREACH, "no way")
        result = mailhealth.probe_tls("192.0.2.25", look_up_tlsa=False, look_up_names=False, connect=connect, ca=servers.the_certs().root)
        self.assertEqual((result.health, self.ids(result)), ("unknown", ["stream.unknown"]))

        def full(address, port):
            raise OSError(errno.EMFILE, "too many open files")
        result = mailhealth.probe_tls("192.0.2.25", look_up_tlsa=False, connect=full, ca=servers.the_certs().root)
        self.assertEqual((result.health, self.ids(result)), ("unknown", ["stream.unknown"]))
        # a name that nobody can look up is not a name that is not there
        result = mailhealth.probe_tls("mx.example.org", connect=connect, ca=servers.the_certs().root)
        self.assertEqual(result.health, "unknown")

    def test_octets_in_and_out(self):
        job = mailhealth.TlsJob("192.0.2.25", look_up_tlsa=False, look_up_names=False, helo="probe.example")
        job.step(0)
        ask = next(job.asks())
        self.assertEqual(ask.type, "STREAM")
        dialogue = mailhealth.Dialogue(job, ask)
        self.assertEqual((dialogue.address, dialogue.port, dialogue.path, dialogue.state),
                         ("192.0.2.25", 25, "", "connecting"))
        self.assertGreater(dialogue.timeout(now=1), 0.5)
        dialogue.connected(now=1)
        dialogue.feed(b"220 mx.example.org\r\n", now=1.5)
        self.assertEqual((dialogue.output(), dialogue.output()), (b"EHLO probe.example\r\n", b""))
        self.assertIn("smtp+starttls://192.0.2.25:25/handshake", repr(dialogue))
        self.assertFalse(job.answer_dialogue(ask, dialogue))  # it is not done
        dialogue.feed(b"")
        self.assertTrue(dialogue.is_done)
        self.assertIsNone(dialogue.timeout(now=2))
        self.assertTrue(job.answer_dialogue(ask, dialogue))
        self.assertEqual(job.answers()[0].records[1], "line 500000 220 mx.example.org\\013\\010")
        for wrong in (lambda: mailhealth.Dialogue(job, ask), lambda: mailhealth.Dialogue(job, 99),
                      lambda: dialogue.fail("tired")):
            self.assertRaises(ValueError, wrong)
        with socket.socket() as lonely:
            dialogue = mailhealth.Dialogue(self.stepped(), 1)
            self.assertRaises(mailhealth.Error, dialogue.run, lonely)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            self.assertFalse(dialogue.run(ours, timeout=0.01))
            theirs.sendall(b"554 go away\r\n")
            self.assertTrue(dialogue.run(ours))
            self.assertEqual(theirs.recv(100), b"QUIT\r\n")

    def stepped(self):
        job = mailhealth.TlsJob("192.0.2.25", look_up_tlsa=False, look_up_names=False)
        self.assertFalse(job.step(0))
        return job

    def test_goes_on_after_a_limit(self):
        server = servers.make("rate-limited")
        options = dict(ca=servers.the_certs().root, timeout=12)
        result = mailhealth.probe_tls("127.0.0.1", port=server.port, name=servers.NAME, look_up_tlsa=False,
                                      look_up_names=False, **options)
        first = result.world
        for _ in range(5):
            if result.endpoints[0]["stopped"] == "rate-limited":
                server.count = 0
                result = mailhealth.probe_tls(go_on=mailhealth.World(result.world), **options)
        server.close()
        self.assertEqual((result.endpoints[0]["stopped"], result.endpoints[0]["versions"]["tls1.1"]), ("", "no"))
        self.assertNotIn("$option resumes", first)
        self.assertIn("$option resumes", result.world)

    def test_resumes_nothing_after_a_limit(self):
        result = self.probe("rate-limited")
        end = result.endpoints[0]
        self.assertEqual((end["stopped"], end["connections"]), ("rate-limited", 4))
        self.assertGreater(end["resume"]["after_ms"], 0)
        self.assertEqual(end["versions"]["tls1.3"], "yes")
        self.assertEqual(end["versions"]["tls1.1"], "unknown")

    def test_many_at_once(self):
        names = ["healthy", "no-certificate", "self-signed", "healthy-imap", "closed-after-starttls"] * 4
        made = [servers.make(name) for name in names]
        async def all_of_them():
            context = mailhealth.Context()
            context.add_anchors_file(servers.the_certs().root)
            return await asyncio.gather(*[
                mailhealth.aprobe_tls("127.0.0.1", port=server.port, name=servers.NAME, look_up_tlsa=False, look_up_names=False, context=context,
                                      mode=servers.SERVERS[name][4].get("mode", "smtp")) for name, server in zip(names, made)])
        results = asyncio.run(all_of_them())
        for name, server, result in zip(names, made, results):
            server.close()
            identity = servers.SERVERS[name][0]
            self.assertEqual(result.health in ("pass", "info"), identity is None)
            if identity:
                self.assertIn(identity, self.ids(result))

    def test_nobody_there(self):
        result = mailhealth.probe_tls("127.0.0.1", port=1, name=servers.NAME, look_up_tlsa=False, look_up_names=False, ca=servers.the_certs().root)
        self.assertEqual(self.ids(result), ["port.refused"])
        with tempfile.TemporaryDirectory() as folder:
            result = mailhealth.probe_tls("unix:" + folder + "/nobody", name=servers.NAME, ca=servers.the_certs().root)
        self.assertEqual(self.ids(result), ["port.refused"])
        self.assertIn("The socket is not there", result.findings[0]["detail"])

    def test_what_cannot_be(self):
        for options in (dict(mode="telnet"), dict(port=70000), dict(tlsa=["x"] * 33)):
            with self.assertRaises(ValueError):
                mailhealth.probe_tls("127.0.0.1", ca=servers.the_certs().root, **options)
        with self.assertRaises(ValueError):
            mailhealth.probe_tls("-not a name-", ca=servers.the_certs().root)
        with self.assertRaises(mailhealth.Error):
            mailhealth.probe_tls("127.0.0.1", ca="/nonexistent")


if __name__ == "__main__":
    unittest.main()
