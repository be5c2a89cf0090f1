package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/sleutelbos/sleutelbos/internal/config"
	"github.com/sleutelbos/sleutelbos/portals"
)

var (
	queries   = regexp.MustCompile(`(?s)<pre data-query>(.*?)</pre>`)
	variables = regexp.MustCompile(`(?s)<pre data-variables>(.*?)</pre>`)
)

// Everybody whom the demo introduces can sign in, with the very operation that its page shows; and the operations for a
// mailed link are right, too.
func TestTheDemoKeepsWhatItsPagesPromise(t *testing.T) {
	t.Parallel()
	all, err := config.LoadPortals(portals.Files)
	if err != nil {
		t.Fatal(err)
	}
	origin := startDemo(t)
	for _, portal := range all {
		endpoint := origin + "/portals/" + portal.Slug + "/graphql"
		people := operations(t, origin+"/dev/"+portal.Slug+"/sign-in")
		want := 4
		if limit := portal.Accounts.LimitPerOrganisation; limit != nil {
			want = min(want, *limit+1) // and the staff
		}
		if len(people) < want {
			t.Errorf("%s: %d people live there", portal.Slug, len(people))
		}
		for _, one := range people {
			if answer := ask(t, endpoint, one); answer.Errors != nil || answer.Data.BeginSignIn.Step.Typename == "" {
				t.Errorf("%s: %s\n%+v", portal.Slug, one, answer)
			}
		}
		for _, one := range operations(t, origin+"/dev/"+portal.Slug+"/password") {
			answer := ask(t, endpoint, one)
			told := append(answer.Data.InspectLink.UserErrors, answer.Data.SetPassword.UserErrors...)
			if answer.Errors != nil || len(told) != 1 || told[0].Code != "TOKEN_INVALID" { // for it is «TOKEN»
				t.Errorf("%s: %s\n%+v", portal.Slug, one, answer)
			}
		}
	}
}

func TestTheDemosStaffSignInWithTheSecretThatIsPrinted(t *testing.T) {
	t.Parallel()
	all, err := config.LoadPortals(portals.Files)
	if err != nil {
		t.Fatal(err)
	}
	origin := startDemo(t)
	page := fetch(t, origin+"/dev/")
	secrets := regexp.MustCompile(`<summary><code>([A-Z2-7]{32})</code>`).FindAllStringSubmatch(page, -1)
	if len(secrets) != len(all) || !strings.Contains(page, `src="data:image/png;base64,`) {
		t.Fatalf("%d secrets are on the page:\n%s", len(secrets), page)
	}
	for i, portal := range all {
		endpoint := origin + "/portals/" + portal.Slug + "/graphql"
		people := operations(t, origin+"/dev/"+portal.Slug+"/sign-in")
		begun := ask(t, endpoint, people[len(people)-1])
		if begun.Errors != nil || len(begun.Data.BeginSignIn.Step.Factors) == 0 { // the app, the strongest, is the first
			t.Fatalf("%s: %+v", portal.Slug, begun)
		}
		// The code of this moment was used to pair the app.
		code, err := totp.GenerateCode(secrets[i][1], time.Now().Add(30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		request := fmt.Sprintf(`{"query":"mutation{verifySignIn(input:{proof:{totp:{factorId:\"%s\",code:\"%s\"}}}){step{__typename}}}"}`,
			begun.Data.BeginSignIn.Step.Factors[0].ID, code)
		if done := ask(t, endpoint, []byte(request), begun.cookies...); done.Data.VerifySignIn.Step.Typename != "SignInComplete" {
			t.Errorf("%s: %+v", portal.Slug, done)
		}
	}
}

func startDemo(t *testing.T) (origin string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	said, ended := &notes{more: make(chan struct{})}, make(chan int)
	go func() {
		ended <- execute(ctx, shell{said, said, nil}, []string{"demo", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"})
	}()
	t.Cleanup(func() {
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("the demo ended with %d: %s", code, said)
		}
	})
	text, ok := said.await([]string{"Stop:"})
	if !ok {
		t.Fatalf("the demo doesn't start: %s", text)
	}
	return publicAddress.FindStringSubmatch(text)[2]
}

// operations are the requests that a page shows.
func operations(t *testing.T, address string) (all [][]byte) {
	t.Helper()
	page := fetch(t, address)
	shown := variables.FindAllStringSubmatch(page, -1)
	for i, query := range queries.FindAllStringSubmatch(page, -1) {
		request, err := json.Marshal(map[string]any{
			"query": html.UnescapeString(query[1]), "variables": json.RawMessage(html.UnescapeString(shown[i][1])),
		})
		if err != nil {
			t.Fatalf("%s: the variables are no JSON: %s", address, shown[i][1])
		}
		all = append(all, request)
	}
	return all
}

type answer struct {
	Errors json.RawMessage
	Data   struct {
		BeginSignIn, VerifySignIn struct {
			Step struct {
				Typename string `json:"__typename"`
				Factors  []struct{ ID string }
			}
		}
		InspectLink, SetPassword struct{ UserErrors []struct{ Code string } }
	}
	cookies []*http.Cookie
}

func ask(t *testing.T, endpoint string, body []byte, cookies ...*http.Cookie) (said answer) {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, cookie := range cookies {
		request.AddCookie(cookie)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&said); err != nil {
		t.Fatal(err)
	}
	said.cookies = response.Cookies()
	return said
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v", address, response.StatusCode, err)
	}
	return string(body)
}
