/**
 * The data directory of one node:
 *
 * `identity.json`  its random name and the format of everything in it; written once, never again
 * `watermark`      how far its history reaches (watermark.ts)
 * `rows/`          the LevelDB database with every row
 * `lock/`          held while a process has the directory open (lock.ts)
 * `ballast`        bytes to give up when the disk is full (disk-space.ts)
 * `damaged`        left by a process that met damage in `rows/` which only a new database can cure
 * `suspect`        left by a process that found a spoiled table: the next start looks at all of them
 * `restored`       put there by an operator who brought the directory back from a copy
 * `rows.aside-n`   an earlier `rows/` that could not be used any more; never read, never removed
 */
import { access, constants, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from './durable-file.ts';
import { StorageError } from './storage-error.ts';

/** Format of the directory and its rows. A release that changes it converts, or refuses what it does not know. */
export const directoryFormat = 1;

export interface DirectoryPaths {
  readonly root: string;
  readonly identity: string;
  readonly watermark: string;
  readonly rows: string;
  readonly ballast: string;
  readonly damaged: string;
  readonly suspect: string;
  readonly restored: string;
}

export function directoryPaths(root: string): DirectoryPaths {
  return {
    root,
    identity: join(root, 'identity.json'),
    watermark: join(root, 'watermark'),
    rows: join(root, 'rows'),
    ballast: join(root, 'ballast'),
    damaged: join(root, 'damaged'),
    suspect: join(root, 'suspect'),
    restored: join(root, 'restored'),
  };
}

/** Makes the directory if need be; rejects with `not_a_directory` or `unwritable`, and says which path and why. */
export async function prepareDirectory(root: string): Promise<void> {
  try {
    await mkdir(root, { recursive: true });
    await access(root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : '';
    if (code === 'EEXIST' || code === 'ENOTDIR')
      throw new StorageError('not_a_directory', `the data directory ${root} is not a directory`, cause);
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
      throw new StorageError(
        'unwritable',
        `the data directory ${root} cannot be written by this process`,
        cause,
      );
    throw new StorageError('io', `the data directory ${root} cannot be used: ${String(cause)}`, cause);
  }
}

const identitySchema = z.strictObject({
  format: z.int().min(1),
  instanceId: z.string().regex(/^[0-9a-f]{16}$/),
});

/** Who a data directory is. */
export interface Identity {
  /** Random name of the directory, 16 hex digits. */
  readonly instanceId: string;
  /**
   * Inode and birth of the file that says so. A copy of the directory has another inode and another birth; a file
   * system that makes up one of the two at every mount still keeps the other.
   */
  readonly file: string;
}

/** The identity, or null if there is none that can be read. Rejects with `newer_format` before anything is touched. */
export async function readIdentity(paths: DirectoryPaths): Promise<Identity | null> {
  const text = await readFile(paths.identity, 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = identitySchema.safeParse(parseJson(text));
  if (!parsed.success) return null;
  const { format, instanceId } = parsed.data;
  if (format > directoryFormat)
    throw new StorageError(
      'newer_format',
      `${paths.root} was written in format ${format} by a newer release; this one knows formats up to ${directoryFormat}`,
    );
  return { instanceId, file: await fileIdentity(paths.identity) };
}

export async function writeIdentity(paths: DirectoryPaths, instanceId: string): Promise<Identity> {
  await replaceFile(paths.identity, `${JSON.stringify({ format: directoryFormat, instanceId })}\n`);
  return { instanceId, file: await fileIdentity(paths.identity) };
}

/** Whether two `Identity.file` can be the same file: only if both inode and birth differ is it surely another. */
export function sameIdentityFile(a: string, b: string): boolean {
  const [inodeA, birthA] = a.split(' ');
  const [inodeB, birthB] = b.split(' ');
  return inodeA === inodeB || birthA === birthB;
}

async function fileIdentity(path: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(path, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
