import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { ProcessStats } from './process-stats.ts';
import { RequestMeter } from './request-meter.ts';

describe('process stats', () => {
  it('reads this process and the bytes of its data directory', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'starling-stats-'));
    mkdirSync(join(dataDir, 'inner'));
    writeFileSync(join(dataDir, 'a'), 'x'.repeat(1000));
    writeFileSync(join(dataDir, 'inner', 'b'), 'x'.repeat(234));
    const meter = new RequestMeter(new Registry());
    const stats = new ProcessStats({ version: '1.2.3', startedAt: 7, dataDir, meter });
    const found = await stats.measure();
    stats.stop();
    expect(found).toMatchObject({ version: '1.2.3', startedAt: 7, diskUsedBytes: 1234 });
    expect(found.diskFreeBytes).toBeGreaterThan(0);
    expect(found.rssBytes).toBeGreaterThan(found.heapBytes!);
    expect(found.cpu).toBeGreaterThanOrEqual(0);
  });

  it('leaves null what it cannot read', async () => {
    const meter = new RequestMeter(new Registry());
    const stats = new ProcessStats({ version: '1', startedAt: 0, dataDir: '/nowhere/at/all', meter });
    expect(await stats.measure()).toMatchObject({ diskUsedBytes: null, diskFreeBytes: null });
    stats.stop();
  });
});
