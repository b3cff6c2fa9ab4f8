// filters/lint.ts: the validator, under the name that Paste has for it.

export { lint } from '@appserve/core/app';
