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
