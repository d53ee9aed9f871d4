"""Errors, conversions, handles, contexts and findings: what all parts of the package share."""
from __future__ import annotations

from . import _signatures as S
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
    from types import TracebackType
    from typing import Any, NoReturn, TypeVar, Union

    from ._rules import Rules
    from ._types import Finding

    Octets = Union[bytes, bytearray, memoryview, str]
    Self = TypeVar("Self", bound="_Handle")


# ----------------------------------------------------------------- errors

class Error(Exception):
    """The library could not do it.

    code   its number, negative, such as -6
    name   the number's name, such as "MH_EIO"

    Out of memory is Python's own MemoryError.
    """

    def __init__(self, code: int, message: str = "") -> None:
        super().__init__(message or C.mh_strerror(code).decode())
        self.code = code
        self.name: str = C.mh_errname(code).decode()


class InvalidError(Error, ValueError):
    """A value that cannot be right, such as a phase that SMTP does not have."""


class RulesError(Error, ValueError):
    """Rules that were rejected; the set is as it was before.

    name     which text it was: the name given with it, or the file's
    line     where in it, from 1; None: not at one place
    column   where in the line, in octets from 1; None: as above
    """

    def __init__(self, message: str, name: str, line: int | None, column: int | None) -> None:
        place = ":".join(str(part) for part in (name, line, column) if part is not None)
        super().__init__(S.ERULES, "%s: %s" % (place, message))
        self.name = name
        self.line = line
        self.column = column


def _raise(code: int, message: str = "") -> NoReturn:
    if code == S.ENOMEM:
        raise MemoryError("libmailhealth is out of memory")
    if code == S.EINVAL:
        raise InvalidError(code, message)
    raise Error(code, message)


# ------------------------------------------------------- to and from C

def _known(number: int) -> int | None:
    return None if number == S.UNKNOWN else number


def _range(begin: int, end: int) -> tuple[int, int] | None:
    return None if begin == S.UNKNOWN else (begin, end)


def _octets(text: Octets) -> bytes:
    if isinstance(text, bytes):
        return text
    if isinstance(text, str):
        return text.encode("utf-8", "surrogateescape")
    return bytes(memoryview(text))  # memoryview: bytes() alone would take an int


def _int64(value: int, what: str) -> int:
    """value for a C int64_t, to which it would be cut otherwise and might be valid then."""
    if not isinstance(value, int):
        raise TypeError("%s must be int, not %s" % (what, type(value).__name__))
    if abs(value) >= 1 << 63:
        raise InvalidError(S.EINVAL, "%s cannot be %r" % (what, value))
    return value


def _seconds(value: float, what: str) -> int:
    """value, an int or what time.time() gives, for a C int64_t."""
    if isinstance(value, float):
        if not abs(value) < 1 << 63:  # NaN as well
            raise InvalidError(S.EINVAL, "%s cannot be %r" % (what, value))
        value = int(value)
    return _int64(value, what)


def _string(value: str, what: str) -> bytes:
    """value for a C string, which ends at its first NUL."""
    if not isinstance(value, str):
        raise TypeError("%s must be str, not %s" % (what, type(value).__name__))
    octets = value.encode("utf-8", "surrogateescape")
    if b"\0" in octets:
        raise InvalidError(S.EINVAL, "NUL in " + what)
    return octets


class _Handle:
    """One handle of the library, given back by close(), by "with", or by the collector."""

    __slots__ = ("_handle", "__weakref__")
    _free: Any = None  # the C function; it is still there when modules are taken down

    def __init__(self, handle: Any) -> None:
        if not handle:
            raise MemoryError("libmailhealth is out of memory")
        self._handle = handle

    def close(self) -> None:
        """Gives the memory back; may be called again.  Any other use is then a ValueError."""
        try:
            handle = self._handle
            del self._handle
        except (AttributeError, ValueError):
            return
        self._free(handle)

    __del__ = close

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None,
                 traceback: TracebackType | None) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        # A copy would give the same memory back a second time.
        raise TypeError("a %s can be neither copied nor pickled" % type(self).__name__)

    if not TYPE_CHECKING:
        def __getattr__(self, name):
            # Reached only for what is not there, so an open handle pays nothing.
            if name == "_handle":
                raise ValueError("this %s is closed" % type(self).__name__)
            raise AttributeError("%r object has no attribute %r" % (type(self).__name__, name))


class _Owner(_Handle):
    """A handle with parts that are good until it reads something else."""

    __slots__ = ("_generation",)

    def __init__(self, handle: Any) -> None:
        super().__init__(handle)
        self._generation = 0  # counts what was read

    def _check(self, generation: int) -> None:
        if self._generation != generation:
            raise ValueError("this is gone: its %s has read on" % type(self).__name__)

    def _quoted(self, place: Any) -> Any:
        """The mh_reply of one part, borrowed; NULL without memory."""
        raise NotImplementedError


# ---------------------------------------------------------------- context

class Context(_Handle):
    """Settings and reply rules, shared by what is made with it.

    Only who has rules of his own needs one.  Errors: MemoryError.
    """

    __slots__ = ()
    _free = C.mh_ctx_free

    def __init__(self) -> None:
        super().__init__(C.mh_ctx_new(None, None))

    def use_rules(self, rules: Rules | None) -> None:
        """Every parse on this context uses these rules from now on, on top of the
        built-in ones; None goes back to those alone.

        rules can no longer change then, and may be closed."""
        from ._rules import Rules
        if rules is not None and not isinstance(rules, Rules):
            raise TypeError("rules must be Rules or None, not %s" % type(rules).__name__)
        code = C.mh_ctx_use_rules(self._handle, None if rules is None else rules._handle)
        if code:
            _raise(code)


    def add_anchors(self, pem: Octets) -> int:
        """Trust anchors for checks that judge certificates: PEM; how many there were.
        Before the first such check."""
        octets = _octets(pem)
        code: int = C.mh_ctx_add_anchors(self._handle, octets, len(octets))
        if code < 0:
            _raise(code)
        return code

    def add_anchors_file(self, path: str | PathLike[str]) -> int:
        """The same from a file."""
        import os
        code: int = C.mh_ctx_add_anchors_file(self._handle, os.fsencode(path))
        if code < 0:
            _raise(code)
        return code

    def use_system_anchors(self) -> None:
        """Those where OpenSSL looks on this machine."""
        code = C.mh_ctx_use_system_anchors(self._handle)
        if code:
            _raise(code)


_shared: dict[str, Context] = {}


def _context(context: Context | None) -> Context:
    """context, or the one that all share who give none; it has the built-in rules."""
    if context is None:
        context = _shared.get("context")
        if context is None:  # setdefault: of two threads that come here at once, one wins
            context = _shared.setdefault("context", Context())
    elif not isinstance(context, Context):
        raise TypeError("context must be Context or None, not %s" % type(context).__name__)
    return context


# ---------------------------------------------------------------- findings

_SEVERITIES = {S.SEVERITY_INFO: "info", S.SEVERITY_WARN: "warn", S.SEVERITY_FAIL: "fail"}

_FINDING_TEXTS = (
    ("title", S.FINDING_TITLE), ("subject", S.FINDING_SUBJECT), ("evidence", S.FINDING_EVIDENCE),
    ("reason", S.FINDING_REASON), ("remedy", S.FINDING_REMEDY), ("spec", S.FINDING_SPEC),
    ("since", S.FINDING_SINCE), ("state", S.FINDING_STATE), ("check", S.FINDING_CHECK),
    ("detail", S.FINDING_DETAIL),
)


def _finding(number: Any, text: Any) -> Finding:
    found: dict[str, Any] = {
        "id": text(S.FINDING_ID).decode(),
        "number": number(S.FINDING_NUMBER),
        "severity": _SEVERITIES.get(number(S.FINDING_SEVERITY), ""),
    }
    for key, field in _FINDING_TEXTS:
        found[key] = text(field).decode()
    found["range"] = _range(number(S.FINDING_RANGE_BEGIN), number(S.FINDING_RANGE_END))
    fix = text(S.FINDING_FIX).decode()
    found["fix"] = []
    if fix:
        import json  # who reads replies does not wait for it
        found["fix"] = json.loads(fix)
    found["affects"] = text(S.FINDING_AFFECTS).decode().split()
    return found  # type: ignore


def _catalogued(i: int) -> Finding:
    return _finding(lambda field: C.mh_catalogue_int(i, field),
                    lambda field: C.mh_catalogue_str(i, field))


def _findings_of(report: Any) -> list[Finding]:
    """What a report says; the report is given back."""
    try:
        return [_finding(lambda field: C.mh_report_int(report, i, field),
                         lambda field: C.mh_report_str(report, i, field))
                for i in range(C.mh_report_count(report))]
    finally:
        C.mh_report_free(report)


def findings() -> list[Finding]:
    """The catalogue of all findings that the library knows, ordered by number.

    Out: dicts with id, number, severity (info, warn, fail), title, reason, remedy,
    spec, since; what they say besides of one case is in the findings of replies,
    messages and checks alone."""
    return [_catalogued(i) for i in range(C.mh_catalogue_count())]


def finding(id: str) -> Finding:
    """One entry of the catalogue.  Errors: KeyError, there is no such finding."""
    place = C.mh_catalogue_find(_string(id, "id"))
    if place < 0:
        raise KeyError(id)
    return _catalogued(place)


# ------------------------------------------------------------- the library

def library_version() -> str:
    """The version of the library that was loaded; __version__ is the binding's."""
    version: str = C.mh_version().decode()
    return version


def recognise(text: Octets) -> str:
    """What kind of text this is, as its first lines show: reply, log or bounce (a mail
    message, an mbox included); reply where nothing is to be seen."""
    octets = _octets(text)
    kind: str = C.mh_recognise(octets, len(octets)).decode()
    return kind
