import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Aws } from '../aws/index.ts';
import { cgroupName } from '../cgroups.ts';
import { createClient, type Client } from '../kubernetes/client/index.ts';
import { kubeconfigText } from '../kubernetes/kubeconfig.ts';
import { startLoadBalancer } from '../kubernetes/load-balancer.ts';
import { makeSecrets } from '../kubernetes/make-secrets.ts';
import {
  apiAddress,
  apiPort,
  apiUrl,
  masterCount,
  masterGroup,
  masterType,
  workerCount,
  workerGroup,
  workerType,
} from '../kubernetes/names.ts';
import { specimens, type Specimen } from '../kubernetes/workloads.ts';
import { secretsFile, secretsFolder, type ClusterSecrets } from '../kubernetes/secrets.ts';
import { environmentTag, vpcCidr, zones } from '../names.ts';
import { kubernetesMasterUserData, kubernetesWorkerUserData } from '../roles/kubernetes-machine.ts';
import type { ProcessRef } from '../procfs.ts';
import { contextOf, kubeconfigFile, stateFile, type WorldConfig } from './config.ts';
import { specimen } from '../specimen/manifests.ts';
import type { Lab } from './lab.ts';
import { followSpecimenSabotage, type SpecimenSabotage } from './specimen.ts';

/** The Kubernetes of a lab, seen from the world. */
export interface LabKubernetes {
  /** As an administrator of the cluster. */
  readonly client: Client;
  /** The same, for who is asked how the cluster is: gives up on an answer well before whoever asks does. */
  readonly impatientClient: Client;
  /** What it has from the start. */
  readonly specimens: readonly Specimen[];
  /** In a lab with the specimen. */
  readonly specimenSabotage: SpecimenSabotage | undefined;
  /** The addresses of the masters that answer. */
  masters(): readonly string[];
}

/** Less than half of what the control socket's callers wait: a connection that was closed is tried again. */
const impatientMs = 4_000;

/** How often the load balancer looks at its targets. */
const checkEveryMs = { fast: 500, aws: 5_000 } as const;

/** Hands the secrets out, opens the API's one address, and begins to launch masters and workers. */
export async function startKubernetes(lab: Lab, aws: Aws): Promise<LabKubernetes> {
  const secrets = await makeSecrets();
  mkdirSync(secretsFolder, { recursive: true });
  writeFileSync(secretsFile, JSON.stringify(secrets), { mode: 0o600 });
  writeKubeconfig(lab.config, secrets);
  const balancer = await startLoadBalancer({
    host: apiAddress,
    port: apiPort,
    targetPort: apiPort,
    targets: () => mastersOf(aws),
    checkEveryMs: checkEveryMs[lab.timing.name],
  });
  const tcp = { from: 0, to: 65_535 };
  const masters = await aws.createSecurityGroup({ name: masterGroup, description: 'masters: the API', cidr: vpcCidr, ports: { from: apiPort, to: apiPort } });
  const workers = await aws.createSecurityGroup({ name: workerGroup, description: 'workers and their pods', cidr: vpcCidr, ports: tcp });
  const everywhere = zones.map((zone) => zone.name);
  aws.createGroup({
    name: masterGroup,
    zones: everywhere,
    size: masterCount,
    userData: kubernetesMasterUserData(lab.timing, lab.config.kubeAssets),
    tags: { environment: environmentTag, role: 'master.k8s' },
    instanceType: masterType,
    securityGroupIds: [masters],
  });
  aws.createGroup({
    name: workerGroup,
    zones: everywhere,
    size: workerCount,
    userData: kubernetesWorkerUserData(lab.timing, cgroupName(lab.config.name, ownProcess(lab.config))),
    tags: { environment: environmentTag, role: 'worker.k8s' },
    instanceType: workerType,
    securityGroupIds: [workers],
  });
  const connection = { server: apiUrl, token: secrets.tokens.admin, ca: secrets.ca, userAgent: 'firedrill-lab' };
  const client = createClient(connection);
  return {
    client,
    impatientClient: createClient({ ...connection, timeoutMs: impatientMs }),
    specimens: lab.config.specimen ? [...specimens, ...specimen] : specimens,
    specimenSabotage: lab.config.specimen ? followSpecimenSabotage(lab.sabotage, client, lab.log) : undefined,
    masters: () => balancer.healthy(),
  };
}

/** Registered with the load balancer are all masters that EC2 takes for alive, as a group's are. */
function mastersOf(aws: Aws): string[] {
  return aws.status().instances.flatMap((each) => (each.group === masterGroup && each.state === 'running' ? [each.address] : []));
}

/** The lab's first process as it is known outside, which can't be seen from here: its maker wrote it down right after the start. */
const ownProcess = ({ folder }: WorldConfig): ProcessRef => (JSON.parse(readFileSync(join(folder, stateFile), 'utf8')) as { process: ProcessRef }).process;

/** For `kubectl` and firedrill. */
function writeKubeconfig({ name, folder }: WorldConfig, { ca, tokens }: ClusterSecrets): void {
  const path = join(folder, kubeconfigFile);
  writeFileSync(`${path}.new`, kubeconfigText({ name: contextOf(name), server: apiUrl, ca, token: tokens.admin }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
