import { request } from 'node:http';
import { clientPort, members, type Member } from './names.ts';

/** What one member of etcd said of itself. */
export interface MemberHealth {
  readonly member: Member;
  readonly address: string | undefined;
  /** Serves linearizable requests: it is up, and knows a leader. */
  readonly healthy: boolean;
  /** Why it isn't. */
  readonly trouble: string | undefined;
  /** Ids as decimal numbers, as etcd's gateway gives them. */
  readonly clusterId: string | undefined;
  readonly memberId: string | undefined;
  readonly leaderId: string | undefined;
}

export interface ClusterHealth {
  readonly members: readonly MemberHealth[];
  /** All nine are healthy, in one cluster, and follow one leader. */
  readonly whole: boolean;
  /** Hexadecimal, as etcdctl prints it; undefined while nobody answers. */
  readonly clusterId: string | undefined;
}

const answerWithinMs = 1_500;

/** Asks every member, at once. */
export async function clusterHealth(addressOf: (name: string) => string | undefined): Promise<ClusterHealth> {
  const answers = await Promise.all(members.map((member) => memberHealth(member, addressOf(member.name))));
  const clusters = new Set(answers.map((each) => each.clusterId));
  const leaders = new Set(answers.map((each) => each.leaderId));
  const whole = answers.every((each) => each.healthy) && clusters.size === 1 && leaders.size === 1;
  const clusterId = answers.find((each) => each.clusterId)?.clusterId;
  return { members: answers, whole, clusterId: clusterId === undefined ? undefined : BigInt(clusterId).toString(16) };
}

async function memberHealth(member: Member, address: string | undefined): Promise<MemberHealth> {
  const nothing = { member, address, healthy: false, clusterId: undefined, memberId: undefined, leaderId: undefined };
  if (address === undefined) return { ...nothing, trouble: 'has no address' };
  try {
    const status = (await ask(address, 'POST', '/v3/maintenance/status')) as Status;
    const leaderId = status.leader === undefined || status.leader === '0' ? undefined : status.leader;
    const answer = { ...nothing, clusterId: status.header?.cluster_id, memberId: status.header?.member_id, leaderId };
    if (leaderId === undefined) return { ...answer, trouble: 'knows no leader' };
    const health = (await ask(address, 'GET', '/health')) as { health?: string };
    return health.health === 'true' ? { ...answer, healthy: true, trouble: undefined } : { ...answer, trouble: 'says it is not healthy' };
  } catch (error) {
    return { ...nothing, trouble: error instanceof Error ? error.message : String(error) };
  }
}

interface Status {
  readonly header?: { readonly cluster_id?: string; readonly member_id?: string };
  readonly leader?: string;
}

/** One question over etcd's JSON gateway; a client library would cost a quarter of a second at start. */
function ask(address: string, method: 'GET' | 'POST', path: string, port = clientPort): Promise<unknown> {
  return new Promise((resolve, reject) => {
    // One connection for each question: a kept one could belong to a machine that is gone.
    const call = request({ host: address, port, method, path, agent: false, timeout: answerWithinMs }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200 && response.statusCode !== 503) {
          return reject(new Error(`answers with HTTP ${response.statusCode}`));
        }
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(new Error(`answers with something that is not JSON`, { cause: error }));
        }
      });
    });
    call.on('timeout', () => call.destroy(new Error(`does not answer within ${answerWithinMs} ms`)));
    call.on('error', reject);
    call.end(method === 'POST' ? '{}' : undefined);
  });
}
