import { internalLogins } from '../../internal-users';

/**
 * The keeper: looks, decides by the rules, acts on its own Valkey or asks a Sentinel, and says in one line what it does
 * and why.
 *
 * Valkey starts held: a replica of nobody with priority 0, so that it answers with what it has and can be neither chosen
 * nor written to. The keeper is what lifts it. It never removes data: a primary that steps down keeps a link to its
 * append-only files aside.
 */
export const keeperPy = String.raw`"""Decides the role of this node, and keeps it."""
import json
import os
import subprocess
import sys
import time

import aside
from handover import NotNow, hand_over, until_seen
from rules import able_peers, decide
from settings import RUN, Settings, Unusable, holds, unsay
from survey import PULSE, Survey
from watch import Watch
from wire import Connection, Gone, Refused
from words import last_words

EVERY = 0.25
# What is written between two pulses cannot be told apart after a loss of all power at once.
PULSE_EVERY = 0.45
NOBODY = ("127.0.0.1", 1)
PATIENT = 600000
# A Sentinel that took the word for a failover is at it for so long.
FAILS_OVER = 10
SENTINEL = "${internalLogins.sentinel}"


class Keeper:
    def __init__(self, settings):
        self.settings = settings
        self.survey = Survey(settings)
        self.watch = Watch(settings)
        own = settings.own
        self.valkey = Connection(own.address, own.valkey_port, settings.valkey_login)
        # A handover pauses writes: what waits on this connection must not keep the keeper from looking.
        self.writer = Connection(own.address, own.valkey_port, settings.valkey_login)
        self.since = {"answering": None, "primary": None, "link": None, "led": None, "ended": None}
        self.marks = {"unsynced": False, "lifted": os.path.exists(self._lifted_file())}
        self.acted = {}
        self.asked = (None, 0.0)
        self.refused = 0
        # What a keeper before this one has refused is not known.
        self.refuses = len(settings.nodes) > 1
        self.said = None
        self.reason = ""
        # The highest of any data seen here: restored data has an old one, and must rank above what it takes the place of.
        self.term = 0
        self.written = 0.0

    def run(self):
        self.survey.start()
        self.watch.start()
        time.sleep(EVERY)
        while True:
            started = time.monotonic()
            self.survey.changed.clear()
            self.survey.await_one_time()
            self.step()
            self.survey.changed.wait(EVERY - (time.monotonic() - started))

    def step(self):
        view = self.view()
        decision = decide(view)
        problem = None
        try:
            if view["valkeys"][self.settings.letter]:
                self.refuse(decision["act"] == "refuse")
            self.act(decision, view)
            self.mind(view)
        except (Gone, Refused) as failed:
            problem = str(failed)
            self.valkey.close()
        self.tell(decision, problem, view)

    def view(self):
        view = self.survey.view()
        self.explain(view)
        valkeys = {letter: peer for letter, peer in view["valkeys"].items() if peer}
        own = valkeys.get(self.settings.letter)
        heard = sum(1 for sentinel in view["sentinels"].values() if sentinel)
        majority = self.settings.majority
        self.term = max([self.term] + [peer["pulse"][0] for peer in valkeys.values() if peer["pulse"]])
        primaries = any(peer["role"] == "primary" for peer in valkeys.values())
        if own and own["role"] == "primary":
            self.marks["unsynced"] = True
        elif own and own["link"] and not own["syncing"]:
            self.marks["unsynced"] = False
        if primaries:
            self.mark_lifted(False)
        view.update(
            letter=self.settings.letter,
            majority=majority,
            persistent=self.settings.persistent,
            words={name: holds(name) for name in ("bootstrap", "empty", "alone", "restoring")},
            waited={
                "answering": self.waited("answering", len(valkeys) >= majority and heard >= majority),
                "primary": self.waited("primary", not primaries),
                "link": self.waited("link", bool(own) and own["role"] == "replica" and not own["link"]),
                "ended": self.waited("ended", not own or own["role"] == "replica" and own["priority"] == 0),
                "led": self.waited("led", bool(own) and own["role"] == "primary"),
            },
            **self.marks,
        )
        return view

    def explain(self, view):
        """A server that does not start says why elsewhere; here is where people look."""
        name = "valkey of " + self.settings.letter
        if view["silent"].get(name) != "nothing listens":
            self.reason = ""
            return
        if self.due("explain", 5):
            self.reason = last_words(self.settings)
        if self.reason:
            view["silent"][name] = "nothing listens: " + self.reason

    def waited(self, name, true):
        """Seconds for which something has been true without a break."""
        if not true:
            self.since[name] = None
            return 0.0
        now = time.monotonic()
        if self.since[name] is None:
            self.since[name] = now
        return now - self.since[name]

    def act(self, decision, view):
        rule, act, whom = decision["rule"], decision["act"], decision["whom"]
        if act in ("nothing", "refuse") or not self.due((act, whom), PULSE_EVERY if act == "pulse" else 1.0):
            return
        if act == "pulse":
            self.pulse(view)
        elif act == "hold":
            self.valkey.ask("CONFIG", "SET", "replica-priority", 0)
            if rule == "P1":
                self.valkey.ask("REPLICAOF", *NOBODY)
        elif act == "follow":
            node = self.settings.nodes[whom]
            aside.keep(self.settings.data, self.settings.letter, view["valkeys"][self.settings.letter])
            self.valkey.ask("CONFIG", "SET", "replica-priority", 0)
            self.valkey.ask("REPLICAOF", node.address, node.valkey_port)
        elif act == "lift":
            self.mark_lifted(rule != "H1")
            self.valkey.ask("CONFIG", "SET", "replica-priority", 100)
        elif act == "lead":
            self.valkey.ask("CONFIG", "SET", "replica-priority", 100)
            self.valkey.ask("REPLICAOF", "NO", "ONE")
            for word in ("bootstrap", "empty", "alone"):
                unsay(word)
        elif act == "failover":
            self.failover(view)
        elif act == "handover":
            # Some writes may still be taken: a failover that does not wait for them would lose those that a replica has.
            try:
                hand_over(self.settings, self.survey, whom, 10)
            except NotNow as problem:
                raise Gone(str(problem)) from None

    def refuse(self, wanted):
        """Sentinel makes a replica follow the primary after ten seconds, and newer data would be lost: it loses the right to."""
        if not wanted and not self.refuses or wanted and not self.due("refuse", 1.0):
            return
        self.valkey.ask("ACL", "SETUSER", SENTINEL, "-slaveof" if wanted else "+slaveof")
        self.refuses = wanted

    def due(self, what, every):
        now = time.monotonic()
        if now - self.acted.get(what, -every) < every:
            return False
        self.acted[what] = now
        return True

    def pulse(self, view):
        """Says in the data itself how fresh it is. Another term for each time that the role is taken."""
        own = view["valkeys"][self.settings.letter]
        seen = own["pulse"]
        now = int(time.time() * 1000)
        if seen and seen[3] == own["run"]:
            term, moment = seen[0], max(now, seen[1] + 1)
        else:
            term, moment = self.term + 1, now
        command = ("SET", PULSE, "%d %d %s %s" % (term, moment, self.settings.letter, own["run"]))
        try:
            self.writer.ask(*command)
        except Refused as refused:
            if str(refused).startswith("OOM"):
                self.pulse_in_full_memory(command)
            elif str(refused).startswith("NOREPLICAS") and view["words"]["restoring"]:
                self.pulse_alone(command)
        except Gone:
            pass

    def pulse_in_full_memory(self, command):
        """A full tier that evicts nothing still needs its pulse: a little room for one command, sent with both changes at once."""
        limit = int(self.valkey.ask("CONFIG", "GET", "maxmemory")[1])
        used = int(dict(line.split(":") for line in self.valkey.ask("INFO", "memory").split() if ":" in line)["used_memory"])
        try:
            self.writer.ask_all(
                [("CONFIG", "SET", "maxmemory", max(limit, used) + 2**20), command, ("CONFIG", "SET", "maxmemory", limit)]
            )
        except (Gone, Refused):
            self.valkey.ask("CONFIG", "SET", "maxmemory", limit)

    def pulse_alone(self, command):
        """Restored data must rank above what it takes the place of before anyone has copied it: a moment for one command."""
        try:
            self.writer.ask_all(
                [
                    ("CONFIG", "SET", "min-replicas-to-write", 0),
                    command,
                    ("CONFIG", "SET", "min-replicas-to-write", self.settings.min_replicas),
                ]
            )
        except (Gone, Refused):
            self.valkey.ask("CONFIG", "SET", "min-replicas-to-write", self.settings.min_replicas)

    def sentinel(self, letter):
        node = self.settings.nodes[letter]
        return Connection(node.address, node.sentinel_port, self.settings.sentinel_login)

    def failover(self, view):
        """A failover that is forced needs no vote: asks the Sentinel that will see its end first."""
        letter = self.leader(view)
        if letter is None:
            raise Gone("no Sentinel answers")
        sentinel = self.sentinel(letter)
        try:
            sentinel.ask("SENTINEL", "FAILOVER", self.settings.tier)
            self.asked = (letter, time.monotonic())
            self.refused = 0
        except Refused as refused:
            if str(refused).startswith("INPROG"):
                return
            self.refused += 1
            # Sentinel chooses no replica whose link was down for ten times down-after; here all were, and one must lead.
            if str(refused).startswith("NOGOODSLAVE") and self.refused >= 4:
                self.failover_patiently(sentinel)
            else:
                raise
        finally:
            sentinel.close()

    def leader(self, view):
        """Two Sentinels that are forced at once may choose two replicas: the one that was is asked again."""
        answering = [letter for letter, seen in sorted(view["sentinels"].items()) if seen]
        letter, since = self.asked
        if letter in answering and time.monotonic() - since < FAILS_OVER:
            return letter
        able = [self.settings.nodes[letter] for letter in able_peers(view)]
        return min(answering, key=lambda one: self.first_wait(one, able), default=None)

    def first_wait(self, letter, able):
        """Milliseconds until a Sentinel that fails over now sees that it has; more than any where it does not answer."""
        sentinel = self.sentinel(letter)
        try:
            return max((until_seen(self.settings, sentinel, node) for node in able), default=0)
        except (Gone, Refused):
            return 10000
        finally:
            sentinel.close()

    def failover_patiently(self, sentinel):
        tier = self.settings.tier
        said = sentinel.ask("SENTINEL", "MASTER", tier)
        down_after = dict(zip(said[::2], said[1::2]))["down-after-milliseconds"]
        sentinel.ask("SENTINEL", "SET", tier, "down-after-milliseconds", PATIENT)
        try:
            sentinel.ask("SENTINEL", "FAILOVER", tier)
        finally:
            sentinel.ask("SENTINEL", "SET", tier, "down-after-milliseconds", down_after)

    def mind(self, view):
        """What else may have come to pass: a Sentinel that lost track of time, writes that an operator allowed."""
        own = view["sentinels"].get(self.settings.letter)
        if own and own["tilt"] and self.due("tilt", 45):
            # A clock that stepped stops Sentinel for 30 s and more; a fresh one does not know of the step.
            print("Sentinel of this node is in tilt after a step of the clock: restarting it", flush=True)
            subprocess.run(["systemctl", "restart", "valkey-sentinel.service"], check=False, timeout=30)
        if self.due("aside", 600):
            aside.expire(self.settings.data)
        valkey = view["valkeys"].get(self.settings.letter)
        if not valkey or valkey["role"] != "primary" or self.settings.min_replicas == 0 or not self.due("writes", 2):
            return
        now = int(self.valkey.ask("CONFIG", "GET", "min-replicas-to-write")[1])
        wanted = 0 if holds("writes-alone") else self.settings.min_replicas
        if now != wanted and (wanted == 0 or now == 0):
            self.valkey.ask("CONFIG", "SET", "min-replicas-to-write", wanted)

    def mark_lifted(self, lifted):
        self.marks["lifted"] = lifted
        if lifted:
            with open(self._lifted_file(), "w", encoding="utf-8"):
                pass
        elif os.path.exists(self._lifted_file()):
            os.remove(self._lifted_file())

    def _lifted_file(self):
        return os.path.join(RUN, "lifted")

    def tell(self, decision, problem, view):
        line = "%s: %s%s" % (decision["rule"], decision["why"], " (failed: %s)" % problem if problem else "")
        own = view["valkeys"].get(self.settings.letter)
        changed = line != self.said
        if changed:
            print(line, flush=True)
            self.said = line
        if changed or time.monotonic() - self.written > 2:
            self.written = time.monotonic()
            publish(dict(decision, problem=problem, view=view, at=time.time()))
            metrics(self.settings, decision, own, self.watch)


def publish(state):
    path = os.path.join(RUN, "keeper.json")
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(state, file)
    os.replace(path + ".new", path)


def metrics(settings, decision, own, watch):
    labels = 'tier="%s",node="%s"' % (settings.tier, settings.letter)
    lines = [
        "# HELP cachetier_keeper_rule The rule by which the keeper last decided.",
        "# TYPE cachetier_keeper_rule gauge",
        'cachetier_keeper_rule{%s,rule="%s"} 1' % (labels, decision["rule"]),
        "# HELP cachetier_keeper_alarm Whether the keeper asks for a person.",
        "# TYPE cachetier_keeper_alarm gauge",
        "cachetier_keeper_alarm{%s} %d" % (labels, "ALARM" in decision["why"]),
        "# HELP cachetier_node_eligible Whether Sentinel may choose this node.",
        "# TYPE cachetier_node_eligible gauge",
        "cachetier_node_eligible{%s} %d" % (labels, bool(own and own["priority"] > 0)),
        "# HELP cachetier_node_pulse_term Term of the data on this node.",
        "# TYPE cachetier_node_pulse_term gauge",
        "cachetier_node_pulse_term{%s} %d" % (labels, own["pulse"][0] if own and own["pulse"] else 0),
        "# HELP cachetier_node_pulse_timestamp_seconds When the data on this node was last written to by a primary.",
        "# TYPE cachetier_node_pulse_timestamp_seconds gauge",
        "cachetier_node_pulse_timestamp_seconds{%s} %.3f" % (labels, own["pulse"][1] / 1000 if own and own["pulse"] else 0),
    ]
    lines += watch.lines(labels)
    path = os.path.join(settings.metrics, "keeper.prom")
    try:
        # The folder belongs to another account: a link in it is not to be followed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        if os.path.lexists(path + ".new"):
            os.remove(path + ".new")
        with os.fdopen(os.open(path + ".new", flags, 0o644), "w") as file:
            # The umask of the unit would keep the exporter from reading it.
            os.fchmod(file.fileno(), 0o644)
            file.write("\n".join(lines) + "\n")
        os.replace(path + ".new", path)
    except OSError:
        pass  # a full disk must not keep the keeper from its work


def main():
    os.makedirs(RUN, exist_ok=True)
    said = None
    while True:
        try:
            keeper = Keeper(Settings())
            break
        except Unusable as problem:
            if str(problem) != said:
                said = str(problem)
                print("this node does not serve: " + said, flush=True)
            time.sleep(2)
    keeper.run()


if __name__ == "__main__":
    sys.exit(main())
`;
