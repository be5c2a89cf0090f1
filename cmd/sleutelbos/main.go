// Command sleutelbos is the server, and what an operator does on the command line. Each command is a file; main.go finds
// the one that is meant, house.go opens what several of them work with, help.go explains.
//
// It exits with 0 when all went well, 1 when something was refused or found wrong, and 2 when it was called wrongly. What
// a command was asked for goes to standard output; faults and logs go to standard error.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// shell is what a command has of its surroundings.
type shell struct {
	stdout, stderr io.Writer
	environ        []string
}

// command is something that the binary does.
type command struct {
	// name is one word or two.
	name string
	// summary is a line in the overview, arguments stand behind the name in the usage, and about explains.
	summary, arguments, about string
	// run declares its flags on the set, has them parsed (parse), and works.
	run func(ctx context.Context, sh shell, flags *flag.FlagSet, arguments []string) error
}

// commands are in the order in which people meet them.
func commands() []command {
	return []command{
		demoCommand, serveCommand, migrateCommand, portalCheckCommand, staffInviteCommand, tokenCreateCommand,
		auditVerifyCommand, keyCheckCommand, keyRotateCommand, versionCommand,
	}
}

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return execute(ctx, shell{os.Stdout, os.Stderr, os.Environ()}, os.Args[1:])
}

// errUsage says that the command was called wrongly and that the person was told.
var errUsage = errors.New("called wrongly")

// execute runs what the arguments name, and answers the exit code.
func execute(ctx context.Context, sh shell, arguments []string) int {
	if len(arguments) == 0 || isHelp(arguments[0]) {
		return explain(ctx, sh, arguments)
	}
	meant, rest, found := find(arguments)
	if !found {
		fmt.Fprintf(sh.stderr, "sleutelbos: there is no such command: «sleutelbos help» lists them\n")
		return 2
	}
	flags := newFlags(sh, meant)
	err := meant.run(ctx, sh, flags, rest)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, errUsage):
		return 2
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(sh.stderr, "sleutelbos: %s\n", strings.TrimSuffix(line, "\n"))
	}
	return 1
}

// find answers the command that the first word names, or the first two.
func find(arguments []string) (command, []string, bool) {
	for _, one := range commands() {
		words := strings.Fields(one.name)
		if len(arguments) >= len(words) && strings.Join(arguments[:len(words)], " ") == one.name {
			return one, arguments[len(words):], true
		}
	}
	return command{}, nil, false
}

// parse reads flags, and refuses arguments beyond the names.
func parse(flags *flag.FlagSet, arguments []string, names ...string) error {
	if err := flags.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return err
		}
		return errUsage // the set has told
	}
	if flags.NArg() != len(names) {
		wanted := "no arguments"
		if len(names) > 0 {
			wanted = strings.Join(names, " ")
		}
		return misused(flags, "%d arguments are given; wanted: %s", flags.NArg(), wanted)
	}
	return nil
}

// misused tells what is wrong with how a command was called.
func misused(flags *flag.FlagSet, format string, values ...any) error {
	fmt.Fprintf(flags.Output(), "%s: %s\n", flags.Name(), fmt.Sprintf(format, values...))
	flags.Usage()
	return errUsage
}

// require refuses flags that are empty.
func require(flags *flag.FlagSet, names ...string) error {
	for _, name := range names {
		if flags.Lookup(name).Value.String() == "" {
			return misused(flags, "--%s is missing", name)
		}
	}
	return nil
}
