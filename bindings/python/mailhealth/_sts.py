"""MTA-STS records and policies, from texts."""
from __future__ import annotations

from . import _signatures as S
from ._core import _Handle, _context, _findings_of, _known, _octets, _raise, _string
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ._core import Context, Octets
    from ._types import Finding


def _flag(number: int) -> bool | None:
    return None if number == S.UNKNOWN else bool(number)


class Sts(_Handle):
    """What is wrong with an MTA-STS record and policy (RFC 8461); nothing is asked or fetched.

        sts = mailhealth.Sts("v=STSv1; id=20261127;", policy, hosts=["mail.example.org"])
        if not sts.policy_valid or not sts.matches("mail.example.org"):
            for finding in sts.findings:
                print(finding["title"], finding["detail"], finding["remedy"])

    record   the TXT record of _mta-sts.DOMAIN, its strings joined, or a list of all its TXT
             records; an empty list: there is none; None: not known
    policy   the text behind https://mta-sts.DOMAIN/.well-known/mta-sts.txt; None: not known
    hosts    names of the domain's MX hosts, which the policy is compared with
    domain   for the findings, and the records that they propose

    Errors: InvalidError, hosts or domain are no names; Error "MH_ESTATE", more than 64 records
    or 100 hosts; MemoryError.
    """

    __slots__ = ()
    _free = C.mh_sts_free

    def __init__(self, record: Octets | Iterable[Octets] | None = None, policy: Octets | None = None, *,
                 hosts: Iterable[str] = (), domain: str = "", context: Context | None = None) -> None:
        super().__init__(C.mh_sts_new(_context(context)._handle))
        handle = self._handle
        if domain:
            self._done(C.mh_sts_set_str(handle, S.OPT_DOMAIN, _string(domain, "domain")),
                       "domain cannot be %r" % domain)
        if isinstance(record, (str, bytes, bytearray, memoryview)):
            record = [record]
        if record is not None:
            self._done(C.mh_sts_add_record(handle, None, 0))
            for text in record:
                octets = _octets(text)
                self._done(C.mh_sts_add_record(handle, octets, len(octets)))
        if policy is not None:
            octets = _octets(policy)
            self._done(C.mh_sts_set_policy(handle, octets, len(octets)))
        if isinstance(hosts, str):
            raise TypeError("hosts must be a list of str, not str")
        for name in hosts:
            self._done(C.mh_sts_add_mx(handle, _string(name, "a host")), "a host cannot be %r" % name)

    @staticmethod
    def _done(code: int, message: str = "") -> None:
        if code < 0:
            _raise(code, message)

    def _str(self, field: int) -> str:
        text: str = C.mh_sts_str(self._handle, field).decode()
        return text

    def _items(self, number: int, field: int) -> list[str]:
        handle = self._handle
        return [C.mh_sts_item_str(handle, number, i, field).decode()
                for i in range(C.mh_sts_count(handle, number))]

    def _pairs(self, number: int) -> list[tuple[str, str]]:
        return list(zip(self._items(number, S.STS_NAME), self._items(number, S.STS_VALUE)))

    @property
    def record(self) -> str:
        """The record that counts; ""."""
        return self._str(S.STS_RECORD)

    @property
    def record_count(self) -> int | None:
        """TXT records that begin as an MTA-STS record; None: not known."""
        return _known(C.mh_sts_int(self._handle, S.STS_RECORD_COUNT))

    @property
    def record_valid(self) -> bool | None:
        """False: senders go on as if there were no record; None: not known."""
        return _flag(C.mh_sts_int(self._handle, S.STS_RECORD_VALID))

    @property
    def id(self) -> str:
        """The id of the record; "" none that can be used."""
        return self._str(S.STS_ID)

    @property
    def record_fields(self) -> list[tuple[str, str]]:
        """Names and values of the record's fields that the standard does not know."""
        return self._pairs(S.STS_RECORD_FIELD)

    @property
    def policy_valid(self) -> bool | None:
        """False: senders cannot use the policy; None: not known."""
        return _flag(C.mh_sts_int(self._handle, S.STS_POLICY_VALID))

    @property
    def mode(self) -> str:
        """enforce, testing or none; "" none that can be read."""
        return self._str(S.STS_MODE)

    @property
    def max_age(self) -> int | None:
        """Seconds; None: none that can be read."""
        return _known(C.mh_sts_int(self._handle, S.STS_MAX_AGE))

    @property
    def mx(self) -> list[str]:
        """The patterns of the policy, in their order."""
        return self._items(S.STS_MX, S.STS_VALUE)

    @property
    def policy_fields(self) -> list[tuple[str, str]]:
        """Names and values of the policy's fields that the standard does not know."""
        return self._pairs(S.STS_POLICY_FIELD)

    def matches(self, name: str) -> bool:
        """Whether the policy, if it is valid, has a pattern for that MX host (RFC 8461 4.1).

        Errors: Error "MH_ESTATE", no policy was given; MemoryError."""
        code: int = C.mh_sts_matches(self._handle, _string(name, "name"))
        self._done(code)
        return bool(code)

    @property
    def findings(self) -> list[Finding]:
        """What is wrong, worst first; see finding().  Errors: MemoryError."""
        report = C.mh_sts_report(self._handle)
        if not report:
            _raise(S.ENOMEM)
        return _findings_of(report)

    @property
    def json(self) -> str:
        """All of it as one JSON object of schema 1, without a line end.  Errors: MemoryError."""
        text: str = C.mh_sts_json(self._handle).decode()
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
            return "<mailhealth.Sts id=%r mode=%r>" % (self.id, self.mode)
        except ValueError:
            return "<mailhealth.Sts closed>"
