// Command with runs another command with a throw-away PostgreSQL to test
// against, which ends with it:
//
//	go run ./internal/testrig/postgres/with go test ./...
//
// So that all test binaries of a run share one server. Where TEST_POSTGRES_URL
// is set, that server is used. Without any PostgreSQL it says so, and runs the
// command all the same: the tests decide what that means.
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: with COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	os.Exit(run(os.Args[1], os.Args[2:]))
}

// run returns the command's exit code.
func run(name string, arguments []string) int {
	command := exec.Command(name, arguments...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
	command.Env = os.Environ()
	if url, err := postgres.Cluster(); err != nil {
		fmt.Fprintln(os.Stderr, "no PostgreSQL:", err)
	} else {
		command.Env = append(command.Env, postgres.Variable+"="+url)
	}
	err := command.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}
