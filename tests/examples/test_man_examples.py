#!/usr/bin/env python3
"""test_man_examples.py - the examples of the manual's section 3 about checks compile as they stand, and do what they say"""
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
    return "\n".join(displays(page))


def displays(page):
    """Each of them by itself."""
    with open(os.path.join(TOP, "lib", "man", page), encoding="utf-8") as file:
        text = file.read()
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.M | re.S)
    return [block.replace("\\e", "\\").replace("\\(aq", "'").replace("\\&", "") for block in blocks]


# A server that says one thing, at the other end of a pair of sockets; what it hears is printed.
DIALOGUES = r"""
#include <stdio.h>

static int theirs = -1;

int
open_way(const char *address, int port)
{
	int pair[2];
	if (theirs >= 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return -1;
	theirs = pair[1];
	printf("%s %d\n", address, port);
	return write(theirs, "554 no\r\n", 8) == 8 ? pair[0] : -1;
}

static mh_job *
probe(mh_ctx *ctx)
{
	mh_job *job = mh_job_new(ctx, MH_CHECK_TLS);
	mh_job_set_str(job, MH_OPT_HOST, "192.0.2.25");
	mh_job_set_int(job, MH_OPT_LOOK_UP_TLSA, 0);
	return job;
}

int
main(void)
{
	char heard[200] = "";
	mh_ctx *ctx = mh_ctx_new(NULL, NULL);
	mh_job *job = probe(ctx);
	for (int64_t now_ms = 0; mh_job_step(job, now_ms) == MH_WAIT; now_ms++)
		for (int ask; (ask = mh_job_next_ask(job)) > 0;)
			if (converse(job, ask) != MH_OK)
				return 1;
	if (read(theirs, heard, sizeof(heard) - 1) > 0)
		printf("%.4s %s\n", heard, mh_job_str(job, MH_JOB_HEALTH));
	mh_job_free(job);

	job = probe(ctx);
	mh_job_step(job, 0);
	mh_dialogue *dialogue = mh_job_dialogue(job, mh_job_next_ask(job));
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
		return 1;
	mh_dialogue_connected(dialogue, 0);
	printf("%d\n", readable(dialogue, pair[0], 1) > 0);
	if (write(pair[1], "220 mx\r\n", 8) == 8 && readable(dialogue, pair[0], 2) > 0 && read(pair[1], heard, 4) == 4)
		printf("%.4s\n", heard);
	close(pair[1]);
	printf("%d\n", (int)readable(dialogue, pair[0], 3));
	mh_dialogue_free(dialogue);
	mh_job_free(job);
	mh_ctx_free(ctx);
	return 0;
}
"""


class Examples(unittest.TestCase):
    def compile(self, folder, source):
        """The program that it makes; without a library that it could load, whether it could be made."""
        path, program = os.path.join(folder, "example.c"), os.path.join(folder, "example")
        with open(path, "w", encoding="utf-8") as file:
            file.write(source)
        command = [COMPILER, "-std=c17", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Werror",
                   "-I" + os.path.join(TOP, "include"), path]
        how = ["-o", program, "-L" + LIBRARY, "-lmailhealth", "-Wl,-rpath," + LIBRARY] if LIBRARY else ["-fsyntax-only"]
        done = subprocess.run(command + how, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        self.assertEqual((done.returncode, done.stdout.decode()), (0, ""))
        return program

    def test_they_compile_and_work(self):
        source = examples("mailhealth-job.3")
        for name in ("may_send", "serve", "go_on", "answered", "try_record"):
            self.assertIn("\n%s(" % name, source)
        lines = self.run_with(source + DRIVER)
        if lines is None:
            return
        self.assertEqual((lines[0], sorted(lines[1:3])), ("own: pass", ["poll: fail", "poll: pass"]))
        self.assertTrue(any(line.startswith("Everybody may send: ") for line in lines[3:]), lines)
        self.assertEqual(lines[-2:], ["an argument cannot be right", "bad: -2"])

    def test_dialogues(self):
        lines = self.run_with(examples("mailhealth-dialogue.3") + DIALOGUES)
        if lines is not None:
            self.assertEqual(lines, ["192.0.2.25 25", "QUIT fail", "1", "EHLO", "-1"])

    def run_with(self, source):
        """What a program prints, line by line; None where it cannot be run."""
        with tempfile.TemporaryDirectory() as folder:
            program = self.compile(folder, source)
            if not LIBRARY:
                return None
            done = subprocess.run([program], stdout=subprocess.PIPE, timeout=60, check=True)
            return done.stdout.decode().splitlines()

    def test_policies_are_judged(self):
        program, sender = displays("mailhealth-sts.3")
        policy = "version: STSv1\nmode: enforce\nmax_age: 604800\nmx: *.example.org\n%s"
        with tempfile.TemporaryDirectory() as folder:
            self.compile(folder, "#include <string.h>\n#include <mailhealth.h>\n" + sender.replace("static int", "int")
                         + "int\nmain(void)\n{\n\treturn 0;\n}\n")
            judge = self.compile(folder, program)
            for more, host, code, title in (("", "mx.example.org", 0, ""), ("hello\n", "mx.example.org", 1, "MTA-STS policy that"),
                                            ("", "mx.example.net", 0, "MX host that the policy does not list")):
                if not LIBRARY:
                    return
                with open(os.path.join(folder, "policy"), "w", encoding="utf-8") as file:
                    file.write(policy % more)
                done = subprocess.run([judge, file.name, host], stdout=subprocess.PIPE, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stdout.decode()[:len(title)]), (code, title))

    def test_records_are_judged(self):
        program, receiver = displays("mailhealth-record.3")
        with tempfile.TemporaryDirectory() as folder:
            self.compile(folder, "#include <string.h>\n#include <mailhealth.h>\n"
                         + receiver.replace("static int", "int") + "int\nmain(void)\n{\n\treturn 0;\n}\n")
            judge = self.compile(folder, program)
            for text, code, title in (("v=DMARC1; p=reject; rua=mailto:a@example.org", 0, ""),
                                      ("v=DMARC1; p=none; rua=mailto:a@example.org", 0, "DMARC policy asks"),
                                      ("v=DMARC1 p=none", 1, "DMARC record with an error")):
                if not LIBRARY:
                    return
                done = subprocess.run([judge, text, "example.org"], stdout=subprocess.PIPE, timeout=60, check=False)
                self.assertEqual((done.returncode, done.stdout.decode()[:len(title)]), (code, title))

    def test_a_certificate(self):
        with open(os.path.join(TOP, "tests", "fuzz", "corpus", "tlsa", "text"), encoding="utf-8") as file:
            record, pem = re.match(r"(.*?)\n.*?(-----BEGIN.*)", file.read(), re.S).groups()
        with tempfile.TemporaryDirectory() as folder:
            path, program = os.path.join(folder, "example.c"), os.path.join(folder, "example")
            with open(path, "w", encoding="utf-8") as file:
                file.write(examples("mailhealth-chain.3"))
            command = [COMPILER, "-std=c17", "-Wall", "-Wextra", "-Werror", "-I" + os.path.join(TOP, "include"), path]
            how = ["-o", program, "-L" + LIBRARY, "-lmailhealth", "-Wl,-rpath," + LIBRARY] if LIBRARY else ["-fsyntax-only"]
            done = subprocess.run(command + how, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
            self.assertEqual((done.returncode, done.stdout.decode()), (0, ""))
            if not LIBRARY:
                return
            done = subprocess.run([program, "mx.example.org", record], input=pem.encode(), stdout=subprocess.PIPE,
                                  timeout=60, check=True)
            self.assertEqual(done.stdout.decode().splitlines(),
                             ["PKIX: fail, DANE: pass", record + ": match ", "publish: " + record])


if __name__ == "__main__":
    unittest.main()
