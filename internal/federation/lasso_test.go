package federation

import (
	"bufio"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sleutelbos/sleutelbos/internal/identity"
)

// Lasso, which nobody here wrote, is the broker: it reads our metadata and our requests, checks our signatures, seals names
// for us, and gives each message for its artifact once.
func TestLassoSignsSomebodyInAndGivesAMessageOnce(t *testing.T) {
	t.Parallel()
	p, broker := lassoBroker(t, nil)
	pending, back, seen := broker.signIn(t, p)
	read := map[string]any{"id": pending.RequestID, "index": 9052.0, "force": true, "binding": bindingArtifact, "consumer": ourConsumer, "policy": nil, "level": nil}
	if diff := cmp.Diff(read, seen); diff != "" {
		t.Errorf("Lasso read something else: %s", diff)
	}
	if back.RelayState != pending.RelayState {
		t.Errorf("came back with %q, left with %q", back.RelayState, pending.RelayState)
	}
	got, err := p.Finish(t.Context(), time.Now(), rand.Reader, pending, back)
	if err != nil {
		t.Fatal(err)
	}
	chain := identity.KVKNumber("12345678")
	want := identity.Assertion{
		Provider: "eherkenning", Environment: "test", Issuer: brokerEntity, ID: got.ID, Subject: acting, Level: identity.EH3,
		KVKNumber: "68750110", Establishments: []identity.EstablishmentNumber{"000037178598", "000037178601"}, Intermediary: &chain,
		ServiceID: ourService, ServiceUUID: ourUUID, AuthenticatedAt: got.AuthenticatedAt, ExpiresAt: got.ExpiresAt,
	}
	if diff := cmp.Diff(want, got); diff != "" || got.ID == "" || time.Since(got.AuthenticatedAt).Abs() > time.Minute {
		t.Error(diff)
	}
	if _, err := p.Finish(t.Context(), time.Now(), rand.Reader, pending, back); ReasonOf(err) != ArtifactSpent {
		t.Errorf("the artifact worked twice: %v", err)
	}
}

func TestLassosRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	for sentence, row := range map[string]struct {
		change map[string]any
		why    Reason
	}{
		"cancelled":       {map[string]any{"behaviour": "cancel"}, Cancelled},
		"EH2":             {map[string]any{"level": levelPrefix + "loa2"}, LevelTooLow},
		"another service": {map[string]any{"plain": map[string][]string{attributeServiceID: {"urn:other"}}}, ServiceWrong},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			p, broker := lassoBroker(t, row.change)
			pending, back, _ := broker.signIn(t, p)
			if _, err := p.Finish(t.Context(), time.Now(), rand.Reader, pending, back); ReasonOf(err) != row.why {
				t.Errorf("refused for %q: %v", ReasonOf(err), err)
			}
		})
	}
}

func TestABrokerThatAsksForOurCertificateGetsIt(t *testing.T) {
	t.Parallel()
	p, broker := lassoBroker(t, map[string]any{"client": true})
	pending, back, _ := broker.signIn(t, p)
	if _, err := p.Finish(t.Context(), time.Now(), rand.Reader, pending, back); err != nil {
		t.Error(err)
	}
	without := *p
	row := p.row
	row.TLS = row.TLS.Clone()
	row.TLS.Certificates = nil
	without.client = row.client()
	pending, back, _ = broker.signIn(t, p)
	if _, err := without.Finish(t.Context(), time.Now(), rand.Reader, pending, back); ReasonOf(err) != ProviderUnreachable {
		t.Errorf("without our certificate: %v", err)
	}
}

type lasso struct{ browser *http.Client }

// signIn goes to the broker as a browser does, and comes back with what it is sent back with.
func (l lasso) signIn(t *testing.T, p *ServiceProvider) (Pending, Return, map[string]any) {
	t.Helper()
	pending, departure, err := p.Begin(time.Now(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if len(departure.Form) > 0 {
		t.Fatalf("a form, and no redirect: %v", departure)
	}
	answer, err := l.browser.Get(departure.Location)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	to, err := url.Parse(answer.Header.Get("Location"))
	if err != nil || answer.StatusCode != http.StatusFound || !strings.HasPrefix(to.String(), ourConsumer+"?") {
		t.Fatalf("%s to %s", answer.Status, to)
	}
	raw, err := base64.StdEncoding.DecodeString(answer.Header.Get("X-Request"))
	if err != nil {
		t.Fatal(err)
	}
	var seen map[string]any
	if err := json.Unmarshal(raw, &seen); err != nil {
		t.Fatal(err)
	}
	return pending, Return{to.Query().Get("SAMLart"), to.Query().Get("RelayState")}, seen
}

// lassoBroker starts testdata/broker.py, and makes a service provider that knows it.
func lassoBroker(t *testing.T, change map[string]any) (*ServiceProvider, lasso) {
	t.Helper()
	python := pythonWithLasso(t)
	now, folder := time.Now(), t.TempDir()
	ours := map[string]KeyPair{}
	for name, pair := range testKeys() { // Lasso has the machine's clock, so these certificates go by it
		ours[name] = certified(name, pair.Key, now.Add(-time.Hour), now.Add(time.Hour), x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment)
	}
	ours["broker"].saveTo(folder)
	settings := map[string]any{
		"us": ourEntity, "behaviour": "agree", "level": levelPrefix + "loa3",
		"plain": map[string][]string{
			attributeServiceID: {ourService}, attributeServiceUUID: {ourUUID}, attributeEstablishment: {"000037178598", "000037178601"},
		},
		"sealed": map[string][2]string{
			attributeLegalSubject: {kvkQualifier, "68750110"}, attributeActingSubject: {qualifierPseudo, acting}, attributeIntermediary: {kvkQualifier, "12345678"},
		},
	}
	for key, value := range change {
		settings[key] = value
	}
	asJSON, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	place(t, folder, "settings.json", asJSON)
	place(t, folder, "client.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ours["ours"].Certificate.Raw}))

	process := exec.CommandContext(t.Context(), python, "testdata/broker.py", folder)
	process.Stderr = t.Output()
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { process.Process.Kill(); process.Wait() })
	port, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}

	metadata := usual("https://127.0.0.1:" + strings.TrimSpace(port))
	metadata.Keys = []string{certificateText(ours["broker"].Certificate)}
	metadata.Bindings = []string{"HTTP-Redirect"}
	document := metadata.make(t)
	row := ourRow()
	row.Timeout = 2 * time.Minute // a slow machine is no fault
	row.Signing, row.Decryption = []KeyPair{ours["ours"]}, []KeyPair{ours["sealing"]}
	roots := x509.NewCertPool()
	roots.AddCert(ours["broker"].Certificate)
	row.TLS = &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{{Certificate: [][]byte{ours["ours"].Certificate.Raw}, PrivateKey: ours["ours"].Key}}}
	row.Broker, row.BrokerSigners = document, []*x509.Certificate{testKeys()["metadata"].Certificate}
	p := lassoProvider(t, row, ours, now)
	published, err := p.Metadata(now)
	if err != nil {
		t.Fatal(err)
	}
	place(t, folder, "broker.xml", document)
	place(t, folder, "ours.xml", published)
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	return p, lasso{&http.Client{
		Transport:     &http.Transport{TLSClientConfig: row.TLS},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func lassoProvider(t *testing.T, row SAML, ours map[string]KeyPair, now time.Time) *ServiceProvider {
	t.Helper()
	row.BrokerSigners = []*x509.Certificate{ours["metadata"].Certificate}
	p, err := NewServiceProvider(row, now)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// pythonWithLasso finds a Python that has Lasso: Debian's own, which needn't be the first in the path.
func pythonWithLasso(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		if exec.CommandContext(t.Context(), python, "-c", "import lasso").Run() == nil {
			return python
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("python3-lasso isn't installed; script/setup does that")
	}
	t.Skip("python3-lasso isn't installed; script/setup does that")
	return ""
}
