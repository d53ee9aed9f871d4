"""Lines of mail logs."""
from __future__ import annotations

from . import _signatures as S
from ._core import _Owner, _context, _int64, _known, _octets, _raise, _range, _seconds
from ._library import C
from ._reply import QuotedReply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Context, Octets

_parse = C.mh_log_parse
_str = C.mh_log_str
_int = C.mh_log_int


def _text(field: int, doc: str) -> str:
    """A property; type checkers are told of its value."""
    return property(lambda self: _str(self._handle, field).decode(), doc=doc)  # type: ignore


def _number(field: int, doc: str) -> int | None:
    return property(lambda self: _known(_int(self._handle, field)), doc=doc)  # type: ignore


def _answer(field: int, doc: str) -> bool | None:
    def get(self: _Line) -> bool | None:
        number = _int(self._handle, field)
        return None if number == S.UNKNOWN else number == 1
    return property(get, doc=doc)  # type: ignore


# option -> its number and what brings its value into a form that C takes
_OPTIONS = {
    "now": (S.OPT_NOW, _seconds),
    "utc_offset": (S.OPT_UTC_OFFSET, _int64),
    "line_number": (S.OPT_LINE_NUMBER, _int64),
}


class _Line(_Owner):
    """What one line says: what LogLine and LogReader have in common."""

    __slots__ = ()
    _free = C.mh_log_free

    mta = _text(S.LOG_MTA, 'Who wrote it: postfix, sendmail, exim, opensmtpd, qmail; "" unknown.')
    event = _text(S.LOG_EVENT, """What it tells: delivery, what became of one recipient; attempt, one
        try at one host failed; reject, we refused a client; tls; message, an envelope sender;
        start, notice, other; "" nothing about mail.""")
    queue_id = _text(S.LOG_QUEUE_ID, "What the MTA calls the delivery.")
    time = _text(S.LOG_TIME, 'RFC 3339 in UTC; "" unknown.')
    unix_time = _number(S.LOG_UNIX_TIME, "Seconds since the epoch, or None.")
    relay = _text(S.LOG_RELAY, "Host that was spoken to, without brackets, port or trailing dot.")
    relay_ip = _text(S.LOG_RELAY_IP, "Its address, or a socket's path.")
    relay_port = _number(S.LOG_RELAY_PORT, "Its port, or None.")
    result = _text(S.LOG_RESULT, 'sent, deferred, bounced, expired; "" no result.')
    class_ = _text(S.LOG_CLASS, "failed, delayed, delivered or unknown: by the result, else as the "
                                'reply says ("class" in the JSON).')
    dsn = _text(S.LOG_DSN, 'The MTA\'s status code, "5.7.1".')
    recipient = _text(S.LOG_RECIPIENT, "The recipient.")
    orig_recipient = _text(S.LOG_ORIG_RECIPIENT,
                           "His address before it was rewritten or forwarded.")
    sender = _text(S.LOG_SENDER, "Envelope sender, where the line has it.")
    phase = _text(S.LOG_PHASE, "Phase of the dialogue.")
    cause = _text(S.LOG_CAUSE, 'Finding that a TLS fault names, "tls.no-certificate"; see finding().')
    text = _text(S.LOG_TEXT, "What was said: by the other side, or by this server's software.")
    host = _text(S.LOG_HOST, "That logged.")
    program = _text(S.LOG_PROGRAM, 'That logged, "postfix/smtp".')
    remote = _answer(S.LOG_REMOTE, "Whether the other side said it, or None.")
    inbound = _answer(S.LOG_INBOUND, "Whether relay is a client that came to us, or None.")

    @property
    def delay(self) -> float | None:
        """Seconds from arrival to this try ("delay_s" in the JSON), or None."""
        thousandths = _int(self._handle, S.LOG_DELAY_MS)
        return None if thousandths == S.UNKNOWN else thousandths / 1000

    @property
    def text_span(self) -> tuple[int, int] | None:
        """Octets of the line that are the text, begin and end, half-open."""
        handle = self._handle
        return _range(_int(handle, S.LOG_TEXT_BEGIN), _int(handle, S.LOG_TEXT_END))

    @property
    def reply(self) -> QuotedReply | None:
        """What the text means, its spans in octets of the line; None where the line says
        nothing about mail.  It is worked out when it is first asked for.

        Errors: MemoryError."""
        return QuotedReply(self) if self.event else None

    @property
    def json(self) -> str:
        """All of it as one JSON object of schema 1, without a line end.

        Errors: Error "MH_ESTATE" before the first parse, MemoryError."""
        text: str = C.mh_log_json(self._handle).decode()
        if not text:
            _raise(S.ENOMEM if self._generation else S.ESTATE, "no line has been read yet")
        return text

    def as_dict(self) -> dict[str, Any]:
        """The same as Python sees it.  Errors: as json."""
        from json import loads
        answer: dict[str, Any] = loads(self.json)
        return answer

    def __repr__(self) -> str:
        try:
            words = [self.mta, self.event, self.result, self.recipient]
        except ValueError:
            words = ["closed"]
        return "<mailhealth.%s>" % " ".join(filter(None, [type(self).__name__, *words]))

    def _quoted(self, place: Any) -> Any:
        return C.mh_log_reply(self._handle)

    def _set(self, name: str, value: float) -> None:
        number, convert = _OPTIONS[name]
        code = C.mh_log_set_int(self._handle, number, convert(value, name))  # type: ignore
        if code:
            _raise(code, "%s cannot be %r" % (name, value))

    def _read(self, line: Octets) -> None:
        if not isinstance(line, bytes):
            line = _octets(line)
        handle = self._handle
        self._generation += 1
        code = _parse(handle, line, len(line))
        if code:
            _raise(code)


class LogLine(_Line):
    """One line and what it says; made by parse_log_line(), and never changes."""

    __slots__ = ()


class LogReader(_Line):
    """Reads one line after the other; its properties speak of the last one.

        reader = mailhealth.LogReader(now=time.time())
        for line in log:
            if reader.parse(line).event == "delivery" and reader.result != "sent":
                print(reader.recipient, reader.reply.reason)

    The options hold for every line:

    now           seconds since the epoch, for times without a year: they are taken to
                  be the latest that are not after it, and are unknown without it
    utc_offset    seconds east of UTC, for times without a zone; 0 unless given
    line_number   "n" of the JSON object

    Errors: InvalidError for a value that cannot be right, MemoryError.
    """

    __slots__ = ()

    def __init__(self, context: Context | None = None, *, now: float | None = None,
                 utc_offset: int | None = None, line_number: int | None = None) -> None:
        super().__init__(C.mh_log_new(_context(context)._handle))
        self.set(now=now, utc_offset=utc_offset, line_number=line_number)

    def set(self, *, now: float | None = None, utc_offset: int | None = None,
            line_number: int | None = None) -> None:
        """Changes options for the lines that follow; None leaves one as it is, and 0
        takes it back.  Errors: InvalidError."""
        for name, value in (("now", now), ("utc_offset", utc_offset),
                            ("line_number", line_number)):
            if value is not None:
                self._set(name, value)

    def parse(self, line: Octets) -> LogReader:
        """Reads one line of a log of Postfix, Sendmail, Exim, OpenSMTPD or qmail, with or
        without time and host.  A QuotedReply of the line before is gone.

        Out: self.  Errors: MemoryError; never for the line."""
        self._read(line)
        return self


def parse_log_line(line: Octets, *, now: float | None = None, utc_offset: int | None = None,
                   context: Context | None = None) -> LogLine:
    """Reads one line of a mail log.

    In: the line; options as LogReader has them; a context where rules of your own are
    to be used.  Out: a LogLine, its event "" if that is nothing about mail.
    Errors: InvalidError for an option, MemoryError; never for the line."""
    read = LogLine(C.mh_log_new(_context(context)._handle))
    if now is not None:
        read._set("now", now)
    if utc_offset is not None:
        read._set("utc_offset", utc_offset)
    read._read(line)
    return read
