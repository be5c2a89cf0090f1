package rig

import (
	"context"
	"database/sql"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// What a test needs before its story begins. Everything is done the way users do it: over HTTP, with the mailed links.

// Token makes an API token for a whole portal.
func (r *Rig) Token(portal string, scopes ...identity.APIScope) string {
	r.T.Helper()
	issued, err := r.App.IssueAPIToken(context.Background(), r.Portal(portal), app.NewAPIToken{Name: "test", Scopes: scopes}, nil)
	r.must(err)
	return issued.Shown
}

// Organisation makes an organisation whose main user has registered, and answers its id.
func (r *Rig) Organisation(portal, name, mainUser string) string {
	r.T.Helper()
	partner := r.Partner(portal, r.Token(portal, identity.OrganisationsWrite, identity.OrganisationsRead))
	answer := partner.Do(`mutation ($name: String!, $email: EmailAddress!) {
		createOrganisation(input: {name: $name, mainUser: {email: $email, displayName: $name}}) {
			organisation { id } userErrors { code path }
		}
	}`, map[string]any{"name": name, "email": mainUser})
	id := answer.String("createOrganisation.organisation.id")
	if id == "" {
		r.T.Fatalf("create organisation: %s", answer.Text)
	}
	r.Register(portal, mainUser)
	return id
}

// Register follows the link in the next mail to an address and chooses Password.
func (r *Rig) Register(portal, email string) *Browser {
	r.T.Helper()
	browser := r.Browser(portal)
	browser.ChoosePassword(r.Mailbox.Expect(r.T, email).Token, Password)
	return browser
}

// ChoosePassword uses a mailed link.
func (b *Browser) ChoosePassword(token, password string) Answer {
	b.rig.T.Helper()
	answer := b.Do(`mutation ($token: String!, $password: String!) {
		setPassword(input: {token: $token, newPassword: $password}) { step { __typename } userErrors { code path message } }
	}`, map[string]any{"token": token, "password": password})
	if answer.Code() != "" {
		b.rig.T.Fatalf("choose a password: %s", answer.Text)
	}
	return answer
}

// Invite invites somebody and lets them register.
func (b *Browser) Invite(email, name string, role identity.UserRole) string {
	b.rig.T.Helper()
	answer := b.Do(`mutation ($email: EmailAddress!, $name: String!, $role: UserRole!) {
		inviteUser(input: {email: $email, displayName: $name, role: $role}) { invitation { id } userErrors { code path } }
	}`, map[string]any{"email": email, "name": name, "role": role})
	if answer.Code() != "" {
		b.rig.T.Fatalf("invite %s: %s", email, answer.Text)
	}
	b.rig.Register(b.Portal, email)
	return answer.String("inviteUser.invitation.id")
}

// SignIn gives name and password.
func (b *Browser) SignIn(email, password string) Answer {
	b.rig.T.Helper()
	return b.Do(`mutation ($email: EmailAddress, $username: String, $code: String, $password: String!) {
		beginSignIn(input: {email: $email, username: $username, organisationCode: $code, password: $password}) {
			step {
				__typename
				... on SignInFactorRequired { factors { id kind } attemptsRemaining }
				... on SignInEnrolmentRequired { reason postponableUntil }
				... on SignInRegistrationRequired { emailHint resendAllowedAt }
				... on SignInComplete { viewer { user { id } } session { id strength } }
			}
			userErrors { code retryAfterSeconds }
		}
	}`, b.rig.named(b.Portal, email, password))
}

// named is what somebody types to sign in, by the portal's own names.
func (r *Rig) named(portal, email, password string) map[string]any {
	r.T.Helper()
	typed := map[string]any{"password": password}
	policy := r.Portal(portal).SignIn
	if policy.Names(identity.ByEmail) {
		typed["email"] = email
		return typed
	}
	var username, code sql.NullString
	r.must(r.Database.SystemSQL().QueryRowContext(context.Background(), `SELECT u.username, o.code FROM users AS u
		JOIN organisations AS o ON o.portal = u.portal AND o.organisation_id = u.organisation_id
		WHERE u.portal = '`+portal+`' AND u.email = '`+email+`'`).Scan(&username, &code))
	typed["username"] = username.String
	if policy.Names(identity.ByOrganisationCodeAndUsername) {
		typed["code"] = code.String
	}
	return typed
}

// SignedIn opens a browser that is signed in, where name and password are enough.
func (r *Rig) SignedIn(portal, email string) *Browser {
	r.T.Helper()
	browser := r.Browser(portal)
	answer := browser.SignIn(email, Password)
	if answer.String("beginSignIn.step.__typename") != "SignInComplete" {
		r.T.Fatalf("sign in as %s: %s", email, answer.Text)
	}
	return browser
}

// Verify gives a code for a factor.
func (b *Browser) Verify(factor, code string) Answer {
	b.rig.T.Helper()
	return b.Do(`mutation ($factor: ID!, $code: String!) {
		verifySignIn(input: {proof: {totp: {factorId: $factor, code: $code}}}) {
			step { __typename ... on SignInComplete { session { strength } } } userErrors { code }
		}
	}`, map[string]any{"factor": factor, "code": code})
}

// Authenticator is an app on somebody's phone.
type Authenticator struct {
	rig    *Rig
	Secret string
}

// Authenticator is an app that was told a secret.
func (r *Rig) Authenticator(secret string) Authenticator { return Authenticator{r, secret} }

// Code is what the app shows now.
func (a Authenticator) Code() string { return a.CodeAt(a.rig.Clock.Now()) }

// CodeAt is what the app shows at an instant.
func (a Authenticator) CodeAt(at time.Time) string {
	a.rig.T.Helper()
	code, err := totp.GenerateCode(a.Secret, at)
	a.rig.must(err)
	return code
}

// Enrol pairs an app: it types the secret, and confirms with the first code.
func (b *Browser) Enrol() (Authenticator, Answer) {
	b.rig.T.Helper()
	begun := b.Do(`mutation { beginTotpEnrolment { enrolment { id secret } userErrors { code } } }`)
	app := b.rig.Authenticator(begun.String("beginTotpEnrolment.enrolment.secret"))
	if app.Secret == "" {
		b.rig.T.Fatalf("begin enrolment: %s", begun.Text)
	}
	confirmed := b.Do(`mutation ($id: ID!, $code: String!) {
		confirmEnrolment(input: {enrolmentId: $id, code: $code}) { factor { id kind } step { __typename } userErrors { code } }
	}`, map[string]any{"id": begun.String("beginTotpEnrolment.enrolment.id"), "code": app.Code()})
	if confirmed.Code() != "" {
		b.rig.T.Fatalf("confirm enrolment: %s", confirmed.Text)
	}
	b.App = app
	return app, confirmed
}

// Staff opens a browser of a staff member who has proved a second factor.
func (r *Rig) Staff(portal, email string, role identity.UserRole) *Browser {
	r.T.Helper()
	r.inviteStaff(portal, email, role)
	return r.Enrolled(portal, email)
}

// Enrolled opens a browser of somebody who signs in and pairs an app, in the sign-in where the portal asks for it and else
// in the session.
func (r *Rig) Enrolled(portal, email string) *Browser {
	r.T.Helper()
	browser := r.Browser(portal)
	browser.SignIn(email, Password)
	browser.Enrol()
	return browser
}

// StaffWithPassword opens a browser of a staff member who has signed in with a password alone.
func (r *Rig) StaffWithPassword(portal, email string, role identity.UserRole) *Browser {
	r.T.Helper()
	r.inviteStaff(portal, email, role)
	return r.SignedIn(portal, email)
}

func (r *Rig) inviteStaff(portal, email string, role identity.UserRole) {
	r.T.Helper()
	_, err := r.App.InviteStaff(context.Background(), r.Portal(portal), identity.EmailAddress(email), "Staff "+email, role)
	r.must(err)
	r.Register(portal, email)
}
