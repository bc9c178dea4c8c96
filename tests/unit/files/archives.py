"""Archives, as documents are."""

import io
import zipfile

_OFFICE = "application/vnd.openxmlformats-officedocument."
OFFICE = {
    _OFFICE + "wordprocessingml.document": "word/document.xml",
    _OFFICE + "spreadsheetml.sheet": "xl/workbook.xml",
    _OFFICE + "presentationml.presentation": "ppt/presentation.xml",
}
OPEN_DOCUMENT = [
    f"application/vnd.oasis.opendocument.{kind}"
    for kind in ("text", "spreadsheet", "presentation", "graphics")
]


def document(*names: str, before: int = 0) -> bytes:
    """An archive with these entries, after one of so many bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if before:
            archive.writestr("media/large.bin", b"\1" * before)
        for name in names:
            archive.writestr(name, "<xml/>")
    return out.getvalue()


def office(mime: str, before: int = 0) -> bytes:
    """A document of Office Open XML."""
    return document("[Content_Types].xml", "_rels/.rels", OFFICE[mime], before=before)


def open_document(mime: str) -> bytes:
    """An OpenDocument of this type."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), mime)
        archive.writestr("content.xml", "<xml/>", zipfile.ZIP_DEFLATED)
    return out.getvalue()
