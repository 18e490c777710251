import type { CacheTierPlan } from './plan';

/** One step of a move, with what is typed for it. */
export interface MoveStep {
  readonly title: string;
  readonly why: string;
  readonly commands: readonly string[];
  /** Whether applications are stopped while it lasts. */
  readonly stopped: boolean;
}

/** How the data of a tier gets from one target to another. */
export interface MovePlan {
  readonly from: string;
  readonly to: string;
  readonly steps: readonly MoveStep[];
  /** How long applications are stopped, in words, and what it is made of. */
  readonly downtime: string;
  /** What the move does not do. */
  readonly limits: readonly string[];
}

/** What a move is planned from. */
export interface MoveInput {
  readonly from: CacheTierPlan;
  readonly to: CacheTierPlan;
  /** Config file, as it is typed. */
  readonly file: string;
}

/** Why a move is not possible; null where it is. */
export function moveProblem({ from, to }: Pick<MoveInput, 'from' | 'to'>): string | null {
  if (from.kind === to.kind) return `both are ${from.kind}: a change of the config is no move`;
  for (const { kind } of [from, to])
    if (kind === 'local') return 'a tier on this machine is for trying a config out; there is nothing to move';
  if ((from.topology.shards ?? 1) > 1)
    return `the ${from.topology.shards} shards of ${from.kind} give as many RDB files, and a tier begins with one: bring it to one shard first`;
  if (rdbVersion(from) > rdbVersion(to))
    return `${from.kind} runs Valkey ${from.engine.version}, whose RDB ${to.kind} with ${to.engine.version} cannot read; a target with Valkey 9.0 or newer can`;
  return null;
}

/** Valkey 9 writes RDB 80, which nothing before it reads. Source: valkey-io/valkey src/rdb.h of 8.1 and 9.0. */
function rdbVersion({ engine }: CacheTierPlan): number {
  return Number(engine.version.split('.')[0]) >= 9 ? 80 : 11;
}

/**
 * The way of the data: an RDB is exported, copied and seeds the target. `REPLICAOF` is in none of them: the services
 * refuse it, serve no replica outside of AWS, and a node of ours follows the primary of its own tier alone.
 *
 * @throws Error where `moveProblem` has one
 */
export function planMove(input: MoveInput): MovePlan {
  const problem = moveProblem(input);
  if (problem !== null) throw new Error(problem);
  const { from, to, file } = input;
  const bucket = isAws(from) || isAws(to);
  const rdb = `${from.name}.rdb`;
  const dataset = from.sizing.datasetBytes / 1e9;
  const object = isAws(from) ? `${snapshotName(from)}-0001.rdb` : rdb;
  return {
    from: from.kind,
    to: to.kind,
    steps: [
      ...(bucket ? [bucketStep(isAws(to) ? to : from)] : []),
      ...(isAws(to) ? [] : [deployStep(to, file, 'The new tier comes up empty beside the old one.', false)]),
      {
        title: 'Stop the applications',
        why: 'What is written after the snapshot is not moved. Stop every writer, and look that none is left.',
        commands: [],
        stopped: true,
      },
      ...exportSteps(from, rdb),
      ...copySteps(from, to, rdb, object),
      ...seedSteps(from, to, file, object),
      {
        title: 'Compare',
        why: `The same number of keys must be on both sides, but for those that have expired meanwhile (and \`cachetier:pulse\`, which servers of ours add).`,
        commands: [
          'valkey-cli --tls -h "$OLD_HOST" -p 6379 --user "$LOGIN" --askpass DBSIZE',
          'valkey-cli --tls -h "$NEW_HOST" -p 6379 --user "$LOGIN" --askpass DBSIZE',
        ],
        stopped: true,
      },
      {
        title: 'Start the applications on the new tier',
        why: 'The logins are the same; endpoint, CA and passwords are those of the new stack. Until the first write there, going back is to start them on the old one.',
        commands: isAws(to)
          ? [`aws cloudformation describe-stacks --stack-name ${stackOf(to)} --query 'Stacks[0].Outputs'`]
          : ['pulumi stack output endpoint', 'pulumi stack output passwords --show-secrets'],
        stopped: false,
      },
      {
        title: 'Remove the old tier',
        why: 'Once the new one has a backup of its own that a drill has restored. It stands, and costs, until it is removed by name.',
        commands: isAws(from) ? [`npx cdk destroy -c tier=${file} -c target=${from.kind}`] : ['pulumi destroy'],
        stopped: false,
      },
    ],
    downtime: downtimeOf(from, to, dataset),
    limits: limitsOf(from, to),
  };
}

function isAws({ kind }: CacheTierPlan): boolean {
  return kind !== 'hetzner' && kind !== 'local';
}

function stackOf(plan: CacheTierPlan): string {
  return plan.names['stack'] ?? plan.name;
}

function snapshotName(plan: CacheTierPlan): string {
  return `${plan.name}-move`;
}

function bucketStep(plan: CacheTierPlan): MoveStep {
  return {
    title: 'Make a bucket that the service may use',
    why: `A \`SnapshotBucket\` of \`cachetier/aws\` with \`kind: '${plan.kind}'\`, in the Region and account of the cache and in a stack of its own: it must hold the RDB before the cache is made. Put its name into BUCKET.`,
    commands: ['export BUCKET=my-snapshots'],
    stopped: false,
  };
}

function deployStep(plan: CacheTierPlan, file: string, why: string, stopped: boolean): MoveStep {
  const commands = isAws(plan)
    ? [`npx cdk deploy -c tier=${file} -c target=${plan.kind}`]
    : [`pulumi config set cachetier:tier ${file}`, `pulumi config set cachetier:target ${plan.kind}`, 'pulumi up'];
  return { title: `Deploy the new tier on ${plan.kind}`, why, commands, stopped };
}

function exportSteps(from: CacheTierPlan, rdb: string): readonly MoveStep[] {
  const name = snapshotName(from);
  const step = (title: string, why: string, commands: readonly string[]): MoveStep => ({
    title,
    why,
    commands,
    stopped: true,
  });
  const taken = 'Repeat until it says `available`.';
  switch (from.kind) {
    case 'hetzner':
    case 'local':
      return [
        step(
          'Take a backup, and write it to a file',
          'A synced replica takes it; the file is a plain RDB without encryption, as secret as the data.',
          [
            'pulumi stack output rollout --show-secrets --json | npx cachetier backup -',
            `pulumi stack output rollout --show-secrets --json | npx cachetier restore - --backup latest --export ${rdb}`,
          ],
        ),
      ];
    case 'elasticache':
      return [
        step('Take a snapshot', taken, [
          `export GROUP=$(aws cloudformation list-stack-resources --stack-name ${stackOf(from)} --query "StackResourceSummaries[?ResourceType=='AWS::ElastiCache::ReplicationGroup'].PhysicalResourceId" --output text)`,
          `aws elasticache create-snapshot --replication-group-id "$GROUP" --snapshot-name ${name}`,
          `aws elasticache describe-snapshots --snapshot-name ${name} --query 'Snapshots[0].SnapshotStatus' --output text`,
        ]),
        step('Export it to the bucket', 'One object for each shard; there is one.', [
          `aws elasticache copy-snapshot --source-snapshot-name ${name} --target-snapshot-name ${name} --target-bucket "$BUCKET"`,
          `aws s3 ls "s3://$BUCKET/${name}"`,
        ]),
      ];
    case 'elasticache-serverless':
      return [
        step('Take a snapshot', taken, [
          `aws elasticache create-serverless-cache-snapshot --serverless-cache-name ${from.names['cache'] ?? ''} --serverless-cache-snapshot-name ${name}`,
          `aws elasticache describe-serverless-cache-snapshots --serverless-cache-snapshot-name ${name} --query 'ServerlessCacheSnapshots[0].Status' --output text`,
        ]),
        step(
          'Export it to the bucket',
          'Where it gives more than one object, the tier cannot be moved this way: a tier begins with one RDB.',
          [
            `aws elasticache export-serverless-cache-snapshot --serverless-cache-snapshot-name ${name} --s3-bucket-name "$BUCKET"`,
            `aws s3 ls "s3://$BUCKET/${name}"`,
          ],
        ),
      ];
    case 'memorydb':
      return [
        step('Take a snapshot', taken, [
          `aws memorydb create-snapshot --cluster-name ${from.names['cluster'] ?? ''} --snapshot-name ${name}`,
          `aws memorydb describe-snapshots --snapshot-name ${name} --query 'Snapshots[0].Status' --output text`,
        ]),
        step('Export it to the bucket', 'One object for each shard; there is one.', [
          `aws memorydb copy-snapshot --source-snapshot-name ${name} --target-snapshot-name ${name} --target-bucket "$BUCKET"`,
          `aws s3 ls "s3://$BUCKET/${name}"`,
        ]),
      ];
  }
}

function copySteps(from: CacheTierPlan, to: CacheTierPlan, rdb: string, object: string): readonly MoveStep[] {
  const step = (title: string, command: string): MoveStep => ({
    title,
    why: 'It is checked where it arrives.',
    commands: [command],
    stopped: true,
  });
  if (isAws(from) && isAws(to)) return [];
  return isAws(from)
    ? [step('Copy the RDB to this machine', `aws s3 cp "s3://$BUCKET/${object}" ${rdb}`)]
    : [step('Copy the RDB to the bucket', `aws s3 cp ${rdb} "s3://$BUCKET/${object}"`)];
}

function seedSteps(from: CacheTierPlan, to: CacheTierPlan, file: string, object: string): readonly MoveStep[] {
  if (isAws(to))
    return [
      deployStep(
        to,
        file,
        `With \`restoreFrom: { rdb: "s3://…/${object}" }\` in the config, which then stays there for the life of the cache. Its service makes the cache with the data in it.`,
        true,
      ),
    ];
  return [
    {
      title: 'Bring the data into the new tier',
      why: 'A replica checks and reads the RDB and then takes the role. The new tier holds nothing but its own pulse, which may go.',
      commands: [
        `pulumi stack output rollout --show-secrets --json | npx cachetier restore - --rdb ${from.name}.rdb --over-existing-data`,
      ],
      stopped: true,
    },
  ];
}

/** A snapshot or an upload goes at some 100 MB/s, a seed at as much; a service takes its time to make nodes. */
function downtimeOf(from: CacheTierPlan, to: CacheTierPlan, gigabytes: number): string {
  const minutes = Math.max(1, Math.ceil((gigabytes * 10 * 3) / 60));
  const parts = [
    `${minutes} min to write, copy and read ${gigabytes.toFixed(1)} GB`,
    ...(isAws(from) ? ['5 to 10 min until the service has its snapshot and has exported it'] : []),
    ...(isAws(to) ? ['10 to 20 min until the service has made the cache, which it seeds as it makes it'] : []),
  ];
  return `applications are stopped for about ${parts.join(', and ')}; try it once with a copy before the day`;
}

function limitsOf(from: CacheTierPlan, to: CacheTierPlan): readonly string[] {
  return [
    'REPLICAOF is of no use here: ElastiCache, Serverless and MemoryDB refuse the command and serve no replica outside of AWS, and a node of ours follows the primary of its own tier alone',
    'what is written after the snapshot is lost: writers must be stopped before it',
    ...(isAws(to)
      ? ['databases other than 0 need cluster mode off', 'functions are moved with the RDB, modules and ACLs are not']
      : ['ACLs are those of the new tier']),
    ...(from.kind === 'elasticache' ? ['nodes with data tiering (r6gd) export nothing'] : []),
    ...(to.kind === 'memorydb'
      ? ['MemoryDB evicts nothing of what did not fit: give it as much memory as the old tier had']
      : []),
  ];
}

/** The move as a runbook in Markdown. */
export function moveRunbook({ from, to, steps, downtime, limits }: MovePlan): string {
  const sections = steps.map(({ title, why, commands, stopped }, index) => {
    const block = commands.length === 0 ? '' : `\n\`\`\`sh\n${commands.join('\n')}\n\`\`\`\n`;
    return `## ${index + 1}. ${title}${stopped ? ' (applications stopped)' : ''}\n\n${why}\n${block}`;
  });
  const list = limits.map((limit) => `- ${limit}`).join('\n');
  return `# From ${from} to ${to}\n\nDowntime: ${downtime}.\n\n${sections.join('\n')}\n## What it does not do\n\n${list}\n`;
}
