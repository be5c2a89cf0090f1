package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience is how long a cluster may take to answer its first connection.
const patience = time.Minute

// settings trade durability, which a throw-away cluster doesn't need, for
// speed. Tests run in parallel and each opens pools of its own: hence 400
// connections. Autovacuum is off so that nothing but tests uses the machine.
var settings = map[string]string{
	"autovacuum":              "off",
	"fsync":                   "off",
	"full_page_writes":        "off",
	"jit":                     "off",
	"listen_addresses":        "127.0.0.1",
	"max_connections":         "400",
	"max_wal_senders":         "0",
	"max_wal_size":            "128MB",
	"min_wal_size":            "32MB",
	"shared_buffers":          "64MB",
	"synchronous_commit":      "off",
	"timezone":                "UTC",
	"unix_socket_directories": "",
	"wal_level":               "minimal",
}

// durable is what such a cluster is set to instead where it is measured: what is
// committed is on the disk, and pages are whole, as in production.
var durable = map[string]string{
	"autovacuum":         "on",
	"fsync":              "on",
	"full_page_writes":   "on",
	"max_connections":    "100",
	"max_wal_size":       "4GB",
	"shared_buffers":     "256MB",
	"synchronous_commit": "on",
}

// watchdog runs the server for as long as its standard input, a pipe held by
// the test process, stays open: a process that dies, by whatever signal,
// closes it. It then ends the server and removes the folder.
const watchdog = `
folder=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r never <&3; kill -QUIT $server; } &
wait $server
kill $! 2>/dev/null
rm -rf "$folder"
`

// start makes a cluster on a free loopback port that lives as long as this
// process, and returns its superuser's URL once it answers. Anyone on this
// machine may connect to it: it holds nothing but test data. It lives below the
// parent folder ("" for that of temporary files).
func start(parent string, settings map[string]string) (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(parent, "sleutelbos-postgres-")
	if err != nil {
		return "", fmt.Errorf("make the cluster's folder: %w", err)
	}
	url, err := startIn(folder, bin, settings)
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	return url, nil
}

func startIn(folder, bin string, settings map[string]string) (string, error) {
	servant, err := servant()
	if err != nil {
		return "", err
	}
	if err := handOver(folder, servant); err != nil {
		return "", err
	}
	data := filepath.Join(folder, "data")
	if err := initialise(bin, data, servant); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	log := filepath.Join(folder, "log")
	ended, err := launch(folder, log, servant, serverCommand(bin, data, port, settings))
	if err != nil {
		return "", err
	}
	url := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
	if err := await(url, ended); err != nil {
		said, _ := os.ReadFile(log)
		return "", fmt.Errorf("start PostgreSQL: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return url, nil
}

func initialise(bin, data string, servant *syscall.Credential) error {
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata="+data, "--username=postgres",
		"--auth=trust", "--encoding=UTF8", "--locale="+locale, "--no-sync", "--no-instructions")
	initdb.Dir = filepath.Dir(data)
	initdb.SysProcAttr = apart(servant)
	if said, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("initialise a PostgreSQL cluster: %w: %s", err, strings.TrimSpace(string(said)))
	}
	return nil
}

func serverCommand(bin, data string, port int, settings map[string]string) []string {
	command := []string{filepath.Join(bin, "postgres"), "-D", data, "-p", strconv.Itoa(port)}
	for name, value := range settings {
		command = append(command, "-c", name+"="+value)
	}
	return command
}

// launch starts the watchdog with the server, and returns a channel that
// closes should they end. What they say goes to a file: an inherited output
// would keep «go test» waiting for it.
func launch(folder, log string, servant *syscall.Credential, server []string) (<-chan struct{}, error) {
	said, err := os.Create(log)
	if err != nil {
		return nil, fmt.Errorf("make the cluster's log: %w", err)
	}
	defer said.Close()
	dog := exec.Command("/bin/sh", append([]string{"-c", watchdog, "watchdog", folder}, server...)...)
	dog.Dir, dog.Stdout, dog.Stderr = folder, said, said
	dog.SysProcAttr = apart(servant)
	if _, err := dog.StdinPipe(); err != nil {
		return nil, fmt.Errorf("tie the cluster to this process: %w", err)
	}
	if err := dog.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = dog.Wait() // holds the pipe open until then
		close(ended)
	}()
	return ended, nil
}

// freePort asks the kernel for a port nobody listens on.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// await returns once the server at url answers; it fails when the server ends
// first, or after a minute.
func await(url string, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		connection, err := pgx.Connect(ctx, url)
		if err == nil {
			return connection.Close(ctx)
		}
		select {
		case <-ended:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return err
		case <-again.C:
		}
	}
}
