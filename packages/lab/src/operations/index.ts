// All operations of the script language, in one list: generator, both arms and every table read it from here.
import { CORKING } from './corking.ts';
import { CUTTING } from './cutting.ts';
import { FRAGMENTING } from './fragmenting.ts';
import { JOINING } from './joining.ts';
import { KEEPING } from './keeping.ts';
import { LENDING } from './lending.ts';
import { MAKING } from './making.ts';
import { SHARING } from './sharing.ts';
import type { Era } from '@lastref/kernel';
import type { Operation } from './operation.ts';

export type { Operation } from './operation.ts';

export const OPERATIONS: readonly Operation[] = [
  ...MAKING,
  ...LENDING,
  ...SHARING,
  ...CUTTING,
  ...JOINING,
  ...FRAGMENTING,
  ...CORKING,
  ...KEEPING,
];

const BY_NAME = new Map(OPERATIONS.map((op) => [op.name, op]));

export function operationOf(name: string): Operation | undefined {
  return BY_NAME.get(name);
}

/** Is it in the kernels of `era`? */
export function hasOperation(name: string, era: Era): boolean {
  const operation = operationOf(name);
  return operation !== undefined && operation.lacks?.(era) !== true;
}
