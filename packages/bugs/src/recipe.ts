// An operation of a bug's own, for the stage of the matrix: a driver, a protocol, a consumer that the kernel model does
// not have.
import type { Operation } from '@lastref/operations';

/** `name` is that of the function, and of nothing that the matrix has. */
export function recipe(
  name: string,
  file: string,
  apply: Operation['apply'],
  also: Pick<Operation, 'joins' | 'effect'> = {},
): Operation {
  return {
    id: name,
    who: 'local user',
    file,
    since: '2.6.12',
    until: null,
    refs: '',
    carries: [],
    apply,
    ...also,
  };
}
