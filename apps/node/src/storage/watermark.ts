/**
 * How far the history of a data directory must reach: a small file of its own, because the store that lost its tail
 * cannot say so itself.
 *
 * It proves that every batch up to `sequence` was on stable storage when the file was written; a store that ends
 * earlier has lost acknowledged writes. It proves nothing of later batches: it is refreshed once a second, not with
 * every batch. After a clean stop it is exact. It belongs to the directory, so a directory put back as a whole from an
 * older copy agrees with itself; the identity of the directory's own files (directory.ts) is there for that.
 */
import { readFile } from 'node:fs/promises';
import { crc32c } from '@starling/core/codec/crc32c.ts';
import { z } from 'zod';
import { replaceFile } from './durable-file.ts';

const schema = z.strictObject({
  /** Starts of a node on this directory, the current one included. */
  bootCounter: z.int().min(0),
  /** Number of a batch that is durable, and with it all before. */
  sequence: z.int().min(0),
  /** Written last of all by an orderly stop, and replaced before the next start serves anything. */
  clean: z.boolean(),
  /** Starts in a row, up to the current one, that found no clean stop before them. */
  uncleanStarts: z.int().min(0),
  /** Inode and birth of the directory's identity file. */
  identityFile: z.string(),
});

export type Watermark = Readonly<z.infer<typeof schema>>;

/** The watermark at `path`: null if there is none, `damaged` if there is one that cannot be believed. */
export async function readWatermark(path: string): Promise<Watermark | 'damaged' | null> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  });
  return text === null ? null : decodeWatermark(text);
}

export async function writeWatermark(path: string, watermark: Watermark): Promise<void> {
  await replaceFile(path, encodeWatermark(watermark));
}

/** Two lines: the fields as JSON, and the CRC-32C of the first line in hexadecimal. */
export function encodeWatermark(watermark: Watermark): string {
  const line = JSON.stringify(watermark);
  return `${line}\n${checksum(line)}\n`;
}

export function decodeWatermark(text: string): Watermark | 'damaged' {
  const [line, sum, rest] = text.split('\n');
  if (line === undefined || sum !== checksum(line) || rest !== '') return 'damaged';
  const parsed = schema.safeParse(JSON.parse(line));
  return parsed.success ? parsed.data : 'damaged';
}

function checksum(line: string): string {
  return crc32c(Buffer.from(line)).toString(16).padStart(8, '0');
}
