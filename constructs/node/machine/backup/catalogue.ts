/**
 * What lies in a bucket: immutable objects, one for each backup, whose description comes last. An object without one is
 * no backup. Which of them is due, and which may go, follows from their names alone.
 */
export const cataloguePy = String.raw`"""Names of backups: when one is due, and which may go."""
import datetime
import re

STAMP = "%Y%m%dT%H%M%SZ"
NAME = re.compile(r"^(?P<tier>.+)-(?P<stamp>\d{8}T\d{6}Z)-(?P<letter>[a-z])$")
DAY = 86400
# An upload that was cut off leaves an object without a description; one under way is not to be taken for one.
ABANDONED = 2 * DAY


def name_of(tier, moment, letter):
    return "%s-%s-%s" % (tier, _utc(moment).strftime(STAMP), letter)


def moment_of(name):
    """Seconds since the epoch at which a backup was begun; None where it is no name of one."""
    match = NAME.match(name)
    if not match:
        return None
    return datetime.datetime.strptime(match["stamp"], STAMP).replace(tzinfo=datetime.timezone.utc).timestamp()


def backups(names, tier):
    """Names of the whole backups among objects, newest first."""
    found = [name[: -len(".json")] for name in names if name.endswith(".json")]
    return sorted((name for name in found if _is_of(name, tier)), key=moment_of, reverse=True)


def leftovers(names, tier, now):
    """Objects of uploads that never ended."""
    whole = set(backups(names, tier))
    old = []
    for name in names:
        stem = name[: -len(".rdb.age")] if name.endswith(".rdb.age") else None
        if stem and stem not in whole and _is_of(stem, tier) and now - moment_of(stem) > ABANDONED:
            old.append(name)
    return old


def due_since(schedule, window, now):
    """The last moment at which the schedule wanted a backup."""
    hour, minute = (int(part) for part in window.split("-")[0].split(":"))
    at = _utc(now).replace(minute=minute, second=0, microsecond=0)
    if schedule == "hourly":
        step = datetime.timedelta(hours=1)
    else:
        at = at.replace(hour=hour)
        step = datetime.timedelta(days=1)
    while at.timestamp() > now or (schedule == "weekly" and at.isoweekday() != 7):
        at -= step
    return at.timestamp()


def expired(names, daily, weekly, hourly):
    """
    Names, newest first, that no rule keeps. The newest is always kept, and so is the newest of each day and each week
    that counts, and what an hourly schedule made on the last day.
    """
    days, weeks, gone = set(), set(), []
    for name in names:
        moment = moment_of(name)
        day, week = _utc(moment).strftime("%Y-%m-%d"), _utc(moment).strftime("%G-%V")
        keep = name == names[0] or (hourly and moment_of(names[0]) - moment < DAY)
        for kind, seen, count in ((day, days, daily), (week, weeks, weekly)):
            if kind not in seen and len(seen) < count:
                seen.add(kind)
                keep = True
        if not keep:
            gone.append(name)
    return gone


def _is_of(name, tier):
    match = NAME.match(name)
    return bool(match) and match["tier"] == tier


def _utc(moment):
    return datetime.datetime.fromtimestamp(moment, datetime.timezone.utc)
`;
