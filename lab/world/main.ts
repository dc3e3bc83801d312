/**
 * The world's first program: process 1 in its namespaces. It builds the VPC, serves DNS, metadata, AWS and the control
 * API, and is the hypervisor of the machines. When it ends, the kernel ends everything in the world with it.
 */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { createAws, profiles } from '../aws/index.ts';
import { createHypervisor } from '../machine/create.ts';
import { initScript, initScriptPath } from '../machine/init.ts';
import { LabError } from '../errors.ts';
import { masterGroup, workerGroup } from '../kubernetes/names.ts';
import { accountId, awsAddress, dnsAddress, region } from '../names.ts';
import { buildPlatform } from '../platform.ts';
import { createSabotage } from '../sabotage.ts';
import { cloudTrailFile, controlSocket, type WorldConfig } from './config.ts';
import { serveControl } from './control.ts';
import { discard } from './discard.ts';
import { createDnsZone } from './dns-zone.ts';
import { followEtcdLies } from './etcd-lies.ts';
import { serveDns } from './dns-server.ts';
import type { Lab } from './lab.ts';
import { serveMetadata } from './metadata.ts';
import { compileAhead } from './compile-ahead.ts';
import { arrangeMounts } from './mounts.ts';
import { buildNetwork } from './network.ts';
import { createProgress } from './progress.ts';
import { waitUntilClusterWhole, waitUntilMachinesRun, waitUntilWhole } from './readiness.ts';
import { labRoutes } from './routes.ts';

const config = JSON.parse(process.argv[2] ?? '{}') as WorldConfig;
const log = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);

function end(why: string): void {
  log(`the lab ends: ${why}`);
  discard(config.folder);
  process.exit(0);
}

// Process 1 gets no signal that it has no handler for.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal));

/** Until it is told to stay, the world lives only as long as the one who holds the other end of its standard input. */
let stays = false;
process.stdin.resume().on('end', () => stays || end('its maker is gone'));
process.stdin.on('error', (error) => stays || end(`its maker is gone: ${error.message}`));

async function main(): Promise<void> {
  const timing = profiles[config.timing];
  const progress = createProgress();
  const zone = createDnsZone();
  const sabotage = createSabotage();
  const hypervisor = createHypervisor(log);
  const lab: Lab = { config, timing, progress, zone, sabotage, hypervisor, log, clusterToken: `lab-${config.name}` };
  // First of all, and before /run is replaced: whoever made the world wants to hear how it goes.
  await serveControl(
    join(config.folder, controlSocket),
    labRoutes(lab, { stay: () => (stays = true), end: () => setImmediate(end, 'asked to') }),
  );
  try {
    await arrangeMounts({ ...config, lab: config.folder });
    writeFileSync(initScriptPath, initScript);
    const compiled = compileAhead(config);
    compiled.catch(() => {
      // Told below, when all else is there.
    });
    await buildNetwork();
    await serveDns(zone, dnsAddress, log);
    await serveMetadata(hypervisor.machineAt, sabotage);
    progress.step('a VPC with three zones, a router and a DNS server');
    const aws = createAws({
      hypervisor,
      timing,
      region,
      accountId,
      sabotage,
      trailFile: join(config.folder, cloudTrailFile),
      onInstanceChange({ instanceId, name, state, address }) {
        // A name that several share is a group's, and leads to none of them.
        if (name === undefined || name === masterGroup || name === workerGroup) return;
        if (state === 'running') zone.point(name, instanceId, address);
        if (state === 'terminated' || state === 'stopped') zone.withdraw(name, instanceId);
      },
      onTrouble: (what, error) => log(`aws: ${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
    });
    lab.aws = aws;
    const server = createServer((request, response) => aws.handle(request, response));
    server.listen(80, awsAddress);
    await once(server, 'listening');
    progress.step('EC2, Auto Scaling, STS and CloudTrail');
    await buildPlatform(aws, lab);
    progress.step('nine volumes and nine Auto Scaling Groups of one');
    await waitUntilMachinesRun(lab);
    if (config.kubernetes) {
      // Not before: a dozen programs that start would keep the members of etcd from finding each other, which they do while the
      // machines of these are launched.
      const { startKubernetes } = await import('./kubernetes.ts');
      lab.kubernetes = await startKubernetes(lab, aws);
      progress.step('Auto Scaling Groups of three masters and six workers');
    }
    await waitUntilWhole(lab);
    lab.etcdLies = followEtcdLies(lab);
    if (lab.kubernetes) await waitUntilClusterWhole(lab, lab.kubernetes);
    await compiled;
    aws.markWhole();
    progress.ready();
    // Labs seldom end by returning from their program, which is when Node would write it.
    flushCompileCache();
  } catch (error) {
    log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    progress.failed(error instanceof Error ? error.message : String(error), error instanceof LabError);
  }
}

await main();
