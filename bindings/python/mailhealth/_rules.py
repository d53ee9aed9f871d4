"""Reply rules of one's own."""
from __future__ import annotations

import os

from . import _signatures as S
from ._core import (Context, InvalidError, RulesError, _Handle, _context, _known, _octets, _raise,
                    _string)
from ._library import C

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._core import Octets

_LAYERS = {"site": S.LAYER_SITE, "user": S.LAYER_USER}


class Rules(_Handle):
    """Reply rules of your own, on top of the built-in ones; mailhealth-rules(5) has
    the grammar.  A set is filled, given to Context.use_rules(), and can then no
    longer change: make a new one and give that.

    In: the context that is going to use them; without one they can be checked only.
    Errors: MemoryError.
    """

    __slots__ = ()
    _free = C.mh_rules_free

    def __init__(self, context: Context | None = None) -> None:
        super().__init__(C.mh_rules_new(_context(context)._handle))

    def add(self, text: Octets, *, layer: str = "user", name: str = "<rules>") -> None:
        """Reads rules, whole or not at all.

        In: layer "site", which goes before the built-in rules, or "user", which
        goes before both; name is used in messages only.
        Errors: RulesError, Error "MH_EFROZEN" once the set is in use, InvalidError,
        MemoryError."""
        octets = _octets(text)
        self._check(C.mh_rules_add(self._handle, self._layer(layer), _string(name, "name"),
                                   octets, len(octets)))

    def add_file(self, path: str | bytes | os.PathLike[str], *, layer: str = "user") -> None:
        """The same from a file.  Errors: as add(), and Error "MH_EIO"."""
        octets = os.fsencode(path)
        if b"\0" in octets:
            raise InvalidError(S.EINVAL, "NUL in path")
        self._check(C.mh_rules_add_file(self._handle, self._layer(layer), octets),
                    os.fsdecode(path))

    @property
    def version(self) -> str:
        """16 hex digits, equal for equal rules, built-in ones included."""
        text: str = C.mh_rules_str(self._handle, S.RULES_VERSION).decode()
        return text

    @property
    def count(self) -> int:
        """Rules in this set."""
        number: int = C.mh_rules_int(self._handle, S.RULES_COUNT)
        return number

    @property
    def builtin(self) -> int:
        """Rules built in."""
        number: int = C.mh_rules_int(self._handle, S.RULES_BUILTIN)
        return number

    @staticmethod
    def _layer(layer: str) -> int:
        if layer not in _LAYERS:
            raise InvalidError(S.EINVAL, "there is no layer %r" % (layer,))
        return _LAYERS[layer]

    def _check(self, code: int, path: str = "") -> None:
        if code == S.ERULES:
            handle = self._handle
            raise RulesError(C.mh_rules_str(handle, S.RULES_ERROR).decode(),
                             C.mh_rules_str(handle, S.RULES_NAME).decode(),
                             _known(C.mh_rules_int(handle, S.RULES_LINE)),
                             _known(C.mh_rules_int(handle, S.RULES_COLUMN)))
        if code:
            words = C.mh_strerror(code).decode()
            _raise(code, "%s: %s" % (path, words) if path else words)
