"""What an uploaded file is, and the same picture without what nobody sees. Pure.

PNG, JPEG and WebP are read as far as their structure goes: the size in pixels, and the parts that hold no
picture (places, cameras, comments, anything behind the end), which are left out. Nothing is decoded.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from supportbot.errors import Refused

LARGEST_FILE = 256 * 1024
LARGEST_SIDE = 4_096

PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PARTS = frozenset(
    (b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"bKGD")
)
_WEBP_PARTS = frozenset((b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"))
_JPEG_SIZES = frozenset((*range(0xC0, 0xD0),)) - {0xC4, 0xC8, 0xCC}
_JPEG_KEPT = frozenset((0xE0, 0xE2, 0xEE))
"""JFIF, the colour profile, and Adobe's note about colours; every other note goes."""
_ORIENTATION = 0x0112


@dataclass(frozen=True, slots=True)
class Image:
    """A picture that may be kept."""

    media_type: str
    content: bytes
    width: int
    height: int


def checked(content: bytes) -> Image:
    """The picture in a file, without what is no picture.

    Raises:
        Refused: it is too large, or no PNG, JPEG or WebP.
    """
    if len(content) > LARGEST_FILE:
        raise Refused(f"The picture is larger than {LARGEST_FILE // 1024} KB. Please choose a smaller one.")
    try:
        image = _read(content)
    except (IndexError, ValueError, struct.error):
        image = None
    if image is None:
        raise Refused("Please choose a PNG, JPEG or WebP picture.")
    if not (0 < image.width <= LARGEST_SIDE and 0 < image.height <= LARGEST_SIDE):
        raise Refused(f"The picture may be at most {LARGEST_SIDE:,} pixels wide and high.")
    return image


def _read(content: bytes) -> Image | None:
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    return None


def _png(content: bytes) -> Image:
    at, kept, size, ended = len(_PNG), [_PNG], (0, 0), False
    while not ended:
        length, name = struct.unpack_from(">I4s", content, at)
        part = content[at : at + 12 + length]
        if len(part) != 12 + length or zlib.crc32(part[4:-4]) != struct.unpack(">I", part[-4:])[0]:
            raise ValueError("a part is broken")
        if name == b"IHDR":
            size = struct.unpack_from(">II", part, 8)
        if name in _PNG_PARTS:
            kept.append(part)
        at, ended = at + len(part), name == b"IEND"
    return Image(PNG, b"".join(kept), *size)


def _jpeg(content: bytes) -> Image:
    kept, size, turned = [], (0, 0), 1
    for marker, segment in _segments(content):
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        if marker == 0xE1 and segment[4:10] == b"Exif\0\0":
            turned = _orientation(segment[10:])
        elif marker in _JPEG_KEPT or not (0xE0 <= marker <= 0xEF or marker == 0xFE):
            kept.append(segment)
    note = [_turned(turned)] if turned != 1 else []
    return Image(JPEG, b"".join([b"\xff\xd8", *note, *kept]), *size)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments up to the picture's data, and then that up to its end."""
    at = 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("no segment begins here")
        marker = content[at + 1]
        if marker == 0xDA:
            end = content.rindex(b"\xff\xd9", at) + 2
            yield marker, content[at:end]
            return
        (length,) = struct.unpack_from(">H", content, at + 2)
        segment = content[at : at + 2 + length]
        if length < 2 or len(segment) != 2 + length:
            raise ValueError("a segment is broken")
        yield marker, segment
        at += len(segment)


def _orientation(exif: bytes) -> int:
    """How a camera was held, 1 to 8; 1 if it does not say so."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (at,) = struct.unpack_from(order + "I", exif, 4)
        (count,) = struct.unpack_from(order + "H", exif, at)
        for entry in range(min(count, 100)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", exif, at + 2 + 12 * entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def _turned(orientation: int) -> bytes:
    """A note that says how the camera was held, and nothing else."""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 1) + entry + b"\0\0\0\0"
    return b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif


def _webp(content: bytes) -> Image:
    at, kept, size = 12, [], (0, 0)
    (length,) = struct.unpack_from("<I", content, 4)
    end = 8 + length
    if end > len(content):
        raise ValueError("the file ends too early")
    while at + 8 <= end:
        name, length = struct.unpack_from("<4sI", content, at)
        part = content[at : at + 8 + length + length % 2]
        if len(part) < 8 + length:
            raise ValueError("a part is broken")
        size = size if any(size) else _webp_size(name, part[8:])
        if name == b"VP8X":  # without the marks for the notes that go
            part = part[:8] + bytes([part[8] & ~0x0C]) + part[9:]
        if name in _WEBP_PARTS:
            kept.append(part)
        at += len(part)
    body = b"".join(kept)
    return Image(WEBP, b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body, *size)


def _webp_size(name: bytes, data: bytes) -> tuple[int, int]:
    if name == b"VP8X":
        return 1 + int.from_bytes(data[4:7], "little"), 1 + int.from_bytes(data[7:10], "little")
    if name == b"VP8L" and data[0] == 0x2F:
        bits = int.from_bytes(data[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 " and data[3:6] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 6)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0
