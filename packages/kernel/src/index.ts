export { compose, type ComposeOptions } from './compose/compose.ts';
export { composePart } from './compose/compose-part.ts';
export { CONFIG_FILES, findConfig } from './config/find-config.ts';
export { loadConfig, type LoadedConfig, type LoadOptions } from './config/load-config.ts';
export { describeDifference } from './describe-difference.ts';
export { jsonSchema, type DescribedPlugin } from './json-schema.ts';
export type { JsonSchema } from './option-schema.ts';
export { nearest } from './nearest.ts';
export {
  discoverPlugins,
  type Installed,
  type InstalledPlugin,
  type RejectedPackage,
} from './plugins/discover-plugins.ts';
export { loadInstalled, loadPlugin, type LoadedPlugin } from './plugins/load-plugin.ts';
export type { Position, Problem } from './problem.ts';
export type { Host } from './start/host.ts';
export { PLACES, start, type Assembly, type Place, type StartedNode } from './start/start.ts';
export { startPart, startSink, type Frame, type InstanceOf, type Started } from './start/start-part.ts';
