// The conversations of test/transcripts/http1, each as a whole and however it is cut.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertSameHoweverCut, assertSpoken, play } from '../../support/conversation.ts';
import { bytesOf, readTranscripts } from '../../support/scenes.ts';

const FOLDER = 'test/transcripts/http1';

for (const { name, scenes } of readTranscripts(FOLDER)) {
  describe(`http1/${name}.md`, () => {
    for (const scene of scenes) {
      it(scene.title, () => {
        assertSpoken(play(scene, [scene.sent]), scene.events, scene.wire);
      });

      it(`${scene.title}, however it is cut`, () => {
        assertSameHoweverCut(scene);
      });
    }
  });
}

describe('the transcripts of http1', () => {
  const scenes = readTranscripts(FOLDER).flatMap((transcript) => transcript.scenes);

  it('name the section that each scene is about', () => {
    assert.deepEqual(
      scenes.filter(({ prose }) => !prose.includes('§')).map(({ title }) => title),
      [],
    );
  });

  it('read nothing behind a closed connection', () => {
    for (const scene of scenes) {
      const wire = play(scene, [scene.sent]);
      if (wire.rest !== 'closed') continue;
      wire.engine.receive(bytesOf('GET /smuggled HTTP/1.1\nHost: a\n\n'));
      assert.equal(wire.engine.next().type, 'closed', scene.title);
    }
  });
});
