"""Promises about what imports what, beyond the import contracts in setup.cfg."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from unittest.mock import sentinel

from pixelift import tasks
from pixelift.db import Database
from pixelift.processing import Workshop
from pixelift.queue import QUEUES, Work
from pixelift.settings import Settings
from pixelift.storage import Folder

HEAVY = ("torch", "torchvision", "spandrel", "numpy", "cv2", "PIL")


def test_the_web_process_never_imports_torch_nor_decodes_pictures(settings: Settings) -> None:
    script = f"import sys, wsgi; print([name for name in {HEAVY} if name in sys.modules])"
    environment = {"DATABASE_URL": str(settings.database_url), "PIXELIFT_DATA_DIR": str(settings.data_dir)}
    root = Path(__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.returncode) == ("[]", 0), run.stderr


def test_every_name_of_the_queue_is_bound_to_a_function(database: Database, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, database_url=database.url)
    workshop = Workshop(database, Folder(tmp_path), sentinel.engine, tmp_path, threading.Event())
    app = tasks.build(settings, database, workshop)
    bound = {name: task.queue for name, task in app.tasks.items() if task.queue != "builtin"}
    assert bound == {str(work): QUEUES[work] for work in Work}
