/** What Valkey said when it did not start: in its log, or, before it has one, to systemd. */
export const wordsPy = String.raw`"""Why a server that does not listen does not."""
import os
import subprocess

TAIL = 8192


def last_words(settings):
    """A line at most, of what was said last that sounds like a reason; empty where nothing does."""
    said = of_journal() or of_log(os.path.join(settings.log, "valkey-server.log"))
    return " ".join(" ".join(said[-2:]).split())[-240:]


def of_journal():
    command = ["journalctl", "-u", "valkey-server.service", "--since", "-60s", "-n", "12", "--no-pager", "-q", "-o", "cat"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return []
    lines = [line.strip() for line in done.stdout.splitlines()]
    return [line for line in lines if line.startswith((">>>", "Bad directive", "argument", "Can't", "Unknown", "Invalid"))]


def of_log(path):
    """Lines of the level of warnings: "pid:role date time # text"."""
    try:
        with open(path, "rb") as file:
            file.seek(max(0, os.path.getsize(path) - TAIL))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    starts = [number for number, line in enumerate(lines) if "oO0OoO0OoO0Oo" in line]
    latest = lines[starts[-1]:] if starts else lines
    told = [line.split(" # ", 1)[1] for line in latest if " # " in line]
    return [line for line in told if not line.startswith("WARNING")]
`;
