"""Chain: certificates judged before any server shows them."""
from __future__ import annotations

from . import _signatures as S
from ._core import _Handle, _context, _findings_of, _known, _octets, _raise, _seconds, _string
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterable, Union

    from ._core import Context, Octets
    from ._types import Finding

    Record = Union[str, bytes]

_CERT_TEXTS = ("subject", "issuer", "key", "signature", "sha256", "spki_sha256", "tlsa")
_CERT_NUMBERS = ("bits", "not_before", "not_after")


class Certificate:
    """One of a chain; a copy.

    names       DNS names of subjectAltName
    not_before, not_after   seconds since the epoch
    tlsa        the record to publish for it: "3 1 1 ..." for the first, "2 1 1 ..." for others"""

    __slots__ = (*_CERT_TEXTS, *_CERT_NUMBERS, "names", "is_ca")

    subject: str
    issuer: str
    names: list[str]
    key: str
    bits: int | None
    signature: str
    sha256: str
    spki_sha256: str
    tlsa: str
    not_before: int | None
    not_after: int | None
    is_ca: bool

    def __repr__(self) -> str:
        return "Certificate(%r)" % self.subject


class TlsaVerdict:
    """What one TLSA record comes to by itself.

    record   "3 1 1 01..."
    state    match, mismatch, unusable
    why      "" or usage-0-1, unknown-kind, length, syntax, ca-not-sent, name, dates, other;
             outranked: it matches, and is not looked at, as there is one with a stronger digest
    depth    which certificate it matches, 0 the server's own; None"""

    __slots__ = ("record", "state", "why", "depth")

    record: str
    state: str
    why: str
    depth: int | None

    def __repr__(self) -> str:
        return "TlsaVerdict(%r, %r, %r)" % (self.record, self.state, self.why)


class Chain(_Handle):
    """Certificates, judged without a connection: will they do, for these names, with these
    TLSA records, at that time?

        >>> chain = mailhealth.Chain(pem, names="mx.example.org", tlsa=["3 1 1 8cb0..."],
        ...                          now=time.time() + 14 * 86400, context=context)
        >>> chain.pkix, chain.dane, [verdict.state for verdict in chain.tlsa]
        ('pass', 'pass', ['match'])
        >>> chain.certificates[0].tlsa      # to be published
        '3 1 1 8cb0...'

    octets    PEM, of which blocks of another kind are left out, or DER; the server's own first
    names     of the server, its own first: one has to match
    tlsa      records: text, or rdata as bytes
    now       None: the clock's
    staple    an OCSP response, DER
    mail      False: the rules of RFC 7671, by which usages 0 and 1 count too
    ee_names  wants a name for usage 3 as well
    context   has the trust anchors; without any, pkix is "unknown"

    It is judged when it is made; set() and judge() do so again with other options.
    Errors: ValueError, there is no certificate in it."""

    __slots__ = ()
    _free = C.mh_chain_free

    def __init__(self, octets: Octets, *, names: str | Iterable[str] = (), tlsa: Record | Iterable[Record] = (),
                 now: float | None = None, staple: bytes = b"", mail: bool = True, ee_names: bool = False,
                 context: Context | None = None) -> None:
        super().__init__(C.mh_chain_new(_context(context)._handle))
        data = _octets(octets)
        self._check(C.mh_chain_read(self._handle, data, len(data)))
        self.set(names=names, tlsa=tlsa, now=now, staple=staple, mail=mail, ee_names=ee_names)
        self.judge()

    @staticmethod
    def _check(code: int) -> None:
        if code == S.ENOENT:
            from ._core import InvalidError
            raise InvalidError(code, "there is no certificate in it")
        if code:
            _raise(code)

    def set(self, *, names: str | Iterable[str] | None = None, tlsa: Record | Iterable[Record] | None = None,
            now: float | None = None, staple: bytes | None = None, mail: bool | None = None,
            ee_names: bool | None = None) -> None:
        """Other options; those that are None stay.  What came out is gone until judge()."""
        if names is not None:
            self._each(S.OPT_NAME, (names,) if isinstance(names, str) else names)
        if tlsa is not None:
            self._each(S.OPT_TLSA, (tlsa,) if isinstance(tlsa, (str, bytes)) else tlsa)
        for option, value in ((S.OPT_FOR_MAIL, mail), (S.OPT_EE_NAMES, ee_names)):
            if value is not None:
                self._check(C.mh_chain_set_int(self._handle, option, int(value)))
        if now is not None:
            self._check(C.mh_chain_set_int(self._handle, S.OPT_NOW, _seconds(now, "now")))
        if staple is not None:
            data = _octets(staple)
            self._check(C.mh_chain_set_staple(self._handle, data, len(data)))

    def _each(self, option: int, values: Iterable[Record]) -> None:
        self._check(C.mh_chain_set_str(self._handle, option, b""))
        for value in values:
            if isinstance(value, bytes) and option == S.OPT_TLSA:
                self._check(C.mh_chain_add_tlsa(self._handle, value, len(value)))
            else:
                self._check(C.mh_chain_set_str(self._handle, option, _string(value, "name or record")))  # type: ignore

    def judge(self) -> None:
        """Judges what is there now."""
        self._check(C.mh_chain_judge(self._handle))

    def _text(self, field: int) -> str:
        value: str = C.mh_chain_str(self._handle, field).decode()
        return value

    def _item(self, items: int, i: int, field: int) -> str:
        value: str = C.mh_chain_item_str(self._handle, items, i, field).decode()
        return value

    @property
    def certificates(self) -> list[Certificate]:
        """As they were read."""
        found = []
        for i in range(C.mh_chain_count(self._handle, S.CHAIN_CERT)):
            one = Certificate()
            for key in _CERT_TEXTS:
                setattr(one, key, self._item(S.CHAIN_CERT, i, getattr(S, "CERT_" + key.upper())))
            for key in _CERT_NUMBERS:
                setattr(one, key, _known(C.mh_chain_item_int(self._handle, S.CHAIN_CERT, i,
                                                             getattr(S, "CERT_" + key.upper()))))
            one.names = self._item(S.CHAIN_CERT, i, S.CERT_NAMES).split()
            one.is_ca = C.mh_chain_item_int(self._handle, S.CHAIN_CERT, i, S.CERT_CA) == 1
            found.append(one)
        return found

    @property
    def names(self) -> dict[str, bool]:
        """The names that were set, and whether the first certificate is for them."""
        return {self._item(S.CHAIN_NAME, i, S.NAME_TEXT):
                C.mh_chain_item_int(self._handle, S.CHAIN_NAME, i, S.NAME_MATCHES) == 1
                for i in range(C.mh_chain_count(self._handle, S.CHAIN_NAME))}

    @property
    def tlsa(self) -> list[TlsaVerdict]:
        """Each record's own verdict."""
        found = []
        for i in range(C.mh_chain_count(self._handle, S.CHAIN_TLSA)):
            one = TlsaVerdict()
            one.record, one.state, one.why = (self._item(S.CHAIN_TLSA, i, field)
                                              for field in (S.TLSA_TEXT, S.TLSA_STATE, S.TLSA_WHY))
            one.depth = _known(C.mh_chain_item_int(self._handle, S.CHAIN_TLSA, i, S.TLSA_DEPTH))
            found.append(one)
        return found

    @property
    def health(self) -> str:
        """pass, info, warn, fail."""
        return self._text(S.CHAIN_HEALTH)

    @property
    def pkix(self) -> str:
        """pass, fail, unknown: path, names, dates and staple."""
        return self._text(S.CHAIN_PKIX)

    @property
    def dane(self) -> str:
        """pass, fail, unusable (no record can be used), none (there is no record)."""
        return self._text(S.CHAIN_DANE)

    @property
    def result(self) -> str:
        """RFC 8460 4.3: certificate-expired, tlsa-invalid, ...; "" if nothing fails."""
        return self._text(S.CHAIN_RESULT)

    @property
    def error(self) -> str:
        """What OpenSSL says of the path; "ok"."""
        return self._text(S.CHAIN_ERROR)

    @property
    def staple(self) -> str:
        """none, good, revoked, bad, unproven (its issuer is not there)."""
        return self._text(S.CHAIN_STAPLE)

    @property
    def staple_why(self) -> str:
        """Why it is bad: expired, signature, responder, ...; ""."""
        return self._text(S.CHAIN_STAPLE_WHY)

    @property
    def days_left(self) -> int | None:
        """Of the first certificate; None: it has expired."""
        return _known(C.mh_chain_int(self._handle, S.CHAIN_DAYS_LEFT))

    @property
    def unreadable(self) -> int | None:
        """How many certificates could not be read."""
        return _known(C.mh_chain_int(self._handle, S.CHAIN_UNREADABLE))

    @property
    def dane_error(self) -> int | None:
        """X509_V_* of OpenSSL, all TLSA records together; 0 none."""
        return _known(C.mh_chain_int(self._handle, S.CHAIN_DANE_ERROR))

    @property
    def dane_depth(self) -> int | None:
        """Which certificate the records match, 0 the server's own."""
        return _known(C.mh_chain_int(self._handle, S.CHAIN_DANE_DEPTH))

    def findings(self) -> list[Finding]:
        """What is wrong, worst first."""
        report = C.mh_chain_report(self._handle)
        return _findings_of(report) if report else []

    @property
    def json_text(self) -> str:
        """All of it as one JSON object."""
        value: str = C.mh_chain_json(self._handle).decode()
        return value

    def json(self) -> dict[str, Any]:
        """The same, read."""
        import json
        value: dict[str, Any] = json.loads(self.json_text)
        return value
