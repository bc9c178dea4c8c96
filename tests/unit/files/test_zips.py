"""Documents that are archives, told by the directory at their end."""

import pytest

from handlers.files.zips import TAIL_BYTES, is_office, zip_type
from tests.unit.files.archives import OFFICE, document, office


@pytest.mark.parametrize("mime", OFFICE)
@pytest.mark.parametrize("before", [0, 10_000, 3 * TAIL_BYTES])
def test_the_end_of_a_document_tells(mime, before):
    assert is_office(mime)
    assert zip_type(office(mime, before)[-TAIL_BYTES:]) == mime


def test_others_stay_archives():
    assert zip_type(document("readme.txt")) == "application/zip"
    main = "word/document.xml"
    macros = document("[Content_Types].xml", main, "word/vbaProject.bin", before=10_000)
    assert zip_type(macros) == "application/zip"


def test_an_end_that_tells_nothing():
    many = document(*(f"{'folder' * 20}/{number}" for number in range(2000)))
    for tail in (b"", b"PK", many[-TAIL_BYTES:], office(next(iter(OFFICE)))[:-5], b"PK\5\6" * 10):
        assert zip_type(tail) is None
