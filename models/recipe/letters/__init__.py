"""The letter model, `models/letters.onnx`: ``python -m models.recipe.letters``."""
