"""ports.py - ports for servers that are told theirs

A server that takes port 0 needs none of this.  The others get one below those that the system gives to whoever
connects (ip_local_port_range), so that no connection of another test, nor what is left of one, holds it; drawn at
random, so that tests side by side do not draw the same.
"""
import random
import socket

FIRST, LAST = 12000, 32000


def is_free(port, address="127.0.0.1"):
    """Whether nobody has it, by TCP and by UDP."""
    try:
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind) as one:
                one.bind((address, port))
    except OSError:
        return False
    return True


def free_port(address="127.0.0.1"):
    """A port that nobody has."""
    for _ in range(200):
        port = random.SystemRandom().randrange(FIRST, LAST)
        if is_free(port, address):
            return port
    raise RuntimeError("no port is free on " + address)
