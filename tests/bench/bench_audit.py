#!/usr/bin/env python3
"""bench_audit.py NSD [--judge] - many domains through "mailhealth domain --batch" on one core, answered by an nsd

MAILHEALTH_COMMAND is the command; MAILHEALTH_BENCH_DOMAINS says how many domains, 10,000 otherwise.  They are all
different; a third each has a provider's, an own and a broken setup.  Prints domains a second and the resident memory
as the work goes on.  Judged, if asked for: all lines come, each domain has the health that it was made for, and
memory stays below 320 MiB: 2,000 domains are looked at at once, and up to 4,096 objects wait for their turn.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
for folder in (("tests", "zones"), ("tests", "conformance"), ("tests",)):
    sys.path.insert(0, os.path.join(TOP, *folder))

import keys  # noqa: E402
from zonetext import quote  # noqa: E402

COUNT = int(os.environ.get("MAILHEALTH_BENCH_DOMAINS", "10000"))
COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
KIB_MAX = 320 * 1024


def domain(i):
    """The records of domain i below its name, which kind it is, and the options of its line."""
    kind = ("own", "provider", "broken")[i % 3]
    net, host = i // 250 % 250, i % 250
    key = quote("v=DKIM1; k=rsa; p=" + keys.RSA_2048)
    ip, six = "10.%d.%d" % (net, host), "2001:db8:%x" % i
    yield "", "TXT", quote({"own": "v=spf1 mx ip4:203.0.113.%d -all" % host, "provider": "v=spf1 include:_spf.provider.test ~all",
                            "broken": "v=spf1 include:_spf.provider.test ipv4:203.0.113.%d -all" % host}[kind])
    if kind == "provider":
        yield "", "MX", "10 mx1.provider.test."
        yield "", "MX", "20 mx2.provider.test."
        yield "s1._domainkey.", "CNAME", "key%d.provider.test." % (i % 500)
    else:
        for k in (1, 2):
            yield "", "MX", "%d mx%d.%s" % (10 * k, k, name(i))
            yield "mx%d." % k, "A", "198.51.%d.%d" % (net, host) if k == 1 else "203.0.113.%d" % host
            yield "mx%d." % k, "AAAA", "%s::%d" % (six, k)
        yield "s1._domainkey.", "TXT", key
    yield "", "A", "192.0.2.%d" % host
    yield "_dmarc.", "TXT", quote("v=DMARC1; p=reject; rua=mailto:dmarc@%s" % name(i)[:-1])
    yield "_smtp._tls.", "TXT", quote("v=TLSRPTv1; rua=mailto:tls@%s" % name(i)[:-1])
    yield "", "SOA", "ns1.provider.test. hostmaster.provider.test. 2026112701 7200 3600 1209600 3600"
    yield "", "NS", "ns1.provider.test."
    yield "", "NS", "ns2.provider.test."


def name(i):
    return "d%d-audit.test." % i


def write_zone(path):
    with open(path, "w") as out:
        out.write("$TTL 300\n. IN SOA ns1.provider.test. root. 1 7200 3600 1209600 60\n. IN NS ns1.provider.test.\n")
        for i, text in enumerate(("192.0.2.53", "198.51.100.53"), 1):
            out.write("ns%d.provider.test. A %s\nns%d.provider.test. AAAA 2001:db8:53::%d\n" % (i, text, i, i))
            out.write("mx%d.provider.test. A 198.51.100.%d\nmx%d.provider.test. AAAA 2001:db8:25::%d\n" % (i, i, i, i))
        out.write('_spf.provider.test. TXT "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:25::/64 ~all"\n')
        key = quote("v=DKIM1; k=rsa; p=" + keys.RSA_2048_OTHER)
        for i in range(500):
            out.write("key%d.provider.test. TXT %s\n" % (i, key))
        for i in range(COUNT):
            for owner, kind, text in domain(i):
                if kind not in ("SOA", "NS"):  # one zone has them all
                    out.write("%s%s %s %s\n" % (owner, name(i), kind, text))
                elif kind == "NS":
                    continue


class Watch(threading.Thread):
    """Resident memory of a process in KiB, twenty times a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.seen = pid, []
        self.start()

    def run(self):
        while True:
            try:
                with open("/proc/%d/statm" % self.pid) as file:
                    self.seen.append(int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024)
            except (OSError, IndexError):
                return
            time.sleep(0.05)


def pinned(core):
    return ["taskset", "-c", str(core)] if os.cpu_count() > 1 else []


def audit(port, options=()):
    """(seconds, CPU seconds, health of each kind, memory as it went)"""
    lines = "".join("%s --selector s1\n" % name(i)[:-1] for i in range(COUNT)).encode()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        given.write(lines)
        given.seek(0)
        begin, before = time.monotonic(), os.times()
        process = subprocess.Popen(pinned(0) + [COMMAND, "domain", "--batch", "--json", "--no-fetch", "--no-lists",
                                                "--resolver", "127.0.0.1:%d" % port, *options], stdin=given, stdout=out)
        watch = Watch(process.pid)
        process.wait()
        seconds, after = time.monotonic() - begin, os.times()
        out.seek(0)
        found = collections.Counter()
        for line in out:
            one = json.loads(line)
            kind = ("own", "provider", "broken")[(one["n"] - 1) % 3]
            found[kind, one.get("health", one.get("error")), one["findings"][0]["id"] if one.get("findings") else ""] += 1
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu, found, watch.seen


def main():
    import by_nsd
    program = sys.argv[1]
    if not os.access(program, os.X_OK):
        print("audit: no nsd here")
        return

    class Nsd(by_nsd.Nsd):
        def _write(self, file, text):
            if file == "root":
                write_zone(os.path.join(self.folder.name, file))
            else:
                super()._write(file, text)

    class Nothing:
        given = ()

    server = Nsd(program, Nothing)
    if os.cpu_count() > 1:
        subprocess.run(["taskset", "-a", "-c", "-p", "1", str(server.process.pid)], stdout=subprocess.DEVNULL)
    seconds, cpu, found, memory = audit(server.port)
    server.close()
    thirds = [memory[i * len(memory) // 6:][0] // 1024 for i in range(6)] + [memory[-1] // 1024] if memory else []
    print("audit: %d domains in %.1f s, %.0f a second on one core (%.2f ms of CPU each); resident MiB as it goes: %s" % (
        COUNT, seconds, COUNT / seconds, cpu / COUNT * 1000, " ".join(str(n) for n in thirds)))
    for (kind, health, first), count in sorted(found.items()):
        print("  %-9s %-8s %-28s %d" % (kind, health, first, count))
    if "--judge" not in sys.argv:
        return
    # on a machine that is busy with other things questions may be lost
    wrong = [row for row in found if (row[0] == "broken") != (row[1] == "fail") and row[1] != "unknown"]
    unknown = sum(count for row, count in found.items() if row[1] == "unknown")
    if sum(found.values()) != COUNT or wrong or unknown > COUNT / 10:
        sys.exit("audit: lines are missing, or these are wrong: %s" % wrong)
    if memory and max(memory) > KIB_MAX:
        sys.exit("audit: memory grows to %d KiB" % max(memory))


if __name__ == "__main__":
    main()
