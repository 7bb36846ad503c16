// The playground: what is typed is compiled and run, and its verdicts stand beside it.
import { h } from '@lastref/report/client/dom';
import { storyView } from '@lastref/report/client/story';
import type { Story } from '@lastref/report';
import type { PageSource } from '../model/isolate.ts';
import type { ExploreSaid, Subject } from '../model/protocol.ts';
import { Checking, type CheckWish } from './checking.ts';
import { Editor } from './editor.ts';
import { Exploring, type AskExplore } from './exploring.ts';
import type { Listed } from './listed.ts';
import { hashOf, placeOf, NOWHERE, type Place } from './link.ts';
import { Machine } from './machine.ts';
import { Runs } from './runs.ts';
import { gravest, Verdicts } from './verdicts.ts';

/** What the build knows of the designs and workloads. */
interface Catalog {
  readonly designs: readonly {
    readonly id: string;
    readonly title: string;
    readonly text: string;
    /** It is one to begin with, and no design that others compare with. */
    readonly start?: true;
  }[];
  readonly workloads: readonly Listed[];
  readonly eras: readonly string[];
}

/** After the last key, before it runs. */
const PAUSE_MS = 350;
const STORY_SECONDS = 20;
const CHECK_SECONDS = 120;
const EXPLORE_SECONDS = 60;

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

class Playground {
  private readonly catalog: Catalog;
  private readonly machine = new Machine(byId<HTMLIFrameElement>('machine'));
  private readonly runs = new Runs(this.machine, (runtime) => this.suit(runtime));
  private readonly editor: Editor;
  private readonly verdicts: Verdicts;
  private readonly checking: Checking;
  private readonly exploring: Exploring;
  private readonly storyRoom = byId('story');
  private readonly notice = byId('notice');
  private readonly design = byId<HTMLSelectElement>('design');
  private readonly beside = byId<HTMLSelectElement>('beside');
  private readonly era = byId<HTMLSelectElement>('era');
  private place: Place = NOWHERE;
  private source: PageSource | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private turn = 0;
  /** The editor has a program above a socket. */
  private runtime = false;
  /** The source came with a link, and nobody has said that it may run. */
  private held = false;

  constructor(catalog: Catalog) {
    this.catalog = catalog;
    this.editor = new Editor(byId('editor'), () => this.typed());
    const fill = (select: HTMLSelectElement, ids: readonly string[], first?: string) =>
      select.append(
        ...(first === undefined ? [] : [h('option', { value: '' }, first)]),
        ...ids.map((id) => h('option', { value: id }, id)),
      );
    const { designs } = catalog;
    const idsOf = (list: Catalog['designs']): string[] => list.map((d) => d.id);
    fill(this.design, idsOf(designs));
    fill(this.beside, idsOf(designs.filter((d) => d.start !== true)));
    fill(this.era, catalog.eras, 'its own');
    this.verdicts = new Verdicts(catalog.workloads, (token) => void this.tell(token, null));
    this.checking = new Checking(
      catalog.workloads,
      (wish) => void this.check(wish),
      () => void this.machine.stop('check'),
    );
    byId('verdicts').append(this.verdicts.element);
    this.exploring = new Exploring(
      catalog.workloads,
      (wish) => this.explore(wish),
      () => void this.machine.stop('explore'),
    );
    byId('checking').append(this.checking.element);
    byId('exploring').append(this.exploring.element);
    this.design.addEventListener('change', () => this.load(this.design.value));
    this.beside.addEventListener('change', () => void this.compared());
    this.era.addEventListener('change', () => this.elsewhere());
    byId('link').addEventListener('click', () => void this.copyLink());
    addEventListener('hashchange', () => void this.follow());
    document.documentElement.dataset['ready'] = 'yes';
  }

  /** Goes where the address says. */
  async follow(): Promise<void> {
    try {
      this.place = await placeOf(location.hash);
    } catch (error) {
      this.tellUser((error as Error).message);
      this.place = NOWHERE;
    }
    const { design, source, beside, era } = this.place;
    this.beside.value = beside ?? '';
    if (this.beside.value === '') this.beside.value = 'copy-always'; // or there is none of that name
    this.era.value = era !== null && this.catalog.eras.includes(era) ? era : '';
    const id = this.known(design) ?? 'naive-sendpage';
    if (design !== null && id !== design) this.tellUser(`there is no design '${design}' here`);
    this.design.value = id;
    this.editor.show(source ?? this.textOf(id));
    this.held = source !== null;
    if (this.held) this.hold(source!);
    else await this.everything();
  }

  private known(id: string | null): string | null {
    return this.catalog.designs.some((d) => d.id === id) ? id : null;
  }

  private textOf(id: string): string {
    return this.catalog.designs.find((d) => d.id === id)!.text;
  }

  private load(id: string): void {
    this.held = false;
    this.tellUser('');
    this.place = { ...NOWHERE, design: id };
    this.editor.show(this.textOf(id));
    void this.everything();
  }

  /** Somebody else's source: it runs when the reader says so. */
  private hold(source: string): void {
    const run = h('button', { type: 'button', class: 'go', click: () => this.release() }, 'Run it');
    this.notice.replaceChildren(
      `This link brings ${source.split('\n').length} lines of source. They run, when you say so, in a frame of their own that cannot reach this page or the network. `,
      run,
    );
    this.verdicts.say('Not run yet.');
  }

  private release(): void {
    this.held = false;
    this.tellUser('');
    void this.everything();
  }

  private tellUser(text: string): void {
    this.notice.replaceChildren(text);
  }

  private typed(): void {
    this.place = { ...this.place, token: null, step: null };
    clearTimeout(this.timer);
    if (!this.held) this.timer = setTimeout(() => void this.everything(), PAUSE_MS);
  }

  /** In another kernel: a story that was told happened in the one before. */
  private elsewhere(): void {
    this.place = { ...this.place, token: null, step: null };
    if (!this.held) void this.everything();
  }

  private suit(runtime: boolean): void {
    if (runtime === this.runtime) return;
    this.runtime = runtime;
    for (const panel of [this.verdicts, this.checking, this.exploring]) panel.suit(runtime);
  }

  private async compared(): Promise<void> {
    if (this.held) return;
    await this.runs.row(this.verdicts, 1, { id: this.beside.value }, this.eraAsked);
    if (this.place.token !== null) await this.tell(this.place.token, this.place.step);
  }

  private get eraAsked(): string | null {
    return this.era.value === '' ? null : this.era.value;
  }

  /** Compiles, judges beside the other design, and tells the story of the gravest finding. */
  private async everything(): Promise<void> {
    const turn = ++this.turn;
    const began = performance.now();
    const text = this.editor.text;
    const { source, complaint } = await this.machine.compile(`${idIn(text)}.ts`, text);
    if (turn !== this.turn) return;
    this.editor.complain(complaint);
    this.source = source;
    if (source === null) {
      this.verdicts.say(h('b', { class: 'bad' }, complaint.text));
      return;
    }
    this.verdicts.say('running…');
    const ran = this.runs.row(this.verdicts, 0, source, this.eraAsked);
    const control = this.runs.row(this.verdicts, 1, { id: this.beside.value }, this.eraAsked);
    const fault = await ran;
    if (turn !== this.turn || fault === null) return;
    if (fault !== '') {
      this.verdicts.say(h('b', { class: 'bad' }, fault));
      return;
    }
    this.verdicts.conclude(idIn(text), (performance.now() - began) / 1000);
    document.documentElement.dataset['judged'] = String(turn);
    void this.exploring.follow(this.place.way ?? undefined);
    this.place = { ...this.place, way: null };
    const { token, step } = this.place;
    const worst = token ?? this.worst();
    if (worst === null) this.storyRoom.replaceChildren();
    else await this.tell(worst, token === null ? null : step);
    await control;
  }

  /** The finding with the fewest steps, of those that stand in the words. */
  private worst(): string | null {
    const found = this.verdicts.all.flatMap((cell) => gravest(cell) ?? []);
    return found.sort((a, b) => a.step - b.step)[0]?.token ?? null;
  }

  private async tell(token: string, step: number | null): Promise<void> {
    const { source } = this;
    if (source === null) return;
    this.place = { ...this.place, token, step };
    const design: Subject =
      designOf(token) === idIn(this.editor.text) ? source : { id: designOf(token) };
    const beside = this.runtime ? null : this.beside.value;
    const ask = { kind: 'story', design, token, beside } as const;
    let story: Story | null = null;
    const fault = await this.machine.ask('story', ask, STORY_SECONDS, (answer) => {
      if (answer.kind === 'story') ({ story } = answer);
    });
    if (fault !== '') this.tellUser(fault);
    else if (story !== null) this.draw(story, step);
  }

  private draw(story: Story, step: number | null): void {
    const { steps, findings } = story.sides[0]!;
    const at = step ?? findings.at(-1)?.step ?? 0;
    const open = steps.findIndex((s) => s.n >= at);
    const { token } = story;
    const view = storyView(story, open, (n) => {
      this.place = { ...this.place, token, step: n }; // another story may be on its way
    });
    this.storyRoom.dataset['token'] = token;
    this.storyRoom.replaceChildren(view.element);
    view.fit();
  }

  private async check({ workload, bound }: CheckWish): Promise<void> {
    const { source } = this;
    if (source === null || this.held) return;
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1000;
    this.checking.busy('searching…');
    await this.runs.rest();
    const ask = {
      kind: 'check',
      design: source,
      workload,
      era: this.eraAsked,
      bound,
      property: null,
    } as const;
    const fault = await this.machine.ask('check', ask, CHECK_SECONDS, (answer) => {
      if (answer.kind === 'progress') this.checking.busy(answer.text);
      if (answer.kind !== 'check') return;
      this.checking.done(answer.check, '', seconds());
      if (answer.check.token !== null) void this.tell(answer.check.token, null);
    });
    if (fault !== '') this.checking.done(null, fault, seconds());
    this.runs.goOn();
  }

  private readonly explore: AskExplore = async (wish) => {
    const { source } = this;
    if (source === null || this.held) return null;
    let said: ExploreSaid | null = null;
    const ask = { kind: 'explore', design: source, era: this.eraAsked, ...wish } as const;
    const fault = await this.machine.ask('explore', ask, EXPLORE_SECONDS, (answer) => {
      if (answer.kind === 'progress') this.exploring.complain(answer.text);
      if (answer.kind === 'explore') ({ said } = answer);
    });
    if (fault !== '') this.exploring.complain(fault);
    return said;
  };

  private async copyLink(): Promise<void> {
    const text = this.editor.text;
    const id = this.design.value;
    const shipped = text === this.textOf(id);
    const hash = await hashOf({
      ...this.place,
      design: shipped ? id : null,
      source: shipped ? null : text,
      beside: this.beside.value,
      era: this.eraAsked,
      way: this.exploring.where,
    });
    history.replaceState(null, '', hash);
    try {
      await navigator.clipboard.writeText(location.href);
      this.tellUser('The address of this page holds it all; it is on the clipboard.');
    } catch {
      this.tellUser('The address of this page holds it all: copy it from there.');
    }
  }
}

/** The id in a card's source, as far as it can be seen. */
function idIn(text: string): string {
  return /\bid: (['"])([a-z][a-z0-9-]*)\1/.exec(text)?.[2] ?? 'my-design';
}

function designOf(token: string): string {
  return token.split('.')[1] ?? '';
}

const catalog = (await (await fetch('catalog.json')).json()) as Catalog;
await new Playground(catalog).follow();
