"""Processes that learn as one have one network, whatever each of them sees."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the recipe needs the extra 'train'")

from models.recipe.training import processes as data_parallel


def learn(folder: Path) -> None:
    """Weights and gradients that differ between the processes; what comes of them is written down."""
    torch.manual_seed(data_parallel.rank())
    network = torch.nn.Linear(3, 2)
    data_parallel.broadcast_weights(network)
    begun = {name: value.clone() for name, value in network.state_dict().items()}
    own = torch.full((1, 3), 1.0 + 2.0 * data_parallel.rank())
    network(own).sum().backward()
    data_parallel.average_gradients(network)
    told = {
        "begun": begun,
        "gradient": network.weight.grad,
        "mean": data_parallel.mean(torch.tensor(float(data_parallel.rank()))),
    }
    torch.save(told, folder / f"{data_parallel.rank()}.pt")


@pytest.mark.parametrize("processes", [1, 2])
def test_every_process_has_the_same_network_and_the_mean_gradient(tmp_path: Path, processes: int) -> None:
    data_parallel.run(learn, (tmp_path,), processes, tmp_path / "work")
    told = [torch.load(tmp_path / f"{rank}.pt") for rank in range(processes)]
    for other in told:
        for name, value in told[0]["begun"].items():
            torch.testing.assert_close(other["begun"][name], value)
        torch.testing.assert_close(other["gradient"], torch.full((2, 3), float(processes)))  # of inputs 1, or 1 and 3
        assert other["mean"] == (processes - 1) / 2
    assert not list((tmp_path / "work").glob("*"))


def test_a_function_that_other_processes_cannot_import_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learn, "__module__", "__main__")
    with pytest.raises(ValueError, match="learn must be in a module that can be imported"):
        data_parallel.run(learn, (tmp_path,), 1, tmp_path / "work")
