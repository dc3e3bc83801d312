/**
 * Runs in a new machine before etcd does: finds the member's volume by its name, attaches it (waiting for the instance
 * that had it before to let go), and mounts it. Ends with 0 when the volume is mounted, with 1 when it can't be had.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { instanceMetadata } from '../instance-metadata.ts';
import { allTexts, apiVersions, firstText, query, QueryError, type QueryApi } from '../query.ts';

const { values } = parseArgs({
  options: {
    volume: { type: 'string', default: '' },
    device: { type: 'string', default: '' },
    'mount-point': { type: 'string', default: '' },
    region: { type: 'string', default: '' },
    'deadline-ms': { type: 'string', default: '' },
    'retry-ms': { type: 'string', default: '' },
    check: { type: 'boolean', default: false },
  },
});
// Loaded and compiled for the machines, which is all that was asked for.
if (values.check) process.exit(0);
const { volume: volumeName, device, 'mount-point': mountPoint, region } = values;
const retryMs = Number(values['retry-ms']);
const deadline = performance.now() + Number(values['deadline-ms']);

const ec2: QueryApi = { endpoint: `http://ec2.${region}.amazonaws.com`, service: 'ec2', version: apiVersions.ec2, region };
const say = (line: string): void => void process.stdout.write(`boot: ${line}\n`);

/** Repeats `attempt` until it gives something, within the deadline. What AWS and the network refuse is tried again. */
async function patiently<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
  let said = '';
  for (;;) {
    let obstacle: string;
    try {
      const result = await attempt();
      if (result !== undefined) return result;
      obstacle = 'not yet';
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      obstacle = error.message;
    }
    if (obstacle !== said) say(`${what}: ${obstacle}`);
    said = obstacle;
    if (performance.now() + retryMs > deadline) throw new Error(`${what}: gave up; the last obstacle was: ${obstacle}`);
    await wait(retryMs);
  }
}

async function describeVolume(volumeId: string): Promise<string> {
  return query(ec2, 'DescribeVolumes', { 'VolumeId.1': volumeId });
}

async function boot(): Promise<void> {
  const metadata = (path: string): Promise<string> => patiently(path, () => instanceMetadata(path));
  const [instanceId, zone] = [await metadata('instance-id'), await metadata('placement/availability-zone')];
  say(`I am ${instanceId} in ${zone}`);

  const volumeId = await patiently(`volume ${volumeName}`, async () => {
    const xml = await query(ec2, 'DescribeVolumes', {
      'Filter.1.Name': 'tag:Name',
      'Filter.1.Value.1': volumeName,
      'Filter.2.Name': 'availability-zone',
      'Filter.2.Value.1': zone,
    });
    const ids = [...new Set(allTexts(xml, 'volumeId'))];
    if (ids.length > 1) throw new Error(`${ids.length} volumes have this name here: ${ids.join(', ')}`);
    return ids[0];
  });

  await patiently(`attach ${volumeId}`, async () => {
    try {
      await query(ec2, 'AttachVolume', { VolumeId: volumeId, InstanceId: instanceId, Device: device });
      return true;
    } catch (error) {
      // "In use" by this very instance is what was wanted: an answer got lost, or this is not the first boot.
      const mine = error instanceof QueryError && error.code === 'VolumeInUse' && (await describeVolume(volumeId)).includes(instanceId);
      if (mine) return true;
      throw error;
    }
  });
  await patiently(`wait for ${device}`, async () => {
    const attachments = /<attachmentSet>.*<\/attachmentSet>/s.exec(await describeVolume(volumeId))?.[0] ?? '';
    return (firstText(attachments, 'status') === 'attached' && existsSync(device)) || undefined;
  });

  // Volumes of the lab are folders, so "bind" takes the place of a file system's type.
  const mounted = spawnSync('mount', ['-n', '--bind', device, mountPoint], { encoding: 'utf8' });
  if (mounted.status !== 0) throw new Error(`mount ${device} ${mountPoint}: ${mounted.error?.message ?? mounted.stderr}`);
  say(`${volumeId} is mounted at ${mountPoint}`);
}

try {
  await boot();
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
