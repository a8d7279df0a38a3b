from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from PIL import Image

from tests.journeys.conftest import ROOT, Product


def test_the_readmes_lines_run_as_printed(product: Product, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text().split("## Use the API")[1]
    block = re.search(r"```sh\n(.*?)```", text, re.DOTALL)
    assert block
    script = block[1].replace("http://127.0.0.1:8000", product.url).replace("./run", f"{sys.executable} -m pixelift")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=product.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "event: job.completed" in run.stdout
    with Image.open(ROOT / "docs/images/sample.png") as sample, Image.open(tmp_path / "result.png") as result:
        assert result.size == (sample.width * 4, sample.height * 4)
