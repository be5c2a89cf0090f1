package main

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// untilSettled is how long to wait before asking again how an import stands.
const untilSettled = time.Second

// move moves people over, and tells of those who were refused. Broken off, it is run again as it is: a person has the number of
// their place in the file, and what came under a number before isn't done again.
func (a administration) move(ctx context.Context, key, organisation string, people []Person) error {
	id, sent := "", 0
	for part := range slices.Chunk(people, a.page) {
		rows := make([]ImportUserInput, len(part))
		for i, person := range part {
			rows[i] = ImportUserInput{
				Number: sent + i + 1, OrganisationId: &organisation, Email: person.Email, DisplayName: person.DisplayName, Role: UserRoleSubUser,
			}
		}
		answer, err := importUsers(ctx, a.client, ImportUsersInput{Key: key, Rows: rows, SendInvitations: true})
		if err != nil {
			return fmt.Errorf("send the rows from %d on: %w", sent+1, err)
		}
		if err := mendable(answer.ImportUsers.UserErrors); err != nil {
			return fmt.Errorf("send the rows from %d on: %w", sent+1, err)
		}
		id, sent = answer.ImportUsers.Import.Id, sent+len(part)
		fmt.Fprintf(a.out, "%d of %d rows are there\n", sent, len(people))
	}
	if id == "" {
		return nil
	}
	return a.report(ctx, id, people)
}

// report waits until every row had its turn, and tells why some were refused.
func (a administration) report(ctx context.Context, id string, people []Person) error {
	var after *string
	for {
		answer, err := readImport(ctx, a.client, id, a.page, after)
		if err != nil {
			return fmt.Errorf("read the report: %w", err)
		}
		found := answer.Import
		if found == nil {
			return fmt.Errorf("import %s is gone: its report is kept for thirty days", id)
		}
		if found.State == ImportStateRunning {
			if err := wait(ctx, untilSettled); err != nil {
				return err
			}
			continue
		}
		if after == nil {
			fmt.Fprintf(a.out, "%d were moved, %d refused\n", found.Done, found.Failed)
		}
		for _, row := range found.Rows.Nodes {
			fmt.Fprintf(a.out, "row %d (%s): %v\n", row.Number, people[row.Number-1].Email, row.UserErrors[0].Code)
		}
		if !found.Rows.PageInfo.HasNextPage {
			return nil
		}
		after = found.Rows.PageInfo.EndCursor
	}
}
