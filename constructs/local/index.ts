/**
 * A tier as processes on this machine: the same files as the machines we rent have, on loopback.
 *
 * @packageDocumentation
 */
export { findValkey, installHelp, type FindOptions, type Runtime } from './binaries';
export { connectUser } from './client';
export { down, type DownOptions, type DownResult } from './down';
export { MachineError } from './errors';
export { failover, type Handover } from './failover';
export { stateFolder } from './folders';
export { layoutOf, type Layout } from './layout';
export { type LocalOutputs, outputsOf, type UserOutput } from './outputs';
export { type NodeStatus, status, type TierStatus } from './status';
export { type LocalTier, readTier, tierExists } from './tier';
export { up, type UpOptions, type UpResult } from './up';
export { verify, type Verified } from './verify';
