import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { z } from 'zod';
import { realClock } from '../../runner/clock.ts';
import { connect } from '../../runner/clients/connect.ts';
import { environmentSchema } from '../../runner/environment.ts';
import { ExpectedError } from '../../runner/errors.ts';
import { loadKinds } from '../../runner/kinds.ts';
import { createMask } from '../../runner/mask.ts';
import type { Probe } from '../../runner/probe.ts';
import { probeBase } from '../../scenarios/schema.ts';
import { selectSchema } from '../../scenarios/select.ts';

const { probes } = await loadKinds();
/** What can't be left out, of the kinds that have such keys. */
const needed: Readonly<Record<string, object>> = { http: { url: 'http://127.0.0.1:1/' }, prometheus: { query: 'up', is: '== 1' } };

describe('every kind of probe', () => {
  it('is a file in runner/probes/ by the name of the kind', async () => {
    const files = (await readdir(new URL('../../runner/probes/', import.meta.url))).sort();
    assert.deepEqual(Object.keys(probes), files.map((file) => file.replace(/\.ts$/, '')));
    for (const kind of Object.keys(probes)) assert.match(kind, /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
  });

  for (const [kind, probe] of Object.entries(probes)) {
    describe(kind, () => honours(kind, probe));
  }
});

function honours(kind: string, probe: Probe): void {
  it('says what it is in one line, without a full stop, so that it fits into a list', () => {
    assert.match(probe.summary, /^[a-z].{20,}[^.]$/);
  });

  it('adds only keys that all probes do not have, each of which may be left out unless the test knows better', () => {
    const own = Object.keys(probe.schema.shape);
    assert.deepEqual(own.filter((key) => key in probeBase.shape), []);
    assert.doesNotThrow(() => probe.schema.parse(needed[kind] ?? {}));
  });

  it('explains each of its keys', () => {
    for (const [key, schema] of Object.entries(probe.schema.shape)) {
      const text = (schema as z.ZodType).meta()?.description;
      assert.ok(text !== undefined && text.length > 10, `${key} has no description`);
    }
  });

  it('refuses keys that it does not know', () => {
    assert.equal(probe.schema.safeParse({ nosuchkey: 1 }).success, false);
  });

  it('selects by words of the one vocabulary', () => {
    assert.deepEqual(probe.selects.filter((key) => !(key in selectSchema.shape)), []);
  });

  it('lists the AWS actions that it needs, as IAM writes them', () => {
    for (const action of probe.permissions.iam) assert.match(action, /^[a-z0-9]+:[A-Z][A-Za-z]+$/);
  });

  it('has a pace and a deadline of its own', () => {
    assert.ok(probe.defaults.everyMs > 0);
    assert.ok(probe.defaults.timeoutMs > 0);
  });

  it('refuses to open on a platform that has nothing of its kind, and says what is missing', async () => {
    const world = connect(environmentSchema.parse({ name: 'bare' }), { run: 'r', version: '0', clock: realClock, mask: createMask() });
    const context = {
      world,
      clock: realClock,
      run: { id: 'r', drill: 'd' },
      name: 'mine',
      timeoutMs: 100,
      platform: undefined,
      kubernetes: undefined,
      hit: () => [],
      changes: () => [],
      milestone: () => assert.fail('nothing changes on a bare platform'),
      note: () => {},
      folder: '',
      leaves: () => assert.fail('nothing is left on a bare platform'),
      recorded: () => assert.fail('nothing is recorded on a bare platform'),
    };
    await assert.rejects(
      () => probe.open({ kind, ...probe.schema.parse(needed[kind] ?? {}) }, context),
      (error) => error instanceof ExpectedError && /has no (aws|etcd|kubernetes|traffic|prometheus) part/.test(error.message),
    );
    await world.close();
  });
}
