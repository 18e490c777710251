/** What `cachetier-apply` runs on the monitoring server once its files are written. Safe to run again at any time. */
export const monitoringSettleScript = String.raw`#!/bin/bash
# Makes the monitoring server be what its files say.
set -euo pipefail
umask 077
# shellcheck source=/dev/null
. /etc/cachetier/monitoring.env
state=/var/lib/cachetier

# Nothing that Prometheus or Alertmanager would not take is put to work.
promtool check config /etc/prometheus/prometheus.yml >/dev/null
amtool check-config /etc/prometheus/alertmanager.yml >/dev/null

# Rules of a tier that had another name, a password that is no longer needed.
if [ -e "$state/manifest.previous" ]; then
  comm -23 <(sort "$state/manifest.previous") <(sort "$state/manifest") | while read -r path; do rm -f "$path"; done
  rm -f "$state/manifest.previous"
fi

systemctl daemon-reload
nft -f /etc/cachetier/firewall.nft
timeout 300 systemctl start cachetier-address.service ||
  { echo "the private address $ADDRESS did not arrive within 300 s" >&2; exit 3; }
systemctl unmask -q prometheus.service prometheus-alertmanager.service
systemctl enable -q cachetier-address.service prometheus.service prometheus-alertmanager.service
systemctl restart prometheus-alertmanager.service prometheus.service
for _ in $(seq 60); do
  if promtool check ready --url="http://$ADDRESS:9090" >/dev/null 2>&1; then
    sync
    exit 0
  fi
  sleep 1
done
echo 'Prometheus does not become ready; see journalctl -u prometheus' >&2
exit 3
`;
