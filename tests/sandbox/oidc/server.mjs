// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The identity provider of the test ground: authorization code with PKCE for one confidential client, all in memory.
// usage: node server.mjs --host H --port P --client-secret S --redirect-uri U [--redirect-uri U ...] [--client-id ampora-web]
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

import Provider from 'oidc-provider';

import { checkPassword, findAccount } from './accounts.mjs';
import { loginPage, readForm } from './login.mjs';

const { values: options } = parseArgs({
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '8180' },
    'client-id': { type: 'string', default: 'ampora-web' },
    'client-secret': { type: 'string' },
    'redirect-uri': { type: 'string', multiple: true },
  },
});
if (!options['client-secret'] || !options['redirect-uri']) {
  console.error('oidc: --client-secret and at least one --redirect-uri are needed');
  process.exit(2);
}

const issuer = `http://${options.host}:${options.port}`;

// A grant from nothing takes the place of the consent screen: the client is the installation's own.
async function loadExistingGrant(ctx) {
  const grant = new ctx.oidc.provider.Grant({
    clientId: ctx.oidc.client.clientId,
    accountId: ctx.oidc.session.accountId,
  });
  grant.addOIDCScope('openid profile email');
  await grant.save();
  return grant;
}

const provider = new Provider(issuer, {
  clients: [{
    client_id: options['client-id'],
    client_secret: options['client-secret'],
    redirect_uris: options['redirect-uri'],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_post',
  }],
  findAccount,
  loadExistingGrant,
  claims: { openid: ['sub', 'ampora:role', 'tenant'], profile: ['name'], email: ['email'] },
  conformIdTokenClaims: false, // the product reads role and tenant from the ID token
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  pkce: { required: () => true },
  ttl: { Interaction: 600, Session: 3600, Grant: 3600, AccessToken: 3600, IdToken: 3600, AuthorizationCode: 60 },
});

async function interaction(request, response) {
  const { prompt } = await provider.interactionDetails(request, response);
  if (prompt.name !== 'login') {
    throw new Error(`no page for the prompt ${prompt.name}`);
  }
  if (request.method !== 'POST') {
    return loginPage(response, 200, request.url, '');
  }
  const form = await readForm(request);
  const accountId = checkPassword(form.get('login'), form.get('password'));
  if (!accountId) {
    return loginPage(response, 401, request.url, 'Invalid username or password.');
  }
  return provider.interactionFinished(request, response, { login: { accountId } }, { mergeWithLastSubmission: false });
}

const answer = provider.callback();
const server = createServer((request, response) => {
  if (!request.url.startsWith('/interaction/')) {
    answer(request, response);
    return;
  }
  interaction(request, response).catch((error) => {
    response.writeHead(400, { 'Content-Type': 'text/plain' }).end(`${error.message}\n`);
  });
});
server.listen(Number(options.port), options.host, () => console.log(`oidc: ready at ${issuer}`));
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => process.exit(0));
}
