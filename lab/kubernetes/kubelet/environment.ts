import type { Pod } from '../objects.ts';
import type { ContainerSpec } from './spec.ts';

/** What a pod may be told of itself, beyond its own object. */
export interface PodFacts {
  readonly podIp: string;
  readonly hostIp: string;
  readonly node: string;
  readonly zone: string;
}

/** Reads the data of a ConfigMap or a Secret; undefined when there is none of this name. */
export type DataSource = (kind: 'ConfigMap' | 'Secret', name: string) => Promise<Record<string, string> | undefined>;

/** A reference to nothing, which keeps a container from being made. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * The environment of a container, its references looked up.
 *
 * @throws ConfigError when one leads to nothing
 */
export async function environmentOf(pod: Pod, container: ContainerSpec, facts: PodFacts, read: DataSource): Promise<Record<string, string>> {
  const env: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const [kind, from] = configMapRef ? (['ConfigMap', configMapRef] as const) : (['Secret', secretRef!] as const);
    const data = await read(kind, from.name);
    if (data === undefined && !from.optional) throw new ConfigError(`${kind.toLowerCase()} "${from.name}" not found`);
    for (const [key, value] of Object.entries(data ?? {})) env[prefix + key] = value;
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    if (valueFrom === undefined || valueFrom === null) env[name] = expand(value ?? '', env);
    else {
      const found = await valueOf(pod, valueFrom, facts, read);
      if (found !== undefined) env[name] = found;
    }
  }
  return env;
}

type ValueSource = NonNullable<NonNullable<ContainerSpec['env']>[number]['valueFrom']>;
interface KeySelector {
  name: string;
  key: string;
  optional?: boolean;
}

async function valueOf(pod: Pod, source: ValueSource, facts: PodFacts, read: DataSource): Promise<string | undefined> {
  if (source.fieldRef) return fieldOf(pod, source.fieldRef.fieldPath, facts);
  for (const [field, kind] of [['configMapKeyRef', 'ConfigMap'], ['secretKeyRef', 'Secret']] as const) {
    const selector = source[field] as KeySelector | undefined;
    if (!selector) continue;
    const data = await read(kind, selector.name);
    const value = data?.[selector.key];
    if (value !== undefined || selector.optional) return value;
    throw new ConfigError(
      data === undefined ? `${kind.toLowerCase()} "${selector.name}" not found` : `couldn't find key ${selector.key} in ${kind} ${pod.metadata.namespace}/${selector.name}`,
    );
  }
  throw new ConfigError(`this node can't take a value from ${Object.keys(source).join(', ')}`);
}

/** @throws ConfigError for a path that names nothing */
export function fieldOf(pod: Pod, path: string, facts: PodFacts): string {
  const { metadata, spec } = pod;
  const entry = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (entry) {
    const value = metadata[entry[1] as 'labels' | 'annotations']?.[entry[2]!];
    // Since 1.35 the binding copies the node's zone into this label; older servers leave it to nobody.
    return value ?? (entry[2] === 'topology.kubernetes.io/zone' ? facts.zone : '');
  }
  const fields: Record<string, string | undefined> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'spec.nodeName': facts.node,
    'spec.serviceAccountName': spec.serviceAccountName ?? 'default',
    'status.hostIP': facts.hostIp,
    'status.hostIPs': facts.hostIp,
    'status.podIP': facts.podIp,
    'status.podIPs': facts.podIp,
    'metadata.labels': lines(metadata.labels),
    'metadata.annotations': lines(metadata.annotations),
  };
  const value = Object.hasOwn(fields, path) ? fields[path] : undefined;
  if (value === undefined) throw new ConfigError(`the field path "${path}" is not supported`);
  return value;
}

const lines = (map: Record<string, string> = {}): string => Object.entries(map).map(([key, value]) => `${key}=${JSON.stringify(value)}\n`).join('');

/** `$(NAME)` is the value of a variable, `$$` a dollar; what names nothing stays as it is. */
export function expand(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([^)]+)\)/g, (found, name: string | undefined) => (name === undefined ? '$' : Object.hasOwn(env, name) ? env[name]! : found));
}
