import { defineConfig } from 'vitest/config';

const conditions = ['@tandem-rec/source'];

export default defineConfig({
  test: { name: 'source-kafka', include: ['src/**/*.test.ts'] },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
