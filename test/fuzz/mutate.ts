import { seeded } from '../../runner/rng.ts';

/** Chance, from a seed. */
export interface Dice {
  /** A whole number from 0 to `end` (exclusive). */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

export function diceOf(seed: number): Dice {
  const { next } = seeded(seed);
  const below = (end: number): number => Math.floor(next() * end);
  return { below, pick: (from) => from[below(from.length)]! };
}

/** Texts that stand where a value, a key or anything at all is expected. */
const scalars = [
  '', 'null', '~', '1', '-1', '0', '1.5', '1e999', '-1e999', '.nan', '.inf', '0x1F', '0o17', '1_000', `1${'0'.repeat(400)}`, 'true', 'yes', '"x"', "''",
  '5s', '5', '0s', '99%', '-5s', '999999999999d', '1e9s', '$zone', '$nope', '$$', '$', '${env:CANARY}', '${env:NOT_SET}', '${file:secret}', '${file:../../../etc/shadow}',
  '${file:/dev/zero}', '${env:}', '${', '$${env:X}', 'any', '[]', '{}', '[a]', '{ a: 1 }', '[[[[]]]]', '- a', '*a', '&a b', '&a [*a]', '!!str 1', '!!js/function "return 1"',
  '!!binary aGk=', '!!set { a }', '!x y', '!', '|', '>', '|+', '>-', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '{ __proto__: { a: 1 } }',
  '{ constructor: { prototype: { a: 1 } } }', '<<', '<<: *a', '? a', '? [a, b]', '"\\u0000"', '"\\u202e"', '"\\ud800"', '"\\x"', '2026-11-27', '2026-11-27T10:00:00Z', '../../etc/passwd',
  '/dev/zero', '`id`', '$(id)', ';id', '<script>', '%', '@', '%YAML 1.1', '--- a', '...', 'x'.repeat(5_000), 'ü', '😀', 'a\u0301', '\u202e', '\u200b', '\u2028', '\0', '\u001b[31m', '\ud800',
];
const punctuation = '{}[]:,#&*!|>\'"%@`-?\n\t $0<~=\\\r';

/** Makes wrong files of right ones: one to five things happen to each, of what authors, editors, bad disks and enemies do to files. */
export function mutate(originals: readonly string[], dice: Dice): string {
  let text = dice.pick(originals);
  for (let left = 1 + dice.below(5); left > 0; left -= 1) text = dice.pick(edits)(text, dice, originals);
  return text;
}

type Edit = (text: string, dice: Dice, originals: readonly string[]) => string;

const byLine =
  (change: (lines: string[], index: number, dice: Dice) => void): Edit =>
  (text, dice) => {
    const lines = text.split('\n');
    change(lines, dice.below(lines.length), dice);
    return lines.join('\n');
  };
const replacing =
  (pattern: RegExp): Edit =>
  (text, dice) => {
    const matches = [...text.matchAll(pattern)];
    if (matches.length === 0) return text;
    const match = dice.pick(matches);
    return text.slice(0, match.index) + dice.pick(scalars) + text.slice(match.index + match[0].length);
  };
const between = (text: string, dice: Dice): [from: number, to: number] => {
  const ends = [dice.below(text.length + 1), dice.below(text.length + 1)];
  return [Math.min(...ends), Math.max(...ends)];
};
const inserting =
  (piece: (dice: Dice) => string): Edit =>
  (text, dice) => {
    const at = dice.below(text.length + 1);
    return text.slice(0, at) + piece(dice) + text.slice(at);
  };

const edits: readonly Edit[] = [
  byLine((lines, index) => lines.splice(index, 1)),
  byLine((lines, index) => lines.splice(index, 0, lines[index]!)),
  byLine((lines, index, dice) => lines.splice(dice.below(lines.length), 0, lines.splice(index, 1)[0]!)),
  byLine((lines, index, dice) => (lines[index] = ' '.repeat(1 + dice.below(3)) + lines[index]!)),
  byLine((lines, index) => (lines[index] = lines[index]!.trimStart())),
  byLine((lines, index) => (lines[index] = lines[index]!.replace(/^ +/, '\t'))),
  byLine((lines, index, dice) => lines.splice(index, 0, `${dice.pick(scalars)}: ${dice.pick(scalars)}`)),
  (text, dice) => text.slice(0, dice.below(text.length + 1)),
  (text, dice) => {
    const [from, to] = between(text, dice);
    return text.slice(0, from) + text.slice(to);
  },
  (text, dice) => {
    const [from, to] = between(text, dice);
    return text.length > 50_000 ? text : text.slice(0, to) + text.slice(from);
  },
  (text, dice, originals) => text.slice(0, dice.below(text.length + 1)) + dice.pick(originals).slice(dice.below(200)),
  inserting((dice) => dice.pick([...punctuation])),
  inserting((dice) => String.fromCodePoint(dice.below(0x110000))),
  inserting((dice) => String.fromCharCode(dice.below(128))),
  inserting((dice) => dice.pick(scalars)),
  // Few and long, as each takes its time.
  inserting((dice) => (dice.below(20) === 0 ? dice.pick(['[', '{a: ', '- ', 'a: ', '? ', '"', '&a ', '*a ', '!', '#', ' ', '\n', 'a,', '[*a,*a],']).repeat(dice.below(30_000)) : '[{')),
  (text, dice) => text.replaceAll('\n', dice.pick(['\r\n', '\r', '\n\n'])),
  // A value after a colon, a whole word, or the name of a key.
  replacing(/(?<=: )[^ ,}\n]+/g),
  replacing(/[\w$-]+/g),
  replacing(/[\w-]+(?=:)/g),
  // The billion laughs, and a circle.
  (text, dice) => `${dice.pick(['a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: &d [*c, *c]\n', 'a: &a { b: *a }\n', '<<: &a { <<: *a }\n'])}${text}`,
];
