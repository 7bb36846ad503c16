// Who looks at a candidate's source and who makes what runs read the same program, or the file is refused.
import { expect, test } from 'vitest';
import { refuseAmbiguous } from '../src/candidates/read-alike.ts';

async function refused(code: string, name = 'x.ts'): Promise<string | null> {
  return refuseAmbiguous(new Map([[name, code]])).then(
    () => null,
    (error: Error) => error.message,
  );
}

test.each<[string, string, string?]>([
  ['a comment of HTML that ends with its line', '0 <!-- /*\nhidden();\n//*/ x;'],
  ['the same in JavaScript', '0 <!-- /*\nhidden();\n//*/ x;', 'x.js'],
  ['one that begins where another ends', 'let x = 1;\nx\n--> /*\nhidden();\n//*/ 0;'],
])('%s is refused', async (_, code, name) => {
  expect(await refused(code, name)).toMatch(/^x\.[jt]s is one program to TypeScript/);
});

test.each<[string, string, string?]>([
  ['comments', '/* a */ const a = 1; // b\n/** @license c */ const b = /* @__PURE__ */ (a);'],
  ['types', 'export const a = <T,>(x: T): x is T & string => typeof x === "string";'],
  ['texts', 'export const a = [\'\\u0041"\', `b${1}\\n`, /[/]"`<!--/u, 0xff, 1_000n];'],
  ['fields', 'class A { constructor(private readonly a = 1, public b?: number) {} }'],
  ['enums', 'export enum E { A = 1 << 2, B = A | 1 }\nexport const enum F { C }'],
  ['parentheses', 'export const a = (b: any) => (b?.c).d ?? ((b, 1) as number) ** 2;'],
  ['JavaScript', 'export const a = (b) => b-- > 0 && !(--b < 1);', 'x.mjs'],
  ['what is no code', '{ "<!--": 1 }', 'x.json'],
])('%s may be', async (_, code, name) => {
  expect(await refused(code, name)).toBeNull();
});
