import assert from 'node:assert/strict';
import { differenceOf, platformKey } from '../../runner/platform-key.ts';
import { sampleEnvironment } from './sample-platform.ts';

const kubernetes = { kubeconfig: '/k', context: 'c' };

describe('what tells one platform from another', () => {
  const table: [what: string, other: Record<string, unknown>, says: RegExp | undefined][] = [
    ['nothing', {}, undefined],
    ['its limits', { limits: { zones: 1 } }, undefined],
    ['its name', { name: 'production' }, /^name is "staging", not "production"$/],
    ['the cluster of etcd', { etcd: { ...sampleEnvironment().etcd, clusterId: 'beef' } }, /^etcd\.clusterId is "cafe", not "beef"$/],
    ['the lab that it is in', { enter: { pid: 1, startTime: 2 } }, /^enter is not named, not \{"pid":1,"startTime":2\}$/],
    ['a cluster of Kubernetes', { kubernetes }, /^only one of them names Kubernetes$/],
  ];
  for (const [what, other, says] of table) {
    it(`is told: ${what}`, () => {
      const [one, two] = [sampleEnvironment(), sampleEnvironment(other)];
      const difference = differenceOf(one, two);
      if (says) assert.match(difference ?? '', says);
      else assert.equal(difference, undefined);
      assert.equal(platformKey(one) === platformKey(two), says === undefined);
    });
  }

  it('is the uid of a cluster, and not the context by which it is asked', () => {
    const by = (context: string) => sampleEnvironment({ kubernetes: { kubeconfig: '/k', context, clusterUid: 'u' } });
    assert.equal(differenceOf(by('one'), by('two')), undefined);
    assert.match(differenceOf(by('one'), sampleEnvironment({ kubernetes }))!, /^kubernetes is "u", not "c"$/);
  });
});
