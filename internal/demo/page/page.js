// Fills in the token that a mailed link carries behind its #, and takes an operation over into GraphiQL; leads to providers, and tells how that ended.
'use strict';

const token = new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

for (const missing of document.querySelectorAll('[data-without-token]')) {
  missing.hidden = token !== '';
}

for (const section of document.querySelectorAll('[data-operation]')) {
  const query = section.querySelector('[data-query]').textContent;
  const shown = section.querySelector('[data-variables]');
  shown.textContent = shown.textContent.replaceAll('TOKEN', token);
  section.querySelector('[data-open]').addEventListener('click', () => {
    // GraphiQL reads these when it starts; they are gone with the tab.
    sessionStorage.setItem('graphiql:query', query);
    sessionStorage.setItem('graphiql:variables', shown.textContent);
    location.assign(section.dataset.operation);
  });
  section.querySelector('[data-copy]').addEventListener('click', () => navigator.clipboard.writeText(shown.textContent));
}

async function ask(endpoint, query) {
  const answer = await fetch(endpoint, {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({query})});
  return answer.json();
}

for (const section of document.querySelectorAll('[data-provider]')) {
  const shown = section.querySelector('pre');
  section.querySelector('[data-depart]').addEventListener('click', async () => {
    const {data, errors} = await ask(section.dataset.endpoint, shown.textContent);
    if (data?.beginBusinessSignIn.redirectUrl) {
      location.assign(data.beginBusinessSignIn.redirectUrl);
    } else {
      shown.textContent += '\n\n' + JSON.stringify(errors ?? data, null, 2);
    }
  });
}

for (const section of document.querySelectorAll('[data-outcome]')) {
  ask(section.dataset.outcome, `{
    currentSignIn { __typename ... on SignInRefused { code message } }
    viewer {
      user { displayName role organisation { name } }
      session { strength provider assuranceLevel establishmentScope intermediary }
    }
  }`).then((answer) => {
    section.querySelector('pre').textContent = JSON.stringify(answer.errors ?? answer.data, null, 2);
  });
}
