import { stringify } from 'yaml';
import type { ScrapedPlan } from './scrape';

/**
 * Settings of an Alertmanager for a tier, or what to add to those of an existing one: who hears of what, how soon and how
 * often, and which alert makes another superfluous.
 *
 * Mail goes by the relay of the config, else by that of the machine itself; without `monitoring.notify` both receivers are
 * there to be filled.
 *
 * @param passwordFile - file with the password for the relay, on the machine of Alertmanager
 */
export function renderAlertmanager(plan: ScrapedPlan, passwordFile = SMTP_PASSWORD_FILE): string {
  const tier = plan.target.primaryName;
  const email = plan.monitoring.notifyEmail;
  const receiver = (name: string): object => ({
    name: `${tier}-${name}`,
    ...(email === null ? {} : { email_configs: [{ to: email, send_resolved: true }] }),
  });
  const of = [`tier="${tier}"`];
  return stringify({
    global: mailOf(plan, passwordFile),
    route: {
      receiver: `${tier}-ticket`,
      group_by: ['tier', 'alertname'],
      group_wait: '1m',
      group_interval: '10m',
      repeat_interval: '24h',
      routes: [
        {
          matchers: [...of, 'severity="page"'],
          receiver: `${tier}-page`,
          group_wait: '10s',
          group_interval: '1m',
          repeat_interval: '1h',
        },
      ],
    },
    inhibit_rules: [
      // The ticket of an alert that somebody was woken for says nothing new.
      {
        source_matchers: [...of, 'severity="page"'],
        target_matchers: [...of, 'severity="ticket"'],
        equal: ['tier', 'alertname'],
      },
      // A node that is gone takes its Sentinel, its keeper and its exporters with it.
      {
        source_matchers: [...of, 'alertname="CachetierNodeDown"'],
        target_matchers: [...of, 'alertname=~"Cachetier(SentinelDown|MachineSilent|KeeperSilent|ReplicasMissing)"'],
        equal: ['tier'],
      },
    ],
    receivers: [receiver('page'), receiver('ticket')],
  });
}

/** Where Alertmanager finds the password for the relay. */
const SMTP_PASSWORD_FILE = '/etc/prometheus/smtp-password';

function mailOf({ target }: ScrapedPlan, passwordFile: string): object {
  const smtp = target.kind === 'hetzner' ? (target.monitoringServer?.smtp ?? null) : null;
  if (smtp === null) {
    return {
      smtp_smarthost: 'localhost:25',
      smtp_from: `cachetier@${target.primaryName}.invalid`,
      smtp_require_tls: false,
    };
  }
  const login = smtp.login === null ? {} : { smtp_auth_username: smtp.login, smtp_auth_password_file: passwordFile };
  return { smtp_smarthost: smtp.relay, smtp_from: smtp.from, ...login };
}
