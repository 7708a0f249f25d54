'use client';

import { keyProblem, type Placement } from '@starling/api-types';
import { useQuery } from '@tanstack/react-query';
import { useLive } from '../live/use-live.ts';
import { problemOf } from '../rpc/problem.ts';
import { useTRPCClient } from '../rpc/trpc.ts';

export interface PlacementAnswer {
  readonly placement: Placement | null;
  /** Why there is none: the key is none, or no node could say. */
  readonly problem: string | null;
  readonly asking: boolean;
}

/** Where a key lives, as a node computes it; asked again at every ring epoch. An empty key asks nothing. */
export function usePlacement(key: string): PlacementAnswer {
  const rpc = useTRPCClient();
  const epoch = useLive((view) => view.state?.ring?.epoch ?? null);
  const invalid = key === '' ? null : keyProblem(key);
  const query = useQuery({
    queryKey: ['placement', key, epoch],
    queryFn: async ({ signal }) => (await rpc.cluster.ring.query({ key }, { signal })).placement ?? null,
    enabled: key !== '' && invalid === null,
  });
  return {
    placement: query.data ?? null,
    problem: invalid ?? (query.error === null ? null : problemOf(query.error).message),
    asking: query.isFetching,
  };
}
