"""Finds libmailhealth, checks that it is the right one, and gives its functions types.

Where it is looked for, in this order:

1. $MAILHEALTH_LIBRARY: that file and no other
2. beside this file: a wheel carries its own
3. build/ of the checkout that this file is part of
4. the soname, by the dynamic loader
5. ctypes.util.find_library, last because it runs a compiler or ldconfig

A file that is there is taken, and then it must be the right one: one that does
not load or is too old is an ImportError that names it, no reason to look further.

The library is called with the interpreter lock held (PyDLL).  Its calls take
microseconds and wait for nothing, less than giving the lock away and taking it
back costs between busy threads, and a handle that two threads share by mistake
stays in one piece.  Reading files and waiting for answers are the exceptions.
"""
from __future__ import annotations

import ctypes
import os
from types import SimpleNamespace

from . import _signatures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

SONAME = "libmailhealth.so.0"

# These may read a file, wait, or take milliseconds: the lock is released.
_SLOW = frozenset((
    "mh_rules_add", "mh_rules_add_file", "mh_zone_add", "mh_zone_add_file", "mh_world_add",
    "mh_world_add_file", "mh_job_run", "mh_loop_run", "mh_loop_wait", "mh_dialogue_run",
))


def _file() -> str | None:
    """The file to load, where one is named or at hand; None: ask the loader."""
    named = os.environ.get("MAILHEALTH_LIBRARY")
    if named:
        return named
    here = os.path.dirname(os.path.abspath(__file__))
    bundled = os.path.join(here, SONAME)
    if os.path.exists(bundled):
        return bundled
    checkout = os.path.dirname(os.path.dirname(os.path.dirname(here)))
    built = os.path.join(checkout, "build", SONAME)
    if os.path.exists(built) and os.path.exists(os.path.join(checkout, "include", "mailhealth.h")):
        return built
    return None


def _open() -> tuple[ctypes.PyDLL, str]:
    """The library and the name it was opened by.  ImportError: it is not there."""
    path = _file()
    failures = []
    try:
        return ctypes.PyDLL(path or SONAME), path or SONAME
    except OSError as error:
        failures.append(str(error))
    if path is None:
        from ctypes.util import find_library
        path = find_library("mailhealth")
        if path:
            try:
                return ctypes.PyDLL(path), path
            except OSError as error:
                failures.append(str(error))
    raise ImportError("mailhealth: cannot load %s: %s; MAILHEALTH_LIBRARY can name the file"
                      % (path or "libmailhealth", ", ".join(failures)),
                      name="mailhealth", path=path)


def _dotted(number: int) -> str:
    return "%d.%d.%d" % (number // 10000, number // 100 % 100, number % 100)


def _check(library: ctypes.PyDLL, path: str) -> None:
    """ImportError unless the library has everything that the table was made for:
    the same major version and at least the same minor."""
    try:
        number = library.mh_version_number()
    except AttributeError:
        raise ImportError("mailhealth: %s is not libmailhealth" % path,
                          name="mailhealth", path=path) from None
    wanted = _signatures.VERSION_NUMBER
    if number // 10000 != wanted // 10000 or number // 100 < wanted // 100:
        raise ImportError(
            "mailhealth: %s is libmailhealth %s, this binding needs %s or a later %d.x"
            % (path, _dotted(number), _dotted(wanted), wanted // 10000),
            name="mailhealth", path=path)


def _bind(library: ctypes.PyDLL, path: str) -> Any:
    """Every function of the table, with its types.  ImportError: one is missing."""
    # One type for each kind of handle: mixing them up is then a TypeError, and
    # no pointer is ever cut down to a C int.
    types = {name: type(name, (ctypes.c_void_p,), {"__slots__": ()})
             for name in _signatures.HANDLES}
    types.update({
        "void": None,
        "int": ctypes.c_int,
        "int64_t": ctypes.c_int64,
        "size_t": ctypes.c_size_t,
        "str": ctypes.c_char_p,
        "octets": ctypes.c_char_p,
        "pointer": ctypes.c_void_p,
    })
    unlocked = ctypes.CDLL(path, handle=library._handle)
    functions = SimpleNamespace()
    for name, signature in _signatures.FUNCTIONS.items():
        try:
            function = getattr(unlocked if name in _SLOW else library, name)
        except AttributeError:
            raise ImportError("mailhealth: %s has no %s" % (path, name),
                              name="mailhealth", path=path) from None
        function.restype = types[signature[0]]
        function.argtypes = [types[word] for word in signature[1:]]
        setattr(functions, name, function)
    return functions


_loaded, PATH = _open()
_check(_loaded, PATH)
C = _bind(_loaded, PATH)
