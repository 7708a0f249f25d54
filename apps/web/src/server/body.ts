import { type ApiError, failed, type Result } from '@starling/api-types';

const tooLarge: ApiError = failed('payload_too_large', 'the body is over its bound');
const notUtf8: ApiError = failed('invalid_request', 'body: not UTF-8', {
  issues: [{ path: 'body', message: 'not UTF-8' }],
});

/** Reads a body as text, counting while it streams: what is over `bytesMax` is never held. */
export async function readText(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Result<string | null>> {
  if (body === null) return { ok: true, output: null };
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) return { ok: false, error: tooLarge };
    chunks.push(chunk);
  }
  return bytes === 0 ? { ok: true, output: null } : decode(Buffer.concat(chunks));
}

/** A byte order mark is kept, so that it is refused as a node refuses it. */
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): Result<string> {
  try {
    return { ok: true, output: strict.decode(bytes) };
  } catch {
    return { ok: false, error: notUtf8 }; // A TypeError is all it throws.
  }
}
