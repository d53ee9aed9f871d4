"""mailhealth - why does mail not arrive, and what is to be changed?

    >>> import mailhealth
    >>> reply = mailhealth.parse_reply("550 5.1.1 <a@example.org>: User unknown")
    >>> reply.code, reply.status, reply.reason
    (550, '5.1.1', 'user-unknown')

This explains SMTP replies (RFC 5321 4.2), lines of mail logs, bounce messages
(RFC 3464) and whole logs by libmailhealth, which this package finds, checks and
calls; it needs the standard library only.  explain() takes any of these.
probe_tls() looks at the TLS of a mail server, a Chain at certificates that none shows yet.  check_spf() checks SPF (RFC 7208), acheck_spf() does in an asyncio loop, and a Job
takes the answers of any resolver.

Where there are many replies, make one Classifier and parse one after the other
into it; where there are many log lines, one LogReader.  Text goes in as bytes or
as str; a str stands for its UTF-8, with surrogate escapes for octets that were
none (PEP 383), and spans count those octets.  What is not known is "" in text and
None in numbers, never 0.  Strings, lists and dicts that were returned are copies
and stay valid.

Threads: a Context serves any number of threads at once.  Every other object may
move from one thread to another but serves one at a time.
"""
from __future__ import annotations

from . import _signatures as S
from ._core import (Context, Error, InvalidError, RulesError, finding, findings, library_version,
                    recognise)
from ._library import PATH as _path
from ._reply import Classifier, QuotedReply, Reply, parse_reply

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._bounce import Bounce, BouncedRecipient, bounces_of, parse_bounce
    from ._chain import Certificate, Chain, TlsaVerdict
    from ._dialogue import Dialogue
    from ._dmarc import DmarcJob, DmarcResult, acheck_dmarc, aligned, check_dmarc, from_domain, registrable
    from ._domain import DomainJob, DomainResult, HostJob, acheck_domain, acheck_host, check_domain, check_host
    from ._explain import explain
    from ._job import (Answer, Ask, Bogus, CannotAsk, DnsFailure, DnsTimeout, Job, Loop, NxDomain,
                       Refused, ServFail, Stamp, Truncated, World, Zone, parse_stamp, profiles)
    from ._log import LogLine, LogReader, parse_log_line
    from ._record import Record
    from ._rules import Rules
    from ._spf import SpfResult, acheck_spf, check_spf
    from ._sts import Sts
    from ._summary import LogSummary
    from ._tls import TlsJob, TlsResult, aprobe_tls, probe_tls

__all__ = [
    "Answer", "Ask", "Bogus", "Bounce", "BouncedRecipient", "CannotAsk", "Certificate", "Chain",
    "Classifier", "Context", "Dialogue", "DmarcJob", "DmarcResult", "DnsFailure", "DnsTimeout", "DomainJob",
    "DomainResult", "Error", "HostJob", "InvalidError", "Job", "LogLine", "LogReader", "LogSummary", "Loop",
    "NxDomain", "QuotedReply", "Record", "Refused", "Reply", "Rules", "RulesError", "ServFail", "SpfResult",
    "Stamp", "Sts", "TlsJob", "TlsResult", "TlsaVerdict", "Truncated", "World", "Zone", "acheck_dmarc",
    "acheck_domain", "acheck_host", "acheck_spf", "aligned", "aprobe_tls", "bounces_of", "check_dmarc",
    "check_domain", "check_host", "check_spf", "explain", "finding", "findings", "from_domain",
    "library_path", "library_version", "parse_bounce", "parse_log_line", "parse_reply", "parse_stamp",
    "probe_tls", "profiles", "recognise", "registrable",
]

__version__ = S.VERSION

# What is loaded when it is first asked for (PEP 562): who explains replies does not wait for it.
_LATER = {
    "Bounce": "_bounce", "BouncedRecipient": "_bounce", "bounces_of": "_bounce",
    "parse_bounce": "_bounce", "Dialogue": "_dialogue", "explain": "_explain", "LogLine": "_log", "LogReader": "_log",
    "parse_log_line": "_log", "Record": "_record", "Rules": "_rules", "LogSummary": "_summary",
    "Certificate": "_chain", "Chain": "_chain", "TlsaVerdict": "_chain",
    "TlsJob": "_tls", "TlsResult": "_tls", "aprobe_tls": "_tls", "probe_tls": "_tls",
    **dict.fromkeys(("DomainJob", "DomainResult", "HostJob", "acheck_domain", "acheck_host", "check_domain",
                     "check_host"), "_domain"),
    **dict.fromkeys(("DmarcJob", "DmarcResult", "acheck_dmarc", "aligned", "check_dmarc", "from_domain",
                     "registrable"), "_dmarc"),
    "Sts": "_sts", "SpfResult": "_spf", "acheck_spf": "_spf", "check_spf": "_spf",
    **dict.fromkeys(("Answer", "Ask", "Bogus", "CannotAsk", "DnsFailure", "DnsTimeout", "Job", "Loop",
                     "NxDomain", "Refused", "ServFail", "Stamp", "Truncated", "World", "Zone",
                     "parse_stamp", "profiles"), "_job"),
}


def library_path() -> str:
    """The file, or the name, by which the library was loaded."""
    return _path


if not TYPE_CHECKING:
    def __getattr__(name):
        if name not in _LATER:
            raise AttributeError("module %r has no attribute %r" % (__name__, name))
        from importlib import import_module
        value = globals()[name] = getattr(import_module("." + _LATER[name], __name__), name)
        return value

    def __dir__():
        return sorted({*globals(), *_LATER})
