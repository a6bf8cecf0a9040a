"""Only pictures are kept, and of them only what is seen."""

import struct
import zlib

import pytest

from supportbot.errors import Refused
from supportbot.house.image_files import LARGEST_FILE, checked


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width: int = 3, height: int = 2, *extra: bytes) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 8))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(extra) + rows + chunk(b"IEND", b"")


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def exif(orientation: int) -> bytes:
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    place = b"52.5 N 13.4 E canary"
    return b"Exif\0\0II*\0" + struct.pack("<IH", 8, 1) + entry + b"\0\0\0\0" + place


def jpeg(*notes: bytes) -> bytes:
    size = segment(0xC0, struct.pack(">BHHB", 8, 2, 3, 1) + b"\1\x11\0")
    scan = segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12\x34\xff\x00\x56"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0") + b"".join(notes) + size + scan + b"\xff\xd9"


def webp(*extra: bytes) -> bytes:
    body = b"WEBP" + webp_part(b"VP8L", b"\x2f" + struct.pack("<I", 2 | 1 << 14)) + b"".join(extra)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp_part(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [(png(), "image/png"), (jpeg(), "image/jpeg"), (webp(), "image/webp")],
)
def test_a_picture_is_known_by_what_is_in_it(content: bytes, media_type: str) -> None:
    image = checked(content)

    assert (image.media_type, image.width, image.height) == (media_type, 3, 2)
    assert image.content == content


@pytest.mark.parametrize(
    "content",
    [
        png(3, 2, chunk(b"tEXt", b"Comment\0canary")),
        png(3, 2, chunk(b"eXIf", b"canary")),
        png() + b"<script>canary</script>",
        jpeg(segment(0xE1, exif(1))),
        jpeg(segment(0xFE, b"canary")),
        jpeg(segment(0xED, b"canary")),
        jpeg() + b"PK canary",
        webp(webp_part(b"EXIF", b"canary")),
        webp() + b"canary",
    ],
)
def test_what_is_no_picture_is_left_out(content: bytes) -> None:
    assert b"canary" in content

    kept = checked(content)

    assert b"canary" not in kept.content
    assert checked(kept.content) == kept


def test_how_the_camera_was_held_is_kept() -> None:
    kept = checked(jpeg(segment(0xE1, exif(6)))).content

    assert b"canary" not in kept
    assert struct.pack(">HHIH", 0x0112, 3, 1, 6) in kept
    assert checked(kept).content == kept


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a" + b"\0" * 50,
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<html>",
        png()[:40],
        png().replace(b"IDAT", b"IDAX"),
        jpeg()[:20],
        jpeg()[:-2],
        webp()[:18],
        b"\x89PNG\r\n\x1a\n" + b"\xff" * 60,
        b"\xff\xd8\xff" + b"\xff" * 60,
    ],
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Refused, match=r"PNG, JPEG or WebP|pixels"):
        checked(content)


def test_it_may_be_neither_too_large_nor_too_wide() -> None:
    with pytest.raises(Refused, match="256 KB"):
        checked(png() + b"\0" * LARGEST_FILE)
    for width, height in ((100_000, 2), (2, 100_000), (0, 2)):
        with pytest.raises(Refused, match="pixels"):
            checked(png(width, height))
