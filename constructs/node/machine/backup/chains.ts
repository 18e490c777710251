/**
 * Append-only files in a bucket: a base, and the bytes that came after it, in numbered pieces. A chain is whole as far as
 * its numbers go without a gap.
 *
 * Names of a chain: `<tier>-<stamp>-<letter>.aof/000000-<ms>` the base, `000001-<ms>` and on the pieces, where `<ms>` is
 * the moment up to which every write is in it.
 */
export const chainsPy = String.raw`"""Chains of shipped append-only files."""
import contextlib
import datetime
import os
import re
import subprocess

import catalogue
from sealing import BLOCK, Unsealed, decrypting, unseal

PIECE = re.compile(r"^(\d{6})-(\d{13})\.age$")
END = ".aof"
BASE, INCREMENT, MANIFEST = "appendonly.aof.1.base.rdb", "appendonly.aof.1.incr.aof", "appendonly.aof.manifest"


class Chain:
    def __init__(self, name, pieces):
        self.name = name
        self.pieces = pieces
        self.begins = pieces[0][1] / 1000
        self.ends = pieces[-1][1] / 1000


def piece_name(number, moment):
    return "%06d-%013d.age" % (number, int(moment * 1000))


def whole(names):
    """Number, moment and name of the pieces up to the first gap."""
    found = sorted((int(match[1]), int(match[2]), name) for name in names if (match := PIECE.match(name)))
    pieces = []
    for number, moment, name in found:
        if number != len(pieces):
            break
        pieces.append((number, moment, name))
    return pieces


def listed(storage, tier):
    """Chains of a tier, oldest first."""
    chains = []
    for folder in storage.folders():
        stem = folder[: -len(END)] if folder.endswith(END) else None
        match = catalogue.NAME.match(stem or "")
        if match and match["tier"] == tier:
            pieces = whole(storage.names(folder))
            if pieces:
                chains.append(Chain(stem, pieces))
    return sorted(chains, key=lambda chain: chain.begins)


def fetch(given, storage, chain, folder, at):
    """Base and pieces as one AOF, up to a second where one is given."""
    os.mkdir(folder, 0o750)
    last = chain.pieces[-1][1] / 1000
    with open(os.path.join(folder, INCREMENT), "wb") as increment, open(os.path.join(folder, BASE), "wb") as base:
        offset = 0
        for number, moment, name in chain.pieces:
            into = increment if number else base
            header, size = open_piece(given, storage, "%s%s/%s" % (chain.name, END, name), into)
            if (header["chain"], header["number"]) != (chain.name, number) or number and header["offset"] != offset:
                raise Unsealed("altered", "%s is not piece %d of %s" % (name, number, chain.name))
            offset += size if number else 0
            last = moment / 1000
            if at is not None and number and last >= at + 1:
                break
    write_manifest(folder)
    if at is not None:
        truncate(os.path.join(folder, MANIFEST), at)
    return {"object": chain.name + END, "taken": shown(min(last, at or last)), "bytes": size_of(folder), "pieces": number + 1}


def open_piece(given, storage, name, into):
    child = storage.download(name)
    try:
        with decrypting(given, child.stdout) as plain:
            child.stdout.close()
            header = unseal(given, plain.readline(), name)
            size = 0
            while block := plain.read(BLOCK):
                into.write(block)
                size += len(block)
            storage.finish(child, name)
        return header, size
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()


def truncate(manifest, at):
    """Leaves what was written up to and within a second. The time stamps in the file are whole seconds."""
    command = ["valkey-check-aof", "--truncate-to-timestamp", str(int(at)), manifest]
    done = subprocess.run(command, input="y\n", capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    if done.returncode != 0 and "no more than" not in said:
        raise Unsealed("failed", "the files could not be cut at %s: %s" % (shown(at), (said.strip().splitlines() or ["?"])[-1]))


def size_of(folder):
    return sum(entry.stat().st_size for entry in os.scandir(folder))


def shown(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text):
    """Seconds of a time as a person writes it; None where it is none."""
    with contextlib.suppress(ValueError):
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()
    return None


def write_manifest(folder):
    with open(os.path.join(folder, MANIFEST), "w", encoding="ascii") as file:
        file.write("file %s seq 1 type b\nfile %s seq 1 type i\n" % (BASE, INCREMENT))


def parsed_manifest(text):
    """Base and increments of the manifest of an AOF: name and number of each."""
    base, increments = None, []
    for line in text.splitlines():
        words = line.split()
        values = dict(zip(words[::2], words[1::2]))
        if values.get("type") == "b":
            base = values["file"], int(values["seq"])
        elif values.get("type") == "i":
            increments.append((values["file"], int(values["seq"])))
    return base, sorted(increments, key=lambda pair: pair[1])
`;
