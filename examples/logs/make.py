#!/usr/bin/env python3
"""Writes postfix.log and sendmail.log beside itself: two small servers that do not exist.

Both have the troubles that small servers have.  The same every time; the addresses
are those of documentation (RFC 5737) and of example domains (RFC 2606, RFC 6761).
"""
import datetime
import pathlib
import random

HERE = pathlib.Path(__file__).resolve().parent
OURS = "192.0.2.25"
BT = ("mx.bt.lon5.cpcloud.co.uk", "203.0.113.20")
GMAIL = ("gmail-smtp-in.l.google.com", "203.0.113.26")
OUTLOOK = ("example-com.mail.protection.outlook.com", "203.0.113.36")
GREY = ("mx.greylist.example", "198.51.100.7")
PLAIN = ("mail.example.org", "198.51.100.10")

NAMES = "anna ben carla david ella frank greta henry ida jack karin liam mia noah olga paul rita sam tina ulla".split()

BT_SPAM = (
    "554 Message rejected on {date} GMT, policy (3.2.1.1) ID ({id:016X}) - Your message looks like SPAM or has been "
    "reported as SPAM please read https://www.bt.com/bulksender"
)
BLOCKLIST_1 = (
    f"550 5.7.1 Service unavailable, Client host [{OURS}] blocked using Blocklist 1; To request removal from this list "
    "please visit https://sender.office.com/ (S3150) [BL02EPF0001A0F9.eop.example]"
)
UNAUTHENTICATED = (
    "550-5.7.26 Your email has been blocked because the sender is unauthenticated. 550-5.7.26 Gmail requires all senders "
    "to authenticate with either SPF or DKIM. 550-5.7.26  550-5.7.26  Authentication results: 550-5.7.26  DKIM = did not "
    f"pass 550-5.7.26  SPF [{{domain}}] with ip: [{OURS}] = did not pass 550-5.7.26  550-5.7.26  For instructions on "
    "setting up authentication, go to 550 5.7.26  https://support.google.com/mail/answer/81126#authentication {id:x}.41 - "
    "gsmtp"
)
GREYLISTED = "450 4.2.0 <{to}>: Recipient address rejected: Greylisted, come back in 5 minutes"
NO_MAILBOX = "550 5.1.1 <{to}>: Recipient address rejected: User unknown in virtual mailbox table"


def age(delta):
    """a delay as Sendmail writes it: 1+02:03:04"""
    seconds = delta.seconds
    days = f"{delta.days}+" if delta.days > 0 else ""
    return f"{days}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


class Log:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lines = []

    def at(self, time, text):
        self.lines.append((time, len(self.lines), text))

    def write(self, name, stamp):
        text = "".join(f"{stamp(time)} {line}\n" for time, _, line in sorted(self.lines))
        (HERE / name).write_text(text, encoding="ascii")


class Postfix(Log):
    """a web shop's server, which also forwards for a club"""

    def message(self, time, sender, recipients, size=None):
        """recipients: (to, orig_to, relay, dsn, status, said, phase)"""
        queue_id = "".join(self.random.choice("BCDFGHJKLMNPQRSTVWXYZ") for _ in range(4)) + f"{self.random.randrange(16**6):06X}"
        second = datetime.timedelta(seconds=1)
        self.at(time, f"mail postfix/qmgr[871]: {queue_id}: from=<{sender}>, size={size or self.random.randrange(1500, 90000)}, nrcpt={len(recipients)} (queue active)")
        for n, recipient in enumerate(recipients):
            self.delivery(time + second * (n + 1), queue_id, *recipient)
        self.at(time + second * (len(recipients) + 1), f"mail postfix/qmgr[871]: {queue_id}: removed")
        return queue_id

    def delivery(self, time, queue_id, to, orig_to, relay, dsn, status, said, phase, delay=None):
        delay = delay or self.random.randrange(5, 40) / 10
        host = f"{relay[0]}[{relay[1]}]"
        text = said.format(to=to, date=time.strftime("%Y/%m/%d %H:%M:%S"), id=self.random.randrange(16**16), domain="club.example")
        if status != "sent":
            text = f"host {host} said: {text} (in reply to {phase} command)"
        original = f" orig_to=<{orig_to}>," if orig_to else ""
        self.at(time, f"mail postfix/smtp[{self.random.randrange(2000, 9000)}]: {queue_id}: to=<{to}>,{original} relay={host}:25, delay={delay}, "
                f"delays=0.1/0/{delay / 2:.2g}/{delay / 2:.2g}, dsn={dsn}, status={status} ({text})")

    def sent(self, to, relay=PLAIN, orig_to=""):
        return (to, orig_to, relay, "2.0.0", "sent", "250 2.0.0 OK: queued as {id:016X}", "")

    def fill(self):
        choice, between = self.random.choice, self.random.randrange
        for day in range(17, 23):
            begin = datetime.datetime(2026, 11, day)
            when = lambda hour: begin + datetime.timedelta(seconds=hour * 3600 + between(3600))
            for _ in range(8):  # ordinary days
                relay = choice((PLAIN, GMAIL, OUTLOOK, BT))
                if relay is OUTLOOK and day >= 20:
                    relay = PLAIN
                self.message(when(between(6, 22)), "shop@shop.example", [self.sent(f"{choice(NAMES)}@example.org", relay)])
            if day >= 19:  # a newsletter that BT's filter knows
                for _ in range(3):
                    self.message(when(9), "news@shop.example", [(f"{choice(NAMES)}@example.net", "", BT, "5.0.0", "bounced", BT_SPAM, "end of DATA")])
            if day >= 20:  # the address gets on a list
                for _ in range(4):
                    self.message(when(between(8, 20)), "shop@shop.example", [(f"{choice(NAMES)}@example.com", "", OUTLOOK, "5.7.1", "bounced", BLOCKLIST_1, "MAIL FROM")])
            for _ in range(2):  # forwarded for a friend, as the club's mail goes to his Gmail
                self.message(when(between(7, 23)), f"bounce-{between(1000, 9999)}@list.example", [("friend@example.net", "tom@club.example", GMAIL, "5.7.26", "bounced", UNAUTHENTICATED, "end of DATA")])
            if day in (18, 21):  # our own domain without a signature
                self.message(when(11), "web@club.example", [("rita@example.net", "", GMAIL, "5.7.26", "bounced", UNAUTHENTICATED, "end of DATA")])
            time = when(13)  # greylisting: first put off, then taken
            to = f"{choice(NAMES)}@greylist.example"
            queue_id = self.message(time, "shop@shop.example", [(to, "", GREY, "4.2.0", "deferred", GREYLISTED, "RCPT TO")])
            self.lines.pop()
            self.at(time + datetime.timedelta(seconds=601), f"mail postfix/qmgr[871]: {queue_id}: from=<shop@shop.example>, size=2210, nrcpt=1 (queue active)")
            self.delivery(time + datetime.timedelta(seconds=602), queue_id, *self.sent(to, GREY), delay=602.1)
            self.at(time + datetime.timedelta(seconds=603), f"mail postfix/qmgr[871]: {queue_id}: removed")
            self.message(when(15), "shop@shop.example", [(f"{choice(NAMES)}.old@example.org", "", PLAIN, "5.1.1", "bounced", NO_MAILBOX, "RCPT TO")])
            client = f"unknown[198.51.100.{between(100, 200)}]"
            time = when(3)
            self.at(time, f"mail postfix/smtpd[3120]: connect from {client}")
            self.at(time, f"mail postfix/smtpd[3120]: NOQUEUE: reject: RCPT from {client}: 554 5.7.1 <x@example.org>: Relay access denied; from=<y@example.com> to=<x@example.org> proto=ESMTP helo=<client>")
            self.at(time, f"mail postfix/smtpd[3120]: disconnect from {client} ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")


class Sendmail(Log):
    """a society's server, whose newsletter is too much for BT"""

    def line(self, time, text, program="sm-mta"):
        self.at(time, f"mail {program}[{self.random.randrange(3000, 30000)}]: {text}")

    def queue_id(self, time):
        letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
        return f"6{letters[time.month - 1]}{letters[time.day]}{letters[time.hour]}{time.minute:02d}{self.random.choice(letters)}{self.random.choice(letters)}{self.random.randrange(10**6):06d}"

    def sender(self, time, queue_id, sender, count):
        self.line(time, f"{queue_id}: from=<{sender}>, size={self.random.randrange(1500, 60000)}, class=0, nrcpts={count}, msgid=<{queue_id}@mail.society.example>, proto=ESMTP, daemon=MTA, relay=localhost [127.0.0.1]")

    def delivery(self, time, queue_id, to, relay, dsn, stat, delay="00:00:02"):
        self.line(time, f"{queue_id}: to=<{to}>, delay={delay}, xdelay=00:00:01, mailer=esmtp, pri={self.random.randrange(30000, 400000)}, relay={relay[0]}. [{relay[1]}], dsn={dsn}, stat={stat}")

    def fill(self):
        choice, between = self.random.choice, self.random.randrange
        readers = [f"{name}.{n}@example.net" for n in (1, 2, 3) for name in NAMES]
        waiting = []  # (queue id, recipient, begin) of what BT put off the day before
        # day, hour, recipients, seconds between two of them: whatever these are, about 49 are taken
        for day, hour, count, pace in ((16, 8, 54, 45), (17, 11, 50, 20), (18, 7, 49, 80), (19, 14, 48, 30), (20, 9, 50, 60)):
            begin = datetime.datetime(2026, 11, day, hour, between(60), between(60))
            queue_id = self.queue_id(begin)
            self.sender(begin, queue_id, "news@society.example", count)
            left, time = 49 - (day == 18), begin
            todo = waiting + [(queue_id, to, begin) for to in readers[:count]]
            waiting = todo[left:]
            for queue_id, to, since in todo[:left]:
                time += datetime.timedelta(seconds=between(pace // 2, pace * 3 // 2))
                self.delivery(time, queue_id, to, BT, "2.0.0", f"Sent (250 2.0.0 Ok: queued as {between(16**12):012X})", age(time - since))
            for later in (0, 3, 7):  # hours; the queue is run again, and nothing more is taken that day
                time += datetime.timedelta(hours=later)
                for queue_id, to, since in waiting:
                    time += datetime.timedelta(seconds=between(pace // 2, pace * 3 // 2))
                    self.delivery(time, queue_id, to, BT, "4.0.0", f"Deferred: 421 Too many messages (1.5.2.1) from {OURS}", age(time - since))
            for _ in range(4):
                time = datetime.datetime(2026, 11, day, between(10, 22), between(60), between(60))
                queue_id = self.queue_id(time)
                self.sender(time, queue_id, "office@society.example", 1)
                self.delivery(time + datetime.timedelta(seconds=2), queue_id, f"{choice(NAMES)}@example.org", choice((PLAIN, GMAIL)), "2.0.0", "Sent (250 OK)")
            for _ in range(2):  # old phones and printers meet a server without their ciphers
                time = datetime.datetime(2026, 11, day, between(1, 23), between(60), between(60))
                self.line(time, f"STARTTLS=server, error: accept failed=-1, reason=no shared cipher, SSL_error=1, errno=0, retry=-1, relay=printer.example.org [198.51.100.77]")
            time = datetime.datetime(2026, 11, day, 14, between(60), between(60))
            queue_id = self.queue_id(time)
            self.sender(time, queue_id, "office@society.example", 1)
            self.delivery(time + datetime.timedelta(seconds=1), queue_id, f"{choice(NAMES)}.gone@example.org", PLAIN, "5.1.1", "User unknown")


def main():
    postfix, sendmail = Postfix(25), Sendmail(49)
    postfix.fill()
    sendmail.fill()
    postfix.write("postfix.log", lambda time: time.isoformat() + ".000000+00:00")
    sendmail.write("sendmail.log", lambda time: f"{time:%b} {time.day:2d} {time:%H:%M:%S}")


if __name__ == "__main__":
    main()
