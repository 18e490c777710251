/**
 * Ports of the exporters on every machine we run: opened by the firewall of the node, and scraped by Prometheus.
 *
 * 9100 and 9121 are the ports that the exporters are registered with; a second redis exporter, for Sentinel, takes the
 * next one. Source: github.com/prometheus/prometheus/wiki/Default-port-allocations
 */
export const exporterPorts = { node: 9100, valkey: 9121, sentinel: 9122 } as const;

/** The exporters of each node of a tier: one node alone has no Sentinel to measure. */
export function exportersOf(topology: { readonly sentinelQuorum: number }): Readonly<Record<string, number>> {
  const { sentinel, ...others } = exporterPorts;
  return topology.sentinelQuorum > 0 ? { ...others, sentinel } : others;
}
