/**
 * Takes an RDB from a replica, checks it, and uploads it to each bucket of one schedule.
 *
 * Every node runs it at the same time; the primary's own list of its replicas says who acts, so no two nodes need to
 * agree among themselves: the synced replica of the lowest letter, or the primary where no replica is synced.
 *
 * The manifest goes up last, after the size in the bucket was compared: an object without one is not a backup.
 */
export const backupScript = String.raw`#!/bin/bash
# shellcheck disable=SC2153,SC2154 # variables of the environment
# Usage: backup hourly|daily|weekly. Settings and keys come by the environment.
set -euo pipefail
umask 077
unset AWS_CA_BUNDLE
schedule="$1"
etc="$(printenv CACHETIER_ETC || echo /etc/cachetier)"
state="$(printenv STATE_DIRECTORY || echo /var/lib/cachetier-backup)"
started="$(date -u +%s)"

exec 9>"$state/lock"
flock 9
work="$state/work"
rm -rf "$work"
mkdir "$work"
trap 'rm -rf "$work"' EXIT

say() { echo "backup ($schedule): $1" >&2; }

client() {
  local address="$1" port="$2"
  shift 2
  timeout 10 valkey-cli -e --no-auth-warning --tls --cacert "$CA_FILE" --user "$BACKUP_USER" -h "$address" -p "$port" "$@" |
    tr -d '\r'
}

# field NAME: one line of INFO, from standard input.
field() { sed -n "s/^$1://p"; }

# chosen INFO: the letter of the node that acts, from the primary's list of its replicas.
chosen() {
  local line address port status lag node letter
  for node in $NODES; do
    IFS=, read -r letter address port <<<"$node"
    line="$(grep -E "^slave[0-9]+:ip=$address,port=$port," <<<"$1" || true)"
    status="$(grep -oE 'state=[a-z_]+' <<<"$line" || true)"
    lag="$(sed -n 's/.*lag=\([0-9]*\).*/\1/p' <<<"$line")"
    if [ "$status" = state=online ] && [ -n "$lag" ] && [ "$lag" -le 10 ]; then
      echo "$letter"
      return
    fi
  done
}

own="$(client "$ADDRESS" "$VALKEY_PORT" INFO replication)" || { say 'Valkey of this node does not answer'; exit 1; }
role="$(field role <<<"$own")"
if [ "$role" = master ]; then
  taken_from=primary
  acts="$(chosen "$own")"
  [ -n "$acts" ] || { acts="$LETTER"; say 'no replica is synced, so the primary is read'; }
else
  taken_from=replica
  if [ "$(field master_link_status <<<"$own")" != up ] || [ "$(field master_sync_in_progress <<<"$own")" != 0 ]; then
    say 'this replica is not synced; nothing is taken from it'
    exit 0
  fi
  primary="$(client "$(field master_host <<<"$own")" "$(field master_port <<<"$own")" INFO replication)" ||
    { say 'the primary does not answer'; exit 0; }
  acts="$(chosen "$primary")"
fi
if [ "$acts" != "$LETTER" ]; then
  say "node $acts takes it"
  exit 0
fi

# gauge NAME HELP VALUE: one metric of a destination, whose labels are in $labels.
gauge() {
  echo "# HELP cachetier_backup_$1 $2"
  echo "# TYPE cachetier_backup_$1 gauge"
  echo "cachetier_backup_$1$labels $3"
}

# metrics ID OUTCOME: keeps the values of the last good backup where this one failed.
metrics() {
  local labels="{tier=\"$TIER\",destination=\"$1\",schedule=\"$schedule\"}" file good
  file="$METRICS_FOLDER/backup-$(tr : _ <<<"$1").prom"
  good="$state/good-$(tr : _ <<<"$1")"
  if [ "$2" = 1 ]; then
    {
      gauge last_success_timestamp_seconds 'When the last good backup was begun.' "$started"
      gauge size_bytes 'Size of the last good backup.' "$bytes"
      gauge keys 'Keys in the last good backup.' "$keys"
      gauge duration_seconds 'Time that the last good backup took.' "$(($(date -u +%s) - started))"
    } >"$good"
  fi
  {
    gauge last_attempt_timestamp_seconds 'When a backup was last begun.' "$started"
    gauge last_attempt_succeeded 'Whether the last attempt gave a good backup.' "$2"
    if [ -e "$good" ]; then cat "$good"; fi
  } >"$file.new"
  chmod 0644 "$file.new"
  mv "$file.new" "$file"
}

# take: the RDB of this node, checked. Sets bytes, keys and sum.
take() {
  local rdb="$work/dump.rdb" report
  valkey-cli --no-auth-warning --tls --cacert "$CA_FILE" --user "$BACKUP_USER" -h "$ADDRESS" -p "$VALKEY_PORT" \
    --rdb "$rdb" >"$work/log" 2>&1 || { say "the RDB could not be read: $(tail -n 1 "$work/log")"; return 1; }
  case "$(head -c 6 "$rdb" | tr -d '\0')" in
    REDIS* | VALKEY*) ;;
    *) say 'what was read is not an RDB'; return 1 ;;
  esac
  report="$(valkey-check-rdb "$rdb" 2>&1)" || { say "the RDB is damaged: $(tail -n 1 <<<"$report")"; return 1; }
  grep -q 'RDB looks OK' <<<"$report" || { say 'the RDB could not be checked'; return 1; }
  bytes="$(stat -c %s "$rdb")"
  keys="$(sed -n 's/.*\] \([0-9]*\) keys read.*/\1/p' <<<"$report")"
  sum="$(sha256sum "$rdb" | cut -d ' ' -f 1)"
  [ "$bytes" -gt 0 ] && [ -n "$keys" ]
}

remote() { rclone --config="" --retries 3 --low-level-retries 3 --contimeout 15s --timeout 60s --stats 0 "$@"; }

# upload REMOTE NAME: the RDB, then a look at its size in the bucket, then the manifest.
upload() {
  local there
  remote copyto "$work/dump.rdb" "$1/$2.rdb" || return 1
  there="$(remote lsf --format s "$1/$2.rdb")" || return 1
  [ "$there" = "$bytes" ] || { say "the bucket holds $there bytes of $bytes"; return 1; }
  remote copyto "$work/manifest.json" "$1/$2.json"
}

# expired DAILY WEEKLY: names, newest first on standard input, that no rule keeps. The newest is always kept, and so is
# the newest of each day and each week that counts, and what an hourly schedule made on the last day.
expired() {
  local name stamp day week days='' weeks='' last=''
  while read -r name; do
    stamp="$(grep -oE '[0-9]{8}T[0-9]{6}Z' <<<"$name" | tail -n 1 | sed -E 's/T(..)(..)(..)Z/ \1:\2:\3/')"
    day="$(date -u -d "$stamp UTC" +%Y-%m-%d)"
    week="$(date -u -d "$stamp UTC" +%G-%V)"
    local keep=no
    if [ -z "$last" ]; then keep=yes last=$(date -u -d "$stamp UTC" +%s); fi
    if [ "$schedule" = hourly ] && [ $((last - $(date -u -d "$stamp UTC" +%s))) -lt 86400 ]; then keep=yes; fi
    if ! grep -qw "$day" <<<"$days" && [ "$(wc -w <<<"$days")" -lt "$1" ]; then keep=yes days="$days $day"; fi
    if ! grep -qw "$week" <<<"$weeks" && [ "$(wc -w <<<"$weeks")" -lt "$2" ]; then keep=yes weeks="$weeks $week"; fi
    if [ "$keep" = no ]; then echo "$name"; fi
  done
}

# prune REMOTE DAILY WEEKLY: the manifest goes first, so that what is left of an interrupted deletion is no backup.
prune() {
  local name
  remote lsf --files-only --include "$TIER-*.json" "$1" | sed 's/\.json$//' | sort -r | expired "$2" "$3" >"$work/expired" || return 1
  while read -r name; do
    remote deletefile "$1/$name.json" && remote deletefile "$1/$name.rdb" || return 1
  done <"$work/expired"
}

failed=0
taken=yes
take || taken=no
if [ "$taken" = yes ]; then
  name="$TIER-$(date -u -d "@$started" +%Y%m%dT%H%M%SZ)-$LETTER"
  printf '{"format":"cachetier.backup/1","tier":"%s","node":"%s","role":"%s","taken":"%s","object":"%s.rdb","bytes":%s,"keys":%s,"sha256":"%s"}\n' \
    "$TIER" "$LETTER" "$taken_from" "$(date -u -d "@$started" +%Y-%m-%dT%H:%M:%SZ)" "$name" "$bytes" "$keys" "$sum" >"$work/manifest.json"
fi
while read -r -u 8 number id when place daily weekly; do
  [ "$when" = "$schedule" ] || continue
  if [ "$taken" = yes ] && upload "backup$number:$place" "$name"; then
    say "$id has $name ($bytes bytes, $keys keys)"
    metrics "$id" 1
    prune "backup$number:$place" "$daily" "$weekly" || say "$id: old backups could not be removed; the bucket's key or lock may forbid it"
  else
    say "$id has no new backup"
    metrics "$id" 0
    failed=1
  fi
done 8<"$etc/backup-destinations"
exit "$failed"
`;
