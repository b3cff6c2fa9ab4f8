// options/names.ts: one name per option, spelled three ways by rule.
//
//   ini key snake_case   flag --kebab-case   TypeScript camelCase with the unit last (keepaliveTimeoutMs)

export type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : S;

export function camelCase<S extends string>(key: S): CamelCase<S> {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) as CamelCase<S>;
}

export function kebabCase(key: string): string {
  return key.replaceAll('_', '-');
}
