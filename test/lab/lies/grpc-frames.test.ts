import assert from 'node:assert/strict';
import { framesIn, hasEvents } from '../../../lab/lies/grpc-frames.ts';

const frame = (...bytes: number[]): Buffer => Buffer.from([0, 0, 0, 0, bytes.length, ...bytes]);
/** A header with one number in it; watch 3; that it is created. */
const created = frame(0x0a, 0x02, 0x18, 0x07, 0x10, 0x03, 0x18, 0x01);
const withEvent = frame(0x0a, 0x02, 0x18, 0x07, 0x10, 0x03, 0x5a, 0x02, 0x08, 0x01);

describe('messages of gRPC', () => {
  it('are parted wherever the chunks end', () => {
    const bytes = Buffer.concat([created, withEvent]);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const first = framesIn(bytes.subarray(0, cut));
      const second = framesIn(Buffer.concat([first.left, bytes.subarray(cut)]));
      assert.deepEqual([...first.frames, ...second.frames], [created, withEvent]);
      assert.equal(second.left.length, 0);
    }
  });

  it('of a watch tell of a change, or of none', () => {
    assert.equal(hasEvents(created), false);
    assert.equal(hasEvents(withEvent), true);
    assert.equal(hasEvents(frame()), false);
  });
});
