"""One authentication record, from its text."""
from __future__ import annotations

from . import _signatures as S
from ._core import _Handle, _context, _findings_of, _octets, _raise, _string
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._core import Context, Octets
    from ._types import Finding

_KINDS = {"dmarc": S.RECORD_DMARC, "dkim-key": S.RECORD_DKIM_KEY, "tlsrpt": S.RECORD_TLSRPT,
          "bimi": S.RECORD_BIMI}


class Record(_Handle):
    """What one TXT record says to a receiver that follows the standard, and what is wrong with it.

        record = mailhealth.Record("dmarc", "v=DMARC1; p=quarantaine", domain="example.org")
        if not record.valid or record.value("p") == "none":
            for finding in record.findings:
                print(finding["title"], finding["detail"], finding["remedy"])

    kind     dmarc (RFC 9989), dkim-key (RFC 6376), tlsrpt (RFC 8460) or bimi
    text     the strings of the TXT record, joined
    domain   for the findings, and the records that they propose; of a key its whole name,
             SELECTOR._domainkey.DOMAIN

    Nothing is asked.

    Errors: ValueError, there is no such kind; InvalidError, domain is no name, or text has more
    than 65535 octets; MemoryError.
    """

    __slots__ = ("kind",)
    _free = C.mh_record_free

    def __init__(self, kind: str, text: Octets, *, domain: str = "", context: Context | None = None) -> None:
        super().__init__(C.mh_record_new(_context(context)._handle))
        if kind not in _KINDS:
            raise ValueError("there is no kind %r of records" % kind)
        self.kind = kind
        if domain and C.mh_record_set_str(self._handle, S.OPT_DOMAIN, _string(domain, "domain")) < 0:
            _raise(S.EINVAL, "domain cannot be %r" % domain)
        octets = _octets(text)
        code = C.mh_record_read(self._handle, _KINDS[kind], octets, len(octets))
        if code < 0:
            _raise(code)

    @property
    def valid(self) -> bool:
        """False: receivers go on as if there were no record, or do not use it."""
        return bool(C.mh_record_int(self._handle, S.RECORD_VALID) == 1)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """Names and values after defaults and what the standard makes of faults, each entry of a
        list by itself; nothing if the record is not valid."""
        handle = self._handle
        return [(C.mh_record_item_str(handle, i, S.RECORD_NAME).decode(),
                 C.mh_record_item_str(handle, i, S.RECORD_TEXT).decode())
                for i in range(C.mh_record_count(handle))]

    def value(self, name: str) -> str:
        """The value of the first field of that name, "" if there is none."""
        text: str = C.mh_record_value(self._handle, _string(name, "name"), 0).decode()
        return text

    def values(self, name: str) -> list[str]:
        """The values of all fields of that name."""
        return [value for field, value in self.fields if field == name]

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, worst first; see finding().  Errors: MemoryError."""
        report = C.mh_record_report(self._handle)
        if not report:
            _raise(S.ENOMEM)
        return _findings_of(report)

    @property
    def json(self) -> str:
        """All of it as one JSON object of schema 1, without a line end.  Errors: MemoryError."""
        text: str = C.mh_record_json(self._handle).decode()
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
            return "<mailhealth.Record %s valid=%r>" % (self.kind, self.valid)
        except ValueError:
            return "<mailhealth.Record closed>"
