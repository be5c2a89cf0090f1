package identity

import (
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNamesThatDifferOnlyInCaseFoldAlike(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"joost@tvm.test": {"Joost@TVM.test", " joost@tvm.test ", "JOOST@TVM.TEST"},
		"iiiii":          {"Iıİiİ"},                 // Turkish: all four are one letter here
		"kelvin":         {"\u212aelvin", "KELVIN"}, // the Kelvin sign is a k
		"ångström":       {"\u212bngström", "ÅNGSTRÖM"},
		"rené":           {"Ren\u00e9", "Rene\u0301", "RENE\u0301", "REN\u00c9"}, // one character, or a letter and its accent
		"straße":         {"STRA\u1e9eE", "Straße"},                              // and "strasse" is another name
		"sos":            {"ſoſ", "SOS"},
		"σασ":            {"ΣΑΣ", "σας"}, // a final sigma is a sigma
		"ǆ":              {"Ǆ", "ǅ"},
		"":               {"", " ", "\t\r\n", "\u00a0\u3000"},
	} {
		for _, name := range names {
			if got := Fold(name); got != want {
				t.Errorf("%q folds to %q, want %q", name, got, want)
			}
		}
	}
	if Fold("strasse") == Fold("straße") || Fold("jan") == Fold("ján") || Fold("a b") == Fold("ab") {
		t.Error("different names fold alike")
	}
}

func TestEveryLetterFoldsLikeItsOtherCases(t *testing.T) {
	t.Parallel()
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if unicode.SimpleFold(r) == r && unicode.ToUpper(r) == r && unicode.ToLower(r) == r {
			continue // it has no cases
		}
		letter := string(r)
		want := Fold(letter)
		for _, same := range []string{want, strings.ToUpper(letter), strings.ToLower(letter), string(unicode.SimpleFold(r))} {
			if got := Fold(same); got != want {
				t.Errorf("%U folds to %q, but %q to %q", r, want, same, got)
			}
		}
	}
}

func TestFoldingAgainChangesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.String().Draw(t, "name")
		if once := Fold(name); Fold(once) != once || Fold(strings.ToUpper(name)) != once || Fold("\t"+name+" ") != once {
			t.Errorf("%q, then %q", once, Fold(once))
		}
	})
}

func TestAUserIsNamedAsThePortalAsks(t *testing.T) {
	t.Parallel()
	organisation, user := transporter(), joost()
	organisation.Code, user.Username, user.Email = pointer("TVM-1"), pointer("Joost"), "Joost@TVM.test"
	every := SignInPolicy{Identifiers: []IdentifierKind{ByEmail, ByUsername, ByOrganisationCodeAndUsername}}
	want := []Identifier{
		{ByEmail, "joost@tvm.test"}, {ByUsername, "joost"}, {ByOrganisationCodeAndUsername, "tvm-1\njoost"},
	}
	if diff := cmp.Diff(want, every.IdentifiersOf(organisation, user)); diff != "" {
		t.Error(diff)
	}
	for i, kind := range every.Identifiers {
		one := SignInPolicy{Identifiers: []IdentifierKind{kind}}
		if diff := cmp.Diff(want[i:i+1], one.IdentifiersOf(organisation, user)); diff != "" {
			t.Error(diff)
		}
	}
	user.Username, user.Email = nil, ""
	if got := every.IdentifiersOf(organisation, user); len(got) != 0 {
		t.Errorf("somebody without a name is named %v", got)
	}
	organisation.Code, user.Username = nil, pointer("joost")
	if diff := cmp.Diff([]Identifier{{ByUsername, "joost"}}, every.IdentifiersOf(organisation, user)); diff != "" {
		t.Error(diff)
	}
}

func TestASignInNameIsReadAsThePortalAsksNothingMoreNothingLess(t *testing.T) {
	t.Parallel()
	const email, username, code = ByEmail, ByUsername, ByOrganisationCodeAndUsername
	for _, row := range []struct {
		sentence string
		asks     []IdentifierKind
		typed    SignInName
		want     Identifier
	}{
		{"an address", []IdentifierKind{email}, SignInName{Email: " Joost@TVM.test\n"}, Identifier{email, "joost@tvm.test"}},
		{"a user name", []IdentifierKind{username}, SignInName{Username: "Joost"}, Identifier{username, "joost"}},
		{"a code and a user name", []IdentifierKind{code}, SignInName{OrganisationCode: " TVM-1", Username: "Joost "}, Identifier{code, "tvm-1\njoost"}},
		{"either of two", []IdentifierKind{email, username}, SignInName{Username: "Joost"}, Identifier{username, "joost"}},
		{"a field of white space is an empty one", []IdentifierKind{email}, SignInName{Email: "a@b.test", Username: " "}, Identifier{email, "a@b.test"}},
		{"no address where none is asked for", []IdentifierKind{username}, SignInName{Email: "joost@tvm.test"}, Identifier{}},
		{"no user name where none is asked for", []IdentifierKind{email}, SignInName{Username: "joost"}, Identifier{}},
		{"no user name without the code", []IdentifierKind{code}, SignInName{Username: "joost"}, Identifier{}},
		{"no code without the user name", []IdentifierKind{code}, SignInName{OrganisationCode: "tvm-1"}, Identifier{}},
		{"no code where a user name will do", []IdentifierKind{username}, SignInName{OrganisationCode: "tvm-1", Username: "joost"}, Identifier{}},
		{"not two names", []IdentifierKind{email, username}, SignInName{Username: "joost", Email: "joost@tvm.test"}, Identifier{}},
		{"not three", []IdentifierKind{email, code}, SignInName{OrganisationCode: "tvm-1", Username: "joost", Email: "joost@tvm.test"}, Identifier{}},
		{"not an address with a code", []IdentifierKind{email, code}, SignInName{OrganisationCode: "tvm-1", Email: "joost@tvm.test"}, Identifier{}},
		{"not nothing", []IdentifierKind{email, username, code}, SignInName{}, Identifier{}},
		{"not white space", []IdentifierKind{email, username, code}, SignInName{Email: " ", Username: "\t", OrganisationCode: "\n"}, Identifier{}},
		{"not what no name can hold", []IdentifierKind{email}, SignInName{Email: "a\x00@b.test"}, Identifier{}},
		{"not a line break, which parts code and user name", []IdentifierKind{code}, SignInName{OrganisationCode: "a\nb", Username: "c"}, Identifier{}},
		{"not a whole book", []IdentifierKind{username}, SignInName{Username: strings.Repeat("a", 513)}, Identifier{}},
		{"where nothing is asked for, nothing is read", nil, SignInName{Email: "joost@tvm.test"}, Identifier{}},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			t.Parallel()
			got, err := SignInPolicy{Identifiers: row.asks}.Read(row.typed)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
			want := Code("")
			if row.want == (Identifier{}) {
				want = InvalidInput
			}
			refused(t, err, want)
		})
	}
}

func TestWhoeverTypesTheirNameIsFound(t *testing.T) {
	t.Parallel()
	letters := rapid.StringOfN(rapid.RuneFrom([]rune("abcxyzABCXYZéßİıſK09.-_'+")), 1, 20, -1)
	rapid.Check(t, func(t *rapid.T) {
		organisation, user := transporter(), joost()
		organisation.Code, user.Username = pointer(letters.Draw(t, "code")), pointer(letters.Draw(t, "name"))
		portal := SignInPolicy{Identifiers: []IdentifierKind{ByOrganisationCodeAndUsername}}
		got, err := portal.Read(SignInName{
			OrganisationCode: strings.ToUpper(*organisation.Code), Username: " " + strings.ToLower(*user.Username),
		})
		if err != nil || got != portal.IdentifiersOf(organisation, user)[0] {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func FuzzReadSignInName(f *testing.F) {
	f.Add("TVM-1", "joost", "")
	f.Add("", "", "Joost@TVM.test")
	f.Add(" ", "joost", "\n")
	f.Add("a\nb", "c\x00", "\xff")
	f.Fuzz(func(t *testing.T, code, username, email string) {
		every := SignInPolicy{Identifiers: []IdentifierKind{ByEmail, ByUsername, ByOrganisationCodeAndUsername}}
		got, err := every.Read(SignInName{OrganisationCode: code, Username: username, Email: email})
		if err != nil {
			refused(t, err, InvalidInput)
			return
		}
		parts := strings.Split(got.Value, "\n")
		if got.Value == "" || len(got.Value) > 512 || !printable(strings.Join(parts, "")) {
			t.Errorf("%q", got)
		}
		if want := map[IdentifierKind]int{ByEmail: 1, ByUsername: 1, ByOrganisationCodeAndUsername: 2}[got.Kind]; len(parts) != want {
			t.Errorf("%q has %d parts", got, len(parts))
		}
	})
}
