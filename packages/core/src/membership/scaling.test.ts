import { describe, expect, test } from 'vitest';
import {
  confirmationsNeeded,
  confirmationsWanted,
  retransmitLimit,
  suspicionMinMs,
  suspicionMs,
  syncScaledMs,
} from './scaling.ts';

/** Defaults of hashicorp/memberlist (`config.go`), by which the golden values were computed. */
const lan = { suspicionMultiplier: 4, maxMultiplier: 6, probeIntervalMs: 1_000, syncIntervalMs: 30_000 };
const wan = { suspicionMultiplier: 6, maxMultiplier: 6, probeIntervalMs: 5_000 };

describe('with the defaults of memberlist', () => {
  test.each([
    [1, 4_000, 30_000],
    [3, 4_000, 30_000],
    [5, 4_000, 30_000],
    [10, 4_000, 30_000],
    [20, 5_204, 39_030],
    [50, 6_792, 50_940],
    [100, 8_000, 60_000],
    [1_000, 12_000, 90_000],
    [10_000, 16_000, 120_000],
  ])(
    'the shortest suspicion among %i members is %i ms on a LAN and %i ms on a WAN',
    (members, lanMs, wanMs) => {
      expect(suspicionMinMs(members, lan.suspicionMultiplier, lan.probeIntervalMs)).toBe(lanMs);
      expect(suspicionMinMs(members, wan.suspicionMultiplier, wan.probeIntervalMs)).toBe(wanMs);
    },
  );

  test.each([
    [20, 31_220, 234_200],
    [50, 40_750, 305_600],
    [100, 48_000, 360_000],
    [1_000, 72_000, 540_000],
  ])('the longest suspicion among %i members is about %i ms and %i ms', (members, lanMs, wanMs) => {
    const ofLan = suspicionMinMs(members, lan.suspicionMultiplier, lan.probeIntervalMs) * lan.maxMultiplier;
    const ofWan = suspicionMinMs(members, wan.suspicionMultiplier, wan.probeIntervalMs) * wan.maxMultiplier;
    expect(Math.abs(ofLan - lanMs)).toBeLessThanOrEqual(5);
    expect(Math.abs(ofWan - wanMs)).toBeLessThanOrEqual(50);
  });

  test('a suspicion shrinks with each confirmation as the table says', () => {
    const ofLan = [0, 1, 2].map((confirmations) => suspicionMs(4_000, 24_000, 2, confirmations));
    expect(ofLan).toEqual([24_000, 11_381, 4_000]);
    const ofWan = [0, 1, 2, 3, 4].map((confirmations) => suspicionMs(30_000, 180_000, 4, confirmations));
    expect(ofWan).toEqual([180_000, 115_398, 77_609, 50_797, 30_000]);
  });

  test.each([
    [3, 4],
    [5, 4],
    [10, 8],
    [20, 8],
    [50, 8],
    [65, 8],
    [100, 12],
    [129, 12],
    [1_000, 16],
    [10_000, 20],
  ])('news is sent by each of %i members %i times', (members, times) => {
    expect(retransmitLimit(members, 4)).toBe(times);
  });

  test.each([
    [1, 30_000],
    [32, 30_000],
    [33, 60_000],
    [50, 60_000],
    [64, 60_000],
    [65, 90_000],
    [100, 90_000],
    [129, 120_000],
    [1_000, 180_000],
  ])('each of %i members starts a push/pull every %i ms', (members, intervalMs) => {
    expect(syncScaledMs(members, lan.syncIntervalMs)).toBe(intervalMs);
  });
});

test('half of those who could confirm are enough, and no more than memberlist asks for', () => {
  const members = [1, 2, 3, 4, 5, 6, 7, 8, 9, 50];
  expect(members.map((count) => confirmationsNeeded(count, 5))).toEqual([0, 0, 0, 0, 1, 2, 2, 3, 3, 3]);
});

test('nobody is waited for in clusters too small to confirm', () => {
  expect([2, 3, 4, 50].map((members) => confirmationsWanted(members, 4))).toEqual([0, 0, 2, 2]);
  expect(confirmationsWanted(50, 1)).toBe(0);
  expect(suspicionMs(4_000, 24_000, 0, 0)).toBe(4_000);
});
