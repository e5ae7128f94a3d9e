"""Public handwriting: characters, words, fonts; split by writer, its wrong labels found."""
