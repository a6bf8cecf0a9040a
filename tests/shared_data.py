"""Where data lies that is not part of this repository: `shared/data` beside it, or beside a folder above."""

from pathlib import Path

from supportbot.migrations import ROOT


def shared(name: str) -> Path:
    """A file of the shared data; it need not be on this machine."""
    folders = [parent / "shared" / "data" for parent in ROOT.parents]
    return next((folder for folder in folders if folder.is_dir()), folders[0]) / name
