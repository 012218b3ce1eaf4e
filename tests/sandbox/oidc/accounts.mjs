// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The users of the test ground. The names are those of the product's own development realm.
import { timingSafeEqual } from 'node:crypto';

const users = new Map([
  ['alice', { password: 'alice-password', name: 'Alice', role: 'Admin' }],
  ['bob', { password: 'bob-password', name: 'Bob', role: 'Operator' }],
]);

export function checkPassword(login, password) {
  const user = users.get(login);
  const given = Buffer.from(String(password ?? '').padEnd(64));
  const wanted = Buffer.from((user?.password ?? '').padEnd(64));
  const same = given.length === wanted.length && timingSafeEqual(given, wanted);
  return user && same ? login : undefined;
}

export function findAccount(_ctx, id) {
  const user = users.get(id);
  if (!user) {
    return undefined;
  }
  const claims = { sub: id, name: user.name, email: `${id}@acme.example`, 'ampora:role': user.role, tenant: 'acme' };
  return { accountId: id, claims: async () => claims };
}
