"""What everything else stands on: the result, settings, errors, files, models as ONNX sessions, worker processes."""
