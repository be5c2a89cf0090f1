package identity

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// four are the users on the preview of tvm's guide.
func four() []ActivationCandidate {
	return []ActivationCandidate{
		{ID: "usr_1", Email: "gewonesub31@tvm.test"},
		{ID: "usr_2", Email: "joost@tvm.test"},
		{ID: "usr_3", Email: "supersub41@tvm.test"},
		{ID: "usr_4", Email: "marten_1995@live.test"},
	}
}

func preview(change ...func([]ActivationCandidate)) ActivationPreview {
	candidates := four()
	for _, change := range change {
		change(candidates)
	}
	return PreviewActivation(tvm(), transporter(), candidates)
}

func TestAPreviewTellsWhatWouldHappen(t *testing.T) {
	t.Parallel()
	got := preview()
	if got.UserCount != 4 || !got.IsIrreversible || len(got.Blockers) > 0 || got.Organisation.ID != "org_1" || got.Token == "" {
		t.Errorf("%+v", got)
	}
	portal := tvm()
	portal.TwoFactor.Irreversible = false
	if PreviewActivation(portal, transporter(), four()).IsIrreversible {
		t.Error("it says that it can't be undone where it can")
	}
}

func TestConfirmingActivatesExactlyThePreviewedSet(t *testing.T) {
	t.Parallel()
	before := preview().Token
	other := transporter()
	other.ID = "org_2"
	for _, row := range []struct {
		sentence string
		now      ActivationPreview
		want     Code
	}{
		{"the same users", preview(), ""},
		{"in another order", preview(slices.Reverse[[]ActivationCandidate]), ""},
		{"with an address in other letters of the same case-blind mailbox", preview(func(c []ActivationCandidate) { c[1].Email = "Joost@TVM.test" }), ""},
		{"with one of them blocked meanwhile", preview(func(c []ActivationCandidate) { c[1].IsBlocked = true }), ""},
		{"with another address", preview(func(c []ActivationCandidate) { c[1].Email = "joost@live.test" }), PreviewOutdated},
		{"with two addresses swapped", preview(func(c []ActivationCandidate) { c[0].Email, c[1].Email = c[1].Email, c[0].Email }), PreviewOutdated},
		{"with one in the place of another", preview(func(c []ActivationCandidate) { c[1].ID = "usr_5" }), PreviewOutdated},
		{"with one who came", PreviewActivation(tvm(), transporter(), append(four(), ActivationCandidate{ID: "usr_5", Email: "new@tvm.test"})), PreviewOutdated},
		{"with one who went", PreviewActivation(tvm(), transporter(), four()[:3]), PreviewOutdated},
		{"with nobody", PreviewActivation(tvm(), transporter(), nil), PreviewOutdated},
		{"of another organisation", PreviewActivation(tvm(), other, four()), PreviewOutdated},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			err := row.now.Activate(before)
			refused(t, err, row.want)
			if same := row.now.Token == before; same != (row.want == "") {
				t.Errorf("the token is the same: %t", same)
			}
			if row.want == PreviewOutdated && !slices.Equal(pathOf(err), []string{"input", "previewToken"}) {
				t.Errorf("points at %v", pathOf(err))
			}
		})
	}
}

func TestATokenDoesNotRunTogetherWhatItIsMadeOf(t *testing.T) {
	t.Parallel()
	one := PreviewActivation(tvm(), transporter(), []ActivationCandidate{{ID: "usr_1", Email: "2@a.test"}})
	two := PreviewActivation(tvm(), transporter(), []ActivationCandidate{{ID: "usr_12", Email: "@a.test"}})
	if one.Token == two.Token {
		t.Error("two sets, one token")
	}
}

func TestAPreviewLeavesTheListAsItWas(t *testing.T) {
	t.Parallel()
	list := four()
	slices.Reverse(list)
	want := slices.Clone(list)
	PreviewActivation(tvm(), transporter(), list)
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

func TestAnActivationIsBlockedByWhomItWouldLockOut(t *testing.T) {
	t.Parallel()
	got := preview(func(c []ActivationCandidate) {
		c[0].Email = ""
		c[1].EmailRefused = true
		c[2].Email, c[2].IsBlocked = "", true // gets no mail anyway before they are unblocked
		c[3].EmailRefused, c[3].IsBlocked = true, true
	})
	want := []*Error{
		Refuse(ActivationWouldLockOut, "users", "usr_1"), Refuse(ActivationWouldLockOut, "users", "usr_2"),
	}
	if diff := cmp.Diff(want, got.Blockers); diff != "" {
		t.Error(diff)
	}
	refused(t, got.Activate(got.Token), ActivationWouldLockOut)
}

func TestTheTruestRefusalOfAnActivationComesFirst(t *testing.T) {
	t.Parallel()
	active, byPortal, without := transporter(), tvm(), tvm()
	active.TwoFactorActivatedAt = &yesterday
	byPortal.TwoFactor.StartedBy = StartedByPortal
	without.Factors.Kinds = nil
	unreachable := []ActivationCandidate{{ID: "usr_1"}}
	for _, row := range []struct {
		sentence     string
		portal       Portal
		organisation Organisation
		token        string
		want         Code
	}{
		{"a second confirmation of the same page hears that it is active already", tvm(), active, "", AlreadyActive},
		{"even with an outdated preview", tvm(), active, "outdated", AlreadyActive},
		{"even where the portal starts it", byPortal, active, "", AlreadyActive},
		{"where the portal starts it, it isn't the main user's to start", byPortal, transporter(), "", ActivationNotOffered},
		{"whatever the preview", byPortal, transporter(), "outdated", ActivationNotOffered},
		{"an outdated preview must be looked at again before anything of it counts", without, transporter(), "outdated", PreviewOutdated},
		{"a portal without factors can't", without, transporter(), "", FactorNotOffered},
		{"somebody would be locked out", tvm(), transporter(), "", ActivationWouldLockOut},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			preview := PreviewActivation(row.portal, row.organisation, unreachable)
			if row.token == "" {
				row.token = preview.Token
			}
			refused(t, preview.Activate(row.token), row.want)
		})
	}
}

func TestAnActivationAppliesToTheRegistered(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(UserFilter{Registration: pointer(Registered)}, AffectedByActivation()); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyWhatIsActiveCanBeUndone(t *testing.T) {
	t.Parallel()
	active := transporter()
	active.TwoFactorActivatedAt = &yesterday
	refused(t, CheckDeactivation(transporter()), NotActive)
	refused(t, CheckDeactivation(active), "")
}
