package graph_test

import (
	"testing"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
	"github.com/sleutelbos/sleutelbos/internal/testrig"
	"github.com/sleutelbos/sleutelbos/internal/testrig/rig"
)

func TestSmoke(t *testing.T) {
	t.Parallel()
	testrig.OnBoth(t, func(t *testing.T, db testrig.Database) {
		r := rig.New(t, db)
		r.Organisation("tvm", "Joosten", "joost@tvm.test")
		jonnie := r.SignedIn("tvm", "joost@tvm.test")
		jonnie.Invite("supersub41@tvm.test", "Super sub 41", identity.SuperSubUser)
		jonnie.Invite("gewonesub31@tvm.test", "Gewone sub 31", identity.SubUser)
		a := jonnie.Do(`{ viewer { user { id displayName role status twoFactor { isEnrolled kinds requiredFrom } organisation { id } } session { id strength } sessions { id } factors { id } permissions { activateTwoFactor } }
		  organisation { name mainUser { displayName } accountLimit { maximum used } twoFactor { isActive enrolled notEnrolled requiredFrom }
		   users { totalCount nodes { displayName email role status } edges { cursor } pageInfo { hasNextPage endCursor } } invitations { nodes { email status } totalCount }
		   auditEvents { totalCount nodes { sequence action actorId targetId details { name value } hash } }
		   twoFactorActivationPreview { previewToken isIrreversible blockers { code } affectedUsers { totalCount nodes { displayName email } } } apiTokens { totalCount } } }`)
		t.Log(a.Text)
		token := a.String("organisation.twoFactorActivationPreview.previewToken")
		a = jonnie.Do(`mutation($t: String!) { activateOrganisationTwoFactor(input: {previewToken: $t}) { affectedUserCount organisation { twoFactor { isActive enrolled notEnrolled } } userErrors { code } } }`, map[string]any{"t": token})
		t.Log(a.Text)
		a = jonnie.Do(`mutation($t: String!) { activateOrganisationTwoFactor(input: {previewToken: $t}) { affectedUserCount userErrors { code message } } }`, map[string]any{"t": token})
		t.Log(a.Text)
		t.Log(r.Browser("tvm").SignIn("joost@tvm.test", rig.Password).Text)
		again := r.Browser("tvm")
		t.Log(again.ChoosePassword(r.Mailbox.Expect(t, "joost@tvm.test").Token, "Nieuw-Wachtwoord-1").Text)
		app, confirmed := again.Enrol()
		t.Log(confirmed.Text)
		t.Log(r.Mailbox.Expect(t, "joost@tvm.test").Subject)
		second := r.Browser("tvm")
		a = second.SignIn("joost@tvm.test", "Nieuw-Wachtwoord-1")
		t.Log(a.Text)
		r.Clock.Advance(30 * time.Second)
		t.Log(second.Verify(a.String("beginSignIn.step.factors.0.id"), app.Code()).Text)
		t.Log(second.Do(`{ viewer { user { lastSignInAt } factors { kind name } session { strength } } }`).Text)
	})
}
