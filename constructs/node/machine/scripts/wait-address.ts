/**
 * Waits for the private address of the node.
 *
 * Hetzner attaches the network while the server already boots, and the name of the interface differs between server
 * types, so only the address itself tells. Valkey cannot bind it before it is there.
 */
export const waitAddressScript = String.raw`#!/bin/bash
# Usage: wait-address ADDRESS
set -euo pipefail
address="$1"
waited=0
while [ -z "$(ip -4 -o addr show to "$address/32")" ]; do
  if [ $((waited % 60)) -eq 0 ]; then echo "waiting for the private address $address" >&2; fi
  sleep 0.5
  waited=$((waited + 1))
done
echo "the private address $address is here"
`;
