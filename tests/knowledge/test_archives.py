import io
import zipfile

import pytest

from supportbot.errors import Refused
from supportbot.knowledge import archives
from supportbot.knowledge.archives import Archive
from supportbot.knowledge.files import UnusableError
from tests.files import archive


def contents(packed: bytes) -> dict[str, bytes | str]:
    """Every file by its path: what is in it, or the reason why it is not read."""
    opened = Archive(packed)
    found: dict[str, bytes | str] = {one.path: one.reason for one in opened.skipped}
    for file in opened.files:
        try:
            found[file.path] = file.content()
        except UnusableError as reason:
            found[file.path] = str(reason)
    return found


def test_files_are_called_as_if_the_folder_around_them_were_the_archive() -> None:
    assert contents(archive({"help-main/a.md": "A", "help-main/refunds/b.md": "B"})) == {
        "a.md": b"A",
        "refunds/b.md": b"B",
    }
    assert contents(archive({"a.md": "A", "refunds/b.md": "B"})) == {"a.md": b"A", "refunds/b.md": b"B"}


def test_what_systems_leave_in_archives_is_not_there() -> None:
    found = contents(
        archive(
            {
                "h/a.md": "A",
                "__MACOSX/h/._a.md": "x",
                "h/.DS_Store": "x",
                "h/.git/x.md": "x",
                "h/Thumbs.db": "x",
            }
        )
    )

    assert found == {"a.md": b"A"}


@pytest.mark.parametrize(
    "name", ["../../etc/x.md", "a/../../x.md", "/etc/x.md", "C:/x.md", "..\\..\\x.md", "C:\\x.md"]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    found = contents(archive({"a.md": "A", name: "evil"}))

    assert found.pop("a.md") == b"A"
    assert list(found.values()) == ["Its name leads out of the archive."]


def test_links_archives_in_archives_and_protected_files_are_named() -> None:
    packed = archive({"a.md": "A", "inner.zip": archive({"x.md": "x"})}, links={"link.md": "/etc/passwd"})

    assert contents(packed) == {
        "a.md": b"A",
        "link.md": "It is a link to another file.",
        "inner.zip": "It is an archive inside the archive.",
    }
    # The mark of a protected file, in both of the places where it stands.
    locked = bytearray(archive({"a.md": "A", "b.md": "B"}))
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(head) + at] |= 1
    assert contents(bytes(locked)) == {"b.md": b"B", "a.md": "It is protected by a password."}


def test_a_name_twice_is_one_article() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("a.md", "first")
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("a.md", "second")
    opened = Archive(out.getvalue())

    assert [one.path for one in opened.files] == ["a.md"]
    assert [(one.path, one.reason) for one in opened.skipped] == [("a.md", "It is there twice.")]


def test_a_bomb_does_not_go_off() -> None:
    # 2 MB are the most that a text may be; ten gigabytes are not even begun.
    big = archive({"a.md": b"\0" * 50_000_000, "b.pdf": b"\0" * 29_000_000, "c.md": "C"})

    assert len(big) < 100_000
    assert contents(big) == {
        "a.md": "It is larger than 2 MB.",
        "b.pdf": "It grows to more than 200 times its size.",
        "c.md": b"C",
    }


def test_a_bomb_that_lies_about_its_size_does_not_either() -> None:
    packed = bytearray(archive({"a.md": b"\0" * 50_000_000}))
    for head, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = packed.index(head) + at
        packed[start : start + 4] = (100).to_bytes(4, "little")

    assert contents(bytes(packed))["a.md"] in (
        "It is broken, or packed in a way that cannot be read.",
        "It is larger than 2 MB.",
        "It grows to more than 200 times its size.",
    )


def test_all_files_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_TOTAL", 1_000)
    found = contents(archive({f"{at}.md": "x" * 600 for at in range(4)}))

    assert [type(one) for one in found.values()] == [bytes, bytes, str, str]


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MOST_ENTRIES", 3)
    with pytest.raises(Refused, match="more than 3 files"):
        Archive(archive({f"{at}.md": "x" for at in range(4)}))


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x05\x06", archive({"a.md": "A" * 99})[:-20], b"x" * 5_000],
    # An archive holds the time it was made: as a test's name it would be another one in each process.
    ids=["nothing", "two letters", "an end", "cut off", "letters"],
)
def test_what_is_no_archive_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match="broken"):
        Archive(content)


def test_a_file_that_is_broken_inside_costs_the_others_nothing() -> None:
    packed = bytearray(archive({"a.md": "A" * 500, "b.md": "B"}))
    at = packed.index(b"a.md") + 6
    packed[at : at + 3] = b"\xff\xff\xff"

    assert contents(bytes(packed)) == {
        "a.md": "It is broken, or packed in a way that cannot be read.",
        "b.md": b"B",
    }


def test_names_of_programs_that_do_not_say_they_write_utf8_are_read() -> None:
    # The bytes are UTF-8, and nothing says so.
    raw = archive({"x" * 10: "A"}).replace(b"x" * 10, "Größe.md".encode())

    assert contents(raw) == {"Größe.md": b"A"}
