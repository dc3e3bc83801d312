import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readHistory, type HistoryFormat, type ReadHistory } from '../../../runner/consistency/read-history.ts';
import { historyVersion, recordLine, type HistoryHead, type HistoryRecord } from '../../../runner/consistency/records.ts';
import { judgePlain } from '../../../runner/consistency/search/judge.ts';
import { noLimit } from '../../../runner/consistency/verdict.ts';
import { jepsenLog, registerHistory } from './register-log.ts';

const head: HistoryHead = { firedrill: 'etcd-history', version: historyVersion, members: ['m0', 'm1'] };

describe('the formats of histories', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'firedrill-history-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const read = (text: string, format: HistoryFormat | 'auto' = 'auto'): Promise<ReadHistory> => {
    const path = join(folder, 'history');
    writeFileSync(path, text);
    return readHistory(path, format, noLimit);
  };

  it("firedrill's own is told by its first line, and read back as it was written", async () => {
    const records: HistoryRecord[] = [
      { c: 0, t: [0.125, 1.5], op: 'put', k: 'b', v: 'x\n"', r: 2 },
      { c: 1, t: [1, null], op: 'delete', k: 'b', is: 'ambiguous', why: 'no answer' },
      { c: 1, t: [2, 3], op: 'range', k: 'a', end: 'c', rows: [['b', 'x\n"', 2, 2, 1]], r: 2 },
      { watch: 'w', m: 'm0', t: 4, events: [['put', 'b', 'x', 2, 2, 1]] },
      { hash: '1', m: 'm0', t: 5, at: 2, compact: 0 },
    ];
    const found = await read([head, ...records].map(recordLine).join(''));
    assert.ok(found.kind === 'etcd');
    assert.equal(found.history.length, 3);
    assert.equal(found.history.watches.length + found.history.hashes.length, 2);
    assert.equal(found.history.ret.data[1], Infinity);
    assert.deepEqual(found.history.members.texts, ['m0', 'm1']);
  });

  it('a last line that is cut short is left out', async () => {
    const found = await read(`${recordLine(head)}${recordLine({ c: 0, t: [0, 1], op: 'put', k: 'a', v: 'x', r: 2 })}{"c":1,"t":[0`);
    assert.ok(found.kind === 'etcd');
    assert.equal(found.history.length, 1);
  });

  const bad: readonly [string, string, RegExp][] = [
    ['a line that is no JSON', `${recordLine(head)}{"c":\n${recordLine({ c: 0, t: [0, 1], op: 'put', k: 'a', v: 'x', r: 2 })}`, /history:2 no JSON/],
    ['a success without a revision', `${recordLine(head)}{"c":0,"t":[0,1],"op":"put","k":"a","v":"x"}\n`, /history:2 "r" is missing/],
    ['a return before the call', `${recordLine(head)}{"c":0,"t":[2,1],"op":"get","k":"a","kv":null,"r":1}\n`, /history:2 "t" is \[2,1\]/],
    ['an unknown operation', `${recordLine(head)}{"c":0,"t":[0,1],"op":"move"}\n`, /history:2 "op" is "move"/],
    ['a newer version', '{"firedrill":"etcd-history","version":99}\n', /history:1 "version" is 99/],
    ['rows in no order', `${recordLine(head)}{"c":0,"t":[0,1],"op":"range","k":"a","end":"z","rows":[["c","x",2,2,1],["b","x",2,2,1]],"r":2}\n`, /history:2 the key "b" stands behind "c"/],
    ['rows that are none', `${recordLine(head)}{"c":0,"t":[0,1],"op":"range","k":"a","end":"z","rows":[7],"r":2}\n`, /history:2 "rows" is \[7\]/],
    ['nothing', '', /no line of a format/],
    ['prose', 'once upon a time\n', /no line of a format/],
    ['a log with an answer to nothing', 'INFO  jepsen.util - 0\t:ok\t:read\t4\nx\n', /history:1 process 0 has an answer/],
    ['a log with a strange operation', 'INFO  jepsen.util - 0\t:invoke\t:push\t4\nx\n', /history:1 its operation is :push/],
    ['a broken map', '{:process 0, :type :invoke, :f :put, :key "0", :value "x"}\n{:process 0, :type :sure}\nx\n', /history:2 is no operation/],
  ];
  for (const [what, text, message] of bad) it(`${what}: the file and the line are told`, async () => assert.rejects(read(text), message));

  it("Jepsen's log lines are told by their logger, whatever stands between them", async () => {
    const found = await read('INFO  jepsen.core - Starting\nINFO  jepsen.util - 0\t:invoke\t:cas\t[0 3]\nINFO  jepsen.util - 0\t:fail\t:cas\t[0 3]\nINFO  jepsen.util - 1\t:invoke\t:write\t2\nINFO  jepsen.util - 1\t:info\t:write\t:timed-out\n');
    assert.ok(found.kind === 'plain');
    assert.deepEqual(found.operations.map(({ call, differs, returnMs }) => [call.f, differs ?? false, returnMs]), [['cas', true, 3], ['write', false, Infinity]]);
  });

  it('a log of 170 operations of five clients is read and found to be right', async () => {
    const found = await read(jepsenLog(registerHistory({ seed: 3, operations: 170, clients: 5, values: 5, lost: 0.03 })));
    assert.ok(found.kind === 'plain');
    assert.equal(judgePlain(found.operations, found.usual, noLimit).verdict, 'held');
  });

  it("porcupine's key-value lines are told by their braces", async () => {
    const found = await read('{:process 0, :type :invoke, :f :append, :key "1", :value "x 1 \\"y"}\n{:process 0, :type :ok, :f :append, :key "1", :value "x 1 \\"y"}\n{:process 0, :type :invoke, :f :get, :key "1", :value nil}\n{:process 0, :type :ok, :f :get, :key "1", :value "x 1 \\"y"}\n');
    assert.ok(found.kind === 'plain');
    assert.equal(judgePlain(found.operations, found.usual, noLimit).verdict, 'held');
  });

  it('what does not fit into the memory is unknown, not an error', async () => {
    const path = join(folder, 'large');
    writeFileSync(path, recordLine(head) + recordLine({ c: 0, t: [0, 1], op: 'get', k: 'a', kv: null, r: 1 }).repeat(10_000));
    assert.equal((await readHistory(path, 'auto', { over: () => false, memoryBytes: 1_000 })).kind, 'unknown');
    assert.equal((await readHistory(path, 'auto', { over: () => true, memoryBytes: Infinity })).kind, 'unknown');
  });

  it('a file that is not there is told', async () => assert.rejects(readHistory(join(folder, 'none'), 'auto', noLimit), /none can't be read: ENOENT/));
});
