"""mtas.py - real mail servers on loopback, with our configuration and certificates

    python3 tests/tls/mtas.py PEERS NAME     serves it until Enter is pressed; PEERS is build-test/peers

Packages that tests/peers unpacked; nothing is installed.  Each runs in namespaces of its own, with its files laid
over /usr and /etc and folders of its own under /var and /run.  Process 1 there is a shell that ends when we close
its input or end ourselves, however that comes; with it ends all that the server started.
Where that is not allowed (not root, no namespaces) why_not() says so.
"""
import grp, os, pwd, random, shutil, socket, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, ".."))
sys.path.insert(0, HERE)

import servers  # noqa: E402
from ports import free_port, is_free  # noqa: E402

# Users that these packages would have made.
USERS = ("postfix", "postdrop", "Debian-exim", "opensmtpd", "opensmtpq", "dovecot", "dovenull", "smmta", "smmsp", "tester")
FIRST_ID = 61000

NAMESPACE = """
set -e
mount -t overlay -o "lowerdir=$PEER/usr:/usr" overlay /usr
mount -t overlay -o "lowerdir=$WORK/etc:$PEER/etc:/etc" overlay /etc
for folder in /var/spool /var/lib /var/log /var/mail /run; do
	[ -d "$folder" ] && mount -t tmpfs -o mode=755 tmpfs "$folder"
done
export LD_LIBRARY_PATH="$PEER/lib/x86_64-linux-gnu:$PEER/lib/aarch64-linux-gnu"
(. "$WORK/start") &
cat >/dev/null
"""


def why_not(peers, name):
    """Why that server cannot be run here, or the empty string."""
    if not os.path.exists(os.path.join(peers, name, "done")):
        return "%s is not unpacked" % name
    if os.geteuid() != 0:
        return "not root"
    tried = subprocess.run(["unshare", "-m", "-p", "-f", "--mount-proc", "sh", "-c",
                            "mount -t overlay -o lowerdir=%s/usr:/usr overlay /usr" % os.path.join(peers, name)],
                           capture_output=True)
    return "" if tried.returncode == 0 else "no namespaces or no overlays here"


class Mta:
    """One server that runs; ports: {what its configuration calls it: port, or path of a socket}"""

    def __init__(self, peers, name):
        self.name, self.process = name, None
        self.work = tempfile.mkdtemp(prefix="mailhealth-mta-")
        os.chmod(self.work, 0o755)
        self.log = os.path.join(self.work, "log")
        self.ports, self.address = {}, "127.0.0.1"
        try:
            self.users()
            start = MTAS[name](self)
            self.write("start", start)
            environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "WORK": self.work, "LC_ALL": "C", "TZ": "UTC",
                           "PEER": os.path.abspath(os.path.join(peers, name))}
            with open(self.path("output"), "wb") as output:
                self.process = subprocess.Popen(
                    ["unshare", "-m", "-p", "-f", "--mount-proc", "sh", "-c", NAMESPACE],
                    env=environment, stdin=subprocess.PIPE, stdout=output, stderr=output)
            self.wait()
        except BaseException:
            self.close()
            raise

    def path(self, *parts):
        return os.path.join(self.work, *parts)

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def users(self):
        """passwd and group as they are, and the users of all these servers"""
        people = [":".join((u.pw_name, "x", str(u.pw_uid), str(u.pw_gid), u.pw_gecos, u.pw_dir, u.pw_shell))
                  for u in pwd.getpwall() if u.pw_name not in USERS]
        groups = [":".join((g.gr_name, "x", str(g.gr_gid), "")) for g in grp.getgrall() if g.gr_name not in USERS]
        for number, name in enumerate(USERS, FIRST_ID):
            people.append("%s:x:%d:%d::/run:/usr/sbin/nologin" % (name, number, number))
            groups.append("%s:x:%d:" % (name, number))
        self.write("etc/passwd", "\n".join(people) + "\n")
        self.write("etc/group", "\n".join(groups) + "\n")
        self.write("etc/aliases", "root: tester\n")

    def port(self, what):
        self.ports[what] = free_port(self.address)
        return self.ports[what]

    def copy(self, path, mode=0o644):
        """The same file where the server may read it."""
        to = self.path(os.path.basename(path))
        shutil.copyfile(path, to)
        os.chmod(to, mode)
        return to

    def leaf(self, kind, mode=0o600):
        """(chain, key) of a certificate"""
        return [self.copy(path, mode) for path in servers.the_certs().get(kind)]

    def wait(self):
        """until every port is listened at, which is seen without a connection that the server would count"""
        end = time.monotonic() + 15
        for where in self.ports.values():
            while not (os.path.exists(where) if isinstance(where, str) else not is_free(where, self.address)):
                if self.process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("%s did not start: %s" % (self.name, self.words()))
                time.sleep(0.05)

    def words(self):
        """what it said and logged"""
        said = ""
        for path in (self.path("output"), self.log):
            if os.path.exists(path):
                with open(path, errors="replace") as f:
                    said += f.read()
        return said

    def close(self):
        if self.process is not None:
            self.process.stdin.close()
            self.process.wait()
        shutil.rmtree(self.work, True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# ------------------------------------------------------------------------------------------------ Postfix

# port: options of its smtpd
POSTFIX = {
    "healthy": "",
    "old": "-o smtpd_tls_protocols=>=TLSv1",
    "submission": "-o smtpd_tls_security_level=encrypt",
    "implicit": "-o smtpd_tls_wrappermode=yes",
    "none": "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=none",
    "missing": "-o smtpd_tls_chain_files= -o smtpd_tls_cert_file=/nonexistent.pem",
    "not-offered": "-o smtpd_tls_security_level=none",
    "expired": "-o smtpd_tls_chain_files={expired}",
    "self": "-o smtpd_tls_chain_files={self}",
    "ecdsa": "-o smtpd_tls_chain_files={ecdsa}",
    "ed25519": "-o smtpd_tls_chain_files={ed25519}",
    "tls13": "-o smtpd_tls_protocols=>=TLSv1.3",
    "tls10": "-o smtpd_tls_protocols=<=TLSv1 -o tls_medium_cipherlist=DEFAULT:@SECLEVEL=0 -o smtpd_tls_ciphers=medium",
    "client": "-o smtpd_tls_security_level=encrypt -o smtpd_tls_ask_ccert=yes -o smtpd_tls_req_ccert=yes",
    "limited": "-o smtpd_client_connection_rate_limit=3 -o smtpd_client_event_limit_exceptions=",
    "banned": "-o smtpd_delay_reject=no -o smtpd_client_restrictions=reject",
}


def postfix(mta):
    chains = {}
    for kind in ("rsa", "ecdsa", "expired", "self", "ed25519"):
        chain, key = mta.leaf(kind)
        with open(chain) as c, open(key) as k:
            chains[kind] = mta.write(kind + ".both", k.read() + c.read(), 0o600)
    mta.write("etc/postfix/main.cf", """\
compatibility_level = 3.6
queue_directory = /var/spool/postfix
data_directory = /var/lib/postfix
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
myhostname = mx.test
mydestination = mx.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
maillog_file = /var/log/mail
maillog_file_prefixes = /var/log
smtpd_tls_security_level = may
smtpd_tls_chain_files = %s, %s
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_loglevel = 1
""" % (chains["rsa"], chains["ecdsa"]))
    master = """\
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
    for what, options in POSTFIX.items():
        master += "127.0.0.1:%d inet n - n - - smtpd %s\n" % (mta.port(what), options.format(**chains))
    mta.write("etc/postfix/master.cf", master)
    mta.write("etc/postfix/dynamicmaps.cf", "")
    return """
for folder in active bounce corrupt defer deferred flush hold incoming private saved trace; do
	mkdir -p /var/spool/postfix/$folder
	chown postfix /var/spool/postfix/$folder
	chmod 700 /var/spool/postfix/$folder
done
mkdir -p /var/spool/postfix/pid /var/spool/postfix/public /var/spool/postfix/maildrop /var/lib/postfix
chown postfix:postdrop /var/spool/postfix/public /var/spool/postfix/maildrop
chown postfix /var/lib/postfix
: >/var/log/mail
touch "$WORK/log" && mount --bind "$WORK/log" /var/log/mail
exec /usr/lib/postfix/sbin/master -s
"""


# --------------------------------------------------------------------------------------------------- Exim

def exim(mta):
    """Exim with GnuTLS; what differs from port to port hangs on the port that was connected to"""
    rsa, ecdsa, expired = (mta.leaf(kind, 0o644) for kind in ("rsa", "ecdsa", "expired"))
    for what in ("healthy", "old", "implicit", "none", "missing", "not-offered", "expired", "client"):
        mta.port(what)
    ports = {what.replace("-", "_"): where for what, where in mta.ports.items()}

    def by_port(otherwise, **others):
        made = otherwise
        for what, value in others.items():
            made = "${if eq{$received_port}{%d}{%s}{%s}}" % (ports[what], value, made)
        return made
    mta.write("etc/exim.conf", """\
primary_hostname = mx.test
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%%slog
log_selector = +tls_cipher +all
pid_file_path = /run/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = %s
tls_on_connect_ports = %d
tls_advertise_hosts = %s
tls_certificate = %s
tls_privatekey = %s
tls_require_ciphers = %s
tls_verify_hosts = %s
tls_verify_certificates = %s
host_lookup =
smtp_accept_max = 50
smtp_enforce_sync = false
never_users = root
acl_smtp_rcpt = deny
begin acl
deny:
	deny
begin routers
begin transports
""" % (" : ".join(str(where) for where in mta.ports.values()), mta.ports["implicit"],
       by_port("*", not_offered=""),
       by_port(rsa[0] + " : " + ecdsa[0], none="", missing="/nonexistent.pem", expired=expired[0]),
       by_port(rsa[1] + " : " + ecdsa[1], none="", missing="/nonexistent.key", expired=expired[1]),
       by_port("NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2", old="NORMAL"), by_port("", client="*"), mta.copy(servers.the_certs().root)))
    return """
mkdir -p /var/spool/exim4 /var/log/exim4
chown -R Debian-exim /var/spool/exim4 /var/log/exim4
touch "$WORK/log" /var/log/exim4/mainlog && chown Debian-exim "$WORK/log"
mount --bind "$WORK/log" /var/log/exim4/mainlog
exec /usr/sbin/exim4 -bdf -C /etc/exim.conf
"""


# ---------------------------------------------------------------------------------------------- OpenSMTPD

def opensmtpd(mta):
    # With OpenSSL 3.0 of 2026-01 this version cannot sign by RSA keys, which it keeps in a process of their own.
    ecdsa, expired = mta.leaf("ecdsa"), mta.leaf("expired")
    for what in ("healthy", "implicit", "not-offered", "expired", "client"):
        mta.port(what)
    mta.write("etc/smtpd.conf", """\
pki mx.test cert "%s"
pki mx.test key "%s"
pki late cert "%s"
pki late key "%s"
pki asking cert "%s"
pki asking key "%s"
ca roots cert "%s"
listen on 127.0.0.1 port %d tls pki mx.test hostname mx.test
listen on 127.0.0.1 port %d smtps pki mx.test hostname mx.test
listen on 127.0.0.1 port %d hostname mx.test
listen on 127.0.0.1 port %d tls pki late hostname mx.test
listen on 127.0.0.1 port %d tls-require verify pki asking ca roots hostname mx.test
action "local" mbox
match from local for local action "local"
""" % (*ecdsa, *expired, *ecdsa, servers.the_certs().root, *(mta.ports[what] for what in ("healthy", "implicit", "not-offered", "expired", "client"))), 0o600)
    mta.write("etc/mailname", "mx.test\n")
    return """
mkdir -p /var/spool/smtpd /var/lib/opensmtpd/empty
chmod 711 /var/spool/smtpd /var/lib/opensmtpd/empty
exec /usr/sbin/smtpd -d -v
"""


# ------------------------------------------------------------------------------------------------ Dovecot

def dovecot(mta):
    """IMAP, POP3, LMTP and ManageSieve, with STARTTLS, without, and with TLS at once"""
    rsa, ecdsa = mta.leaf("rsa"), mta.leaf("ecdsa")
    # Whoever comes from the address that it came to is trusted, so it has another.
    mta.address = "127.0.%d.%d" % (random.randrange(1, 250), random.randrange(1, 250))
    for what in ("imap", "pop3", "sieve", "lmtp"):
        mta.port(what)
    # Only by these ports the command can know what is spoken inside.
    mta.ports.update({"imaps": 993, "pop3s": 995})
    mta.ports["lmtp-unix"] = mta.path("lmtp")
    mta.write("etc/dovecot/dovecot.conf", """\
protocols = imap pop3 lmtp sieve
listen = %s
base_dir = /run/dovecot
log_path = /dev/stderr
ssl = yes
ssl_cert = <%s
ssl_key = <%s
ssl_alt_cert = <%s
ssl_alt_key = <%s
disable_plaintext_auth = yes
default_internal_user = dovecot
default_internal_group = dovecot
default_login_user = dovenull
mail_location = maildir:/run/mail/%%u
lmtp_save_to_detail_mailbox = no
passdb {
  driver = static
  args = nopassword=y
}
userdb {
  driver = static
  args = uid=tester gid=tester home=/run/mail/%%u
}
service imap-login {
  inet_listener imap {
    port = %d
  }
  inet_listener imaps {
    port = %d
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = %d
  }
  inet_listener pop3s {
    port = %d
    ssl = yes
  }
}
service managesieve-login {
  inet_listener sieve {
    port = %d
  }
}
service lmtp {
  inet_listener lmtp {
    port = %d
  }
  unix_listener %s {
    mode = 0666
  }
}
""" % (mta.address, *rsa, *ecdsa, *(mta.ports[what] for what in ("imap", "imaps", "pop3", "pop3s", "sieve", "lmtp")), mta.ports["lmtp-unix"]))
    return """
mkdir -p /var/lib/dovecot /run/mail
exec /usr/sbin/dovecot -F
"""


# ----------------------------------------------------------------------------------------------- sendmail

# port: lines of its configuration; one daemon each, as these hold for all ports of a daemon
SENDMAIL = {
    "healthy": "",
    # It sends a chain as far as it finds it among the authorities that it trusts itself.
    "incomplete": "O CACertFile=/etc/mail/root.pem\n",
    "none": "O ServerCertFile\nO ServerKeyFile\n",
    "missing": "O ServerCertFile=/nonexistent.pem\nO ServerKeyFile=/nonexistent.key\n",
    "not-offered": "Ssrv_features\nR$*\t$# S\n",
    "expired": "O ServerCertFile={expired[0]}\nO ServerKeyFile={expired[1]}\n",
    "other": "O ServerCertFile={other[0]}\nO ServerKeyFile={other[1]}\n",
    "self": "O ServerCertFile={self[0]}\nO ServerKeyFile={self[1]}\n",
    "old": "O CipherList=DEFAULT:@SECLEVEL=0\nO ServerSSLOptions=0\n",
    "tls13": "O ServerSSLOptions=+SSL_OP_NO_TLSv1_2 +SSL_OP_NO_TLSv1_1 +SSL_OP_NO_TLSv1\n",
    "no-common": "O CipherList=ECDHE-ECDSA-CAMELLIA256-SHA384:ECDHE-RSA-CAMELLIA256-SHA384\nO ServerSSLOptions=+SSL_OP_NO_TLSv1_3\n",
    # a list for keys of another type alone: as seen from outside it has none
    "other-type": "O CipherList=ECDHE-ECDSA-AES256-GCM-SHA384\nO ServerSSLOptions=+SSL_OP_NO_TLSv1_3\n",
    "limited": "Scheck_relay\nR$*\t$#error $@ 4.3.2 $: \"421 Connection rate limit exceeded\"\n",
    "banned": "Scheck_relay\nR$*\t$#error $@ 5.7.1 $: \"550 Blocked\"\n",
}


def sendmail(mta):
    """A configuration of its own, of what a daemon needs to greet and to begin TLS: there is nobody to deliver to"""
    def keep(path):
        """where nobody but root may write, which is what it demands of the files of TLS"""
        with open(path) as f:
            mta.write("etc/mail/" + os.path.basename(path), f.read(), 0o600)
        return "/etc/mail/" + os.path.basename(path)
    leaves = {kind: [keep(path) for path in servers.the_certs().get(kind)] for kind in ("rsa", "expired", "other", "self")}
    keep(servers.the_certs().root)
    with open(servers.the_certs().root) as root, open(servers.the_certs().path("middle.pem")) as middle:
        mta.write("etc/mail/authorities.pem", root.read() + middle.read())
    for what, lines in SENDMAIL.items():
        lines = lines.format(**leaves)
        options = {"ServerCertFile": leaves["rsa"][0], "ServerKeyFile": leaves["rsa"][1],
                   "CACertFile": "/etc/mail/authorities.pem"}
        base = "".join("O %s=%s\n" % pair for pair in options.items() if "O " + pair[0] not in lines)
        mta.write("etc/mail/%s.cf" % what, """\
V10/Berkeley
Fw/etc/mail/names
Djmx.test
DnMAILER-DAEMON
DZ8
O ServiceSwitchFile=/etc/mail/service.switch
O DaemonPortOptions=Name=MTA, Addr=127.0.0.1, Port=%d, Family=inet
O QueueDirectory=/var/spool/mqueue
O DontProbeInterfaces=true
O PidFile=/run/sendmail-%s.pid
O SmtpGreetingMessage=$j $b
O LogLevel=14
O Timeout.ident=0
O CACertPath=/etc/mail/certs
%s%sMlocal, P=[IPC], F=lsDFMAw5:/|@q, S=0, R=0, T=DNS/RFC822/X-Unix, A=FILE $u
Mprog, P=/bin/sh, F=lsDFMoqeu9, S=0, R=0, T=X-Unix, A=sh -c $u
H?D?Date: $a
S0
R$*\t$#error $@ 5.7.1 $: "550 No mail here"
""" % (mta.port(what), what, base, lines))
    os.makedirs(mta.path("etc/mail/certs"))
    mta.write("etc/mail/names", "mx.test\n")
    # It waits a minute for a name with dots of the machine that it is on.
    mta.write("etc/mail/service.switch", "hosts files\naliases files\n")
    mta.write("etc/hosts", "127.0.0.1 mx.test localhost %s\n" % socket.gethostname())
    return """
mkdir -p /var/spool/mqueue
chmod 700 /var/spool/mqueue
for file in /etc/mail/*.cf; do
	/usr/libexec/sendmail/sendmail -bD -C "$file" -X "$WORK/log" &
done
wait
"""


MTAS = {"postfix": postfix, "exim": exim, "opensmtpd": opensmtpd, "dovecot": dovecot, "sendmail": sendmail}

if __name__ == "__main__":
    reason = why_not(sys.argv[1], sys.argv[2])
    if reason:
        sys.exit(reason)
    with Mta(sys.argv[1], sys.argv[2]) as running:
        for name, where in running.ports.items():
            print("%-12s %s" % (name, where))
        print(servers.the_certs().root, flush=True)
        sys.stdin.readline()
        print(running.words())
