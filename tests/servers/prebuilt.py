"""The app over pages that are built already: `reflex run` without compiling and building.

Building takes ten seconds of both cores, and the suite starts a dozen apps that differ in their settings
alone. The first of a run is built as a user builds it; the others serve its pages at ports of their own.
"""

import fcntl
import gzip
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILT_AT = re.compile(r"(?<=localhost:)\d+")
PAGES = Path("build", "client")
ENVIRONMENT = "assets/reflex-env-*.js"
"""The one built file that knows the port."""
_FOLDER = "SUPPORTBOT_TESTS_PAGES"


def begin() -> None:
    """Name a folder for this run; the processes of a run that goes side by side inherit it."""
    if _FOLDER not in os.environ:
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix="supportbot-pages-")


def forget() -> None:
    """Remove what was shared, at the end of the run."""
    shutil.rmtree(os.environ.pop(_FOLDER, ""), ignore_errors=True)


@contextmanager
def the_first_builds() -> Iterator[bool]:
    """Whether there are pages to share; if not, everybody else waits until this block has ended."""
    begin()
    with (_shared() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = (_shared() / "web").is_dir()
        if built:
            fcntl.flock(lock, fcntl.LOCK_UN)
        yield built


def share(web: Path) -> None:
    """Keep the pages of an app that has been built."""
    making = _shared() / "making"
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(web, making, ignore=shutil.ignore_patterns("node_modules"))
    making.rename(_shared() / "web")


def take(web: Path, port: str) -> None:
    """Put the shared pages where an app on this port looks for its own."""
    shutil.copytree(_shared() / "web", web, dirs_exist_ok=True)
    (knows,) = (web / PAGES).glob(ENVIRONMENT)
    text = BUILT_AT.sub(port, knows.read_text())
    knows.write_text(text)
    knows.with_name(f"{knows.name}.gz").write_bytes(gzip.compress(text.encode()))


def _shared() -> Path:
    return Path(os.environ[_FOLDER])


def main() -> None:
    """Run Reflex's own command, with the two steps left out that would build."""
    import reflex.reflex as command
    from reflex.utils import build

    def nothing(*_: object, **__: object) -> None:
        """Everything is there."""

    command._compile_app = nothing
    build.setup_frontend_prod = nothing
    command.cli(sys.argv[1:])


if __name__ == "__main__":
    main()
