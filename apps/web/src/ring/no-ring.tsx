'use client';

import { useLive } from '../live/use-live.ts';
import { Command, Notice } from '../ui/notice.tsx';

/** Where a ring would be. */
export function NoRing() {
  const observer = useLive((view) => view.observer);
  if (observer === null) {
    return (
      <Notice title="No node has answered yet">
        <p className="mb-2">
          The ring is drawn from what a node reports. To start three nodes on this machine:
        </p>
        <Command>pnpm dev</Command>
      </Notice>
    );
  }
  return (
    <Notice tone="info" title={`${observer} knows no ring yet`}>
      <p className="mb-2">
        A node founds a ring when it is started without a seed on an empty directory, or joins one through a
        seed:
      </p>
      <Command>
        node apps/node/dist/main.js --node-id=node-2 --port=8082 --data-dir=./data/node-2
        --seed-node=127.0.0.1:8081
      </Command>
    </Notice>
  );
}
