import type { Duplex } from 'node:stream';
import { type ApiError, errorAnswer, failed } from '@starling/api-types';
import type { FastifyError } from 'fastify';
import { httpLimits } from './limits.ts';

/** What is refused before an operation sees it, in the contract's one shape. */

/** What the server framework found wrong, or `internal` for what it did not foresee. */
export function frameworkRefusal(error: FastifyError): ApiError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return failed('payload_too_large', 'the body is over its bound');
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return failed('unsupported_media_type', 'the body must be application/json in UTF-8');
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return failed('invalid_request', 'the body is not as long as it says');
    case 'ECONNRESET':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return failed('invalid_request', 'the body ended early');
    default:
      return { code: 'internal', message: 'a fault of the server', outcome: 'unknown' };
  }
}

interface ParserError extends Error {
  readonly code?: string;
}

/** What Node's HTTP parser found wrong before there was a request. */
export function parserRefusal(error: ParserError): ApiError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return failed('headers_too_large', 'the header section is over its bound');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return failed('request_timeout', 'the request did not arrive in time');
    default:
      return failed('invalid_request', 'this is not HTTP/1.1');
  }
}

/**
 * Writes a refusal where there is no response object to write it with, and closes. Closing while bytes are on their way
 * would reset the connection, and the client would see that instead of the answer (RFC 9112 §9.6): they are read, for a
 * bounded time.
 */
export function refuseSocket(socket: Duplex, error: ApiError, requestId: string): void {
  if (!socket.writable) {
    // Answered already: this is the parser's complaint about what came after that.
    if (!socket.writableEnded) socket.destroy();
    return;
  }
  const timer = setTimeout(() => socket.destroy(), httpLimits.lingerMs);
  timer.unref();
  socket.on('close', () => clearTimeout(timer));
  socket.resume();
  const { status, headers, body } = errorAnswer(error, requestId);
  const lines = Object.entries({
    ...headers,
    connection: 'close',
    'content-length': `${Buffer.byteLength(body)}`,
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.on('error', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${reason(status)}\r\n${head}\r\n${body}`);
}

function reason(status: number): string {
  return reasons[status] ?? 'Refused';
}

const reasons: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  408: 'Request Timeout',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
};
