/** What the lab's platform is called and where it stands. Shaped after the public etcd3 recipe for AWS. */
export const region = 'eu-west-1';
export const accountId = '000000000000';

/** Zones are the three subnets of the VPC 10.200.0.0/16; each has a bridge with the router's addresses in it. */
export const zones = [
  { name: 'eu-west-1a', bridge: 'zone-a', cidr: '10.200.1.0/24', router: '10.200.1.1', routerMac: '02:00:0a:c8:01:01' },
  { name: 'eu-west-1b', bridge: 'zone-b', cidr: '10.200.2.0/24', router: '10.200.2.1', routerMac: '02:00:0a:c8:02:01' },
  { name: 'eu-west-1c', bridge: 'zone-c', cidr: '10.200.3.0/24', router: '10.200.3.1', routerMac: '02:00:0a:c8:03:01' },
] as const;
export type Zone = (typeof zones)[number];

export const vpcCidr = '10.200.0.0/16';
export const dnsAddress = '10.200.0.2';
export const awsAddress = '10.200.0.3';
/** Where tools and firedrill itself stand: in the VPC, but in no zone. */
export const harnessAddress = '10.200.0.10';
export const awsEndpoint = `http://${awsAddress}`;
/** Where a machine asks who it is, as on AWS. */
export const metadataAddress = '169.254.169.254';
/** Accepted for every call: the lab's AWS checks no signatures. */
/** Any open it. The secret is no word of the lab, as secrets are taken out of all that is said. */
export const credentials = { accessKeyId: 'lab', secretAccessKey: 'any-key-opens-this-door' } as const;

export const environmentTag = 'lab';
export const etcdDomain = `etcd3.${region}.i.lab.example.com`;
export const clientPort = 2379;
export const peerPort = 2380;
export const volumeDevice = '/dev/xvdf';
export const etcdDataDir = '/var/lib/etcd';

export interface Member {
  /** `peer-3`: etcd's own name for it, and ours. */
  readonly short: string;
  /** `peer-3.etcd3`, the tag `role`. */
  readonly role: string;
  /** Its DNS name, its `Name` tag and the name of its group. */
  readonly name: string;
  readonly volumeName: string;
  readonly zone: Zone;
  readonly clientUrl: string;
  readonly peerUrl: string;
}

/** Nine members of etcd, three in each zone: peer-1 to 3 in the first, 4 to 6 in the second, 7 to 9 in the third. */
export const members: readonly Member[] = zones.flatMap((zone, zoneIndex) =>
  [1, 2, 3].map((inZone) => {
    const short = `peer-${zoneIndex * 3 + inZone}`;
    const name = `${short}.${etcdDomain}`;
    return {
      short,
      role: `${short}.etcd3`,
      name,
      volumeName: `${short}-ssd.${etcdDomain}`,
      zone,
      clientUrl: `http://${name}:${clientPort}`,
      peerUrl: `http://${name}:${peerPort}`,
    };
  }),
);

/** The names under which AWS's services are reached inside the lab, each at {@link awsAddress}. */
export const awsHosts: readonly string[] = [
  `ec2.${region}.amazonaws.com`,
  `autoscaling.${region}.amazonaws.com`,
  `sts.${region}.amazonaws.com`,
  'sts.amazonaws.com',
  `cloudtrail.${region}.amazonaws.com`,
];

export function zoneNamed(name: string): Zone {
  const zone = zones.find((candidate) => candidate.name === name);
  if (!zone) throw new Error(`the lab has no zone "${name}"; it has ${zones.map((each) => each.name).join(', ')}`);
  return zone;
}
