/**
 * Brings a backup from a bucket to a folder, decrypted and checked, in the form in which Valkey reads it. Nothing that
 * failed a check is left where it could be read.
 */
export const fetchingPy = String.raw`"""From a bucket to files that Valkey reads."""
import concurrent.futures
import os
import shutil
import subprocess

import catalogue
import chains
from sealing import BLOCK, Digest, Unsealed, decrypting, unseal
from storage import Storage

RDB = "dump.rdb"
AOF = "appendonlydir"


class NotThere(Exception):
    """There is no such backup; says what there is."""

    def __init__(self, says):
        super().__init__(says)
        self.cause = "missing"


def listed(given, destination, tier):
    """What a bucket has of a tier: descriptions of whole backups, newest first, and the spans of shipped files."""
    storage = Storage(destination)
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        spans = beside.submit(chains.listed, storage, tier)
        names = catalogue.backups(storage.names(include=tier + "-*.json"), tier)
        return names, spans.result()


def described(given, storage, name):
    return unseal(given, storage.read(name + ".json"), name)


def choose(given, destination, tier, backup=None, at=None):
    """The backup that is asked for: ("rdb", name) or ("chain", chain)."""
    names, spans = listed(given, destination, tier)
    if at is not None:
        fit = [chain for chain in spans if chain.begins <= at <= chain.ends]
        if not fit:
            said = "; ".join("%s to %s" % (chains.shown(chain.begins), chains.shown(chain.ends)) for chain in spans)
            raise NotThere("%s holds nothing of %s; it can restore to any second from %s" % (destination.id, chains.shown(at), said or "none"))
        return "chain", max(fit, key=lambda chain: chain.begins)
    if backup is not None:
        if backup not in names:
            raise NotThere("%s has no backup %s; the newest is %s" % (destination.id, backup, names[0] if names else "none"))
        return "rdb", backup
    newest = max(spans, key=lambda chain: chain.ends, default=None)
    if newest and (not names or newest.ends > catalogue.moment_of(names[0])):
        return "chain", newest
    if not names:
        raise NotThere("%s has no backup of %s" % (destination.id, tier))
    return "rdb", names[0]


def fetch(given, destination, kind, what, folder, at=None):
    """Into an empty folder: dump.rdb, or the files of an AOF. What is known of it."""
    storage = Storage(destination)
    if kind == "rdb":
        description = described(given, storage, what)
        decrypt(given, storage, description, os.path.join(folder, RDB))
        return description
    return chains.fetch(given, storage, what, os.path.join(folder, AOF), at)


def decrypt(given, storage, description, path):
    digest = Digest()
    child = storage.download(description["object"])
    try:
        with open(path, "wb") as file, decrypting(given, child.stdout) as plain:
            child.stdout.close()
            while block := plain.read(BLOCK):
                digest.update(block)
                file.write(block)
            storage.finish(child, description["object"])
    except Unsealed:
        # What rclone says of the object tells more than that age saw its end too early.
        storage.finish(child, description["object"])
        raise
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
    if digest.hexdigest() != description["sha256"] or os.path.getsize(path) != description["bytes"]:
        os.unlink(path)
        raise Unsealed("altered", "%s is not what was uploaded: another size or checksum" % description["object"])


def seed(folder, appendonly):
    """
    Makes the restored files be what a Valkey of this tier reads at its start. With appendonly it reads only the files of
    an AOF: an RDB beside them is ignored, and would be a restore of nothing.
    """
    rdb, files = os.path.join(folder, RDB), os.path.join(folder, AOF)
    if not appendonly:
        if os.path.isdir(files):
            raise NotThere("shipped files are an AOF, which this tier does not use; restore a backup by its name")
        return
    if os.path.exists(rdb):
        os.mkdir(files, 0o750)
        os.rename(rdb, os.path.join(files, chains.BASE))
        with open(os.path.join(files, chains.INCREMENT), "wb"):
            pass
        chains.write_manifest(files)


def as_rdb(folder, loaded):
    """An RDB of an AOF, for a target that takes nothing else."""
    with loaded(folder, True, 3600) as ask:
        ask("SAVE")
    shutil.rmtree(os.path.join(folder, AOF))


def memory_of(path):
    """Bytes that the data took when it was saved, as the RDB says; 0 where it does not."""
    done = subprocess.run(["valkey-check-rdb", path], capture_output=True, text=True, check=False, errors="replace")
    return memory_in(done.stdout)


def memory_in(report):
    for line in report.splitlines():
        if "AUX FIELD used-mem" in line:
            return int(line.split("'")[1])
    return 0
`;
