import { connect } from 'node:net';

const METADATA_API = 3;
/** The oldest that Kafka 4 still answers. */
const METADATA_VERSION = 4;

/** Whether the broker on 127.0.0.1:`port` answers a Metadata request and names at least one broker, within `withinMs`. */
export function answersMetadata(port: number, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: withinMs });
    let received = Buffer.alloc(0);
    const end = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.on('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // size, correlation id, throttle time, number of brokers: four bytes each
      if (received.length >= 16) end(received.readInt32BE(12) > 0);
    });
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
    socket.on('close', () => end(false));
  });
}

/** Brokers only: an empty list of topics, no creation of any. */
function metadataRequest(): Buffer {
  const request = Buffer.alloc(19);
  request.writeInt32BE(15, 0);
  request.writeInt16BE(METADATA_API, 4);
  request.writeInt16BE(METADATA_VERSION, 6);
  request.writeInt32BE(1, 8);
  request.writeInt16BE(-1, 12);
  request.writeInt32BE(0, 14);
  request.writeInt8(0, 18);
  return request;
}
