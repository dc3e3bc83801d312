import { check } from '../scenarios/issues.ts';
import { isMapping, type Report } from '../scenarios/parameters.ts';
import { refusalOf } from '../scenarios/problem.ts';
import { FileRefused, readText } from '../scenarios/read-file.ts';
import { pathText, readYaml, sizeLimitBytes, type Finding, type Path } from '../scenarios/yaml-tree.ts';
import { environmentSchema, type Environment } from './environment.ts';
import { isSecretPlace, resolveValues, type ValueSources } from './environment-values.ts';
import { ExpectedError } from './errors.ts';

/**
 * Reads an environment file.
 *
 * @throws ExpectedError when it can't be read; ScenarioError with all problems in it, each with line and column
 */
export async function readEnvironment(file: string, sources: ValueSources): Promise<Environment> {
  let text: string;
  try {
    text = await readText(file, sizeLimitBytes);
  } catch (error) {
    if (error instanceof FileRefused) throw new ExpectedError(`the environment file ${file} ${error.message}`, undefined, { cause: error });
    throw error;
  }
  return parseEnvironment(text, file, sources);
}

/**
 * Takes the text of an environment file: values from variables and files put in, paths absolute, and all secrets in it hidden from now on.
 *
 * @param file where it stands: paths in it begin in its folder
 * @throws ScenarioError with all problems, each with line and column; no message shows a secret
 */
export async function parseEnvironment(text: string, file: string, sources: ValueSources): Promise<Environment> {
  const tree = readYaml(text, { what: 'the environment', quiet: true });
  const findings: Finding[] = [...tree.findings];
  const reported = new Set<string>();
  const report: Report = (path, of, message) => {
    // What follows from a value that could not be had says nothing new.
    const first = !reported.has(pathText(path)) && !tree.unreadable.has(pathText(path));
    if (first) findings.push({ offset: tree.offsetOf(path, of), text: message });
    reported.add(pathText(path));
  };
  const readable = isMapping(tree.value);
  if (!readable && findings.length === 0) {
    report([], 'value', 'the environment is no mapping; give one with name, aws, etcd and the rest');
  }
  const value = readable ? await resolveValues(tree.value, file, sources, report) : undefined;
  const checked = readable
    ? check({ schema: environmentSchema, value, path: [], report, what: 'the environment', secret: isSecretPlace })
    : undefined;
  const environment = checked as Environment | undefined;
  if (environment && findings.length === 0) {
    refuseSecretNames(environment, sources, report);
    refuseSecretAddresses(environment, report);
  }
  if (findings.length > 0) throw refusalOf(file, tree, findings.map(({ offset, text: said }) => ({ offset, text: sources.mask.text(said) })));
  return environment!;
}

/** A run is told from others, and undone after a crash, by what names its platform: that must be readable in its journal. */
function refuseSecretNames({ name, aws, etcd, kubernetes }: Environment, { mask }: ValueSources, report: Report): void {
  const names: [path: Path, value: string | undefined][] = [
    [['name'], name],
    [['aws', 'region'], aws?.region],
    [['aws', 'accountId'], aws?.accountId],
    [['aws', 'endpoint'], aws?.endpoint],
    [['etcd', 'clusterId'], etcd?.clusterId],
    [['kubernetes', 'context'], kubernetes?.context],
    [['kubernetes', 'clusterUid'], kubernetes?.clusterUid],
  ];
  for (const [path, value] of names) {
    if (value === undefined || mask.text(value) === value) continue;
    report(path, 'value', `${pathText(path)} has one of this file's secrets in it, so neither can be hidden; change one of the two`);
  }
}

/** Addresses are in every report and error: they are no place for a password. */
function refuseSecretAddresses({ aws, etcd, prometheus, notify, opentelemetry }: Environment, report: Report): void {
  const addresses: [path: Path, value: string][] = [
    ...(aws?.endpoint === undefined ? [] : [[['aws', 'endpoint'], aws.endpoint] as [Path, string]]),
    ...(prometheus === undefined ? [] : [[['prometheus', 'url'], prometheus.url] as [Path, string]]),
    ...(opentelemetry === undefined ? [] : [[['opentelemetry', 'endpoint'], opentelemetry.endpoint] as [Path, string]]),
    ...Object.entries(notify?.webhooks ?? {}).map(([name, { url }]): [Path, string] => [['notify', 'webhooks', name, 'url'], url]),
    ...Object.entries(notify?.slack ?? {}).map(([name, { url }]): [Path, string] => [['notify', 'slack', name, 'url'], url]),
    ...(etcd?.endpoints ?? []).map((endpoint, index): [Path, string] => [['etcd', 'endpoints', index], endpoint]),
  ];
  for (const [path, value] of addresses) {
    const { username, password } = new URL(value);
    if (username !== '' || password !== '') report(path, 'value', `${pathText(path)} has a user or a password in it; give the address alone${path[0] === 'etcd' ? ', and etcd.username and etcd.password' : ''}`);
  }
}
