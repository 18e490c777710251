/** A throw-away Valkey on restored files: on a socket in its own folder, with no port, no password and no way out. */
export const loaderPy = String.raw`"""A throw-away Valkey."""
import contextlib
import os
import re
import subprocess
import time

from words import of_log


class NotLoaded(Exception):
    """The files were not read; says why."""

    def __init__(self, says):
        super().__init__(says)
        self.cause = "not-loaded"


@contextlib.contextmanager
def loaded(folder, appendonly, patience):
    """
    Gives a function that asks the server, once it has read everything. It starts as a replica of nobody: one removes no
    key that has expired, so that the keys can be counted.
    """
    socket, log = os.path.join(folder, "socket"), os.path.join(folder, "log")
    settings = {
        "port": "0", "unixsocket": socket, "dir": folder, "logfile": log, "save": "", "daemonize": "no",
        "appendonly": "yes" if appendonly else "no", "maxmemory": "0", "replicaof": "127.0.0.1 1",
    }
    args = [word for name, value in settings.items() for word in ("--" + name, *(value.split() or [""]))]
    with subprocess.Popen(["valkey-server", *args], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:

        def ask(*command):
            done = subprocess.run(["valkey-cli", "-e", "-s", socket, *command], capture_output=True, text=True, check=False, timeout=60)
            if done.returncode != 0:
                raise NotLoaded((done.stdout + done.stderr).strip())
            return done.stdout

        try:
            end = time.monotonic() + patience
            while True:
                if child.poll() is not None:
                    raise NotLoaded("Valkey did not read it: " + (" ".join(of_log(log)[-2:])[:300] or "no reason was given"))
                if time.monotonic() > end:
                    raise NotLoaded("Valkey did not read it within %d s" % patience)
                with contextlib.suppress(NotLoaded):
                    if "\nloading:0" in ask("INFO", "persistence").replace("\r", ""):
                        break
                time.sleep(0.05)
            yield ask
        finally:
            child.kill()


def keys_in(ask):
    return sum(int(count) for count in re.findall(r"^db\d+:keys=(\d+)", ask("INFO", "keyspace"), re.M))
`;
