"""Whether somebody has mended the plugin meanwhile, and how often each part was called."""

from collections import Counter

mended = False
calls = Counter()


class Trouble(Exception):
    pass


def fail(what):
    calls[what] += 1
    if not mended:
        raise Trouble(f"trouble in {what}")
