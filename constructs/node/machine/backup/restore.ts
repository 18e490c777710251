/**
 * Brings a backup back into the tier.
 *
 * Into one that runs, by way of a replica: it alone is taken out, reads the restored data, and then gets the role, for
 * which writes pause; the others copy it. Until that moment the tier serves as before and fails over as before. What the
 * primary had is linked aside by its keeper, and what the replica had is moved aside. Each step is on disk before it is
 * taken, so that a restore that was cut off goes on or goes back.
 */
export const restorePy = String.raw`"""A backup back into the tier."""
import json
import os
import shutil
import subprocess
import sys
import time

import aside
import chains
import change
from chains import shown
from fetching import AOF, RDB, NotThere, choose, fetch, memory_in, memory_of, seed
from handover import PAUSE_MS, NotNow, as_sentinel_sees, with_priority
from loader import NotLoaded
from rules import agreed
from sealing import Unsealed
from given import Unusable
from settings import STATE, say, unsay
from storage import Trouble
from survey import Survey
from wire import Connection, Gone, Refused

PLAN = os.path.join(STATE, "restore.json")
FOREVER = 10 * 365 * 86400
SWITCH_WITHIN = 30
LOAD_WITHIN = 3600
NOBODY = ("127.0.0.1", 1)
# What may be wrong with a bucket, a backup or this node.
FAILURES = (NotNow, Trouble, Unsealed, NotThere, NotLoaded, Unusable)


def state():
    """The restore that is under way on this node, or None."""
    try:
        with open(PLAN, encoding="utf-8") as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def note(plan, phase):
    plan["phase"] = phase
    with open(PLAN + ".new", "w", encoding="utf-8") as file:
        json.dump(plan, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(PLAN + ".new", PLAN)
    sync_folder(STATE)


def sync_folder(folder):
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def begin(settings, given, wanted, over_existing_data, tell):
    """wanted: bucket, tier, backup, at, or rollback, or rdb."""
    if state():
        raise NotNow("a restore is under way on this node (%s): --resume goes on with it, --abandon goes back" % state()["phase"])
    kind = kind_of(settings, Survey(settings).once(), over_existing_data)
    plan = {
        "kind": kind,
        "wanted": wanted,
        "began": time.time(),
        "folder": os.path.join(settings.data, "restored-" + time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())),
        "aside": None,
    }
    note(plan, "fetching")
    try:
        resume(settings, given, tell)
    except BaseException:
        # Nothing of the tier was touched yet: there is nothing to go on with.
        if plan_is_only_fetching():
            forget(plan)
        raise


def plan_is_only_fetching():
    plan = state()
    return plan is not None and plan["phase"] == "fetching"


def kind_of(settings, view, over_existing_data):
    """"first" for a tier without data, "alone" for one node with data, "running" by way of this replica."""
    own = view["valkeys"][settings.letter]
    if own is None:
        raise NotNow("Valkey of this node does not answer: %s" % view["silent"].get("valkey of " + settings.letter))
    peers = {letter: peer for letter, peer in view["valkeys"].items() if peer}
    if not any(peer["pulse"] or peer["keys"] for peer in peers.values()):
        if len(peers) < settings.majority:
            raise NotNow("too few nodes answer: what the others hold is not known")
        return "first"
    if not over_existing_data:
        holder = next(letter for letter, peer in sorted(peers.items()) if peer["pulse"] or peer["keys"])
        raise NotNow("node %s holds data, which the restore would take the place of; say --over-existing-data if it may" % holder)
    if len(settings.nodes) == 1:
        return "alone"
    problem = change.health(view, settings)
    if problem:
        raise NotNow("a tier that serves is restored by way of a replica, and it cannot do without one now: " + problem)
    if own["role"] == "primary":
        raise NotNow("this node is the primary: restore by way of a replica, so that the tier serves meanwhile")
    return "running"


def resume(settings, given, tell):
    """Goes on where it was; each step can be taken twice."""
    plan = state()
    if plan is None:
        raise NotNow("no restore is under way on this node")
    if plan["phase"] == "returning":
        raise NotNow("this restore was abandoned, and that was cut off: --abandon goes on with it")
    if plan["phase"] == "fetching":
        fetched(settings, given, plan, tell)
        os.sync()
        note(plan, "moving")
    if plan["phase"] == "moving":
        moved(settings, plan, tell)
        note(plan, "placing")
    if plan["phase"] == "placing":
        placed(settings, plan)
        note(plan, "loading")
    if plan["phase"] == "loading":
        try:
            read(settings, plan, tell)
        except NotNow as problem:
            abandon(settings, tell)
            raise NotNow("%s; this node has its data from before again" % problem) from None
        note(plan, "loaded")
    if plan["phase"] == "loaded":
        if plan["kind"] == "running":
            switch(settings, plan, tell)
        unsay("restoring")
        lead(settings)
        done(settings, plan, tell)


def fetched(settings, given, plan, tell):
    folder, wanted = plan["folder"], plan["wanted"]
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder, 0o700)
    if wanted.get("rdb"):
        tell("reading the RDB")
        given_file(wanted["rdb"], os.path.join(folder, RDB))
        plan["what"] = "the RDB that was given"
    elif wanted.get("rollback"):
        kept = os.path.join(settings.data, aside.KEPT)
        if not os.path.isdir(kept):
            raise NotNow("nothing is kept on this node: look on the one that was the primary before")
        os.mkdir(os.path.join(folder, AOF))
        for name in os.listdir(kept):
            shutil.copy2(os.path.join(kept, name), os.path.join(folder, AOF, name))
        plan["what"] = "what this node had on %s" % shown(os.path.getmtime(kept))
    else:
        destination = given.destination(wanted["bucket"])
        kind, what = choose(given, destination, wanted["tier"] or given.tier, wanted["backup"], wanted["at"])
        name = what if kind == "rdb" else "the shipped files of %s" % what.name
        tell("fetching %s from %s" % (name, destination.id))
        found = fetch(given, destination, kind, what, folder, wanted["at"])
        plan["what"] = "%s (%s)" % (name, found["taken"])
    fits(settings, folder)
    seed(folder, appendonly(settings))


def given_file(path, target):
    if path == "-" and sys.stdin.isatty():
        raise NotNow("an RDB is needed on standard input")
    try:
        with open(target, "wb") as file:
            if path == "-":
                shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
            else:
                with open(path, "rb") as source:
                    shutil.copyfileobj(source, file, 1 << 20)
    except OSError as problem:
        raise NotNow("%s: %s" % (problem.filename or path, problem.strerror)) from None


def fits(settings, folder):
    rdb, files = os.path.join(folder, RDB), os.path.join(folder, AOF)
    if os.path.exists(rdb):
        needed = memory_in(verified(["valkey-check-rdb", rdb], "the backup"))
    else:
        verified(["valkey-check-aof", os.path.join(files, chains.MANIFEST)], "the shipped files")
        base = [name for name in os.listdir(files) if name.endswith(".base.rdb")]
        needed = memory_of(os.path.join(files, base[0])) if base else 0
    limit = int(setting(settings, "maxmemory"))
    if limit and needed > limit:
        raise NotNow(
            "the data took %d MiB of memory, and this tier has a maxmemory of %d MiB: give it a larger dataset" % (needed >> 20, limit >> 20)
        )


def verified(command, what):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, errors="replace")
    said = done.stdout + done.stderr
    # A file that was shipped while it grew may end in the middle of a command, which Valkey leaves out when it reads it.
    if done.returncode != 0 and "use the --fix option" not in said:
        words = [line for line in said.strip().splitlines() if line.strip()]
        raise NotNow("%s cannot be read by the Valkey of this node: %s" % (what, " ".join(words[-2:])[:300]))
    return said


def setting(settings, name):
    own = change.connect(settings)
    try:
        return own.ask("CONFIG", "GET", name)[1]
    except (Gone, Refused) as problem:
        raise NotNow("Valkey of this node does not say its %s: %s" % (name, problem)) from None
    finally:
        own.close()


def appendonly(settings):
    return setting(settings, "appendonly") == "yes"


def moved(settings, plan, tell):
    """The data of this node moves aside."""
    # From here on the keeper neither follows nor leads: what is restored is older than what the tier has.
    say("restoring", time.time() + FOREVER)
    change.systemctl("stop", "valkey-server.service")
    if plan["aside"] is None:
        plan["aside"] = os.path.join(settings.data, aside.name())
        note(plan, "moving")
    aside.put(settings.data, plan["aside"], but=plan["folder"])
    sync_folder(plan["aside"])
    sync_folder(settings.data)
    tell("the data of this node is in %s" % plan["aside"])


def placed(settings, plan):
    """What was restored comes into its place."""
    change.systemctl("stop", "valkey-server.service")
    if os.path.isdir(plan["folder"]):
        owner = os.stat(settings.data)
        for root, _, names in os.walk(plan["folder"]):
            for path in (root, *(os.path.join(root, name) for name in names)):
                os.chown(path, owner.st_uid, owner.st_gid)
                os.chmod(path, 0o750 if os.path.isdir(path) else 0o600)
        aside.take_back(settings.data, plan["folder"])
    sync_folder(settings.data)


def read(settings, plan, tell):
    change.systemctl("start", "valkey-server.service", "cachetier-drain.service", check=False)
    tell("node %s reads %s" % (settings.letter, plan["what"]))
    if not change.answers(settings, change.START_WITHIN):
        raise NotNow("Valkey does not start with the restored data: %s" % (change.last_words(settings) or "no reason was given"))
    end = time.monotonic() + LOAD_WITHIN
    survey = Survey(settings)
    while time.monotonic() < end:
        own = survey.once()["valkeys"][settings.letter]
        if own and not own["loading"]:
            return
        time.sleep(0.2)
    raise NotNow("Valkey did not read the restored data within %d s" % LOAD_WITHIN)


def switch(settings, plan, tell):
    """The role goes to this node as it is, older than the others; they copy it."""
    survey = Survey(settings)
    view = survey.once()
    own = view["valkeys"][settings.letter]
    named, votes = agreed(dict(view, majority=settings.majority, letter=settings.letter))
    if own and own["role"] == "primary" and named == settings.letter and votes == len(settings.nodes):
        return
    before = view["valkeys"].get(named)
    if not before or before["role"] != "primary":
        raise NotNow("there is no primary to take the role from: --resume once there is one, or --abandon")
    node, here = settings.nodes[named], settings.own
    primary = Connection(node.address, node.valkey_port, settings.valkey_login, timeout=5)
    valkey = change.connect(settings)
    sentinel = Connection(here.address, here.sentinel_port, settings.sentinel_login, timeout=5)
    end = time.monotonic() + SWITCH_WITHIN
    try:
        with_priority(here, settings, 50)
        while as_sentinel_sees(settings, sentinel, here).get("slave-priority") != "50":
            if time.monotonic() > end:
                raise NotNow("the Sentinel of this node does not take note of it")
            time.sleep(0.05)
        started = time.monotonic()
        primary.ask("CLIENT", "PAUSE", PAUSE_MS, "WRITE")
        try:
            taken_over(settings, survey, valkey, sentinel, end)
            ranked(settings, survey, end)
            waited = time.monotonic() - started
            # Its keeper makes it follow, and links its data aside first.
            while survey.once()["valkeys"][named] and survey.once()["valkeys"][named]["role"] == "primary":
                if time.monotonic() > end:
                    tell("warning: node %s had to be told to follow, and its data from before was not kept" % named)
                    primary.ask("REPLICAOF", here.address, here.valkey_port)
                time.sleep(0.05)
        finally:
            try:
                primary.ask("CLIENT", "UNPAUSE")
            except (Gone, Refused):
                pass  # the pause ends by itself
        plan["before"] = named
        tell("node %s leads with the restored data; writes waited %.2f s" % (settings.letter, waited))
        with_priority(here, settings, 100)
    except (Gone, Refused, NotNow) as problem:
        if is_named(settings, survey.once()):
            raise NotNow("%s; this node has the role: --resume ends the restore" % problem) from None
        try:
            valkey.ask("CONFIG", "SET", "replica-priority", 0)
            valkey.ask("REPLICAOF", *NOBODY)
        except (Gone, Refused):
            pass
        raise NotNow("the role could not be taken: %s; the tier serves as before: --resume, or --abandon" % problem) from None
    finally:
        for one in (primary, valkey, sentinel):
            one.close()


def taken_over(settings, survey, valkey, sentinel, end):
    """
    Sentinel fails over to this node, which takes the role itself: its keeper lets no Sentinel change it meanwhile, since
    one would have made it follow the primary long ago.
    """
    asked = 0.0
    refused = None
    while time.monotonic() < end:
        if time.monotonic() - asked > 6:
            asked = time.monotonic()
            try:
                sentinel.ask("SENTINEL", "FAILOVER", settings.tier)
                valkey.ask("REPLICAOF", "NO", "ONE")
            except Refused as problem:
                refused = problem
        view = survey.once()
        own = view["valkeys"][settings.letter]
        if is_named(settings, view) and own and own["role"] == "primary":
            return
        time.sleep(0.05)
    raise NotNow("Sentinel did not fail over in time%s" % (": %s" % refused if refused else ""))


def is_named(settings, view):
    named, votes = agreed(dict(view, majority=settings.majority, letter=settings.letter))
    return named == settings.letter and votes >= settings.majority


def ranked(settings, survey, end):
    """Until its keeper has written a pulse, the data here is older than that of the others, and would be given up for it."""
    while time.monotonic() < end:
        own = survey.once()["valkeys"][settings.letter]
        if own and own["pulse"] and own["pulse"][3] == own["run"]:
            return
        time.sleep(0.05)
    raise NotNow("its keeper writes no pulse; see cachetier-node status --why")


def lead(settings):
    """In a tier that serves nothing yet the keepers find out by themselves who has the data."""
    survey = Survey(settings)
    end = time.monotonic() + 120
    while time.monotonic() < end:
        own = survey.once()["valkeys"][settings.letter]
        if own and own["role"] == "primary":
            return
        time.sleep(0.25)
    raise NotNow("the data is restored on this node, and it does not lead yet; see cachetier-node status --why")


def done(settings, plan, tell):
    tell("restored: %s" % plan["what"])
    if plan.get("before"):
        tell("what the tier had before is on node %s for a day: cachetier-backup restore --rollback there takes it back" % plan["before"])
    elif plan["kind"] == "alone":
        tell("what the tier had before is in %s; remove it once it is of no use" % plan["aside"])
    if plan["kind"] != "alone" and plan["aside"]:
        shutil.rmtree(plan["aside"], ignore_errors=True)
    os.remove(PLAN)


def abandon(settings, tell):
    """Back to what this node had, whatever the restore had reached."""
    plan = state()
    if plan is None:
        raise NotNow("no restore is under way on this node")
    own = Survey(settings).once()["valkeys"][settings.letter]
    if plan["kind"] == "running" and own and own["role"] == "primary":
        raise NotNow("this node leads with the restored data already: --resume ends the restore, --rollback on the old primary goes back")
    if plan["aside"]:
        change.systemctl("stop", "valkey-server.service")
        # Until all had been moved, and once some is back, what is there is this node's own.
        if plan["phase"] not in ("moving", "returning"):
            for name in (AOF, RDB):
                if os.path.lexists(os.path.join(settings.data, name)):
                    aside.remove(os.path.join(settings.data, name))
            sync_folder(settings.data)
        note(plan, "returning")
        if os.path.isdir(plan["aside"]):
            aside.take_back(settings.data, plan["aside"])
        sync_folder(settings.data)
    unsay("restoring")
    if plan["phase"] != "fetching":
        change.systemctl("start", "valkey-server.service", "cachetier-drain.service", check=False)
    forget(plan)
    tell("the restore is abandoned: node %s has its data from before" % settings.letter)


def forget(plan):
    shutil.rmtree(plan["folder"], ignore_errors=True)
    try:
        os.remove(PLAN)
    except FileNotFoundError:
        pass
`;
