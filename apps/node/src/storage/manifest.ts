/**
 * Which table files count. A process that dies, or a disk that fills up, while LevelDB merges tables leaves half-written
 * files behind that no manifest names and LevelDB removes when it opens: they say nothing about the rows.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readLogRecords } from './log-format.ts';
import { Cursor } from './table-format.ts';

/** Fields of a record of the manifest (LevelDB, db/version_edit.cc). */
const tag = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

/** Paths of the table files of a database, newest first; none if its manifest cannot be read, which opening it will tell. */
export async function liveTables(directory: string): Promise<readonly string[]> {
  try {
    const current = await readFile(join(directory, 'CURRENT'), 'utf8');
    const tables = tablesOf(await readFile(join(directory, current.trim())));
    return [...tables].toSorted((a, b) => b - a).map((table) => join(directory, tableName(table)));
  } catch {
    return [];
  }
}

function tableName(table: number): string {
  return `${String(table).padStart(6, '0')}.ldb`;
}

/** Numbers of the tables that a manifest leaves standing. */
export function tablesOf(manifest: Uint8Array): ReadonlySet<number> {
  const tables = new Set<number>();
  for (const record of readLogRecords(manifest)) applyEdit(record, tables);
  return tables;
}

/** A table may be removed from one level and added to another in the same record, so what is added comes last. */
function applyEdit(record: Uint8Array, tables: Set<number>): void {
  const cursor = new Cursor(record, 0, record.length);
  const added: number[] = [];
  for (let field = cursor.varint(); field !== null; field = cursor.varint()) {
    if (!readField(cursor, field, tables, added)) break;
  }
  for (const table of added) tables.add(table);
}

/** Reads one field; false if it is none of those known. */
function readField(cursor: Cursor, field: number, tables: Set<number>, added: number[]): boolean {
  switch (field) {
    case tag.comparator:
      return cursor.text() !== null;
    case tag.logNumber:
    case tag.nextFile:
    case tag.lastSequence:
    case tag.previousLog:
      return cursor.varint() !== null;
    case tag.compactPointer:
      return cursor.varint() !== null && cursor.text() !== null;
    case tag.deletedFile:
      cursor.varint();
      tables.delete(cursor.varint() ?? 0);
      return true;
    case tag.newFile:
      cursor.varint();
      added.push(cursor.varint() ?? 0);
      return cursor.varint() !== null && cursor.text() !== null && cursor.text() !== null;
    default:
      return false;
  }
}
