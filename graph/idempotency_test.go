package graph_test

import (
	"testing"
)

// unrepeatable are the mutations that take no idempotency key, each with the reason why a retry needs none. Every other one
// creates or sends, and takes one: a new mutation must choose.
var unrepeatable = map[string]string{
	"beginSignIn":            nobodys,
	"beginBusinessSignIn":    nobodys,
	"sendSignInCode":         nobodys,
	"beginSignInWebAuthn":    nobodys,
	"verifySignIn":           nobodys,
	"cancelSignIn":           nobodys,
	"inspectLink":            nobodys,
	"setPassword":            nobodys,
	"requestPasswordReset":   nobodys,
	"register":               nobodys,
	"keepAccount":            nobodys,
	"requestUsername":        nobodys,
	"undoContactChange":      nobodys,
	"stopSupportAction":      nobodys,
	"postponeTwoFactor":      supersedes,
	"beginTotpEnrolment":     supersedes,
	"beginEmailEnrolment":    supersedes,
	"beginSmsEnrolment":      supersedes,
	"beginWebAuthnEnrolment": supersedes,
	"generateRecoveryCodes":  supersedes,
	"changePassword":         settles,
	"confirmContactChange":   settles,
	"confirmEnrolment":       settles,
	"removeFactor":           settles,
	"renameFactor":           settles,
	"signOut":                settles,
	"reauthenticate":         settles,
	"revokeSession":          settles,
	"revokeInvitation":       settles,
	"updateUser":             settles,
	"approveUser":            settles,
	"blockUser":              settles,
	"unblockUser":            settles,
	"removeUser":             settles,
	"eraseUser":              settles,
	"transferMainUser":       settles,
	"approveSupportAction":   settles,
	"cancelSupportAction":    settles,
	"updateOrganisation":     settles,
	"removeOrganisation":     settles,
	"eraseOrganisation":      settles,
	"updateApiToken":         settles,
	"revokeApiToken":         settles,
	"updateWebhookEndpoint":  settles,
	"deleteWebhookEndpoint":  settles,
	"importUsers":            numbered,
	"importOrganisations":    numbered,
}

const (
	nobodys    = "its callers needn't be anybody whom a key could belong to; a pause, or a single use, keeps a retry from doing more"
	supersedes = "a second one takes the place of the first, which nobody has seen"
	settles    = "it brings something into a state in which it stays, so that a second one finds it done"
	numbered   = "its rows have numbers under a key of the import's own, and one that came before isn't done again"
)

func TestEveryMutationThatCreatesOrSendsTakesAnIdempotencyKey(t *testing.T) {
	t.Parallel()
	for _, field := range schema().Mutation.Fields {
		takes := false
		if input := field.Arguments.ForName("input"); input != nil {
			key := schema().Types[input.Type.Name()].Fields.ForName("idempotencyKey")
			takes = key != nil && key.Type.String() == "String"
		}
		if _, exempt := unrepeatable[field.Name]; takes == exempt {
			t.Errorf("%s takes an idempotency key: %t; it is exempt: %t", field.Name, takes, exempt)
		}
	}
	for name := range unrepeatable {
		if schema().Mutation.Fields.ForName(name) == nil {
			t.Errorf("there is no mutation %s any more", name)
		}
	}
}
