package federation

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
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
		group.Go(func() { pairs[i] = kept(name) })
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
func (k KeyPair) saveTo(folder string) (certificate, key string) {
	private, err := x509.MarshalPKCS8PrivateKey(k.Key)
	if err != nil {
		panic(err)
	}
	certificate, key = filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
	blocks := map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: k.Certificate.Raw}, key: {Type: "PRIVATE KEY", Bytes: private}}
	for path, block := range blocks {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			panic(err)
		}
	}
	return certificate, key
}

// keysAt names the folder in which the keys are while the tests run. A fuzzer's workers, which are processes of their own,
// inherit it, and so they have the keys that the seeds are signed with.
const keysAt = "FEDERATION_TEST_KEYS"

func TestMain(m *testing.M) {
	if os.Getenv(keysAt) != "" {
		os.Exit(m.Run())
	}
	folder, err := os.MkdirTemp("", "federation-keys-")
	if err != nil {
		panic(err)
	}
	os.Setenv(keysAt, folder)
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// kept is the pair of that name from the folder, or a new one, which is put there.
func kept(name string) KeyPair {
	folder := filepath.Join(os.Getenv(keysAt), name)
	certificate, missing := os.ReadFile(filepath.Join(folder, "certificate.pem"))
	if missing != nil {
		pair := newPair(name, noon.AddDate(-1, 0, 0), noon.AddDate(2, 0, 0), 2048)
		if err := os.Mkdir(folder, 0o700); err != nil {
			panic(err)
		}
		pair.saveTo(folder)
		return pair
	}
	key, err := os.ReadFile(filepath.Join(folder, "key.pem"))
	if err != nil {
		panic(err)
	}
	pair, err := ReadKeyPair(certificate, key)
	if err != nil {
		panic(err)
	}
	return pair
}

// savedKey tells where a key is.
func savedKey(name string) (certificate, private string) {
	testKeys()
	folder := filepath.Join(os.Getenv(keysAt), name)
	return filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
}

func pick(keys map[string]KeyPair, names ...string) (certificates []*x509.Certificate) {
	for _, name := range names {
		certificates = append(certificates, keys[name].Certificate)
	}
	return certificates
}

func place(t testing.TB, folder, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
