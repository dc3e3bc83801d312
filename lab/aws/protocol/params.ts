import { AwsError, missingParameter, validationError } from './errors.ts';
import type { Protocol } from './errors.ts';

interface Node {
  value?: string;
  readonly children: Map<string, Node>;
}

/** The parameters by name, each a text, a structure, or a list whose entries are named by their numbers. */
export interface ParamTree {
  readonly [name: string]: string | ParamTree;
}

const deepestPath = 16;

/**
 * The parameters of a call, as a tree. On the wire they are flat: `Filter.1.Value.2=x` (EC2) or
 * `Filters.member.1.Values.member.2=x` (query); both read the same here, the word `member` is dropped.
 */
export class Params {
  readonly protocol: Protocol;
  readonly #node: Node;
  readonly #path: string;

  private constructor(protocol: Protocol, node: Node, path: string) {
    this.protocol = protocol;
    this.#node = node;
    this.#path = path;
  }

  static parse(protocol: Protocol, form: URLSearchParams): Params {
    const root: Node = { children: new Map() };
    for (const [key, value] of form) {
      const steps = key.split('.').filter((step) => protocol === 'ec2' || step !== 'member');
      if (steps.length > deepestPath)
        throw new AwsError('MalformedQueryString', `The parameter ${key} is nested too deep`);
      let node = root;
      for (const step of steps) {
        let child = node.children.get(step);
        if (child === undefined) node.children.set(step, (child = { children: new Map() }));
        node = child;
      }
      node.value = value;
    }
    return new Params(protocol, root, '');
  }

  /** The names at this level, as sent. */
  names(): string[] {
    return [...this.#node.children.keys()];
  }

  /** All of them, as sent. */
  tree(): ParamTree {
    return treeOf(this.#node);
  }

  has(name: string): boolean {
    return this.#node.children.has(name);
  }

  string(name: string): string | undefined {
    return this.#node.children.get(name)?.value;
  }

  /** Throws `MissingParameter` (EC2) or `ValidationError` (query) when it is absent or empty. */
  required(name: string): string {
    const value = this.string(name);
    if (value === undefined || value === '') throw this.#missing(name);
    return value;
  }

  /** Throws as `required` when the list has no entry. */
  requireList(name: string): void {
    if (this.#entries(name).length === 0) throw this.#missing(name);
  }

  boolean(name: string): boolean | undefined {
    const value = this.string(name);
    if (value === undefined || value === '') return undefined;
    if (value.toLowerCase() === 'true') return true;
    if (value.toLowerCase() === 'false') return false;
    throw this.#invalid(name, value, 'a boolean');
  }

  integer(name: string, range: { readonly min?: number; readonly max?: number } = {}): number | undefined {
    const value = this.string(name);
    if (value === undefined || value === '') return undefined;
    const number = Number(value);
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = range;
    if (!/^-?\d+$/.test(value) || number < min || number > max) {
      throw this.#invalid(
        name,
        value,
        `an integer${range.min === undefined && range.max === undefined ? '' : ` between ${min} and ${max}`}`,
      );
    }
    return number;
  }

  requiredInteger(name: string, range: { readonly min?: number; readonly max?: number } = {}): number {
    this.required(name);
    return this.integer(name, range)!;
  }

  /** A list of plain values, in the order of their numbers; empty when absent. */
  strings(name: string): string[] {
    return this.#entries(name).map(([, node]) => node.value ?? '');
  }

  /** A list of structures, in the order of their numbers; empty when absent. */
  list(name: string): Params[] {
    return this.#entries(name).map(
      ([index, node]) => new Params(this.protocol, node, `${this.#path}${name}.${index}.`),
    );
  }

  /** A nested structure; reads as empty when absent. */
  child(name: string): Params {
    const node = this.#node.children.get(name) ?? { children: new Map<string, Node>() };
    return new Params(this.protocol, node, `${this.#path}${name}.`);
  }

  #entries(name: string): [string, Node][] {
    const children = this.#node.children.get(name)?.children ?? new Map<string, Node>();
    return [...children].filter(([index]) => /^\d+$/.test(index)).sort(([a], [b]) => Number(a) - Number(b));
  }

  #missing(name: string): AwsError {
    if (this.protocol === 'ec2') return missingParameter(this.#path + name);
    const member = name[0]!.toLowerCase() + name.slice(1);
    return validationError(
      `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    );
  }

  #invalid(name: string, value: string, wanted: string): AwsError {
    if (this.protocol === 'ec2') {
      return new AwsError(
        'InvalidParameterValue',
        `Value (${value}) for parameter ${this.#path}${name} is invalid. It must be ${wanted}.`,
      );
    }
    return validationError(`Value '${value}' at '${this.#path}${name}' is invalid: it must be ${wanted}`);
  }
}

function treeOf(node: Node): ParamTree {
  return Object.fromEntries([...node.children].map(([name, child]) => [name, child.children.size === 0 ? (child.value ?? '') : treeOf(child)]));
}
