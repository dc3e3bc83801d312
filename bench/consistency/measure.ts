/** Makes a history, judges it, and prints what that took as JSON: `measure.ts etcd|register <operations> <lost>`. */
import { mkdtempSync, rmSync, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkEtcd } from '../../runner/consistency/etcd/check.ts';
import { readHistory } from '../../runner/consistency/read-history.ts';
import { historyVersion, recordLine, type OperationRecord, type Row } from '../../runner/consistency/records.ts';
import { judgePlain } from '../../runner/consistency/search/judge.ts';
import { noLimit } from '../../runner/consistency/verdict.ts';
import { seeded } from '../../runner/rng.ts';
import { jepsenLog, registerHistory } from '../../test/runner/consistency/register-log.ts';

export interface Measured {
  readonly operations: number;
  readonly verdict: string;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly readCpuMs: number;
  readonly memoryMB: number;
  /** Operations without an answer of which nothing was seen. */
  readonly open: number;
}

const keyCount = 20;
const clients = 8;

/** A store that is linearizable, under puts, gets, ranges, deletions and compare-and-set; nearly all operations overlap others. */
function* etcdHistory(operations: number, lost: number): Generator<OperationRecord> {
  const rng = seeded(11);
  const names = Array.from({ length: keyCount }, (_, index) => `k${String(index).padStart(2, '0')}`);
  const held: (Row | undefined)[] = names.map(() => undefined);
  let r = 1;
  let leftLost = lost;
  for (let index = 0; index < operations; index += 1) {
    const place = Math.floor(rng.next() * keyCount);
    const k = names[place]!;
    const dice = rng.next();
    const atMs = index / 100;
    const t = [round(atMs - rng.next() / 20), round(atMs + rng.next() / 20)] as const;
    const before = held[place];
    const put = (v: string): void => {
      r += 1;
      held[place] = [k, v, r, before?.[3] ?? r, (before?.[4] ?? 0) + 1];
    };
    const c = index % clients;
    if (leftLost > 0 && index >= (lost - leftLost + 0.5) * (operations / lost)) {
      leftLost -= 1;
      if (rng.next() < 0.5) put(`v${index}`);
      yield { c, t: [t[0], null], op: 'put', k, v: `v${index}`, is: 'ambiguous' };
    } else if (dice < 0.45) {
      put(`v${index}`);
      yield { c, t, op: 'put', k, v: `v${index}`, r };
    } else if (dice < 0.85) {
      yield { c, t, op: 'get', k, kv: before ? [before[1], before[2], before[3], before[4]] : null, r };
    } else if (dice < 0.9) {
      if (before) r += 1;
      held[place] = undefined;
      yield { c, t, op: 'delete', k, deleted: before ? 1 : 0, r };
    } else if (dice < 0.93) {
      yield { c, t, op: 'range', k: 'k', end: 'l', rows: held.filter((row) => row !== undefined), r };
    } else {
      const ok = before !== undefined;
      const mod = before?.[2] ?? 1;
      if (ok) put(`v${index}`);
      yield { c, t, op: 'txn', compare: [[k, 'mod', '=', mod]], success: [['put', k, `v${index}`]], succeeded: ok, responses: ok ? [null] : [], r };
    }
  }
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function cpu(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

const [what, size, lost] = process.argv.slice(2);
const operations = Number(size);
const folder = mkdtempSync(join(tmpdir(), 'firedrill-bench-'));
const path = join(folder, 'history');
try {
  const file = createWriteStream(path);
  if (what === 'register') file.write(jepsenLog(registerHistory({ seed: 3, operations, clients: 5, values: 5, lost: Number(lost) / operations })));
  else {
    let text = recordLine({ firedrill: 'etcd-history', version: historyVersion });
    for (const record of etcdHistory(operations, Number(lost))) {
      text += recordLine(record);
      if (text.length < 1 << 20) continue;
      if (!file.write(text)) await once(file, 'drain');
      text = '';
    }
    file.write(text);
  }
  file.end();
  await once(file, 'finish');

  const readFrom = cpu();
  const found = await readHistory(path, 'auto', noLimit);
  const readCpuMs = cpu() - readFrom;
  if (found.kind === 'unknown') throw new Error(found.why);
  const cpuFrom = cpu();
  const wallFrom = performance.now();
  const [finding] = found.kind === 'etcd' ? checkEtcd(found.history, noLimit) : [judgePlain(found.operations, found.usual, noLimit)];
  const measured: Measured = {
    operations,
    verdict: finding!.verdict,
    cpuMs: cpu() - cpuFrom,
    wallMs: performance.now() - wallFrom,
    readCpuMs,
    memoryMB: process.resourceUsage().maxRSS / 1_024,
    open: Number(/(\d+) more whose/.exec(finding!.says)?.[1] ?? 0),
  };
  process.stdout.write(JSON.stringify(measured));
} finally {
  rmSync(folder, { recursive: true });
}
