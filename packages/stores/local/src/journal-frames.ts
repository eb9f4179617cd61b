import { crc32 } from 'node:zlib';
import type { JournalEntry } from '@tandem-rec/contract';

/*
 * An entry in a segment: u32 length of the JSON, u32 CRC-32 of the JSON, the JSON in UTF-8. Little-endian.
 */
const PREFIX = 8;

/** An entry as it stands in a segment. */
export function encodeFrame(entry: JournalEntry): Buffer {
  const text = JSON.stringify(entry);
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(PREFIX + length);
  frame.write(text, PREFIX);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt32LE(crc32(frame.subarray(PREFIX)), 4);
  return frame;
}

/** The entries at the start of a segment up to the first that is torn or damaged, and where they end. */
export function decodeFrames(bytes: Buffer): { readonly entries: readonly JournalEntry[]; readonly end: number } {
  const entries: JournalEntry[] = [];
  let at = 0;
  while (at + PREFIX <= bytes.length) {
    const length = bytes.readUInt32LE(at);
    const next = at + PREFIX + length;
    // A length of zero is what a file system leaves of a page that was never written.
    if (length === 0 || next > bytes.length) break;
    const body = bytes.subarray(at + PREFIX, next);
    if (crc32(body) !== bytes.readUInt32LE(at + 4)) break;
    entries.push(JSON.parse(body.toString('utf8')) as JournalEntry);
    at = next;
  }
  return { entries, end: at };
}
