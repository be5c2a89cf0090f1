package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/sleutelbos/sleutelbos/internal/app"
	"github.com/sleutelbos/sleutelbos/internal/identity"
)

var tokenCreateCommand = command{
	name: "token create", summary: "let a partner's program in", arguments: "--portal P --name N --scopes A,B [--expires 90d] [--networks C,D] [--organisations O,P]",
	about: `
Makes an API token for a whole portal, or for the organisations named, and prints it, alone, on standard output. It is shown
this once: the database has its hash.`,
	run: func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error {
		slug := flags.String("portal", "", "the portal's name in paths")
		name := flags.String("name", "", "what the token is for, as people will read it in lists")
		scopes := flags.String("scopes", "", "what it may do, with commas between: "+joined(identity.APIScopes))
		expires := flags.String("expires", "", "how long it works, such as 90d or 12h; left out: until it is revoked")
		networks := flags.String("networks", "", "from where alone it works, as CIDRs or addresses with commas between; left out: from everywhere")
		organisations := flags.String("organisations", "", "for which organisations' ids, with commas between; left out: for the whole portal")
		if err := parse(flags, arguments); err != nil {
			return err
		}
		if err := require(flags, "portal", "name", "scopes"); err != nil {
			return err
		}
		wanted := app.NewAPIToken{Name: *name, Networks: listed[string](*networks), Organisations: listed[identity.ID](*organisations)}
		var wrong faults
		wanted.Scopes = wrong.scopes(*scopes)
		lifetime := wrong.lifetime(*expires)
		wrong.each("--networks", "CIDRs that begin where their bits say, or addresses", wanted.Networks, func(text string) bool {
			_, err := identity.ParseNetworks([]string{text})
			return err == nil
		})
		wrong.each("--organisations", "ids of organisations, which begin with org_", listed[string](*organisations), func(text string) bool {
			return identity.ID(text).Kind() == identity.KindOrganisation
		})
		if len(wrong) > 0 {
			return misused(flags, "%s", strings.Join(wrong, "; "))
		}
		return createToken(ctx, sh, *slug, lifetime, wanted)
	},
}

func createToken(ctx context.Context, sh shell, slug string, lifetime *time.Duration, wanted app.NewAPIToken) error {
	p, err := readPlan(sh.environ)
	if err != nil {
		return err
	}
	portal, err := pick(p.portals, slug)
	if err != nil {
		return err
	}
	return p.use(ctx, func(h *house) error {
		issued, err := h.app.IssueAPIToken(ctx, portal, wanted, lifetime)
		if err != nil {
			return fmt.Errorf("make a token: %w", err)
		}
		fmt.Fprintf(sh.stderr, "%s for portal %s; it is shown this once\n", issued.Token.ID, portal.Slug)
		fmt.Fprintln(sh.stdout, issued.Shown)
		return nil
	})
}

// faults is what is wrong with what was typed, all of it.
type faults []string

func (f *faults) add(format string, values ...any) { *f = append(*f, fmt.Sprintf(format, values...)) }

func (f *faults) scopes(text string) (all []identity.APIScope) {
	for word := range strings.SplitSeq(text, ",") {
		scope, err := identity.ParseAPIScope(strings.TrimSpace(word))
		if err != nil {
			f.add("--scopes has something else than: %s", joined(identity.APIScopes))
			return nil
		}
		all = append(all, scope)
	}
	return all
}

func (f *faults) lifetime(text string) *time.Duration {
	lifetime, err := parseLifetime(text)
	if err != nil {
		f.add("--expires is %q; allowed: a number of days or hours, such as 90d or 12h", text)
	}
	return lifetime
}

// each names those words of a flag that are none of what is allowed.
func (f *faults) each(flag, allowed string, words []string, fits func(string) bool) {
	wrong := ""
	for _, word := range words {
		if !fits(word) {
			wrong += fmt.Sprintf(", %q", word)
		}
	}
	if wrong != "" {
		f.add("%s has %s; allowed: %s", flag, wrong[len(", "):], allowed)
	}
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

// listed reads words with commas between; none where there is nothing.
func listed[T ~string](text string) (words []T) {
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, T(word))
		}
	}
	return words
}

func joined[T ~string](words []T) string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = string(word)
	}
	return strings.Join(all, ", ")
}
