/**
 * The logical tier: config, rules and plan, without any cloud SDK.
 *
 * @packageDocumentation
 */
export { capabilities, targetKinds } from './capabilities';
export { check, plan, type CheckResult } from './check';
export { clientSettings, type ClientOptions, type ClientSettings } from './client-settings';
export * from './config';
export type { CacheEndpoint, HostPort, Tls } from './endpoint';
export { ConfigError, formatIssue, type Issue } from './issue';
export type * from './plan';
export type { PlanOptions } from './resolve';
