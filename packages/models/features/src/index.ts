export { deepfm, type DeepFmOptions } from './deepfm.ts';
export { fm, type FmOptions } from './fm.ts';
