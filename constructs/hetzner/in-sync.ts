import { nodeCommand } from '../node';

/**
 * Ends the step of a node once its Valkey serves again: as the primary, or as a replica that has caught up.
 *
 * The next node is touched only then, so a tier whose servers change one after another always has a synced replica.
 * Before the tier is bootstrapped no node serves, and there is nothing to wait for.
 */
export const inSyncCommand = `${nodeCommand} settled`;
