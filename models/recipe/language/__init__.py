"""What is known of languages, `models/en.npz` and its like: ``python -m models.recipe.language``."""
