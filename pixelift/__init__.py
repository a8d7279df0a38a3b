"""Pixelift: a self-hosted image-upscaling service on Flask, Postgres and Real-ESRGAN."""

__version__ = "0.1.0"
