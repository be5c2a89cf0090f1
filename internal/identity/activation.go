package identity

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
)

// ActivationCandidate is what an activation must know of a user that it would apply to.
type ActivationCandidate struct {
	ID           ID
	Email        EmailAddress
	EmailRefused bool
	IsBlocked    bool
}

// ActivationPreview stands for the exact set of users that an activation would apply to.
type ActivationPreview struct {
	Organisation Organisation
	// Token is a digest of the set: the users' ids and addresses.
	Token          string
	IsIrreversible bool
	UserCount      int
	// Blockers is why the activation would be refused; empty when it can go ahead.
	Blockers []*Error
}

// PreviewActivation decides what an activation of the organisation would do.
//
// It applies to every registered user, the main user included, and blocked ones too (they must register again once they
// are unblocked). Invited users enrol when they accept. It would lock somebody out who can't be reached: no address, or
// one whose last mail was refused for good.
func PreviewActivation(p Portal, o Organisation, candidates []ActivationCandidate) ActivationPreview {
	preview := ActivationPreview{
		Organisation: o,
		Token:        activationToken(o, candidates), IsIrreversible: p.TwoFactor.Irreversible, UserCount: len(candidates),
	}
	switch {
	case o.TwoFactorActivatedAt != nil:
		preview.Blockers = append(preview.Blockers, Refuse(AlreadyActive))
	case p.TwoFactor.StartedBy != StartedByOrganisation:
		preview.Blockers = append(preview.Blockers, Refuse(ActivationNotOffered))
	}
	if len(p.Factors.Kinds) == 0 {
		preview.Blockers = append(preview.Blockers, Refuse(FactorNotOffered))
	}
	for _, candidate := range candidates {
		if !candidate.IsBlocked && (candidate.Email == "" || candidate.EmailRefused) {
			preview.Blockers = append(preview.Blockers, Refuse(ActivationWouldLockOut, "users", string(candidate.ID)))
		}
	}
	return preview
}

// Activate decides whether an activation can go ahead for the set that was previewed. Being active already is said before
// anything else, so that a second confirmation of the same page hears the truth.
func (preview ActivationPreview) Activate(token string) error {
	for _, blocker := range preview.Blockers {
		if blocker.Code == AlreadyActive || blocker.Code == ActivationNotOffered {
			return blocker
		}
	}
	if token != preview.Token {
		return Refuse(PreviewOutdated, "input", "previewToken")
	}
	if len(preview.Blockers) > 0 {
		return preview.Blockers[0]
	}
	return nil
}

// AffectedByActivation lists, as a filter, whom an activation applies to.
func AffectedByActivation() UserFilter {
	registered := Registered
	return UserFilter{Registration: &registered}
}

func activationToken(o Organisation, candidates []ActivationCandidate) string {
	sorted := slices.Clone(candidates)
	slices.SortFunc(sorted, func(a, b ActivationCandidate) int { return compare(a.ID, b.ID) })
	digest := sha256.New()
	write := func(text string) {
		digest.Write([]byte(text))
		digest.Write([]byte{0})
	}
	write(string(o.ID))
	for _, candidate := range sorted {
		write(string(candidate.ID))
		write(candidate.Email.Fold())
	}
	return base64.RawURLEncoding.EncodeToString(digest.Sum(nil))
}

func compare(a, b ID) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// CheckDeactivation decides whether staff can undo an activation.
func CheckDeactivation(o Organisation) error {
	if o.TwoFactorActivatedAt == nil {
		return Refuse(NotActive, "input", "id")
	}
	return nil
}

// ActivationProgress is how far an organisation is.
type ActivationProgress struct {
	Enrolled, NotEnrolled int
	// NotReached counts users without a factor whose mail was refused for good.
	NotReached int
}
