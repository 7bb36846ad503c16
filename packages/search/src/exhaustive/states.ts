// The states that a search met, and how it came to each: the state before it and an edge. Few bytes a state.
import { VisitedIndex, roomier } from '../visited.ts';
import { Edges, type Edge } from './edges.ts';

/** States that the lists have room for at first. */
const ROOM = 1 << 8;

export class States {
  private readonly visited = new VisitedIndex(ROOM);
  private readonly edges = new Edges();
  private parents = new Int32Array(ROOM);
  private through = new Int32Array(ROOM);

  get size(): number {
    return this.visited.size;
  }

  /** Bytes of the tables. */
  get bytes(): number {
    const { visited, edges, parents, through } = this;
    return visited.bytes + edges.bytes + parents.byteLength + through.byteLength;
  }

  /** The number of the state with this fingerprint; it is new if `size` grew, and come to as is said. */
  add(hi: number, lo: number, parent: number, edge: Edge | null): number {
    const before = this.visited.size;
    const state = this.visited.add(hi, lo);
    if (state === before) this.comeTo(state, parent, edge);
    return state;
  }

  hiOf(state: number): number {
    return this.visited.hiOf(state);
  }

  loOf(state: number): number {
    return this.visited.loOf(state);
  }

  /** From now on the way to `state` is this one. */
  comeTo(state: number, parent: number, edge: Edge | null): void {
    if (state >= this.parents.length) {
      this.parents = longer(this.parents);
      this.through = longer(this.through);
    }
    this.parents[state] = parent;
    this.through[state] = edge === null ? -1 : this.edges.idOf(edge);
  }

  parentOf(state: number): number {
    return this.parents[state]!;
  }

  edgeTo(state: number): Edge {
    return this.edges.get(this.through[state]!);
  }

  /** The edges from the start to `state`. */
  pathTo(state: number): Edge[] {
    const path: Edge[] = [];
    for (let s = state; s > 0; s = this.parents[s]!) path.push(this.edgeTo(s));
    return path.reverse();
  }

  /** What the run had spent when it came to `state`. */
  spentAt(state: number): number {
    return state <= 0 ? 0 : this.edgeTo(state).spent;
  }
}

function longer(list: Int32Array): Int32Array<ArrayBuffer> {
  const more = new Int32Array(roomier(list.length));
  more.set(list);
  return more;
}
