import { type Address, parseAddress } from '@starling/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeLimits } from '../limits.ts';
import { SeedNames } from './seed-names.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const seeds = (...texts: string[]) => texts.map((text) => parseAddress(text)!);

/** Seed names over a resolver whose answers can be changed, and all that they told. */
function watched(of: readonly Address[], zone: Record<string, readonly string[]>) {
  const told: (readonly string[])[] = [];
  const unknown: string[] = [];
  const names = new SeedNames({
    seeds: of,
    resolve: async (host) => {
      const found = zone[host];
      if (found === undefined) throw new Error(`no such host: ${host}`);
      return found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    },
    onResolved: (addresses) => told.push(addresses),
    onUnknown: (host) => unknown.push(host),
  });
  return { names, told, unknown };
}

describe('the names of seeds', () => {
  it('stand for all their addresses, each once, with the port of the seed', async () => {
    const zone = { starling: ['10.0.0.1', '10.0.0.2', 'fd00::3'], other: ['10.0.0.2'] };
    const { names, told } = watched(seeds('starling:8081', 'other:8081', '10.0.0.9:8081'), zone);
    names.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([['10.0.0.1:8081', '10.0.0.2:8081', '[fd00::3]:8081']]);
    names.stop();
  });

  it('are looked at again, and what they stood for before is forgotten', async () => {
    const zone: Record<string, string[]> = { starling: ['10.0.0.1'] };
    const { names, told } = watched(seeds('starling:8081'), zone);
    names.start();
    await vi.advanceTimersByTimeAsync(0);
    zone['starling'] = ['10.0.0.7'];
    await vi.advanceTimersByTimeAsync(nodeLimits.resolvedHostMs);
    expect(told).toEqual([['10.0.0.1:8081'], ['10.0.0.7:8081']]);
    names.stop();
    await vi.advanceTimersByTimeAsync(2 * nodeLimits.resolvedHostMs);
    expect(told).toHaveLength(2);
  });

  it('keep what they stood for while the resolver does not answer, which is told', async () => {
    const zone: Record<string, string[]> = { starling: ['10.0.0.1'] };
    const { names, told, unknown } = watched(seeds('starling:8081', 'typo:1'), zone);
    names.start();
    await vi.advanceTimersByTimeAsync(0);
    delete zone['starling'];
    await vi.advanceTimersByTimeAsync(nodeLimits.resolvedHostMs);
    expect(told).toEqual([['10.0.0.1:8081'], ['10.0.0.1:8081']]);
    expect(unknown).toEqual(['typo', 'starling', 'typo']);
    names.stop();
  });

  it('stand for so many addresses each and no more (nodeLimits.seedAddressesMax)', async () => {
    const many = (count: number) => Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const zone = { full: many(nodeLimits.seedAddressesMax), over: many(nodeLimits.seedAddressesMax + 1) };
    const { names, told } = watched(seeds('full:1', 'over:2'), zone);
    names.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(told[0]!.filter((address) => address.endsWith(':1'))).toHaveLength(nodeLimits.seedAddressesMax);
    expect(told[0]!.filter((address) => address.endsWith(':2'))).toHaveLength(nodeLimits.seedAddressesMax);
    names.stop();
  });

  it('are not looked at when every seed is an IP address', async () => {
    const { names, told } = watched(seeds('10.0.0.1:1', '[::1]:2'), {});
    names.start();
    await vi.advanceTimersByTimeAsync(2 * nodeLimits.resolvedHostMs);
    expect(told).toEqual([]);
  });
});
