"""certs.py - certificates for the servers of the tests: a small CA and leaves with one fault each.

Made by the openssl command in a temporary folder, each when it is first asked for.
"""
import atexit, contextlib, fcntl, os, shutil, subprocess, tempfile, threading, time

NAME = "mx.test"
CONFIG = """
[ca]
default_ca = it
[it]
dir = {folder}
database = {folder}/index.txt
new_certs_dir = {folder}
serial = {folder}/serial
rand_serial = yes
policy = any
default_md = {digest}
copy_extensions = none
unique_subject = no
email_in_dn = no
[any]
commonName = supplied
[leaf]
basicConstraints = critical, CA:false
extendedKeyUsage = {usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
{more}
[ca_ext]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
"""


class Certs:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="mailhealth-tls-")
        atexit.register(shutil.rmtree, self.folder, True)
        open(self.path("index.txt"), "w").close()
        self.lock = threading.RLock()
        self.root = self.authority("root", None)
        self.middle = self.authority("middle", "root")

    def path(self, name):
        return os.path.join(self.folder, name)

    def openssl(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(" ".join(words) + ": " + done.stderr)

    def key(self, name, kind):
        out = self.path(name + ".key")
        if kind.startswith("rsa"):
            self.openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:" + kind[3:], "-out", out)
        elif kind in ("ed25519", "ed448"):
            self.openssl("genpkey", "-algorithm", kind.upper(), "-out", out)
        elif kind == "pss":
            self.openssl("genpkey", "-quiet", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048", "-out", out)
        else:
            self.openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + (kind[2:] or "P-256"), "-out", out)
        return out

    def sign(self, name, key, subject, issuer, section, begin, end, digest="sha256", usage="serverAuth", more=""):
        """a certificate from begin to end (YYYYMMDDHHMMSSZ, or days from now)"""
        config, request, out = self.path(name + ".cnf"), self.path(name + ".csr"), self.path(name + ".pem")
        with open(config, "w") as f:
            f.write(CONFIG.format(folder=self.folder, digest=digest, usage=usage, more=more))
        self.openssl("req", "-new", "-key", key, "-subj", "/CN=" + subject, "-out", request)
        when = ["-days", str(end)] if isinstance(end, int) else ["-startdate", begin, "-enddate", end]
        whose = ["-selfsign", "-keyfile", key] if issuer is None else [
            "-cert", self.path(issuer + ".pem"), "-keyfile", self.path(issuer + ".key")]
        self.openssl("ca", "-batch", "-notext", "-config", config, "-extensions", section, "-in", request,
                     "-out", out, *whose, *when)
        return out

    def authority(self, name, issuer, begin=None, end=3650, **more):
        return self.sign(name, self.key(name, "ec"), "Test " + name, issuer, "ca_ext", begin, end, **more)

    def other_authority(self, name):
        """one that only some kinds of leaves need"""
        path = self.path(name + ".pem")
        if not os.path.exists(path):
            if name == "late":
                self.authority(name, "root", "20230101000000Z", "20240401000000Z")
            elif name == "loose":
                self.authority(name, "root", digest="sha1")
            else:
                self.authority(name, None)
        return path

    @contextlib.contextmanager
    def alone(self):
        """no other thread, and none of another process that was forked with these, makes one meanwhile"""
        with self.lock, open(self.path("lock"), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def get(self, kind):
        """(chain file, key file) of a kind of leaf"""
        chain = self.path(kind + ".chain")
        with self.alone():
            if not os.path.exists(chain):
                self.make(kind, chain)
        return chain, self.path("leaf-" + kind + ".key")

    def make(self, kind, chain):
        key_kind = {"rsa": "rsa2048", "rsa1024": "rsa1024", "ed25519": "ed25519", "other-rsa": "rsa2048",
                    "ed448": "ed448", "pss": "pss", "rsa4096": "rsa4096", "p384": "ecP-384", "p521": "ecP-521",
                    "brainpool": "ecbrainpoolP256r1", "expired-rsa": "rsa2048"}.get(kind, "ec")
        key = self.key("leaf-" + kind, key_kind)
        host = "other.example" if kind.startswith("other") else NAME
        san = "subjectAltName = DNS:" + host
        args = dict(begin=None, end=365, more=san)
        issuer = "middle"
        if kind.startswith("expired"):
            args.update(begin="20240101000000Z", end="20240401000000Z")
        elif kind == "early":
            args.update(begin="20400101000000Z", end="20410101000000Z")
        elif kind == "just-made":  # as of the second in which it is shown, and later than that in which we begin
            begin = time.time() + 5
            args.update(begin=time.strftime("%Y%m%d%H%M%SZ", time.gmtime(begin)),
                        end=time.strftime("%Y%m%d%H%M%SZ", time.gmtime(begin + 90 * 86400)))
        elif kind == "soon":
            args.update(end=3)
        elif kind == "staple":
            args.update(more=san + "\ntlsfeature = status_request")
        elif kind == "sha1":
            args.update(digest="sha1")
        elif kind == "no-san":
            args.update(more="")
        elif kind == "client":
            args.update(usage="clientAuth")
        elif kind == "self":
            issuer = None
        elif kind in ("late", "foreign", "loose"):
            issuer = kind
        elif kind == "wildcards":
            args.update(more="subjectAltName = DNS:*.mx.test, DNS:m*.test, DNS:*.test, DNS:*")
        elif kind == "upper":
            args.update(more="subjectAltName = DNS:MX.Test")
        elif kind == "san-of-others":
            args.update(more="subjectAltName = DNS:other.example")
        elif kind == "both-usages":
            args.update(usage="serverAuth, clientAuth")
        if issuer not in (None, "middle"):
            self.other_authority(issuer)
        leaf = self.sign("leaf-" + kind, key, host, issuer, "leaf", **args)
        parts = [leaf]
        if kind not in ("self", "leaf-only"):
            parts.append(self.path(issuer + ".pem"))
        if kind == "unrelated":
            parts.append(self.other_authority("foreign"))
        if kind == "disorder":
            parts = [leaf, self.root, self.middle]
        if kind == "long-chain":
            parts += [self.middle] * 80
        with open(chain, "w") as f:
            for part in parts:
                with open(part) as one:
                    f.write(one.read())

    def dh(self, bits):
        out = self.path("dh%d.pem" % bits)
        with self.alone():
            if not os.path.exists(out):
                self.openssl("dhparam", "-dsaparam", "-out", out, str(bits))
        return out
