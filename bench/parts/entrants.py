"""Who takes part."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """`place` is a module and function of bench.peers; `precision` None is what Pixelift takes on this machine."""

    title: str
    place: str
    precision: str | None = "fp32"
    against: str = "stock"


EXACT = "torch-fp32"
PEERS: Mapping[str, Peer] = {
    "stock": Peer("RealESRGANer", "stock.pixels"),
    EXACT: Peer("torch fp32", "plain.fp32"),
    "torch-bf16": Peer("torch bf16", "plain.bf16", "bf16"),
    "ncnn-fp32": Peer("ncnn fp32", "ncnn.fp32"),
    "ncnn-bf16": Peer("ncnn bf16", "ncnn.bf16", "bf16"),
    "openvino-fp32": Peer("OpenVINO fp32", "openvino.fp32"),
    "openvino-bf16": Peer("OpenVINO bf16", "openvino.bf16", "bf16"),
    "onnxruntime": Peer("ONNX Runtime fp32", "onnxruntime.fp32"),
    "pixelift": Peer("**Pixelift**", "ours.pixels", None),
    "stock-files": Peer("RealESRGANer, file to file", "stock.files", against="stock-files"),
    "pixelift-files": Peer("**Pixelift, file to file**", "ours.files", None, against="stock-files"),
}
