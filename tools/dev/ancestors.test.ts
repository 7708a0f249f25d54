import { describe, expect, it } from 'vitest';
import { watched } from './ancestors.ts';

const line = (pid: number, command: string) => ({ pid, parent: pid - 1, command });

describe('watched ancestors', () => {
  it('reach up to the outermost package manager and no further', () => {
    const chain = [
      line(9, 'node'),
      line(8, 'sh'),
      line(7, 'pnpm'),
      line(6, 'sh'),
      line(5, 'npm exec pnpm@1'),
      line(4, 'bash'),
      line(3, 'sshd'),
    ];
    expect(watched(chain)).toEqual([9, 8, 7, 6, 5]);
  });

  it('know the package managers by their paths too', () => {
    expect(watched([line(9, 'node'), line(8, '/usr/bin/pnpm'), line(7, 'zsh')])).toEqual([9, 8]);
    expect(watched([line(9, '/usr/bin/npx')])).toEqual([9]);
  });

  it('are none without a package manager', () => {
    expect(watched([line(9, 'node'), line(8, 'bash'), line(7, 'snapnpx')])).toEqual([]);
    expect(watched([])).toEqual([]);
  });
});
