package examples_test

import (
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

const moved = `1 of 5 rows are there
2 of 5 rows are there
3 of 5 rows are there
4 of 5 rows are there
5 of 5 rows are there
3 were moved, 2 refused
row 3 (not an address): INVALID_INPUT
row 5 (bas@dewit.example): EMAIL_TAKEN
`

// movesPeople kills a program after its first rows, and runs it again as it was.
func movesPeople(t *testing.T, line *line, command []string) {
	token := line.rig.Token("interpolis", identity.UsersWrite, identity.OrganisationsRead)
	organisation := line.rig.Organisation("interpolis", "De Wit", "wies@dewit.example")
	if _, err := line.rig.Database.SystemSQL().Exec("UPDATE organisations SET account_maximum = 9"); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"move", "--page", "1", "--organisation", organisation, "--key", "move-2026", "people.json"}
	said := heard(make(chan string, 100))
	program := line.start(t, command, token, said, said, arguments...)
	said.until(t, "2 of 5 rows are there")
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // it was killed
	for range 2 {
		out, complaint, err := line.run(t, command, token, arguments...)
		if err != nil || out != moved {
			t.Fatalf("%v\n%s\n%s", err, complaint, out)
		}
	}
	line.wantMails(t, "an@dewit.example", "bas@dewit.example", "dirk@dewit.example")
	if line.lost.Load() != 1 {
		t.Errorf("%d answers got lost", line.lost.Load())
	}
}

// heard is what a program says, as it says it.
type heard chan string

func (h heard) Write(text []byte) (int, error) {
	h <- string(text)
	return len(text), nil
}

// until waits until the words were said, and answers all that was said until then.
func (h heard) until(t *testing.T, words string) (said string) {
	t.Helper()
	for !strings.Contains(said, words) {
		select {
		case more := <-h:
			said += more
		case <-t.Context().Done():
			t.Fatalf("it doesn't say %q, but %s", words, said)
		}
	}
	return said
}
