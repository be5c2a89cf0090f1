// What a single-page application does with a security key. docs/webauthn.md tells the same.
"use strict"

const endpoint = "/portals/default/graphql"

async function ask(query, variables = {}, to = endpoint) {
  const response = await fetch(to, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query, variables }),
  })
  const answer = await response.json()
  if (answer.errors) throw new Error(JSON.stringify(answer.errors))
  const [payload] = Object.values(answer.data)
  if (payload?.userErrors?.length) throw new Error(JSON.stringify(payload.userErrors))
  return payload
}

async function signIn(email, password) {
  const { step } = await ask(`mutation ($email: EmailAddress!, $password: String!) {
    beginSignIn(input: { email: $email, password: $password }) { step { __typename } userErrors { code } }
  }`, { email, password })
  return step.__typename
}

async function enrol(name) {
  const { enrolmentId, options } = await ask(`mutation ($name: String!) {
    beginWebAuthnEnrolment(input: { name: $name }) { enrolmentId options userErrors { code } }
  }`, { name })
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options)
  const credential = await navigator.credentials.create({ publicKey })
  const { factor, step } = await ask(`mutation ($id: ID!, $webAuthn: JSON!) {
    confirmEnrolment(input: { enrolmentId: $id, webAuthn: $webAuthn }) {
      factor { kind name } step { __typename ... on SignInComplete { session { strength } } } userErrors { code }
    }
  }`, { id: enrolmentId, webAuthn: credential.toJSON() })
  return { kind: factor.kind, name: factor.name, strength: step?.session.strength }
}

async function prove() {
  const { options } = await ask(`mutation { beginSignInWebAuthn { options userErrors { code } } }`)
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const credential = await navigator.credentials.get({ publicKey })
  return credential.toJSON()
}

async function verify() {
  const { step } = await ask(`mutation ($webAuthn: JSON!) {
    verifySignIn(input: { proof: { webAuthn: $webAuthn } }) {
      step { ... on SignInComplete { session { strength } viewer { user { email } } } } userErrors { code }
    }
  }`, { webAuthn: await prove() })
  return step.session.strength + " " + step.viewer.user.email
}

async function reauthenticate(password) {
  const { session } = await ask(`mutation ($password: String!, $webAuthn: JSON!) {
    reauthenticate(input: { password: $password, proof: { webAuthn: $webAuthn } }) { session { strength } userErrors { code } }
  }`, { password, webAuthn: await prove() })
  return session.strength
}

async function viewer() {
  return (await ask(`{ viewer { user { email } } }`))?.user.email ?? null
}

async function signOut() {
  return (await ask(`mutation { signOut { signedOut userErrors { code } } }`)).signedOut
}
