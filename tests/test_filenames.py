from __future__ import annotations

import pytest

from pixelift import filenames


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("photo.png", "photo.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\photo.png", "photo.png"),
        ("gnp.exe\u202egpj.png", "gnp.exegpj.png"),
        ("a\x00b\r\nSet-Cookie: c\u2028d.png", "abSet-Cookie: cd.png"),
        ("  two   spaces .png ", "two spaces .png"),
        ("u\u0308ber.png", "über.png"),
        ("\ud800.png", "png"),
        ("写真.png", "写真.png"),
        ("...", "picture"),
        ("", "picture"),
        ("folder/", "picture"),
        ("a" * 300 + ".png", "a" * 116 + ".png"),
        ("a" * 300, "a" * 120),
        ("a." + "b" * 300, "a." + "b" * 118),
    ],
)
def test_a_name_becomes_one_line_that_is_safe_to_show(written: str, shown: str) -> None:
    assert filenames.clean(written) == shown
