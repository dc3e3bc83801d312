import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LabError, type LabErrorCode } from '../../lab/errors.ts';
import { checkName, claim, findLab, labFolder, listLabs, requireLab, runtimeFolder, type LabEntry } from '../../lab/host/registry.ts';
import { processRef } from '../../lab/procfs.ts';

describe('the list of labs', () => {
  const before = process.env.FIREDRILL_RUNTIME_DIR;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-registry-'));
    process.env.FIREDRILL_RUNTIME_DIR = folder;
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    if (before === undefined) delete process.env.FIREDRILL_RUNTIME_DIR;
    else process.env.FIREDRILL_RUNTIME_DIR = before;
  });

  const own = processRef(process.pid)!;
  const entry = (name: string, process = own): LabEntry => ({ name, timing: 'fast', kubernetes: false, process, createdAt: '2026-01-02T03:04:05.000Z' });
  const refused = (code: LabErrorCode, message: RegExp) => (error: unknown) =>
    error instanceof LabError && error.code === code && message.test(error.message);

  it('finds a lab whose first process runs', () => {
    claim(entry('one'));
    claim(entry('two'));
    assert.deepEqual(findLab('one'), entry('one'));
    assert.deepEqual(listLabs().map((lab) => lab.name).sort(), ['one', 'two']);
  });

  it('refuses a name that is taken, and says by whom', () => {
    claim(entry('one'));
    assert.throws(() => claim(entry('one')), refused('already-up', /lab one is up already, since 2026-01-02.*firedrill lab down --lab one/));
    assert.deepEqual(listLabs().length, 1);
  });

  it('sweeps away what a dead lab left, also when its process number was given to another', () => {
    claim(entry('dead', { pid: process.pid, startTime: own.startTime - 1 }));
    assert.equal(findLab('dead'), undefined);
    assert.equal(existsSync(labFolder('dead')), false);
    claim(entry('dead'));
    assert.ok(findLab('dead'));
  });

  it("sweeps away a dead lab's environment file, but not one that a later lab wrote in its place", () => {
    const dead = { pid: process.pid, startTime: own.startTime - 1 };
    for (const [written, kept] of [[dead, false], [own, true]] as const) {
      const environmentFile = join(folder, 'environment.yaml');
      writeFileSync(environmentFile, `enter: { pid: ${written.pid}, startTime: ${written.startTime} }\n`);
      claim({ ...entry('dead', dead), environmentFile });
      assert.equal(findLab('dead'), undefined);
      assert.equal(existsSync(environmentFile), kept);
    }
  });

  it('says what to do when a lab is not up, and which are', () => {
    assert.throws(() => requireLab('lab'), refused('not-up', /lab lab is not up \(none is up\); start it with: firedrill lab up$/));
    claim(entry('one'));
    assert.throws(() => requireLab('two'), refused('not-up', /\(up are: one\); start it with: firedrill lab up --lab two$/));
  });

  it('does not take a folder for its own that holds something else', () => {
    mkdirSync(join(folder, 'one'));
    writeFileSync(join(folder, 'one', 'diary'), 'dear');
    assert.throws(() => claim(entry('one')), refused('taken', /holds something that is no lab/));
    assert.ok(existsSync(join(folder, 'one', 'diary')));
  });

  it('does not use a folder that others can look into', () => {
    chmodSync(folder, 0o755);
    assert.throws(runtimeFolder, refused('taken', /must be a folder that belongs to you alone/));
  });

  for (const name of ['', 'Lab', '../lab', 'a b', '-a', 'a'.repeat(32)]) {
    it(`refuses "${name}" as a name`, () => {
      assert.throws(() => checkName(name), refused('bad-name', /can't be the name of a lab; use/));
    });
  }
});
