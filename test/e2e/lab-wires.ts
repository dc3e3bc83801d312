import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { labList } from '../../lab/index.ts';
import { childrenOf, familyOf, readProc } from '../../lab/procfs.ts';

/** Connects, says whether it could, and then asks etcd for its health, once for each line that it reads. */
const program = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
const say = (line) => process.stdout.write(line + '\\n');
let answered = () => {};
const giveUp = setTimeout(() => { say('closed'); process.exit(); }, 2000);
socket.on('connect', () => { clearTimeout(giveUp); say('open'); });
socket.on('data', () => answered());
socket.on('error', () => { say('closed'); process.exit(); });
process.stdin.on('end', () => process.exit());
process.stdin.on('data', () => {
  const silence = setTimeout(() => { answered = () => {}; say('silent'); }, 2000);
  answered = () => { clearTimeout(silence); answered = () => {}; say('answered'); };
  socket.write('GET /health HTTP/1.1\\r\\nHost: etcd\\r\\n\\r\\n');
});
`;

/** A place in a lab from which a program can look around: a machine, or where the harness stands. */
export interface Place {
  /** A process that is there, by its number outside of the lab. */
  readonly pid: number;
}

/** Where firedrill and `lab exec` are. */
export function harnessOf(lab: string): Place {
  const [pid] = childrenOf(labProcess(lab));
  assert.ok(pid, `lab ${lab} has a world`);
  return { pid };
}

/** The machine with this address. */
export function machineAt(lab: string, address: string): Place {
  const found = familyOf(labProcess(lab)).find(
    ({ pid }) =>
      readProc(`/proc/${pid}/cmdline`) === 'sh\0/run/user-data\0' && readProc(`/proc/${pid}/net/fib_trie`)?.includes(` ${address}\n`),
  );
  assert.ok(found, `a machine runs at ${address}`);
  return found;
}

function labProcess(lab: string): number {
  const entry = labList().find((each) => each.name === lab);
  assert.ok(entry, `lab ${lab} is up`);
  return entry.process.pid;
}

/** Runs a Node program in the network of a place. */
function nodeAt({ pid }: Place, code: string, args: readonly string[]): ChildProcess {
  const enter = ['--preserve-credentials', '-t', String(pid), '-U', '-n', '--'];
  return spawn('nsenter', [...enter, process.execPath, '-e', code, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** A TCP connection that stays: whether it still answers can be asked again and again. */
export interface Wire {
  /** Whether etcd answers over this very connection within two seconds. */
  answers(): Promise<boolean>;
  cut(): void;
}

/** A new connection from a place to the client port of etcd at an address; undefined when there is none within two seconds. */
export async function connect(from: Place, address: string, port = 2379): Promise<Wire | undefined> {
  const child = nodeAt(from, program, [address, String(port)]);
  const lines = createInterface({ input: child.stdout! });
  if ((await nextLine(lines)) !== 'open') return undefined;
  return {
    async answers() {
      const answer = nextLine(lines);
      child.stdin!.write('?\n');
      return (await answer) === 'answered';
    },
    cut: () => child.stdin!.end(),
  };
}

export async function canConnect(from: Place, address: string, port = 2379): Promise<boolean> {
  const wire = await connect(from, address, port);
  wire?.cut();
  return wire !== undefined;
}

function nextLine(lines: Interface): Promise<string> {
  return new Promise((resolve) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve('ended'));
  });
}

/** What the VPC's DNS says of a name, asked from a place over UDP; empty when it doesn't answer. */
export async function addressesOf(from: Place, name: string, server: string): Promise<string[]> {
  const child = nodeAt(
    from,
    `const resolver = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 1 });
     resolver.setServers([process.argv[2]]);
     resolver.resolve4(process.argv[1]).then((found) => console.log(found.join(' ')), () => console.log(''));`,
    [name, server],
  );
  return (await nextLine(createInterface({ input: child.stdout! }))).split(' ').filter(Boolean);
}
