import { defineConfig } from 'vitest/config';

const conditions = ['@tandem-rec/source'];

export default defineConfig({
  test: { name: 'llm-transformer', include: ['src/**/*.test.ts'] },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
