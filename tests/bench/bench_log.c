/* bench_log.c - log lines a second on one core, beside the floor that memory sets
 *
 *	bench_log
 *
 * Logs of some 64 MiB each, made by a seeded generator in memory: what a server
 * mostly writes, which is nothing to us, and deliveries of each MTA.  The floors
 * are a pass that only looks for line ends and a copy of the same octets.  Seven
 * rounds of each, alternating; the medians count.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "logline.h"

enum { ROUNDS = 7, SIZE = 64 * 1024 * 1024, LINE_ROOM = 2048 };

static volatile unsigned sink;

static double
now_s(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static unsigned
next_random(void)
{
	static unsigned seed = 20261126;
	seed = seed * 1664525u + 1013904223u;
	return seed >> 12;
}

/* What fills the logs; '#' is a digit, '%' an upper-case hexadecimal digit, '~' a letter. */
static const char *const noise[] = {
	"Nov 2# 0#:1#:2# mail postfix/qmgr[1###]: %%%%%%%%%%: removed",
	"Nov 2# 0#:1#:2# mail postfix/qmgr[1###]: %%%%%%%%%%: removed",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: connect from ~~~~~.example.net[192.0.2.1##]",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: connect from unknown[198.51.100.1##]",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: %%%%%%%%%%: client=~~~~~.example.net[192.0.2.1##]",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: disconnect from ~~~~~.example.net[192.0.2.1##] ehlo=2 "
	"starttls=1 "
	"mail=1 rcpt=1 data=1 quit=1 commands=7",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: disconnect from unknown[198.51.100.1##] ehlo=1 auth=0/1 "
	"commands=1/2",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: warning: unknown[198.51.100.1##]: SASL LOGIN "
	"authentication "
	"failed: UGFzc3dvcmQ6",
	"Nov 2# 0#:1#:2# mail postfix/smtpd[2####]: lost connection after AUTH from unknown[198.51.100.1##]",
	"Nov 2# 0#:1#:2# mail postfix/cleanup[3####]: %%%%%%%%%%: "
	"message-id=<20261120.%%%%%%%%@~~~~~~.example.net>",
	"Nov 2# 0#:1#:2# mail postfix/anvil[4####]: statistics: max connection rate 1/60s for "
	"(smtp:192.0.2.1##) at "
	"Nov 20 08:15:10",
	"Nov 2# 0#:1#:2# mail postfix/pickup[4####]: %%%%%%%%%%: uid=1000 from=<~~~~~>",
	"Nov 2# 0#:1#:2# mail dovecot: imap-login: Login: user=<~~~~~~@example.org>, method=PLAIN, "
	"rip=192.0.2.1##, "
	"lip=192.0.2.2, mpid=1####, TLS, session=<~~~~~~~~>",
	"Nov 2# 0#:1#:2# mail dovecot: lmtp(~~~~~~@example.org)<1####><~~~~~~~~>: "
	"msgid=<~~~~~~~@example.net>: saved "
	"mail to INBOX",
	"Nov 2# 0#:1#:2# mail dovecot: imap(~~~~~~@example.org)<1####><~~~~~~~~>: Disconnected: Logged out "
	"in=1## "
	"out=2### deleted=0 expunged=0 trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0",
	"Nov 2# 0#:1#:2# mail opendkim[9##]: %%%%%%%%%%: DKIM-Signature field added (s=mail, d=example.org)",
	"Nov 2# 0#:1#:2# mail postfix/scache[4####]: statistics: start interval Nov 20 08:10:00",
};

static const char *const deliveries[] = {
	"Nov 2# 0#:1#:2# mail postfix/smtp[2####]: %%%%%%%%%%: to=<~~~~~~@example.net>, relay=mx#.example.net"
	"[192.0.2.1##]:25, delay=1.#, delays=0.1/0.02/0.9/0.68, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued "
	"as "
	"%%%%%%%%%%)",
	"Nov 2# 0#:1#:2# mail postfix/lmtp[2####]: %%%%%%%%%%: to=<~~~~~~@example.org>, "
	"relay=mail.example.org"
	"[private/dovecot-lmtp], delay=0.1#, delays=0.04/0/0.02/0.08, dsn=2.0.0, status=sent (250 2.0.0 "
	"<~~~~~~@example.org> ~~~~~~~~ Saved)",
	"Nov 2# 0#:1#:2# mail postfix/smtp[2####]: %%%%%%%%%%: to=<~~~~~~@example.com>, "
	"orig_to=<~~~~@example.org>, "
	"relay=mx#.example.com[192.0.2.1##]:25, conn_use=2, delay=3.#, delays=0.1/0.02/0.9/0.68, dsn=5.7.1, "
	"status=bounced (host mx#.example.com[192.0.2.1##] said: 550-5.7.1 [192.0.2.2] This message was not "
	"accepted "
	"550-5.7.1 because its sender is not authenticated; see 550 5.7.1 https://example.com/help ~~~~~~~~ "
	"(in reply "
	"to end of DATA command))",
	"Nov 2# 0#:1#:2# mail postfix/smtp[2####]: %%%%%%%%%%: to=<~~~~~~@example.com>, relay=none, "
	"delay=63495, "
	"delays=63350/144/0/0, dsn=4.4.1, status=deferred (connect to mx.example.com[192.0.2.1##]:25: "
	"Connection timed "
	"out)",
	"2026-11-2# 0#:1#:2# 1r079E-0002E5-BE == ~~~~~~@example.net R=dnslookup T=remote_smtp defer (-44) "
	"H=mx#.example.net [192.0.2.1##]: SMTP error from remote mail server after RCPT "
	"TO:<~~~~~~@example.net>: 450 "
	"4.2.0 please try again in 30# seconds",
	"2026-11-2# 0#:1#:2# 1r079E-0002E5-BE => ~~~~~~@example.net R=dnslookup T=remote_smtp "
	"H=mx#.example.net "
	"[192.0.2.1##] X=TLS1.3:ECDHE_X25519__RSA_PSS_RSAE_SHA256__AES_256_GCM:256 CV=yes C=\"250 2.0.0 Ok: "
	"queued as "
	"%%%%%%%%%%\"",
	"Nov 2# 0#:1#:2# mail sm-mta[2####]: 4AK7FAqs02####: to=<~~~~~~@example.net>, "
	"ctladdr=<~~~~@example.org> "
	"(1000/1000), delay=00:00:02, xdelay=00:00:02, mailer=esmtp, pri=120344, relay=mx#.example.net. "
	"[192.0.2.1##], "
	"dsn=4.7.1, stat=Deferred: 421 4.7.1 try again later",
	"Nov 2# 0#:1#:2# mail smtpd[1####]: ff2edc179d4c712e mta delivery evpid=853a7037f262b76d "
	"from=<~~~~@example.org> to=<~~~~~~@example.net> rcpt=<-> source=\"192.0.2.9\" relay=\"192.0.2.1## "
	"(mx#.example.net)\" delay=2s result=\"PermFail\" stat=\"550 5.1.1 no such user\"",
	"@4000000065f1a2b30a1b2c3d delivery 1###: failure: "
	"192.0.2.1##_does_not_like_recipient./Remote_host_said:_550_"
	"5.1.1_no_such_user/Giving_up_on_192.0.2.1##./",
};

static size_t
put_line(char *to, const char *form)
{
	size_t n = 0;
	for (; *form != '\0'; form++) {
		char c = *form;
		if (c == '#')
			c = (char)('0' + next_random() % 10);
		else if (c == '%')
			c = "0123456789ABCDEF"[next_random() % 16];
		else if (c == '~')
			c = (char)('a' + next_random() % 26);
		to[n++] = c;
	}
	to[n++] = '\n';
	return n;
}

struct log {
	const char *name;
	char *p;
	size_t len, lines;
};

static void
make(struct log *log, const char *name, const char *const forms[], size_t count, const char *const others[],
    size_t other_count, unsigned one_in)
{
	log->name = name;
	log->lines = log->len = 0;
	log->p = malloc(SIZE);
	if (log->p == NULL)
		exit(70);
	while (log->len + LINE_ROOM < SIZE) {
		const char *form = one_in > 0 && next_random() % one_in == 0
		    ? others[next_random() % other_count]
		    : forms[next_random() % count];
		log->len += put_line(log->p + log->len, form);
		log->lines++;
	}
}

static double
read_all(const struct log *log, size_t *found)
{
	struct mh_logline line;
	const char *end = log->p + log->len;
	double start = now_s();
	*found = 0;
	for (const char *p = log->p; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		if (mh_logline_read(mh_str_n(p, (size_t)(stop - p)), &line)) {
			(*found)++;
			sink += line.event + (unsigned)line.text.len;
		}
		p = stop + 1;
	}
	return now_s() - start;
}

static double
cut_all(const struct log *log)
{
	const char *end = log->p + log->len;
	double start = now_s();
	for (const char *p = log->p; p < end;) {
		const char *stop = memchr(p, '\n', (size_t)(end - p));
		sink += (unsigned)(stop - p);
		p = stop + 1;
	}
	return now_s() - start;
}

static double
copy_all(const struct log *log, char *to)
{
	double start = now_s();
	for (size_t at = 0; at < log->len; at += 65536)
		memcpy(to + at % (1024 * 1024), log->p + at, log->len - at < 65536 ? log->len - at : 65536);
	sink += (unsigned char)to[next_random() % 65536];
	return now_s() - start;
}

static int
by_size(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;
	return (left > right) - (left < right);
}

static double
median(double times[ROUNDS])
{
	qsort(times, ROUNDS, sizeof(times[0]), by_size);
	return times[ROUNDS / 2];
}

static void
measure(const struct log *log)
{
	double reads[ROUNDS], cuts[ROUNDS], copies[ROUNDS];
	size_t found = 0;
	char *to = malloc(1024 * 1024 + 65536);
	if (to == NULL)
		exit(70);
	for (int i = 0; i < ROUNDS; i++) {
		reads[i] = read_all(log, &found);
		cuts[i] = cut_all(log);
		copies[i] = copy_all(log, to);
	}
	double read = median(reads), cut = median(cuts), copy = median(copies);
	printf("%-22s %8zu lines of %3zu octets, %5.1f %% tell something: %6.2f million lines/s, %5.0f ns a "
	       "line; "
	       "line ends alone %6.2f million/s, copy %5.1f GiB/s, read %5.2f GiB/s\n",
	    log->name, log->lines, log->len / log->lines, 100.0 * (double)found / (double)log->lines,
	    (double)log->lines / read / 1e6, read / (double)log->lines * 1e9, (double)log->lines / cut / 1e6,
	    (double)log->len / copy / (1 << 30), (double)log->len / read / (1 << 30));
	free(to);
}

int
main(void)
{
	static const char *const mtas[] = { "", "postfix", "sendmail", "exim", "opensmtpd", "qmail" };
	struct log log;
	make(&log, "nothing to us", noise, MH_COUNT(noise), NULL, 0, 0);
	measure(&log);
	free(log.p);
	make(&log, "one in five tells", noise, MH_COUNT(noise), deliveries, 4, 5);
	measure(&log);
	free(log.p);
	static const size_t first[] = { 0, 0, 6, 4, 7, 8 }, count[] = { MH_COUNT(deliveries), 4, 1, 2, 1, 1 };
	for (size_t i = 0; i < MH_COUNT(mtas); i++) {
		char name[64];
		(void)snprintf(name, sizeof(name), "deliveries %s", mtas[i]);
		make(&log, name, deliveries + first[i], count[i], NULL, 0, 0);
		measure(&log);
		free(log.p);
	}
	return 0;
}
