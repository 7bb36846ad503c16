// A function as paths: what it calls and stores in the order in which it can happen. Built from the syntax tree of its
// body. Conditions are not understood: every branch can be taken.
import type { Node } from 'web-tree-sitter';

/** `callee(args…)` */
export interface Call {
  readonly kind: 'call';
  readonly callee: string;
  readonly args: readonly string[];
  readonly line: number;
}

/** `lhs = rhs`, `lhs |= rhs`, `lhs++`; a declaration that has a value is one. */
export interface Store {
  readonly kind: 'store';
  readonly lhs: string;
  readonly op: string;
  readonly rhs: string;
  readonly line: number;
}

export type Deed = Call | Store;

/** A place of the function: what is done there, and where it goes on. */
export interface Place {
  readonly id: number;
  readonly line: number;
  readonly deeds: Deed[];
  readonly next: Set<number>;
  /** The condition of an if, or what is returned, as text; '' elsewhere. */
  condition: string;
  /** An if without else: the places that its condition alone decides about; empty elsewhere. */
  guarded: readonly number[];
  /** It ends the function, and says that it has failed. */
  fails: boolean;
  ends: boolean;
  /** Here the packet is known to have no fragments. */
  linear: boolean;
}

export interface Flow {
  readonly places: readonly Place[];
  /** Local variables and parameters, with the text of their types. */
  readonly types: ReadonlyMap<string, string>;
  readonly parameters: ReadonlySet<string>;
}

/** What `return …` means failure. */
const FAILURE = /^\(?\s*(?:-\s*[A-Z]\w+|-1|NULL|false|ERR_PTR\s*\(.*)\s*\)?$/;
/** A label to which failures go. */
const FAILURE_LABEL = /(?:^|_)(?:err|error|fail|failed|drop|fault|nomem|free|e\w*inval)(?:_|\d*$)/i;

/** A condition behind which the packet has no fragments. */
const LINEAR =
  /^\(\s*(?:!\s*skb_is_nonlinear\s*\([^()]*\)|!\s*[\w>-]+->data_len|!\s*skb_shinfo\s*\(\w+\)->nr_frags)\s*\)$/;

/** A condition that asks whether a call has failed. */
const FAILED = /^\(\s*(?:unlikely\s*\(\s*)?(?:err|ret|rc|error|\w+_err)\s*<\s*0\s*\)*$/;

export class FlowBuilder {
  readonly places: Place[] = [];
  readonly types = new Map<string, string>();
  private readonly labels = new Map<string, number>();
  private readonly jumps: { from: number; label: string }[] = [];
  private breaks: number[][] = [];
  private continues: number[] = [];
  private readonly returned = new Map<number, string>();
  private readonly firstLine: number;

  private readonly parameters: ReadonlySet<string>;

  constructor(firstLine: number, params: readonly (readonly [string, string])[]) {
    this.firstLine = firstLine;
    for (const [name, type] of params) this.types.set(name, type);
    this.parameters = new Set(this.types.keys());
  }

  /** The whole of a body. */
  build(body: Node): Flow {
    const start = this.place(body);
    const last = this.block(body, [start.id]);
    const end = this.place(body);
    end.ends = true;
    this.join(last, end.id);
    for (const { from, label } of this.jumps) {
      const to = this.labels.get(label);
      this.places[from]!.next.add(to ?? end.id);
      if (FAILURE_LABEL.test(label)) this.places[from]!.fails = true;
    }
    this.nothingDone();
    return { places: this.places, types: this.types, parameters: this.parameters };
  }

  /** Where the last `return` gives a value that was computed, `return 0` before it says that nothing was done. */
  private nothingDone(): void {
    const last = this.places.findLast((p) => p.ends && this.returned.has(p.id));
    const value = last === undefined ? '' : this.returned.get(last.id)!;
    if (
      !/^\(?[a-z]\w*\)?$/.test(value) ||
      /^(?:err|ret|rc|res|result|status|true|false)$/.test(value)
    )
      return;
    if (/\*/.test(this.types.get(value) ?? '') || !this.types.has(value)) return;
    for (const [id, text] of this.returned) if (text === '0') this.places[id]!.fails = true;
  }

  private place(node: Node): Place {
    const place: Place = {
      id: this.places.length,
      line: node.startPosition.row + this.firstLine,
      deeds: [],
      next: new Set(),
      condition: '',
      guarded: [],
      fails: false,
      ends: false,
      linear: false,
    };
    this.places.push(place);
    return place;
  }

  private join(from: readonly number[], to: number): void {
    for (const f of from) this.places[f]!.next.add(to);
  }

  private block(node: Node, entry: readonly number[]): readonly number[] {
    let from = entry;
    for (const child of node.namedChildren) if (child !== null) from = this.statement(child, from);
    return from;
  }

  /** Where one goes on behind `node`, from where one comes in. */
  private statement(node: Node, from: readonly number[]): readonly number[] {
    switch (node.type) {
      case 'compound_statement':
      case 'ERROR':
      case 'else_clause':
        return this.block(node, from);
      case 'if_statement':
        return this.branch(node, from);
      case 'while_statement':
      case 'do_statement':
      case 'for_statement':
        return this.loop(node, from);
      case 'switch_statement':
        return this.choice(node, from);
      case 'return_statement': {
        const place = this.simple(node, from);
        place.ends = true;
        const value = node.namedChildren[0]?.text ?? '';
        place.fails = FAILURE.test(value);
        this.returned.set(place.id, value);
        place.condition = value;
        return [];
      }
      case 'goto_statement': {
        const place = this.simple(node, from);
        this.jumps.push({ from: place.id, label: node.namedChildren[0]?.text ?? '' });
        return [];
      }
      case 'break_statement':
      case 'continue_statement':
        return this.leave(node, from);
      case 'labeled_statement': {
        const place = this.place(node);
        this.join(from, place.id);
        const [label, ...rest] = node.namedChildren;
        this.labels.set(label?.text ?? '', place.id);
        let out: readonly number[] = [place.id];
        for (const child of rest) if (child !== null) out = this.statement(child, out);
        return out;
      }
      case 'comment':
        return from;
      default:
        return [this.simple(node, from).id];
    }
  }

  private simple(node: Node, from: readonly number[]): Place {
    const place = this.place(node);
    this.join(from, place.id);
    this.deeds(node, place);
    return place;
  }

  private leave(node: Node, from: readonly number[]): readonly number[] {
    const place = this.simple(node, from);
    if (node.type === 'break_statement') this.breaks.at(-1)?.push(place.id);
    else {
      const to = this.continues.at(-1);
      if (to !== undefined) place.next.add(to);
    }
    return [];
  }

  private branch(node: Node, from: readonly number[]): readonly number[] {
    const condition = node.childForFieldName('condition');
    const test = this.place(node);
    this.join(from, test.id);
    if (condition !== null) this.deeds(condition, test);
    test.condition = condition?.text ?? '';
    const first = this.places.length;
    const consequence = node.childForFieldName('consequence');
    const yes = consequence === null ? [test.id] : this.statement(consequence, [test.id]);
    if (FAILED.test(test.condition)) for (const p of this.places.slice(first)) p.fails = true;
    if (LINEAR.test(test.condition)) for (const p of this.places.slice(first)) p.linear = true;
    const alternative = node.childForFieldName('alternative');
    if (alternative !== null) return [...yes, ...this.statement(alternative, [test.id])];
    test.guarded = this.places.slice(first).map((p) => p.id);
    return [...yes, test.id];
  }

  private loop(node: Node, from: readonly number[]): readonly number[] {
    const out: number[] = [];
    const initializer = node.childForFieldName('initializer');
    const entry = initializer === null ? from : this.statement(initializer, from);
    const test = this.place(node);
    this.join(entry, test.id);
    for (const field of ['condition', 'update']) {
      const part = node.childForFieldName(field);
      if (part !== null) this.deeds(part, test);
    }
    this.breaks.push(out);
    this.continues.push(test.id);
    const body = node.childForFieldName('body');
    const last = body === null ? [test.id] : this.statement(body, [test.id]);
    this.join(last, test.id);
    this.breaks.pop();
    this.continues.pop();
    return node.type === 'do_statement' ? [...last, ...out, test.id] : [test.id, ...out];
  }

  private choice(node: Node, from: readonly number[]): readonly number[] {
    const condition = node.childForFieldName('condition');
    const test = this.place(node);
    this.join(from, test.id);
    if (condition !== null) this.deeds(condition, test);
    const out: number[] = [];
    this.breaks.push(out);
    let last: readonly number[] = [];
    let otherwise = false;
    for (const part of node.childForFieldName('body')?.namedChildren ?? []) {
      if (part === null) continue;
      if (part.type !== 'case_statement') {
        last = this.statement(part, last);
        continue;
      }
      otherwise ||= part.text.startsWith('default');
      const value = part.childForFieldName('value')?.id;
      last = [...last, test.id];
      for (const child of part.namedChildren)
        if (child !== null && child.id !== value) last = this.statement(child, last);
    }
    this.breaks.pop();
    return [...last, ...out, ...(otherwise ? [] : [test.id])];
  }

  /** Calls and stores of an expression or a declaration, innermost first. */
  private deeds(node: Node, place: Place): void {
    if (node.type === 'declaration') this.declare(node);
    for (const child of node.namedChildren) if (child !== null) this.deeds(child, place);
    const line = node.startPosition.row + this.firstLine;
    if (node.type === 'call_expression') {
      const args = node.childForFieldName('arguments')?.namedChildren ?? [];
      place.deeds.push({
        kind: 'call',
        callee: node.childForFieldName('function')?.text ?? '',
        args: args.map((a) => a?.text ?? ''),
        line,
      });
    } else if (node.type === 'assignment_expression' || node.type === 'init_declarator') {
      const isInit = node.type === 'init_declarator';
      const left = node.childForFieldName(isInit ? 'declarator' : 'left')?.text ?? '';
      place.deeds.push({
        kind: 'store',
        lhs: isInit ? nameIn(left) : left,
        op: isInit ? '=' : (node.childForFieldName('operator')?.text ?? '='),
        rhs: node.childForFieldName(isInit ? 'value' : 'right')?.text ?? '',
        line,
      });
    } else if (node.type === 'update_expression') {
      const lhs = node.childForFieldName('argument')?.text ?? '';
      place.deeds.push({ kind: 'store', lhs, op: '++', rhs: '', line });
    }
  }

  private declare(node: Node): void {
    const type = node.childForFieldName('type')?.text ?? '';
    for (const child of node.namedChildren) {
      if (child === null || !/declarator$|^identifier$/.test(child.type)) continue;
      const declarator =
        child.type === 'init_declarator' ? child.childForFieldName('declarator') : child;
      const text = declarator?.text ?? '';
      this.types.set(nameIn(text), `${type} ${text.replace(/\w+/g, '')}`.trim());
    }
  }
}

/** `frag` of `*frag`, `pages` of `pages[8]`. */
function nameIn(declarator: string): string {
  return /[A-Za-z_]\w*/.exec(declarator)?.[0] ?? '';
}

/** Parameters of a head, as name and type. */
export function parameters(text: string): [string, string][] {
  return text.split(',').flatMap((part) => {
    const name = /([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*$/.exec(part)?.[1];
    if (name === undefined || name === 'void') return [];
    return [[name, part.slice(0, part.lastIndexOf(name)).trim()] as [string, string]];
  });
}
