/**
 * Restores the newest backup of each bucket into a process of its own and counts what is in it. Only a backup that was
 * restored is known to be one.
 */
export const drillPy = String.raw`"""Proof that the backups can be restored."""
import os
import shutil
import time

import catalogue
import chains
from fetching import AOF, RDB, NotThere, decrypt, described, fetch, memory_of
from gauges import Known
from given import STATE
from loader import NotLoaded, keys_in, loaded
from sealing import Unsealed
from storage import Storage, Trouble
from take import acting, checked, locked, NotTaken

# What Valkey needs beyond the data itself, while it reads it.
MORE = 1.3


def run(given, schedule, forced=False):
    """One look. The number of drills that failed."""
    acts, why = acting(given, last=True)
    if acts != given.letter and not forced:
        print("node %s drills" % acts if acts else why, flush=True)
        return 0
    known = Known(given, "drill")
    with locked("drill"):
        failed = 0
        for number, destination in enumerate(given.destinations):
            tried = known.of(destination).get("tried", 0)
            if forced or tried < catalogue.due_since(schedule, given.window, time.time()):
                failed += drilled(given, known, destination, chain=given.continuous and number == 0)
        return failed


def drilled(given, known, destination, chain):
    """0 where the newest backup was restored whole, else 1."""
    started = time.time()
    state = known.of(destination)
    folder = os.path.join(STATE, "drill")
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder, 0o700)
    try:
        found = restored(given, destination, folder)
        if chain:
            found["pieces"] = shipped(given, destination, folder)
        state.update(found, drill_last_success_timestamp_seconds=int(started), drill_succeeded=1, tried=started)
        state.pop("drill_problem", None)
        print("%s: restored, %d keys%s" % (destination.id, found["drill_keys"], "; memory was short, so it was only read" if found["drill_checked_only"] else ""), flush=True)
        return 0
    except (Trouble, Unsealed, NotThere, NotLoaded, NotTaken) as problem:
        # Tried again at the next look: an hour later, not a week.
        state.update(drill_succeeded=0, drill_problem=problem.cause)
        print("%s: NOT restored: %s: %s" % (destination.id, problem.cause, problem), flush=True)
        return 1
    finally:
        state["drill_duration_seconds"] = round(time.time() - started, 1)
        known.save()
        shutil.rmtree(folder, ignore_errors=True)


def restored(given, destination, folder):
    storage = Storage(destination)
    names = catalogue.backups(storage.names(include=given.tier + "-*.json"), given.tier)
    if not names:
        raise NotThere("%s has no backup of %s" % (destination.id, given.tier))
    description = described(given, storage, names[0])
    rdb = os.path.join(folder, RDB)
    decrypt(given, storage, description, rdb)
    only_read = available() < MORE * description["usedMemory"]
    if only_read:
        keys = checked(rdb)["keys"]
    else:
        with loaded(folder, False, 3600) as ask:
            keys = keys_in(ask)
    if keys != description["keys"]:
        raise Unsealed("altered", "%d keys were restored, %d were saved" % (keys, description["keys"]))
    os.unlink(rdb)
    return {
        "drill_keys": keys,
        "drill_checked_only": int(only_read),
        "drill_backup_size_bytes": description["bytes"],
        "drill_backup_timestamp_seconds": int(catalogue.moment_of(names[0])),
    }


def shipped(given, destination, folder):
    """The newest chain of shipped files, which Valkey must read to its end."""
    spans = chains.listed(Storage(destination), given.tier)
    if not spans:
        raise NotThere("%s has no shipped files of %s" % (destination.id, given.tier))
    newest = max(spans, key=lambda chain: chain.ends)
    found = fetch(given, destination, "chain", newest, folder)
    if available() >= MORE * memory_of(os.path.join(folder, AOF, chains.BASE)):
        with loaded(folder, True, 3600) as ask:
            keys_in(ask)
    shutil.rmtree(os.path.join(folder, AOF))
    return found["pieces"]


def available():
    """Bytes that a process may take without another giving them up."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))
`;
