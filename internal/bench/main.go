package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run is the bench itself, or, named by the first argument, a process that it started.
func run(ctx context.Context, arguments []string) error {
	if len(arguments) > 0 {
		switch arguments[0] {
		case "product":
			return serveProduct(ctx, arguments[1:])
		case "floor":
			return serveFloor(ctx, arguments[1:])
		}
	}
	settings, err := parse(arguments)
	if err != nil {
		return err
	}
	return measure(ctx, settings)
}

// settings are what the flags say.
type settings struct {
	only      []string
	databases []string
	rounds    int
	length    time.Duration
	postgres  string
	profile   string
	large     int
}

func parse(arguments []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	only := flags.String("only", "", "measure only these, by name, with commas: "+strings.Join(names(), ","))
	databases := flags.String("db", "both", "postgres, sqlite or both")
	flags.IntVar(&s.rounds, "rounds", 5, "how many pairs of rounds")
	flags.DurationVar(&s.length, "length", 3*time.Second, "how long a round takes")
	flags.StringVar(&s.postgres, "postgres", "", "URL of a PostgreSQL superuser; empty: a cluster of its own, with durable settings")
	flags.StringVar(&s.profile, "profile", "", "folder for CPU profiles of the product, taken while it is measured")
	flags.IntVar(&s.large, "large", 1_000_000, "users of the large database that growth is measured on")
	if err := flags.Parse(arguments); err != nil {
		return s, fmt.Errorf("read flags: %w", err)
	}
	switch *databases {
	case "both":
		s.databases = []string{postgresql, sqlite3}
	case postgresql, sqlite3:
		s.databases = []string{*databases}
	default:
		return s, errors.New("-db is postgres, sqlite or both")
	}
	s.only = strings.FieldsFunc(*only, func(r rune) bool { return r == ',' })
	for _, name := range s.only {
		if !known(name) {
			return s, fmt.Errorf("-only knows no %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	return s, nil
}

func (s settings) measures(database string) bool { return slices.Contains(s.databases, database) }

func (s settings) wants(name string) bool { return len(s.only) == 0 || slices.Contains(s.only, name) }
