import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalogue, findDrill } from '../../scenarios/find.ts';

describe('finding a drill', () => {
  it('finds a drill of the catalogue by its name', async () => {
    const { text, file, catalogueName } = await findDrill('etcd-zone-plus-one');
    assert.match(text, /^name: etcd-zone-plus-one$/m);
    assert.match(file, /scenarios\/catalogue\/etcd-zone-plus-one\.yaml$/);
    assert.equal(catalogueName, 'etcd-zone-plus-one');
  });

  it('knows a drill of the catalogue by its path, too', async () => {
    const { file } = await findDrill('etcd-member-loss');
    assert.equal((await findDrill(file)).catalogueName, 'etcd-member-loss');
  });

  it('finds a file of one\'s own, whatever its name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'firedrill-find-'));
    try {
      const path = join(folder, 'etcd-member-loss.yaml');
      writeFileSync(path, 'name: mine\n');
      assert.deepEqual(await findDrill(path), { file: path, text: 'name: mine\n', catalogueName: undefined });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('says what there is when there is no such drill', async () => {
    const names = (await catalogue()).join(', ');
    await assert.rejects(findDrill('etcd-zone-plus-two'), {
      name: 'ScenarioError',
      message: `there is no drill or file "etcd-zone-plus-two"; did you mean etcd-zone-plus-one? give a path, or one of ${names}`,
    });
    await assert.rejects(findDrill('./drills/nothing.yaml'), {
      name: 'ScenarioError',
      message: `there is no drill or file "./drills/nothing.yaml"; give a path, or one of ${names}`,
    });
  });

  it('says why a file can\'t be read', async () => {
    await assert.rejects(findDrill(tmpdir()), { name: 'ScenarioError', message: /^the drill \/.* is a folder; give a file$/ });
    await assert.rejects(findDrill('a\0b'), { name: 'ScenarioError', message: /can't be read: .*null bytes/ });
  });
});
