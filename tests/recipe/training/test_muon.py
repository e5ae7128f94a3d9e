"""The optimiser of the line reader's matrices."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra 'train'")
pytest.importorskip("cv2", reason="the recipe needs the extra 'train'")
pytest.importorskip("pyarrow", reason="the recipe needs the extra 'train'")

from models.recipe.lines.network import LineNet
from models.recipe.training.muon import LIKE_ADAM, Muon, optimizers, orthogonal


@pytest.mark.parametrize("shape", [(8, 8), (6, 20), (20, 6), (1, 7)])
def test_singular_values_become_about_one_and_their_directions_stay(shape: tuple[int, int]) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    u, _, v = torch.linalg.svd(matrix, full_matrices=False)
    turned = u.T @ orthogonal(matrix) @ v.T
    values = torch.diagonal(turned)
    assert ((values > 0.5) & (values < 1.35)).all()
    torch.testing.assert_close(turned, torch.diag(values), atol=0.05, rtol=0)


def test_the_scale_of_a_gradient_does_not_matter() -> None:
    steps = []
    for scale in (1.0, 1e-4):
        weight = torch.nn.Parameter(torch.zeros(5, 9))
        optimizer = Muon([weight], lr=0.1)
        weight.grad = scale * torch.randn(5, 9, generator=torch.Generator().manual_seed(1))
        optimizer.step()
        steps.append(weight.detach().clone())
    torch.testing.assert_close(*steps, atol=0.02, rtol=0)
    # Of the size that a step of AdamW has: the rate times a root mean square of a fifth.
    assert steps[0].square().mean().sqrt().item() == pytest.approx(0.1 * LIKE_ADAM, rel=0.3)


def test_it_solves_for_a_matrix() -> None:
    generator = torch.Generator().manual_seed(2)
    wanted, inputs = torch.randn(6, 10, generator=generator), torch.randn(10, 200, generator=generator)
    weight = torch.nn.Parameter(torch.zeros(6, 10))
    optimizer = Muon([weight], lr=0.1)
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 300)
        optimizer.zero_grad()
        ((weight - wanted) @ inputs).square().mean().backward()
        optimizer.step()
    assert (weight - wanted).abs().max().item() < 0.05


def test_every_parameter_has_one_optimizer() -> None:
    network = LineNet(widths=(4, 6, 8), width=10, blocks=2, reach=3)
    matrices, others = (
        [p for group in o.param_groups for p in group["params"]] for o in optimizers(network, 1e-3, 0.02)
    )
    every = {id(p) for p in network.parameters()}
    assert {id(p) for p in matrices} | {id(p) for p in others} == every
    assert len(matrices) + len(others) == len(every)
    names = {id(p): name for name, p in network.named_parameters()}
    assert {"collapse.0.weight", "along.0.gate.weight", "along.1.out.weight"} <= {names[id(p)] for p in matrices}
    left = {names[id(p)] for p in others}
    assert {"body.0.0.weight", "along.0.mix.weight", "head.weight", "head.bias", "along.0.norm.weight"} <= left


def test_it_goes_on_from_what_it_kept() -> None:
    def gradient(step: int) -> torch.Tensor:
        return torch.randn(4, 4, generator=torch.Generator().manual_seed(step))

    straight, first, second = (torch.nn.Parameter(torch.zeros(4, 4)) for _ in range(3))
    whole = Muon([straight], lr=0.1)
    for step in range(4):
        straight.grad = gradient(step)
        whole.step()
    half = Muon([first], lr=0.1)
    for step in range(2):
        first.grad = gradient(step)
        half.step()
    second.data.copy_(first.data)
    again = Muon([second], lr=0.1)
    again.load_state_dict(half.state_dict())
    for step in range(2, 4):
        second.grad = gradient(step)
        again.step()
    torch.testing.assert_close(second, straight)
