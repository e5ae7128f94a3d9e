"""A watched folder (hot folder): photos are read as they appear, each once, when they are whole.

What is read, and what becomes of it, is the caller's: `watcher.Watcher` only says when.
"""
