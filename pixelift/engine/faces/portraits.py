"""The faces of one picture: found, restored, and laid over its result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from pixelift.engine.faces import alignment, detection, pasting, restoration
from pixelift.engine.faces.alignment import Portrait
from pixelift.engine.faces.detection import Detector, Find
from pixelift.engine.faces.pasting import Patch
from pixelift.engine.faces.restoration import Restorer
from pixelift.engine.geometry import Size, Window
from pixelift.engine.orders import Face, Untouched
from pixelift.engine.pixels import Pixels

_NEAREST_EYES_PX = 5  # as in GFPGANer; a smaller face tells a network nothing
_MOST = 64  # each takes up to 3 MB until the result is there


@dataclass(frozen=True)
class Portraits:
    """What a detector found, the largest face first, and what of it was restored."""

    detector: str | None = None
    faces: tuple[Face, ...] = ()
    patches: tuple[Patch, ...] = ()

    def pasted(self, bands: Iterator[tuple[int, Pixels]], strength: float) -> Iterator[tuple[int, Pixels]]:
        """Yield rows of the result, each band with the row it begins at, with the restored faces over them."""
        for top_px, band in bands:
            pasting.paste(band, top_px, self.patches, strength)
            yield top_px, band


def restored(
    source: Pixels, window: Window, detector: Detector, restorer: Restorer, tick: Callable[[float], None]
) -> Portraits:
    """Find the faces of a picture (H, W) or (H, W, 3) and restore them; one that fails is reported and left alone.

    `window` says which part the result shows, and at which size. Its source, in whose pixels boxes are told, may be
    larger than the picture. `tick` is told after every batch which part of the work that was, and may raise to stop it.
    """
    size = (source.shape[0], source.shape[1])
    finds = detection.find(source, detector)
    clear = [one for one in finds if one.between_the_eyes_px >= _NEAREST_EYES_PX]
    results: list[tuple[Face, Patch | None]] = []
    for batch in _batches(clear[:_MOST], restorer.batch):
        results += _restored(source, window.of_size(size), batch, restorer)
        tick(len(batch) / len(clear[:_MOST]))
    left = [_face(one, Untouched.TOO_MANY) for one in clear[_MOST:]]
    left += [_face(one, Untouched.TOO_SMALL) for one in finds[len(clear) :]]
    faces, patches = (*(face for face, _ in results), *left), (patch for _, patch in results if patch)
    return Portraits(detector.name, tuple(_told(face, size, window.source) for face in faces), tuple(patches))


def _restored(
    source: Pixels, window: Window, finds: list[Find], restorer: Restorer
) -> Iterator[tuple[Face, Patch | None]]:
    matrices = [alignment.similarity(one.landmarks) for one in finds]
    portraits = [alignment.portrait(source, matrix) for matrix in matrices]
    for one, matrix, own, became in zip(finds, matrices, portraits, restorer.restored(portraits), strict=True):
        yield _face(one, became, own), None if isinstance(became, Untouched) else pasting.patch(became, matrix, window)


def _face(one: Find, became: Portrait | Untouched, own: Portrait | None = None) -> Face:
    left, top, right, bottom = (round(float(side)) for side in one.box)
    reason = became if isinstance(became, Untouched) else None
    similarity = None if isinstance(became, Untouched) or own is None else restoration.likeness(became, own)
    return Face((left, top, right, bottom), round(one.score, 3), reason is None, similarity, reason)


def _told(face: Face, seen: Size, told: Size) -> Face:
    """Return the face with its box in pixels of another size of the same picture, and not beyond its edges."""
    left, top, right, bottom = (
        min(max(0, round(side * told[axis] / seen[axis])), told[axis])
        for side, axis in zip(face.box, (1, 0, 1, 0), strict=True)
    )
    return replace(face, box=(left, top, right, bottom))


def _batches(finds: list[Find], size: int) -> Iterator[list[Find]]:
    return (finds[start : start + size] for start in range(0, len(finds), size))
