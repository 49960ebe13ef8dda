"""What the tests of the tables share."""

import threading
from http.server import ThreadingHTTPServer

import pytest

from answers import Handler


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
