import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const SERVER = process.env.PERENNIAL_URL ?? 'http://127.0.0.1:7300';

export default defineConfig({
  base: './',
  plugins: [react()],
  build: { manifest: true, outDir: 'dist', sourcemap: false, chunkSizeWarningLimit: 900, modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(['/api', '/ajax-api', '/get-artifact'].map((path) => [path, { target: SERVER, changeOrigin: false }])),
  },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/testing/setup.ts'], testTimeout: 20_000 },
});
