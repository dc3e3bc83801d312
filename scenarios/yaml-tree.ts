import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Pair } from 'yaml';

/** Something wrong at an offset of the text. */
export interface Finding {
  readonly offset: number;
  readonly text: string;
}

/** A drill's text as plain values, and where each of them stands. */
export interface YamlTree {
  /** Maps, lists, texts, numbers, booleans and null; undefined when the text is no YAML at all. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** The paths (see {@link pathText}) whose value could not be read, with a finding of their own. */
  readonly unreadable: ReadonlySet<string>;
  /** The offset of a value or of the key before it; of the nearest parent for what is missing. */
  offsetOf(path: Path, of: 'key' | 'value'): number;
  /** Line and column, from 1. */
  position(offset: number): { line: number; column: number };
}

export type Path = readonly PropertyKey[];
type Places = Map<string, { key: number; value: number }>;

/** More than any drill or environment has, and no more than the parser reads within a second, whatever it is. */
export const sizeLimitBytes = 64 * 1024;
const depthLimit = 32;
/** Brackets, dashes and keys in one line that open something before the parser is asked at all: far more than a drill has. */
const openingLimit = 200;
const syntaxFindingLimit = 20;
/** Keys with a meaning to JavaScript's objects. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * What nobody sees in a file, and may make it mean something else than it seems to: controls, marks that turn text around, line
 * breaks that editors don't show as such, zero-width characters, tags. Joiners stay: some scripts can't be written without.
 */
export const unseen =
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}|[\u{e0000}-\u{e007f}]/u;

/** A path as people write it: `faults[0].select.zone`. */
export function pathText(path: Path): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${String(key)}`)).join('');
}

export interface YamlOptions {
  /** What the text is, with its article: `the drill`. */
  readonly what?: string;
  /** The text may hold secrets: no message quotes it. */
  readonly quiet?: boolean;
}

/** Reads YAML 1.2 (the core schema, one document). Never throws. */
export function readYaml(text: string, { what = 'the drill', quiet = false }: YamlOptions = {}): YamlTree {
  const places: Places = new Map();
  const findings: Finding[] = [];
  const unreadable = new Set<string>();
  let lineStarts: number[] | undefined;
  const tree = (value: unknown): YamlTree => ({
    value,
    findings,
    unreadable,
    offsetOf(path, of) {
      for (let length = path.length; length >= 0; length--) {
        const place = places.get(pathText(path.slice(0, length)));
        if (place) return length === path.length ? place[of] : place.value;
      }
      return 0;
    },
    position(offset) {
      lineStarts ??= [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
      const next = lineStarts.findIndex((start) => start > offset);
      const line = next === -1 ? lineStarts.length : next;
      return { line, column: offset - lineStarts[line - 1]! + 1 };
    },
  });

  if (text.length > sizeLimitBytes) {
    findings.push({ offset: 0, text: `the file has ${text.length} characters; give at most ${sizeLimitBytes}` });
    return tree(undefined);
  }
  const hidden = unseen.exec(text.replace(/^\ufeff/, ' '));
  if (hidden) {
    findings.push({ offset: hidden.index, text: `the file has a character here that nobody sees, ${codeOf(hidden[0])}; remove it` });
    return tree(undefined);
  }
  const tooDeep = tooDeepAt(text);
  if (tooDeep !== undefined) {
    findings.push({ offset: tooDeep, text: `the file is nested too deeply here; give at most ${depthLimit} levels` });
    return tree(undefined);
  }
  const document = parse(text, findings, what, quiet);
  if (findings.length > 0) return tree(undefined);
  if (!document.contents) {
    findings.push({ offset: 0, text: `the file is empty; give ${what.replace(/^the/, quiet ? 'an' : 'a')}` });
    return tree(undefined);
  }
  const reader = new Reader(places, findings, unreadable, { what, quiet });
  return tree(reader.read(document.contents, [], document.contents.range?.[0] ?? 0));
}

/** Such as U+202E. */
function codeOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Where a text opens so many levels that the recursive parser would take seconds to give up. */
function tooDeepAt(text: string): number | undefined {
  let open = 0;
  for (const { index, 0: bracket } of text.matchAll(/[[\]{}]/g)) {
    open = Math.max(0, open + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (open > openingLimit) return index;
  }
  let run = 0;
  for (const { index, 0: word } of text.matchAll(/\n|\S+/g)) {
    run = '-?:'.includes(word.at(-1)!) ? run + 1 : 0;
    if (run > openingLimit) return index;
  }
  return undefined;
}

function parse(text: string, findings: Finding[], what: string, quiet: boolean): Document.Parsed {
  const document = parseDocument(text, {
    prettyErrors: false,
    schema: 'core',
    resolveKnownTags: false,
    merge: false,
    stringKeys: true,
    // Looked for while reading: the parser's own search takes quadratic time.
    uniqueKeys: false,
  });
  for (const { pos, message, code } of [...document.errors, ...document.warnings].slice(0, syntaxFindingLimit)) {
    const says = quiet ? (quietly[code] ?? code.toLowerCase().replaceAll('_', ' ')) : message.replaceAll(/\s+/g, ' ');
    findings.push({ offset: pos[0], text: `this is not the YAML of ${what.replace(/^the/, quiet ? 'an' : 'a')}: ${says}` });
  }
  return document;
}

/** What the parser's codes mean, for texts that must not be quoted. */
const quietly: Readonly<Record<string, string>> = {
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an escape that YAML does not have; use single quotes',
  BAD_SCALAR_START: 'a text that begins with this character must stand in quotes',
  DUPLICATE_KEY: 'a key is given twice',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTIPLE_DOCS: 'there are several documents; give one',
  TAB_AS_INDENT: 'indentation is by spaces, not tabs',
  TAG_RESOLVE_FAILED: 'tags are not allowed; a text that begins with ! must stand in quotes',
  UNEXPECTED_TOKEN: 'this has no meaning here; is a quote missing?',
};

/** Turns nodes into plain values and remembers where they stood. */
class Reader {
  readonly #places: Places;
  readonly #findings: Finding[];
  readonly #unreadable: Set<string>;
  readonly #options: Required<YamlOptions>;

  constructor(places: Places, findings: Finding[], unreadable: Set<string>, options: Required<YamlOptions>) {
    this.#options = options;
    this.#places = places;
    this.#findings = findings;
    this.#unreadable = unreadable;
  }

  /** @param keyOffset of the key before the node, or where the node would stand when it is left out */
  read(node: Node | null, path: Path, keyOffset: number): unknown {
    const offset = node?.range?.[0] ?? keyOffset;
    this.#places.set(pathText(path), { key: keyOffset, value: offset });
    if (path.length > depthLimit) return this.#refuse(path, offset, `is nested too deeply; give at most ${depthLimit} levels`);
    if (node === null) return null;
    // What repeats itself through aliases can grow without bound; a drill that needs a value twice has parameters.
    if (isAlias(node)) {
      const { quiet } = this.#options;
      return this.#refuse(path, offset, quiet ? 'is an alias; write the value out, in quotes where it begins with *' : `is the alias *${node.source}; write the value out, or use a parameter`);
    }
    if (isSeq<Node | null>(node)) {
      return node.items.map((item, index) => this.read(item, [...path, index], item?.range?.[0] ?? offset));
    }
    if (isMap<Node, Node | null>(node)) return this.#readMap(node.items, path, offset);
    if (isScalar(node) && isPlain(node.value)) {
      const hidden = typeof node.value === 'string' && unseen.exec(node.value);
      return hidden ? this.#refuse(path, offset, `has a character that nobody sees, ${codeOf(hidden[0])}; remove it`) : node.value;
    }
    return this.#refuse(path, offset, 'is not a plain text, number, true or false');
  }

  #readMap(items: readonly Pair<Node, Node | null>[], path: Path, offset: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const { key: keyNode, value } of items) {
      const keyOffset = keyNode.range?.[0] ?? offset;
      const key = isScalar(keyNode) && isPlain(keyNode.value) ? String(keyNode.value ?? '') : undefined;
      const childPath = [...path, key ?? '?'];
      if (key === undefined) this.#refuse(childPath, keyOffset, 'is a key that is not a plain text');
      else if (unseen.test(key)) this.#refuse([...path, '?'], keyOffset, 'is a key with a character that nobody sees; remove it');
      else if (forbiddenKeys.has(key)) this.#refuse(childPath, keyOffset, 'is not allowed as a key');
      else if (key === '<<') this.#refuse(childPath, keyOffset, `is a merge key, which ${this.#options.what.replace('the ', '')}s don't have; write the keys out`);
      else if (Object.hasOwn(map, key)) this.#refuse(childPath, keyOffset, 'is given twice; keep one');
      else map[key] = this.read(value, childPath, keyOffset);
    }
    return map;
  }

  #refuse(path: Path, offset: number, reason: string): null {
    const text = pathText(path);
    this.#findings.push({ offset, text: `${text || this.#options.what} ${reason}` });
    this.#unreadable.add(text);
    return null;
  }
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
