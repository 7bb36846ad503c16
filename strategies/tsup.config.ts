import { defineConfig } from 'tsup';
import { base } from '../tsup.base.ts';

export default defineConfig(
  base({
    entry: ['*.ts', 'canaries/*.ts', '!**/*.test.ts', '!*.config.ts'],
  }),
);
