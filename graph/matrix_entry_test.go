package graph_test

// entry is how a field of the schema is asked in the access matrix.
type entry struct {
	// document asks for the field. Where ids isn't empty it takes them all from the variable $id.
	document string
	// ids are the places of the field's arguments that take an id, each with the kind of thing that it names.
	ids map[string]string
	// by is who reaches an own object through the field, which must look different from reaching none; "" where even a
	// right id looks like a wrong one.
	by string
	// ends is set for what ends the caller's session or sign-in: it is asked last.
	ends bool
}

const userRefusals = "user { id } userErrors { code path }"

func onID(field, input, payload string) string {
	return "mutation ($id: ID!) { " + field + "(input: {" + input + "}) { " + payload + " } }"
}

// entries has every field of Query and Mutation, and every nested one that carries @access.
var entries = map[string]entry{
	"Query.portal":        {document: `{ portal { slug } }`},
	"Query.currentSignIn": {document: `{ currentSignIn { __typename } }`},
	"Query.viewer":        {document: `{ viewer { user { id } } }`},
	"Query.organisation": {
		document: `query ($id: ID!) { organisation(id: $id) { id name } }`, ids: map[string]string{"id": "org"}, by: "sub-user",
	},
	"Query.organisations": {document: `{ organisations { totalCount nodes { id } } }`},
	"Query.users":         {document: `{ users(search: "su") { totalCount nodes { id email organisation { id } } } }`},
	"Query.supportActions": {
		document: `query ($id: ID!) { supportActions(filter: {targetId: $id}) { totalCount nodes { id } } }`,
		ids:      map[string]string{"filter.targetId": "org"}, by: "support agent",
	},
	"Query.import": {
		document: `query ($id: ID!) { import(id: $id) { id total rows { totalCount nodes { number targetId } } } }`, ids: map[string]string{"id": "imp"}, by: "portal administrator",
	},
	"Query.node": {
		document: `query ($id: ID!) { node(id: $id) { __typename id } }`, ids: map[string]string{"id": "usr"}, by: "sub-user",
	},

	"Mutation.beginSignIn":         {document: `mutation { beginSignIn(input: {email: "x@nobody.test", password: "x"}) { userErrors { code } } }`},
	"Mutation.beginBusinessSignIn": {document: `mutation { beginBusinessSignIn(input: {provider: "x", returnTo: "/"}) { redirectUrl userErrors { code } } }`},
	"Mutation.postponeTwoFactor":   {document: `mutation { postponeTwoFactor { userErrors { code } } }`},
	"Mutation.cancelSignIn":        {document: `mutation { cancelSignIn { userErrors { code } } }`, ends: true},
	"Mutation.signOut":             {document: `mutation { signOut { signedOut } }`, ends: true},
	"Mutation.verifySignIn": {
		document: onID("verifySignIn", `proof: {totp: {factorId: $id, code: "000000"}}`, "step { __typename } userErrors { code path }"),
		ids:      map[string]string{"input.proof.totp.factorId": "fac"},
	},
	"Mutation.verifySignIn with a sent code": {
		document: onID("verifySignIn", `proof: {code: {factorId: $id, code: "000000"}}`, "step { __typename } userErrors { code path }"),
		ids:      map[string]string{"input.proof.code.factorId": "fac"},
	},
	"Mutation.sendSignInCode": {
		document: onID("sendSignInCode", "factorId: $id", "step { __typename } userErrors { code path }"), ids: map[string]string{"input.factorId": "fac"},
	},
	"Mutation.reauthenticate with a sent code": {
		document: onID("reauthenticate", `password: "wrong", proof: {code: {factorId: $id, code: "000000"}}`, "session { id } userErrors { code path }"),
		ids:      map[string]string{"input.proof.code.factorId": "fac"},
	},
	"Mutation.reauthenticate": {
		document: onID("reauthenticate", `password: "wrong", proof: {totp: {factorId: $id, code: "000000"}}`, "session { id } userErrors { code path }"),
		ids:      map[string]string{"input.proof.totp.factorId": "fac"},
	},
	"Mutation.revokeSession": {
		document: onID("revokeSession", "id: $id", "revokedId userErrors { code path }"), ids: map[string]string{"input.id": "ses"},
	},

	"Mutation.inspectLink":          {document: `mutation { inspectLink(input: {token: "x"}) { purpose organisationName emailHint userErrors { code } } }`},
	"Mutation.setPassword":          {document: `mutation { setPassword(input: {token: "x", newPassword: "Sleutel-bos 4711 Kade"}) { userErrors { code } } }`},
	"Mutation.requestPasswordReset": {document: `mutation { requestPasswordReset(input: {email: "x@nobody.test"}) { accepted userErrors { code } } }`},
	"Mutation.register":             {document: `mutation { register(input: {email: "x@nobody.test", displayName: "X", policyNumber: "1234"}) { accepted userErrors { code } } }`},
	"Mutation.keepAccount":          {document: `mutation { keepAccount(input: {token: "x"}) { kept userErrors { code } } }`},
	"Mutation.requestUsername":      {document: `mutation { requestUsername(input: {email: "x@nobody.test"}) { accepted userErrors { code } } }`},
	"Mutation.changePassword":       {document: `mutation { changePassword(input: {newPassword: "x"}) { userErrors { code } } }`},

	"Mutation.requestEmailChange": {document: `mutation { requestEmailChange(input: {email: "x"}) { change { id } userErrors { code } } }`},
	"Mutation.requestPhoneChange": {document: `mutation { requestPhoneChange(input: {phoneNumber: "+31612345678"}) { change { id } userErrors { code } } }`},
	"Mutation.undoContactChange":  {document: `mutation { undoContactChange(input: {token: "x"}) { change { id } userErrors { code } } }`},
	"Mutation.confirmContactChange": {
		document: onID("confirmContactChange", `changeId: $id, code: "000000"`, "change { id } userErrors { code path }"),
		ids:      map[string]string{"input.changeId": "chg"},
	},
	"Mutation.beginTotpEnrolment":     {document: `mutation { beginTotpEnrolment { userErrors { code } } }`},
	"Mutation.beginEmailEnrolment":    {document: `mutation { beginEmailEnrolment { enrolment { id } userErrors { code } } }`},
	"Mutation.beginSmsEnrolment":      {document: `mutation { beginSmsEnrolment(input: {phoneNumber: "+31612345678"}) { enrolment { id } userErrors { code } } }`},
	"Mutation.generateRecoveryCodes":  {document: `mutation { generateRecoveryCodes { recoveryCodes userErrors { code } } }`},
	"Mutation.beginWebAuthnEnrolment": {document: `mutation { beginWebAuthnEnrolment(input: {name: "x"}) { enrolmentId userErrors { code } } }`},
	"Mutation.beginSignInWebAuthn":    {document: `mutation { beginSignInWebAuthn { options userErrors { code } } }`},
	"Mutation.removeFactor": {
		document: onID("removeFactor", "id: $id", "removedId userErrors { code path }"), ids: map[string]string{"input.id": "fac"},
	},
	"Mutation.renameFactor": {
		document: onID("renameFactor", `id: $id, name: "Other"`, "factor { id } userErrors { code path }"), ids: map[string]string{"input.id": "fac"},
	},
	"Mutation.confirmEnrolment": {
		document: onID("confirmEnrolment", `enrolmentId: $id, code: "000000"`, "factor { id } userErrors { code path }"),
		ids:      map[string]string{"input.enrolmentId": "enrolment"},
	},

	"Mutation.activateOrganisationTwoFactor": {
		document: `mutation ($id: String!) { activateOrganisationTwoFactor(input: {previewToken: $id}) { affectedUserCount userErrors { code path } } }`,
		ids:      map[string]string{"input.previewToken": "preview"},
	},
	"Mutation.inviteUser": {
		document: onID("inviteUser", `organisationId: $id, email: "new@matrix.test", displayName: "New"`, "invitation { id } userErrors { code path }"),
		ids:      map[string]string{"input.organisationId": "org"}, by: "super sub-user",
	},
	"Mutation.resendInvitation": {
		document: onID("resendInvitation", "id: $id", "invitation { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "inv"}, by: "super sub-user",
	},
	"Mutation.revokeInvitation": {
		document: onID("revokeInvitation", "id: $id", "invitation { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "inv"}, by: "super sub-user",
	},
	"Mutation.updateUser":  {document: onID("updateUser", `id: $id, displayName: "Other"`, userRefusals), ids: map[string]string{"input.id": "usr"}, by: "super sub-user"},
	"Mutation.approveUser": {document: onID("approveUser", `id: $id`, userRefusals), ids: map[string]string{"input.id": "usr"}, by: "super sub-user"},
	"Mutation.blockUser":   {document: onID("blockUser", `id: $id, reason: "r", ticket: "t"`, userRefusals), ids: map[string]string{"input.id": "usr"}, by: "super sub-user"},
	"Mutation.unblockUser": {document: onID("unblockUser", `id: $id, reason: "r", ticket: "t"`, userRefusals), ids: map[string]string{"input.id": "usr"}, by: "super sub-user"},
	"Mutation.removeUser":  {document: onID("removeUser", `id: $id, reason: "r", ticket: "t"`, userRefusals), ids: map[string]string{"input.id": "usr"}, by: "super sub-user"},
	"Mutation.eraseUser":   {document: onID("eraseUser", `id: $id, reason: "r", ticket: "t"`, "erasedId userErrors { code path }"), ids: map[string]string{"input.id": "usr"}, by: "portal administrator"},
	"Mutation.transferMainUser": {
		document: onID("transferMainUser", `userId: $id, reason: "r", ticket: "t"`, userRefusals), ids: map[string]string{"input.userId": "main"}, by: "main user",
	},
	"Mutation.deactivateOrganisationTwoFactor": {
		document: onID("deactivateOrganisationTwoFactor", `id: $id, reason: "r", ticket: "t"`, "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "org"}, by: "support agent",
	},
	"Mutation.resetUserFactors": {
		document: onID("resetUserFactors", `id: $id, reason: "r", ticket: "t"`, "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "usr"}, by: "support agent",
	},
	"Mutation.sendAccountLink": {
		document: onID("sendAccountLink", `id: $id, reason: "r", ticket: "t"`, "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "usr"}, by: "support agent",
	},
	"Mutation.requestMainUserTransfer": {
		document: onID("requestMainUserTransfer", `id: $id, reason: "r", ticket: "t"`, "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "main"}, by: "support agent",
	},
	"Mutation.requestAccountLimit": {
		document: onID("requestAccountLimit", `id: $id, accountLimit: 7, reason: "r", ticket: "t"`, "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "org"}, by: "portal administrator",
	},
	"Mutation.approveSupportAction": {
		document: onID("approveSupportAction", "id: $id", "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "act"}, by: "support agent",
	},
	"Mutation.cancelSupportAction": {
		document: onID("cancelSupportAction", "id: $id", "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "act"}, by: "main user",
	},
	"Mutation.stopSupportAction":  {document: `mutation { stopSupportAction(input: {token: "x"}) { stopped userErrors { code } } }`},
	"Mutation.createOrganisation": {document: `mutation { createOrganisation(input: {name: "", mainUser: {email: "x@matrix.test", displayName: "X"}}) { userErrors { code } } }`},
	"Mutation.updateOrganisation": {
		document: onID("updateOrganisation", `id: $id, name: "Renamed"`, "organisation { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "org"}, by: "portal administrator",
	},
	"Mutation.removeOrganisation": {
		// Whose own it is may not end it, and hears so: nothing is removed that other fields are asked of.
		document: onID("removeOrganisation", `id: $id, reason: "r", ticket: "t"`, "action { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "org"}, by: "partner of one organisation",
	},
	"Mutation.eraseOrganisation": {
		document: onID("eraseOrganisation", `id: $id, reason: "r", ticket: "t"`, "erasedId userErrors { code path }"),
		ids:      map[string]string{"input.id": "org"}, by: "portal administrator",
	},
	// The row's number is refused: what becomes of the id, only the import's report tells, to its maker.
	"Mutation.importUsers": {
		document: onID("importUsers", `key: "matrix", rows: [{number: 0, organisationId: $id, email: "x", displayName: "X"}]`, "import { kind } userErrors { code path }"),
		ids:      map[string]string{"input.rows.organisationId": "org"},
	},
	"Mutation.importOrganisations": {document: `mutation { importOrganisations(input: {key: "matrix", rows: [{number: 0, name: ""}]}) { import { id } userErrors { code } } }`},
	"Mutation.createApiToken": {
		document: onID("createApiToken", `name: "t", scopes: [USERS_READ], organisationIds: [$id]`, "apiToken { id } userErrors { code path }"),
		ids:      map[string]string{"input.organisationIds": "org"}, by: "portal administrator",
	},
	"Mutation.rotateApiToken": {
		document: onID("rotateApiToken", "id: $id", "apiToken { organisationIds } userErrors { code path }"),
		ids:      map[string]string{"input.id": "tok"}, by: "portal administrator",
	},
	"Mutation.updateApiToken": {
		document: onID("updateApiToken", `id: $id, name: "n"`, "apiToken { organisationIds } userErrors { code path }"),
		ids:      map[string]string{"input.id": "tok"}, by: "portal administrator",
	},
	// No token is of everybody's own here: which organisations it may be let into, TestStories/partner_tokens_02 tells.
	"Mutation.updateApiToken with organisations": {
		document: onID("updateApiToken", `id: "tok_x", organisationIds: [$id]`, "apiToken { organisationIds } userErrors { code path }"),
		ids:      map[string]string{"input.organisationIds": "org"},
	},
	"Mutation.revokeApiToken": {
		document: onID("revokeApiToken", "id: $id", "apiToken { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "tok"}, by: "portal administrator",
	},
	"Query.webhookEndpoints": {document: `{ webhookEndpoints { totalCount nodes { id url deliveries { totalCount } } } }`},
	"Mutation.createWebhookEndpoint": {
		document: onID("createWebhookEndpoint", `url: "http://127.0.0.1:1/hook", organisationId: $id`, "endpoint { id } userErrors { code path }"),
		ids:      map[string]string{"input.organisationId": "org"}, by: "portal administrator",
	},
	"Mutation.updateWebhookEndpoint": {
		document: onID("updateWebhookEndpoint", `id: $id, description: "d"`, "endpoint { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "whk"}, by: "portal administrator",
	},
	"Mutation.rotateWebhookSecret": {
		document: onID("rotateWebhookSecret", `id: $id`, "endpoint { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "whk"}, by: "portal administrator",
	},
	"Mutation.deleteWebhookEndpoint": {
		document: onID("deleteWebhookEndpoint", `id: $id`, "deletedId userErrors { code path }"),
		ids:      map[string]string{"input.id": "whk"}, by: "portal administrator",
	},
	"Mutation.redeliverWebhook of one event": {
		document: onID("redeliverWebhook", `id: $id, eventId: $id`, "endpoint { id } userErrors { code path }"),
		ids:      map[string]string{"input.eventId": "whk"}, by: "portal administrator",
	},
	"Mutation.redeliverWebhook": {
		document: onID("redeliverWebhook", `id: $id, since: "2025-06-11T12:00:00Z"`, "endpoint { id } userErrors { code path }"),
		ids:      map[string]string{"input.id": "whk"}, by: "portal administrator",
	},

	"Organisation.users":                      {document: `users { totalCount nodes { id email organisation { id } } }`},
	"Organisation.invitations":                {document: `invitations { totalCount nodes { id email } }`},
	"Organisation.twoFactorActivationPreview": {document: `twoFactorActivationPreview { previewToken affectedUsers { totalCount } }`},
	"Organisation.auditEvents":                {document: `auditEvents { totalCount nodes { id } }`, ids: map[string]string{"filter.actorId": "usr", "filter.targetId": "usr"}},
	"Organisation.auditHead":                  {document: `auditHead { sequence hash }`},
	"Organisation.person":                     {document: `person { familyName birthDate }`},
	"Organisation.apiTokens":                  {document: `apiTokens { totalCount nodes { id } }`},
}
