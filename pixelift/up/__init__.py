"""Everything that one machine runs, from one command."""

from pixelift.up.claim import make
from pixelift.up.crew import variables
from pixelift.up.start import migrate, run

__all__ = ["make", "migrate", "run", "variables"]
