export { packWorkspace } from './pack-workspace.ts';
