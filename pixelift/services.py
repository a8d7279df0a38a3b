"""What a web process keeps between requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from pixelift import db
from pixelift.db import Database
from pixelift.engine.inspection import Inspector
from pixelift.engine.shelf import Shelf
from pixelift.events import Hub
from pixelift.settings import Settings
from pixelift.storage import Folder
from pixelift.uploads import Uploads

POOL_SIZE = 16


@dataclass(frozen=True)
class Services:
    settings: Settings
    database: Database
    blobs: Folder
    uploads: Uploads
    shelf: Shelf
    hub: Hub

    def close(self) -> None:
        self.hub.close()
        self.uploads.inspector.close()
        self.database.close()


def install(app: Flask, settings: Settings) -> Services:
    database = db.connect(settings, pool_size=POOL_SIZE)
    blobs = Folder(settings.blobs_dir)
    services = Services(
        settings=settings,
        database=database,
        blobs=blobs,
        uploads=Uploads(settings, blobs, Inspector(processes=2)),
        shelf=Shelf(settings.models_dir),
        hub=_hub(database, settings),
    )
    app.extensions["pixelift"] = services
    return services


def _hub(database: Database, settings: Settings) -> Hub:
    """Each stream holds a thread; a quarter of them stays free for everything else."""
    return Hub(database, settings.web_threads * 3 // 4)


def current() -> Services:
    return cast(Services, current_app.extensions["pixelift"])
