"""SMTP replies and what they mean."""
from __future__ import annotations

from . import _signatures as S
from ._core import (Context, InvalidError, _Handle, _context, _findings_of, _int64, _known,
                    _octets, _raise, _range, _string)
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from ._core import Octets, _Owner
    from ._types import Advice, Facts, Finding, Line

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
    else:
        code = C.mh_reply_set_int(handle, number, _int64(value, name))
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


class _Answer:
    """What one reply means: what Reply, Classifier and QuotedReply have in common."""

    __slots__ = ()
    _handle: Any  # a mh_reply; a ValueError where it is gone

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
        return _findings_of(report)

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


class Reply(_Answer, _Handle):
    """One reply and what it means; made by parse_reply(), and never changes."""

    __slots__ = ()
    _free = C.mh_reply_free


class QuotedReply(_Answer):
    """What was said, as a log line, a bounce message or a summary has it.

    It belongs to the object that gave it, which it keeps alive.  Once that has read
    something else or is closed, any use of it is a ValueError.
    """

    __slots__ = ("_owner", "_place", "_generation", "__weakref__")

    def __init__(self, owner: _Owner, place: Any = None) -> None:
        self._owner = owner
        self._place = place
        self._generation = owner._generation
        self._handle  # MemoryError now rather than later

    if not TYPE_CHECKING:
        @property
        def _handle(self):
            # Asked for anew each time: an owner of many has the C handle for one at a time.
            owner = self._owner
            owner._check(self._generation)
            handle = owner._quoted(self._place)
            if not handle:
                raise MemoryError("libmailhealth is out of memory")
            return handle

    def __reduce__(self) -> NoReturn:
        raise TypeError("a QuotedReply can be neither copied nor pickled")


class Classifier(_Answer, _Handle):
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
    _free = C.mh_reply_free

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
