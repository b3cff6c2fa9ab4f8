// templates.ts: the projects that `appserve init` can make, each a folder of templates/.

export const TEMPLATES: readonly string[] = ['gateway', 'fetch', 'express', 'pyramid', 'buildout'];
