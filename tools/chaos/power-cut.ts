/**
 * `pnpm power-cut` (as root): cuts the power of three nodes at one instant, in the middle of a load, and looks for every
 * acknowledged write. Each node's data is on a disk image; at the cut all processes are stopped, the images copied and
 * the processes killed. The nodes are then started on the copies, which hold only what had reached the disks.
 */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { HttpConnection } from '../bench/http-connection.ts';
import { settled, startNode, stopNode } from '../cluster/node-process.ts';
import { DiskImage } from './disk-image.ts';

const firstPort = 18_370;
const endpoints = [0, 1, 2].map((i) => ({ host: '127.0.0.1', port: firstPort + i }));
/** Far above the low-water mark of a node; the image is sparse. */
const imageBytes = 2 ** 31;
const writers = 24;
const keysPerWriter = 40;

const options = new Command('power-cut')
  .option('--rounds <number>', 'power cuts in a row', '3')
  .option('--seconds <number>', 'load before each', '5')
  .parse()
  .opts();

interface Load {
  /** Per key, the highest number acknowledged; numbers rise by one with each write. */
  readonly acknowledged: Map<string, number>;
  stop(): void;
}

function startLoad(): Load {
  const acknowledged = new Map<string, number>();
  let stopped = false;
  const connections = Array.from(
    { length: writers },
    (_, i) => new HttpConnection(endpoints[i % endpoints.length]!),
  );
  const write = (writer: number, number: number): void => {
    if (stopped) return;
    const key = `w${writer}-k${number % keysPerWriter}`;
    const body = JSON.stringify({ value: number });
    const request = `PUT /api/v1/data/${key} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    connections[writer]!.send(request, (status) => {
      if (status === 200) acknowledged.set(key, number);
      setImmediate(write, writer, number + 1);
    });
  };
  for (let writer = 0; writer < writers; writer++) write(writer, 1);
  return {
    acknowledged,
    stop: () => {
      stopped = true;
      for (const connection of connections) connection.close();
    },
  };
}

async function lostWrites(acknowledged: ReadonlyMap<string, number>): Promise<string[]> {
  const lost: string[] = [];
  for (const [key, number] of acknowledged) {
    for (const { host, port } of endpoints) {
      const response = await fetch(`http://${host}:${port}/api/v1/data/${key}`);
      const { value }: { value?: number } = JSON.parse(await response.text());
      if (value === undefined || value < number)
        lost.push(`${key} through ${port}: ${number} was acknowledged, ${value} is there`);
    }
  }
  return lost;
}

function startNodes(images: readonly DiskImage[], seedPort: number | null): ChildProcess[] {
  return images.map((image, i) =>
    startNode(i + 1, firstPort + i, join(image.mountPoint, 'data'), i === 0 ? null : seedPort),
  );
}

/** One cut: answers how many writes had been acknowledged, and which of them are gone. */
async function round(directory: string): Promise<{ acknowledged: number; lost: string[] }> {
  const images = endpoints.map(
    (_, i) => new DiskImage(join(directory, `disk-${i}`), join(directory, `mnt-${i}`)),
  );
  const mounted: DiskImage[] = [];
  let nodes: ChildProcess[] = [];
  try {
    for (const image of images) {
      image.format(imageBytes);
      image.mount();
      mounted.push(image);
    }
    nodes = startNodes(images, firstPort);
    await settled(endpoints, nodes);
    const load = startLoad();
    await new Promise((resolve) => setTimeout(resolve, Number(options['seconds']) * 1000));
    for (const node of nodes) node.kill('SIGSTOP');
    load.stop();
    const copies = images.map((image, i) =>
      image.copy(join(directory, `cut-${i}`), join(directory, `cut-mnt-${i}`)),
    );
    await Promise.all(nodes.map((node) => stopNode(node, 'SIGKILL')));
    for (const copy of copies) {
      copy.mount();
      mounted.push(copy);
    }
    nodes = startNodes(copies, null);
    await settled(endpoints, nodes);
    return { acknowledged: load.acknowledged.size, lost: await lostWrites(load.acknowledged) };
  } finally {
    await Promise.all(nodes.map((node) => stopNode(node, 'SIGKILL')));
    for (const image of mounted) image.unmount();
  }
}

async function main(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('mounting disk images takes root: sudo pnpm power-cut');
  let failed = false;
  for (let number = 1; number <= Number(options['rounds']); number++) {
    const directory = mkdtempSync(join(tmpdir(), 'starling-power-cut-'));
    const result = await round(directory);
    rmSync(directory, { recursive: true, force: true });
    // A cut that met no work would prove nothing.
    failed ||= result.lost.length > 0 || result.acknowledged === 0;
    process.stdout.write(
      `cut ${number}: ${result.acknowledged} keys acknowledged, ${result.lost.length} lost\n`,
    );
    for (const line of result.lost.slice(0, 20)) process.stdout.write(`  ${line}\n`);
  }
  process.exit(failed ? 1 : 0);
}

await main();
