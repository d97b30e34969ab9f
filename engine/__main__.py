"""`python -m engine` is `ratchet`."""

from engine.cli import main

main()
