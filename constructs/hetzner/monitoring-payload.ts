import { renderAlertmanager, renderPrometheus } from '../monitoring';
import { renderApplyPayload, renderMonitoringServerFiles, smtpPasswordFile } from '../node';
import type { HetznerTierPlan } from './plan';

/**
 * What the deploy step sends to the monitoring server: the files that `cachetier monitoring` writes for any Prometheus,
 * and what its machine needs around them.
 *
 * @param smtpPassword - password for the mail relay, or null where it takes none
 */
export function monitoringPayload(plan: HetznerTierPlan, smtpPassword: string | null): string {
  const server = plan.target.monitoringServer;
  if (server === null) throw new Error('the plan has no monitoring server');
  const files = renderMonitoringServerFiles(plan, server, {
    prometheus: renderPrometheus(plan),
    alertmanager: renderAlertmanager(plan, smtpPasswordFile),
    smtpPassword,
  });
  return renderApplyPayload(files);
}
