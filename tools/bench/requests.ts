/** The path of the `number`-th key of the bench. */
export function keyPath(number: number): string {
  return `/api/v1/data/bench:${number}`;
}

export function getRequest(host: string, number: number): string {
  return `GET ${keyPath(number)} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

/** `body` is ASCII, so its length in characters is its length in bytes. */
export function putRequest(host: string, number: number, body: string): string {
  const head = `PUT ${keyPath(number)} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
}

/** A body whose value is a JSON string of `bytes` characters that differ from position to position. */
export function putBody(bytes: number): string {
  let text = '';
  for (let i = 0; text.length < bytes; i++) text += i.toString(36);
  return JSON.stringify({ value: text.slice(0, bytes) });
}
