// What is wrong with a script, and where.

/** A place in a script, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** The text is no script: says where, what stands there, and what would be right. */
export class ScriptError extends Error {
  readonly at: Place;

  constructor(at: Place, what: string, right: string) {
    super(`${at.line}:${at.column}: ${what}; ${right}`);
    this.at = at;
  }
}

/** The script asks for something that is not known here: it is skipped, never passed. */
export class NotKnown extends Error {}

/** The machine did something else than the script says. */
export class Differs extends Error {}
