/**
 * What `cachetier-apply` runs once the files of the node are written: the first time it starts what may start, later
 * it makes what runs take the new files. It waits for nothing that another node must do first.
 */
export const settleScript = String.raw`#!/bin/bash
# shellcheck disable=SC2153,SC2154 # variables of node.env and lib.sh
# Makes the machine be what its files say. Safe to run again at any time.
set -euo pipefail
umask 077
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"

# A file that the deploy step no longer sends belongs to something that was turned off.
if [ -e "$state/manifest.previous" ]; then
  comm -23 <(sort "$state/manifest.previous") <(sort "$state/manifest") | while read -r path; do
    case "$path" in
      *@.service) ;;
      /etc/systemd/system/*.service | /etc/systemd/system/*.timer) systemctl disable --now "$(basename "$path")" || true ;;
    esac
    rm -f "$path"
  done
  rm -f "$state/manifest.previous"
fi

# What a bucket once measured must not be published, and alarmed on, after the last bucket is gone.
[ -e "$etc/backup.json" ] || rm -f "$METRICS_FOLDER"/{backup,drill,continuous}.prom
[ -e /etc/systemd/system/cachetier-ship.service ] || rm -f "$METRICS_FOLDER/continuous.prom"

# What user data of an earlier version did not bring.
for program in age rclone; do
  command -v "$program" >/dev/null || apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$program" >&2 ||
    echo "warning: $program could not be installed; backups fail until it is" >&2
done

systemd-sysusers /etc/sysusers.d/cachetier.conf
systemd-tmpfiles --create /etc/tmpfiles.d/cachetier.conf
sysctl -q -p /etc/sysctl.d/60-cachetier.conf || echo 'warning: not every kernel setting could be made' >&2
systemctl daemon-reload
nft -f /etc/cachetier/firewall.nft

timeout 300 systemctl start cachetier-address.service ||
  { echo "the private address $ADDRESS did not arrive within 300 s" >&2; exit 3; }
systemctl enable -q cachetier-address.service

exporters='prometheus-node-exporter.service cachetier-valkey-exporter.service'
# A tier of one node has no Sentinel: that of the package stays masked.
with_sentinel() { [ -e "$etc/sentinel-settings" ]; }
systemctl unmask -q prometheus-node-exporter.service valkey-server.service
if with_sentinel; then
  exporters="$exporters cachetier-sentinel-exporter.service"
  systemctl unmask -q valkey-sentinel.service
  systemctl enable -q valkey-sentinel.service
fi
# shellcheck disable=SC2086 # a list
systemctl enable -q $exporters
for unit in cachetier-backup.timer cachetier-drill.timer cachetier-ship.service; do
  [ -e "/etc/systemd/system/$unit" ] || continue
  systemctl enable -q "$unit"
  systemctl restart "$unit"
done

if with_sentinel && ! systemctl is-active -q valkey-sentinel.service; then systemctl start valkey-sentinel.service; fi
# Valkey starts held, so it may start at any time; the keeper gives it its role. What a running keeper has read may have changed.
systemctl enable -q cachetier-keeper.service valkey-server.service cachetier-drain.service
systemctl restart cachetier-keeper.service
systemctl start valkey-server.service cachetier-drain.service
"$(dirname "$0")/live"
# After their user has its password.
# shellcheck disable=SC2086 # a list
systemctl restart $exporters

# Room to give back when the disk is full, where there is plenty of it now.
if [ ! -e "$state/ballast" ] && [ "$(df --output=avail -B1 "$state" | tail -n 1)" -gt 10737418240 ]; then
  fallocate -l 1G "$state/ballast" || rm -f "$state/ballast"
fi
# A power cut within half a minute would otherwise leave empty files: ours, and the keys of sshd.
sync
`;
