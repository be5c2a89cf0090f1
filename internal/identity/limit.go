package identity

// AccountLimit is how many password accounts an organisation may have, and how many of them are taken: password accounts
// and open invitations.
type AccountLimit struct {
	// Maximum is nil where there is no limit.
	Maximum *int
	Used    int
}

// Admit decides whether one more account fits. It is asked while the organisation's row is locked, so that no race of
// invitations gets past it.
func (l AccountLimit) Admit() error {
	if l.Maximum != nil && l.Used >= *l.Maximum {
		return Refuse(AccountLimitReached)
	}
	return nil
}

// HighestAccountLimit bounds what a limit can be set to.
const HighestAccountLimit = 1_000_000

// CheckAccountMaximum refuses a limit that leaves no room for the main user. A limit below what is in use is allowed: it
// removes nobody, it only admits nobody.
func CheckAccountMaximum(maximum *int, path ...string) error {
	if maximum != nil && (*maximum < 1 || *maximum > HighestAccountLimit) {
		return Refuse(InvalidInput, path...)
	}
	return nil
}
