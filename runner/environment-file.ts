import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { check } from '../scenarios/issues.ts';
import { isMapping, type Report } from '../scenarios/parameters.ts';
import { ScenarioError } from '../scenarios/problem.ts';
import { readYaml, type Finding } from '../scenarios/yaml-tree.ts';
import { environmentSchema, type Environment } from './environment.ts';
import { ExpectedError, messageOf } from './errors.ts';

/**
 * Reads an environment file.
 *
 * @throws ExpectedError when it can't be read; ScenarioError with all problems in it, each with line and column
 */
export async function readEnvironment(file: string): Promise<Environment> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ExpectedError(`the environment file ${file} can't be read: ${messageOf(error)}`);
  }
  return withPathsFrom(file, parseEnvironment(text, file));
}

/** The environment with the paths in it made absolute. */
function withPathsFrom(file: string, environment: Environment): Environment {
  const { kubernetes } = environment;
  if (!kubernetes) return environment;
  const absolute = (path: string): string => (path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(dirname(file), path));
  const { kubeconfig, auditLog } = kubernetes;
  return { ...environment, kubernetes: { ...kubernetes, kubeconfig: absolute(kubeconfig), ...(auditLog === undefined ? {} : { auditLog: absolute(auditLog) }) } };
}

/** @throws ScenarioError with all problems, each with line and column */
export function parseEnvironment(text: string, file: string): Environment {
  const tree = readYaml(text);
  const findings: Finding[] = [...tree.findings];
  const report: Report = (path, of, message) => findings.push({ offset: tree.offsetOf(path, of), text: message });
  const readable = isMapping(tree.value);
  if (!readable && findings.length === 0) {
    report([], 'value', 'the environment is no mapping; give one with name, aws, etcd and the rest');
  }
  const environment = readable ? check({ schema: environmentSchema, value: tree.value, path: [], report }) : undefined;
  if (findings.length > 0) {
    const inOrder = findings.toSorted((a, b) => a.offset - b.offset);
    throw new ScenarioError(file, inOrder.map((finding) => ({ at: tree.position(finding.offset), text: finding.text })));
  }
  return environment as Environment;
}
