package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/Khan/genqlient/graphql"
)

// Customer is what the administration knows of one.
type Customer struct {
	PolicyNumber string
	Name         string
	KVKNumber    string
	MainUser     Person
	Colleagues   []Person
}

// Person is somebody to invite, or to move over.
type Person struct{ Email, DisplayName string }

// administration is what the program does, one method for each thing.
type administration struct {
	client graphql.Client
	page   int
	out    io.Writer
}

// welcome may be run again and again for one customer, within a day: what was done isn't done twice.
func (a administration) welcome(ctx context.Context, customer Customer) error {
	organisation, err := a.create(ctx, customer)
	if err != nil {
		return fmt.Errorf("create the organisation of policy %s: %w", customer.PolicyNumber, err)
	}
	for _, person := range customer.Colleagues {
		if err := a.invite(ctx, organisation, person); err != nil {
			return fmt.Errorf("invite %s: %w", person.Email, err)
		}
	}
	if err := a.users(ctx, organisation); err != nil {
		return fmt.Errorf("list users: %w", err)
	}
	if err := a.audit(ctx, organisation); err != nil {
		return fmt.Errorf("read the audit log: %w", err)
	}
	return nil
}

// create makes the organisation, which invites its main user, and answers its id.
func (a administration) create(ctx context.Context, customer Customer) (string, error) {
	one := 1
	key := "organisation-of-" + customer.PolicyNumber
	answer, err := createOrganisation(ctx, a.client, CreateOrganisationInput{
		Name: customer.Name, AccountLimit: &one, PolicyNumbers: []string{customer.PolicyNumber},
		BusinessIdentities: []BusinessIdentityInput{{KvkNumber: customer.KVKNumber}},
		MainUser:           &MainUserInput{Email: customer.MainUser.Email, DisplayName: customer.MainUser.DisplayName},
		// The key comes from our own records and not from a die: after a crash it is the same, and so is the answer.
		IdempotencyKey: &key,
	})
	if err != nil {
		return "", err
	}
	if err := mendable(answer.CreateOrganisation.UserErrors); err != nil {
		return "", err
	}
	made := answer.CreateOrganisation.Organisation
	fmt.Fprintf(a.out, "organisation %s, %s, has policies %v\n", made.Name, made.Id, made.PolicyNumbers)
	return made.Id, nil
}

// invite invites a person, and makes room for them where there is none.
func (a administration) invite(ctx context.Context, organisation string, person Person) error {
	key := "invitation-" + organisation + "-" + person.Email
	input := InviteUserInput{
		OrganisationId: &organisation, Email: person.Email, DisplayName: person.DisplayName,
		Role: UserRoleSubUser, SignIn: InvitationSignInPassword, IdempotencyKey: &key,
	}
	answer, err := inviteUser(ctx, a.client, input)
	if err != nil {
		return err
	}
	problems := answer.InviteUser.UserErrors
	if slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == "ACCOUNT_LIMIT_REACHED" }) {
		fmt.Fprintf(a.out, "no room for %s: %s\n", person.DisplayName, problems[0].Code)
		if err := a.raise(ctx, organisation, 5); err != nil {
			return err
		}
		// A request that was refused may use its key again.
		if answer, err = inviteUser(ctx, a.client, input); err != nil {
			return err
		}
		problems = answer.InviteUser.UserErrors
	}
	if err := mendable(problems); err != nil {
		return err
	}
	fmt.Fprintf(a.out, "invitation to %s is %s\n", person.Email, answer.InviteUser.Invitation.Status)
	return nil
}

// raise sets the account limit. It takes no key: setting the same limit twice is setting it once.
func (a administration) raise(ctx context.Context, organisation string, maximum int) error {
	answer, err := setAccountLimit(ctx, a.client, organisation, maximum)
	if err != nil {
		return err
	}
	if err := mendable(answer.UpdateOrganisation.UserErrors); err != nil {
		return err
	}
	now := answer.UpdateOrganisation.Organisation.AccountLimit
	fmt.Fprintln(a.out, "now it has", limit(now.Used, now.Maximum))
	return nil
}

// users lists them, page by page: a cursor is opaque, and the last page says that it is the last.
func (a administration) users(ctx context.Context, organisation string) error {
	var after *string
	for {
		answer, err := listUsers(ctx, a.client, organisation, a.page, after)
		if err != nil {
			return err
		}
		if answer.Organisation == nil {
			return fmt.Errorf("organisation %s is gone, or not for us to see", organisation)
		}
		for _, user := range answer.Organisation.Users.Nodes {
			fmt.Fprintf(a.out, "user %s is %s, %s\n", user.DisplayName, user.Role, user.Status)
		}
		if !answer.Organisation.Users.PageInfo.HasNextPage {
			return nil
		}
		after = answer.Organisation.Users.PageInfo.EndCursor
	}
}

// audit tells what happened in the organisation, the latest first.
func (a administration) audit(ctx context.Context, organisation string) error {
	var after *string
	for {
		answer, err := readAudit(ctx, a.client, organisation, a.page, after)
		if err != nil {
			return err
		}
		if answer.Organisation == nil {
			return fmt.Errorf("organisation %s is gone, or not for us to see", organisation)
		}
		for _, event := range answer.Organisation.AuditEvents.Nodes {
			fmt.Fprintf(a.out, "event %d was %s\n", event.Sequence, event.Action)
		}
		if !answer.Organisation.AuditEvents.PageInfo.HasNextPage {
			return nil
		}
		after = answer.Organisation.AuditEvents.PageInfo.EndCursor
	}
}

func limit(used int, maximum *int) string {
	if maximum == nil {
		return fmt.Sprintf("%d accounts, without a limit", used)
	}
	return fmt.Sprintf("%d of %d accounts", used, *maximum)
}
