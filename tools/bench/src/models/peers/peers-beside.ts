import type { SplitName } from '../splits.ts';
import { recordedPeers, type PeerFigures } from './recorded-peers.ts';

/** A row's peers: the one that its floor comes from, and others of the same method. */
export interface Peers {
  readonly peer?: PeerFigures;
  readonly otherPeers?: readonly PeerFigures[];
}

/** The peers of a row, each as it was measured last, else as it is recorded; in the order in which they are recorded. */
export function peersBeside(split: SplitName, model: string, measured: readonly PeerFigures[]): Peers {
  const found = new Map(recordedPeers(split, model).map((one) => [one.peer, one]));
  for (const one of measured) found.set(one.peer, one);
  const [peer, ...otherPeers] = found.values();
  return { ...(peer && { peer }), ...(otherPeers.length > 0 && { otherPeers }) };
}

/** All peers of a row, the first one first. */
export const allPeers = ({ peer, otherPeers = [] }: Peers): readonly PeerFigures[] =>
  peer === undefined ? [] : [peer, ...otherPeers];
