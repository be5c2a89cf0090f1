// Starts GraphiQL on the endpoint beside this page: /graphiql asks /graphql, /portals/tvm/graphiql asks /portals/tvm/graphql.
'use strict';

const endpoint = new URL('graphql', document.baseURI);

async function fetcher(parameters, options) {
  const response = await fetch(endpoint, {
    method: 'POST',
    credentials: 'same-origin',
    headers: {
      ...options?.headers,
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json',
    },
    body: JSON.stringify(parameters),
  });
  return response.json();
}

// What is typed here may hold passwords and codes: it is kept until the tab is closed and no longer.
const root = ReactDOM.createRoot(document.getElementById('graphiql'));
root.render(
  React.createElement(GraphiQL, {
    fetcher,
    storage: window.sessionStorage,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables',
    defaultQuery: '# What a sign-in page must know before anybody signs in:\n{\n  portal {\n    name\n    signIn { identifiers }\n    passwordRules { id description pattern }\n    twoFactor { startedBy requiredFrom }\n  }\n}\n',
  }),
);
