import { execFileSync } from 'node:child_process';

/**
 * A network of its own for each node (Linux network namespaces), joined by switches. A node is cut off by plugging it into
 * another switch: its packets are lost in silence, as by a broken line, and nobody is told. Each node has a second line
 * straight to this machine, which is never cut: by that it is asked what it thinks. Needs root.
 */
export class SplitNetwork {
  readonly #name: string;
  readonly #nodes: number;

  /** `name`: up to six letters that begin the names of everything made. */
  constructor(name: string, nodes: number) {
    this.#name = name;
    this.#nodes = nodes;
  }

  /** Where the others reach a node. */
  address(node: number): string {
    return `10.77.0.${node}`;
  }

  /** Where this machine reaches it. */
  outside(node: number): string {
    return `10.78.${node}.2`;
  }

  /** What goes before a command that runs in a node's network. */
  within(node: number): string[] {
    return ['ip', 'netns', 'exec', this.#space(node)];
  }

  /** Builds it, in place of what an earlier run may have left behind. */
  build(): void {
    this.remove();
    for (let node = 1; node <= this.#nodes; node++) {
      ip('link', 'add', this.#bridge(node), 'type', 'bridge');
      ip('link', 'set', this.#bridge(node), 'up');
    }
    for (let node = 1; node <= this.#nodes; node++) this.#addNode(node);
  }

  /** Plugs each group into a switch of its own; who is in no group stays where it is. */
  split(...groups: readonly (readonly number[])[]): void {
    for (const group of groups)
      for (const node of group) ip('link', 'set', this.#line(node), 'master', this.#bridge(group[0]!));
  }

  /** Takes away all that was made, as far as it is there. */
  remove(): void {
    for (let node = 1; node <= this.#nodes; node++) {
      attempt(() => ip('netns', 'del', this.#space(node)));
      attempt(() => ip('link', 'del', this.#bridge(node)));
    }
  }

  #addNode(node: number): void {
    const space = this.#space(node);
    ip('netns', 'add', space);
    ip('link', 'add', this.#line(node), 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space);
    ip('link', 'set', this.#line(node), 'master', this.#bridge(1), 'up');
    ip('link', 'add', this.#own(node), 'type', 'veth', 'peer', 'name', 'eth1', 'netns', space);
    ip('addr', 'add', `10.78.${node}.1/24`, 'dev', this.#own(node));
    ip('link', 'set', this.#own(node), 'up');
    ip('-n', space, 'addr', 'add', `${this.address(node)}/24`, 'dev', 'eth0');
    ip('-n', space, 'addr', 'add', `${this.outside(node)}/24`, 'dev', 'eth1');
    for (const device of ['lo', 'eth0', 'eth1']) ip('-n', space, 'link', 'set', device, 'up');
  }

  #space(node: number): string {
    return `${this.#name}-${node}`;
  }

  #bridge(node: number): string {
    return `${this.#name}sw${node}`;
  }

  #line(node: number): string {
    return `${this.#name}ln${node}`;
  }

  #own(node: number): string {
    return `${this.#name}ow${node}`;
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function attempt(act: () => void): void {
  try {
    act();
  } catch {
    // It was not there.
  }
}
