export { recommend, type Recommendations, type Recommended, type RecommendRequest } from './recommend.ts';
