import { describe, expect, it } from 'vitest';
import { readable } from './log-lines.ts';

describe('log lines', () => {
  it('are told in one line for people', () => {
    const line =
      '{"level":"info","time":"2026-01-02T03:04:05.678Z","node":"node-1","epoch":2,"msg":"new ring"}';
    expect(readable(line)).toBe('03:04:05 info  new ring epoch=2');
  });

  it.each(['', 'plain text', '{"torn', '[1,2]', 'null', '{"level":30}'])(
    'stay as they are when they are not a log’s: %s',
    (line) => {
      expect(readable(line)).toBe(line);
    },
  );
});
