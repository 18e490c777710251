/** `cachetier-backup`: what units, operators and `cachetier restore` ask of the backups. */
export const backupCommandPy = String.raw`#!/usr/bin/python3
"""Backups of this tier: takes, lists, proves and restores them."""
import argparse
import fcntl
import json
import os
import pwd
import shutil
import sys
import tempfile

LIB = os.environ.get("CACHETIER_LIB", "/usr/local/lib/cachetier")
sys.path[:0] = [os.path.join(LIB, "keeper"), os.path.join(LIB, "backup")]
sys.dont_write_bytecode = True

import chains  # noqa: E402
import drill  # noqa: E402
import fetching  # noqa: E402
import take  # noqa: E402
from given import Given, Unusable  # noqa: E402
from loader import NotLoaded, loaded  # noqa: E402
from sealing import Unsealed  # noqa: E402
from storage import Storage, Trouble  # noqa: E402


def main():
    options = arguments().parse_args()
    try:
        # An RDB that is given needs no bucket, and goes into a tier that may have none.
        return options.run(options, None if getattr(options, "rdb", None) else Given())
    except (Unusable, Trouble, Unsealed, NotLoaded, fetching.NotThere, take.NotTaken) as problem:
        return failed(options, problem)
    except OSError as problem:
        return failed(options, "%s: %s" % (problem.filename or "this machine", problem.strerror))


def failed(options, problem):
    print("cachetier-backup %s: %s" % (options.command, problem), file=sys.stderr)
    return 3


def arguments():
    parser = argparse.ArgumentParser(
        prog="cachetier-backup",
        description="Backups of this tier.",
        epilog="Exit codes: 0 fine, 1 a bucket did not get its backup or a drill failed, 2 wrong use, 3 it could not be done; the reason is on standard error.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, run, text):
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    def which(made):
        made.add_argument("--bucket", metavar="ID", help="the bucket, such as r2:my-bucket; without it the first of the tier")
        made.add_argument("--tier", metavar="NAME", help="the tier whose backup it is; without it this one")
        one = made.add_mutually_exclusive_group()
        one.add_argument("--backup", metavar="NAME", help="the backup by its name; without it the newest there is")
        one.add_argument("--at", metavar="TIME", type=second, help="a second, such as 2026-11-20T10:00:00Z, from the shipped append-only files")
        return one

    one = command("tick", tick, "Takes the backups that are due, where this node is the one that acts.")
    one = command("now", now, "Takes a backup to every bucket, due or not, where this node is the one that acts.")
    one = command("drill", run_drill, "Restores the newest backup of each bucket into a process of its own.")
    one.add_argument("--due", metavar="SCHEDULE", choices=("daily", "weekly"), help="only those that are due, and only where this node is the one that acts")
    one = command("list", show, "What the buckets hold.")
    one.add_argument("--tier", metavar="NAME", help="another tier; without it this one")
    one.add_argument("--json", action="store_true", help="for machines")
    one = command("restore", restore, "Brings a backup back into this tier.")
    group = which(one)
    group.add_argument("--rdb", metavar="FILE", help="an RDB of any Valkey instead; - for standard input")
    for name, text in (
        ("--resume", "go on with a restore that was cut off"),
        ("--abandon", "go back to what this node had before a restore that was cut off"),
        ("--rollback", "restore what this node had as the primary before the last restore"),
    ):
        group.add_argument(name, action="store_true", help=text)
    one.add_argument("--over-existing-data", action="store_true", help="yes, although the tier has data, which is kept for a day")
    one = command("export", export, "Writes a backup to a file: a plain RDB, which every target takes.")
    which(one)
    one.add_argument("file", help="must not exist")
    one = command("fetch", fetch, "Brings a backup to a folder, as Valkey reads it.")
    which(one)
    one.add_argument("folder", help="must be empty")
    return parser


def second(text):
    moment = chains.moment(text)
    if moment is None:
        raise argparse.ArgumentTypeError("a time such as 2026-11-20T10:00:00Z is needed, got %s" % text)
    return moment


def tick(_options, given):
    try:
        return 1 if take.run(given) else 0
    except take.NotTaken as busy:
        # An operator's own run, which is no failure of this one.
        print(busy, flush=True)
        return 0


def now(_options, given):
    as_backup_user()
    return 1 if take.run(given, forced=True) else 0


def run_drill(options, given):
    as_backup_user()
    return 1 if drill.run(given, options.due or "daily", forced=options.due is None) else 0


def as_backup_user():
    """An operator is root: what is left behind must belong to the account of the units all the same."""
    if os.geteuid() != 0:
        return
    try:
        account = pwd.getpwnam("cachetier-backup")
    except KeyError:
        return
    os.setgroups([])
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)
    os.chdir("/")


def show(options, given):
    tier = options.tier or given.tier
    held, silent = [], []
    for destination in given.destinations:
        try:
            storage = Storage(destination)
            names, spans = fetching.listed(given, destination, tier)
            held.append({
                "bucket": destination.id,
                "backups": [described(given, storage, name) for name in names],
                "spans": [{"chain": one.name, "from": chains.shown(one.begins), "to": chains.shown(one.ends)} for one in spans],
            })
        except Trouble as trouble:
            silent.append({"bucket": destination.id, "cause": trouble.cause, "says": str(trouble)})
    if options.json:
        print(json.dumps({"tier": tier, "buckets": held, "silent": silent}))
    else:
        for one in held:
            print("%s: %d backups of %s" % (one["bucket"], len(one["backups"]), tier))
            for backup in one["backups"]:
                print("  %(name)s  %(says)s" % backup)
            for span in one["spans"]:
                print("  any second from %(from)s to %(to)s" % span)
        for one in silent:
            print("%(bucket)s: %(cause)s: %(says)s" % one)
    return 3 if silent else 0


def described(given, storage, name):
    try:
        found = fetching.described(given, storage, name)
        return dict(found, name=name, says="%d keys, %.1f MiB, Valkey %s" % (found["keys"], found["bytes"] / 2**20, found["engineVersion"]))
    except Unsealed as problem:
        return {"name": name, "says": str(problem)}


def restore(options, given):
    # They belong to a node; the rest of this program also runs where there is none.
    import restore as steps
    from handover import NotNow
    from settings import RUN, Settings
    from settings import Unusable as NoNode

    try:
        settings = Settings()
        with open(os.path.join(RUN, "restore.lock"), "w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise NotNow("another run restores on this node") from None
            if options.resume:
                steps.resume(settings, given, told)
            elif options.abandon:
                steps.abandon(settings, told)
            else:
                wanted = {name: getattr(options, name) for name in ("bucket", "tier", "backup", "at", "rollback", "rdb")}
                steps.begin(settings, given, wanted, options.over_existing_data, told)
        return 0
    except (NotNow, NoNode) as problem:
        return failed(options, problem)


def told(line):
    print(line, flush=True)


def fetch(options, given):
    if not os.path.isdir(options.folder) or os.listdir(options.folder):
        return failed(options, "%s: an empty folder is needed" % options.folder)
    found = brought(options, given, options.folder)
    fetching.seed(options.folder, os.path.isdir(os.path.join(options.folder, fetching.AOF)))
    print(json.dumps(found))
    return 0


def brought(options, given, folder):
    destination = given.destination(options.bucket)
    kind, what = fetching.choose(given, destination, options.tier or given.tier, options.backup, options.at)
    return fetching.fetch(given, destination, kind, what, folder, options.at)


def export(options, given):
    if os.path.exists(options.file):
        return failed(options, "%s exists already; nothing was written" % options.file)
    folder = tempfile.mkdtemp(prefix="cachetier-", dir=os.path.dirname(os.path.abspath(options.file)))
    try:
        found = brought(options, given, folder)
        if os.path.isdir(os.path.join(folder, fetching.AOF)):
            fetching.as_rdb(folder, loaded)
        os.rename(os.path.join(folder, fetching.RDB), options.file)
        print("%s: %s" % (options.file, found["object"]))
        return 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
`;
