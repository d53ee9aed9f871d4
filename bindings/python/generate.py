#!/usr/bin/env python3
"""generate.py - write mailhealth/_signatures.py from the public header

    generate.py            write the table beside the package
    generate.py --check    write nothing; exit 1 if the table is not the header's

The header is the one source of names, numbers and prototypes.  It is plain by
promise (no public structs, no variadic functions), so a few regular
expressions read all of it; whatever they do not understand stops us, because a
guessed signature is worse than none.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
HEADER = os.path.join(HERE, "..", "..", "include", "mailhealth.h")
TABLE = os.path.join(HERE, "mailhealth", "_signatures.py")

# C type -> our word for it; the binding gives each word its ctypes type.
WORDS = {
    "void": "void",
    "int": "int",
    "int64_t": "int64_t",
    "size_t": "size_t",
    "const char *": "str",
    "const void *": "octets",
    "void *": "pointer",
    "char *": "pointer",
    "size_t *": "pointer",
    "mh_alloc_fn": "pointer",
}

HEAD = '''"""The C interface as a table.  Made by generate.py from mailhealth.h: do not edit.

Numbers have their C names without the MH_; a function is its result, then its
arguments.
"""
'''


def c_type(text, handles):
    """Our word for the C type in text, which may end in a parameter's name."""
    text = re.sub(r"\s+", " ", text.strip())
    match = re.fullmatch(r"(?:const )?(\w+) \*(?:\w+)?", text)
    if match and match.group(1) in handles:
        return match.group(1)
    match = re.fullmatch(r"((?:const )?(?:void|char|size_t) \*|\w+)(?: ?\w+)?", text)
    if match and match.group(1) in WORDS:
        return WORDS[match.group(1)]
    raise SystemExit("generate.py: cannot read the type in %r" % text)


def parse(header):
    """In: the header's text.  Out: constants {name: value}, handles [name],
    functions {name: (result, argument...)}, all in the header's order."""
    plain = re.sub(r"/\*.*?\*/", " ", header, flags=re.S)
    constants = {}
    for name, value in re.findall(r"^#define (MH_\w+)[ \t]+(.+?)[ \t]*$", plain, flags=re.M):
        if name == "MH_API":
            continue
        if not re.fullmatch(r'\(?-?\d+\)?|"[^"\\]*"', value):
            raise SystemExit("generate.py: cannot read the value of " + name)
        constants[name] = value.strip("()")
    plain = re.sub(r"^#.*$", "", plain, flags=re.M)
    handles = re.findall(r"typedef struct (\w+) \1;", plain)
    functions = {}
    for result, name, arguments in re.findall(
            r"MH_API\s+([\w\s*]+?)(mh_\w+)\(([^)]*)\);", plain):
        arguments = [] if arguments.strip() == "void" else arguments.split(",")
        types = [c_type(t, handles) for t in [result, *arguments]]
        if types[0] == "octets":  # the length is told elsewhere: it must not end at a NUL
            types[0] = "pointer"
        functions[name] = tuple(types)
    if len(functions) != len(re.findall(r"^MH_API", plain, flags=re.M)):
        raise SystemExit("generate.py: cannot read every prototype")
    return constants, handles, functions


def render(header):
    """In: the header's text.  Out: the text of _signatures.py."""
    constants, handles, functions = parse(header)
    lines = [HEAD]
    lines += ["%s = %s" % (name[len("MH_"):], value) for name, value in constants.items()]
    lines += ["", "HANDLES = (%s)" % ", ".join('"%s"' % name for name in handles)]
    lines += ["", "FUNCTIONS = {"]
    for name, types in functions.items():
        words = ", ".join('"%s"' % word for word in types)
        lines.append('    "%s": (%s%s),' % (name, words, "," if len(types) == 1 else ""))
    return "\n".join(lines + ["}", ""])


def main(arguments):
    if arguments not in ([], ["--check"]):
        raise SystemExit(__doc__)
    with open(HEADER, encoding="utf-8") as file:
        text = render(file.read())
    if arguments:
        with open(TABLE, encoding="utf-8") as file:
            if file.read() != text:
                raise SystemExit("generate.py: _signatures.py is not the header's; run generate.py")
        return
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(sys.argv[1:])
