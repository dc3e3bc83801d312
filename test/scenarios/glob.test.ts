import assert from 'node:assert/strict';
import { isGlob, matchesGlob } from '../../scenarios/glob.ts';

describe('globs of changed paths', () => {
  const cases: [glob: string, matches: string[], not: string[]][] = [
    ['terraform/etcd/**', ['terraform/etcd/main.tf', 'terraform/etcd/a/b.tf'], ['terraform/etcd', 'terraform/etcd2/main.tf', 'x/terraform/etcd/main.tf']],
    ['**/*.tf', ['main.tf', 'a/main.tf', 'a/b/main.tf'], ['main.tfvars', 'a/main.tf/x']],
    ['*.yaml', ['a.yaml'], ['a/b.yaml', 'axyaml']],
    ['modules/{etcd,vpc}/*.t?', ['modules/etcd/a.tf', 'modules/vpc/b.to'], ['modules/iam/a.tf', 'modules/etcd/a.tfs']],
    ['a+(b)$.txt', ['a+(b)$.txt'], ['aab.txt']],
    ['**', ['x', 'a/b c/d'], []],
  ];
  for (const [glob, matches, not] of cases) {
    it(`${glob} means what it says`, () => {
      assert.ok(isGlob(glob));
      for (const path of matches) assert.ok(matchesGlob(path, glob), path);
      for (const path of not) assert.ok(!matchesGlob(path, glob), path);
    });
  }

  it('that begin elsewhere, or have more in them, are none', () => {
    for (const glob of ['', '/etc/**', '!a', '../x', './x', '[ab]', 'a\\b', '{a', 'a}', '{}', '{a{b}}', 'folder/']) assert.ok(!isGlob(glob), glob);
  });
});
