/**
 * Takes an RDB, checks it, encrypts it, and uploads it to each bucket that is due.
 *
 * Every node looks every few minutes, and the primary's own list of its replicas says who acts, so no two nodes need to
 * agree among themselves. What is due follows from what the bucket holds: a node that dies in the middle, a bucket that
 * was away, a machine that was off are all made up for by the next look, on whichever node it then falls to.
 */
export const takePy = String.raw`"""Backups of this tier."""
import concurrent.futures
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import time

import catalogue
from gauges import Known
from given import STATE
from sealing import BLOCK, Digest, Unsealed, encrypting, sealed
from storage import Storage, Trouble
from survey import fields
from wire import Connection, Gone, Refused

LAG = 10
RDB = "dump.rdb"
STALLED = int(os.environ.get("CACHETIER_STALLED", "120"))
# A full disk stops the primary's writes: the backup gives way long before.
ROOM = int(os.environ.get("CACHETIER_ROOM", str(1 << 30)))
AGAIN, SELDOM = 300, 3600


class NotTaken(Exception):
    """No backup was taken; the cause in one word, and what happened."""

    def __init__(self, cause, says):
        super().__init__(says)
        self.cause = cause


def info(given, letter, *sections):
    address, port = given.nodes[letter]
    connection = Connection(address, port, given.login, timeout=5)
    try:
        return fields(connection.ask("INFO", *sections))
    finally:
        connection.close()


def acting(given, last=False):
    """The letter of the node that acts, and why. A synced replica: of the first letter, or of the last."""
    try:
        own = info(given, given.letter, "replication")
    except (Gone, Refused) as problem:
        return None, "Valkey of this node does not answer: %s" % problem
    primary = own
    if own["role"] != "master":
        if own["master_link_status"] != "up" or own["master_sync_in_progress"] != "0":
            return None, "this replica is not synced; nothing is taken from it"
        at = own["master_host"], int(own["master_port"])
        letters = [letter for letter, place in given.nodes.items() if place == at]
        try:
            primary = info(given, letters[0], "replication")
        except (Gone, Refused, IndexError) as problem:
            return None, "the primary does not answer: %s" % problem
    synced = sorted(letter for letter in given.nodes if is_synced(primary, *given.nodes[letter]))
    if synced:
        return synced[-1 if last else 0], "a synced replica"
    if own["role"] != "master":
        return None, "the primary knows of no synced replica"
    return given.letter, "no replica is synced, so the primary is read"


def is_synced(primary, address, port):
    for name, value in primary.items():
        if re.fullmatch(r"slave\d+", name):
            replica = dict(part.split("=", 1) for part in value.split(","))
            if (replica["ip"], int(replica["port"])) == (address, port):
                return replica["state"] == "online" and int(replica["lag"]) <= LAG
    return False


def run(given, forced=False):
    """One look. The number of buckets that are due and did not get their backup."""
    known = Known(given, "backup")
    acts, why = acting(given)
    if acts != given.letter:
        for destination in given.destinations:
            for name in ("last_attempt_timestamp_seconds", "last_attempt_succeeded", "problem"):
                known.of(destination).pop("backup_" + name, None)
        known.save()
        print("node %s takes it" % acts if acts else why, flush=True)
        return 0
    with locked("backup"):
        looks = {one: look(given, known, one, forced) for one in given.destinations}
        failed = [one for one, found in looks.items() if found == "failed"]
        due = [one for one, found in looks.items() if found == "due"]
        if due:
            if why.startswith("no replica"):
                print(why, flush=True)
            failed += backed_up(given, known, due, "primary" if why.startswith("no replica") else "replica")
        return len(failed)


def locked(name):
    """For as long as the file is open."""
    lock = open(os.path.join(STATE, name + ".lock"), "w", encoding="utf-8")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise NotTaken("busy", "another run is under way on this node") from None
    return lock


def is_due(given, known, destination):
    seen = known.of(destination).get("backup_last_success_timestamp_seconds", 0)
    return seen < catalogue.due_since(destination.schedule, given.window, time.time())


def look(given, known, destination, forced):
    """
    Whether a backup is due there: "due", "not due", or "failed" where the bucket could not be asked. It is asked only
    where this node knows of no good one, as another may have made it meanwhile.
    """
    if forced:
        return "due"
    if not is_due(given, known, destination):
        return "not due"
    state = known.of(destination)
    failures = state.get("failures", 0)
    if failures and time.time() - state["backup_last_attempt_timestamp_seconds"] < min(SELDOM, AGAIN * 2 ** (failures - 1)) - 60:
        print("%s: tried again later" % destination.id, flush=True)
        return "not due"
    try:
        found = catalogue.backups(Storage(destination).names(include=given.tier + "-*.json"), given.tier)
    except Trouble as trouble:
        told(known, destination, trouble)
        return "failed"
    if found:
        state["backup_last_success_timestamp_seconds"] = int(catalogue.moment_of(found[0]))
        known.save()
    return "due" if is_due(given, known, destination) else "not due"


def told(known, destination, trouble):
    state = known.of(destination)
    state["failures"] = state.get("failures", 0) + 1
    state["backup_last_attempt_timestamp_seconds"] = int(time.time())
    state["backup_last_attempt_succeeded"] = 0
    state["backup_problem"] = trouble.cause
    known.save()
    print("%s has no new backup: %s: %s" % (destination.id, trouble.cause, trouble), flush=True)
    return False


def backed_up(given, known, due, role):
    """The destinations that did not get their backup."""
    started = time.time()
    work = os.path.join(STATE, "work")
    shutil.rmtree(work, ignore_errors=True)
    os.mkdir(work, 0o700)
    failed = []
    try:
        dump(given, os.path.join(work, RDB))
        # Checking takes as long as uploading does: both at once. Nothing counts as a backup before it is described.
        with concurrent.futures.ThreadPoolExecutor(1) as beside:
            checking = beside.submit(checked, os.path.join(work, RDB))
            name, description = encrypted_whole(given, work, started, role)
            for destination in due:
                try:
                    uploaded(given, known, destination, work, name, description, checking)
                except (Trouble, Unsealed, NotTaken) as trouble:
                    told(known, destination, trouble)
                    failed.append(destination)
        return failed
    except (NotTaken, Unsealed) as problem:
        for destination in due:
            told(known, destination, problem)
        return due
    finally:
        shutil.rmtree(work, ignore_errors=True)


def encrypted_whole(given, work, started, role):
    rdb, secret = os.path.join(work, RDB), os.path.join(work, RDB + ".age")
    digest = encrypted(given, rdb, secret)
    name = catalogue.name_of(given.tier, started, given.letter)
    return name, {
        "format": "cachetier.backup/2",
        "tier": given.tier,
        "node": given.letter,
        "role": role,
        "taken": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(started)),
        "object": name + ".rdb.age",
        "bytes": os.path.getsize(rdb),
        "encryptedBytes": os.path.getsize(secret),
        "sha256": digest,
    }


def dump(given, path):
    address, port = given.nodes[given.letter]
    command = [
        "valkey-cli", "--no-auth-warning", "--tls", "--cacert", given.ca, "--user", given.user,
        "-h", address, "-p", str(port), "--rdb", path,
    ]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, "REDISCLI_AUTH": given.passwords[0], "VALKEYCLI_AUTH": given.passwords[0]},
    ) as child:
        size, moved = -1, time.monotonic()
        while True:
            try:
                said, _ = child.communicate(timeout=0.5)
                break
            except subprocess.TimeoutExpired:
                now = os.path.getsize(path) if os.path.exists(path) else 0
                if now != size:
                    size, moved = now, time.monotonic()
                problem = "no byte came for %d s" % STALLED if time.monotonic() - moved > STALLED else None
                room = os.statvfs(STATE)
                if room.f_bavail * room.f_frsize < ROOM:
                    problem = "the disk of this node is nearly full"
                if problem:
                    child.kill()
                    child.communicate()
                    raise NotTaken("disk-full" if "disk" in problem else "stalled", "the RDB was given up: " + problem) from None
    if child.returncode != 0:
        words = said.decode("utf-8", "replace").strip().splitlines()
        raise NotTaken("not-read", "the RDB could not be read: %s" % (words[-1] if words else "no reason was given"))


def checked(rdb):
    """What valkey-check-rdb found. A file that is no RDB, or is damaged, is no backup."""
    with open(rdb, "rb") as file:
        magic = file.read(11)
    version = re.fullmatch(rb"(?:REDIS0|VALKEY)?(\d{3,4})", magic.lstrip(b"REDISVALKY")[:4].strip(b"\0")) if magic[:5] in (b"REDIS", b"VALKE") else None
    if not version:
        raise NotTaken("damaged", "what was read is not an RDB")
    done = subprocess.run(["valkey-check-rdb", rdb], capture_output=True, text=True, check=False, errors="replace")
    report = done.stdout + done.stderr
    keys = re.search(r"(\d+) keys read", report)
    if done.returncode != 0 or "RDB looks OK" not in report or not keys:
        raise NotTaken("damaged", "the RDB is damaged: %s" % (report.strip().splitlines() or ["no reason was given"])[-1])
    aux = dict(re.findall(r"AUX FIELD (\S+) = '([^']*)'", report))
    return {
        "keys": int(keys[1]),
        "rdbVersion": int(version[1]),
        "engineVersion": aux.get("valkey-ver") or aux.get("redis-ver", ""),
        "usedMemory": int(aux.get("used-mem", 0)),
    }


def encrypted(given, source, target):
    """Encrypts a file, and gives the digest of what it was."""
    digest = Digest()
    with open(source, "rb") as plain, open(target, "wb") as secret, encrypting(given, secret) as into:
        while block := plain.read(BLOCK):
            digest.update(block)
            into.write(block)
    return digest.hexdigest()


def uploaded(given, known, destination, work, name, description, checking):
    """The description goes up last, once the RDB has passed its check: an object without one is no backup."""
    storage = Storage(destination)
    started = time.monotonic()
    storage.put(os.path.join(work, RDB + ".age"), name + ".rdb.age")
    try:
        description = dict(description, **checking.result())
    except NotTaken:
        with contextlib.suppress(Trouble):
            storage.remove(name + ".rdb.age")
        raise
    path = os.path.join(work, "description.json")
    with open(path, "wb") as file:
        file.write(sealed(given, description))
    storage.put(path, name + ".json")
    state = known.of(destination)
    moment = int(catalogue.moment_of(name))
    state.update(
        failures=0,
        backup_last_success_timestamp_seconds=moment,
        backup_size_bytes=description["bytes"],
        backup_keys=description["keys"],
        backup_duration_seconds=round(time.time() - moment, 1),
        backup_last_attempt_timestamp_seconds=moment,
        backup_last_attempt_succeeded=1,
    )
    state.pop("backup_problem", None)
    took = time.monotonic() - started
    print("%s has %s (%d bytes, %d keys; uploaded in %.1f s)" % (destination.id, name, description["bytes"], description["keys"], took), flush=True)
    state["backup_expired_objects"] = pruned(given, storage)
    known.save()


def pruned(given, storage):
    """Removes what is past its retention; how much of it is left, as a key or a lock may forbid it."""
    left = 0
    destination = storage.destination
    try:
        names = storage.names(include=given.tier + "-*")
        whole = catalogue.backups(names, given.tier)
        gone = catalogue.expired(whole, destination.daily, destination.weekly, destination.schedule == "hourly")
        # The description goes first, so that what is left of an interrupted deletion is no backup.
        objects = [name + end for name in gone for end in (".json", ".rdb.age")]
        objects += catalogue.leftovers(names, given.tier, time.time())
        left = len(objects)
        for name in objects:
            storage.remove(name)
            left -= 1
    except Trouble as trouble:
        print("%s: %d old objects stay: %s: %s" % (destination.id, left, trouble.cause, trouble), flush=True)
    return left
`;
