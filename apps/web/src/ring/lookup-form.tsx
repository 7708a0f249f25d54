'use client';

import { Search } from 'lucide-react';
import Link from 'next/link';
import { wholeText } from '../format/quantity.ts';
import { useUrlText } from '../frame/use-url-text.ts';
import { Fact, Facts } from '../inspector/facts.tsx';
import { NodeName } from '../nodes/node-name.tsx';
import { Button } from '../ui/button.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Field, Input } from '../ui/field.tsx';
import type { PlacementAnswer } from './use-placement.ts';

/** Asks for a key and says where it lives. The key stands in the page's address. */
export function LookupForm({ answer }: { readonly answer: PlacementAnswer }) {
  const { text, setText } = useUrlText('key');
  return (
    <div className="flex flex-col gap-3 px-3 pb-3">
      <search>
        <Field id="lookup" label="Key" error={answer.problem ?? undefined}>
          <div className="relative">
            <Search
              aria-hidden="true"
              className="pointer-events-none absolute top-2 left-2 size-4 text-muted"
            />
            <Input
              id="lookup"
              type="search"
              className="pl-8 font-mono"
              placeholder="users/ada/profile"
              value={text}
              aria-invalid={answer.problem !== null}
              aria-describedby="lookup-note"
              onChange={(event) => setText(event.target.value)}
            />
          </div>
        </Field>
      </search>
      <div role="status" aria-live="polite">
        {answer.placement === null ? (
          <p className="text-12 text-muted">
            {answer.asking
              ? 'Asking a node…'
              : 'A key’s SHA-256 gives its bucket; its bucket gives its replicas.'}
          </p>
        ) : (
          <PlacementFacts answer={answer} />
        )}
      </div>
    </div>
  );
}

function PlacementFacts({ answer: { placement } }: { readonly answer: PlacementAnswer }) {
  if (placement === null) return null;
  return (
    <div className="flex flex-col gap-3" data-testid="placement">
      <Facts>
        <Fact name="Hash" hint="First 64 bits of SHA-256">
          <span className="font-mono text-12">{placement.hash}</span>
        </Fact>
        <Fact name="Bucket" hint="The top 16 bits of the hash">
          {wholeText(placement.bucket)}
        </Fact>
      </Facts>
      <div>
        <h3 className="mb-1 text-12 text-muted">Replicas, in order</h3>
        <ol className="flex flex-wrap gap-x-4 gap-y-1">
          {placement.preferenceList.map((nodeId, at) => (
            <li key={nodeId} className="flex items-center gap-1.5">
              <span className="num text-12 text-muted">{at + 1}</span>
              <NodeName nodeId={nodeId} />
            </li>
          ))}
          {placement.pending.map((nodeId) => (
            <li key={nodeId} className="flex items-center gap-1.5">
              <span className="text-12 text-muted">to be</span>
              <NodeName nodeId={nodeId} />
            </li>
          ))}
        </ol>
      </div>
      <div className="flex gap-1.5">
        <Button asChild size="sm">
          <Link href={`/data?key=${encodeURIComponent(placement.key)}`}>Open the key</Link>
        </Button>
        <CopyButton text={placement.hash}>Copy hash</CopyButton>
      </div>
    </div>
  );
}
