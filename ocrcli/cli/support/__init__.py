"""What several commands share: outputs, progress, preferences, the terminal."""
