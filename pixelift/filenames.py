"""Names of files as strangers write them: text to show, never a path."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 120
LONGEST_SUFFIX_CHARACTERS = 10


def clean(name: str, default: str = "picture") -> str:
    """Return what may be shown and offered for download: one line, ≤ 120 characters, its suffix kept.

    Folders, control characters, line separators and marks that turn the direction of writing are dropped.
    """
    last = re.split(r"[/\\]", name[-4096:])[-1]
    shown = "".join(char for char in unicodedata.normalize("NFC", last) if _is_visible(char))
    return _shortened(" ".join(shown.split()).strip(". ")) or default


def _is_visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _shortened(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if len(name) <= MAX_CHARACTERS or not stem or len(suffix) > LONGEST_SUFFIX_CHARACTERS:
        return name[:MAX_CHARACTERS].rstrip(". ")
    return stem[: MAX_CHARACTERS - len(dot + suffix)] + dot + suffix
