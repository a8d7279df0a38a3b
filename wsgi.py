"""The application for a WSGI server: `gunicorn wsgi:application`."""

from pixelift.app import create
from pixelift.settings import Settings

application = create(Settings())
