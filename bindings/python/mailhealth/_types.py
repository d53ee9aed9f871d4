"""Shapes of the dicts that are returned; read by type checkers, never at run time."""
from __future__ import annotations

from typing import List, Optional, Tuple, TypedDict

Span = Optional[Tuple[int, int]]


class Line(TypedDict):
    code: Optional[int]
    status: str
    text: str
    span: Span


class Advice(TypedDict):
    id: str
    text: str
    url: str


class Blocklist(TypedDict):
    id: str
    name: str
    zone: str
    kind: str
    delist: str
    text: str
    span: Span


class Limit(TypedDict):
    what: str
    count: Optional[int]
    per_s: Optional[int]


class Facts(TypedDict):
    ip: List[str]
    domain: List[str]
    email: List[str]
    url: List[str]
    id: List[str]
    blocklist: List[Blocklist]
    limit: List[Limit]


class Fix(TypedDict):
    name: str
    type: str
    ttl: int
    remove: List[str]
    add: List[str]


class Finding(TypedDict):
    id: str
    number: int
    severity: str
    title: str
    subject: str
    evidence: str
    reason: str
    remedy: str
    spec: str
    since: str
    range: Span
    state: str
    check: str
    detail: str
    fix: List[Fix]
    affects: List[str]


class Group(TypedDict):
    provider: str
    provider_name: str
    reason: str
    permanence: str
    count: int
    share: Optional[float]
    recipients: int
    forwarded: int
    first: Optional[int]
    last: Optional[int]
    relay: str
    recipient: str
    template: str
    sample: str


class Throttle(TypedDict):
    provider: str
    provider_name: str
    relay: str
    what: str
    accepted: int
    per_s: int
    limited: int
    confidence: float
    evidence: str


class Forwarding(TypedDict):
    orig_recipient: str
    recipient: str
    bounced: int
    provider: str
    reason: str
    first: Optional[int]
    last: Optional[int]
    evidence: str


class UnknownReply(TypedDict):
    template: str
    count: int
    sample: str
    rule: str


class TlsFault(TypedDict):
    cause: str
    count: int
    first: Optional[int]
    last: Optional[int]
    relay: str
    sample: str
    inbound: bool
