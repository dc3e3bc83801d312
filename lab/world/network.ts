import { existsSync, writeFileSync } from 'node:fs';
import { apiAddress } from '../kubernetes/names.ts';
import { awsAddress, dnsAddress, harnessAddress, metadataAddress, zones } from '../names.ts';
import { command, ip } from './commands.ts';

const bridges = zones.map((zone) => zone.bridge).join(', ');

/**
 * The frame of the VPC's rules; what stands in it is put there by {@link createFirewall}, and until then all is open.
 *
 * Network ACLs are stateless and stand at the border of a subnet, before connections are tracked. What stays within a
 * subnet doesn't pass them, nor do DNS and instance metadata, as on AWS. Security groups are stateful: a connection once
 * let in stays. The router is also where the harness, the DNS and the emulated AWS are, so there are three ways through it.
 */
const frame = `
table inet vpc {
  set services {
    type ipv4_addr
    elements = { ${dnsAddress}, ${metadataAddress} }
  }
  chain acl_egress {
    comment "what leaves a subnet"
  }
  chain acl_ingress {
    comment "what enters a subnet"
  }
  chain group_egress {
    comment "what an instance may begin"
  }
  chain group_ingress {
    comment "what may begin with an instance"
  }
  chain subnet_out {
    type filter hook prerouting priority raw; policy accept;
    iifname != { ${bridges} } accept
    ip daddr @services accept
${zones.map((zone) => `    iifname ${zone.bridge} ip daddr ${zone.cidr} accept`).join('\n')}
    jump acl_egress
  }
  chain subnet_in {
    type filter hook postrouting priority 300; policy accept;
    oifname != { ${bridges} } accept
    ip saddr @services accept
${zones.map((zone) => `    oifname ${zone.bridge} ip saddr ${zone.cidr} accept`).join('\n')}
    jump acl_ingress
  }
  chain between_machines {
    type filter hook forward priority filter; policy accept;
    ct state established,related accept
    jump group_egress
    jump group_ingress
  }
  chain to_the_world {
    type filter hook input priority filter; policy accept;
    ct state established,related accept
    ip daddr @services accept
    jump group_egress
  }
  chain from_the_world {
    type filter hook output priority filter; policy accept;
    ct state established,related accept
    ip saddr @services accept
    jump group_ingress
  }
}
`;

/** Builds the VPC in the world's root network namespace, which is its router. */
export async function buildNetwork(): Promise<void> {
  setKernel('/proc/sys/net/ipv6/conf/all/disable_ipv6', '1');
  setKernel('/proc/sys/net/ipv6/conf/default/disable_ipv6', '1');
  setKernel('/proc/sys/net/ipv4/ip_forward', '1');
  // Neighbours in a subnet reach each other through the router, and shall go on doing so.
  setKernel('/proc/sys/net/ipv4/conf/all/send_redirects', '0');
  setKernel('/proc/sys/net/ipv4/conf/default/send_redirects', '0');
  // Where container engines loaded br_netfilter, traffic within a subnet would pass the router's rules.
  setKernel('/proc/sys/net/bridge/bridge-nf-call-iptables', '0');
  await ip([
    'link set lo up',
    ...[dnsAddress, awsAddress, metadataAddress, harnessAddress, apiAddress].map((address) => `addr add ${address}/32 dev lo`),
    ...zones.flatMap((zone) => [
      // Left to itself a bridge has the lowest address of its ports: it would change as machines come and go, and the others
      // would send to the old one until they asked again, half a minute later.
      `link add ${zone.bridge} address ${zone.routerMac} type bridge`,
      `addr add ${zone.router}/24 dev ${zone.bridge}`,
      `link set ${zone.bridge} up`,
      // The harness comes from outside of the subnet, so it mustn't have an address in it.
      `route replace ${zone.cidr} dev ${zone.bridge} scope link src ${harnessAddress}`,
    ]),
  ]);
  await command('nft', ['-f', '-'], frame);
}

/** A kernel setting of this network; those that this kernel doesn't have are passed by. */
function setKernel(path: string, value: string): void {
  if (existsSync(path)) writeFileSync(path, value);
}
