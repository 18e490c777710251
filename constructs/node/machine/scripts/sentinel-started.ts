import { sentinelTuning } from '../../sentinel-conf';

/**
 * What follows each start of Sentinel: `sentinelTuning`, and a note of the certificate it has read, which it does not
 * read again.
 */
export const sentinelStartedScript = String.raw`#!/bin/bash
# shellcheck disable=SC2154 # variables of node.env and lib.sh
# Runs after each start of Sentinel.
set -euo pipefail
# shellcheck source=/dev/null
. "$(dirname "$0")/lib.sh"
certificate_sum >"$state/certificate.applied"
for _ in $(seq 20); do
  if sentinel PING >/dev/null 2>&1; then break; fi
  sleep 0.25
done
${sentinelTuning.map((command) => `sentinel ${command.join(' ')} >/dev/null`).join('\n')}
`;
