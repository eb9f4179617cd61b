export { buildNativeTensorFlow, type BuildOptions } from './build-native-tensorflow.ts';
