import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Address, type NodeId, parseAddress } from '@starling/core';
import { z } from 'zod';
import { ConfigError } from './config-error.ts';
import { settingNames, settings } from './settings.ts';
import { type Gathered, gather } from './sources.ts';

/** What a node is told from outside, checked: nothing after this reads flags, environment or files of settings. */
export interface NodeConfig {
  readonly nodeId: NodeId;
  readonly port: number;
  /** Absolute. */
  readonly dataDir: string;
  readonly seedNodes: readonly Address[];
  readonly bind: string;
  readonly advertise: Address;
  readonly zone: string;
  readonly weight: number;
  readonly replace: NodeId | null;
  readonly replicas: number;
  readonly clusterSecret: Uint8Array;
  readonly consoleOrigins: readonly string[];
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

const schema = z.strictObject({
  nodeId: settings.nodeId.schema,
  port: settings.port.schema,
  dataDir: settings.dataDir.schema,
  seedNode: settings.seedNode.schema,
  bind: settings.bind.schema,
  advertise: settings.advertise.schema,
  zone: settings.zone.schema,
  weight: settings.weight.schema,
  replace: settings.replace.schema,
  replicas: settings.replicas.schema,
  clusterSecretFile: settings.clusterSecretFile.schema,
  consoleOrigin: settings.consoleOrigin.schema,
  logLevel: settings.logLevel.schema,
});

type Parsed = z.infer<typeof schema>;

/**
 * The configuration of this process: flags win over the environment, the environment over the file, the file over
 * defaults. Throws `ConfigError` with every problem found.
 */
export function loadConfig(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): NodeConfig {
  const gathered = gather(argv, environment);
  const parsed = schema.safeParse(gathered.values);
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map((issue) => describe(issue, gathered)));
  return complete(parsed.data);
}

function complete(parsed: Parsed): NodeConfig {
  const { nodeId, port, bind, zone, weight, replicas, logLevel } = parsed;
  return {
    nodeId,
    port,
    bind,
    zone,
    weight,
    replicas,
    logLevel,
    dataDir: resolve(parsed.dataDir),
    seedNodes: parsed.seedNode,
    replace: parsed.replace ?? null,
    consoleOrigins: parsed.consoleOrigin,
    advertise: advertised(parsed),
    clusterSecret: secretOf(parsed),
  };
}

function describe(issue: z.core.$ZodIssue, gathered: Gathered): string {
  const name = issue.path[0];
  const known = settingNames.find((setting) => setting === name);
  if (known === undefined) return issue.message;
  const source = gathered.sources.get(known);
  if (source === undefined) return `${settings[known].flag} ${issue.message}`;
  return `${source.label} ${issue.message}, but is ${JSON.stringify(source.raw)}`;
}

function advertised({ advertise, bind, port }: Parsed): Address {
  if (advertise !== undefined) return advertise;
  if (bind === '0.0.0.0' || bind === '::') {
    throw new ConfigError([
      `--bind ${bind} listens everywhere, so --advertise must say where other nodes find this one`,
    ]);
  }
  const address = parseAddress(bind.includes(':') ? `[${bind}]:${port}` : `${bind}:${port}`);
  if (address === null) throw new ConfigError([`--bind ${bind} is not a usable address`]);
  return address;
}

/** Whether only processes of this machine can reach what is bound to `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Shorter secrets can be guessed; longer ones are a sign of the wrong file. */
const secretBytesMin = 16;
const secretBytesMax = 4096;

/** Public on purpose: on loopback it keeps clusters of other kinds apart, not intruders out. */
const loopbackSecret = 'starling: anyone on this machine may join';

function secretOf({ clusterSecretFile, bind }: Parsed): Uint8Array {
  if (clusterSecretFile !== undefined) return readSecret(clusterSecretFile);
  if (isLoopback(bind)) return Buffer.from(loopbackSecret);
  throw new ConfigError([
    `--bind ${bind} is reachable from other machines, so --cluster-secret-file is required: without it anyone could join or read`,
  ]);
}

function readSecret(path: string): Uint8Array {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError([`--cluster-secret-file ${path} cannot be read: ${reason}`]);
  }
  const secret = Buffer.from(text);
  if (secret.length < secretBytesMin || secret.length > secretBytesMax) {
    throw new ConfigError([
      `--cluster-secret-file ${path} must hold ${secretBytesMin} to ${secretBytesMax} bytes, but holds ${secret.length}`,
    ]);
  }
  return secret;
}
