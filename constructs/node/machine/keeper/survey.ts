/**
 * What every Valkey and Sentinel of the tier says of itself, asked twice a second by one thread each: a server that
 * hangs delays nobody's answer but its own.
 */
export const surveyPy = String.raw`"""Looks at every server of the tier, again and again."""
import os
import threading
import time

from wire import Connection, Gone, Refused

PULSE = "cachetier:pulse"
EVERY = 0.5
AGAIN = 0.1
HURRY = 2
STALE = 2.5
# A server that does not answer is given up after a second.
PATIENCE = 1.2


class Watch(threading.Thread):
    """Keeps the latest look at one server, and says why where there is none."""

    def __init__(self, address, port, login, look, on_change, is_hurried):
        super().__init__(daemon=True)
        self.connection = Connection(address, port, login)
        self.look = look
        self.on_change = on_change
        self.is_hurried = is_hurried
        self.latest = (0.0, None, "not asked yet")
        self.bell = self.rope = None

    def start(self):
        self.bell, self.rope = os.pipe()
        super().start()

    def run(self):
        while True:
            self.once()
            self.connection.rest(self.pause(), self.bell)

    def pause(self):
        """A server that is starting is seen soon, and all are while this node changes."""
        return AGAIN if self.latest[2] == "nothing listens" or self.is_hurried() else EVERY

    def once(self):
        started = time.monotonic()
        try:
            found, why = self.look(self.connection), None
        except (Gone, Refused) as problem:
            found, why = None, str(problem)
        except Exception as problem:  # a thread that ends would blind the keeper for good
            found, why = None, "%s: %s" % (type(problem).__name__, problem)
        before, self.latest = self.latest[1], (started, found, why)
        if what_counts(before) != what_counts(found):
            self.on_change(started)

    def seen(self):
        at, found, why = self.latest
        if found is not None and time.monotonic() - at > STALE:
            return None, "no answer in time"
        return found, why


class Survey:
    """All servers of the tier."""

    def __init__(self, settings):
        self.settings = settings
        self.valkeys = {}
        self.sentinels = {}
        # Set when a server came, went or has another role.
        self.changed = threading.Event()
        self.own_changed = -HURRY
        for letter, node in settings.nodes.items():
            on_change = self._own if letter == settings.letter else self._other
            self.valkeys[letter] = self._watch(node.valkey_port, node, settings.valkey_login, self._valkey, on_change)
            if len(settings.nodes) > 1:
                self.sentinels[letter] = self._watch(
                    node.sentinel_port, node, settings.sentinel_login, self._sentinel, self._other
                )

    def _watch(self, port, node, login, look, on_change):
        return Watch(node.address, port, login, look, on_change, self._is_hurried)

    def _is_hurried(self):
        return time.monotonic() - self.own_changed < HURRY

    def _own(self, moment):
        """What others said before this node changed is no ground for what it does next: asks them all again."""
        self.own_changed = moment
        for watch in self.watches():
            if watch is not self.valkeys[self.settings.letter] and watch.rope is not None:
                os.write(watch.rope, b"!")
        self.changed.set()

    def _other(self, _moment):
        self.changed.set()

    def await_one_time(self):
        """Returns once all have been asked since this node changed, or had the time to answer."""
        end = time.monotonic() + PATIENCE
        while any(watch.latest[0] < self.own_changed for watch in self.watches()) and time.monotonic() < end:
            time.sleep(0.01)

    def watches(self):
        return list(self.valkeys.values()) + list(self.sentinels.values())

    def start(self):
        for watch in self.watches():
            watch.start()

    def once(self):
        """One look at all, for a command that a person runs."""
        threads = [threading.Thread(target=watch.once, daemon=True) for watch in self.watches()]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
        return self.view()

    def view(self):
        """What is known now, as plain values for the rules."""
        view = {"valkeys": {}, "sentinels": {}, "silent": {}}
        for kind, watches in (("valkeys", self.valkeys), ("sentinels", self.sentinels)):
            for letter, watch in watches.items():
                found, why = watch.seen()
                view[kind][letter] = found
                if found is None:
                    view["silent"]["%s of %s" % (kind[:-1], letter)] = why
        return view

    def _valkey(self, connection):
        info = fields(connection.ask("INFO", "server", "replication", "persistence", "keyspace"))
        found = {
            "run": info.get("run_id", ""),
            "version": info.get("valkey_version") or info.get("redis_version", ""),
            "loading": info.get("loading") != "0",
            "role": "primary" if info.get("role") == "master" else "replica",
            "follows": None,
            "priority": int(info.get("slave_priority", 100)),
            "link": info.get("master_link_status") == "up",
            "syncing": info.get("master_sync_in_progress") == "1",
            "down": int(info.get("master_link_down_since_seconds", 0)),
            "offset": int(info.get("slave_repl_offset", info.get("master_repl_offset", 0))),
            "replicas": int(info.get("connected_slaves", 0)),
            "rewriting": info.get("aof_rewrite_in_progress") == "1" or info.get("aof_rewrite_scheduled") == "1",
            "writes": info.get("aof_last_write_status", "ok") == "ok",
            "keys": any(name.startswith("db") and name[2:].isdigit() for name in info),
            "pulse": None,
        }
        if "master_host" in info:
            found["follows"] = self.settings.at(info["master_host"], info["master_port"])
        if not found["loading"]:
            found["pulse"] = parse(connection.ask("GET", PULSE))
        return found

    def _sentinel(self, connection):
        said = connection.ask("SENTINEL", "MASTER", self.settings.tier)
        master = dict(zip(said[::2], said[1::2]))
        info = fields(connection.ask("INFO", "sentinel"))
        return {
            "named": self.settings.at(master["ip"], master["port"]),
            "epoch": int(master["config-epoch"]),
            "down": "s_down" in master["flags"],
            "others": int(master["num-other-sentinels"]),
            "tilt": info.get("sentinel_tilt") == "1",
        }


def what_counts(found):
    return found and (found.get("run"), found.get("role"), found.get("named"))


def fields(text):
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name: value for name, _, value in pairs}


def parse(value):
    """A pulse is "term milliseconds letter run": whose data this is, and how fresh."""
    parts = (value or "").split(" ")
    if len(parts) != 4 or not (parts[0].isdigit() and parts[1].isdigit()):
        return None
    return [int(parts[0]), int(parts[1]), parts[2], parts[3]]
`;
