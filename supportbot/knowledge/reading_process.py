"""Reads the files it is handed and does nothing else: started by `reading.py`, which ends it if it must.

It gets no environment and little memory, so that a hostile file finds nothing here and harms nobody.
On its standard input each file is a line of JSON (path, size) and its bytes; the answer is a line of JSON.
"""

import contextlib
import json
import sys

from supportbot.knowledge.files import packed
from supportbot.knowledge.formats import read_file

MOST_MEMORY = 1_000_000_000
"""Bytes of address space."""


def main() -> None:
    """Read until there are no more files."""
    _be_modest()
    while head := sys.stdin.buffer.readline():
        asked = json.loads(head)
        content = sys.stdin.buffer.read(asked["size"])
        answer = packed(read_file(asked["path"], content))
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _be_modest() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # not every system has such limits
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
