"""test_python_chain.py - bindings/python: Chain, with certificates of the tests of TLS (tests/tls/certs.py)"""
import os, sys, time, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../tls"), os.path.join(HERE, "../../bindings/python")]

import certs
import mailhealth


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Judging(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.certs = certs.Certs()
        cls.context = mailhealth.Context()
        cls.context.add_anchors(read(cls.certs.root))

    def chain(self, kind="rsa", **options):
        options.setdefault("names", certs.NAME)
        chain, _ = self.certs.get(kind)
        return mailhealth.Chain(read(chain), context=self.context, **options)

    def ids(self, chain):
        return [finding["id"] for finding in chain.findings()]

    def test_a_good_certificate(self):
        with self.chain() as chain:
            self.assertEqual((chain.health, chain.pkix, chain.dane, chain.result, chain.staple, chain.staple_why),
                             ("pass", "pass", "none", "", "none", ""))
            self.assertEqual((self.ids(chain), chain.tlsa, chain.names), ([], [], {certs.NAME: True}))
            own, middle = chain.certificates
            self.assertEqual((own.subject, own.names, own.key, own.bits, own.is_ca),
                             ("CN=" + certs.NAME, [certs.NAME], "rsa", 2048, False))
            self.assertEqual((middle.names, middle.is_ca, middle.tlsa), ([], True, "2 1 1 " + middle.spki_sha256))
            self.assertEqual(own.tlsa, "3 1 1 " + own.spki_sha256)
            self.assertLess(own.not_before, own.not_after)
            self.assertIn(chain.days_left, (364, 365))
            data = chain.json()
            self.assertEqual((data["schema"], data["kind"], data["subject"]), (1, "chain", certs.NAME))
            self.assertEqual(data["results"]["chain"]["certificates"][0]["tlsa"], own.tlsa)

    def test_other_times_names_and_records(self):
        with self.chain() as chain:
            own = chain.certificates[0].tlsa
            chain.set(tlsa=[own, "3 1 1 " + "00" * 32, bytes.fromhex("030101"), "1 1 1 " + "00" * 32])
            self.assertEqual(chain.pkix, "")
            chain.judge()
            self.assertEqual([(one.state, one.why) for one in chain.tlsa],
                             [("match", ""), ("mismatch", ""), ("unusable", "syntax"), ("unusable", "usage-0-1")])
            self.assertEqual((chain.dane, chain.dane_error, chain.dane_depth), ("pass", 0, 0))
            chain.set(now=time.time() + 366 * 86400, tlsa="2 1 1 " + chain.certificates[1].spki_sha256)
            chain.judge()
            self.assertEqual((chain.dane, chain.tlsa[0].why, chain.result, chain.days_left),
                             ("fail", "dates", "tlsa-invalid", None))
            chain.set(now=0, names=["other.example", certs.NAME])
            chain.judge()
            self.assertEqual((chain.dane, chain.names), ("pass", {"other.example": False, certs.NAME: True}))

    def test_faults(self):
        for kind, result, identity in (("expired", "certificate-expired", "cert.expired"),
                                       ("other", "certificate-host-mismatch", "cert.name-mismatch"),
                                       ("self", "certificate-not-trusted", "cert.self-signed"),
                                       ("leaf-only", "certificate-not-trusted", "cert.chain-incomplete")):
            with self.subTest(kind), self.chain(kind) as chain:
                self.assertEqual((chain.pkix, chain.result), ("fail", result))
                self.assertIn(identity, self.ids(chain))

    def test_a_staple(self):
        leaf, _ = self.certs.get("rsa")
        out = self.certs.path("staple.der")
        self.certs.openssl("ocsp", "-index", self.certs.path("index.txt"), "-CA", self.certs.middle, "-rsigner",
                           self.certs.middle, "-rkey", self.certs.path("middle.key"), "-issuer", self.certs.middle,
                           "-cert", leaf, "-no_nonce", "-ndays", "2", "-respout", out)
        with self.chain(staple=read(out)) as chain:
            self.assertEqual((chain.staple, chain.staple_why), ("good", ""))
            chain.set(now=time.time() + 3 * 86400)
            chain.judge()
            self.assertEqual((chain.staple, chain.staple_why), ("bad", "expired"))
            self.assertIn("cert.staple-bad", self.ids(chain))
            chain.set(staple=b"", now=0)
            chain.judge()
            self.assertEqual(chain.staple, "none")

    def test_what_cannot_be(self):
        with self.assertRaises(ValueError):
            mailhealth.Chain("no certificate")
        with self.assertRaises(ValueError):
            self.chain(now=-5)
        with self.assertRaises(ValueError):
            self.chain(names=["a"] * 33)
        with self.assertRaises(TypeError):
            self.chain(names=[1])
        chain = self.chain()
        chain.close()
        with self.assertRaises(ValueError):
            chain.judge()


if __name__ == "__main__":
    unittest.main()
