"""The client generated from the OpenAPI document does what its page says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "clients.md"
CONFIG = ROOT / "clients" / "python" / "generator.yaml"


class TheGeneratedClient:
    def test_does_what_its_page_says(self, base_url: str, tmp_path: Path) -> None:
        document = tmp_path / "openapi.json"
        printed = subprocess.run(
            [sys.executable, "-m", "api.cli.main", "openapi"],
            cwd=ROOT,
            env={**os.environ, "REGISTRY_HOME": str(tmp_path)},
            capture_output=True,
            check=True,
        )
        document.write_bytes(printed.stdout)
        assert "geocodeBatch" in {
            operation["operationId"]
            for verbs in json.loads(printed.stdout)["paths"].values()
            for operation in verbs.values()
        }

        made = subprocess.run(
            [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document),
             "--output-path", str(tmp_path / "place_registry_client"), "--meta", "none",
             "--config", str(CONFIG), "--fail-on-warning"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stdout + made.stderr

        examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
        assert len(examples) == 2
        for place, example in enumerate(examples):
            file = tmp_path / f"example{place}.py"
            file.write_text(f"REGISTRY_URL = {base_url!r}\n{example}", encoding="utf-8")
            done = subprocess.run(
                [sys.executable, str(file)],
                env={**os.environ, "PYTHONPATH": str(tmp_path)},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert "凤翔街道" in done.stdout
