"""Pixels on their way to the device and back: as bytes, since there they become numbers faster than they travel."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from pixelift.engine.pixels import Pixels, full_scale


def rows(pixels: Pixels, device: torch.device) -> Tensor:
    """Return (1, 3, H, W) in [0, 1], fp32, channels last. `pixels` (H, W) grey or (H, W, 3)."""
    levels = torch.tensor(np.atleast_3d(pixels))
    if device.type == "cuda":
        levels = levels.pin_memory().to(device, non_blocking=True)
    numbers = levels.permute(2, 0, 1)[None].expand(1, 3, -1, -1).float().div_(full_scale(pixels))
    return numbers.contiguous(memory_format=torch.channels_last)


def pixels(rows: Tensor, white: int) -> Pixels:
    """Return (H, W, 3) in levels from 0 to `white`, 255 or 65,535, rounded."""
    kind = torch.uint8 if white == 255 else torch.uint16  # noqa: PLR2004 - 8 bits
    levels = rows[0].to(torch.float32, copy=True).clamp_(0, 1).mul_(white).round_().to(kind)
    home: Pixels = levels.permute(1, 2, 0).contiguous().cpu().numpy()
    return home
