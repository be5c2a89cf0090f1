package federation

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// noon is when these tests take place.
var noon = time.Date(2025, time.June, 11, 12, 0, 0, 0, time.UTC)

// Keys are made once for all tests, and thrown away with the process.
var testKeys = sync.OnceValue(func() map[string]KeyPair {
	names := []string{"broker", "broker-next", "ours", "ours-old", "sealing", "sealing-old", "advice", "stranger", "metadata"}
	pairs := make([]KeyPair, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() { pairs[i] = newPair(name, noon.AddDate(-1, 0, 0), noon.AddDate(2, 0, 0), 2048) })
	}
	group.Wait()
	all := map[string]KeyPair{}
	for i, name := range names {
		all[name] = pairs[i]
	}
	return all
})

// newPair makes a key with a certificate of its own.
func newPair(name string, from, until time.Time, bits int) KeyPair {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return certified(name, key, from, until, x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment)
}

func certified(name string, key *rsa.PrivateKey, from, until time.Time, usage x509.KeyUsage) KeyPair {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    from,
		NotAfter:     until,
		KeyUsage:     usage,
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(raw)
	if err != nil {
		panic(err)
	}
	return KeyPair{certificate, key}
}

// saveTo writes the pair as PEM files.
func (k KeyPair) saveTo(t testing.TB, folder string) (certificate, key string) {
	t.Helper()
	private, err := x509.MarshalPKCS8PrivateKey(k.Key)
	if err != nil {
		t.Fatal(err)
	}
	certificate = write1(t, folder, "certificate.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: k.Certificate.Raw}))
	return certificate, write1(t, folder, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}))
}

// TestMain keeps a folder for the keys, which outlive each single test.
func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "federation-keys-")
	if err != nil {
		panic(err)
	}
	keyFolders = folder
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

var keyFolders string

// keyFolder makes a folder for one key.
func keyFolder(t testing.TB, name string) string {
	t.Helper()
	folder := filepath.Join(keyFolders, name)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	return folder
}

func pick(keys map[string]KeyPair, names ...string) (certificates []*x509.Certificate) {
	for _, name := range names {
		certificates = append(certificates, keys[name].Certificate)
	}
	return certificates
}

func write1(t testing.TB, folder, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAKeyPairNeverPrintsItsKey(t *testing.T) {
	t.Parallel()
	pair := testKeys()["ours"]
	secret := pair.Key.D.String()
	for _, printed := range []string{
		fmt.Sprintf("%v", pair), fmt.Sprintf("%+v", pair), fmt.Sprintf("%#v", pair), fmt.Sprint(pair),
		fmt.Sprintf("%v", []KeyPair{pair}), fmt.Sprintf("%+v", ourRow()), fmt.Sprintf("%+v", &struct{ Pair KeyPair }{pair}),
	} {
		if strings.Contains(printed, secret) {
			t.Errorf("%.200s", printed)
		}
	}
}

func TestKeysAreReadFromTheirFilesAndNothingElse(t *testing.T) {
	t.Parallel()
	read := func(path string) []byte {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	one, two := testKeys()["ours"], testKeys()["sealing"]
	certificateFile, keyFile := one.saveTo(t, t.TempDir())
	certificate, key := read(certificateFile), read(keyFile)
	otherFile, _ := two.saveTo(t, t.TempDir())
	other := read(otherFile)
	pair, err := ReadKeyPair(certificate, key)
	if err != nil || !pair.Key.Equal(one.Key) || !pair.Certificate.Equal(one.Certificate) {
		t.Errorf("%v %v", pair, err)
	}
	for sentence, files := range map[string][2][]byte{
		"another's certificate": {other, key}, "no key": {certificate, nil}, "no certificate": {nil, key}, "the wrong way round": {key, certificate},
	} {
		if pair, err := ReadKeyPair(files[0], files[1]); err == nil || pair.Key != nil {
			t.Errorf("%s: %v", sentence, pair)
		}
	}
	all, err := ReadCertificates(append(bytes.Clone(certificate), other...))
	if err != nil || len(all) != 2 || !all[0].Equal(one.Certificate) || !all[1].Equal(two.Certificate) {
		t.Errorf("%v %v", all, err)
	}
	for sentence, file := range map[string][]byte{
		"nothing": nil, "white space": []byte(" \n"), "a key": key, "a certificate and a key": append(bytes.Clone(certificate), key...),
		"a certificate and a word": append(bytes.Clone(certificate), "word"...), "half a certificate": certificate[:len(certificate)/2],
	} {
		if all, err := ReadCertificates(file); err == nil {
			t.Errorf("%s: %v", sentence, all)
		}
	}
}
