"""Everything that one machine runs, from one command."""

from pixelift.up.crew import variables
from pixelift.up.start import migrate, run

__all__ = ["migrate", "run", "variables"]
