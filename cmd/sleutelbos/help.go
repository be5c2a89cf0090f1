package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

func isHelp(word string) bool {
	return word == "help" || word == "-h" || word == "-help" || word == "--help"
}

// explain tells what there is, or all about one command.
func explain(ctx context.Context, sh shell, arguments []string) int {
	if len(arguments) > 1 {
		meant, _, found := find(arguments[1:])
		if !found {
			fmt.Fprintf(sh.stderr, "sleutelbos: there is no such command: «sleutelbos help» lists them\n")
			return 2
		}
		flags := newFlags(shell{stderr: sh.stdout}, meant)
		_ = meant.run(ctx, sh, flags, []string{"--help"}) // says that help was told
		return 0
	}
	overview(sh.stdout)
	return 0
}

func overview(w io.Writer) {
	fmt.Fprint(w, "Sleutelbos says who somebody is, and how sure it is, for the customer portals of several companies.\n\n")
	for _, one := range commands() {
		fmt.Fprintf(w, "  sleutelbos %-14s %s\n", one.name, one.summary)
	}
	fmt.Fprint(w, `
Begin with «sleutelbos demo»: it needs nothing and leaves nothing behind.
«sleutelbos help COMMAND» explains a command and its flags.
Settings come from the environment; .env.example explains each of them.
`)
}

// newFlags makes the flags of a command, whose help says all about it.
func newFlags(sh shell, of command) *flag.FlagSet {
	flags := flag.NewFlagSet("sleutelbos "+of.name, flag.ContinueOnError)
	flags.SetOutput(sh.stderr)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "usage: sleutelbos %s\n\n%s\n", strings.TrimSpace(of.name+" "+of.arguments), strings.TrimSpace(of.about))
		first := true
		flags.VisitAll(func(one *flag.Flag) {
			if first {
				fmt.Fprintln(flags.Output())
				first = false
			}
			fmt.Fprintf(flags.Output(), "  --%-18s %s\n", one.Name, one.Usage)
		})
	}
	return flags
}
