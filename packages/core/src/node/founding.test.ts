import { describe, expect, it } from 'vitest';
import { parseAddress, parseNodeId } from '../base/ids.ts';
import { StarlingNode } from './node.ts';
import type { BootImage } from './options.ts';
import { recoveringRow } from './ownership.ts';

const empty: BootImage = {
  rows: [],
  historyIntact: false,
  cleanShutdown: false,
  fresh: true,
  bootCounter: 1,
  instanceId: '0123456789abcdef',
};

/** Boots a node without seeds and steps it until its writes are durable; answers whether it has founded a cluster. */
function founds(boot: BootImage): boolean {
  let word = 1;
  const options = {
    nodeId: parseNodeId('node-1')!,
    address: parseAddress('127.0.0.1:8081')!,
    zone: 'default',
    weight: 1,
    replicas: 3,
    seeds: [],
    version: 'test',
  };
  const node = new StarlingNode(options, boot, { uint32: () => (word = Math.imul(word, 0x9e3779b1) >>> 0) });
  for (let mono = 0; mono < 1000; mono += 10) {
    for (const effect of node.step({ type: 'tick' }, { mono, wall: mono })) {
      if (effect.type === 'write') node.step({ type: 'written', seq: effect.seq }, { mono, wall: mono });
    }
  }
  return node.ring() !== null;
}

describe('a node without seeds and without a memory of a cluster', () => {
  it('founds one in a new directory', () => {
    expect(founds(empty)).toBe(true);
  });

  it('founds one in a directory whose first life ended before it had stored its ring', () => {
    expect(founds({ ...empty, fresh: false, historyIntact: true, bootCounter: 2 })).toBe(true);
  });

  it('founds none when its rows were lost, for then its memory was lost with them', () => {
    expect(founds({ ...empty, fresh: false, bootCounter: 2 })).toBe(false);
    const rows = [[recoveringRow, new Uint8Array(0)]] as const;
    expect(founds({ ...empty, fresh: false, historyIntact: true, bootCounter: 3, rows })).toBe(false);
  });
});
