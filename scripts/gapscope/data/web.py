"""A file's bytes over http(s), every read under one limit of time, and why they did not come."""

import functools
import http.client
import io
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

BLOCK_BYTES = 64 * 1024


class Failure(Exception):
    """Why a download failed, as part of a sentence to which the caller adds the address and the remedy."""


@dataclass(frozen=True)
class Limit:
    """How long a download may take: `timeout_s` per step, `deadline_s` in all, to `end` (monotonic clock)."""

    timeout_s: float
    deadline_s: float
    end: float

    def step_s(self) -> float:
        """Seconds that the next step may take. Raises TimeoutError after the deadline."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return min(self.timeout_s, left)


class _BoundedStream(io.RawIOBase):
    """A socket's stream that also stops at the deadline, wherever in the answer the server trickles."""

    def __init__(self, raw: socket.SocketIO, sock: socket.socket, limit: Limit):
        self._raw, self._sock, self._limit = raw, sock, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int | None:
        self._sock.settimeout(self._limit.step_s())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _response(sock, *args, limit: Limit, **kwargs) -> http.client.HTTPResponse:
    response = http.client.HTTPResponse(sock, *args, **kwargs)
    response.fp = io.BufferedReader(_BoundedStream(response.fp.detach(), sock, limit))
    return response


class _BoundedHandler(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Opens http and https with every read under one limit."""

    def __init__(self, limit: Limit):
        super().__init__()
        self._limit = limit

    def _connection(self, kind, host, timeout, **kwargs):
        connection = kind(host, timeout=self._limit.step_s(), **kwargs)
        connection.response_class = functools.partial(_response, limit=self._limit)
        return connection

    def http_open(self, req):
        return self.do_open(functools.partial(self._connection, http.client.HTTPConnection), req)

    def https_open(self, req):
        return self.do_open(functools.partial(self._connection, http.client.HTTPSConnection), req)


class _WebRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects to http(s) only; urllib would go to ftp as well."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        check_address(newurl, "it redirects to ")
        fp.close()  # urllib would read the redirect's body, which nothing bounds
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def blocks(url: str, limit: Limit, max_bytes: int) -> Iterator[bytes]:
    """The body's bytes as they come. Raises Failure if they do not all come in time and size."""
    opener = urllib.request.build_opener(_BoundedHandler(limit), _WebRedirects)
    try:
        with opener.open(url) as response:
            promised, received = response.length or 0, 0  # 0: not told
            while max(promised, received) <= max_bytes and (block := response.read(BLOCK_BYTES)):
                received += len(block)
                yield block
            if max(promised, received) > max_bytes:
                raise Failure(f"it is larger than the allowed {max_bytes} bytes")
            if received < promised:
                raise Failure(f"the transfer was interrupted after {received} of {promised} bytes")
    except urllib.error.HTTPError as error:
        error.close()
        raise Failure(f"the server answered {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a malformed address
        raise Failure(_reason(error, limit)) from error


def _reason(error: Exception, limit: Limit) -> str:
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, TimeoutError):
        if time.monotonic() >= limit.end:
            return f"it was not complete within the deadline of {limit.deadline_s:g} s"
        return f"the server was silent for {limit.timeout_s:g} s (time-out)"
    if isinstance(cause, ConnectionRefusedError):
        return "the server refused the connection"
    if isinstance(cause, socket.gaierror):
        return f"the server's name was not found ({cause.strerror})"
    if isinstance(cause, (ConnectionError, http.client.IncompleteRead)):
        return f"the transfer was interrupted ({cause})"
    return str(cause) or type(cause).__name__


def check_address(url: str, prefix: str = "") -> None:
    """Raises Failure for an address that is neither http nor https."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError as error:
        raise Failure(f"{prefix}{url}: {error}") from error
    if scheme not in ("http", "https"):
        raise Failure(f"{prefix}{url}, but only http and https are fetched, got {scheme or 'no scheme'}")
