#!/usr/bin/env python3
"""test_rspamd.py ROOT MODULE-FOLDER - the Lua module inside Rspamd, by Rspamd's resolver

ROOT is what tests/peers made of Rspamd's package, MODULE-FOLDER has mailhealth.so for Lua 5.1.  Starts a DNS
server and Rspamd on loopback, and ends both.  Exit 77: Rspamd does not run here.
"""
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")
sys.path[:0] = [os.path.join(HERE, "..", "conformance"), os.path.join(HERE, "..")]

import ports  # noqa: E402
import rows  # noqa: E402

ZONE = rows.Zone([
    ["a.example", "TXT", "v=spf1 include:_spf.a.example a:nowhere.a.example mx ptr:e.example "
                         "exists:silence.example -all"],
    ["_spf.a.example", "TXT", "v=spf1 ip4:192.0.2.0/28 ", "ip6:2001:db8::/64 -all"],
    ["a.example", "MX", "10", "mail.a.example"],
    ["mail.a.example", "A", "192.0.2.77"],
    ["80.2.0.192.in-addr.arpa", "PTR", "host.e.example"],
    ["host.e.example", "A", "192.0.2.80"],
    [ipaddress.ip_address("2001:db8:1::1").reverse_pointer, "PTR", "six.e.example"],
    ["six.e.example", "AAAA", "2001:db8:1::1"],
    ["silence.example", "ERR", "TIMEOUT", "*"],
    ["broken.example", "ERR", "SERVFAIL", "*"],
    ["alias.example", "CNAME", "a.example"],
    ["twice.example", "TXT", "v=spf1 -all"],
    ["twice.example", "TXT", "v=spf1 +all"],
    ["h.example", "TXT", "v=spf1 ip4:192.0.2.9 ~all"],
])

CONFIG = """
options {
	filters = ""; tempdir = "%(folder)s"; pidfile = "%(folder)s/pid"; url_tld = "%(folder)s/tld";
	disable_hyperscan = true;
	dns { nameserver = ["127.0.0.1:%(dns)d"]; timeout = 0.3s; retransmits = 2; }
}
logging { type = "console"; level = "error"; }
worker "normal" { bind_socket = "127.0.0.1:%(port)d"; count = 1; }
lua = "%(folder)s/plugin.lua";
"""

PLUGIN = """
package.cpath = "%(modules)s/?.so;" .. package.cpath
package.path = "%(top)s/bindings/lua/?.lua;" .. package.path
local mailhealth = require("mailhealth")
local rspamd = require("mailhealth.rspamd")
rspamd_config.MAILHEALTH_SPF = {
	callback = function(task)
		local job = assert(mailhealth.job({ip = tostring(task:get_ip()), helo = task:get_helo(),
			sender = (task:get_from("smtp") or {{addr = ""}})[1].addr}))
		rspamd.start(task, job, function(done, message)
			local told = {done and done:result() or message, done and done:matched() or ""}
			for _, answer in ipairs(done and done:answers() or {}) do
				told[#told + 1] = table.concat({answer.name, answer.type, answer.state, answer.why}, " ")
			end
			task:insert_result("MAILHEALTH_SPF", 1.0, told)
		end)
	end,
	score = 1.0,
}
"""


class Rspamd:
    def __init__(self, root, modules):
        self.dns = rows.Server(ZONE)
        self.port = ports.free_port()
        self.folder = tempfile.TemporaryDirectory()
        names = {"folder": self.folder.name, "dns": self.dns.port, "port": self.port, "modules": modules, "top": TOP}
        for name, text in (("config", CONFIG % names), ("plugin.lua", PLUGIN % names), ("tld", "example\n")):
            with open(os.path.join(self.folder.name, name), "w", encoding="utf-8") as file:
                file.write(text)
        share = os.path.join(root, "usr/share/rspamd")
        environment = dict(
            os.environ, SHAREDIR=share, LUALIBDIR=share + "/lualib", PLUGINSDIR=share + "/plugins",
            RULESDIR=share + "/rules", DBDIR=self.folder.name, RUNDIR=self.folder.name, LOGDIR=self.folder.name,
            CONFDIR=os.path.join(root, "etc/rspamd"), LOCAL_CONFDIR=self.folder.name,
            LD_LIBRARY_PATH=os.path.dirname(os.environ["MAILHEALTH_LIBRARY"]))
        arguments = [os.path.join(root, "run"), "usr/bin/rspamd", "-f", "-i", "-c", os.path.join(self.folder.name, "config")]
        if os.geteuid() == 0:
            arguments += ["-u", "root", "-g", "root"]
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen(arguments, env=environment, stdout=self.log, stderr=self.log)

    def wait(self):
        """Whether it answers."""
        for _ in range(200):
            if self.process.poll() is not None:
                return False
            try:
                self.scan("192.0.2.1", "jo@a.example")
                return True
            except OSError:
                time.sleep(0.1)
        return False

    def scan(self, ip, sender, helo="h.example"):
        """Result, matched term, and "NAME TYPE STATE WHY" of each question."""
        headers = {"IP": ip, "Helo": helo}
        if sender is not None:
            headers["From"] = sender
        request = urllib.request.Request("http://127.0.0.1:%d/checkv2" % self.port, headers=headers,
                                         data=b"From: jo@a.example\r\nSubject: hi\r\n\r\nhi\r\n")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return json.load(answer)["symbols"]["MAILHEALTH_SPF"]["options"]

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.dns.close()
        self.log.close()
        self.folder.cleanup()


class TestInRspamd(unittest.TestCase):
    rspamd = None

    def test_verdicts(self):
        for ip, sender, result, matched in (
                ("192.0.2.3", "jo@a.example", "pass", "include:_spf.a.example"),
                ("2001:db8::5", "jo@a.example", "pass", "include:_spf.a.example"),
                ("192.0.2.77", "jo@a.example", "pass", "mx"),
                ("192.0.2.77", "jo@alias.example", "pass", "mx"),
                ("192.0.2.80", "jo@a.example", "pass", "ptr:e.example"),
                ("192.0.2.9", None, "pass", "ip4:192.0.2.9"),
                ("192.0.2.10", None, "softfail", "~all"),
                ("192.0.2.1", "jo@nowhere.example", "none", ""),
                ("192.0.2.1", "jo@twice.example", "permerror", "")):
            with self.subTest(ip=ip, sender=sender):
                self.assertEqual(self.rspamd.scan(ip, sender)[:2], [result, matched])

    def test_what_could_not_be_asked_is_unknown(self):
        for ip, sender, unknown in (
                ("192.0.2.99", "jo@a.example", "silence.example A unknown timeout"),
                ("192.0.2.1", "jo@broken.example", "broken.example TXT unknown servfail")):
            with self.subTest(unknown=unknown):
                told = self.rspamd.scan(ip, sender)
                self.assertEqual(told[0], "temperror")
                self.assertEqual([text for text in told if " unknown " in text], [unknown])

    def test_absence(self):
        told = self.rspamd.scan("192.0.2.99", "jo@a.example")
        self.assertIn("nowhere.a.example A nxdomain ", told)
        told = self.rspamd.scan("2001:db8:1::1", "jo@a.example")
        self.assertIn("mail.a.example AAAA nodata ", told)

    def test_reverse_names_of_ipv6(self):
        told = self.rspamd.scan("2001:db8:1::1", "jo@a.example")
        self.assertEqual(len([text for text in told if text.endswith("ip6.arpa PTR present ")]), 1)
        self.assertIn("six.e.example AAAA present ", told)

    def test_many_at_once(self):
        results = []

        def scan(ip):
            results.append(self.rspamd.scan(ip, "jo@a.example")[0])
        threads = [threading.Thread(target=scan, args=("192.0.2.%d" % (3 if i % 2 else 77),)) for i in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(results, ["pass"] * 100)

    def test_nothing_was_logged_as_an_error(self):
        said = self.rspamd.said()
        self.assertNotIn("traceback", said)
        self.assertNotIn("MAILHEALTH", said)


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 64
    rspamd = Rspamd(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]))
    try:
        if not rspamd.wait():
            print(rspamd.said())
            return 77 if "mailhealth" not in rspamd.said() else 1
        TestInRspamd.rspamd = rspamd
        result = unittest.main(argv=sys.argv[:1], exit=False).result
        if not result.wasSuccessful():
            print(rspamd.said())
        return 0 if result.wasSuccessful() else 1
    finally:
        rspamd.close()


if __name__ == "__main__":
    sys.exit(main())
