import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { errorIn, outputIn, valueIn } from './http-call.ts';
import { TestCluster, until } from './test-cluster.ts';
import { TestNode } from './test-node.ts';

let cluster: TestCluster | null = null;

afterEach(async () => {
  await cluster?.close();
  cluster = null;
});

describe('a server process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'on %s finishes what it has begun and ends with code 0 in five seconds',
    async (signal) => {
      cluster = await TestCluster.start(18_335, 3);
      const node = cluster.node(2);
      const answers = Array.from({ length: 50 }, (_, i) => cluster!.put(node, `key-${i}`, i));
      await Promise.race(answers);
      const asked = performance.now();
      const ended = node.end(signal);
      // Each is answered in the usual way: stored, or refused because the node is stopping, or not taken any more.
      for (const answer of await Promise.allSettled(answers)) {
        if (answer.status === 'fulfilled') expect([200, 503]).toContain(answer.value.status);
      }
      expect(await ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - asked).toBeLessThan(5_000);
      expect(node.lines.at(-1)).toContain('"clean":true');
      // The others were told: nobody had to find out.
      const members = await cluster.members(cluster.node(1));
      expect(members.find(({ nodeId }) => nodeId === 'node-2')?.status).not.toBe('suspect');
    },
  );

  it('refuses a port and a data directory that are in use, and leaves who uses them alone', async () => {
    cluster = await TestCluster.start(18_335, 1);
    const first = cluster.node(1);
    const samePort = new TestNode('node-2', first.port, `${first.dataDir}-2`);
    samePort.start();
    expect(await samePort.ended()).toMatchObject({ code: 2 });
    expect(samePort.lines).toEqual([
      `starling-node: port ${first.port} on 127.0.0.1 is in use by another process`,
    ]);
    const sameDirectory = new TestNode('node-1', first.port + 1, first.dataDir);
    sameDirectory.start();
    expect(await sameDirectory.ended()).toMatchObject({ code: 2 });
    expect(sameDirectory.lines).toEqual([
      `starling-node: the data directory ${first.dataDir} is in use by another process`,
    ]);
    expect((await cluster.put(first, 'a', 1)).status).toBe(200);
  });

  it('refuses what it cannot be, says why, and ends with code 2', async () => {
    const node = new TestNode(
      'Not A Name',
      18_335,
      join(mkdtempSync(join(tmpdir(), 'starling-bad-')), 'data'),
    );
    node.start(['--bind=0.0.0.0', '--weight=17']);
    expect(await node.ended()).toMatchObject({ code: 2 });
    expect(node.lines.filter((line) => line.startsWith('starling-node: --'))).toHaveLength(2);
    expect(node.lines.join('\n')).toContain('--node-id must be 1 to 64');
  });

  it('lets its log rest while it is idle', async () => {
    cluster = await TestCluster.start(18_335, 3);
    const counts = () => cluster!.nodes.map(({ lines }) => lines.length);
    let before = counts();
    let since = performance.now();
    // Ten quiet seconds in a row, where a line every ten seconds would already be too many.
    await until('the log has rested', 60_000, async () => {
      const now = counts();
      if (now.some((count, i) => count !== before[i])) {
        before = now;
        since = performance.now();
      }
      return performance.now() - since > 10_000;
    });
    for (const node of cluster.nodes) expect(node.lines.length).toBeLessThan(40);
  });

  it('outlives garbage on its port and goes on serving', async () => {
    cluster = await TestCluster.start(18_335, 2);
    const node = cluster.node(1);
    const garbage = [
      'GET /peer HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      '\u0016\u0003\u0001 this is no HTTP',
      'PUT /api/v1/data/a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n',
      'GET / HTTP/1.1\r\n\r\n',
    ];
    for (const bytes of garbage) {
      await new Promise<void>((resolve) => {
        const socket = connect(node.port, '127.0.0.1', () => socket.end(bytes));
        socket.on('error', () => {});
        socket.on('close', () => resolve());
        socket.resume();
      });
    }
    expect((await cluster.put(node, 'a', 1)).status).toBe(200);
    expect(valueIn(await cluster.get(cluster.node(2), 'a'))).toBe(1);
    expect(await cluster.alive(node)).toBe(2);
  });

  it('is not ready after a restart of all before a request would be served', async () => {
    cluster = await TestCluster.start(18_335, 3);
    expect((await cluster.put(cluster.node(1), 'a', 1)).status).toBe(200);
    await Promise.all(cluster.nodes.map((node) => node.end('SIGTERM')));
    const [first, second] = [cluster.node(1), cluster.node(2)];
    first.start();
    const status = async () =>
      outputIn('cluster.status', await cluster!.call(first, 'GET', '/api/v1/status'));
    await until('it serves by itself', 20_000, async () => (await status()).state === 'normal');
    const alone = await cluster.call(first, 'GET', '/readyz');
    expect([alone.status, errorIn(alone).code]).toEqual([503, 'not_ready']);
    expect((await status()).ready).toBe(false);
    second.start();
    await until(
      'it is ready',
      20_000,
      async () => (await cluster!.call(first, 'GET', '/readyz')).status === 200,
    );
    expect((await cluster.put(first, 'a', 2)).status).toBe(200);
  });

  it('refuses a second node of the same name, which stops and says why, and keeps the first', async () => {
    cluster = await TestCluster.start(18_335, 2);
    const impostor = new TestNode('node-2', 18_338, `${cluster.node(2).dataDir}-other`);
    impostor.start(['--seed-node=127.0.0.1:18335']);
    expect(await impostor.ended()).toEqual({ code: 3, signal: null });
    const errors = impostor.lines.filter((line) => line.includes('"level":"error"'));
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("stopping: 127.0.0.1:18336 holds this node's id and answers");
    expect((await cluster.put(cluster.node(2), 'a', 1)).status).toBe(200);
    const members = await cluster.members(cluster.node(1));
    expect(members.map(({ address }) => address)).toEqual(['127.0.0.1:18335', '127.0.0.1:18336']);
  });
});
