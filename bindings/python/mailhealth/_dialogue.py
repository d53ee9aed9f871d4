"""Dialogues with servers over connections of your own: bytes in, bytes out."""
from __future__ import annotations

from . import _signatures as S
from ._core import InvalidError, _Handle, _octets, _raise
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from ._core import Octets
    from ._job import Ask, Job

_FAILURES = {"refused": S.FAIL_REFUSED, "reset": S.FAIL_RESET, "network": S.FAIL_NETWORK,
             "host": S.FAIL_HOST, "forbidden": S.FAIL_FORBIDDEN, "timeout": S.FAIL_TIMEOUT}


def _now(now: float | None) -> int:
    """Microseconds for the library; now: seconds of any clock that does not go back."""
    if now is None:
        import time
        now = time.monotonic()
    return int(now * 1000000)


def _text(field: int, doc: str) -> str:
    return property(lambda self: C.mh_dialogue_str(self._handle, field).decode(), doc=doc)  # type: ignore


class Dialogue(_Handle):
    """What a question of type "STREAM" wants to have said to a server, and hears from it.

    Connect to address and port (or path, a socket of this machine) how you like, tell
    connected(), and then: send what output() gives, and feed() what comes, until is_done.
    Or let run() do it on a socket that is connected.  Job.answer_dialogue() takes it.

        for ask in job.asks():
            with mailhealth.Dialogue(job, ask) as dialogue:
                with my_proxy.connect(dialogue.address, dialogue.port) as connection:
                    dialogue.run(connection)
                job.answer_dialogue(ask, dialogue)

    now: seconds of any clock that does not go back; time.monotonic() by default.
    Errors: ValueError for a question that is no dialogue, or is answered."""

    __slots__ = ()
    _free = C.mh_dialogue_free

    def __init__(self, job: Job, ask: Ask | int) -> None:
        number = ask if isinstance(ask, int) else ask.number
        if C.mh_job_ask_int(job._handle, number, S.ASK_KIND) != S.ASK_STREAM or \
                C.mh_job_ask_int(job._handle, number, S.ASK_STATE) != S.STATE_MISSING:
            raise InvalidError(S.EINVAL, "question %d is no dialogue that is still to be had" % number)
        super().__init__(C.mh_job_dialogue(job._handle, number))

    name = _text(S.DIALOGUE_NAME, "the question, such as smtp+starttls://192.0.2.25:25/handshake?...")
    address = _text(S.DIALOGUE_ADDRESS, "where to connect to; \"\": to path")
    path = _text(S.DIALOGUE_PATH, "of a socket of this machine; \"\": to address")
    state = _text(S.DIALOGUE_STATE, "what it waits for: connecting, greeting, hello, start, handshake, ...")

    @property
    def port(self) -> int:
        """0 for a socket of this machine."""
        value: int = C.mh_dialogue_int(self._handle, S.DIALOGUE_PORT)
        return value

    @property
    def is_done(self) -> bool:
        """Nothing more will happen: send what can be sent at once, and hang up."""
        return C.mh_dialogue_int(self._handle, S.DIALOGUE_IS_DONE) == 1

    def __repr__(self) -> str:
        return "Dialogue(%r, %s)" % (self.name, self.state)

    def connected(self, now: float | None = None) -> None:
        """The connection is there."""
        self._check(C.mh_dialogue_connected(self._handle, _now(now)))

    def feed(self, octets: Octets, now: float | None = None) -> None:
        """What the server sent; b"": it closed."""
        octets = _octets(octets)
        if octets:
            self._check(C.mh_dialogue_feed(self._handle, octets, len(octets), _now(now)))
        else:
            self.eof(now)

    def eof(self, now: float | None = None) -> None:
        """The server closed."""
        self._check(C.mh_dialogue_eof(self._handle, _now(now)))

    def fail(self, why: str | OSError = "reset", now: float | None = None) -> None:
        """There is no connection, or none any more: refused, reset, network, host, forbidden,
        timeout; or the OSError that says it."""
        if isinstance(why, OSError):
            why = _word_of(why) or "forbidden"
        if why not in _FAILURES:
            raise InvalidError(S.EINVAL, "a connection cannot fail by %r" % (why,))
        self._check(C.mh_dialogue_fail(self._handle, _FAILURES[why], _now(now)))

    def output(self) -> bytes:
        """What is to be sent; it is taken for sent."""
        from ctypes import byref, c_size_t, string_at
        size = c_size_t()
        octets = C.mh_dialogue_output(self._handle, byref(size))
        out = string_at(octets, size.value) if size.value else b""
        self._check(C.mh_dialogue_sent(self._handle, len(out)))
        return out

    def timeout(self, now: float | None = None) -> float | None:
        """Seconds until tick() is wanted though nothing came; None: never, it is done."""
        value: int = C.mh_dialogue_timeout(self._handle, _now(now))
        return None if value < 0 else value / 1000

    def tick(self, now: float | None = None) -> None:
        """Time has gone by."""
        self._check(C.mh_dialogue_tick(self._handle, _now(now)))

    def run(self, connection: Any, timeout: float | None = None) -> bool:
        """All of it over a connected socket (or the number of one), which stays open; True:
        it is done, False: timeout seconds were over first."""
        fd = connection if isinstance(connection, int) else connection.fileno()
        code: int = C.mh_dialogue_run(self._handle, fd, -1 if timeout is None else int(timeout * 1000))
        if code < 0:
            _raise(code, "this is no connected socket" if code == S.EIO else "")
        return code == S.DONE

    def _check(self, code: int) -> None:
        if code:
            _raise(code)


def _word_of(error: OSError) -> str:
    """"": nothing that a network says, but an error of ours, such as too many open files."""
    import errno
    import socket
    if isinstance(error, (TimeoutError, socket.timeout)):  # two of them before Python 3.10
        return "timeout"
    words = {errno.ECONNREFUSED: "refused", errno.ENOENT: "refused", errno.ECONNRESET: "reset",
             errno.EPIPE: "reset", errno.ENETUNREACH: "network", errno.EAFNOSUPPORT: "network",
             errno.EADDRNOTAVAIL: "network", errno.EACCES: "forbidden", errno.EPERM: "forbidden",
             errno.EHOSTUNREACH: "host", errno.EHOSTDOWN: "host", errno.ETIMEDOUT: "timeout"}
    return words.get(error.errno or 0, "")


def _converse(job: Job, ask: Ask, connect: Callable[[str, int], Any]) -> None:
    """Has the dialogue that is asked for, over a connection that connect gives."""
    with Dialogue(job, ask) as dialogue:
        try:
            connection = connect(dialogue.address or dialogue.path, dialogue.port)
        except OSError as error:
            if not _word_of(error):
                job.fail(ask)  # what could not be tried says nothing of the server
                return
            dialogue.fail(error)
        else:
            with connection:
                dialogue.run(connection)
        job.answer_dialogue(ask, dialogue)
