#!/usr/bin/env python3
"""bench_latency.py - SPF with 20 ms added to each question: round trips, against one question after the other

For each zone of tests/bench/zones a client that nothing matches is checked through a DNS server on loopback that
holds every answer back: our wall time, what the same questions cost one after the other, and pyspf, whose lookups
go to the same server, in the same run.  Prints a line for each.
"""
import glob
import os
import socket
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(TOP, "bindings", "python"))
sys.path.insert(0, os.path.join(TOP, "tests", "conformance"))
DELAY = 0.02
CLIENT = "192.0.2.99"


def read_rows(path):
    rows = []
    with open(path) as file:
        for line in file:
            if not line.strip() or line.startswith(";"):
                continue
            name, kind, rest = line.rstrip("\n").split(" ", 2)
            rows.append([name, kind, *(rest.split(" ") if kind == "MX" else [rest])])
    return rows


def by_pyspf(port):
    """Run by the system's Python, where pyspf is: its wall time and questions for one check."""
    import spf
    asked = [0]

    def lookup(name, kind, tcpfallback=True, timeout=30, level=0):
        types = {"A": 1, "MX": 15, "TXT": 16, "AAAA": 28, "PTR": 12, "SPF": 99, "CNAME": 5}
        if kind == "SPF":
            return []
        asked[0] += 1
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.settimeout(5)
            one.connect(("127.0.0.1", port))
            question = b"".join(bytes([len(p)]) + p.encode() for p in name.rstrip(".").split(".")) + b"\0"
            one.send(struct.pack(">HHHHHH", 7, 0x100, 1, 0, 0, 0) + question + struct.pack(">HH", types[kind], 1))
            answer = one.recv(4096)
        count, at, found = struct.unpack(">H", answer[6:8])[0], 12 + len(question) + 4, []
        for _ in range(count):
            while answer[at]:
                at += 1 + answer[at]
            number, _, _, size = struct.unpack(">HHIH", answer[at + 1:at + 11])
            data = answer[at + 11:at + 11 + size]
            at += 11 + size
            if number == 16:
                found.append(((name, "TXT"), (data[1:1 + data[0]],)))
            elif number == 1:
                found.append(((name, "A"), socket.inet_ntoa(data)))
            elif number == 15:
                labels, i = [], 2
                while data[i]:
                    labels.append(data[i + 1:i + 1 + data[i]].decode())
                    i += 1 + data[i]
                found.append(((name, "MX"), (data[1], ".".join(labels))))
        return found

    spf.DNSLookup = lookup
    begin = time.monotonic()
    result = spf.check2(CLIENT, "a@example.org", "mail.example.org", timeout=60, querytime=60)[0]
    print(result, time.monotonic() - begin, asked[0])


def main():
    import mailhealth
    import rows

    for path in sorted(glob.glob(os.path.join(HERE, "zones", "*.rows"))):
        server = rows.Server(rows.Zone(read_rows(path)), DELAY)
        times = []
        for _ in range(5):
            with mailhealth.Loop("127.0.0.1:%d" % server.port, cache_octets=0) as loop:
                begin = time.monotonic()
                found = mailhealth.check_spf(CLIENT, "a@example.org", "mail.example.org", resolver=loop)
                times.append(time.monotonic() - begin)
        ours = sorted(times)[2]
        line = "%-9s %s: %.0f ms, %.1f round trips (%d rounds) for %d questions (one after the other %d)" % (
            os.path.basename(path)[:-5], found.result, ours * 1000, ours / DELAY, found.rounds, found.queries, found.queries)
        peer = subprocess.run(["/usr/bin/python3", __file__, "--pyspf", str(server.port)], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
        if peer.returncode == 0:
            result, seconds, asked = peer.stdout.split()
            line += "; pyspf %s: %.0f ms, %s questions" % (result, float(seconds) * 1000, asked)
        print(line)
        server.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pyspf"]:
        by_pyspf(int(sys.argv[2]))
    else:
        main()
