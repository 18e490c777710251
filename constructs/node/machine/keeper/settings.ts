/** What the keeper knows of its node: `node.env`, the passwords, and the words that operators leave as files. */
export const settingsPy = String.raw`"""Settings of this node, passwords, and what operators have said."""
import os
import shlex
import time

ETC = os.environ.get("CACHETIER_ETC", "/etc/cachetier")
STATE = os.environ.get("CACHETIER_STATE", "/var/lib/cachetier")
RUN = os.environ.get("CACHETIER_RUN", "/run/cachetier")

NEEDED = (
    "TIER LETTER ADDRESS VALKEY_PORT SENTINEL_PORT FIRST_PRIMARY PEERS MAJORITY PERSISTENT MIN_REPLICAS "
    "DATA_FOLDER LOG_FOLDER CA_FILE METRICS_FOLDER OPERATOR SENTINEL_ADMIN"
).split()
SECRET = "OPERATOR_PASSWORD SENTINEL_ADMIN_PASSWORD".split()


class Unusable(Exception):
    """A file of this node lacks something; says what, and how to mend it."""


def assignments(name, needed):
    path = os.path.join(ETC, name)
    values = {}
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                if line.strip() and not line.startswith("#"):
                    key, _, value = line.strip().partition("=")
                    values[key] = " ".join(shlex.split(value))
    except (OSError, ValueError) as problem:
        raise Unusable("%s cannot be read: %s; deploy again" % (path, problem)) from None
    missing = [key for key in needed if key not in values]
    if missing:
        raise Unusable("%s lacks %s; deploy again" % (path, ", ".join(missing)))
    return values


class Node:
    """One node of the tier, by its letter."""

    def __init__(self, letter, address, valkey_port, sentinel_port):
        self.letter = letter
        self.address = address
        self.valkey_port = int(valkey_port)
        self.sentinel_port = int(sentinel_port)


class Settings:
    def __init__(self):
        env = assignments("node.env", NEEDED)
        try:
            self.tier = env["TIER"]
            self.letter = env["LETTER"]
            self.first = env["FIRST_PRIMARY"]
            self.majority = int(env["MAJORITY"])
            self.persistent = env["PERSISTENT"] == "yes"
            self.min_replicas = int(env["MIN_REPLICAS"])
            own = Node(self.letter, env["ADDRESS"], env["VALKEY_PORT"], env["SENTINEL_PORT"])
            peers = [Node(*peer.split(",")) for peer in env["PEERS"].split()]
        except (TypeError, ValueError) as problem:
            raise Unusable("%s/node.env was changed by hand: %s; deploy again" % (ETC, problem)) from None
        self.nodes = {node.letter: node for node in sorted([own] + peers, key=lambda node: node.letter)}
        self.own = own
        self.ca = env["CA_FILE"]
        self.data = env["DATA_FOLDER"]
        self.log = env["LOG_FOLDER"]
        self.metrics = env["METRICS_FOLDER"]
        self._users = env["OPERATOR"], env["SENTINEL_ADMIN"]
        passwords()

    def valkey_login(self):
        return self._users[0], both("OPERATOR_PASSWORD"), self.ca

    def sentinel_login(self):
        return self._users[1], both("SENTINEL_ADMIN_PASSWORD"), self.ca

    def at(self, address, port):
        """Letter of the node whose Valkey has this address."""
        for node in self.nodes.values():
            if (node.address, node.valkey_port) == (address, int(port)):
                return node.letter
        return None


def both(name):
    """The password, and the one before it, which a node knows that a rotation has not reached yet."""
    known = passwords()
    return [known[key] for key in (name, name + "_BEFORE") if key in known]


def passwords():
    """Read each time, as a rotation changes them while this process runs."""
    return assignments("credentials", SECRET)


def said(name):
    return os.path.join(STATE, "said-" + name)


def say(name, until):
    """Leaves an operator's word for the keeper, which holds until a time of the clock."""
    path = said(name)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write("%d\n" % until)
        file.flush()
        # A word that a power cut leaves empty is not heard again.
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def holds(name):
    """Whether an operator's word is there and has not run out."""
    try:
        with open(said(name), encoding="utf-8") as file:
            return time.time() < int(file.read())
    except (OSError, ValueError):
        return False


def unsay(name):
    try:
        os.remove(said(name))
    except FileNotFoundError:
        pass
`;
