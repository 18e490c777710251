/**
 * Decides what a node is to do, from what all nodes say: pure, so that every case can be tried without a server.
 *
 * Nothing is decided because nobody answers, an empty or older node is never chosen while another may hold more, and a
 * node never follows a primary whose data is older than its own. Offsets do not count: they start anew when an
 * append-only file is read (130913 became 0). What counts is the pulse, which the primary writes with its data.
 */
export const rulesPy = String.raw`"""What a node does, by the first rule that fits."""

WAIT_FOR_ALL = 30
LINK_DOWN = 10
NO_PRIMARY = 30
NOT_ELECTED = 6
LOOKED = 1.2
PROMOTED = 3
LEVEL = 2000


def decide(view):
    """One rule's name, what to do ("nothing", "pulse", "hold", "follow", "refuse", "lift", "lead", "failover", "handover"), with whom, and why."""
    own = view["valkeys"].get(view["letter"])
    if view["words"].get("restoring"):
        return restoring(own)
    if own is None:
        return silenced(view, view.get("silent", {}).get("valkey of " + view["letter"], "no answer"))
    if own["loading"]:
        return loading(view, own)
    if len(view["valkeys"]) == 1:
        return alone(view, own)
    if own["role"] == "primary":
        return primary(view, own)
    return eligible(view, own) if own["priority"] > 0 else held(view, own)


def done(rule, act, whom, why):
    return {"rule": rule, "act": act, "whom": whom, "why": why}


def restoring(own):
    """What is restored is older than what the tier has, and must neither be replaced by it nor lead before its time."""
    if own and own["role"] == "primary":
        return done("R2", "pulse", None, "the primary, with restored data")
    if own is None or own["loading"]:
        return done("R1", "nothing", None, "a restore is under way: Valkey of this node reads its data")
    return done("R1", "refuse", None, "a restore is under way: this node neither follows nor leads until it goes on or is abandoned")


def silenced(view, why):
    """A primary that ended is not missed by Sentinel for two seconds; here it is known at once."""
    named, _ = agreed(view)
    if why.startswith("nothing listens") and able_peers(view) and named == view["letter"]:
        return give_away(view, "X1", "named, but its Valkey ended")
    return done("X1", "nothing", None, "Valkey of this node does not answer: " + why)


def loading(view, own):
    """A large data set takes minutes to read: a named node that crashed hands over before it has."""
    named, _ = agreed(view)
    if is_held(own) and able_peers(view) and named == view["letter"]:
        return give_away(view, "H3", "named, but just started")
    return done("X2", "nothing", None, "Valkey of this node is still reading its data")


def give_away(view, rule, why):
    """Sentinel takes the replica that had most when it last looked: they must be level, or it must have looked since."""
    able = able_peers(view)
    best = newest(view, able)
    for letter, peer in sorted(answering(view).items()):
        if peer["role"] == "primary":
            return done(rule, "nothing", letter, "%s, but node %s has taken over already" % (why, letter))
    level = len({peer["offset"] for peer in able.values()}) == 1 and not any(peer["link"] for peer in able.values())
    if level or view["waited"]["ended"] > LOOKED:
        return done(rule, "failover", best, "%s: node %s takes over" % (why, best))
    return done(rule, "nothing", best, "%s: node %s takes over once Sentinel has seen which replica has most" % (why, best))


def alone(view, own):
    if own["role"] == "primary":
        return done("S1", "pulse", None, "the only node of its tier")
    if own["pulse"] or own["keys"] or view["words"]["bootstrap"] or view["words"]["empty"]:
        return done("S2", "lead", None, "the only node of its tier takes its role")
    if not view["persistent"]:
        return done("S2", "lead", None, "this workload keeps nothing, so an empty start is a good one")
    return done("S3", "nothing", None, "no data here: waits for the deploy step, a restore, or init --empty")


def primary(view, own):
    term = own["pulse"][0] if own["pulse"] and own["pulse"][3] == own["run"] else None
    others = answering(view)
    confirmed = any(
        peer["pulse"] and peer["pulse"][3] == own["run"] for letter, peer in others.items() if letter != view["letter"]
    )
    if not confirmed:
        for letter, peer in sorted(others.items()):
            if letter != view["letter"] and is_held(peer) and freshness(peer) > freshness(own):
                return done("P1", "hold", letter, "node %s holds newer data than this primary, which nobody confirmed" % letter)
    named, votes = agreed(view)
    # One that was just promoted is not named yet: Sentinel says so once it has seen the promotion.
    if named not in (None, view["letter"]) and votes >= view["majority"] and view["waited"]["led"] > PROMOTED:
        peer = others.get(named)
        if peer and peer["role"] == "primary":
            return done("P2", "follow", named, "%d Sentinels name node %s, which answers as the primary" % (votes, named))
    if not own["writes"]:
        for letter, peer in sorted(others.items()):
            if letter != view["letter"] and is_eligible(peer) and peer["link"] and peer["writes"]:
                return done("P4", "handover", letter, "this disk takes no write; node %s can" % letter)
    return done("P3", "pulse", None, "the primary" if term is None or confirmed else "the primary; no replica has confirmed it yet")


def eligible(view, own):
    others = answering(view)
    primaries = [letter for letter, peer in others.items() if peer["role"] == "primary"]
    if view["unsynced"] and not own["link"]:
        return done("E0", "hold", None, "was the primary; may be chosen again once it has synced")
    if view["lifted"] and not primaries:
        if by_name(view):
            return done("E1", "lead", None, "the newest node takes the role that it has by name")
        return done("E1", "failover", view["letter"], "the newest node asks for its role")
    if primaries and not own["link"] and view["waited"]["link"] > LINK_DOWN:
        return done("E2", "hold", None, "cut off from the primary for %d s: not to be chosen" % view["waited"]["link"])
    # Two Sentinels that ask for votes in the same instant elect nobody, and try again forty seconds later.
    patience = NOT_ELECTED if sum(1 for seen in heard(view).values() if seen.get("down")) >= view["majority"] else NO_PRIMARY
    if not primaries and view["waited"]["primary"] > patience and quorate(view):
        best = newest(view, {letter: peer for letter, peer in others.items() if is_eligible(peer)})
        if best == view["letter"]:
            return done("E4", "failover", best, "no primary for %d s, and Sentinel elects none" % view["waited"]["primary"])
    return done("E3", "nothing", None, "a synced replica" if own["link"] else "a replica; the choice is Sentinel's")


def held(view, own):
    others = answering(view)
    me = view["letter"]
    named, _ = agreed(view)
    peer = others.get(named) if named != me else None
    if peer and peer["role"] == "primary":
        return joining(view, own, named, peer)
    for letter, other in sorted(others.items()):
        if letter != me and other["role"] == "primary":
            return done("H2", "nothing", letter, "node %s answers as a primary, but the Sentinels do not name it" % letter)
    able = able_peers(view)
    if able:
        if named == me:
            return give_away(view, "H3", "named, but just started")
        return done("H3", "nothing", None, "waits for the Sentinels to choose node %s" % " or ".join(sorted(able)))
    if view["words"]["alone"]:
        return take(view, "H4", "promoted by the operator's word")
    if not quorate(view):
        return done("H4", "nothing", None, "waits for a majority: " + silent(view))
    for letter, other in sorted(others.items()):
        if other["loading"]:
            return done("H5", "nothing", letter, "node %s is still reading its data" % letter)
    if len(others) < len(view["valkeys"]) and view["waited"]["answering"] <= WAIT_FOR_ALL:
        return done("H6", "nothing", None, "waits up to %d s for the others: %s" % (WAIT_FOR_ALL, silent(view)))
    if not any(other["pulse"] or other["keys"] for other in others.values()):
        return empty(view, others)
    best = newest(view, others)
    if best == me:
        return take(view, "H8", "holds the newest data of all")
    return done("H9", "nothing", best, "node %s holds newer data" % best)


def joining(view, own, named, peer):
    if own["pulse"] and own["pulse"][3] != peer["run"] and freshness(own)[:2] > freshness(peer)[:2]:
        if not peer["pulse"] or peer["pulse"][3] != peer["run"]:
            return done("H1", "refuse", named, "primary %s has written nothing yet, and this node holds newer data: waits" % named)
        return done("H1", "refuse", named, "ALARM: primary %s holds older data than this node, which does not follow it" % named)
    if own["follows"] != named:
        return done("H1", "follow", named, "follows the primary, node %s" % named)
    if own["link"] and not own["syncing"] and not own["rewriting"] and own["writes"] and level(own, peer):
        return done("H1", "lift", named, "synced from node %s: may be chosen" % named)
    return done("H1", "nothing", named, "syncing from node %s" % named)


def take(view, rule, why):
    """The way to the role: at once for the node that has it by name, else by way of Sentinel."""
    return done(rule, "lead" if by_name(view) else "lift", None, why)


def by_name(view):
    named, _ = agreed(view)
    if named is None:
        own = view["sentinels"].get(view["letter"])
        named = own["named"] if own else None
    return named == view["letter"]


def empty(view, others):
    """No node has a key: a new tier, or one that lost everything."""
    me = view["letter"]
    words = view["words"]
    all_here = len(others) == len(view["valkeys"]) and len(heard(view)) == len(view["valkeys"])
    if words["empty"] or (words["bootstrap"] and all_here):
        return take(view, "H7", "the first primary of an empty tier, by the operator's word")
    if not view["persistent"] and newest(view, others) == me:
        return take(view, "H7", "this workload keeps nothing, so an empty start is a good one")
    return done("H7", "nothing", None, "no node holds data: waits for the deploy step, a restore, or init --empty")


def answering(view):
    return {letter: peer for letter, peer in view["valkeys"].items() if peer is not None}


def able_peers(view):
    return {letter: peer for letter, peer in answering(view).items() if letter != view["letter"] and is_eligible(peer)}


def heard(view):
    return {letter: seen for letter, seen in view["sentinels"].items() if seen is not None}


def quorate(view):
    return len(answering(view)) >= view["majority"] and len(heard(view)) >= view["majority"]


def agreed(view):
    """Whom the Sentinels name: the highest epoch counts where a majority answers. And how many say so."""
    said = heard(view)
    if len(said) < view["majority"]:
        return None, 0
    top = max(said.values(), key=lambda seen: seen["epoch"])
    return top["named"], sum(1 for seen in said.values() if seen["named"] == top["named"])


def is_held(peer):
    return peer["role"] == "replica" and peer["priority"] == 0


def is_eligible(peer):
    return peer["role"] == "replica" and peer["priority"] > 0 and not peer["loading"]


def freshness(peer):
    """Term and moment; a node without a pulse is older than any with one, and one with keys is newer than an empty one."""
    pulse = peer["pulse"]
    return (pulse[0], pulse[1], True) if pulse else (-1, -1, peer["keys"])


def level(own, peer):
    """Whether the data here is that of the primary, but for what is under way."""
    if own["pulse"] == peer["pulse"]:
        return True
    return bool(own["pulse"] and peer["pulse"] and own["pulse"][0] == peer["pulse"][0] and peer["pulse"][1] - own["pulse"][1] <= LEVEL)


def newest(view, peers):
    """Ties go to the named node, then to the first letter: every node must come to the same answer."""
    named, _ = agreed(view)
    ranks = {letter: (freshness(peer), letter == named) for letter, peer in peers.items()}
    best = max(ranks.values())
    return min(letter for letter, rank in ranks.items() if rank == best)


def silent(view):
    return "; ".join("%s: %s" % pair for pair in sorted(view.get("silent", {}).items())) or "all answer"
`;
