export { bridge } from './bridge.ts';
export { bridgeOptions, type BridgeOptions } from './options.ts';
