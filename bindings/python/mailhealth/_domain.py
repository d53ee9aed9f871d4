"""check_domain() and check_host(): every record of a domain, and the host that sends, in one call."""
from __future__ import annotations

from . import _signatures as S
from ._core import Context, _context, _seconds
from ._job import Job, Loop, World
from ._spf import _by_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Iterable

    from ._job import Answer, Zone
    from ._types import Finding


class DomainJob(Job):
    """A check of a whole domain, for a Loop.

    domain     whose records are looked at
    ip, helo   of the host that sends for it: its address, and what it says in HELO or EHLO
    selectors  of DKIM; without any, those that providers use are tried (guess)
    private_key  PEM; held against the published keys
    lists      False asks no blocklists; list_key is for lists that want one
    fetch      False fetches neither MTA-STS policy nor BIMI logo
    https_port, allow_private  of what is fetched: another port than 443, addresses that are not public
    sts_id_before, policy_before  of MTA-STS, as they were: another policy under the same id is a finding
    receivers  names of receiver profiles to judge by; none given: all
    timeout    seconds for all of it; None: no limit

    Errors: ValueError for what cannot be."""

    __slots__ = ()

    def __init__(self, domain: str = "", *, ip: str = "", helo: str = "", selectors: str | Iterable[str] = (),
                 private_key: str = "", guess: bool | None = None, lists: bool = True, list_key: str = "",
                 fetch: bool = True, https_port: int = 0, allow_private: bool = False,
                 receivers: str | Iterable[str] = (), receiver: str = "", sts_id_before: str = "",
                 policy_before: str = "", now: float | None = None, asks: int | None = None,
                 timeout: float | None = 30.0, context: Context | None = None) -> None:
        self._begin(_context(context), S.CHECK_DOMAIN)
        self._set(domain=domain, ip=ip, helo=helo, private_key=private_key, receiver=receiver,
                  guess=None if guess is None else int(guess), fetch=int(fetch), https_port=https_port,
                  allow_private=int(allow_private), sts_id_before=sts_id_before, policy_before=policy_before,
                  receivers=receivers if isinstance(receivers, str) else " ".join(receivers))
        for selector in (selectors,) if isinstance(selectors, str) else selectors:
            self._set(selector=selector)
        self._set_common(lists, list_key, now, asks, timeout)

    def _set_common(self, lists: bool, list_key: str, now: float | None, asks: int | None,
                    timeout: float | None) -> None:
        self._set(lists=int(lists), list_key=list_key, asks=asks,
                  now=None if now is None else _seconds(now, "now"),
                  timeout=-1 if timeout is None else max(0, int(timeout * 1000)))


class HostJob(DomainJob):
    """A check of a sending host: its names, and the lists that it is on; for a Loop.

    host       its name or address
    helo       what it says in HELO or EHLO
    Others are those of DomainJob.

    Errors: ValueError for what cannot be."""

    __slots__ = ()

    def __init__(self, host: str = "", *, helo: str = "", lists: bool = True, list_key: str = "",
                 now: float | None = None, asks: int | None = None, timeout: float | None = 30.0,
                 context: Context | None = None) -> None:
        self._begin(_context(context), S.CHECK_HOST)
        self._set(host=host, helo=helo)
        self._set_common(lists, list_key, now, asks, timeout)


class DomainResult:
    """What came out; copies of everything, so that it outlives the job.

    health     pass, info, warn, fail, unknown
    findings   what is wrong, worst first
    checks     one entry for each name that was looked at: "checks" of the JSON (mailhealth-domain(1))
    results    what each record comes to
    profiles   what receivers will make of it: {"gmail": {"health": ..., "rules": [...]}, ...}
    answers    everything that was asked
    world      a recording that is judged again without asking (World)"""

    __slots__ = ("health", "findings", "checks", "results", "profiles", "queries", "rounds", "elapsed_ms",
                 "answers", "world", "json_text")

    health: str
    findings: list[Finding]
    checks: list[dict[str, Any]]
    results: dict[str, Any]
    profiles: dict[str, Any]
    queries: int
    rounds: int
    elapsed_ms: int | None
    answers: list[Answer]
    world: str
    json_text: str

    def __init__(self, job: Job) -> None:
        for key in ("health", "queries", "rounds", "elapsed_ms", "world", "json_text"):
            setattr(self, key, getattr(job, key))
        self.findings = job.findings()
        self.answers = job.answers()
        whole = self.json()
        self.checks, self.results, self.profiles = whole["checks"], whole["results"], whole["profiles"]

    def __repr__(self) -> str:
        return "DomainResult(%r, queries=%r)" % (self.health, self.queries)

    def json(self) -> dict[str, Any]:
        """All of it, as the command prints it with --json."""
        import json
        value: dict[str, Any] = json.loads(self.json_text)
        return value


def _run(job: DomainJob, resolver: str | Loop | Callable[[str, str], Any], zone: Zone | Iterable[Zone],
         overlay: bool, world: World | None) -> DomainResult:
    with job:
        if world is not None:
            job.use_world(world)
        if isinstance(resolver, Loop):
            resolver.run(job)
        elif callable(resolver):
            _by_callable(job, resolver)
        else:
            with Loop(resolver or "", zones=zone, overlay=overlay, world=world) as loop:
                loop.run(job)
        return DomainResult(job)


def check_domain(domain: str = "", *, resolver: str | Loop | Callable[[str, str], Any] = "",
                 zone: Zone | Iterable[Zone] = (), overlay: bool = False, world: World | None = None,
                 **options: Any) -> DomainResult:
    """Whether receivers will take the mail of this domain, and if not, which record is to be changed.

    resolver   "" the servers of /etc/resolv.conf, others, a Loop, or a function as check_spf() takes
    zone       Zones that answer instead (overlay: before) DNS; world a World that does
    Others are those of DomainJob.

    DNS that fails is a result, never an exception."""
    return _run(DomainJob(domain, **options), resolver, zone, overlay, world)


def check_host(host: str = "", *, resolver: str | Loop | Callable[[str, str], Any] = "",
               zone: Zone | Iterable[Zone] = (), overlay: bool = False, world: World | None = None,
               **options: Any) -> DomainResult:
    """The same of a sending host alone: its names, and the lists that it is on."""
    return _run(HostJob(host, **options), resolver, zone, overlay, world)


async def acheck_domain(domain: str = "", *, resolver: str = "", **options: Any) -> DomainResult:
    """check_domain() in an asyncio loop, any number of them at once; cancelling it asks no more."""
    from ._spf import _turner
    with DomainJob(domain, **options) as job:
        await _turner(resolver).run(job)
        return DomainResult(job)


async def acheck_host(host: str = "", *, resolver: str = "", **options: Any) -> DomainResult:
    """check_host() likewise."""
    from ._spf import _turner
    with HostJob(host, **options) as job:
        await _turner(resolver).run(job)
        return DomainResult(job)
