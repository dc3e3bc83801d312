import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeStatus, encodePut } from '../../../runner/clients/etcd-messages.ts';

describe("etcd's messages", () => {
  it('a write holds key and value, each with its length', () => {
    assert.equal(encodePut(Buffer.from('a'), Buffer.from('b')).toString('hex'), '0a0161120162');
    const long = Buffer.alloc(300, 'x');
    assert.equal(encodePut(long, Buffer.alloc(0)).subarray(0, 3).toString('hex'), '0aac02');
  });

  it('a status is read as etcd 3.4 sends it', () => {
    // Of a cluster of one: header {cluster_id, member_id, revision 1, raft_term 2}, version, dbSize, leader, index, term, applied.
    const message = Buffer.from(
      '0a1a08fdb0b6f5c4839adacd01108d89c3a6a6a6c3a38e01180120021206332e342e3233' +
        '18808001208d89c3a6a6a6c3a38e01280430023804',
      'hex',
    );
    assert.deepEqual(decodeStatus(message), {
      leader: '8e470d3264d0c48d',
      term: 2,
      raftIndex: 4,
      dbSizeBytes: 16384,
      version: '3.4.23',
      clusterId: 'cdb4681c4ead987d',
      memberId: '8e470d3264d0c48d',
      revision: 1,
    });
  });

  it('a member without a leader says nothing of one', () => {
    const status = decodeStatus(Buffer.from('3003', 'hex'));
    assert.equal(status.leader, undefined);
    assert.equal(status.term, 3);
  });

  it('fields of later versions are passed over', () => {
    // A text in field 20, a fixed64 in field 21, then the term.
    assert.equal(decodeStatus(Buffer.from('a20102' + '6162' + 'a901' + '0102030405060708' + '3007', 'hex')).term, 7);
  });

  it('whatever comes, it is read or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          return typeof decodeStatus(Buffer.from(bytes)).term === 'number';
        } catch (error) {
          return error instanceof Error && /^a message of etcd/.test(error.message);
        }
      }),
    );
  });
});
