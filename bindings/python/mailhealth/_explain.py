"""Any text that an owner of a mail server may have at hand."""
from __future__ import annotations

from ._bounce import _cut, _message, parse_bounce
from ._core import recognise
from ._log import parse_log_line
from ._reply import parse_reply
from ._summary import LogSummary

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    from ._bounce import Bounce, Mail
    from ._core import Context
    from ._log import LogLine
    from ._reply import Reply


def explain(text: Mail, *, now: float | None = None, utc_offset: int | None = None,
            context: Context | None = None) -> Union[Reply, LogLine, LogSummary, Bounce]:
    """Recognises what a text is, and reads it as that.

    In: octets, str, an email.message.Message, or an open file; options as LogReader has
    them, used for logs only; a context where rules of your own are to be used.
    Out: a Reply; a LogLine for one line of a log, a LogSummary for several; a Bounce for
    a mail message, of an mbox the first.
    Errors: InvalidError for an option, MemoryError; never for the text."""
    octets = _message(text)
    kind = "bounce" if hasattr(text, "as_bytes") else recognise(octets)
    if kind == "bounce":
        return parse_bounce(next(_cut(octets)), context=context)
    if kind == "reply":
        return parse_reply(octets, context=context)
    if b"\n" not in octets.rstrip(b"\r\n"):
        return parse_log_line(octets, now=now, utc_offset=utc_offset, context=context)
    return LogSummary(context, now=now, utc_offset=utc_offset).feed(octets).end()
