import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isLoopback, loadConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { environmentName, listSettingItemsMax, settingNames } from './settings.ts';
import { HelpRequested } from './sources.ts';

const directory = mkdtempSync(join(tmpdir(), 'starling-config-'));
const required = ['--node-id=node-1', '--data-dir=./data'];

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function problems(argv: readonly string[], environment: Record<string, string> = {}): readonly string[] {
  try {
    loadConfig(argv, environment);
  } catch (cause) {
    if (cause instanceof ConfigError) return cause.problems;
    throw cause;
  }
  throw new Error('the configuration was accepted');
}

describe('configuration', () => {
  it('has defaults for everything but the node id and the data directory', () => {
    const config = loadConfig(required, {});
    expect(config).toMatchObject({
      nodeId: 'node-1',
      port: 8081,
      bind: '127.0.0.1',
      advertise: '127.0.0.1:8081',
    });
    expect(config).toMatchObject({
      zone: 'default',
      weight: 1,
      replicas: 3,
      seedNodes: [],
      logLevel: 'info',
    });
    expect(config.dataDir).toBe(resolve('./data'));
  });

  it('takes flags over the environment, the environment over the file, the file over defaults', () => {
    const path = file('order.json', '{"port": 1001, "zone": "from-file", "weight": 2, "replicas": 5}');
    const environment = { STARLING_CONFIG: path, STARLING_PORT: '1002', STARLING_ZONE: 'from-environment' };
    const config = loadConfig([...required, '--port=1003'], environment);
    expect(config).toMatchObject({ port: 1003, zone: 'from-environment', weight: 2, replicas: 5 });
  });

  it('reads the required settings from the environment too', () => {
    const config = loadConfig([], { STARLING_NODE_ID: 'node-9', STARLING_DATA_DIR: '/tmp/nine' });
    expect(config).toMatchObject({ nodeId: 'node-9', dataDir: '/tmp/nine' });
  });

  it('collects seeds given as repeated flags and as a comma-separated list', () => {
    const config = loadConfig([...required, '--seed-node=a:1,b:2', '--seed-node=[::1]:3'], {});
    expect(config.seedNodes).toEqual(['a:1', 'b:2', '[::1]:3']);
  });

  it('names the source of each bad value, all at once', () => {
    const path = file('bad.json', '{"weight": 17}');
    const found = problems([...required, '--port=eighty', `--config=${path}`], {
      STARLING_ZONE: 'no spaces',
    });
    expect(found).toHaveLength(3);
    expect(found.find((line) => line.startsWith('--port'))).toContain(
      'must be a whole number, but is "eighty"',
    );
    expect(found.find((line) => line.startsWith('STARLING_ZONE'))).toContain('but is "no spaces"');
    expect(found.find((line) => line.startsWith(`weight of ${path}`))).toContain(
      'must be at most 16, but is 17',
    );
  });

  it.each([
    ['a missing node id', ['--data-dir=d'], '--node-id is required'],
    ['a missing data directory', ['--node-id=n'], '--data-dir is required'],
    ['a port of 0', [...required, '--port=0'], '--port must be at least 1'],
    ['a port over 65535', [...required, '--port=65536'], '--port must be at most 65535'],
    ['a negative port', [...required, '--port=-1'], '--port must be a whole number'],
    ['a node id with a slash', ['--node-id=a/b', '--data-dir=d'], '--node-id must be 1 to 64'],
    ['a seed without a port', [...required, '--seed-node=host'], '--seed-node must be host:port'],
    ['no replicas', [...required, '--replicas=0'], '--replicas must be at least 1'],
    [
      'an origin with a path',
      [...required, '--console-origin=http://h:1/x'],
      '--console-origin must be an origin',
    ],
    ['an unknown level', [...required, '--log-level=loud'], '--log-level must be one of'],
    ['an unknown flag', [...required, '--prot=1'], "unknown option '--prot=1'"],
    ['an argument too many', [...required, 'surplus'], 'too many arguments'],
    ['a missing file', [...required, '--config=/nowhere.json'], '--config /nowhere.json cannot be read'],
    ['a missing secret file', [...required, '--cluster-secret-file=/nowhere'], 'cannot be read'],
  ])('refuses %s', (_, argv, reason) => {
    expect(problems(argv).join('\n')).toContain(reason);
  });

  it('refuses a file with an unknown setting, a list, or no JSON', () => {
    expect(problems([...required, `--config=${file('typo.json', '{"prot": 1}')}`])).toEqual([
      expect.stringContaining('unknown setting "prot"'),
    ]);
    expect(problems([...required, `--config=${file('list.json', '[]')}`])[0]).toContain(
      'must hold one JSON object',
    );
    expect(problems([...required, `--config=${file('torn.json', '{')}`])[0]).toContain('cannot be read');
  });

  it('accepts as many seeds as its bound and refuses one more', () => {
    const seeds = Array.from({ length: listSettingItemsMax + 1 }, (_, i) => `--seed-node=host:${i + 1}`);
    expect(loadConfig([...required, ...seeds.slice(1)], {}).seedNodes).toHaveLength(listSettingItemsMax);
    expect(problems([...required, ...seeds])).toHaveLength(1);
  });

  it('refuses to listen beyond loopback without a secret, and accepts it with one', () => {
    expect(problems([...required, '--bind=10.0.0.5'])[0]).toContain('--cluster-secret-file is required');
    const secret = file('secret', 'correct horse battery\n');
    const config = loadConfig([...required, '--bind=10.0.0.5', `--cluster-secret-file=${secret}`], {});
    expect(Buffer.from(config.clusterSecret).toString()).toBe('correct horse battery');
    expect(config.advertise).toBe('10.0.0.5:8081');
  });

  it('accepts a secret of 16 bytes and refuses one of 15', () => {
    const long = file('secret-16', 'a'.repeat(16));
    expect(loadConfig([...required, `--cluster-secret-file=${long}`], {}).clusterSecret).toHaveLength(16);
    const short = file('secret-15', 'a'.repeat(15));
    expect(problems([...required, `--cluster-secret-file=${short}`])[0]).toContain(
      '16 to 4096 bytes, but holds 15',
    );
  });

  it('asks where to be found when it listens everywhere', () => {
    const secret = file('secret-wild', 'a'.repeat(32));
    const wild = [...required, '--bind=0.0.0.0', `--cluster-secret-file=${secret}`];
    expect(problems(wild)[0]).toContain('--advertise must say');
    expect(loadConfig([...wild, '--advertise=db.example:8081'], {}).advertise).toBe('db.example:8081');
  });

  it('knows loopback addresses', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].map(isLoopback)).toEqual([true, true, true, true]);
    expect(['0.0.0.0', '::', '10.0.0.1', '127.example.com'].map(isLoopback)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('explains every setting when asked for help', () => {
    try {
      loadConfig(['--help'], {});
      expect.unreachable();
    } catch (cause) {
      expect(cause).toBeInstanceOf(HelpRequested);
      for (const name of settingNames) expect(String(cause)).toContain(environmentName(name));
    }
  });
});
