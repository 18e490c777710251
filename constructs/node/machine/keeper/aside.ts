/** Keeps a way back: data that a node gives up, for that of another, is linked or moved and never removed at once. */
export const asidePy = String.raw`"""Data that a node gives up for that of another."""
import os
import shutil
import time

KEPT = "before-resync"
PREFIX = "aside-"
FOR = 24 * 3600


def keep(folder, letter, own):
    """
    Links what this node wrote as a primary into another folder; links take no room until a resync replaces the files.
    One set is kept, and the next takes its place. Failing to is no reason to stay without a primary.
    """
    if not own["pulse"] or own["pulse"][2] != letter:
        return
    source, kept = os.path.join(folder, "appendonlydir"), os.path.join(folder, KEPT)
    try:
        if not os.path.isdir(source) or os.path.islink(source) or os.path.islink(kept):
            return
        if is_kept(source, kept):
            return
        shutil.rmtree(kept, ignore_errors=True)
        os.mkdir(kept, 0o700)
        for name in os.listdir(source):
            os.link(os.path.join(source, name), os.path.join(kept, name), follow_symlinks=False)
    except OSError as problem:
        print("the data before the resync could not be kept aside: %s" % problem, flush=True)


def is_kept(source, kept):
    """Whether these very files are linked already: a node is told to follow again and again until it does."""
    names = os.listdir(source)
    pairs = [(os.path.join(source, name), os.path.join(kept, name)) for name in names]
    return bool(names) and all(os.path.exists(link) and os.path.samefile(file, link) for file, link in pairs)


def name():
    return PREFIX + time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())


def put(folder, place=None, but=None):
    """
    Moves all data of a stopped Valkey, but one folder, into a folder of its own, and says where. May be done twice: what is
    there under a name that was moved already was made by a Valkey that started without its data meanwhile.
    """
    place = place or os.path.join(folder, name())
    os.makedirs(place, 0o700, exist_ok=True)
    for one in os.listdir(folder):
        path = os.path.join(folder, one)
        if one.startswith(PREFIX) or one == KEPT or path == but:
            continue
        if os.path.lexists(os.path.join(place, one)):
            remove(path)
        else:
            os.rename(path, os.path.join(place, one))
    return place


def take_back(folder, place):
    """Moves everything in a folder to where it was, in the place of what is there under its name."""
    for one in os.listdir(place):
        path = os.path.join(folder, one)
        if os.path.lexists(path):
            remove(path)
        os.rename(os.path.join(place, one), path)
    os.rmdir(place)


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.remove(path)


def expire(folder):
    """Drops what was kept for a day."""
    kept = os.path.join(folder, KEPT)
    try:
        if os.path.isdir(kept) and not os.path.islink(kept) and time.time() - os.path.getmtime(kept) > FOR:
            shutil.rmtree(kept, ignore_errors=True)
    except OSError:
        pass
`;
