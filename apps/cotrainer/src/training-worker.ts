import { parentPort, workerData } from 'node:worker_threads';
import { serveTraining } from './serve-training.ts';

// The entry of the training thread: an export of the package, since `new Worker` is given a resolved URL.
if (!parentPort) throw new Error('This module is the entry of a worker thread.');
serveTraining(parentPort, workerData);
