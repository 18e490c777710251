/**
 * What a running node could not take when its files changed: settings that need a restart of Valkey, and new passwords,
 * which are used once every node admits them. Taken on one node at a time, in a tier that can do without it.
 */
export const changePy = String.raw`"""Changes that wait on this node, and taking them."""
import os
import re
import shutil
import subprocess
import time

from handover import NotNow, hand_over
from rules import agreed, is_held
from settings import ETC, STATE, assignments
from survey import Survey
from wire import Connection, Gone, Refused
from words import last_words

WANTED = os.path.join(STATE, "restart-wanted")
APPLIED = os.path.join(STATE, "credentials.applied")
ADOPTED = "REPLICATION_PASSWORD SENTINEL_PASSWORD SENTINEL_ADMIN_PASSWORD OPERATOR_PASSWORD".split()
START_WITHIN = 20


def health(view, settings):
    """Why the tier could not do without one node now; None where it could."""
    for server, why in sorted(view["silent"].items()):
        return "%s does not answer: %s" % (server, why)
    primaries = [letter for letter, peer in sorted(view["valkeys"].items()) if peer["role"] == "primary"]
    if len(primaries) != 1:
        return "there are %d primaries: %s" % (len(primaries), ", ".join(primaries)) if primaries else "there is no primary"
    for letter, peer in sorted(view["valkeys"].items()):
        if peer["loading"]:
            return "node %s is still reading its data" % letter
        if letter != primaries[0] and (peer["follows"] != primaries[0] or not peer["link"] or peer["syncing"] or is_held(peer)):
            return "node %s is no synced replica of node %s" % (letter, primaries[0])
    if view["sentinels"]:
        named, votes = agreed(dict(view, majority=settings.majority, letter=settings.letter))
        if named != primaries[0] or votes != len(settings.nodes):
            return "the Sentinels do not all name node %s" % primaries[0]
        for letter, seen in sorted(view["sentinels"].items()):
            if seen["others"] != len(settings.nodes) - 1 or seen["tilt"] or seen["down"]:
                return "the Sentinel of node %s does not see the whole tier" % letter
    return None


def wanted_settings():
    try:
        with open(WANTED, encoding="utf-8") as file:
            pairs = (line.rstrip("\n").partition(" ") for line in file if line.strip())
            return {name: value for name, _, value in pairs}
    except FileNotFoundError:
        return {}


def pending(settings):
    """What waits on this node. Names and values of settings only; a password is never shown."""
    changes = []
    running = connect(settings)
    try:
        for name, wanted in sorted(wanted_settings().items()):
            answer = running.ask("CONFIG", "GET", name)
            now = answer[1] if answer else ""
            if now != wanted:
                changes.append({"what": "setting", "name": name, "running": now, "wanted": wanted})
    except (Gone, Refused) as problem:
        for name, wanted in sorted(wanted_settings().items()):
            changes.append({"what": "setting", "name": name, "running": "unknown: %s" % problem, "wanted": wanted})
    finally:
        running.close()
    if passwords_wait():
        changes.append({"what": "passwords"})
    return changes


def passwords_wait():
    if not os.path.exists(APPLIED):
        return False
    now, before = (values(path) for path in (os.path.join(ETC, "credentials"), APPLIED))
    return any(now.get(name) != before.get(name) for name in ADOPTED)


def values(path):
    folder, name = os.path.split(path)
    return assignments(os.path.join(folder, name), ())


def take(settings, patience, say):
    """Takes what waits here. Raises NotNow with the reason where nothing or not all was done."""
    survey = Survey(settings)
    changes = pending(settings)
    if not changes:
        say("nothing waits on node %s" % settings.letter)
        return
    problem = health(survey.once(), settings)
    if problem:
        raise NotNow("nothing was changed, as the tier cannot do without a node now: " + problem)
    if any(change["what"] == "passwords" for change in changes):
        adopt(settings)
        say("node %s uses the new passwords" % settings.letter)
    restarts = [change for change in changes if change["what"] == "setting"]
    if restarts:
        restart(settings, survey, restarts, patience, say)
    whole(settings, survey, patience, say)


def adopt(settings):
    """Uses the new passwords towards the others, all of whom admit them by now, and still the old ones."""
    known = values(os.path.join(ETC, "credentials"))
    own = connect(settings)
    try:
        own.ask("CONFIG", "SET", "masterauth", known["REPLICATION_PASSWORD"])
        own.ask("CONFIG", "REWRITE")
        if len(settings.nodes) > 1:
            sentinel = Connection(settings.own.address, settings.own.sentinel_port, settings.sentinel_login, timeout=5)
            try:
                sentinel.ask("SENTINEL", "SET", settings.tier, "auth-pass", known["SENTINEL_PASSWORD"])
                sentinel.ask("SENTINEL", "CONFIG", "SET", "sentinel-pass", known["SENTINEL_ADMIN_PASSWORD"])
            finally:
                sentinel.close()
    except (Gone, Refused) as problem:
        raise NotNow("the new passwords could not be taken: %s" % problem) from None
    finally:
        own.close()
    shutil.copy(os.path.join(ETC, "credentials"), APPLIED + ".new")
    os.chmod(APPLIED + ".new", 0o600)
    os.replace(APPLIED + ".new", APPLIED)


def restart(settings, survey, changes, patience, say):
    if len(settings.nodes) > 1:
        target, held = hand_over(settings, survey, None, 30)
        if target:
            say("node %s leads; writes waited %.2f s" % (target, held))
            whole(settings, survey, patience, say)
    path = conf_path()
    kept = path + ".before-change"
    systemctl("stop", "valkey-server.service")
    shutil.copy2(path, kept)
    rewrite(path, {change["name"]: change["wanted"] for change in changes})
    systemctl("start", "valkey-server.service", "cachetier-drain.service", check=False)
    words = ", ".join("%s %s" % (change["name"], change["wanted"]) for change in changes)
    say("node %s starts with %s" % (settings.letter, words))
    if not answers(settings, START_WITHIN):
        why = last_words(settings) or "no reason was given"
        systemctl("stop", "valkey-server.service", check=False)
        owned_copy(kept, path)
        systemctl("start", "valkey-server.service", "cachetier-drain.service", check=False)
        raise NotNow("Valkey does not start with %s: %s; node %s runs with the settings from before" % (words, why, settings.letter))
    os.remove(kept)


def whole(settings, survey, patience, say):
    """Waits until this node is a synced replica or the primary again, and all others in place."""
    end = time.monotonic() + patience
    told = None
    while True:
        problem = health(survey.once(), settings)
        if problem is None:
            return
        if time.monotonic() > end:
            raise NotNow("waited %d s, and the tier is not whole: %s" % (patience, problem))
        if problem != told:
            told = problem
            say("waiting: " + problem)
        time.sleep(0.5)


def connect(settings):
    return Connection(settings.own.address, settings.own.valkey_port, settings.valkey_login, timeout=5)


def answers(settings, within):
    """A server that reads its data answers too, with LOADING."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        own = connect(settings)
        try:
            own.ask("PING")
            return True
        except Refused:
            return True
        except Gone:
            time.sleep(0.25)
        finally:
            own.close()
    return False


def conf_path():
    return os.path.join(assignments("node.env", ["CONFIG_FOLDER"])["CONFIG_FOLDER"], "valkey.conf")


def rewrite(path, directives):
    """Valkey owns this file while it runs, so it is changed while it does not."""
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file if line.split(" ", 1)[0].strip().lower() not in directives]
    text = "".join(lines)
    if not text.endswith("\n"):
        text += "\n"
    text += "".join("%s %s\n" % (name, quote(value)) for name, value in directives.items())
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    owned_copy(path + ".new", path, like=path)


def owned_copy(source, path, like=None):
    """Puts one file in the place of another, with the owner and mode of the file that was there."""
    was = os.stat(like or path)
    os.chown(source, was.st_uid, was.st_gid)
    os.chmod(source, was.st_mode & 0o777)
    os.replace(source, path)


def quote(value):
    return value if re.fullmatch(r'[^\s"]+', value) else '"%s"' % value.replace("\\", "\\\\").replace('"', '\\"')


def systemctl(verb, *units, check=True):
    done = subprocess.run(["systemctl", verb, *units], capture_output=True, text=True, check=False, timeout=120)
    if check and done.returncode != 0:
        raise NotNow("systemctl %s %s: %s" % (verb, " ".join(units), done.stderr.strip()))
`;
