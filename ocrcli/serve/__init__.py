"""A small server: photos come by HTTP, and go to worker processes, so that a bad one cannot take the server down.

Nothing is kept: uploads are in memory, or in files without a name, until they are answered.
"""
