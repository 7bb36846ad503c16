// What everybody needs to know of a property before a run: the words. It stands beside the code that watches, and
// nothing else in the repository lists properties, orders them or explains them.

/** What somebody gets who brings it about. use after free: of memory, or of what an allocator has given to another. */
export const DAMAGES = ['leak', 'foreign write', 'use after free', 'stall'] as const;
export type Damage = (typeof DAMAGES)[number];

export interface Card<Id extends string = string> {
  readonly id: Id;
  /** Its place in the one order: the higher, the graver. No two cards share one; the steps of ten leave room. */
  readonly gravity: number;
  /** When it shows: in the step that refutes it, or perhaps only when a run is over. */
  readonly found: 'in a step' | 'at the end';
  /** `when`: it is about the moment of telling alone; `what`: also about whose page it is and who else writes it. */
  readonly about: 'when' | 'what';
  /**
   * Does it take part in the one word that stands for a cell? What stands beside the word says something that a
   * right design may have, or that no design can help; `--fail-on` then counts it only by name.
   */
  readonly stands: 'in the word' | 'beside the word';
  /** What the word in a cell is: the property's own, or that of the worst harm done. */
  readonly word: 'id' | 'harm';
  /** How a word is painted. `hazard`: nothing has happened yet. */
  readonly tone: 'hazard' | 'broken';
  /** For tables too narrow for words; no two cards share one. */
  readonly letter: string;
  /** What comes of it at worst. */
  readonly damage: Damage;
  /** Refuted when … */
  readonly says: string;
  /** What a verdict on it leaves open. */
  readonly saysNot: string;
  /** The same in a few words, for the legend under a table. */
  readonly legend: string;
}
