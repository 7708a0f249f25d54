'use client';

import type { TransferReport } from '@starling/api-types';
import { useQueries } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useLive, useNodes } from '../live/use-live.ts';
import { useTRPCClient } from '../rpc/trpc.ts';
import { transferId } from './progress.ts';

const noTransfers: readonly TransferReport[] = [];
/** How often a node that takes data over is asked how far it is. */
const askEveryMs = 700;
const askAgainMs = 5000;
/** More nodes than this do not join at a time: the ring changes one by one. */
const askedMax = 4;

/**
 * Data on the move. A node knows only its own transfer, so each one that joins or recovers is asked itself while it
 * does; the observer's own comes with the stream.
 */
export function useTransfers(): readonly TransferReport[] {
  const own = useLive((view) => view.state?.transfers ?? noTransfers);
  const observer = useLive((view) => view.observer);
  const members = useLive((view) => view.state?.members);
  const nodes = useNodes();
  const rpc = useTRPCClient();
  const taking = useMemo(() => {
    const recovering = new Set(
      members?.filter((member) => member.state === 'recovering').map((member) => member.nodeId),
    );
    return nodes
      .filter((node) => node.nodeId !== observer && node.liveness === 'alive')
      .filter((node) => node.ringStatus === 'joining' || recovering.has(node.nodeId))
      .map((node) => node.nodeId)
      .slice(0, askedMax);
  }, [nodes, members, observer]);
  const asked = useQueries({
    queries: taking.map((nodeId) => ({
      queryKey: ['transfers', nodeId],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await rpc.cluster.overview.query({}, { signal, context: { through: nodeId } })).transfers,
      // One that cannot be asked is not pressed.
      refetchInterval: (query: { state: { status: string } }) =>
        query.state.status === 'error' ? askAgainMs : askEveryMs,
      retry: false,
    })),
    combine: (results) => results.flatMap((result) => result.data ?? []),
  });
  return useMemo(() => {
    const byId = new Map([...asked, ...own].map((transfer) => [transferId(transfer), transfer]));
    return byId.size === 0 ? noTransfers : [...byId.values()];
  }, [asked, own]);
}
