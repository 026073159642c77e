"""Start the resident's pages as a process group of their own: `public.alone`, one to four times.

    python -m public.serve --host 127.0.0.1 --port 8502 --workers 2

Every process imports this file before it says that it lives, so it imports next to nothing.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from .throttle import MOST_PROCESSES

KEPT_IDLE_SECONDS = 75
"""How long a connection may be idle before it is closed here: longer than a proxy keeps it (nginx:
60 seconds), so that the other side ends it. What is sent in the moment in which this side closes
is lost, and with uvicorn's own 5 seconds that happened in every lull."""
SAYS_IT_LIVES_WITHIN_SECONDS = 60
"""A process that is silent for longer is ended and started anew; a busy machine starts slowly."""


def main(words: Sequence[str] | None = None) -> None:
    """Serve the pages until told to end."""
    parser = argparse.ArgumentParser(prog="python -m public.serve")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8502)
    parser.add_argument("--workers", type=int, default=1, help=f"processes, 1 to {MOST_PROCESSES}")
    parser.add_argument("--root-path", default="", help="path a proxy serves the pages under")
    given = parser.parse_args(words)
    if not 1 <= given.workers <= MOST_PROCESSES:
        parser.error(f"--workers must be 1 to {MOST_PROCESSES}")
    serve("public.alone:from_env", given.host, given.port, given.workers, given.root_path)


class Group(Multiprocess):
    """Sees at once that a process has ended; uvicorn keeps the process's end of the line open and
    waits for its answer as if it were only slow."""

    def init_processes(self) -> None:
        """Start all; see the class."""
        super().init_processes()
        self._let_go()

    def keep_subprocess_alive(self) -> None:
        """Look whether each lives; see the class."""
        super().keep_subprocess_alive()
        self._let_go()

    def _let_go(self) -> None:
        for one in self.processes:
            one.child_conn.close()


def serve(factory: str, host: str, port: int, workers: int, root_path: str = "") -> None:
    """Serve an application in so many processes until told to end; no address is ever logged.

    Args:
        factory: `module:function` that makes it; `public.alone:from_env` finds the number of
            processes in the command line.
    """
    config = uvicorn.Config(
        factory, factory=True, host=host, port=port, workers=workers, root_path=root_path,
        access_log=False, timeout_keep_alive=KEPT_IDLE_SECONDS,
        timeout_worker_healthcheck=SAYS_IT_LIVES_WITHIN_SECONDS,
    )  # fmt: skip
    with config.bind_socket() as door:
        # uvicorn's own socket for several processes lets the kernel hold back the second half of
        # an answer until the first is acknowledged: 40 ms on every kept connection
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if workers > 1:
            group = Group(config, sockets=[door])
            group.run()
            if any(one.exitcode == STARTUP_FAILURE for one in group.processes):
                # uvicorn ends then as if it had been asked to, and nobody would start it again
                sys.exit(STARTUP_FAILURE)
        else:
            uvicorn.Server(config).run(sockets=[door])


if __name__ == "__main__":
    main()
