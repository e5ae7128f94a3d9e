"""The letter model learns one hand: ``python -m models.recipe.finetune FOLDER --out my-letters.onnx``."""
