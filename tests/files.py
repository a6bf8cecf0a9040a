"""Files for imports, small enough to be read here: a PDF, a protected and a scanned one, zip archives."""

import io
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from pypdf import PdfReader, PdfWriter
from pypdf.constants import UserAccessPermissions


def pdf(pages: Sequence[str], title: str = "", language: str = "") -> bytes:
    """A PDF whose pages hold these lines."""
    objects = ["<< /Type /Catalog /Pages 2 0 R" + (f" /Lang ({language})" if language else "") + " >>"]
    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    objects.append(f"<< /Title ({title}) >>")
    for at, page in enumerate(pages):
        lines = "".join(f"({_escaped(line)}) Tj T* " for line in page.split("\n"))
        content = f"BT /F1 12 Tf 14 TL 50 750 Td {lines}ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {6 + 2 * at} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    written = "%PDF-1.4\n"
    places = []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (
        f"{written}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\nstartxref\n{len(written)}\n%%EOF"
    ).encode("latin-1")


def swollen_pdf(size: int) -> bytes:
    """A page of blanks, packed so well that it is small as a file."""
    packed = zlib.compress(b" " * size, 9)
    plain = pdf([""])
    start, end = plain.index(b"<< /Length"), plain.index(b"\nendobj", plain.index(b"<< /Length"))
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed)
    return plain[:start] + stream + plain[end:]


def protected_pdf(password: str) -> bytes:
    """One that opens with a password; with an empty one it is locked against printing only."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(["A secret that is long enough to be text."]))))
    writer.encrypt(password, "owner", algorithm="RC4-128", permissions_flag=UserAccessPermissions(0))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def archive(files: Mapping[str, bytes | str], *, links: Mapping[str, str] | None = None) -> bytes:
    """A zip archive of these files, under exactly these names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
        for name, target in (links or {}).items():
            link = zipfile.ZipInfo(name)
            link.external_attr = 0o120777 << 16
            packed.writestr(link, target)
    return out.getvalue()


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
