"""What the Studio's fields hold: typed by somebody, remembered from last time, or taken from an earlier job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from pixelift.engine import catalogue, formats
from pixelift.engine.options import MAX_SCALE, MIN_SCALE, USUAL_FACE, Fit, Format, Options
from pixelift.engine.planning import MAX_RESULT_PIXELS
from pixelift.errors import Detail, ValidationFailed

MULTIPLES = ("1", "2", "3", "4", "8")
YES, NO = "yes", "no"


@dataclass(frozen=True)
class Choices:
    """The fields by their names, as text. `scale` is one of MULTIPLES, "other" or "exact"."""

    scale: str = "4"
    own_scale: str = "2.5"
    width: str = ""
    height: str = ""
    fit: str = Fit.INSIDE
    model: str = catalogue.DEFAULT_MODEL
    faces: str = NO
    face: str = f"{USUAL_FACE:g}"
    denoise: str = "0"
    format: str = ""
    quality: str = "90"
    keep_metadata: str = YES
    keep_location: str = NO

    @classmethod
    def typed(cls, form: MultiDict[str, str]) -> Choices:
        """A box without a tick sends nothing, so each has a hidden "no" before its "yes": the last one counts."""
        return cls(**{each.name: form.getlist(each.name)[-1] for each in fields(cls) if each.name in form})

    @classmethod
    def remembered(cls, cookie: str) -> Choices:
        return cls.typed(MultiDict(parse_qsl(cookie)))

    @classmethod
    def of(cls, options: Options) -> Choices:
        scale = f"{options.scale:g}"
        return cls(
            scale="exact" if options.size_px else scale if scale in MULTIPLES else "other",
            own_scale=cls.own_scale if scale in MULTIPLES else scale,
            width=str(options.width_px or ""),
            height=str(options.height_px or ""),
            fit=options.fit,
            model=options.model or cls.model,
            faces=_word(options.enhance_face > 0),
            face=f"{options.enhance_face or USUAL_FACE:g}",
            denoise=f"{options.denoise:g}",
            format=options.format or "",
            quality=str(options.quality or formats.DEFAULT_QUALITY.get(options.format or Format.PNG) or cls.quality),
            keep_metadata=_word(options.keep_metadata),
            keep_location=_word(options.keep_location),
        )

    @property
    def cookie(self) -> str:
        return urlencode(asdict(self))

    @property
    def are_plain(self) -> bool:
        """Whether the fields that few need hold what they hold at first."""
        usual = Choices()
        return all(
            getattr(self, name) == getattr(usual, name) for name in ("denoise", "keep_metadata", "keep_location")
        )

    def options(self) -> Options:
        """Raise ValidationFailed, with a sentence for the field."""
        is_exact = self.scale == "exact"
        if is_exact and not (self.width or self.height):
            raise _wrong("size", "Say a width, a height or both.")
        if self.format not in {"", *Format}:
            raise _wrong("format", "Choose a format from the list.")
        return Options(
            scale=Options.scale if is_exact else self._scale(),
            width_px=_pixels(self.width) if is_exact else None,
            height_px=_pixels(self.height) if is_exact else None,
            fit=Fit(self.fit) if self.fit in set(Fit) else Fit.INSIDE,
            denoise=_strength("denoise", self.denoise),
            enhance_face=_strength("face", self.face) if self.faces == YES else 0.0,
            keep_metadata=self.keep_metadata == YES,
            keep_location=self.keep_location == YES,
            model=self.model,
            format=Format(self.format) if self.format else None,
            quality=_quality(self.quality) if self.format in formats.DEFAULT_QUALITY else None,
        )

    def _scale(self) -> float:
        scale = _number(self.own_scale if self.scale == "other" else self.scale)
        if scale is None or not MIN_SCALE <= scale <= MAX_SCALE:
            raise _wrong("size", f"Choose a size from {MIN_SCALE} to {MAX_SCALE} times.")
        return scale


def changed(options: Options, form: Mapping[str, str]) -> Options:
    """Return the options with what the form says about model and strengths. Raises ValidationFailed."""
    return replace(
        options,
        model=form.get("model", options.model),
        denoise=_strength("denoise", form.get("denoise", str(options.denoise))),
        enhance_face=_strength("enhance_face", form.get("enhance_face", str(options.enhance_face))),
    )


def _pixels(text: str) -> int | None:
    if not text.strip():
        return None
    number = _number(text)
    if number is None or number != int(number) or not 1 <= number <= MAX_RESULT_PIXELS:
        raise _wrong("size", "Width and height are whole numbers of pixels.")
    return int(number)


def _strength(field: str, text: str) -> float:
    number = _number(text)
    if number is None or not 0 <= number <= 1:
        raise _wrong(field, "The strength is a number from 0 to 1.")
    return number


def _quality(text: str) -> int:
    number = _number(text)
    if number is None or number != int(number):
        raise _wrong("quality", "The quality is a whole number from 1 to 100.")
    return int(number)


def _number(text: str) -> float | None:
    """Read a number, with a point or a comma; None for everything else, infinities included."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None


def _word(yes: bool) -> str:  # noqa: FBT001 - read as _word(is_so)
    return YES if yes else NO


def _wrong(field: str, sentence: str) -> ValidationFailed:
    return ValidationFailed(sentence, details=(Detail(field, sentence),))
