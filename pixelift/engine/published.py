"""The official weights that `pixelift models pull` fetches: pinned address, size and sum.

Upstream publishes no sums. docs/models.md says where each of these was found, and in how many places.
"""

from __future__ import annotations

from typing import Any

from pixelift.engine.catalogue import File, Kind, Model

_REAL_ESRGAN = "https://github.com/xinntao/Real-ESRGAN/releases/download"
_GFPGAN = "https://github.com/TencentARC/GFPGAN/releases/download"


def _model(name: str, title: str, description: str, file: File, **facts: Any) -> Model:
    facts = {"remedy": f"pixelift models pull {name}", **facts}
    return Model(name=name, title=title, description=description, files=(file,), **facts)


PUBLISHED = (
    _model(
        "realesrgan-x2plus",
        "Photo, doubled",
        "Photographs at twice their size. The detail of Photo with less invention.",
        File("RealESRGAN_x2plus.pth", "49fafd45f8fd7aa8d31ab2a22d14d91b536c34494a5cfe31eb5d89c2fa266abb"),
        architecture="RRDBNet, 23 blocks",
        native_scale=2,
        licence="BSD-3-Clause",
        size_bytes=67_061_725,
        url=f"{_REAL_ESRGAN}/v0.2.1/RealESRGAN_x2plus.pth",
    ),
    _model(
        "realesr-general-x4v3",
        "General",
        "Anything, quickly. With its twin it removes noise as much as you ask.",
        File("realesr-general-x4v3.pth", "8dc7edb9ac80ccdc30c3a5dca6616509367f05fbc184ad95b731f05bece96292"),
        architecture="SRVGGNetCompact, 32 convolutions",
        native_scale=4,
        licence="BSD-3-Clause",
        size_bytes=4_885_111,
        url=f"{_REAL_ESRGAN}/v0.2.5.0/realesr-general-x4v3.pth",
        twin="realesr-general-wdn-x4v3",
    ),
    _model(
        "realesr-general-wdn-x4v3",
        "General, noise kept",
        "The twin of General that leaves more of the noise. Denoising mixes the two.",
        File("realesr-general-wdn-x4v3.pth", "1641f8c4464b9f097c9fdda5589273713f67cf59f3d909e0bd688f0cee269dca"),
        architecture="SRVGGNetCompact, 32 convolutions",
        native_scale=4,
        licence="BSD-3-Clause",
        size_bytes=4_885_111,
        url=f"{_REAL_ESRGAN}/v0.2.5.0/realesr-general-wdn-x4v3.pth",
    ),
    _model(
        "GFPGANv1.4",
        "Faces",
        "Restores faces, close to the person.",
        File("GFPGANv1.4.pth", "e2cd4703ab14f4d01fd1383a8a8b266f9a5833dacee8e6a79d3bf21a1b6be5ad"),
        kind=Kind.FACE,
        architecture="GFPGANv1Clean",
        native_scale=1,
        licence="Apache-2.0",
        size_bytes=348_632_874,
        url=f"{_GFPGAN}/v1.3.0/GFPGANv1.4.pth",
    ),
    _model(
        "GFPGANv1.3",
        "Faces, earlier",
        "The GFPGAN before: more natural on some faces, less like the person.",
        File("GFPGANv1.3.pth", "c953a88f2727c85c3d9ae72e2bd4846bbaf59fe6972ad94130e23e7017524a70"),
        kind=Kind.FACE,
        architecture="GFPGANv1Clean",
        native_scale=1,
        licence="Apache-2.0",
        size_bytes=348_632_874,
        url=f"{_GFPGAN}/v1.3.0/GFPGANv1.3.pth",
    ),
    _model(
        "RestoreFormer",
        "Faces, RestoreFormer",
        "A transformer that restores faces from a dictionary of them.",
        File("RestoreFormer.pth", "07404d446d62ca3d5ed38b1de09a947a1e77d46dbccec961a74d713a8f24ace0"),
        kind=Kind.FACE,
        architecture="RestoreFormer",
        native_scale=1,
        licence="Apache-2.0",
        size_bytes=290_785_322,
        url=f"{_GFPGAN}/v1.3.4/RestoreFormer.pth",
    ),
    _model(
        "CodeFormer",
        "Faces, CodeFormer",
        "Restores badly damaged faces. Not for commercial use.",
        File("codeformer.pth", "1009e537e0c2a07d4cabce6355f53cb66767cd4b4297ec7a4a64ca4b8a5684b7"),
        package="spandrel_extra_arches",
        remedy="pip install spandrel-extra-arches && pixelift models pull CodeFormer",
        kind=Kind.FACE,
        architecture="CodeFormer",
        native_scale=1,
        licence="S-Lab License 1.0",
        size_bytes=376_637_898,
        url="https://github.com/sczhou/CodeFormer/releases/download/v0.1.0/codeformer.pth",
        terms="The S-Lab License 1.0 allows non-commercial use only, and asks that its text goes along with copies: "
        "https://github.com/sczhou/CodeFormer/blob/master/LICENSE",
    ),
    _model(
        "retinaface-resnet50",
        "Face finder",
        "Finds faces more reliably than the detector that came with the installation.",
        File("detection_Resnet50_Final.pth", "6d1de9c2944f2ccddca5f5e010ea5ae64a39845a86311af6fdf30841b0a5a16d"),
        kind=Kind.DETECTION,
        architecture="RetinaFace, ResNet-50",
        native_scale=1,
        licence="MIT",
        size_bytes=109_497_761,
        url="https://github.com/xinntao/facexlib/releases/download/v0.1.0/detection_Resnet50_Final.pth",
    ),
)
