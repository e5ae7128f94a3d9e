"""The line model, `models/lines.onnx`: ``python -m models.recipe.lines``."""
