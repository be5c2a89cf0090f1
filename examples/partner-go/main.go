// Partner-go is a policy administration that talks to Sleutelbos. README.md says how to run it; each file is a thing to copy:
//
//   - administration.go: a new customer gets an organisation and its people, and lists are read page by page
//   - move.go: many people are moved over at once, and what was refused is told
//   - receiver.go: webhooks are checked, kept, and handled once
//   - sender.go: how a request gets there in spite of networks and quotas
//   - problem.go: the two ways in which something can be refused
//   - operations.graphql: what it asks; generated.go is what genqlient made of that
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/Khan/genqlient/graphql"
)

//go:generate go tool genqlient

const usage = `usage: partner-go welcome [--page 100] customer.json
       partner-go move [--page 200] --organisation org_… --key move-2026 people.json
       partner-go subscribe https://receiver.example/hook
       partner-go listen [--address 127.0.0.1:8090] [--journal events.jsonl]
SLEUTELBOS_URL and SLEUTELBOS_TOKEN say where the portal is and who asks; listen needs SLEUTELBOS_WEBHOOK_SECRET alone`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "partner-go:", explain(err))
		os.Exit(1)
	}
}

// options are what stands behind the command's name.
type options struct {
	page                                int
	organisation, key, address, journal string
	file                                string
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	if len(arguments) == 0 {
		return errors.New(usage)
	}
	var o options
	flags := flag.NewFlagSet("partner-go", flag.ContinueOnError)
	flags.IntVar(&o.page, "page", 100, "how many items of a list, or rows of an import, go into one request: 1 to 200")
	flags.StringVar(&o.organisation, "organisation", "", "the id of the organisation that people are moved to")
	flags.StringVar(&o.key, "key", "", "what to call the import; the same one goes on with it")
	flags.StringVar(&o.address, "address", "127.0.0.1:8090", "where to listen for webhooks")
	flags.StringVar(&o.journal, "journal", "events.jsonl", "the file in which events are kept")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	o.file = flags.Arg(0)
	if arguments[0] == "listen" {
		return listen(ctx, o, os.Getenv("SLEUTELBOS_WEBHOOK_SECRET"), out)
	}
	url, token := os.Getenv("SLEUTELBOS_URL"), os.Getenv("SLEUTELBOS_TOKEN")
	if url == "" || token == "" || o.file == "" {
		return errors.New(usage)
	}
	sender := &Sender{Client: &http.Client{Timeout: 30 * time.Second}, Token: token}
	return ask(ctx, arguments[0], administration{graphql.NewClient(url, sender), o.page, out}, o)
}

func ask(ctx context.Context, command string, a administration, o options) error {
	switch command {
	case "welcome":
		var customer Customer
		if err := read(o.file, &customer); err != nil {
			return err
		}
		return a.welcome(ctx, customer)
	case "move":
		var people []Person
		if o.organisation == "" || o.key == "" {
			return errors.New(usage)
		}
		if err := read(o.file, &people); err != nil {
			return err
		}
		return a.move(ctx, o.key, o.organisation, people)
	case "subscribe":
		return a.subscribe(ctx, o.file)
	}
	return errors.New(usage)
}

func read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	return nil
}
