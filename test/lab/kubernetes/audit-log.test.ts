import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAuditLog } from '../../../lab/kubernetes/api/audit/log.ts';

describe('an audit log', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'firedrill-audit-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const trouble = (what: string, error: unknown): void => assert.fail(`${what}: ${String(error)}`);
  const linesOf = (file: string): number[] => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean).map((line) => (JSON.parse(line) as { n: number }).n);
  async function until(isSo: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 20_000; !isSo(); await sleep(5)) assert.ok(Date.now() < deadline, 'never');
  }

  it('goes on with the file that is there', async () => {
    writeFileSync(join(folder, 'm.log'), '{"n":0}\n');
    openAuditLog({ folder, name: 'm', trouble }).write({ n: 1 });
    await until(() => statSync(join(folder, 'm.log')).size > 10);
    assert.deepEqual(linesOf('m.log'), [0, 1]);
  });

  it('stays small: a full file is put aside, and only the newest of those is kept', async () => {
    const log = openAuditLog({ folder, name: 'm', maxBytes: 100, trouble });
    const text = 'x'.repeat(30);
    for (let n = 0; n < 12; n += 1) {
      log.write({ n, text });
      // Files that are put aside are told apart by their time.
      await sleep(3);
    }
    await until(() => statSync(join(folder, 'm.log'), { throwIfNoEntry: false }) !== undefined && linesOf('m.log').includes(11));
    const aside = readdirSync(folder).filter((file) => file !== 'm.log');
    assert.equal(aside.length, 1);
    assert.match(aside[0]!, /^m-\d{4}-\d\d-\d\dT[\d.-]+Z\.log$/);
    assert.deepEqual([...linesOf(aside[0]!), ...linesOf('m.log')].at(-1), 11);
    assert.ok(statSync(join(folder, 'm.log')).size <= 100);
  });
});
