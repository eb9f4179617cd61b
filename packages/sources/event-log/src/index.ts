export { eventLog } from './event-log.ts';
