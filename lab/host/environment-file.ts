import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parse, stringify } from 'yaml';
import { LabError } from '../errors.ts';
import { bank } from '../kubernetes/names.ts';
import { accountId, awsEndpoint, credentials, dnsAddress, members, region, vpcCidr } from '../names.ts';
import type { ProcessRef } from '../procfs.ts';
import type { LabEntry } from './registry.ts';
import type { LabStatus } from '../world/status.ts';

/**
 * Writes the file by which the command line finds this lab's platform.
 *
 * @returns its path
 */
export function writeEnvironmentFile(path: string, status: LabStatus, lab: ProcessRef): string {
  // While the platform can't tell who it is, it is who it was.
  const before = beforeOf(path, lab);
  const environment = {
    name: status.name === 'lab' ? 'lab' : `lab-${status.name}`,
    aws: { region, accountId, endpoint: awsEndpoint, credentials },
    etcd: { endpoints: members.map((member) => member.clientUrl), clusterId: status.clusterId ?? before?.etcd.clusterId ?? null },
    ...(status.kubernetes ? { kubernetes: kubernetesPart(status.kubernetes, before?.kubernetes?.clusterUid) } : {}),
    roles: { etcd: { role: '*.etcd3' }, ...(status.kubernetes ? { master: { role: 'master.k8s' }, worker: { role: 'worker.k8s' } } : {}) },
    dns: { server: dnsAddress },
    ...(status.kubernetes?.specimen ? { traffic: trafficPart } : {}),
    enter: { pid: lab.pid, startTime: lab.startTime },
  };
  const text = `# The platform of a firedrill lab, as "firedrill lab up" left it. Not to be edited: it is written again each time.\n${stringify(environment)}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new LabError('taken', `the environment file can't be written: ${reason}; go to a folder where you may write`);
  }
  return path;
}

const kubernetesPart = ({ kubeconfig, context, clusterUid, auditLog }: NonNullable<LabStatus['kubernetes']>, before: string | undefined) => {
  const known = clusterUid ?? before;
  return { kubeconfig, context, auditLog, ...(known === undefined ? {} : { clusterUid: known }) };
};

/** Whom drills may ask in a lab with the specimen: its services by their names, for linkerd, and every machine and pod. */
const trafficPart = {
  hosts: [...Object.keys(bank.replicas).flatMap((service) => [service, `${service}.${bank.namespace}`]), vpcCidr.replace(/\.0\.0\/16$/, '.*')],
  maxRate: '500/s',
  maxRequests: 1_000_000,
};

interface Written {
  readonly etcd: { readonly clusterId: string | null };
  readonly kubernetes?: { readonly clusterUid?: string };
  readonly enter?: ProcessRef;
}

/** What the file said before, if it is this lab's. */
function beforeOf(path: string, { pid, startTime }: ProcessRef): Written | undefined {
  if (!existsSync(path)) return undefined;
  const written = parse(readFileSync(path, 'utf8')) as Written | null;
  return written?.enter?.pid === pid && written.enter.startTime === startTime ? written : undefined;
}

/** Removes the file of a lab that has ended, unless a later lab has written its own there. */
export function removeEnvironmentFile(lab: LabEntry): void {
  const path = lab.environmentFile;
  if (path !== undefined && beforeOf(path, lab.process)) rmSync(path);
}
