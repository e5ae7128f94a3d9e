"""float32 -> int8: static quantisation by ONNX Runtime, calibrated on crops."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process


class Crops(CalibrationDataReader):
    """Feeds crops (n, 32, 32) uint8 and sizes (n, 2) float32 to the calibration, 64 at a time."""

    def __init__(self, crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> None:
        starts = range(0, len(crops), 64)
        feeds: list[dict[str, Any]] = [{"crops": crops[i : i + 64], "size": sizes[i : i + 64]} for i in starts]
        self.batches = iter(feeds)

    def get_next(self) -> dict[str, Any] | None:
        """The next batch; None at the end."""
        return next(self.batches, None)


def quantize(source: Path, target: Path, crops: NDArray[np.uint8], sizes: NDArray[np.float32]) -> None:
    """Write ``target``, the int8 form of ``source``, its metadata with it.

    Convolutions and matrix products get int8 weights, a scale a channel, and uint8 activations; what they feed
    stays float where it is cheap (the sizes' logarithms need it).
    """
    with TemporaryDirectory() as folder:
        inferred = Path(folder) / "inferred.onnx"
        quant_pre_process(str(source), str(inferred), skip_symbolic_shape=True)
        logging.getLogger().setLevel(logging.ERROR)  # it advises to do what has just been done
        quantize_static(
            str(inferred),
            str(target),
            Crops(crops, sizes),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=False,
        )
    model = onnx.load(target)
    properties = {entry.key: entry.value for entry in onnx.load(source).metadata_props}
    onnx.helper.set_model_props(model, properties)
    onnx.save(model, target)
