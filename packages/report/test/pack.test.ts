// Stories go into the page in little room, and come out as they were.
import { expect, test } from 'vitest';
import { orderLanes, packStories, unpackStory } from '../src/index.ts';
import { STORY } from './story.ts';

test('a story that was packed and unpacked is the same story', () => {
  const packed = JSON.parse(JSON.stringify(packStories([STORY, { ...STORY, loan: 4 }])));
  expect(unpackStory(packed, 0)).toEqual(STORY);
  expect(unpackStory(packed, 1)).toEqual({ ...STORY, loan: 4 });
});

test('two designs with the same run share its room', () => {
  const [failing] = STORY.sides;
  const packed = packStories([STORY, { ...STORY, sides: [{ ...failing!, design: 'other' }] }]);
  expect(packed.sides).toHaveLength(2);
  expect(unpackStory(packed, 1).sides[0]!.design).toBe('other');
});

test('lanes run from the producer to the peer; what is not on the road comes between', () => {
  const lanes = ['application', 'tx ring', 'clone', 'producer', 'write queue', 'another packet'];
  expect(orderLanes(lanes)).toEqual([
    'producer',
    'write queue',
    'clone',
    'another packet',
    'tx ring',
    'application',
  ]);
});
