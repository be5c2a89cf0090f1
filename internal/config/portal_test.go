package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/config"
)

// A row per class of bad input: one fault, at its line, that says what is wrong.
func TestABadPortalFileIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"nothing":             {"", "1: the file is empty"},
		"comments only":       {"# later\n", "1: the file is empty"},
		"a list":              {"- acme\n", `1: the file is a list; allowed: keys and values`},
		"text":                {"acme\n", `1: the file is "acme"; allowed: keys and values`},
		"null alone":          {"~\n", `1: the file is empty; allowed: keys and values`},
		"no YAML":             {plus("mail: [\n"), "6: this is no YAML: did not find expected node content"},
		"not UTF-8":           {plus("# \xff\n"), "1: this is no YAML: invalid leading UTF-8 octet"},
		"two documents":       {plus("---\nslug: acme\n"), "6: a second YAML document begins; allowed: one portal in a file"},
		"too long":            {plus("# " + strings.Repeat("x", 64<<10)), "1: the file is too long; allowed: 64 kB"},
		"an anchor":           {plus("sessions: &s {idle: 10m}\n"), "6: an anchor (&s) in a portal file; allowed: values written out"},
		"a tag":               {plus("sessions: {idle: !!str 10m}\n"), "6: a tag (!!str) in a portal file; allowed: values written out"},
		"a merge key":         {plus("sessions: {<<: {idle: 10m}}\n"), "6: sessions.<< is unknown; allowed: absolute, idle"},
		"a missing key":       {strings.Replace(least, "name: Acme\n", "", 1), "1: name is missing; allowed: a line of text of 1 to 64 characters"},
		"a missing section":   {strings.Replace(least, "mail:", "#", 1), "1: mail.fromAddress is missing; allowed: an e-mail address, such as portal@example.nl"},
		"an unknown key":      {plus("realms: [eHerkenning]\n"), "6: realms is unknown; allowed: slug, name, "},
		"a mistyped key":      {plus("sesions: {idle: 10m}\n"), "6: sesions is unknown; did you mean sessions?"},
		"a mistyped required": {strings.Replace(least, "hosts:", "host:", 1), "3: host is unknown; did you mean hosts?"},
		"a key in capitals":   {plus("Sessions: {idle: 10m}\n"), "6: Sessions is unknown; did you mean sessions?"},
		"a key of two lines":  {plus("\"ses\\nsions\": {}\n"), `6: "ses\nsions" is unknown; did you mean sessions?`},
		"a key that is a map": {plus("? {a: b}\n: c\n"), `6: a key that is a section is unknown; allowed: slug`},
		"a key twice":         {plus("name: Again\n"), "6: name is there twice; allowed: once"},
		"a section twice":     {plus("mail: {colour: \"#000000\"}\n"), "6: mail is there twice; allowed: once"},
		"null":                {plus("languages:\n"), "6: languages is empty; allowed: a list of nl, en"},
		"text for a number":   {plus("factors: {totpSkew: \"1\"}\n"), `6: factors.totpSkew is "1"; allowed: a whole number from 0 to 2`},
		"a fraction":          {plus("factors: {totpSkew: 1.5}\n"), "6: factors.totpSkew is 1.5; allowed"},
		"octal":               {plus("passwords: {minimumLength: 010}\n"), "6: passwords.minimumLength is 010; allowed"},
		"a huge number":       {plus("accounts: {limitPerOrganisation: 99999999999999999999}\n"), "6: accounts.limitPerOrganisation is 99999999999999999999; allowed"},
		"a negative number":   {plus("lockout: {freeAttempts: -1}\n"), "6: lockout.freeAttempts is -1; allowed: a whole number from 0 to 5"},
		"a number for text":   {strings.Replace(least, "name: Acme", "name: 7", 1), "2: name is 7; allowed: a line of text"},
		"a long text":         {strings.Replace(least, "name: Acme", "name: "+strings.Repeat("a", 65), 1), "2: name is \"aaa"},
		"two lines of text":   {strings.Replace(least, "name: Acme", `name: "Ac\r\nBcc: me"`, 1), `2: name is "Ac\r\nBcc: me"; allowed: a line of text`},
		"a word for a bool":   {plus("twoFactor: {remind: on}\n"), `6: twoFactor.remind is "on"; allowed: true, false`},
		"an unknown word":     {plus("twoFactor: {startedBy: user}\n"), `6: twoFactor.startedBy is "user"; allowed: portal, organisation`},
		"a word's own name":   {plus("twoFactor: {startedBy: PORTAL}\n"), `6: twoFactor.startedBy is "PORTAL"; allowed: portal, organisation`},
		"an empty list":       {plus("factors: {kinds: []}\n"), "6: factors.kinds is empty; allowed: a list of webauthn, totp"},
		"a word for a list":   {plus("factors: {kinds: totp}\n"), `6: factors.kinds is "totp"; allowed: a list of webauthn, totp`},
		"a value twice":       {plus("factors:\n  kinds:\n    - totp\n    - totp\n"), `9: factors.kinds[1] is "totp", which is there already`},
		"a duration bare":     {plus("sessions: {idle: 30}\n"), "6: sessions.idle is 30; allowed: a duration such as 90s, 30m, 12h or 7d, from 2m to 30m"},
		"a duration mixed":    {plus("sessions: {absolute: 1h30m}\n"), `6: sessions.absolute is "1h30m"; allowed`},
		"a duration negative": {plus("sessions: {idle: -5m}\n"), `6: sessions.idle is "-5m"; allowed`},
		"a duration too long": {plus("links: {invitation: 31d}\n"), `6: links.invitation is "31d"; allowed: a duration such as 90s, 30m, 12h or 7d, from 5m to 30d`},
		"a duration overflow": {plus("links: {invitation: 999999999999d}\n"), `6: links.invitation is "999999999999d"; allowed`},
		"a longer session":    {plus("sessions: {absolute: 13h}\n"), `6: sessions.absolute is "13h"; allowed`},
		"a date that isn't":   {plus("twoFactor: {requiredFrom: 2025-02-30}\n"), `6: twoFactor.requiredFrom is "2025-02-30"; allowed: a date`},
		"a date without zone": {plus("twoFactor: {requiredFrom: 2025-11-01T09:00:00}\n"), "6: twoFactor.requiredFrom is \"2025-11-01T09:00:00\"; allowed"},
		"a year too early":    {plus("twoFactor: {requiredFrom: 0025-11-01}\n"), "6: twoFactor.requiredFrom is 0025-11-01; allowed"},
		"a zone of Go's":      {plus("timeZone: Local\n"), `6: timeZone is "Local"; allowed: a time zone`},
		"a zone by path":      {plus("timeZone: ../../etc/passwd\n"), `6: timeZone is "../../etc/passwd"; allowed: a time zone`},
		"a fault, no other":   {plus("twoFactor: {remind: true, requiredFrom: soon}\n"), `6: twoFactor.requiredFrom is "soon"; allowed`},
		"a mistyped date":     {plus("twoFactor: {remind: true, requiredFron: 2025-11-01}\n"), "6: twoFactor.requiredFron is unknown; did you mean requiredFrom?"},
		"a broken section":    {plus("recovery: later\nfactors: {change: reRegistration}\n"), `6: recovery is "later"; allowed: a section with factors`},
		"a file by its slug":  {strings.Replace(least, "slug: acme", "slug: acme2", 1), `1: slug is "acme2"; allowed: "acme", as the file is called`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.LoadPortals(folder("acme.yaml", test.text))
			if err == nil {
				t.Fatal("accepted")
			}
			got := err.Error()
			if !strings.HasPrefix(got, "acme.yaml:"+test.want) || strings.Count(got, "\n") > 0 {
				t.Errorf("got  %s\nwant acme.yaml:%s…, alone", got, test.want)
			}
		})
	}
}

// Each form of address, with what is refused, so that a link in a mail and a check of Origin never surprise.
func TestAddressesAreReadToTheLetter(t *testing.T) {
	t.Parallel()
	with := func(old, new string) string { return strings.Replace(least, old, new, 1) }
	for _, test := range []struct {
		old       string
		good, bad []string
	}{
		{
			`"https://acme.example"`,
			[]string{`https://acme.example:8443`, `http://localhost:5173`, `http://127.0.0.1`, `http://acme.localhost`, `https://10.0.0.1`},
			[]string{
				`http://acme.example`, `https://acme.example/`, `https://acme.example:443`, `http://localhost:80`, `https://ACME.example`,
				`https://user@acme.example`, `https://acme.example?x`, `https://acme.example#x`, `https://`, `//acme.example`,
				`https://acme.example:`, `https://acme.example:0`, `https://*.example`, `ftp://localhost`, `"null"`, `https://acme.example:080`,
				`http://localhost.example`, `"https://acme.example "`, `https://münchen.example`, `https://acme..example`,
			},
		},
		{
			`acme.example]`,
			[]string{`a]`, `localhost:8080]`, `127.0.0.1:9000]`, `xn--mnchen-3ya.example]`},
			[]string{
				`Acme.example]`, `acme.example.]`, `"acme.example:"]`, `"acme.example:99999"]`, `acme.example/x]`, `"*.example"]`,
				`-a.example]`, `a b]`, `""]`, `"https://acme.example"]`, `a_b.example]`, strings.Repeat("a.", 127) + `example]`,
			},
		},
		{
			`portal@acme.example`,
			[]string{`a.b+c@sub.acme.example`},
			[]string{`portal`, `portal@acme`, `"Portal <portal@acme.example>"`, `"a@b.example, c@d.example"`, `"a@b.example\nBcc: c@d.example"`},
		},
		{`slug: acme`, []string{`slug: acme`}, []string{`slug: -acme`, `slug: acme-`, `slug: ac_me`, `slug: "ac me"`, `slug: ` + strings.Repeat("a", 33)}},
		{
			`{origin:`,
			[]string{`{passwordPath: /, origin:`, `{passwordPath: /a/b-c.html, origin:`, `{signInPath: /in/, origin:`},
			[]string{
				`{passwordPath: password, origin:`, `{passwordPath: //evil.example, origin:`, `{passwordPath: "/a?b", origin:`,
				`{passwordPath: "/a#b", origin:`, `{signInPath: "/a b", origin:`, `{signInPath: "", origin:`, `{signInPath: "/a//b", origin:`,
			},
		},
		{
			`{fromAddress`,
			[]string{`{colour: "#A1b2C3", fromAddress`},
			[]string{`{colour: blue, fromAddress`, `{colour: "#fff", fromAddress`, `{colour: "#1f4e79;x:y", fromAddress`, `{colour: 123456, fromAddress`},
		},
	} {
		for _, good := range test.good {
			if _, err := config.LoadPortals(folder("acme.yaml", with(test.old, good))); err != nil {
				t.Errorf("%s: %v", good, err)
			}
		}
		for _, bad := range test.bad {
			if _, err := config.LoadPortals(folder("acme.yaml", with(test.old, bad))); err == nil {
				t.Errorf("%s was accepted", bad)
			}
		}
	}
}

func TestAPolicyThatContradictsItselfIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"twoFactor: {startedBy: organisation, postponableUntil: 2025-11-01}": "twoFactor.postponableUntil needs twoFactor.startedBy: portal",
		"twoFactor: {irreversible: true}":                                    "twoFactor.irreversible needs twoFactor.startedBy: organisation",
		"twoFactor: {remind: true}":                                          "twoFactor.remind needs twoFactor.requiredFrom",
		"factors: {change: reRegistration}":                                  "factors.change is reRegistration, which needs recovery.factors: selfService",
		"factors: {change: support}\nrecovery: {factors: selfService}":       "factors.change is support, which recovery.factors: selfService would go around",
		"sessions: {idle: 11m, absolute: 10m}":                               "sessions.idle is longer than sessions.absolute",
		"lockout: {firstDelay: 1m, longestDelay: 30s}":                       "lockout.firstDelay is longer than lockout.longestDelay",
		"lockout: {passwordLockedFor: 5m}":                                   "lockout.longestDelay is longer than lockout.passwordLockedFor",
		"lockout: {freeAttempts: 3, codeLimit: 3}":                           "lockout.freeAttempts is not below lockout.codeLimit",
		"factors: {kinds: [sms, email]}":                                     "factors.kinds has sms, which is a restricted authenticator",
		"sms: {budgets: {perNumber: 301}}":                                   "sms.budgets.perNumber is above sms.budgets.perOrganisation",
		"sms: {budgets: {perOrganisation: 3001}}":                            "sms.budgets.perOrganisation is above sms.budgets.perPortal",
		"sms: {countries: [XX]}":                                             `sms.countries[0] is "XX"; allowed: countries by their two capital letters`,
		"links: {passwordReset: 10m, resendPause: 15m}":                      "links.resendPause is longer than links.passwordReset",
	} {
		_, err := config.LoadPortals(folder("acme.yaml", plus(text)))
		if err == nil || !strings.HasPrefix(err.Error(), "acme.yaml:6: "+want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s:\ngot  %v\nwant acme.yaml:6: %s…, alone", text, err, want)
		}
	}
}

func TestPoliciesAtTheEdgeOfContradictionAreFine(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"twoFactor: {postponableUntil: 2025-12-01, requiredFrom: 2025-11-01, remind: true}", // as atosi's guide says it
		"sessions: {idle: 10m, absolute: 10m}",
		"lockout: {firstDelay: 30s, longestDelay: 30s}",
		"lockout: {longestDelay: 15m, passwordLockedFor: 15m}",
		"lockout: {freeAttempts: 3, codeLimit: 4}",
		"links: {passwordReset: 15m, resendPause: 15m}",
		"factors: {kinds: [sms, webauthn]}",
		"sms: {countries: [FR], budgets: {perNumber: 5, perOrganisation: 5, perPortal: 5}}",
	} {
		if _, err := config.LoadPortals(folder("acme.yaml", plus(text))); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSecurityKeysAreBoundToADomainOfThePortalsPages(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		origin, domain string
		fine           bool
	}{
		{"https://mijn.acme.nl", "", true},
		{"https://mijn.acme.nl", "mijn.acme.nl", true},
		{"https://mijn.acme.nl", "acme.nl", true},
		{"https://mijn.acme.nl:8443", "acme.nl", true},
		{"http://localhost:5173", "", true},
		{"https://mijn.acme.nl", "nl", false},
		{"https://mijn.acme.co.uk", "co.uk", false},
		{"https://acme.github.io", "github.io", false},
		{"https://mijn.acme.nl", "cme.nl", false},
		{"https://acme.nl", "mijn.acme.nl", false},
		{"https://mijn.acme.nl", "andere.nl", false},
		{"http://portal.localhost:5173", "localhost", false},
		{"http://127.0.0.1:5173", "", false},
		{"https://10.0.0.1", "0.0.1", false},
	} {
		file := strings.Replace(least, "https://acme.example", row.origin, 1) + "factors: {kinds: [webauthn], webauthnDomain: \"" + row.domain + "\"}\n"
		if row.domain == "" {
			file = strings.Replace(file, ", webauthnDomain: \"\"", "", 1)
		}
		_, err := config.LoadPortals(folder("acme.yaml", file))
		const want = ": factors.webauthnDomain is not the host of spa.origin"
		if row.fine && err != nil || !row.fine && !strings.Contains(errorText(err), want) {
			t.Errorf("%s with %q: %v", row.origin, row.domain, err)
		}
	}
	if _, err := config.LoadPortals(folder("acme.yaml", plus("factors: {webauthnDomain: andere.nl}"))); err != nil {
		t.Errorf("where no keys are offered: %v", err)
	}
}

func TestAliasesAreRefusedBeforeTheyGrow(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'z'; c++ {
		previous := strings.Repeat("*"+string(c-1)+",", 9)
		bomb += string(c) + ": &" + string(c) + " [" + previous + "]\n"
	}
	_, err := config.LoadPortals(folder("acme.yaml", bomb))
	if err == nil || !strings.Contains(err.Error(), "acme.yaml:2: an alias (*a) in a portal file") {
		t.Errorf("got %v", err)
	}
}

func TestAHostBelongsToOnePortal(t *testing.T) {
	t.Parallel()
	other := strings.Replace(least, "slug: acme", "slug: zeta", 1)
	_, err := config.LoadPortals(folder("acme.yaml", least, "zeta.yaml", other))
	if diff := cmp.Diff(`zeta.yaml:3: hosts[0] is "acme.example", which acme.yaml has already`, errorText(err)); diff != "" {
		t.Error(diff)
	}
	_, err = config.LoadPortals(folder("acme.yaml", least, "zeta.yaml", strings.Replace(least, "[acme.example]", "[zeta.example]", 1)))
	want := `zeta.yaml:1: slug is "acme"; allowed: "zeta", as the file is called
zeta.yaml:1: slug is "acme", which acme.yaml has already`
	if diff := cmp.Diff(want, errorText(err)); diff != "" {
		t.Error(diff)
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// Whatever a file holds, it is either a portal whose promises hold or a list of faults with a place.
func FuzzAPortalFile(f *testing.F) {
	f.Add(least)
	f.Add(plus("twoFactor: {startedBy: organisation, requiredFrom: 2025-11-01}\npasswords: {minimumLength: 8}\n"))
	f.Add("a: &a [*a]\n")
	f.Add("? [x]\n: {y: z}\n--- !!map {}\n")
	f.Fuzz(func(t *testing.T, text string) {
		portals, err := config.LoadPortals(folder("acme.yaml", text))
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				if !strings.HasPrefix(line, "acme.yaml:") {
					t.Errorf("a fault without a place, or one that breaks the line: %q", line)
				}
			}
			return
		}
		p := portals[0]
		if p.Slug != "acme" || p.Location == nil || len(p.Hosts) == 0 || len(p.Languages) == 0 || len(p.Factors.Kinds) == 0 ||
			len(p.SignIn.Identifiers) == 0 || p.Passwords.Validate() != nil || p.Sessions.Idle <= 0 || p.Sessions.Idle > p.Sessions.Absolute {
			t.Errorf("accepted %+v", p)
		}
	})
}
