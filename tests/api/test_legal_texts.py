"""The words of the law, and codes kept and published, over HTTP and on the command line."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from api.security import create_key
from tests.builder import MAXIANG, RegistryBuilder
from tests.conftest import serving

PAPER = {
    "title": "撤销马巷镇，设立马巷街道",
    "effective_on": "2025-01-06",
    "decree": {"authority": "福建省人民政府", "number": "闽政文〔2024〕3号"},
    "operations": [
        {
            "retype": {
                "division": "350213102",
                "kind": "subdistrict",
                "name": "马巷街道",
                "code": "auto",
            }
        }
    ],
}


@pytest.fixture
def service(
    engine: Engine, database_url: str, tmp_path: Path
) -> Iterator[tuple[httpx.Client, dict[str, dict[str, str]]]]:
    RegistryBuilder(engine).tree(MAXIANG)
    with engine.connect() as connection:
        keys = {
            role: {"Authorization": f"Bearer {create_key(connection, holder=role, role=role)}"}
            for role in ("reviewer", "approver")
        }
        connection.commit()
    with serving(database_url, tmp_path) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client, keys


class WhenARestructuringIsFiled:
    def test_the_law_reads_abolish_and_establish_and_codes_go_their_way(
        self, service: tuple[httpx.Client, dict[str, dict[str, str]]]
    ) -> None:
        client, keys = service
        filed = client.post("/v1/restructurings", json=PAPER, headers=keys["reviewer"]).json()
        here = f"/v1/restructurings/{filed['id']}"

        text = client.get(f"{here}/legal", params={"format": "text"})
        assert text.headers["content-type"].startswith("text/plain")
        assert "同意撤销马巷镇" in text.text and "设立马巷街道" in text.text
        lines = client.get(f"{here}/legal").json()["codes"]
        assert [line["fate"] for line in lines] == ["abolished", "established"]

        kept = client.post(f"{here}/codes/reserve", headers=keys["reviewer"]).json()["codes"]
        assert list(kept.values()) == ["350213001"]
        early = {"on": "2025-02-01"}
        refused = client.post(f"{here}/codes/publish", json=early, headers=keys["approver"])
        assert (refused.status_code, refused.json()["code"]) == (409, "state-forbids")
        for step, who in (("submit", "reviewer"), ("approve", "approver"), ("commit", "approver")):
            assert client.post(f"{here}/{step}", headers=keys[who]).is_success, step
        done = client.post(f"{here}/codes/publish", json=early, headers=keys["approver"])
        assert done.status_code == 201 and list(done.json()["codes"].values()) == ["350213001"]
        again = client.post(f"{here}/codes/publish", json=early, headers=keys["approver"])
        assert again.status_code == 409
        still = client.get(f"{here}/legal", params={"format": "text"}).text
        assert "设立马巷街道" in still, "a committed act still reads as it was decreed"

    def test_breaches_come_as_values_in_both_languages(
        self, service: tuple[httpx.Client, dict[str, dict[str, str]]]
    ) -> None:
        client, keys = service
        bad = {**PAPER, "operations": [{"abolish": {"division": "350213102202"}}]}
        filed = client.post("/v1/restructurings", json=bad, headers=keys["reviewer"]).json()

        refused = client.post(
            f"/v1/restructurings/{filed['id']}/submit",
            headers={**keys["reviewer"], "Accept-Language": "zh"},
        )
        body = refused.json()
        assert (refused.status_code, body["code"]) == (409, "plan-breaks-rules")
        (finding,) = body["findings"]
        assert finding["rule"] == "V02" and "no_successor" in finding["en"]
        assert finding["zh"] in body["detail"]
        preview = client.get(f"/v1/restructurings/{filed['id']}/preview").json()
        assert "V02" in [one["rule"] for one in preview["findings"]]


class WhenTheCommandLineIsAsked:
    def test_it_prints_the_texts_of_a_file_and_says_what_is_wrong_with_one(
        self, engine: Engine, database_url: str, tmp_path: Path
    ) -> None:
        RegistryBuilder(engine).tree(MAXIANG)
        file = tmp_path / "plan.json"
        file.write_text(json.dumps(PAPER, ensure_ascii=False), encoding="utf-8")

        def said(*words: str) -> subprocess.CompletedProcess[str]:
            settings = {"DATABASE_URL": database_url, "REGISTRY_HOME": str(tmp_path)}
            return subprocess.run(
                [sys.executable, "-m", "api.cli.main", "legal", *words],
                env={**os.environ, **settings},
                capture_output=True,
                text=True,
                check=False,
            )

        assert "撤销马巷镇" in said(str(file)).stdout
        assert json.loads(said(str(file), "--json").stdout)["title"] == PAPER["title"]
        lost = said(str(tmp_path / "none.yaml"))
        assert lost.returncode == 1 and "none.yaml" in lost.stderr
