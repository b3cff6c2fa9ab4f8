// nginx-paths.ts: where nginx puts what it cannot hold: into the folder of its benchmark, not where Debian has it.

export function temporaryPaths(folder: string): string {
  const kinds = ['client_body', 'fastcgi', 'proxy', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
}
