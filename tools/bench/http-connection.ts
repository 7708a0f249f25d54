import { connect, type Socket } from 'node:net';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** Called with the status of an answer, or 0 when the connection broke before one came. */
export type Answered = (status: number) => void;

const headEnd = Buffer.from('\r\n\r\n');

/**
 * One keep-alive HTTP/1.1 connection with at most one request open, reading no more of an answer than its status and
 * its length. A full client costs as much per request as the server under test, and would be measured with it.
 */
export class HttpConnection {
  readonly #endpoint: Endpoint;
  #socket: Socket | null = null;
  #buffered: Buffer | null = null;
  /** Bytes of the current answer still to come after its head; -1 while the head is not complete. */
  #bodyLeft = -1;
  #status = 0;
  /** The server ends the connection after the current answer: the next request needs another. */
  #isLast = false;
  #answered: Answered | null = null;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** Sends one request; connects first if there is no connection. */
  send(request: Buffer | string, answered: Answered): void {
    this.#answered = answered;
    this.#socket ??= this.#connect();
    this.#socket.write(request);
  }

  close(): void {
    this.#answered = null;
    this.#socket?.destroy();
    this.#socket = null;
  }

  #connect(): Socket {
    const socket = connect(this.#endpoint.port, this.#endpoint.host);
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed(socket));
    return socket;
  }

  #closed(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#buffered = null;
    this.#bodyLeft = -1;
    this.#finish(0);
  }

  #read(chunk: Buffer): void {
    if (this.#bodyLeft >= 0) {
      this.#bodyLeft -= chunk.length;
    } else {
      const bytes = this.#buffered === null ? chunk : Buffer.concat([this.#buffered, chunk]);
      const end = bytes.indexOf(headEnd);
      this.#buffered = end < 0 ? bytes : null;
      if (end < 0) return;
      this.#readHead(bytes.toString('latin1', 0, end));
      this.#bodyLeft -= bytes.length - end - headEnd.length;
    }
    if (this.#bodyLeft === 0) {
      this.#bodyLeft = -1;
      if (this.#isLast) this.#leave();
      this.#finish(this.#status);
    }
  }

  #readHead(head: string): void {
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length === null) throw new Error(`an answer without Content-Length cannot be measured: ${head}`);
    this.#status = Number(head.slice(9, 12));
    this.#bodyLeft = Number(length[1]);
    this.#isLast = /\r\nconnection: *close(\r|$)/i.test(head);
  }

  /** Without waiting for the server to close: a request sent meanwhile would be lost. */
  #leave(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  #finish(status: number): void {
    const answered = this.#answered;
    this.#answered = null;
    answered?.(status);
  }
}
