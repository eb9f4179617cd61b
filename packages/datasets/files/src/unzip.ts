import { crc32, inflateRawSync } from 'node:zlib';

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const END_LENGTH = 22;
const ENTRY_LENGTH = 46;
const LOCAL_LENGTH = 30;
const MAX_COMMENT = 65_535;

/**
 * The files in a zip archive, by the path that stands there (APPNOTE 6.3.10; stored and deflated entries, no ZIP64, no
 * encryption). Checksums are verified. Folders are left out.
 *
 * @throws Error saying what is wrong with the archive
 */
export function unzip(zip: Buffer): ReadonlyMap<string, Buffer> {
  const end = findEnd(zip);
  const files = new Map<string, Buffer>();
  let at = zip.readUInt32LE(end + 16);
  for (let entry = zip.readUInt16LE(end + 10); entry > 0; entry--) {
    if (zip.readUInt32LE(at) !== DIRECTORY_ENTRY) throw new Error('Its directory is damaged.');
    const path = zip.toString('utf8', at + ENTRY_LENGTH, at + ENTRY_LENGTH + zip.readUInt16LE(at + 28));
    if (!path.endsWith('/')) files.set(path, content(zip, at, path));
    at += ENTRY_LENGTH + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

function findEnd(zip: Buffer): number {
  const last = zip.length - END_LENGTH;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--)
    if (zip.readUInt32LE(at) === END_OF_DIRECTORY) return at;
  throw new Error('It is no zip archive, or its end is missing.');
}

function content(zip: Buffer, entry: number, path: string): Buffer {
  const method = zip.readUInt16LE(entry + 10);
  const packed = zip.readUInt32LE(entry + 20);
  const size = zip.readUInt32LE(entry + 24);
  const header = zip.readUInt32LE(entry + 42);
  if (zip.readUInt32LE(header) !== LOCAL_HEADER) throw new Error(`${path} is not where the directory says.`);
  const from = header + LOCAL_LENGTH + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const data = zip.subarray(from, from + packed);
  if (method !== 0 && method !== 8) throw new Error(`${path} is packed by method ${method}, which is not supported.`);
  const file = method === 0 ? data : inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
  if (file.length !== size || crc32(file) !== zip.readUInt32LE(entry + 16)) throw new Error(`${path} is damaged.`);
  return file;
}
