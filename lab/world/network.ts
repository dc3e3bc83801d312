import { existsSync, writeFileSync } from 'node:fs';
import { awsAddress, dnsAddress, metadataAddress, zones } from '../names.ts';
import { command, ip } from './commands.ts';

/**
 * The rules of the VPC, empty as they are on a fresh one. Network ACLs are stateless and stand at the border of a subnet,
 * before connections are tracked; DNS and instance metadata pass them, as on AWS, and so does the emulated AWS itself.
 * Security groups are stateful: a connection once let in stays.
 */
const rules = `
table inet vpc {
  set services {
    type ipv4_addr
    elements = { ${dnsAddress}, ${awsAddress}, ${metadataAddress} }
  }
  chain acl_egress {
    comment "what leaves a subnet"
  }
  chain acl_ingress {
    comment "what enters a subnet"
  }
  chain subnet_out {
    type filter hook prerouting priority raw; policy accept;
    ip daddr @services accept
    iifname { ${zones.map((zone) => zone.bridge).join(', ')} } jump acl_egress
  }
  chain subnet_in {
    type filter hook postrouting priority 300; policy accept;
    ip saddr @services accept
    oifname { ${zones.map((zone) => zone.bridge).join(', ')} } jump acl_ingress
  }
  chain security_groups {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
  }
}
`;

/** Builds the VPC in the world's root network namespace, which is its router. */
export async function buildNetwork(): Promise<void> {
  setKernel('/proc/sys/net/ipv6/conf/all/disable_ipv6', '1');
  setKernel('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
  setKernel('/proc/sys/net/ipv4/ip_forward', '1');
  // Where container engines loaded br_netfilter, traffic within a subnet would pass the router's rules.
  setKernel('/proc/sys/net/bridge/bridge-nf-call-iptables', '0');
  await ip([
    'link set lo up',
    ...[dnsAddress, awsAddress, metadataAddress].map((address) => `addr add ${address}/32 dev lo`),
    ...zones.flatMap((zone) => [
      `link add ${zone.bridge} type bridge`,
      `addr add ${zone.router}/24 dev ${zone.bridge}`,
      `link set ${zone.bridge} up`,
    ]),
  ]);
  await command('nft', ['-f', '-'], rules);
}

/** A kernel setting of this network; those that this kernel doesn't have are passed by. */
function setKernel(path: string, value: string): void {
  if (existsSync(path)) writeFileSync(path, value);
}
