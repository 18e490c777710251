/**
 * Moves the role of the primary without losing a write: writes pause, the next primary reaches the same offset, Sentinel
 * fails over, and only then do writes go on, there. A plain SENTINEL FAILOVER lost 92 to 192 acknowledged writes, because
 * the old primary goes on acknowledging until it is told.
 *
 * `SENTINEL FAILOVER … COORDINATED` is not used: it exists from Valkey 9.0 on only, crashes Sentinel 9.1.0
 * (valkey-io/valkey#4066), and leaves the moment to chance, which costs clients a second.
 */
export const handoverPy = String.raw`"""The planned change of the primary."""
import time

from rules import is_eligible
from wire import Connection, Gone, Refused

PAUSE_MS = 30000
# While it fails over, Sentinel looks at a replica a second after the last time. It promotes it three of its ticks after
# the word, which are some 200 ms, and answers with its address once a look has found it promoted.
LOOK_EVERY_MS = 1000
PROMOTED_MS = 200


class NotNow(Exception):
    """Nothing was changed; says why, and what to do."""


def hand_over(settings, survey, to=None, patience=20):
    """The letter of the new primary, and the seconds for which writes were held. Raises NotNow."""
    view = survey.once()
    own = view["valkeys"][settings.letter]
    if own is None:
        raise NotNow("Valkey of this node does not answer: %s" % view["silent"].get("valkey of " + settings.letter))
    if own["role"] != "primary":
        return None, 0.0
    target = choose(settings, view, to)
    connection = Connection(settings.own.address, settings.own.valkey_port, settings.valkey_login, timeout=5)
    node = settings.nodes[target]
    other = Connection(node.address, node.valkey_port, settings.valkey_login, timeout=5)
    sentinel = Connection(node.address, node.sentinel_port, settings.sentinel_login, timeout=5)
    end = time.monotonic() + patience
    try:
        prefer(settings, survey, sentinel, target, end)
        await_moment(settings, sentinel, node, end - 5)
        return target, switch(settings, connection, other, sentinel, node, end)
    except (Gone, Refused) as problem:
        raise NotNow("the handover to node %s failed: %s" % (target, problem)) from None
    finally:
        level(node, settings)
        for one in (connection, other, sentinel):
            one.close()


def choose(settings, view, to):
    """The freshest replica that is synced, and whose Sentinel answers."""
    able = {
        letter: peer
        for letter, peer in view["valkeys"].items()
        if peer and letter != settings.letter and is_eligible(peer) and peer["link"] and not peer["syncing"]
        and peer["writes"] and view["sentinels"].get(letter)
    }
    if to is not None and to not in able:
        raise NotNow("node %s is not a synced replica with a Sentinel that answers" % to)
    if not able:
        raise NotNow("no other node is a synced replica with a Sentinel that answers")
    if to is not None:
        return to
    return max(sorted(able), key=lambda letter: able[letter]["offset"])


def prefer(settings, survey, sentinel, target, end):
    """Sentinel takes the replica of the lowest priority number, so the target gets the lowest, and Sentinel time to see it."""
    view = survey.once()
    able = [letter for letter, peer in view["valkeys"].items() if peer and is_eligible(peer)]
    if len(able) < 2:
        return
    node = settings.nodes[target]
    with_priority(node, settings, 50)
    while time.monotonic() < end:
        if as_sentinel_sees(settings, sentinel, node).get("slave-priority") == "50":
            return
        time.sleep(0.05)
    raise NotNow("the Sentinel of node %s does not take note of its replicas" % target)


def await_moment(settings, sentinel, node, end):
    """Clients wait for Sentinel's look at the new primary: 0.3 s with the right moment, 1.2 s with a wrong one. Any will do in the end."""
    while time.monotonic() < end:
        wait = until_seen(settings, sentinel, node) - PROMOTED_MS
        if wait <= 50:
            return
        time.sleep(max(0.02, (wait - 20) / 1000))


def until_seen(settings, sentinel, node):
    """Milliseconds until a Sentinel that fails over now sees this replica promoted."""
    looked = int(as_sentinel_sees(settings, sentinel, node).get("info-refresh", 0))
    return (LOOK_EVERY_MS if looked <= LOOK_EVERY_MS - PROMOTED_MS else 2 * LOOK_EVERY_MS) - looked


def as_sentinel_sees(settings, sentinel, node):
    for replica in sentinel.ask("SENTINEL", "REPLICAS", settings.tier):
        seen = dict(zip(replica[::2], replica[1::2]))
        if (seen["ip"], int(seen["port"])) == (node.address, node.valkey_port):
            return seen
    return {}


def switch(settings, connection, other, sentinel, node, end):
    started = time.monotonic()
    connection.ask("CLIENT", "PAUSE", PAUSE_MS, "WRITE")
    try:
        reached(connection, other, end)
        fail_over(settings, sentinel, other, end)
        # Sentinel tells the old primary after the next look at it, a second later; until then it would acknowledge writes.
        connection.ask("CONFIG", "SET", "replica-priority", 0)
        connection.ask("REPLICAOF", node.address, node.valkey_port)
        return time.monotonic() - started
    finally:
        try:
            connection.ask("CLIENT", "UNPAUSE")
        except (Gone, Refused):
            pass  # the pause ends by itself


def reached(connection, other, end):
    """Waits until the next primary has all that this one ever acknowledged."""
    while time.monotonic() < end:
        here = number(connection.ask("INFO", "replication"), "master_repl_offset")
        there = number(other.ask("INFO", "replication"), "slave_repl_offset")
        if there >= here:
            return
        time.sleep(0.005)
    raise NotNow("the replica did not catch up in time")


def fail_over(settings, sentinel, other, end):
    asked = 0.0
    refused = None
    while time.monotonic() < end:
        if role(other) == "master":
            return
        if time.monotonic() - asked > 0.5:
            asked = time.monotonic()
            try:
                sentinel.ask("SENTINEL", "FAILOVER", settings.tier)
            except Refused as problem:
                refused = problem
        time.sleep(0.01)
    raise NotNow("Sentinel did not fail over in time%s" % (": %s" % refused if refused else ""))


def level(node, settings):
    """The node that was preferred is one among equals again; as a primary it says nothing of its priority in INFO."""
    connection = Connection(node.address, node.valkey_port, settings.valkey_login)
    try:
        if connection.ask("CONFIG", "GET", "replica-priority")[1] == "50":
            connection.ask("CONFIG", "SET", "replica-priority", 100)
    except (Gone, Refused):
        pass
    finally:
        connection.close()


def with_priority(node, settings, priority):
    connection = Connection(node.address, node.valkey_port, settings.valkey_login)
    try:
        connection.ask("CONFIG", "SET", "replica-priority", priority)
    finally:
        connection.close()


def role(connection):
    return connection.ask("ROLE")[0]


def number(info, name):
    return next(int(line.split(":")[1]) for line in info.splitlines() if line.startswith(name + ":"))
`;
