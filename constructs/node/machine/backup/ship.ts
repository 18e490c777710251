/**
 * Ships the append-only files of the node that acts: a base, then every few seconds the bytes that came after it.
 *
 * The files are held open, so that a rewrite may remove them meanwhile; what follows in a new file goes on in the same
 * chain. A copy from the primary is another beginning: after one, the chain ends and another begins with a base of its own.
 */
export const shipPy = String.raw`"""Append-only files on their way to a bucket."""
import os
import signal
import sys
import threading
import time

LIB = os.environ.get("CACHETIER_LIB", "/usr/local/lib/cachetier")
sys.path[:0] = [os.path.join(LIB, "keeper"), os.path.join(LIB, "backup")]

import catalogue  # noqa: E402
import chains  # noqa: E402
from gauges import Known  # noqa: E402
from given import STATE, Given, Unusable  # noqa: E402
from sealing import BLOCK, Unsealed, encrypting, sealed  # noqa: E402
from storage import Storage, Trouble  # noqa: E402
from survey import fields  # noqa: E402
from take import acting  # noqa: E402
from wire import Connection, Gone, Refused  # noqa: E402

LOOK = 1.0
EVERY = float(os.environ.get("CACHETIER_SHIP_EVERY", "20"))
AT_MOST = 64 << 20
NOT_ACTING = 15
ANEW = 24 * 3600
AGAIN = 30
KEPT_FOR = 48 * 3600
# What a replica has not yet read of its primary.
BEHIND = 1.0


class Broken(Exception):
    """The files do not go on where the chain ended; says why."""


class Chain:
    """One base and what follows it, while it grows."""

    def __init__(self, given, storage):
        self.given = given
        self.storage = storage
        self.folder = os.path.join(given.data, "appendonlydir")
        self.began = time.time()
        self.name = catalogue.name_of(given.tier, self.began, given.letter)
        self.number = self.offset = 0
        self.shipped = None
        self.last = time.monotonic()
        self.pending = None
        self.base, increments = self.manifest()
        self.files = {number: self.open(name) for name, number in increments}
        self.current = min(self.files)
        self.base_file = self.open(self.base[0])
        if self.manifest() != (self.base, increments):
            raise Broken("the files changed meanwhile")
        self.suspect = False
        self.incarnation = None

    def manifest(self):
        try:
            with open(os.path.join(self.folder, chains.MANIFEST), encoding="utf-8") as file:
                base, increments = chains.parsed_manifest(file.read())
        except OSError as problem:
            raise Broken("there are no append-only files: %s" % problem) from None
        if base is None or not increments:
            raise Broken("the append-only files have no base yet")
        return base, increments

    def open(self, name):
        try:
            return open(os.path.join(self.folder, name), "rb", buffering=0)
        except OSError as problem:
            raise Broken("%s is gone: %s" % (name, problem)) from None

    def close(self):
        for file in (self.base_file, *self.files.values()):
            file.close()

    def ship_base(self):
        """Takes as long as the upload does. Raises where it did not work: another chain is begun then."""
        moment = time.time() - BEHIND
        size = os.fstat(self.base_file.fileno()).st_size
        reading, writing = os.pipe()
        failed = []

        def upload():
            try:
                with os.fdopen(reading, "rb") as source:
                    self.storage.upload(source, self.place(0, moment))
            except Trouble as trouble:
                failed.append(trouble)

        uploading = threading.Thread(target=upload)
        uploading.start()
        try:
            with os.fdopen(writing, "wb") as out, encrypting(self.given, out) as into:
                into.write(self.header(0, 0, size))
                while block := self.base_file.read(BLOCK):
                    into.write(block)
        except (BrokenPipeError, Unsealed):
            if not failed:
                uploading.join()
        uploading.join()
        if failed:
            raise failed[0]
        self.shipped = moment

    def place(self, number, moment):
        return "%s%s/%s" % (self.name, chains.END, chains.piece_name(number, moment))

    def header(self, number, offset, size):
        return sealed(self.given, {"chain": self.name, "number": number, "offset": offset, "bytes": size})

    def follow(self, incarnation):
        """Takes note of files that came, and whether they still belong to this chain."""
        base, increments = self.manifest()
        changed = base != self.base or max(number for _, number in increments) > max(self.files)
        if incarnation is not None and incarnation != self.incarnation:
            self.suspect = self.suspect or self.incarnation is not None
            self.incarnation = incarnation
        if changed and self.suspect:
            raise Broken("this node has copied its primary anew")
        for name, number in increments:
            if number >= self.current and number not in self.files:
                if number != max(self.files) + 1:
                    raise Broken("a file was missed")
                self.files[number] = self.open(name)
        self.base = base

    def waits(self):
        """Bytes that were not read yet."""
        return sum(os.fstat(file.fileno()).st_size - file.tell() for file in self.files.values())

    def read(self):
        parts, size = [], 0
        while size < AT_MOST:
            file = self.files[self.current]
            if os.fstat(file.fileno()).st_size < file.tell():
                raise Broken("the file was cut: Valkey had ended in the middle of a write")
            block = file.read(min(BLOCK, AT_MOST - size))
            if block:
                parts.append(block)
                size += len(block)
            elif self.current < max(self.files):
                self.files.pop(self.current).close()
                self.current += 1
            else:
                break
        return b"".join(parts)

    def ship(self):
        """The next piece. One that was not taken is sent again as it is: it may have arrived after all."""
        if self.pending is None:
            moment = time.time() - BEHIND
            data = self.read()
            if not data:
                return
            self.pending = self.number + 1, moment, len(data)
            with open(self.spool(), "wb") as secret, encrypting(self.given, secret) as into:
                into.write(self.header(self.number + 1, self.offset, len(data)))
                into.write(data)
        number, moment, size = self.pending
        self.storage.put(self.spool(), self.place(number, moment))
        self.number, self.offset, self.shipped, self.pending = number, self.offset + size, moment, None
        self.last = time.monotonic()

    def spool(self):
        return os.path.join(STATE, "piece.age")


class Shipper:
    def __init__(self, given):
        self.given = given
        self.storage = Storage(given.destinations[0])
        self.known = Known(given, "continuous")
        self.chain = None
        self.coming = None
        self.thread = None
        self.acted = 0.0
        self.not_before = 0.0
        self.said = None
        self.valkey = Connection(*given.nodes[given.letter], given.login, timeout=5)

    def run(self):
        while True:
            started = time.monotonic()
            self.step()
            time.sleep(max(0.1, LOOK - (time.monotonic() - started)))

    def step(self):
        acts, why = acting(self.given)
        now = time.monotonic()
        if acts == self.given.letter:
            self.acted = now
        try:
            if now - self.acted > NOT_ACTING:
                self.let_go("node %s ships" % acts if acts else why)
                return
            self.go_on()
            if acts == self.given.letter:
                self.begin_if_due()
        except Broken as broken:
            self.drop()
            self.tell("begins anew: %s" % broken)
        except (Trouble, Unsealed) as trouble:
            self.problem(trouble)

    def go_on(self):
        for chain in (self.chain, self.coming):
            if chain:
                chain.follow(self.incarnation())
        if not self.chain or (time.monotonic() - self.chain.last < EVERY and self.chain.waits() < AT_MOST):
            return
        self.chain.ship()
        state = self.known.of(self.given.destinations[0])
        state["backup_shipped_timestamp_seconds"] = round(self.chain.shipped, 3)
        state.pop("backup_problem", None)
        self.known.save()
        self.tell("ships %s" % self.chain.name)

    def incarnation(self):
        """Which connection to which primary feeds this node; None while it does not answer."""
        try:
            link = self.valkey.ask("CLIENT", "LIST", "TYPE", "MASTER").split(" ", 1)[0]
            run = fields(self.valkey.ask("INFO", "server"))["run_id"]
            return run, link
        except (Gone, Refused):
            return None

    def begin_if_due(self):
        if self.coming or time.monotonic() < self.not_before:
            return
        if self.chain and time.time() - self.chain.began < ANEW:
            return
        self.rewrite()
        self.coming = Chain(self.given, self.storage)
        self.coming.incarnation = self.incarnation()
        self.thread = threading.Thread(target=self.ship_base, args=(self.coming,), daemon=True)
        self.thread.start()

    def rewrite(self):
        """A base of what is there now: the one on the disk may be old, and what follows it long."""
        self.valkey_says("BGREWRITEAOF")
        end = time.monotonic() + 600
        while time.monotonic() < end:
            info = fields(self.valkey_says("INFO", "persistence"))
            if info.get("aof_rewrite_in_progress") == "0" and info.get("aof_rewrite_scheduled") == "0":
                return
            if self.chain:
                self.go_on()
            time.sleep(0.2)

    def valkey_says(self, *command):
        try:
            return self.valkey.ask(*command)
        except Refused as refused:
            if "already in progress" in str(refused):
                return ""
            raise Broken(str(refused)) from None
        except Gone as gone:
            raise Broken("Valkey of this node does not answer: %s" % gone) from None

    def ship_base(self, chain):
        try:
            chain.ship_base()
        except (Trouble, Unsealed) as trouble:
            self.not_before = time.monotonic() + AGAIN
            self.coming = None
            chain.close()
            self.problem(trouble)
            return
        before, self.chain, self.coming = self.chain, chain, None
        if before:
            before.close()
        self.prune()

    def prune(self):
        try:
            for old in chains.listed(self.storage, self.given.tier):
                if time.time() - old.ends > KEPT_FOR and old.name != self.chain.name:
                    self.storage.purge(old.name + chains.END)
        except Trouble as trouble:
            self.tell("old files stay: %s" % trouble)

    def drop(self):
        for chain in (self.chain, self.coming):
            if chain and chain is not self.coming:
                chain.close()
        self.chain = self.coming = None

    def let_go(self, why):
        self.drop()
        # What this node once shipped says nothing of what another ships now.
        if self.known.of(self.given.destinations[0]):
            self.known.all = {}
        self.known.save()
        self.tell(why)

    def problem(self, trouble):
        self.known.of(self.given.destinations[0])["backup_problem"] = trouble.cause
        self.known.save()
        self.tell("%s: %s" % (trouble.cause, trouble))

    def tell(self, line):
        if line != self.said:
            print(line, flush=True)
            self.said = line


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        Shipper(Given()).run()
    except Unusable as problem:
        print(problem, file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main())
`;
