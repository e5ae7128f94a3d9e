"""Shared code of the commands: outputs, progress, preferences, the terminal."""
