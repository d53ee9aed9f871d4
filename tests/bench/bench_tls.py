"""bench_tls.py - what a probe of TLS takes: connections and time, beside sslscan where it can be had

MAILHEALTH_COMMAND is the command, MAILHEALTH_SSLSCAN the program of sslscan.  The servers are those of tests/tls,
in Python: their time is in both.
"""
import os, re, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../tls")]

import servers

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
SSLSCAN = os.environ.get("MAILHEALTH_SSLSCAN", "").split()
ROUNDS = 5


def timed(server, words):
    times, counts = [], []
    for _ in range(ROUNDS):
        before, begin = server.count, time.monotonic()
        subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        times.append((time.monotonic() - begin) * 1000)
        counts.append(server.count - before)
    return statistics.median(times), statistics.median(counts)


def main():
    server = servers.make("healthy")
    own = [COMMAND, "tls", "127.0.0.1:%d" % server.port, "--name", servers.NAME, "--ca", servers.the_certs().root,
           "--zone", "/dev/null", "--json"]
    verdict, connections = timed(server, own)
    print("verdict: %d connections, %.0f ms" % (connections, verdict))
    whole, connections = timed(server, own + ["--full"])
    print("all suites and groups: %d connections, %.0f ms" % (connections, whole))
    if SSLSCAN:
        scan, connections = timed(server, [*SSLSCAN, "--starttls-smtp", "--sni-name=" + servers.NAME,
                                           "127.0.0.1:%d" % server.port])
        print("sslscan: %d connections, %.0f ms; our verdict takes %.2f of that, all of it %.2f" %
              (connections, scan, verdict / scan, whole / scan))
    server.close()


main()
