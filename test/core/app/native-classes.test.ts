// The native classes of fetch: found whatever stands in their place, and not looked at before somebody needs them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { inRepository } from '../../support/repository.ts';

/** What a fresh process prints. */
function said(program: string): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: inRepository(''),
    encoding: 'utf8',
    timeout: 20_000,
  }).trim();
}

const HAS_UNDICI = "process.moduleLoadList.some((name) => name.includes('deps/undici/undici'))";

describe('the native classes', { timeout: 120_000 }, () => {
  it('are not loaded by a worker that has no fetch app', () => {
    assert.equal(said(`import '@appserve/core/app'; import '@appserve/server'; console.log(${HAS_UNDICI})`), 'false');
    // The look would see them.
    assert.equal(said(`globalThis.Response; console.log(${HAS_UNDICI})`), 'true');
  });

  it('are found behind those of @hono/node-server', () => {
    const program = `
      const native = globalThis.Response;
      const { getRequestListener } = await import('@hono/node-server');
      getRequestListener(() => new Response());
      const replaced = globalThis.Response;
      const { lightResponse } = await import('@appserve/core/app');
      const light = new (lightResponse())('x', { status: 201 });
      console.log(replaced !== native, light instanceof native, light.clone().constructor === native);`;
    assert.equal(said(program), 'true true true');
  });
});
