package identity

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// browser is a sign-in with what its browser holds besides.
type browser struct {
	SignIn
	lost bool // the attempt led to a session, which ended it
}

// household is one user at one portal, with everything that can happen to them, done as the use cases do it.
type household struct {
	portal       Portal
	organisation Organisation
	user         User
	now          time.Time
	browsers     []browser
	links        []Link
	linksUsed    map[ID]int
	// everEnrolled: the account had a factor once.
	everEnrolled bool
	// everPostponed: enrolment was put off once.
	everPostponed bool
	// lastReset is when the password was last reset through the mailbox.
	lastReset    time.Time
	passwordVoid bool // the old password no longer signs in, and no new one was chosen
}

func (h *household) opened(t *rapid.T, s SignIn) {
	switch {
	case h.user.BlockedAt != nil:
		t.Fatal("a blocked user was signed in")
	case h.passwordVoid:
		t.Fatal("a password from before the activation signed in")
	case s.By == WithLink && s.FactorProven == "":
		t.Fatal("a link signed somebody in")
	case s.FactorProven == "" && h.everEnrolled:
		t.Fatal("an account that once had a factor was opened without one")
	case s.FactorProven == "" && h.organisation.TwoFactorActivatedAt != nil:
		t.Fatal("after the activation somebody was signed in without a factor")
	case s.FactorProven == "" && h.isRequired() && !h.everPostponed:
		t.Fatal("once it was required, somebody was signed in without a factor")
	case s.FactorProven == "" && h.isRequired() && !h.now.Before(*h.portal.TwoFactor.PostponableUntil):
		t.Fatal("past the last date somebody was signed in without a factor")
	case s.FactorProven == Email && h.mailboxRests() && h.portal.Recovery.EmailCodeAfterReset != Allowed:
		t.Fatal("a mailbox was the password and the second proof")
	}
}

func (h *household) isRequired() bool {
	return h.portal.TwoFactor.RequiredFrom != nil && !h.now.Before(*h.portal.TwoFactor.RequiredFrom)
}

// mailboxRests tells whether the password was reset by mail within the last day.
func (h *household) mailboxRests() bool {
	return !h.lastReset.IsZero() && h.now.Before(h.lastReset.Add(24*time.Hour))
}

// advance follows an attempt to its next step and opens the session where it is complete.
func (h *household) advance(t *rapid.T, b *browser) {
	if _, complete := b.Next(h.portal, h.organisation, h.user, h.now).(Complete); complete && b.MayOpen() == nil {
		h.opened(t, b.SignIn)
		b.lost = true
	}
}

func (h *household) begin(t *rapid.T, by FirstCredential) {
	b := browser{SignIn: SignIn{By: by, CredentialVersion: h.user.CredentialVersion, BeganAt: h.now, ExpiresAt: h.now.Add(SignInLifetime)}}
	if by == WithLink && !b.Enrolling(h.portal, h.organisation, h.user, h.now) {
		return
	}
	h.advance(t, &b)
	h.browsers = append(h.browsers, b)
}

// pick is one of the browsers whose attempt can go on.
func (h *household) pick(t *rapid.T) *browser {
	var alive []*browser
	for i := range h.browsers {
		if b := &h.browsers[i]; !b.lost && b.Valid(h.user, h.now) {
			alive = append(alive, b)
		}
	}
	if len(alive) == 0 {
		t.Skip("no sign-in is under way")
	}
	return rapid.SampledFrom(alive).Draw(t, "browser")
}

func (h *household) Password(t *rapid.T) {
	if status := h.user.Status(); status == StatusActive || status == StatusReRegistering {
		h.begin(t, WithPassword)
	}
}

func (h *household) Verify(t *rapid.T) {
	b := h.pick(t)
	if _, asked := b.Next(h.portal, h.organisation, h.user, h.now).(FactorRequired); asked {
		kind := h.user.FactorKinds[0]
		if h.portal.Recovery.AdmitKind(kind, h.user, h.now) != nil {
			return
		}
		b.FactorProven = kind
		h.advance(t, b)
	}
}

func (h *household) Enrol(t *rapid.T) {
	b := h.pick(t)
	kind := rapid.SampledFrom(FactorKinds).Draw(t, "kind")
	if !b.Enrolling(h.portal, h.organisation, h.user, h.now) || h.portal.Factors.Enrol(kind, h.user) != nil ||
		h.portal.Recovery.AdmitKind(kind, h.user, h.now) != nil {
		return
	}
	if h.user.IsEnrolled() {
		t.Fatal("a sign-in replaced a factor that it hadn't proved")
	}
	h.user.FactorKinds, h.user.Factors = []FactorKind{kind}, []Factor{{ID: "fac_1", User: h.user.ID, Kind: kind}}
	h.user.EnrolmentOwed, h.everEnrolled = "", true
	h.user.CredentialVersion++
	b.FactorProven, b.CredentialVersion = kind, h.user.CredentialVersion
	h.advance(t, b)
}

func (h *household) Postpone(t *rapid.T) {
	b := h.pick(t)
	if b.SignIn.Postpone(h.portal, h.organisation, h.user, h.now) == nil {
		b.Postponed, h.user.PostponedAt, h.everPostponed = true, pointer(h.now), true
		h.advance(t, b)
	}
}

func (h *household) mail(purpose LinkPurpose) {
	h.links = append(h.links, Link{
		ID: ID(rune('a' + len(h.links))), User: h.user.ID, Purpose: purpose, CreatedAt: h.now, ExpiresAt: h.now.Add(h.portal.Links.Lifetime(purpose)),
	})
}

func (h *household) AskForHelp(*rapid.T) {
	if purpose, answered := PurposeFor(h.user); answered {
		h.mail(purpose)
	}
}

func (h *household) FollowLink(t *rapid.T) {
	if len(h.links) == 0 {
		t.Skip("no mail came")
	}
	link := &h.links[rapid.IntRange(0, len(h.links)-1).Draw(t, "link")]
	if !link.Opens(h.user, h.now) {
		return
	}
	if h.linksUsed[link.ID]++; h.linksUsed[link.ID] > 1 || !h.now.Before(link.ExpiresAt) || h.user.BlockedAt != nil {
		t.Fatalf("a link opened that shouldn't: %+v", link)
	}
	link.UsedAt = &h.now
	before := h.user
	h.user, _ = link.SetUp(h.portal, h.user, h.now)
	if link.Purpose == ForPasswordReset {
		h.lastReset = h.now
	}
	h.passwordVoid = false
	if before.IsEnrolled() && !h.user.IsEnrolled() && h.user.EnrolmentOwed == "" {
		t.Fatal("a factor was dropped and no new one is owed")
	}
	for i := range h.links {
		if h.links[i].UsedAt == nil {
			h.links[i].RevokedAt = pointer(h.now)
		}
	}
	h.begin(t, WithLink)
}

func (h *household) Activate(*rapid.T) {
	preview := PreviewActivation(h.portal, h.organisation, []ActivationCandidate{{ID: h.user.ID, Email: h.user.Email}})
	if preview.Activate(preview.Token) != nil {
		return
	}
	h.organisation.TwoFactorActivatedAt = pointer(h.now)
	h.user.Registration, h.passwordVoid = ReRegistering, true
	h.user.CredentialVersion++
	h.mail(ForReRegistration)
}

func (h *household) UndoActivation(*rapid.T) {
	if CheckDeactivation(h.organisation) != nil {
		return
	}
	h.organisation.TwoFactorActivatedAt = nil
	if h.user.Registration == ReRegistering {
		h.user.Registration, h.passwordVoid = Registered, false
	}
}

func (h *household) Block(*rapid.T) {
	if h.user.CheckBlock(h.organisation) == nil {
		h.user.BlockedAt = pointer(h.now)
	}
}

func (h *household) SupportResets(*rapid.T) {
	if h.user.Registration != Registered || !h.user.IsEnrolled() {
		return
	}
	h.user.FactorKinds, h.user.Factors, h.user.EnrolmentOwed, h.user.PasswordResetAt = nil, nil, ByFactorReset, nil
	h.user.CredentialVersion++
	h.lastReset = time.Time{} // the desk has made sure who it is
}

func (h *household) Unblock(*rapid.T) {
	if h.user.CheckUnblock() == nil {
		h.user.BlockedAt = nil
	}
}

func (h *household) Wait(t *rapid.T) {
	span := rapid.SampledFrom([]time.Duration{0, time.Minute, SignInLifetime - tick, SignInLifetime, time.Hour, 24 * time.Hour, 20 * 24 * time.Hour})
	h.now = h.now.Add(span.Draw(t, "span"))
}

// Check is asked after every event: a sign-in of an enrolled user by password alone can do nothing but prove a factor.
func (h *household) Check(t *rapid.T) {
	for _, b := range h.browsers {
		if b.lost || !b.Valid(h.user, h.now) {
			continue
		}
		if h.user.BlockedAt != nil || h.passwordVoid && b.Enrolling(h.portal, h.organisation, h.user, h.now) {
			t.Fatalf("an attempt goes on that shouldn't: %+v", b)
		}
		if !h.user.IsEnrolled() || b.FactorProven != "" || h.user.Registration == ReRegistering {
			continue
		}
		if _, asked := b.Next(h.portal, h.organisation, h.user, h.now).(FactorRequired); !asked {
			t.Fatalf("an enrolled user without proof stands before %T", b.Next(h.portal, h.organisation, h.user, h.now))
		}
	}
}

func TestNoWalkThroughAnAccountOpensItWithLessThanIsAsked(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		portal := tvm()
		portal.Recovery.Factors = rapid.SampledFrom([]RecoveryWay{SelfService, BySupport}).Draw(t, "recovery")
		portal.Factors.Change = rapid.SampledFrom([]FactorChange{ChangedByUser, ChangedByReRegistration, ChangedBySupport}).Draw(t, "change")
		portal.Factors.Kinds = rapid.SampledFrom([][]FactorKind{{TOTP}, {Email}, {TOTP, Email}, {SMS, TOTP, WebAuthn}, {SMS, Email}}).Draw(t, "kinds")
		portal.Recovery.EmailCodeAfterReset = rapid.SampledFrom([]Permission{Refused, Allowed}).Draw(t, "e-mail code after a reset")
		portal.TwoFactor.StartedBy = rapid.SampledFrom([]TwoFactorStarter{StartedByPortal, StartedByOrganisation}).Draw(t, "started by")
		portal.TwoFactor.RequiredFrom = rapid.SampledFrom([]*time.Time{nil, &noon, &november}).Draw(t, "required from")
		portal.TwoFactor.PostponableUntil = rapid.SampledFrom([]*time.Time{nil, pointer(november.AddDate(0, 1, 0))}).Draw(t, "postponable until")
		t.Repeat(rapid.StateMachineActions(&household{
			portal: portal, organisation: transporter(), user: joost(), now: noon, linksUsed: map[ID]int{},
		}))
	})
}
