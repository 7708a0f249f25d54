import type { NodeConfig } from './config/config.ts';
import { StorageError } from './storage/storage-error.ts';

/** The node cannot start as it was told to; the message is for whoever started it. Exit code 2. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** What an operator can do something about becomes a `StartError`; anything else is a fault and stays as it is. */
export function startErrorOf(cause: unknown, { port, bind }: NodeConfig): unknown {
  if (cause instanceof StorageError) return new StartError(cause.message, { cause });
  if (!(cause instanceof Error) || !('code' in cause)) return cause;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new StartError(`port ${port} on ${bind} is in use by another process`, { cause });
    case 'EACCES':
      return new StartError(`this process may not listen on port ${port}`, { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new StartError(`${bind} is no address of this machine`, { cause });
    default:
      return cause;
  }
}
