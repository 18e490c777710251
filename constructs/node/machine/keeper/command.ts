/** `cachetier-node`: what an operator, the deploy step and systemd ask of a node. */
export const nodeCommandPy = String.raw`#!/usr/bin/python3
"""Asks this node how it is, and gives it an operator's word."""
import argparse
import fcntl
import json
import os
import subprocess
import sys
import time

sys.path.insert(0, os.environ.get("CACHETIER_KEEPER", "/usr/local/lib/cachetier/keeper"))
sys.dont_write_bytecode = True

import aside  # noqa: E402
import change  # noqa: E402
from handover import NotNow, hand_over  # noqa: E402
from rules import agreed, is_held  # noqa: E402
from settings import ETC, RUN, STATE, Settings, Unusable, holds, say, unsay  # noqa: E402
from survey import Survey  # noqa: E402
from wire import Connection, Gone, Refused  # noqa: E402

BALLAST = os.path.join(STATE, "ballast")
BACKUP = os.environ.get("CACHETIER_BACKUP", "/usr/local/lib/cachetier/backup")


def main():
    options = arguments().parse_args()
    os.makedirs(RUN, exist_ok=True)
    try:
        return options.run(options, Settings())
    except (NotNow, Unusable) as problem:
        print("cachetier-node %s: %s" % (options.command, problem), file=sys.stderr)
        return 3


def arguments():
    parser = argparse.ArgumentParser(
        prog="cachetier-node",
        description="Looks after this node of a tier.",
        epilog="Exit codes: 0 fine, 2 wrong use, 3 it could not be done; the reason is on standard error.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name, run, text):
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(run=run)
        return made

    one = command("status", status, "Roles of all nodes as this one sees them.")
    one.add_argument("--why", action="store_true", help="also by which rule the keeper of this node decided, and who is silent")
    one.add_argument("--json", action="store_true", help="for machines")
    for name, text in (
        ("drain", "Hands the role of the primary over, so that this node may stop. Does nothing on a replica."),
        ("handover", "Hands the role of the primary over to another node."),
    ):
        one = command(name, drain, text)
        one.add_argument("--to", metavar="LETTER", help="the node to lead; without it the freshest replica")
        one.add_argument("--patience", type=int, default=20, metavar="SECONDS", help="how long to try (20)")
        one.add_argument("--stopping", action="store_true", help=argparse.SUPPRESS)
    one = command("leave", leave, "Hands over before the server of this node is taken away. Refused where that would take the last copy.")
    one.add_argument("--for-a-while", action="store_true", help="its disk comes back: one that nobody can take over from is refused all the same")
    one.add_argument("--last-copy-too", action="store_true", help="the whole tier goes: nobody needs to take over")
    one = command("promote", promote, "Makes this node the primary although no majority answers. Writes that only others hold are lost.")
    one.add_argument("--alone", action="store_true", required=True, help="yes, without the others")
    one = command("init", init, "Makes this node the first primary of a tier whose nodes all lost their data.")
    one.add_argument("--empty", action="store_true", required=True, help="yes, although nothing is in it")
    one = command("bootstrap", bootstrap, "Says that the tier is new and this node its first primary. Waits until it serves.")
    one.add_argument("--patience", type=int, default=120, metavar="SECONDS", help="how long to wait (120)")
    one = command("settled", settled, "Waits until this node serves: as the primary, or as a synced replica. A new tier has nothing to wait for.")
    one.add_argument("--patience", type=int, default=900, metavar="SECONDS", help="how long to wait (900)")
    one = command("resync", resync, "Moves the data of this node aside, unreadable or not, and copies that of the primary. Nothing is removed.")
    one.add_argument("--patience", type=int, default=900, metavar="SECONDS", help="how long to wait for the copy (900)")
    one = command("pending", pending, "Changes that wait on this node for a restart or for the other nodes, and whether the tier could do without it.")
    one.add_argument("--json", action="store_true", help="for machines")
    one = command("take", take, "Takes the changes that wait on this node, behind a handover where it is the primary. Other nodes must be whole.")
    one.add_argument("--patience", type=int, default=900, metavar="SECONDS", help="how long to wait for the tier to be whole again (900)")
    one = command("allow-writes-alone", allow, "Lets the primary take writes that no replica has.")
    one.add_argument("--for", dest="period", required=True, metavar="TIME", help="how long, such as 30m or 2h; 0 ends it")
    one = command("look", look, "Shows what Valkey on this node says of itself, without changing anything.")
    one.add_argument("what", choices=sorted(LOOKS), help="an INFO section, or the slow log, latency, clients or memory")
    one = command("doctor", doctor, "Checks what the keeper cannot mend.")
    one.add_argument("--free", action="store_true", help="release the room that is held back for a full disk")
    one.add_argument("--json", action="store_true", help="for machines")
    return parser


def status(options, settings):
    view = Survey(settings).once()
    named, votes = agreed(dict(view, majority=settings.majority, letter=settings.letter))
    if options.json:
        keeper = read_keeper()
        print(json.dumps({"tier": settings.tier, "node": settings.letter, "named": named, "votes": votes, "keeper": keeper, **view}))
        return 0
    for letter, node in settings.nodes.items():
        print("%s%s  %s" % ("*" if letter == settings.letter else " ", letter, describe(view, letter, node)))
    if view["sentinels"]:
        heard = sum(1 for seen in view["sentinels"].values() if seen)
        print("%d of %d Sentinels answer; %s" % (heard, len(settings.nodes), "they name node %s" % named if named else "no majority names a primary"))
    if options.why:
        keeper = read_keeper()
        print("keeper: " + ("%(rule)s: %(why)s" % keeper if keeper else "does not run; see systemctl status cachetier-keeper"))
        for server, why in sorted(view["silent"].items()):
            print("  %s: %s" % (server, why))
        for word in ("bootstrap", "empty", "alone", "writes-alone", "restoring"):
            if holds(word):
                print("  an operator's word holds: " + word)
    return 0


def describe(view, letter, node):
    peer = view["valkeys"][letter]
    if peer is None:
        return "%s  does not answer: %s" % (node.address, view["silent"].get("valkey of " + letter))
    pulse = "term %d" % peer["pulse"][0] if peer["pulse"] else "no pulse"
    if peer["loading"]:
        state = "reading its data"
    elif peer["role"] == "primary":
        state = "primary, %d replicas" % peer["replicas"]
    elif is_held(peer):
        state = "held" + (", follows %s" % peer["follows"] if peer["follows"] else "")
    else:
        state = "replica of %s, %s" % (peer["follows"], "synced" if peer["link"] else "cut off for %d s" % peer["down"])
    return "%s  %s, %s, %s" % (node.address, state, pulse, "has keys" if peer["keys"] else "empty")


def read_keeper():
    try:
        with open(os.path.join(RUN, "keeper.json"), encoding="utf-8") as file:
            state = json.load(file)
    except (OSError, ValueError):
        return None
    return state if time.time() - state["at"] < 15 else None


def drain(options, settings):
    if len(settings.nodes) == 1:
        if options.stopping:
            return 0
        raise NotNow("the tier has one node: nobody can take over")
    with open(os.path.join(RUN, "handover.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            target, held = hand_over(settings, Survey(settings), options.to, options.patience)
        except NotNow as problem:
            if not options.stopping:
                raise
            print("stops as the primary: %s; the others fail over as if it was lost" % problem, flush=True)
            return 0
    print("node %s leads; writes waited %.2f s" % (target, held) if target else "this node is not the primary; nothing to do")
    return 0


def leave(options, settings):
    view = Survey(settings).once()
    own = view["valkeys"][settings.letter]
    if len(settings.nodes) == 1 and options.for_a_while:
        return 0
    if options.last_copy_too or own and own["role"] == "primary":
        options.stopping, options.to, options.patience = options.last_copy_too, None, 20
        return drain(options, settings)
    others = [peer for letter, peer in view["valkeys"].items() if peer and letter != settings.letter]
    bare = own and not own["keys"] and not own["pulse"]
    if not bare and not any(peer["role"] == "primary" for peer in others):
        raise NotNow("no other node is a primary that answers: the data here may be the last copy")
    print("node %s may go: another leads" % settings.letter)
    return 0


def promote(options, settings):
    view = Survey(settings).once()
    for letter, peer in view["valkeys"].items():
        if peer and peer["role"] == "primary":
            raise NotNow("node %s is the primary and answers" % letter)
    say("alone", time.time() + 60)
    return wait_for_role(settings, 60, "alone")


def init(options, settings):
    view = Survey(settings).once()
    for letter, peer in view["valkeys"].items():
        if peer and (peer["pulse"] or peer["keys"]):
            raise NotNow("node %s holds data; nothing is to be begun anew while it does" % letter)
        if peer is None:
            print("warning: node %s does not answer, and what it holds is not known" % letter, file=sys.stderr)
    say("empty", time.time() + 120)
    return wait_for_role(settings, 120, "empty")


def bootstrap(options, settings):
    if settings.letter != settings.first:
        raise NotNow("refused: this is node %s, the first primary is node %s" % (settings.letter, settings.first))
    survey = Survey(settings)
    end = time.monotonic() + options.patience
    while True:
        view = survey.once()
        if not view["silent"]:
            break
        if time.monotonic() > end:
            silent = "; ".join("%s: %s" % pair for pair in sorted(view["silent"].items()))
            raise NotNow("refused: every node of a new tier must answer first: " + silent)
        time.sleep(0.5)
    for letter, peer in sorted(view["valkeys"].items()):
        if peer["role"] == "primary":
            print("node %s is the primary already; nothing to do" % letter)
            return 0
        if peer["pulse"] or peer["keys"]:
            raise NotNow("refused: node %s holds data, so the tier is not new; its keepers find the primary" % letter)
    for letter, seen in sorted(view["sentinels"].items()):
        if seen["epoch"] > 0:
            raise NotNow(
                "refused: the Sentinel of node %s remembers a failover, so the tier is not new; if its data is lost for good: cachetier-node init --empty" % letter
            )
    if restored(settings):
        return 0
    say("bootstrap", time.time() + options.patience + 60)
    return wait_for_role(settings, options.patience, "bootstrap")


def restored(settings):
    """Whether the tier begins with a backup, as its config asks."""
    if not os.path.exists(os.path.join(ETC, "backup.json")):
        return False
    sys.path.append(BACKUP)
    import restore
    from given import Given

    try:
        given = Given()
    except restore.FAILURES as problem:
        raise NotNow(str(problem)) from None
    if given.restore_from is None:
        return False
    try:
        restore.begin(settings, given, given.wanted(), False, lambda line: print(line, flush=True))
    except restore.FAILURES as problem:
        raise NotNow("nothing was restored, and nothing was begun: %s" % problem) from None
    return True


def settled(options, settings):
    survey = Survey(settings)
    end = time.monotonic() + options.patience
    while True:
        view = survey.once()
        own = view["valkeys"][settings.letter]
        peers = [peer for peer in view["valkeys"].values() if peer]
        epochs = [seen["epoch"] for seen in view["sentinels"].values() if seen]
        if own and own["role"] == "primary":
            print("node %s is the primary" % settings.letter)
            return 0
        if own and own["link"] and not own["syncing"] and not is_held(own):
            print("node %s is a synced replica of node %s" % (settings.letter, own["follows"]))
            return 0
        if own and not any(peer["role"] == "primary" or peer["pulse"] or peer["keys"] for peer in peers) and not any(epochs):
            print("the tier is new: node %s waits for its first primary" % settings.letter)
            return 0
        if time.monotonic() > end:
            keeper = read_keeper()
            raise NotNow(
                "node %s does not serve or has not caught up after %d s: %s"
                % (settings.letter, options.patience, keeper["why"] if keeper else view["silent"] or "its keeper does not run")
            )
        time.sleep(0.5)


def resync(options, settings):
    view = Survey(settings).once()
    own = view["valkeys"][settings.letter]
    if own and own["role"] == "primary":
        raise NotNow("this node is the primary: hand its role over first, with cachetier-node handover")
    named, _ = agreed(dict(view, majority=settings.majority, letter=settings.letter))
    peer = view["valkeys"].get(named)
    if named == settings.letter or not peer or peer["role"] != "primary":
        raise NotNow("no other node is the primary that the Sentinels name: the data here may be the last")
    change.systemctl("stop", "valkey-server.service")
    print("the data of this node is in %s; remove it once it is of no use" % aside.put(settings.data), flush=True)
    change.systemctl("start", "valkey-server.service", "cachetier-drain.service")
    return settled(options, settings)


def pending(options, settings):
    view = Survey(settings).once()
    own = view["valkeys"][settings.letter]
    role = "down" if own is None else "held" if is_held(own) and own["role"] != "primary" else own["role"]
    changes = change.pending(settings)
    why = change.health(view, settings)
    if options.json:
        print(json.dumps({"letter": settings.letter, "role": role, "healthy": why is None, "why": why or "", "pending": changes}))
        return 0
    for one in changes:
        if one["what"] == "setting":
            print("%(name)s: runs with '%(running)s', waits for '%(wanted)s' and a restart" % one)
        else:
            print("new passwords wait until every node admits them")
    if not changes:
        print("nothing waits on node %s" % settings.letter)
    if why:
        print("the tier cannot do without a node now: " + why)
    return 0


def take(options, settings):
    with open(os.path.join(RUN, "take.lock"), "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise NotNow("another run takes the changes of this node") from None
        change.take(settings, options.patience, lambda line: print(line, flush=True))
    return 0


def wait_for_role(settings, patience, word):
    survey = Survey(settings)
    end = time.monotonic() + patience
    own = None
    while time.monotonic() < end:
        own = survey.once()["valkeys"][settings.letter]
        if own and own["role"] == "primary":
            print("node %s is the primary of %s" % (settings.letter, settings.tier))
            return 0
        time.sleep(0.25)
    unsay(word)
    keeper = read_keeper()
    raise NotNow("not the primary after %d s; the keeper says %s" % (patience, keeper["why"] if keeper else "nothing, it does not run"))


def allow(options, settings):
    units = {"s": 1, "m": 60, "h": 3600}
    text = options.period
    seconds = int(text[:-1]) * units[text[-1]] if text[-1:] in units and text[:-1].isdigit() else 0 if text == "0" else None
    if seconds is None or seconds > 7 * 24 * 3600:
        print("cachetier-node allow-writes-alone: --for needs a time up to 168h such as 30m or 2h, got %s" % text, file=sys.stderr)
        return 2
    if seconds == 0:
        unsay("writes-alone")
        print("writes wait for a replica again")
    else:
        say("writes-alone", time.time() + seconds)
        print("for %s writes go on without a replica; what is written then is lost if this node is" % text)
    return 0


# What each look asks; an INFO section asks for itself.
LOOKS = {
    **{section: [("INFO", section)] for section in ("server", "replication", "persistence", "stats", "keyspace", "commandstats")},
    "slow": [("SLOWLOG", "LEN"), ("SLOWLOG", "GET", 16)],
    "latency": [("LATENCY", "DOCTOR"), ("LATENCY", "LATEST"), ("INFO", "latencystats")],
    "clients": [("INFO", "clients"), ("CLIENT", "LIST", "TYPE", "normal")],
    "memory": [("INFO", "memory"), ("MEMORY", "DOCTOR")],
    "refused": [("ACL", "LOG", 16)],
}


def look(options, settings):
    own = settings.own
    valkey = Connection(own.address, own.valkey_port, settings.valkey_login, 5.0)
    for question in LOOKS[options.what]:
        try:
            print("\n".join(told(valkey.ask(*question))))
        except (Gone, Refused) as problem:
            print("cachetier-node look: Valkey of this node: %s" % problem, file=sys.stderr)
            return 3
    return 0


def told(answer, depth=0):
    """Lines of an answer; an entry of a list stands on a line of its own."""
    if not isinstance(answer, list):
        return str(answer).strip().replace("\r", "").split("\n")
    if all(not isinstance(each, list) for each in answer):
        return ["  " * depth + " ".join(str(each).strip() for each in answer)] if answer else []
    lines = []
    for each in answer:
        lines += told(each, depth + 1) if isinstance(each, list) else ["  " * depth + str(each)]
    return lines


def doctor(options, settings):
    if options.free and os.path.exists(BALLAST):
        os.remove(BALLAST)
        print("the room that was held back is free; deploy again once the disk has room, to hold it back anew")
    findings = list(checks(settings))
    if options.json:
        print(json.dumps([{"check": name, "ok": ok, "says": says} for name, ok, says in findings]))
    else:
        for name, ok, says in findings:
            print("%s %s: %s" % ("ok  " if ok else "look", name, says))
    return 0 if all(ok for _, ok, _ in findings) else 3


def checks(settings):
    room = os.statvfs(settings.data)
    free = room.f_bavail / max(room.f_blocks, 1)
    yield "disk", free > 0.2, "%d %% of %s are free" % (100 * free, settings.data)
    yield "ballast", os.path.exists(BALLAST), "held back for a full disk" if os.path.exists(BALLAST) else "none is held back"
    for unit in ("valkey-server", "valkey-sentinel", "cachetier-keeper", "cachetier-drain", "cachetier-firewall"):
        if unit == "valkey-sentinel" and len(settings.nodes) == 1 or unit == "cachetier-drain" and len(settings.nodes) == 1:
            continue
        done = subprocess.run(["systemctl", "is-active", unit + ".service"], capture_output=True, text=True, check=False)
        yield unit, done.returncode == 0, done.stdout.strip() or "unknown"
    view = Survey(settings).once()
    for server, why in sorted(view["silent"].items()):
        yield server, False, why
    for letter, peer in sorted(view["valkeys"].items()):
        if peer:
            good = peer["role"] == "primary" or (peer["link"] and not is_held(peer))
            yield "node " + letter, good and peer["writes"], describe(view, letter, settings.nodes[letter])
    keeper = read_keeper()
    yield "keeper", bool(keeper) and "ALARM" not in keeper["why"], keeper["why"] if keeper else "does not run"


if __name__ == "__main__":
    sys.exit(main())
`;
