import type { BackupDestinationPlan } from '../../tier';
import { plainPassword } from '../conf';
import type { NodeFile } from '../files';
import { internalLogins } from '../internal-users';
import { addressOf } from '../lookup';
import type { NodePlacement } from '../placement';
import { lettersOf, type NodesTierPlan } from '../plan';
import type { NodeSecrets } from '../secrets';
import { hardened } from './hardening';
import { variables } from './node-env';
import { backupUser, caFile, metricsFolder, rootFile, rootScript, rootSecret, scriptFolder } from './paths';
import { backupScript } from './scripts/backup';

/**
 * Backup script, its settings, and one timer for each schedule; nothing where no bucket is asked for.
 *
 * Every node has the timers and the script decides who acts, because roles move and names do not.
 *
 * @throws Error when a bucket has no key in the secrets
 */
export function renderBackupFiles(
  plan: NodesTierPlan,
  letter: string,
  placement: NodePlacement,
  secrets: NodeSecrets,
): readonly NodeFile[] {
  const { destinations } = plan.backup;
  if (destinations.length === 0) return [];
  const schedules = [...new Set(destinations.map(({ schedule }) => schedule))];
  return [
    rootScript(`${scriptFolder}/backup`, backupScript),
    rootFile('/etc/cachetier/backup-destinations', destinations.map(destinationLine).join('')),
    rootSecret('/etc/cachetier/backup.env', environment(plan, letter, placement, secrets)),
    rootFile('/etc/systemd/system/cachetier-backup@.service', serviceUnit),
    ...schedules.map((schedule) =>
      rootFile(`/etc/systemd/system/cachetier-backup-${schedule}.timer`, timerUnit(schedule, plan.backup.window)),
    ),
  ];
}

/** Number, id, schedule, bucket with folder, daily and weekly copies kept. */
function destinationLine(destination: BackupDestinationPlan, index: number): string {
  const { id, schedule, bucket, prefix, keep } = destination;
  return `${index} ${id} ${schedule} ${prefix ? `${bucket}/${prefix}` : bucket} ${keep.daily} ${keep.weekly}\n`;
}

function environment(plan: NodesTierPlan, letter: string, placement: NodePlacement, secrets: NodeSecrets): string {
  const own = addressOf(placement, letter);
  const nodes = lettersOf(plan).map((node) => {
    const { address, valkeyPort } = addressOf(placement, node);
    return `${node},${address},${valkeyPort}`;
  });
  return variables({
    TIER: plan.target.primaryName,
    LETTER: letter,
    ADDRESS: own.address,
    VALKEY_PORT: String(own.valkeyPort),
    NODES: nodes.join(' '),
    CA_FILE: caFile,
    METRICS_FOLDER: metricsFolder,
    BACKUP_USER: internalLogins.backup,
    REDISCLI_AUTH: plainPassword('backup', secrets.internal.backup),
    VALKEYCLI_AUTH: plainPassword('backup', secrets.internal.backup),
    // Newer S3 clients add checksum headers that B2 refuses with 400, and R2 in part.
    AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
    AWS_RESPONSE_CHECKSUM_VALIDATION: 'when_required',
    ...Object.fromEntries(
      plan.backup.destinations.flatMap((destination, index) => remote(destination, index, secrets)),
    ),
  });
}

/** A remote of rclone 1.60 (the one in Debian 13 and Ubuntu 26.04), given by the environment instead of a file. */
function remote(
  destination: BackupDestinationPlan,
  index: number,
  secrets: NodeSecrets,
): readonly (readonly [string, string])[] {
  const key = secrets.buckets[destination.id];
  if (!key) throw new Error(`no key for the bucket "${destination.id}"; give one in secrets.buckets`);
  const odd = [key.accessKeyId, key.secretAccessKey].some((part) => !/^[A-Za-z0-9/+=_.:-]+$/.test(part));
  if (odd) throw new Error(`the key for the bucket "${destination.id}" has a character that no provider uses`);
  const of = (name: string): string => `RCLONE_CONFIG_BACKUP${index}_${name}`;
  return [
    [of('TYPE'), 's3'],
    [of('PROVIDER'), destination.provider === 'r2' ? 'Cloudflare' : 'Other'],
    [of('ENDPOINT'), destination.endpoint],
    [of('REGION'), destination.region],
    [of('ACCESS_KEY_ID'), key.accessKeyId],
    [of('SECRET_ACCESS_KEY'), key.secretAccessKey],
    [of('FORCE_PATH_STYLE'), 'true'],
    // A key for one bucket may not ask whether the bucket exists.
    [of('NO_CHECK_BUCKET'), 'true'],
  ];
}

/** \`AWS_CA_BUNDLE\` set for another tool makes rclone 1.60 stop with "unable to load custom CA bundle". */
const serviceUnit = `[Unit]
Description=Backup of the tier (%i)
After=network-online.target valkey-server.service
Wants=network-online.target

[Service]
Type=oneshot
User=${backupUser}
EnvironmentFile=/etc/cachetier/backup.env
UnsetEnvironment=AWS_CA_BUNDLE
ExecStart=${scriptFolder}/backup %i
StateDirectory=cachetier-backup
StateDirectoryMode=0700
ReadWritePaths=${metricsFolder}
TimeoutStartSec=6h
Nice=10
IOSchedulingClass=idle
CapabilityBoundingSet=
${hardened}`;

/** A backup that was due while the machine was off is taken when it is back. */
function timerUnit(schedule: BackupDestinationPlan['schedule'], window: string): string {
  const [hour = '03', minute = '00'] = window.split(/[:-]/);
  const calendar = {
    hourly: `*-*-* *:${minute}:00 UTC`,
    daily: `*-*-* ${hour}:${minute}:00 UTC`,
    weekly: `Sun *-*-* ${hour}:${minute}:00 UTC`,
  }[schedule];
  return `[Unit]
Description=Backups of the tier (${schedule})

[Timer]
OnCalendar=${calendar}
AccuracySec=1s
Persistent=true
Unit=cachetier-backup@${schedule}.service

[Install]
WantedBy=timers.target
`;
}
