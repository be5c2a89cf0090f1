package postgres_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sleutelbos/sleutelbos/internal/testrig/postgres"
)

func TestADatabaseHoldsWhatTheTemplateHeld(t *testing.T) {
	t.Parallel()
	connection := connect(t, postgres.Database(t, t.Name(), keyTable))
	if got := count(t, connection, "SELECT count(*) FROM key"); got != 1 {
		t.Errorf("%d rows in the copy, want the template's 1", got)
	}
}

func TestDatabasesOfOneTemplateAreApart(t *testing.T) {
	t.Parallel()
	first := connect(t, postgres.Database(t, t.Name(), keyTable))
	second := connect(t, postgres.Database(t, t.Name(), keyTable))
	if _, err := first.Exec(t.Context(), "DELETE FROM key"); err != nil {
		t.Fatal(err)
	}
	if got := count(t, second, "SELECT count(*) FROM key"); got != 1 {
		t.Errorf("%d rows in the second database, want 1: it saw the first one's delete", got)
	}
}

func TestATemplateIsFilledOnceHoweverManyAsk(t *testing.T) {
	t.Parallel()
	postgres.URL(t)
	var fills atomic.Int32
	counted := func(ctx context.Context, url string) error {
		fills.Add(1)
		return keyTable(ctx, url)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() { postgres.Database(t, t.Name(), counted) })
	}
	all.Wait()
	if got := fills.Load(); got > 1 { // none where TEST_POSTGRES_URL's server has it from an earlier run
		t.Errorf("filled %d times, want once", got)
	}
}

func TestADatabaseIsDroppedThoughSomebodyIsConnected(t *testing.T) {
	t.Parallel()
	admin := connect(t, postgres.URL(t))
	var name string
	t.Run("a test that forgets to disconnect", func(t *testing.T) {
		connection, err := pgx.Connect(t.Context(), postgres.Database(t, t.Name(), keyTable))
		if err != nil {
			t.Fatal(err)
		}
		name = connection.Config().Database
	})
	if got := count(t, admin, "SELECT count(*) FROM pg_database WHERE datname = $1", name); got != 0 {
		t.Errorf("database %s is still there after its test", name)
	}
}

// stages tell a child process, this test binary anew, what to be.
const stages = "POSTGRES_RIG_STAGE"

func TestAClusterEndsWithItsProcessHoweverThatDies(t *testing.T) {
	t.Parallel()
	if os.Getenv(stages) == "victim" {
		fmt.Println("url", postgres.URL(t))
		select {} // until killed
	}
	postgres.URL(t)
	url, kill := victim(t)
	kill()
	if err := awaitSilence(t.Context(), url); err != nil {
		t.Error(err)
	}
}

// victim starts a process that starts a cluster of its own.
func victim(t *testing.T) (url string, kill func()) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestAClusterEndsWithItsProcessHoweverThatDies$")
	child.Env = append(os.Environ(), stages+"=victim", postgres.Variable+"=")
	output, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = child.Process.Kill()
		_ = child.Wait()
	}
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if url, found := strings.CutPrefix(lines.Text(), "url "); found {
			connect(t, url)
			return url, kill
		}
	}
	kill()
	t.Skip("skipped: this machine can't start a cluster of its own")
	return "", nil
}

// awaitSilence returns once nobody answers at url.
func awaitSilence(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		connection, err := pgx.Connect(ctx, url)
		if ctx.Err() != nil {
			return errors.New("the cluster outlived its process by 30 seconds")
		}
		if err != nil {
			return nil
		}
		if err := connection.Close(ctx); err != nil {
			return fmt.Errorf("disconnect: %w", err)
		}
	}
}

// keyTable is a template with one row.
func keyTable(ctx context.Context, url string) (err error) {
	connection, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, connection.Close(ctx)) }()
	_, err = connection.Exec(ctx, "CREATE TABLE key (id int PRIMARY KEY); INSERT INTO key VALUES (1)")
	return err
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close(context.Background()) })
	return connection
}

func count(t *testing.T, connection *pgx.Conn, query string, arguments ...any) int {
	t.Helper()
	var n int
	if err := connection.QueryRow(t.Context(), query, arguments...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func BenchmarkDatabase(b *testing.B) {
	for b.Loop() {
		postgres.Database(b, "benchmark", keyTable)
	}
}
