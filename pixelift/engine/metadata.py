"""What a picture says about itself besides its pixels."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from xml.dom import minidom
from xml.parsers.expat import ExpatError

from PIL import Image
from PIL.ExifTags import IFD, Base

from pixelift.engine import iptc

_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
)
_STALE = frozenset({Base.ExifImageWidth, Base.ExifImageHeight, IFD.Interop})  # true of the source only
_STRUCTURE = frozenset(  # of a TIFF's own pixels
    {254, 255, *range(256, 260), 262, 263, 266, 273, 274, *range(277, 282), 284, 292, 293, 297, 301, 317, 318, 319, 320}
    | {*range(322, 326), 330, 332, 334, 336, 338, 339, 340, 341, 347, *range(512, 522), 529, 530, 531, 532}
    | {700, 33723, 34377, 34675}
)
_MOVABLE_NOTES = (b"Apple iOS\0", b"Nikon\0\2", b"FUJIFILM", b"OLYMPUS\0II", b"OM SYSTEM")  # offsets from own start
_PLACE_NAMES = ("GPS", "Location")
_XMP_MOST_BYTES = 1 << 20
_TEXT_MOST_BYTES = 1 << 16
_NOT_TEXTS = ("XML:com.adobe.xmp", "Raw profile type", "exif", "icc")
_DPI_RANGE = (1, 100_000)


@dataclass(frozen=True)
class Metadata:
    """EXIF as a TIFF block, an XMP packet, dots per inch, a PNG's named texts, and the datasets of IPTC.

    Orientation is none of it: it is applied. Nor is what only was true of the source's own pixels.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    texts: tuple[tuple[str, str], ...] = field(default=())
    iptc: bytes | None = None

    def kept(self, *, wanted: bool, location: bool) -> Metadata:
        """Return what goes into a result; the place, in EXIF and XMP, only if it is asked for."""
        exif = _chosen(self.exif, camera=wanted, place=location)
        if not wanted:
            return Metadata(exif, dpi=self.dpi)
        if location:
            return replace(self, exif=exif)
        return replace(self, exif=exif, xmp=_cleaned(self.xmp, _is_place), iptc=iptc.without_place(self.iptc))


def read(image: Image.Image) -> Metadata:
    """Return all that can be read; what cannot is left out."""
    return Metadata(_exif(image), _cleaned(_xmp(image), _is_stale), _dpi(image), _texts(image), _iptc(image))


def orientation(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 (upright) to 8. Unreadable counts as upright."""
    try:
        return int(image.getexif().get(Base.Orientation, 1))
    except _UNREADABLE:
        return 1


def _exif(image: Image.Image) -> bytes | None:
    try:
        kept = image.getexif()
        copy = Image.Exif()
        copy.update({tag: kept[tag] for tag in kept if tag not in _STRUCTURE | set(IFD)})
        if camera := kept.get_ifd(IFD.Exif):
            copy[IFD.Exif] = {tag: value for tag, value in camera.items() if _is_kept(tag, value)}
        if place := kept.get_ifd(IFD.GPSInfo):
            copy[IFD.GPSInfo] = dict(place)
        return _block(copy)
    except _UNREADABLE:
        return None


def _is_kept(tag: int, value: object) -> bool:
    """A maker's note moves with the block, so it must not point into it from the block's start."""
    if tag == Base.MakerNote:
        return isinstance(value, bytes) and value.startswith(_MOVABLE_NOTES)
    return tag not in _STALE


def _chosen(block: bytes | None, *, camera: bool, place: bool) -> bytes | None:
    if block is None:
        return None
    exif, copy = Image.Exif(), Image.Exif()
    exif.load(block)
    wanted = {IFD.Exif: camera, IFD.GPSInfo: place}
    copy.update({tag: value for tag, value in exif.items() if camera and tag not in set(IFD)})
    copy.update({tag: exif.get_ifd(tag) for tag, is_wanted in wanted.items() if is_wanted and exif.get_ifd(tag)})
    return _block(copy)


def _block(exif: Image.Exif) -> bytes | None:
    return exif.tobytes().removeprefix(b"Exif\0\0") if len(exif) else None


def _xmp(image: Image.Image) -> bytes | None:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    packet = packet.encode() if isinstance(packet, str) else packet
    return packet if isinstance(packet, bytes) and len(packet) <= _XMP_MOST_BYTES else None


def _iptc(image: Image.Image) -> bytes | None:
    try:
        return iptc.read(image)
    except _UNREADABLE:
        return None


def _is_place(name: str, space: str) -> bool:
    local = name.rpartition(":")[2]
    if space == "http://ns.adobe.com/photoshop/1.0/":
        return local in {"City", "State", "Country"}
    return local.startswith(_PLACE_NAMES) or local == "CountryCode"


def _is_stale(name: str, space: str) -> bool:
    local = name.rpartition(":")[2]
    return space == "http://ns.adobe.com/tiff/1.0/" and local in {"Orientation", "ImageWidth", "ImageLength"}


def _cleaned(packet: bytes | None, unwanted: Callable[[str, str], bool]) -> bytes | None:
    """Return the packet without the attributes and elements that are unwanted, or None if it cannot be read."""
    if packet is None or b"<!" in packet:  # a document type could unfold to anything
        return None
    try:
        document = minidom.parseString(packet.strip(b"\0"))  # noqa: S318 - it declares no entities
        for element in document.childNodes:
            if isinstance(element, minidom.Element):
                _prune(element, unwanted)
        return b"".join(node.toxml().encode() for node in document.childNodes)
    except (ExpatError, RecursionError, ValueError):
        return None


def _prune(element: minidom.Element, unwanted: Callable[[str, str], bool]) -> None:
    for name, space in [(item.name, item.namespaceURI or "") for item in element.attributes.values()]:
        if unwanted(name, space):
            element.removeAttribute(name)
    for child in [node for node in element.childNodes if isinstance(node, minidom.Element)]:
        if unwanted(child.tagName, child.namespaceURI or ""):
            element.removeChild(child)
        else:
            _prune(child, unwanted)


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (float(dots) for dots in image.info["dpi"])
    except _UNREADABLE:
        return None
    lowest, highest = _DPI_RANGE
    return (across, down) if lowest <= min(across, down) <= max(across, down) <= highest else None


def _texts(image: Image.Image) -> tuple[tuple[str, str], ...]:
    texts = getattr(image, "text", {}) if image.format == "PNG" else {}
    return tuple(
        (name, str(text))
        for name, text in texts.items()
        if not name.startswith(_NOT_TEXTS) and len(text) <= _TEXT_MOST_BYTES
    )
