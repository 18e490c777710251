/**
 * What the keeper publishes of its node beside the role: when certificates run out, and whether the backups are switched
 * on. A thread of its own looks, so that what answers slowly keeps the keeper from nothing.
 */
export const watchPy = String.raw`"""What is told of this node beside its role."""
import os
import subprocess
import threading
import time

from certificates import expiries

EVERY = 10
CERTIFICATES_EVERY = 60
UNITS = ("cachetier-backup.timer", "cachetier-drill.timer", "cachetier-ship.service")
UNIT_FOLDER = "/etc/systemd/system"


class Watch(threading.Thread):
    def __init__(self, settings):
        super().__init__(daemon=True)
        self.settings = settings
        self.expiries = {}
        self.units = {}
        self.looked = None

    def run(self):
        while True:
            self.look()
            time.sleep(EVERY)

    def look(self):
        self.units = active([unit for unit in UNITS if os.path.exists(os.path.join(UNIT_FOLDER, unit))])
        if self.looked is None or time.monotonic() - self.looked >= CERTIFICATES_EVERY:
            self.looked = time.monotonic()
            self.expiries = expiries(self.settings, self.expiries)

    def lines(self, labels):
        """Metrics, with the labels of the node."""
        found = [
            gauge("certificate_expiry_timestamp_seconds", "When a certificate that this node shows runs out.", "of", self.expiries),
            gauge("unit_active", "Whether a unit that sees to the backups runs.", "unit", self.units),
        ]
        return [line % labels if "%s" in line else line for lines in found for line in lines]


def active(units):
    if not units:
        return {}
    try:
        done = subprocess.run(["systemctl", "is-active", *units], stdout=subprocess.PIPE, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return {}
    said = done.stdout.decode().split()
    return {unit: int(word in ("active", "activating", "reloading")) for unit, word in zip(units, said)}


def gauge(name, text, label, values):
    if not values:
        return []
    name = "cachetier_" + name
    rows = ['%s{%%s,%s="%s"} %d' % (name, label, key, value) for key, value in sorted(values.items())]
    return ["# HELP %s %s" % (name, text), "# TYPE %s gauge" % name, *rows]
`;
