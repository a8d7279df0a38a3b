"""RetinaFace (Deng and others, 2020) with ResNet-50, named so that facexlib's published weights fit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

import numpy as np
import torch
import torchvision
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import interpolate, relu

from pixelift.engine import warm, weights
from pixelift.engine.catalogue import Model
from pixelift.engine.faces.detection import Find

_CHANNELS = 256
_STEPS_PX = (8, 16, 32)
_ANCHORS_PX = ((16, 32), (64, 128), (256, 512))  # two squares at every place of each level
_CENTRE_VARIANCE, _SIZE_VARIANCE = 0.1, 0.2
MEAN_BGR = torch.tensor([104.0, 117, 123]).view(1, 3, 1, 1)
_THRESHOLD = 0.97  # as GFPGANer sets it


class RetinaFace(nn.Module):
    """A detector that is surer than the bundled one."""

    name = "retinaface-resnet50"

    def __init__(self) -> None:
        super().__init__()
        self.body = _Body()
        self.fpn = _Pyramid()
        self.ssh1, self.ssh2, self.ssh3 = _Context(), _Context(), _Context()
        self.ClassHead, self.BboxHead, self.LandmarkHead = (_heads(values) for values in (2, 4, 10))

    @torch.inference_mode()
    def candidates(self, rgb: NDArray[np.uint8]) -> list[Find]:
        device = next(self.parameters()).device
        bgr = torch.from_numpy(rgb[..., ::-1].copy()).to(device).permute(2, 0, 1)[None].float()
        scores, boxes, landmarks = self(bgr - MEAN_BGR.to(device))
        sure = scores > _THRESHOLD
        found = zip(boxes[sure].cpu().numpy(), scores[sure].tolist(), landmarks[sure].cpu().numpy(), strict=True)
        return [Find(box, score, points) for box, score, points in found]

    def forward(self, bgr: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the scores (N,), boxes (N, 4) and landmarks (N, 5, 2) of all anchors."""
        contexts = (self.ssh1, self.ssh2, self.ssh3)
        levels = [context(level) for context, level in zip(contexts, self.fpn(self.body(bgr)), strict=True)]
        classes, boxes, landmarks = (
            torch.cat([head(level) for head, level in zip(heads, levels, strict=True)])
            for heads in (self.ClassHead, self.BboxHead, self.LandmarkHead)
        )
        centres, sides = _anchors(levels)
        middle = centres + boxes[:, :2] * _CENTRE_VARIANCE * sides
        half = sides * (boxes[:, 2:] * _SIZE_VARIANCE).exp() / 2
        points = centres[:, None] + landmarks.view(-1, 5, 2) * _CENTRE_VARIANCE * sides[:, None]
        return classes.softmax(1)[:, 1], torch.cat([middle - half, middle + half], 1), points


def built(state: Mapping[str, Tensor]) -> RetinaFace:
    """Return the network with these numbers, and none that would be drawn at random first."""
    with torch.device("meta"):
        network = RetinaFace()
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(requires_grad=False)


@warm.kept
def detector(model: Model, device: torch.device) -> RetinaFace:
    """Return the model at work; it stays warm between pictures. Raises ModelNotInstalled."""
    return built(weights.state(model)).to(device)


class _Body(nn.Sequential):
    """ResNet-50 without its end."""

    def __init__(self) -> None:
        super().__init__(OrderedDict(list(torchvision.models.resnet50().named_children())[:-2]))

    def forward(self, rows: Tensor) -> list[Tensor]:
        outputs = []
        for layer in self:
            rows = layer(rows)
            outputs.append(rows)
        return outputs[-3:]


class _Pyramid(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.output1, self.output2, self.output3 = (_convolution(inputs, _CHANNELS, 1) for inputs in (512, 1024, 2048))
        self.merge1, self.merge2 = _convolution(_CHANNELS, _CHANNELS, 3), _convolution(_CHANNELS, _CHANNELS, 3)

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        fine, middle, coarse = self.output1(levels[0]), self.output2(levels[1]), self.output3(levels[2])
        middle = self.merge2(middle + interpolate(coarse, middle.shape[2:]))
        return self.merge1(fine + interpolate(middle, fine.shape[2:])), middle, coarse


class _Context(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        half, quarter = _CHANNELS // 2, _CHANNELS // 4
        self.conv3X3 = _convolution(_CHANNELS, half, 3, active=False)
        self.conv5X5_1 = _convolution(_CHANNELS, quarter, 3)
        self.conv5X5_2 = _convolution(quarter, quarter, 3, active=False)
        self.conv7X7_2 = _convolution(quarter, quarter, 3)
        self.conv7x7_3 = _convolution(quarter, quarter, 3, active=False)

    def forward(self, level: Tensor) -> Tensor:
        wide = self.conv5X5_1(level)
        return relu(torch.cat([self.conv3X3(level), self.conv5X5_2(wide), self.conv7x7_3(self.conv7X7_2(wide))], 1))


class _Head(nn.Module):
    def __init__(self, values: int) -> None:
        super().__init__()
        self.values = values
        self.conv1x1 = nn.Conv2d(_CHANNELS, 2 * values, 1)

    def forward(self, level: Tensor) -> Tensor:
        """Return one row for every anchor, row by row of the level."""
        rows: Tensor = self.conv1x1(level).permute(0, 2, 3, 1).reshape(-1, self.values)
        return rows


def _heads(values: int) -> nn.ModuleList:
    return nn.ModuleList(_Head(values) for _ in _STEPS_PX)


def _convolution(inputs: int, outputs: int, size: int, *, active: bool = True) -> nn.Sequential:
    parts = [nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*parts, nn.ReLU(inplace=True)) if active else nn.Sequential(*parts)


def _anchors(levels: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Return the centres (N, 2) and sides (N, 1) of the squares that boxes are told from."""
    centres, sides = [], []
    for level, step_px, squares_px in zip(levels, _STEPS_PX, _ANCHORS_PX, strict=True):
        rows, columns = (torch.arange(count, device=level.device) + 0.5 for count in level.shape[2:])
        places = torch.cartesian_prod(rows, columns).flip(1) * step_px
        centres.append(places.repeat_interleave(len(squares_px), 0))
        sides.append(torch.tensor(squares_px, device=level.device).repeat(len(places))[:, None])
    return torch.cat(centres), torch.cat(sides)
