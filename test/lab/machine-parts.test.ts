import assert from 'node:assert/strict';
import { createConsole } from '../../lab/machine/console.ts';
import { members, zones } from '../../lab/names.ts';
import { familyOf, isAlive, processRef } from '../../lab/procfs.ts';
import { etcdMemberUserData } from '../../lab/roles/etcd-member.ts';
import { createSabotage, isSabotageName } from '../../lab/sabotage.ts';
import { createProgress, type ProgressEvent } from '../../lab/world/progress.ts';

describe("a machine's console", () => {
  it('keeps the end of what was written, from the start of a line, within its bound', () => {
    const console = createConsole();
    for (let line = 0; line < 20_000; line++) console.write(`line ${line} of many\n`);
    const text = console.text();
    assert.ok(text.length <= 65_536 && text.length > 60_000, `${text.length} characters`);
    assert.match(text, /^line \d+ of many\n/);
    assert.ok(text.endsWith('line 19999 of many\n'));
  });

  it('gives followers what comes, until they stop', () => {
    const console = createConsole();
    const heard: string[] = [];
    console.write('before');
    const stop = console.follow((text) => heard.push(text));
    console.write('one');
    stop();
    console.write('two');
    assert.deepEqual(heard, ['one']);
  });
});

describe('the members of etcd', () => {
  it('are nine, three in each zone, named as in the public recipe', () => {
    assert.equal(new Set(members.map((member) => member.name)).size, 9);
    for (const zone of zones) assert.equal(members.filter((member) => member.zone === zone).length, 3);
    assert.equal(members[2]?.name, 'peer-3.etcd3.eu-west-1.i.lab.example.com');
    assert.equal(members[2].volumeName, 'peer-3-ssd.etcd3.eu-west-1.i.lab.example.com');
    assert.equal(members[2].role, 'peer-3.etcd3');
  });

  it('boot into a new cluster that knows all nine by their DNS names', () => {
    const script = etcdMemberUserData(members[4]!, 'lab-x', { deadlineMs: 1_000, retryMs: 100 });
    assert.match(script, /^#!\/bin\/sh\n/);
    assert.match(script, /--volume peer-5-ssd\.etcd3\.eu-west-1\.i\.lab\.example\.com --device \/dev\/xvdf --mount-point \/var\/lib\/etcd/);
    assert.match(script, /--name peer-5 .*--initial-cluster-token lab-x --initial-cluster-state new/s);
    for (const { short, peerUrl } of members) assert.ok(script.includes(`${short}=${peerUrl}`), short);
  });
});

describe('the sabotage switches', () => {
  it('are off until switched on, and off again after a clear', () => {
    const sabotage = createSabotage();
    assert.ok(sabotage.list().every((each) => !each.on && each.description.length > 10));
    sabotage.set('no-volume', true);
    assert.deepEqual([sabotage.isOn('no-volume'), sabotage.isOn('no-replacement')], [true, false]);
    sabotage.clear();
    assert.equal(sabotage.isOn('no-volume'), false);
  });

  it('are known by name only', () => {
    assert.deepEqual(['no-replacement', 'no-volume', 'slow-replacement', 'toString'].map(isSabotageName), [true, true, true, false]);
  });
});

describe('progress', () => {
  it('is told from the beginning to whoever asks, up to its end', async () => {
    const progress = createProgress();
    const heard: ProgressEvent['type'][] = [];
    progress.step('a');
    const told = progress.follow((event) => heard.push(event.type), new AbortController().signal);
    progress.step('b');
    progress.ready();
    await told;
    assert.deepEqual(heard, ['step', 'step', 'ready']);
    assert.equal(progress.isReady(), true);
  });

  it('stops when the asker is gone', async () => {
    const gone = new AbortController();
    const told = createProgress().follow(() => assert.fail('nothing has happened'), gone.signal);
    gone.abort();
    await told;
  });
});

describe('processes', () => {
  it('are known by number and start: a later one with the same number is another', () => {
    const own = processRef(process.pid)!;
    assert.equal(isAlive(own), true);
    assert.equal(isAlive({ ...own, startTime: own.startTime + 1 }), false);
    assert.deepEqual(familyOf(process.pid).find((each) => each.pid === own.pid), own);
  });
});
