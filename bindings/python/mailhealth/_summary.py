"""Whole logs, summed up."""
from __future__ import annotations

import os

from . import _signatures as S
from ._core import (InvalidError, _Owner, _context, _int64, _known, _octets, _raise, _seconds)
from ._library import C
from ._reply import QuotedReply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, Union

    from ._core import Context, Octets
    from ._types import Forwarding, Group, Throttle, TlsFault, UnknownReply

    Source = Union[str, bytes, os.PathLike[str], IO[bytes]]

_PIECE = 1 << 16  # other threads get their turn in between


def _number(field: int, doc: str) -> int | None:
    return property(lambda self: _known(C.mh_summary_int(self._handle, field)), doc=doc)  # type: ignore


def _count(field: int, doc: str) -> int:
    return property(lambda self: C.mh_summary_int(self._handle, field), doc=doc)  # type: ignore


# list -> its number, whether its entries have samples that were classified, and its keys, which
# are those of the JSON: str for text, int for numbers, float for thousandths, bool
_PROVIDER = ("provider", str, S.SUM_PROVIDER)
_PROVIDER_NAME = ("provider_name", str, S.SUM_PROVIDER_NAME)
_REASON = ("reason", str, S.SUM_REASON)
_COUNT = ("count", int, S.SUM_COUNT)
_FIRST = ("first", int, S.SUM_FIRST)
_LAST = ("last", int, S.SUM_LAST)
_RELAY = ("relay", str, S.SUM_RELAY)
_RECIPIENT = ("recipient", str, S.SUM_RECIPIENT)
_TEMPLATE = ("template", str, S.SUM_TEMPLATE)
_SAMPLE = ("sample", str, S.SUM_SAMPLE)
_EVIDENCE = ("evidence", str, S.SUM_EVIDENCE)

_LISTS: dict[str, tuple[int, bool, tuple[tuple[str, type, int], ...]]] = {
    "groups": (S.SUMMARY_GROUP, True, (
        _PROVIDER, _PROVIDER_NAME, _REASON, ("permanence", str, S.SUM_PERMANENCE), _COUNT,
        ("share", float, S.SUM_SHARE), ("recipients", int, S.SUM_RECIPIENTS),
        ("forwarded", int, S.SUM_FORWARDED), _FIRST, _LAST, _RELAY, _RECIPIENT, _TEMPLATE,
        _SAMPLE)),
    "throttles": (S.SUMMARY_THROTTLE, False, (
        _PROVIDER, _PROVIDER_NAME, _RELAY, ("what", str, S.SUM_WHAT),
        ("accepted", int, S.SUM_ACCEPTED), ("per_s", int, S.SUM_PER_S),
        ("limited", int, S.SUM_COUNT), ("confidence", float, S.SUM_CONFIDENCE), _EVIDENCE)),
    "forwarding": (S.SUMMARY_FORWARDING, True, (
        ("orig_recipient", str, S.SUM_ORIG_RECIPIENT), _RECIPIENT, ("bounced", int, S.SUM_COUNT),
        _PROVIDER, _REASON, _FIRST, _LAST, _EVIDENCE)),
    "unknown": (S.SUMMARY_UNKNOWN, True, (
        _TEMPLATE, _COUNT, _SAMPLE, ("rule", str, S.SUM_RULE))),
    "tls": (S.SUMMARY_TLS, False, (
        ("cause", str, S.SUM_CAUSE), _COUNT, _FIRST, _LAST, _RELAY, _SAMPLE,
        ("inbound", bool, S.SUM_INBOUND))),
}


class LogSummary(_Owner):
    """What whole logs show: what goes wrong, at whom, how much of it, since when.

        summary = mailhealth.LogSummary(now=time.time())
        summary.read("/var/log/mail.log.1", "/var/log/mail.log")
        for i, group in enumerate(summary.groups):
            print(group["count"], group["provider_name"], group["reason"])
            for advice in summary.reply("groups", i).advice:
                print("   ", advice["text"])

    now          seconds since the epoch, for times without a year: they are taken to be
                 the latest that are not after it, and are unknown without it
    utc_offset   seconds east of UTC, for times without a zone; 0 unless given
    groups       the most groups that are kept apart, 16 to 1000000; 10000 unless given

    Its memory is bounded by the groups, not by the lines; it may be asked at any time.
    Times are seconds since the epoch, or None.  It keeps the rules that the context had
    when it was made.  Errors: InvalidError for a value that cannot be right, MemoryError.
    """

    __slots__ = ()
    _free = C.mh_summary_free

    def __init__(self, context: Context | None = None, *, now: float | None = None,
                 utc_offset: int | None = None, groups: int | None = None) -> None:
        super().__init__(C.mh_summary_new(_context(context)._handle))
        if now is not None:
            self._set("now", S.OPT_NOW, _seconds(now, "now"))
        if utc_offset is not None:
            self._set("utc_offset", S.OPT_UTC_OFFSET, _int64(utc_offset, "utc_offset"))
        if groups is not None:
            self._set("groups", S.OPT_GROUPS, _int64(groups, "groups"))

    def _set(self, name: str, option: int, value: int) -> None:
        code = C.mh_summary_set_int(self._handle, option, value)
        if code:
            _raise(code, "%s cannot be %r" % (name, value))

    def feed(self, octets: Octets) -> LogSummary:
        """Reads the next octets of a file, any number of them, cut anywhere: text, gzip
        (RFC 1952), or journald's export and JSON forms; their beginning shows which.

        Out: self.  Errors: Error "MH_EIO", the gzip data is damaged: what could be read is
        counted, and the rest of this file will be ignored.  MemoryError; the lines before
        are counted, and it can be fed on."""
        octets = _octets(octets)
        handle = self._handle
        self._generation += 1
        for begin in range(0, len(octets), _PIECE):
            piece = octets[begin:begin + _PIECE]
            code = C.mh_summary_feed(handle, piece, len(piece))
            if code:
                _raise(code, "the gzip data is damaged" if code == S.EIO else "")
        return self

    def end(self) -> LogSummary:
        """A file ends here; the next octets begin another, which should be later in time.

        Out: self.  Errors: Error "MH_EIO", it was gzip and is cut short; MemoryError."""
        self._generation += 1
        code = C.mh_summary_end(self._handle)
        if code:
            _raise(code, "the gzip data is cut short" if code == S.EIO else "")
        return self

    def read(self, *sources: Source) -> LogSummary:
        """Reads whole files: paths, or files that are open for reading octets.

        Give them oldest first.  Out: self.  Errors: OSError, and as feed() and end(); the
        file is then left where it went wrong, what was read of it is counted, and the
        next may follow."""
        for source in sources:
            if isinstance(source, (str, bytes, os.PathLike)):
                with open(source, "rb") as file:
                    self._read(file)
            else:
                self._read(source)
        return self

    def _read(self, file: IO[bytes]) -> None:
        try:
            while True:
                octets = file.read(_PIECE)
                if not octets:
                    break
                self.feed(octets)
        except BaseException:
            C.mh_summary_end(self._handle)  # so that the next file is not taken for its rest
            raise
        self.end()

    lines = _count(S.SUMMARY_LINES, "Lines that were read.")
    deliveries = _count(S.SUMMARY_DELIVERIES, "Lines that tell what became of a recipient.")
    first = _number(S.SUMMARY_FROM, 'Time of the first line that has one ("from" in the JSON).')
    last = _number(S.SUMMARY_TO, 'Time of the last line that has one ("to" in the JSON).')
    sent = _count(S.SUMMARY_SENT, "Deliveries that were taken.")
    deferred = _count(S.SUMMARY_DEFERRED, "Deliveries that are to be tried again.")
    bounced = _count(S.SUMMARY_BOUNCED, "Deliveries that failed for good.")
    expired = _count(S.SUMMARY_EXPIRED, "Deliveries that were tried for too long.")
    rejected = _count(S.SUMMARY_REJECTED, "Commands of clients that this server refused.")
    left_out = _count(S.SUMMARY_LEFT_OUT, "Failed deliveries in no group: there are too many.")
    octets = _count(S.SUMMARY_OCTETS, "Octets read, unpacked.")

    def _list(self, name: str) -> list[dict[str, Any]]:
        number, _, columns = _LISTS[name]
        handle = self._handle
        found = []
        for i in range(C.mh_summary_count(handle, number)):
            entry: dict[str, Any] = {}
            for key, kind, field in columns:
                if kind is str:
                    entry[key] = C.mh_summary_item_str(handle, number, i, field).decode()
                    continue
                value = C.mh_summary_item_int(handle, number, i, field)
                entry[key] = (None if value == S.UNKNOWN else value / 1000 if kind is float
                              else kind(value))
            found.append(entry)
        return found

    @property
    def groups(self) -> list[Group]:
        """Failed deliveries by receiver, reason and permanence, worst first: dicts with
        provider, provider_name (for people; the domain of its hosts where the provider is
        unknown), reason, permanence, count, share (of all failed deliveries, 0.0 to 1.0),
        recipients (different ones; beyond 256 an estimate), forwarded (how many of them were
        of mail that is forwarded), first, last, relay, recipient (the first), template,
        sample."""
        return self._list("groups")  # type: ignore

    @property
    def throttles(self) -> list[Throttle]:
        """Limits that receivers keep to themselves, inferred: dicts with provider,
        provider_name, relay, what, accepted, per_s, limited, confidence, evidence."""
        return self._list("throttles")  # type: ignore

    @property
    def forwarding(self) -> list[Forwarding]:
        """Forwardings whose mail the next server did not want: dicts with orig_recipient,
        recipient, bounced, provider, reason, first, last, evidence."""
        return self._list("forwarding")  # type: ignore

    @property
    def unknown(self) -> list[UnknownReply]:
        """Replies that no rule knows, personal data masked: dicts with template, count,
        sample, and a draft of a rule, its reason to be filled in."""
        return self._list("unknown")  # type: ignore

    @property
    def tls(self) -> list[TlsFault]:
        """TLS faults by cause: dicts with cause (see finding()), count, first, last, relay,
        sample, inbound (whether these were clients that came to us)."""
        return self._list("tls")  # type: ignore

    def reply(self, name: str, i: int) -> QuotedReply:
        """What the sample of entry i of groups, forwarding or unknown means, with advice.

        Errors: KeyError, there is no list of that name; IndexError, it has no such entry;
        InvalidError, its entries have no reply; MemoryError."""
        number, has_reply, _ = _LISTS[name]
        if not has_reply:
            raise InvalidError(S.EINVAL, "entries of %s have no reply" % name)
        count: int = C.mh_summary_count(self._handle, number)
        if not -count <= i < count:
            raise IndexError("%s has no entry %d" % (name, i))
        return QuotedReply(self, (number, i % count))

    def _quoted(self, place: Any) -> Any:
        return C.mh_summary_reply(self._handle, *place)

    @property
    def json(self) -> str:
        """All of it as one JSON object of schema 1, without a line end.  Errors: MemoryError."""
        text: str = C.mh_summary_json(self._handle).decode()
        if not text:
            _raise(S.ENOMEM)
        return text

    def as_dict(self) -> dict[str, Any]:
        """The same as Python sees it.  Errors: as json."""
        from json import loads
        answer: dict[str, Any] = loads(self.json)
        return answer

    def __repr__(self) -> str:
        try:
            return "<mailhealth.LogSummary of %d lines>" % self.lines
        except ValueError:
            return "<mailhealth.LogSummary closed>"
