import type { NodeReport } from '@starling/api-types';
import { liveLimits } from './limits.ts';

/** The origin of a node: `http://host:port`, from an origin or from the `host:port` that nodes advertise. */
export function originOf(address: string, secure: boolean): string | null {
  const text = /^https?:\/\//.test(address) ? address : `${secure ? 'https' : 'http'}://${address}`;
  return URL.canParse(text) ? new URL(text).origin : null;
}

/** Where a node's live stream is. */
export function socketUrl(origin: string): string {
  return `${origin.replace(/^http/, 'ws')}/ws`;
}

/** Host and port of an origin, as people know a node. */
export function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : origin;
}

/** Addresses learned from the stream: of nodes not known dead or gone, those alive first. */
export function learnedOrigins(nodes: readonly NodeReport[], secure: boolean): string[] {
  const rank = (node: NodeReport) => (node.liveness === 'alive' ? 0 : 1);
  return nodes
    .filter((node) => node.address !== null && node.liveness !== 'dead' && node.liveness !== 'left')
    .sort((one, other) => rank(one) - rank(other))
    .slice(0, liveLimits.addressesLearnedMax)
    .map((node) => originOf(node.address ?? '', secure))
    .filter((origin) => origin !== null);
}
