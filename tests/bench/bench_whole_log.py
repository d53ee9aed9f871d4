"""bench_whole_log.py BUILD [OCTETS] - a whole log through the command, with wc -l and cat of the same file

OCTETS is the size of the log that is made for it: 200 MB unless said otherwise, 5000000000 for the figure
that the project is measured by.  Each is run three times and the middle one told; the file is read once
before, so that all find it where the first left it.
"""
import os
import resource
import subprocess
import sys
import tempfile
import time

build = sys.argv[1]
octets = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000_000


def run(command, path):
    """seconds and the most memory of one run, in octets"""
    with open(path, "rb") as log, open(os.devnull, "wb") as nothing:
        begin = time.monotonic()
        child = subprocess.Popen(command, stdin=log, stdout=nothing)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - begin
    if child.returncode != 0:
        sys.exit("%s failed with %d" % (command[0], child.returncode))
    return seconds, usage.ru_maxrss * 1024


def middle(command, path):
    runs = sorted(run(command, path) for _ in range(3))
    return runs[1][0], max(memory for _, memory in runs)


with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR", "/var/tmp")) as folder:
    path = os.path.join(folder, "mail.log")
    with open(path, "wb") as log:
        subprocess.run([os.path.join(build, "tests", "mailhealth-make-log"), "--octets", str(octets), "--seed", "5",
                        "--days", "14", "--mta", "postfix"], stdout=log, check=True)
    size = os.path.getsize(path)
    run(["cat"], path)
    lines = int(subprocess.run(["wc", "-l"], stdin=open(path, "rb"), capture_output=True, check=True).stdout)
    counted, _ = middle(["wc", "-l"], path)
    copied, _ = middle(["cat"], path)
    read, memory = middle([os.path.join(build, "mailhealth"), "log", "--json", "--now", "2000000000", "-"], path)
    print("a log of %.2f GB, %d lines: %.2f s, %.1f times wc -l (%.2f s), cat %.2f s; %.2f million lines/s; "
          "%.0f MB resident" % (size / 1e9, lines, read, read / counted, counted, copied, lines / read / 1e6,
                                memory / 1e6))
