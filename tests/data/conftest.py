"""What the tests of the tables share."""

import threading
from http.server import ThreadingHTTPServer

import pandas as pd
import pytest
import yaml
from snakemake.utils import update_config

import start
from answers import Handler
from gapscope.config.check import check
from gapscope.config.defaults import shipped as shipped_config
from gapscope.data.read import read_table


@pytest.fixture
def server(monkeypatch):
    """Answers as answers.Handler does; `requests` lists the paths asked for."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.requests, server.over = [], threading.Event()
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.over.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def read(tmp_path, request):
    """Reads a text or bytes as the CSV t.csv, or a frame as Parquet, by the module's DATA, which `data` changes.

    What comes back: column -> values, None where one is missing.
    """

    def read(content, **data):
        path = tmp_path / "t.csv"
        if isinstance(content, pd.DataFrame):
            content.to_parquet(path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        table = read_table(str(path), request.module.DATA | data)
        return {name: own.astype(object).where(own.notna(), None).tolist() for name, own in table.items()}

    return read


@pytest.fixture
def begin(tmp_path, capsys):
    """Runs start.py on two tables; gives the config that comes of it, its text, and what was printed."""

    def begin(train, test=None, target="y", *options, suffix=".csv", **written):
        places = [str(tmp_path / f"{name}{suffix}") for name in ("my train", "my test")]
        for own, place in zip([train] + [test] * (test is not None), places):
            if suffix == ".parquet":
                own.to_parquet(place)
            else:
                own.to_csv(place, index=False, **written)
        output = str(tmp_path / "mine.yaml")
        start.main([*places[: 1 + (test is not None)], "--target", target, "-o", output, *options])
        text = (tmp_path / "mine.yaml").read_text(encoding="utf-8")
        config = shipped_config()
        update_config(config, yaml.safe_load(text))
        check(config)
        return config, text, capsys.readouterr().out

    return begin
