import { hasDataTiering, nodeType, nodeTypesFor } from '../catalogue/node-types';
import { locations, locationZone } from '../catalogue/locations';
import { serverType, serverTypes, serverTypesIn } from '../catalogue/server-types';
import { didYouMean } from '../nearest';
import type { Rule } from '../resolved';
import { bytes, formatBytes } from '../units';
import { contains, isNetwork, network } from '../addresses';
import { hetznerNetwork, hetznerSubnet } from '../planner/hetzner';
import { error } from './issues';

/** A node type that the service does not have, or that we cannot size. */
export const nodeTypeIsKnown: Rule = ({ chosen, targetPath }) => {
  if (chosen.kind !== 'elasticache' && chosen.kind !== 'memorydb') return [];
  const asked = chosen.fields.nodeType;
  if (asked === undefined || asked === 'auto' || nodeType(asked)?.target === chosen.kind) return [];
  const known = nodeTypesFor(chosen.kind).map((type) => type.name);
  const problem = hasDataTiering(asked)
    ? 'has data tiering, which a tier does not use; choose a type of family r7g'
    : `is not a known node type of ${chosen.kind}${didYouMean(asked, known)}`;
  return error('NodeTypeIsKnown', `${targetPath}.nodeType`, `"${asked}" ${problem}`);
};

/** A server type that is unknown, no longer sold, or not sold there. */
export const serverTypeIsSold: Rule = ({ chosen, targetPath }) => {
  if (chosen.kind !== 'hetzner') return [];
  const asked = chosen.fields.serverType;
  const location = chosen.fields.location ?? 'fsn1';
  if (asked === undefined || asked === 'auto' || locationZone(location) === undefined) return [];
  const path = `${targetPath}.serverType`;
  const type = serverType(asked);
  const sold = serverTypesIn(location).map((one) => one.name);
  if (!type) {
    return error(
      'ServerTypeIsSold',
      path,
      `"${asked}" is not a known server type${didYouMean(
        asked,
        serverTypes.map((one) => one.name),
      )}`,
    );
  }
  if (type.locations.includes(location)) return [];
  const problem = type.retired === null ? 'is not sold' : `was sold until ${type.retired} and no longer is`;
  return error('ServerTypeIsSold', path, `"${asked}" ${problem} in ${location}, which sells ${sold.join(', ')}`);
};

/** A server type for Prometheus that is not sold there. */
export const monitoringTypeIsSold: Rule = ({ chosen, config }) => {
  const asked = config.monitoring?.server?.serverType;
  if (chosen.kind !== 'hetzner' || asked === undefined || asked === 'auto') return [];
  const location = chosen.fields.location ?? 'fsn1';
  const sold = serverTypesIn(location).map((one) => one.name);
  if (locationZone(location) === undefined || sold.includes(asked)) return [];
  return error(
    'MonitoringTypeIsSold',
    'monitoring.server.serverType',
    `"${asked}" is not sold in ${location}, which sells ${sold.join(', ')}${didYouMean(asked, sold)}`,
  );
};

/** Mail that nobody takes would be lost in silence, on the night when it counts. */
export const mailHasRelay: Rule = ({ chosen, config }) => {
  const { server, notify } = config.monitoring ?? {};
  if (chosen.kind !== 'hetzner' || server === undefined || notify === undefined || server.smtp) return [];
  return error(
    'MailHasRelay',
    'monitoring.server',
    'a server of our own sends no mail by itself; name what takes it in monitoring.server.smtp, or leave out monitoring.notify',
  );
};

/** A location that Hetzner does not have. */
export const locationIsKnown: Rule = ({ chosen, targetPath }) => {
  if (chosen.kind !== 'hetzner') return [];
  const asked = chosen.fields.location;
  if (asked === undefined || locationZone(asked) !== undefined) return [];
  return error('LocationIsKnown', `${targetPath}.location`, `"${asked}" is not one of ${locations.join(', ')}`);
};

/** The dataset on a node that was named: more than its memory leaves to data is evicted or refused in week one. */
export const datasetFitsNode: Rule = ({ chosen, size, datasetBytes, shards, targetPath }) => {
  const onOne = datasetBytes / shards;
  if (chosen.kind === 'elasticache-serverless' || chosen.kind === 'local') return [];
  const field = chosen.kind === 'hetzner' ? 'serverType' : 'nodeType';
  if (size) {
    if (onOne <= size.maxmemoryBytes) return [];
    return error(
      'DatasetFitsNode',
      chosen.fields && Object.hasOwn(chosen.fields, field) ? `${targetPath}.${field}` : 'dataset',
      `${size.type} leaves ${formatBytes(size.maxmemoryBytes)} to data, got ${formatBytes(onOne)}; choose a larger one, or "auto"`,
    );
  }
  const named = (chosen.fields as Readonly<Record<string, unknown>>)[field];
  if (named !== undefined && named !== 'auto') return [];
  return error(
    'DatasetFitsNode',
    'dataset',
    `no known ${field === 'nodeType' ? 'node' : 'server'} type of ${chosen.kind} holds ${formatBytes(onOne)} on one shard`,
  );
};

/** Limits of Serverless. Source: AmazonElastiCache/latest/dg, usage limits; L1 documentation of CacheUsageLimits. */
export const serverlessLimits: Rule = ({ chosen, datasetBytes, targetPath }) => {
  if (chosen.kind !== 'elasticache-serverless') return [];
  const { maxDataStorage, maxEcpuPerSecond } = chosen.fields;
  const storage = maxDataStorage === undefined ? 2 * datasetBytes : bytes(maxDataStorage);
  const most = 5000 * 2 ** 30;
  const path = maxDataStorage === undefined ? 'dataset' : `${targetPath}.maxDataStorage`;
  return [
    ...(storage > most
      ? error('ServerlessLimits', path, `Serverless stores at most 5000 GiB, got ${formatBytes(storage)}`)
      : []),
    ...(storage < datasetBytes
      ? error(
          'ServerlessLimits',
          path,
          `the dataset of ${formatBytes(datasetBytes)} does not fit into ${formatBytes(storage)}`,
        )
      : []),
    ...(maxEcpuPerSecond !== undefined && (maxEcpuPerSecond < 1000 || maxEcpuPerSecond > 15_000_000)
      ? error(
          'ServerlessLimits',
          `${targetPath}.maxEcpuPerSecond`,
          `Serverless takes 1000 to 15000000, got ${maxEcpuPerSecond}`,
        )
      : []),
  ];
};

/** Addresses of the nodes come from the subnet, and the gateway takes the first one of the network. */
export const subnetHoldsNodes: Rule = ({ chosen, targetPath }) => {
  if (chosen.kind !== 'hetzner') return [];
  const [range, subnet] = [hetznerNetwork(chosen.fields), hetznerSubnet(chosen.fields)];
  const rangePath = `${targetPath}.networkRange`;
  const subnetPath = chosen.fields.subnetRange === undefined ? rangePath : `${targetPath}.subnetRange`;
  const shape = [
    ...(isNetwork(range)
      ? []
      : error('SubnetHoldsNodes', rangePath, `"${range}" has host bits set; name the network itself`)),
    ...(isNetwork(subnet)
      ? []
      : error('SubnetHoldsNodes', subnetPath, `"${subnet}" has host bits set; name the subnet itself`)),
    ...(isPrivate(range)
      ? []
      : error('SubnetHoldsNodes', rangePath, `"${range}" is not in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16`)),
  ];
  if (shape.length > 0) return shape;
  if (!contains(range, subnet))
    return error('SubnetHoldsNodes', subnetPath, `"${subnet}" is not inside the network ${range}`);
  if (network(subnet).size < 32)
    return error('SubnetHoldsNodes', subnetPath, `"${subnet}" has fewer than 32 addresses; use a /27 or larger`);
  return [];
};

function isPrivate(range: string): boolean {
  return ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].some((block) => contains(block, range));
}
