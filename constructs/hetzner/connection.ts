import type * as command from '@pulumi/command';
import type * as hcloud from '@pulumi/hcloud';
import * as pulumi from '@pulumi/pulumi';

/**
 * How the deploy step reaches a server: as root, with the key of the deployment.
 *
 * @param hostKey - public host key that user data has brought; without it the deployment would hand every secret to
 * whoever answers
 */
export function deployConnection(
  server: hcloud.Server,
  deployKey: pulumi.Input<string>,
  hostKey: pulumi.Input<string>,
): pulumi.Output<command.types.input.remote.ConnectionArgs> {
  return pulumi.secret({
    host: server.ipv4Address,
    user: 'root',
    privateKey: deployKey,
    hostKey,
    dialErrorLimit: 60,
    perDialTimeout: 10,
  });
}
