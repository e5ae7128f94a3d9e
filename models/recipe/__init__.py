"""The recipe of ``models/letters.onnx``: ``python -m models.recipe.letters`` makes the model again from public data."""
