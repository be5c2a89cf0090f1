package identity

import (
	"fmt"
	"testing"
	"time"
)

// Every event meets every kind of party in every state, under every policy, before and at the instants that matter. What
// isn't told in outcomeOf is refused.
func TestASupportActionMovesAsItsTableSaysAndNotOtherwise(t *testing.T) {
	t.Parallel()
	policies := map[string]SupportPolicy{
		"at once":           {},
		"notice":            {Notice: GuardedKinds, NoticePeriod: time.Hour},
		"four eyes":         {FourEyes: GuardedKinds, ApprovalWithin: 2 * time.Hour},
		"four eyes, notice": {FourEyes: GuardedKinds, Notice: GuardedKinds, NoticePeriod: time.Hour, ApprovalWithin: 2 * time.Hour},
	}
	moves := 0
	for name, policy := range policies {
		for _, kind := range GuardedKinds {
			for _, state := range []SupportActionState{"", AwaitingApproval, Scheduled, Done, Cancelled} {
				for _, event := range []SupportEvent{Request, Approve, Cancel, FallDue, Lapse} {
					for _, as := range []SupportRole{AsRequester, AsColleague, AsConcerned, AsClock, AsStranger} {
						for _, due := range []bool{false, true} {
							for _, approved := range []bool{false, true} {
								row := supportRow{name, policy, kind, state, event, as, due, approved}
								moves += row.check(t)
							}
						}
					}
				}
			}
		}
	}
	if moves == 0 {
		t.Error("nothing ever moves")
	}
}

type supportRow struct {
	name     string
	policy   SupportPolicy
	kind     SupportActionKind
	state    SupportActionState
	event    SupportEvent
	as       SupportRole
	due      bool
	approved bool
}

// check answers 1 where the action moves.
func (row supportRow) check(t *testing.T) int {
	t.Helper()
	instant := noon.Add(time.Microsecond)
	if row.due {
		instant = noon
	}
	before := SupportAction{Kind: row.kind, State: row.state, RequestedBy: "usr_asker", EffectiveAt: &instant, ExpiresAt: &instant}
	if row.approved {
		before.ApprovedBy = "usr_second"
	}
	after, err := before.Next(row.event, SupportParty{row.as, "usr_somebody"}, row.policy, noon)
	got := string(after.State) + " " + string(after.Cancellation)
	if err != nil {
		refusals, _ := Refusals(err)
		got = string(refusals[0].Code)
	}
	if want := row.want(); got != want {
		t.Errorf("%s: %s by %s in %q (due %t, approved %t): %q, want %q", row.name, row.event, row.as, row.state, row.due, row.approved, got, want)
	}
	if err != nil {
		return 0
	}
	return 1
}

// want is the table, told a second time and the other way round: by state.
func (row supportRow) want() string {
	fourEyes, notice := row.policy.FourEyes != nil, row.policy.NoticePeriod > 0
	announced := "DONE "
	if notice {
		announced = "SCHEDULED "
	}
	staff := row.as == AsRequester || row.as == AsColleague
	pending := row.state == AwaitingApproval || row.state == Scheduled
	switch {
	case row.as == AsStranger:
		return string(NotFound)
	case row.state == "" && row.event == Request && row.as == AsRequester && fourEyes:
		return "AWAITING_APPROVAL "
	case row.state == "" && row.event == Request && row.as == AsRequester:
		return announced
	case row.state == AwaitingApproval && row.event == Approve && !row.due && row.as == AsColleague:
		return announced
	case row.state == AwaitingApproval && row.event == Approve && !row.due && row.as != AsClock:
		return string(SecondPersonRequired)
	case pending && row.event == Cancel && staff:
		return "CANCELLED BY_STAFF"
	case pending && row.event == Cancel && row.as == AsConcerned:
		return "CANCELLED BY_USER"
	case pending && row.event == Lapse && row.as == AsClock:
		return "CANCELLED OUTDATED"
	case row.state == AwaitingApproval && row.event == FallDue && row.as == AsClock && row.due:
		return "CANCELLED NOT_APPROVED"
	case row.state == Scheduled && row.event == FallDue && row.as == AsClock && row.due && fourEyes && !row.approved:
		return "CANCELLED OUTDATED"
	case row.state == Scheduled && row.event == FallDue && row.as == AsClock && row.due:
		return "DONE "
	}
	return string(WrongStatus)
}

func TestNobodyIsTheirOwnSecondPerson(t *testing.T) {
	t.Parallel()
	action := SupportAction{RequestedBy: "usr_asker", Concerned: "usr_concerned", Target: "usr_target"}
	for _, row := range []struct {
		id   ID
		role UserRole
		want SupportRole
	}{
		{"usr_asker", Support, AsRequester},
		{"usr_asker", PortalAdmin, AsRequester},
		{"usr_asker", SubUser, AsStranger}, // no longer staff
		{"usr_concerned", MainUser, AsConcerned},
		{"usr_target", SubUser, AsConcerned},
		{"usr_target", Support, AsConcerned},
		{"usr_other", Support, AsColleague},
		{"usr_other", PortalAdmin, AsColleague},
		{"usr_other", MainUser, AsStranger},
	} {
		actor := Actor{Session: &Session{}, User: &User{ID: row.id, Role: row.role}}
		if got := action.PartyOf(actor).As; got != row.want {
			t.Errorf("%s as %s is %s, want %s", row.id, row.role, got, row.want)
		}
	}
	if got := action.PartyOf(Actor{Token: &APIToken{}}).As; got != AsStranger {
		t.Errorf("a program is %s", got)
	}
}

func TestAnActionIsGivenUpWhenWhatItRestsOnIsGone(t *testing.T) {
	t.Parallel()
	type world struct {
		action          SupportAction
		o               Organisation
		target          User
		asker, approver User
	}
	for sentence, row := range map[string]struct {
		kind   SupportActionKind
		change func(w *world)
		stands bool
	}{
		"nothing changed":                      {ResetFactors, func(*world) {}, true},
		"the user was removed":                 {ResetFactors, func(w *world) { w.target.Registration = Removed }, false},
		"the user has no factor left":          {ResetFactors, func(w *world) { w.target.Factors = nil }, false},
		"the user has enrolled another":        {ResetFactors, func(w *world) { w.target.Factors[0].EnrolledAt = noon.Add(1) }, false},
		"another answers, which is no matter":  {ResetFactors, func(w *world) { w.o.MainUserID = "usr_other" }, true},
		"whoever asked was blocked":            {ResetFactors, func(w *world) { w.asker.BlockedAt = &noon }, false},
		"whoever asked was removed":            {ResetFactors, func(w *world) { w.asker.Registration = Removed }, false},
		"whoever asked is no staff":            {ResetFactors, func(w *world) { w.asker.Role = SubUser }, false},
		"whoever approved was blocked":         {ResetFactors, func(w *world) { w.approver.BlockedAt = &noon }, false},
		"staff, and an agent asked":            {ResetFactors, func(w *world) { w.target.Role = Support }, false},
		"staff, and administrators asked":      {ResetFactors, func(w *world) { w.target.Role, w.asker.Role, w.approver.Role = Support, PortalAdmin, PortalAdmin }, true},
		"it is still active":                   {DeactivateTwoFactor, func(*world) {}, true},
		"it was undone meanwhile":              {DeactivateTwoFactor, func(w *world) { w.o.TwoFactorActivatedAt = nil }, false},
		"whoever was told answers no more":     {DeactivateTwoFactor, func(w *world) { w.o.MainUserID = "usr_other" }, false},
		"who is to take over is there":         {TransferOfMainUser, func(*world) {}, true},
		"who is to take over was blocked":      {TransferOfMainUser, func(w *world) { w.target.BlockedAt = &noon }, false},
		"who is to take over has already":      {TransferOfMainUser, func(w *world) { w.o.MainUserID = w.target.ID }, false},
		"an agent asked for another limit":     {ChangeAccountLimit, func(*world) {}, false},
		"an administrator asked":               {ChangeAccountLimit, func(w *world) { w.asker.Role = PortalAdmin }, true},
		"an administrator asked for none at 0": {ChangeAccountLimit, func(w *world) { w.asker.Role, w.action.AccountMaximum = PortalAdmin, new(int) }, false},
	} {
		w := world{
			action: SupportAction{Kind: row.kind, Concerned: "usr_main", RequestedAt: noon}, o: Organisation{MainUserID: "usr_main", TwoFactorActivatedAt: &noon},
			target: User{ID: "usr_target", Registration: Registered, Role: SubUser, Factors: []Factor{{EnrolledAt: noon}}},
			asker:  User{Registration: Registered, Role: Support}, approver: User{Registration: Registered, Role: Support},
		}
		row.change(&w)
		if got := w.action.Stands(w.o, w.target, w.asker, w.approver); got != row.stands {
			t.Errorf("%s: stands %t", sentence, got)
		}
	}
}

func TestAPortalWithFourEyesOrNoticeLetsNothingOfItBeDoneAtOnce(t *testing.T) {
	t.Parallel()
	for i, row := range []struct {
		policy SupportPolicy
		want   bool
	}{
		{SupportPolicy{}, true},
		{SupportPolicy{NoticePeriod: time.Hour}, true},
		{SupportPolicy{Notice: GuardedKinds}, true},
		{SupportPolicy{Notice: GuardedKinds, NoticePeriod: time.Hour}, false},
		{SupportPolicy{FourEyes: []SupportActionKind{ChangeAccountLimit}}, false},
		{SupportPolicy{FourEyes: []SupportActionKind{ResetFactors}}, true},
	} {
		if got := row.policy.AtOnce(ChangeAccountLimit); got != row.want {
			t.Errorf("row %d: at once %t", i, got)
		}
		refused(t, row.policy.CheckAtOnce(ChangeAccountLimit), map[bool]Code{true: "", false: SecondPersonRequired}[row.want])
	}
}

func TestEveryKindUnderNoticeIsAnnouncedByAMessageOfItsOwn(t *testing.T) {
	t.Parallel()
	seen := map[MessageKind]bool{}
	for _, kind := range AnnouncedKinds {
		if message := kind.Announcement(); seen[message] || !message.Announces() {
			t.Error(fmt.Sprint(kind, " has no announcement of its own"))
		} else {
			seen[message] = true
		}
	}
	if FactorsResetMessage.Announces() {
		t.Error("what is done is no announcement")
	}
}
