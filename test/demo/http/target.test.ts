import { expect, test } from 'vitest';
import { decodeSegment, readTarget } from '../../../src/demo/http/target.ts';

test.each([
  ['/collections/a', ['collections', 'a']],
  ['/', []],
  ['//collections///a//', ['collections', 'a']],
  ['http://other:80//collections/a?x=1#y', ['collections', 'a']],
  ['/collections/a#b?c', ['collections', 'a']],
  ['/collections/%2Fa%2f', ['collections', '/a/']],
  ['/collections/%252Fa', ['collections', '%2Fa']],
  ['/collections/%%34%31', ['collections', 'A']],
  ['/collections/%2e%2E/x', ['collections', '..', 'x']],
  ['/collections/%', ['collections', '%']],
  ['/collections/%C3%A9', ['collections', 'é']],
  ['/collections/%fe', ['collections', '\ufffd']],
  ['/collections/a+b', ['collections', 'a+b']],
])('%s names %j', (target, segments) => {
  expect(readTarget(target).segments.map(decodeSegment)).toEqual(segments);
});

test('the query is what stands between the mark and the fragment', () => {
  expect(readTarget('/a?b=c?d#e').query).toBe('b=c?d');
});
