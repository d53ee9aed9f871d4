"""check_dmarc(): does a message pass DMARC (RFC 9989, RFC 7489); and what of a name was registered."""
from __future__ import annotations

import ctypes

from . import _signatures as S
from ._core import Context, _context, _octets, _raise, _seconds, _string
from ._job import Job, Loop, World, _text
from ._library import C
from ._spf import _by_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

    from ._core import Octets
    from ._job import Answer, Zone
    from ._types import Finding


class DmarcJob(Job):
    """A check of DMARC, for a Loop: whether a message passes, given what SPF and DKIM came to.

    author     value of the message's From field, or several values; octets or text
    domain     the Author Domain itself, in place of author
    spf, dkim  results: (domain, result) pairs, result a word of RFC 8601 ("pass", "fail", "temperror", ...)
    rules      "rfc9989" (default) or "rfc7489"
    report_domain  asks, in place of all that, whether this domain takes reports about domain
    timeout    seconds for all of it; None: no limit

    Errors: ValueError for what cannot be."""

    __slots__ = ()

    def __init__(self, author: Octets | Iterable[Octets] = (), *, domain: str = "",
                 spf: Iterable[tuple[str, str]] = (), dkim: Iterable[tuple[str, str]] = (), rules: str = "",
                 report_domain: str = "", now: float | None = None, asks: int | None = None,
                 timeout: float | None = 20.0, context: Context | None = None) -> None:
        self._begin(_context(context), S.CHECK_DMARC)
        self._set(domain=domain, rules=rules, report_domain=report_domain, asks=asks,
                  now=None if now is None else _seconds(now, "now"),
                  timeout=-1 if timeout is None else max(0, int(timeout * 1000)))
        for value in (author,) if isinstance(author, (str, bytes, bytearray, memoryview)) else author:
            self.add_from(value)
        for kind, results in (("spf", spf), ("dkim", dkim)):
            for name, result in results:
                self.add_result(kind, name, result)

    def add_from(self, value: Octets) -> None:
        """One more value of a From field; at most 16."""
        octets = _octets(value)
        # C strings end at a NUL; another control character is no more a part of an address than that.  And what
        # is longer than any field that is read is not an error of the caller's, but of the message.
        octets = octets.replace(b"\0", b"\1") or b" "
        if len(octets) > 65535:
            octets = b"\1"
        code = C.mh_job_set_str(self._handle, S.OPT_FROM, octets)
        if code:
            _raise(code)

    def add_result(self, kind: str, domain: str, result: str) -> None:
        """One more result: kind "spf" or "dkim"; at most 64."""
        code = C.mh_job_add_result(self._handle, _string(kind, "kind"), _string(domain, "domain"),
                                   _string(result, "result"))
        if code:
            _raise(code, "%s cannot be %r" % (kind, result) if code == S.EINVAL else "")

    policy = _text(S.JOB_POLICY, "none, quarantine, reject: what p=, sp= or np= say of the domain; \"\" nothing")
    disposition = _text(S.JOB_DISPOSITION, "what is asked for this message; none if it passed")
    record_at = _text(S.JOB_RECORD_AT, "whose record it is; \"\" there is none")
    record = _text(S.JOB_RECORD, "the record")
    org_domain = _text(S.JOB_ORG_DOMAIN, "the Organizational Domain; \"\" not known")
    aligned_dkim = _text(S.JOB_ALIGNED_DKIM, "a domain that passed DKIM and is aligned; \"\" none")
    aligned_spf = _text(S.JOB_ALIGNED_SPF, "a domain that passed SPF and is aligned; \"\" none")
    from_state = _text(S.JOB_FROM_STATE, "of author: one, none, several, unreadable")
    report_name = _text(S.JOB_REPORT_NAME, "where the domain that takes reports says so")


_RESULTS = ("result", "domain", "policy", "disposition", "record_at", "record", "org_domain", "aligned_dkim",
            "aligned_spf", "from_state", "report_name", "problem", "health", "queries", "rounds", "elapsed_ms", "world",
            "json_text")


class DmarcResult:
    """What came out; copies of everything, so that it outlives the job.

    result       none, pass, fail, temperror, permerror
    domain       the Author Domain, A-labels; "" there is not one (from_state says why)
    policy       what p=, sp= or np= say of it; disposition what is asked for this message
    record_at, record    whose record it is, and the record
    org_domain   the Organizational Domain
    aligned_dkim, aligned_spf    a domain that passed and is aligned, "" none"""

    __slots__ = _RESULTS + ("findings", "answers")

    result: str
    domain: str
    policy: str
    disposition: str
    record_at: str
    record: str
    org_domain: str
    aligned_dkim: str
    aligned_spf: str
    from_state: str
    report_name: str
    problem: str
    health: str
    queries: int
    rounds: int
    elapsed_ms: int | None
    world: str
    json_text: str
    findings: list[Finding]
    answers: list[Answer]

    def __init__(self, job: DmarcJob) -> None:
        for key in _RESULTS:
            setattr(self, key, getattr(job, key))
        self.findings = job.findings()
        self.answers = job.answers()

    def __repr__(self) -> str:
        return "DmarcResult(%r, domain=%r, policy=%r)" % (self.result, self.domain, self.policy)

    def json(self) -> dict[str, Any]:
        """All of it as a dict."""
        import json
        value: dict[str, Any] = json.loads(self.json_text)
        return value


def check_dmarc(author: Octets | Iterable[Octets] = (), *, resolver: str | Loop | Callable[[str, str], Any] = "",
                zone: Zone | Iterable[Zone] = (), overlay: bool = False, world: World | None = None,
                **options: Any) -> DmarcResult:
    """Whether a message of this author passes DMARC, and what its domain asks for if not.

    resolver   "" the servers of /etc/resolv.conf, others, a Loop, or a function as check_spf() takes
    zone       Zones that answer instead (overlay: before) DNS; world a World that does
    Others are those of DmarcJob.

    DNS that fails is a result (temperror), never an exception."""
    with DmarcJob(author, **options) as job:
        if world is not None:
            job.use_world(world)
        if isinstance(resolver, Loop):
            resolver.run(job)
        elif callable(resolver):
            _by_callable(job, resolver)
        else:
            with Loop(resolver or "", zones=zone, overlay=overlay, world=world) as loop:
                loop.run(job)
        return DmarcResult(job)


async def acheck_dmarc(author: Octets | Iterable[Octets] = (), *, resolver: str = "",
                       **options: Any) -> DmarcResult:
    """check_dmarc() in an asyncio loop, any number of them at once; cancelling it asks no more."""
    from ._spf import _turner
    with DmarcJob(author, **options) as job:
        await _turner(resolver).run(job)
        return DmarcResult(job)


# ---------------------------------------------------------------- names alone

_ROOM = 2048  # more than any name that can be


def _named(code: int, room: Any) -> str:
    if code < 0:
        _raise(code)
    value: str = room.value.decode("utf-8", "surrogateescape")
    return value


def registrable(domain: str, *, context: Context | None = None) -> str:
    """What of a domain was registered, by the public suffix list; "" if it is a public suffix or no name."""
    room = ctypes.create_string_buffer(_ROOM)
    return _named(C.mh_registrable(_context(context)._handle, _string(domain, "domain"), room, _ROOM), room)


def aligned(a: str, b: str, *, strict: bool = False, context: Context | None = None) -> bool:
    """Whether two domains are aligned by RFC 7489 3.1: the same registrable domain, strict: the same."""
    code: int = C.mh_aligned(_context(context)._handle, _string(a, "a"), _string(b, "b"), int(strict))
    if code < 0:
        _raise(code)
    return code == 1


def from_domain(value: Octets, *, context: Context | None = None) -> str:
    """The Author Domain of a From field's value (RFC 9989 5.3.1), A-labels; "" if there is not exactly one."""
    octets = _octets(value)
    room = ctypes.create_string_buffer(_ROOM)
    return _named(C.mh_from_domain(_context(context)._handle, octets, len(octets), room, _ROOM), room)
