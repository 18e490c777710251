/** Metrics of the backups: what each bucket has, what went wrong, and how the drill ended. Kept over restarts as JSON. */
export const gaugesPy = String.raw`"""What is known of the backups, and its metrics."""
import json
import os

from given import STATE

HELP = {
    "backup_last_success_timestamp_seconds": "When the newest good backup was begun.",
    "backup_size_bytes": "Size of the newest good backup, before encryption.",
    "backup_keys": "Keys in the newest good backup.",
    "backup_duration_seconds": "Time that the newest good backup took.",
    "backup_last_attempt_timestamp_seconds": "When this node last began a backup.",
    "backup_last_attempt_succeeded": "Whether the last attempt of this node gave a good backup.",
    "backup_problem": "Why the last attempt of this node failed.",
    "backup_expired_objects": "Backups past their retention that could not be removed.",
    "backup_shipped_timestamp_seconds": "The moment up to which every write is in the bucket.",
    "drill_last_success_timestamp_seconds": "When a drill last restored a backup of this bucket.",
    "drill_succeeded": "Whether the last drill restored the newest backup: 1 whole, 0 not.",
    "drill_checked_only": "Whether the last drill lacked the memory to load the backup, and only read all of it.",
    "drill_problem": "Why the last drill failed.",
    "drill_duration_seconds": "Time that the last drill took.",
    "drill_keys": "Keys that the last drill found.",
    "drill_backup_size_bytes": "Size of the backup that was restored.",
    "drill_backup_timestamp_seconds": "When the backup that was restored was begun.",
}


class Known:
    """What one program knows of each bucket: values by the name of the metric, "problem" a word."""

    def __init__(self, given, program):
        self.given = given
        self.program = program
        self.path = os.path.join(STATE, program + ".json")
        try:
            with open(self.path, encoding="utf-8") as file:
                self.all = json.load(file)
        except (OSError, ValueError):
            self.all = {}

    def of(self, destination):
        return self.all.setdefault(destination.id, {})

    def save(self):
        """Metrics of buckets that the tier has no longer are not published again."""
        self.all = {one.id: self.of(one) for one in self.given.destinations}
        _replace(self.path, json.dumps(self.all), 0o600)
        _replace(os.path.join(self.given.metrics, self.program + ".prom"), self.rendered(), 0o644)

    def rendered(self):
        lines = []
        for name, text in HELP.items():
            found = []
            for destination in self.given.destinations:
                labels = 'tier="%s",destination="%s",schedule="%s"' % (self.given.tier, destination.id, destination.schedule)
                value = self.of(destination).get(name)
                if value is None:
                    continue
                if name.endswith("_problem"):
                    labels += ',cause="%s"' % value
                    value = 1
                found.append("cachetier_%s{%s} %s" % (name, labels, value))
            if found:
                lines += ["# HELP cachetier_%s %s" % (name, text), "# TYPE cachetier_%s gauge" % name, *found]
        return "".join(line + "\n" for line in lines)


def _replace(path, text, mode):
    handle = os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
    os.replace(path + ".new", path)
`;
