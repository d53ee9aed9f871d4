"""by_nsd.py - conformance cases answered by NSD, a name server of others

MAILHEALTH_NSD names the program.  It has one zone, the root.  What it cannot be made to say is left out, with the
reason.
"""
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

import rows

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import ports  # noqa: E402

CONFIG = """server:
  server-count: 1
  ip-address: 127.0.0.1@%(port)d
  username: ""
  chroot: ""
  zonesdir: "%(folder)s"
  pidfile: ""
  database: ""
  xfrdfile: ""
  xfrdir: "%(folder)s"
  zonelistfile: "%(folder)s/list"
  minimal-responses: yes
  hide-version: yes
  do-ip6: no
  tcp-count: 2
  xfrd-tcp-max: 1
  xfrd-tcp-pipeline: 1
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root"
"""


class LeftOut(Exception):
    """A case that cannot be run this way."""


def _is_refused(row):
    """Whether NSD does not load a zone with it."""
    return row[1] in ("TXT", "SPF") and len(row) == 2


def why_not(zone, name, kind):
    """Why NSD cannot answer this question as the rows have it; "" if it can."""
    state, _ = zone.resolve(name, kind)
    if state == "timeout":
        return "it answers everything, and the case has silence"
    if state == "servfail":
        return "it does not fail, and the case has SERVFAIL"
    if any(_is_refused(row) and rows.canonical(row[0]) == name for row in zone.given):
        return "it does not load a TXT record without a string"
    return ""


class Nsd:
    """A server for one case: those that read their zone again go on answering from the old one for a while."""

    def __init__(self, program, zone):
        self.folder = tempfile.TemporaryDirectory()
        self.port = ports.free_port()
        self._write("root", rows.Zone([row for row in zone.given if not _is_refused(row)]).master_file())
        self._write("nsd.conf", CONFIG % {"port": self.port, "folder": self.folder.name})
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen([program, "-d", "-c", os.path.join(self.folder.name, "nsd.conf")],
                                        stdout=self.log, stderr=self.log)
        if not self._wait(20):
            said = self._said()
            self.close()
            raise RuntimeError("nsd does not serve the case's zone; its log: " + said)

    def _write(self, name, text):
        with open(os.path.join(self.folder.name, name), "w", encoding="latin-1") as file:
            file.write(text)

    def _wait(self, seconds):
        """Until it has the zone: answers with its SOA."""
        end = time.monotonic() + seconds
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.connect(("127.0.0.1", self.port))
            asker.settimeout(0.5)
            while time.monotonic() < end and self.process.poll() is None:
                try:
                    asker.send(struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\0" + struct.pack(">HH", 6, 1))
                    answer = asker.recv(4096)
                    return answer[3] & 15 == 0 and answer[6:8] == b"\0\1"
                except OSError:  # refused while nobody listens
                    time.sleep(0.005)
        return False

    def _said(self):
        with open(self.log.name, encoding="utf-8", errors="replace") as file:
            return file.read()[-2000:]

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()
        self.folder.cleanup()
