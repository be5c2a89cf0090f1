package identity

import "testing"

func TestABlockStandsInFrontOfTheRegistration(t *testing.T) {
	t.Parallel()
	for registration, want := range map[Registration][2]UserStatus{ // not blocked, blocked
		Invited: {StatusInvited, StatusBlocked}, ReRegistering: {StatusReRegistering, StatusBlocked},
		Registered: {StatusActive, StatusBlocked}, Removed: {StatusRemoved, StatusRemoved},
	} {
		got := [2]UserStatus{User{Registration: registration}.Status(), User{Registration: registration, BlockedAt: &noon}.Status()}
		if got != want {
			t.Errorf("%s: %v, want %v", registration, got, want)
		}
	}
}

func TestWhatCanBeDoneToAUser(t *testing.T) {
	t.Parallel()
	main, other := joost(), joost()
	main.ID, main.Role = "usr_main", MainUser
	with := func(u User, change func(*User)) User {
		change(&u)
		return u
	}
	block := func(u *User) { u.BlockedAt = &noon }
	state := func(r Registration) func(*User) { return func(u *User) { u.Registration = r } }
	for _, row := range []struct {
		sentence                           string
		user                               User
		remove, appoint, block, unblocking Code
	}{
		{"an active sub-user", other, "", "", "", WrongStatus},
		{"the main user stays", main, MainUserRequired, WrongStatus, MainUserRequired, WrongStatus},
		{"a main user is who the organisation says, whatever the role", with(main, func(u *User) { u.Role = SubUser }), MainUserRequired, WrongStatus, MainUserRequired, WrongStatus},
		{"a blocked sub-user", with(other, block), "", WrongStatus, WrongStatus, ""},
		{"an invited one", with(other, state(Invited)), "", WrongStatus, "", WrongStatus},
		{"one who registers again", with(other, state(ReRegistering)), "", WrongStatus, "", WrongStatus},
		{"one who was removed", with(other, state(Removed)), "", WrongStatus, "", WrongStatus},
		{"a main user blocked by other means can be unblocked", with(main, block), MainUserRequired, WrongStatus, MainUserRequired, ""},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			refused(t, row.user.CheckRemoval(transporter()), row.remove)
			refused(t, row.user.CheckTransfer(transporter()), row.appoint)
			refused(t, row.user.CheckBlock(transporter()), row.block)
			refused(t, row.user.CheckUnblock(), row.unblocking)
		})
	}
}

func TestWhoCanBeErased(t *testing.T) {
	t.Parallel()
	removed := User{ID: "usr_2", DisplayName: "Name", Registration: Removed}
	refused(t, removed.CheckErasure(Organisation{MainUserID: "usr_1"}), "")
	refused(t, removed.CheckErasure(Organisation{MainUserID: "usr_2"}), MainUserRequired)
	for _, registration := range []Registration{Invited, ReRegistering, Registered} {
		refused(t, User{ID: "usr_2", Registration: registration}.CheckErasure(Organisation{MainUserID: "usr_1"}), WrongStatus)
	}
	if removed.IsErased() || !(User{Registration: Removed}).IsErased() || (User{Registration: Registered}).IsErased() {
		t.Error("whoever was removed and has no name was erased, and nobody else")
	}
}

func TestOnlyStaffRolesAreStaff(t *testing.T) {
	t.Parallel()
	for _, role := range append(roles, "", "OTHER") {
		if role.IsStaff() != (role == Support || role == PortalAdmin) {
			t.Error(role)
		}
	}
}

func TestAUserIsEnrolledByAnyFactorEvenADisabledOne(t *testing.T) {
	t.Parallel()
	disabled := enrolled(joost())
	disabled.Factors[0].DisabledAt = &noon
	if joost().IsEnrolled() || !enrolled(joost()).IsEnrolled() || !disabled.IsEnrolled() {
		t.Error("enrolled or not")
	}
}

func TestAPrivateCustomerIsBlockedAsAnybodyIs(t *testing.T) {
	t.Parallel()
	main := User{ID: "usr_1", Registration: Registered}
	refused(t, main.CheckBlock(Organisation{MainUserID: "usr_1", IsPrivate: true}), "")
	refused(t, main.CheckRemoval(Organisation{MainUserID: "usr_1", IsPrivate: true}), MainUserRequired)
}
