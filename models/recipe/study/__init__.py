"""What was learnt on the way to the letter model, measured again: ``python -m models.recipe.study``."""
