import type { ModelReport } from '../bench-models.ts';
import { allPeers } from '../peers/peers-beside.ts';
import type { PeerFigures } from '../peers/recorded-peers.ts';
import type { RunAbout } from '../run-about.ts';

type Peer = Pick<PeerFigures, 'peer' | 'source' | 'run'>;
type Row = { readonly run: RunAbout };

/** The peer's name, with a mark unless it was measured in the run that measured our row. */
export type Marked = (row: Row, peer: Peer | undefined) => string;

export interface PeerMarks {
  readonly marked: Marked;
  /** What each mark means. */
  readonly meanings: readonly string[];
}

const SIGNS = '¹²³⁴⁵⁶⁷⁸⁹';

/** A mark for every place that peers' figures come from. */
export function peerMarks({ rows, ratings = [] }: ModelReport): PeerMarks {
  const origins = new Set([
    ...rows.flatMap((row) => allPeers(row).flatMap((peer) => origin(row, peer) ?? [])),
    ...ratings.flatMap((row) => row.peers.flatMap((peer) => origin(row, peer) ?? [])),
  ]);
  const signs = new Map([...origins].map((text, number) => [text, SIGNS[number % SIGNS.length]]));
  return {
    marked: (row, peer) => {
      if (peer === undefined) return '';
      const from = origin(row, peer);
      return from === undefined ? peer.peer : `${peer.peer} ${signs.get(from)}`;
    },
    meanings: [...signs].map(([text, sign]) => `${sign} ${text}.`),
  };
}

/** Where a peer's figures come from if not from the run of the row. */
function origin(row: Row, { run, source }: Peer): string | undefined {
  if (run === undefined) return `Peer ${source}`;
  if (run.startedAt === row.run.startedAt) return undefined;
  const machine = run.cpu === row.run.cpu ? 'the same kind of machine' : run.cpu;
  return `Peer measured in another run of this command, ${run.date}, ${machine}, one thread`;
}
