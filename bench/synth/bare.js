'use strict';
// The resources of `ours.js` by hand, from L1 classes alone: what a tier costs at synthesis without Cachetier.
const { App, Aws, CfnOutput, CfnResource, Fn, RemovalPolicy, Stack, Tags } = require('aws-cdk-lib/core');
const ec2 = require('aws-cdk-lib/aws-ec2');
const iam = require('aws-cdk-lib/aws-iam');
const logs = require('aws-cdk-lib/aws-logs');
const secretsmanager = require('aws-cdk-lib/aws-secretsmanager');
const { finish, read } = require('./child');
const { drawWatching } = require('./watching');

const { kind, tiers } = read();
const app = new App({ autoSynth: false });
for (let tier = 0; tier < tiers; tier++) drawTier(new Stack(app, `tier-${tier}`, { description: 'cache tier' }), tier);
app.synth();
finish();

function drawTier(stack, tier) {
  const network = drawNetwork(stack, kind === 'elasticache-serverless' ? 3 : 2);
  const secret = new secretsmanager.CfnSecret(stack, 'Secret', {
    description: 'login of user app',
    generateSecretString: {
      secretStringTemplate: JSON.stringify({ username: `app-${tier}` }),
      generateStringKey: 'password',
      passwordLength: 64,
      excludePunctuation: true,
    },
  });
  secret.applyRemovalPolicy(RemovalPolicy.DESTROY);
  const password = Fn.join('', ['{{resolve:secretsmanager:', secret.ref, ':SecretString:password::}}']);
  const authenticationMode = { Type: 'password', Passwords: [password] };
  const accessString =
    'on resetchannels ~* &* -@all +@all -function +fcall +fcall_ro -script|flush -@admin -@dangerous +info +role';
  const drawn = { network, authenticationMode, accessString, tier };
  const outputs = kind === 'memorydb' ? drawMemoryDb(stack, drawn) : drawElastiCache(stack, drawn);
  Tags.of(stack).add('cachetier:tier', `tier-${tier}`);
  const all = {
    ...outputs,
    Mode: kind,
    Ca: 'public',
    Login: `app-${tier}`,
    Secret: secret.ref,
    Vpc: network.vpc,
    Group: network.group,
  };
  for (const [id, value] of Object.entries(all))
    new CfnOutput(stack, `Out${id}`, { value, description: `output ${id}` });
}

function drawNetwork(stack, zones) {
  const name = { key: 'Name', value: `${stack.stackName}/Tier/Resource/Vpc` };
  const vpc = new ec2.CfnVPC(stack, 'Vpc', {
    cidrBlock: '10.0.0.0/16',
    enableDnsHostnames: true,
    enableDnsSupport: true,
    tags: [name],
  });
  const subnets = Array.from({ length: zones }, (_zone, index) => {
    const subnet = new ec2.CfnSubnet(stack, `Subnet${index}`, {
      vpcId: vpc.ref,
      cidrBlock: Fn.select(index, Fn.cidr(vpc.attrCidrBlock, zones, '8')),
      availabilityZone: Fn.select(index, Fn.getAzs()),
      mapPublicIpOnLaunch: false,
      tags: [name, { key: 'aws-cdk:subnet-name', value: 'cache' }, { key: 'aws-cdk:subnet-type', value: 'Isolated' }],
    });
    const table = new ec2.CfnRouteTable(stack, `RouteTable${index}`, { vpcId: vpc.ref, tags: [name] });
    new ec2.CfnSubnetRouteTableAssociation(stack, `Association${index}`, {
      subnetId: subnet.ref,
      routeTableId: table.ref,
    });
    return subnet.ref;
  });
  const logGroup = new logs.CfnLogGroup(stack, 'FlowLogGroup', { retentionInDays: 90 });
  logGroup.applyRemovalPolicy(RemovalPolicy.DESTROY);
  const write = ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'];
  const role = new iam.CfnRole(stack, 'FlowLogRole', {
    assumeRolePolicyDocument: trust('vpc-flow-logs.amazonaws.com'),
    policies: [{ policyName: 'WriteFlowLogs', policyDocument: allow(write, logGroup.attrArn) }],
  });
  new ec2.CfnFlowLog(stack, 'FlowLog', {
    resourceId: vpc.ref,
    resourceType: 'VPC',
    trafficType: 'ALL',
    logDestinationType: 'cloud-watch-logs',
    logGroupName: logGroup.ref,
    deliverLogsPermissionArn: role.attrArn,
    tags: [name],
  });
  const last = kind === 'elasticache-serverless' ? 6380 : 6379;
  const group = new ec2.CfnSecurityGroup(stack, 'SecurityGroup', {
    groupDescription: 'clients',
    vpcId: vpc.ref,
    securityGroupIngress: [
      { cidrIp: '10.1.0.0/16', ipProtocol: 'tcp', fromPort: 6379, toPort: last, description: 'clients in 10.1.0.0/16' },
    ],
    securityGroupEgress: [
      { cidrIp: '255.255.255.255/32', ipProtocol: 'icmp', fromPort: 252, toPort: 86, description: 'nodes only answer' },
    ],
  });
  return { vpc: vpc.ref, subnets, group: group.attrGroupId };
}

function drawElastiCache(stack, { network, authenticationMode, accessString, tier }) {
  const elasticache = require('aws-cdk-lib/aws-elasticache');
  const user = new elasticache.CfnUser(stack, 'User', {
    engine: 'valkey',
    userId: `tier-${tier}-app`,
    userName: `app-${tier}`,
    accessString,
    authenticationMode,
  });
  const users = new elasticache.CfnUserGroup(stack, 'UserGroup', {
    engine: 'valkey',
    userGroupId: `tier-${tier}-users`,
    userIds: [user.ref],
  });
  if (kind === 'elasticache-serverless') {
    const cache = new elasticache.CfnServerlessCache(stack, 'Cache', {
      serverlessCacheName: `tier-${tier}`,
      description: 'cache tier',
      engine: 'valkey',
      majorEngineVersion: '8',
      cacheUsageLimits: { dataStorage: { maximum: 16, unit: 'GB' } },
      subnetIds: network.subnets,
      securityGroupIds: [network.group],
      userGroupId: users.ref,
      finalSnapshotName: Fn.join('-', [`tier-${tier}`, Fn.select(2, Fn.split('/', Aws.STACK_ID))]),
    });
    keep(cache);
    drawWatching(stack, kind, cache.ref);
    const reader = Fn.join(':', [cache.attrReaderEndpointAddress, cache.attrReaderEndpointPort]);
    return { Primary: Fn.join(':', [cache.attrEndpointAddress, cache.attrEndpointPort]), Reader: reader };
  }
  const subnets = new elasticache.CfnSubnetGroup(stack, 'SubnetGroup', {
    description: 'x',
    subnetIds: network.subnets,
  });
  const parameters = new elasticache.CfnParameterGroup(stack, 'ParameterGroup', {
    cacheParameterGroupFamily: 'valkey9',
    description: 'x',
    properties: { 'maxmemory-policy': 'allkeys-lru' },
  });
  const group = new elasticache.CfnReplicationGroup(stack, 'Cache', {
    replicationGroupDescription: 'x',
    engine: 'valkey',
    engineVersion: '9.0',
    autoMinorVersionUpgrade: true,
    preferredMaintenanceWindow: 'sun:05:00-sun:06:00',
    snapshotRetentionLimit: 0,
    cacheNodeType: 'cache.r7g.large',
    numCacheClusters: 2,
    clusterMode: 'disabled',
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: true,
    port: 6379,
    cacheSubnetGroupName: subnets.ref,
    cacheParameterGroupName: parameters.ref,
    userGroupIds: [users.ref],
    securityGroupIds: [network.group],
  });
  drawWatching(stack, kind, group.ref);
  group.cfnOptions.deletionPolicy = 'Snapshot';
  group.cfnOptions.updateReplacePolicy = 'Snapshot';
  const reader = Fn.join(':', [group.attrReaderEndPointAddress, group.attrReaderEndPointPort]);
  return { Primary: Fn.join(':', [group.attrPrimaryEndPointAddress, group.attrPrimaryEndPointPort]), Reader: reader };
}

function drawMemoryDb(stack, { network, authenticationMode, accessString, tier }) {
  const lambda = require('aws-cdk-lib/aws-lambda');
  const memorydb = require('aws-cdk-lib/aws-memorydb');
  const user = new memorydb.CfnUser(stack, 'User', { userName: `app-${tier}`, accessString, authenticationMode });
  const acl = new memorydb.CfnACL(stack, 'Acl', { aclName: `tier-${tier}`, userNames: [user.ref] });
  const subnets = new memorydb.CfnSubnetGroup(stack, 'SubnetGroup', {
    subnetGroupName: `tier-${tier}`,
    description: 'subnets',
    subnetIds: network.subnets,
  });
  const parameters = new memorydb.CfnParameterGroup(stack, 'ParameterGroup', {
    parameterGroupName: `tier-${tier}`,
    family: 'memorydb_valkey7',
    description: 'parameters',
    parameters: { 'maxmemory-policy': 'allkeys-lru' },
  });
  const basic = ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'];
  const role = new iam.CfnRole(stack, 'ApplyRole', {
    assumeRolePolicyDocument: trust('lambda.amazonaws.com'),
    managedPolicyArns: [Fn.join('', basic)],
  });
  const policy = new iam.CfnPolicy(stack, 'ApplyPolicy', {
    policyName: 'apply',
    roles: [role.ref],
    policyDocument: allow(['memorydb:UpdateParameterGroup'], parameters.attrArn),
  });
  const apply = new lambda.CfnFunction(stack, 'Apply', {
    code: { zipFile: 'exports.handler = async () => {};' },
    handler: 'index.handler',
    runtime: 'nodejs24.x',
    role: role.attrArn,
    timeout: 120,
  });
  const log = new logs.CfnLogGroup(stack, 'ApplyLog', {
    logGroupName: Fn.join('', ['/aws/lambda/', apply.ref]),
    retentionInDays: 731,
  });
  log.applyRemovalPolicy(RemovalPolicy.RETAIN);
  const call = Fn.join('', ['{"service":"memorydb","parameters":{"ParameterGroupName":"', parameters.ref, '"}}']);
  const applied = new CfnResource(stack, 'Applied', {
    type: 'Custom::CachetierMemoryDbParameters',
    properties: { ServiceToken: apply.attrArn, Create: call, Update: call, InstallLatestAwsSdk: false },
  });
  applied.applyRemovalPolicy(RemovalPolicy.DESTROY);
  applied.addResourceDependency(policy);
  const cluster = new memorydb.CfnCluster(stack, 'Cache', {
    clusterName: `tier-${tier}`,
    description: 'cache tier',
    engine: 'valkey',
    engineVersion: '7.3',
    nodeType: 'db.r7g.large',
    numShards: 1,
    numReplicasPerShard: 1,
    aclName: acl.ref,
    parameterGroupName: parameters.ref,
    subnetGroupName: subnets.ref,
    securityGroupIds: [network.group],
    port: 6379,
    tlsEnabled: true,
    snapshotRetentionLimit: 0,
    maintenanceWindow: 'sun:05:00-sun:06:00',
    autoMinorVersionUpgrade: true,
    finalSnapshotName: Fn.join('-', [`tier-${tier}`, Fn.select(2, Fn.split('/', Aws.STACK_ID))]),
  });
  keep(cluster);
  drawWatching(stack, kind, cluster.ref);
  cluster.addResourceDependency(applied);
  return { Primary: Fn.join(':', [cluster.attrClusterEndpointAddress, '6379']) };
}

function keep(resource) {
  resource.cfnOptions.deletionPolicy = 'Delete';
  resource.cfnOptions.updateReplacePolicy = 'Retain';
}

function trust(service) {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  };
}

function allow(actions, resource) {
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: resource }] };
}
