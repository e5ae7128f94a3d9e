"""What is kept of the machine that the benchmarks ran on."""

from typing import Any


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """Leave out its name: results are for everybody to see."""
    machine_info.pop("node", None)
