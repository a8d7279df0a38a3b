"""Strip by strip is the same as at once: not nearly, but to the last bit."""

from __future__ import annotations

import pytest
import torch
from spandrel.architectures.Compact import Compact
from torch import Tensor, nn

from pixelift.engine import hardware, networks, weights
from pixelift.engine.shelf import Shelf
from pixelift.engine.streaming import Chain, Held, Stage, Tiling

ANIME, COMPACT, PHOTO = "realesrgan-x4plus-anime", "realesr-animevideov3", "realesrgan-x4plus"


def network(name: str, precision: str) -> nn.Module:
    built = weights.load(Shelf().find(name)).to(hardware.PRECISIONS[precision])
    return built.to(memory_format=torch.channels_last)


def noise(height_px: int, width_px: int) -> Tensor:
    torch.manual_seed(height_px * 10_000 + width_px)
    return torch.rand(1, 3, height_px, width_px).contiguous(memory_format=torch.channels_last)


@torch.inference_mode()
def streamed(chain: Chain, picture: Tensor, strip_px: int, chunk_px: int = 512) -> Tensor:
    height_px = picture.shape[2]
    pieces = (
        (picture[:, :, top : top + strip_px], top + strip_px >= height_px) for top in range(0, height_px, strip_px)
    )
    return torch.cat([rows for rows, _last in chain.flow(pieces, Tiling(strip_px, chunk_px))], 2)


@torch.inference_mode()
def at_once(built: nn.Module, picture: Tensor) -> Tensor:
    """Return the network's own result in fp32, in bf16 that of its fused form."""
    fused = next(built.parameters()).dtype == torch.bfloat16
    result: Tensor = streamed(networks.steps(built), picture, 10_000, 10_000) if fused else built(picture)
    return result


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
@pytest.mark.parametrize(("name", "height_px", "width_px"), [(COMPACT, 200, 40), (ANIME, 150, 24)])
def test_strips_of_any_height_give_the_whole_picture(name: str, height_px: int, width_px: int, precision: str) -> None:
    built, picture = network(name, precision), noise(height_px, width_px)
    whole, chain = at_once(built, picture), networks.steps(built)
    for strip_px in (16, 64, 128):
        assert torch.equal(streamed(chain, picture, strip_px), whole), strip_px


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
@pytest.mark.parametrize("size", [(1, 1), (1, 37), (37, 1), (7, 513), (33, 29)])
def test_awkward_sizes_give_the_whole_picture(size: tuple[int, int], precision: str) -> None:
    built, picture = network(COMPACT, precision), noise(*size)
    assert torch.equal(streamed(networks.steps(built), picture, 16, 128), at_once(built, picture))


@pytest.mark.parametrize("size", [(1, 1), (1, 19), (19, 1), (7, 113)])
def test_awkward_sizes_give_the_whole_picture_with_dense_blocks(size: tuple[int, int]) -> None:
    built, picture = network(ANIME, "bf16"), noise(*size)
    assert torch.equal(streamed(networks.steps(built), picture, 16, 64), at_once(built, picture))


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
@pytest.mark.parametrize("name", [COMPACT, ANIME])
def test_chunks_of_columns_give_the_whole_picture(name: str, precision: str) -> None:
    built, picture = network(name, precision), noise(40, 101)
    assert torch.equal(streamed(networks.steps(built), picture, 16, 32), at_once(built, picture))


def test_the_network_as_spandrel_builds_it_gives_the_same_pixels() -> None:
    built, picture = network(COMPACT, "fp32"), noise(64, 40)
    plain = Compact(num_conv=16, upscale=4).eval()
    plain.load_state_dict(built.state_dict())
    plain = plain.to(memory_format=torch.channels_last)
    assert torch.equal(streamed(networks.steps(built), picture, 16, 16), at_once(plain, picture))


def test_the_largest_network_streams_exactly_too() -> None:
    built, picture = network(PHOTO, "bf16"), noise(48, 17)
    assert torch.equal(streamed(networks.steps(built), picture, 16, 16), at_once(built, picture))


def test_all_chunks_of_a_strip_have_one_shape() -> None:
    shapes = []

    def seen(rows: Tensor) -> Tensor:
        shapes.append(rows.shape)
        return rows

    picture = noise(8, 101)
    chain = Chain(Stage(seen, radius=3))
    assert torch.equal(streamed(chain, picture, 8, 20), picture)
    assert len(shapes) == 5
    assert len(set(shapes)) == 1


def test_ticks_add_up_to_the_announced_work() -> None:
    chain, done = networks.steps(network(COMPACT, "bf16")), 0.0

    def tick(work: float) -> None:
        nonlocal done
        done += work

    with torch.inference_mode():
        list(chain.flow([(noise(50, 30), True)], Tiling(16, 16, tick)))
    assert done == pytest.approx(chain.work * 50 * 30)


def test_rows_come_out_before_the_picture_has_ended() -> None:
    chain, fed = networks.steps(network(COMPACT, "bf16")), []
    picture = noise(64, 8)

    def pieces() -> list[tuple[Tensor, bool]]:
        return [(picture[:, :, top : top + 32], top == 32) for top in (0, 32)]

    with torch.inference_mode():
        rows, last = next(iter(chain.flow((fed.append(piece) or piece for piece in pieces()), Tiling(32))))  # type: ignore[func-returns-value]
    assert (len(fed), last) == (1, False)
    assert rows.shape[2] == (32 - chain.radius) * 4


def test_a_stage_holds_no_more_rows_than_its_reach_needs() -> None:
    held = Held()
    held.add(torch.zeros(1, 1, 10, 4))
    held.forget(7)
    assert held.between(0, 10).shape[2] == 3
    assert held.between(7, 10).untyped_storage().nbytes() == 3 * 4 * 4


def test_the_reach_of_a_chain_counts_in_rows_of_the_picture() -> None:
    enlarging = Stage(nn.Identity(), radius=1, scale=4)
    assert Chain(enlarging, Stage(nn.Identity(), radius=5)).radius == 1 + 2
