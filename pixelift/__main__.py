"""`python -m pixelift` is the command line."""

from pixelift.cli import main

main()
