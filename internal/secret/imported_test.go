package secret

import (
	"context"
	"strings"
	"testing"
)

// Hashes as other systems wrote them. Django's are those of its own test suite, bcrypt's are crypt(3)'s,
// passlib's scrypt is from its documentation; two are test vectors of RFC 7914 and RFC 6070 in PHC's form.
var imported = []struct{ from, hash, password string }{
	{"Django's PBKDF2", "pbkdf2_sha256$600000$seasalt$OAXyhAQ/4ZDA9V5RMExt3C1OwQdUpLZ99vm1McFlLRA=", "lètmein"},
	{"Django's PBKDF2 with SHA-1", "pbkdf2_sha1$1000$seasalt$ljleU4wBmTtz/MoG5YTwxpM0d7I=", "lètmein"},
	{"Django's scrypt", "scrypt$16384$seasalt$8$5$ECMIUp+LMxMSK8xB/IVyba+KYGTI7FTnet025q/1f/vBAVnnP3hdYqJuRi+mJn6ji6ze3Fbb7JEFPKGpuEf5vw==", "lètmein"},
	{"bcrypt as PHP writes it", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", "rasmuslerdorf"},
	{"bcrypt", "$2b$04$abcdefghijklmnopqrstuusQqM0YKLNyhPhQsl4W9OChLuVhTTKnC", "Fiets!Dakpan7Regen"},
	{"passlib's scrypt", "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E", "password"},
	{"passlib's PBKDF2 with SHA-512", "$pbkdf2-sha512$25000$MDEyMzQ1Njc4OWFiY2RlZg$uxdHU.JH8vyHyz/DeXpgS7H6Tjz9A.lBWgSoOvvbH2iwTOWkhoRip9yMdB0AZCvZtIdBg46qUM3yPQkKDTKUSg", "password"},
	{"RFC 7914", "$scrypt$ln=10,r=8,p=16$TmFDbA$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWIurzDZLiKjiG/xCSedmDDaxyevuUqD7m2DYMvfoswGQA", "password"},
	{"RFC 6070", "$pbkdf2-sha1$i=4096,l=20$c2FsdA$SwB5AbdlSJq+rUnZJvch0GWkKcE", "password"},
	{"argon2id of another cost", "$argon2id$v=19$m=64,t=3,p=1$c2FsdHNhbHQ$" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ""},
}

func TestAPasswordFromAnotherSystemIsRightHereAndIsHashedAnew(t *testing.T) {
	t.Parallel()
	h := NewHasher(InsecureFastForTests())
	for _, one := range imported {
		if err := CheckImportedHash(one.hash); err != nil {
			t.Errorf("%s is refused", one.from)
		}
		if one.password == "" {
			continue
		}
		verdict, err := h.Verify(context.Background(), one.password, one.hash)
		if err != nil || !verdict.Match || !verdict.NeedsRehash {
			t.Errorf("%s: the right password is %+v (%v)", one.from, verdict, err)
		}
		verdict, err = h.Verify(context.Background(), one.password+"x", one.hash)
		if err != nil || verdict.Match || verdict.NeedsRehash {
			t.Errorf("%s: a wrong password is %+v (%v)", one.from, verdict, err)
		}
	}
}

func TestAPasswordTypedInPiecesIsThatOfTheOtherSystem(t *testing.T) {
	t.Parallel()
	const decomposed = "le\u0300tmein" // as a Mac may type it
	verdict, err := NewHasher(InsecureFastForTests()).Verify(context.Background(), decomposed, "pbkdf2_sha1$1000$seasalt$ljleU4wBmTtz/MoG5YTwxpM0d7I=")
	if err != nil || !verdict.Match {
		t.Errorf("%+v (%v)", verdict, err)
	}
}

func TestAHashThatCostsTooMuchOrIsNoneIsRefusedBeforeItIsWorkedOn(t *testing.T) {
	t.Parallel()
	const key, salt = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "c2FsdHNhbHQ"
	for _, hash := range []string{
		"", "$", "$$$$", "$$$$$", "5f4dcc3b5aa765d61d8327deb882cf99", "{SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0", "plain",
		"$1$salt$qJH7.N4xYta3aEG/dfqo/0", "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjlO/O817G3uBnIFNjnQJuesI68OTLiBFdcbYEdFCoEOfaS35inz1",
		"$2y$14$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", "$2y$31$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq",
		"$2x$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTTO",
		"$2y$+7$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq", "$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTTO!",
		"pbkdf2_sha256$2000001$s$" + key, "pbkdf2_sha256$0$s$" + key, "pbkdf2_sha256$-1$s$" + key, "pbkdf2_md5$1000$s$" + key,
		"pbkdf2_sha256$1000$$" + key, "pbkdf2_sha256$1000$s$" + key + "AAAA", "pbkdf2_sha256$1000$s$AAAA", "pbkdf2_sha256$99999999999999999999$s$" + key,
		"$pbkdf2-sha256$i=4000000,l=32$" + salt + "$" + key, "$scrypt$ln=18,r=8,p=1$" + salt + "$" + key, "$scrypt$ln=17,r=16,p=1$" + salt + "$" + key,
		"$scrypt$ln=17,r=8,p=3$" + salt + "$" + key, "$scrypt$ln=4,r=1,p=9999999$" + salt + "$" + key, "$scrypt$r=8,ln=4,p=1$" + salt + "$" + key,
		"scrypt$16385$seasalt$8$1$" + key, "scrypt$262144$seasalt$8$1$" + key, "scrypt$1024$$8$1$" + key,
		"$argon2id$v=19$m=262144,t=3,p=1$" + salt + "$" + key, "$argon2i$v=19$m=64,t=3,p=1$" + salt + "$" + key,
		"pbkdf2_sha256$1000$s\x00s$" + key, "pbkdf2_sha256$1000$s\u00e9s$" + key, "scrypt$1024$\xff$8$1$" + key, "pbkdf2_sha256$1000$s s$" + key,
		"pbkdf2_sha256$1000$" + strings.Repeat("s", 300) + "$" + key,
	} {
		if CheckImportedHash(hash) == nil {
			t.Errorf("%q is taken", hash)
		}
	}
}

func TestATOTPSecretOfAnotherSystemIsReadAsItIsShown(t *testing.T) {
	t.Parallel()
	for _, shown := range []string{"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBV-GY3TQOJQ-GEZDGNBV-GY3TQOJQ===="} {
		if read, err := ParseTOTPSecret(shown); err != nil || string(read.Bytes()) != "12345678901234567890" {
			t.Errorf("%q isn't read (%v)", shown, err)
		}
	}
	for _, odd := range []string{"", "JBSWY3DP", "1BSWY3DPEHPK3PXP", "GEZDGNBVGY3TQOJQ\nGEZDGNBVGY3TQOJQ", strings.Repeat("A", 105)} {
		if _, err := ParseTOTPSecret(odd); err == nil {
			t.Errorf("%q is a secret", odd)
		}
	}
}

func FuzzCheckImportedHash(f *testing.F) {
	for _, one := range imported {
		f.Add(one.hash)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		// What is taken can be read again when somebody signs in: else it would be a fault then.
		_, isForeign := parseForeign(hash)
		_, err := parsePHC(hash)
		if CheckImportedHash(hash) == nil && !isForeign && err != nil {
			t.Errorf("%q is taken and can't be read", hash)
		}
	})
}
