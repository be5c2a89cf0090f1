package identity

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestAnAddressIsWhatAMailboxLooksLike(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 63)
	for _, address := range []string{
		"joost@tvm.test", "J.van.Joosten+portal@mijn.tvm.test", "marten_1995@live.test", "o'brien@example.test",
		"a@b.nl", "1@2.nl", "x-@y-z.nl", "user/role@example.test", "josé@españa.example", "用户@例子.test",
		long + "a@example.test", "a@" + long + ".test", "a@" + long + "." + long + "." + long + ".nl",
	} {
		if got, err := ParseEmailAddress(address); err != nil || string(got) != address {
			t.Errorf("%q: %q, %v", address, got, err)
		}
	}
}

func TestAnAddressHasAtMost254Bytes(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("b", 63) + "."
	for length, want := range map[int]Code{253: "", 254: "", 255: InvalidInput, 256: InvalidInput} {
		address := "a@" + strings.Repeat(label, 3)
		address += strings.Repeat("c", length-len(address)-3) + ".nl"
		_, err := ParseEmailAddress(address)
		if len(address) != length || codeOf(t, err) != want {
			t.Errorf("%d bytes: %v", len(address), err)
		}
	}
}

func TestAnAddressSmugglesNothing(t *testing.T) {
	t.Parallel()
	for why, addresses := range map[string][]string{
		"nothing or half": {"", "@", "joost", "joost@", "@tvm.test", "joost@tvm", "joost@.test", "joost@tvm.", "joost@tvm..test", "."},
		"a second @":      {"a@b@c.test", "a@@b.test", "a@b.test@"},
		"a header": {
			"a@b.test\r\nBcc: c@d.test", "a@b.test\nBcc: c@d.test", "a\r\n@b.test", "a@b.test\r", "a\x00@b.test", "a@b.test\x00",
			"a\v@b.test", "a\x7f@b.test", "a\u0085@b.test", "a\u2028@b.test", "a\u2029@b.test",
		},
		"a second recipient":   {"a@b.test,c@d.test", "a@b.test;c@d.test", "a@b.test c@d.test", "c,a@b.test", "g:a@b.test"},
		"a name or a comment":  {"Joost <joost@tvm.test>", "<joost@tvm.test>", `"joost"@tvm.test`, "joost(comment)@tvm.test", `jo\ost@tvm.test`},
		"an address literal":   {"joost@[127.0.0.1]", "joost@[IPv6:::1]", "joost@127.0.0.1", "joost@example.1"},
		"space":                {" a@b.test", "a@b.test ", "a @b.test", "a@ b.test", "a\t@b.test", "a\u00a0@b.test", "a\u3000@b.test"},
		"what isn't seen":      {"a\u200b@b.test", "a\u200d@b.test", "a\ufeff@b.test", "a\u00ad@b.test", "a@b\u200b.test"},
		"another direction":    {"a\u202e@b.test", "\u202ea@b.test", "a@b\u2066.test", "a\u200f@b.test", "a\u061c@b.test"},
		"broken text":          {"a\xff@b.test", "a@b\xc3.test", "\xed\xa0\x80@b.test"},
		"dots out of place":    {".a@b.test", "a.@b.test", "a..b@c.test"},
		"no host name":         {"a@-b.test", "a@b-.test", "a@b_c.test", "a@b/c.test", "a@b!c.test", "a@b.te#st", "a@b'c.test", "a@b.test?x=y", "a@b.test/x"},
		"more than it can be":  {strings.Repeat("a", 65) + "@b.test", strings.Repeat("é", 33) + "@b.test", "a@" + strings.Repeat("b", 64) + ".test"},
		"more than fits a row": {"a@" + strings.Repeat(strings.Repeat("b", 60)+".", 5) + "test"},
	} {
		for _, address := range addresses {
			got, err := ParseEmailAddress(address, "input", "email")
			if err == nil || got != "" {
				t.Errorf("%s: %q is accepted", why, address)
				continue
			}
			refused(t, err, InvalidInput)
			if diff := cmp.Diff([]string{"input", "email"}, pathOf(err)); diff != "" {
				t.Error(diff)
			}
			if address != "" && address != "." && strings.Contains(err.Error(), address) {
				t.Errorf("the refusal carries %q back", address)
			}
		}
	}
}

func TestAMaskShowsTheFirstLetterAndTheDomain(t *testing.T) {
	t.Parallel()
	for address, want := range map[EmailAddress]string{
		"joost@tvm.test": "j•••@tvm.test", "j@tvm.test": "j•••@tvm.test", "élise@tvm.test": "é•••@tvm.test", "": "", "joost": "",
	} {
		if got := address.Mask(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func FuzzParseEmailAddress(f *testing.F) {
	for _, seed := range []string{"joost@tvm.test", "a@b@c.test", "a@b.test\r\nBcc: c@d.test", "é@ñ.test", "a\u202e@b.test", "\xff@b.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := ParseEmailAddress(text)
		if err != nil {
			refused(t, err, InvalidInput)
			return
		}
		if string(address) != text || !utf8.ValidString(text) || len(text) > 254 || strings.Count(text, "@") != 1 ||
			strings.ContainsAny(text, "\r\n\t\x00 ,;:<>\"()[]\\") {
			t.Errorf("accepted %q", text)
		}
		_, domain, _ := strings.Cut(text, "@")
		first, _ := utf8.DecodeRuneInString(text)
		if mask := address.Mask(); mask != string(first)+"•••@"+domain {
			t.Errorf("%q is masked as %q", text, mask)
		}
		// What folds alike is one mailbox, however often it is folded.
		if again := EmailAddress(address.Fold()); again.Fold() != address.Fold() || strings.Count(string(again), "@") != 1 {
			t.Errorf("%q folds to %q", text, again)
		}
	})
}

func TestAUserNameIsShortAndHasNoSpaceAndNoAt(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"joost": "joost", "  joost\n": "joost", "J.van.Joosten": "J.van.Joosten", "jan-41": "jan-41", "Élise": "Élise",
		strings.Repeat("é", 64): strings.Repeat("é", 64),
	} {
		if got, err := CleanUsername(name); err != nil || got != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{
		"", " ", "\t\n", "jan joost", "jan@tvm.test", "@", "jan\u00a0joost", "jan\tjoost", "jan\njoost", "jan\u2003joost",
		"jan\x00", "\u202ejan", "jan\u200b", "\xff", strings.Repeat("é", 65),
	} {
		for _, clean := range []func(string, ...string) (string, error){CleanUsername, CleanOrganisationCode} {
			got, err := clean(name, "input", "username")
			refused(t, err, InvalidInput)
			if got != "" || !slices.Equal(pathOf(err), []string{"input", "username"}) {
				t.Errorf("%q: %q, %v", name, got, err)
			}
		}
	}
}

func TestWhatAUserTypesToBeKnownByTheirUserName(t *testing.T) {
	t.Parallel()
	code, name := "K01", "jaap"
	for _, row := range []struct {
		sentence           string
		kinds              []IdentifierKind
		code, name         *string
		wantCode, wantName string
	}{
		{"both, where the portal asks for both", []IdentifierKind{ByOrganisationCodeAndUsername}, &code, &name, "K01", "jaap"},
		{"the name alone, where it doesn't", []IdentifierKind{ByUsername}, &code, &name, "", "jaap"},
		{"the name alone, where there is no code", []IdentifierKind{ByOrganisationCodeAndUsername}, nil, &name, "", "jaap"},
		{"nothing, where there is no name", []IdentifierKind{ByEmail}, &code, nil, "", ""},
	} {
		code, name := SignInPolicy{Identifiers: row.kinds}.UsernameParts(Organisation{Code: row.code}, User{Username: row.name})
		if code != row.wantCode || name != row.wantName {
			t.Errorf("%s: %q and %q", row.sentence, code, name)
		}
	}
}
