import { describe, expect, it } from 'vitest';
import { nearHeader, throughHeader } from '../call-context.ts';
import { type Call, forward } from './forward.ts';
import { NodeDirectory } from './node-directory.ts';

type Answer = () => Response;

const refused = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }));
const broken = () => Promise.reject(new TypeError('fetch failed', { cause: { code: 'ECONNRESET' } }));

const hosts = ['127.0.0.1:1', '127.0.0.1:2', '127.0.0.1:3'];
const members = hosts.map((address, at) => ({
  nodeId: `node-${at + 1}`,
  address,
  status: 'alive',
  incarnation: 0,
  zone: 'default',
  version: '0',
  ringEpoch: 1,
  state: 'normal',
  statusSince: 0,
}));
const membership = { observer: 'node-1', observedAt: 0, aliveMembers: 3, members };

/** A cluster of three addresses, each answering calls in its own way. */
function cluster(answers: readonly (Answer | typeof refused)[]) {
  const calls: { readonly host: string; readonly path: string; readonly headers: Headers }[] = [];
  const fakeFetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input));
    const answer = answers[hosts.indexOf(url.host)];
    if (answer === refused) return refused();
    if (url.pathname === '/gossip/members') return Response.json(membership);
    calls.push({ host: url.host, path: url.pathname, headers: new Headers(init?.headers) });
    return answer?.() ?? refused();
  };
  const configured = hosts.map((host) => `http://${host}`);
  const directory = new NodeDirectory({ configured, fetch: fakeFetch, now: () => 0 });
  const send = (path: string, headers: Record<string, string> = {}) => {
    const call: Call = { path, search: '', method: 'POST', body: '{}', headers: new Headers(headers) };
    return forward(call, { directory, fetch: fakeFetch, newRequestId: () => 'request-1' });
  };
  return { calls, send, hosts: () => calls.map((call) => call.host) };
}

const ok = () => Response.json({ result: { data: 1 } }, { headers: { 'x-request-id': 'theirs' } });

async function errorOf(response: Response) {
  const body = await response.json();
  return body.error.data.error;
}

describe('forwarding a call', () => {
  it('passes over nodes that cannot be reached, writes included', async () => {
    const { send, hosts } = cluster([refused, refused, ok]);
    const response = await send('data.put');
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toBe('theirs');
    expect(hosts()).toEqual(['127.0.0.1:3']);
  });

  it('never sends a write twice that a node may have received', async () => {
    const { send, hosts } = cluster([broken as unknown as Answer, ok, ok]);
    const response = await send('data.put');
    expect(hosts()).toEqual(['127.0.0.1:1']);
    expect(response.status).toBe(504);
    expect(await errorOf(response)).toMatchObject({ code: 'deadline_exceeded', outcome: 'unknown' });
  });

  it('asks the next node when a read broke off', async () => {
    const { send, hosts } = cluster([broken as unknown as Answer, ok, ok]);
    expect((await send('data.get')).status).toBe(200);
    expect(hosts()).toEqual(['127.0.0.1:1', '127.0.0.1:2']);
  });

  it('treats a procedure it does not know as a write', async () => {
    const { send, hosts } = cluster([broken as unknown as Answer, ok, ok]);
    expect((await send('no.such')).status).toBe(504);
    expect(hosts()).toEqual(['127.0.0.1:1']);
  });

  it('begins with the node the page listens to', async () => {
    const { send, hosts } = cluster([ok, ok, ok]);
    await send('data.get', { [nearHeader]: 'node-2' });
    expect(hosts()).toEqual(['127.0.0.1:2']);
  });

  it('goes through the one node that was asked for, or not at all', async () => {
    const { send, hosts } = cluster([ok, refused, ok]);
    await send('data.get', { [throughHeader]: 'node-3' });
    expect(hosts()).toEqual(['127.0.0.1:3']);
    const gone = await send('data.get', { [throughHeader]: 'node-2' });
    expect(await errorOf(gone)).toMatchObject({ code: 'no_node_reachable', outcome: 'failed' });
    const unknown = await errorOf(await send('data.get', { [throughHeader]: 'node-9' }));
    expect(unknown.message).toContain('node-9');
    expect(hosts()).toHaveLength(1);
  });

  it('hands a node’s own error back as it is', async () => {
    const said = Response.json({ error: { message: 'no' } }, { status: 404 });
    const { send } = cluster([() => said, ok, ok]);
    const response = await send('data.get');
    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ error: { message: 'no' } });
  });

  it('says when nobody answers', async () => {
    const { send } = cluster([refused, refused, refused]);
    const response = await send('data.put');
    expect(response.status).toBe(503);
    expect(await errorOf(response)).toMatchObject({ code: 'no_node_reachable', outcome: 'failed' });
  });

  it('lets the node judge the page’s origin, and sends it no cookie', async () => {
    const { send, calls } = cluster([ok, ok, ok]);
    await send('data.get', { origin: 'http://evil.example', host: '127.0.0.1:3000', cookie: 'secret' });
    await send('data.get', { host: 'rebound.example:3000' });
    expect(calls.map(({ headers }) => headers.get('origin'))).toEqual([
      'http://evil.example',
      'http://rebound.example:3000',
    ]);
    expect(calls[0]?.headers.get('cookie')).toBeNull();
  });

  it('withholds an answer that the node would not let the page’s browser show', async () => {
    const allowed = () =>
      Response.json(1, { headers: { 'access-control-allow-origin': 'http://127.0.0.1:3000' } });
    const { send } = cluster([allowed, ok, ok]);
    expect((await send('data.get', { host: '127.0.0.1:3000' })).status).toBe(200);
    const withheld = await send('data.get', { host: 'rebound.example:3000' });
    expect(withheld.status).toBe(403);
    expect(await errorOf(withheld)).toMatchObject({ code: 'forbidden_origin', outcome: 'failed' });
  });
});
