import { defineConfig } from 'vitest/config';

const conditions = ['@tandem-rec/source'];

export default defineConfig({
  test: { name: 'kafka-tools', include: ['src/**/*.test.ts'] },
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
