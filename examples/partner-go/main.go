// Partner-go is a policy administration that talks to Sleutelbos: a new customer took out a policy, so it makes their
// organisation in the portal, invites their people, and reads back who there is and what happened.
//
//	SLEUTELBOS_URL=http://localhost:8080/portals/interpolis/graphql SLEUTELBOS_TOKEN=… go run . ../customer.json
//
// Copy it: operations.graphql is what it asks, generated.go is what genqlient made of that, sender.go is how a request
// gets there in spite of networks and quotas, and problem.go is the two ways in which something can be refused.
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
	"time"

	"github.com/Khan/genqlient/graphql"
)

//go:generate go tool genqlient

// Customer is what the administration knows of one.
type Customer struct {
	PolicyNumber string
	Name         string
	KVKNumber    string
	MainUser     Person
	Colleagues   []Person
}

// Person is somebody to invite.
type Person struct{ Email, DisplayName string }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "partner-go:", explain(err))
		os.Exit(1)
	}
}

func run(ctx context.Context, arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("partner-go", flag.ContinueOnError)
	page := flags.Int("page", 100, "how many items of a list to ask for at a time, 1 to 200")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	url, token := os.Getenv("SLEUTELBOS_URL"), os.Getenv("SLEUTELBOS_TOKEN")
	if url == "" || token == "" || flags.NArg() != 1 {
		return errors.New("usage: SLEUTELBOS_URL=… SLEUTELBOS_TOKEN=… partner-go [--page 100] customer.json")
	}
	customer, err := read(flags.Arg(0))
	if err != nil {
		return err
	}
	sender := &Sender{Client: &http.Client{Timeout: 30 * time.Second}, Token: token}
	return administration{graphql.NewClient(url, sender), *page, out}.welcome(ctx, customer)
}

func read(file string) (customer Customer, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return customer, err
	}
	if err := json.Unmarshal(text, &customer); err != nil {
		return customer, fmt.Errorf("read %s: %w", file, err)
	}
	return customer, nil
}
