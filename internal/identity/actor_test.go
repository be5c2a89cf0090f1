package identity

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// managed says whom each kind of actor manages, in the order of roles: m(ain), s(uper), o(rdinary), (s)u(pport), a(dministrator).
var managed = []struct {
	kind  string
	actor Actor
	roles string
}{
	{"nobody yet", Actor{At: noon}, "-----"},
	{"a browser in a sign-in", Actor{At: noon, SignIn: &SignIn{}}, "-----"},
	{"a sub-user", as(SubUser), "-----"},
	{"a super sub-user", as(SuperSubUser), "--o--"},
	{"the main user", as(MainUser), "-so--"},
	{"a support agent", as(Support), "mso--"},
	{"a portal administrator", as(PortalAdmin), "msoua"},
	{"a partner", partner(UsersWrite), "mso--"},
	{"staff who was only named, not signed in", Actor{At: noon, User: as(PortalAdmin).User}, "-----"},
}

func TestWhoManagesWhom(t *testing.T) {
	t.Parallel()
	for _, row := range managed {
		for i, role := range roles {
			manages := row.roles[i] != '-'
			if got := row.actor.Manages(role); got != manages {
				t.Errorf("%s manages a %s: %t", row.kind, role, got)
			}
			want := Code("")
			if !manages {
				want = Forbidden
			}
			if got := codeOf(t, row.actor.CheckManage(User{ID: "usr_another", Role: role})); got != want {
				t.Errorf("%s changes a %s: %q, want %q", row.kind, role, got, want)
			}
		}
	}
}

func TestAMainUserMayChangeThemselves(t *testing.T) {
	t.Parallel()
	main := as(MainUser)
	if got := codeOf(t, main.CheckManage(*main.User)); got != "" {
		t.Errorf("%q", got)
	}
	super := as(SuperSubUser)
	if got := codeOf(t, super.CheckManage(*super.User)); got != Forbidden {
		t.Errorf("a super sub-user: %q", got)
	}
}

func TestWhoGrantsWhichRole(t *testing.T) {
	t.Parallel()
	customer, operator := Organisation{}, Organisation{IsOperator: true}
	for _, row := range managed {
		for i, role := range roles {
			for _, organisation := range []Organisation{customer, operator} {
				// Nobody becomes main user by being given a role, and staff belong to the operator and nobody else does.
				grants := row.roles[i] != '-' && role != MainUser && role.IsStaff() == organisation.IsOperator
				err := row.actor.CheckGrant(organisation, role)
				want := Code("")
				if !grants {
					want = RoleNotGrantable
				}
				if got := codeOf(t, err); got != want {
					t.Errorf("%s grants %s where the operator's is %t: %q, want %q", row.kind, role, organisation.IsOperator, got, want)
				}
			}
		}
	}
	if diff := cmp.Diff([]string{"input", "role"}, pathOf(as(SubUser).CheckGrant(customer, SubUser))); diff != "" {
		t.Error(diff)
	}
}

func TestHowFarAnActorsWorkReaches(t *testing.T) {
	t.Parallel()
	own := Actor{Portal: tvm(), Token: &APIToken{Organisation: "org_1"}}
	for _, row := range []struct {
		kind  string
		actor Actor
		want  Tenant
	}{
		{"nobody: nothing", Actor{Portal: tvm()}, Tenant{Portal: "tvm"}},
		{"a browser in a sign-in: nothing", Actor{Portal: tvm(), SignIn: &SignIn{Organisation: "org_1"}}, Tenant{Portal: "tvm"}},
		{"a sub-user: their organisation", as(SubUser), Tenant{Portal: "tvm", Organisation: "org_1"}},
		{"a super sub-user: their organisation", as(SuperSubUser), Tenant{Portal: "tvm", Organisation: "org_1"}},
		{"the main user: their organisation", as(MainUser), Tenant{Portal: "tvm", Organisation: "org_1"}},
		{"a support agent: the portal", as(Support), Tenant{Portal: "tvm", Organisation: WholePortal}},
		{"a portal administrator: the portal", as(PortalAdmin), Tenant{Portal: "tvm", Organisation: WholePortal}},
		{"an organisation's token: that organisation", own, Tenant{Portal: "tvm", Organisation: "org_1"}},
		{"a portal's token: the portal", partner(UsersRead), Tenant{Portal: "tvm", Organisation: WholePortal}},
		{"a token of nothing: nothing", Actor{Portal: tvm(), Token: &APIToken{}}, Tenant{Portal: "tvm"}},
		{"staff who was only named, not signed in: nothing", Actor{Portal: tvm(), User: as(Support).User}, Tenant{Portal: "tvm"}},
	} {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(row.want, row.actor.Tenant()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhoSeesWhom(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		kind                                   string
		actor                                  Actor
		themselves, others, staff, invitations bool
		tokens                                 bool
	}{
		{"nobody yet", Actor{}, false, false, false, false, false},
		{"a browser in a sign-in", Actor{SignIn: &SignIn{User: "usr_joost"}}, false, false, false, false, false},
		{"a sub-user", as(SubUser), true, false, false, false, false},
		{"a super sub-user", as(SuperSubUser), true, true, true, true, false},
		{"the main user", as(MainUser), true, true, true, true, true},
		{"a support agent", as(Support), true, true, true, true, false},
		{"a portal administrator", as(PortalAdmin), true, true, true, true, true},
		{"a partner that reads users", partner(UsersRead), true, true, false, true, false},
		{"a partner that doesn't", partner(AuditRead), true, true, false, false, false},
	} {
		t.Run(row.kind, func(t *testing.T) {
			t.Parallel()
			got := []bool{
				row.actor.Sees(User{ID: "usr_joost", Role: SubUser}), row.actor.Sees(User{ID: "usr_2", Role: SubUser}),
				row.actor.Sees(User{ID: "usr_3", Role: Support}), row.actor.SeesInvitations(), row.actor.SeesAPITokens(),
			}
			// A tenant's wall, not Sees, keeps customers from staff: they are in another organisation.
			want := []bool{row.themselves, row.others, row.staff, row.invitations, row.tokens}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("themselves, others, staff, invitations, tokens: %s", diff)
			}
		})
	}
}

func TestTheAuditLogNamesTheActor(t *testing.T) {
	t.Parallel()
	for want, actor := range map[ID]Actor{
		"": {}, "usr_joost": as(SubUser), "tok_1": partner(), "usr_7": {SignIn: &SignIn{User: "usr_7"}},
	} {
		if got := actor.ID(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAPageDrawsTheDoorsThatWouldOpen(t *testing.T) {
	t.Parallel()
	everything := ViewerPermissions{InviteUsers: true, ManageUsers: true, TransferMainUser: true, ReadAuditLog: true, UseSupportDesk: true}
	manager := ViewerPermissions{InviteUsers: true, ManageUsers: true}
	main := ViewerPermissions{InviteUsers: true, ManageUsers: true, ActivateTwoFactor: true, TransferMainUser: true, ReadAuditLog: true}
	for role, want := range map[UserRole]ViewerPermissions{
		SubUser: {}, SuperSubUser: manager, MainUser: main, Support: everything, PortalAdmin: everything,
	} {
		if diff := cmp.Diff(want, as(role).Viewer().Permissions); diff != "" {
			t.Errorf("%s: %s", role, diff)
		}
	}
	active, started := as(MainUser), as(MainUser)
	active.Organisation.TwoFactorActivatedAt = &yesterday
	started.Portal.TwoFactor.StartedBy = StartedByPortal
	if active.Viewer().Permissions.ActivateTwoFactor || started.Viewer().Permissions.ActivateTwoFactor {
		t.Error("an activation is offered that would be refused")
	}
	for kind, actor := range map[string]Actor{"nobody": {}, "a partner": partner(), "a sign-in": {SignIn: &SignIn{}}} {
		if actor.Viewer() != nil {
			t.Errorf("%s views themselves", kind)
		}
	}
}
