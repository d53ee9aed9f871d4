"""Bounce messages."""
from __future__ import annotations

import ctypes
import os
from operator import index

from . import _signatures as S
from ._core import _Owner, _context, _findings_of, _int64, _octets, _raise
from ._library import C
from ._reply import QuotedReply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from email.message import Message
    from typing import IO, Any, Iterator, NoReturn, Union

    from ._core import Context, Octets
    from ._types import Finding

    Mail = Union[Octets, Message, IO[bytes], IO[str]]

_str = C.mh_bounce_str
_NOBODY = ctypes.c_size_t(-1).value  # a place that no recipient has: fields of the message


def _message(message: Mail) -> bytes:
    """The octets of a message in any of the forms that are taken."""
    if isinstance(message, bytes):
        return message
    if hasattr(message, "as_bytes"):
        return _octets(message.as_bytes())
    if hasattr(message, "read"):
        return _octets(message.read())
    return _octets(message)


def _text(field: int, doc: str) -> str:
    """A property of the message; type checkers are told of its value."""
    return property(lambda self: _str(self._handle, _NOBODY, field).decode(), doc=doc)  # type: ignore


def _own(field: int, doc: str) -> str:
    """A property of one recipient."""
    return property(lambda self: _str(self._handle, self._place, field).decode(), doc=doc)  # type: ignore


class BouncedRecipient:
    """What a bounce message says about one recipient; an entry of a Bounce, which it
    keeps alive.  Once that has read another message or is closed, any use of it is a
    ValueError."""

    __slots__ = ("_bounce", "_place", "_generation", "__weakref__")

    def __init__(self, bounce: Bounce, place: int) -> None:
        self._bounce = bounce
        self._place = place
        self._generation = bounce._generation

    @property
    def _handle(self) -> Any:
        self._bounce._check(self._generation)
        return self._bounce._handle

    class_ = _own(S.BOUNCE_CLASS, 'failed, delayed, delivered, expanded, relayed, feedback, or '
                                  'another class of Bounce ("class" in the JSON).')
    action = _own(S.BOUNCE_ACTION, 'failed, delayed, delivered, relayed, expanded; "" not said.')
    recipient = _own(S.BOUNCE_RECIPIENT, "The address that it is about.")
    orig_recipient = _own(S.BOUNCE_ORIG_RECIPIENT, "The address as the sender gave it.")
    status = _own(S.BOUNCE_STATUS, "Status code of the report; the reply has one of its own.")
    remote_mta = _own(S.BOUNCE_REMOTE_MTA, "Host that refused it.")
    diagnostic_type = _own(S.BOUNCE_DIAGNOSTIC_TYPE, 'What kind of text it is, "smtp".')
    text = _own(S.BOUNCE_TEXT, "What was said about this recipient.")
    cause = _own(S.BOUNCE_CAUSE, "Finding that a TLS fault names; see finding().")

    @property
    def reply(self) -> QuotedReply:
        """What the text means; spans are None unless it stands in the message octet for
        octet.  Errors: MemoryError."""
        self._handle
        return QuotedReply(self._bounce, self._place)

    @property
    def json(self) -> str:
        """All of it as one JSON object of schema 1, without a line end.  Errors: MemoryError."""
        self._handle
        return self._bounce._json(self._place)

    def as_dict(self) -> dict[str, Any]:
        """The same as Python sees it.  Errors: as json."""
        from json import loads
        answer: dict[str, Any] = loads(self.json)
        return answer

    def __repr__(self) -> str:
        try:
            words = [self.class_, self.status, self.recipient]
        except ValueError:
            words = ["gone"]
        return "<mailhealth.%s>" % " ".join(filter(None, ["BouncedRecipient", *words]))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a BouncedRecipient can be neither copied nor pickled")


class Bounce(_Owner):
    """One message: a sequence of the recipients that it reports on, empty (and so false)
    if it is an ordinary one.

        for recipient in mailhealth.parse_bounce(message):
            print(recipient.recipient, recipient.class_, recipient.reply.reason)

    line_number   "n" of the first recipient's JSON object; later ones count on

    One Bounce can parse() one message after the other.
    Errors: InvalidError for a value that cannot be right, MemoryError.
    """

    __slots__ = ("path",)
    _free = C.mh_bounce_free

    path: str | None  #: the file that bounces_of() found it in

    def __init__(self, context: Context | None = None, *, line_number: int | None = None) -> None:
        super().__init__(C.mh_bounce_new(_context(context)._handle))
        self.path = None
        if line_number is not None:
            code = C.mh_bounce_set_int(self._handle, S.OPT_LINE_NUMBER,
                                       _int64(line_number, "line_number"))
            if code:
                _raise(code, "line_number cannot be %r" % (line_number,))

    def parse(self, message: Mail) -> Bounce:
        """Reads one message.  Recipients and replies of the one before are gone.

        In: octets, str, an email.message.Message, or an open file.  Out: self.
        Errors: MemoryError; never for what the message says."""
        octets = _message(message)
        handle = self._handle
        self._generation += 1
        code = C.mh_bounce_parse(handle, octets, len(octets))
        if code:
            _raise(code)
        return self

    class_ = _text(S.BOUNCE_CLASS, "Of the message as a whole: failed, delayed, delivered, "
                                   "expanded, relayed, vacation, feedback, challenge or unknown.")
    form = _text(S.BOUNCE_FORM, 'Who writes so: "rfc3464", "arf", "exim", "qmail", ...')
    reporting_mta = _text(S.BOUNCE_REPORTING_MTA, "Host that reports.")
    message_id = _text(S.BOUNCE_MESSAGE_ID, "Message-ID of the message that was sent.")
    subject = _text(S.BOUNCE_SUBJECT, "Subject of the message that was sent.")
    sender = _text(S.BOUNCE_SENDER, "Sender of the message that was sent.")
    feedback_type = _text(S.BOUNCE_FEEDBACK_TYPE, '"abuse" and others, of a feedback report.')

    @property
    def findings(self) -> list[Finding]:
        """What was odd about the message, worst first; see findings().  Errors: as json."""
        report = C.mh_bounce_report(self._handle)
        if not report:
            self._no_message()
        return _findings_of(report)

    @property
    def json(self) -> str:
        """A JSON object of schema 1 for each recipient, in lines; one object for a message
        that reports on none.

        Errors: Error "MH_ESTATE" before the first parse, MemoryError."""
        return "\n".join(self._json(i) for i in range(max(1, len(self))))

    def as_dicts(self) -> list[dict[str, Any]]:
        """The same as Python sees it.  Errors: as json."""
        from json import loads
        return [loads(line) for line in self.json.split("\n")]

    def __len__(self) -> int:
        count: int = C.mh_bounce_count(self._handle)
        return count

    def __getitem__(self, i: int) -> BouncedRecipient:
        return BouncedRecipient(self, range(len(self))[index(i)])

    def __iter__(self) -> Iterator[BouncedRecipient]:
        return map(self.__getitem__, range(len(self)))

    def __repr__(self) -> str:
        try:
            return "<mailhealth.Bounce %s>" % " ".join(
                filter(None, [self.class_, self.form, "of %d" % len(self)]))
        except ValueError:
            return "<mailhealth.Bounce closed>"

    def _json(self, place: int) -> str:
        text: str = C.mh_bounce_json(self._handle, place).decode()
        if not text:
            self._no_message()
        return text

    def _no_message(self) -> NoReturn:
        _raise(S.ENOMEM if self._generation else S.ESTATE, "no message has been read yet")

    def _quoted(self, place: Any) -> Any:
        return C.mh_bounce_reply(self._handle, place)


def parse_bounce(message: Mail, *, line_number: int | None = None,
                 context: Context | None = None) -> Bounce:
    """Reads one message: a delivery status notification, the free form of an older MTA or
    provider, a feedback report, or anything else a mailbox holds.

    In: octets, str, an email.message.Message, or an open file; options as Bounce has
    them; a context where rules of your own are to be used.  Out: a Bounce.
    Errors: InvalidError for an option, MemoryError; never for what the message says."""
    return Bounce(context, line_number=line_number).parse(message)


# --------------------------------------------------------------- mailboxes

def _messages(path: str) -> Iterator[bytes]:
    """The messages of a file: one, or those of an mbox, which is not read into memory."""
    from mmap import ACCESS_COPY, mmap
    box: Any
    with open(path, "rb") as file:
        try:
            box = mmap(file.fileno(), 0, access=ACCESS_COPY)  # ctypes takes what can be written
        except (OSError, ValueError):  # empty, or a pipe
            yield from _cut(file.read())
            return
    octets = (ctypes.c_char * len(box)).from_buffer(box)
    try:
        yield from _cut(box, octets)
    finally:
        del octets
        box.close()


def _cut(box: Any, octets: Any = None) -> Iterator[bytes]:
    """The messages of a box; octets is the same for C."""
    size = len(box)
    begin = C.mh_mbox_next(box if octets is None else octets, size, 0)
    if begin != 0 or size == 0:
        yield box[:]
        return
    while begin < size:
        end = C.mh_mbox_next(box if octets is None else octets, size, begin + 1)
        yield box[begin:end]
        begin = end


def _files(path: str) -> Iterator[str]:
    """The files that hold messages: path itself, or those of a directory, a Maildir or not."""
    if not os.path.isdir(path):
        yield path
        return
    folders = [folder for folder in (os.path.join(path, name) for name in ("new", "cur"))
               if os.path.isdir(folder)]
    for folder in folders or [path]:
        for name in sorted(os.listdir(folder)):
            file = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isfile(file):
                yield file


def bounces_of(path: str | bytes | os.PathLike[str], *,
               context: Context | None = None) -> Iterator[Bounce]:
    """Reads all messages of a file, an mbox, or a directory: a Maildir, or one whose files
    are messages.

    Out: a Bounce for each, ordinary messages included, with path, the file's.
    Errors: OSError, MemoryError."""
    for name in _files(os.fsdecode(path)):
        for octets in _messages(name):
            bounce = parse_bounce(octets, context=context)
            bounce.path = name
            yield bounce
