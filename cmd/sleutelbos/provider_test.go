package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sleutelbos/sleutelbos/internal/testrig/lasso"
)

// samlPortal has a provider that speaks SAML, as Lasso would be one.
const samlPortal = `slug: acme
name: Acme
hosts: [acme.test]
spa: {origin: https://acme.spa.test}
mail: {fromAddress: portal@acme.test}
providers:
  - name: eherkenning
    identifies: businesses
    levels: [EH3]
    saml:
      entityId: ` + lasso.Us + `
      brokerId: ` + lasso.Entity + `
      metadata: broker.xml
      metadataSigners: signers.pem
      backChannelRoots: roots.pem
      serviceIndex: 9052
      serviceId: ` + lasso.ServiceID + `
      serviceName: Mijn Acme
`

const (
	signingFile    = "SLEUTELBOS_PROVIDER_ACME_EHERKENNING_SIGNING_KEY_FILE"
	decryptionFile = "SLEUTELBOS_PROVIDER_ACME_EHERKENNING_DECRYPTION_KEY_FILE"
)

// samlFolder makes a folder of portal files, with what the row names in it, and answers it with the settings of serve.
func samlFolder(t *testing.T, change func(files map[string][]byte)) (folder string, environ []string) {
	t.Helper()
	papers := lasso.NewPapers(t, "https://broker.test")
	files := map[string][]byte{
		"acme.yaml": []byte(samlPortal), "broker.xml": papers.Metadata, "signers.pem": papers.Signers, "roots.pem": papers.Roots,
		"signing.pem": papers.Signing, "decryption.pem": papers.Decryption,
	}
	if change != nil {
		change(files)
	}
	folder = t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder, []string{
		"SLEUTELBOS_PORTALS=" + folder, "SLEUTELBOS_LISTEN=127.0.0.1:0", "SLEUTELBOS_INTERNAL_LISTEN=127.0.0.1:0",
		"SLEUTELBOS_DATABASE_URL=sqlite:" + folder + "/test.db", "SLEUTELBOS_SECRET_KEYS=k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
		"SLEUTELBOS_SMTP_URL=smtp://127.0.0.1:1?tls=none", signingFile + "=" + folder + "/signing.pem", decryptionFile + "=" + folder + "/decryption.pem",
	}
}

func TestAPortalWithAProviderOfSAMLIsServedAndTellsWhoWeAre(t *testing.T) {
	t.Parallel()
	folder, environ := samlFolder(t, func(files map[string][]byte) { // an older pair behind the newest
		files["signing.pem"] = append(files["signing.pem"], files["decryption.pem"]...)
	})
	ctx, stop := context.WithCancel(t.Context())
	said, ended := &notes{more: make(chan struct{})}, make(chan int, 1)
	go func() { ended <- execute(ctx, shell{said, said, environ}, []string{"serve"}) }()
	text, serving := said.await([]string{`"msg":"serving"`})
	if !serving {
		t.Fatal(text)
	}
	document := fetch(t, publicAddress.FindStringSubmatch(text)[1]+"/portals/acme/federation/eherkenning/metadata")
	if !strings.Contains(document, `Location="https://acme.test/federation/eherkenning/acs"`) || strings.Count(document, `use="signing"`) != 2 {
		t.Error(document)
	}
	stop()
	if code := <-ended; code != 0 {
		t.Errorf("exit %d: %s", code, said.String())
	}
	var out, faults strings.Builder
	if code := execute(t.Context(), shell{stdout: &out, stderr: &faults}, []string{"portal", "check", folder}); code != 0 {
		t.Errorf("portal check: exit %d, %s", code, faults.String())
	}
}

func TestEveryFaultOfAProviderOfSAMLIsToldAtOnceAndNoKey(t *testing.T) {
	t.Parallel()
	const who = "portal acme has provider eherkenning, which can't be used: "
	replace := func(name string, content []byte) func(map[string][]byte) {
		return func(files map[string][]byte) { files[name] = content }
	}
	for name, row := range map[string]struct {
		change func(files map[string][]byte)
		// serve says all of these, portal check the first one, where the fault isn't a key's.
		want []string
		keys bool
	}{
		"no documents": {
			func(files map[string][]byte) { delete(files, "broker.xml"); delete(files, "roots.pem") },
			[]string{who + "metadata: open ", "backChannelRoots: open "},
			false,
		},
		"metadata by a stranger":  {func(files map[string][]byte) { files["signers.pem"] = files["roots.pem"] }, []string{who + "metadata: the broker's metadata"}, false},
		"signers that are nobody": {replace("signers.pem", nil), []string{who + "metadataSigners: read certificates: there are none"}, false},
		"roots that are nobody":   {replace("roots.pem", []byte("x")), []string{who + "backChannelRoots: read certificates"}, false},
		"another broker": {func(files map[string][]byte) {
			files["acme.yaml"] = bytes.Replace(files["acme.yaml"], []byte(lasso.Entity), []byte("urn:other"), 1)
		}, []string{who + "metadata: the broker's metadata isn't about the broker"}, false},
		"a key that is none": {
			func(files map[string][]byte) {
				files["signing.pem"], files["decryption.pem"] = []byte("marker"), files["roots.pem"]
			},
			[]string{who + "the signing key: read key pairs: something that isn't PEM", "the decryption key: read key pairs: certificates: 1, keys: 0"},
			true,
		},
		"a key without its certificate": {
			func(files map[string][]byte) {
				files["signing.pem"] = files["signing.pem"][bytes.Index(files["signing.pem"], []byte("-----BEGIN PRIV")):]
			},
			[]string{who + "the signing key: read key pairs: certificates: 0, keys: 1"},
			true,
		},
	} {
		folder, environ := samlFolder(t, row.change)
		var out, faults strings.Builder
		code := execute(t.Context(), shell{&out, &faults, environ}, []string{"serve"})
		for _, want := range row.want {
			if code != 1 || !strings.Contains(faults.String(), want) || strings.Contains(faults.String(), "marker") {
				t.Errorf("%s: exit %d, %s, want %s", name, code, faults.String(), want)
			}
		}
		faults.Reset()
		code = execute(t.Context(), shell{&out, &faults, nil}, []string{"portal", "check", folder})
		if row.keys != (code == 0) || !row.keys && !strings.Contains(faults.String(), row.want[0]) {
			t.Errorf("%s: portal check: exit %d, %s", name, code, faults.String())
		}
	}
	_, environ := samlFolder(t, nil)
	var out, faults strings.Builder
	code := execute(t.Context(), shell{&out, &faults, environ[:len(environ)-2]}, []string{"serve"})
	if code != 1 || strings.Count(faults.String(), "is missing; the portal's provider eherkenning needs it") != 2 || strings.Contains(faults.String(), "can't be used") {
		t.Errorf("no keys: exit %d, %s", code, faults.String())
	}
}
