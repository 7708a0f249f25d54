import type { Hlc, MonoMs, NodeId } from '@starling/core/base/ids.ts';
import { decodeFrame, encodeFrame } from '@starling/core/codec/frame.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withUnknownMessage } from './newer-release.ts';
import { Prng } from './prng.ts';

it('leaves every message that both releases know readable, in order', () => {
  const nodeId = 'n1' as NodeId;
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 5 }), fc.nat(), fc.nat(), (epochs, hlc, seed) => {
      const messages = epochs.map((epoch) => ({ kind: 'ringReady', nodeId, epoch: epoch + 1 }) as const);
      const frame = encodeFrame(hlc as Hlc, messages, 0 as MonoMs);
      const newer = withUnknownMessage(frame, new Prng(seed, 1));
      expect(decodeFrame(newer, 0 as MonoMs)).toEqual({ hlc, messages, skipped: 1 });
    }),
  );
});
