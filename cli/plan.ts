import { realClock } from '../runner/clock.ts';
import { connect } from '../runner/clients/connect.ts';
import { examine, shortcomings } from '../runner/doctor.ts';
import type { Environment } from '../runner/environment.ts';
import { exitCodes } from '../runner/errors.ts';
import { fingerprint } from '../runner/fingerprint.ts';
import { loadKinds } from '../runner/kinds.ts';
import { describeSum, type BlastRadius, type PlannedFault } from '../runner/plan.ts';
import { prepare, type Prepared } from '../runner/prepare.ts';
import { rightsOf } from '../runner/rights.ts';
import { randomSeed } from '../runner/rng.ts';
import type { Scenario } from '../scenarios/schema.ts';
import { chooseDrill } from './drill.ts';
import { chooseEnvironment } from './environment-file.ts';
import { inOwnLab, labFor } from './own-lab.ts';
import { ownPlace } from './own-place.ts';
import { mask } from './secrets.ts';
import { version } from './version.ts';
import { visibleLines } from './visible-lines.ts';

export interface PlanOptions {
  readonly env?: string;
  readonly lab?: string;
  readonly seed?: number;
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly allowProtected?: string;
}

/**
 * `firedrill plan`: what a drill would hit on the platform as it is now, and why that is safe.
 *
 * @returns 3 when the guard would refuse it
 */
export async function planCommand(name: string, options: PlanOptions): Promise<number> {
  const kinds = await loadKinds();
  const { scenario } = await chooseDrill(name, kinds, options);
  const chosen = await chooseEnvironment(options);
  if (!chosen) return inOwnLab({ quiet: options.json === true, ...labFor(scenario, kinds) });
  const { environment } = chosen;

  const seed = options.seed ?? randomSeed();
  const world = connect(environment, { version: version(), clock: realClock, mask, ownPlace: ownPlace(process.env) });
  try {
    const lacking = async (targets: readonly string[]) => shortcomings(await examine(rightsOf([scenario], kinds), world, targets));
    const { allowProtected } = options;
    const prepared = await prepare({ scenario, world, kinds, seed, clock: realClock, shortcomings: lacking, allowProtected });
    const { plan, refusals } = prepared;
    const hash = fingerprint({ scenario, environment, ...prepared, seed });
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ drill: scenario.name, environment: environment.name, seed, hash, plan, refusals, warnings: prepared.warnings ?? [] }, null, 2)}\n`
        : `${planText(scenario, environment, prepared, seed)}${refusals.length === 0 ? `plan           ${hash}: to run this and nothing else, add --plan ${hash}\n` : ''}`,
    );
    for (const reason of refusals) process.stderr.write(`refused: ${visibleLines(reason)}\n`);
    return refusals.length === 0 ? exitCodes.held : exitCodes.refused;
  } finally {
    await world.close();
  }
}

/** The plan for people. Ends in a newline. */
export function planText(scenario: Scenario, environment: Environment, { plan, refusals, warnings = [] }: Pick<Prepared, 'plan' | 'refusals' | 'warnings'>, seed?: number): string {
  const { blastRadius: radius, quorum } = plan;
  const lost = radius.zonesLost.length > 0 ? ` · whole zones lost: ${radius.zonesLost.join(', ')}` : '';
  const lines = [
    `${scenario.title} (${scenario.name}) in ${environment.name}${seed === undefined ? '' : `, seed ${seed}`}`,
    '',
    ...plan.faults.flatMap(faultLines),
    '',
    `blast radius   ${reachOf(radius)}${lost} · etcd members down: ${radius.etcdMembersDown}`,
    ...(quorum ? [`quorum         ${describeSum(quorum)}: ${quorum.holds ? 'kept' : 'LOST'}`] : []),
    `limits         ${Object.entries(scenario.limits).map(([key, limit]) => `${key}: ${String(limit)}`).join(' · ')}`,
    ...warnings.map((warning) => `warning        ${warning}`),
    ...(refusals.length === 0 ? ['guard          lets it through; it looks again before each injection'] : []),
  ];
  return `${visibleLines(lines.join('\n'))}\n`;
}

function reachOf({ instances, pods, nodes }: BlastRadius): string {
  const count = (amount: number, noun: string): string => `${amount} ${noun}${amount === 1 ? '' : 's'}`;
  return [count(instances, 'instance'), ...(nodes === undefined ? [] : [count(nodes, 'node')]), ...(pods === undefined ? [] : [count(pods, 'pod')])].join(', ');
}

function faultLines({ id, kind, when, says, targets }: PlannedFault): string[] {
  const width = Math.max(...targets.map((target) => target.name.length));
  return [
    `${when}  ${id} (${kind}): ${says}`,
    ...targets.map(({ kind, name, id, zone, namespace, workload, node, etcdMember }) => {
      const what = kind === 'instance' ? id : [namespace, workload].filter(Boolean).join(' ') || kind;
      const where = [zone, node].filter(Boolean).join('  ');
      return `    ${name.padEnd(width)}  ${what}  ${where}${etcdMember === undefined ? '' : `  etcd member ${etcdMember}`}`.trimEnd();
    }),
  ];
}
