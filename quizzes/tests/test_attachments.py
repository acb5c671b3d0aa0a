"""Files that learners send in: known by their content, cleaned of notes, refused when they are not
what they look like."""

from __future__ import annotations

import io
import zipfile
from io import BytesIO

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from quizzes.attachments import DOCX, JPEG, PDF, PIXELS, PNG, TEXT, FileRefused, clean_name, read

SECRET = b"SECRETPLACE"
GPS = 0x8825


def picture(form: str, size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: object) -> bytes:
    """A picture, its left half red and its right half blue."""
    image = Image.new(mode, size, "red" if mode in ("RGB", "RGBA") else 0)
    if mode in ("RGB", "RGBA"):
        image.paste("blue", (size[0] // 2, 0, *size))
    made = BytesIO()
    image.save(made, form, **how)
    return made.getvalue()


def noted(orientation: int = 1) -> Image.Exif:
    """What a camera notes along: where, with what, which way up."""
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    exif[0x0112] = orientation
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (10.0, 45.0, 30.0)
    exif.get_ifd(GPS)[29] = SECRET.decode()
    return exif


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def heic(size: tuple[int, int] = (64, 32), exif: bytes | None = None) -> bytes:
    made = BytesIO()
    image = Image.new("RGB", size, "red")
    pillow_heif.from_pillow(image).save(made, exif=exif)
    return made.getvalue()


def docx(**more: bytes) -> bytes:
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types><Override PartName="/word/document.xml" ContentType="{main}"/></Types>',
        )
        archive.writestr("word/document.xml", b"<w:document/>")
        for name, content in more.items():
            archive.writestr(name.replace("__", "/"), content)
    return made.getvalue()


def test_jpeg_loses_all_notes() -> None:
    sent = picture("JPEG", exif=noted(), comment=SECRET)
    assert SECRET in sent
    kept = read("ảnh.JPG", sent)
    assert (kept.name, kept.content_type) == ("ảnh.jpg", JPEG[0])
    assert SECRET not in kept.content
    assert dict(opened(kept.content).getexif()) == {}
    assert opened(kept.content).size == (40, 20)


def test_png_loses_all_notes() -> None:
    notes = PngInfo()
    notes.add_text("Comment", SECRET.decode())
    sent = picture("PNG", exif=noted(), pnginfo=notes)
    assert SECRET in sent
    kept = read("màn hình.png", sent)
    assert kept.content_type == PNG[0]
    assert SECRET not in kept.content
    assert b"eXIf" not in kept.content


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_picture_stands_upright(orientation: int) -> None:
    kept = read("a.jpg", picture("JPEG", quality=95, exif=noted(orientation)))
    image = opened(kept.content).convert("RGB")
    at = {3: (35, 10), 6: (10, 5), 8: (10, 35)}[orientation]  # where the left half is now
    assert image.size == ((40, 20) if orientation == 3 else (20, 40))
    red, _green, blue = image.getpixel(at)
    assert red > 200 > 60 > blue


def test_colours_keep_their_meaning() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    kept = read("a.jpg", picture("JPEG", icc_profile=profile))
    assert opened(kept.content).info["icc_profile"] == profile


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_any_kind_is_kept_as_png(mode: str) -> None:
    kept = read("a.png", picture("PNG", mode=mode))
    assert opened(kept.content).format == "PNG"
    assert opened(kept.content).size == (40, 20)


def test_heic_becomes_jpeg() -> None:
    exif = noted().tobytes()
    sent = heic(exif=exif)
    assert SECRET in sent
    kept = read("IMG_0001.HEIC", sent)
    assert (kept.name, kept.content_type) == ("IMG_0001.jpg", JPEG[0])
    assert opened(kept.content).format == "JPEG"
    assert opened(kept.content).size == (64, 32)
    assert SECRET not in kept.content


def test_name_does_not_decide() -> None:
    assert read("don.pdf", picture("JPEG")).name == "don.jpg"
    assert read("anh.jpg", b"%PDF-1.7\n...").content_type == PDF[0]
    assert read("script.html", b"<script>alert(1)</script>").content_type == TEXT[0]
    assert read("script.html", b"<script>alert(1)</script>").name == "script.txt"


def test_documents_are_kept_as_they_came() -> None:
    pdf = b"%PDF-1.7\nwhatever"
    assert read("a.pdf", pdf).content == pdf
    assert (read("a.docx", docx()).content_type, read("a.docx", docx()).content) == (
        DOCX[0],
        docx(),
    )


@pytest.mark.parametrize(
    "content",
    [
        "Xin chào\n".encode(),
        "Xin chào\n".encode("utf-8-sig"),
        "Xin chào\n".encode("utf-16"),
    ],
)
def test_text_is_kept_in_utf_8(content: bytes) -> None:
    kept = read("a.txt", content)
    assert kept.content == "Xin chào\n".encode()
    assert kept.content_type == TEXT[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b" \n",
        b"{\\rtf1 x}",
        b"a\0b",
        "Xin chào".encode("cp1258"),
        b"MZ\x90\0",
        b"GIF89a\x01\0\x01\0",
        b"\xff\xfea",
        picture("WEBP"),
        picture("TIFF"),
        picture("BMP"),
    ],
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read("a.txt", content)


@pytest.mark.parametrize("content", [picture("JPEG")[:200], picture("PNG")[:60], heic()[:300]])
def test_half_a_picture_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefused) as caught:
        read("a.jpg", content)
    assert "ảnh bị hỏng" in str(caught.value)


def test_picture_that_would_fill_the_memory_is_refused_unread() -> None:
    side = int(PIXELS**0.5) + 1
    bomb = picture("PNG", (side, side), mode="1")
    assert len(bomb) < 100_000
    with pytest.raises(FileRefused) as caught:
        read("a.png", bomb)
    assert str(caught.value) == "Ảnh lớn hơn 50 megapixel. Hãy gửi ảnh nhỏ hơn."


@pytest.mark.parametrize(
    "content",
    [
        docx(**{"word__vbaProject.bin": b"x"}),
        docx(**{"word__x.xml": b"<!DOCTYPE x [<!ENTITY a 'b'>]>"}),
        docx(**{"word__big.xml": b"\0" * 80_000_000}),
        docx()[:-40],
        docx() + b"more",
    ],
    ids=["macros", "entities", "bomb", "cut", "longer"],
)
def test_documents_that_are_up_to_something_are_refused(content: bytes) -> None:
    with pytest.raises(FileRefused):
        read("a.docx", content)


def test_archive_that_is_no_document_is_refused() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(FileRefused):
        read("a.docx", made.getvalue())


WHOLE = {"jpeg": picture("JPEG", exif=noted()), "png": picture("PNG"), "heic": heic()}


@given(
    which=st.sampled_from(sorted(WHOLE)),
    at=st.floats(0, 1, exclude_max=True),
    put=st.binary(min_size=1, max_size=6),
)
def test_damaged_pictures_are_read_or_refused(which: str, at: float, put: bytes) -> None:
    content = WHOLE[which]
    place = int(at * len(content))
    try:
        kept = read("a", content[:place] + put + content[place + len(put) :])
    except FileRefused:
        return
    assert kept.content


@given(
    content=st.binary(max_size=200), head=st.sampled_from([b"", b"PK", b"\xff\xd8\xff", b"%PDF-"])
)
def test_anything_is_read_or_refused(content: bytes, head: bytes) -> None:
    try:
        kept = read("a", head + content)
    except FileRefused:
        return
    assert kept.content


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Báo cáo.docx", "Báo cáo.pdf"),
        ("Ba\u0301o ca\u0301o", "Báo cáo.pdf"),
        ("C:\\Users\\a\\đơn.doc", "đơn.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a\u202egpj.exe", "a gpj.pdf"),
        ('a<b>:"c|?*.txt', "a b c.pdf"),
        ("...", "tệp.pdf"),
        ("", "tệp.pdf"),
        ("Tờ trình số 12. Kính gửi", "Tờ trình số 12. Kính gửi.pdf"),
        ("x" * 300, "x" * 120 + ".pdf"),
    ],
)
def test_names_are_cleaned(name: str, expected: str) -> None:
    assert clean_name(name, ".pdf") == expected


@given(name=st.text())
def test_any_name_is_made_fit(name: str) -> None:
    made = clean_name(name, ".pdf")
    assert 5 <= len(made) <= 124
    assert made.isprintable()
    assert not set('/\\<>:"|?*') & set(made)
