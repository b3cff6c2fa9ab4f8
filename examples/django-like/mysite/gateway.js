// The app, for whatever serves it: an ini by `main`, a script by `application`.

import { getGatewayApplication } from '../django/index.js';

process.env.DJANGO_SETTINGS_MODULE ??= 'mysite.settings';

export const application = await getGatewayApplication();

export function main() {
  return application;
}
