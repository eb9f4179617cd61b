export { amazonSequential } from './amazon-sequential.ts';
export { delimited } from './delimited.ts';
export { goodreads } from './goodreads.ts';
export { jsonl } from './jsonl.ts';
export { lightgcnFiles } from './lightgcn-files.ts';
export { movielens100k } from './movielens100k.ts';
export { movielensLatest } from './movielens-latest.ts';
