// Who has a connection that was offered: one word, and exactly one end.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Claims } from '@appserve/server/machines';
import * as fc from 'fast-check';

function ends(offers: number): { readonly supervisor: Claims; readonly worker: Claims } {
  const memory = new SharedArrayBuffer(Claims.bytesFor(offers));
  return { supervisor: new Claims(memory), worker: new Claims(memory) };
}

describe('an offer', () => {
  it('is taken by its worker, and then cannot be taken back', () => {
    const { supervisor, worker } = ends(1);
    const claim = supervisor.open()!;
    assert.equal(worker.take(claim), true);
    assert.equal(worker.take(claim), false);
    assert.equal(supervisor.close(claim), false);
  });

  it('is settled when its worker counts it, and not before', () => {
    const { supervisor, worker } = ends(1);
    const claim = supervisor.open()!;
    worker.settle(claim);
    assert.equal(supervisor.isSettled(claim), false, 'nobody has taken it');
    worker.take(claim);
    assert.equal(supervisor.isSettled(claim), false);
    worker.settle(claim);
    assert.equal(supervisor.isSettled(claim), true);
    assert.equal(supervisor.close(claim), false);
  });

  it('that was taken back is not to be had any more', () => {
    const { supervisor, worker } = ends(1);
    const claim = supervisor.open()!;
    assert.equal(supervisor.close(claim), true);
    assert.equal(worker.take(claim), false);
  });

  it('of old is harmless when its word has been given to another one', () => {
    const { supervisor, worker } = ends(1);
    const old = supervisor.open()!;
    supervisor.close(old);
    const next = supervisor.open()!;
    assert.equal(next.word, old.word);
    assert.equal(worker.take(old), false);
    assert.equal(worker.take(next), true);
    worker.settle(old);
    assert.equal(supervisor.isSettled(next), false);
  });

  it('is not made when there is no room for it', () => {
    const { supervisor } = ends(2);
    const first = supervisor.open()!;
    assert.ok(supervisor.open());
    assert.equal(supervisor.open(), undefined);
    supervisor.close(first);
    assert.ok(supervisor.open());
  });

  it('ends once, whatever the two do and when', () => {
    const steps = fc.array(fc.constantFrom('open', 'take', 'take old', 'close'), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (script) => {
        const { supervisor, worker } = ends(2);
        const opened: { claim: NonNullable<ReturnType<Claims['open']>>; taken: number; back: number; isOpen: boolean }[] = [];
        for (const step of script) {
          const current = step === 'take old' ? opened[0] : opened.findLast(({ isOpen }) => isOpen);
          if (step === 'open') {
            const claim = supervisor.open();
            if (claim !== undefined) opened.push({ claim, taken: 0, back: 0, isOpen: true });
          } else if (current === undefined) continue;
          else if (step !== 'close') current.taken += worker.take(current.claim) ? 1 : 0;
          else if (current.isOpen) {
            current.back += supervisor.close(current.claim) ? 1 : 0;
            current.isOpen = false;
          }
        }
        for (const { taken, back, isOpen } of opened) assert.ok(taken + back === 1 || (isOpen && taken + back === 0));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
