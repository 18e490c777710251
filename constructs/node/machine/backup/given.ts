/** What the programs of the backup know: the tier, its buckets with their keys, and the keys of the backups. */
export const givenPy = String.raw`"""What is to be backed up, where to, and with which keys."""
import json
import os

ETC = os.environ.get("CACHETIER_ETC", "/etc/cachetier")
STATE = os.environ.get("STATE_DIRECTORY", "/var/lib/cachetier-backup")


class Unusable(Exception):
    """The settings of this node lack something; says what, and how to mend it."""


class Destination:
    """One bucket of the tier, with its own schedule and retention."""

    def __init__(self, values):
        self.id = values["id"]
        self.provider = values["provider"]
        self.endpoint = values["endpoint"]
        self.region = values["region"]
        self.place = "/".join(part for part in (values["bucket"], values["prefix"]) if part)
        self.bucket = values["bucket"]
        self.schedule = values["schedule"]
        self.daily = values["keep"]["daily"]
        self.weekly = values["keep"]["weekly"]
        self.key = values["accessKeyId"], values["secretAccessKey"]


class Given:
    """Read from the credentials that systemd hands to a unit, or by root from the file itself."""

    def __init__(self):
        path = os.path.join(os.environ.get("CREDENTIALS_DIRECTORY", ETC), "backup.json")
        try:
            with open(path, encoding="utf-8") as file:
                values = json.load(file)
            self.tier = values["tier"]
            self.letter = values["letter"]
            self.nodes = {letter: (address, int(port)) for letter, address, port in values["nodes"]}
            self.ca = values["caFile"]
            self.metrics = values["metricsFolder"]
            self.data = values["dataFolder"]
            self.window = values["window"]
            self.user = values["user"]
            self.passwords = values["passwords"]
            self.recipients = values["recipients"]
            self.identities = values["identities"]
            self.continuous = values["continuous"]
            self.restore_from = values["restoreFrom"]
            self.destinations = [Destination(one) for one in values["destinations"]]
        except FileNotFoundError:
            raise Unusable("this tier has no buckets: add backup.to to its config and deploy again") from None
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise Unusable("%s cannot be read: %s; deploy again" % (path, problem)) from None

    def wanted(self):
        """What a new tier begins with, as a restore is asked for it."""
        asked = self.restore_from
        return {name: asked[name] for name in ("bucket", "tier", "backup", "at")}

    def login(self):
        return self.user, self.passwords, self.ca

    def destination(self, name):
        """A destination by its id; the first where none is named."""
        if name is None:
            return self.destinations[0]
        for one in self.destinations:
            if one.id == name:
                return one
        raise Unusable("there is no bucket %s; needed one of %s" % (name, ", ".join(one.id for one in self.destinations)))
`;
