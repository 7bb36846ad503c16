// From when on nobody could read, and how long it took until somebody was told.
import {
  GetPutPage,
  LinkVerb,
  type Loan,
  type Page,
  type SkBuff,
  type Sock,
} from '@lastref/kernel';
import { wholePages } from '@lastref/workloads';
import { describe, expect, test } from 'vitest';
import { byHand, complete, designOf, readersOf, sceneOf, type Scene } from './machine.ts';

describe('hold times', () => {
  /** Calls `act` and returns the tick at which the last reader of `page` went. */
  function lastReaderTick(scene: Scene, page: Page, act: () => void): number {
    const afterStep = scene.judge.afterStep.bind(scene.judge);
    let gone = -1;
    scene.judge.afterStep = () => {
      afterStep();
      if (gone < 0 && readersOf(scene.k, page).length === 0) gone = scene.k.agenda.now;
    };
    act();
    return gone;
  }

  test('from the last reader to the completion', () => {
    const scene = sceneOf(byHand, { tap: true });
    const { tap, writer } = scene.cast;
    tap.sleeps();
    writer.lends();
    const gone = lastReaderTick(scene, scene.writer.pages[0]!, () => tap.reads());
    expect(gone).toBeGreaterThan(0);
    scene.k.agenda.now = gone + 700;
    complete(scene);
    expect(scene.judge.judgement().holdSamples).toEqual([700]);
  });

  test('a last reader that goes in the step that completes another loan is seen going', () => {
    /** Tells of the first loan at the first ACK that has something to say, and of no other. */
    class FirstOnly extends GetPutPage {
      #first: Loan | null = null;
      #end = 0;
      override lend(skb: SkBuff, page: Page, pageOffset: number, size: number, loan: Loan): void {
        super.lend(skb, page, pageOffset, size, loan);
        if (this.#first !== null) return;
        this.#first = loan;
        this.#end = (skb.endSeq + size) | 0;
      }
      override acked(_sk: Sock, seq: number): void {
        if (this.#first === null || this.#first.completed || ((this.#end - seq) | 0) > 0) return;
        this.k.complete(this.#first);
      }
    }
    const scene = sceneOf(
      designOf((k) => new FirstOnly(k)),
      { operations: [wholePages(1, 0), wholePages(1, 1)] },
    );
    const { acks, writer, stage } = scene.cast;
    acks.areHeldBack();
    writer.lends(0);
    writer.lends(1);
    while (scene.k.agenda.isArmed(place(scene, 'link b>a')) && packetsBack(scene) > 1) {
      stage.take('link b>a', LinkVerb.DROP);
    }
    const page = scene.writer.pages[1]!;
    const gone = lastReaderTick(scene, page, () => stage.take('link b>a'));
    expect(scene.writer.operations.map((op) => op.told)).toEqual([true, false]);
    scene.k.agenda.now = gone + 300;
    complete(scene, 1);
    expect(scene.judge.judgement().holdSamples).toEqual([0, 300]);
  });

  function place({ k }: Scene, name: string): number {
    return k.agenda.sources.find((s) => s.name === name)!.place;
  }

  function packetsBack({ k }: Scene): number {
    const out: number[] = [];
    k.agenda.sources.find((s) => s.name === 'link b>a')!.choices(out);
    return out.length / 2 / Object.keys(LinkVerb).length;
  }

  test('no time is held where a reader is left', () => {
    const scene = sceneOf(byHand, {});
    const { nic, writer } = scene.cast;
    nic.stalls();
    writer.lends();
    scene.k.agenda.now += 500;
    complete(scene);
    expect(scene.judge.judgement().holdSamples).toEqual([0]);
  });
});
