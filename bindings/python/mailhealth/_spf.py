"""check_spf() and acheck_spf(): SPF in one call, waiting or in an asyncio loop."""
from __future__ import annotations

from ._job import DnsFailure, Job, Loop, World

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from typing import Any, Callable, Iterable, Union

    from ._job import Answer, Ask, Record, Zone
    from ._types import Finding

    Resolver = Union[str, Loop, Callable[[str, str], Any], None]


class SpfResult:
    """What came out of a check of SPF; copies of everything, so that it outlives the job.

    result         none, neutral, pass, fail, softfail, temperror, permerror (RFC 7208 2.6)
    explanation    of a fail, "" if there is none
    matched        the term of the domain's own record that decided; matched_domain and
                   matched_term say where the address was found
    health         pass, info, warn, fail, unknown
    findings       what is wrong, worst first; with lint=True of all records
    answers        all that was asked, and what is known of it
    received_spf, authres   header fields to write
    world          a recording that replays (World)"""

    __slots__ = ("result", "explanation", "matched", "matched_domain", "matched_term", "problem", "health",
                 "domain", "sender", "lookups", "voids", "queries", "rounds", "elapsed_ms", "findings",
                 "answers", "received_spf", "authres", "world", "json_text")

    result: str
    explanation: str
    matched: str
    matched_domain: str
    matched_term: str
    problem: str
    health: str
    domain: str
    sender: str
    lookups: int | None
    voids: int | None
    queries: int | None
    rounds: int | None
    elapsed_ms: int | None
    findings: list[Finding]
    answers: list[Answer]
    received_spf: str
    authres: str
    world: str
    json_text: str

    def __init__(self, job: Job) -> None:
        for key in self.__slots__:
            if key not in ("findings", "answers"):
                setattr(self, key, getattr(job, key))
        self.findings = job.findings()
        self.answers = job.answers()

    def __repr__(self) -> str:
        return "SpfResult(%r, domain=%r, matched=%r)" % (self.result, self.domain, self.matched)

    def json(self) -> dict[str, Any]:
        """All of it, as the command prints it with --json."""
        import json
        value: dict[str, Any] = json.loads(self.json_text)
        return value


def _job(options: dict[str, Any], world: World | None) -> Job:
    job = Job(**options)
    if world is not None:
        job.use_world(world)
    return job


def _tell(job: Job, ask: Ask, records: Iterable[Record] | Record | None) -> None:
    """What a resolver of the caller's gave."""
    if isinstance(records, (str, bytes)):
        records = (records,)
    job.answer(ask, records)


def _by_callable(job: Job, resolver: Callable[[str, str], Any],
                 connect: Callable[[str, int], Any] | None = None) -> None:
    """Until it is done, with a resolver of the caller's, and connections."""
    while not job.step():
        for ask in job.asks():
            if connect is not None and ask.type == "STREAM":
                from ._dialogue import _converse
                _converse(job, ask, connect)
                continue
            try:
                _tell(job, ask, resolver(ask.name, ask.type))
            except DnsFailure as failure:
                job.fail(ask, failure)


def check_spf(ip: str, sender: str, helo: str = "", *, domain: str = "", receiver: str = "",
              lint: bool = False, profiles: str | Iterable[str] = (), explain: bool = True,
              rules: str = "", resolver: Resolver = None, zone: Zone | Iterable[Zone] = (),
              overlay: bool = False, world: World | None = None, timeout: float | None = 20.0,
              now: float | None = None, **limits: Any) -> SpfResult:
    """check_host() of RFC 7208, and with lint=True what is wrong with the records.

    resolver   None: the servers of /etc/resolv.conf; a str: these servers; a Loop; or a
               function (name, type) that gives records as text, [] for none, and raises
               NxDomain, ServFail, DnsTimeout, ... for no answer
    zone       Zones that answer instead (overlay: before) DNS; world a World that does
    Others are those of Job.

    DNS that fails is a result ("temperror", and a finding), never an exception.
    Errors: ValueError for what cannot be, such as an address that is none; without ip also
    for a domain that cannot be.  With ip that is a result ("none", and a finding)."""
    if now is None and callable(resolver):
        import time
        now = time.time()
    options = dict(ip=ip, sender=sender, helo=helo, domain=domain, receiver=receiver, lint=lint,
                   profiles=profiles, explain=explain, rules=rules, timeout=timeout, now=now, **limits)
    with _job(options, world) as job:
        if isinstance(resolver, Loop):
            resolver.run(job)
        elif callable(resolver):
            _by_callable(job, resolver)
        else:
            with Loop(resolver or "", zones=zone, overlay=overlay, world=world) as loop:
                loop.run(job)
        return SpfResult(job)


# ---------------------------------------------------------------------- asyncio

class _Turner:
    """One Loop in one asyncio loop, for all checks of it that share their resolver."""

    def __init__(self, aio: asyncio.AbstractEventLoop, loop: Loop) -> None:
        self.aio = aio
        self.loop = loop
        self.waiting: dict[Job, asyncio.Future[None]] = {}
        self.timer: asyncio.TimerHandle | None = None

    def _turn(self) -> None:
        self.loop.step()
        self._collect()

    def _collect(self) -> None:
        for job in self.loop.done():
            future = self.waiting.pop(job, None)
            if future is not None and not future.done():
                future.set_result(None)
        self._arm()

    def _arm(self) -> None:
        """The timer for what the loop wants next; nothing while nobody waits."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        if not self.waiting:
            self.aio.remove_reader(self.loop.fileno())
            return
        timeout = self.loop.timeout()
        if timeout is not None:
            self.timer = self.aio.call_later(timeout, self._turn)

    async def run(self, job: Job) -> None:
        future = self.aio.create_future()
        if not self.waiting:
            self.aio.add_reader(self.loop.fileno(), self._turn)
        self.waiting[job] = future
        try:
            self.loop.add(job)
            self._collect()
            await future
        finally:
            if self.waiting.pop(job, None) is not None:
                self.loop.remove(job)
                self._arm()


_turners: Any = None  # asyncio loop: {resolver: _Turner}; it keeps no loop alive


def _turner(resolver: str) -> _Turner:
    global _turners
    import asyncio
    import weakref
    if _turners is None:
        _turners = weakref.WeakKeyDictionary()
    aio = asyncio.get_running_loop()
    mine = _turners.setdefault(aio, {})
    turner = mine.get(resolver)
    if turner is None:
        # A weak reference to the loop: else this would keep its own key alive.
        turner = mine[resolver] = _Turner(weakref.proxy(aio), Loop(resolver))
    return turner


async def _by_coroutine(job: Job, resolver: Callable[[str, str], Any]) -> None:
    """Until it is done, with an asynchronous resolver of the caller's; all questions at once."""
    import asyncio
    import time

    async def one(ask: Ask) -> None:
        try:
            _tell(job, ask, await resolver(ask.name, ask.type))
        except DnsFailure as failure:
            job.fail(ask, failure)

    tasks: set[asyncio.Task[None]] = set()
    try:
        while not job.step():
            tasks.update(asyncio.ensure_future(one(ask)) for ask in job.asks())
            done, tasks = await asyncio.wait(tasks, timeout=job.timeout(time.monotonic() * 1000),
                                             return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
    finally:
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)


async def acheck_spf(ip: str, sender: str, helo: str = "", *, domain: str = "", receiver: str = "",
                     lint: bool = False, profiles: str | Iterable[str] = (), explain: bool = True,
                     rules: str = "", resolver: Resolver = None, zone: Zone | Iterable[Zone] = (),
                     overlay: bool = False, world: World | None = None, timeout: float | None = 20.0,
                     now: float | None = None, **limits: Any) -> SpfResult:
    """check_spf() in an asyncio loop, any number of them at once; a resolver that is a
    function may be one or a coroutine function.  Cancelling it cancels what was asked."""
    import asyncio
    import inspect
    if now is None and callable(resolver):
        import time
        now = time.time()
    options = dict(ip=ip, sender=sender, helo=helo, domain=domain, receiver=receiver, lint=lint,
                   profiles=profiles, explain=explain, rules=rules, timeout=timeout, now=now, **limits)
    with _job(options, world) as job:
        if isinstance(resolver, Loop):
            raise TypeError("a Loop waits by itself: give acheck_spf the servers instead")
        if callable(resolver):
            if inspect.iscoroutinefunction(resolver):
                await _by_coroutine(job, resolver)
            else:
                _by_callable(job, resolver)
        elif zone or world is not None:
            with Loop(resolver or "", zones=zone, overlay=overlay, world=world) as loop:
                await _Turner(asyncio.get_running_loop(), loop).run(job)
        else:
            await _turner(resolver or "").run(job)
        return SpfResult(job)
