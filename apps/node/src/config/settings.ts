import { parseAddress, parseNodeId } from '@starling/core';
import { z } from 'zod';

/**
 * Every setting of a node, once: how it is named on the command line, in the environment and in the configuration
 * file, what it means, and what it accepts. The command line, the validation and the table of docs/operations.md all
 * come from here.
 */
export interface Setting {
  /** The flag without its argument; the environment variable and the file's field are derived from it. */
  readonly flag: string;
  /** What stands for the argument in the usage text. */
  readonly argument: string;
  /** May be given several times; in the environment and as one flag value, separated by commas. */
  readonly repeatable: boolean;
  readonly meaning: string;
  /** As shown to people. */
  readonly defaultText: string;
  readonly schema: z.ZodType;
}

const whole = (min: number, max: number) =>
  z
    .union([z.string().regex(/^\d{1,10}$/, 'must be a whole number'), z.number()], {
      error: 'must be a whole number',
    })
    .transform(Number)
    .pipe(z.int().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`));

const address = z
  .string({ error: 'must be host:port' })
  .refine((text) => parseAddress(text) !== null, 'must be host:port, with a port from 1 to 65535')
  .transform((text) => parseAddress(text)!);

const origin = z
  .string({ error: 'must be an origin' })
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'must be an origin such as http://host:3000',
  );

const path = z.string({ error: 'must be a path' }).min(1, 'must not be empty').max(4096);

const zone = z.string().regex(/^[a-zA-Z0-9._-]{1,64}$/, 'must be 1 to 64 of letters, digits and . _ -');

const replaced = z
  .string()
  .refine((text) => parseNodeId(text) !== null, 'must be 1 to 64 of a-z, 0-9 and . _ -')
  .transform((text) => parseNodeId(text)!);

const host = z.string().regex(/^[a-zA-Z0-9:.-]{1,253}$/, 'must be a host name or an IP address');

/** Log levels, quietest last. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const;

/** The most seeds, and the most console origins, that one node is told of: each is retried or compared for ever. */
export const listSettingItemsMax = 64;

export const settings = {
  nodeId: {
    flag: '--node-id',
    argument: '<name>',
    repeatable: false,
    meaning: 'Name of this node in the cluster, for ever: 1 to 64 of a-z, 0-9 and . _ -',
    defaultText: 'required',
    schema: z
      .string({ error: 'is required' })
      .refine(
        (text) => parseNodeId(text) !== null,
        'must be 1 to 64 of a-z, 0-9, . _ - and begin with a letter or digit',
      )
      .transform((text) => parseNodeId(text)!),
  },
  port: {
    flag: '--port',
    argument: '<number>',
    repeatable: false,
    meaning:
      'TCP port of REST, tRPC, WebSockets and node-to-node traffic; UDP on the same number for membership',
    defaultText: '8081',
    schema: whole(1, 65_535).default(8081),
  },
  dataDir: {
    flag: '--data-dir',
    argument: '<path>',
    repeatable: false,
    meaning: 'Directory of this node alone; made if it does not exist',
    defaultText: 'required',
    schema: z.string({ error: 'is required' }).pipe(path),
  },
  seedNode: {
    flag: '--seed-node',
    argument: '<host:port>',
    repeatable: true,
    meaning:
      'A node to join through. Without any, and with an empty data directory, the node founds a new cluster',
    defaultText: 'none',
    schema: z.array(address).max(listSettingItemsMax).default([]),
  },
  bind: {
    flag: '--bind',
    argument: '<host>',
    repeatable: false,
    meaning: 'Address to listen on. Other than loopback needs --cluster-secret-file',
    defaultText: '127.0.0.1',
    schema: host.default('127.0.0.1'),
  },
  advertise: {
    flag: '--advertise',
    argument: '<host:port>',
    repeatable: false,
    meaning: 'Where other nodes reach this one; required when --bind is a wildcard',
    defaultText: 'bind and port',
    schema: address.optional(),
  },
  zone: {
    flag: '--zone',
    argument: '<name>',
    repeatable: false,
    meaning: 'Failure zone: replicas of a key are spread over zones',
    defaultText: 'default',
    schema: zone.default('default'),
  },
  weight: {
    flag: '--weight',
    argument: '<number>',
    repeatable: false,
    meaning: 'Share of the key space relative to other nodes, 1 to 16: 150 tokens each',
    defaultText: '1',
    schema: whole(1, 16).default(1),
  },
  replace: {
    flag: '--replace',
    argument: '<node id>',
    repeatable: false,
    meaning: 'Member that is dead for good, whose place and tokens this new node takes',
    defaultText: 'none: tokens of its own',
    schema: replaced.optional(),
  },
  replicas: {
    flag: '--replicas',
    argument: '<number>',
    repeatable: false,
    meaning: 'N, copies of each key, 1 to 7. Only the node that founds the cluster decides it',
    defaultText: '3',
    schema: whole(1, 7).default(3),
  },
  clusterSecretFile: {
    flag: '--cluster-secret-file',
    argument: '<path>',
    repeatable: false,
    meaning: 'File with the secret that all nodes of the cluster share: 16 to 4096 bytes',
    defaultText: 'on loopback, a secret known to all',
    schema: path.optional(),
  },
  consoleOrigin: {
    flag: '--console-origin',
    argument: '<origin>',
    repeatable: true,
    meaning: 'Origin of a console whose pages may call this node from a browser',
    defaultText: 'http://localhost:3000, http://127.0.0.1:3000',
    schema: z
      .array(origin)
      .max(listSettingItemsMax)
      .default(['http://localhost:3000', 'http://127.0.0.1:3000']),
  },
  logLevel: {
    flag: '--log-level',
    argument: '<level>',
    repeatable: false,
    meaning: `Least severe level that is logged: ${logLevels.join(', ')}`,
    defaultText: 'info',
    schema: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;

/** Names in the order in which they are shown. */
export const settingNames = Object.keys(settings) as readonly SettingName[]; // keys of a literal, not widened

/** `seedNode` is `STARLING_SEED_NODE`. */
export function environmentName(name: SettingName): string {
  return `STARLING_${settings[name].flag.slice(2).replaceAll('-', '_').toUpperCase()}`;
}

/** Environment variable with the path of the configuration file; the flag is `--config`. */
export const configFileVariable = 'STARLING_CONFIG';
