import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expectExit, RunsFolder, startFiredrill, type Ended, type Running } from './firedrill.ts';
import { sharedKubernetesLab } from './shared-lab.ts';
import { expectInside } from './inside-lab.ts';

/** What a drill that a test writes has besides what all of them have: lines of YAML, without their dashes. */
export interface ClusterDrill {
  readonly faults: readonly string[];
  readonly probes: readonly string[];
  readonly slos: readonly string[];
  readonly limits?: readonly string[];
}

/** The lab's cluster, whole again before each test, and a folder for what is run on it. */
export class ClusterUnderTest {
  readonly #lend: () => Promise<string>;
  #lab = '';
  #runs: RunsFolder | undefined;

  constructor(lend: () => Promise<string>) {
    this.#lend = lend;
  }

  get lab(): string {
    return this.#lab;
  }

  get runs(): RunsFolder {
    if (!this.#runs) throw new Error('there are runs only within a test');
    return this.#runs;
  }

  async begin(): Promise<void> {
    this.#lab = await this.#lend();
    this.#runs = new RunsFolder();
  }

  end(): void {
    this.#runs?.remove();
    this.#runs = undefined;
  }

  /** Runs a program where the lab's machines are. @returns what it wrote */
  async inside(...argv: string[]): Promise<string> {
    return (await expectInside(this.#lab, ...argv)).stdout.trim();
  }

  kubectl(...args: string[]): Promise<string> {
    return this.inside('kubectl', ...args);
  }

  async apply(...objects: object[]): Promise<void> {
    const file = join(this.runs.drills(), 'objects.json');
    writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n'));
    await this.kubectl('apply', '-f', file);
  }

  /** Runs a drill, by name or path, to its end. */
  run(exit: number, drill: string, ...options: string[]): Promise<Ended> {
    return expectExit(exit, 'run', drill, '--lab', this.#lab, '--out', this.runs.path, ...options);
  }

  start(drill: string, ...options: string[]): Running {
    return startFiredrill(['run', drill, '--lab', this.#lab, '--out', this.runs.path, ...options]);
  }

  /** Writes a drill that is quick to run. @returns its path */
  write({ faults, probes, slos, limits = ['zones: 0', 'etcdMembersDown: 9', 'podsOfWorkload: all', 'pods: 6'] }: ClusterDrill): string {
    const path = join(this.runs.drills(), 'small.yaml');
    const list = (items: readonly string[]): string => items.map((item) => `  - { ${item} }\n`).join('');
    writeFileSync(path, `name: small
title: Something small
why: It is quick.
probes:
${probes.map((probe) => `  ${probe}\n`).join('')}baseline: { for: 1s }
faults:
${list(faults)}slos:
${list(slos)}limits: { ${limits.join(', ')} }
recovery: { timeout: 60s, stableFor: 1s }
`);
    return path;
  }
}

/**
 * Called in a `describe`: each of its tests begins with a cluster that is whole, and leaves no runs behind.
 *
 * @param lend which lab; the one with Kubernetes and nothing more when left out
 */
export function clusterUnderTest(lend: () => Promise<string> = sharedKubernetesLab): ClusterUnderTest {
  const cluster = new ClusterUnderTest(lend);
  beforeEach(async function () {
    this.timeout('5m');
    await cluster.begin();
  });
  afterEach(() => cluster.end());
  return cluster;
}
