'use client';

import Link from 'next/link';
import { NodeName } from '../nodes/node-name.tsx';
import { usePlacement } from '../ring/use-placement.ts';
import { Button } from '../ui/button.tsx';
import { Fact, Facts, Part } from './facts.tsx';

export function KeyInspector({ keyName }: { readonly keyName: string }) {
  const { placement, problem, asking } = usePlacement(keyName);
  const name = encodeURIComponent(keyName);
  return (
    <>
      <p className="break-all font-mono text-13">{keyName}</p>
      {problem === null ? null : <p className="text-bad">{problem}</p>}
      {placement === null && asking ? <p className="text-muted">Asking a node…</p> : null}
      {placement === null ? null : (
        <>
          <Facts>
            <Fact name="Hash">
              <span className="font-mono text-12">{placement.hash}</span>
            </Fact>
            <Fact name="Bucket">{placement.bucket}</Fact>
          </Facts>
          <Part title="Replicas, in order">
            <ol className="flex flex-col gap-1">
              {placement.preferenceList.map((nodeId) => (
                <li key={nodeId}>
                  <NodeName nodeId={nodeId} />
                </li>
              ))}
            </ol>
          </Part>
        </>
      )}
      <div className="flex gap-1.5">
        <Button asChild size="sm">
          <Link href={`/data?key=${name}`}>Open the key</Link>
        </Button>
        <Button asChild size="sm">
          <Link href={`/ring?key=${name}`}>On the ring</Link>
        </Button>
      </div>
    </>
  );
}
