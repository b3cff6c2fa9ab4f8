// import-module.ts: the one door through which a configuration that is code is imported.

/** What the module exports. Rejects with what it throws. */
export async function importModule(url: string): Promise<Record<string, unknown>> {
  return (await import(url)) as Record<string, unknown>;
}
