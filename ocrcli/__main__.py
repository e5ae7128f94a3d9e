"""`python -m ocrcli` is the command `ocr`."""

from ocrcli.cli import main

main()
