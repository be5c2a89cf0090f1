package secret

import (
	"errors"
	"strings"
	"testing"
)

// referenceHash is from the tests of the argon2 reference implementation
// (github.com/P-H-C/phc-winner-argon2, src/test.c), as are those of password_test.go.
const referenceHash = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"

func TestOnlyHashesWithinBoundsAreRead(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string { return strings.Replace(referenceHash, old, new, 1) }
	for name, c := range map[string]struct {
		text string
		ok   bool
	}{
		"as written":             {referenceHash, true},
		"most memory":            {with("m=256", "m=262144"), true},
		"too much memory":        {with("m=256", "m=262145"), false},
		"memory past 32 bits":    {with("m=256", "m=4294967552"), false},
		"too little memory":      {with("m=256,t=2,p=1", "m=15,t=2,p=2"), false},
		"least memory":           {with("m=256,t=2,p=1", "m=16,t=2,p=2"), true},
		"most passes":            {with("t=2", "t=16"), true},
		"too many passes":        {with("t=2", "t=17"), false},
		"no passes":              {with("t=2", "t=0"), false},
		"most lanes":             {with("p=1", "p=16"), true},
		"too many lanes":         {with("p=1", "p=17"), false},
		"no lanes":               {with("p=1", "p=0"), false},
		"leading zero":           {with("t=2", "t=02"), false},
		"a sign":                 {with("t=2", "t=+2"), false},
		"another order":          {with("t=2,p=1", "p=1,t=2"), false},
		"a parameter more":       {with("p=1", "p=1,data=AAAA"), false},
		"a parameter less":       {with(",p=1", ""), false},
		"another name":           {with("m=256", "n=256"), false},
		"argon2i":                {with("argon2id", "argon2i"), false},
		"an older version":       {with("v=19", "v=16"), false},
		"no version":             {with("v=19$", ""), false},
		"something before":       {"x" + referenceHash, false},
		"something after":        {referenceHash + "$", false},
		"padding":                {referenceHash + "=", false},
		"a line break":           {with("c29tZXNhbHQ", "c29t\nZXNhbHQ"), false},
		"bits left over":         {with("c29tZXNhbHQ", "c29tZXNhbHR"), false},
		"no salt":                {with("c29tZXNhbHQ", ""), false},
		"a salt of six bytes":    {with("c29tZXNhbHQ", "c29tZXNh"), false},
		"a key of twelve bytes":  {referenceHash[:strings.LastIndex(referenceHash, "$")+1] + "AAAAAAAAAAAAAAAA", false},
		"a key of sixteen bytes": {referenceHash[:strings.LastIndex(referenceHash, "$")+1] + strings.Repeat("A", 22), true},
		"a key of 65 bytes":      {referenceHash[:strings.LastIndex(referenceHash, "$")+1] + strings.Repeat("A", 87), false},
		"bcrypt":                 {"$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW", false},
		"plain text":             {"hunter2", false},
		"endless":                {"$argon2id$v=19$m=256,t=2,p=1$" + strings.Repeat("A", 1<<20), false},
	} {
		p, err := parsePHC(c.text)
		if (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
		if err == nil && p.encode() != c.text {
			t.Errorf("%s: reads and writes %s", name, p.encode())
		}
		if err != nil && !errors.Is(err, errPHC) {
			t.Errorf("%s: the error says more: %v", name, err)
		}
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(referenceHash)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePHC(text)
		if err != nil {
			if err.Error() != errPHC.Error() {
				t.Errorf("the error says more: %v", err)
			}
			return
		}
		if p.encode() != text || p.memory > maxMemory || p.time > maxTime || p.parallelism > maxParallelism {
			t.Errorf("%q reads as %+v", text, p.cost)
		}
	})
}
