import { etcdDataDir, members, region, volumeDevice, type Member } from '../names.ts';
import { paths } from '../world/mounts.ts';

/** A `.ts` beside a `.ts` in a checkout, a `.js` beside a `.js` in the published package. */
const bootProgram = `lab/roles/etcd-member-boot${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;

/** What a machine runs before etcd, as a command that loads it and does nothing. */
export const etcdMemberPrograms: readonly string[][] = [[paths.node, `${paths.app}/${bootProgram}`, '--check']];

export interface BootPatience {
  /** How long a new machine tries to get its volume before it starts without. */
  readonly deadlineMs: number;
  readonly retryMs: number;
}

/**
 * The user data of a machine that hosts one member of etcd, as the public recipe's: find my volume by its name, attach and
 * mount it, then keep etcd running under its DNS name.
 *
 * @param clusterToken etcd works the cluster's id out of it, so that two labs are two clusters
 */
export function etcdMemberUserData(member: Member, clusterToken: string, patience: BootPatience): string {
  const initialCluster = members.map((each) => `${each.short}=${each.peerUrl}`).join(',');
  return `#!/bin/sh
# Role etcd-member: ${member.name}
export NODE_NO_WARNINGS=1 NODE_COMPILE_CACHE=${paths.cache}
${paths.node} ${paths.app}/${bootProgram} \\
  --volume ${member.volumeName} --device ${volumeDevice} --mount-point ${etcdDataDir} \\
  --region ${region} --deadline-ms ${patience.deadlineMs} --retry-ms ${patience.retryMs} \\
  && volume=yes || echo "boot: no volume; etcd starts on an empty disk"
chmod 700 ${etcdDataDir}
# Once messages flow, the queues to eight peers alone are 60 MB; without this, Go's heap grows to twice that before it is swept.
export GOGC=25
# Nine members share a laptop's processors: more threads of each only look for work that isn't there, a sixth of what they cost idle.
export GOMAXPROCS=1
# What a service manager does: mount the volume again when its device is back, and start etcd, which needs it mounted, again
# a second after it ended, for ever.
while :; do
  if [ "$volume" = yes ] && ! mountpoint -q ${etcdDataDir}; then
    [ "$waiting" = yes ] || echo "service: ${etcdDataDir} is not mounted; etcd waits for ${volumeDevice}"
    waiting=yes
    if mountpoint -q ${volumeDevice} && mount -n --bind ${volumeDevice} ${etcdDataDir}; then
      echo "service: ${volumeDevice} is mounted at ${etcdDataDir} again"
      waiting=no
    else
      sleep 0.2
      continue
    fi
  fi
  etcd --name ${member.short} --data-dir ${etcdDataDir} \\
    --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls ${member.clientUrl} \\
    --listen-peer-urls http://0.0.0.0:2380 --initial-advertise-peer-urls ${member.peerUrl} \\
    --initial-cluster-token ${clusterToken} --initial-cluster-state new \\
    --initial-cluster ${initialCluster}
  echo "service: etcd ended with $?; again in 1 s"
  sleep 1
done
`;
}
