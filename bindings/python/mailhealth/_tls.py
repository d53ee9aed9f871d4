"""probe_tls() and aprobe_tls(): the TLS of a mail server in one call, waiting or in an asyncio loop."""
from __future__ import annotations

from . import _signatures as S
from ._core import Context, InvalidError, _context, _seconds
from ._job import CannotAsk, Job, Loop, World
from ._library import C
from ._spf import _by_callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from typing import Any, Callable, Iterable, NoReturn

    from ._job import Answer, Zone
    from ._types import Finding


class TlsJob(Job):
    """A check of a mail server's TLS, for a Loop.

    host       name or address, or "unix:/path" of a socket; "": all MX hosts of domain
    mode       one or several ("smtp,implicit:993") of smtp, submission, implicit, lmtp, imap, pop3, sieve; port: 0, that of the mode
    name       to send and to verify, where it is not host
    helo       as which we greet
    tlsa       TLSA records, "3 1 1 0123...", in place of those of DNS
    certificate   a chain in PEM, judged in place of the server's
    domain     whose mail the host takes: its MTA-STS is looked at, too
    policy     an MTA-STS policy, judged in place of the domain's
    https_port, allow_private  of the policy host: another port than 443, an address that is not public
    full       every version, cipher suite and group
    inject     also tries to smuggle a command in before TLS
    relay      also tries whether it is an open relay, up to RCPT
    look_up_tlsa  False asks DNS for no TLSA records
    look_up_names  False does not hold the name that a server greets with against DNS
    timeout    seconds for all of it

    Errors: ValueError for what cannot be."""

    __slots__ = ()

    def __init__(self, host: str = "", *, port: int = 0, mode: str = "smtp", name: str = "", helo: str = "",
                 tlsa: str | Iterable[str] = (), certificate: str = "", full: bool = False,
                 domain: str = "", policy: str = "", https_port: int = 0, allow_private: bool = False,
                 inject: bool = False, relay: bool = False, look_up_tlsa: bool = True, look_up_names: bool = True,
                 max_connections: int | None = None,
                 now: float | None = None, timeout: float | None = 60.0,
                 context: Context | None = None) -> None:
        self._begin(_context(context), S.CHECK_TLS)
        self._set(host=host, mode=mode, name=name, helo=helo, certificate=certificate, port=port,
                  domain=domain, policy=policy, https_port=https_port, allow_private=int(allow_private),
                  full=int(full), inject=int(inject), relay=int(relay), look_up_tlsa=int(look_up_tlsa),
                  look_up_names=int(look_up_names),
                  max_connections=max_connections if max_connections or not full else 120,
                  now=None if now is None else _seconds(now, "now"),
                  timeout=-1 if timeout is None else max(0, int(timeout * 1000)))
        self._judge_by(tlsa)

    def _judge_by(self, tlsa: str | Iterable[str]) -> None:
        for record in (tlsa,) if isinstance(tlsa, str) else tlsa:
            self._set(tlsa=record)


class TlsResult:
    """What came out of a probe; copies of everything, so that it outlives the job.

    health       pass, info, warn, fail, unknown
    findings     what is wrong, worst first
    endpoints    one an address: the elements of results.tls of the JSON (mailhealth-tls(1))
    connections  how many were made
    world        a recording that is judged again without a connection (World)"""

    __slots__ = ("health", "findings", "endpoints", "connections", "elapsed_ms", "answers", "world", "json_text")

    health: str
    findings: list[Finding]
    endpoints: list[dict[str, Any]]
    connections: int | None
    elapsed_ms: int | None
    answers: list[Answer]
    world: str
    json_text: str

    def __init__(self, job: Job) -> None:
        for key in ("health", "elapsed_ms", "world", "json_text"):
            setattr(self, key, getattr(job, key))
        value: int = C.mh_job_int(job._handle, S.JOB_CONNECTIONS)
        self.connections = None if value == S.UNKNOWN else value
        self.findings = job.findings()
        self.answers = job.answers()
        self.endpoints = self.json()["results"]["tls"]

    def __repr__(self) -> str:
        return "TlsResult(%r, connections=%r)" % (self.health, self.connections)

    def json(self) -> dict[str, Any]:
        """All of it, as the command prints it with --json."""
        import json
        value: dict[str, Any] = json.loads(self.json_text)
        return value


def _trusting(ca: str | bytes | PathLike[str] | None) -> Context:
    """A context with trust anchors: the system's, or PEM (bytes), or a file."""
    context = Context()
    if ca is None:
        context.use_system_anchors()
    elif isinstance(ca, bytes):
        context.add_anchors(ca)
    elif context.add_anchors_file(ca) == 0:
        raise InvalidError(S.EINVAL, "there is no certificate in %s" % (ca,))
    return context


def _time() -> int:
    import time
    return int(time.time())


def _no_dns(name: str, type: str) -> NoReturn:
    raise CannotAsk


def probe_tls(host: str = "", *, ca: str | bytes | PathLike[str] | None = None, context: Context | None = None,
              resolver: str | Loop | Callable[[str, str], Any] = "", zone: Zone | Iterable[Zone] = (),
              overlay: bool = False, world: World | None = None,
              connect: Callable[[str, int], Any] | None = None, go_on: World | None = None,
              **options: Any) -> TlsResult:
    """Whether others can send mail to this server encrypted, and if not, why.

    ca         trust anchors: a file, or PEM as bytes; None: those of the system.  Or a
               context that has them already, for many probes
    resolver   "" the servers of /etc/resolv.conf, others, or a Loop
    connect    a function (address, port) that gives a connected socket, for connections that
               go another way (a proxy, another network); OSError if there is none.  Then
               resolver is a function as check_spf() takes, or nothing is known of DNS
    go_on      a World, the recording of a probe that the server had enough of: what is known
               from it stays, and the rest is asked now
    world      a World that is judged in place of the server; now, name, certificate and tlsa
               that are given besides count
    Others are those of TlsJob.

    A server that fails is a result, never an exception."""
    with TlsJob(host, context=context or _trusting(ca), **options) as job:
        if world is not None:
            job.use_world(world)
            # What is asked besides is another question about the same server.
            now = options.get("now")
            job._set(name=options.get("name", ""), certificate=options.get("certificate", ""),
                     now=None if now is None else _seconds(now, "now"))
            job._judge_by(options.get("tlsa", ()))
        if go_on is not None:
            job.use_world(go_on)
            job._set(resumes=int(go_on.option("resumes") or 0) + 1,
                     now=_seconds(options.get("now") or _time(), "now"))
        if connect is not None:
            if zone or world is not None or isinstance(resolver, Loop):
                raise InvalidError(S.EINVAL, "connect goes with a resolver that is a function, or with none")
            if options.get("now") is None:
                job._set(now=_time())
            _by_callable(job, resolver if callable(resolver) else _no_dns, connect)
        elif isinstance(resolver, Loop):
            resolver.run(job)
        else:
            with Loop(resolver, zones=zone, overlay=overlay, world=world) as loop:
                loop.run(job)
        return TlsResult(job)


async def aprobe_tls(host: str = "", *, ca: str | bytes | PathLike[str] | None = None,
                     context: Context | None = None, resolver: str = "", **options: Any) -> TlsResult:
    """probe_tls() in an asyncio loop, any number of them at once; cancelling it hangs up."""
    from ._spf import _turner
    with TlsJob(host, context=context or _trusting(ca), **options) as job:
        await _turner(resolver).run(job)
        return TlsResult(job)
