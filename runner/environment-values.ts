import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isMapping, type Report } from '../scenarios/parameters.ts';
import { FileRefused, readText } from '../scenarios/read-file.ts';
import { pathText, type Path } from '../scenarios/yaml-tree.ts';
import { inCluster } from './environment.ts';
import { whyNotMaskable, type Mask } from './mask.ts';

/** What an environment file may take from outside, and where what is taken goes to. */
export interface ValueSources {
  /** The environment's variables, which only the command line reads. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly mask: Mask;
}

/** Secrets: these are never shown, and may come from a variable or a file. `*` is a name that the file gives. */
const secrets = new Set(['aws.credentials.secretAccessKey', 'aws.credentials.sessionToken', 'etcd.password', 'prometheus.token', 'notify.webhooks.*.secret', 'notify.slack.*.token', 'opentelemetry.headers.*']);
/** Who we are there: shown when it is written out, and may come from a variable or a file. */
const identities = new Set(['aws.credentials.accessKeyId', 'etcd.username']);
/** Paths, from the folder of the environment file; may come from a variable. */
const paths = new Set(['etcd.tls.ca', 'etcd.tls.cert', 'etcd.tls.key', 'kubernetes.kubeconfig', 'kubernetes.auditLog', 'traffic.ca', 'lock.file']);
const pathsFromVariables = new Set([...paths].filter((path) => path !== 'lock.file'));

const reference = /^\$\{(env|file):([^{}]*)\}$/;
/** A file with a secret is a line; more than this is another file. */
const secretLimitBytes = 64 * 1024;

/** A place with `*` for the names that the file gives. */
function kindOfPlace(where: string): string {
  return where.replace(/^(notify\.(?:webhooks|slack))\.[^.]+\./, '$1.*.').replace(/^(opentelemetry\.headers)\..+$/, '$1.*');
}

/** Whether what stands there, or below, may be a secret and is never shown: also where somebody put it one level off, or mistyped a key. */
export function isSecretPlace(path: Path): boolean {
  const text = pathText(path);
  const within = ['aws.credentials', 'opentelemetry.headers', ...secrets].some((secret) => text === secret || text.startsWith(`${secret}.`) || text.startsWith(`${secret}[`));
  return within || /pass|secret|token/i.test(text);
}

/**
 * Puts the values of `${env:NAME}` and `${file:path}` in their places, and has the mask hide them, as well as the secrets that are written
 * out. A text that begins with `$${` is meant to begin with `${`. The value itself is never in a message.
 *
 * @param file the environment file: its folder is where paths begin
 * @returns the environment with all values, null where one could not be had; paths absolute
 */
export async function resolveValues(environment: unknown, file: string, { variables, mask }: ValueSources, report: Report): Promise<unknown> {
  const resolveValue = async (value: unknown, path: Path): Promise<unknown> => {
    if (Array.isArray(value)) return Promise.all(value.map((item, index) => resolveValue(item, [...path, index])));
    if (isMapping(value)) {
      const children = Object.entries(value).map(async ([key, child]) => [key, await resolveValue(child, [...path, key])] as const);
      return Object.fromEntries(await Promise.all(children));
    }
    if (typeof value !== 'string') return value;
    const found: { value: string; from?: string } | undefined = value.startsWith('${') ? await valueOf(value, path) : { value: value.startsWith('$${') ? value.slice(1) : value };
    if (found === undefined) return null;
    hide(found.value, path, found.from);
    return paths.has(pathText(path)) && found.value !== inCluster ? absolute(found.value, file) : found.value;
  };

  const valueOf = async (text: string, path: Path): Promise<{ value: string; from: string } | undefined> => {
    const where = pathText(path);
    const [, source, name = ''] = reference.exec(text) ?? [];
    const fail = (why: string): undefined => void report(path, 'value', `${where} ${why}`);
    const isSecret = secrets.has(kindOfPlace(where)) || identities.has(where);
    if (source === undefined || name === '') {
      return fail(`begins with \${; give \${env:NAME} or \${file:path}, which stand alone, or begin the text with $\${ where it is meant as it is`);
    }
    if (!isSecret && !(source === 'env' && pathsFromVariables.has(where))) {
      const what = [...secrets, ...identities, ...(source === 'env' ? pathsFromVariables : [])];
      return fail(`is ${text}; write it out: what says which platform this is must not change with the shell or a file (\${${source}:…} is for ${what.join(', ')})`);
    }
    if (source === 'file') return fromFile(name, fail, text);
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (value === undefined) return fail(`is ${text}, and the variable ${name} is not set; set it, or write another`);
    if (value.trim() === '') return fail(`is ${text}, and the variable ${name} is empty`);
    return { value, from: text };
  };

  const fromFile = async (name: string, fail: (why: string) => undefined, text: string): Promise<{ value: string; from: string } | undefined> => {
    try {
      const value = (await readText(absolute(name, file), secretLimitBytes)).replace(/\r?\n$/, '');
      return value.trim() === '' ? fail(`is ${text}, and that file is empty`) : { value, from: text };
    } catch (error) {
      if (error instanceof FileRefused) return fail(`is ${text}, and that file ${error.message}`);
      throw error;
    }
  };

  const hide = (value: string, path: Path, from: string | undefined): void => {
    if (from === undefined && !secrets.has(kindOfPlace(pathText(path)))) return;
    const why = value.trim() === '' ? undefined : whyNotMaskable(value);
    if (why !== undefined) report(path, 'value', `${pathText(path)} ${why}`);
    else mask.add(value, { of: pathText(path), ...(from === undefined ? {} : { shownAs: from }) });
  };
  return resolveValue(environment, []);
}

/** A path of an environment file: `~/` is the home folder, and others begin in the folder of that file. */
function absolute(path: string, file: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(dirname(file), path);
}
