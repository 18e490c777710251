/**
 * `cachetier-apply`: takes the files of the node on standard input, writes them, and hands over to `settle`.
 *
 * It is the only part of the deploy step that rides in user data, so it knows nothing of what the files mean: everything
 * that may change comes with them. Nothing is written before all of the input has arrived and decoded.
 *
 * @param program - what the packages of user data bring; without it the machine is not ready
 */
export const applyScript = (program: string): string => String.raw`#!/bin/bash
# Writes the files of this node from standard input: "path mode owner group once|always base64" a line.
# CACHETIER_ROOT=DIR writes below DIR and starts nothing.
set -euo pipefail
umask 077

root="$(printenv CACHETIER_ROOT || true)"
state="$root/var/lib/cachetier"
mkdir -p "$root/run" "$state"
touch "$state/seeded"

fail() {
  echo "cachetier-apply: $1" >&2
  exit 1
}

exec 9>"$root/run/cachetier-apply.lock"
flock -w 600 9 || fail 'another run holds the lock'
work="$(mktemp -d "$root/run/cachetier-apply.XXXXXX")"
trap 'rm -rf "$work"' EXIT

receive() {
  local header path mode owner group when data count=0
  read -r header || fail 'no input'
  [ "$header" = cachetier-apply/1 ] || fail 'unknown input: this node and the deploy step are of different versions'
  while read -r path mode owner group when data; do
    if [ "$path" = end ]; then
      [ "$mode" = "$count" ] || fail "input is incomplete: got $count files, needed $mode"
      return
    fi
    case "$path" in /*) ;; *) fail "not an absolute path: $path" ;; esac
    count=$((count + 1))
    base64 -d <<<"$data" >"$work/$count" || fail "content of $path does not decode"
    echo "$count $path $mode $owner $group $when" >>"$work/list"
  done
  fail "input is incomplete: it ends after $count files"
}

# Owner and mode come before the content, so that no one else ever reads it.
place() {
  local content="$1" target="$root$2" mode="$3" owner="$4" group="$5"
  (umask 022 && mkdir -p "$(dirname "$target")")
  rm -f "$target.cachetier-new"
  : >"$target.cachetier-new"
  chown "$owner:$group" "$target.cachetier-new" || fail "cannot give $2 to $owner:$group; are the packages installed?"
  chmod "$mode" "$target.cachetier-new"
  cat "$content" >"$target.cachetier-new"
  mv -f "$target.cachetier-new" "$target"
}

if [ -z "$root" ]; then
  if command -v cloud-init >/dev/null; then timeout 900 cloud-init status --wait >/dev/null || true; fi
  command -v ${program} >/dev/null || fail '${program} is not installed; see /var/log/cloud-init-output.log'
fi

receive
if [ -e "$state/manifest" ]; then cp "$state/manifest" "$state/manifest.previous"; fi
while read -r number path mode owner group when; do
  if [ "$when" = once ]; then
    if grep -Fxq "$path" "$state/seeded"; then continue; fi
    place "$work/$number" "$path" "$mode" "$owner" "$group"
    echo "$path" >>"$state/seeded"
  else
    place "$work/$number" "$path" "$mode" "$owner" "$group"
    echo "$path"
  fi
done <"$work/list" >"$work/manifest"
mv "$work/manifest" "$state/manifest"

if [ -z "$root" ]; then /usr/local/lib/cachetier/settle; fi
`;
