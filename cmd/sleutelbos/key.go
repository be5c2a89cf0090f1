package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/config"
)

var keyCheckCommand = command{
	name: "key check", summary: "which sealing keys are needed, and what for",
	about: `
Prints a line for each key of SLEUTELBOS_SECRET_KEYS, the newest first, with how many values are under it and where. A key
that nothing is under can be taken out of the settings. It ends with 1 where something is under a key that isn't there.
Recovery codes are hashes that can't be made anew: their key stays until the codes are used, replaced or given up.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		return withKeys(ctx, sh, flags, arguments, func(p plan, h *house) error { return checkKeys(ctx, sh, p, h) })
	},
}

var keyRotateCommand = command{
	name: "key rotate", summary: "seal everything under the newest key",
	about: `
Seals anew what is under an older key, in small batches, while the servers go on. It can be broken off at any time and begun
again, and run several times at once. Every server must know the newest key before: see docs/operations.md. At the end it
prints what «key check» does.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		return withKeys(ctx, sh, flags, arguments, func(p plan, h *house) error {
			unopened := map[string]int{}
			err := h.app.RotateKeys(ctx, func(r app.Rotation) {
				fmt.Fprintf(sh.stderr, "%s: %d resealed\n", r.Column, r.Resealed)
				unopened[r.Column] = r.Unopened
			})
			if err != nil {
				return err
			}
			var damaged []error
			for column, values := range unopened {
				if values > 0 {
					damaged = append(damaged, fmt.Errorf("%s: %d values open under none of the keys, and were left as they are", column, values))
				}
			}
			return errors.Join(append(damaged, checkKeys(ctx, sh, p, h))...)
		})
	},
}

func withKeys(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string, work func(plan, *house) error) error {
	if err := parse(flags, arguments); err != nil {
		return err
	}
	p, err := readPlan(sh.environ, config.SecretKeys)
	if err != nil {
		return err
	}
	return p.use(ctx, func(h *house) error { return work(p, h) })
}

func checkKeys(ctx context.Context, sh shell, p plan, h *house) error {
	uses, err := h.app.KeysInUse(ctx)
	if err != nil {
		return err
	}
	known := p.SecretKeys.IDs()
	of := map[string][]string{}
	var missing []error
	for _, use := range uses {
		of[use.Key] = append(of[use.Key], fmt.Sprintf("%d in %s", use.Values, use.Place))
		if use.Key != "" && !slices.Contains(known, use.Key) {
			missing = append(missing, fmt.Errorf("key %s isn't in the settings: %d in %s", use.Key, use.Values, use.Place))
		}
	}
	for i, key := range known {
		fmt.Fprintf(sh.stdout, "%s: %s\n", key, describeKey(of[key], len(of[""]) > 0, i == 0))
	}
	if unknown := of[""]; len(unknown) > 0 {
		fmt.Fprintf(sh.stdout, "under a key that wasn't noted: %s\n", strings.Join(unknown, ", "))
	}
	return errors.Join(missing...)
}

// describeKey tells what a key is for; unnoted: there is something of which nobody knows whose it is.
func describeKey(uses []string, unnoted, newest bool) string {
	text := strings.Join(uses, ", ")
	switch {
	case newest && text == "":
		return "seals; nothing is under it yet"
	case newest:
		return "seals; " + text
	case text == "" && unnoted:
		return "nothing is known to be under it"
	case text == "":
		return "nothing is under it; it can be taken out of the settings"
	}
	return text
}
