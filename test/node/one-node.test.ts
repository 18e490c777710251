import {
  hetznerPlacement,
  type NodeFile,
  type NodeSecrets,
  renderConfigFiles,
  renderMachineFiles,
} from '../../constructs/node';
import { renderScrapeConfig } from '../../constructs/monitoring/scrape';
import { nodesPlan, richest } from './plans';
import { makeSecrets } from './secrets';

const alone = nodesPlan({
  ...richest,
  availability: { replicas: 0 },
  accept: [{ gap: 'failover', because: 'it may be down' }],
});
const placement = hetznerPlacement(alone);
let secrets: NodeSecrets;
let files: readonly NodeFile[];
const content = (end: string): string => files.find(({ path }) => path.endsWith(end))?.content ?? '';

beforeAll(async () => {
  secrets = await makeSecrets(alone);
  files = renderMachineFiles(alone, 'a', placement, secrets);
});

describe('the files of one node alone', () => {
  test('hold nothing of Sentinel: no config, no user, no unit, no exporter', () => {
    expect(files.map(({ path }) => path).filter((path) => /sentinel/i.test(path))).toEqual([]);
    expect(renderConfigFiles(alone, 'a', placement, secrets).map(({ path }) => path)).not.toContain(
      '/etc/valkey/sentinel.conf',
    );
    expect(content('/users.acl')).not.toMatch(/^user cachetier-sentinel/m);
  });

  test('open only the ports that something listens on', () => {
    expect(content('/firewall.nft')).toContain('ip saddr @clients tcp dport { 6379 } accept');
    expect(content('/firewall.nft')).toContain('tcp dport { 9100, 9121 } accept');
    expect(alone.ports).toEqual([6379]);
  });

  test('let Valkey write without a replica, over TLS, with users of the least rights and the AOF that was asked for', () => {
    const conf = content('/valkey.conf');
    expect(conf).toMatch(/^min-replicas-to-write 0$/m);
    expect(conf).not.toMatch(/^replicaof /m);
    expect(conf).toMatch(/^port 0$/m);
    expect(conf).toMatch(/^appendonly yes$/m);
    expect(content('/users.acl')).toMatch(/^user default off ~\* &\* \+@all$/m);
  });

  test('take the backups that were asked for', () => {
    expect(files.filter(({ path }) => /cachetier-backup\.timer$/.test(path)).map(({ path }) => path)).not.toEqual([]);
  });

  test('give Prometheus two exporters to scrape', () => {
    const scraped = renderScrapeConfig(alone);
    expect(scraped).toContain(':9121');
    expect(scraped).not.toContain(':9122');
  });
});
