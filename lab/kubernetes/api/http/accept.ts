import { StatusError } from '../errors.ts';

/** In which form an answer is wanted. */
export interface Accepts {
  readonly format: 'json' | 'yaml';
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata';
  /** The version of `meta.k8s.io` that a Table or PartialObjectMetadata is to have. */
  readonly metaVersion: string;
}

export interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const available = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const plain: Accepts = { format: 'json', as: 'object', metaVersion: 'v1' };

/** The media ranges of an Accept header in the order of preference. */
export function mediaRanges(accept: string | undefined): MediaRange[] {
  return (accept ?? '*/*')
    .split(',')
    .map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
      return {
        type: type.toLowerCase(),
        parameters: Object.fromEntries(parameters.map((parameter) => parameter.split('=', 2) as [string, string])),
      };
    })
    .filter(({ type }) => type !== '')
    .toSorted((a, b) => Number(b.parameters['q'] ?? 1) - Number(a.parameters['q'] ?? 1));
}

/**
 * Chooses the first form that the server can make. Protobuf is not among them: every client of Kubernetes that asks for it
 * names JSON as well.
 *
 * @throws StatusError 406
 */
export function negotiate(accept: string | undefined): Accepts {
  let wrongForm = false;
  for (const { type, parameters } of mediaRanges(accept)) {
    const format = formatOf(type);
    if (format === undefined) continue;
    const { as, g: group, v: version = 'v1' } = parameters;
    if (as === undefined) return { ...plain, format };
    const known = group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1');
    if (known && as === 'Table') return { format, as, metaVersion: version };
    if (known && /^PartialObjectMetadata(List)?$/.test(as)) return { format, as: 'PartialObjectMetadata', metaVersion: version };
    wrongForm = true;
  }
  if (wrongForm) throw new StatusError(406, 'NotAcceptable', `only the following media types are accepted: ${available}`);
  throw new StatusError(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${available}`, {});
}

function formatOf(type: string): Accepts['format'] | undefined {
  if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'json';
  return type === 'application/yaml' ? 'yaml' : undefined;
}
