import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ActorId, type Hlc, keyRef, parseAddress, parseNodeId, type StoredRecord } from '@starling/core';
import { decodeRecord, encodeRecord } from '@starling/core/codec/record.ts';
import { encodeCounts, encodePeers } from '@starling/core/node/meta-rows.ts';
import { indexRow } from '@starling/core/ring/rows.ts';
import { describe, expect, it } from 'vitest';
import { directoryFormat, directoryPaths } from './directory.ts';
import { openRow, sealRow } from './record-envelope.ts';
import { batchRow, encodeBootNote } from './store-rows.ts';
import { decodeWatermark, encodeWatermark } from './watermark.ts';

/** docs/storage-format.md against the code: a change of one without the other is a change nobody can read back. */

const root = join(import.meta.dirname, '../../../..');
const page = readFileSync(join(root, 'docs/storage-format.md'), 'utf8');

/** The text of the page's block of this name. */
function block(name: string): string {
  const [, text] = new RegExp(`\`\`\`${name}\\n([\\s\\S]*?)\`\`\``).exec(page) ?? [];
  if (text === undefined) throw new Error(`the page has no block named ${name}`);
  return text;
}

/** The bytes of a block, written in hexadecimal with blanks between parts. */
const bytesIn = (name: string) => Buffer.from(block(name).replaceAll(/\s/g, ''), 'hex').toString('hex');
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const actor = 'n-1' as ActorId;

const ballot = { round: 3, actor };
const vote = { promised: ballot, accepted: ballot, recent: [], settled: 0 };

function recordOf(counter: number, hlc: number, value: Uint8Array | null, request: string): StoredRecord {
  const dot = { actor, counter };
  const sibling = { dot, hlc: hlc as Hlc, value, scoped: false, expiresAt: 0, request };
  return { clock: [dot], siblings: [sibling], vote: null };
}

describe('docs/storage-format.md', () => {
  it('shows a row in its envelope', () => {
    const row = indexRow(keyRef('default', 'a'));
    expect(row).toBe('k/default/a');
    expect(hex(sealRow(row, new Uint8Array(0)))).toBe(bytesIn('envelope'));
    expect(openRow(row, Buffer.from(bytesIn('envelope'), 'hex'))).toHaveLength(0);
    expect(openRow('k/default/b', Buffer.from(bytesIn('envelope'), 'hex'))).toBe('corrupt');
  });

  it.each([
    ['record', recordOf(7, 300, Buffer.from('1'), '')],
    ['tombstone', recordOf(8, 301, null, '0123456789abcdef')],
    ['voted', { ...recordOf(7, 300, Buffer.from('1'), ''), vote }],
  ])('shows a %s', (name, record) => {
    expect(hex(encodeRecord(record))).toBe(bytesIn(name));
    expect(decodeRecord(Buffer.from(bytesIn(name), 'hex'))?.siblings).toHaveLength(1);
  });

  it('shows what a node knows of itself', () => {
    expect(hex(encodeCounts({ keys: 2, tombstones: 1, recordBytes: 300 }))).toBe(bytesIn('counts'));
    const peer = { nodeId: parseNodeId('n-2')!, address: parseAddress('127.0.0.1:8082')! };
    expect(hex(encodePeers([peer]))).toBe(bytesIn('peers'));
  });

  it('shows a watermark', () => {
    const watermark = decodeWatermark(block('watermark'));
    expect(watermark).toMatchObject({ bootCounter: 3, sequence: 41, clean: true });
    expect(watermark !== 'damaged' && encodeWatermark(watermark)).toBe(block('watermark'));
  });

  it('says what the names and the notes of the store are', () => {
    expect(page).toContain(`{"format":${directoryFormat},"instanceId":`);
    expect(batchRow(0x29)).toMatch(/^\0batch\/[0-9a-f]{14}$/);
    expect(encodeBootNote({ bootCounter: 3, instanceId: 'a'.repeat(16) }).toString()).toBe(
      `3 ${'a'.repeat(16)}`,
    );
  });

  it('leaves out no file of the directory', () => {
    const { root: _, ...paths } = directoryPaths('');
    for (const path of Object.values(paths)) expect(page).toMatch(new RegExp(`^\\| \`${path}/?\` \\|`, 'm'));
  });

  it('leaves out no kind of row', () => {
    const core = join(root, 'packages/core/src');
    const sources = readdirSync(core, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.includes('.test'))
      .map((path) => readFileSync(join(core, path), 'utf8').replaceAll(/^\s*(\/\*\*|\*|\/\/).*$/gm, ''));
    const kinds = new Set(
      sources.flatMap((text) =>
        [...text.matchAll(/['`]([dkqhlm]\/[a-z-]*)/g)].map((match) => match[1] ?? ''),
      ),
    );
    expect(kinds.size).toBeGreaterThan(10);
    for (const kind of kinds) expect(page).toContain(`\`${kind}`);
  });
});
