export { SeededRng } from './seeded-rng.ts';
