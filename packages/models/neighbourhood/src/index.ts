export { itemKnn } from './item-knn.ts';
export { popularity } from './popularity.ts';
