// Copyright: (c) 2026, the ampora.upgrades authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The login form and the reading of what it sends.
const longest = 8192;

function escape(text) {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function loginPage(response, status, action, problem) {
  response.writeHead(status, { 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-store' }).end(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>Sign in</title><link rel="icon" href="data:,"></head>
<body>
<h1>Sign in</h1>
<p role="alert">${escape(problem)}</p>
<form method="post" action="${escape(action)}">
<p><label>Name <input name="login" autocomplete="username" required autofocus></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<p><button type="submit">Sign in</button></p>
</form>
</body>
</html>
`);
}

export async function readForm(request) {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > longest) {
      throw new Error('the form is too long');
    }
  }
  return new URLSearchParams(text);
}
