import assert from 'node:assert/strict';
import { DeadlineExceeded } from '../../../runner/clock.ts';
import { failureOf } from '../../../runner/clients/etcd-failure.ts';

describe('why an etcd member did not answer', () => {
  const cases: [string, string, string][] = [
    ['GRPCDeadlineExceededError: 4 DEADLINE_EXCEEDED: Deadline exceeded after 0.501s,metadata filters: 0.001s', 'silent', 'no answer'],
    [
      'GRPCUnavailableError: 14 UNAVAILABLE: No connection established. Last error: Error: connect ECONNREFUSED 10.0.0.1:2379',
      'refused',
      'connection refused',
    ],
    ['connect EHOSTUNREACH 10.0.0.1:2379', 'refused', 'no route to the host'],
    ['connect ENETUNREACH 10.0.0.1:2379', 'refused', 'no route to the network'],
    ['GRPCUnavailableError: 14 UNAVAILABLE: Connection dropped', 'lost', 'connection lost'],
    ['read ECONNRESET', 'lost', 'connection reset'],
    [
      '14 UNAVAILABLE: No connection established. Last error: 401D:error:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../deps',
      'refused',
      'TLS: the member refuses our certificate (bad certificate)',
    ],
    [
      "14 UNAVAILABLE: Last error: Error [ERR_TLS_CERT_ALTNAME_INVALID]: Hostname/IP does not match certificate's altnames: Host: other.test.",
      'refused',
      "TLS: the member's certificate bears other names",
    ],
    ['GRPCUnavailableError: 14 UNAVAILABLE: etcdserver: leader changed', 'answered', 'etcdserver: leader changed'],
    ['GRPCUnavailableError: 14 UNAVAILABLE: etcdserver: request timed out', 'answered', 'etcdserver: request timed out'],
  ];
  for (const [message, kind, says] of cases) {
    it(`is told in few words that come again: ${says}`, () => {
      const failure = failureOf(new Error(message));
      assert.deepEqual([failure.kind, failure.message], [kind, says]);
    });
  }

  it('counts our own deadline as silence', () => {
    assert.equal(failureOf(new DeadlineExceeded('knock', 1000)).kind, 'silent');
  });
});
