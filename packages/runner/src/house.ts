// What is built in: every question by its kind, loaded when it is asked, and the file that an isolate starts from.
// Nothing below the command line knows which questions there are.
import type { Design } from '@lastref/kernel';
import { STORIES, workloadCalled, type Workload } from '@lastref/workloads';
import type { AnyQuestion } from './question.ts';

/** A module with a question. */
export interface QuestionModule {
  readonly question: AnyQuestion;
}

export interface House {
  /** A module that calls `serve` with this house. */
  readonly worker: URL;
  readonly questions: Readonly<Record<string, () => Promise<QuestionModule>>>;
  /** What asks of the repository's designs alone is answered in the calling thread: for tests. */
  here?: boolean;
}

/** The machines of the stories, without their scripts: a token has the steps. */
const STAGES: readonly Workload[] = STORIES.map((s) => s.workload);

/** Every workload that a question brings. */
export async function questionWorkloads(house: House): Promise<Workload[]> {
  return (await questionsOf(house)).flatMap((q) => q.workloads?.() ?? []);
}

/** Those among them that any design can be played on. */
export async function designWorkloads(house: House): Promise<Workload[]> {
  const questions = (await questionsOf(house)).filter((q) => q.forAnyDesign === true);
  return questions.flatMap((q) => q.workloads?.() ?? []);
}

/** What a token may name beside the catalog: the workloads of questions, the machines of stories. */
export async function extraWorkloads(house: House): Promise<Workload[]> {
  return [...STAGES, ...(await questionWorkloads(house))];
}

/** The workload called `id`, of the catalog, a story or a question; or undefined. */
export async function workloadIn(house: House, id: string): Promise<Workload | undefined> {
  return (
    workloadCalled(id) ??
    STAGES.find((w) => w.id === id) ??
    (await extraWorkloads(house)).find((w) => w.id === id)
  );
}

/** `known`, and the designs that questions make of them. */
export async function designsIn(house: House, known: readonly Design[]): Promise<Design[]> {
  const all = await questionsOf(house);
  return [...known, ...all.flatMap((q) => q.designs?.(known) ?? [])];
}

async function questionsOf({ questions }: House): Promise<AnyQuestion[]> {
  const modules = await Promise.all(Object.values(questions).map((load) => load()));
  return modules.map((m) => m.question);
}
