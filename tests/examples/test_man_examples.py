#!/usr/bin/env python3
"""test_man_examples.py - the examples of mailhealth-job(3) compile as they stand, and do what the page says"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
COMPILER = os.environ.get("MAILHEALTH_CC") or shutil.which("cc")
LIBRARY = os.environ.get("MAILHEALTH_LIBRARY_DIR", "")  # "" where programs of another kind cannot load it

# What surrounds the examples: a resolver that has one record, and jobs of every kind of loop.
DRIVER = r"""
void
resolve(const char *name, int type, mh_job *job, int ask)
{
	static const char rdata[] = "\x19" "v=spf1 ip4:192.0.2.1 -all";
	const void *one[] = { rdata };
	size_t len[] = { sizeof(rdata) - 1 };
	answered(job, ask, 0, type == 16 && strcmp(name, "example.org") == 0 ? 1 : 0, one, len);
}

static void
handle(mh_job *job)
{
	printf("poll: %s\n", mh_job_str(job, MH_JOB_RESULT));
}

static mh_job *
job_for(mh_ctx *ctx, const char *ip)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_SPF);
	mh_job_set_str(job, MH_OPT_IP, ip);
	mh_job_set_str(job, MH_OPT_SENDER, "a@example.org");
	return job;
}

int
main(void)
{
	static const char text[] = "example.org. 60 IN TXT \"v=spf1 ip4:192.0.2.1 -all\"\n";
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = job_for(ctx, "192.0.2.1");
	mh_loop *loop = mh_loop_new(ctx);
	mh_zone *zone = mh_zone_new(ctx);

	while (go_on(job, 0) == MH_WAIT)
		continue;
	printf("own: %s\n", mh_job_str(job, MH_JOB_RESULT));
	mh_job_free(job);
	mh_zone_add(zone, "test", "", text, sizeof(text) - 1);
	mh_loop_use_zone(loop, zone, 0);
	mh_loop_set_int(loop, MH_OPT_OFFLINE, 1);
	mh_loop_add(loop, job_for(ctx, "192.0.2.1"));
	mh_loop_add(loop, job_for(ctx, "192.0.2.2"));
	serve(loop, handle);
	mh_loop_free(loop);
	mh_zone_free(zone);
	try_record(ctx, "example.org", "v=spf1 +all");
	printf("bad: %d\n", may_send(ctx, "192.0.2", "a@example.org"));
	mh_ctx_free(ctx);
	return 0;
}
"""


def examples(page):
    """The literal displays of a page, as C."""
    with open(os.path.join(TOP, "lib", "man", page), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S)
    return "\n".join(blocks).replace("\\e", "\\").replace("\\(aq", "'").replace("\\&", "")


class Examples(unittest.TestCase):
    def test_they_compile_and_work(self):
        source = examples("mailhealth-job.3")
        for name in ("may_send", "serve", "go_on", "answered", "try_record"):
            self.assertIn("\n%s(" % name, source)
        with tempfile.TemporaryDirectory() as folder:
            path, program = os.path.join(folder, "example.c"), os.path.join(folder, "example")
            with open(path, "w", encoding="utf-8") as file:
                file.write(source + DRIVER)
            command = [COMPILER, "-std=c17", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror",
                       "-I" + os.path.join(TOP, "include"), path]
            how = ["-o", program, "-L" + LIBRARY, "-lmailhealth", "-Wl,-rpath," + LIBRARY] if LIBRARY else ["-fsyntax-only"]
            done = subprocess.run(command + how, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
            self.assertEqual((done.returncode, done.stdout.decode()), (0, ""))
            if not LIBRARY:
                return
            done = subprocess.run([program], stdout=subprocess.PIPE, timeout=60, check=True)
            lines = done.stdout.decode().splitlines()
            self.assertEqual((lines[0], sorted(lines[1:3])), ("own: pass", ["poll: fail", "poll: pass"]))
            self.assertTrue(any(line.startswith("Everybody may send: ") for line in lines[3:]), lines)
            self.assertEqual(lines[-2:], ["an argument cannot be right", "bad: -2"])


if __name__ == "__main__":
    unittest.main()
