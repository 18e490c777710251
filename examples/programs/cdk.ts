import { App, Stack } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ServicePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { CacheTier } from 'cachetier/aws';

const app = new App();
const stack = new Stack(app, 'shop');
const vpc = new Vpc(stack, 'Vpc');
const role = new Role(stack, 'Web', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
const web = new SecurityGroup(stack, 'WebGroup', { vpc });
web.addIngressRule(Peer.ipv4(vpc.vpcCidrBlock), Port.tcp(443));

const sessions = new CacheTier(stack, 'Sessions', {
  config: { name: 'shop-sessions', workload: 'session-store', dataset: '4GiB', target: { kind: 'memorydb' } },
  vpc,
  memorydb: { adjustCluster: (drawn) => ({ ...drawn, dataTiering: 'false' }) },
});
sessions.connections.allowDefaultPortFrom(web);
sessions.grantConnect(role);
sessions.metricEvictions().createAlarm(stack, 'Evictions', { threshold: 1, evaluationPeriods: 1 });
