package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var tokenCreateCommand = command{
	name: "token create", summary: "let a partner's program in", arguments: "--portal P --name N --scopes A,B [--expires 90d]",
	about: `
Makes an API token for a whole portal and prints it, alone, on standard output. It is shown this once: the database has
its hash.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		slug := flags.String("portal", "", "the portal's name in paths")
		name := flags.String("name", "", "what the token is for, as people will read it in lists")
		scopes := flags.String("scopes", "", "what it may do, with commas between: "+joined(identity.APIScopes))
		expires := flags.String("expires", "", "how long it works, such as 90d or 12h; left out: until it is revoked")
		if err := parse(flags, arguments); err != nil {
			return err
		}
		if err := require(flags, "portal", "name", "scopes"); err != nil {
			return err
		}
		wanted, err := parseScopes(*scopes)
		if err != nil {
			return misused(flags, "--scopes has something else than: %s", joined(identity.APIScopes))
		}
		lifetime, err := parseLifetime(*expires)
		if err != nil {
			return misused(flags, "--expires is %q; allowed: a number of days or hours, such as 90d or 12h", *expires)
		}
		return createToken(ctx, sh, *slug, *name, wanted, lifetime)
	},
}

func createToken(ctx context.Context, sh shell, slug, name string, scopes []identity.APIScope, lifetime *time.Duration) error {
	p, err := readPlan(sh.environ)
	if err != nil {
		return err
	}
	portal, err := pick(p.portals, slug)
	if err != nil {
		return err
	}
	return p.use(ctx, func(h *house) error {
		shown, token, err := h.app.IssueAPIToken(ctx, portal, name, scopes, lifetime)
		if err != nil {
			return fmt.Errorf("make a token: %w", err)
		}
		fmt.Fprintf(sh.stderr, "%s for portal %s; it is shown this once\n", token.ID, portal.Slug)
		fmt.Fprintln(sh.stdout, shown.Reveal())
		return nil
	})
}

func parseScopes(text string) ([]identity.APIScope, error) {
	var all []identity.APIScope
	for _, word := range strings.Split(text, ",") {
		scope, err := identity.ParseAPIScope(strings.TrimSpace(word))
		if err != nil {
			return nil, err
		}
		all = append(all, scope)
	}
	return all, nil
}

// parseLifetime reads days and hours; nil for no end.
func parseLifetime(text string) (*time.Duration, error) {
	if text == "" {
		return nil, nil
	}
	number, unit := text[:len(text)-1], map[byte]time.Duration{'d': 24 * time.Hour, 'h': time.Hour}[text[len(text)-1]]
	count, err := strconv.ParseUint(number, 10, 16)
	if err != nil || count == 0 || unit == 0 {
		return nil, fmt.Errorf("read lifetime: not a number of days or hours")
	}
	lifetime := time.Duration(count) * unit
	return &lifetime, nil
}

func joined[T ~string](words []T) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return strings.Join(all, ", ")
}
