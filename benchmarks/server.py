"""gunicorn with two workers, started and stopped by its process id, its CPU time read."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WORKERS = 2
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    """A running gunicorn: its address and the process id of its master."""

    host: str
    port: int
    pid: int

    def workers(self) -> list[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def cpu_seconds(self) -> float:
        """User and system time of all workers so far."""
        return sum(_cpu_seconds(Path(f"/proc/{pid}")) for pid in self.workers())


def _cpu_seconds(process: Path) -> float:
    try:
        # In nanoseconds, by thread; gunicorn keeps its threads.
        threads = [(each / "schedstat").read_text() for each in (process / "task").iterdir()]
        return sum(int(text.split()[0]) for text in threads) / 1e9
    except FileNotFoundError:  # a kernel without these: in hundredths of a second
        fields = (process / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serve(application: str, environment: Mapping[str, str], *, ready: str) -> Iterator[Server]:
    """Run `application` until the block ends. `ready`: a path that answers when it is up."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", application,
        "--bind", f"127.0.0.1:{port}", "--workers", str(WORKERS), "--threads", "4",
        "--worker-class", "gthread", "--keep-alive", "30", "--log-level", "error",
    ]  # fmt: skip
    # A line per request is written, as in production; it is shown only when something fails.
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=log)
        try:
            _wait(f"http://127.0.0.1:{port}{ready}", process)
            yield Server("127.0.0.1", port, process.pid)
        except BaseException:
            log.seek(max(0, log.tell() - 4000))
            sys.stderr.write(log.read().decode("utf-8", "replace"))
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(120):
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn ended with {process.returncode}")
        try:
            urllib.request.urlopen(url, timeout=5)  # noqa: S310 -- our own loopback address
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise RuntimeError(f"{url} did not answer")
