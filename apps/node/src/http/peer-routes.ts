import { createHash, timingSafeEqual } from 'node:crypto';
import { type ApiError, answerHeaders, failed, type Result } from '@starling/api-types';
import type { Exchange } from './exchange.ts';
import type { RouteCall } from './operation-route.ts';

/** The two doors through which other nodes may come by plain HTTP instead of their own connection. */

/** What becomes of a message: the answering message, or why it was refused. */
export interface PeerDoor {
  /** One message of the RPC, encoded as on the connection between nodes. */
  replicate(message: Uint8Array): Promise<Result<Uint8Array>>;
  /** One membership packet, encoded as over UDP. */
  receive(packet: Uint8Array): Promise<Result<Uint8Array>>;
}

/** The cluster secret, held as a digest: comparing digests takes the same time whatever was sent. */
export class Secret {
  readonly #digest: Buffer;

  constructor(secret: Uint8Array) {
    this.#digest = digestOf(secret);
  }

  /** Whether an `Authorization` header brings the secret: `Bearer` and its bytes. */
  isIn(authorization: string | undefined): boolean {
    const match = /^Bearer (.+)$/.exec(authorization ?? '');
    // Header values are the received bytes, one per character.
    const given = Buffer.from(match?.[1] ?? '', 'latin1');
    return timingSafeEqual(digestOf(given), this.#digest);
  }
}

function digestOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

const messageType = 'application/octet-stream';

export function peerRoute(
  take: (bytes: Uint8Array) => Promise<Result<Uint8Array>>,
): (call: RouteCall) => Promise<void> {
  return async ({ exchange, body }) => {
    const problem = exchange.problem() ?? typeProblem(exchange.header('content-type'));
    if (problem !== null) return exchange.fail(problem);
    if (!Buffer.isBuffer(body) || body.length === 0) {
      return exchange.fail(failed('invalid_request', 'body: one encoded message is needed'));
    }
    const taken = await take(body);
    if (!taken.ok) return exchange.fail(taken.error);
    const headers = { ...answerHeaders, 'content-type': messageType, 'x-request-id': exchange.requestId };
    exchange.send(200, headers, Buffer.from(taken.output));
  };
}

function typeProblem(contentType: string | undefined): ApiError | null {
  if (contentType === messageType) return null;
  return failed('unsupported_media_type', `the body must be ${messageType}`);
}

/** Runs before the body is read: a stranger's bytes are not worth memory. True when the request may go on. */
export function admitPeer(secret: Secret, exchange: Exchange): boolean {
  if (secret.isIn(exchange.header('authorization'))) return true;
  const error = failed('unauthorized', 'the cluster secret is missing or wrong');
  exchange.fail(error, { 'www-authenticate': 'Bearer realm="starling"' });
  return false;
}
