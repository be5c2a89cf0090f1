package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// wordRow is a word of a name. It is kept in step with the name by whatever saves that.
type wordRow struct {
	bun.BaseModel `bun:"table:name_words,alias:w"`
	tenancy
	// UserID is whose name it is in; "": the organisation's own.
	UserID identity.ID `bun:"user_id,pk"`
	Word   string      `bun:"word,pk"`
}

// wordsOf are those by which a user is found. Removed users aren't found.
func wordsOf(u identity.User) []string {
	if u.Registration == identity.Removed {
		return nil
	}
	return identity.NameWords(u.DisplayName)
}

// wordsOfOrganisation are those by which its users are found. Nobody of a removed one is.
func wordsOfOrganisation(o identity.Organisation) []string {
	if o.RemovedAt != nil {
		return nil
	}
	return identity.NameWords(o.Name)
}

func wordRowsOf(of tenancy, user identity.ID, words []string) []*wordRow {
	rows := make([]*wordRow, len(words))
	for i, word := range words {
		rows[i] = &wordRow{tenancy: of, UserID: user, Word: plain(word)}
	}
	return rows
}

// saveWords makes the words of a name those given. It comes behind the statement that saves the name, which keeps others
// who save the same one waiting.
func (s *Scope) saveWords(ctx context.Context, of tenancy, user identity.ID, words []string) error {
	var before []string
	err := s.selectRows((*wordRow)(nil)).Column("word").
		Where("w.organisation_id = ? AND w.user_id = ?", of.OrganisationID, user).Scan(ctx, &before)
	if err != nil {
		return fmt.Errorf("load the words of a name: %w", err)
	}
	known := func(words []string) func(string) bool {
		return func(word string) bool { return slices.Contains(words, word) }
	}
	if gone := slices.DeleteFunc(slices.Clone(before), known(words)); len(gone) > 0 {
		_, err := s.deleteRows((*wordRow)(nil)).
			Where("w.organisation_id = ? AND w.user_id = ? AND w.word IN (?)", of.OrganisationID, user, bun.List(gone)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("remove words of a name: %w", err)
		}
	}
	return insert(ctx, s, wordRowsOf(of, user, slices.DeleteFunc(slices.Clone(words), known(before)))...)
}

// namedRow is a name that was saved before its words were kept.
type namedRow struct {
	Portal         string      `bun:"portal"`
	OrganisationID identity.ID `bun:"organisation_id"`
	UserID         identity.ID `bun:"user_id"`
	Name           string      `bun:"name"`
}

// fillWords gives names the words that weren't kept before. It is part of the migration that makes their table.
func fillWords(ctx context.Context, tx bun.IDB) error {
	for _, names := range []string{
		"SELECT o.portal, o.organisation_id, '' AS user_id, o.name FROM organisations AS o WHERE (o.portal, o.organisation_id, '') > (?, ?, ?)",
		"SELECT u.portal, u.organisation_id, u.id AS user_id, u.display_name AS name FROM users AS u WHERE NOT u.removed AND (u.portal, u.organisation_id, u.id) > (?, ?, ?)",
	} {
		var last namedRow
		for {
			var part []namedRow
			err := tx.NewRaw(names+" ORDER BY 1, 2, 3 LIMIT 500", last.Portal, last.OrganisationID, last.UserID).Scan(ctx, &part)
			if err != nil {
				return fmt.Errorf("read names: %w", err)
			}
			if len(part) == 0 {
				break
			}
			if err := addWords(ctx, tx, part); err != nil {
				return err
			}
			last = part[len(part)-1]
		}
	}
	return nil
}

func addWords(ctx context.Context, tx bun.IDB, names []namedRow) error {
	var rows []*wordRow
	for _, n := range names {
		rows = append(rows, wordRowsOf(tenancy{n.Portal, n.OrganisationID}, n.UserID, identity.NameWords(n.Name))...)
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return fmt.Errorf("add words of names: %w", err)
	}
	return nil
}
