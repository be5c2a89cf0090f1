package identity

import (
	"slices"
	"testing"
	"time"
)

// audiences lists all of them.
var audiences = []Audience{Anyone, Enrolling, Self, Manager, ForMainUser, ForSupport, ForPortalAdmin, Partner}

var roles = []UserRole{MainUser, SuperSubUser, SubUser, Support, PortalAdmin}

// as is an actor with that role, signed in just now with two factors.
func as(role UserRole) Actor {
	user, organisation := joost(), transporter()
	user.Role = role
	organisation.IsOperator = role.IsStaff()
	return Actor{
		Portal: tvm(), At: noon, User: &user, Organisation: &organisation,
		Session: &Session{ID: "ses_1", User: user.ID, Strength: TwoFactor, ProvenAt: noon},
	}
}

// partner is an API token of the whole portal's.
func partner(scopes ...APIScope) Actor {
	return Actor{Portal: tvm(), At: noon, Token: &APIToken{ID: "tok_1", Organisation: WholePortal, Scopes: scopes}}
}

// actors are one of each kind, with the audiences that each belongs to, where fields ask for USERS_READ.
var actors = []struct {
	kind  string
	actor Actor
	is    []Audience
}{
	{"nobody yet", Actor{At: noon}, []Audience{Anyone}},
	{"a browser in a sign-in", Actor{At: noon, SignIn: &SignIn{}}, []Audience{Anyone, Enrolling}},
	{"a sub-user", as(SubUser), []Audience{Anyone, Self}},
	{"a super sub-user", as(SuperSubUser), []Audience{Anyone, Self, Manager}},
	{"the main user", as(MainUser), []Audience{Anyone, Self, Manager, ForMainUser}},
	{"a support agent", as(Support), []Audience{Anyone, Self, ForSupport}},
	{"a portal administrator", as(PortalAdmin), []Audience{Anyone, Self, ForSupport, ForPortalAdmin}},
	{"a signed-in user with an old attempt", withAttempt(as(SubUser)), []Audience{Anyone, Self}},
	{"a partner with the scope", partner(AuditRead, UsersRead), []Audience{Anyone, Partner}},
	{"a partner with other scopes", partner(UsersWrite, AuditRead), []Audience{Anyone}},
	{"a partner without scopes", partner(), []Audience{Anyone}},
	{"a partner with an attempt's cookie", withAttempt(partner(UsersRead)), []Audience{Anyone, Partner}},
}

func withAttempt(a Actor) Actor {
	a.SignIn = &SignIn{}
	return a
}

func TestAFieldAdmitsItsAudienceAndNobodyElse(t *testing.T) {
	t.Parallel()
	for _, row := range actors {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			for _, first := range audiences {
				for _, second := range audiences {
					to := []Audience{first, second}
					err := Access{To: to, Strength: SingleFactor, Scope: UsersRead}.Admit(row.actor)
					want := Code("")
					if !slices.Contains(row.is, first) && !slices.Contains(row.is, second) {
						want = Forbidden
						if row.actor.Session == nil && row.actor.Token == nil {
							want = Unauthenticated
						}
					}
					if got := codeOf(t, err); got != want {
						t.Errorf("a field for %v: %q, want %q", to, got, want)
					}
				}
			}
		})
	}
}

func TestAFieldForNobodyAdmitsNobody(t *testing.T) {
	t.Parallel()
	for _, row := range actors {
		if err := (Access{}).Admit(row.actor); err == nil {
			t.Errorf("%s was admitted", row.kind)
		}
		if err := (Access{To: []Audience{"EVERYBODY_ELSE"}}).Admit(row.actor); err == nil {
			t.Errorf("%s was admitted to a field of an unknown audience", row.kind)
		}
	}
}

func TestAFieldWithoutAScopeIsForNoAPIToken(t *testing.T) {
	t.Parallel()
	refused(t, Access{To: []Audience{Partner}}.Admit(partner(APIScopes...)), Forbidden)
	refused(t, Access{To: []Audience{Partner, Self}}.Admit(partner("")), Forbidden)
	refused(t, Access{To: []Audience{Partner, Self}, Scope: UsersRead}.Admit(partner(APIScopes...)), "")
}

func TestAFieldAsksForItsStrengthAndItsProofOfThoseSignedIn(t *testing.T) {
	t.Parallel()
	strengths := []SessionStrength{"", SingleFactor, TwoFactor, PhishingResistant}
	const within = 5 * time.Minute
	for _, age := range []time.Duration{0, within - tick, within, within + tick, time.Hour} {
		for has, held := range strengths {
			for needs, needed := range strengths {
				actor := as(MainUser)
				actor.Session.Strength, actor.Session.ProvenAt = held, noon.Add(-age)
				for _, audience := range []Audience{Self, Manager, ForMainUser} {
					fresh := Access{To: []Audience{audience}, Strength: needed, ProofWithin: within}
					old := Access{To: []Audience{audience}, Strength: needed}
					refused(t, old.Admit(actor), unless(has >= needs))
					refused(t, fresh.Admit(actor), unless(has >= needs && age < within))
				}
			}
		}
	}
}

func unless(admitted bool) Code {
	if admitted {
		return ""
	}
	return ReauthenticationRequired
}

func TestAFieldSaysWhatProofItAsksFor(t *testing.T) {
	t.Parallel()
	actor := as(Support)
	actor.Session.ProvenAt = noon.Add(-time.Hour)
	for _, strength := range []SessionStrength{TwoFactor, PhishingResistant} { // proof too old, then too weak as well
		err := Access{To: []Audience{ForSupport}, Strength: strength, ProofWithin: time.Minute}.Admit(actor)
		refusal, ok := err.(*Error) //nolint:errorlint // Admit answers it as it is
		if !ok || refusal.Strength != strength || refusal.ProofWithin != time.Minute {
			t.Errorf("%+v", err)
		}
	}
}

func TestStrengthAndProofBindNeitherAPITokensNorEnrolment(t *testing.T) {
	t.Parallel()
	access := Access{To: []Audience{Enrolling, Self, Partner}, Strength: PhishingResistant, ProofWithin: time.Second, Scope: UsersRead}
	refused(t, access.Admit(partner(UsersRead)), "")
	refused(t, access.Admit(Actor{At: noon, SignIn: &SignIn{}}), "")
	refused(t, access.Admit(as(SubUser)), ReauthenticationRequired)
}
