import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readItems } from '../../../runner/clients/kubernetes-items.ts';

async function read(text: string, cuts: readonly number[] = [], unread: readonly string[] = []): Promise<{ items: unknown[]; rest: unknown }> {
  const bytes = new TextEncoder().encode(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  async function* chunks() {
    for (const [index, end] of ends.entries()) yield bytes.subarray(ends[index - 1] ?? 0, end);
  }
  const items: unknown[] = [];
  const rest = await readItems(chunks(), (item) => items.push(item), { unread });
  return { items, rest };
}

describe('the items of a list', () => {
  it('come one at a time, and what is around them is the rest', async () => {
    const text = '{"kind":"PodList","metadata":{"continue":"x","items":[1]},"items": [{"a":"}]\\",{"},{"b":[{}]}],"more":{"items":[{"c":1}]}}\n';
    assert.deepEqual(await read(text), {
      items: [{ a: '}]",{' }, { b: [{}] }],
      rest: { kind: 'PodList', metadata: { continue: 'x', items: [1] }, items: [], more: { items: [{ c: 1 }] } },
    });
  });

  it('begin with what stands before them, before any of them is there', async () => {
    const seen: unknown[] = [];
    async function* chunks() {
      for (const text of ['{"metadata":{"cont', 'inue":"x"},"items": [{"a', '":1},', '{"a":2}]}']) {
        yield new TextEncoder().encode(text);
        seen.push(text);
      }
    }
    await readItems(chunks(), (item) => seen.push(item), { head: (head) => seen.push({ head }) });
    assert.deepEqual(seen, [
      '{"metadata":{"cont',
      { head: { metadata: { continue: 'x' }, items: [] } },
      'inue":"x"},"items": [{"a',
      { a: 1 },
      '":1},',
      { a: 2 },
      '{"a":2}]}',
    ]);
  });

  it('are none where the answer has none', async () => {
    for (const rest of [{ items: [] }, { items: null }, { metadata: {} }, 'items', null]) {
      assert.deepEqual(await read(JSON.stringify(rest)), { items: [], rest });
    }
  });

  it('are those that a parser of the whole finds, wherever the answer is cut, whatever is in it', async () => {
    const list = fc.record({ kind: fc.string({ unit: 'binary' }), before: fc.jsonValue(), items: fc.array(fc.dictionary(fc.string(), fc.jsonValue())), after: fc.jsonValue() });
    await fc.assert(
      fc.asyncProperty(list, fc.array(fc.nat(), { maxLength: 20 }), fc.constantFrom(0, 2), async (whole, cuts, indent) => {
        const text = JSON.stringify(whole, null, indent);
        const parsed = JSON.parse(text) as { items: unknown[] };
        assert.deepEqual(await read(text, cuts), { items: parsed.items, rest: { ...parsed, items: [] } });
      }),
      { numRuns: 500 },
    );
  });

  it('leave lists empty that nobody reads, and nothing else of that name', async () => {
    const item = (env: unknown) => ({ metadata: { labels: { env: 'test', '"env': '[' }, managedFields: [{ of: { 'f:[': ['"]', {}] } }] }, env, after: [{ env: { env: 1 }, name: 'x' }] });
    const text = JSON.stringify({ env: [1], items: [item([{ env: ['[', ']]'] }, []]), item([])], more: { env: [2] } });
    const { items, rest } = await read(text, [], ['env', 'managedFields']);
    assert.deepEqual(items, [item([]), item([])].map((one) => ({ ...one, metadata: { ...one.metadata, managedFields: [] } })));
    assert.deepEqual(rest, { env: [1], items: [], more: { env: [2] } });
  });

  it('are the same but for such lists, wherever the answer is cut', async () => {
    const name = fc.constantFrom('a', 'b');
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ maxDepth: 5 }, fc.string(), fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(name, tie('tree'), { maxKeys: 2 })),
    }));
    const without = (value: unknown): unknown =>
      Array.isArray(value) ? value.map(without)
      : typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value).map(([key, inside]) => [key, key === 'a' && Array.isArray(inside) ? [] : without(inside)]))
      : value;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.dictionary(name, tree)), fc.array(fc.nat(), { maxLength: 20 }), async (items, cuts) => {
        const seen = await read(JSON.stringify({ items }), cuts, ['a']);
        // Where its name was cut off, a list is read.
        assert.deepEqual(seen.items.map(without), items.map(without));
        if (cuts.length === 0) assert.deepEqual(seen.items, items.map(without));
      }),
      { numRuns: 500 },
    );
  });

  it('of an answer that breaks off or is not JSON are an error', async () => {
    for (const text of ['', '{"items":[{"a":1},', '{"items":[{"a":', 'page not found', '{"items":[{a}]}']) {
      await assert.rejects(read(text), SyntaxError, text);
    }
  });
});
