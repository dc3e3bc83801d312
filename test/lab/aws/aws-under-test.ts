import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { STSClient } from '@aws-sdk/client-sts';
import { createAws, sabotageAmounts, type Aws, type AwsOptions, type InstanceChange, type Sabotage } from '../../../lab/aws/index.ts';
import type { Timing } from '../../../lab/hypervisor.ts';
import { inMemoryHypervisor, type InMemoryHypervisor } from './in-memory-hypervisor.ts';

export interface AwsUnderTest {
  readonly aws: Aws;
  readonly endpoint: string;
  readonly hypervisor: InMemoryHypervisor;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly sts: STSClient;
  readonly changes: InstanceChange[];
  readonly troubles: string[];
  readonly sabotage: Set<Sabotage>;
  /** The numbers of those that take one, where it isn't the usual. */
  readonly amounts: Map<Sabotage, number>;
  close(): Promise<void>;
}

/** Short enough to be quick, long enough that a test sees the states in between. */
export const quick: Timing = {
  name: 'fast',
  terminateMs: 40,
  groupPeriodMs: 20,
  launchMs: 30,
  bootMs: 10,
  attachMs: 20,
  detachMs: 20,
};

export const region = 'eu-west-1';
export const accountId = '123456789012';
export const zones = ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] as const;
export const imageId = 'ami-0123456789abcdef0';

/** An AWS on a free port of the loopback, with the SDK's clients for it. */
export async function startAws(options: Partial<AwsOptions> = {}): Promise<AwsUnderTest> {
  const hypervisor = inMemoryHypervisor();
  const changes: InstanceChange[] = [];
  const troubles: string[] = [];
  const sabotage = new Set<Sabotage>();
  const amounts = new Map<Sabotage, number>();
  const aws = createAws({
    hypervisor,
    timing: quick,
    region,
    accountId,
    sabotage: {
      isOn: (name) => sabotage.has(name),
      amount: (name) => amounts.get(name) ?? sabotageAmounts[name]?.usual ?? 0,
    },
    onInstanceChange: (change) => changes.push(change),
    onTrouble: (what) => troubles.push(what),
    ...options,
  });
  const server = createServer((request, response) => aws.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    endpoint,
    region,
    credentials: { accessKeyId: 'tester', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  const clients = {
    ec2: new EC2Client(config),
    autoScaling: new AutoScalingClient(config),
    sts: new STSClient(config),
  };
  return {
    aws,
    endpoint,
    hypervisor,
    changes,
    troubles,
    sabotage,
    amounts,
    ...clients,
    async close() {
      aws.close();
      for (const client of Object.values(clients)) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Asks until the answer is there; a generous deadline, since nothing is measured here. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`waited 15 s for: ${what}`);
    await wait(5);
  }
}
