"""by_nsd.py - conformance cases answered by NSD, a name server of others

MAILHEALTH_NSD names the program.  One process serves one zone, the root, which is another for each case: it is read
again on SIGHUP, and its serial tells when that is done.  What NSD cannot be made to say is left out, with the reason.
"""
import os
import signal
import socket
import struct
import subprocess
import tempfile
import time

import rows

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
    """The process; serve() gives it other rows."""

    def __init__(self, program):
        self.folder = tempfile.TemporaryDirectory()
        self.serial = 1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._write("root", rows.Zone([]).master_file(self.serial))
        self._write("nsd.conf", CONFIG % {"port": self.port, "folder": self.folder.name})
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", self.port))
        self.log = open(os.path.join(self.folder.name, "log"), "w+b")
        self.process = subprocess.Popen([program, "-d", "-c", os.path.join(self.folder.name, "nsd.conf")],
                                        stdout=self.log, stderr=self.log)
        if not self._wait(10):
            self.close()
            raise RuntimeError("nsd does not start")

    def _write(self, name, text):
        path = os.path.join(self.folder.name, name)
        with open(path + ".new", "w", encoding="latin-1") as file:
            file.write(text)
        os.rename(path + ".new", path)

    def _served(self):
        """The serial that it has, None if it does not say."""
        self.socket.settimeout(0.2)
        try:
            self.socket.send(struct.pack(">HHHHHH", self.serial & 0xffff, 0, 1, 0, 0, 0) + b"\0" + struct.pack(">HH", 6, 1))
            answer = self.socket.recv(4096)
        except OSError:
            return None
        if len(answer) < 40 or answer[3] & 15 or struct.unpack(">H", answer[6:8])[0] != 1:
            return None
        return struct.unpack(">I", answer[17 + 11 + 6:][:4])[0]

    def _wait(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.process.poll() is None:
            if self._served() == self.serial:
                return True
            time.sleep(0.002)
        return False

    def serve(self, zone):
        """Answers from the rows that it can load."""
        self.serial += 1
        self._write("root", rows.Zone([row for row in zone.given if not _is_refused(row)]).master_file(self.serial))
        self.process.send_signal(signal.SIGHUP)
        if not self._wait(10):
            self.log.flush()
            raise RuntimeError("nsd does not serve the case's zone; its log: " + self._said())

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
        self.socket.close()
        self.log.close()
        self.folder.cleanup()
