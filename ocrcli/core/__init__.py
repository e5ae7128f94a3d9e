"""Shared foundations: the result (`Page`), settings, errors, file writing, ONNX sessions and worker processes."""
