package federation

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"testing"
)

func TestPaddingIsOneBlockAtMost(t *testing.T) {
	t.Parallel()
	key := bytes.Repeat([]byte("k"), 32)
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	for padding, whole := range map[byte]bool{0: false, 1: true, 15: true, 16: true, 17: false, 31: false, 255: false} {
		plain := append(bytes.Repeat([]byte("a"), 31), padding)
		sealed := make([]byte, aes.BlockSize, aes.BlockSize+len(plain))
		sealed = append(sealed, plain...)
		cipher.NewCBCEncrypter(block, sealed[:aes.BlockSize]).CryptBlocks(sealed[aes.BlockSize:], sealed[aes.BlockSize:])
		got, ok := decipher(key, sealed, false)
		if ok != whole || ok && len(got) != 32-int(padding) {
			t.Errorf("padding of %d: %q %t", padding, got, ok)
		}
	}
	for _, content := range [][]byte{nil, make([]byte, 15), make([]byte, 16), make([]byte, 33)} {
		for _, authenticated := range []bool{false, true} {
			if got, ok := decipher(key, content, authenticated); ok {
				t.Errorf("%d bytes are %q", len(content), got)
			}
		}
	}
	if _, ok := decipher([]byte("short"), make([]byte, 32), false); ok {
		t.Error("a key that is none")
	}
}
