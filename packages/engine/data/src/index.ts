export { decodeRecord, MAX_ID_LENGTH, type DecodedRecord, type TimeRules } from './decode-record.ts';
export { encodeInteraction, encodeItem } from './encode-record.ts';
export { parseIsoTime } from './event-time.ts';
export { itemText } from './item-text.ts';
export { recordSchema } from './record-schema.ts';
