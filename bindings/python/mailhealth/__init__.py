"""mailhealth - why does mail not arrive, and what is to be changed?

    >>> import mailhealth
    >>> reply = mailhealth.parse_reply("550 5.1.1 <a@example.org>: User unknown")
    >>> reply.code, reply.status, reply.reason
    (550, '5.1.1', 'user-unknown')

This explains SMTP replies (RFC 5321 4.2) by libmailhealth, which this package
finds, checks and calls; it needs the standard library only.

Where there are many replies, make one Classifier and parse one after the other
into it.  Text goes in as bytes or as str; a str stands for its UTF-8, with
surrogate escapes for octets that were none (PEP 383), and spans count those
octets.  What is not known is "" in text and None in numbers, never 0.  Strings,
lists and dicts that were returned are copies and stay valid.

Threads: a Context serves any number of threads at once.  Every other object may
move from one thread to another but serves one at a time.
"""
from __future__ import annotations

import os

from . import _signatures as S
from ._library import C, PATH as _path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, NoReturn, TypeVar, Union

    from ._types import Advice, Facts, Finding, Line

    Octets = Union[bytes, bytearray, memoryview, str]
    Self = TypeVar("Self", bound="_Handle")

__all__ = [
    "Classifier", "Context", "Error", "InvalidError", "Reply", "Rules", "RulesError",
    "finding", "findings", "library_path", "library_version", "parse_reply",
]

__version__ = S.VERSION


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
        if rules is not None and not isinstance(rules, Rules):
            raise TypeError("rules must be Rules or None, not %s" % type(rules).__name__)
        code = C.mh_ctx_use_rules(self._handle, None if rules is None else rules._handle)
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


# ------------------------------------------------------------ SMTP replies

_FORMS = {
    "auto": S.FORM_AUTO,
    "wire": S.FORM_WIRE,
    "joined": S.FORM_JOINED,
    "dsn": S.FORM_DSN,
    "fragment": S.FORM_FRAGMENT,
}

# option -> its number and what takes it back, which has the option's type
_OPTIONS: dict[str, tuple[int, Any]] = {
    "form": (S.OPT_FORM, 0),
    "phase": (S.OPT_PHASE, ""),
    "provider": (S.OPT_PROVIDER, ""),
    "mx": (S.OPT_MX, ""),
    "code": (S.OPT_CODE, 0),
    "status": (S.OPT_STATUS, ""),
    "line_number": (S.OPT_LINE_NUMBER, 0),
}


def _set_option(handle: Any, name: str, value: Any) -> None:
    """Sets one option; None takes it back.  Errors: TypeError, InvalidError."""
    try:
        number, default = _OPTIONS[name]
    except KeyError:
        raise TypeError("there is no option %r" % name) from None
    if value is None:
        value = default
    elif name == "form":
        if value not in _FORMS:
            raise InvalidError(S.EINVAL, "there is no form %r" % (value,))
        value = _FORMS[value]
    if default == "":
        code = C.mh_reply_set_str(handle, number, _string(value, name))
    elif not isinstance(value, int):
        raise TypeError("%s must be int, not %s" % (name, type(value).__name__))
    else:
        # What does not fit the C type would be cut to it and might be valid then.
        code = C.mh_reply_set_int(handle, number, value) if abs(value) < 1 << 63 else S.EINVAL
    if code:
        _raise(code, "%s cannot be %r" % (name, value))


_parse = C.mh_reply_parse
_str = C.mh_reply_str
_int = C.mh_reply_int


def _text(field: int, doc: str) -> str:
    """A property; type checkers are told of its value."""
    return property(lambda self: _str(self._handle, field).decode(), doc=doc)  # type: ignore


def _number(field: int, doc: str) -> int | None:
    def get(self: _Answer) -> int | None:
        number = _int(self._handle, field)
        return None if number == -1 else number  # MH_UNKNOWN, spelled out for speed
    return property(get, doc=doc)  # type: ignore


_SPAN = ("span", S.ITEM_SPAN_BEGIN, S.ITEM_SPAN_END)
_TEXT = (("text", S.ITEM_TEXT),)
_ID = (("id", S.ITEM_ID),)

# list -> its number, its fields of text, its fields of numbers, whether it has spans
_LISTS: dict[str, tuple[int, tuple[tuple[str, int], ...], tuple[tuple[str, int], ...], bool]] = {
    "lines": (S.LIST_LINE, (("status", S.ITEM_STATUS), ("text", S.ITEM_TEXT)),
              (("code", S.ITEM_CODE),), True),
    "alternatives": (S.LIST_ALTERNATIVE, _ID, (), False),
    "scope": (S.LIST_SCOPE, _ID, (), False),
    "advice": (S.LIST_ADVICE,
               (("id", S.ITEM_ID), ("text", S.ITEM_TEXT), ("url", S.ITEM_URL)), (), False),
    "disagreements": (S.LIST_DISAGREEMENT, _ID, (), False),
    "next": (S.LIST_NEXT, _ID, (), False),
    "ip": (S.LIST_IP, _TEXT, (), True),
    "domain": (S.LIST_DOMAIN, _TEXT, (), True),
    "email": (S.LIST_EMAIL, _TEXT, (), True),
    "url": (S.LIST_URL, _TEXT, (), True),
    "id": (S.LIST_ID, _TEXT, (), True),
    "blocklist": (S.LIST_BLOCKLIST,
                  (("id", S.ITEM_ID), ("name", S.ITEM_NAME), ("zone", S.ITEM_ZONE),
                   ("kind", S.ITEM_KIND), ("delist", S.ITEM_DELIST), ("text", S.ITEM_TEXT)),
                  (), True),
    "limit": (S.LIST_LIMIT, (("what", S.ITEM_WHAT),),
              (("count", S.ITEM_COUNT), ("per_s", S.ITEM_PER_S)), False),
}


class _Answer(_Handle):
    """What one reply means: what Reply and Classifier have in common."""

    __slots__ = ()
    _free = C.mh_reply_free

    code = _number(S.REPLY_CODE, "Reply code, 200 to 599, or None.")
    status = _text(S.REPLY_STATUS, 'Enhanced status code, "5.7.26"; "" where there is none.')
    reason = _text(S.REPLY_REASON, 'What failed: a reason id, "user-unknown".')
    reason_text = _text(S.REPLY_REASON_TEXT, "The reason in one sentence.")
    rule = _text(S.REPLY_RULE, 'Id of the rule that decided, "status.5.1.1".')
    meaning = _text(S.REPLY_MEANING, "What this provider means by it, where that is known.")
    permanence = _text(S.REPLY_PERMANENCE,
                       "permanent, temporary, success or unknown, as the code says.")
    class_ = _text(S.REPLY_CLASS, 'failed, delayed, delivered or unknown ("class" in the JSON).')
    retry = _text(S.REPLY_RETRY, 'no, slow, soon, fix or edit; "" where it makes no sense.')
    retry_after = _number(S.REPLY_RETRY_AFTER_S,
                          'Seconds to wait, as the text asks ("retry_after_s" in the JSON), or None.')
    actor = _text(S.REPLY_ACTOR, "Who must act.")
    provider = _text(S.REPLY_PROVIDER, 'Id of who answered, "google"; "" unknown.')
    provider_name = _text(S.REPLY_PROVIDER_NAME, "The same for people.")
    contact = _text(S.REPLY_CONTACT, "Where its postmasters can be asked: URL or mail address.")
    draft = _text(S.REPLY_DRAFT, "Words to send them, ready to be completed.")
    template = _text(S.REPLY_TEMPLATE, "16 hex digits, equal for replies that differ in data only.")
    phase = _text(S.REPLY_PHASE, "Phase of the dialogue, as given or as the text says.")
    status_text = _text(S.REPLY_STATUS_TEXT, "What the registry says of the status.")
    text = _text(S.REPLY_TEXT, "All lines' text, joined by spaces.")
    reference = _text(S.REPLY_REFERENCE, "Where the deciding rule's meaning is published.")
    form = _text(S.REPLY_FORM, "wire, joined, dsn or fragment.")
    length = _number(S.REPLY_LENGTH, "Octets given in.")

    @property
    def confidence(self) -> float | None:
        """How sure the reason is, 0.0 to 1.0."""
        thousandths = _int(self._handle, S.REPLY_CONFIDENCE)
        return None if thousandths == S.UNKNOWN else thousandths / 1000

    @property
    def span(self) -> tuple[int, int] | None:
        """Octets of the input that decided, begin and end, half-open."""
        handle = self._handle
        return _range(_int(handle, S.REPLY_SPAN_BEGIN), _int(handle, S.REPLY_SPAN_END))

    def entries(self, name: str) -> list[dict[str, Any]]:
        """All entries of one list with all that is known of them, as dicts.

        In: lines, alternatives, scope, advice, disagreements, next, or a kind of
        fact: ip, domain, email, url, id, blocklist, limit.  Lines and facts but
        limits have "span", (begin, end) in octets, or None.
        Errors: KeyError for another name."""
        number, texts, numbers, has_span = _LISTS[name]
        handle = self._handle
        found = []
        for i in range(C.mh_reply_count(handle, number)):
            entry: dict[str, Any] = {}
            for key, field in numbers:
                entry[key] = _known(C.mh_reply_item_int(handle, number, i, field))
            for key, field in texts:
                entry[key] = C.mh_reply_item_str(handle, number, i, field).decode()
            if has_span:
                entry["span"] = _range(C.mh_reply_item_int(handle, number, i, S.ITEM_SPAN_BEGIN),
                                       C.mh_reply_item_int(handle, number, i, S.ITEM_SPAN_END))
            found.append(entry)
        return found

    @property
    def lines(self) -> list[Line]:
        """The lines: dicts with code, status, text, span."""
        return self.entries("lines")  # type: ignore

    @property
    def alternatives(self) -> list[str]:
        """Other reasons with evidence, best first."""
        return [entry["id"] for entry in self.entries("alternatives")]

    @property
    def scope(self) -> list[str]:
        """What is concerned: message, recipient, sender-ip, sender-domain, connection, server."""
        return [entry["id"] for entry in self.entries("scope")]

    @property
    def advice(self) -> list[Advice]:
        """What to do, in this order: dicts with id, text, url."""
        return self.entries("advice")  # type: ignore

    @property
    def disagreements(self) -> list[str]:
        """What contradicts what: code-vs-status, code-vs-text, ..."""
        return [entry["id"] for entry in self.entries("disagreements")]

    @property
    def next(self) -> list[str]:
        """Checks that would explain it: spf, dkim, dmarc, host, tls, ..."""
        return [entry["id"] for entry in self.entries("next")]

    @property
    def facts(self) -> Facts:
        """What the text names: lists of str under ip, domain, email, url, id, lists of
        dicts under blocklist and limit.  entries("ip") also says where."""
        facts: dict[str, list[Any]] = {
            kind: [entry["text"] for entry in self.entries(kind)]
            for kind in ("ip", "domain", "email", "url", "id")
        }
        facts["blocklist"] = self.entries("blocklist")
        facts["limit"] = self.entries("limit")
        return facts  # type: ignore

    @property
    def findings(self) -> list[Finding]:
        """What was odd about the reply, worst first; see findings().  Errors: as json."""
        report = C.mh_reply_report(self._handle)
        if not report:
            self._no_answer()
        try:
            return [_finding(lambda field: C.mh_report_int(report, i, field),
                             lambda field: C.mh_report_str(report, i, field))
                    for i in range(C.mh_report_count(report))]
        finally:
            C.mh_report_free(report)

    @property
    def json(self) -> str:
        """All of it as one JSON object of schema 1, without a line end.

        Errors: Error "MH_ESTATE" before the first parse, MemoryError."""
        text: str = C.mh_reply_json(self._handle).decode()
        if not text:
            self._no_answer()
        return text

    def as_dict(self) -> dict[str, Any]:
        """The same as Python sees it.  Errors: as json."""
        from json import loads  # only here: it takes longer than a thousand replies
        answer: dict[str, Any] = loads(self.json)
        return answer

    def _no_answer(self) -> NoReturn:
        _raise(S.ESTATE if self.length is None else S.ENOMEM, "nothing has been parsed yet")

    def __repr__(self) -> str:
        try:
            words = [str(self.code or ""), self.status, self.reason]
        except ValueError:
            words = ["closed"]
        return "<mailhealth.%s>" % " ".join(filter(None, [type(self).__name__, *words]))


class Reply(_Answer):
    """One reply and what it means; made by parse_reply(), and never changes."""

    __slots__ = ()


class Classifier(_Answer):
    """Parses one reply after the other; its properties speak of the last one.

        classifier = mailhealth.Classifier(provider="google")
        for text in replies:
            print(classifier.parse(text).reason)

    The options hold for every parse:

    provider      who answered: a provider id, "google", or one of its domains, "gmail.com"
    mx            name of the host that answered
    phase         connect, helo, starttls, auth, mail, rcpt, data, eod, quit
    form          auto, wire, joined, dsn, fragment
    code          reply code known from elsewhere, if the text has none
    status        enhanced status code known from elsewhere
    line_number   "n" of the JSON object

    Errors: InvalidError for a value that cannot be right, MemoryError.
    """

    __slots__ = ("_lasting", "_changed")

    def __init__(self, context: Context | None = None, *, provider: str | None = None,
                 mx: str | None = None, phase: str | None = None, form: str | None = None,
                 code: int | None = None, status: str | None = None,
                 line_number: int | None = None) -> None:
        super().__init__(C.mh_reply_new(_context(context)._handle))
        options = {"provider": provider, "mx": mx, "phase": phase, "form": form, "code": code,
                   "status": status, "line_number": line_number}
        self._lasting = {name: value for name, value in options.items() if value is not None}
        self._changed: set[str] = set()  # options that one parse had otherwise
        for name, value in self._lasting.items():
            _set_option(self._handle, name, value)

    def parse(self, text: Octets, **options: str | int | None) -> Classifier:
        """Reads and classifies one reply, in any form.

        In: the text, and options for this parse only, which go before those of
        the classifier; None: the option is not used this time.  Out: self.
        Errors: InvalidError for an option, MemoryError; never for the text."""
        handle = self._handle
        if options or self._changed:
            self._set(options)
        if not isinstance(text, bytes):
            text = _octets(text)
        code = _parse(handle, text, len(text))
        if code:
            _raise(code)
        return self

    def _set(self, options: dict[str, str | int | None]) -> None:
        for name in self._changed - options.keys():
            _set_option(self._handle, name, self._lasting.get(name))
            self._changed.discard(name)
        for name, value in options.items():
            _set_option(self._handle, name, value)
            self._changed.add(name)


def parse_reply(text: Octets, *, provider: str | None = None, mx: str | None = None,
                phase: str | None = None, form: str | None = None, code: int | None = None,
                status: str | None = None, context: Context | None = None) -> Reply:
    """Reads and classifies one SMTP reply.

    In: the text, in any form: as received, as a log or a bounce message shows it,
    or a piece of it; options as Classifier has them; a context where rules of your
    own are to be used.  Out: a Reply.
    Errors: InvalidError for an option, MemoryError; never for the text."""
    reply = Reply(C.mh_reply_new(_context(context)._handle))
    handle = reply._handle
    for name, value in (("provider", provider), ("mx", mx), ("phase", phase), ("form", form),
                        ("code", code), ("status", status)):
        if value is not None:
            _set_option(handle, name, value)
    octets = _octets(text)
    error = _parse(handle, octets, len(octets))
    if error:
        _raise(error)
    return reply


# ---------------------------------------------------------------- findings

_SEVERITIES = {S.SEVERITY_INFO: "info", S.SEVERITY_WARN: "warn", S.SEVERITY_FAIL: "fail"}

_FINDING_TEXTS = (
    ("title", S.FINDING_TITLE), ("subject", S.FINDING_SUBJECT), ("evidence", S.FINDING_EVIDENCE),
    ("reason", S.FINDING_REASON), ("remedy", S.FINDING_REMEDY), ("spec", S.FINDING_SPEC),
    ("since", S.FINDING_SINCE),
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
    return found  # type: ignore


def _catalogued(i: int) -> Finding:
    return _finding(lambda field: C.mh_catalogue_int(i, field),
                    lambda field: C.mh_catalogue_str(i, field))


def findings() -> list[Finding]:
    """The catalogue of all findings that the library knows, ordered by number.

    Out: dicts with id, number, severity (info, warn, fail), title, reason, remedy,
    spec, since; subject, evidence and range say more only in a reply's findings."""
    return [_catalogued(i) for i in range(C.mh_catalogue_count())]


def finding(id: str) -> Finding:
    """One entry of the catalogue.  Errors: KeyError, there is no such finding."""
    place = C.mh_catalogue_find(_string(id, "id"))
    if place < 0:
        raise KeyError(id)
    return _catalogued(place)


# ------------------------------------------------------------------- rules

_LAYERS = {"site": S.LAYER_SITE, "user": S.LAYER_USER}


class Rules(_Handle):
    """Reply rules of your own, on top of the built-in ones; mailhealth-rules(5) has
    the grammar.  A set is filled, given to Context.use_rules(), and can then no
    longer change: make a new one and give that.

    In: the context that is going to use them; without one they can be checked only.
    Errors: MemoryError.
    """

    __slots__ = ()
    _free = C.mh_rules_free

    def __init__(self, context: Context | None = None) -> None:
        super().__init__(C.mh_rules_new(_context(context)._handle))

    def add(self, text: Octets, *, layer: str = "user", name: str = "<rules>") -> None:
        """Reads rules, whole or not at all.

        In: layer "site", which goes before the built-in rules, or "user", which
        goes before both; name is used in messages only.
        Errors: RulesError, Error "MH_EFROZEN" once the set is in use, InvalidError,
        MemoryError."""
        octets = _octets(text)
        self._check(C.mh_rules_add(self._handle, self._layer(layer), _string(name, "name"),
                                   octets, len(octets)))

    def add_file(self, path: str | bytes | os.PathLike[str], *, layer: str = "user") -> None:
        """The same from a file.  Errors: as add(), and Error "MH_EIO"."""
        octets = os.fsencode(path)
        if b"\0" in octets:
            raise InvalidError(S.EINVAL, "NUL in path")
        self._check(C.mh_rules_add_file(self._handle, self._layer(layer), octets),
                    os.fsdecode(path))

    @property
    def version(self) -> str:
        """16 hex digits, equal for equal rules, built-in ones included."""
        text: str = C.mh_rules_str(self._handle, S.RULES_VERSION).decode()
        return text

    @property
    def count(self) -> int:
        """Rules in this set."""
        number: int = C.mh_rules_int(self._handle, S.RULES_COUNT)
        return number

    @property
    def builtin(self) -> int:
        """Rules built in."""
        number: int = C.mh_rules_int(self._handle, S.RULES_BUILTIN)
        return number

    @staticmethod
    def _layer(layer: str) -> int:
        if layer not in _LAYERS:
            raise InvalidError(S.EINVAL, "there is no layer %r" % (layer,))
        return _LAYERS[layer]

    def _check(self, code: int, path: str = "") -> None:
        if code == S.ERULES:
            handle = self._handle
            raise RulesError(C.mh_rules_str(handle, S.RULES_ERROR).decode(),
                             C.mh_rules_str(handle, S.RULES_NAME).decode(),
                             _known(C.mh_rules_int(handle, S.RULES_LINE)),
                             _known(C.mh_rules_int(handle, S.RULES_COLUMN)))
        if code:
            words = C.mh_strerror(code).decode()
            _raise(code, "%s: %s" % (path, words) if path else words)


# ------------------------------------------------------------- the library

def library_version() -> str:
    """The version of the library that was loaded; __version__ is the binding's."""
    version: str = C.mh_version().decode()
    return version


def library_path() -> str:
    """The file, or the name, by which the library was loaded."""
    return _path
