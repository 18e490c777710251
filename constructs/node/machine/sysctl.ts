/**
 * Kernel settings of a node.
 *
 * Without overcommit a save fails as soon as half of the memory is in use, because fork asks for as much again. Source:
 * valkey.io/topics/admin. Strict reverse path filtering keeps private source addresses off the public interface.
 */
export const sysctlConf = `vm.overcommit_memory = 1
vm.swappiness = 1
net.core.somaxconn = 1024
net.ipv4.tcp_max_syn_backlog = 1024
net.ipv4.conf.all.rp_filter = 1
net.ipv4.conf.default.rp_filter = 1
`;
