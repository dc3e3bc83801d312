import { badRequest } from '../errors.ts';
import { labelValueProblem, qualifiedNameProblem } from './names.ts';

type Operator = 'in' | 'notin' | 'exists' | '!' | '>' | '<';

interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>> | undefined;
export type Matches = (labels: Labels) => boolean;

/** A LabelSelector as objects have it. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

/**
 * Reads the text of `labelSelector=`.
 *
 * @throws StatusError 400, with the real server's words
 */
export function parseLabelSelector(text: string): Matches {
  return matching(parse(text));
}

/** A missing selector matches nothing, an empty one everything. */
export function matcherOf(selector: LabelSelector | null | undefined): Matches {
  if (selector == null) return () => false;
  const requirements: Requirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'in',
    values: [value],
  }));
  const operators: Record<string, Operator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' };
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    requirements.push({ key, operator: operators[operator] ?? 'in', values: values ?? [] });
  }
  return matching(requirements);
}

/** A selector as the text of `labelSelector=`, as the scale subresource gives it. */
export function selectorText(selector: LabelSelector | undefined): string {
  const parts = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
    if (operator === 'Exists') parts.push(key);
    else if (operator === 'DoesNotExist') parts.push(`!${key}`);
    else parts.push(`${key} ${operator.toLowerCase()} (${values.toSorted().join(',')})`);
  }
  return parts.toSorted().join(',');
}

function matching(requirements: readonly Requirement[]): Matches {
  return (labels) => requirements.every((requirement) => meets(requirement, labels ?? {}));
}

function meets({ key, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'in':
      return value !== undefined && values.includes(value);
    case 'notin':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case '!':
      return value === undefined;
    default:
      return compares(value, operator, values[0]!);
  }
}

function compares(value: string | undefined, operator: '>' | '<', limit: string): boolean {
  if (value === undefined || !/^-?\d+$/.test(value)) return false;
  return operator === '>' ? Number(value) > Number(limit) : Number(value) < Number(limit);
}

const symbols = ['==', '!=', '=', '>', '<', '(', ')', ',', '!'];

function tokensOf(text: string): string[] {
  return text.match(/==|!=|[=><(),!]|[^=><(),!\s]+/g) ?? [];
}

function parse(text: string): Requirement[] {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = (): string => tokens[at] ?? '';
  const next = (): string => tokens[at++] ?? '';
  const isWord = (token: string): boolean => token !== '' && !symbols.includes(token);
  const found: Requirement[] = [];
  if (tokens.length === 0) return found;
  for (;;) {
    if (peek() !== '!' && !isWord(peek())) throw badRequest(`found '${peek()}', expected: !, identifier, or 'end of string'`);
    found.push(requirement());
    if (at >= tokens.length) return found;
    if (peek() !== ',') throw badRequest(`found '${peek()}', expected: ',' or 'end of string'`);
    next();
    if (at < tokens.length && !isWord(peek()) && peek() !== '!') {
      throw badRequest(`found '${peek()}', expected: identifier after ','`);
    }
    if (at >= tokens.length) throw badRequest(`found '', expected: identifier after ','`);
  }

  function requirement(): Requirement {
    const negated = peek() === '!';
    if (negated) next();
    const key = next();
    const problem = qualifiedNameProblem(key);
    if (problem !== undefined) throw unparsable(`<nil>: Invalid value: "${key}": ${problem}`);
    if (negated) return { key, operator: '!', values: [] };
    const operator = peek();
    if (operator === '' || operator === ',') return { key, operator: 'exists', values: [] };
    switch (operator) {
      case 'in':
      case 'notin':
        next();
        return checked({ key, operator, values: list() });
      case '=':
      case '==':
        next();
        return checked({ key, operator: 'in', values: [exact()] });
      case '!=':
        next();
        return checked({ key, operator: 'notin', values: [exact()] });
      case '>':
      case '<': {
        next();
        const value = exact();
        if (!/^-?\d+$/.test(value)) {
          throw unparsable(`values[0][${key}]: Invalid value: "${value}": for 'Gt', 'Lt' operators, the value must be an integer`);
        }
        return { key, operator, values: [value] };
      }
      default:
        throw unparsable(`found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  function exact(): string {
    return isWord(peek()) ? next() : '';
  }

  function list(): string[] {
    if (next() !== '(') throw unparsable(`found '${tokens[at - 1] ?? ''}' expected: '('`);
    const values: string[] = [];
    for (;;) {
      values.push(exact());
      const separator = next();
      if (separator === ')') return values;
      if (separator !== ',') throw unparsable(`found '${separator}', expected: ',' or ')'`);
    }
  }
}

function checked(requirement: Requirement): Requirement {
  requirement.values.forEach((value, at) => {
    const problem = labelValueProblem(value);
    if (problem !== undefined) throw unparsable(`values[${at}][${requirement.key}]: Invalid value: "${value}": ${problem}`);
  });
  return requirement;
}

function unparsable(why: string) {
  return badRequest(`unable to parse requirement: ${why}`);
}
