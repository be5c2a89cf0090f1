package federation

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
)

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
	certificateFile, keyFile := one.saveTo(t.TempDir())
	certificate, key := read(certificateFile), read(keyFile)
	otherFile, _ := two.saveTo(t.TempDir())
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

func TestSeveralPairsAreReadInTheOrderOfTheirCertificates(t *testing.T) {
	t.Parallel()
	parts := map[string][]byte{}
	for _, name := range []string{"ours", "ours-old"} {
		certificate, key := savedKey(name)
		for part, path := range map[string]string{name: certificate, name + " key": key} {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			parts[part] = content
		}
	}
	file := func(names ...string) (whole []byte) {
		for _, name := range names {
			whole = append(whole, parts[name]...)
		}
		return whole
	}
	for _, names := range [][]string{{"ours", "ours key", "ours-old", "ours-old key"}, {"ours-old key", "ours", "ours-old", "ours key"}} {
		pairs, err := ReadKeyPairs(file(names...))
		if err != nil || len(pairs) != 2 || !pairs[0].Key.Equal(testKeys()["ours"].Key) || !pairs[1].Key.Equal(testKeys()["ours-old"].Key) {
			t.Errorf("%v: %v %v", names, pairs, err)
		}
	}
	parts["words"], parts["request"] = []byte("MARKER"), []byte("-----BEGIN CERTIFICATE REQUEST-----\nTUFSS0VS\n-----END CERTIFICATE REQUEST-----\n")
	for _, names := range [][]string{
		{},
		{"ours"},
		{"ours key"},
		{"ours", "ours-old key"},
		{"ours", "ours-old", "ours key"},
		{"ours", "ours key", "ours key"},
		{"ours", "ours key", "words"},
		{"words", "ours", "ours key"},
		{"ours", "request"},
	} {
		if pairs, err := ReadKeyPairs(file(names...)); err == nil || strings.Contains(err.Error(), "MARKER") {
			t.Errorf("%v: %v %v", names, pairs, err)
		}
	}
}
