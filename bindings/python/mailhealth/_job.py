"""Checks as jobs, and who answers them: loops, zone files, recordings, resolvers of your own."""
from __future__ import annotations

from . import _signatures as S
from ._core import InvalidError, _Handle, _context, _findings_of, _octets, _raise, _seconds, _string
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any, Iterable, Iterator, Union

    from ._core import Context, Octets
    from ._dialogue import Dialogue
    from ._types import Finding

    Record = Union[str, bytes]


# ------------------------------------------------- what a resolver may raise

class DnsFailure(Exception):
    """Raise it from a resolver of your own: nothing could be learnt.  A result, never
    an error of the check."""

    rcode = S.UNKNOWN
    flags = S.ANSWER_FAILED


class NxDomain(DnsFailure):
    """There is no such name."""

    rcode, flags = 3, 0


class ServFail(DnsFailure):
    """The server failed."""

    rcode, flags = 2, 0


class Refused(DnsFailure):
    """The server refused to answer."""

    rcode, flags = 5, 0


class DnsTimeout(DnsFailure):
    """No server answered in time."""

    flags = S.ANSWER_TIMEOUT


class Truncated(DnsFailure):
    """The answer was cut short."""

    flags = S.ANSWER_TRUNCATED


class Bogus(DnsFailure):
    """DNSSEC validation failed."""

    flags = S.ANSWER_BOGUS


class CannotAsk(DnsFailure):
    """This resolver cannot ask for that type."""

    flags = S.ANSWER_CANNOT_ASK


# -------------------------------------------------------- zones and recordings

def _path(path: Any) -> bytes:
    import os
    octets: bytes = os.fsencode(path)
    if b"\0" in octets:
        raise InvalidError(S.EINVAL, "NUL in path")
    return octets


def _counted(code: int) -> int:
    if code < 0:
        _raise(code)
    return code


class Zone(_Handle):
    """Zone files that answer instead of DNS.

    What is wrong with a file is in findings(); its other lines count."""

    __slots__ = ()
    _free = C.mh_zone_free

    def __init__(self, text: Octets = b"", origin: str = "", *, name: str = "zone",
                 context: Context | None = None) -> None:
        super().__init__(C.mh_zone_new(_context(context)._handle))
        if text:
            self.add(text, origin, name=name)

    def add(self, text: Octets, origin: str = "", *, name: str = "zone") -> None:
        """A master file (RFC 1035 5).  origin: where relative names hang, "" for none;
        name is for messages."""
        octets = _octets(text)
        code = C.mh_zone_add(self._handle, _string(name, "name"), _string(origin, "origin"), octets,
                             len(octets))
        if code:
            _raise(code)

    def add_file(self, path: str | PathLike[str], origin: str = "") -> None:
        """The same from a file."""
        code = C.mh_zone_add_file(self._handle, _path(path), _string(origin, "origin"))
        if code:
            _raise(code, "cannot read %s" % path if code == S.EIO else "")

    def __len__(self) -> int:
        """How many records there are."""
        count: int = C.mh_zone_count(self._handle)
        return count

    def mail_names(self) -> list[str]:
        """The domains in the files that mail is sent from or to: where a zone begins, and
        names with MX, an SPF record, or a DMARC record below."""
        names: list[str] = []
        i = 0
        while name := C.mh_zone_name(self._handle, i).decode():
            if C.mh_zone_is_for_mail(self._handle, i):
                names.append(name)
            i += 1
        return names

    def findings(self) -> list[Finding]:
        """What is wrong with the files; subject is NAME:LINE."""
        return _findings_of(C.mh_zone_report(self._handle))

    def answer(self, job: Job, overlay: bool = False) -> int:
        """Answers the questions of a job that it can; how many.  overlay: names outside
        the zones are left to others instead of being unknown."""
        return _counted(C.mh_zone_answer(self._handle, job._handle, int(overlay)))


class World(_Handle):
    """A recording (mailhealth-world(5)) that answers instead of DNS."""

    __slots__ = ()
    _free = C.mh_world_free

    def __init__(self, text: Octets = b"", *, name: str = "world", context: Context | None = None) -> None:
        super().__init__(C.mh_world_new(_context(context)._handle))
        if text:
            self.add(text, name=name)

    def add(self, text: Octets, *, name: str = "world") -> None:
        """What Job.world gave, or somebody wrote by hand; name is for messages."""
        octets = _octets(text)
        code = C.mh_world_add(self._handle, _string(name, "name"), octets, len(octets))
        if code:
            _raise(code)

    def add_file(self, path: str | PathLike[str]) -> None:
        """The same from a file."""
        code = C.mh_world_add_file(self._handle, _path(path))
        if code:
            _raise(code, "cannot read %s" % path if code == S.EIO else "")

    def findings(self) -> list[Finding]:
        """Lines that could not be read; subject is NAME:LINE."""
        return _findings_of(C.mh_world_report(self._handle))

    def option(self, name: str) -> str:
        """An option of the job that was recorded: ip, sender, helo, ...; "" if it had none."""
        value: str = C.mh_world_str(self._handle, _string(name, "name")).decode()
        return value

    def answer(self, job: Job) -> int:
        """Answers the questions of a job; those that it does not have are unknown."""
        return _counted(C.mh_world_answer(self._handle, job._handle))


# ------------------------------------------------------------------------ jobs

class Ask:
    """One question of a job: number, name (without a dot at the end), type ("TXT"; "STREAM" is a Dialogue)."""

    __slots__ = ("number", "name", "type")

    def __init__(self, number: int, name: str, type: str) -> None:
        self.number = number
        self.name = name
        self.type = type

    def __repr__(self) -> str:
        return "Ask(%d, %r, %r)" % (self.number, self.name, self.type)


class Answer:
    """What is known of a question.

    state is present, nodata, nxdomain or unknown, "" if it was not answered; why tells
    of what is unknown (timeout, servfail, ...); records are in presentation form (RFC
    1035 5.1); secure is yes, no, bogus or unknown."""

    __slots__ = ("name", "type", "state", "why", "records", "server", "ttl", "rtt_us", "rcode", "ede",
                 "ede_text", "secure")

    name: str
    type: str
    state: str
    why: str
    records: list[str]
    server: str
    ttl: int | None
    rtt_us: int | None
    rcode: int | None
    ede: int | None
    ede_text: str
    secure: str

    def __repr__(self) -> str:
        return "Answer(%r, %r, %r, %r)" % (self.name, self.type, self.state or "missing", self.records)


_ANSWER_TEXTS = (("name", S.ASK_NAME), ("type", S.ASK_TYPE_NAME), ("state", S.ASK_STATE_NAME),
                 ("why", S.ASK_WHY), ("server", S.ASK_SERVER), ("ede_text", S.ASK_EDE_TEXT),
                 ("secure", S.ASK_SECURE))
_ANSWER_NUMBERS = (("ttl", S.ASK_TTL), ("rtt_us", S.ASK_RTT_US), ("rcode", S.ASK_RCODE), ("ede", S.ASK_EDE))


def _text(field: int, doc: str) -> str:
    return property(lambda self: C.mh_job_str(self._handle, field).decode(), doc=doc)  # type: ignore


def _number(field: int, doc: str) -> int | None:
    def get(self: Any) -> int | None:
        value: int = C.mh_job_int(self._handle, field)
        return None if value == S.UNKNOWN else value
    return property(get, doc=doc)  # type: ignore


_TEXTS = {"ip": S.OPT_IP, "sender": S.OPT_SENDER, "helo": S.OPT_HELO, "domain": S.OPT_DOMAIN,
          "receiver": S.OPT_RECEIVER, "rules": S.OPT_RULES, "profiles": S.OPT_PROFILES,
          "host": S.OPT_HOST, "name": S.OPT_NAME, "mode": S.OPT_MODE, "tlsa": S.OPT_TLSA,
          "certificate": S.OPT_CERTIFICATE, "policy": S.OPT_POLICY,
          "selector": S.OPT_SELECTOR, "private_key": S.OPT_PRIVATE_KEY, "list_key": S.OPT_LIST_KEY,
          "sts_id_before": S.OPT_STS_ID_BEFORE, "policy_before": S.OPT_POLICY_BEFORE,
          "receivers": S.OPT_RECEIVERS, "author": S.OPT_FROM, "report_domain": S.OPT_REPORT_DOMAIN}
_NUMBERS = {"now": S.OPT_NOW, "lint": S.OPT_LINT, "explain": S.OPT_EXPLAIN,
            "term_limit": S.OPT_TERM_LIMIT, "void_limit": S.OPT_VOID_LIMIT, "voids": S.OPT_VOIDS,
            "asks": S.OPT_ASKS, "timeout": S.OPT_TIME_LIMIT_MS, "port": S.OPT_PORT,
            "max_connections": S.OPT_MAX_CONNECTIONS, "full": S.OPT_FULL, "inject": S.OPT_INJECT,
            "look_up_tlsa": S.OPT_LOOK_UP_TLSA, "https_port": S.OPT_HTTPS_PORT,
            "look_up_names": S.OPT_LOOK_UP_NAMES, "relay": S.OPT_RELAY, "resumes": S.OPT_RESUMES,
            "allow_private": S.OPT_ALLOW_PRIVATE, "lists": S.OPT_LISTS, "guess": S.OPT_GUESS,
            "fetch": S.OPT_FETCH}
_VOIDS = {"per-term": S.VOIDS_PER_TERM, "per-query": S.VOIDS_PER_QUERY,
          "both-families": S.VOIDS_BOTH_FAMILIES}


class Job(_Handle):
    """A check of SPF (RFC 7208) that never waits: step() until it gives True, and in
    between answer what asks() gives.

    ip         address of the client that sends; "" looks at the records alone
    sender     MAIL FROM without <>; "" is the null sender
    helo       what the client says in HELO or EHLO
    domain     to look at, where it is not the sender's
    receiver   the host that checks, for explanations and header fields
    rules      whose rules give the verdict: a name of profiles()
    profiles   names of profiles that judge as well, or "all"
    lint       True looks at all records and says what is wrong with them
    explain    False leaves out the explanation of a fail
    voids      "per-term" (default), "per-query", "both-families"
    timeout    seconds for all of it; None: no limit
    Others are numbers of RFC 7208 4.6.4 and the most questions that may be asked.

    Errors: ValueError for what cannot be, such as an address that is none."""

    __slots__ = ("_loop", "_context")
    _free = C.mh_job_free

    def __init__(self, *, ip: str = "", sender: str = "", helo: str = "", domain: str = "",
                 receiver: str = "", rules: str = "", profiles: str | Iterable[str] = (),
                 lint: bool = False, explain: bool = True, now: float | None = None,
                 term_limit: int | None = None, void_limit: int | None = None,
                 voids: str | None = None, asks: int | None = None, timeout: float | None = 20.0,
                 context: Context | None = None) -> None:
        self._begin(_context(context), S.CHECK_SPF)
        if voids is not None and voids not in _VOIDS:
            raise InvalidError(S.EINVAL, "voids cannot be %r" % (voids,))
        self._set(
            ip=ip, sender=sender, helo=helo, domain=domain, receiver=receiver, rules=rules,
            profiles=profiles if isinstance(profiles, str) else " ".join(profiles),
            lint=int(lint), explain=int(explain), term_limit=term_limit, void_limit=void_limit,
            voids=None if voids is None else _VOIDS[voids], asks=asks,
            now=None if now is None else _seconds(now, "now"),
            timeout=-1 if timeout is None else max(0, int(timeout * 1000)))

    def _begin(self, context: Context, check: int) -> None:
        self._context = context
        self._loop: Loop | None = None
        super().__init__(C.mh_job_new(context._handle, check))

    def _set(self, **options: Any) -> None:
        for key, value in options.items():
            if value is None or value == "":
                continue
            if key in _TEXTS:
                code = C.mh_job_set_str(self._handle, _TEXTS[key], _string(value, key))
            else:
                code = C.mh_job_set_int(self._handle, _NUMBERS[key], value)
            if code:
                _raise(code, "%s cannot be %r" % (key, value) if code == S.EINVAL else "")

    def use_world(self, world: World) -> None:
        """Options, times and answers are those of a recording; before the first step."""
        code = C.mh_job_use_world(self._handle, world._handle)
        if code:
            _raise(code)

    def reset(self) -> None:
        """Before the first step again; what was answered is forgotten."""
        code = C.mh_job_reset(self._handle)
        if code:
            _raise(code)

    def close(self) -> None:
        """Cancels it, and gives its memory back."""
        try:
            loop = self._loop
            if loop is not None:
                loop.remove(self)
        except (AttributeError, ValueError):
            pass
        super().close()

    __del__ = close

    # ---- running

    def step(self, now_ms: float | None = None) -> bool:
        """Goes on as far as it can; True: it is done.  now_ms: any clock that does not go
        back, time.monotonic() * 1000 by default."""
        if now_ms is None:
            import time
            now_ms = time.monotonic() * 1000
        code: int = C.mh_job_step(self._handle, int(now_ms))
        if code < 0:
            _raise(code)
        return code == S.DONE

    def timeout(self, now_ms: float) -> float | None:
        """Seconds until step() is wanted though nothing was answered; None: never."""
        value: int = C.mh_job_timeout(self._handle, int(now_ms))
        return None if value < 0 else value / 1000

    def run(self, timeout: float | None = None) -> None:
        """Waits until it is done, by the built-in resolver with its default settings."""
        code = C.mh_job_run(self._handle, -1 if timeout is None else int(timeout * 1000))
        if code < 0:
            _raise(code)

    def asks(self) -> Iterator[Ask]:
        """Questions that nobody was given yet."""
        while True:
            number: int = C.mh_job_next_ask(self._handle)
            if number <= 0:
                return
            yield Ask(number, C.mh_job_ask_str(self._handle, number, S.ASK_NAME).decode(),
                      C.mh_job_ask_str(self._handle, number, S.ASK_TYPE_NAME).decode())

    def want(self, name: str, type: int) -> int:
        """One more question, for the caller; its number."""
        return _counted(C.mh_job_want(self._handle, _string(name, "name"), type))

    # ---- answers: False means late, double, foreign or unfit, and then nothing has changed

    def answer(self, ask: Ask | int, records: Iterable[Record] | None = (), *, ttl: int | None = None,
               server: str = "", secure: bool | None = None, rcode: int = 0) -> bool:
        """All records of an answer: text as resolvers give it (TXT: its joined text, MX:
        "10 mx.example.org"), bytes where text is not UTF-8; none: the type is not there.
        With a record that is none of that type the answer counts as failed."""
        number = ask if isinstance(ask, int) else ask.number
        for record in records or ():
            octets = _octets(record)
            if not self._took(C.mh_job_answer_text(self._handle, number, octets, len(octets))):
                # what else there is must not stand for all of it
                return self._took(C.mh_job_answer_end(self._handle, number, 0, S.ANSWER_FAILED))
        if ttl is not None:
            self._took(C.mh_job_answer_int(self._handle, number, S.ASK_TTL, ttl))
        if server:
            self._took(C.mh_job_answer_str(self._handle, number, S.ASK_SERVER, _string(server, "server")))
        flags = 0 if secure is None else S.ANSWER_SECURE if secure else S.ANSWER_INSECURE
        return self._took(C.mh_job_answer_end(self._handle, number, rcode, flags))

    def answer_rdata(self, ask: Ask | int, records: Iterable[bytes], *, rcode: int = 0) -> bool:
        """The same with rdata in wire form, names uncompressed."""
        number = ask if isinstance(ask, int) else ask.number
        for rdata in records:
            if not self._took(C.mh_job_answer_rr(self._handle, number, rdata, len(rdata))):
                return False
        return self._took(C.mh_job_answer_end(self._handle, number, rcode, 0))

    def answer_wire(self, ask: Ask | int, message: bytes, flags: int = 0) -> bool:
        """A whole DNS message."""
        number = ask if isinstance(ask, int) else ask.number
        return self._took(C.mh_job_answer_wire(self._handle, number, message, len(message), flags))

    def fail(self, ask: Ask | int, failure: DnsFailure | type[DnsFailure] = DnsFailure) -> bool:
        """No answer: NxDomain, ServFail, DnsTimeout, ... say why."""
        number = ask if isinstance(ask, int) else ask.number
        return self._took(C.mh_job_answer_end(self._handle, number, failure.rcode, failure.flags))

    def answer_dialogue(self, ask: Ask | int, dialogue: Dialogue) -> bool:
        """A Dialogue that is done, for a question of type "STREAM"."""
        number = ask if isinstance(ask, int) else ask.number
        return self._took(C.mh_job_answer_dialogue(self._handle, number, dialogue._handle))

    def _took(self, code: int) -> bool:
        if code == S.ENOMEM:
            _raise(code)
        return code == S.OK

    # ---- what came out

    result = _text(S.JOB_RESULT, "none, neutral, pass, fail, softfail, temperror, permerror (RFC 7208 2.6)")
    explanation = _text(S.JOB_EXPLANATION, "of a fail (RFC 7208 6.2)")
    matched = _text(S.JOB_MATCHED, "the term of the domain's own record that decided")
    matched_domain = _text(S.JOB_MATCHED_DOMAIN, "whose record has the term that names the address")
    matched_term = _text(S.JOB_MATCHED_TERM, "that term")
    problem = _text(S.JOB_PROBLEM, "id of the finding behind temperror or permerror")
    health = _text(S.JOB_HEALTH, "pass, info, warn, fail, unknown")
    domain = _text(S.JOB_DOMAIN, "that was looked at")
    sender = _text(S.JOB_SENDER, "as used; postmaster@helo for the null sender")
    received_spf = _text(S.JOB_RECEIVED_SPF, "a header field (RFC 7208 9.1)")
    authres = _text(S.JOB_AUTHRES, "for Authentication-Results (RFC 8601)")
    lookups = _number(S.JOB_LOOKUPS, "terms counted (RFC 7208 4.6.4)")
    voids = _number(S.JOB_VOIDS, "lookups that found nothing")
    queries = _number(S.JOB_QUERIES, "questions asked")
    rounds = _number(S.JOB_ROUNDS, "how deep they depend on each other")
    elapsed_ms = _number(S.JOB_ELAPSED_MS, "from the first step to the last")

    @property
    def json_text(self) -> str:
        """All of it as JSON; "" until it is done."""
        text: str = C.mh_job_json(self._handle).decode()
        return text

    @property
    def world(self) -> str:
        """Options, questions and answers, for World."""
        text: str = C.mh_job_world(self._handle).decode()
        return text

    def json(self) -> dict[str, Any]:
        """All of it; {} until it is done."""
        import json
        text = C.mh_job_json(self._handle)
        value: dict[str, Any] = json.loads(text) if text else {}
        return value

    def findings(self) -> list[Finding]:
        """What is wrong, worst first."""
        report = C.mh_job_report(self._handle)
        return _findings_of(report) if report else []

    def add_opinion(self, by: str, result: str, why: str = "") -> None:
        """What somebody else makes of the same question."""
        code = C.mh_job_add_opinion(self._handle, _string(by, "by"), _string(result, "result"),
                                    _string(why, "why"))
        if code:
            _raise(code)

    def answers(self) -> list[Answer]:
        """All questions and what is known of them."""
        out = []
        for number in range(1, C.mh_job_ask_count(self._handle) + 1):
            answer = Answer()
            for key, field in _ANSWER_TEXTS:
                setattr(answer, key, C.mh_job_ask_str(self._handle, number, field).decode())
            for key, field in _ANSWER_NUMBERS:
                value = C.mh_job_ask_int(self._handle, number, field)
                setattr(answer, key, None if value == S.UNKNOWN else value)
            answer.records = [C.mh_job_ask_text(self._handle, number, i).decode()
                              for i in range(C.mh_job_ask_int(self._handle, number, S.ASK_RECORDS))]
            out.append(answer)
        return out


# ----------------------------------------------------------------------- loops

class Loop(_Handle):
    """The built-in resolver, for any number of jobs at once.

    resolver   servers, "192.0.2.1 [2001:db8::1]:5353"; "": those of /etc/resolv.conf
    trust_ad   whether their AD bit is believed; None: of those on loopback
    zones      Zones that are asked first; overlay: the rest comes from DNS, else it is unknown
    world      a World that is asked first
    try_ms, tries, cache_octets, in_flight: see mailhealth-job(3)"""

    __slots__ = ("_jobs", "_context")
    _free = C.mh_loop_free

    def __init__(self, resolver: str = "", *, trust_ad: bool | None = None, try_ms: int | None = None,
                 tries: int | None = None, cache_octets: int | None = None,
                 in_flight: int | None = None, offline: bool = False,
                 zones: Zone | Iterable[Zone] = (), overlay: bool = False, world: World | None = None,
                 context: Context | None = None) -> None:
        self._context = _context(context)
        self._jobs: dict[int, Job] = {}
        super().__init__(C.mh_loop_new(self._context._handle))
        if resolver:
            code = C.mh_loop_set_str(self._handle, S.OPT_RESOLVER, _string(resolver, "resolver"))
            if code:
                _raise(code, "resolver cannot be %r" % resolver if code == S.EINVAL else "")
        for option, value in ((S.OPT_TRUST_AD, None if trust_ad is None else int(trust_ad)),
                              (S.OPT_TRY_MS, try_ms), (S.OPT_TRIES, tries),
                              (S.OPT_CACHE_OCTETS, cache_octets), (S.OPT_IN_FLIGHT, in_flight),
                              (S.OPT_OFFLINE, int(offline))):
            if value is None:
                continue
            code = C.mh_loop_set_int(self._handle, option, value)
            if code:
                _raise(code)
        for zone in (zones,) if isinstance(zones, Zone) else zones:
            code = C.mh_loop_use_zone(self._handle, zone._handle, int(overlay))
            if code:
                _raise(code)
        if world is not None:
            code = C.mh_loop_use_world(self._handle, world._handle)
            if code:
                _raise(code)

    def close(self) -> None:
        """Its jobs are yours again, as far as they came."""
        try:
            for job in self._jobs.values():
                job._loop = None
            self._jobs.clear()
        except (AttributeError, ValueError):
            pass
        super().close()

    __del__ = close

    def add(self, job: Job) -> None:
        """The loop asks and steps the job until done() gives it back."""
        code = C.mh_loop_add(self._handle, job._handle)
        if code:
            _raise(code)
        self._jobs[job._handle.value] = job
        job._loop = self

    def remove(self, job: Job) -> None:
        """Takes it out, as far as it came."""
        if job._loop is self:
            self._jobs.pop(job._handle.value, None)
            job._loop = None
            C.mh_loop_remove(self._handle, job._handle)

    def __len__(self) -> int:
        return len(self._jobs)

    def __bool__(self) -> bool:
        return True

    def fileno(self) -> int:
        """A descriptor that is readable when step() has something to do."""
        return _counted(C.mh_loop_fd(self._handle))

    def timeout(self) -> float | None:
        """Seconds until step() is wanted whatever comes; None: never."""
        value: int = C.mh_loop_timeout(self._handle)
        return None if value < 0 else value / 1000

    def step(self) -> None:
        """Does what there is to do, and never waits."""
        code = C.mh_loop_step(self._handle)
        if code:
            _raise(code)

    def wait(self, timeout: float | None = None) -> None:
        """Waits for something to do, and does it."""
        code = C.mh_loop_wait(self._handle, -1 if timeout is None else int(timeout * 1000))
        if code:
            _raise(code)

    def done(self) -> Iterator[Job]:
        """Jobs that are done; they are no longer the loop's."""
        while True:
            handle = C.mh_loop_next_done(self._handle)
            if not handle:
                return
            job = self._jobs.pop(handle.value)
            job._loop = None
            yield job

    def run(self, job: Job, timeout: float | None = None) -> None:
        """Waits for one job; others in the loop go on."""
        code = C.mh_loop_run(self._handle, job._handle, -1 if timeout is None else int(timeout * 1000))
        if code < 0:
            _raise(code)

    def count(self, what: str) -> int:
        """jobs, sent, received, foreign, cached, coalesced, timeouts or tcp: how many."""
        value: int = C.mh_loop_int(self._handle, getattr(S, "LOOP_" + what.upper()))
        return value


def profiles() -> dict[str, str]:
    """Receivers whose rules differ: name, and who decides so.  The first is the RFC's."""
    found: dict[str, str] = {}
    while True:
        name = C.mh_profile_str(len(found), S.PROFILE_NAME).decode()
        if not name:
            return found
        found[name] = C.mh_profile_str(len(found), S.PROFILE_WHO).decode()


# ---------------------------------------------------------------------- stamps

_STAMP = ("result", "comment", "client_ip", "envelope_from", "helo", "receiver", "identity", "mechanism",
          "problem", "reason", "authserv_id")


class Stamp:
    """What a receiver wrote into a header field about SPF; what it did not is ""."""

    __slots__ = _STAMP

    result: str
    comment: str
    client_ip: str
    envelope_from: str
    helo: str
    receiver: str
    identity: str
    mechanism: str
    problem: str
    reason: str
    authserv_id: str

    def __repr__(self) -> str:
        return "Stamp(%s)" % ", ".join("%s=%r" % (key, getattr(self, key)) for key in _STAMP
                                       if getattr(self, key))


def parse_stamp(text: Octets, *, context: Context | None = None) -> Stamp | None:
    """Reads a Received-SPF field (RFC 7208 9.1) or the spf part of Authentication-Results
    (RFC 8601 2.2), with or without the field's name; None: it is neither."""
    octets = _octets(text)
    handle = C.mh_stamp_new(_context(context)._handle)
    if not handle:
        _raise(S.ENOMEM)
    try:
        code = C.mh_stamp_parse(handle, octets, len(octets))
        if code == S.ENOENT:
            return None
        if code:
            _raise(code)
        stamp = Stamp()
        for key in _STAMP:
            setattr(stamp, key, C.mh_stamp_str(handle, getattr(S, "STAMP_" + key.upper())).decode())
        return stamp
    finally:
        C.mh_stamp_free(handle)
