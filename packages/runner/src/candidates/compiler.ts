// TypeScript's compiler. It is a script of 9 MB: by `import` Node reads it three times over to find its names (0.8 s),
// by `require` once (0.3 s).
import { createRequire } from 'node:module';
import type ts from 'typescript';

type Compiler = typeof ts;
export const compiler = createRequire(import.meta.url)('typescript') as Compiler;
