"""The recipe of ``models/letters.onnx``: ``python -m models.recipe`` makes the model again from public data."""
