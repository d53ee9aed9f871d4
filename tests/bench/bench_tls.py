"""bench_tls.py - what a probe of TLS takes: connections and time, beside sslscan and testssl.sh where they can be had

    bench_tls.py [PEERS]     PEERS: the folder of what tests/peers unpacked

MAILHEALTH_COMMAND is the command.  The servers: one of tests/tls, in Python, whose time is in all figures, and a
Postfix.  Programs take turns, and the medians of their times are shown; testssl.sh has one turn, with the first
server alone, because it takes half a minute.
"""
import json, os, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "../tls")]

import mtas, servers

COMMAND = os.environ.get("MAILHEALTH_COMMAND", "mailhealth")
PEERS = sys.argv[1] if len(sys.argv) > 1 else ""
ROUNDS = 9


def programs(where, is_first):
    """what is timed: name, command, how many times, environment"""
    own = [COMMAND, "tls", where, "--name", servers.NAME, "--ca", servers.the_certs().root, "--zone", "/dev/null", "--json"]
    yield "verdict", own, ROUNDS, {}
    yield "all suites and groups", own + ["--full"], ROUNDS, {}
    root = os.path.join(PEERS, "sslscan")
    if os.path.exists(os.path.join(root, "done")):
        yield ("sslscan", [os.path.join(root, "run"), "usr/bin/sslscan", "--starttls-smtp", "--sni-name=" + servers.NAME,
                           where], ROUNDS, {})
    root = os.path.join(PEERS, "testssl")
    if is_first and os.path.exists(os.path.join(root, "done")):
        yield ("testssl.sh", ["bash", os.path.join(root, "usr/bin/testssl"), "--starttls", "smtp", "-n", "none",
                              "--ip=127.0.0.1", "--warnings=off", "--color=0", "--quiet",
                              servers.NAME + where[where.index(":"):]], 1,
               {"TESTSSL_INSTALL_DIR": os.path.join(root, "etc/testssl"),
                "PATH": os.path.join(root, "usr/bin") + ":" + os.environ["PATH"]})


def measure(what, where, count, is_first=False):
    """count: a function that gives how many connections the server has had"""
    times, connections, tools = {}, {}, list(programs(where, is_first))
    for i in range(ROUNDS):
        for name, command, rounds, environment in tools:
            if i >= rounds:
                continue
            before, begin = count(), time.monotonic()
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  timeout=300, env={**os.environ, **environment})
            times.setdefault(name, []).append((time.monotonic() - begin) * 1000)
            connections.setdefault(name, []).append(count() - before)
            if command[0] == COMMAND and json.loads(done.stdout)["checks"][0]["health"] not in ("pass", "info"):
                sys.exit("bench_tls: %s is not healthy: %s" % (what, done.stdout.decode()))
    floor = statistics.median(times["sslscan"]) if "sslscan" in times else None
    for name, _, _, _ in tools:
        milliseconds = statistics.median(times[name])
        print("%s: %s: %d connections, %.0f ms%s" % (
            what, name, statistics.median(connections[name]), milliseconds,
            "" if floor is None or name == "sslscan" else ", %.2f of sslscan" % (milliseconds / floor)))


def main():
    server = servers.make("healthy")
    measure("server in Python", "127.0.0.1:%d" % server.port, lambda: server.count, True)
    server.close()
    if not PEERS or mtas.why_not(PEERS, "postfix"):
        return
    with mtas.Mta(PEERS, "postfix") as postfix:
        def connections():
            with open(postfix.log, "rb") as log:
                return log.read().count(b": connect from ")
        measure("Postfix", "127.0.0.1:%d" % postfix.ports["healthy"], connections)


main()
